"""Elements of the schema language to JSON and back, leaving out what has its default value.

An element's `line` is written beside it; its path only where that differs from the file it lies in.
"""

from __future__ import annotations

from gitmig.schema.elements import (
    Check,
    Column,
    EnumType,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Schema,
    Table,
    Type,
    Unique,
    Unknown,
    Unnamed,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Element = Type | Column | PrimaryKey | Unique | ForeignKey | Check | Exclude | Index | Table | EnumType | Unknown

# Fields that hold one element, and fields that hold a tuple of them; all others hold JSON scalars or tuples of those.
ONE: dict[type, dict[str, type]] = {
    Type: {"item": Type},
    Column: {"type": Type},
    Table: {"primary_key": PrimaryKey},
}
MANY: dict[type, dict[str, type]] = {
    Table: {
        "columns": Column,
        "uniques": Unique,
        "foreign_keys": ForeignKey,
        "checks": Check,
        "excludes": Exclude,
        "indexes": Index,
        "unknown": Unknown,
    },
}
NOTHING: dict[str, type] = {}
NO_DEFAULT = object()


def encode_element(element: Element, path: str = "") -> dict[str, Any]:
    """`path` is the file that the element is known to lie in."""
    kind = type(element)
    one, many, defaults = ONE.get(kind, NOTHING), MANY.get(kind, NOTHING), kind._defaults
    encoded: dict[str, Any] = {}
    for field, value in element.__dict__.items():
        default = defaults.get(field, NO_DEFAULT)
        if value is default:
            continue
        if field == "origin":
            if value.line or value != default:
                encoded.update(encode_origin(value, path))
        elif value == default:
            continue
        elif field in one:
            encoded[field] = encode_element(value, path)
        elif field in many:
            encoded[field] = [encode_element(each, path) for each in value]
        elif field == "variants":
            encoded[field] = [[dialect, encode_element(each, path)] for dialect, each in value]
        elif type(value) is tuple:
            encoded[field] = [list(each) if type(each) is tuple else each for each in value]
        else:
            encoded[field] = value
    return encoded


def decode_element(kind: type, encoded: dict[str, Any], path: str = "") -> Any:
    """The element of class `kind` that `encode_element` wrote."""
    one, many = ONE.get(kind, NOTHING), MANY.get(kind, NOTHING)
    state: dict[str, Any] = {}
    for field, value in encoded.items():
        if field == "line":
            state["origin"] = decode_origin(encoded, path)
        elif field in ("path", "revision", "blob"):
            continue
        elif field in one:
            state[field] = decode_element(one[field], value, path)
        elif field in many:
            of = many[field]
            state[field] = tuple([decode_element(of, each, path) for each in value])
        elif field == "variants":
            state[field] = tuple((dialect, decode_element(Type, each, path)) for dialect, each in value)
        elif type(value) is list:
            state[field] = tuple([tuple(each) if type(each) is list else each for each in value])
        else:
            state[field] = value
    return kind(**state)


def encode_origin(origin: Origin, path: str = "") -> dict[str, Any]:
    encoded: dict[str, Any] = {"line": origin.line}
    if origin.path != path:
        encoded["path"] = origin.path
    if origin.revision:
        encoded["revision"] = origin.revision
    if origin.blob:
        encoded["blob"] = origin.blob
    return encoded


def decode_origin(encoded: dict[str, Any], path: str = "") -> Origin:
    return Origin(
        encoded.get("path", path), encoded.get("line", 0), encoded.get("revision", ""), encoded.get("blob", "")
    )


def encode_schema(schema: Schema) -> dict[str, Any]:
    """A whole schema, in an order that does not depend on how it was made."""
    from gitmig.schema.operations import encode

    return {
        "tables": {key: encode_element(table) for key, table in sorted(schema.tables.items())},
        "enums": {key: encode_element(enum) for key, enum in sorted(schema.enums.items())},
        "unknown": [encode_element(unknown) for unknown in schema.unknown],
        "unnamed": [[list(each.names), encode_element(each.table)] for each in schema.unnamed],
        "strays": [encode(each) for each in schema.strays],
        "left_out": list(schema.left_out),
    }


def decode_schema(encoded: dict[str, Any]) -> Schema:
    from gitmig.schema.operations import decode

    return Schema(
        tables={key: decode_element(Table, table) for key, table in encoded["tables"].items()},
        enums={key: decode_element(EnumType, enum) for key, enum in encoded["enums"].items()},
        unknown=tuple(decode_element(Unknown, unknown) for unknown in encoded["unknown"]),
        unnamed=tuple(Unnamed(tuple(names), decode_element(Table, table)) for names, table in encoded["unnamed"]),
        strays=tuple(decode(each) for each in encoded["strays"]),
        left_out=tuple(encoded["left_out"]),
    )
