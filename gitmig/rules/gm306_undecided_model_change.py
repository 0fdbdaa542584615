"""Something that cannot be read touches what changed, so that nobody can say whether a revision is missing.

## What it does
Reports what models or revisions say in a way that only running them tells: a name that is computed, SQL that is not
understood, a type from a library, where this is new in the change.

## Why it matters
Unknown is neither fine nor wrong. A check that passes over it is trusted for what it never looked at; in CI the
verdict is therefore undecided (exit 3), on your machine it is a warning.

## Example
```python
op.execute(open("upgrade.sql").read())
```

## What to do instead
Write it so that it can be read (a literal, an Alembic operation), or look at it once and waive it:
`gitmig waive GM306 books.price --reason ...`.

## What it cannot see
Nothing is hidden here: what was not understood is named with its place.
"""

from __future__ import annotations

from gitmig.change.gaps import place_of, short
from gitmig.findings import Help, Related
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.schema.drift import Discrepancy

severity = "warning"
needs = ("drift",)


def check(change: Change) -> Iterator[Violation]:
    if change.drift is None:
        return
    for item in change.drift.of("unknown"):
        if not is_unread_file(item) and not item.note:
            yield violation(item, change)


def is_unread_file(item: Discrepancy) -> bool:
    """A whole file that was not read: GM002 says that."""
    return not item.object and any(place.path == item.attribute for place in item.places)


def violation(item: Discrepancy, change: Change) -> Violation:
    subject = item.object or item.attribute or "the schema"
    origins = [place for place in item.places if place.path]
    place = place_of(origins[0], change, "cannot be read") if origins else None
    related = tuple(Related(place_of(origin, change), "the other side") for origin in origins[1:2])
    return Violation(
        f"cannot tell whether {short(subject)} changed: {why(item)}",
        place=place,
        note="it is read, never run; what cannot be read counts neither as changed nor as fine",
        help=(
            Help("look at it and, if it is right, say so", (f"gitmig waive GM306 {shell_word(subject)} --reason ...",)),
        ),
        related=related,
        objects=(item.object or item.attribute,),
        key=(item.object, item.attribute, place.path if place else ""),
        undecided=True,
    )


def why(item: Discrepancy) -> str:
    """What stands there instead of a value."""
    if item.operation is not None:
        return "something nearby that was not understood may have done it"
    texts = [text for text in (item.model, item.chain) if text]
    if not item.object or item.chain is None:
        return short(f"{item.attribute}: {texts[0]}" if texts and item.attribute else " ".join(texts) or item.attribute)
    return short(f"its {item.attribute} is {' or '.join(dict.fromkeys(texts)) or 'computed'}")
