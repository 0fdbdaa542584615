"""What an operation whose names are computed may touch: names with a `*` for each unread part, and aspects of a schema.

An aspect is what two schemas can differ in: table, column, type, nullable, server_default, computed, identity, comment,
index (with unique constraints), foreign_key, check, exclude, primary_key, enum; "name" is that of an index or a
constraint, in which two schemas do not differ.
"""

from __future__ import annotations

import re

from gitmig.schema.scripts.holes import HOLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.schema.operations import Operation

CONSTRAINTS = ("index", "foreign_key", "check", "exclude", "primary_key")
# What comes and goes with a column.
OF_COLUMNS = ("column", *CONSTRAINTS)
_ASPECTS: dict[str, tuple[str, ...]] = {
    "create_table": ("table",),
    "drop_table": ("table", "foreign_key"),
    "add_column": OF_COLUMNS,
    "drop_column": OF_COLUMNS,
    "rename_column": OF_COLUMNS,
    "create_index": ("index",),
    "drop_index": ("index",),
    "rename_index": ("name",),
    "rename_constraint": ("name",),
    "create_primary_key": ("primary_key",),
    "create_unique": ("index",),
    "create_foreign_key": ("foreign_key",),
    "create_check": ("check",),
    "create_exclude": ("exclude",),
    "set_comment": ("comment",),
    "create_enum": ("enum", "type"),
    "drop_enum": ("enum", "type"),
    "alter_enum": ("enum", "type"),
    "rename_enum": ("enum", "type"),
}
_OF_COLUMN = frozenset({"add_column", "drop_column", "alter_column", "rename_column"})
_OF_ENUM = frozenset({"create_enum", "drop_enum", "alter_enum", "rename_enum"})


def aspects_of(operation: Operation) -> tuple[str, ...]:
    """The aspects that an operation may change; none for one that may change any."""
    if operation.op == "drop_constraint":
        kind = operation.detail.get("kind") or ""
        return {"": CONSTRAINTS, "unique": ("index",)}.get(kind, (kind,))
    if operation.op == "alter_column":
        return tuple(sorted({*operation.detail.get("set", ()), *operation.detail.get("unknown", ())}))
    return _ASPECTS.get(operation.op, ())


def objects_of(operation: Operation) -> tuple[str, ...]:
    """The names, with a `*` for each part that is computed; none where all of them are."""
    if operation.op in _OF_ENUM:
        return _unless_all([operation.name])
    if operation.op == "drop_namespace":
        return (f"{pattern(operation.name)}.*",)
    tables = _anywhere(operation.table)
    if operation.op == "rename_table":
        tables += _anywhere(operation.detail["to"])
    if operation.op not in _OF_COLUMN:
        return _unless_all(tables)
    columns = [operation.name, *([operation.detail["to"]] if operation.op == "rename_column" else [])]
    return _unless_all([f"{table or '*'}.{pattern(column)}" for table in tables for column in columns])


def pattern(text: str) -> str:
    return re.sub(f"{HOLE}+", "*", text)


def _anywhere(table: str) -> list[str]:
    """The pattern of a table, and where its namespace is computed that of the table without one."""
    found = pattern(table)
    return [found, found[2:]] if found.startswith("*.") else [found]


def _unless_all(names: Iterable[str]) -> tuple[str, ...]:
    """The names; none where nothing is left of one."""
    found = tuple(dict.fromkeys(pattern(name) for name in names))
    return found if all(name.strip("*.") for name in found) else ()


def tables_of(objects: Iterable[str]) -> tuple[str, ...]:
    """The objects without those parts that are computed; none where a table is among these."""
    found = [name.rpartition(".")[0] if "*" in name else name for name in objects]
    return () if any("*" in name or not name for name in found) else tuple(found)


def matches(name: str, key: str) -> bool:
    """Whether a name, which may have a `*` in it, stands for the object with this key."""
    if "*" not in name:
        return name == key
    return re.fullmatch(".*".join(map(re.escape, name.split("*"))), key) is not None
