"""One text for all spellings of the same code, the same under every Python that reads it.

Dropped: positions, comments, formatting, docstrings and other texts that stand alone, annotations, imports, `pass`.
A name that an import binds is written as what it was called where it came from, so that an alias hides nothing while a
project module may move.  Written without recursion and without `ast.dump`, whose format follows the version of Python.
"""

from __future__ import annotations

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping, Sequence

# Fields that no database notices, or that only some versions of Python have.
_DROPPED = frozenset(
    ("ctx", "type_comment", "type_ignores", "kind", "type_params", "returns", "annotation", "simple", "str")
)
# Newer nodes and what `source.lowering` makes of them.
_SAME_AS = {"Interpolation": "FormattedValue", "TypeAlias": "Assign"}


def canonical(node: ast.AST | Sequence[ast.AST], imports: Mapping[str, str]) -> str:
    """The text of a node or of statements; `imports` maps names that imports bind to their original names."""
    out: list[str] = []
    todo: list[object] = [list(node) if isinstance(node, (list, tuple)) else node]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            out.append(item)
        elif isinstance(item, list):
            todo.extend(reversed(_statements(item) if item and isinstance(item[0], _ast.stmt) else item))
        elif isinstance(item, _ast.AST):
            todo.extend(reversed(_parts(item, imports)))
        elif item is not None:
            out.append(constant_text(item))
    return " ".join(out)


def constant_text(value: object) -> str:
    """A constant as text; hexadecimal integers, since decimal ones have a limit on their digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    return repr(value)


def is_remark(statement: ast.AST) -> bool:
    """A statement without effect: a docstring, another constant, `pass`."""
    if isinstance(statement, _ast.Expr):
        return isinstance(statement.value, _ast.Constant)
    return isinstance(statement, _ast.Pass)


def meaningful_children(node: ast.AST) -> list[tuple[str, ast.AST | list[ast.AST]]]:
    """The fields that `canonical` shows, for whoever walks two trees side by side."""
    found: list[tuple[str, ast.AST | list[ast.AST]]] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if name in _DROPPED:
            continue
        if isinstance(value, list):
            nodes = [item for item in value if isinstance(item, _ast.AST)]
            if nodes or not value:
                found.append((name, _statements(nodes) if nodes and isinstance(nodes[0], _ast.stmt) else nodes))
        elif isinstance(value, _ast.AST):
            found.append((name, value))
    return found


def _statements(body: list[ast.AST]) -> list[ast.AST]:
    return [one for one in body if not is_remark(one) and not isinstance(one, (_ast.Import, _ast.ImportFrom))]


def _parts(node: ast.AST, imports: Mapping[str, str]) -> list[object]:
    """What a node is written as: texts, and nodes still to be written."""
    if isinstance(node, _ast.Constant):
        return [constant_text(node.value)]
    if isinstance(node, _ast.Name):
        return [imports.get(node.id, node.id)]
    if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Add):
        text = _folded(node)
        if text is not None:
            return [constant_text(text)]
    if isinstance(node, _ast.AnnAssign):
        return ["(Assign targets= [", node.target, "] value=", node.value or "", ")"]
    if type(node).__name__ in ("JoinedStr", "TemplateStr"):
        return _formatted(node)
    return _plain_parts(node)


def _plain_parts(node: ast.AST) -> list[object]:
    kind = type(node).__name__
    parts: list[object] = [f"({_SAME_AS.get(kind, kind)}"]
    for name in sorted(node._fields):
        value = getattr(node, name, None)
        if name in _DROPPED or value is None or value == []:
            continue
        if kind == "FormattedValue" and name == "format_spec" and not value.values:
            continue
        if kind == "TypeAlias" and name == "name":
            parts += ["targets=", "[", value, "]"]
            continue
        parts.append(name + "=")
        parts += ["[", value, "]"] if isinstance(value, list) else [value]
    return [*parts, ")"]


def _folded(node: ast.BinOp) -> str | None:
    """The text that `'a' + 'b' + 'c'` is."""
    terms: list[str] = []
    left: ast.expr = node
    while isinstance(left, _ast.BinOp) and isinstance(left.op, _ast.Add):
        if not isinstance(left.right, _ast.Constant) or not isinstance(left.right.value, str):
            return None
        terms.append(left.right.value)
        left = left.left
    if not isinstance(left, _ast.Constant) or not isinstance(left.value, str):
        return None
    return "".join([left.value, *reversed(terms)])


def _formatted(node: ast.AST) -> list[object]:
    """An f-string with its texts joined; without fields it is a plain text, unless it is a template."""
    parts: list[object] = []
    text = ""
    values: list[ast.expr] = getattr(node, "values", [])
    for value in values:
        if isinstance(value, _ast.Constant):
            text += str(value.value)
            continue
        if text:
            parts.append(constant_text(text))
            text = ""
        parts.append(value)
    if text or not parts:
        parts.append(constant_text(text))
    if type(node).__name__ == "TemplateStr" or hasattr(node, "template"):
        return ["(TemplateStr", *parts, ")"]
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts
    return ["(JoinedStr", *parts, ")"]
