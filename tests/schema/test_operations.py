"""Every operation survives its way through JSON."""

from __future__ import annotations

import json

import pytest

from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Schema,
    Table,
    Type,
    Unique,
    Unknown,
)
from gitmig.schema.encoding import decode_schema, encode_schema
from gitmig.schema.operations import Operation, decode, encode
from gitmig.schema.replay import replay

HERE = Origin("versions/a.py", 12)
STRING = Type("string", "String(length=50)", length=50)
ENUM = Type("enum", "Enum('a', 'b', name='kind')", enum_name="kind", values=("a", "b"))
TABLE = Table(
    "book",
    "shop",
    columns=(
        Column("id", Type("integer"), nullable=False, primary_key=True, origin=Origin("versions/a.py", 13)),
        Column("kind", ENUM, server_default="'a'", unknown=("comment",)),
        Column("tags", Type("array", item=STRING, dimensions=1, variants=(("sqlite", Type("json")),))),
    ),
    primary_key=PrimaryKey(("id",), "pk_book"),
    uniques=(Unique(("kind", "id"), options=(("postgresql_nulls_not_distinct", "True"),)),),
    foreign_keys=(ForeignKey(("kind",), "kinds", ("id",), ondelete="CASCADE"),),
    checks=(Check("id > 0"),),
    excludes=(Exclude("id WITH ="),),
    indexes=(Index(("lower(kind)",), "ix", unique=True, where="id > 1"),),
    comment="books",
    unknown=(Unknown("mixin", "outside", objects=("shop.book",)),),
    origin=HERE,
)

OPERATIONS = {
    "create table with everything": Operation("create_table", "shop.book", detail={"table": TABLE}, origin=HERE),
    "add column": Operation("add_column", "book", "x", {"column": Column("x", STRING, origin=HERE)}, HERE),
    "alter type and nullable": Operation(
        "alter_column", "book", "x", {"set": {"type": STRING, "nullable": False}, "was": {"type": ENUM}}, HERE
    ),
    "index": Operation("create_index", "book", "ix", {"index": Index(("a",), "ix")}, HERE),
    "foreign key": Operation(
        "create_foreign_key", "book", "fk", {"constraint": ForeignKey(("a",), "b", ("id",), "fk")}, HERE
    ),
    "check from another file": Operation(
        "create_check", "book", "", {"constraint": Check("a > 0", origin=Origin("h.py", 3))}, HERE
    ),
    "enum values": Operation("alter_enum", "", "kind", {"add": ("c",), "rename": {"a": "A"}}, HERE),
    "unknown under a condition": Operation(
        "unknown", detail={"text": "op.f()", "why": "no idea", "objects": ("book",)}, origin=HERE, conditional=True
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_encoded_and_decoded_an_operation_is_itself(operation: Operation) -> None:
    assert decode(json.loads(json.dumps(encode(operation)))) == operation


def test_the_form_is_the_one_of_the_design() -> None:
    assert encode(OPERATIONS["add column"]) == {
        "op": "add_column",
        "table": "book",
        "name": "x",
        "detail": {
            "column": {"name": "x", "type": {"family": "string", "text": "String(length=50)", "length": 50}, "line": 12}
        },
        "source": {"path": "versions/a.py", "line": 12},
    }


def test_facts_without_a_path_take_the_path_they_are_read_for() -> None:
    written = Operation("add_column", "t", "x", {"column": Column("x", STRING, origin=Origin("", 4))}, Origin("", 3))
    read = decode(encode(written), "moved/a.py")
    assert (read.origin, read.detail["column"].origin) == (Origin("moved/a.py", 3), Origin("moved/a.py", 4))


def test_encoded_and_decoded_a_schema_is_itself() -> None:
    schema = replay(Schema(unknown=(Unknown("a", "b"),)), OPERATIONS.values()).schema
    assert decode_schema(json.loads(json.dumps(encode_schema(schema)))) == schema


def test_an_enum_that_changes_survives_the_codec() -> None:
    """`was` is a list of values here, and attributes by name in alter_column."""
    operation = Operation("alter_enum", name="kind", detail={"add": ("b",), "drop": (), "was": ("a",)})
    assert decode(encode(operation)) == operation
