"""A new revision does not do all that the models ask for, or does something else.

## What it does
As GM301, for a change that has new revisions: after their operations the models and the revisions still disagree
where they did not disagree before.

## Why it matters
A revision looks like proof that the database was thought of. One column forgotten in it, or another length, type or
NULL than the model has, is found in production.

## Example
```python
# models
title: Mapped[str] = mapped_column(String(300))
# revision
op.add_column("books", sa.Column("title", sa.String(200)))
```

## What to do instead
Change the new revision (it is not published yet) or the model, so that both say the same.

## What it cannot see
What the revision does to rows. SQL that is not understood is GM306.
"""

from __future__ import annotations

from gitmig.change.gaps import gaps
from gitmig.rules.gm301_model_change_without_revision import (
    has_new_revision,
    needs_revision,
    violation,
    went_with_history,
)
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "error"
needs = ("drift", "operations", "edits")


def check(change: Change) -> Iterator[Violation]:
    if change.drift is None or not has_new_revision(change):
        return
    for gap in gaps(
        item for item in change.drift.items if needs_revision(item) and not went_with_history(item, change)
    ):
        contradicts = any(item.cause == "operation" for item in gap.items)
        title = "revision contradicts the models" if contradicts else "revision does not cover the models"
        yield violation(title, gap, change)
