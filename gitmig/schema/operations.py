"""Operations: the one vocabulary of change, and its only codec.

Two things produce operations, comparing two schemas and reading a revision file; everything else consumes them.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Table,
    Type,
    Unique,
)
from gitmig.schema.encoding import decode_element, encode_element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Operation(Frozen):
    """One step: `op` on `table` (its key), `name` the column, index, constraint or enum concerned ("" for the table).

    | op | name | detail |
    |---|---|---|
    | create_table | | table: Table |
    | drop_table | | |
    | rename_table | | to: key |
    | add_column | column | column: Column |
    | drop_column | column | |
    | alter_column | column | set: {attribute: value}, was: {attribute: value} as far as written |
    | rename_column | column | to: name |
    | create_index | index or "" | index: Index |
    | drop_index | index | |
    | rename_index | index | to: name |
    | create_primary_key, create_unique, create_foreign_key, create_check, create_exclude | its name | constraint |
    | drop_constraint | constraint | kind: primary_key, unique, foreign_key, check, exclude or "" |
    | rename_constraint | constraint | to: name |
    | set_comment | | to: text or None |
    | create_enum, drop_enum | enum | values |
    | alter_enum | enum | add: values, rename: {old: new}, drop: values, values: all of them (when replaced) |
    | rename_enum | enum | to: name |
    | create_namespace, drop_namespace | namespace | |
    | data | | kind: insert, update, delete, copy; the rows of `table` change, its shape does not; nulls: see below |
    | unknown | | text, why, objects: names it may touch, aspects of them that it may change (empty = anything) |
    | mention | what it makes | kind, words: it changes no schema, and its outcome depends on what these words name |

    The attributes of `alter_column` are type (a Type), nullable, server_default, comment, autoincrement, computed and
    identity; in `unknown` of its detail those whose new value could not be read.  `columns` in the detail of
    drop_constraint and drop_index tells a nameless one apart.  `exists` is true for IF EXISTS and IF NOT EXISTS.
    `cascade` is true for DROP ... CASCADE.  `nulls` are the columns of an UPDATE that sets all of them to NULL.
    An index may be named without its table: `table` is then "".
    `conditional` is true under an `if` whose outcome is not known.  `alternative` in the detail marks what one dialect
    does instead of what another one was already said to do: replay leaves it out.
    """

    op: str
    table: str = ""
    name: str = ""
    detail: Mapping[str, Any] = {}
    origin: Origin = Origin()
    conditional: bool = False


CONSTRAINTS: dict[str, type] = {
    "create_primary_key": PrimaryKey,
    "create_unique": Unique,
    "create_foreign_key": ForeignKey,
    "create_check": Check,
    "create_exclude": Exclude,
}
CREATE_OF: dict[type, str] = {element: op for op, element in CONSTRAINTS.items()}
KIND_OF: dict[type, str] = {element: op.removeprefix("create_") for op, element in CONSTRAINTS.items()}


def encode(operation: Operation) -> dict[str, Any]:
    """The operation as JSON: {"op", "table", "name", "detail", "source": {"path", "line"}}."""
    origin = operation.origin
    source: dict[str, Any] = {"path": origin.path, "line": origin.line}
    if origin.revision:
        source["revision"] = origin.revision
    encoded: dict[str, Any] = {
        "op": operation.op,
        "table": operation.table,
        "name": operation.name,
        "detail": {key: _encode_detail(value, origin.path) for key, value in operation.detail.items()},
        "source": source,
    }
    if operation.conditional:
        encoded["conditional"] = True
    return encoded


def decode(encoded: Mapping[str, Any], path: str = "") -> Operation:
    """What `encode` wrote; `path` is taken where it wrote none (facts of a file are kept by blob, without its path)."""
    op = encoded["op"]
    source = encoded.get("source") or {}
    where = source.get("path") or path
    return Operation(
        op,
        encoded.get("table", ""),
        encoded.get("name", ""),
        {key: _decode_detail(op, key, value, where) for key, value in encoded.get("detail", {}).items()},
        Origin(where, source.get("line", 0), source.get("revision", "")),
        encoded.get("conditional", False),
    )


def _encode_detail(value: Any, path: str) -> Any:
    if isinstance(value, Frozen):
        return encode_element(value, path)  # type: ignore[arg-type]
    if isinstance(value, dict):
        return {key: _encode_detail(each, path) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return list(value)
    return value


def _decode_detail(op: str, key: str, value: Any, path: str) -> Any:
    if key == "table":
        return decode_element(Table, value, path)
    if key == "column":
        return decode_element(Column, value, path)
    if key == "index":
        return decode_element(Index, value, path)
    if key == "constraint":
        return decode_element(CONSTRAINTS[op], value, path)
    if key in ("set", "was") and isinstance(value, dict):
        return {
            name: decode_element(Type, each, path) if name == "type" and isinstance(each, dict) else each
            for name, each in value.items()
        }
    if isinstance(value, list):
        return tuple(value)
    return value
