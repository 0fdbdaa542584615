"""Runs in the project's interpreter: Alembic's own comparison of two states of the models, without a database.

`snapshot` says of a MetaData what a database built from it would answer; `compared` lets these answers stand for the
reflection of a dialect that has no driver, and gives what Alembic would write for another MetaData.  This file must run
on every Python that a project may have, with Alembic 1.10 or newer, and imports nothing of gitmig.
"""

from __future__ import annotations

import ast
import importlib
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

DEFAULT_NAMESPACES = {"postgresql": "public", "sqlite": "main", "mssql": "dbo", "oracle": "system"}
# The longest name of PostgreSQL.
LONGEST = 63


def snapshot(found: Iterable[Any], dialect_name: str) -> dict[str, Any]:
    """The tables of several MetaData by their key, as the dialect's reflection would answer."""
    context = context_of(dialect_name, {}, {})
    tables = {table.key: table for metadata in found for table in metadata.tables.values()}
    return {key: recorded(table, context) for key, table in sorted(tables.items())}


def compared(old: dict[str, Any], target: Any, dialect_name: str, left_out: Iterable[str]) -> str:
    """What autogenerate writes into upgrade() to take a database like the snapshot to the MetaData `target`."""
    from alembic.autogenerate import produce_migrations, render_python_code

    left_out = set(left_out)

    def include(element: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
        if kind == "index" and dialect_name != "postgresql" and on_expressions(element):
            return False  # only of PostgreSQL does reflection give these
        return bool(kind != "table" or element.key not in left_out)

    options = {
        "target_metadata": target,
        "include_object": include,
        "include_schemas": True,
        "compare_type": True,
        "compare_server_default": True,
    }
    context = context_of(dialect_name, old, options)
    # PostgreSQL's would ask the database whether the two are the same.  Not by the option: Alembic 1.20 calls a
    # function that is given there for generated columns too, and fails on them.
    context.impl.compare_server_default = other_default
    script: Any = produce_migrations(context, target)
    return str(render_python_code(script.upgrade_ops, migration_context=context))


def other_default(inspected: Any, column: Any, rendered: Any, was: Any) -> bool:
    return plain(was) != plain(rendered)


def plain(default: Any) -> str | None:
    """Without the parentheses that some dialects put around an expression."""
    if default is None:
        return None
    text = " ".join(str(default).split())
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text


# A database that is none


class Driver:
    """A connection of a driver: it can be given back, and nothing else."""

    def rollback(self) -> None:
        """Nothing was begun."""

    commit = close = rollback

    def cursor(self) -> Any:
        raise RuntimeError("there is no database: only what is known of its tables can be asked")


def context_of(dialect_name: str, tables: dict[str, Any], options: dict[str, Any]) -> Any:
    """Alembic's context on a dialect that answers from the snapshot."""
    from alembic.migration import MigrationContext
    from sqlalchemy.engine import Engine, make_url
    from sqlalchemy.pool import StaticPool

    dialect = offline(dialect_name, tables)
    url = make_url(dialect_name + "://")
    driver: Any = Driver
    engine = Engine(StaticPool(driver, dialect=dialect), dialect, url)
    prefixes = {"sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", "user_module_prefix": None}
    return MigrationContext.configure(engine.connect(), opts=dict(prefixes, render_item=None, **options))


def offline(dialect_name: str, tables: dict[str, Any]) -> Any:
    """A dialect whose reflection is the snapshot."""
    from sqlalchemy.dialects import registry
    from sqlalchemy.engine.default import DefaultDialect
    from sqlalchemy.exc import NoSuchTableError

    namespace = DEFAULT_NAMESPACES.get(dialect_name)

    def record(table: str, schema: Any) -> dict[str, Any]:
        key = schema + "." + table if schema and schema != namespace else table
        if key not in tables:
            raise NoSuchTableError(table)
        return dict(tables[key])

    def part(name: str) -> Any:
        def answer(self: Any, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:
            return record(table_name, schema)[name]

        return answer

    def columns(self: Any, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:
        return [dict(one, type=type_of(one["type"])) for one in record(table_name, schema)["columns"]]

    def names(self: Any, connection: Any, schema: Any = None, **kw: Any) -> list[str]:
        wanted = None if schema == namespace else schema
        return [one["name"] for one in tables.values() if one["namespace"] == wanted]

    def namespaces(self: Any, connection: Any, **kw: Any) -> list[str]:
        return sorted({one["namespace"] for one in tables.values()} - {None} | {namespace or ""} - {""})

    def none(self: Any, connection: Any, *given: Any, **kw: Any) -> list[str]:
        return []

    def has_table(self: Any, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> bool:
        return table_name in names(self, connection, schema)

    methods: dict[str, Any] = {
        "get_columns": columns,
        "get_pk_constraint": part("primary_key"),
        "get_unique_constraints": part("uniques"),
        "get_foreign_keys": part("foreign_keys"),
        "get_indexes": part("indexes"),
        "get_table_comment": part("comment"),
        "get_table_options": lambda self, connection, table_name, schema=None, **kw: {},
        "get_check_constraints": none,
        "get_table_names": names,
        "get_temp_table_names": none,
        "get_view_names": none,
        "get_temp_view_names": none,
        "get_materialized_view_names": none,
        "get_sequence_names": none,
        "get_schema_names": namespaces,
        "has_table": has_table,
    }
    for name in dir(DefaultDialect):  # SQLAlchemy 2: several tables at once, which then ask for one after the other
        if name.startswith("get_multi_"):
            methods[name] = getattr(DefaultDialect, name)
    made = type("Offline", (registry.load(dialect_name),), methods)()
    made.default_schema_name = namespace
    return made


# What a database would answer


def recorded(table: Any, context: Any) -> dict[str, Any]:
    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy import UniqueConstraint

    autogenerate = AutogenContext(context)
    uniques = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    key = table.primary_key
    return {
        "name": str(table.name),
        "namespace": table.schema,
        "columns": [recorded_column(column, autogenerate, context.dialect) for column in table.columns],
        "primary_key": {
            "constrained_columns": [column.name for column in key.columns],
            "name": named(key) or table.name + "_pkey",
        },
        "uniques": [
            {
                "name": named(one) or made_up(table, one.columns, "key"),
                "column_names": [column.name for column in one.columns],
            }
            for one in sorted(uniques, key=lambda one: [column.name for column in one.columns])
        ],
        "foreign_keys": sorted(
            (recorded_key(table, one) for one in table.foreign_key_constraints), key=lambda one: str(one["name"])
        ),
        "indexes": sorted(
            (recorded_index(one, context.dialect) for one in table.indexes), key=lambda one: str(one["name"])
        ),
        "comment": {"text": table.comment},
    }


def recorded_column(column: Any, autogenerate: Any, dialect: Any) -> dict[str, Any]:
    found = {
        "name": str(column.name),
        "type": recorded_type(column.type, autogenerate, dialect),
        "nullable": bool(column.nullable),
        "default": default_of(column, autogenerate),
        "comment": column.comment,
    }
    computed, identity = getattr(column, "computed", None), getattr(column, "identity", None)
    if computed is not None:
        found["computed"] = {"sqltext": literal(computed.sqltext, dialect), "persisted": bool(computed.persisted)}
    if identity is not None:
        options = ("always", "start", "increment", "minvalue", "maxvalue", "cycle", "cache")
        found["identity"] = {name: getattr(identity, name, None) for name in options}
    return found


def default_of(column: Any, autogenerate: Any) -> Any:
    """The text as Alembic renders it to compare it."""
    default = column.server_default
    if default is None or getattr(default, "arg", None) is None:
        return None
    module: Any = importlib.import_module("alembic.autogenerate.compare")
    module = getattr(module, "server_defaults", module)  # Alembic before 1.18 has one module
    rendered = module._render_server_default_for_compare
    try:
        return rendered(default, autogenerate)
    except TypeError:  # Alembic before 1.12 wants the column
        return rendered(default, column, autogenerate)


def recorded_key(table: Any, constraint: Any) -> dict[str, Any]:
    options = ("onupdate", "ondelete", "initially", "deferrable", "match")
    columns = [element.parent.name for element in constraint.elements]
    targets = [element.target_fullname.split(".") for element in constraint.elements]
    return {
        "name": named(constraint) or made_up(table, [element.parent for element in constraint.elements], "fkey"),
        "constrained_columns": columns,
        "referred_schema": targets[0][0] if len(targets[0]) == 3 else None,
        "referred_table": targets[0][-2],
        "referred_columns": [parts[-1] for parts in targets],
        "options": {name: getattr(constraint, name) for name in options if getattr(constraint, name, None)},
    }


def on_expressions(index: Any) -> bool:
    return any(type(one).__visit_name__ != "column" for one in index.expressions)


def recorded_index(index: Any, dialect: Any) -> dict[str, Any]:
    columns = [one.name if type(one).__visit_name__ == "column" else None for one in index.expressions]
    found: dict[str, Any] = {"name": named(index), "column_names": columns, "unique": bool(index.unique)}
    if None in columns:
        pairs = zip(columns, index.expressions)  # noqa: B905  (Python 3.8 has no `strict`)
        found["expressions"] = [name or literal(one, dialect) for name, one in pairs]
    return found


def literal(expression: Any, dialect: Any) -> str:
    if isinstance(expression, str):
        return expression
    options = {"literal_binds": True, "include_table": False}
    return str(expression.compile(dialect=dialect, compile_kwargs=options))


def named(element: Any) -> Any:
    """The name that a database gets; one that a naming convention makes is there already."""
    name = getattr(element, "name", None)
    return str(name) if isinstance(name, str) else None


def made_up(table: Any, columns: Iterable[Any], suffix: str) -> str:
    """As PostgreSQL names what has no name."""
    return "_".join([table.name, *(column.name for column in columns), suffix])[:LONGEST]


# Types


def recorded_type(type_: Any, autogenerate: Any, dialect: Any) -> dict[str, Any]:
    """The type that the database gets as Alembic writes it, and its SQL."""
    from alembic.autogenerate.render import _repr_type

    stored = stored_type(type_, dialect)
    try:
        code = str(_repr_type(stored, autogenerate))
    except Exception:
        code = ""
    try:
        text = str(stored.compile(dialect=dialect))
    except Exception:
        text = ""
    return {"code": code, "sql": text, "imports": sorted(autogenerate.imports)}


def stored_type(type_: Any, dialect: Any) -> Any:
    """Without the decorators of the project, which a database knows nothing of."""
    from sqlalchemy.types import TypeDecorator

    while isinstance(type_, TypeDecorator):
        type_ = type_.load_dialect_impl(dialect)
    return type_


def type_of(record: dict[str, Any]) -> Any:
    """The type of a record: by its code, else one that only has the SQL."""
    import sqlalchemy
    from sqlalchemy.types import NullType, UserDefinedType

    names: dict[str, Any] = {"sa": sqlalchemy}
    for line in record["imports"]:  # "from sqlalchemy.dialects import postgresql"
        name = line.split()[-1]
        names[name] = importlib.import_module("sqlalchemy.dialects." + name)
    root = record["code"].partition("(")[0]
    try:
        if root.partition(".")[0] not in names:
            importlib.import_module(root.rpartition(".")[0])
            top = root.partition(".")[0]
            names[top] = importlib.import_module(top)
        return built(ast.parse(record["code"], mode="eval").body, names)
    except Exception:
        if not record["sql"]:
            return NullType()
        text = record["sql"]
        kind = types.new_class("Stored", (UserDefinedType,))
        kind.get_col_spec = lambda self, **kw: text  # type: ignore[attr-defined]
        return kind()


def built(node: ast.expr, names: dict[str, Any]) -> Any:
    """What a call of types stands for; ValueError for any other expression."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [built(one, names) for one in node.elts]
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.Attribute):
        return getattr(built(node.value, names), node.attr)
    if isinstance(node, ast.Call):
        arguments = [built(one, names) for one in node.args]
        return built(node.func, names)(*arguments, **{str(one.arg): built(one.value, names) for one in node.keywords})
    raise ValueError(ast.dump(node))
