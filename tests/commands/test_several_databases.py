"""Alembic's multidb template and Flask-Migrate's: one environment, and one drift for each database."""

from __future__ import annotations

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
    found = json.loads(history.run("gitmig", "schema", "--format", "json").stdout)["environments"]
    assert [(one["database"], list(one["tables"])) for one in found] == [("people", ["person"]), ("shop", ["person"])]
