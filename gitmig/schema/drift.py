"""Which discrepancies a change brought about: those that no state before has."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.compare import compare, numbers_itself
from gitmig.schema.discrepancies import Discrepancy, drift, find_element, is_error, unread
from gitmig.schema.elements import Schema, Table
from gitmig.schema.extents import aspects_of, matches
from gitmig.schema.operations import Operation
from gitmig.schema.replay import replay
from gitmig.schema.strays import caught_up, lost_strays, strays_of
from gitmig.schema.working import rename_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any


class Side(Frozen):
    """Chain and models of one tree."""

    chain: Schema
    models: Schema


class Drift(Frozen):
    """New discrepancies.

    `verdict` is none (the change alters no schema), covered, uncovered or unknown; an uncovered one outranks unknown.
    `prefix` is what the names of tables were taken to begin with, where models or revisions do not say it, and
    `evidence` why; both are "" where everything was read.
    """

    verdict: str
    items: tuple[Discrepancy, ...] = ()
    prefix: str = ""
    evidence: str = ""

    def of(self, kind: str) -> tuple[Discrepancy, ...]:
        return tuple(item for item in self.items if item.kind == kind)


def new_drift(local: Side, befores: Sequence[Side], operations: Sequence[Operation] = ()) -> Drift:
    """Discrepancies of `local` that no state before has.

    `operations` are those of the upgrades that `local` has and the states before have not, in upgrade order.
    """
    chain = with_baseline(local, befores, operations)
    old = {identity for before in befores for identity in _carried(before, operations)}
    found = [*drift(chain, local.models), *_lost_defaults(chain, local.models, befores)]
    fresh = [item for item in found if item.identity not in old]
    fresh = [item for item in fresh if item.kind != "unknown" or _touches_known(item, local)]
    fresh = [item.replace(note=True) if _was_never_made(item, local.chain) else item for item in fresh]
    gaps = [item for item in fresh if item.kind == "unknown"]
    items = [_with_cause(_absorbed(item, gaps), operations, befores) for item in fresh]
    return Drift(_verdict(items, local, befores, operations), tuple(items))


def _was_never_made(item: Discrepancy, chain: Schema) -> bool:
    """Whether a table that left the models is one that the revisions do not have either: a database may have it."""
    return (
        item.kind == "ahead"
        and item.operation is not None
        and item.operation.op == "drop_table"
        and (item.operation.table not in chain.tables)
    )


def _lost_defaults(chain: Schema, models: Schema, befores: Sequence[Side]) -> Iterator[Discrepancy]:
    """Server defaults that the models had, the chain still has, and the models have no more.

    A default that only the chain ever had is a usual backfill; one that the models gave up is a change.
    """
    for key, table in models.tables.items():
        known = chain.tables.get(key)
        earlier = [before.models.tables[key] for before in befores if key in before.models.tables]
        if known is None or not earlier or any(table is each for each in earlier):
            continue
        for column in table.columns:
            was, now = known.column(column.name), column.server_default
            had = [each.column(column.name) for each in earlier]
            if was is None or was.server_default is None or now is not None or "server_default" in column.unknown:
                continue
            if (
                column.computed
                or column.identity
                or not had
                or any(not each or not each.server_default for each in had)
                or numbers_itself(was, column)
            ):
                continue
            detail = {"set": {"server_default": None}, "was": {"server_default": was.server_default}}
            operation = Operation("alter_column", key, column.name, detail, column.origin)
            places = (column.origin, was.origin)
            yield Discrepancy(
                "mismatch", f"{key}.{column.name}", "server_default", was.server_default, None, places, operation
            )


def _carried(before: Side, operations: Sequence[Operation]) -> Iterator[tuple[Any, ...]]:
    """The identities of what was there before; an object that was renamed since takes its discrepancies along."""
    renames = [each for each in operations if each.op in ("rename_table", "rename_column")]
    for item in (*drift(before.chain, before.models), *_unread_in_models(before)):
        yield item.identity
        if renames:
            yield _renamed(item, renames).identity


def _unread_in_models(before: Side) -> Iterator[Discrepancy]:
    """What cannot be read of columns that no revision made: `with_baseline` compares the models with themselves."""
    for key, table in before.models.tables.items():
        known = before.chain.tables.get(key)
        if known is None or any(known.column(column.name) is None for column in table.columns):
            alone = Schema(tables={key: table})
            yield from unread(alone, alone)


def _renamed(item: Discrepancy, renames: Sequence[Operation]) -> Discrepancy:
    for rename in renames:
        table, to = rename.table, rename.detail["to"]
        if rename.op == "rename_table" and (item.object == table or item.object.startswith(f"{table}.")):
            item = item.replace(object=to + item.object[len(table) :])
        elif rename.op == "rename_column" and (item.object == table or item.object.startswith(f"{table}.")):
            changed: dict[str, Any] = {"attribute": rename_words(item.attribute, rename.name, to)}
            if item.object == f"{table}.{rename.name}":
                changed["object"] = f"{table}.{to}"
            for side in ("chain", "model"):
                text = getattr(item, side)
                if text and "(" in item.attribute:
                    changed[side] = rename_words(text, rename.name, to)
            item = item.replace(**changed)
    return item


def with_baseline(local: Side, befores: Sequence[Side], operations: Sequence[Operation]) -> Schema:
    """The chain, with what it never knew taken from the models before.

    A table that create_all once made is in no revision: its state before is that of the models, so that a new column
    of it is still noticed, and an operation on it still covers.
    """
    tables: dict[str, Table] = {}
    for before in befores:
        if before.models is before.chain:
            continue
        for key, model in before.models.tables.items():
            if key not in before.chain.tables:
                if key not in local.chain.tables:
                    tables.setdefault(key, model)
                continue
            table = tables.get(key) or local.chain.tables.get(key)
            if table is None:
                continue
            strange = [
                column
                for column in model.columns
                if before.chain.tables[key].column(column.name) is None and table.column(column.name) is None
            ]
            if strange:
                # A key over such a column was never made either.
                keyed = model if any(column.primary_key for column in strange) else table
                columns = (*table.columns, *strange)
                tables[key] = table.replace(columns=columns, primary_key=keyed.primary_key)
    if not tables:
        return local.chain
    touching = [each for each in operations if each.table in tables]
    new = {each.origin.revision for each in operations}
    absent = {
        key: caught_up(
            table,
            local.models.tables.get(key, table),
            [*lost_strays(local.chain, [before.chain for before in befores], key), *strays_of(local.chain, key, new)],
        )
        for key, table in tables.items()
        if key not in local.chain.tables
    }
    present = {key: table for key, table in tables.items() if key in local.chain.tables}
    made = dict(replay(Schema(tables=absent), [each for each in touching if each.table in absent]).schema.tables)
    for key, table in present.items():
        fresh = {column.name for column in table.columns} - {column.name for column in local.chain.tables[key].columns}
        again = [each for each in touching if each.table == key and each.name in fresh]
        made.update(replay(Schema(tables={key: table}), again).schema.tables)
    return local.chain.replace(tables={**local.chain.tables, **made})


def _touches_known(item: Discrepancy, local: Side) -> bool:
    """Whether an unknown can concern anything that models or chain have."""
    if not item.object or item.note:
        return True
    tables = local.chain.tables.keys() | local.models.tables.keys()
    enums = local.chain.enums.keys() | local.models.enums.keys()
    return any(
        name in tables or name in enums or name.rpartition(".")[0] in tables or name.rpartition(".")[2] in tables
        for name in item.object.split(",")
    ) or ("*" in item.object and _matches_any(item.object, local))


def _matches_any(name: str, local: Side) -> bool:
    """Whether a name of which a part is computed stands for anything that models or chain have."""
    keys = {*local.chain.tables, *local.models.tables, *local.chain.enums, *local.models.enums}
    columns = {
        f"{key}.{column.name}"
        for side in (local.chain, local.models)
        for key, table in side.tables.items()
        for column in table.columns
    }
    return any(matches(name, key) for key in keys | columns)


def _absorbed(item: Discrepancy, gaps: Sequence[Discrepancy]) -> Discrepancy:
    """A discrepancy that a new unknown may account for is not known to be one."""
    if item.kind == "unknown":
        return item
    for gap in gaps:
        if gap.attribute in COLUMN_ATTRIBUTES or gap.note:
            continue
        if gap.aspects and item.operation is not None and not set(gap.aspects) & set(aspects_of(item.operation)):
            continue
        named = gap.object.split(",") if gap.object else []
        touched = {item.object, item.table, *_column_of(item)}
        if not named or any(matches(name, key) for name in named for key in touched):
            return item.replace(kind="unknown", places=(*item.places, *gap.places), note=False)
    return item


COLUMN_ATTRIBUTES = frozenset(
    {"type", "nullable", "server_default", "comment", "computed", "identity", "autoincrement"}
)


def _column_of(item: Discrepancy) -> set[str]:
    if item.operation is None:
        return set()
    element = item.operation.detail.get("index") or item.operation.detail.get("constraint")
    columns = getattr(element, "columns", item.operation.detail.get("columns", ()))
    return {f"{item.operation.table}.{column}" for column in columns}


def _with_cause(item: Discrepancy, operations: Sequence[Operation], befores: Sequence[Side]) -> Discrepancy:
    if _was_lost(item, befores):
        return item.replace(cause="chain")
    made = any(_made(item, each) for each in operations) and not _was_there(item, befores)
    return item.replace(cause="operation" if made else "models")


def _was_lost(item: Discrepancy, befores: Sequence[Side]) -> bool:
    """Whether models and chain both had a table or a column before: it is the chain that has it no more."""
    if item.kind != "missing" or item.attribute or not befores:
        return False
    table, _, column = item.object.rpartition(".")
    schemas = [schema for before in befores for schema in (before.chain, before.models)]
    if item.operation is not None and item.operation.op == "create_table":
        return all(item.object in schema.tables for schema in schemas)
    return all(table in schema.tables and schema.tables[table].column(column) for schema in schemas)


def _was_there(item: Discrepancy, befores: Sequence[Side]) -> bool:
    """Whether what the models gave up was made before: a revision that was only written anew did not bring it."""
    if item.operation is None or item.operation.op not in ("drop_table", "drop_column") or not befores:
        return False
    table, _, column = item.object.rpartition(".")
    for before in befores:
        whole = before.chain.tables.get(item.object)
        part = before.chain.tables.get(table)
        if item.attribute:  # an index or a constraint of the table
            if whole is None or item.operation is None or find_element(whole, item.operation) is None:
                return False
        elif whole is None and (part is None or part.column(column) is None):
            return False
    return True


def _made(item: Discrepancy, operation: Operation) -> bool:
    """Whether a new operation brought the chain where it disagrees with the models."""
    needed = item.operation
    if needed is None:
        return item.kind == "unknown" and any(place == operation.origin for place in item.places)
    if operation.op == "rename_table":
        return needed.op in ("create_table", "drop_table") and needed.table in (operation.table, operation.detail["to"])
    if operation.op == "rename_column" and needed.op in ("add_column", "drop_column"):
        return needed.table == operation.table and needed.name in (operation.name, operation.detail["to"])
    if operation.table != needed.table:
        return False
    if operation.op == "create_table":
        return item.kind != "missing" or needed.op != "create_table"
    undone_by = UNDONE_BY.get(needed.op, needed.op)
    if needed.op == "drop_constraint":
        undone_by = f"create_{needed.detail.get('kind')}"
    if operation.op != undone_by:
        return False
    if needed.op in ("drop_index", "drop_constraint"):
        return _same_element(needed, operation)
    if needed.op.startswith("create_") and needed.op != "create_table":
        return bool(operation.name) and operation.name == needed.name
    if needed.op == "alter_column":
        return operation.name == needed.name and bool(
            operation.detail.get("set", {}).keys() & needed.detail["set"].keys()
        )
    return operation.name == needed.name


UNDONE_BY = {
    "create_table": "drop_table",
    "drop_table": "create_table",
    "add_column": "drop_column",
    "drop_column": "add_column",
    "create_index": "drop_index",
    "drop_index": "create_index",
    "create_unique": "drop_constraint",
    "create_foreign_key": "drop_constraint",
    "create_check": "drop_constraint",
    "create_exclude": "drop_constraint",
    "create_primary_key": "drop_constraint",
}


def _same_element(drop: Operation, create: Operation) -> bool:
    element = create.detail.get("index") or create.detail.get("constraint")
    return drop.name == create.name or drop.detail.get("columns") == getattr(element, "columns", None)


def _verdict(
    items: Iterable[Discrepancy], local: Side, befores: Sequence[Side], operations: Sequence[Operation]
) -> str:
    serious = [item for item in items if not item.note]
    if any(is_error(item) for item in serious):
        return "uncovered"
    if any(item.kind == "unknown" for item in serious):
        return "unknown"
    if serious or any(each.op != "data" for each in operations):
        return "covered"
    changed = any(before.models is not local.models and compare(before.models, local.models) for before in befores)
    return "covered" if changed else "none"
