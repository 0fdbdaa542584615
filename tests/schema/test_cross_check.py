"""What Alembic's comparison writes, against ours."""

from __future__ import annotations

import pytest

from gitmig.schema.cross_check import unseen
from gitmig.schema.elements import Column, Index, Schema, Table, Type, Unique

INTEGER = Type("integer", "sa.Integer()")
TABLE = Table(
    "t",
    columns=(Column("id", INTEGER), Column("a", INTEGER)),
    uniques=(Unique(("a",)),),
    indexes=(Index(("a",), "ix_t_a"),),
)
OLD = Schema({"t": TABLE})
WIDER = Schema({"t": TABLE.replace(columns=(*TABLE.columns, Column("b", INTEGER)))})
WITHOUT = Schema({"t": Table("t", columns=TABLE.columns[:1])})
SAME = {
    "nothing": (OLD, "pass"),
    "a column": (WIDER, "op.add_column('t', sa.Column('b', sa.Integer(), nullable=True))"),
    "a column with all that hangs on it": (
        WITHOUT,
        "op.drop_index('ix_t_a', table_name='t')\n    op.drop_constraint('t_a_key', 't', type_='unique')\n"
        "    op.drop_column('t', 'a')",
    ),
    "a table with its indexes": (
        Schema({**OLD.tables, "u": Table("u", columns=(Column("id", INTEGER),))}),
        "op.create_table('u', sa.Column('id', sa.Integer()))\n    op.create_index('ix_u_id', 'u', ['id'])",
    ),
    "a constraint by the name that a database made up": (
        Schema({"t": TABLE.replace(uniques=())}),
        "op.drop_constraint(op.f('t_a_key'), 't', type_='unique')",
    ),
    "what Alembic does not look at": (WIDER, "pass"),
}
MORE = {
    "a column": (OLD, "op.add_column('t', sa.Column('b', sa.Integer()))", [("add_column", "t", "b")]),
    "another type": (
        OLD,
        "op.alter_column('t', 'a', existing_type=sa.Integer(), type_=sa.Text())",
        [("alter_column", "t", "a")],
    ),
    "an index": (OLD, "op.create_index('ix', 't', ['id'])", [("create_index", "t", "ix")]),
    "a table": (OLD, "op.drop_table('t')", [("drop_table", "t", "")]),
}


@pytest.mark.parametrize(("new", "rendered"), SAME.values(), ids=SAME)
def test_both_see_the_same(new: Schema, rendered: str) -> None:
    assert unseen(OLD, new, rendered) == ()


@pytest.mark.parametrize(("new", "rendered", "expected"), MORE.values(), ids=MORE)
def test_what_only_alembic_sees(new: Schema, rendered: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.op, each.table, each.name) for each in unseen(OLD, new, rendered)] == expected
