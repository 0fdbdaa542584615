"""Where models and chain disagree, and which of it a change brought about.

`drift` lists every discrepancy of one tree; `new_drift` keeps those that no state before has.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.compare import compare, numbers_itself, same_access
from gitmig.schema.elements import Column, ForeignKey, Index, Origin, Schema, Table, Unique, Unknown
from gitmig.schema.named_types import differ_in_name
from gitmig.schema.operations import Operation
from gitmig.schema.replay import enum_key, replay
from gitmig.schema.spellings import same_type
from gitmig.schema.strays import caught_up, strays_of
from gitmig.schema.working import rename_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any


class Discrepancy(Frozen):
    """One place where models and chain disagree.

    `kind`: missing (the models have it, the chain does not), ahead (the reverse), mismatch (both have it and differ) or
    unknown.  `object` is "table", "table.column" or the name of an enum; `chain` and `model` are texts to show.
    `operation` takes the chain to the models.  `cause` is "operation" when a new operation made it, "models" otherwise,
    and "" as long as nobody asked; a `note` is worth telling and never an error.
    """

    kind: str
    object: str
    attribute: str = ""
    chain: str | None = None
    model: str | None = None
    places: tuple[Origin, ...] = ()
    operation: Operation | None = None
    cause: str = ""
    note: bool = False

    @property
    def identity(self) -> tuple[str, str, str, str | None, str | None]:
        """What makes it the same discrepancy in another tree."""
        return (self.kind, self.object, self.attribute, self.chain, self.model)

    @property
    def table(self) -> str:
        """The key of the table it lies in, "" for an enum or the whole schema."""
        return self.operation.table if self.operation else self.object


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


def drift(chain: Schema, models: Schema) -> tuple[Discrepancy, ...]:
    """Every discrepancy between the two, old or new, in a stable order."""
    operations = [each for each in compare(chain, models) if not _is_left_out(each, chain, models)]
    found = [*_of_operations(chain, models, operations), *_unread(chain, models)]
    found += [*_of_unknown(chain), *_of_unknown(models)]
    return tuple(sorted(found, key=lambda item: (item.object, item.kind, item.attribute)))


def _is_left_out(operation: Operation, chain: Schema, models: Schema) -> bool:
    """Whether a table that only the chain has is kept from the comparison by env.py."""
    return operation.op == "drop_table" and chain.tables[operation.table].name in models.left_out


# -- from operations to discrepancies


def _of_operations(chain: Schema, models: Schema, operations: Sequence[Operation]) -> Iterator[Discrepancy]:
    replaced = _replacements(operations)
    for operation in operations:
        if operation.op == "create_enum":
            continue  # the column that needs it is a discrepancy already
        partner = replaced.get(id(operation))
        if partner is not None:
            if operation.op.startswith("create_"):
                yield _mismatch_of_pair(chain, partner, operation)
            continue
        yield from _of_operation(chain, models, operation)


def _replacements(operations: Sequence[Operation]) -> dict[int, Operation]:
    """Drop and create of one index or constraint are one discrepancy: they find each other by name or columns."""
    drops = [each for each in operations if each.op in ("drop_index", "drop_constraint")]
    pairs: dict[int, Operation] = {}
    for operation in operations:
        element = operation.detail.get("index") or operation.detail.get("constraint")
        if element is None:
            continue
        for drop in drops:
            if drop.table != operation.table or id(drop) in pairs:
                continue
            same_kind = operation.op == f"create_{drop.detail.get('kind', 'index')}"
            same_columns = drop.detail.get("columns") == getattr(element, "columns", ())
            if same_kind and (operation.op == "create_primary_key" or same_columns or _same_name(drop, operation)):
                pairs[id(drop)], pairs[id(operation)] = operation, drop
                break
    return pairs


def _same_name(drop: Operation, create: Operation) -> bool:
    return bool(drop.name) and drop.name == create.name


def _of_operation(chain: Schema, models: Schema, operation: Operation) -> Iterator[Discrepancy]:
    op, table, name, detail = operation.op, operation.table, operation.name, operation.detail
    places = (operation.origin,)
    if op == "create_table":
        yield Discrepancy("missing", table, "", None, "table", places, operation)
    elif op == "drop_table":
        yield Discrepancy("ahead", table, "", "table", None, places, operation)
    elif op == "add_column":
        yield Discrepancy("missing", f"{table}.{name}", "", None, text_of_column(detail["column"]), places, operation)
    elif op == "drop_column":
        known = chain.tables[table].column(name)
        yield Discrepancy(
            "ahead", f"{table}.{name}", "", text_of_column(known) if known else None, None, places, operation
        )
    elif op == "alter_column":
        yield from _altered(chain, models, operation)
    elif op == "set_comment":
        yield Discrepancy(
            "mismatch", table, "comment", detail.get("was"), detail.get("to"), places, operation, note=True
        )
    elif op == "alter_enum":
        was, now = chain.enums[name], models.enums[name]
        yield Discrepancy(
            "mismatch",
            name,
            "values",
            _listed(was.values),
            _listed(now.values),
            (now.origin, was.origin),
            operation,
        )
    elif op in ("drop_index", "drop_constraint"):
        element = _find(chain.tables[table], operation)
        target, attribute = _place_of(operation, detail.get("columns", ()))
        text = text_of_element(element) if element is not None else attribute
        yield Discrepancy("ahead", target, attribute, text, None, places, operation, note=_is_note(operation))
    else:
        element = detail.get("index") or detail["constraint"]
        target, attribute = _place_of(operation, getattr(element, "columns", ()))
        yield Discrepancy(
            "missing", target, attribute, None, text_of_element(element), places, operation, note=_is_note(operation)
        )


def _altered(chain: Schema, models: Schema, operation: Operation) -> Iterator[Discrepancy]:
    """Each attribute is a discrepancy of its own, with an operation that sets it alone."""
    known = chain.tables[operation.table].column(operation.name)
    places = (operation.origin, known.origin) if known else (operation.origin,)
    was = operation.detail["was"]
    for attribute, value in operation.detail["set"].items():
        if attribute == "type" and differ_in_name(was.get("type"), value, chain, models):
            continue
        detail = {"set": {attribute: value}, "was": {attribute: was.get(attribute)}}
        yield Discrepancy(
            "mismatch",
            f"{operation.table}.{operation.name}",
            attribute,
            _text_of_value(was.get(attribute)),
            _text_of_value(value),
            places,
            operation.replace(detail=detail),
            note=attribute == "comment",
        )


def _mismatch_of_pair(chain: Schema, drop: Operation, create: Operation) -> Discrepancy:
    old = _find(chain.tables[drop.table], drop)
    new = create.detail.get("index") or create.detail["constraint"]
    target, attribute = _place_of(create, getattr(new, "columns", ()))
    return Discrepancy(
        "mismatch",
        target,
        attribute,
        text_of_element(old) if old is not None else None,
        text_of_element(new),
        (create.origin, drop.origin),
        create,
        note=_is_note(create) or _differ_in_options(old, new),
    )


def _differ_in_options(old: Any, new: Any) -> bool:
    """Operator classes, included columns and the like: worth telling, written in too many ways to be an error."""
    unique = getattr(old, "unique", True), getattr(new, "unique", True)
    if not isinstance(old, Unique | Index) or not isinstance(new, Unique | Index) or unique[0] != unique[1]:
        return False
    return old.columns == new.columns and same_access(old, new)


def _place_of(operation: Operation, columns: Sequence[str]) -> tuple[str, str]:
    """The object and the attribute of a constraint or index: by columns, since names differ."""
    kind = operation.detail.get("kind") or operation.op.partition("_")[2]
    if kind == "primary_key":
        return operation.table, kind
    if kind in ("check", "exclude"):
        return operation.table, f"{kind} {operation.name}".strip()
    return operation.table, f"{kind}({', '.join(columns)})"


def _is_note(operation: Operation) -> bool:
    return operation.op == "create_check" or operation.detail.get("kind") == "check"


def _find(table: Table, operation: Operation) -> Any:
    columns = operation.detail.get("columns")
    kind = operation.detail.get("kind", "index")
    if kind == "primary_key":
        return table.primary_key
    elements: dict[str, Sequence[Any]] = {
        "index": table.indexes,
        "unique": table.uniques,
        "foreign_key": table.foreign_keys,
        "check": table.checks,
        "exclude": table.excludes,
    }
    for element in elements[kind]:
        if (element.name or "") == operation.name and getattr(element, "columns", None) == columns:
            return element
    return None


def operations_behind(chain: Schema, models: Schema, items: Iterable[Discrepancy]) -> tuple[Operation, ...]:
    """What takes the chain to the models in these places and in no other, in an order that a database takes.

    A discrepancy that replaces an index or a constraint has two operations; attributes of one column have one.
    """
    items = tuple(items)
    wanted = {item.identity for item in items}
    operations = compare(chain, models)
    replaced = _replacements(operations)
    kept: list[Operation] = []
    told: set[tuple[Any, ...]] = set()
    for operation in operations:
        partner = replaced.get(id(operation))
        if partner is not None:
            create, drop = sorted((operation, partner), key=lambda each: not each.op.startswith("create_"))
            found = [_mismatch_of_pair(chain, drop, create)]
        elif operation.op == "create_enum":
            kept.append(operation)  # for the column that needs it
            continue
        else:
            found = list(_of_operation(chain, models, operation))
        found = [item for item in found if item.identity in wanted]
        told |= {item.identity for item in found}
        if operation.op == "alter_column":
            attributes = {item.attribute for item in found}
            detail = {side: _only(operation.detail[side], attributes) for side in ("set", "was")}
            kept += [operation.replace(detail=detail)] if attributes else []
        elif found:
            kept.append(operation)
    kept += [item.operation for item in items if item.operation is not None and item.identity not in told]
    return tuple(each for each in kept if each.op != "create_enum" or _is_used(each, kept))


def _only(values: Any, attributes: set[str]) -> dict[str, Any]:
    return {attribute: value for attribute, value in values.items() if attribute in attributes}


def _is_used(create: Operation, operations: Iterable[Operation]) -> bool:
    """Whether a column that comes or changes is of this enum."""
    for operation in operations:
        column: Column | None = operation.detail.get("column")
        type_ = column.type if column is not None else operation.detail.get("set", {}).get("type")
        if type_ is not None and enum_key(type_.item or type_) == create.name:
            return True
    return False


# -- what could not be read


def _unread(chain: Schema, models: Schema) -> Iterator[Discrepancy]:
    """Columns that both sides have, where one of them says what cannot be compared."""
    for key, table in models.tables.items():
        known = chain.tables.get(key)
        if known is None:
            continue
        was = {column.name: column for column in known.columns}
        for column in table.columns:
            old = was.get(column.name)
            if old is not None:
                yield from _unread_column(key, old, column)
        yield from _unread_conditions(key, known, table)


def _unread_column(key: str, old: Column, new: Column) -> Iterator[Discrepancy]:
    name, places = f"{key}.{new.name}", (new.origin, old.origin)
    for attribute in sorted({*old.unknown, *new.unknown} - {"type"}):
        was, now = (_text_of_attribute(side, attribute) for side in (old, new))
        if attribute == "server_default" and "server_default" not in new.unknown and now is None:
            continue  # a default of the chain alone counts for nothing, whatever it is
        if attribute == "computed" and now is None and attribute in new.unknown:
            continue  # `FetchedValue()`: the models leave to the database how the value is made
        if _same_source(old, new, attribute):
            continue
        yield Discrepancy("unknown", name, attribute, was, now, places)
    if old.type.family == "null" or new.type.family == "null":
        return
    if "type" in old.unknown or "type" in new.unknown or same_type(old.type, new.type) is None:
        yield Discrepancy("unknown", name, "type", old.type.text, new.type.text, places)


def _same_source(old: Column, new: Column, attribute: str) -> bool:
    """Whether both sides say it with the same words, whatever they stand for."""
    text = getattr(old, attribute, None)
    both = attribute in old.unknown and attribute in new.unknown
    return both and isinstance(text, str) and text == getattr(new, attribute)


def _unread_conditions(key: str, old: Table, new: Table) -> Iterator[Discrepancy]:
    for index in new.indexes:
        other = next((each for each in old.indexes if each.columns == index.columns), None)
        if other is None or other.where == index.where or "where" not in (*index.unknown, *other.unknown):
            continue
        attribute = f"index({', '.join(index.columns)}) where"
        yield Discrepancy("unknown", key, attribute, other.where, index.where, (index.origin, other.origin))


def _text_of_attribute(column: Column, attribute: str) -> str | None:
    return None if attribute in column.unknown else _text_of_value(getattr(column, attribute, None))


def _of_unknown(schema: Schema) -> Iterator[Discrepancy]:
    for unknown in schema.unknown:
        yield from _of_one_unknown(unknown, unknown.objects or ("",))
    for key, table in schema.tables.items():
        for unknown in table.unknown:
            yield from _of_one_unknown(unknown, unknown.objects or (key,))


# What may change every table in a small way and never says which: told, and held against none of them.
EVERYWHERE = frozenset({"event listener", "MetaData"})


def _of_one_unknown(unknown: Unknown, objects: Sequence[str]) -> Iterator[Discrepancy]:
    """One for each object, so that an object more does not make those that were there before new."""
    for name in objects:
        note = name in EVERYWHERE
        yield Discrepancy("unknown", name, unknown.what, None, unknown.why, (unknown.origin,), note=note)


# -- what is new


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
    for item in drift(before.chain, before.models):
        yield item.identity
        if renames:
            yield _renamed(item, renames).identity


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
                tables[key] = table.replace(columns=(*table.columns, *strange))
    if not tables:
        return local.chain
    touching = [each for each in operations if each.table in tables]
    new = {each.origin.revision for each in operations}
    absent = {
        key: caught_up(table, local.models.tables.get(key, table), strays_of(local.chain, key, new))
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
    )


def _absorbed(item: Discrepancy, gaps: Sequence[Discrepancy]) -> Discrepancy:
    """A discrepancy that a new unknown may account for is not known to be one."""
    if item.kind == "unknown":
        return item
    for gap in gaps:
        if gap.attribute in COLUMN_ATTRIBUTES or gap.note:
            continue
        named = gap.object.split(",") if gap.object else []
        if not named or item.object in named or item.table in named or _column_of(item) & set(named):
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
    made = any(_made(item, each) for each in operations) and not _was_there(item, befores)
    return item.replace(cause="operation" if made else "models")


def _was_there(item: Discrepancy, befores: Sequence[Side]) -> bool:
    """Whether what the models gave up was made before: a revision that was only written anew did not bring it."""
    if item.operation is None or item.operation.op not in ("drop_table", "drop_column") or not befores:
        return False
    table, _, column = item.object.rpartition(".")
    for before in befores:
        whole = before.chain.tables.get(item.object)
        part = before.chain.tables.get(table)
        if item.attribute:  # an index or a constraint of the table
            if whole is None or item.operation is None or _find(whole, item.operation) is None:
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


def is_error(item: Discrepancy) -> bool:
    """Whether it must be mended: a new operation that only goes further than the models is a normal way to deploy."""
    return not item.note and (
        item.kind in ("missing", "mismatch") or (item.kind == "ahead" and item.cause != "operation")
    )


# -- texts


def text_of_column(column: Column) -> str:
    return f"{column.type.text or column.type.family}{'' if column.nullable else ' NOT NULL'}"


def text_of_element(element: Any) -> str:
    if isinstance(element, ForeignKey):
        target = f"{element.referred}({', '.join(element.referred_columns)})"
        actions = "".join(
            f" {word} {value.upper()}"
            for word, value in (("ON DELETE", element.ondelete), ("ON UPDATE", element.onupdate))
            if value
        )
        return f"foreign key ({', '.join(element.columns)}) to {target}{actions}"
    if isinstance(element, Index):
        using = f" USING {element.using}" if element.using else ""
        where = f" WHERE {element.where}" if element.where else ""
        shown = f"{'unique ' if element.unique else ''}index ({', '.join(element.columns)})"
        return f"{shown}{using}{where}{_text_of_options(element.options)}"
    if hasattr(element, "columns"):
        kind = {"Unique": "unique", "PrimaryKey": "primary key"}[type(element).__name__]
        return f"{kind} ({', '.join(element.columns)}){_text_of_options(getattr(element, 'options', ()))}"
    return str(element.text)


def _text_of_options(options: tuple[tuple[str, str], ...]) -> str:
    return "".join(f" {name}={value}" for name, value in options)


def _text_of_value(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "nullable" if value else "NOT NULL"
    return str(getattr(value, "text", value))


def _listed(values: tuple[str, ...] | None) -> str | None:
    return None if values is None else ", ".join(values)
