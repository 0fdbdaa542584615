"""Python calls as values, and their text as formatters write it: on one line where it fits, else as Black breaks it."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    Code: TypeAlias = "str | Call | Listed"

WIDTH = 88
MARGIN = "    "


class NotWritten(Exception):
    """Why something has no code."""


class Call(Frozen):
    """`function(arguments)`; an argument is (keyword or "", code).  `tall` puts each on a line of its own anyway."""

    function: str
    arguments: tuple[tuple[str, Code], ...] = ()
    tall: bool = False


class Listed(Frozen):
    """`[items]`, or with other brackets."""

    items: tuple[Code, ...] = ()
    brackets: str = "[]"


def call(function: str, *positional: Code, **keywords: Code | None) -> Call:
    """Keywords that are None are left out."""
    named = ((key, value) for key, value in keywords.items() if value is not None)
    return Call(function, (*(("", each) for each in positional), *named))


def method(base: Code, name: str, *positional: Code) -> Code:
    """`base.name(positional)` on one line."""
    return f"{flat(base)}.{name}({', '.join(flat(each) for each in positional)})"


def flat(code: Code) -> str:
    """All of it on one line."""
    if isinstance(code, str):
        return code
    if isinstance(code, Listed):
        return f"{code.brackets[0]}{', '.join(flat(each) for each in code.items)}{code.brackets[1]}"
    return f"{code.function}({', '.join(_named(key, flat(value)) for key, value in code.arguments)})"


def lines_of(code: Code, margin: str = "", *, before: str = "", after: str = "", width: int = WIDTH) -> list[str]:
    """The lines of an expression that starts with `before` and ends with `after`."""
    whole = f"{margin}{before}{flat(code)}{after}"
    if isinstance(code, str) or (len(whole) <= width and not _is_tall(code)):
        return [whole]
    opening, parts, closing = _opened(code)
    if not parts:
        return [whole]
    inner = margin + MARGIN
    together = inner + ", ".join(_named(key, flat(value)) for key, value in parts)
    if len(together) <= width and not any(_is_tall(value) for _, value in parts) and not _own_tall(code):
        return [f"{margin}{before}{opening}", together, f"{margin}{closing}{after}"]
    body: list[str] = []
    for key, value in parts:
        body += lines_of(value, inner, before=f"{key}=" if key else "", after=",", width=width)
    return [f"{margin}{before}{opening}", *body, f"{margin}{closing}{after}"]


def text(value: str) -> str:
    """A string as formatters write it: double quotes, unless others need fewer escapes."""
    if not all(sign.isprintable() for sign in value):
        return repr(value)
    escaped = value.replace("\\", "\\\\")
    if '"' in value and "'" not in value:
        return f"'{escaped}'"
    return '"' + escaped.replace('"', '\\"') + '"'


def texts(values: Iterable[str]) -> Listed:
    return Listed(tuple(text(value) for value in values))


def _opened(code: Call | Listed) -> tuple[str, Sequence[tuple[str, Code]], str]:
    if isinstance(code, Listed):
        return code.brackets[0], [("", item) for item in code.items], code.brackets[1]
    return f"{code.function}(", code.arguments, ")"


def _own_tall(code: Code) -> bool:
    return isinstance(code, Call) and code.tall


def _is_tall(code: Code) -> bool:
    if isinstance(code, str):
        return False
    if isinstance(code, Listed):
        return any(_is_tall(item) for item in code.items)
    return code.tall or any(_is_tall(value) for _, value in code.arguments)


def _named(key: str, value: str) -> str:
    return f"{key}={value}" if key else value
