"""Do two lines of revisions touch the same thing?  commute, conflict, or unknown, with the operations that say so.

Two operations conflict when one writes what the other writes or needs; two that only need the same thing commute.
What they do is unknown where one of them is not understood, and where one drops what the other may hang on without
saying so.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.footprint import CASCADE, Footprint, footprint, hangs, overlap
from gitmig.schema.operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitmig.schema.footprint import Path

COMMUTE, CONFLICT, UNKNOWN = "commute", "conflict", "unknown"


class Clash(Frozen):
    """Two operations of different lines that touch `object`; `verdict` is conflict or unknown."""

    verdict: str
    object: str
    why: str
    one: Operation
    other: Operation


class Commutation(Frozen):
    """`verdict` is commute, conflict or unknown; a conflict outranks what is unknown."""

    verdict: str
    clashes: tuple[Clash, ...] = ()


def commute(one: Sequence[Operation], other: Sequence[Operation]) -> Commutation:
    """Whether two lists of operations give the same schema in either order."""
    return compare([footprint(each) for each in one], [footprint(each) for each in other])


def compare(ours: Iterable[Footprint], theirs: Sequence[Footprint]) -> Commutation:
    """The same of footprints, for those who compare one list with many."""
    clashes = [clash for mine in ours for yours in theirs if (clash := _clash(mine, yours)) is not None]
    clashes.sort(key=lambda clash: (clash.verdict != CONFLICT,))
    verdict = clashes[0].verdict if clashes else COMMUTE
    return Commutation(verdict, tuple(clashes))


def _clash(mine: Footprint, yours: Footprint) -> Clash | None:
    if mine.opaque or yours.opaque:
        return _unknown_clash(mine, yours)
    if mine.words or yours.words:
        return _mention_clash(mine, yours)
    if mine.rows or yours.rows:
        return _rows_clash(mine, yours)
    for written, touched in ((mine.writes, yours.writes | yours.needs), (yours.writes, mine.needs)):
        for one in sorted(written):
            for other in sorted(touched):
                if overlap(one, other):
                    return Clash(
                        CONFLICT,
                        _told(one, other),
                        _why(mine.operation, yours.operation),
                        mine.operation,
                        yours.operation,
                    )
    return _hanging_clash(mine, yours)


def _hanging_clash(mine: Footprint, yours: Footprint) -> Clash | None:
    """One drops what the other may need without saying so; or both may make the same type."""
    for one, other in ((mine, yours), (yours, mine)):
        for gone in sorted(one.drops):
            if any(hangs(gone, path) for path in other.hangs_on):
                why = f"one {_words(one.operation, 's')}, and what the other one hangs on is not written there"
                return Clash(UNKNOWN, _told(gone, gone), why, mine.operation, yours.operation)
    made = sorted(path[1] for path in mine.hangs_on & yours.hangs_on if path[0] == "enum made by a table")
    if made:
        return Clash(UNKNOWN, made[0], "both may make the type", mine.operation, yours.operation)
    return None


def _rows_clash(mine: Footprint, yours: Footprint) -> Clash | None:
    """Rows against the shape of their table: a backfill needs columns that the other line may change."""
    if mine.rows and yours.rows:
        shared = sorted(mine.rows & yours.rows)
        if not shared:
            return None
        why = "both change rows of it, and which comes first may matter"
        return Clash(UNKNOWN, shared[0][1], why, mine.operation, yours.operation)
    rows, shape = (mine, yours) if mine.rows else (yours, mine)
    for path in sorted(rows.rows):
        for written in sorted(shape.writes):
            if written == path:
                why = "one changes rows of a table that the other makes, drops or renames"
                return Clash(CONFLICT, path[1], why, mine.operation, yours.operation)
            if written[:2] == path and written[2] in SHAPE:
                why = "one changes rows of a table whose shape the other changes"
                return Clash(UNKNOWN, path[1], why, mine.operation, yours.operation)
    enums = sorted(written[1] for written in shape.writes if written[0] == "enum" and len(written) == 2)
    if enums and not shape.operation.op.startswith(("create_", "drop_")):
        why = "one changes rows, the other the values of a type"
        return Clash(UNKNOWN, enums[0], why, mine.operation, yours.operation)
    return None


# An index that is not unique and a foreign key's name hold no row's value; these do.
SHAPE = frozenset({"column", "unique", "primary_key", "check", "exclude", "foreign_key", "constraint"})


def _mention_clash(mine: Footprint, yours: Footprint) -> Clash | None:
    """A view, trigger, function or query against what it names; what is new to the other line it cannot mean."""
    found = ""
    if mine.words and yours.words:
        name = mine.operation.name
        found = name if name and name == yours.operation.name else ""
        why = "both make, change or drop it"
    else:
        naming, other = (mine, yours) if mine.words else (yours, mine)
        kind = naming.operation.detail["kind"]
        if other.rows:
            tables = sorted(path[1] for path in other.rows if kind != "view")
            why = "one changes rows of a table that the other one names"
        else:
            table = other.operation.table
            meant = [] if other.operation.op.startswith(("create_", "add_")) else sorted(other.writes)
            tables = [path[1] for path in meant if _is_named(path, naming.words)]
            tables += [table] if kind in IN_THE_WAY and _makes_anew(other.operation) else []
            why = f"one {_words(other.operation, 's')}, the other names it in a {NAMING.get(kind, kind)}"
        found = next((one for one in tables if one.rpartition(".")[2].lower() in naming.words), "")
    return Clash(UNKNOWN, found, why, mine.operation, yours.operation) if found else None


NAMING = {"rows": "statement about rows"}


# SQLite cannot alter a table: it is copied, dropped and renamed, which fails under a view and loses a trigger.
IN_THE_WAY = ("view", "trigger")


def _makes_anew(operation: Operation) -> bool:
    op = operation.op
    return (
        op in ("alter_column", "drop_column", "rename_column") or "constraint" in op or "constraint" in operation.detail
    )


def _is_named(path: Path, words: frozenset[str]) -> bool:
    """Whether a statement with these words may mean a table, a column, a type or a namespace."""
    if path[0] == "index" or path[1].rpartition(".")[2].lower() not in words:
        return False
    return len(path) == 2 or (path[2] == "column" and not words.isdisjoint((path[-1].lower(), "*")))


def _unknown_clash(mine: Footprint, yours: Footprint) -> Clash | None:
    """What was not read may touch all that it names, and everything when it names nothing."""
    if not mine.does_anything or not yours.does_anything:
        return None
    for opaque, other in ((mine, yours), (yours, mine)):
        if opaque.opaque and opaque.within and not _near(opaque.within, other):
            return None
    gap = mine if mine.opaque else yours
    named = sorted(path[-1] for path in gap.within)
    why = gap.operation.detail.get("why") or "which rows it changes is not known"
    return Clash(UNKNOWN, ", ".join(named), f"not understood: {why}", mine.operation, yours.operation)


def _near(names: frozenset[tuple[str, ...]], other: Footprint) -> bool:
    """Whether any of the named objects is, or lies in, what the other touches; a name may be of any kind."""
    if other.opaque and not other.within:
        return True
    touched = {part for path in (*other.writes, *other.needs, *other.rows, *other.within) for part in path[1:]}
    touched |= other.words
    touched |= {f"{path[1]}.{path[3]}" for path in (*other.writes, *other.needs) if len(path) == 4}
    for path in names:
        name = path[1]
        if name in touched or name.rpartition(".")[2] in touched or name.rpartition(".")[0] in touched:
            return True
    return False


def _told(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    if one == CASCADE:
        return "what depends on it"
    path = max((one, other), key=lambda each: (each[-1] != "itself", len(each)))
    if len(path) == 4 and path[2] == "column":
        return f"{path[1]}.{path[3]}"
    return path[1]


def _why(mine: Operation, yours: Operation) -> str:
    if mine.op == yours.op == "create_table" and mine.table != yours.table:
        return "one makes the table, the other refers to it"
    if mine.op == yours.op:
        return f"both {_words(mine)}"
    return f"one {_words(mine, 's')}, the other {_words(yours, 's')}"


VERBS: dict[str, tuple[str, str]] = {
    "create_table": ("make", " the table"),
    "drop_table": ("drop", " the table"),
    "rename_table": ("rename", " the table"),
    "add_column": ("add", " the column"),
    "drop_column": ("drop", " the column"),
    "alter_column": ("alter", " the column"),
    "rename_column": ("rename", " the column"),
    "create_foreign_key": ("refer", " to it"),
}


def _words(operation: Operation, ending: str = "") -> str:
    verb, rest = VERBS.get(operation.op, ("", ""))
    if not verb:
        verb, _, kind = operation.op.partition("_")
        rest = f" {_article(kind)} {kind.replace('_', ' ')}"
    return f"{verb}{ending}{rest}"


def _article(word: str) -> str:
    return "an" if word[:1] in "aeio" else "a"
