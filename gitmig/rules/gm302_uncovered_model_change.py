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

from gitmig.rules.gm301_model_change_without_revision import (
    gone_with_revisions,
    has_new_revision,
    told_apart,
    violation,
)
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "error"
needs = ("drift", "operations", "edits")
UNCOVERED = "revision does not cover the models"


def check(change: Change) -> Iterator[Violation]:
    if change.drift is None or not has_new_revision(change):
        return
    gone = [edit.published for edit in change.edits or () if edit.now is None]
    own, lost = told_apart(change.drift.items, gone)
    for gap in own:
        contradicts = any(item.cause == "operation" for item in gap.items)
        title = "revision contradicts the models" if contradicts else UNCOVERED
        yield violation(title, gap, change)
    if lost:
        yield gone_with_revisions(lost, gone, change)
