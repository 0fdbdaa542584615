"""A drop and an add that look like one rename are shown as such, with the evidence."""

from __future__ import annotations

import pytest

from gitmig.schema.compare import compare
from gitmig.schema.elements import Column, ForeignKey, Schema, Table, Type
from gitmig.schema.operations import Operation
from gitmig.schema.renames import candidates
from gitmig.schema.uses import Uses

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


MADE_ANEW = {
    "a table": (
        Operation("drop_table", "t"),
        Operation("create_table", "t", "", {"table": schema(t="id a b").tables["t"]}),
    ),
    "a column": (
        Operation("drop_column", "t", "a"),
        Operation("add_column", "t", "a", {"column": Column("a", INTEGER)}),
    ),
}


@pytest.mark.parametrize("operations", MADE_ANEW.values(), ids=MADE_ANEW)
def test_what_is_made_anew_under_its_own_name_is_no_rename(operations: tuple[Operation, ...]) -> None:
    assert candidates(schema(t="id a"), operations) == ()


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


def asked(old: Schema, new: Schema, uses: Uses) -> list[tuple[str, ...]]:
    """The reasons of every candidate, where the change says this of each pair of names."""
    return [each.reasons for each in candidates(old, compare(old, new), lambda was, now: uses)]


ONE_EACH = (schema(t="id a"), schema(t="id b"))
SEVERAL = (schema(t="id a b:s"), schema(t="id x y:s z"))
FOR = {
    "uses that became the other name": (*SEVERAL, Uses(2, 2, 2), "2 uses of a became x"),
    "most of the uses": (*SEVERAL, Uses(6, 9, 8), "6 uses of a became x"),
    "a use that became the other name": (*ONE_EACH, Uses(1, 1, 1), "a use of a became b"),
    "the same place": (*ONE_EACH, Uses(in_place=True), "the same place in the class"),
    "the same place, and uses that went elsewhere": (
        *ONE_EACH,
        Uses(1, 4, 4, in_place=True),
        "only 1 of 4 uses of a became b",
    ),
}
AGAINST = {
    "uses that went and others that came, at another place": (*ONE_EACH, Uses(0, 3, 3, in_place=False)),
    "names that have nothing in common, without a use": (*SEVERAL, Uses()),
    "the same place alone, among several": (*SEVERAL, Uses(in_place=True)),
    "the same place, among several, and uses that went elsewhere": (*SEVERAL, Uses(0, 2, 2, in_place=True)),
    "some of many uses": (schema(t="id name b:s"), schema(t="id checksum y:s z"), Uses(12, 64, 29)),
    "another type, whatever the uses say": (schema(t="id a"), schema(t="id b:s"), Uses(9, 9, 9, in_place=True)),
}


@pytest.mark.parametrize(("old", "new", "uses", "reason"), FOR.values(), ids=FOR)
def test_the_change_speaks_for_a_rename(old: Schema, new: Schema, uses: Uses, reason: str) -> None:
    assert reason in asked(old, new, uses)[0]


@pytest.mark.parametrize(("old", "new", "uses"), AGAINST.values(), ids=AGAINST)
def test_the_change_speaks_against_it(old: Schema, new: Schema, uses: Uses) -> None:
    assert asked(old, new, uses) == []


def test_nothing_is_asked_where_nothing_may_be_a_rename() -> None:
    def never(was: str, now: str) -> Uses:
        raise AssertionError((was, now))

    for old, new in [(schema(t="id a"), schema(t="id a b")), (schema(t="id a"), schema(t="id b:s"))]:
        assert candidates(old, compare(old, new), never) == ()
