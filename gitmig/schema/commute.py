"""Do two lines of revisions touch the same thing?  commute, conflict, or unknown, with the operations that say so.

Every operation has a footprint: the objects it writes and those it needs.  Two operations conflict when one writes what
the other writes or needs; two that only need the same thing commute.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.elements import Table
from gitmig.schema.operations import Operation
from gitmig.schema.replay import enum_key
from gitmig.schema.working import rename_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitmig.schema.elements import Type

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
    ours, theirs = [footprint(each) for each in one], [footprint(each) for each in other]
    clashes = [clash for mine in ours for yours in theirs if (clash := _clash(mine, yours)) is not None]
    clashes.sort(key=lambda clash: (clash.verdict != CONFLICT,))
    verdict = clashes[0].verdict if clashes else COMMUTE
    return Commutation(verdict, tuple(clashes))


class Footprint(Frozen):
    """What an operation writes and needs, as paths: ("table", "book"), ("table", "book", "column", "title").

    A path covers everything below it.  `opaque` says that the operation may touch more than it names: anything at all,
    or, when `within` is not empty, the objects it names.
    """

    operation: Operation
    writes: frozenset[tuple[str, ...]] = frozenset()
    needs: frozenset[tuple[str, ...]] = frozenset()
    opaque: bool = False
    within: frozenset[tuple[str, ...]] = frozenset()
    rows: frozenset[tuple[str, ...]] = frozenset()


def footprint(operation: Operation) -> Footprint:
    """What an operation touches."""
    if operation.op == "unknown":
        within = frozenset(_path_of_name(name) for name in operation.detail.get("objects", ()))
        return Footprint(operation, opaque=True, within=within)
    if operation.op == "data":
        rows = frozenset({("table", operation.table)}) if operation.table else frozenset()
        return Footprint(operation, rows=rows, opaque=not operation.table)
    writes, needs = _touched(operation)
    return Footprint(operation, frozenset(writes), frozenset(needs))


def _touched(operation: Operation) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    op, table, name, detail = operation.op, ("table", operation.table), operation.name, operation.detail
    if op == "create_table":
        made: Table = detail["table"]
        needs: set[tuple[str, ...]] = set()
        for foreign in made.foreign_keys:
            if foreign.referred != operation.table:
                needs |= {("table", foreign.referred, "itself"), *_columns(foreign.referred, foreign.referred_columns)}
        names = {("index", index.name) for index in made.indexes if index.name}
        return {table, *names}, needs | _enums(column.type for column in made.columns)
    if op == "drop_table":
        return {table}, set()
    if op == "rename_table":
        return {table, ("table", detail["to"])}, set()
    if op == "set_comment":
        return {(*table, "comment")}, set()
    if op == "add_column":
        return {(*table, "column", name)}, {(*table, "itself"), *_enums([detail["column"].type])}
    if op in ("drop_column", "alter_column"):
        new_type = detail.get("set", {}).get("type")
        return {(*table, "column", name)}, {(*table, "itself"), *(_enums([new_type]) if new_type else ())}
    if op == "rename_column":
        return {(*table, "column", name), (*table, "column", detail["to"])}, {(*table, "itself")}
    if op in ("create_index", "drop_index", "rename_index"):
        return _of_index(operation)
    if op.startswith("create_") and "constraint" in detail:
        return _of_constraint(operation)
    if op in ("drop_constraint", "rename_constraint"):
        return _of_dropped_constraint(operation)
    if op == "alter_enum":
        return {("enum", name, "values")}, {("enum", name, "itself")}
    if op.endswith("_enum"):
        return {("enum", name), *([("enum", detail["to"])] if op == "rename_enum" else [])}, set()
    if op.endswith("_namespace"):
        return {("namespace", name)}, set()
    return set(), set()


def _of_index(operation: Operation) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """Index names are one namespace for all tables."""
    table = ("table", operation.table)
    writes: set[tuple[str, ...]] = {("index", operation.name)} if operation.name else set()
    index = operation.detail.get("index")
    columns = tuple(index.columns) if index is not None else tuple(operation.detail.get("columns") or ())
    if operation.detail.get("to"):
        writes.add(("index", operation.detail["to"]))
    if columns:
        writes.add((*table, "index", ",".join(columns)))
    needs = {(*table, "itself")} if operation.table else set()
    return writes, needs | _columns(operation.table, columns)


def _of_constraint(operation: Operation) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    table, element = ("table", operation.table), operation.detail["constraint"]
    kind = operation.op.removeprefix("create_")
    columns = tuple(getattr(element, "columns", ()))
    within = (kind,) if kind == "primary_key" else (kind, ",".join(columns) or str(element.text))
    writes: set[tuple[str, ...]] = {(*table, *within)}
    if element.name:
        writes.add((*table, "constraint", element.name))
    needs: set[tuple[str, ...]] = {(*table, "itself"), *_columns(operation.table, columns)}
    if not columns:
        needs |= {(*table, "text", str(element.text))}
    if kind == "foreign_key":
        needs |= {("table", element.referred, "itself"), *_columns(element.referred, element.referred_columns)}
    return writes, needs


def _of_dropped_constraint(operation: Operation) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    table, detail = ("table", operation.table), operation.detail
    writes: set[tuple[str, ...]] = {(*table, "constraint", operation.name)} if operation.name else set()
    kind = detail.get("kind") or ""
    if detail.get("to"):
        writes.add((*table, "constraint", detail["to"]))
    if kind == "primary_key":
        writes.add((*table, kind))
    elif kind and (detail.get("columns") or not operation.name):
        writes.add((*table, kind, ",".join(detail.get("columns") or ())) if detail.get("columns") else (*table, kind))
    return writes, {(*table, "itself")}


def _columns(table: str, columns: Iterable[str]) -> set[tuple[str, ...]]:
    """Columns by name; of an expression the text, which is searched for names."""
    return {
        ("table", table, "column", each) if each.isidentifier() else ("table", table, "text", each) for each in columns
    }


def _enums(types: Iterable[Type]) -> set[tuple[str, ...]]:
    keys = (enum_key(each.item or each) for each in types)
    return {("enum", key, "itself") for key in keys if key}


def _path_of_name(name: str) -> tuple[str, ...]:
    return ("table", name)


# -- two footprints


def _clash(mine: Footprint, yours: Footprint) -> Clash | None:
    if mine.opaque or yours.opaque:
        return _unknown_clash(mine, yours)
    if mine.rows or yours.rows:
        return _rows_clash(mine, yours)
    for written, touched in ((mine.writes, yours.writes | yours.needs), (yours.writes, mine.needs)):
        for one in sorted(written):
            for other in sorted(touched):
                if _overlap(one, other):
                    return Clash(
                        CONFLICT,
                        _told(one, other),
                        _why(mine.operation, yours.operation),
                        mine.operation,
                        yours.operation,
                    )
    return None


def _overlap(written: tuple[str, ...], touched: tuple[str, ...]) -> bool:
    """One of the paths lies in the other; the expression of an index or a check lies in the columns it names."""
    if touched[-1] == "itself":
        return written == touched[:-1]
    if len(touched) == 4 and touched[2] == "text":
        if written[:2] != touched[:2]:
            return False
        if len(written) == 2:
            return True
        return written[2] == "column" and rename_words(touched[3], written[3], "") != touched[3]
    length = min(len(written), len(touched))
    return written[:length] == touched[:length]


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
    return None


# An index or a foreign key holds no row's value; these do.
SHAPE = frozenset({"column", "unique", "primary_key", "check", "exclude", "foreign_key", "constraint"})


def _unknown_clash(mine: Footprint, yours: Footprint) -> Clash | None:
    """What was not read may touch all that it names, and everything when it names nothing."""
    if not _does_anything(mine) or not _does_anything(yours):
        return None
    for opaque, other in ((mine, yours), (yours, mine)):
        if opaque.opaque and opaque.within and not _near(opaque.within, other):
            return None
    gap = mine if mine.opaque else yours
    named = sorted(path[-1] for path in gap.within)
    why = gap.operation.detail.get("why") or "which rows it changes is not known"
    return Clash(UNKNOWN, ", ".join(named), f"not understood: {why}", mine.operation, yours.operation)


def _does_anything(print_: Footprint) -> bool:
    return bool(print_.writes or print_.needs or print_.rows or print_.opaque)


def _near(names: frozenset[tuple[str, ...]], other: Footprint) -> bool:
    """Whether any of the named objects is, or lies in, what the other touches; a name may be of any kind."""
    if other.opaque and not other.within:
        return True
    touched = {part for path in (*other.writes, *other.needs, *other.rows, *other.within) for part in path[1:]}
    touched |= {f"{path[1]}.{path[3]}" for path in (*other.writes, *other.needs) if len(path) == 4}
    for path in names:
        name = path[1]
        if name in touched or name.rpartition(".")[2] in touched or name.rpartition(".")[0] in touched:
            return True
    return False


def _told(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    path = max((one, other), key=lambda each: (each[-1] != "itself", len(each)))
    if len(path) == 4 and path[2] == "column":
        return f"{path[1]}.{path[3]}"
    return path[1]


def _why(mine: Operation, yours: Operation) -> str:
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


def conflicts(found: Commutation) -> tuple[Clash, ...]:
    return tuple(clash for clash in found.clashes if clash.verdict == CONFLICT)
