"""Alembic's multidb template and Flask-Migrate's: one environment, and one drift for each database."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable

import pytest
from support.checking import Checked, checker
from support.multidb import AGE, ENV, FILES, FLASK_FILES, FLASK_MODELS, HEAD, MODELS, PERSON, revision

AT = "migrations/versions/bbb2_second.py"
ADD_AGE = 'op.add_column("person", sa.Column("age", sa.Integer()))'
# The last class of the models is that of the database `shop`.
SHOP_AGE = MODELS + AGE
ARGUMENT = """from alembic import op
import sqlalchemy as sa
revision = "bbb2"
down_revision = "aaa1"
def upgrade({0}):
    {1}
def downgrade({0}):
    pass
"""


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Checked]:
    return checker(capsys)


def drift(checked: Checked, kind: str = "missing") -> list[tuple[str, str, str]]:
    """(operation, database, table.column)."""
    (environment,) = checked.report["environments"]
    return [(one["op"], one.get("database", ""), f"{one['table']}.{one['name']}") for one in environment["drift"][kind]]


def test_the_template_is_understood(make_history, check):
    history = make_history([("main", FILES)])
    done = check(history.path, "--all")
    assert (done.status, done.report["environments"][0]["drift"]["verdict"]) == (0, "covered")


def test_a_new_column_is_missing_in_its_own_database(make_history, check):
    history = make_history([("main", FILES)])
    history.stage({"models.py": SHOP_AGE})
    done = check(history.path)
    assert drift(done) == [("add_column", "shop", "person.age")]
    finding = done.finding("GM301")
    assert finding["objects"] == ["@shop.person.age"]
    assert any(ADD_AGE.partition(", sa")[0] in command for one in finding["help"] for command in one["commands"])


COVERING = {
    "by the function of its database": (revision("bbb2", "aaa1", shop=ADD_AGE), []),
    "by that of the other one": (revision("bbb2", "aaa1", people=ADD_AGE), ["GM302"]),
    "by a question for the name": (ARGUMENT.format("name", f"if name == 'shop':\n        {ADD_AGE}"), []),
    "by a question for other names": (
        ARGUMENT.format("name", f"if name in ('people', 'x'):\n        return\n    {ADD_AGE}"),
        [],
    ),
    "by a question for the other name": (
        ARGUMENT.format("name", f"if name == 'people':\n        {ADD_AGE}"),
        ["GM302"],
    ),
    "in nobody knows which": (ARGUMENT.format("", ADD_AGE), []),
}


@pytest.mark.parametrize(("text", "errors"), COVERING.values(), ids=COVERING)
def test_it_is_covered(make_history, check, text, errors):
    history = make_history([("main", FILES)])
    history.stage({"models.py": SHOP_AGE, AT: text})
    assert [code for code in check(history.path).codes() if code.startswith("GM30")] == errors


def test_in_nobody_knows_which_database_is_undecided(make_history, check):
    history = make_history([("main", FILES)])
    history.stage({"models.py": SHOP_AGE, AT: COVERING["in nobody knows which"][0]})
    done = check(history.path)
    assert "GM306" in done.codes("warning")
    assert done.report["verdict"] == "undecided"


def test_what_runs_in_each_database_is_done_in_each(make_history, check):
    history = make_history([("main", FILES)])
    history.stage({"models.py": SHOP_AGE, AT: ARGUMENT.format("name", ADD_AGE)})
    done = check(history.path)
    assert drift(done, "missing") == []
    assert drift(done, "ahead") == [("drop_column", "people", "person.age")]


TARGETS = {
    "entries set one by one": (
        "{}\ntarget_metadata['people'] = People.metadata\ntarget_metadata['shop'] = Shop.metadata"
    ),
    "lists": "{'people': [People.metadata], 'shop': [Shop.metadata]}",
    "a mapping of the models": "models.TARGETS",
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_the_models_of_a_database_are_found(make_history, check, target):
    start, _, end = ENV.partition("{'people': People.metadata, 'shop': Shop.metadata}")
    tail = "\n\nTARGETS = {'people': People.metadata, 'shop': Shop.metadata}\n"
    files = {**FILES, "migrations/env.py": f"import models\n{start}{target}{end}", "models.py": MODELS + tail}
    history = make_history([("main", files)])
    history.stage({"models.py": SHOP_AGE + tail})
    assert drift(check(history.path)) == [("add_column", "shop", "person.age")]


def test_models_of_which_nobody_says_whose_they_are_are_undecided(make_history, check):
    env = ENV.replace("{'people': People.metadata, 'shop': Shop.metadata}", "strange()")
    history = make_history([("main", {**FILES, "migrations/env.py": env})])
    history.stage({"models.py": SHOP_AGE})
    done = check(history.path)
    assert done.codes() == []
    assert done.report["verdict"] == "undecided"


def test_a_table_that_one_database_alone_has_is_of_that_database(make_history, check):
    """Nobody says whose the models are, and the chain does."""
    env = ENV.replace("{'people': People.metadata, 'shop': Shop.metadata}", "strange()")
    note = "\n\nclass Note(Shop):\n    __tablename__ = 'note'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    made = 'op.create_table("note", sa.Column("id", sa.Integer(), primary_key=True))'
    models = HEAD + PERSON + note
    files = {**FILES, "migrations/env.py": env, "models.py": models, AT: revision("bbb2", "aaa1", shop=made)}
    history = make_history([("main", files)])
    history.stage({"models.py": models + AGE})
    assert drift(check(history.path)) == [("add_column", "shop", "note.age")]


def test_flask_migrate(make_history, check):
    """The default database has no name; the others are bind keys."""
    history = make_history([("main", FLASK_FILES)])
    assert check(history.path, "--all").status == 0
    history.stage({"app/models.py": FLASK_MODELS + "    age = db.Column(db.Integer)\n"})
    assert drift(check(history.path)) == [("add_column", "shop", "person.age")]
    text = FLASK_MODELS.replace("index=True)\n", "index=True)\n    age = db.Column(db.Integer)\n", 1)
    history.stage({"app/models.py": text})
    assert drift(check(history.path)) == [("add_column", "", "person.age")]


def test_schema_shows_each_database(make_history):
    history = make_history([("main", FILES)])
    shown = history.run("gitmig", "schema", "--chain").stdout
    assert "migrations, database people: chain, 1 table\n  person\n" in shown
    assert "migrations, database shop: chain, 1 table\n  person\n" in shown
    drawn = history.run("gitmig", "schema", "--format", "mermaid").stdout
    assert [line.strip() for line in drawn.splitlines() if line.endswith("{")] == ["people_person {", "shop_person {"]
    found = json.loads(history.run("gitmig", "schema", "--format", "json").stdout)["environments"]
    assert [(one["database"], list(one["tables"])) for one in found] == [("people", ["person"]), ("shop", ["person"])]


def test_exact_mode_says_the_same(make_history, check):
    history = make_history([("main", FILES)])
    history.stage({"models.py": SHOP_AGE})
    done = check(history.path, "--exact")
    assert drift(done) == [("add_column", "shop", "person.age")]
    assert done.codes("warning") == []
    assert any(one["note"].endswith("compared them, too") for one in done.report["remarks"])


def test_exact_mode_with_bind_keys(make_history, check):
    """Flask-SQLAlchemy needs an application before it has a MetaData for a bind key."""
    models = FLASK_MODELS.replace(
        "db = SQLAlchemy()\n",
        "db = SQLAlchemy()\napp = Flask(__name__)\napp.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\n"
        "app.config['SQLALCHEMY_BINDS'] = {'shop': 'sqlite://'}\n",
    )
    models = f"from flask import Flask\n{models}"
    config = (
        '[[environments]]\nname = "shop"\nversions = ["migrations/versions"]\nmetadata = "app.models:db.metadatas"\n'
    )
    history = make_history([("main", {**FLASK_FILES, "app/models.py": models, "gitmig.toml": config})])
    history.stage({"app/models.py": models + "    age = db.Column(db.Integer)\n"})
    assert drift(check(history.path)) == [("add_column", "shop", "person.age")]
    done = check(history.path, "--exact")
    assert drift(done) == [("add_column", "shop", "person.age")]


@pytest.mark.parametrize("template", [[], ["--own-template"]], ids=["the project's template", "the own one"])
def test_a_merge_revision_runs_in_each_database(make_history, template):
    two = {"migrations/versions/b.py": revision("bbb2", "aaa1"), "migrations/versions/c.py": revision("ccc3", "aaa1")}
    history = make_history([("main", {**FILES, **two})])
    history.run("gitmig", "resolve", "--merge", *template, status=None)
    history.run("alembic", "upgrade", "head")
    history.run("alembic", "downgrade", "aaa1")


class TestRevision:
    """`gitmig revision` writes functions for each database."""

    def test_each_database_gets_what_it_lacks(self, make_history, check):
        history = make_history([("main", FILES)])
        history.stage({"models.py": SHOP_AGE.replace("name: Mapped", "nick: Mapped[str | None]\n    name: Mapped")})
        done = history.run("gitmig", "revision", "-m", "second", "--stage", "--format", "json")
        plan = json.loads(done.stdout)
        assert [(one["op"], one["database"], one["table"]) for one in plan["operations"]] == [
            ("add_column", "people", "person"),
            ("add_column", "shop", "person"),
        ]
        text = (history.path / plan["path"]).read_text()
        assert functions(text)["upgrade_people"].endswith('sa.Column("nick", sa.String(), nullable=True))')
        assert functions(text)["downgrade_shop"].endswith('op.drop_column("person", "age")')
        assert check(history.path).codes("") == []
        for way in (("upgrade", "head"), ("check",), ("downgrade", "aaa1"), ("upgrade", "head")):
            history.run("alembic", *way)

    def test_a_database_that_lacks_nothing_gets_empty_functions(self, make_history):
        history = make_history([("main", FILES)])
        history.stage({"models.py": SHOP_AGE})
        text = written(history, "-m", "second")
        assert functions(text)["upgrade_people"].split()[-1] == "pass"
        assert "age" in functions(text)["upgrade_shop"]

    @pytest.mark.parametrize("template", [[], ["--own-template"]], ids=["the project's template", "the own one"])
    def test_empty(self, make_history, template):
        text = written(make_history([("main", FILES)]), "-m", "second", "--empty", *template)
        assert set(functions(text)) == {
            f"{way}{name}" for way in ("upgrade", "downgrade") for name in ("", "_people", "_shop")
        }

    def test_a_rename_is_one_in_its_database(self, make_history):
        history = make_history([("main", FILES)])
        history.stage({"models.py": MODELS.replace("number: Mapped", "title: Mapped")})
        text = written(history, "-m", "second")
        assert 'op.alter_column("person", "number", new_column_name="title"' in " ".join(
            functions(text)["upgrade_shop"].split()
        ).replace("( ", "(")
        assert "title" not in functions(text)["upgrade_people"]

    def test_what_was_not_read_stands_where_it_belongs(self, make_history):
        history = make_history([("main", FILES)])
        history.stage({"models.py": SHOP_AGE + "    kind: Mapped[str] = mapped_column(Enum(*values()))\n"})
        text = written(history, "-m", "second")
        assert "# gitmig: not written" not in functions(text)["upgrade_people"]

    def test_a_template_with_other_functions_is_refused(self, make_history):
        template = FILES["migrations/script.py.mako"].replace("def upgrade_${db_name}", "def up_${db_name}")
        history = make_history([("main", {**FILES, "migrations/script.py.mako": template})])
        history.stage({"models.py": SHOP_AGE})
        refused = history.run("gitmig", "revision", "-m", "second", status=3)
        assert "makes no upgrade_shop() and downgrade_shop()" in refused.stderr
        assert "gitmig revision --own-template" in refused.stderr
        assert "upgrade_shop" in written(history, "-m", "second", "--own-template")

    def test_data_in_the_databases_that_have_the_table(self, make_history):
        history = make_history([("main", FILES)])
        both = functions(written(history, "-m", "second", "--data", "--table", "person"))
        assert 'sa.column("name", sa.String(length=50))' in both["upgrade_people"]
        assert 'sa.column("number", sa.String(length=9))' in both["upgrade_shop"]

    def test_data_in_one_database(self, make_history):
        history = make_history([("main", FILES)])
        one = functions(written(history, "-m", "second", "--data", "--table", "@shop.person"))
        assert 'sa.column("number"' in one["upgrade_shop"]
        assert one["upgrade_people"].split()[-1] == "pass" and "sa.table" not in one["upgrade_people"]
        refused = history.run("gitmig", "revision", "-m", "x", "--data", "--table", "@shop.nothing", status=2)
        assert "the revisions make no table @shop.nothing" in refused.stderr

    def test_data_without_a_table_is_about_those_that_change(self, make_history):
        history = make_history([("main", FILES)])
        history.stage({"models.py": SHOP_AGE})
        one = functions(written(history, "-m", "second", "--data"))
        assert "sa.table" in one["upgrade_shop"] and "sa.table" not in one["upgrade_people"]

    @pytest.mark.parametrize("template", [[], ["--own-template"]], ids=["the project's template", "the own one"])
    def test_revert_swaps_the_functions_of_each(self, make_history, template):
        back = "def downgrade_shop() -> None:\n    "
        text = revision("bbb2", "aaa1", shop=f"# why\n    {ADD_AGE}")
        text = text.replace(f"{back}pass", f'{back}op.drop_column("person", "age")')
        history = make_history([("main", {**FILES, AT: text, "models.py": SHOP_AGE})])
        done = history.run("gitmig", "revision", "--revert", "bbb2", "--format", "json", *template)
        plan = json.loads(done.stdout)
        found = functions((history.path / plan["path"]).read_text())
        assert found["upgrade_shop"].endswith('op.drop_column("person", "age")')
        assert found["downgrade_shop"].endswith(f"# why\n    {ADD_AGE}")
        assert found["upgrade_people"].split()[-1] == "pass"
        assert [(one["op"], one["database"]) for one in plan["operations"]] == [("drop_column", "shop")]
        assert [one["objects"] for one in plan["findings"]] == [["@shop.person.age"]]
        for way in (("upgrade", "head"), ("downgrade", "bbb2"), ("upgrade", "head")):
            history.run("alembic", *way)

    def test_revert_works_out_what_one_of_them_does_not_say(self, make_history):
        text = revision("bbb2", "aaa1", shop=ADD_AGE)
        history = make_history([("main", {**FILES, AT: text, "models.py": SHOP_AGE})])
        found = functions(written(history, "--revert", "bbb2"))
        assert found["upgrade_shop"].endswith('    op.drop_column("person", "age")')
        assert 'sa.Column("age", sa.Integer(), nullable=True)' in found["downgrade_shop"]

    def test_revert_of_one_function_for_all_is_refused(self, make_history):
        text = ARGUMENT.format("name", f"if name == 'shop':\n        {ADD_AGE}")
        history = make_history([("main", {**FILES, AT: text, "models.py": SHOP_AGE})])
        refused = history.run("gitmig", "revision", "--revert", "bbb2", status=3)
        assert "no function of its own for each database" in refused.stderr
        assert "gitmig revision --empty" in refused.stderr

    def test_flask_migrate(self, make_history, check):
        history = make_history([("main", FLASK_FILES)])
        history.stage({"app/models.py": FLASK_MODELS + "    age = db.Column(db.Integer)\n"})
        text = written(history, "-m", "second", "--own-template", "--stage")
        assert set(functions(text)) >= {"upgrade_", "downgrade_", "upgrade_shop", "downgrade_shop"}
        assert "age" in functions(text)["upgrade_shop"]
        assert check(history.path).codes("") == []


def written(history, *options: str) -> str:
    """The text of the file that is written."""
    done = json.loads(history.run("gitmig", "revision", *options, "--format", "json").stdout)
    return (history.path / done["path"]).read_text()


def functions(text: str) -> dict[str, str]:
    """The source of every function by its name."""
    return {
        node.name: ast.get_source_segment(text, node).strip()
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }
