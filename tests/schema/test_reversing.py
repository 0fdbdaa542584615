"""A downgrade leads back to the schema before, or it does not, or nobody can tell."""

from __future__ import annotations

import pytest

from gitmig.schema.elements import Column, Index, Schema, Table, Type
from gitmig.schema.operations import Operation
from gitmig.schema.reversing import reverses

INTEGER, STRING = Type("integer", "Integer()"), Type("string", "String()")
BEFORE = Schema(
    tables={"t": Table("t", columns=(Column("id", INTEGER), Column("x", INTEGER)), indexes=(Index(("x",), "ix"),))}
)
ADD = Operation("add_column", "t", "y", {"column": Column("y", INTEGER)})
DROP = Operation("drop_column", "t", "y")
RETYPE = Operation("alter_column", "t", "x", {"set": {"type": STRING}})
BACK = Operation("alter_column", "t", "x", {"set": {"type": INTEGER}})
GAP = Operation("unknown", detail={"text": "?", "why": "?", "objects": ("t",)})

CASES = {
    "add and drop": ([ADD], [DROP], "yes"),
    "nothing at all": ([], [], "yes"),
    "rows only": ([Operation("data", "t")], [], "yes"),
    "nothing back": ([ADD], [], "no"),
    "another column back": ([ADD], [Operation("drop_column", "t", "x")], "no"),
    "type and back": ([RETYPE], [BACK], "yes"),
    "type and not back": ([RETYPE], [], "no"),
    "column dropped and made again without its index": (
        [Operation("drop_column", "t", "x")],
        [Operation("add_column", "t", "x", {"column": Column("x", INTEGER)})],
        "no",
    ),
    "comments do not count": ([Operation("set_comment", "t", detail={"to": "c"})], [], "yes"),
    "something not understood": ([ADD, GAP], [DROP], "unknown"),
    "something not understood may do the rest": ([ADD], [GAP], "unknown"),
    "a table that the chain does not know": (
        [Operation("add_column", "other", "y", {"column": Column("y", INTEGER)})],
        [Operation("drop_column", "other", "y")],
        "unknown",
    ),
}


@pytest.mark.parametrize(("upgrade", "downgrade", "verdict"), CASES.values(), ids=CASES)
def test_reverses(upgrade: list[Operation], downgrade: list[Operation], verdict: str) -> None:
    assert reverses(BEFORE, upgrade, downgrade).verdict == verdict


def test_says_what_remains_to_be_done() -> None:
    (remaining,) = reverses(BEFORE, [ADD], []).remains
    assert (remaining.op, remaining.table, remaining.name) == ("drop_column", "t", "y")
