"""Operations over a Schema: the chain of revisions from base to heads, without a database.

What a database would refuse (dropping what is not there, creating what is) is recorded as a contradiction and skipped.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.databases import key_in
from gitmig.schema.elements import (
    Check,
    Column,
    EnumType,
    Exclude,
    ForeignKey,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Type,
    Unique,
    Unknown,
    enum_key,
    name_and_namespace,
)
from gitmig.schema.operations import Operation
from gitmig.schema.working import WorkingTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any


class Contradiction(Frozen):
    """An operation that cannot have its effect on the schema it meets."""

    operation: Operation
    why: str


class Replayed(Frozen):
    schema: Schema
    contradictions: tuple[Contradiction, ...] = ()


def replay(schema: Schema, operations: Iterable[Operation]) -> Replayed:
    """The schema after `operations`; tables that they do not touch are the same objects as before."""
    working = Working(schema)
    for operation in operations:
        working.apply(operation)
    return Replayed(working.schema(), tuple(working.contradictions))


def replay_chain(steps: Iterable[tuple[str, Iterable[Operation]]], start: Schema | None = None) -> Replayed:
    """Replays (revision id, its operations) in upgrade order; the origin of every element names its revision."""
    working = Working(start or Schema())
    for revision, operations in steps:
        for operation in operations:
            working.apply(stamped(operation, revision))
    return Replayed(working.schema(), tuple(working.contradictions))


def chain(steps: Iterable[tuple[str, Iterable[Operation]]], start: Schema | None = None) -> Schema:
    """The schema that the revisions build; see `replay_chain` for its contradictions."""
    return replay_chain(steps, start).schema


def stamped(operation: Operation, revision: str) -> Operation:
    """The operation with `revision` in its own origin and in that of every element it carries."""
    origin = operation.origin.replace(revision=revision)
    detail = {
        key: _stamped_element(value, revision) if isinstance(value, Frozen) else value
        for key, value in operation.detail.items()
    }
    return operation.replace(origin=origin, detail=detail)


def _nameless_twin(constraint: Any, present: Sequence[Any]) -> ForeignKey | None:
    """A foreign key without a name for the same columns: nobody keeps two, so that the new one takes its place."""
    if not isinstance(constraint, ForeignKey):
        return None
    own = (constraint.columns, constraint.referred, constraint.referred_columns)
    return next(
        (each for each in present if each.name is None and (each.columns, each.referred, each.referred_columns) == own),
        None,
    )


def _stamped_element(element: Any, revision: str) -> Any:
    if not hasattr(element, "origin"):
        return element
    origin = element.origin.replace(revision=revision)
    if not isinstance(element, Table):
        return element.replace(origin=origin)
    changed: dict[str, Any] = {"origin": origin}
    for field in ("columns", "uniques", "foreign_keys", "checks", "excludes", "indexes", "unknown"):
        elements = getattr(element, field)
        if elements:
            changed[field] = tuple([each.replace(origin=each.origin.replace(revision=revision)) for each in elements])
    if element.primary_key:
        changed["primary_key"] = _stamped_element(element.primary_key, revision)
    return element.replace(**changed)


class Working:
    """A schema being changed: only tables that are touched are thawed."""

    def __init__(self, schema: Schema) -> None:
        self.tables: dict[str, Table | WorkingTable] = dict(schema.tables)
        self.enums: dict[str, EnumType] = dict(schema.enums)
        self.unknown: list[Unknown] = list(schema.unknown)
        self.strays: list[Operation] = list(schema.strays)
        self.contradictions: list[Contradiction] = []
        self._index_homes: dict[str, str] | None = None

    def schema(self) -> Schema:
        tables = {key: table if isinstance(table, Table) else table.freeze() for key, table in self.tables.items()}
        strays = tuple(each for each in self.strays if each.table not in tables)
        return Schema(tables=tables, enums=dict(self.enums), unknown=tuple(self.unknown), strays=strays)

    def apply(self, operation: Operation) -> None:
        if operation.detail.get("alternative"):
            return
        if operation.table and operation.table not in self.tables:
            operation = self._in_default_namespace(operation)
            if operation.op in STRAY and operation.table not in self.tables:
                self.strays.append(operation)
        action = ACTIONS.get(operation.op)
        if action is None:
            self._refuse(operation, f"no such operation: {operation.op}")
            return
        why = action(self, operation)
        if why and not operation.conditional and not operation.detail.get("exists"):
            self._refuse(operation, why)

    def _in_default_namespace(self, operation: Operation) -> Operation:
        """PostgreSQL's "public" is where a table without a namespace lies."""
        key = operation.table
        other = key.removeprefix("public.") if key.startswith("public.") else f"public.{key}"
        if other in self.tables:
            return operation.replace(table=other)
        # env.py may set the namespace (`SET search_path`): the only table of that name is the one that is meant
        meant = [each for each in self.tables if each.rpartition(".")[2] == key]
        if len(meant) != 1 or operation.op in ("create_table", "rename_table"):
            return operation
        return operation.replace(table=meant[0])

    def _refuse(self, operation: Operation, why: str) -> None:
        self.contradictions.append(Contradiction(operation, why))

    def table(self, key: str) -> WorkingTable | None:
        return self._thaw(key) if key in self.tables else None

    def _thaw(self, key: str) -> WorkingTable:
        table = self.tables[key]
        if isinstance(table, Table):
            table = WorkingTable(table)
            self.tables[key] = table
        return table

    # -- tables

    def create_table(self, operation: Operation) -> str:
        table: Table = operation.detail["table"]
        key = operation.table or table.key
        present = self.tables.get(key)
        if present is not None and (operation.conditional or operation.detail.get("exists")):
            return f"table {key} exists already"
        if table.primary_key:
            table = _with_primary_key(table, table.primary_key)
        self.tables[key] = table
        for index in table.indexes:
            self._index_lives(index.name, key)
        for column in table.columns:
            self._register_enum(column.type, column.origin)
        return f"table {key} exists already" if present is not None else ""

    def drop_table(self, operation: Operation) -> str:
        self.strays = [each for each in self.strays if each.table != operation.table]
        if self.tables.pop(operation.table, None) is None:
            return f"there is no table {operation.table}"
        return ""

    def rename_table(self, operation: Operation) -> str:
        old, new = operation.table, operation.detail["to"]
        table = self.table(old)
        if table is None:
            self.strays = [each.replace(table=new) if each.table == old else each for each in self.strays]
            return f"there is no table {old}"
        if new in self.tables:
            return f"table {new} exists already"
        del self.tables[old]
        table.rename(*name_and_namespace(new))
        self.tables[new] = table
        self._index_homes = None
        for key, each in self.tables.items():
            if any(foreign.referred == old for foreign in each.foreign_keys):
                other = self._thaw(key)
                other.rename_referred(old, new)
        return ""

    def set_comment(self, operation: Operation) -> str:
        table = self.table(operation.table)
        if table is None:
            return f"there is no table {operation.table}"
        table.comment = operation.detail.get("to")
        return ""

    # -- columns

    def add_column(self, operation: Operation) -> str:
        column: Column = operation.detail["column"]
        table = self.table(operation.table)
        self._register_enum(column.type, column.origin)
        if table is None:
            return f"there is no table {operation.table}"
        if column.name in table.columns:
            if not operation.conditional and not operation.detail.get("exists"):
                table.columns[column.name] = column
            return f"column {operation.table}.{column.name} exists already"
        table.columns[column.name] = column
        if column.primary_key:
            known = table.primary_key.columns if table.primary_key else ()
            table.primary_key = (table.primary_key or PrimaryKey((), origin=column.origin)).replace(
                columns=(*known, column.name)
            )
        return ""

    def drop_column(self, operation: Operation) -> str:
        table = self.table(operation.table)
        if table is None:
            return f"there is no table {operation.table}"
        if operation.name not in table.columns:
            return f"there is no column {operation.table}.{operation.name}"
        table.drop_column(operation.name)
        return ""

    def alter_column(self, operation: Operation) -> str:
        table = self.table(operation.table)
        if table is None:
            return f"there is no table {operation.table}"
        column = table.columns.get(operation.name)
        if column is None:
            return f"there is no column {operation.table}.{operation.name}"
        changed = dict(operation.detail.get("set", {}))
        if "type" in changed:
            changed["type"] = self._retyped(column.type, changed["type"], operation)
        unread = set(column.unknown).difference(changed).union(operation.detail.get("unknown", ()))
        table.columns[operation.name] = column.replace(**changed, unknown=tuple(sorted(unread)))
        return ""

    def rename_column(self, operation: Operation) -> str:
        table = self.table(operation.table)
        new = operation.detail["to"]
        if table is None:
            return f"there is no table {operation.table}"
        if operation.name not in table.columns:
            return f"there is no column {operation.table}.{operation.name}"
        if new in table.columns and new != operation.name:
            return f"column {operation.table}.{new} exists already"
        table.rename_column(operation.name, new)
        for key, each in self.tables.items():
            if any(f.referred == operation.table and operation.name in f.referred_columns for f in each.foreign_keys):
                other = self._thaw(key)
                other.rename_referred_column(operation.table, operation.name, new)
        return ""

    # -- indexes

    def create_index(self, operation: Operation) -> str:
        table = self.table(operation.table)
        index: Index = operation.detail["index"]
        if table is None:
            return f"there is no table {operation.table}"
        if index.name and any(each.name == index.name for each in table.indexes):
            return f"index {index.name} exists already"
        table.indexes.append(index)
        self._index_lives(index.name, operation.table)
        return ""

    def drop_index(self, operation: Operation) -> str:
        table = self._table_of_index(operation)
        if table is None:
            return f"there is no index {operation.name}"
        found = table.find_index(operation.name, operation.detail.get("columns"))
        if found is None and operation.name:
            # DROP INDEX names no table except on MySQL: a wrong one in the revision does not matter
            table = self._table_of_index(operation.replace(table="")) or table
            found = table.find_index(operation.name, None)
        if found is not None:
            table.indexes.remove(found)
            return ""
        unique = table.find_constraint("unique", operation.name, operation.detail.get("columns"), exact=True)
        if unique is None:
            return f"there is no index {operation.name} on {operation.table or 'any table'}"
        table.uniques.remove(unique)  # MySQL has one namespace for both, and drops either so
        return ""

    def rename_index(self, operation: Operation) -> str:
        table = self._table_of_index(operation)
        new = operation.detail["to"]
        if table is None:
            return f"there is no index {operation.name}"
        found = table.find_index(operation.name, None)
        if found is None:
            return self._rename_found(table, operation)
        table.indexes[table.indexes.index(found)] = found.replace(name=new)
        self._index_lives(new, table.key)
        return ""

    def _rename_found(self, table: WorkingTable, operation: Operation) -> str:
        """PostgreSQL's ALTER INDEX renames the constraint that the index belongs to."""
        if table.rename_constraint(operation.name, operation.detail["to"]):
            return ""
        return f"there is no index {operation.name}"

    def _table_of_index(self, operation: Operation) -> WorkingTable | None:
        if operation.table:
            return self.table(operation.table)
        if "database" in operation.detail:
            return self._table_of_index_in(operation)
        if self._index_homes is None:
            self._index_homes = {
                index.name: key for key, table in self.tables.items() for index in table.indexes if index.name
            }
        key = self._index_homes.get(operation.name)
        if key is not None and key in self.tables:
            return self.table(key)
        for key, each in self.tables.items():
            if any(element.name == operation.name for element in (*each.uniques, *each.indexes)) or (
                each.primary_key is not None and operation.name in (each.primary_key.name, f"{each.name}_pkey")
            ):
                return self.table(key)
        return None

    def _table_of_index_in(self, operation: Operation) -> WorkingTable | None:
        """Two databases may have an index of one name."""
        start = key_in(operation.detail["database"], "")
        for key, each in self.tables.items():
            if key.startswith(start) and any(one.name == operation.name for one in (*each.indexes, *each.uniques)):
                return self.table(key)
        return None

    def _index_lives(self, name: str | None, key: str) -> None:
        if name and self._index_homes is not None:
            self._index_homes[name] = key

    # -- constraints

    def create_primary_key(self, operation: Operation) -> str:
        table = self.table(operation.table)
        constraint: PrimaryKey = operation.detail["constraint"]
        if table is None:
            return f"there is no table {operation.table}"
        why = f"{operation.table} has a primary key already" if table.primary_key else ""
        table.primary_key = constraint
        for name in constraint.columns:
            column = table.columns.get(name)
            if column is not None:
                table.columns[name] = column.replace(nullable=False, primary_key=True)
        return why

    def create_constraint(self, operation: Operation) -> str:
        table = self.table(operation.table)
        constraint = operation.detail["constraint"]
        if table is None:
            return f"there is no table {operation.table}"
        present = table.constraints(CONSTRAINT_FIELD[type(constraint)])
        if constraint.name and any(each.name == constraint.name for each in present):
            return f"constraint {constraint.name} exists already"
        nameless = _nameless_twin(constraint, present)
        if nameless is not None:
            present.remove(nameless)  # the name by which it was dropped is one that a database made up
        present.append(constraint)
        return ""

    def drop_constraint(self, operation: Operation) -> str:
        table = self.table(operation.table)
        if table is None:
            return f"there is no table {operation.table}"
        kind = operation.detail.get("kind", "")
        if table.drop_constraint(kind, operation.name, operation.detail.get("columns")):
            return ""
        index = table.find_index(operation.name, None) if kind in ("", "unique") else None
        if index is not None:
            table.indexes.remove(index)
            return ""
        return f"there is no constraint {operation.name} on {operation.table}"

    def rename_constraint(self, operation: Operation) -> str:
        table = self.table(operation.table)
        if table is None:
            return f"there is no table {operation.table}"
        if table.rename_constraint(operation.name, operation.detail["to"]):
            return ""
        return f"there is no constraint {operation.name} on {operation.table}"

    # -- enums

    def create_enum(self, operation: Operation) -> str:
        values = operation.detail.get("values")
        if operation.name in self.enums:
            return f"type {operation.name} exists already"
        self._add_enum(operation.name, tuple(values) if values is not None else None, operation)
        return ""

    def drop_enum(self, operation: Operation) -> str:
        if self.enums.pop(operation.name, None) is None:
            return f"there is no type {operation.name}"
        return ""

    def alter_enum(self, operation: Operation) -> str:
        enum = self.enums.get(operation.name)
        detail = operation.detail
        if enum is None:
            if detail.get("values") is not None:
                self._add_enum(operation.name, tuple(detail["values"]), operation)
            return f"there is no type {operation.name}"
        if detail.get("values") is not None:
            self.enums[operation.name] = enum.replace(values=tuple(detail["values"]))
            return ""
        if enum.values is None:
            return ""
        values = [
            detail.get("rename", {}).get(value, value) for value in enum.values if value not in detail.get("drop", ())
        ]
        values += [value for value in detail.get("add", ()) if value not in values]
        self.enums[operation.name] = enum.replace(values=tuple(values))
        return ""

    def rename_enum(self, operation: Operation) -> str:
        old, new = operation.name, operation.detail["to"]
        enum = self.enums.pop(old, None)
        if enum is None:
            return f"there is no type {old}"
        name, namespace = name_and_namespace(new)
        self.enums[new] = enum.replace(name=name, namespace=namespace)
        for key in list(self.tables):
            if not any(enum_key(column.type.item or column.type) == old for column in self._columns(key)):
                continue
            table = self._thaw(key)
            for column in list(table.columns.values()):
                table.columns[column.name] = column.replace(type=_with_renamed_enum(column.type, old, new))
        return ""

    def _columns(self, key: str) -> Iterable[Column]:
        table = self.tables[key]
        return table.columns if isinstance(table, Table) else table.columns.values()

    def _add_enum(self, key: str, values: tuple[str, ...] | None, operation: Operation) -> None:
        name, namespace = name_and_namespace(key)
        self.enums[key] = EnumType(name, values, namespace, operation.origin)

    def _register_enum(self, type_: Type, origin: Any) -> None:
        """A column of a native enum makes the type when nothing did before."""
        if type_.family == "array" and type_.item is not None:
            self._register_enum(type_.item, origin)
            return
        key = enum_key(type_)
        if key and key not in self.enums:
            self.enums[key] = EnumType(type_.enum_name or "", type_.values, type_.enum_namespace, origin)

    def _retyped(self, old: Type, new: Type, operation: Operation) -> Type:
        """The type after ALTER: MySQL replaces the values of an enum so, PostgreSQL names another type."""
        key = enum_key(new)
        if key is None or new.values is None:
            return new
        enum = self.enums.get(key)
        if enum is None or (enum_key(old) == key and enum.values != new.values):
            self._add_enum(key, new.values, operation)
        return new

    # -- the rest

    def nothing(self, operation: Operation) -> str:
        return ""

    def not_understood(self, operation: Operation) -> str:
        detail = operation.detail
        objects = tuple(detail.get("objects", ()))
        aspects = tuple(detail.get("aspects", ()))
        unknown = Unknown(detail.get("text", ""), detail.get("why", ""), operation.origin, objects, aspects)
        homes = {home for home in (self._home(name) for name in objects) if home}
        for home in homes:
            table = self._thaw(home)
            table.unknown.append(unknown)
        if not homes:
            self.unknown.append(unknown)
        return ""

    def _home(self, name: str) -> str | None:
        if name in self.tables:
            return name
        table = name.rpartition(".")[0]
        return table if table in self.tables else None


