"""What operators, built-in functions and methods give for plain values, within limits of time and memory."""

from __future__ import annotations

import ast
import posixpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ITEMS = 2_000


class Unreadable(Exception):
    """The value cannot be told; caught where reading began."""


TEXT_METHODS = """
    lower upper title capitalize casefold swapcase strip lstrip rstrip replace split rsplit splitlines join startswith
    endswith isupper islower isalpha isdigit isalnum istitle isspace isidentifier find rfind index rindex count
    partition rpartition removeprefix removesuffix encode decode
"""
VALUE_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(TEXT_METHODS.split()),
    bytes: frozenset({"decode", "lower", "upper"}),
    dict: frozenset({"get", "keys", "values", "items", "copy"}),
    list: frozenset({"index", "count", "copy"}),
    tuple: frozenset({"index", "count"}),
    set: frozenset({"union", "intersection", "difference", "copy"}),
    frozenset: frozenset({"union", "intersection", "difference", "copy"}),
}
FUNCTIONS: dict[str, Any] = {
    function.__name__: function
    for function in (
        *(
            str,
            int,
            float,
            bool,
            len,
            list,
            tuple,
            set,
            frozenset,
            dict,
            sorted,
            reversed,
            enumerate,
            zip,
            min,
            max,
            sum,
        ),
        *(any, all, abs, repr, range),
    )
}


def folder_of(path: str) -> str:
    """The folder of a path of the tree; what lies above the tree has no name that can be told."""
    folder, slash, _ = path.rpartition("/")
    if not slash:
        raise Unreadable
    return folder


PATHS: dict[str, Callable[[str], str]] = {
    "os.path.dirname": folder_of,
    "os.path.basename": lambda path: path.rpartition("/")[2],
    "os.path.abspath": posixpath.normpath,
    "os.path.realpath": posixpath.normpath,
}
CONVERSIONS: dict[int, Callable[[Any], str]] = {ord("r"): repr, ord("s"): str, ord("a"): ascii}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
    ast.Is: lambda left, right: left is right,
    ast.IsNot: lambda left, right: left is not right,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


def calculated(operator: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(operator, ast.Add):
        return left + right
    if isinstance(operator, ast.Mod) and isinstance(left, str):
        refuse_wide(left)
        return left % right
    if isinstance(operator, ast.Mult):
        for sequence, count in ((left, right), (right, left)):
            if (
                isinstance(sequence, (str, bytes, list, tuple))
                and isinstance(count, int)
                and len(sequence) * count > ITEMS
            ):
                raise Unreadable
        return left * right
    if isinstance(operator, ast.Sub):
        return left - right
    if isinstance(operator, ast.FloorDiv):
        return left // right
    if isinstance(operator, ast.Mod):
        return left % right
    if isinstance(operator, ast.Div) and (isinstance(left, (int, float)) or hasattr(left, "joinpath")):
        return left / right
    if isinstance(operator, ast.BitOr) and isinstance(left, (dict, set, frozenset)):
        return left | right
    if (
        isinstance(operator, ast.Pow)
        and isinstance(left, int)
        and isinstance(right, int)
        and 0 <= right <= 64
        and abs(left) <= 16
    ):
        return left**right
    raise Unreadable


def negated(operator: ast.unaryop, value: Any) -> Any:
    if isinstance(operator, ast.Not):
        return not value
    if isinstance(operator, ast.USub):
        return -value
    if isinstance(operator, ast.UAdd):
        return +value
    raise Unreadable


def refuse_wide(specification: str) -> None:
    """A format such as "%1000000000d" would ask for that much memory."""
    digits = 0
    for letter in specification:
        digits = digits + 1 if letter.isdigit() else 0
        if digits > 3 or letter == "*":
            raise Unreadable


def has_attribute_field(template: str) -> bool:
    return any("." in part.partition("}")[0].partition(":")[0] for part in template.split("{")[1:])
