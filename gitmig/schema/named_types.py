"""Whether the name of an enum means anything: to PostgreSQL it is a type, MySQL writes the values into the column."""

from __future__ import annotations

from gitmig.schema.elements import Type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.elements import Schema

NAMELESS = ("mysql.", "mariadb.")


def differ_in_name(old: object, new: object, *schemas: Schema) -> bool:
    """Whether two native enums differ in nothing but the name, in schemas that are written for MySQL alone."""
    if not isinstance(old, Type) or not isinstance(new, Type) or not old.family == new.family == "enum":
        return False
    same = old.values is not None and new.values is not None and set(old.values) == set(new.values)
    return old.native and new.native and same and _are_nameless(schemas)


def _are_nameless(schemas: tuple[Schema, ...]) -> bool:
    found = {word for schema in schemas for type_ in _types(schema) if (word := _dialect(type_))}
    return bool(found) and found.issubset(NAMELESS)


def _types(schema: Schema) -> list[Type]:
    return [column.type for table in schema.tables.values() for column in table.columns]


def _dialect(type_: Type) -> str:
    dialect, dot, _ = type_.text.partition("(")[0].partition(".")
    return f"{dialect}." if dot and dialect != "sa" and not type_.module else ""
