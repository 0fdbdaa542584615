"""Is a drop together with an add really a rename?  Evidence, never a verdict: a person answers."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.elements import Column, Schema, Table
from gitmig.schema.operations import Operation
from gitmig.schema.spellings import same_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitmig.schema.uses import Uses

# Above this a rename is asked about.
LIKELY = 0.5
# The share of the uses that follow a rename, at least: the others are of something else, or were dropped besides.
FOLLOWING = 0.5


class Rename(Frozen):
    """A candidate: `dropped` and `added` could be one rename; `likelihood` from 0 to 1, and the reasons in words."""

    dropped: Operation
    added: Operation
    likelihood: float
    reasons: tuple[str, ...] = ()

    @property
    def operation(self) -> Operation:
        """What to write instead of the two."""
        if self.added.op == "create_table":
            return Operation("rename_table", self.dropped.table, "", {"to": self.added.table}, self.added.origin)
        return Operation(
            "rename_column", self.dropped.table, self.dropped.name, {"to": self.added.name}, self.added.origin
        )


def candidates(
    old: Schema, operations: Sequence[Operation], uses: Callable[[str, str], Uses] | None = None
) -> tuple[Rename, ...]:
    """Likely renames among `operations` on `old`, the likeliest first; every drop and every add is in one at most.

    `uses` says what the change made of the uses of an old name; it is asked only where a column goes and one of its
    type comes.
    """
    found = sorted(
        (each for each in (*_columns(old, operations, uses), *_tables(old, operations)) if each.likelihood >= LIKELY),
        key=lambda each: (-each.likelihood, each.dropped.table, each.dropped.name, each.added.name),
    )
    taken: set[int] = set()
    kept = []
    for each in found:
        if id(each.dropped) not in taken and id(each.added) not in taken:
            taken |= {id(each.dropped), id(each.added)}
            kept.append(each)
    return tuple(kept)


def _columns(old: Schema, operations: Sequence[Operation], uses: Callable[[str, str], Uses] | None) -> Iterator[Rename]:
    added = [each for each in operations if each.op == "add_column"]
    for drop in operations:
        table = old.tables.get(drop.table)
        column = table.column(drop.name) if table and drop.op == "drop_column" else None
        if table is None or column is None:
            continue
        # What is made anew under its own name loses its rows as well, and a rename would not save them.
        same_table = [each for each in added if each.table == drop.table and each.name != drop.name]
        alone = len(same_table) == 1 and _drops(operations, drop.table) == 1
        for add in same_table:
            new: Column = add.detail["column"]
            if same_type(column.type, new.type) is not False and not _refer_elsewhere(table, column, new, operations):
                likelihood, reasons = _weigh(table, column, new, alone)
                more, others = _weigh_uses(column.name, new.name, uses(column.name, new.name)) if uses else (0.0, ())
                yield Rename(drop, add, max(0.0, min(likelihood + more, 1.0)), (*reasons, *others))


def _refer_elsewhere(table: Table, old: Column, new: Column, operations: Sequence[Operation]) -> bool:
    """Whether both refer to a table, and not to the same: the rows of one mean nothing in the other."""
    renamed = {each.table: each.detail["to"] for each in operations if each.op == "rename_table"}
    before = {renamed.get(each.referred, each.referred) for each in table.foreign_keys if each.columns == (old.name,)}
    after = {
        each.detail["constraint"].referred
        for each in operations
        if each.op == "create_foreign_key"
        and each.table == table.key
        and each.detail["constraint"].columns == (new.name,)
    }
    return bool(before and after) and not before & after


def _drops(operations: Sequence[Operation], table: str) -> int:
    return sum(each.op == "drop_column" and each.table == table for each in operations)


def _weigh(table: Table, old: Column, new: Column, alone: bool) -> tuple[float, tuple[str, ...]]:
    """Same type is needed; the rest adds up."""
    likelihood, reasons = 0.3, ["same type"]
    if old.nullable == new.nullable and old.server_default == new.server_default:
        likelihood += 0.1
        reasons.append("same NULL and default")
    if alone:
        likelihood += 0.25
        reasons.append("the only column that goes and the only one that comes")
    alike = similarity(old.name, new.name)
    if alike >= 0.5:
        likelihood += 0.35 * alike
        reasons.append("similar names")
    referring = [each for each in table.foreign_keys if old.name in each.columns]
    if referring and any(each.referred.rpartition(".")[2].rstrip("s") in new.name for each in referring):
        likelihood += 0.2
        reasons.append("both refer to the same table")
    return likelihood, tuple(reasons)


def _weigh_uses(old: str, new: str, uses: Uses) -> tuple[float, tuple[str, ...]]:
    """What the rest of the change says, for and against."""
    weight, reasons = 0.0, []
    if uses.in_place is not None:
        weight += 0.08 if uses.in_place else -0.1
        reasons.append("the same place in the class" if uses.in_place else "another place in the class")
    seen = max(uses.gone, uses.come)
    if uses.renamed and uses.renamed >= FOLLOWING * seen:
        weight += 0.35 if uses.renamed >= 3 else 0.25
        counted = f"{uses.renamed} uses" if uses.renamed > 1 else "a use"
        reasons.append(f"{counted} of {old} became {new}")
    elif seen >= 2:
        # Of a name that many things have, some uses become the other one by chance.
        weight -= 0.2
        counted = f"only {uses.renamed} of {seen} uses" if uses.renamed else "no use"
        reasons.append(f"{counted} of {old} became {new}")
    return weight, tuple(reasons)


def _tables(old: Schema, operations: Sequence[Operation]) -> Iterator[Rename]:
    added = [each for each in operations if each.op == "create_table"]
    for drop in operations:
        before = old.tables.get(drop.table) if drop.op == "drop_table" else None
        if before is None or not before.columns:
            continue
        for add in (each for each in added if each.table != drop.table):
            after: Table = add.detail["table"]
            shared = sum(
                1
                for column in before.columns
                if (other := after.column(column.name)) is not None and same_type(column.type, other.type) is not False
            )
            share = shared / max(len(before.columns), len(after.columns), 1)
            if share >= 0.5:
                reasons = (f"{shared} of {len(after.columns)} columns are the same",)
                alike = similarity(before.name, after.name)
                yield Rename(drop, add, min(1.0, 0.7 * share + 0.3 * alike), reasons)


def similarity(one: str, other: str) -> float:
    """How much of two names is the same, from 0 to 1: by their words, or by common beginning and end."""
    words, others = set(one.lower().split("_")), set(other.lower().split("_"))
    by_words = len(words & others) / max(len(words), len(others))
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return max(by_words, (start + end) / max(len(one), len(other), 1))
