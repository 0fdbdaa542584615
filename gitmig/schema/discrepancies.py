"""Where the models and the chain of one tree disagree."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.compare import compare, same_access
from gitmig.schema.elements import Column, Exclude, Index, Origin, Schema, Table, Unique, Unknown, enum_key
from gitmig.schema.named_types import differ_in_name
from gitmig.schema.operations import Operation
from gitmig.schema.spellings import same_type
from gitmig.schema.texts import listed, text_of_column, text_of_element, text_of_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any


class Discrepancy(Frozen):
    """One place where models and chain disagree.

    `kind`: missing (the models have it, the chain does not), ahead (the reverse), mismatch (both have it and differ) or
    unknown.  `object` is "table", "table.column" or the name of an enum; `chain` and `model` are texts to show.
    `operation` takes the chain to the models.  `cause` is "operation" when a new operation made it, "chain" when the
    chain lost what both had, "models" otherwise, and "" as long as nobody asked; a `note` is worth telling and never
    an error.  `aspects` are those that an unknown may change, empty for any (see `schema.extents`).
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
    aspects: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str, str | None, str | None]:
        """What makes it the same discrepancy in another tree."""
        return (self.kind, self.object, self.attribute, self.chain, self.model)

    @property
    def table(self) -> str:
        """The key of the table it lies in, "" for an enum or the whole schema."""
        return self.operation.table if self.operation else self.object


def drift(chain: Schema, models: Schema) -> tuple[Discrepancy, ...]:
    """Every discrepancy between the two, old or new, in a stable order."""
    operations = [each for each in compare(chain, models) if not _is_left_out(each, chain, models)]
    found = [*_of_operations(chain, models, operations), *unread(chain, models)]
    found += [*_of_unknown(chain), *_of_unknown(models)]
    return tuple(sorted(found, key=lambda item: (item.object, item.kind, item.attribute)))


VERSION_TABLE = "alembic_version"


def _is_left_out(operation: Operation, chain: Schema, models: Schema) -> bool:
    """Whether a table is Alembic's own, or one that only the chain has and env.py keeps from the comparison."""
    if operation.op == "create_table" and operation.table.rpartition(".")[2] == VERSION_TABLE:
        return True
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
            listed(was.values),
            listed(now.values),
            (now.origin, was.origin),
            operation,
        )
    elif op in ("drop_index", "drop_constraint"):
        element = find_element(chain.tables[table], operation)
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
            text_of_value(was.get(attribute)),
            text_of_value(value),
            places,
            operation.replace(detail=detail),
            note=attribute == "comment",
        )


def _mismatch_of_pair(chain: Schema, drop: Operation, create: Operation) -> Discrepancy:
    old = find_element(chain.tables[drop.table], drop)
    new = create.detail.get("index") or create.detail["constraint"]
    target, attribute = _place_of(create, getattr(new, "columns", ()))
    return Discrepancy(
        "unknown" if _is_unread(old) or _is_unread(new) else "mismatch",
        target,
        attribute,
        text_of_element(old) if old is not None else None,
        text_of_element(new),
        (create.origin, drop.origin),
        create,
        note=_is_note(create) or _differ_in_options(old, new),
    )


def _is_unread(element: Any) -> bool:
    """Whether what an index or an exclusion is on is source that only Python understands."""
    what = "columns" if isinstance(element, Index) else "text"
    return isinstance(element, Index | Exclude) and what in element.unknown


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


def find_element(table: Table, operation: Operation) -> Any:
    """The index, key or constraint that an operation is about; None where the table has no such thing."""
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


def unread(chain: Schema, models: Schema) -> Iterator[Discrepancy]:
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
    return None if attribute in column.unknown else text_of_value(getattr(column, attribute, None))


def _of_unknown(schema: Schema) -> Iterator[Discrepancy]:
    for unknown in schema.unknown:
        yield from _of_one_unknown(unknown, unknown.objects or ("",))
    for key, table in schema.tables.items():
        for unknown in table.unknown:
            yield from _of_one_unknown(unknown, unknown.objects or (key,))


# What may change every table in a small way and never says which: told, and held against none of them.
EVERYWHERE = frozenset({"event listener", "MetaData"})
# Aspects in which a difference is no error: what may only change these is told.
TOLD = frozenset({"name", "comment", "check"})


def _of_one_unknown(unknown: Unknown, objects: Sequence[str]) -> Iterator[Discrepancy]:
    """One for each object, so that an object more does not make those that were there before new."""
    for name in objects:
        note = name in EVERYWHERE or (bool(unknown.aspects) and set(unknown.aspects) <= TOLD)
        places = (unknown.origin,)
        yield Discrepancy("unknown", name, unknown.what, None, unknown.why, places, note=note, aspects=unknown.aspects)


def is_error(item: Discrepancy) -> bool:
    """Whether it must be mended: a new operation that only goes further than the models is a normal way to deploy."""
    return not item.note and (
        item.kind in ("missing", "mismatch") or (item.kind == "ahead" and item.cause != "operation")
    )
