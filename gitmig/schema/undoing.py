"""The way back: for operations on a schema, the operations that restore what it was."""

from __future__ import annotations

from gitmig.schema.elements import PrimaryKey, Schema, enum_key
from gitmig.schema.operations import CREATE_OF, KIND_OF, Operation
from gitmig.schema.replay import Working

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from gitmig.schema.elements import Index, Table

ELEMENTS = ("uniques", "checks", "excludes", "foreign_keys")


def undo_all(before: Schema, operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """What takes all of them back, last one first; what cannot be taken back is `unknown` with its reason."""
    back: list[Operation] = []
    for operation in operations:
        after = step(before, operation)
        back[:0] = undo(operation, before, after)
        before = after
    return tuple(back)


def step(before: Schema, operation: Operation) -> Schema:
    """The schema after one operation."""
    working = Working(before)
    working.apply(operation)
    return working.schema()


def undo(operation: Operation, before: Schema, after: Schema) -> tuple[Operation, ...]:
    """What takes one operation back, which leads from `before` to `after`."""
    inverse = INVERSES.get(operation.op)
    return tuple(inverse(operation, before, after)) if inverse is not None else ()


def _create_table(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    yield Operation("drop_table", operation.table)
    yield from _types_that_go(before, after)


def _types_that_go(before: Schema, after: Schema) -> Iterator[Operation]:
    """Types that a column brought along stay when it goes, and would be in the way of the next upgrade."""
    for key in sorted(after.enums.keys() - before.enums.keys()):
        yield Operation("drop_enum", "", key, {"values": after.enums[key].values})


def _drop_table(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    table = before.tables.get(operation.table)
    if table is not None:
        yield Operation("create_table", operation.table, "", {"table": table}, table.origin)


def _rename_table(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    yield Operation("rename_table", operation.detail["to"], "", {"to": operation.table})


def _add_column(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    yield Operation("drop_column", operation.table, operation.name)
    yield from _types_that_go(before, after)


def _drop_column(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    """The column, and what went with it."""
    was, now = before.tables.get(operation.table), after.tables.get(operation.table)
    column = was.column(operation.name) if was is not None else None
    if was is None or now is None or column is None:
        return
    key = was.primary_key
    alone = key is not None and key.columns == (column.name,)
    yield Operation("add_column", was.key, column.name, {"column": column}, column.origin)
    if key is not None and now.primary_key is None and not alone:
        yield Operation("create_primary_key", was.key, key.name or "", {"constraint": key}, key.origin)
    yield from gone(was, now)


def gone(was: Table, now: Table) -> Iterator[Operation]:
    """What creates the constraints and indexes that `now` has no more."""
    for field in ELEMENTS:
        left = list(getattr(now, field))
        for element in getattr(was, field):
            if element in left:
                left.remove(element)
            else:
                yield created(was.key, element)
    for index in was.indexes:
        if index not in now.indexes:
            yield created(was.key, index)


def created(key: str, element: Any) -> Operation:
    op = CREATE_OF.get(type(element))
    if op is None:
        return Operation("create_index", key, element.name or "", {"index": element}, element.origin)
    return Operation(op, key, element.name or "", {"constraint": element}, element.origin)


def dropped(key: str, element: Any) -> Operation:
    """What drops an element; the element goes along, so that a nameless one can be named."""
    kind = KIND_OF.get(type(element))
    if kind is None:
        return Operation("drop_index", key, element.name or "", {"columns": element.columns, "index": element})
    detail: dict[str, Any] = {"kind": kind, "constraint": element}
    if hasattr(element, "columns"):
        detail["columns"] = element.columns
    return Operation("drop_constraint", key, element.name or "", detail)


def _alter_column(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    table = before.tables.get(operation.table)
    column = table.column(operation.name) if table is not None else None
    if column is None:
        return
    changed = operation.detail["set"]
    was = {attribute: getattr(column, attribute) for attribute in changed if attribute not in column.unknown}
    unread = tuple(attribute for attribute in changed if attribute in column.unknown)
    if was:
        yield Operation("alter_column", operation.table, operation.name, {"set": was, "was": dict(changed)})
    for attribute in unread:
        name = f"{operation.table}.{operation.name}"
        yield Operation(
            "unknown", detail={"text": f"{name}: its {attribute} before", "why": "was not read", "objects": (name,)}
        )
    yield from _types_that_go(before, after)


def _rename_column(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    yield Operation("rename_column", operation.table, operation.detail["to"], {"to": operation.name})


def _create_index(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    yield dropped(operation.table, operation.detail["index"])


def _create_constraint(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    element = operation.detail["constraint"]
    yield dropped(operation.table, element)
    if not isinstance(element, PrimaryKey) or operation.table not in before.tables:
        return
    for name in element.columns:  # a key makes its columns NOT NULL, and they stay so
        column = before.tables[operation.table].column(name)
        if column is not None and column.nullable:
            changed = {"set": {"nullable": True}, "was": {"nullable": False}}
            yield Operation("alter_column", operation.table, name, changed)


def _drop_element(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    """Whatever the table has no more; an index may be named without its table."""
    for key, was in before.tables.items():
        now = after.tables.get(key)
        if now is None or now is was:
            continue
        if was.primary_key is not None and now.primary_key is None:
            yield created(key, was.primary_key)
        yield from gone(was, now)


def _rename_index(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    yield operation.replace(name=operation.detail["to"], detail={"to": operation.name})


def _set_comment(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    table = before.tables.get(operation.table)
    if table is not None:
        yield Operation("set_comment", operation.table, "", {"to": table.comment})


def _create_enum(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    if operation.name not in before.enums:
        yield Operation("drop_enum", "", operation.name, {"values": operation.detail.get("values")})


def _drop_enum(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    enum = before.enums.get(operation.name)
    if enum is not None:
        yield Operation("create_enum", "", operation.name, {"values": enum.values}, enum.origin)


def _alter_enum(operation: Operation, before: Schema, after: Schema) -> Iterator[Operation]:
    """Renamed values go back; added ones stay, since a database has no way to take one out of a type."""
    enum = before.enums.get(operation.name)
    if operation.detail.get("values") is not None:
        values = enum.values if enum is not None else None
        yield operation.replace(detail={"values": values, "was": operation.detail["values"]})
        return
    renamed = {new: old for old, new in operation.detail.get("rename", {}).items()}
    if renamed:
        yield operation.replace(detail={"rename": renamed})
    added = tuple(operation.detail.get("add", ()))
    if added:
        detail = {"text": f"type {operation.name} keeps {', '.join(added)}", "why": "PostgreSQL takes no value out"}
        yield Operation("unknown", detail={**detail, "objects": (operation.name,), "harmless": True})


INVERSES: dict[str, Callable[[Operation, Schema, Schema], Iterator[Operation]]] = {
    "create_table": _create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
    "rename_column": _rename_column,
    "create_index": _create_index,
    "drop_index": _drop_element,
    "rename_index": _rename_index,
    "create_primary_key": _create_constraint,
    "create_unique": _create_constraint,
    "create_foreign_key": _create_constraint,
    "create_check": _create_constraint,
    "create_exclude": _create_constraint,
    "drop_constraint": _drop_element,
    "rename_constraint": _rename_index,
    "set_comment": _set_comment,
    "create_enum": _create_enum,
    "drop_enum": _drop_enum,
    "alter_enum": _alter_enum,
    "rename_enum": _rename_index,
}


def users_of(schema: Schema, enum: str) -> Iterator[tuple[str, str]]:
    """Tables and columns whose type is the native enum, or an array of it."""
    for key, table in sorted(schema.tables.items()):
        for column in table.columns:
            if enum_key(column.type.item or column.type) == enum:
                yield key, column.name


def index_of(table: Table, name: str, columns: tuple[str, ...] | None) -> Index | None:
    """The index with this name, else the one on these columns."""
    named = [each for each in table.indexes if name and each.name == name]
    same = [each for each in table.indexes if columns is not None and each.columns == columns]
    return next(iter((*named, *same)), None)
