"""The attributes of a mapped class in the order of SQLAlchemy: its own, then those of its mixins and abstract bases."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import origin_of
from gitmig.schema.elements import Unknown
from gitmig.source.classes import linearised
from gitmig.source.scopes import Class, Expression, Function, Known, Scope, Symbol
from gitmig.source.values import evaluate, returned, text_of

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
        if not isinstance(owner, Class) or any(owner.node is other.node for other in stop):
            continue
        for attribute in own_attributes(owner):
            if attribute.name not in seen:
                seen.add(attribute.name)
                yield attribute


def own_attributes(owner: Class) -> list[Attribute]:
    """What the body of one class writes; a later assignment of a name replaces an earlier one."""
    found: dict[str, Attribute] = {}
    _collect(owner.node.body, owner, found, conditional=False)
    return list(found.values())


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


def _collect_if(statement: ast.If, owner: Class, found: dict[str, Attribute], *, conditional: bool) -> None:
    if text_of(statement.test).rpartition(".")[2] == "TYPE_CHECKING":
        _collect(statement.orelse, owner, found, conditional=conditional)
        return
    outcome = evaluate(statement.test, owner.body)
    if isinstance(outcome, Known):
        _collect(statement.body if outcome.value else statement.orelse, owner, found, conditional=conditional)
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
