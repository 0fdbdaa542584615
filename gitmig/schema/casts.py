"""How PostgreSQL converts the values of a column whose type changes: by itself, or with USING."""

from __future__ import annotations

import re

from gitmig.schema.spellings import CHARACTERS, family_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.elements import Column, Type

NUMBERS = frozenset({"integer", "bigint", "smallint", "numeric", "float", "money"})
# Families between which it converts on assignment; to characters it always does.
BY_ITSELF = (
    NUMBERS,
    frozenset({"date", "datetime"}),
    frozenset({"time", "interval"}),
    frozenset({"json", "jsonb"}),
    frozenset({"inet", "cidr"}),
    CHARACTERS | {"citext", "enum"},
)
SQL_NAMES = {
    "string": "varchar",
    "text": "text",
    "char": "char",
    "integer": "integer",
    "bigint": "bigint",
    "smallint": "smallint",
    "numeric": "numeric",
    "float": "double precision",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
    "interval": "interval",
    "uuid": "uuid",
    "binary": "bytea",
    "json": "json",
    "jsonb": "jsonb",
}
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_RESERVED = """
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_catalog current_date current_role current_time current_timestamp current_user default deferrable
    desc distinct do else end except false fetch for foreign from grant group having in initially intersect
    into key lateral leading limit localtime localtimestamp not null offset on only or order placing primary
    references returning select session_user some symmetric table then to trailing true union unique user
    using value values variadic when where window with index rank system rows function row groups of
"""
RESERVED = frozenset(_RESERVED.split())


def sql_name(name: str) -> str:
    """An identifier as SQL: quoted where it has to be."""
    if _PLAIN_NAME.match(name) and name not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def sql_key(key: str) -> str:
    """The name of a table or type with its namespace."""
    return ".".join(sql_name(part) for part in key.split("."))


def sql_text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def conversion(column: Column, new: Type) -> str:
    """The expression for USING, "" where PostgreSQL needs none."""
    old, name = column.type, sql_name(column.name)
    if not is_converted(column, new):
        return ""
    was, now = family_of(old), family_of(new)
    if now == "array" and was != "array":
        return f"ARRAY[{name}]::{sql_type(new)}"
    if was == "array" and now != "array":
        return f"{name}[1]::{sql_type(new)}"
    if was in NUMBERS and now == "boolean":
        return f"{name} <> 0"
    if was == "boolean" and now in NUMBERS:
        return f"{name}::integer" if now == "integer" else f"{name}::integer::{sql_type(new)}"
    if (was, now) == ("binary", "uuid"):
        return f"encode({name}, 'hex')::uuid"
    if (was, now) == ("uuid", "binary"):
        return f"decode(replace({name}::text, '-', ''), 'hex')"
    if was in NUMBERS and now == "datetime":
        return f"to_timestamp({name})"
    if was == "datetime" and now in NUMBERS:
        return f"extract(epoch FROM {name})::{sql_type(new)}"
    if (now == "enum" and was not in CHARACTERS) or (now in ("json", "jsonb") and was not in (*CHARACTERS, "json")):
        return f"to_json({name})::{sql_type(new)}" if now != "enum" else f"{name}::text::{sql_type(new)}"
    return f"{name}::{sql_type(new)}"


def is_converted(column: Column, new: Type) -> bool:
    """Whether values of the old type become values of the new one only when they are told how."""
    old = column.type
    was, now = family_of(old), family_of(new)
    if was == now == "enum":
        return new.native and (not old.native or old.enum_name != new.enum_name)
    if was == now == "array":
        return old.item is not None and new.item is not None and is_converted(column.replace(type=old.item), new.item)
    if now == "enum" and new.native:
        return True
    if was == now or now in CHARACTERS or now == "citext":
        return False
    return not any(was in group and now in group for group in BY_ITSELF)


def sql_type(type_: Type) -> str:
    """The type as PostgreSQL calls it."""
    family = family_of(type_)
    if family == "enum":
        if type_.native and type_.enum_name:
            return sql_key(f"{type_.enum_namespace}.{type_.enum_name}" if type_.enum_namespace else type_.enum_name)
        return "varchar" if type_.length is None else f"varchar({type_.length})"
    if family == "array" and type_.item is not None:
        return sql_type(type_.item) + "[]" * (type_.dimensions or 1)
    if family == "datetime":
        return "timestamptz" if type_.timezone else "timestamp"
    if family == "time":
        return "timetz" if type_.timezone else "time"
    name = SQL_NAMES.get(family, family)
    if type_.length is not None and family in ("string", "char"):
        return f"{name}({type_.length})"
    if family == "numeric" and type_.precision is not None:
        return f"{name}({type_.precision}{'' if type_.scale is None else f', {type_.scale}'})"
    return name
