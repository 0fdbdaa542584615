"""EXCLUDE constraints: however they are written, models and revisions say the same."""

from __future__ import annotations

import ast

import pytest

from gitmig.schema.constructs import read_constraint
from gitmig.schema.scripts.facts import extract
from gitmig.source.scopes import module_scope

CANONICAL = "('room', '='), ('during', '&&'), using='gist', where=sa.text('room > 1')"
MODELS = {
    "names": "ExcludeConstraint(('room', '='), ('during', '&&'), where=text('room > 1'), name='ex')",
    "columns": "ExcludeConstraint((room, '='), (during, '&&'), using='gist', where=room > 1, name='ex')",
    "alembic's rendering": "postgresql.ExcludeConstraint((sa.column('room'), '='), (sa.column('during'), '&&'), "
    "where=sa.text('room > 1'), using='gist', name='ex')",
}


def column_of(node: ast.expr, scope: object) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


@pytest.mark.parametrize("call", MODELS.values(), ids=MODELS)
def test_every_spelling_of_models_is_one(call: str) -> None:
    tree = ast.parse(f"import sqlalchemy as sa\nfrom sqlalchemy import text\n{call}")
    read = read_constraint(tree.body[-1].value, module_scope(tree), column_of=column_of)
    assert (read.element.text, read.element.name, read.element.unknown) == (CANONICAL, "ex", ())


OPERATIONS = {
    "an operation": "op.create_exclude_constraint('ex', 't', ('room', '='), ('during', '&&'), where='room > 1')",
    "SQL": "op.execute('ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (room WITH =, during WITH &&) "
    "WHERE (room > 1)')",
}


@pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)
def test_revisions_say_the_same(call: str) -> None:
    source = f"import sqlalchemy as sa\nfrom alembic import op\ndef upgrade():\n    {call}\n"
    [operation] = extract(source.encode(), "r.py")["upgrade"]
    assert operation["op"] == "create_exclude"
    assert operation["detail"]["constraint"]["text"] == CANONICAL


def test_source_that_only_python_understands_is_kept_and_marked() -> None:
    tree = ast.parse("ExcludeConstraint((settings.column(), '='), name='ex')")
    read = read_constraint(tree.body[-1].value, module_scope(tree))
    assert read.element.text == "(settings.column(), '='), using='gist'"
    assert read.element.unknown == ("text",)
