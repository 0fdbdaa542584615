"""Schema x Schema -> the operations that make the second out of the first.

Names of constraints and indexes are matched by name or by columns, types and defaults by what a database stores.
What could not be read on one side is not compared.
"""

from __future__ import annotations

from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Unique,
    enum_key,
)
from gitmig.schema.operations import CREATE_OF, KIND_OF, Operation
from gitmig.schema.spellings import family_of, normal_sql, same_action, same_condition, same_default, same_type, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Constraint = Unique | ForeignKey | Check | Exclude

# The order in which a database takes them: nothing is made before what it needs, nothing dropped before what needs it.
PHASES = (
    "create_enum",
    "alter_enum",
    "drop_constraint",
    "drop_index",
    "create_table",
    "add_column",
    "alter_column",
    "set_comment",
    "create_primary_key",
    "create_unique",
    "create_check",
    "create_exclude",
    "create_index",
    "create_foreign_key",
    "drop_column",
    "drop_table",
)
RANK = {op: rank for rank, op in enumerate(PHASES)}


def compare(old: Schema, new: Schema) -> tuple[Operation, ...]:
    """What must be done to `old` to get `new`; empty when a database would notice no difference."""
    operations = list(_compared_enums(old, new))
    for key in sorted(old.tables.keys() | new.tables.keys()):
        before, after = old.tables.get(key), new.tables.get(key)
        if before is after:
            continue
        if before is None and after is not None:
            operations.append(Operation("create_table", key, detail={"table": after}, origin=after.origin))
        elif after is None and before is not None:
            operations.append(Operation("drop_table", key, origin=before.origin))
        elif before is not None and after is not None:
            operations.extend(compare_tables(before, after))
    return tuple(sorted(operations, key=lambda operation: RANK[operation.op]))


def compare_tables(old: Table, new: Table) -> Iterator[Operation]:
    key = new.key
    was = {column.name: column for column in old.columns}
    now = {column.name: column for column in new.columns}
    for name, column in now.items():
        if name not in was:
            yield Operation("add_column", key, name, {"column": column}, column.origin)
        else:
            yield from _compared_columns(key, was[name], column)
    for name, column in was.items():
        if name not in now:
            yield Operation("drop_column", key, name, {}, column.origin)
    gone = was.keys() - now.keys()
    yield from _compared_primary_keys(old, new, gone)
    yield from _compared_uniques(old, new, gone)
    yield from _compared_foreign_keys(old, new, gone)
    yield from _compared_by_text(key, old.checks, new.checks)
    yield from _compared_by_text(key, old.excludes, new.excludes)
    if (old.comment or None) != (new.comment or None):
        yield Operation("set_comment", key, detail={"to": new.comment, "was": old.comment}, origin=new.origin)


def _compared_columns(key: str, old: Column, new: Column) -> Iterator[Operation]:
    changed = dict(differences(old, new))
    if changed:
        was = {attribute: getattr(old, attribute) for attribute in changed}
        yield Operation("alter_column", key, new.name, {"set": changed, "was": was}, new.origin)


def differences(old: Column, new: Column) -> Iterator[tuple[str, Any]]:
    """The attributes in which a database would see a difference, with their new values."""
    unread = {*old.unknown, *new.unknown}
    if same_type(old.type, new.type) is False and "type" not in unread:
        yield "type", new.type
    in_key = old.primary_key or new.primary_key
    if old.nullable != new.nullable and not in_key and "nullable" not in unread:
        yield "nullable", new.nullable
    has_default = "server_default" not in unread and not new.computed and not new.identity
    if has_default and not same_default(old, new) and not numbers_itself(old, new):
        yield "server_default", new.server_default
    for attribute in ("computed", "identity"):
        one, other = getattr(old, attribute), getattr(new, attribute)
        if attribute == "identity" and other is None and _is_numbered(new):
            continue
        if attribute not in unread and _differ(one, other):
            yield attribute, other
    if (old.comment or None) != (new.comment or None) and "comment" not in unread:
        yield "comment", new.comment


def _is_numbered(column: Column) -> bool:
    """A whole-number key gets its values from the database, by an identity as well as by a sequence."""
    whole = family_of(column.type) in ("integer", "bigint", "smallint")
    return column.primary_key and whole and column.autoincrement != "False"


def numbers_itself(old: Column, new: Column) -> bool:
    """Whether both are a whole-number key that a sequence fills, one of them saying so: PostgreSQL's serial."""
    defaults = [each.server_default for each in (old, new) if each.server_default is not None]
    return _is_numbered(new) and all(normal_sql(text).startswith("nextval(") for text in defaults)


