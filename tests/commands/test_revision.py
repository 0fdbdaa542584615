"""`gitmig revision` from end to end: real repositories, what it writes, and what `gitmig check` says of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import alembic
import pytest
from support.alembic_projects import ENVIRONMENT, VERSIONS, alembic_heads, scripts
from support.changes import BOOK, ENV, FIRST, HEAD, MODELS, with_column
from support.terminals import at_terminal

from gitmig.reading.tree_schemas import bare
from gitmig.schema.operations import decode
from gitmig.schema.scripts.facts import extract

TEMPLATE = (Path(alembic.__file__).parent / "templates/generic/script.py.mako").read_text()
SUBTITLE = with_column("subtitle: Mapped[str | None] = mapped_column(String(200))")
ENV_TEXT = "from shop.models import Base\ntarget_metadata = Base.metadata\n"


def project(models: str = BOOK, **more: str) -> dict[str, str]:
    files = {**ENVIRONMENT, "shop/__init__.py": "", MODELS: HEAD + models, ENV: ENV_TEXT}
    return {**files, f"{VERSIONS}/aaa111_x.py": FIRST, **{name.replace("__", "/"): text for name, text in more.items()}}


def changed(make_history, models: str = SUBTITLE, before: str = BOOK, **more):
    """A project whose staged models have changed."""
    history = make_history([("main", project(before, **more))])
    history.stage({MODELS: HEAD + models})
    return history


def revision(history, *options, status=0, **run):
    return history.run("gitmig", "revision", *options, status=status, **run)


def written(history) -> Path:
    """The one new file."""
    (path,) = [each for each in (history.path / VERSIONS).rglob("*.py") if each.name != "aaa111_x.py"]
    return path


def body(history, function="upgrade") -> list[str]:
    """The lines of one function."""
    lines = written(history).read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"def {function}("))
    rest = lines[start + 1 :]
    end = next((number for number, line in enumerate(rest) if line.startswith("def ")), len(rest))
    return [line.removeprefix("    ") for line in rest[:end] if line.strip()]


SETTINGS = """
from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    table_prefix: str = "shop_"
settings = Settings()
"""
PREFIXED = """
from shop.settings import settings
class Named:
    @declared_attr
    def __tablename__(cls):
        return f"{settings.table_prefix}{cls.__name__.lower()}"
    id: Mapped[int] = mapped_column(primary_key=True)
class Book(Named, Base):
    title: Mapped[str]
class Author(Named, Base):
    name: Mapped[str]
