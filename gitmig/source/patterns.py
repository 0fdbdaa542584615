"""Applies regular expressions found in source that is read, and refuses those that could take long."""

from __future__ import annotations

import ast

from gitmig.source.scopes import Known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST_PATTERN = 300
LONGEST_TEXT = 200
MOST_REPEATS = 4
FUNCTIONS = {"sub": (2, 3), "split": (1, 2), "findall": (1, 2)}


def applied(name: str, node: ast.Call, arguments: list[Any], made: ast.expr | None = None) -> Known | None:
    """The result of `re.sub`, `split` or `findall`, also on `made`, the `re.compile(...)` of a compiled pattern.

    None when it is not understood.
    """
    compiled = name.startswith("re.compile().")
    function = name.rpartition(".")[2]
    if function not in FUNCTIONS or node.keywords:
        return None
    if compiled:
        source = _compiled_source(made)
        if source is None:
            return None
        arguments = [source, *arguments]
    if len(arguments) != FUNCTIONS[function][0] + 1 or not all(isinstance(argument, str) for argument in arguments):
        return None
    pattern, text = arguments[0], arguments[-1]
    if len(text) > LONGEST_TEXT or not is_harmless(pattern):
        return None
    import re

    try:
        return Known(getattr(re, function)(*arguments))
    except (re.error, IndexError):
        return None


def _compiled_source(made: ast.expr | None) -> str | None:
    """The literal of `re.compile("...")`, in place or under a name."""
    if isinstance(made, ast.Call) and len(made.args) == 1 and isinstance(made.args[0], ast.Constant):
        value = made.args[0].value
        return value if isinstance(value, str) else None
    return None


def is_harmless(pattern: str) -> bool:
    """False for patterns whose matching could explode: repeats inside repeats, or many open repeats in one pattern."""
    if len(pattern) > LONGEST_PATTERN:
        return False
    import re
    import warnings

    try:
        from re import _parser  # type: ignore[attr-defined]  # Python 3.11
    except ImportError:
        import sre_parse as _parser

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    counted = [0]
    return _is_flat(parsed, counted, inside=False) and counted[0] <= MOST_REPEATS


def _is_flat(parsed: Any, counted: list[int], *, inside: bool) -> bool:
    for operation, argument in parsed:
        name = str(operation)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            least, most, body = argument
            if most > LONGEST_TEXT or least > LONGEST_TEXT:
                counted[0] += 1
                if inside:
                    return False
            if not _is_flat(body, counted, inside=inside or most > 1):
                return False
        elif name == "SUBPATTERN":
            if not _is_flat(argument[-1], counted, inside=inside):
                return False
        elif name == "BRANCH":
            if inside or not all(_is_flat(branch, counted, inside=inside) for branch in argument[1]):
                return False
        elif name in {"ASSERT", "ASSERT_NOT"}:
            if not _is_flat(argument[1], counted, inside=inside):
                return False
        elif name in {"GROUPREF", "GROUPREF_EXISTS", "ATOMIC_GROUP"}:
            return False
    return True
