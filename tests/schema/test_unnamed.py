"""The chain tells the names of tables that a base outside the tree names."""

from __future__ import annotations

import pytest

from gitmig.schema.elements import UNREAD_ARGUMENTS, Schema, Table, Unknown, Unnamed
from gitmig.schema.encoding import decode_schema, encode_schema
from gitmig.schema.operations import Operation
from gitmig.schema.unnamed import settled


def models(*words: str) -> Schema:
    names = [(word, f"{word}_x", f"{word}s", f"{word}_xs") for word in words]
    return Schema(
        unknown=tuple(Unknown(f"table of {each[0]}", "named elsewhere", objects=each) for each in names),
        unnamed=tuple(Unnamed(each, Table(each[0])) for each in names),
    )


def chain(*names: str) -> Schema:
    return Schema(tables={name: Table(name) for name in names})


SETTLED = {
    "a name that the chain has": (("user",), ("users",), ["users"]),
    "no name that the chain has": (("user",), ("roles",), []),
    "two names that the chain has": (("user",), ("user", "users"), []),
    "a new table by the habit of three": (("a", "b", "c", "new"), ("as", "bs", "cs"), ["as", "bs", "cs", "news"]),
    "no habit from two": (("a", "b", "new"), ("as", "bs"), ["as", "bs"]),
    "no habit where one differs": (("a", "b", "c", "new"), ("as", "bs", "c"), ["as", "bs", "c"]),
}


@pytest.mark.parametrize(("words", "names", "expected"), SETTLED.values(), ids=SETTLED)
def test_settled(words: tuple[str, ...], names: tuple[str, ...], expected: list[str]) -> None:
    found = settled(models(*words), [chain(*names)])
    assert sorted(found.tables) == expected
    assert all(table.name == key for key, table in found.tables.items())
    assert len(found.unknown) == len(found.unnamed) == len(words) - len(expected)


def test_unnamed_tables_are_kept_in_the_cache() -> None:
    schema = models("user")
    assert decode_schema(encode_schema(schema)) == schema


UNREAD = (Unknown("table_args(cls)", UNREAD_ARGUMENTS),)
NAMESPACES = {
    "one namespace that the chain has it in": (("audit.log",), ["audit.log"], 0),
    "none: a new table, or one without a namespace": (("other",), ["log"], 0),
    "the plain name is there": (("log", "audit.log"), ["log"], 0),
    "two namespaces": (("audit.log", "users.log"), [], 1),
}


@pytest.mark.parametrize(("names", "expected", "unknown"), NAMESPACES.values(), ids=NAMESPACES)
def test_a_table_with_unread_arguments_is_in_the_namespace_that_the_chain_says(
    names: tuple[str, ...], expected: list[str], unknown: int
) -> None:
    there = Schema(tables={name: Table(name.rpartition(".")[2], name.rpartition(".")[0] or None) for name in names})
    found = settled(Schema(tables={"log": Table("log", unknown=UNREAD)}), [there])
    assert [(key, table.key) for key, table in found.tables.items()] == [(key, key) for key in expected]
    assert [each.objects for each in found.unknown] == [names] * unknown


def test_a_new_operation_names_a_namespace_too() -> None:
    added = Operation("add_column", "audit.log", "text")
    assert list(settled(Schema(tables={"log": Table("log", unknown=UNREAD)}), [], [added]).tables) == ["audit.log"]


def test_a_table_with_read_arguments_has_no_namespace_where_it_names_none() -> None:
    there = Schema(tables={"audit.log": Table("log", "audit")})
    assert list(settled(Schema(tables={"log": Table("log")}), [there]).tables) == ["log"]
