"""The order in which a database takes operations: nothing before what it needs, nothing dropped before what needs it.

Nameless constraints that are made on their own get a name here, so that the way back can drop them.
"""

from __future__ import annotations

from gitmig.schema.compare import RANK
from gitmig.schema.elements import Check, Exclude, ForeignKey, PrimaryKey, Schema, Table, Unique
from gitmig.schema.operations import Operation
from gitmig.schema.replay import Working
from gitmig.schema.undoing import created, dropped
from gitmig.schema.working import names_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Element = PrimaryKey | Unique | ForeignKey | Check | Exclude

LONGEST_NAME = 63
_FIRST = ("rename_table", "rename_column", "rename_enum", "rename_constraint", "rename_index", "drop_enum")
_LAST = len(RANK)


def ordered(before: Schema, operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """The operations in an order that works on `before`; foreign keys of new tables are set apart where they must."""
    rest = [each for each in operations if each.op not in ("create_table", "drop_table")]
    made = [each for each in operations if each.op == "create_table"]
    gone = [each for each in operations if each.op == "drop_table"]
    tables, later = _creations(before, made)
    freed, drops = _removals(before, gone, rest)
    whole = [*(named(before, each) for each in (*rest, *later)), *freed, *tables, *drops]
    return tuple(sorted(whole, key=_rank))


def _rank(operation: Operation) -> tuple[int, int]:
    if operation.op in _FIRST:
        return (-1, _FIRST.index(operation.op))
    # A foreign key stands on the unique constraint of the other table, so it goes first.
    stands_on_another = operation.detail.get("kind") == "foreign_key"
    return (RANK.get(operation.op, _LAST), 0 if stands_on_another else 1)


# New tables


def _creations(before: Schema, made: Sequence[Operation]) -> tuple[list[Operation], list[Operation]]:
    """New tables, those first that others refer to, and the foreign keys that must wait."""
    new: dict[str, Table] = {each.table: each.detail["table"] for each in made}
    order = _dependencies_first({key: _referred(table, new) for key, table in new.items()})
    working = Working(before)
    tables: list[Operation] = []
    later: list[Operation] = []
    for key in order:
        operation = next(each for each in made if each.table == key)
        table = new[key]
        waits = [each for each in table.foreign_keys if not _can_be_referred(working, table, each)]
        if waits:
            table = table.replace(foreign_keys=tuple(each for each in table.foreign_keys if each not in waits))
            operation = operation.replace(detail={**operation.detail, "table": table})
            later += [created(key, each) for each in waits]
        working.apply(operation)
        tables.append(operation)
    return tables, later


def _referred(table: Table, new: Iterable[str]) -> set[str]:
    return {each.referred for each in table.foreign_keys if each.referred in new and each.referred != table.key}


def _can_be_referred(working: Working, table: Table, foreign: ForeignKey) -> bool:
    if foreign.referred == table.key:
        return True
    other = working.tables.get(foreign.referred)
    if other is None or foreign.use_alter:
        return False
    names = other.columns if isinstance(other.columns, dict) else [column.name for column in other.columns]
    return all(column in names for column in foreign.referred_columns)


def _dependencies_first(needs: dict[str, set[str]]) -> list[str]:
    """Keys in an order where each comes after what it needs; in a circle the first by name goes first."""
    order: list[str] = []
    left = {key: set(needs[key]) for key in sorted(needs)}
    while left:
        ready = [key for key, wanted in left.items() if not wanted & left.keys()]
        chosen = ready or [min(left, key=lambda key: (len(left[key] & left.keys()), key))]
        for key in chosen:
            del left[key]
        order += chosen
    return order


# Tables that go


def _removals(
    before: Schema, gone: Sequence[Operation], rest: Sequence[Operation]
) -> tuple[list[Operation], list[Operation]]:
    """Drops, those first that refer to others, after the foreign keys that are in their way."""
    keys = {each.table for each in gone}
    known = {key: before.tables[key] for key in keys if key in before.tables}
    order = list(reversed(_dependencies_first({key: _referred(known[key], keys) for key in known})))
    freed = []
    for position, key in enumerate(order):
        for other in order[position + 1 :]:
            freed += [dropped(other, each) for each in known[other].foreign_keys if each.referred == key]
    told = {(each.table, each.name, each.detail.get("columns")) for each in rest if each.op == "drop_constraint"}
    leaving = {(each.table, each.name) for each in rest if each.op == "drop_column"}
    for key, table in before.tables.items():
        if key in keys:
            continue
        for each in table.foreign_keys:
            goes = any((key, column) in leaving for column in each.columns)
            if each.referred in keys and not goes and (key, each.name or "", each.columns) not in told:
                freed.append(dropped(key, each))
    by_table = {each.table: each for each in gone}
    return freed, [by_table[key] for key in (*order, *(key for key in by_table if key not in known))]


# Names


def named(before: Schema, operation: Operation) -> Operation:
    """A constraint that is made on its own has a name: the one that PostgreSQL would give it."""
    element = operation.detail.get("constraint")
    if element is None or element.name or not operation.op.startswith("create_"):
        return operation
    table = before.tables.get(operation.table)
    columns = [column.name for column in table.columns] if table is not None else []
    name = default_name(operation.table, element, columns)
    element = element.replace(name=name)
    return operation.replace(name=name, detail={**operation.detail, "constraint": element})


def default_name(key: str, element: Element, columns: Iterable[str] = ()) -> str:
    """What PostgreSQL calls a constraint without a name; `columns` are those that a check may be about."""
    table = key.rpartition(".")[2]
    if isinstance(element, PrimaryKey):
        return _short(table, "", "pkey")
    if isinstance(element, Check):
        inside = [column for column in columns if names_word(element.text, column)]
        return _short(table, inside[0] if len(inside) == 1 else "", "check")
    if isinstance(element, Exclude):
        return _short(table, "", "excl")
    return _short(table, "_".join(element.columns), "fkey" if isinstance(element, ForeignKey) else "key")


def _short(table: str, columns: str, suffix: str) -> str:
    """PostgreSQL cuts the longer of the two parts until the name fits."""
    room = LONGEST_NAME - len(suffix) - 1 - (1 if columns else 0)
    while len(table) + len(columns) > room:
        if len(table) > len(columns):
            table = table[:-1]
        else:
            columns = columns[:-1]
    return "_".join(part for part in (table, columns, suffix) if part)
