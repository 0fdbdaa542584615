"""A drop and an add that look like one rename are shown as such, with the evidence."""

from __future__ import annotations

import pytest

from gitmig.schema.compare import compare
from gitmig.schema.elements import Column, ForeignKey, Schema, Table, Type
from gitmig.schema.operations import Operation
from gitmig.schema.renames import candidates

INTEGER, STRING = Type("integer", "Integer()"), Type("string", "String()")


def schema(**tables: str) -> Schema:
    """Tables by name: columns as "name", or "name:s" for a string."""
    made = {}
    for key, columns in tables.items():
        parts = (each.partition(":") for each in columns.split())
        made[key] = Table(key, columns=tuple(Column(name, STRING if kind else INTEGER) for name, _, kind in parts))
    return Schema(tables=made)


def told(old: Schema, new: Schema) -> list[str]:
    found = candidates(old, compare(old, new))
    return [f"{each.operation.table}.{each.operation.name} -> {each.operation.detail['to']}" for each in found]


FOUND = {
    "the only one of each": (schema(t="id a"), schema(t="id b"), ["t.a -> b"]),
    "similar names among several": (
        schema(t="id user_name:s city:s"),
        schema(t="id user_full_name:s zip:s country:s"),
        ["t.user_name -> user_full_name"],
    ),
    "a table": (schema(book="id a b c"), schema(books="id a b c"), ["book. -> books"]),
}
NONE = {
    "another type": (schema(t="id a"), schema(t="id b:s")),
    "only an add": (schema(t="id"), schema(t="id b")),
    "in another table": (schema(t="id a", u="id"), schema(t="id", u="id b")),
    "names that have nothing in common among several": (schema(t="id a b"), schema(t="id x y")),
    "a table with other columns": (schema(book="id a b c"), schema(tag="id x y z")),
}


@pytest.mark.parametrize(("old", "new", "expected"), FOUND.values(), ids=FOUND)
def test_finds(old: Schema, new: Schema, expected: list[str]) -> None:
    assert told(old, new) == expected


@pytest.mark.parametrize(("old", "new"), NONE.values(), ids=NONE)
def test_leaves_alone(old: Schema, new: Schema) -> None:
    assert told(old, new) == []


def referring(column: str, to: str) -> Schema:
    key = ForeignKey((column,), to, ("id",))
    table = Table("t", columns=(Column("id", INTEGER), Column(column, INTEGER)), foreign_keys=(key,))
    return Schema(tables={"t": table})


def test_a_column_that_refers_to_another_table_is_another_column() -> None:
    assert told(referring("job_id", "job"), referring("run_id", "run")) == []
    assert told(referring("maker_id", "person"), referring("owner_id", "person")) == ["t.maker_id -> owner_id"]


def test_a_column_whose_table_was_renamed_as_well_is_the_same() -> None:
    old, new = referring("job_id", "job"), referring("run_id", "run")
    renamed = Operation("rename_table", "job", "", {"to": "run"})
    assert [each.added.name for each in candidates(old, (renamed, *compare(old, new)))] == ["run_id"]
