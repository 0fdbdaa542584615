"""The own template: what it writes reads as planned, whatever the message."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.environments.environment import Environment
from gitmig.errors import Refused, UsageError
from gitmig.revisions.draft import Draft, path_of, render_draft
from gitmig.revisions.naming import Moment
from gitmig.revisions.parsing import parse_revision
from gitmig.schema.scripts.facts import extract

NOW = Moment(2025, 7, 1, 10, 0, 0, 1751364000)
JOIN = Draft("c1d2", "join heads a and b", ("a", "b"), created="2025-07-01 10:00:00")


def environment(**fields):
    return Environment("main", "migrations", ("migrations/versions",), **fields)


def test_a_merge_revision_reads_as_planned():
    found = parse_revision(render_draft(JOIN))
    assert (found.id, found.down_revisions, found.branch_labels, found.depends_on) == ("c1d2", ("a", "b"), (), ())
    assert not found.problems
    assert not found.stale


def test_it_looks_like_this():
    assert (
        render_draft(JOIN).decode()
        == '''"""join heads a and b

Revision ID: c1d2
Revises: a, b
Create Date: 2025-07-01 10:00:00

"""

from __future__ import annotations

from collections.abc import Sequence

revision: str = "c1d2"
down_revision: str | Sequence[str] | None = ("a", "b")
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
'''
    )


@given(st.text())
def test_no_message_becomes_code(message):
    tree = ast.parse(render_draft(JOIN.replace(message=message)))
    kinds = [type(statement).__name__ for statement in tree.body]
    assert kinds == ["Expr", "ImportFrom", "ImportFrom", *["AnnAssign"] * 4, "FunctionDef", "FunctionDef"]
    assert parse_revision(render_draft(JOIN.replace(message=message))).down_revisions == ("a", "b")


@pytest.mark.parametrize("message", ['x"""\nimport os', "ends with \\", 'ends with "', "\x00\x1b[31m", "\udc80"])
def test_hostile_messages_stay_text(message):
    assert len(ast.parse(render_draft(JOIN.replace(message=message))).body) == 9


# Where it goes


@pytest.mark.parametrize(
    ("fields", "beside", "expected"),
    [
        ({}, "", "migrations/versions/c1d2_join_heads_a_and_b.py"),
        ({"file_template": "%(year)d/%(rev)s"}, "", "migrations/versions/2025/c1d2.py"),
        ({"versions": ("one", "two")}, "two/b.py", "two/c1d2_join_heads_a_and_b.py"),
        ({"versions": ("one", "one/more")}, "one/more/b.py", "one/more/c1d2_join_heads_a_and_b.py"),
        ({"versions": ("",)}, "b.py", "c1d2_join_heads_a_and_b.py"),
    ],
    ids=["the default", "a template with a folder", "beside the first head", "the nearest folder", "the top level"],
)
def test_where_the_file_goes(fields, beside, expected):
    assert path_of(JOIN, environment().replace(**fields), NOW, beside) == expected


@pytest.mark.parametrize(
    "template",
    ["../%(rev)s", "%(slug)s/../../x", "/tmp/%(rev)s", "a\\b%(rev)s", "%(nothing)s"],
)
def test_a_template_that_leads_out_of_the_folder_is_refused(template):
    with pytest.raises(UsageError):
        path_of(JOIN, environment(file_template=template), NOW)


@pytest.mark.parametrize("revision", ["../x", "head", "", "a-b", "x" * 33])
def test_an_id_that_is_none_is_refused(revision):
    with pytest.raises(Refused, match="cannot be a revision id"):
        path_of(JOIN.replace(id=revision), environment(), NOW)


ARGUMENTS = {
    "none": (Draft("a1", "x"), "def upgrade() -> None:"),
    "the name of a database": (Draft("a1", "x", arguments=("engine_name",)), "def upgrade(engine_name: str) -> None:"),
    "what env.py gives": (Draft("a1", "x", arguments=("op", "tables")), "def upgrade(op, tables) -> None:"),
}


@pytest.mark.parametrize(("draft", "line"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_upgrade_takes_what_env_py_gives_it(draft: Draft, line: str) -> None:
    assert line in render_draft(draft).decode().splitlines()


def test_each_database_has_its_functions() -> None:
    made = render_draft(Draft("a1", "x", databases=(("one", "op.drop_table('t')", "pass"), ("", "pass", "pass"))))
    found = extract(made)["databases"]
    assert {name: [each["table"] for each in done["upgrade"]] for name, done in found.items()} == {"one": ["t"], "": []}
