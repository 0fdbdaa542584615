"""`"upgrade_%s" % name` and `"upgrade_{}".format(name)` as the f-string that says the same.

Only plain fields: with a width, a conversion or an attribute the spellings differ in what they may do.
"""

from __future__ import annotations

import _ast
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping, Sequence

_PERCENT = re.compile(r"%(?:(%)|\((\w+)\)s|s)")
_BRACES = re.compile(r"(\{\{|\}\})|\{(\w*)\}")


def of_percent(node: ast.BinOp) -> ast.JoinedStr | None:
    """The f-string for a text with `%s`, given a tuple, a dictionary of plain keys, or one value."""
    text = _text(node.left)
    if text is None or _PERCENT.sub("", text).count("%"):
        return None
    given = node.right
    named: dict[object, ast.expr] = {}
    if isinstance(given, _ast.Dict):
        named = {key.value: one for key, one in zip(given.keys, given.values) if isinstance(key, _ast.Constant)}  # noqa: B905
        return _filled(text, _PERCENT, (), named)
    return _filled(text, _PERCENT, given.elts if isinstance(given, _ast.Tuple) else [given], named)


def of_format(node: ast.Call) -> ast.JoinedStr | None:
    """The f-string for `"...".format(...)`."""
    if not isinstance(node.func, _ast.Attribute) or node.func.attr != "format":
        return None
    text = _text(node.func.value)
    if text is None or set(_BRACES.sub("", text)) & {"{", "}"}:
        return None
    if any(isinstance(each, _ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
        return None
    return _filled(text, _BRACES, node.args, {each.arg: each.value for each in node.keywords})


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, _ast.Constant) and isinstance(node.value, str) else None


def _filled(
    text: str, field: re.Pattern[str], given: Sequence[ast.expr], named: Mapping[object, ast.expr]
) -> ast.JoinedStr | None:
    """None unless every field has its value, and every value by position its field."""
    values: list[ast.expr] = []
    used = end = 0
    for found in field.finditer(text):
        values.append(_ast.Constant(text[end : found.start()]))
        end = found.end()
        escaped, name = found.groups()
        if escaped:
            values.append(_ast.Constant(escaped[0]))
            continue
        if name and not name.isdigit():
            value = named.get(name)
        else:
            place = int(name) if name else used
            used = max(used, place + 1)
            value = given[place] if place < len(given) else None
        if value is None:
            return None
        values.append(_ast.FormattedValue(value, -1, None))
    values.append(_ast.Constant(text[end:]))
    return _ast.JoinedStr(values) if used == len(given) else None
