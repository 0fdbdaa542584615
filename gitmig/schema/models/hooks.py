"""Columns that other code puts on a mapped class: its decorators, `__init_subclass__` of its bases, its metaclass."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import origin_of
from gitmig.schema.elements import Unknown
from gitmig.schema.models.attributes import Attribute, makes_columns
from gitmig.source.classes import linearised
from gitmig.source.scopes import Class, Expression, Function, Known, Layer, Symbol
from gitmig.source.values import evaluate, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def added_by_hooks(cls: Class) -> Iterator[Attribute | Unknown]:
    """What hooks assign to a class, statement by statement; an `Unknown` for a column that only some ways give."""
    for function in _hooks(cls):
        if makes_columns(function.node):
            yield from _assigned(function, cls)


def metaclass_methods(cls: Class) -> Iterator[Function]:
    """`__init__` and `__new__` of the metaclasses that a class and its bases name."""
    for base in linearised(cls):
        if isinstance(base, Symbol):
            continue
        given = [k.value for k in getattr(base.node, "keywords", ()) if k.arg == "metaclass"]
        metaclass = resolve(given[0], base.scope) if given else None
        for name in ("__init__", "__new__"):
            method = metaclass.own(name) if isinstance(metaclass, Class) else None
            if isinstance(method, Function):
                yield Function(method.node, method.scope)


def _hooks(cls: Class) -> Iterator[Function]:
    for decorator in cls.node.decorator_list:
        found = resolve(decorator, cls.scope)
        if isinstance(found, Function):
            yield found
    for base in linearised(cls)[1:]:
        found = base.own("__init_subclass__") if isinstance(base, Class) else None
        if isinstance(found, Function):
            yield found
    yield from metaclass_methods(cls)


def _assigned(function: Function, cls: Class) -> Iterator[Attribute | Unknown]:
    parameters = [*function.node.args.posonlyargs, *function.node.args.args]
    receiver = parameters[0].arg if parameters and function.node.name != "__new__" else ""  # type: ignore[union-attr]
    scope = Layer({receiver: cls}, function.scope)
    for statement in function.node.body if isinstance(function.node, ast.FunctionDef) else ():
        written = _written(statement, receiver, scope)
        if written is not None:
            name, value = written
            yield Attribute(name, cls, node=statement, scope=scope, value=value)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            scope = Layer({statement.targets[0].id: Expression(statement.value, scope)}, scope)
        elif makes_columns(statement) and not isinstance(statement, ast.FunctionDef):
            why = f"{getattr(function.node, 'name', 'a function')} makes columns in a way that is not understood"
            yield Unknown(cls.name, why, origin_of(statement, scope))


def _written(statement: ast.stmt, receiver: str, scope: Layer) -> tuple[str, ast.expr] | None:
    """The attribute and value of `cls.x = value` and of `setattr(cls, "x", value)`."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Attribute) and _is_name(target.value, receiver):
            return target.attr, statement.value
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and _is_name(call.func, "setattr") and len(call.args) == 3:
        name = evaluate(call.args[1], scope)
        if _is_name(call.args[0], receiver) and isinstance(name, Known):
            return str(name.value), call.args[2]
    return None


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
