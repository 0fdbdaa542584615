"""The docstring of a revision names another id or parent than the code.

## What it does
Compares the lines `Revision ID:` and `Revises:` of the docstring with `revision` and `down_revision`, in files that
the change adds or edits.

## Why it matters
People and tools read the docstring to find their way; Alembic reads the code. A third of all re-parented revisions
keep the old `Revises:` line.

## Example
```python
\"\"\"add shopping cart

Revises: 1975ea83b712
\"\"\"
down_revision = "ae1027a6acf0"
```

## What to do instead
`gitmig resolve --auto` mends the docstrings of unpublished revisions. Change others by hand: that is no edit that a
database would notice.

## What it cannot see
Docstrings of another form than Alembic's.
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
fixable = True


def check(change: Change) -> Iterator[Violation]:
    for path in change.new_files():
        revision = change.local.files[path]
        for label, value in revision.stale:
            code = revision.id if label == "Revision ID" else ", ".join(revision.down_revisions) or "nothing"
            yield Violation(
                f"stale docstring: {revision.id} says `{label}: {value}`, the code says {code}",
                place=Place(path, revision.blob, f"doc:{label}", label=f"the code says {code}"),
                note="people read the docstring, Alembic reads the code",
                help=(Help(f"write `{label}: {code}` there, or let gitmig do it:", ("gitmig resolve --auto",)),),
                revisions=(revision.id,),
                key=(revision.id, label),
            )
