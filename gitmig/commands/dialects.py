"""Which databases an environment is for, and how it wants its tables changed: from what is written, nothing is run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.environments.environment import Environment
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.snapshot import Snapshot
    from gitmig.schema.elements import Schema

KNOWN = ("postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle")
# An env.py with one of these words makes the URL itself, so that the configuration's is a placeholder.
OWN_URL = (b"set_main_option", b"environ", b"create_engine", b"create_async_engine", b"settings", b"current_app")


def dialects_of(environment: Environment, snapshot: Snapshot, schemas: Iterable[Schema]) -> frozenset[str]:
    """Those that a URL or a type names; empty where nothing does, and then any database may be meant."""
    found = {dialect for dialect in KNOWN for schema in schemas if _uses(schema, f"{dialect}.")}
    url = environment.database or _url_of(environment, snapshot)
    dialect = url.partition(":")[0].partition("+")[0].lower().replace("postgres", "postgresql", 1)
    dialect = dialect.replace("postgresqlql", "postgresql")
    return frozenset({*found, dialect} if dialect in KNOWN else found)


def _uses(schema: Schema, prefix: str) -> bool:
    return any(
        column.type.text.startswith(prefix) and not column.type.variants
        for table in schema.tables.values()
        for column in table.columns
    )


def _url_of(environment: Environment, snapshot: Snapshot) -> str:
    files = snapshot.read([environment.env, environment.config])
    config, env = files.get(environment.config), files.get(environment.env, b"")
    if config is None or not environment.config.endswith(".ini") or any(word in env for word in OWN_URL):
        return ""
    from gitmig.environments.ini import parse_ini

    section = parse_ini(environment.config, config).find(environment.section or "alembic")
    option = section.options.get("sqlalchemy.url") if section is not None else None
    return option.text.strip() if option is not None else ""


def wants_batch(environment: Environment, snapshot: Snapshot, facts: FactsReader) -> bool:
    """Whether env.py asks for batch mode; an expression that only running tells may be true, and batch mode fits both.

    Flask-Migrate asks for it by itself.
    """
    entry = snapshot.at([environment.env]).get(environment.env) if environment.env else None
    env = facts.of("env", [entry.oid]).get(entry.oid) if entry is not None else None
    if env is None:
        return False
    written = env["options"].get("render_as_batch")
    if written is not None:
        return bool(written != "False")
    source = snapshot.read([environment.env]).get(environment.env, b"")
    return b"configure_args" in source and b"current_app" in source
