"""A revision that is on the shared branch is gone.

## What it does
Looks for every revision id of the target in the merged tree. A file that was renamed or moved keeps its id and
passes; a branch that is merely behind the target has deleted nothing. On a server, a shared branch or tag that is
deleted takes with it what no other one has.

## Why it matters
Databases that ran the revision are stamped with an id that no file defines: `alembic upgrade` stops with "Can't
locate revision". Its downgrade is gone as well, so there is no way back.

## Example
```
git rm migrations/versions/1975ea83b712_create_account_table.py
```

## What to do instead
Keep the file, and take its effect back with a new revision. To squash old revisions that every database has passed,
grant a waiver for the range.

## What it cannot see
Which databases ran the revision. It assumes that a published revision was run somewhere.
"""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.rules.gm201_edited_published_revision import restore_help
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState
    from gitmig.revisions.revision import Revision

severity = "error"
needs = ("merged", "edits")


def check(change: Change) -> Iterator[Violation]:
    if change.merged is None:
        yield from gone_with_its_ref(change)
        return
    for edit in change.edits or ():
        if edit.now is not None or edit.successor is not None:
            continue
        gone, there = edit.published, edit.ref or change.target_name
        yield Violation(
            f"deleted published revision: {gone.id} is on {there} and no longer here",
            place=Place(gone.path, gone.blob, "assign:revision", "target", f"published on {there}"),
            note=f"databases at {gone.id} can then neither upgrade nor downgrade",
            help=(restore_help(edit, change),),
            related=still_there(gone, change.merged),
            revisions=(gone.id,),
        )


def gone_with_its_ref(change: Change) -> Iterator[Violation]:
    """A shared ref is deleted on the server, and no other one has these revisions."""
    lost = [edit.published for edit in change.edits or ()]
    if not lost:
        return
    ids, there = [one.id for one in lost], change.target_name
    named = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
    several = len(ids) > 1
    yield Violation(
        f"deleted published revision{'s' if several else ''}: {named} {'are' if several else 'is'} on {there} alone",
        place=Place(lost[0].path, lost[0].blob, "assign:revision", "target", f"published on {there}"),
        note=f"databases at {'one of them' if several else 'it'} can then neither upgrade nor downgrade",
        help=(Help(f"keep {there}, or bring its revisions into another shared branch first"),),
        revisions=tuple(ids),
    )


def still_there(gone: Revision, merged: EnvironmentState | None) -> tuple[Related, ...]:
    """The revision that still revises the deleted one, if any: it hangs in the air."""
    if merged is None:
        return ()
    children = [one for one in merged.files.values() if gone.id in one.down_revisions]
    return tuple(
        Related(Place(one.path, one.blob, "assign:down_revision", "merged"), "still revises it") for one in children[:1]
    )
