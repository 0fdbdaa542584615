"""A new root in an environment that has one.

## What it does
Finds new revisions without a `down_revision` when the environment has a base already. A root with a branch label of its
own is a deliberate second line and passes.

## Why it matters
Usually the parent was forgotten, or the revision was generated before the first pull. The result is a second line from
nothing: two bases and two heads.

## Example
```python
revision = "27c6a30d7c24"
down_revision = None  # the environment has base 1975ea83b712
```

## What to do instead
Set `down_revision` to the head, or give an intended second line its `branch_labels`.

## What it cannot see
Whether the second line was meant: that is why it is a warning.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "warning"
needs = ("graph",)


def check(change: Change) -> Iterator[Violation]:
    new = {node.id for node in change.new_revisions()}
    old = [name for name in change.local.graph.bases if name not in new]
    for name in change.local.graph.bases:
        base = change.local.revision(name)
        others = old or [other for other in change.local.graph.bases if other < name]
        if name not in new or base is None or base.branch_labels or not others:
            continue
        yield Violation(
            f"second base: {name} revises nothing, and the environment has base {others[0]}",
            place=Place(base.path, base.blob, "assign:down_revision", label="no parent"),
            note="two lines from nothing end in two heads",
            help=(Help("set down_revision to the head that it continues, or give the line its own branch_labels"),),
            revisions=(name,),
        )