"""
NEW_TABLE = "class Tag(Named, Base):\n    word: Mapped[str]\n"
ORM = "from sqlalchemy.orm import declared_attr\n"


def makes(**tables: str) -> str:
    """A first revision that makes these tables with an id and one more column."""
    lines = [
        f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True), '
        f'sa.Column("{column}", sa.String(), nullable=False))'
        for name, column in tables.items()
    ]
    return FIRST.partition("def upgrade")[0] + "def upgrade():\n    " + "\n    ".join(lines) + "\n"


# What is written, and where


def test_it_writes_what_check_calls_uncovered(make_history):
    history = changed(make_history)
    assert "GM301" in history.run("gitmig", "check", status=1).stdout
    done = revision(history, "-m", "books have a subtitle", "--stage")
    column = 'sa.Column("subtitle", sa.String(length=200), nullable=True)'
    assert body(history) == [f'op.add_column("books", {column})']
    assert body(history, "downgrade") == ['op.drop_column("books", "subtitle")']
    assert "add column books.subtitle" in done.stdout
    assert alembic_heads(history.path) == [written(history).name[:12]]
    checked = json.loads(history.run("gitmig", "check", "--format", "json").stdout)
    assert checked["environments"][0]["drift"]["verdict"] == "covered"


def test_without_stage_the_index_is_left_alone_and_undo_takes_the_file_away(make_history):
    history = changed(make_history)
    before = history.git("ls-files", "--stage").stdout
    revision(history, "-m", "x")
    assert history.git("ls-files", "--stage").stdout == before
    history.run("gitmig", "undo")
    assert [each.name for each in (history.path / VERSIONS).glob("*.py")] == ["aaa111_x.py"]


def test_dry_run_shows_the_file_and_writes_none(make_history):
    history = changed(make_history)
    done = revision(history, "-m", "x", "--dry-run")
    assert '+    op.add_column("books", sa.Column("subtitle", sa.String(length=200), nullable=True))' in done.stdout
    assert history.git("status", "--short").stdout == f"M  {MODELS}\n"


def test_where_nothing_is_uncovered_nothing_is_written(make_history):
    history = make_history([("main", project())])
    done = revision(history, "-m", "x")
    assert "nothing is uncovered" in done.stdout
    assert "gitmig revision --empty -m TEXT" in done.stderr
    assert history.git("status", "--short").stdout == ""


def test_what_is_staged_comes_first(make_history):
    history = changed(make_history)
    history.write(MODELS, HEAD + SUBTITLE + "    isbn: Mapped[str | None]\n")
    assert revision(history, "-m", "x", "--dry-run").stdout.count("op.add_column") == 1
    assert revision(history, "-m", "x", "--dry-run", "--worktree").stdout.count("op.add_column") == 2


def test_where_that_needs_nothing_the_worktree_counts(make_history):
    """`git commit --all` stages nothing that outlives a refusal."""
    history = make_history([("main", project())])
    history.write(MODELS, HEAD + SUBTITLE)
    history.write("shop/more.py", "import nothing\n")
    done = revision(history, "-m", "x")
    assert "nothing that is staged needs a revision" in done.stderr
    assert "subtitle" in written(history).read_text()
    assert history.git("diff", "--cached", "--name-only").stdout == ""


def test_the_answer_as_json(make_history):
    history = changed(make_history)
    found = json.loads(revision(history, "-m", "x", "--dry-run", "--format", "json", "--rev-id", "bbb222").stdout)
    assert found["revision"] == "bbb222"
    assert found["down_revision"] == ["aaa111"]
    assert found["path"] == f"{VERSIONS}/bbb222_x.py"
    assert [(each["op"], each["table"], each["name"]) for each in found["operations"]] == [
        ("add_column", "books", "subtitle")
    ]
    assert [each["op"] for each in found["downgrade"]] == ["drop_column"]
    assert [each["step"] for each in found["plan"]] == ["write"]


def test_the_project_decides_how_its_files_look(make_history):
    ini = "[alembic]\nscript_location = migrations\nfile_template = %%(year)d/%%(slug)s\ntimezone = UTC\n"
    template = TEMPLATE.replace('"""${message}', '"""OURS: ${message}')
    more = {"alembic.ini": ini, "migrations/script.py.mako": template, f"{VERSIONS}/head.txt": "aaa111\n"}
    more["gitmig.toml"] = "head_file = true\n"
    history = make_history([("main", {**project(), **more})])
    history.stage({MODELS: HEAD + SUBTITLE})
    revision(history, "-m", "more books")
    path = written(history)
    assert path.name == "more_books.py"
    assert path.parent.name.isdigit()
    assert path.read_text().startswith('"""OURS: more books')
    assert (history.path / VERSIONS / "head.txt").read_text() != "aaa111\n"


def test_post_write_hooks_run_before_the_file_is_in_its_place(make_history):
    hook = "import sys; p = sys.argv[1]; t = open(p).read(); open(p, 'w').write(t + '# formatted\\n')"
    ini = (
        "[alembic]\nscript_location = migrations\n[post_write_hooks]\nhooks = mine, absent\nmine.type = exec\n"
        f"mine.executable = {sys.executable}\nmine.options = format.py REVISION_SCRIPT_FILENAME\n"
        "absent.type = exec\nabsent.executable = no-such-formatter\n"
    )
    history = make_history([("main", {**project(), "alembic.ini": ini, "format.py": hook})])
    history.stage({MODELS: HEAD + SUBTITLE})
    done = revision(history, "-m", "x")
    assert written(history).read_text().endswith("# formatted\n")
    assert "no-such-formatter" in done.stderr
    assert [each for each in (history.path / "migrations").iterdir() if each.name.startswith(".gitmig")] == []