def _differ(old: str | None, new: str | None) -> bool:
    if old is None or new is None:
        return old is not new
    if old.endswith(STORAGE) != new.endswith(STORAGE):  # one leaves it to the database how a column is computed
        old, new = (text.removesuffix(" STORED").removesuffix(" VIRTUAL") for text in (old, new))
    return normal_sql(old) != normal_sql(new)


STORAGE = (" STORED", " VIRTUAL")


def _compared_enums(old: Schema, new: Schema) -> Iterator[Operation]:
    needed = _enums_of_altered(old, new)
    for key, enum in sorted(new.enums.items()):
        known = old.enums.get(key)
        if known is None:
            if key in needed:
                yield Operation("create_enum", "", key, {"values": enum.values}, enum.origin)
        elif known.values is not None and enum.values is not None and set(known.values) != set(enum.values):
            added = tuple(value for value in enum.values if value not in known.values)
            dropped = tuple(value for value in known.values if value not in enum.values)
            detail = {"add": added, "drop": dropped, "was": known.values}
            yield Operation("alter_enum", "", key, detail, enum.origin)


def _enums_of_altered(old: Schema, new: Schema) -> set[str]:
    """Enums that a column of an existing table needs: a new table makes its own."""
    needed: set[str] = set()
    for key, table in new.tables.items():
        before = old.tables.get(key)
        if before is None or before is table:
            continue
        needed.update(enum_key(column.type.item or column.type) or "" for column in table.columns)
    return needed


def _compared_primary_keys(old: Table, new: Table, gone: set[str]) -> Iterator[Operation]:
    before, after = primary_key_columns(old), primary_key_columns(new)
    if set(before) == set(after) or any("primary_key" in column.unknown for column in (*old.columns, *new.columns)):
        return
    if before and not gone.intersection(before):
        name = (old.primary_key and old.primary_key.name) or ""
        origin = old.primary_key.origin if old.primary_key else old.origin
        yield Operation("drop_constraint", new.key, name, {"kind": "primary_key", "columns": before}, origin)
    if after and not _only_added(old, after):
        constraint = new.primary_key or PrimaryKey(after, origin=new.origin)
        constraint = constraint.replace(columns=after)
        yield Operation(
            "create_primary_key", new.key, constraint.name or "", {"constraint": constraint}, constraint.origin
        )


def _only_added(old: Table, columns: tuple[str, ...]) -> bool:
    """A new column that is the whole primary key brings it along."""
    return not primary_key_columns(old) and len(columns) == 1 and old.column(columns[0]) is None


def primary_key_columns(table: Table) -> tuple[str, ...]:
    if table.primary_key is not None and table.primary_key.columns:
        return table.primary_key.columns
    return tuple(column.name for column in table.columns if column.primary_key)


def _compared_uniques(old: Table, new: Table, gone: set[str]) -> Iterator[Operation]:
    """Unique constraints and indexes together: a unique index and a unique constraint hold the same rows back."""
    left: list[Unique | Index] = [*old.uniques, *old.indexes]
    pairs: list[tuple[Unique | Index, Unique | Index]] = []
    wanted: list[Unique | Index] = [*new.uniques, *new.indexes]
    for same in (_same_name_and_shape, _same_shape, _same_name):
        rest = []
        for element in wanted:
            match = next((each for each in left if same(each, element)), None)
            if match is None:
                rest.append(element)
                continue
            left.remove(match)
            pairs.append((match, element))
        wanted = rest
    # What `unique=True` says twice over, and what the primary key implies, a database has once.
    everything: list[Unique | Index] = [*old.uniques, *old.indexes]
    added = [each for each in wanted if not any(_same_shape(one, each) for one in everything)]
    key_columns = set(primary_key_columns(new))
    for element in added:
        if _is_unique(element) and set(element.columns) == key_columns == set(primary_key_columns(old)):
            continue
        yield _created(new.key, element)
    kept: list[Unique | Index] = [*new.uniques, *new.indexes]
    for element in left:
        if gone.intersection(element.columns) or any(_same_shape(element, one) for one in kept):
            continue
        if _is_unique(element) and set(element.columns) == set(primary_key_columns(old)):
            continue
        yield _dropped(new.key, element)
    for before, after in pairs:
        if not _same_shape(before, after) or not same_access(before, after) or not _same_options(before, after):
            if not gone.intersection(before.columns):
                yield _dropped(new.key, before)
            yield _created(new.key, after)


def _is_unique(element: Unique | Index) -> bool:
    return isinstance(element, Unique) or element.unique


