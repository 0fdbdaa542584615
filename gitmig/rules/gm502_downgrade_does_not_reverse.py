"""The downgrade of a new revision does not lead back to where the upgrade began.

## What it does
Replays the upgrade and then the downgrade over the schema of the revisions below, and compares. Only what is certain
is reported: with operations that were not understood nothing is said about the objects they may touch.

## Why it matters
After the downgrade the database is at no revision's schema. The next upgrade meets a column that is still there, or
misses one.

## Example
```python
def upgrade():
    op.add_column("books", sa.Column("shelf", sa.String(20)))
    op.create_index("ix_books_isbn", "books", ["isbn"])

def downgrade():
    op.drop_column("books", "shelf")  # the index stays
```

## What to do instead
Take back everything, in the opposite order.

## What it cannot see
Rows. Names of constraints that the database made up.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.rules.rule import Violation
from gitmig.schema.alembic_code import alembic_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.additions import Addition
    from gitmig.change.change import Change

severity = "warning"
needs = ("operations",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for addition in change.new_additions():
        if addition.left and not addition.merges:
            yield violation(addition)


def violation(addition: Addition) -> Violation:
    codes = tuple(line for operation in addition.left[:3] for line in alembic_code(operation))
    objects = sorted({f"{each.table}.{each.name}" if each.name else each.table for each in addition.left})
    return Violation(
        f"the downgrade of {addition.revision} leaves {', '.join(objects[:3])} as it is"
        + (f", and {len(objects) - 3} more" if len(objects) > 3 else ""),
        place=Place(addition.path, addition.blob, "def:downgrade"),
        note="after it the database is at no revision's schema, and the next upgrade meets what is still there",
        help=(Help("what is missing to get back to where it began", codes),) if codes else (),
        revisions=(addition.revision,),
        objects=tuple(objects),
    )
