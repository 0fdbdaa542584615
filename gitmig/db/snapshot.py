"""What a database holds besides rows, as plain values that compare with ==.  Runs in the project's Python.

    {"tables": {"namespace.name": {"columns": {name: {...}}, "constraints": {key: {...}}, "indexes": {name: {...}},
                                   "comment": text or None}},
     "enums":  {name: [values]},
     "others": {"view name": text, "trigger name": text, "function name": text, "sequence name": "", ...}}

The order of columns is no part of it.  A constraint without a name has what it says as its key.  The version table and
the ledger are left out.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    Snapshot = dict[str, dict[str, Any]]

LEDGER = "gitmig_ledger"

# PostgreSQL: what neither SQLAlchemy nor a Table knows.  Extensions are left out, and what belongs to them: they
# are the database's as much as the project's, and a downgrade that keeps one does no harm.
_OTHERS_OF_POSTGRESQL = """
SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, nspname, relname, pg_get_viewdef(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('v', 'm') AND {own}
UNION ALL
SELECT 'trigger', nspname, relname || '.' || tgname, pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE NOT tgisinternal AND {own}
UNION ALL
SELECT 'function', nspname, proname || '(' || pg_get_function_identity_arguments(c.oid) || ')', prosrc
FROM pg_proc c JOIN pg_namespace n ON n.oid = pronamespace WHERE {own}
UNION ALL
SELECT 'sequence', nspname, relname, ''
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'S' AND {own}
AND NOT EXISTS (
    SELECT 1 FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i') AND refclassid = 'pg_class'::regclass
)
UNION ALL
SELECT 'exclude', nspname, relname || '.' || conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE contype = 'x' AND {own}
UNION ALL
SELECT 'domain', nspname, typname, format_type(typbasetype, typtypmod)
FROM pg_type c JOIN pg_namespace n ON n.oid = typnamespace WHERE typtype = 'd' AND {own}
UNION ALL
SELECT 'policy', nspname, relname || '.' || polname, coalesce(pg_get_expr(polqual, polrelid), '')
FROM pg_policy p JOIN pg_class c ON c.oid = polrelid JOIN pg_namespace n ON n.oid = relnamespace WHERE {own}
UNION ALL
SELECT 'namespace', '', nspname, '' FROM pg_namespace
WHERE nspname NOT IN ('information_schema', 'public') AND nspname NOT LIKE 'pg\\_%'
"""
_OWN = (
    "nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = c.oid AND x.deptype = 'e')"
)


class Camera:
    """Takes snapshots of one database; of SQLite a table is only read anew when its text changed."""

    def __init__(self, hidden: Iterable[str]) -> None:
        self.hidden = frozenset(hidden) | {LEDGER}
        self._known: dict[tuple[str, ...], dict[str, Any]] = {}

    def take(self, connection: Any, namespaces: Iterable[str] | None = None) -> Snapshot:
        """Everything, or of some namespaces only."""
        import sqlalchemy as sa

        inspector = sa.inspect(connection)
        name = connection.dialect.name
        if name == "sqlite":
            return self._sqlite(connection, inspector)
        spaces = list(namespaces) if namespaces is not None else namespaces_of(inspector)
        tables = {}
        for namespace in spaces:
            default = namespace == inspector.default_schema_name
            for table in inspector.get_table_names(schema=namespace):
                if table not in self.hidden:
                    key = table if default else f"{namespace}.{table}"
                    tables[key] = (table, None if default else namespace)
        read = read_tables(inspector, tables)
        others = others_of_postgresql(connection, inspector.default_schema_name) if name == "postgresql" else {}
        return {"tables": read, "enums": enums_of(inspector, spaces), "others": others}

    def _sqlite(self, connection: Any, inspector: Any) -> Snapshot:
        """`sqlite_master` says what changed since the last time."""
        texts: dict[str, list[str]] = {}
        others = {}
        names = set()
        rows = connection.exec_driver_sql(
            "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"
        ).fetchall()
        for kind, name, table, text in sorted(tuple(row) for row in rows):
            if kind in ("table", "index"):
                texts.setdefault(table, []).append(f"{kind} {name} {text}")
                names.update([name] if kind == "table" else [])
            else:
                others[f"{kind} {name}"] = text
        tables = {}
        for name in sorted(names):
            if name in self.hidden or name.startswith("sqlite_"):
                continue
            key = (name, *texts[name])
            if key not in self._known:
                self._known[key] = read_tables(inspector, {name: (name, None)})[name]
            tables[name] = self._known[key]
        return {"tables": tables, "enums": {}, "others": others}


def namespaces_of(inspector: Any) -> list[str]:
    if inspector.dialect.name == "postgresql":
        return [
            one for one in inspector.get_schema_names() if one != "information_schema" and not one.startswith("pg_")
        ]
    return [inspector.default_schema_name]


def enums_of(inspector: Any, spaces: Sequence[str]) -> dict[str, list[str]]:
    """Native enum types; only PostgreSQL has them apart from columns."""
    if not hasattr(inspector, "get_enums"):
        return {}
    found = {}
    for one in (one for one in inspector.get_enums(schema="*") if one["schema"] in spaces):
        named = one["name"] if one["schema"] == inspector.default_schema_name else f"{one['schema']}.{one['name']}"
        found[named] = list(one["labels"])
    return found


def others_of_postgresql(connection: Any, default: str) -> dict[str, str]:
    rows = connection.exec_driver_sql(_OTHERS_OF_POSTGRESQL.replace("{own}", _OWN).replace("%", "%%")).fetchall()
    found = {}
    for kind, namespace, name, text in rows:
        named = name if namespace in ("", default) else f"{namespace}.{name}"
        found[f"{kind} {named}"] = " ".join(str(text or "").split())
    return found


# Tables


def read_tables(inspector: Any, tables: Mapping[str, tuple[str, str | None]]) -> dict[str, Any]:
    """Each table by its key; `tables` says where it is."""
    several = len(tables) > 3 and inspector.dialect.name == "postgresql"
    read = _Several(inspector, tables.values()) if several else inspector
    return {key: read_table(read, inspector, name, namespace) for key, (name, namespace) in sorted(tables.items())}


class _Several:
    """Asks for all tables of a namespace at once and answers as the inspector would."""

    def __init__(self, inspector: Any, tables: Iterable[tuple[str, str | None]]) -> None:
        self.inspector = inspector
        self.namespaces = {namespace for _, namespace in tables}
        self._known: dict[str, dict[Any, Any]] = {}

    def __getattr__(self, question: str) -> Any:
        def answer(table: str, schema: str | None = None) -> Any:
            if question not in self._known:
                ask = getattr(self.inspector, question.replace("get_", "get_multi_", 1).replace("_fk", "_foreign_key"))
                self._known[question] = {}
                for namespace in self.namespaces:
                    self._known[question].update(ask(schema=namespace))
            return self._known[question][schema, table]

        return answer


def read_table(read: Any, inspector: Any, name: str, namespace: str | None) -> dict[str, Any]:
    constraints: dict[str, dict[str, Any]] = {}

    def add(kind: str, label: str | None, what: dict[str, Any]) -> None:
        value = {"kind": kind, **{key: plain(one) for key, one in what.items() if one not in (None, [], {}, False)}}
        constraints[label or f"{kind} {sorted(value.items())}"] = value

    columns = {one["name"]: read_column(one, inspector) for one in read.get_columns(name, schema=namespace)}
    key = read.get_pk_constraint(name, schema=namespace) or {}
    if key.get("constrained_columns"):
        add("primary_key", key.get("name"), {"columns": key["constrained_columns"]})
    for one in ask(read, "get_unique_constraints", name, namespace):
        add("unique", one.get("name"), {"columns": one["column_names"], "options": options_of(one)})
    for one in ask(read, "get_foreign_keys", name, namespace):
        referred = ".".join(part for part in (one.get("referred_schema"), one["referred_table"]) if part)
        what = {
            "columns": one["constrained_columns"],
            "referred": referred,
            "referred_columns": one["referred_columns"],
        }
        add("foreign_key", one.get("name"), {**what, "options": options_of({"options": one.get("options")})})
    for one in ask(read, "get_check_constraints", name, namespace):
        add("check", one.get("name"), {"text": " ".join(str(one["sqltext"]).split())})
    uniques = {label for label, one in constraints.items() if one["kind"] == "unique"}
    indexes = {
        str(one["name"]): {
            "columns": plain(one.get("expressions") or one["column_names"]),
            "unique": bool(one["unique"]),
            "options": options_of(one),
        }
        for one in ask(read, "get_indexes", name, namespace)
        if one["name"] is not None and not one.get("duplicates_constraint") and one["name"] not in uniques
    }
    comment = ask(read, "get_table_comment", name, namespace)
    text = comment.get("text") if isinstance(comment, dict) else None
    return {"columns": columns, "constraints": constraints, "indexes": indexes, "comment": text}


def ask(read: Any, question: str, name: str, namespace: str | None) -> Any:
    """What a dialect cannot tell is nothing."""
    try:
        return getattr(read, question)(name, schema=namespace)
    except NotImplementedError:
        return []


def read_column(one: Mapping[str, Any], inspector: Any) -> dict[str, Any]:
    default = one.get("default")
    found = {
        "type": type_text(one["type"], inspector.dialect),
        "nullable": bool(one["nullable"]),
        "server_default": " ".join(str(default).split()) if default is not None else None,
        "comment": one.get("comment"),
        "computed": plain(one.get("computed")),
        "identity": plain(one.get("identity")),
    }
    return {name: value for name, value in found.items() if name in ("type", "nullable") or value is not None}


def type_text(type_: Any, dialect: Any) -> str:
    try:
        text = str(type_.compile(dialect=dialect))
    except Exception:  # a type that SQLAlchemy did not recognise
        text = repr(type_)
    collation = getattr(type_, "collation", None)
    return text if not collation or "COLLATE" in text else f"{text} COLLATE {collation}"


def options_of(one: Mapping[str, Any]) -> dict[str, str]:
    """Of constraints and indexes: what was asked for beside columns."""
    given = {**(one.get("options") or {}), **(one.get("dialect_options") or {})}
    for name in ("include_columns", "column_sorting"):
        if one.get(name):
            given[name] = one[name]
    return {name: str(plain(value)) for name, value in sorted(given.items()) if value not in (None, [], {}, "")}


def plain(value: Any) -> Any:
    """As JSON would give it back."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
