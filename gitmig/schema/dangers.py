"""What can go wrong when operations meet a database with rows in it: questions asked of operations alone."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.elements import Column, Schema
from gitmig.schema.extents import tables_of
from gitmig.schema.operations import Operation
from gitmig.schema.renames import Rename, candidates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitmig.schema.uses import Uses


class Danger(Frozen):
    """`kind` is destructive, not-null-without-default or rename-as-drop-and-add; `object` what it happens to."""

    kind: str
    operation: Operation
    object: str
    rename: Rename | None = None


def destructive(
    before: Schema, operations: Sequence[Operation], *, published: Callable[[str], bool] = lambda revision: True
) -> tuple[Danger, ...]:
    """Drops of tables and columns that published revisions made.

    `before` is the schema that the operations meet; `published` says of a revision whether shared databases have it.
    What the operations made themselves, or an unpublished revision, is no loss.
    """
    return tuple(_destructive(before, operations, published))


def _destructive(before: Schema, operations: Sequence[Operation], published: Callable[[str], bool]) -> Iterator[Danger]:
    tables = {key: key for key in before.tables}  # the name now -> the name before
    columns: dict[str, dict[str, str]] = {}
    for operation in (each for each in operations if not each.detail.get("alternative")):
        key = operation.table
        was = tables.get(key)
        renamed = columns.setdefault(key, {})
        if operation.op == "create_table":
            tables.pop(key, None)
        elif operation.op == "rename_table" and was is not None:
            tables[operation.detail["to"]] = tables.pop(key)
            columns[operation.detail["to"]] = columns.pop(key, {})
        elif operation.op == "rename_column":
            renamed[operation.detail["to"]] = renamed.pop(operation.name, operation.name)
        elif operation.op == "add_column":
            renamed[operation.name] = ""
        elif operation.op == "drop_table" and was is not None:
            if published(before.tables[was].origin.revision):
                yield Danger("destructive", operation, key)
            del tables[key]
        elif operation.op == "drop_column" and was is not None:
            column = before.tables[was].column(renamed.get(operation.name, operation.name))
            if column is not None and published(column.origin.revision):
                yield Danger("destructive", operation, f"{key}.{operation.name}")


def not_null_without_default(before: Schema, operations: Sequence[Operation]) -> tuple[Danger, ...]:
    """Columns that rows of an existing table would have to fill and cannot.

    An added NOT NULL column without a server default fails as soon as there is one row.  To make a column NOT NULL is
    dangerous when nothing filled it: no statement on its table comes before it, and it has no default.  An UPDATE that
    sets it to NULL fills nothing: that is the line of `gitmig revision` in which a person forgot to put the value.
    """
    return tuple(_not_null(before, operations))


def _not_null(before: Schema, operations: Sequence[Operation]) -> Iterator[Danger]:
    fresh: set[str] = set()
    filled: set[str] = set()
    emptied: set[str] = set()
    for operation in (each for each in operations if not each.detail.get("alternative")):
        if operation.op == "create_table":
            fresh.add(operation.table)
        elif operation.op == "rename_table" and operation.table in fresh:
            fresh.add(operation.detail["to"])
        elif operation.op == "data" and operation.detail.get("nulls"):
            emptied.update(f"{operation.table}.{column}" for column in operation.detail["nulls"])
        elif operation.op == "data":
            filled.add(operation.table)
        elif operation.op == "unknown":
            filled.update(tables_of(operation.detail.get("objects", ())) or [""])
        elif operation.table in fresh:
            continue
        elif (operation.op == "add_column" and needs_a_value(operation.detail["column"])) or (
            operation.op == "alter_column"
            and (_becomes_not_null(before, operation) or _left_empty(emptied, operation))
            and not _filled(filled, operation)
        ):
            yield Danger("not-null-without-default", operation, f"{operation.table}.{operation.name}")


def _left_empty(emptied: set[str], operation: Operation) -> bool:
    """Whether a column becomes NOT NULL that was only ever given NULL; also one that is new in this revision."""
    changed = operation.detail.get("set", {})
    is_given = changed.get("nullable") is False and not changed.get("server_default")
    return is_given and f"{operation.table}.{operation.name}" in emptied


def _filled(filled: set[str], operation: Operation) -> bool:
    return not filled.isdisjoint(("", operation.table, f"{operation.table}.{operation.name}"))


def needs_a_value(column: Column) -> bool:
    """Whether rows that are there have nothing to put into a new column."""
    if column.nullable or {"nullable", "server_default"} & set(column.unknown):
        return False
    generated = column.server_default or column.computed is not None or column.identity is not None
    return not generated and column.autoincrement != "True" and "serial" not in column.type.text.lower()


def _becomes_not_null(before: Schema, operation: Operation) -> bool:
    changed = operation.detail.get("set", {})
    if changed.get("nullable") is not False or changed.get("server_default"):
        return False
    table = before.tables.get(operation.table)
    column = table.column(operation.name) if table else None
    if column is not None:
        return column.nullable and not column.server_default and "nullable" not in column.unknown
    return operation.detail.get("was", {}).get("nullable") is True


def renames(
    before: Schema, operations: Sequence[Operation], uses: Callable[[str, str], Uses] | None = None
) -> tuple[Danger, ...]:
    """Drops and adds that look like a rename: the rows of the column or the table would be lost."""
    return tuple(
        Danger("rename-as-drop-and-add", each.added, _name_of(each.added), each)
        for each in candidates(before, operations, uses)
    )


def _name_of(operation: Operation) -> str:
    return f"{operation.table}.{operation.name}" if operation.name else operation.table