def test_hooks_of_pyproject(make_history):
    toml = '[[tool.alembic.post_write_hooks]]\nname = "a"\ntype = "exec"\nexecutable = "no-such-formatter"\n'
    history = make_history([("main", {**project(), "pyproject.toml": toml})])
    history.stage({MODELS: HEAD + SUBTITLE})
    assert "no-such-formatter" in revision(history, "-m", "x").stderr


@pytest.mark.parametrize("hook", ["os.remove(p)", "open(p, 'w')", "open(p, 'w').write('x = 1')"])
def test_a_hook_that_leaves_no_revision_is_named_and_undone(make_history, hook):
    ini = (
        "[alembic]\nscript_location = migrations\n[post_write_hooks]\nhooks = mine\nmine.type = exec\n"
        f"mine.executable = {sys.executable}\nmine.options = spoil.py REVISION_SCRIPT_FILENAME\n"
    )
    spoil = f"import os, sys; p = sys.argv[1]; {hook}"
    history = make_history([("main", {**project(), "alembic.ini": ini, "spoil.py": spoil})])
    history.stage({MODELS: HEAD + SUBTITLE})
    assert "it left no revision behind" in revision(history, "-m", "x").stderr
    assert 'op.drop_column("books", "subtitle")' in written(history).read_text()


def test_a_template_that_forgets_the_upgrade_is_refused_and_without_a_downgrade_it_is_said(make_history):
    head, _, _ = TEMPLATE.partition("\ndef downgrade()")
    history = make_history([("main", {**project(), "migrations/script.py.mako": head})])
    history.stage({MODELS: HEAD + SUBTITLE})
    assert "makes no downgrade()" in revision(history, "-m", "x", "--dry-run").stderr
    history.stage({"migrations/script.py.mako": TEMPLATE.replace("${upgrades if", "${'' if")})
    assert "makes no upgrade() with what is to be done" in revision(history, "-m", "x", status=3).stderr
    own = TEMPLATE.replace("    ${upgrades if", '    op.execute("SET lock_timeout = 1000")\n    ${upgrades if')
    history.stage({"migrations/script.py.mako": own})
    revision(history, "-m", "x")
    assert "lock_timeout" in written(history).read_text()


MESSAGES = {
    "a quote at its end": ('say "hello"', "say 'hello'"),
    "a quote within": ('say "hello" to all', 'say "hello" to all'),
    "what a terminal obeys": ("red \x1b[31m and \u202e back", "red [31m and  back"),
    "several lines": ("one\n\ntwo", "one two"),
}


@pytest.mark.parametrize(("message", "shown"), MESSAGES.values(), ids=MESSAGES)
def test_a_message_in_the_docstring(make_history, message, shown):
    history = make_history([("main", {**project(), "migrations/script.py.mako": TEMPLATE})])
    history.stage({MODELS: HEAD + SUBTITLE})
    revision(history, "-m", message)
    assert written(history).read_text().startswith(f'"""{shown}\n')


def test_an_empty_message_is_none(make_history):
    assert "-m TEXT" in revision(changed(make_history), "-m", "  ", status=2).stderr


def test_files_that_are_not_staged_yet_are_named(make_history):
    history = make_history([("main", {"README": ""})])
    for path, text in project().items():
        history.write(path, text)
    assert "git add --all" in revision(history, "-m", "x", status=3).stderr


def test_a_template_without_sqlalchemy_is_refused(make_history):
    template = TEMPLATE.replace("import sqlalchemy as sa\n", "")
    history = make_history([("main", {**project(), "migrations/script.py.mako": template})])
    history.stage({MODELS: HEAD + SUBTITLE})
    assert "does not import sa" in revision(history, "-m", "x", status=3).stderr
    revision(history, "-m", "x", "--own-template")


# What stands in the way


