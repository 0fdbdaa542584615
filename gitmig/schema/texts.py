"""How a person reads an element: a column, a key, an index, in one line."""

from __future__ import annotations

from gitmig.schema.elements import Column, ForeignKey, Index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def text_of_column(column: Column) -> str:
    return f"{column.type.text or column.type.family}{'' if column.nullable else ' NOT NULL'}"


def text_of_element(element: Any) -> str:
    if isinstance(element, ForeignKey):
        target = f"{element.referred}({', '.join(element.referred_columns)})"
        actions = "".join(
            f" {word} {value.upper()}"
            for word, value in (("ON DELETE", element.ondelete), ("ON UPDATE", element.onupdate))
            if value
        )
        return f"foreign key ({', '.join(element.columns)}) to {target}{actions}"
    if isinstance(element, Index):
        using = f" USING {element.using}" if element.using else ""
        where = f" WHERE {element.where}" if element.where else ""
        shown = f"{'unique ' if element.unique else ''}index ({', '.join(element.columns)})"
        return f"{shown}{using}{where}{_text_of_options(element.options)}"
    if hasattr(element, "columns"):
        kind = {"Unique": "unique", "PrimaryKey": "primary key"}[type(element).__name__]
        return f"{kind} ({', '.join(element.columns)}){_text_of_options(getattr(element, 'options', ()))}"
    return f"{type(element).__name__.lower()} ({element.text})"


def _text_of_options(options: tuple[tuple[str, str], ...]) -> str:
    return "".join(f" {name}={value}" for name, value in options)


def text_of_value(value: Any) -> str | None:
    """The value of an attribute; None for nothing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "nullable" if value else "NOT NULL"
    return str(getattr(value, "text", value))


def listed(values: tuple[str, ...] | None) -> str | None:
    """The values of an enum; None where they are not known."""
    return None if values is None else ", ".join(values)
