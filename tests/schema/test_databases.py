"""Several databases as one schema: what is in one of them is marked, and the mark comes off again."""

from __future__ import annotations

import pytest

from gitmig.schema.alembic_code import alembic_code
from gitmig.schema.databases import (
    databases_in,
    joined,
    key_in,
    operation_in,
    part_of,
    schema_in,
    split_key,
    without_database,
)
from gitmig.schema.elements import Column, EnumType, ForeignKey, Index, Schema, Table, Type, Unknown
from gitmig.schema.operations import Operation, decode, encode
from gitmig.schema.replay import replay

STATE = Type("enum", "sa.Enum('a', name='state')", enum_name="state", values=("a",))
PERSON = Table(
    "person",
    columns=(Column("id", Type("integer", "sa.Integer()")), Column("state", STATE)),
    foreign_keys=(ForeignKey(("id",), "team", ("id",)),),
    indexes=(Index(("id",), "ix_person_id"),),
)
SALES = PERSON.replace(namespace="sales")
SCHEMA = Schema(
    {"person": PERSON, "sales.person": SALES},
    {"state": EnumType("state", ("a",))},
    (Unknown("x", "why", objects=("person",)), Unknown("y", "why", objects=("event listener",)), Unknown("z", "why")),
    strays=(Operation("drop_column", "made_elsewhere", "x"),),
)
OPERATIONS = {
    "a table": Operation("create_table", "person", "", {"table": PERSON}),
    "a table of a namespace": Operation("drop_table", "sales.person"),
    "a table's new name": Operation("rename_table", "person", "", {"to": "people"}),
    "a column of an enum": Operation("add_column", "person", "state", {"column": Column("state", STATE)}),
    "another type": Operation("alter_column", "person", "state", {"set": {"type": STATE}, "was": {"type": STATE}}),
    "a foreign key": Operation("create_foreign_key", "person", "", {"constraint": PERSON.foreign_keys[0]}),
    "an index": Operation("create_index", "person", "ix", {"index": Index(("id",), "ix")}),
    "an index without its table": Operation("drop_index", "", "ix_person_id"),
    "an enum": Operation("alter_enum", "", "state", {"add": ("b",), "was": ("a",)}),
    "an enum's new name": Operation("rename_enum", "", "state", {"to": "status"}),
    "something that was not read": Operation("unknown", "", "", {"text": "f()", "objects": ("person",)}),
    "rows": Operation("data", "person", "", {"kind": "insert"}),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_comes_back_as_it_was(operation: Operation) -> None:
    marked = operation_in("a", operation)
    assert marked != operation
    assert without_database(marked) == ("a", operation)
    assert without_database(decode(encode(marked))) == ("a", decode(encode(operation)))


def test_a_schema_comes_back_as_it_was() -> None:
    both = joined([schema_in("a", SCHEMA), schema_in("b", Schema())])
    assert set(both.tables) == {"@a.person", "@a.sales.person"}
    assert all(table.key == key for key, table in both.tables.items())
    assert databases_in(both) == ("a",)
    assert part_of(both, "a") == SCHEMA
    assert part_of(both, "b").tables == {}


def test_the_database_without_a_name_has_no_mark() -> None:
    assert schema_in("", SCHEMA) is SCHEMA
    assert key_in("", "person") == "person"
    assert split_key("person") == ("", "person")
    assert part_of(joined([SCHEMA, schema_in("a", SCHEMA)]), "").tables == SCHEMA.tables


def test_tables_of_one_name_are_two_tables() -> None:
    start = joined([schema_in("a", SCHEMA), schema_in("b", SCHEMA)])
    drop = Operation("drop_column", "person", "state")
    after = replay(start, [operation_in("b", drop)])
    assert not after.contradictions
    assert [column.name for column in after.schema.tables["@b.person"].columns] == ["id"]
    assert after.schema.tables["@a.person"] is start.tables["@a.person"]


def test_an_index_named_without_its_table_is_that_of_its_database() -> None:
    start = joined([schema_in("a", SCHEMA), schema_in("b", SCHEMA)])
    after = replay(start, [operation_in("b", Operation("drop_index", "", "ix_person_id"))]).schema
    assert after.tables["@a.person"].indexes
    assert not after.tables["@b.person"].indexes


def test_an_enum_of_one_name_is_two_types() -> None:
    start = joined([schema_in("a", SCHEMA), schema_in("b", SCHEMA)])
    after = replay(start, [operation_in("b", Operation("alter_enum", "", "state", {"add": ("b",)}))]).schema
    assert (after.enums["@a.state"].values, after.enums["@b.state"].values) == (("a",), ("a", "b"))


def test_what_is_shown_to_copy_has_no_mark() -> None:
    marked = operation_in("a", OPERATIONS["a column of an enum"])
    assert alembic_code(marked) == alembic_code(OPERATIONS["a column of an enum"])