def test_two_heads_name_resolve(make_history):
    history = make_history([("main", {**project(), **scripts({"bbb222": "aaa111", "ccc333": "aaa111"})})])
    history.stage({MODELS: HEAD + SUBTITLE})
    done = revision(history, "-m", "x", status=1)
    assert "2 heads: bbb222, ccc333" in done.stderr
    assert "gitmig resolve" in done.stderr


def test_a_target_that_has_moved_on_is_named(make_history):
    table = [("main", project()), ("work < main", {}), ("main", scripts({"bbb222": "aaa111"}))]
    history = make_history([*table, ("refs/remotes/origin/main < main", None)])
    history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    history.git("switch", "-q", "work")
    history.stage({MODELS: HEAD + SUBTITLE})
    done = revision(history, "-m", "x")
    assert "origin/main has moved on to bbb222" in done.stdout
    assert "git merge origin/main" in done.stdout
    assert "git rebase origin/main" in done.stdout
    assert 'down_revision: str | Sequence[str] | None = "aaa111"' in written(history).read_text()


def test_a_revision_that_only_needs_staging_is_named(make_history):
    history = changed(make_history)
    revision(history, "-m", "x")
    done = revision(history, "-m", "x", status=1)
    assert f"git add -- {VERSIONS}/" in done.stderr


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        pytest.param((), 2, "-m TEXT", id="no message"),
        pytest.param(("-m", "x", "--rev-id", "a/b"), 2, "cannot be a revision id", id="an id that is a path"),
        pytest.param(("-m", "x", "--rev-id", "aaa111"), 1, "exists already", id="an id that is taken"),
        pytest.param(("-m", "x", "--rev-id", "a1b2c3d4e5f6"), 1, "others type too", id="an id that is typed"),
        pytest.param(("-m", "x", "--environment", "no"), 2, "there is no environment no", id="no such environment"),
        pytest.param(("-m", "x", "--head", "zzz"), 2, "zzz is no head", id="no such head"),
        pytest.param(("--revert", "zzz"), 2, "no revision zzz", id="no such revision"),
        pytest.param(("--revert", "aaa111", "--empty"), 2, "two different revisions", id="two kinds at once"),
        pytest.param(("-m", "x", "--table", "books"), 2, "--data", id="a table for nothing"),
    ],
)
def test_what_cannot_be_done_is_said(make_history, options, status, said):
    history = changed(make_history)
    assert said in revision(history, *options, status=status).stderr
    assert history.git("status", "--short").stdout == f"M  {MODELS}\n"


def test_several_environments_ask_for_a_name(make_history):
    other = {path.replace("migrations/", "other/"): text for path, text in project().items() if "migrations" in path}
    ini = "[alembic]\nscript_location = migrations\n[second]\nscript_location = other\n"
    history = make_history([("main", {**project(), **other, "alembic.ini": ini})])
    done = revision(history, "--empty", "-m", "x", status=2)
    assert "several environments are meant" in done.stderr
    name = "second" if "second" in done.stderr else "other"
    revision(history, "--empty", "-m", "x", "--environment", name)
    assert len(list((history.path / "other/versions").glob("*.py"))) == 2


# What only a person knows

RENAMED = BOOK.replace("title:", "headline:")


def test_a_rename_is_written_as_one_and_said_where_nobody_can_be_asked(make_history):
    history = changed(make_history, RENAMED)
    done = revision(history, "-m", "x")
    assert 'new_column_name="headline"' in written(history).read_text()
    assert "note[GM307]: books.headline: taken for books.title under a new name" in done.stdout


@pytest.mark.parametrize(("answer", "expected"), [("y\n", "new_column_name"), ("n\n", "drop_column")])
def test_at_a_terminal_it_asks(make_history, answer, expected):
    history = changed(make_history, RENAMED)
    status, shown = at_terminal(
        ["gitmig", "revision", "-m", "x"],
        cwd=history.path,
        environment={**history.environment, "TERM": "xterm"},
        answers={"Is it a new name? [Y/n]": answer},
    )
    assert status == 0, shown
    assert expected in written(history).read_text()
    assert "books.title is gone and books.headline is new" in shown