def _same_name(old: Unique | Index, new: Unique | Index) -> bool:
    return bool(old.name) and old.name == new.name


def _same_shape(old: Unique | Index, new: Unique | Index) -> bool:
    if _is_unique(old) != _is_unique(new):
        return False
    if old.columns == new.columns:
        return True
    if isinstance(old, Unique) or isinstance(new, Unique):
        return set(old.columns) == set(new.columns)
    if len(old.columns) != len(new.columns) or not old.columns:
        return False
    return all(_same_part(one, other) for one, other in zip(old.columns, new.columns, strict=True))


def _same_part(old: str, new: str) -> bool:
    """Whether two parts of an index are one column or expression, however it is spelled or cast."""
    if old == new or words(old) == words(new):
        return True
    return "(" in old and "(" in new and normal_sql(old) == normal_sql(new)


def same_access(old: Unique | Index, new: Unique | Index) -> bool:
    """Whether two indexes of the same columns hold the same rows, in the same way."""
    one, other = (each if isinstance(each, Index) else Index(each.columns) for each in (old, new))
    if "where" not in one.unknown and "where" not in other.unknown and not same_condition(one.where, other.where):
        return False
    return (one.using or "btree").lower() == (other.using or "btree").lower()


def _same_options(old: Unique | Index, new: Unique | Index) -> bool:
    if type(old) is not type(new) or "options" in getattr(old, "unknown", ()):
        return True
    return old.options == new.options


def _same_name_and_shape(old: Unique | Index, new: Unique | Index) -> bool:
    return _same_name(old, new) and _same_shape(old, new)


def _created(key: str, element: Any) -> Operation:
    if isinstance(element, Index):
        return Operation("create_index", key, element.name or "", {"index": element}, element.origin)
    return Operation(CREATE_OF[type(element)], key, element.name or "", {"constraint": element}, element.origin)


def _dropped(key: str, element: Any) -> Operation:
    if isinstance(element, Index):
        return Operation("drop_index", key, element.name or "", {"columns": element.columns}, element.origin)
    detail: dict[str, Any] = {"kind": KIND_OF[type(element)]}
    if hasattr(element, "columns"):
        detail["columns"] = element.columns
    return Operation("drop_constraint", key, element.name or "", detail, element.origin)


def _compared_foreign_keys(old: Table, new: Table, gone: set[str]) -> Iterator[Operation]:
    left = list(old.foreign_keys)
    for foreign in new.foreign_keys:
        match = next((each for each in left if _same_target(each, foreign)), None)
        match = match or next((each for each in left if each.name and each.name == foreign.name), None)
        if match is None:
            if not any(_same_target(each, foreign) for each in old.foreign_keys):
                yield _created(new.key, foreign)
            continue
        left.remove(match)
        if _same_target(match, foreign) and _same_actions(match, foreign):
            continue
        if not gone.intersection(match.columns):
            yield _dropped(new.key, match)
        yield _created(new.key, foreign)
    for foreign in left:
        if gone.intersection(foreign.columns) or any(_same_target(foreign, each) for each in new.foreign_keys):
            continue
        yield _dropped(new.key, foreign)


def _same_target(old: ForeignKey, new: ForeignKey) -> bool:
    """Whether two keys refer to the same; a target that could not be read may be any."""
    if not old.referred or not new.referred:
        return old.columns == new.columns
    if old.columns != new.columns:
        if set(old.columns) != set(new.columns) or len(old.columns) != len(old.referred_columns):
            return False
        if len(new.columns) != len(new.referred_columns):
            return False
        pairs = set(zip(old.columns, old.referred_columns, strict=True))
        return old.referred == new.referred and pairs == set(zip(new.columns, new.referred_columns, strict=True))
    if old.referred != new.referred:
        return False
    return not old.referred_columns or not new.referred_columns or old.referred_columns == new.referred_columns


def _same_actions(old: ForeignKey, new: ForeignKey) -> bool:
    return (
        same_action(old.ondelete, new.ondelete)
        and same_action(old.onupdate, new.onupdate)
        and bool(old.deferrable) == bool(new.deferrable)
        and (old.initially or "").upper() == (new.initially or "").upper()
    )


def _compared_by_text(key: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Operation]:
    left = list(old)
    for element in new:
        text = normal_sql(element.text)
        match = next((each for each in left if normal_sql(each.text) == text), None)
        match = match or next((each for each in left if each.name and each.name == element.name), None)
        if match is None:
            yield _created(key, element)
            continue
        left.remove(match)
        if normal_sql(match.text) != text:
            yield _dropped(key, match)
            yield _created(key, element)
    for element in left:
        yield _dropped(key, element)
