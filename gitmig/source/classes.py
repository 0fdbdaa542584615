"""Classes of source that is read: bases in order, and the members of Python enums."""

from __future__ import annotations

import ast

from gitmig.source.nodes import call_name, text_of
from gitmig.source.scopes import ENUM_BASES, Class, Expression, Function, Known, Opaque, Scope, Symbol
from gitmig.source.values import evaluate, items, resolve, returned, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Base: TypeAlias = Class | Symbol | Expression


def linearised(cls: Base) -> list[Base]:
    """The class and its bases in method resolution order; a base that is not understood is Symbol("?")."""
    if not isinstance(cls, Class):
        return _linearised(cls, ())
    if cls.bases is None:
        cls.bases = _linearised(cls, ())
    return cls.bases


def _linearised(cls: Base, below: tuple[Base, ...]) -> list[Base]:
    if len(below) > 30 or any(same_base(cls, other) for other in below):
        return [Symbol("?")]
    direct = base_bindings(cls) if isinstance(cls, Class) else _made_from(cls) if isinstance(cls, Expression) else []
    sequences = [_linearised(base, (*below, cls)) for base in direct]
    return [cls, *_merged([*sequences, direct])]


def _merged(sequences: list[list[Base]]) -> list[Base]:
    merged: list[Base] = []
    remaining = [list(sequence) for sequence in sequences if sequence]
    while remaining:
        candidate = next(
            (
                sequence[0]
                for sequence in remaining
                if not any(same_base(sequence[0], other) for tail in remaining for other in tail[1:])
            ),
            remaining[0][0],
        )
        merged.append(candidate)
        shorter = (
            [base for base in sequence if base is not candidate and not same_base(base, candidate)]
            for sequence in remaining
        )
        remaining = [sequence for sequence in shorter if sequence]
    return merged


def same_base(one: Base, other: Base) -> bool:
    if isinstance(one, Symbol) or isinstance(other, Symbol):
        return one == other and one != Symbol("?")
    return one is other or (
        type(one) is type(other) and one.node is other.node and one.scope.place == other.scope.place
    )


def base_bindings(cls: Class) -> list[Base]:
    """The bases: classes of the tree, symbols, and calls such as `declarative_base()` as expressions."""
    found: list[Base] = []
    for node in cls.node.bases:
        inner = node.value if isinstance(node, ast.Subscript) else node
        if isinstance(inner, ast.Call) and call_name(inner) == "with_metaclass":
            found += [_base(argument, cls.scope) for argument in inner.args[1:]]
        else:
            found.append(_base(inner, cls.scope))
    return found


def _base(node: ast.expr, scope: Scope) -> Base:
    base = resolve(node, scope)
    if isinstance(base, Symbol) and isinstance(node, ast.Attribute) and base.name.endswith("().Model"):
        made = resolve(node.value, scope)
        return made if isinstance(made, Expression) else base
    if isinstance(base, (Class, Symbol)):
        return base
    if isinstance(base, Expression) and isinstance(base.node, ast.Call):
        return base
    if isinstance(base, Expression) and isinstance(base.node, ast.Attribute) and base.node.attr == "Model":
        made = resolve(base.node.value, base.scope)
        return made if isinstance(made, Expression) else Symbol("?")
    return Symbol("?") if base is not None else Symbol(text_of(node))


def _made_from(made: Expression) -> list[Base]:
    """Classes that `declarative_base(cls=...)` or `SQLAlchemy(model_class=...)` puts under what it makes."""
    if not isinstance(made.node, ast.Call):
        return []
    for keyword in made.node.keywords:
        if keyword.arg in {"cls", "model_class"}:
            found = resolve(keyword.value, made.scope)
            if isinstance(found, Class):
                return [found]
            parts = items(keyword.value, made.scope) or []
            return [_base(part.node, part.scope) for part in parts]
    return []


def is_enum(cls: Class) -> bool:
    return any(
        isinstance(base, Symbol) and (base.last in ENUM_BASES or base.last.endswith("Enum")) for base in linearised(cls)
    )


def enum_members(cls: Class) -> list[tuple[str, Known | Opaque]]:
    """Names and values of a Python enum's members, without aliases; `auto()` is resolved."""
    if cls.members is None:
        cls.members = _enum_members(cls)
    return cls.members


def _enum_members(cls: Class) -> list[tuple[str, Known | Opaque]]:
    found: list[tuple[str, Known | Opaque]] = []
    for owner in reversed([base for base in linearised(cls) if isinstance(base, Class)]):
        for name, definition in owner.body.definitions.items():
            if isinstance(definition, ast.expr) and not name.startswith("_"):
                found.append((name, _member_value(name, definition, cls, owner, found)))
    seen: set[str] = set()
    distinct: list[tuple[str, Known | Opaque]] = []
    for name, value in found:
        spelled = repr(value.value) if isinstance(value, Known) else name
        if spelled not in seen:
            distinct.append((name, value))
        seen.add(spelled)
    return distinct


def _member_value(
    name: str, node: ast.expr, cls: Class, owner: Class, before: list[tuple[str, Known | Opaque]]
) -> Known | Opaque:
    function = call_name(node) if isinstance(node, ast.Call) else ""
    if isinstance(node, ast.Tuple) and node.elts and _takes_first(cls):
        node = node.elts[0]
    if function == "auto":
        return _automatic_value(name, cls, before)
    if isinstance(node, ast.Call) and function in {"member", "nonmember"} and node.args:
        node = node.args[0]
    return evaluate(node, owner.body)


def _automatic_value(name: str, cls: Class, before: list[tuple[str, Known | Opaque]]) -> Known | Opaque:
    bases = linearised(cls)
    generator = next((base.own("_generate_next_value_") for base in bases if isinstance(base, Class)), None)
    if isinstance(generator, Function):
        plain = Function(generator.node, generator.scope)
        return value_of(returned(plain, [Known(name), Known(1), Known(len(before)), Known([])]))
    kinds = {base.last for base in bases if isinstance(base, Symbol)}
    if "StrEnum" in kinds:
        return Known(name.lower())
    last = before[-1][1] if before else Known(0)
    if "str" in kinds:
        return Known(str(len(before) + 1))
    return Known(last.value + 1) if isinstance(last, Known) and isinstance(last.value, int) else Opaque("auto()")


def _takes_first(cls: Class) -> bool:
    """An enum of the tree whose `__new__` takes the first of several values as the value."""
    return any(isinstance(base, Class) and isinstance(base.own("__new__"), Function) for base in linearised(cls))