def test_what_is_not_known_is_a_comment_and_a_finding(make_history):
    history = changed(make_history, with_column("shape = mapped_column(somewhere.shape_of())"))
    done = revision(history, "-m", "x")
    assert "GM306" in done.stdout
    assert any("gitmig: not written" in line and "books.shape" in line for line in body(history))


def test_a_table_that_no_revision_makes_is_named(make_history):
    """create_all made it, or its name is made while the program runs: only a person knows."""
    loose = BOOK.replace("Book", "Loose").replace("books", "loose")
    history = changed(make_history, BOOK + loose + "    more: Mapped[int | None]\n", before=BOOK + loose)
    done = revision(history, "-m", "x")
    assert "loose: no revision makes this table" in done.stdout
    assert 'op.add_column("loose"' in written(history).read_text()


# Other revisions


def test_an_empty_revision(make_history):
    history = make_history([("main", project())])
    revision(history, "--empty", "-m", "later")
    assert (body(history), body(history, "downgrade")) == (["pass"], ["pass"])


def test_a_data_revision_has_frozen_tables_and_no_models(make_history):
    history = make_history([("main", project())])
    revision(history, "--data", "--table", "books", "-m", "fill")
    text = written(history).read_text()
    assert 'books = sa.table(\n        "books",\n        sa.column("id", sa.Integer()),' in text
    assert "shop" not in text
    compile(text, "data.py", "exec")


PRICE = '''"""price

Revision ID: bbb222
Revises: aaa111
"""
from alembic import op
import sqlalchemy as sa

revision = "bbb222"
down_revision = "aaa111"

LENGTH = 20


def upgrade():
    # a price for all
    op.add_column("books", sa.Column("price", sa.String(LENGTH)))


def downgrade():
    op.drop_column("books", "price")
'''


def test_a_revert_turns_the_functions_round(make_history):
    history = make_history([("main", {**project(), f"{VERSIONS}/bbb222_price.py": PRICE})])
    done = revision(history, "--revert", "bbb", "--rev-id", "ccc333")
    text = (history.path / VERSIONS / "ccc333_revert_bbb.py").read_text()
    upgrade, _, downgrade = text.partition("def downgrade")
    assert 'op.drop_column("books", "price")' in upgrade
    assert "# a price for all" in downgrade
    assert "LENGTH = 20" in upgrade
    assert "warning[GM401]: books.price: it is dropped" in done.stdout
    assert alembic_heads(history.path) == ["ccc333"]


def test_a_revert_without_a_downgrade_is_worked_out(make_history):
    without = PRICE.replace('op.drop_column("books", "price")', "pass")
    history = make_history([("main", {**project(), f"{VERSIONS}/bbb222_price.py": without})])
    done = revision(history, "--revert", "bbb222", "--rev-id", "ccc333")
    text = (history.path / VERSIONS / "ccc333_revert_bbb222.py").read_text()
    assert 'op.drop_column("books", "price")' in text.partition("def downgrade")[0]
    assert "it has no downgrade" in done.stdout


def test_exact_asks_the_projects_python_and_alembics_renderer(make_history):
    """Both ways give the same operations; the text is Alembic's."""
    models = with_column("isbn: Mapped[str] = mapped_column(String(9), unique=True)\n    part: Mapped[int | None]")
    history = changed(make_history, models)
    plain, exact = (
        json.loads(revision(history, "-m", "x", "--dry-run", "--format", "json", *more).stdout)
        for more in ((), ("--exact",))
    )
    texts = [one["plan"][0]["content"] for one in (plain, exact)]
    read = [extract(text.encode()) for text in texts]
    for way in ("upgrade", "downgrade"):
        one, other = ([bare(decode(each)) for each in facts[way]] for facts in read)
        assert one == other
    assert "op.add_column('books', sa.Column('part', sa.Integer(), nullable=True))" in texts[1]
    assert 'op.add_column("books", sa.Column("part", sa.Integer(), nullable=True))' in texts[0]


