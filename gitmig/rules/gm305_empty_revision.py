"""A new revision does nothing.

## What it does
Reports new revisions whose `upgrade()` is empty. A merge revision joins heads and is expected to be empty.

## Why it matters
`alembic revision --autogenerate` writes an empty file when it sees no difference, often because env.py did not import
the model. Committed, it looks as if the change had been made.

## Example
```python
def upgrade():
    pass
```

## What to do instead
Delete the file if nothing is to be done; otherwise write the operations, and look why autogenerate saw none.

## What it cannot see
Revisions that run code without effect.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "warning"
needs = ("operations",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for addition in change.additions or ():
        if addition.empty_upgrade and not addition.merges:
            yield Violation(
                f"empty revision: {addition.revision} does nothing",
                place=Place(addition.path, addition.blob, "def:upgrade"),
                note="autogenerate writes an empty revision when env.py does not import the models that changed",
                help=(Help("delete the file if nothing is to be done", (f"git rm -- {shell_word(addition.path)}",)),),
                revisions=(addition.revision,),
            )
