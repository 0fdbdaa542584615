"""Operations: the one vocabulary of change, and its only codec.

Two things produce operations, comparing two schemas and reading a revision file; everything else consumes them.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.elements import Origin

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
    | alter_column | column | set: {attribute: value} (type, nullable, server_default, comment, autoincrement, computed, identity), was: {attribute: value} as far as written |
    | rename_column | column | to: name |
    | create_index | index or "" | index: Index |
    | drop_index | index | |
    | rename_index | index | to: name |
    | create_primary_key, create_unique, create_foreign_key, create_check, create_exclude | constraint or "" | constraint: element |
    | drop_constraint | constraint | kind: primary_key, unique, foreign_key, check, exclude or "" |
    | rename_constraint | constraint | to: name |
    | set_comment | | to: text or None |
    | create_enum, drop_enum | enum | values |
    | alter_enum | enum | add: values, rename: {old: new}, drop: values, values: all of them (when replaced) |
    | rename_enum | enum | to: name |
    | create_namespace, drop_namespace | namespace | |
    | data | | kind: insert, update, delete, copy; the rows of `table` change, its shape does not |
    | unknown | | text, why, objects: names it may touch (empty = anything) |

    `conditional` is true under an `if` whose outcome is not known.
    """

    op: str
    table: str = ""
    name: str = ""
    detail: Mapping[str, Any] = {}
    origin: Origin = Origin()
    conditional: bool = False