def test_the_first_revision_has_models_that_were_committed_before(make_history):
    history = make_history([("main", {**ENVIRONMENT, "shop/__init__.py": "", MODELS: HEAD + BOOK, ENV: ENV_TEXT})])
    revision(history, "-m", "first", "--stage")
    (path,) = (history.path / VERSIONS).glob("*.py")
    assert "op.create_table(" in path.read_text()
    assert "nothing is uncovered" in revision(history, "-m", "second").stdout


# Names that only the settings tell


def prefixed(make_history, **tables: str):
    first = {f"{VERSIONS}/aaa111_x.py": makes(**tables), "shop/settings.py": SETTINGS}
    history = make_history([("main", {**project(ORM + PREFIXED), **first})])
    history.stage({MODELS: HEAD + ORM + PREFIXED + NEW_TABLE})
    return history


def test_a_prefix_from_the_settings_is_taken_from_the_tables_that_have_it_and_that_is_said(make_history):
    history = prefixed(make_history, shop_book="title", shop_author="name")
    assert "GM306" in history.run("gitmig", "check", status=1).stdout
    done = revision(history, "-m", "tags")
    assert "GM306" in done.stdout
    assert "'shop_' was taken: 2 of 2 tables have it in the revisions" in done.stdout
    lines = body(history)
    assert lines[0].startswith("# gitmig: the prefix 'shop_' was taken: 2 of 2 tables have it in the revisions")
    assert lines[1:3] == ["op.create_table(", '    "shop_tag",']


def test_a_prefix_that_only_one_table_shows_is_not_taken(make_history):
    history = prefixed(make_history, shop_book="title", pages="number")
    checked = json.loads(history.run("gitmig", "check", "--format", "json", status=3).stdout)
    assert checked["environments"][0]["drift"]["verdict"] == "unknown"
    assert {finding["code"] for finding in checked["findings"]} == {"GM306"}
    revision(history, "-m", "tags")
    assert [line for line in body(history) if not line.startswith("#")] == ["pass"]
    assert any("{prefix}tag" in line for line in body(history))


# A first revision


def test_an_environment_that_is_staged_with_the_first_models_has_its_revision_written(make_history):
    """`alembic init` and models in one commit: the folder of revisions is still empty, and the tree before has none."""
    history = make_history([("main", {"README.md": "x"})])
    history.stage({**ENVIRONMENT, ENV: ENV_TEXT, "shop/__init__.py": "", MODELS: HEAD + BOOK})
    assert '"books"' in revision(history, "-m", "books", "--dry-run").stdout


SECTIONS = """
[shop]
script_location = migrations
version_locations = migrations/one
target_base = Base
[users]
script_location = migrations
version_locations = migrations/two
target_base = Other
"""
OTHER = """
class Other(DeclarativeBase):
    pass
class User(Other):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def test_a_section_that_names_its_metadata_is_not_empty_because_it_has_no_revision_yet(make_history):
    env = 'from shop import models\ntarget_metadata = getattr(models, config.get_main_option("target_base")).metadata\n'
    files = {**project(), "alembic.ini": SECTIONS, ENV: env, "migrations/one/aaa111_x.py": FIRST}
    del files[f"{VERSIONS}/aaa111_x.py"]
    history = make_history([("main", files)])
    history.stage({MODELS: HEAD + BOOK + OTHER})
    done = revision(history, "-m", "users", "--environment", "users", "--dry-run")
    assert '"users"' in done.stdout
    assert '"books"' not in done.stdout


# What a person must fill in


def test_a_value_that_nobody_filled_in_does_not_pass_the_check(make_history):
    history = changed(make_history, with_column("pages: Mapped[int]"))
    revision(history, "-m", "pages", "--stage")
    assert "GM402" in history.run("gitmig", "check", status=1).stdout
    path = written(history)
    path.write_text(path.read_text().replace("SET pages = NULL", "SET pages = 0"))
    history.git("add", "--all")
    assert "GM402" not in history.run("gitmig", "check").stdout
