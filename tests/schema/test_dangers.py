"""Operations that lose rows, or fail on a table that has some."""

from __future__ import annotations

import pytest

from gitmig.schema.dangers import destructive, not_null_without_default, renames
from gitmig.schema.elements import Column, Origin, Schema, Table, Type
from gitmig.schema.operations import Operation

INTEGER = Type("integer", "Integer()")


def made(name: str, revision: str, *columns: tuple[str, str]) -> Table:
    parts = tuple(Column(column, INTEGER, origin=Origin(revision=by)) for column, by in columns)
    return Table(name, columns=parts, origin=Origin(revision=revision))


BEFORE = Schema(
    tables={
        "book": made("book", "published", ("id", "published"), ("x", "published"), ("fresh", "local")),
        "draft": made("draft", "local", ("id", "local")),
    }
)


def add(name: str, table: str = "book", **attributes: object) -> Operation:
    column = Column(name, INTEGER, **{"nullable": False, **attributes})  # type: ignore[arg-type]
    return Operation("add_column", table, name, {"column": column})


def drop(name: str, table: str = "book") -> Operation:
    return Operation("drop_column", table, name)


def not_null(name: str, **more: object) -> Operation:
    return Operation("alter_column", "book", name, {"set": {"nullable": False, **more}})


CREATE = Operation("create_table", "new", detail={"table": made("new", "local", ("id", "local"))})
DATA = Operation("data", "book", detail={"kind": "update"})

LOSSES = {
    "a table": ([Operation("drop_table", "book")], ["book"]),
    "a column": ([drop("x")], ["book.x"]),
    "a column after its table was renamed": (
        [Operation("rename_table", "book", detail={"to": "volume"}), drop("x", "volume")],
        ["volume.x"],
    ),
    "a column after it was renamed": (
        [Operation("rename_column", "book", "x", {"to": "y"}), drop("y")],
        ["book.y"],
    ),
}
NO_LOSSES = {
    "a column that an unpublished revision made": [drop("fresh")],
    "a table that an unpublished revision made": [Operation("drop_table", "draft")],
    "a column that was just added": [add("y"), drop("y")],
    "a table that was just made": [CREATE, Operation("drop_table", "new")],
    "an index": [Operation("drop_index", "book", "ix")],
    "a rename": [Operation("rename_column", "book", "x", {"to": "y"})],
}


@pytest.mark.parametrize(("operations", "objects"), LOSSES.values(), ids=LOSSES)
def test_destructive(operations: list[Operation], objects: list[str]) -> None:
    found = destructive(BEFORE, operations, published=lambda revision: revision == "published")
    assert [each.object for each in found] == objects


@pytest.mark.parametrize("operations", NO_LOSSES.values(), ids=NO_LOSSES)
def test_not_destructive(operations: list[Operation]) -> None:
    assert destructive(BEFORE, operations, published=lambda revision: revision == "published") == ()


LEFT_EMPTY = Operation("data", "book", detail={"kind": "update", "nulls": ("x",)})
NEW_LEFT_EMPTY = Operation("data", "book", detail={"kind": "update", "nulls": ("y",)})
FAILING = {
    "a new column": [add("y")],
    "an old column": [not_null("x")],
    "an old column, filled too late": [not_null("x"), DATA],
    "an old column that an update leaves empty": [LEFT_EMPTY, not_null("x")],
    "a new column that an update leaves empty": [add("y", nullable=True), NEW_LEFT_EMPTY, not_null("y")],
    "an old column, another table filled": [Operation("data", "draft", detail={"kind": "update"}), not_null("x")],
}
WORKING = {
    "a new column with a server default": [add("y", server_default="0")],
    "a new column that is nullable": [add("y", nullable=True)],
    "a computed column": [add("y", computed="id + 1")],
    "an identity": [add("y", identity="always")],
    "a column of a new table": [CREATE, add("y", table="new")],
    "an old column after it was filled": [DATA, not_null("x")],
    "an old column with a server default": [not_null("x", server_default="0")],
    "a column that is emptied for another reason and filled again": [LEFT_EMPTY, DATA, not_null("x")],
    "a column that is only emptied": [LEFT_EMPTY],
    "a new column after it was filled": [add("y", nullable=True), DATA, not_null("y")],
    "a default that was not read": [add("y", unknown=("server_default",))],
    "an old column after a statement nobody understands": [
        Operation("unknown", detail={"objects": ("book",)}),
        not_null("x"),
    ],
}


@pytest.mark.parametrize("operations", FAILING.values(), ids=FAILING)
def test_not_null_without_default(operations: list[Operation]) -> None:
    assert [each.kind for each in not_null_without_default(BEFORE, operations)] == ["not-null-without-default"]


@pytest.mark.parametrize("operations", WORKING.values(), ids=WORKING)
def test_not_null_that_works(operations: list[Operation]) -> None:
    assert not_null_without_default(BEFORE, operations) == ()


def test_a_rename_written_as_drop_and_add() -> None:
    (danger,) = renames(BEFORE, [drop("x"), add("y", nullable=True)])
    assert danger.object == "book.y"
    assert danger.rename is not None
    assert danger.rename.operation == Operation("rename_column", "book", "x", {"to": "y"})
    assert renames(BEFORE, [add("y", nullable=True)]) == ()
