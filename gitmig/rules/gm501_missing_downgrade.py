"""A new revision has no way back.

## What it does
Reports revisions whose `downgrade()` is empty or missing although `upgrade()` does something. A `downgrade()` that
raises says that there is no way back, and is left alone.

## Why it matters
An empty downgrade succeeds: Alembic writes the older revision into the database and the tables stay as they are. The
next upgrade then fails on what is there already.

## Example
```python
def downgrade():
    pass
```

## What to do instead
Write the operations that take it back; or, where there is none, `raise NotImplementedError("the rows are gone")`.

## What it cannot see
Downgrades that do something, but not enough: that is GM502.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "warning"
needs = ("operations",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for addition in change.new_additions():
        if addition.empty_downgrade and not addition.empty_upgrade and not addition.merges:
            yield Violation(
                f"missing downgrade: {addition.revision} has no way back",
                place=Place(addition.path, addition.blob, "def:downgrade"),
                note="an empty downgrade succeeds: the database then says one revision and has the tables of another",
                help=(
                    Help("write it, or say that there is none", ('raise NotImplementedError("there is no way back")',)),
                ),
                revisions=(addition.revision,),
            )
