"""Statements that change no table and yet depend on some: views, triggers, functions, queries, what an UPDATE reads.

They are no operations of a schema; whether two lines commute may hang on them.
"""

from __future__ import annotations

import ast
import re

from gitmig.schema.operations import Operation
from gitmig.schema.scripts.calls import table_named_by
from gitmig.source.scopes import Expression, Scope
from gitmig.source.values import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.schema.elements import Origin

_WORD = re.compile(r"[^\W\d]\w*")
_EVERYTHING = re.compile(r"(?:SELECT\s+|\.)\*", re.IGNORECASE)
KINDS = frozenset(
    ("VIEW", "FUNCTION", "PROCEDURE", "TRIGGER", "SEQUENCE", "EXTENSION", "RULE", "POLICY", "DOMAIN", "AGGREGATE")
)


def mention_of_text(text: str, origin: Origin, done: Iterable[Operation]) -> Operation | None:
    """What a text of SQL names beside the tables that its own operations (`done`) are about; None where all is said."""
    done = tuple(done)
    if any(each.op != "data" for each in done):
        return None
    words = set(_WORD.findall(text.lower())) - {each.table.lower() for each in done}
    words |= {"*"} if _EVERYTHING.search(text) else set()
    kind, name = ("rows", "") if done else _made(text)
    return _mention(name, kind, words, origin)


def _made(text: str) -> tuple[str, str]:
    """(kind, name) of what a statement makes, alters or drops; without the name where it may be there already."""
    words = text.split(None, 9)[:9]
    if not words or words[0].upper() not in ("CREATE", "ALTER", "DROP"):
        return "query", ""
    for at, word in enumerate(words[:-1]):
        if word.upper() in KINDS:
            name = "" if words[at + 1].upper() == "IF" else words[at + 1]
            return word.lower(), name.partition("(")[0].strip('"`;').lower()
    return "statement", ""


def mention_of_expression(node: ast.expr, scope: Scope, origin: Origin, done: Iterable[Operation]) -> Operation | None:
    """The same of a construct of SQLAlchemy: the tables that its names stand for, and every word of it."""
    done = tuple(done)
    if any(each.op != "data" for each in done):
        return None
    found = resolve(node, scope)
    if isinstance(found, Expression):
        node, scope = found.node, found.scope
    words = set(_WORD.findall(ast.unparse(node).lower()))
    words |= {"*"} if "select" in words else set()  # of a table that is named alone
    for name in ast.walk(node):
        if isinstance(name, ast.Name):
            words.add(table_named_by(Expression(name, scope)).rpartition(".")[2].lower())
    return _mention("", "rows" if done else "query", words - {"", *(each.table.lower() for each in done)}, origin)


def _mention(name: str, kind: str, words: set[str], origin: Origin) -> Operation | None:
    return Operation("mention", "", name, {"kind": kind, "words": tuple(sorted(words))}, origin) if words else None
