"""The chain tells the names of tables that a base outside the tree names."""

from __future__ import annotations

import pytest

from gitmig.schema.elements import Schema, Table, Unknown, Unnamed
from gitmig.schema.encoding import decode_schema, encode_schema
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
