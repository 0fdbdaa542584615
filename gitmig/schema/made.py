"""Which call is behind an expression, and what it makes by the name that this has in SQLAlchemy."""

from __future__ import annotations

import ast
from functools import lru_cache

from gitmig.source.classes import linearised
from gitmig.source.following import outside
from gitmig.source.scopes import Class, Expression, Layer, Scope, Symbol
from gitmig.source.values import call_name, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.source.scopes import Binding

KINDS = frozenset(
    {
        "Column",
        "mapped_column",
        "Field",
        "ForeignKey",
        "ForeignKeyConstraint",
        "UniqueConstraint",
        "Index",
        "CheckConstraint",
        "PrimaryKeyConstraint",
        "ExcludeConstraint",
        "Computed",
        "Identity",
        "Sequence",
        "Table",
        "MetaData",
        "DefaultClause",
        "FetchedValue",
        "ColumnDefault",
        "relationship",
        "deferred",
        "column_property",
        "DDL",
    }
)
# Packages that use a word of SQLAlchemy for something else.
FOREIGN = frozenset({"rich", "pydantic", "dataclasses", "attr", "attrs", "graphene", "strawberry", "typer"})


# Functions that give back one of their arguments, or what they are a method of.
HANDING_ON = frozenset({"cast", "ddl_if"})


class Made(Expression):
    """The call behind an expression; `kind` is what it makes, "" where that is nothing that is known."""

    __slots__ = ("kind",)

    def __init__(self, node: ast.expr, scope: Scope, kind: str) -> None:
        self.node = node
        self.scope = scope
        self.kind = kind


def made_by(node: ast.expr, scope: Scope) -> Made:
    """The call behind an expression: names and functions followed, `partial(Column, ...)` spelled out."""
    function: Binding | None = outside(node.func, scope) if isinstance(node, ast.Call) else None
    if isinstance(function, Symbol) and function.last not in HANDING_ON:
        return Made(node, scope, kind_of_name(function.name))  # nearly every call is one of SQLAlchemy
    found = resolve(node, scope)
    expression = found if isinstance(found, Expression) else Expression(node, scope)
    call, scope = expression.node, expression.scope
    if not isinstance(call, ast.Call):
        return Made(call, scope, "")
    function = resolve(call.func, scope)
    partial = _partial(function)
    if partial is not None:
        return _spelled_out(call, scope, *partial)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "ddl_if":
        return made_by(call.func.value, scope)  # only some databases get it: it is declared all the same
    return Made(call, scope, _kind_of_call(call, function))


def kind_of(node: ast.expr, scope: Scope) -> str:
    """What a call makes, by the name it has in SQLAlchemy; "" for anything else."""
    return _kind_of_call(node, resolve(node.func, scope)) if isinstance(node, ast.Call) else ""


@lru_cache(maxsize=1024)
def kind_of_name(name: str) -> str:
    """What a call of something outside the tree makes, by its dotted name."""
    root, _, _ = name.partition(".")
    last = name.rpartition(".")[2]
    return last if last in KINDS and root not in FOREIGN else ""


def _kind_of_call(call: ast.Call, function: Binding | None) -> str:
    if isinstance(function, Symbol):
        return kind_of_name(function.name)
    if isinstance(function, Class):
        bases = [base.last for base in linearised(function) if isinstance(base, Symbol)]
        return next((base for base in bases if base in KINDS), "")
    partial = _partial(function)
    if partial is not None:
        inner, scope = partial
        return kind_of(ast.Call(func=inner.args[0], args=[], keywords=[]), scope) if inner.args else ""
    if function is None or (isinstance(function, Expression) and function.node is call.func):
        word = call_name(call)
        return word if word in KINDS else ""
    return ""


def _partial(function: Binding | None) -> tuple[ast.Call, Scope] | None:
    """The `partial(...)` that a function was made by, with its scope."""
    node = function.node if isinstance(function, Expression) else None
    if isinstance(function, Expression) and isinstance(node, ast.Call) and call_name(node) == "partial":
        return node, function.scope
    return None


def _spelled_out(call: ast.Call, scope: Scope, partial: ast.Call, partial_scope: Scope) -> Made:
    """`partial(f, a)(b)` as `f(a, b)`; arguments of the partial keep their own scope through made-up names."""
    names: dict[str, Expression] = {}
    arguments: list[ast.expr] = []
    for position, argument in enumerate(partial.args[1:]):
        names[f"<partial {position}>"] = Expression(argument, partial_scope)
        arguments.append(ast.copy_location(ast.Name(id=f"<partial {position}>", ctx=ast.Load()), argument))
    given = {keyword.arg for keyword in call.keywords}
    keywords: list[ast.keyword] = []
    for keyword in partial.keywords:
        if keyword.arg is not None and keyword.arg not in given:
            names[f"<partial {keyword.arg}>"] = Expression(keyword.value, partial_scope)
            reference = ast.copy_location(ast.Name(id=f"<partial {keyword.arg}>", ctx=ast.Load()), keyword.value)
            keywords.append(ast.keyword(arg=keyword.arg, value=reference))
    names["<partial>"] = Expression(partial.args[0], partial_scope)
    function = ast.copy_location(ast.Name(id="<partial>", ctx=ast.Load()), call)
    made = ast.Call(func=function, args=[*arguments, *call.args], keywords=[*keywords, *call.keywords])
    made, inner = ast.copy_location(made, call), Layer(names, scope)
    return Made(made, inner, kind_of(made, inner))