def _with_primary_key(table: Table, primary_key: PrimaryKey) -> Table:
    """A PrimaryKeyConstraint makes its columns NOT NULL."""
    inside = set(primary_key.columns)
    if all(column.primary_key and not column.nullable for column in table.columns if column.name in inside):
        return table
    columns = tuple(
        column.replace(nullable=False, primary_key=True) if column.name in inside else column
        for column in table.columns
    )
    return table.replace(columns=columns)


def _with_renamed_enum(type_: Type, old: str, new: str) -> Type:
    if type_.item is not None:
        return type_.replace(item=_with_renamed_enum(type_.item, old, new))
    if enum_key(type_) != old:
        return type_
    name, namespace = name_and_namespace(new)
    text = name if type_.text == type_.enum_name else type_.text.replace(f"name={type_.enum_name!r}", f"name={name!r}")
    return type_.replace(enum_name=name, enum_namespace=namespace, text=text)


# What can be done to a table that is in no revision, and is known again where the table is taken from the models.
STRAY = frozenset(
    {
        *(
            "add_column",
            "drop_column",
            "alter_column",
            "rename_column",
            "create_index",
            "drop_index",
            "drop_constraint",
        ),
        *("create_primary_key", "create_unique", "create_foreign_key", "create_check", "create_exclude"),
    }
)
CONSTRAINT_FIELD: dict[type, str] = {Unique: "unique", ForeignKey: "foreign_key", Check: "check", Exclude: "exclude"}

ACTIONS: dict[str, Callable[[Working, Operation], str]] = {
    "create_table": Working.create_table,
    "drop_table": Working.drop_table,
    "rename_table": Working.rename_table,
    "set_comment": Working.set_comment,
    "add_column": Working.add_column,
    "drop_column": Working.drop_column,
    "alter_column": Working.alter_column,
    "rename_column": Working.rename_column,
    "create_index": Working.create_index,
    "drop_index": Working.drop_index,
    "rename_index": Working.rename_index,
    "create_primary_key": Working.create_primary_key,
    "create_unique": Working.create_constraint,
    "create_foreign_key": Working.create_constraint,
    "create_check": Working.create_constraint,
    "create_exclude": Working.create_constraint,
    "drop_constraint": Working.drop_constraint,
    "rename_constraint": Working.rename_constraint,
    "create_enum": Working.create_enum,
    "drop_enum": Working.drop_enum,
    "alter_enum": Working.alter_enum,
    "rename_enum": Working.rename_enum,
    "create_namespace": Working.nothing,
    "drop_namespace": Working.nothing,
    "data": Working.nothing,
    "unknown": Working.not_understood,
}
