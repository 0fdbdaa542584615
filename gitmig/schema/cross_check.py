"""What Alembic's own comparison of two models sees and ours does not, in one language."""

from __future__ import annotations

from gitmig.schema.compare import compare
from gitmig.schema.elements import Schema
from gitmig.schema.operations import Operation, decode
from gitmig.schema.scripts.facts import extract

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitmig.schema.elements import ForeignKey, Index, Table, Unique

    # What is done, the table, and the column, the columns, or the attribute of a column that it is done to.
    Deed = tuple[str, str, str]

HEAD = "import sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import mysql, postgresql, sqlite\n"


def operations_of(rendered: str) -> tuple[Operation, ...]:
    """What Alembic wrote for the body of upgrade(), as it rendered it: the first line is not indented."""
    source = f"{HEAD}\n\ndef upgrade():\n    {rendered.strip() or 'pass'}\n"
    return tuple(decode(each) for each in extract(source.encode())["upgrade"])


def unseen(old: Schema, new: Schema, rendered: str) -> tuple[Operation, ...]:
    """The operations of Alembic that our comparison lacks.  What only ours has, Alembic may not look at."""
    ours = set(deeds(old, compare(old, new)))
    theirs = operations_of(rendered)
    told = set(deeds(old, theirs)) - ours
    return tuple(each for each in theirs if told.intersection(deeds(old, [each])))


def deeds(old: Schema, operations: Iterable[Operation]) -> Iterator[Deed]:
    """Each thing that the operations do to `old`, however it is written.

    Of a table that comes or goes only that; what goes with a column is not told.
    """
    operations = tuple(operations)
    whole = {each.table for each in operations if each.op in ("create_table", "drop_table")}
    gone = {(each.table, each.name) for each in operations if each.op == "drop_column"}
    for each in operations:
        if each.op in ("create_table", "drop_table"):
            yield each.op, each.table, ""
        elif each.table not in whole and not each.op.endswith("_enum"):
            yield from _deeds(old.tables.get(each.table), each, gone)


def _deeds(table: Table | None, operation: Operation, gone: set[tuple[str, str]]) -> Iterator[Deed]:
    detail = operation.detail
    if operation.op == "alter_column":
        for attribute in detail["set"]:
            yield operation.op, operation.table, f"{operation.name}.{attribute}"
        return
    element = detail.get("index") or detail.get("constraint")
    if element is None and operation.op in ("drop_index", "drop_constraint"):
        columns = tuple(detail.get("columns") or _columns_of(table, operation.name))
        if gone.isdisjoint((operation.table, column) for column in columns):
            yield f"drop {detail.get('kind') or 'index'}", operation.table, ",".join(columns)
    elif element is not None:
        yield operation.op, operation.table, ",".join(getattr(element, "columns", ()))
    else:
        yield operation.op, operation.table, operation.name


def _columns_of(table: Table | None, name: str) -> tuple[str, ...]:
    """The columns of what is dropped by its name; a name that nobody wrote is one that a database makes up."""
    if table is None:
        return ()
    elements: list[Index | Unique | ForeignKey] = [*table.indexes, *table.uniques, *table.foreign_keys]
    found = [each.columns for each in elements if each.name == name]
    found += [
        each.columns
        for each in elements
        if each.name is None and name.startswith("_".join([table.name, *each.columns]))
    ]
    return found[0] if found else ()
