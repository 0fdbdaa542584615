"""Small questions to nodes of a syntax tree, and nodes that stand for values."""

from __future__ import annotations

import ast

from gitmig.source.scopes import Binding, Expression, Layer, Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


def text_of(node: ast.AST | None) -> str:
    """The normalised source text of an expression."""
    if node is None:
        return ""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and is_reference(node):
        return f"{text_of(node.value)}.{node.attr}"
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError, AttributeError, TypeError):
        return f"<{type(node).__name__}>"


def call_name(node: ast.Call) -> str:
    """The last word of what is called: "Column" for `sa.Column(...)`."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_reference(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def is_attribute(node: ast.AST) -> bool:
    """A method that is read as an attribute: `declared_attr`, `property` and their kin."""
    names = {text_of(decorator) for decorator in getattr(node, "decorator_list", ())}
    return any(
        name.rpartition(".")[2].partition("(")[0]
        in {"declared_attr", "directive", "property", "classproperty", "cached_property", "cascading"}
        for name in names
    )


def is_static(node: ast.AST) -> bool:
    return any(text_of(decorator) == "staticmethod" for decorator in getattr(node, "decorator_list", ()))


def constant(value: Any, place: ast.AST) -> ast.expr:
    """A value as an expression, so that parts of it can be handed on like any other."""
    if isinstance(value, (tuple, list, set, frozenset)):
        parts = [constant(part, place) for part in value]
        kind = ast.List if isinstance(value, list) else ast.Tuple
        return ast.copy_location(kind(elts=parts, ctx=ast.Load()), place)
    if isinstance(value, dict):
        keys: list[ast.expr | None] = [constant(key, place) for key in value]
        return ast.copy_location(ast.Dict(keys=keys, values=[constant(part, place) for part in value.values()]), place)
    return ast.copy_location(ast.Constant(value=value), place)


def pair(one: Binding, other: Binding) -> Expression:
    """Two bindings as one expression of a pair."""
    scope = one.scope if isinstance(one, Expression) else Scope()
    return sequence([one, other], scope)


def sequence(parts: Sequence[Binding], scope: Scope) -> Expression:
    names: dict[str, Binding] = {f"<{n}>": part for n, part in enumerate(parts)}
    elements: list[ast.expr] = [reference(name, part) for name, part in names.items()]
    tuple_node = ast.Tuple(elts=elements, ctx=ast.Load())
    return Expression(
        ast.copy_location(tuple_node, elements[0]) if elements else at_zero(tuple_node), Layer(names, scope)
    )


def mapping(parts: Mapping[str, Binding], scope: Scope) -> Expression:
    names: dict[str, Binding] = {f"<{key}>": part for key, part in parts.items()}
    keys: list[ast.expr | None] = [at_zero(ast.Constant(value=key)) for key in parts]
    values: list[ast.expr] = [reference(name, part) for name, part in names.items()]
    return Expression(at_zero(ast.Dict(keys=keys, values=values)), Layer(names, scope))


def reference(name: str, part: Binding) -> ast.expr:
    node = ast.Name(id=name, ctx=ast.Load())
    return ast.copy_location(node, part.node) if isinstance(part, Expression) else at_zero(node)


def at_zero(node: Any) -> Any:
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = 0, 0, 0, 0
    return node
