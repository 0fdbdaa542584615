"""Calls that make columns, constraints and tables, as elements."""

from __future__ import annotations

import ast

import pytest

from gitmig.schema.constructs import read_constraint
from gitmig.schema.elements import Check, ForeignKey, Index, Origin, PrimaryKey, Unique, Unknown
from gitmig.schema.made import kind_of, made_by
from gitmig.schema.tables import assemble, read_table
from gitmig.source.scopes import module_scope

MODULE = """
import sqlalchemy as sa
from functools import partial
from alembic import op
from rich.table import Table as RichTable
from app import NAME, WHERE

required = partial(sa.Column, nullable=False)
"""
PLACE = Origin("models.py", 1)
CONSTRAINTS = {
    "a unique constraint": ("sa.UniqueConstraint('a', 'b', name='u')", Unique(("a", "b"), "u", origin=PLACE)),
    "a name that is final": ("sa.UniqueConstraint('a', name=op.f('u'))", Unique(("a",), "u", origin=PLACE)),
    "a primary key": ("sa.PrimaryKeyConstraint('a')", PrimaryKey(("a",), origin=PLACE)),
    "a check": ("sa.CheckConstraint('a  >\\n 0', name='c')", Check("a > 0", "c", PLACE)),
    "a check in Python": ("sa.CheckConstraint(sa.text('a > 0'))", Check("a > 0", origin=PLACE)),
    "a foreign key": (
        "sa.ForeignKeyConstraint(['a'], ['s.t.id'], 'f', ondelete='cascade')",
        ForeignKey(("a",), "s.t", ("id",), "f", "CASCADE", origin=PLACE),
    ),
    "an index": (
        "sa.Index('i', 'a', sa.text('lower(b)'), unique=True, postgresql_using='gin', "
        "postgresql_where=sa.text('a IS NULL'))",
        Index(("a", "lower(b)"), "i", True, "a IS NULL", "gin", origin=PLACE),
    ),
}
UNREAD = ("sa.UniqueConstraint(*NAME)", "sa.UniqueConstraint(NAME)", "sa.ForeignKeyConstraint(NAME, ['t.id'])")


def parsed(text: str) -> tuple[ast.Call, object]:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    return node, module_scope(ast.parse(MODULE), "models.py")


@pytest.mark.parametrize(("text", "element"), CONSTRAINTS.values(), ids=CONSTRAINTS)
def test_constraints(text: str, element: object) -> None:
    assert read_constraint(*parsed(text)).element == element


@pytest.mark.parametrize("text", UNREAD)
def test_constraints_that_are_not_read_are_unknown(text: str) -> None:
    found = read_constraint(*parsed(text))
    assert isinstance(found, Unknown)
    assert found.origin == PLACE


def test_what_a_call_makes() -> None:
    assert kind_of(*parsed("sa.Column('x')")) == "Column"
    assert kind_of(*parsed("RichTable('x')")) == ""
    made = made_by(*parsed("required('x')"))
    assert kind_of(made.node, made.scope) == "Column"


def test_a_table_takes_what_its_columns_ask_for() -> None:
    text = """sa.Table('t', sa.MetaData(),
        sa.Column('id', sa.Integer, primary_key=True),
        required('a', sa.String(5), unique=True, server_default="it's"),
        sa.Column('b', sa.ForeignKey('other.id'), index=True, server_default=sa.func.now()),
        sa.Column('c', sa.Integer, comment='why', nullable=NAME),
        sa.UniqueConstraint('a', 'b'),
        schema='s', comment='about')"""
    part = read_table(*parsed(text))
    table = assemble(part.name or "", part.namespace, part.columns, part.parts, comment=part.comment)
    assert table.key == "s.t"
    assert table.comment == "about"
    assert [(c.name, c.nullable, c.server_default) for c in table.columns] == [
        ("id", False, None),
        ("a", False, "'it''s'"),
        ("b", True, "now()"),
        ("c", True, None),
    ]
    assert table.columns[3].unknown == ("nullable",)
    assert table.primary_key is not None and table.primary_key.columns == ("id",)
    assert [unique.columns for unique in table.uniques] == [("a",), ("a", "b")]
    assert [(index.name, index.columns) for index in table.indexes] == [("ix_s_t_b", ("b",))]
    assert [(key.columns, key.referred) for key in table.foreign_keys] == [(("b",), "other")]
