"""What holds after a branch of upgrade() whose condition is not known: the names and operations of both ways."""

from __future__ import annotations

import ast

from gitmig.source.scopes import Binding, Expression, Known, Layer, Scope, Symbol
from gitmig.source.values import items, resolve, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.operations import Operation

# Names that stand for something that nobody knows, such as an argument or a variable that two branches set.
UNKNOWN = "<unknown>"


def merged(
    before: dict[str, Binding], one: dict[str, Binding], other: dict[str, Binding], first: str, second: str
) -> dict[str, Binding]:
    """The names after two branches; one that does not go on does not count."""
    if first and not second:
        return other
    if second and not first:
        return one
    merged = dict(other)
    for name, binding in one.items():
        if name in other and other[name] is not binding and other[name] != binding:
            merged[name] = _kept(before.get(name), binding, other[name]) or _alternative(name, binding, other[name])
        else:
            merged[name] = binding
    return merged


def items_of_either(node: ast.expr, scope: Scope) -> list[tuple[Expression, bool]] | None:
    """The parts of a list to which only one branch adds, and whether both have them; None for any other list."""
    found = resolve(node, scope)
    choice = found.node if isinstance(found, Expression) else None
    if not isinstance(found, Expression) or not isinstance(choice, ast.IfExp):
        return None
    one, other = items(choice.body, found.scope), items(choice.orelse, found.scope)
    if one is None or other is None:
        return None
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    either = {text_of(part.node) for part in longer}
    both = either & {text_of(part.node) for part in shorter}
    rest = [part for part in shorter if text_of(part.node) not in either]
    return [(part, text_of(part.node) in both) for part in (*longer, *rest)]


def alternatives(said: list[Operation], others: list[Operation]) -> list[Operation]:
    """What another dialect does instead: marked when the first branch says what happens to the schema."""
    known = {(each.op, each.table, each.name) for each in said}
    others = [each for each in others if (each.op, each.table, each.name) not in known]
    if all(each.op == "data" for each in said):
        return others
    return [each.replace(detail={**each.detail, "alternative": True}) for each in others]


def _alternative(name: str, one: Binding, other: Binding) -> Binding:
    """`one if <condition> else other`, for those who can make something of both."""
    if not isinstance(one, Known | Expression) or not isinstance(other, Known | Expression):
        return Symbol(f"{UNKNOWN}.{name}")
    names: dict[str, Binding] = {"<condition>": Symbol(f"{UNKNOWN}.condition"), "<one>": one, "<other>": other}
    test, body, orelse = (ast.Name(id=each, ctx=ast.Load()) for each in names)
    choice = ast.IfExp(test=test, body=body, orelse=orelse)
    line = one.node.lineno if isinstance(one, Expression) else 1
    for node in (choice, test, body, orelse):
        node.lineno = node.end_lineno = line
        node.col_offset = node.end_col_offset = 0
    return Expression(choice, Layer(names, Scope()))


def _kept(before: Binding | None, one: Binding, other: Binding) -> Binding | None:
    """`x = None` before a branch that gives it a value says nothing about the value."""
    if isinstance(before, Known) and before.value is None:
        if one == before:
            return other
        if other == before:
            return one
    return None
