"""One call of Alembic's `op` or of a batch as operations."""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.schema.constructs import (
    ColumnPart,
    Part,
    arguments_of,
    index_column,
    index_of,
    is_understood,
    name_of,
    options_of,
    origin_of,
    other_options,
    plain,
    read_column,
    read_constraint,
)
from gitmig.schema.elements import Check, ForeignKey, PrimaryKey, Table, Type, Unique, table_key
from gitmig.schema.exclusions import exclude
from gitmig.schema.made import kind_of, made_by
from gitmig.schema.operations import CREATE_OF, Operation
from gitmig.schema.sqltext import default_text, sql_text
from gitmig.schema.tables import assemble, read_table
from gitmig.schema.types import read_type
from gitmig.source.scopes import Class, Expression, Known, Scope
from gitmig.source.values import call_name, evaluate, items, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Unread(Exception):
    """An argument that decides what happens and could not be read."""

    def __init__(self, why: str, *objects: str) -> None:
        super().__init__(why)
        self.objects = tuple(name for name in objects if name)


class Batch(Frozen):
    """The table of a `batch_alter_table` block; `table` is None when its name was not read."""

    table: str | None
    namespace: str | None = None

    def key(self) -> str:
        if self.table is None:
            raise Unread("the table of the batch is computed")
        return table_key(self.table, self.namespace)


# What parameters were called before Alembic 0.8; old revisions are never rewritten.
FORMER_NAMES = (
    ("name", "constraint_name"),
    ("name", "index_name"),
    ("source", "source_table"),
    ("source", "table_name"),
    ("tablename", "table_name"),
    ("referent", "referent_table"),
    ("local_cols", "columns"),
)


