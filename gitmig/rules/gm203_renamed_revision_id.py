"""A revision that is on the shared branch got another id.

## What it does
Finds published ids that are gone while their file, one of the same name but for the id, or a new one that does exactly
the same now has another id.

## Why it matters
To a database the new id is a new revision. Those that ran the old one are stamped with an id that no file defines, and
after repair by hand they would run the same statements twice.

## Example
```python
revision = "27c6a30d7c24"  # published as 1975ea83b712
```

## What to do instead
Restore the published id. A sequential or prettier id is not worth a stranded database.

## What it cannot see
An id that is changed together with the file's name and text looks like a deletion and an addition: GM202 reports it.
"""

from __future__ import annotations

from gitmig.findings import Place, Related
from gitmig.rules.gm201_edited_published_revision import restore_help
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "error"
needs = ("merged", "edits")


def check(change: Change) -> Iterator[Violation]:
    for edit in change.edits or ():
        if edit.now is not None or edit.successor is None:
            continue
        old, new = edit.published, edit.successor
        yield Violation(
            f"renamed revision id: {old.id} on {edit.ref or change.target_name} is {new.id} here",
            place=Place(new.path, new.blob, "assign:revision", label=f"published as {old.id}"),
            note=f"databases at {old.id} can then neither upgrade nor downgrade; for them {new.id} is new",
            help=(restore_help(edit, change),),
            related=(Related(Place(old.path, old.blob, "assign:revision", "target"), "published id"),),
            revisions=(old.id, new.id),
        )
