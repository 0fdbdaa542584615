"""The models changed and no revision makes the change.

## What it does
Reads the models and the revisions of both trees, replays the revisions, and compares. What the models have now and
the revisions do not make, and what was not so before, must come with a revision. A column or table that left the
models counts too.

## Why it matters
The code runs against a database that does not have the column: the first query fails, on every machine but the one
whose database was changed by hand. `alembic check` needs a database to notice; most pipelines do not run it.

## Example
```python
class Book(Base):
    subtitle: Mapped[str | None] = mapped_column(String(200))  # new, and in no revision
```

## What to do instead
Write the revision (`gitmig revision -m TEXT`) and put it into the same commit. If it came in an earlier commit or pull
request, nothing is reported: only what is missing now counts. A column that is to be dropped from the database later
is a waiver (`gitmig waive GM301 books.subtitle --reason ...`), best with `--until`.

## What it cannot see
Tables that are made while the program runs, and what was written in a way that only running tells: that is GM306.
"""

from __future__ import annotations

from gitmig.change.gaps import Gap, gaps, places, remedy, summary
from gitmig.findings import Help
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation
from gitmig.schema.discrepancies import is_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gitmig.change.change import Change
    from gitmig.revisions.revision import Revision
    from gitmig.schema.discrepancies import Discrepancy

severity = "error"
needs = ("drift", "operations", "unstaged", "edits")
WITHOUT = "model change without a revision"


def check(change: Change) -> Iterator[Violation]:
    if change.drift is None or has_new_revision(change):
        return
    covered = {name for one in change.unstaged or () for name in one.covers}
    gone = [edit.published for edit in change.edits or () if edit.now is None]
    own, lost = told_apart(change.drift.items, gone)
    for gap in own:
        if gap.object not in covered:
            yield violation(WITHOUT, gap, change)
    if lost:
        yield gone_with_revisions(lost, gone, change)


def has_new_revision(change: Change) -> bool:
    """Whether somebody thought of the database here; of a whole tree nothing is new."""
    return bool(change.additions) and change.mode != "all"


def needs_revision(item: Discrepancy) -> bool:
    """An error, or one of the differences that are only worth a note."""
    return is_error(item) or (item.note and item.kind != "unknown" and item.cause != "operation")


def told_apart(items: Iterable[Discrepancy], gone: Sequence[Revision]) -> tuple[tuple[Gap, ...], tuple[Gap, ...]]:
    """What the change of the models opened, and what the chain lost with published revisions that are deleted."""
    wanted = [item for item in items if needs_revision(item)]
    own = [item for item in wanted if not gone or item.cause != "chain"]
    return gaps(own), gaps(item for item in wanted if gone and item.cause == "chain")


def gone_with_revisions(lost: Sequence[Gap], gone: Sequence[Revision], change: Change) -> Violation:
    """One finding for all of it: who cuts off the oldest hundred revisions has one thing to mend."""
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    others = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    place, _ = places(lost[0], change)
    return Violation(
        f"in no revision any more: {lost[0].object}{more}, since {gone[0].id}{others} went",
        place=place.replace(label="in no revision any more") if place is not None else None,
        note="a database that is built by the revisions does not have it; one that ran them does",
        help=(
            Help("restore them, or put what they made into the revision that takes their place"),
            Help("or write it anew", ("gitmig revision -m TEXT",)),
        ),
        objects=tuple(gap.object for gap in lost),
        key=("went", *(gap.object for gap in lost)),
    )


def violation(title: str, gap: Gap, change: Change, note: str = "") -> Violation:
    place, related = places(gap, change)
    if place is not None:
        place = place.replace(label=label_of(gap))
    dropped = gap.lead.kind == "ahead"
    is_new = title == WITHOUT
    helps = [Help(f"write the revision that {'drops it' if dropped else 'does it'}", ("gitmig revision -m TEXT",))]
    if dropped:
        command = f'gitmig waive GM301 {shell_word(gap.object)} --reason "dropped after the next deploy" --until DATE'
        helps.append(Help("or drop it later, and say so", (command,)))
    else:
        by_hand = remedy(gap, "or by hand" if is_new else "put it into the revision")
        helps = [*helps, by_hand] if is_new else [by_hand, *helps]
    return Violation(
        f"{title}: {summary(gap)}",
        place=place,
        note=note or consequence(gap),
        help=tuple(helps),
        related=related,
        objects=(gap.object,),
        key=gap.key,
        severity="" if any(is_error(item) for item in gap.items) else "note",
    )


def label_of(gap: Gap) -> str:
    if gap.lead.kind == "ahead":
        return "not in the models any more"
    return "only in the models" if gap.lead.kind == "missing" else "differs from the revisions"


def consequence(gap: Gap) -> str:
    """What happens if nothing is done."""
    if gap.lead.kind == "missing":
        return "a database that is built or upgraded by the revisions does not have it"
    if gap.lead.kind == "ahead" and gap.lead.note and not gap.lead.attribute:
        return "a database that `create_all` made may keep it; one that the revisions made never had it"
    if gap.lead.kind == "ahead":
        return "databases keep it; if it is NOT NULL, inserts by the new code fail"
    return "a database that is built or upgraded by the revisions differs from what the code expects"
