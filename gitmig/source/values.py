"""Reads the value of an expression without running it: a small evaluator of constants and string code.

`evaluate` gives a plain value, `resolve` what a name or a call stands for, `items` and `entries` the parts of a
sequence or a mapping as expressions that are not evaluated yet.  Steps, depth and sizes are limited; whatever is not
understood is `Opaque`.
"""

from __future__ import annotations

import ast

from gitmig.source.scopes import (
    ENUM_BASES,
    Binding,
    Class,
    EnumMember,
    Expression,
    Function,
    Known,
    Layer,
    Module,
    Opaque,
    Scope,
    Symbol,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias, TypeVar

    T = TypeVar("T")
    Base: TypeAlias = Class | Symbol | Expression

# Attributes whose owner matters: which MetaData, which base.
OBJECTS = frozenset({"metadata", "metadatas", "Model", "registry"})
STEPS = 20_000
DEPTH = 80
TEXT = 20_000
ITEMS = 2_000


class _Unreadable(Exception):
    pass


def evaluate(node: ast.expr | None, scope: Scope) -> Known | Opaque:
    """The value of an expression, or its text."""
    if node is None:
        return Opaque("")
    if isinstance(node, ast.Constant):
        return Known(node.value) if node.value is not ... else Opaque("...")
    try:
        return Known(_Evaluator().value(node, scope))
    except (_Unreadable, RecursionError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return Opaque(text_of(node))


def value_of(binding: Binding | None) -> Known | Opaque:
    """The value that a binding stands for."""
    if isinstance(binding, Known):
        return binding
    if isinstance(binding, EnumMember):
        return binding.value
    if isinstance(binding, Expression):
        return evaluate(binding.node, binding.scope)
    return Opaque(binding.name if isinstance(binding, (Symbol, Class)) else "")


def resolve(node: ast.expr, scope: Scope) -> Binding | None:
    """What an expression stands for, names and functions of the tree followed; None when a name is not defined."""
    try:
        return _Evaluator().resolve(node, scope)
    except (_Unreadable, RecursionError):
        return Expression(node, scope)


def symbol_of(node: ast.expr, scope: Scope) -> str:
    """The dotted name of what an expression refers to outside the tree, "" when it refers to something else."""
    found = resolve(node, scope)
    return found.name if isinstance(found, Symbol) else ""


def items(node: ast.expr, scope: Scope) -> list[Expression] | None:
    """The elements of a sequence, not evaluated; None when they cannot be counted."""
    try:
        return _Evaluator().items(node, scope)
    except (_Unreadable, RecursionError, TypeError, ValueError, LookupError, AttributeError):
        return None


def entries(node: ast.expr, scope: Scope) -> dict[str, Expression] | None:
    """The entries of a mapping with string keys, not evaluated; None when a key is not known."""
    try:
        return _Evaluator().entries(node, scope)
    except (_Unreadable, RecursionError, TypeError, ValueError, LookupError, AttributeError):
        return None


def returned(
    function: Function, arguments: Sequence[Binding] = (), named: Mapping[str, Binding] | None = None
) -> Binding | None:
    """What a function of the tree returns for these arguments, or None when its path cannot be followed."""
    try:
        return _Evaluator().returned(function, list(arguments), dict(named or {}))
    except (_Unreadable, RecursionError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return None


def called_scope(function: Function, call: ast.Call | None, scope: Scope, *, skip: int = 0) -> Scope | None:
    """The scope inside a function that is called so; `skip` parameters (such as `self`) are not given by the call."""
    evaluator = _Evaluator()
    try:
        arguments, named = evaluator._arguments(call, scope) if call is not None else ([], {})
        skipped: list[Binding] = [Known(None)] * skip
        return Layer(evaluator._parameters(function, [*skipped, *arguments], named), function.scope)
    except (_Unreadable, RecursionError):
        return None


def local_scope(function: Function) -> Scope | None:
    """The scope at the end of a function that is called with its receiver alone: its parameters and what it assigns."""
    evaluator = _Evaluator()
    if isinstance(function.node, ast.Lambda):
        return None
    try:
        scope = Layer(evaluator._parameters(function, [], {}), function.scope)
        body = [statement for statement in function.node.body if not isinstance(statement, ast.Return)]
        outcome = evaluator._run(body, scope)
    except (_Unreadable, RecursionError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return None
    return outcome if isinstance(outcome, Scope) else None


def iterations(statement: ast.For, scope: Scope) -> list[Scope] | None:
    """The scopes of each round of a loop over something known."""
    evaluator = _Evaluator()
    try:
        rounds = evaluator.items(statement.iter, scope)
        return [Layer(evaluator._targets(statement.target, item), scope) for item in rounds]
    except (_Unreadable, RecursionError, TypeError, ValueError, LookupError, AttributeError):
        return None


def member(binding: Binding | None, name: str) -> Binding | None:
    """An attribute of what a name stands for."""
    try:
        return _Evaluator().member(binding, name)
    except (_Unreadable, RecursionError):
        return None


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
    found: list[tuple[str, Known | Opaque]] = []
    for owner in reversed([base for base in linearised(cls) if isinstance(base, Class)]):
        for name, definition in owner.body.definitions.items():
            if isinstance(definition, ast.expr) and not name.startswith("_"):
                found.append((name, _member_value(name, definition, cls, owner, found)))
    distinct: list[tuple[str, Known | Opaque]] = []
    for name, value in found:
        if isinstance(value, Opaque) or not any(value == other for _, other in distinct):
            distinct.append((name, value))
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


def text_of(node: ast.AST | None) -> str:
    """The normalised source text of an expression."""
    if node is None:
        return ""
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


class _Evaluator:
    """One evaluation with its own allowance of steps."""

    def __init__(self) -> None:
        self.steps = 0
        self.depth = 0

    # What things stand for

    def resolve(self, node: ast.expr, scope: Scope) -> Binding | None:
        self._step()
        if isinstance(node, ast.Name):
            return self._followed(scope.lookup(node.id, getattr(node, "lineno", 0)))
        if isinstance(node, ast.Attribute):
            return self._nested(lambda: self._attribute(node, scope))
        if isinstance(node, ast.Call):
            return self._nested(lambda: self._called(node, scope))
        if isinstance(node, ast.IfExp):
            chosen = node.body if self.value(node.test, scope) else node.orelse
            return self._nested(lambda: self.resolve(chosen, scope))
        if isinstance(node, ast.Lambda):
            return Function(node, scope)
        if isinstance(node, ast.Constant) and node.value is not ...:
            return Known(node.value)
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Tuple):
            return self._nested(lambda: self._subscripted(node, scope))
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self._nested(lambda: self._either(node, scope))
        return Expression(node, scope)

    def _followed(self, binding: Binding | None) -> Binding | None:
        if isinstance(binding, Expression):
            return self._nested(lambda: self.resolve(binding.node, binding.scope))
        return binding

    def _either(self, node: ast.BoolOp, scope: Scope) -> Binding | None:
        try:
            for part in node.values[:-1]:
                if self.value(part, scope):
                    return self.resolve(part, scope)
        except _Unreadable:
            return Expression(node, scope)
        return self.resolve(node.values[-1], scope)

    def _subscripted(self, node: ast.Subscript, scope: Scope) -> Binding | None:
        container = self.resolve(node.value, scope)
        if not isinstance(container, Expression) or not isinstance(container.node, (ast.Dict, ast.Tuple, ast.List)):
            return Expression(node, scope)
        key = self.value(node.slice, scope)
        if isinstance(container.node, ast.Dict):
            found = self.entries(container.node, container.scope).get(key)
        else:
            parts = self.items(container.node, container.scope)
            found = parts[key] if isinstance(key, int) and -len(parts) <= key < len(parts) else None
        return self._followed(found) if found is not None else Expression(node, scope)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Binding | None:
        base = self.resolve(node.value, scope)
        found = self.member(base, node.attr)
        return self._followed(found) if found is not None else Expression(node, scope)

    def member(self, binding: Binding | None, name: str) -> Binding | None:
        self._step()
        if isinstance(binding, Symbol):
            return Symbol(f"{binding.name}.{name}")
        if isinstance(binding, Module):
            return binding.scope.lookup(name)
        if isinstance(binding, Class):
            return self._class_member(binding, name)
        if isinstance(binding, EnumMember):
            known = binding.value if isinstance(binding.value, Known) else None
            return {"value": known, "name": Known(binding.name), "_value_": known}.get(name)
        if isinstance(binding, Expression) and isinstance(binding.node, ast.Call):
            return self._instance_member(binding, name)
        return None

    def _class_member(self, cls: Class, name: str) -> Binding | None:
        if name in {"__name__", "__qualname__"}:
            return Known(cls.name)
        for owner in linearised(cls):
            found = owner.own(name) if isinstance(owner, Class) else None
            if isinstance(found, Function):
                bound = Function(found.node, found.scope, cls)
                return self.returned(bound, [], {}) if is_attribute(found.node) else bound
            if isinstance(found, Expression) and is_enum(cls):
                return next((EnumMember(label, value) for label, value in enum_members(cls) if label == name), found)
            if found is not None:
                return found
        return None

    def _instance_member(self, instance: Expression, name: str) -> Binding | None:
        call = instance.node
        made_by = self.resolve(call.func, instance.scope) if isinstance(call, ast.Call) else None
        if name in OBJECTS:
            return None if not isinstance(made_by, Class) else self._class_member(made_by, name)
        if isinstance(made_by, Symbol):
            return Symbol(f"{made_by.name}().{name}")
        if not isinstance(made_by, Class):
            return None
        found = self._class_member(made_by, name)
        if found is not None:
            return found
        outside = next(
            (base for base in linearised(made_by) if isinstance(base, Symbol) and base.last != "object"), None
        )
        return Symbol(f"{outside.name}().{name}") if outside is not None else None

    # Functions

    def _called(self, node: ast.Call, scope: Scope) -> Binding | None:
        function = self.resolve(node.func, scope)
        if function is None and text_of(node.func) == "type" and len(node.args) == 3:
            return self._made_class(node, scope) or Expression(node, scope)
        if isinstance(function, Symbol) and function.name == "typing.cast" and len(node.args) == 2:
            return self.resolve(node.args[1], scope)
        if not isinstance(function, Function):
            return Expression(node, scope)
        try:
            arguments, named = self._arguments(node, scope)
            found = self.returned(function, arguments, named)
        except _Unreadable:
            return Expression(node, scope)
        return self._followed(found) if found is not None else Expression(node, scope)

    def _made_class(self, node: ast.Call, scope: Scope) -> Class | None:
        """`type(name, bases, attributes)` as the class statement that it stands for."""
        try:
            name = self.value(node.args[0], scope)
            bases = self.items(node.args[1], scope)
            attributes = self.entries(node.args[2], scope)
        except _Unreadable:
            return None
        names: dict[str, Binding] = {f"<base {n}>": base for n, base in enumerate(bases)}
        names.update({f"<{key}>": value for key, value in attributes.items()})
        body: list[ast.stmt] = [
            ast.copy_location(
                ast.Assign(targets=[_reference(str(key), value)], value=_reference(f"<{key}>", value)), value.node
            )
            for key, value in attributes.items()
        ]
        made = ast.ClassDef(
            name=str(name),
            bases=[_reference(f"<base {n}>", base) for n, base in enumerate(bases)],
            keywords=[],
            body=body,
            decorator_list=[],
        )
        return Class(ast.copy_location(made, node), Layer(names, scope))

    def _arguments(self, node: ast.Call, scope: Scope) -> tuple[list[Binding], dict[str, Binding]]:
        arguments: list[Binding] = []
        named: dict[str, Binding] = {}
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                arguments += self.items(argument.value, scope)
            else:
                arguments.append(Expression(argument, scope))
        for keyword in node.keywords:
            if keyword.arg is None:
                named.update(self.entries(keyword.value, scope))
            else:
                named[keyword.arg] = Expression(keyword.value, scope)
        return arguments, named

    def returned(self, function: Function, arguments: list[Binding], named: dict[str, Binding]) -> Binding | None:
        node = function.node
        scope = Layer(self._parameters(function, arguments, named), function.scope)
        if isinstance(node, ast.Lambda):
            return Expression(node.body, scope)
        if isinstance(node, ast.AsyncFunctionDef):
            return None
        outcome = self._nested(lambda: self._run(node.body, scope))
        return Known(None) if isinstance(outcome, Scope) else outcome

    def _parameters(
        self, function: Function, arguments: list[Binding], named: dict[str, Binding]
    ) -> dict[str, Binding]:
        parameters = function.node.args
        names = [argument.arg for argument in (*parameters.posonlyargs, *parameters.args)]
        if function.receiver is not None and not _is_static(function.node):
            arguments = [function.receiver, *arguments]
        bound: dict[str, Binding] = dict(zip(names, arguments))  # noqa: B905  (defaults fill the rest)
        for name, default in zip(reversed(names), reversed(parameters.defaults)):  # noqa: B905
            bound.setdefault(name, Expression(default, function.scope))
        for parameter, keyword_default in zip(parameters.kwonlyargs, parameters.kw_defaults):  # noqa: B905
            names.append(parameter.arg)
            if keyword_default is not None:
                bound.setdefault(parameter.arg, Expression(keyword_default, function.scope))
        rest = {name: value for name, value in named.items() if name not in names}
        bound.update({name: value for name, value in named.items() if name in names})
        if parameters.vararg is not None:
            bound[parameters.vararg.arg] = _sequence(
                arguments[len(parameters.posonlyargs) + len(parameters.args) :], function.scope
            )
        if parameters.kwarg is not None:
            bound[parameters.kwarg.arg] = _mapping(rest, function.scope)
        elif rest:
            raise _Unreadable
        elif parameters.vararg is None and len(arguments) > len(parameters.posonlyargs) + len(parameters.args):
            raise _Unreadable
        return bound

    def _run(self, statements: Sequence[ast.stmt], scope: Scope) -> Binding | Scope:
        """Follows statements: the binding that is returned, or the scope after them."""
        for statement in statements:
            self._step()
            if isinstance(statement, ast.Return):
                return Expression(statement.value, scope) if statement.value is not None else Known(None)
            if isinstance(statement, ast.If):
                outcome = self._run(statement.body if self.value(statement.test, scope) else statement.orelse, scope)
            elif isinstance(statement, ast.For):
                outcome = self._loop(statement, scope)
            elif isinstance(statement, (ast.Try, ast.With)):
                outcome = self._run([*statement.body, *getattr(statement, "finalbody", ())], scope)
            else:
                outcome = self._plain(statement, scope)
            if not isinstance(outcome, Scope):
                return outcome
            scope = outcome
        return scope

    def _loop(self, statement: ast.For, scope: Scope) -> Binding | Scope:
        if statement.orelse or any(isinstance(inner, (ast.Break, ast.Continue)) for inner in ast.walk(statement)):
            raise _Unreadable
        for item in self.items(statement.iter, scope):
            outcome = self._run(statement.body, Layer(self._targets(statement.target, item), scope))
            if not isinstance(outcome, Scope):
                return outcome
            scope = outcome
        return scope

    def _plain(self, statement: ast.stmt, scope: Scope) -> Scope:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Subscript):
            return self._item_set(statement.targets[0], statement.value, scope)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Attribute):
            return scope
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            return Layer(self._targets(statement.targets[0], Expression(statement.value, scope)), scope)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            return Layer({statement.target.id: Expression(statement.value, scope)}, scope) if statement.value else scope
        if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
            changed = ast.BinOp(
                left=ast.Name(id=statement.target.id, ctx=ast.Load()), op=statement.op, right=statement.value
            )
            return Layer({statement.target.id: Expression(ast.copy_location(changed, statement), scope)}, scope)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Layer({statement.name: Function(statement, scope)}, scope)
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            from gitmig.source.scopes import Body

            return Body([statement], place=scope.place, parent=scope)
        if isinstance(statement, ast.Expr):
            return self._statement(statement.value, scope)
        if isinstance(statement, (ast.Pass, ast.Assert, ast.Global, ast.Nonlocal)):
            return scope
        raise _Unreadable

    def _item_set(self, target: ast.Subscript, value: ast.expr, scope: Scope) -> Scope:
        """`options["key"] = value` gives `options` a new value."""
        if not isinstance(target.value, ast.Name) or isinstance(target.slice, ast.Slice):
            raise _Unreadable
        changed = ast.Dict(keys=[None, target.slice], values=[target.value, value])
        return Layer({target.value.id: Expression(ast.copy_location(changed, value), scope)}, scope)

    def _statement(self, node: ast.expr, scope: Scope) -> Scope:
        """A bare expression: `x.append`, `x.extend` and `x.update` give `x` a new value; others are left out."""
        if (
            not isinstance(node, ast.Call)
            or not isinstance(node.func, ast.Attribute)
            or not isinstance(node.func.value, ast.Name)
        ):
            return scope
        target = node.func.value
        if node.func.attr not in {"append", "extend", "update"} or len(node.args) != 1 or node.keywords:
            if isinstance(scope.lookup(target.id), Expression) and node.func.attr in {
                "insert",
                "pop",
                "remove",
                "setdefault",
                "sort",
            }:
                raise _Unreadable
            return scope
        argument = node.args[0]
        changed: ast.expr
        if node.func.attr == "append":
            changed = ast.List(elts=[ast.Starred(value=target, ctx=ast.Load()), argument], ctx=ast.Load())
        elif node.func.attr == "extend":
            added = ast.Starred(value=argument, ctx=ast.Load())
            changed = ast.List(elts=[ast.Starred(value=target, ctx=ast.Load()), added], ctx=ast.Load())
        else:
            changed = ast.Dict(keys=[None, None], values=[target, argument])
        return Layer({target.id: Expression(ast.copy_location(changed, node), scope)}, scope)

    def _targets(self, target: ast.expr, value: Binding) -> dict[str, Binding]:
        if isinstance(target, ast.Name):
            return {target.id: value}
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, Expression):
            parts = self.items(value.node, value.scope)
            if len(parts) == len(target.elts):
                bound: dict[str, Binding] = {}
                for part, item in zip(target.elts, parts):  # noqa: B905  (equal lengths, just checked)
                    bound.update(self._targets(part, item))
                return bound
        raise _Unreadable

    # Parts

    def items(self, node: ast.expr, scope: Scope) -> list[Expression]:
        self._step()
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            found: list[Expression] = []
            for part in node.elts:
                found += self.items(part.value, scope) if isinstance(part, ast.Starred) else [Expression(part, scope)]
            return self._limited(found)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._limited([*self.items(node.left, scope), *self.items(node.right, scope)])
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
            return [Expression(node.elt, inner) for inner in self._rounds(node.generators, scope)]
        if isinstance(node, ast.Call):
            return self._items_of_call(node, scope)
        binding = self.resolve(node, scope)
        if isinstance(binding, Expression) and (binding.node is not node or binding.scope is not scope):
            return self._nested(lambda: self.items(binding.node, binding.scope))
        if isinstance(binding, Class) and is_enum(binding):
            members = [ast.Attribute(value=node, attr=name, ctx=ast.Load()) for name, _ in enum_members(binding)]
            return [Expression(ast.copy_location(attribute, node), scope) for attribute in members]
        value = binding.value if isinstance(binding, Known) else self.value(node, scope)
        return [Expression(_constant(part, node), scope) for part in self._limited(list(value))]

    def _items_of_call(self, node: ast.Call, scope: Scope) -> list[Expression]:
        name = call_name(node)
        if (
            isinstance(node.func, ast.Name)
            and name in {"tuple", "list", "sorted", "reversed", "set", "frozenset", "iter"}
            and scope.lookup(name) is None
        ):
            if not node.args:
                return []
            if name not in {"sorted", "set", "frozenset"}:
                parts = self.items(node.args[0], scope)
                return parts[::-1] if name == "reversed" else parts
        if isinstance(node.func, ast.Attribute) and name in {"items", "values", "keys"} and not node.args:
            mapping = self.entries(node.func.value, scope)
            keys = [_constant(key, node) for key in mapping]
            if name == "keys":
                return [Expression(key, scope) for key in keys]
            if name == "values":
                return list(mapping.values())
            return [_pair(Expression(key, scope), value) for key, value in zip(keys, mapping.values())]  # noqa: B905
        if (
            isinstance(node.func, ast.Name)
            and name in {"enumerate", "zip"}
            and not node.keywords
            and scope.lookup(name) is None
        ):
            columns = [self.items(argument, scope) for argument in node.args]
            if name == "enumerate":
                return [_pair(Expression(_constant(n, node), scope), part) for n, part in enumerate(columns[0])]
            if len(columns) == 2:
                return [_pair(one, other) for one, other in zip(*columns)]  # noqa: B905  (as the code that is read)
        binding = self._called(node, scope)
        if isinstance(binding, Expression) and binding.node is not node:
            return self._nested(lambda: self.items(binding.node, binding.scope))
        value = binding.value if isinstance(binding, Known) else self.value(node, scope)
        return [Expression(_constant(part, node), scope) for part in self._limited(list(value))]

    def entries(self, node: ast.expr, scope: Scope) -> dict[str, Expression]:
        self._step()
        if isinstance(node, ast.Dict):
            found: dict[str, Expression] = {}
            for key, value in zip(node.keys, node.values):  # noqa: B905  (always of equal length)
                if key is None:
                    found.update(self.entries(value, scope))
                else:
                    found[self.value(key, scope)] = Expression(value, scope)
            return found
        if isinstance(node, ast.DictComp):
            rounds = self._rounds(node.generators, scope)
            return {self.value(node.key, inner): Expression(node.value, inner) for inner in rounds}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return {**self.entries(node.left, scope), **self.entries(node.right, scope)}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            found = self.entries(node.args[0], scope) if node.args else {}
            for keyword in node.keywords:
                found.update(
                    {keyword.arg: Expression(keyword.value, scope)}
                    if keyword.arg
                    else self.entries(keyword.value, scope)
                )
            return found
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "copy"
            and not node.args
        ):
            return self.entries(node.func.value, scope)
        binding = self.resolve(node, scope)
        if isinstance(binding, Expression) and (binding.node is not node or binding.scope is not scope):
            return self._nested(lambda: self.entries(binding.node, binding.scope))
        if isinstance(binding, Known) and isinstance(binding.value, dict):
            return {key: Expression(_constant(value, node), scope) for key, value in binding.value.items()}
        raise _Unreadable

    def _rounds(self, generators: Sequence[ast.comprehension], scope: Scope) -> list[Scope]:
        scopes: list[Scope] = [scope]
        for generator in generators:
            inner: list[Scope] = []
            for outer in scopes:
                for item in self.items(generator.iter, outer):
                    layer = Layer(self._targets(generator.target, item), outer)
                    if all(self.value(test, layer) for test in generator.ifs):
                        inner.append(layer)
            scopes = self._limited(inner)
        return scopes

    # Values

    def value(self, node: ast.expr, scope: Scope) -> Any:
        self._step()
        if isinstance(node, ast.Constant):
            if node.value is ...:
                raise _Unreadable
            return node.value
        return self._nested(lambda: self._sized(self._value(node, scope)))

    def _value(self, node: ast.expr, scope: Scope) -> Any:
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._bound_value(node, scope)
        if isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            parts = [self.value(part.node, part.scope) for part in self.items(node, scope)]
            return (
                tuple(parts)
                if isinstance(node, ast.Tuple)
                else set(parts)
                if isinstance(node, (ast.Set, ast.SetComp))
                else parts
            )
        if isinstance(node, (ast.Dict, ast.DictComp)):
            return {key: self.value(part.node, part.scope) for key, part in self.entries(node, scope).items()}
        if isinstance(node, ast.JoinedStr):
            return "".join(self._formatted(part, scope) for part in node.values)
        if isinstance(node, ast.BinOp):
            return _calculated(node.op, self.value(node.left, scope), self.value(node.right, scope))
        if isinstance(node, ast.UnaryOp):
            return _unary(node.op, self.value(node.operand, scope))
        if isinstance(node, ast.BoolOp):
            return self._logical(node, scope)
        if isinstance(node, ast.Compare):
            return self._compared(node, scope)
        if isinstance(node, ast.IfExp):
            return self.value(node.body if self.value(node.test, scope) else node.orelse, scope)
        if isinstance(node, ast.NamedExpr):
            return self.value(node.value, scope)
        if isinstance(node, ast.Subscript):
            return self._subscript_value(node, scope)
        if isinstance(node, ast.Call):
            return self._call_value(node, scope)
        raise _Unreadable

    def _bound_value(self, node: ast.expr, scope: Scope) -> Any:
        binding = self.resolve(node, scope)
        if isinstance(binding, EnumMember) and isinstance(binding.value, Known):
            return binding.value.value
        if isinstance(binding, Known):
            return binding.value
        if isinstance(binding, Expression) and (binding.node is not node or binding.scope is not scope):
            return self.value(binding.node, binding.scope)
        raise _Unreadable

    def _formatted(self, part: ast.expr, scope: Scope) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value)
        if not isinstance(part, ast.FormattedValue):
            raise _Unreadable
        value = self.value(part.value, scope)
        value = CONVERSIONS[part.conversion](value) if part.conversion in CONVERSIONS else value
        specification = self.value(part.format_spec, scope) if part.format_spec is not None else ""
        _refuse_wide(specification)
        return format(value, specification)

    def _logical(self, node: ast.BoolOp, scope: Scope) -> Any:
        value: Any = None
        for part in node.values:
            value = self.value(part, scope)
            if bool(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _compared(self, node: ast.Compare, scope: Scope) -> bool:
        left = self.value(node.left, scope)
        for operator, part in zip(node.ops, node.comparators):  # noqa: B905  (always of equal length)
            right = self.value(part, scope)
            compare = COMPARISONS.get(type(operator))
            if compare is None:
                raise _Unreadable
            if not compare(left, right):
                return False
            left = right
        return True

    def _subscript_value(self, node: ast.Subscript, scope: Scope) -> Any:
        container = self.value(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            return container[slice(*(None if bound is None else self.value(bound, scope) for bound in bounds))]
        return container[self.value(node.slice, scope)]

    def _call_value(self, node: ast.Call, scope: Scope) -> Any:
        function = (
            self.resolve(node.func, scope)
            if not isinstance(node.func, ast.Attribute) or _is_reference(node.func)
            else None
        )
        if isinstance(function, Function):
            binding = self._called(node, scope)
            if isinstance(binding, Known):
                return binding.value
            if isinstance(binding, Expression) and binding.node is not node:
                return self.value(binding.node, binding.scope)
            raise _Unreadable
        if isinstance(function, Symbol):
            return self._library_value(function.name, node, scope)
        if isinstance(node.func, ast.Attribute):
            return self._method_value(node.func, node, scope)
        if function is None and isinstance(node.func, ast.Name) and node.func.id in {"hasattr", "getattr"}:
            return self._attribute_value(node, scope)
        if function is None and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            return self._builtin_value(node.func.id, node, scope)
        if isinstance(function, Class) and is_enum(function) and len(node.args) == 1:
            return self.value(node.args[0], scope)
        raise _Unreadable

    def _attribute_value(self, node: ast.Call, scope: Scope) -> Any:
        """`hasattr(x, "name")` and `getattr(x, "name", default)` of a class or an object that is known."""
        owner = self.resolve(node.args[0], scope)
        if not isinstance(owner, (Class, Expression)) or (isinstance(owner, Expression) and owner.node is node.args[0]):
            raise _Unreadable
        found = self.member(owner, self.value(node.args[1], scope))
        if text_of(node.func) == "hasattr":
            return found is not None
        if found is None and len(node.args) > 2:
            return self.value(node.args[2], scope)
        if isinstance(found, Known):
            return found.value
        if isinstance(found, Expression):
            return self.value(found.node, found.scope)
        raise _Unreadable

    def _builtin_value(self, name: str, node: ast.Call, scope: Scope) -> Any:
        named = {keyword.arg or "": self.value(keyword.value, scope) for keyword in node.keywords}
        if set(named) - {"reverse", "start", "default"}:
            raise _Unreadable
        values = [self._iterable(argument, scope) for argument in node.args]
        if name == "range" and (not all(isinstance(value, int) for value in values) or len(range(*values)) > ITEMS):
            raise _Unreadable
        function: Any = FUNCTIONS[name]
        result = function(*values, **named)
        return list(result) if name in {"reversed", "enumerate", "zip", "range"} else result

    def _iterable(self, node: ast.expr, scope: Scope) -> Any:
        if isinstance(node, ast.Starred):
            raise _Unreadable
        binding = self.resolve(node, scope)
        if isinstance(binding, Class) and is_enum(binding):
            return [value.value for _, value in enum_members(binding) if isinstance(value, Known)]
        return self.value(node, scope)

    def _method_value(self, function: ast.Attribute, node: ast.Call, scope: Scope) -> Any:
        receiver = self.value(function.value, scope)
        arguments = [self.value(argument, scope) for argument in node.args]
        if isinstance(receiver, str) and function.attr == "format":
            _refuse_wide(receiver)
            if "[" in receiver or _has_attribute_field(receiver):
                raise _Unreadable
            return receiver.format(*arguments, **{k.arg or "": self.value(k.value, scope) for k in node.keywords})
        if node.keywords or function.attr not in VALUE_METHODS.get(type(receiver), ()):
            raise _Unreadable
        result = getattr(receiver, function.attr)(*arguments)
        return list(result) if function.attr in {"keys", "values", "items"} else result

    def _library_value(self, name: str, node: ast.Call, scope: Scope) -> Any:
        if name.startswith("re."):
            from gitmig.source.patterns import applied

            arguments = [self._pattern_argument(argument, scope) for argument in node.args]
            found = applied(name, node, arguments)
            if found is None:
                raise _Unreadable
            return found.value
        if name == "textwrap.dedent" and len(node.args) == 1:
            import textwrap

            return textwrap.dedent(self.value(node.args[0], scope))
        if name in {
            "typing.cast",
            "sqlalchemy.sql.quoted_name",
            "sqlalchemy.sql.elements.quoted_name",
            "sqlalchemy.quoted_name",
        }:
            return self.value(node.args[1 if name == "typing.cast" else 0], scope)
        raise _Unreadable

    def _pattern_argument(self, node: ast.expr, scope: Scope) -> Any:
        binding = self.resolve(node, scope)
        return binding if isinstance(binding, Function) else self.value(node, scope)

    # Limits

    def _step(self) -> None:
        self.steps += 1
        if self.steps > STEPS:
            raise _Unreadable

    def _nested(self, action: Callable[[], T]) -> T:
        self.depth += 1
        if self.depth > DEPTH:
            raise _Unreadable
        try:
            return action()
        finally:
            self.depth -= 1

    def _limited(self, found: list[Any]) -> list[Any]:
        if len(found) > ITEMS:
            raise _Unreadable
        return found

    def _sized(self, value: Any) -> Any:
        if isinstance(value, (str, bytes)) and len(value) > TEXT:
            raise _Unreadable
        if isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) > ITEMS:
            raise _Unreadable
        if isinstance(value, int) and value.bit_length() > 256:
            raise _Unreadable
        return value


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


def _calculated(operator: ast.operator, left: Any, right: Any) -> Any:
    if isinstance(operator, ast.Add):
        return left + right
    if isinstance(operator, ast.Mod) and isinstance(left, str):
        _refuse_wide(left)
        return left % right
    if isinstance(operator, ast.Mult):
        for sequence, count in ((left, right), (right, left)):
            if (
                isinstance(sequence, (str, bytes, list, tuple))
                and isinstance(count, int)
                and len(sequence) * count > ITEMS
            ):
                raise _Unreadable
        return left * right
    if isinstance(operator, ast.Sub):
        return left - right
    if isinstance(operator, ast.FloorDiv):
        return left // right
    if isinstance(operator, ast.Mod):
        return left % right
    if isinstance(operator, ast.Div) and isinstance(left, (int, float)):
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
    raise _Unreadable


def _unary(operator: ast.unaryop, value: Any) -> Any:
    if isinstance(operator, ast.Not):
        return not value
    if isinstance(operator, ast.USub):
        return -value
    if isinstance(operator, ast.UAdd):
        return +value
    raise _Unreadable


def _refuse_wide(specification: str) -> None:
    """A format such as "%1000000000d" would ask for that much memory."""
    digits = 0
    for letter in specification:
        digits = digits + 1 if letter.isdigit() else 0
        if digits > 3 or letter == "*":
            raise _Unreadable


def _has_attribute_field(template: str) -> bool:
    return any("." in part.partition("}")[0].partition(":")[0] for part in template.split("{")[1:])


def _is_reference(node: ast.expr) -> bool:
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


def _is_static(node: ast.AST) -> bool:
    return any(text_of(decorator) == "staticmethod" for decorator in getattr(node, "decorator_list", ()))


def _constant(value: Any, place: ast.AST) -> ast.expr:
    """A value as an expression, so that parts of it can be handed on like any other."""
    if isinstance(value, (tuple, list, set, frozenset)):
        parts = [_constant(part, place) for part in value]
        kind = ast.List if isinstance(value, list) else ast.Tuple
        return ast.copy_location(kind(elts=parts, ctx=ast.Load()), place)
    if isinstance(value, dict):
        keys: list[ast.expr | None] = [_constant(key, place) for key in value]
        return ast.copy_location(ast.Dict(keys=keys, values=[_constant(part, place) for part in value.values()]), place)
    return ast.copy_location(ast.Constant(value=value), place)


def _pair(one: Binding, other: Binding) -> Expression:
    """Two bindings as one expression of a pair."""
    scope = one.scope if isinstance(one, Expression) else Scope()
    return _sequence([one, other], scope)


def _sequence(parts: Sequence[Binding], scope: Scope) -> Expression:
    names: dict[str, Binding] = {f"<{n}>": part for n, part in enumerate(parts)}
    elements: list[ast.expr] = [_reference(name, part) for name, part in names.items()]
    tuple_node = ast.Tuple(elts=elements, ctx=ast.Load())
    return Expression(
        ast.copy_location(tuple_node, elements[0]) if elements else _at_zero(tuple_node), Layer(names, scope)
    )


def _mapping(parts: Mapping[str, Binding], scope: Scope) -> Expression:
    names: dict[str, Binding] = {f"<{key}>": part for key, part in parts.items()}
    keys: list[ast.expr | None] = [_at_zero(ast.Constant(value=key)) for key in parts]
    values: list[ast.expr] = [_reference(name, part) for name, part in names.items()]
    return Expression(_at_zero(ast.Dict(keys=keys, values=values)), Layer(names, scope))


def _reference(name: str, part: Binding) -> ast.expr:
    node = ast.Name(id=name, ctx=ast.Load())
    return ast.copy_location(node, part.node) if isinstance(part, Expression) else _at_zero(node)


def _at_zero(node: Any) -> Any:
    node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = 0, 0, 0, 0
    return node
