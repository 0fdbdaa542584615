"""Whether tables and columns hold anything: asked before they are dropped.  Runs in the project's Python."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

LOOKED_AT = 10_000


def rows_of(connection: Any, objects: Iterable[str]) -> dict[str, int]:
    """How many rows "table" has, or have a value in "table.column"; counted up to LOOKED_AT rows of the table.

    What the database does not have is left out.  A column that is empty in all rows that were looked at, in a table
    that has more, counts as one: nobody knows.
    """
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    found = {}
    for name in objects:
        place = find(inspector, name)
        if place is None:
            continue
        namespace, table, column = place
        source = sa.table(table, sa.column(column) if column else sa.column("x"), schema=namespace or None)
        value: Any = source.c[column] if column else sa.literal_column("1").label("x")
        some = sa.select(value).select_from(source).limit(LOOKED_AT).subquery()
        rows = int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar() or 0)
        number = rows
        if column:
            number = int(connection.execute(sa.select(sa.func.count(some.c[column]))).scalar() or 0)
            number = number or int(rows == LOOKED_AT)
        found[name] = number
    return found


def find(inspector: Any, name: str) -> tuple[str, str, str] | None:
    """Namespace, table and column of "table", "table.column", "namespace.table" or "namespace.table.column"."""
    parts = name.split(".")
    for namespace, table, column in (
        ("", name, ""),
        ("", ".".join(parts[:-1]), parts[-1]),
        (parts[0], ".".join(parts[1:]), ""),
        (parts[0], ".".join(parts[1:-1]), parts[-1]),
    ):
        if not table or not inspector.has_table(table, schema=namespace or None):
            continue
        if not column:
            return namespace, table, ""
        if column in {each["name"] for each in inspector.get_columns(table, schema=namespace or None)}:
            return namespace, table, column
    return None
