"""One operation as what would do it, to show in a message: the text that `gitmig revision` writes."""

from __future__ import annotations

from gitmig.schema.databases import without_database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.elements import Column
    from gitmig.schema.operations import Operation

WIDTH = 120


def alembic_code(operation: Operation, existing: Column | None = None) -> tuple[str, ...]:
    """The lines, such as `op.drop_column("books", "isbn")`; none where there is no call for it.

    `existing` is the column that it changes, where it is known: MySQL must be told its type again.
    """
    # Only a finding needs these, and Python's own parser with them.
    from gitmig.schema.coder import Coder, Form
    from gitmig.schema.layout import NotWritten, lines_of
    from gitmig.schema.postgresql_code import statements_of

    _, operation = without_database(operation)
    try:
        coder = Coder(Form(), is_shown=True, existing=existing)
        calls = [each.code for each in statements_of(operation)] or coder.calls(operation)
    except NotWritten:
        return ()
    return tuple(line for each in calls for line in lines_of(each, width=WIDTH))
