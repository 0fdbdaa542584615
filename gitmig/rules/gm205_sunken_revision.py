"""A new revision ends up beneath a published one.

## What it does
Looks, in the merged tree, for revisions that the target does not have and that a published revision of the target now
has among its ancestors.

## Why it matters
`alembic upgrade head` starts at the revision a database stands at. A database past that place never runs what was
slipped in beneath: no error, no message, a missing table one day.

## Example
```
main:   A --- C          C is published
here:   A --- B --- C    B is new; databases at C never run it
```

## What to do instead
Leave the published revision where it is and put the new one after the published head.

## What it cannot see
Revisions slipped in long ago: they are published themselves by now.
"""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.rules.gm201_edited_published_revision import restore_help
from gitmig.rules.gm204_reparented_published_revision import reparented, sunken_beneath
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.published import Edit

severity = "error"
needs = ("merged", "edits")


def check(change: Change) -> Iterator[Violation]:
    for edit in reparented(change):
        sunken = sunken_beneath(edit, change)
        if sunken:
            yield violation(edit, sunken, change)


def violation(edit: Edit, sunken: tuple[str, ...], change: Change) -> Violation:
    above, published = edit.now or edit.published, edit.published
    lowest = change.merged.revision(sunken[0]) if change.merged else None
    heads = ", ".join(change.target.graph.heads) if change.target else ""
    by_parent = set(above.down_revisions) != set(published.down_revisions)
    return Violation(
        f"sunken revision: {', '.join(sunken)} ends up beneath {above.id}, which {change.target_name} has",
        place=Place(
            above.path,
            above.blob,
            "assign:down_revision" if by_parent else "assign:depends_on",
            label=published_as(published.down_revisions) if by_parent else "published without it",
        ),
        note=f"databases at or above {above.id} silently skip {', '.join(sunken)}",
        help=(restore_help(edit, change), Help(f"then put {sunken[0]} after the published head {heads}")),
        related=(Related(Place(lowest.path, lowest.blob, "assign:revision"), "the new revision"),) if lowest else (),
        revisions=(*sunken, above.id),
    )


def published_as(parents: tuple[str, ...]) -> str:
    return f"published as {', '.join(parents)}" if parents else "published without a parent"
