"""New drift put together for people: one gap per object, with what a revision must do about it."""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.frozen import Frozen
from gitmig.schema.alembic_code import alembic_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gitmig.change.change import Change
    from gitmig.schema.discrepancies import Discrepancy
    from gitmig.schema.elements import Origin
    from gitmig.schema.operations import Operation

CODE_SHOWN = 3
SHORT = 60


class Gap(Frozen):
    """Discrepancies of one object, the leading one first; `object` is "table", "table.column" or an enum's name."""

    object: str
    items: tuple[Discrepancy, ...]

    @property
    def lead(self) -> Discrepancy:
        return self.items[0]

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(item.operation for item in self.items if item.operation is not None)

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same gap tomorrow."""
        return (self.object, self.lead.kind, self.lead.attribute if self.object == self.lead.table else "")


def gaps(items: Iterable[Discrepancy]) -> tuple[Gap, ...]:
    """One gap per object; a key, a constraint or an index of a column that is a gap itself goes with the column."""
    items = tuple(items)
    led = {item.object: [item] for item in items if item.attribute == ""}
    others: dict[tuple[str, ...], list[Discrepancy]] = {}
    for item in items:
        if item.attribute == "":
            continue
        home = next((name for name in homes(item) if name in led), None)
        if home is not None:
            led[home].append(item)
        else:
            others.setdefault(place_in_table(item), []).append(item)
    found = [Gap(name, tuple(members)) for name, members in led.items()]
    found += [Gap(members[0].object, tuple(members)) for members in others.values()]
    return tuple(sorted(found, key=lambda gap: (gap.object, gap.lead.kind, gap.lead.attribute)))


def homes(item: Discrepancy) -> list[str]:
    """The objects whose gap this discrepancy belongs to: its table, else the columns it is about."""
    table = item.table
    columns = columns_of(item)
    return [item.object, table, *(f"{table}.{column}" for column in columns)]


def columns_of(item: Discrepancy) -> Sequence[str]:
    if item.operation is None:
        return ()
    detail = item.operation.detail
    element = detail.get("index") or detail.get("constraint")
    columns: Sequence[str] = getattr(element, "columns", detail.get("columns", ()))
    return columns


def place_in_table(item: Discrepancy) -> tuple[str, ...]:
    """Attributes of one column are one gap; each constraint of a table is its own."""
    return (item.object,) if item.object != item.table else (item.object, item.kind, item.attribute)


# Sentences


def summary(gap: Gap) -> str:
    """The gap in one clause: "column books.subtitle (sa.String(length=200)) is in no revision"."""
    item = gap.lead
    op = item.operation.op if item.operation is not None else ""
    if item.kind == "missing":
        return missing(item, op)
    if item.kind == "ahead" and op == "drop_table" and item.note:
        return f"table {item.object} left the models, and no revision made it"
    if item.kind == "ahead":
        return f"{named(item, op)} is in the revisions and not in the models"
    parts = [difference(each) for each in gap.items if each.kind == "mismatch"]
    return f"{item.object}: {'; '.join(parts)}"


def missing(item: Discrepancy, op: str) -> str:
    if op == "create_table":
        return f"table {item.object} is created by no revision"
    if op == "add_column":
        return f"column {item.object} ({short(item.model)}) is in no revision"
    return f"{item.object}: {short(item.model or item.attribute)} is in no revision"


def named(item: Discrepancy, op: str) -> str:
    if op == "drop_table":
        return f"table {item.object}"
    if op == "drop_column":
        return f"column {item.object}"
    return f"{item.object}: {short(item.chain or item.attribute)}"


def difference(item: Discrepancy) -> str:
    chain, model = short(item.chain or "none"), short(item.model or "none")
    if "(" in item.attribute or item.attribute == "primary_key":
        return f"{model} in the models, {chain} in the revisions"
    what = item.attribute.replace("_", " ")
    return f"{what} is {model} in the models and {chain} in the revisions"


def short(text: str | None) -> str:
    text = " ".join((text or "").split())
    return text if len(text) <= SHORT else f"{text[: SHORT - 3]}..."


# Places


def place_of(origin: Origin, change: Change, label: str = "") -> Place:
    """The line of an origin; a revision's blob is looked up where the origin does not have it."""
    anchor = f"line:{origin.line}" if origin.line else ""
    if origin.blob or not origin.revision:
        return Place(origin.path, origin.blob, anchor, label=label)
    states = [("local", change.local), *(("before", state) for state in change.before)]
    known = ((side, revision) for side, state in states if (revision := state.revision(origin.revision)) is not None)
    side, found = next(known, ("local", None))
    # A helper that the revision calls is another file, whose blob nobody looked up.
    blob = found.blob if found is not None and found.path == origin.path else ""
    return Place(origin.path, blob, anchor, side, label)


def places(gap: Gap, change: Change) -> tuple[Place | None, tuple[Related, ...]]:
    """Where the gap is seen first, and the other side of it."""
    known = [origin for item in gap.items for origin in item.places if origin.path]
    distinct = list({(origin.path, origin.line): origin for origin in known}.values())
    if not distinct:
        return None, ()
    first, *others = distinct
    related = [
        Related(place_of(origin, change), f"revision {origin.revision}" if origin.revision else "the model")
        for origin in others[:2]
    ]
    return place_of(first, change), tuple(related)


# What to write


def remedy(gap: Gap, text: str) -> Help:
    """The operations that close the gap, as Alembic code."""
    codes = [code for operation in to_write(gap) if (code := alembic_code(operation))]
    more = len(codes) - CODE_SHOWN
    lines = [line for code in codes[:CODE_SHOWN] for line in code]
    return Help(text, (*lines, *([f"# and {more} more"] if more > 0 else [])))


def to_write(gap: Gap) -> Iterator[Operation]:
    for item in gap.items:
        if item.kind == "mismatch":
            yield from taken_away(item)
        if item.operation is not None:
            yield item.operation


def taken_away(item: Discrepancy) -> Iterator[Operation]:
    """What must go before another constraint or index of its kind can come; its name is that of the database."""
    operation = item.operation
    if operation is None or not operation.op.startswith("create_") or operation.op in ("create_table", "create_enum"):
        return
    kind = operation.op.removeprefix("create_")
    if kind == "index":
        yield operation.replace(op="drop_index", detail={})
    else:
        yield operation.replace(op="drop_constraint", name=operation.name or "...", detail={"kind": kind})
