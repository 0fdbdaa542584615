"""The usual text that changes rows, `UPDATE book SET isbn = NULL WHERE ...`, read without taking all of it apart.

Long lists of values stand in such texts, and a revision that only moves data has nothing else.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Words that may stand between INSERT, UPDATE or DELETE and the name of the table.
BEFORE_TABLE = ("INTO", "FROM", "ONLY", "TABLE", "OR", "IGNORE", "REPLACE", "LOW_PRIORITY", "DATA")
# A plain name, and behind it a word, a bracket or the end: no dot, no quote, no comment.
_NAME = rf"(?!(?:{'|'.join(BEFORE_TABLE)})\b)([a-z_][a-z_0-9]*)(?=[\s(;]|\Z)(?=\s*(?:[a-z(;]|\Z))"
_COLUMN = r"([a-z_][a-z_0-9]*)\s*=\s*"
_ROWS = re.compile(
    rf"""\s*(?:
        INSERT\s+INTO\s+{_NAME}
      | DELETE\s+FROM\s+{_NAME}
      | UPDATE\s+{_NAME}\s+SET\s+(?: {_COLUMN}NULL\s+WHERE\s | {_COLUMN}(?!NULL)(?=[\w'"(:]) )
    )[^;]*;?\s*\Z""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def plain_rows(text: str) -> tuple[str, dict[str, Any]] | None:
    """The table and the detail of the one `data` operation of a text; None for every other, which wants its tokens."""
    found = _ROWS.match(text)
    if found is None:
        return None
    inserted, deleted, updated, emptied, _set = found.groups()
    if updated is None:
        return (inserted, {"kind": "insert"}) if inserted is not None else (deleted, {"kind": "delete"})
    return updated, {"kind": "update", "nulls": (emptied,)} if emptied is not None else {"kind": "update"}
