"""Two competing lines of revisions touch the same thing.

## What it does
Compares what two lines that end in different heads do: every operation of one with every operation of the other. It
reports pairs of which one writes what the other writes or needs: the same column added twice, a column altered here and
dropped there, a foreign key to a table that the other line drops.

## Why it matters
Git merges the two files without a word. Whichever way the lines are put in order, one of them then fails half-way, or
undoes what the other did; on some databases only the one that ran second.

## Example
```python
op.add_column("book", sa.Column("year", sa.Integer()))  # on main
op.add_column("book", sa.Column("year", sa.String(4)))  # here
```

## What to do instead
Decide which one is meant, change or remove the operation of the unpublished revision, then put that revision after the
published one.

## What it cannot see
Statements that are not understood: `gitmig resolve` lists them as unknown. And two lines that disagree about rows.
"""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.competing import Rivalry
    from gitmig.schema.commute import Clash
    from gitmig.schema.operations import Operation

severity = "error"
needs = ("graph", "merged", "rivalries")
_MOST = 10


def check(change: Change) -> Iterator[Violation]:
    for rivalry in change.rivalries or ():
        found: dict[str, Clash] = {}
        for clash in rivalry.clashes:
            if clash.verdict == "conflict" and not is_published(clash, change):
                found.setdefault(clash.object, clash)
        for clash in list(found.values())[:_MOST]:
            yield violation(clash, rivalry, change)


def is_published(clash: Clash, change: Change) -> bool:
    """Whether the target has both sides: a head that only got another id brings nothing new to an old fork."""
    if change.target is None:
        return False
    return all(each.origin.revision in change.target.graph for each in (clash.one, clash.other))


def violation(clash: Clash, rivalry: Rivalry, change: Change) -> Violation:
    heads = (rivalry.one.head, rivalry.other.head)
    return Violation(
        f"conflicting operations: {heads[0]} and {heads[1]}: {clash.object}: {clash.why}",
        place=place_of(clash.one, rivalry, "local" if change.target is not None else ""),
        note="whichever way the two lines are put in order, the second one meets what the first one changed",
        help=(
            Help(f"decide which one is meant, and change the operation in the line of {heads[0]}"),
            Help("then look at the remedy:", ("gitmig resolve --dry-run",)),
        ),
        related=(Related(place_of(clash.other, rivalry, "", is_other=True), "the other line"),),
        revisions=heads,
        objects=(clash.object,),
        severity="warning" if rivalry.is_ahead and change.mode == "staged" else "",
    )


def place_of(operation: Operation, rivalry: Rivalry, label: str, *, is_other: bool = False) -> Place:
    origin = operation.origin
    side = "target" if is_other and rivalry.is_ahead else "local"
    anchor = f"line:{origin.line}" if origin.line else ""
    return Place(origin.path, rivalry.blobs.get(origin.path, ""), anchor, side, label)
