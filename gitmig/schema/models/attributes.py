"""The attributes of a mapped class in the order of SQLAlchemy: its own, then those of its mixins and abstract bases."""

from __future__ import annotations

import ast
from functools import lru_cache

from gitmig.schema.constructs import COLUMN_SPELLINGS, origin_of
from gitmig.schema.elements import Unknown
from gitmig.source.classes import linearised
from gitmig.source.scopes import Class, Expression, Function, Known, Scope, Symbol
from gitmig.source.values import call_name, entries, evaluate, iterations, returned, text_of, truth_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Attribute:
    """One name of a class body: its annotation, its value, the class that wrote it; `conditional` under an `if`."""

    __slots__ = ("annotation", "conditional", "name", "node", "owner", "scope", "value")

    def __init__(
        self,
        name: str,
        owner: Class,
        *,
        node: ast.AST,
        scope: Scope,
        annotation: ast.expr | None = None,
        value: ast.expr | None = None,
        conditional: bool = False,
    ) -> None:
        self.name = name
        self.owner = owner
        self.node = node
        self.scope = scope
        self.annotation = annotation
        self.value = value
        self.conditional = conditional


def attributes_of(cls: Class, stop: Sequence[Class]) -> Iterator[Attribute]:
    """Attributes of a class and of its bases, nearest first, each name once; bases in `stop` map their own."""
    seen: set[str] = set()
    for owner in linearised(cls):
        if not isinstance(owner, Class):
            continue
        stopped = any(owner.node is other.node for other in stop)
        for attribute in own_attributes(owner):
            if attribute.name not in seen and (not stopped or _is_cascading(attribute)):
                seen.add(attribute.name)
                yield attribute


@lru_cache(maxsize=16)  # one class is asked several times in a row
def own_attributes(owner: Class) -> tuple[Attribute, ...]:
    """What the body of one class writes; a later assignment of a name replaces an earlier one."""
    found: dict[str, Attribute] = {}
    _collect(owner.node.body, owner, found, conditional=False)
    return tuple(found.values())


def _collect(body: Sequence[ast.stmt], owner: Class, found: dict[str, Attribute], *, conditional: bool) -> None:
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = Attribute(
                        target.id,
                        owner,
                        node=statement,
                        scope=owner.body,
                        value=statement.value,
                        annotation=found[target.id].annotation if target.id in found else None,
                        conditional=conditional,
                    )
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            found[name] = Attribute(
                name,
                owner,
                node=statement,
                scope=owner.body,
                annotation=statement.annotation,
                value=statement.value,
                conditional=conditional,
            )
        elif isinstance(statement, ast.FunctionDef):
            found[statement.name] = Attribute(
                statement.name,
                owner,
                node=statement,
                scope=owner.body,
                annotation=statement.returns,
                conditional=conditional,
            )
        elif isinstance(statement, ast.If):
            _collect_if(statement, owner, found, conditional=conditional)
        elif isinstance(statement, (ast.With, ast.Try)):
            _collect(statement.body, owner, found, conditional=conditional)
        elif isinstance(statement, ast.For) and makes_columns(statement):
            rounds = iterations(statement, owner.body)
            for inner in rounds or ():
                for part in statement.body:
                    _collect_item(part, owner, inner, found)
            if rounds is None:
                found[""] = Attribute("", owner, node=statement, scope=owner.body)
        if isinstance(statement, (ast.Assign, ast.Expr)):
            _collect_item(statement, owner, owner.body, found)


def _collect_item(statement: ast.stmt, owner: Class, scope: Scope, found: dict[str, Attribute]) -> None:
    """`locals()["x"] = value` and `vars().update({"x": value})`; a name that is not read is the attribute ""."""
    written: dict[str, Expression] | None = {}
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
        target = statement.targets[0]
        if not _is_namespace(target.value):
            return
        name = evaluate(target.slice, scope)
        written = {str(name.value): Expression(statement.value, scope)} if isinstance(name, Known) else None
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        function, arguments = statement.value.func, statement.value.args
        if not isinstance(function, ast.Attribute) or function.attr != "update" or not _is_namespace(function.value):
            return
        written = entries(arguments[0], scope) if arguments else None
    for name_, value in ({"": None} if written is None else written).items():
        node = value.node if value is not None else None
        inner = value.scope if value is not None else scope
        found[name_] = Attribute(name_, owner, node=statement, scope=inner, value=node)


def _is_namespace(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"locals", "vars"}
        and not node.args
    )


def makes_columns(node: ast.AST) -> bool:
    """Whether a column is made anywhere inside."""
    return any(isinstance(part, ast.Call) and call_name(part) in COLUMN_SPELLINGS for part in ast.walk(node))


def _collect_if(statement: ast.If, owner: Class, found: dict[str, Attribute], *, conditional: bool) -> None:
    if text_of(statement.test).rpartition(".")[2] == "TYPE_CHECKING":
        _collect(statement.orelse, owner, found, conditional=conditional)
        return
    holds = truth_of(statement.test, owner.body)
    if holds is not None:
        _collect(statement.body if holds else statement.orelse, owner, found, conditional=conditional)
        return
    other: dict[str, Attribute] = {}
    _collect(statement.orelse, owner, other, conditional=True)
    _collect(statement.body, owner, other, conditional=True)
    found.update(other)


def is_declared(attribute: Attribute) -> bool:
    """Whether a method is a `declared_attr`, that is, computed for each class."""
    node = attribute.node
    if not isinstance(node, ast.FunctionDef):
        return False
    return any("declared_attr" in text_of(decorator) for decorator in node.decorator_list)


def _is_cascading(attribute: Attribute) -> bool:
    """Whether it is computed again for each class below a mapped one."""
    decorators = getattr(attribute.node, "decorator_list", ())
    return any(text_of(decorator).endswith("declared_attr.cascading") for decorator in decorators)


def declared_value(attribute: Attribute, cls: Class) -> Expression | Known | Symbol | Class | Unknown | None:
    """What a `declared_attr` returns for a class; an `Unknown` when its way there cannot be followed."""
    node = attribute.node
    assert isinstance(node, ast.FunctionDef)  # noqa: S101  (callers ask is_declared)
    found = returned(Function(node, attribute.scope, cls))
    if found is None:
        return Unknown(
            f"{attribute.owner.name}.{attribute.name}",
            "this function is too involved to be read",
            origin_of(node, attribute.scope),
        )
    return found if isinstance(found, (Expression, Known, Symbol, Class)) else None
