"""Several databases that one environment migrates, as one schema: what is in the database `a` has the namespace "@a".

A table is then "@a.users" or "@a.sales.users", so that tables of one name in two databases are two tables for all
that works with keys.  The mark is taken off wherever something is written for Alembic.  A database without a name, as
Flask-Migrate's default one, has no mark.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.elements import Column, EnumType, ForeignKey, Schema, Table, Type, Unknown, Unnamed
from gitmig.schema.operations import Operation, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

MARK = "@"
# What an Unknown may name that is no table.
NO_TABLES = frozenset({"event listener", "MetaData"})


def key_in(database: str, key: str) -> str:
    """The key of a table or an enum in a database."""
    return f"{MARK}{database}.{key}" if database else key


def split_key(key: str) -> tuple[str, str]:
    """The database, "" for one without a name, and the key in it."""
    if not key.startswith(MARK):
        return "", key
    database, _, rest = key[len(MARK) :].partition(".")
    return database, rest


def operation_in(database: str, operation: Operation) -> Operation:
    """The same operation, done in a database."""
    return _Moved.into(database).operation(operation) if database else operation


def without_database(operation: Operation) -> tuple[str, Operation]:
    """The database of an operation, and the operation as it is written for that database."""
    database = _database_of(operation)
    return database, _Moved.out_of(database).operation(operation) if database else operation


def encode_plain(operation: Operation) -> dict[str, Any]:
    """The operation as JSON, with the database beside the name that the table has there."""
    database, plain = without_database(operation)
    return {**encode(plain), "database": database} if database else encode(plain)


def schema_in(database: str, schema: Schema) -> Schema:
    return _Moved.into(database).schema(schema) if database else schema


def part_of(schema: Schema, database: str) -> Schema:
    """What a schema has of one database, as it is seen from there."""
    moved = _Moved.out_of(database)
    own = schema.replace(
        tables={key: table for key, table in schema.tables.items() if split_key(key)[0] == database},
        enums={key: enum for key, enum in schema.enums.items() if split_key(key)[0] == database},
        unknown=tuple(one for one in schema.unknown if _concerns(one, database)),
        unnamed=tuple(one for one in schema.unnamed if split_key(f"{one.table.namespace or ''}.")[0] == database),
        strays=tuple(each for each in schema.strays if _database_of(each) == database),
    )
    return moved.schema(own) if database else own


def joined(schemas: Iterable[Schema]) -> Schema:
    """One schema of several that have no table in common; what none of them could read is said once."""
    schemas = tuple(schemas)
    tables = {key: table for schema in schemas for key, table in schema.tables.items()}
    enums = {key: enum for schema in schemas for key, enum in schema.enums.items()}
    unknown = dict.fromkeys(one for schema in schemas for one in schema.unknown)
    return Schema(
        {key: tables[key] for key in sorted(tables)},
        {key: enums[key] for key in sorted(enums)},
        tuple(unknown),
        tuple(one for schema in schemas for one in schema.unnamed),
        left_out=tuple(dict.fromkeys(name for schema in schemas for name in schema.left_out)),
        strays=tuple(each for schema in schemas for each in schema.strays),
    )


def databases_in(schema: Schema) -> tuple[str, ...]:
    """The databases that have a table or an enum here."""
    return tuple(sorted({split_key(key)[0] for key in (*schema.tables, *schema.enums)}))


def _concerns(unknown: Unknown, database: str) -> bool:
    if not unknown.objects or not NO_TABLES.isdisjoint(unknown.objects):
        return True
    return any(split_key(name)[0] == database for name in unknown.objects)


def _database_of(operation: Operation) -> str:
    database = split_key(operation.table or operation.name)[0] or operation.detail.get("database", "")
    if database or operation.op != "unknown":
        return str(database)
    found = {split_key(name)[0] for name in operation.detail.get("objects", ())}
    return found.pop() if len(found) == 1 else ""


class _Moved(Frozen):
    """Everything that names a table or an enum, moved into a database or out of it."""

    database: str
    key: Callable[[str], str]
    inwards: bool

    @staticmethod
    def into(database: str) -> _Moved:
        return _Moved(database, lambda key: key_in(database, key), True)

    @staticmethod
    def out_of(database: str) -> _Moved:
        start = key_in(database, "")
        return _Moved(database, lambda key: key.removeprefix(start), False)

    def namespace(self, namespace: str | None) -> str | None:
        mark = f"{MARK}{self.database}"
        if self.inwards:
            return f"{mark}.{namespace}" if namespace else mark
        return None if namespace in (None, mark) else str(namespace).removeprefix(f"{mark}.")

    def schema(self, schema: Schema) -> Schema:
        return Schema(
            {self.key(key): self.table(table) for key, table in schema.tables.items()},
            {self.key(key): self.enum(enum) for key, enum in schema.enums.items()},
            tuple(self.unknown(one) for one in schema.unknown),
            tuple(Unnamed(one.names, self.table(one.table)) for one in schema.unnamed),
            left_out=schema.left_out,
            strays=tuple(map(self.operation, schema.strays)),
        )

    def table(self, table: Table) -> Table:
        return table.replace(
            namespace=self.namespace(table.namespace),
            columns=tuple(map(self.column, table.columns)),
            foreign_keys=tuple(map(self.foreign_key, table.foreign_keys)),
            unknown=tuple(map(self.unknown, table.unknown)),
        )

    def column(self, column: Column) -> Column:
        return column.replace(type=self.type(column.type))

    def type(self, type_: Type) -> Type:
        """Only a native enum is an object of the database."""
        changed: dict[str, Any] = {}
        if type_.family == "enum" and type_.enum_name:
            changed["enum_namespace"] = self.namespace(type_.enum_namespace)
        if type_.item is not None:
            changed["item"] = self.type(type_.item)
        if type_.variants:
            changed["variants"] = tuple((dialect, self.type(each)) for dialect, each in type_.variants)
        return type_.replace(**changed) if changed else type_

    def foreign_key(self, constraint: ForeignKey) -> ForeignKey:
        return constraint.replace(referred=self.key(constraint.referred))

    def enum(self, enum: EnumType) -> EnumType:
        return enum.replace(namespace=self.namespace(enum.namespace))

    def unknown(self, unknown: Unknown) -> Unknown:
        objects = tuple(name if name in NO_TABLES else self.key(name) for name in unknown.objects)
        return unknown.replace(objects=objects) if objects != unknown.objects else unknown

    def operation(self, operation: Operation) -> Operation:
        changed: dict[str, Any] = {"detail": self.detail(operation)}
        if operation.table:
            changed["table"] = self.key(operation.table)
        if operation.op.endswith("_enum"):
            changed["name"] = self.key(operation.name)
        return operation.replace(**changed)

    def detail(self, operation: Operation) -> dict[str, Any]:
        detail = {key: self.part(operation.op, key, value) for key, value in operation.detail.items()}
        if self.inwards and not operation.table and operation.op.endswith("_index"):
            detail["database"] = self.database  # an index may be named without its table
        elif not self.inwards:
            detail.pop("database", None)
        return detail

    def part(self, op: str, key: str, value: Any) -> Any:
        if isinstance(value, Table):
            return self.table(value)
        if isinstance(value, Column):
            return self.column(value)
        if isinstance(value, ForeignKey):
            return self.foreign_key(value)
        if key in ("set", "was") and isinstance(value, dict) and isinstance(value.get("type"), Type):
            return {**value, "type": self.type(value["type"])}
        if key == "to" and op in ("rename_table", "rename_enum"):
            return self.key(value)
        if key == "objects":
            return tuple(map(self.key, value))
        return value
