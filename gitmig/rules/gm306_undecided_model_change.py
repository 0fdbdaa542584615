"""Something that cannot be read touches what changed, so that nobody can say whether a revision is missing.

## What it does
Reports what models or revisions say in a way that only running them tells: a name that is computed, SQL that is not
understood, a type from a library, where this is new in the change. It also says when the prefix of table names
was taken from the revisions, because models take it from the settings.

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
from gitmig.schema.discrepancies import is_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitmig.change.change import Change
    from gitmig.schema.discrepancies import Discrepancy
    from gitmig.schema.drift import Drift

severity = "warning"
needs = ("drift",)


def check(change: Change) -> Iterator[Violation]:
    if change.drift is None:
        return
    items = [item for item in change.drift.of("unknown") if not is_unread_file(item) and not item.note]
    for causes in by_place(items):
        yield violation(causes, change)
    yield from taken_prefix(change.drift)


def taken_prefix(drift: Drift) -> Iterator[Violation]:
    """A verdict about tables whose names were completed by what the others are called."""
    tables = sorted({item.table for item in drift.items if is_error(item) and item.table.startswith(drift.prefix)})
    if not drift.prefix or not tables:
        return
    more = f" and {len(tables) - 1} more" if len(tables) > 1 else ""
    yield Violation(
        f"the name of {short(tables[0])}{more} begins with a prefix from the settings: {drift.prefix} was taken",
        note=f"{drift.evidence}; other settings make tables of other names",
        objects=tuple(tables),
        key=("prefix", drift.prefix),
    )


def by_place(items: Iterable[Discrepancy]) -> list[list[Discrepancy]]:
    """What the same line of text leaves open belongs together; the line itself comes first."""
    groups: dict[tuple[str, int], list[Discrepancy]] = {}
    for item in sorted(items, key=lambda item: item.operation is not None):
        known = [(place.path, place.line) for place in item.places if place.path]
        home = next((place for place in known if place in groups), known[0] if known else ("", 0))
        groups.setdefault(home, []).append(item)
    return list(groups.values())


def is_unread_file(item: Discrepancy) -> bool:
    """A whole file that was not read: GM002 says that."""
    return not item.object and any(place.path == item.attribute for place in item.places)


def violation(items: list[Discrepancy], change: Change) -> Violation:
    lead = items[0]
    named = dict.fromkeys(name for item in items for name in item.object.split(",") if name)
    objects = tuple(named) or (lead.attribute or "schema",)
    subject = objects[0]
    origins = list({(each.path, each.line): each for each in lead.places if each.path}.values())
    place = place_of(origins[0], change, "cannot be read") if origins else None
    related = tuple(Related(place_of(origin, change), "the other side") for origin in origins[1:2])
    more = f" and {len(objects) - 1} more" if len(objects) > 1 else ""
    return Violation(
        f"cannot tell whether {short(subject)}{more} changed: {why(lead)}"
        if named
        else f"cannot tell what this changes: {why(lead)}",
        place=place,
        note="it is read, never run; what cannot be read counts neither as changed nor as fine",
        help=(
            Help("let the project's own Python decide, which imports the models", ("gitmig check --exact",)),
            Help(
                "or look at it and, if it is right, say so", (f"gitmig waive GM306 {shell_word(subject)} --reason ...",)
            ),
        ),
        related=related,
        objects=objects,
        key=(*objects, lead.attribute, place.path if place else ""),
        undecided=True,
    )


def why(item: Discrepancy) -> str:
    """What stands there instead of a value."""
    if item.operation is not None:
        return "something nearby that was not understood may have done it"
    texts = [text for text in (item.model, item.chain) if text]
    if item.attribute == "nullable":
        return "whether it is NOT NULL cannot be read"
    if not item.object or item.chain is None:
        parts = [item.attribute, *texts[:1]]
        return short(": ".join(part for part in parts if part and part != "?") or "it is computed")
    return short(f"its {item.attribute} is {' or '.join(dict.fromkeys(texts)) or 'computed'}")
