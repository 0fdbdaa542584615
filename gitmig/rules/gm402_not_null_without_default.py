"""A new revision makes a column NOT NULL that existing rows cannot fill.

## What it does
Reports NOT NULL columns without a server default that are added to a table which exists already, and columns that
become NOT NULL although nothing before it in the revision filled them. An UPDATE that sets the column to NULL fills
nothing: it is the line that `gitmig revision` leaves for you.

## Why it matters
On an empty development database it works. On a table with one row the upgrade stops, in the middle of a deployment.

## Example
```python
op.add_column("books", sa.Column("shelf", sa.String(20), nullable=False))
```

## What to do instead
Add it nullable, fill it, then make it NOT NULL; or give it a `server_default`.

## What it cannot see
Whether the table has rows, and updates that run outside of revisions.
"""

from __future__ import annotations

from gitmig.change.gaps import place_of
from gitmig.findings import Help
from gitmig.rules.rule import Violation
from gitmig.schema.alembic_code import alembic_code
from gitmig.schema.elements import Column
from gitmig.schema.layout import text
from gitmig.schema.operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.additions import Addition, Risk
    from gitmig.change.change import Change

severity = "error"
needs = ("operations",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for addition in change.new_additions():
        for risk in addition.risks:
            if risk.kind == "not-null-without-default" and change.is_published(risk.maker):
                yield violation(addition, risk, change)


def violation(addition: Addition, risk: Risk, change: Change) -> Violation:
    added = risk.operation.op == "add_column"
    message = (
        f"NOT NULL without a default: {risk.object} is added to a table that exists already"
        if added
        else f"{risk.object} becomes NOT NULL and nothing fills the rows that have NULL"
    )
    return Violation(
        message,
        place=place_of(risk.operation.origin, change),
        note="the upgrade stops at the first row",
        help=(Help("add it nullable, fill it, then forbid NULL", steps(risk.operation, added=added)),),
        revisions=(addition.revision,),
        objects=(risk.object,),
    )


def steps(operation: Operation, *, added: bool) -> tuple[str, ...]:
    """The safe order, with a value to choose."""
    forbid = operation.replace(op="alter_column", detail={"set": {"nullable": False}})
    fill = f"op.execute({text(update_of(operation))})"
    if not added:
        return fill, *alembic_code(forbid)
    column: Column = operation.detail["column"]
    nullable = operation.replace(detail={"column": column.replace(nullable=True)})
    return *alembic_code(nullable), fill, *alembic_code(forbid, column)


def update_of(operation: Operation) -> str:
    """A statement for the reader to finish; nothing runs it."""
    return " ".join(["UPDATE", operation.table, "SET", operation.name, "= ... WHERE", operation.name, "IS NULL"])
