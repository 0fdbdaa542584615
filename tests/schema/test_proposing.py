"""Renames that a revision proposes, and the order in which keys change."""

from __future__ import annotations

from gitmig.schema.drift import Side, new_drift
from gitmig.schema.elements import Column, ForeignKey, PrimaryKey, Schema, Table, Type
from gitmig.schema.operations import Operation
from gitmig.schema.proposing import propose
from gitmig.schema.writing import write

INTEGER = Type("integer", "sa.Integer()")


def table(name: str, *columns: str, key: tuple[str, ...] = ("id",)) -> Table:
    made = tuple(Column(each, INTEGER, nullable=each not in key, primary_key=each in key) for each in columns)
    return Table(name, columns=made, primary_key=PrimaryKey(key))


def proposed(old: Schema, new: Schema) -> list[tuple[str, str, str]]:
    side = Side(old, new)
    found = propose(side, new_drift(side, [Side(old, old)]).items, lambda question: True)
    return [(each.op, each.table, each.name) for each in found.operations]


def schema(*tables: Table) -> Schema:
    return Schema(tables={each.key: each for each in tables})


def test_a_column_is_renamed_inside_of_a_table_that_is_renamed_too() -> None:
    old = schema(table("bot_config", "id", "enabled", "bot_config_id"))
    new = schema(table("channel_config", "id", "enabled", "channel_config_id"))
    assert proposed(old, new) == [
        ("rename_table", "bot_config", ""),
        ("rename_column", "channel_config", "bot_config_id"),
    ]


def test_tables_that_keep_their_names_ask_nothing_more() -> None:
    old, new = schema(table("books", "id", "pages")), schema(table("books", "id", "pages", "shelf"))
    assert proposed(old, new) == [("add_column", "books", "shelf")]


def test_a_key_is_dropped_before_another_is_made() -> None:
    """It would go with its column, but that is dropped last; no table has two of them meanwhile."""
    before = schema(table("books", "id", "number"))
    key = Operation("create_primary_key", "books", "books_pkey", {"constraint": PrimaryKey(("number",), "books_pkey")})
    steps = write(before, [key, Operation("drop_column", "books", "id")])
    done = [(each.operation.op, each.operation.detail.get("kind", "")) for each in steps.upgrade]
    assert done == [("drop_constraint", "primary_key"), ("create_primary_key", ""), ("drop_column", "")]


def test_a_foreign_key_of_a_renamed_column_is_kept() -> None:
    key = ForeignKey(("other_id",), "others", ("id",))
    old = schema(table("others", "id"), table("books", "id", "other_id").replace(foreign_keys=(key,)))
    new = schema(
        table("others", "id"),
        table("books", "id", "others_id").replace(foreign_keys=(key.replace(columns=("others_id",)),)),
    )
    assert proposed(old, new) == [("rename_column", "books", "other_id")]