class Arguments:
    """The arguments of a call by the names that Alembic gives its parameters."""

    def __init__(self, call: ast.Call, scope: Scope, names: str) -> None:
        positional, complete = arguments_of(call, scope)
        self.given, all_options = options_of(call, scope)
        self.origin = origin_of(call, scope)
        self.scope = scope
        parameters = names.split()
        self.rest = positional[len(parameters) :]
        for old, new in FORMER_NAMES:
            if old in self.given and new in parameters and new not in self.given:
                self.given[new] = self.given.pop(old)
        self.given.update(zip(parameters, positional, strict=False))
        self.complete = complete and all_options

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def text(self, name: str) -> str | None:
        """The text of a name-like argument, None when it is absent or None."""
        found, _final, known = name_of(self.given.get(name))
        if not known:
            raise Unread(f"{name} is computed")
        return found

    def required(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise Unread(f"{name} is computed" if name in self.given or not self.complete else f"{name} is missing")
        return found

    def label(self, name: str) -> str | None:
        """The name of what is created: one that is computed counts as none, the columns tell it apart."""
        return name_of(self.given.get(name))[0]

    def texts(self, name: str, *, sql: bool = False) -> tuple[str, ...]:
        """A list of names; a single string is a list of one.  With `sql` a part may also be an expression."""
        option = self.given.get(name)
        if option is None:
            raise Unread(f"{name} is computed")
        value = plain(option)
        if isinstance(value, str):
            return (value,)
        parts = items(option.node, option.scope)
        if parts is None:
            raise Unread(f"{name} is computed")
        found = []
        for part in parts:
            text, _final, known = name_of(part)
            if not known or text is None:
                if not sql and not is_understood(part, None):
                    raise Unread(f"{name} is computed")
                text = index_column(part, None)
            found.append(text)
        return tuple(found)

    def understands(self, name: str) -> bool:
        """Whether every part of a list is a name or an expression of SQL."""
        option = self.given.get(name)
        parts = items(option.node, option.scope) if option is not None else None
        return all(name_of(part)[2] or is_understood(part, None) for part in parts or ())

    def value(self, name: str) -> Any:
        value = plain(self.given.get(name))
        return None if value is ... else value

    def exists(self, word: str) -> dict[str, Any]:
        return {"exists": True} if self.value(word) else {}


def operations_of(method: str, call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation] | None:
    """What a call of `op.<method>` does; None when there is no such method here, Unread when it was not understood."""
    reader = METHODS.get(method)
    if reader is None:
        return None
    return reader(call, scope, batch)


def _table(arguments: Arguments, batch: Batch | None, name: str = "table_name", schema: str = "schema") -> str:
    if batch is not None:
        return batch.key()
    return table_key(arguments.required(name), arguments.text(schema) if schema in arguments else None)


def _names(batch: Batch | None, first: str, rest: str) -> str:
    """The positional parameters; in a batch the table is left out."""
    return f"{first} {rest}" if batch is None else rest


# -- tables


def _create_table(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    table = table_of(call, scope, metadata_argument=False)
    if table is None:
        raise Unread("the name of the table is computed")
    arguments = Arguments(call, scope, "table_name")
    detail = {"table": table, **arguments.exists("if_not_exists")}
    return [Operation("create_table", table.key, "", detail, table.origin)]


def table_of(call: ast.Call, scope: Scope, *, metadata_argument: bool) -> Table | None:
    """A `Table(...)` or `create_table(...)` call as a Table."""
    part = read_table(call, scope, metadata_argument=metadata_argument)
    if part.name is None:
        return None
    return assemble(
        part.name,
        part.namespace,
        part.columns,
        part.parts,
        comment=part.comment,
        unknown=part.unknown,
        origin=part.origin,
    )


def _drop_table(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, "table_name")
    return [Operation("drop_table", _table(arguments, None), "", arguments.exists("if_exists"), arguments.origin)]


def _rename_table(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, "old_table_name new_table_name")
    namespace = arguments.text("schema")
    old = table_key(arguments.required("old_table_name"), namespace)
    to = table_key(arguments.required("new_table_name"), namespace)
    return [Operation("rename_table", old, "", {"to": to}, arguments.origin)]


def _set_comment(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, _names(batch, "table_name", "comment"))
    return [Operation("set_comment", _table(arguments, batch), "", {"to": arguments.text("comment")}, arguments.origin)]


def _drop_comment(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, _names(batch, "table_name", ""))
    return [Operation("set_comment", _table(arguments, batch), "", {"to": None}, arguments.origin)]


# -- columns


def _add_column(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, _names(batch, "table_name", "column"))
    key = _table(arguments, batch)
    written = arguments.given.get("column")
    made = made_by(written.node, written.scope) if written is not None else None
    if made is None or not isinstance(made.node, ast.Call) or made.kind not in COLUMNS:
        raise Unread("the column is computed", key)
    part = read_column(made.node, made.scope)
    if not part.column.name:
        raise Unread("the name of the column is computed", key)
    return added(key, part, arguments.exists("if_not_exists"), arguments)


COLUMNS = ("Column", "mapped_column")


def added(key: str, part: ColumnPart, exists: dict[str, Any], arguments: Arguments) -> list[Operation]:
    """A column and what it asks of its table: indexes, foreign keys, unique constraints."""
    namespace, _, name = key.rpartition(".")
    table = assemble(name, namespace or None, (part,), origin=arguments.origin)
    column = table.columns[0]
    found = [Operation("add_column", key, column.name, {"column": column, **exists}, column.origin)]
    for element in (*table.uniques, *table.checks, *table.excludes, *table.foreign_keys):
        found.append(created(key, element, exists))
    for index in table.indexes:
        found.append(Operation("create_index", key, index.name or "", {"index": index, **exists}, index.origin))
    for gap in table.unknown:
        detail = {"text": gap.what, "why": gap.why, "objects": gap.objects}
        found.append(Operation("unknown", "", "", detail, gap.origin))
    return found


def created(key: str, element: Any, exists: dict[str, Any]) -> Operation:
    return Operation(
        CREATE_OF[type(element)], key, element.name or "", {"constraint": element, **exists}, element.origin
    )


def _drop_column(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, _names(batch, "table_name", "column_name"))
    key = _table(arguments, batch)
    try:
        name = arguments.required("column_name")
    except Unread as why:
        name = _name_of_column(arguments, key, why)
    return [Operation("drop_column", key, name, arguments.exists("if_exists"), arguments.origin)]


def _name_of_column(arguments: Arguments, key: str, why: Unread) -> str:
    """Some pass the column itself."""
    option = arguments.given.get("column_name")
    made = made_by(option.node, option.scope) if option is not None else None
    if made is not None and isinstance(made.node, ast.Call) and made.kind in COLUMNS:
        return read_column(made.node, made.scope).column.name
    raise Unread(str(why), key)


def _alter_column(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, _names(batch, "table_name", "column_name"))
    key = _table(arguments, batch)
    try:
        name = arguments.required("column_name")
        new_name = arguments.text("new_column_name") or arguments.text("name")
    except Unread as why:
        raise Unread(str(why), key) from None
    changed, unread = _changes(arguments)
    if not arguments.complete:
        unread.append("type")
    detail: dict[str, Any] = {"set": changed}
    before = _previous(arguments)
    if before:
        detail["was"] = before
    if unread:
        detail["unknown"] = tuple(unread)
    found = []
    if changed or unread:
        found.append(Operation("alter_column", key, name, detail, arguments.origin))
    if new_name and new_name != name:
        found.append(Operation("rename_column", key, name, {"to": new_name}, arguments.origin))
    return found


def _changes(arguments: Arguments) -> tuple[dict[str, Any], list[str]]:
    changed: dict[str, Any] = {}
    unread: list[str] = []
    type_ = arguments.given.get("type_") or arguments.given.get("type")
    if type_ is not None and plain(type_) is not None:
        changed["type"] = read_type(type_.node, type_.scope)
    nullable = plain(arguments.given.get("nullable"))
    if nullable is ...:
        unread.append("nullable")
    elif nullable is not None:
        changed["nullable"] = bool(nullable)
    for attribute in ("comment", "autoincrement"):
        value = plain(arguments.given.get(attribute), False)
        if value is ...:
            unread.append(attribute)
        elif attribute == "comment" and value is not False:
            changed["comment"] = value
        elif attribute == "autoincrement" and value not in (False, None):
            changed["autoincrement"] = str(value)
    default = arguments.given.get("server_default")
    if default is not None and plain(default) is not False:
        was = arguments.given.get("existing_server_default")
        if plain(default) is None and was is not None and _kind_of_default(was) == "Identity":
            changed["identity"] = None  # how Alembic takes GENERATED AS IDENTITY off a column
        else:
            _changed_default(default, changed, unread)
    return changed, unread


def _kind_of_default(option: Expression) -> str:
    made = made_by(option.node, option.scope)
    return made.kind


def _changed_default(option: Expression, changed: dict[str, Any], unread: list[str]) -> None:
    made = made_by(option.node, option.scope)
    kind = _kind_of_default(option)
    if kind in ("Computed", "Identity"):
        column = ast.Call(func=ast.Name(id="Column", ctx=ast.Load()), args=[made.node], keywords=[])
        read = read_column(ast.copy_location(column, made.node), made.scope, name="x").column
        attribute = kind.lower()
        changed[attribute] = getattr(read, attribute)
        return
    text, known = default_text(option.node, option.scope)
    changed["server_default"] = text
    if not known:
        unread.append("server_default")


def _previous(arguments: Arguments) -> dict[str, Any]:
    """What a call says about the column before: `existing_type` and the like."""
    before: dict[str, Any] = {}
    type_ = arguments.given.get("existing_type")
    if type_ is not None:
        before["type"] = read_type(type_.node, type_.scope)
    nullable = arguments.value("existing_nullable")
    if isinstance(nullable, bool):
        before["nullable"] = nullable
    default = arguments.given.get("existing_server_default")
    if default is not None and plain(default) is not False:
        text, known = default_text(default.node, default.scope)
        if known:
            before["server_default"] = text
    return before


# -- indexes


def _create_index(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    names = "index_name table_name columns" if batch is None else "index_name columns"
    arguments = Arguments(call, scope, names)
    key = _table(arguments, batch)
    try:
        name = arguments.label("index_name")
        columns = arguments.texts("columns", sql=True)
    except Unread as why:
        raise Unread(str(why), key) from None
    index = index_of(name, columns, arguments.given, arguments.origin)
    if not arguments.understands("columns"):
        index = index.replace(unknown=(*index.unknown, "columns"))
    index = index.replace(
        options=tuple(option for option in index.options if option[0] not in ("index_name", "table_name", "columns"))
    )
    detail = {"index": index, **arguments.exists("if_not_exists")}
    return [Operation("create_index", key, name or "", detail, arguments.origin)]


def _drop_index(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, "index_name table_name" if batch is None else "index_name")
    key = ""
    if batch is not None or arguments.text("table_name"):
        key = _table(arguments, batch)
    try:
        name = arguments.required("index_name")
    except Unread as why:
        raise Unread(str(why), key) from None
    return [Operation("drop_index", key, name, arguments.exists("if_exists"), arguments.origin)]


# -- constraints


def _create_primary_key(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    return _create_of_columns(call, scope, batch, PrimaryKey)


def _create_unique(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    return _create_of_columns(call, scope, batch, Unique)


def _create_of_columns(
    call: ast.Call, scope: Scope, batch: Batch | None, kind: type[PrimaryKey] | type[Unique]
) -> list[Operation]:
    names = "constraint_name table_name columns" if batch is None else "constraint_name columns"
    arguments = Arguments(call, scope, names)
    key = _table(arguments, batch)
    try:
        constraint = kind(arguments.texts("columns"), arguments.label("constraint_name"), origin=arguments.origin)
    except Unread as why:
        raise Unread(str(why), key) from None
    if isinstance(constraint, Unique):
        given = {name: option for name, option in arguments.given.items() if name not in NO_OPTIONS}
        constraint = constraint.replace(options=other_options(given))
    return [created(key, constraint, {})]


NO_OPTIONS = frozenset({"constraint_name", "table_name", "columns", "schema"})


def _create_foreign_key(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    names = (
        "constraint_name source_table referent_table local_cols remote_cols"
        if batch is None
        else "constraint_name referent_table local_cols remote_cols"
    )
    arguments = Arguments(call, scope, names)
    key = _table(arguments, batch, "source_table", "source_schema")
    try:
        referred = table_key(arguments.required("referent_table"), arguments.text("referent_schema"))
        constraint = ForeignKey(
            arguments.texts("local_cols"),
            referred,
            arguments.texts("remote_cols"),
            arguments.label("constraint_name"),
            ondelete=arguments.text("ondelete"),
            onupdate=arguments.text("onupdate"),
            deferrable=arguments.value("deferrable"),
            initially=arguments.text("initially"),
            origin=arguments.origin,
        )
    except Unread as why:
        raise Unread(str(why), key) from None
    return [created(key, constraint, {})]


def _create_check(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    names = "constraint_name table_name condition" if batch is None else "constraint_name condition"
    arguments = Arguments(call, scope, names)
    key = _table(arguments, batch)
    condition = arguments.given.get("condition")
    text = sql_text(condition.node, condition.scope)[0] if condition is not None else ""
    name = arguments.label("constraint_name")
    return [created(key, Check(text, name, arguments.origin), {})]


def _create_exclude(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    names = "constraint_name table_name" if batch is None else "constraint_name"
    arguments = Arguments(call, scope, names)
    key = _table(arguments, batch)
    given = {word: part for word, part in arguments.given.items() if word not in NO_OPTIONS}
    return [created(key, exclude(arguments.rest, given, arguments.label("constraint_name"), arguments.origin), {})]


KINDS = {"primary": "primary_key", "unique": "unique", "foreignkey": "foreign_key", "check": "check"}


def _drop_constraint(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    names = "constraint_name table_name type_" if batch is None else "constraint_name type_"
    arguments = Arguments(call, scope, names)
    key = _table(arguments, batch)
    kind = arguments.value("type_") or ""
    try:
        name = arguments.text("constraint_name") or ""
    except Unread as why:
        if kind != "primary":  # a table has one primary key, whatever its name is
            raise Unread(str(why), key) from None
        name = ""
    detail = {"kind": KINDS.get(str(kind), ""), **arguments.exists("if_exists")}
    return [Operation("drop_constraint", key, name, detail, arguments.origin)]


# -- rows, and packages that add operations of their own


def _bulk_insert(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    arguments = Arguments(call, scope, "table rows")
    table = table_named_by(arguments.given.get("table"))
    return [Operation("data", table, "", {"kind": "insert"}, arguments.origin)]


def table_named_by(expression: Expression | None) -> str:
    """The key of the table that an expression stands for, "" when it is not known."""
    if expression is None:
        return ""
    found = resolve(expression.node, expression.scope)
    if isinstance(found, Class):
        name = found.own("__tablename__")
        value = evaluate(name.node, name.scope) if isinstance(name, Expression) else name
        return value.value if isinstance(value, Known) and isinstance(value.value, str) else ""
    if isinstance(found, Expression) and isinstance(found.node, ast.Attribute) and found.node.attr == "__table__":
        return table_named_by(Expression(found.node.value, found.scope))
    if not isinstance(found, Expression) or not isinstance(found.node, ast.Call):
        return ""
    if call_name(found.node) not in ("table", "Table", "create_table", "TableClause"):
        return ""
    arguments = Arguments(found.node, found.scope, "name")
    try:
        return table_key(arguments.required("name"), arguments.text("schema"))
    except Unread:
        return ""


def _sync_enum(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    """`op.sync_enum_values` of alembic-postgresql-enum."""
    arguments = Arguments(call, scope, "enum_schema enum_name new_values affected_columns")
    namespace = arguments.text("enum_schema")
    name = arguments.required("enum_name")
    key = table_key(name, None if namespace in (None, "public") else namespace)
    return [Operation("alter_enum", "", key, {"values": arguments.texts("new_values")}, arguments.origin)]


def _nothing(call: ast.Call, scope: Scope, batch: Batch | None) -> list[Operation]:
    return []


METHODS: dict[str, Callable[[ast.Call, Scope, Batch | None], list[Operation]]] = {
    "create_table": _create_table,
    "drop_table": _drop_table,
    "rename_table": _rename_table,
    "create_table_comment": _set_comment,
    "drop_table_comment": _drop_comment,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "create_primary_key": _create_primary_key,
    "create_unique_constraint": _create_unique,
    "create_foreign_key": _create_foreign_key,
    "create_check_constraint": _create_check,
    "create_exclude_constraint": _create_exclude,
    "drop_constraint": _drop_constraint,
    "bulk_insert": _bulk_insert,
    "sync_enum_values": _sync_enum,
    # GeoAlchemy2; its indexes belong to the type of a column, and its own filter keeps them from the comparison
    "create_geospatial_table": _create_table,
    "drop_geospatial_table": _drop_table,
    "add_geospatial_column": _add_column,
    "drop_geospatial_column": _drop_column,
    "create_geospatial_index": _nothing,
    "drop_geospatial_index": _nothing,
}
# Methods without an effect on a schema, of Alembic and of packages that add views, functions, triggers and sequences.
for _name in (
    "f",
    "get_bind",
    "get_context",
    "inline_literal",
    "implementation_for",
    "register_operation",
    "create_view",
    "drop_view",
    "replace_view",
    "create_materialized_view",
    "drop_materialized_view",
    "create_sp",
    "drop_sp",
    "replace_sp",
    "create_function",
    "drop_function",
    "create_trigger",
    "drop_trigger",
    "create_sequence",
    "drop_sequence",
    "create_entity",
    "drop_entity",
    "replace_entity",
    "revert_entity",
    "create_extension",
    "drop_extension",
):
    METHODS[_name] = _nothing


# -- objects with methods of their own: sa.Enum(...).create(bind), sa.Table(...).create(bind)


def made_or_dropped(method: str, base: Expression, call: ast.Call, scope: Scope) -> list[Operation] | None:
    """What `.create(bind)` or `.drop(bind)` of a type, a table, an index or a constraint does; None for others."""
    if not isinstance(base.node, ast.Call):
        return None
    origin = origin_of(call, scope)
    kind = kind_of(base.node, base.scope)
    if kind == "Table":
        table = table_of(base.node, base.scope, metadata_argument=True)
        return None if table is None else table_made_or_dropped(method, table, call, scope)
    if kind == "Index":
        return _index_made_or_dropped(method, base, origin)
    if kind:
        return [] if kind == "Sequence" else None
    type_ = read_type(base.node, base.scope)
    if type_.family != "enum":
        return [] if type_.family and type_.known else None
    return enum_made_or_dropped(method, type_, origin)


def table_made_or_dropped(method: str, table: Table, call: ast.Call, scope: Scope) -> list[Operation]:
    """What `table.create(bind)` or `table.drop(bind)` does."""
    origin = origin_of(call, scope)
    exists = {"exists": True} if Arguments(call, scope, "bind checkfirst").value("checkfirst") else {}
    if method == "create":
        return [Operation("create_table", table.key, "", {"table": table, **exists}, origin)]
    return [Operation("drop_table", table.key, "", exists, origin)]


def enum_made_or_dropped(method: str, type_: Type, origin: Any) -> list[Operation] | None:
    if not type_.enum_name:
        return None if type_.values is None else []  # an enum without a name is no type of its own
    key = table_key(type_.enum_name, type_.enum_namespace)
    detail: dict[str, Any] = {"exists": True}  # checkfirst is the default here
    if method == "create":
        detail["values"] = type_.values
    return [Operation(f"{method}_enum", "", key, detail, origin)]


def _index_made_or_dropped(method: str, base: Expression, origin: Any) -> list[Operation] | None:
    if not isinstance(base.node, ast.Call):
        return None
    read = read_constraint(base.node, base.scope)
    if not isinstance(read, Part):
        return None
    index: Any = read.element
    if method == "drop":
        return [Operation("drop_index", "", index.name or "", {}, origin)]
    columns = base.node.args[1:]
    tables = {
        table_named_by(Expression(part.value.value, base.scope))
        for part in columns
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Attribute)
    } - {""}
    if len(tables) != 1:
        return None
    return [Operation("create_index", tables.pop(), index.name or "", {"index": index}, origin)]
