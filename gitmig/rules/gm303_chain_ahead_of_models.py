"""A new revision goes further than the models.

## What it does
Reports what a new revision adds that the models do not have. It is an error when the revision adds a NOT NULL column
without a server default, because the running code does not fill it.

## Why it matters
Usually nothing: to migrate first and deploy the code later is a normal way to work, so this is a note. It is worth
reading when the model was forgotten.

## Example
```python
op.add_column("books", sa.Column("shelf", sa.String(20), nullable=False))  # no model has books.shelf
```

## What to do instead
Nothing, if the models follow. For a NOT NULL column give a `server_default`, or make it NOT NULL in a later revision.

## What it cannot see
Whether the code writes the column without a model.
"""

from __future__ import annotations

from gitmig.change.gaps import Gap, gaps, places, summary
from gitmig.findings import Help
from gitmig.rules.rule import Violation
from gitmig.schema.discrepancies import is_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.schema.discrepancies import Discrepancy
    from gitmig.schema.elements import Column

severity = "note"
needs = ("drift", "operations")


def check(change: Change) -> Iterator[Violation]:
    if change.drift is None:
        return
    for gap in gaps(item for item in change.drift.items if goes_further(item)):
        yield violation(gap, change)


def goes_further(item: Discrepancy) -> bool:
    return item.kind == "ahead" and item.cause == "operation" and not is_error(item)


def violation(gap: Gap, change: Change) -> Violation:
    place, related = places(gap, change)
    column = added_column(gap, change)
    blocks = column is not None and must_be_filled(column)
    return Violation(
        f"revision goes further than the models: {summary(gap)}",
        place=place,
        note="inserts by code that does not know the column fail: it is NOT NULL without a server default"
        if blocks
        else "migrate first, deploy later is a normal way to work; the models are expected to follow",
        help=(Help("give the column a server_default, or make it nullable until the code fills it"),) if blocks else (),
        related=related,
        objects=(gap.object,),
        key=gap.key,
        severity="error" if blocks else "",
    )


def added_column(gap: Gap, change: Change) -> Column | None:
    """The column as the new revision adds it."""
    for addition in change.additions or ():
        for operation in addition.operations:
            if operation.op == "add_column" and f"{operation.table}.{operation.name}" == gap.object:
                found: Column = operation.detail["column"]
                return found
    return None


def must_be_filled(column: Column) -> bool:
    if column.nullable or {"nullable", "server_default"} & set(column.unknown):
        return False
    return column.server_default is None and column.computed is None and column.identity is None
