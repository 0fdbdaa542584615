"""Follows names, attributes, calls and functions of source that is read, without evaluating more than it must."""

from __future__ import annotations

import ast

from gitmig.source.arithmetic import ITEMS, Unreadable
from gitmig.source.nodes import (
    call_name,
    constant,
    is_attribute,
    is_static,
    mapping,
    pair,
    reference,
    sequence,
    text_of,
)
from gitmig.source.prefixes import Setting
from gitmig.source.scopes import (
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
    opened_files,
    symbol,
)
from gitmig.source.tree_files import FileText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    T = TypeVar("T")

# Attributes whose owner matters: which MetaData, which base.
OBJECTS = frozenset({"metadata", "metadatas", "Model", "registry"})
# What makes a Python enum of a name and its members.
MADE_ENUMS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum"})
# What has its name as the first argument.
NAMED = frozenset({"Column", "column", "Table", "table"})
STEPS = 20_000
DEPTH = 80
TEXT = 20_000


def outside(node: ast.expr, scope: Scope) -> Symbol | None:
    """What `sa` and `sa.Column` stand for where `sa` is imported from outside the tree, as nearly every name is."""
    attributes = ""
    while isinstance(node, ast.Attribute):
        attributes = f".{node.attr}{attributes}"
        node = node.value
    found = scope.lookup(node.id, getattr(node, "lineno", 0)) if isinstance(node, ast.Name) else None
    if not isinstance(found, Symbol):
        return None
    return symbol(found.name + attributes) if attributes else found


class Follower:
    """Says what names, attributes and calls stand for; one evaluation with its own allowance of steps."""

    def __init__(self) -> None:
        self.steps = 0
        self.depth = 0

    # What things stand for

    def resolve(self, node: ast.expr, scope: Scope) -> Binding | None:
        self._step()
        if isinstance(node, ast.Name):
            return self._followed(scope.lookup(node.id, getattr(node, "lineno", 0)))
        if isinstance(node, ast.Attribute):
            return outside(node, scope) or self._nested(lambda: self._attribute(node, scope))
        if isinstance(node, ast.Call):
            return self._nested(lambda: self._called(node, scope))
        if isinstance(node, ast.IfExp):
            try:
                chosen = node.body if self.truth(node.test, scope) else node.orelse
            except Unreadable:
                return Expression(node, scope)  # some can make something of both
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
        except Unreadable:
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
            return symbol(f"{binding.name}.{name}")
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
        for owner in self.linearised(cls):
            found = owner.own(name) if isinstance(owner, Class) else None
            if isinstance(found, Function):
                bound = Function(found.node, found.scope, cls)
                return self.returned(bound, [], {}) if is_attribute(found.node) else bound
            if isinstance(found, Expression) and self.is_enum(cls):
                return next(
                    (EnumMember(label, value) for label, value in self.enum_members(cls) if label == name), found
                )
            if found is not None:
                return found
        return None

    def _instance_member(self, instance: Expression, name: str) -> Binding | None:
        call = instance.node
        made_by = self.resolve(call.func, instance.scope) if isinstance(call, ast.Call) else None
        if name in OBJECTS:
            if not isinstance(made_by, Class):
                return None
            return self._class_member(made_by, name) or self._set_when_made(made_by, name)
        if isinstance(made_by, Symbol):
            arguments = call.args if isinstance(call, ast.Call) and made_by.last in NAMED else []
            if arguments and name in {"name", "key"}:
                return Expression(arguments[0], instance.scope)
            base = self._given_base(instance)
            found = self._class_member(base, name) if base is not None else None
            if found is not None:
                return found
            return Symbol(f"{made_by.name}().{name}")
        if not isinstance(made_by, Class):
            return None
        found = self._class_member(made_by, name) or self._set_when_made(made_by, name)
        if found is not None:
            return found
        outside = next(
            (base for base in self.linearised(made_by) if isinstance(base, Symbol) and base.last != "object"), None
        )
        return Symbol(f"{outside.name}().{name}") if outside is not None else None

    def _given_base(self, made: Expression) -> Class | None:
        """The class of the project in `declarative_base(cls=BaseMixin)`."""
        call = made.node
        if not isinstance(call, ast.Call) or call_name(call) != "declarative_base":
            return None
        given = [each.value for each in call.keywords if each.arg == "cls"]
        found = self.resolve(given[0], made.scope) if given else None
        return found if isinstance(found, Class) else None

    def _set_when_made(self, cls: Class, name: str) -> Binding | None:
        """What `__init__` sets an attribute to, where it says so once; else what `__getattr__` answers for it."""
        made = self._class_member(cls, "__init__")
        if isinstance(made, Function) and isinstance(made.node, ast.FunctionDef):
            given = [
                each.value
                for each in made.node.body
                if isinstance(each, ast.Assign) and [text_of(target) for target in each.targets] == [f"self.{name}"]
            ]
            own = {each.arg for each in ast.walk(made.node) if isinstance(each, ast.arg)}
            own |= {
                each.id
                for each in ast.walk(made.node)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            }
            if len(given) == 1 and not any(
                isinstance(each, ast.Name) and each.id in own for each in ast.walk(given[0])
            ):
                return self._followed(Expression(given[0], made.scope))
        answers = self._class_member(cls, "__getattr__")
        return self.returned(answers, [Known(name)], {}) if isinstance(answers, Function) else None

    # Functions

    def _called(self, node: ast.Call, scope: Scope) -> Binding | None:
        function = self.resolve(node.func, scope)
        if function is None and text_of(node.func) == "type" and len(node.args) == 3:
            return self._made_class(node, scope) or Expression(node, scope)
        if function is None and text_of(node.func) == "getattr" and len(node.args) in (2, 3) and not node.keywords:
            return self._got_attribute(node, scope)
        if isinstance(function, Symbol) and function.name == "typing.cast" and len(node.args) == 2:
            return self.resolve(node.args[1], scope)
        if isinstance(function, Symbol) and function.name in MADE_ENUMS and len(node.args) == 2:
            return self._made_enum(node, scope) or Expression(node, scope)
        if not isinstance(function, Function):
            return Expression(node, scope)
        try:
            arguments, named = self._arguments(node, scope)
            found = self.returned(function, arguments, named)
        except Unreadable:
            return Expression(node, scope)
        return self._followed(found) if found is not None else Expression(node, scope)

    def _got_attribute(self, node: ast.Call, scope: Scope) -> Binding | None:
        """`getattr(module, "Base")` as `module.Base`."""
        try:
            name = self.value(node.args[1], scope)
            owner = self.resolve(node.args[0], scope)
            found = self.member(owner, name) if isinstance(name, str) else None
        except Unreadable:
            return Expression(node, scope)
        return self._followed(found) if found is not None else Expression(node, scope)

    def _made_class(self, node: ast.Call, scope: Scope) -> Class | None:
        """`type(name, bases, attributes)` as the class statement that it stands for."""
        try:
            name = self.value(node.args[0], scope)
            bases = self.items(node.args[1], scope)
            attributes = self.entries(node.args[2], scope)
        except Unreadable:
            return None
        names: dict[str, Binding] = {f"<base {n}>": base for n, base in enumerate(bases)}
        names.update({f"<{key}>": value for key, value in attributes.items()})
        body: list[ast.stmt] = [
            ast.copy_location(
                ast.Assign(targets=[reference(str(key), value)], value=reference(f"<{key}>", value)), value.node
            )
            for key, value in attributes.items()
        ]
        made = ast.ClassDef(
            name=str(name),
            bases=[reference(f"<base {n}>", base) for n, base in enumerate(bases)],
            keywords=[],
            body=body,
            decorator_list=[],
        )
        return Class(ast.copy_location(made, node), Layer(names, scope))

    def _made_enum(self, node: ast.Call, scope: Scope) -> Class | None:
        """`Enum("Colour", "red green")` as the class statement that it stands for."""
        try:
            name, given = (self.value(argument, scope) for argument in node.args)
        except Unreadable:
            return None
        if isinstance(given, str):
            given = given.replace(",", " ").split()
        if isinstance(given, (list, tuple)) and all(isinstance(each, str) for each in given):
            is_text = call_name(node) == "StrEnum"
            given = {each: each.lower() if is_text else place for place, each in enumerate(given, start=1)}
        if node.keywords or not isinstance(given, dict):
            return None
        body: list[ast.stmt] = [
            ast.copy_location(
                ast.Assign(targets=[ast.Name(id=str(key), ctx=ast.Store())], value=constant(value, node)), node
            )
            for key, value in given.items()
        ]
        made = ast.ClassDef(name=str(name), bases=[node.func], keywords=[], body=body, decorator_list=[])
        return Class(ast.copy_location(made, node), scope)

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
        if function.receiver is not None and not is_static(function.node):
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
            bound[parameters.vararg.arg] = sequence(
                arguments[len(parameters.posonlyargs) + len(parameters.args) :], function.scope
            )
        if parameters.kwarg is not None:
            bound[parameters.kwarg.arg] = mapping(rest, function.scope)
        elif rest or (
            parameters.vararg is None and len(arguments) > len(parameters.posonlyargs) + len(parameters.args)
        ):
            raise Unreadable
        return bound

    def _run(self, statements: Sequence[ast.stmt], scope: Scope) -> Binding | Scope:
        """Follows statements: the binding that is returned, or the scope after them."""
        for statement in statements:
            self._step()
            if isinstance(statement, ast.Return):
                return Expression(statement.value, scope) if statement.value is not None else Known(None)
            if isinstance(statement, ast.If):
                outcome = self._run(statement.body if self.truth(statement.test, scope) else statement.orelse, scope)
            elif isinstance(statement, ast.For):
                outcome = self._loop(statement, scope)
            elif isinstance(statement, ast.Try):
                outcome = self._run([*statement.body, *statement.finalbody], scope)
            elif isinstance(statement, ast.With):
                names: dict[str, Binding] = {name: Expression(call, scope) for name, call in opened_files(statement)}
                outcome = self._run(statement.body, Layer(names, scope) if names else scope)
            else:
                outcome = self._plain(statement, scope)
            if not isinstance(outcome, Scope):
                return outcome
            scope = outcome
        return scope

    def _loop(self, statement: ast.For, scope: Scope) -> Binding | Scope:
        if statement.orelse or any(isinstance(inner, (ast.Break, ast.Continue)) for inner in ast.walk(statement)):
            raise Unreadable
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
        if isinstance(statement, ast.ClassDef):
            return Layer({statement.name: Class(statement, scope)}, scope)
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            from gitmig.source.scopes import Body

            return Body([statement], place=scope.place, parent=scope)
        if isinstance(statement, ast.Expr):
            return self._statement(statement.value, scope)
        if isinstance(statement, (ast.Pass, ast.Assert, ast.Global, ast.Nonlocal)):
            return scope
        raise Unreadable

    def _item_set(self, target: ast.Subscript, value: ast.expr, scope: Scope) -> Scope:
        """`options["key"] = value` gives `options` a new value."""
        if not isinstance(target.value, ast.Name) or isinstance(target.slice, ast.Slice):
            raise Unreadable
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
                raise Unreadable
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
            parts = self._unpacked(value, target.elts)
            if len(parts) == len(target.elts):
                bound: dict[str, Binding] = {}
                for part, item in zip(target.elts, parts):  # noqa: B905  (equal lengths, just checked)
                    bound.update(self._targets(part, item))
                return bound
        raise Unreadable

    def _unpacked(self, value: Expression, targets: Sequence[ast.expr]) -> list[Expression]:
        """The parts of `a, b = value`; where they cannot be told, `value[0]` and `value[1]`."""
        try:
            return self.items(value.node, value.scope)
        except (Unreadable, LookupError, TypeError):
            if any(isinstance(target, ast.Starred) for target in targets):
                raise
        places = (ast.copy_location(ast.Constant(position), value.node) for position in range(len(targets)))
        parts = (ast.Subscript(value=value.node, slice=place, ctx=ast.Load()) for place in places)
        return [Expression(ast.copy_location(part, value.node), value.scope) for part in parts]

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
        if isinstance(binding, Class) and self.is_enum(binding):
            members = [ast.Attribute(value=node, attr=name, ctx=ast.Load()) for name, _ in self.enum_members(binding)]
            return [Expression(ast.copy_location(attribute, node), scope) for attribute in members]
        value = binding.value if isinstance(binding, Known) else self.value(node, scope)
        return [Expression(constant(part, node), scope) for part in self._limited(list(value))]

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
            keys = [constant(key, node) for key in mapping]
            if name == "keys":
                return [Expression(key, scope) for key in keys]
            if name == "values":
                return list(mapping.values())
            return [pair(Expression(key, scope), value) for key, value in zip(keys, mapping.values())]  # noqa: B905
        if (
            isinstance(node.func, ast.Name)
            and name in {"enumerate", "zip"}
            and not node.keywords
            and scope.lookup(name) is None
        ):
            columns = [self.items(argument, scope) for argument in node.args]
            if name == "enumerate":
                return [pair(Expression(constant(n, node), scope), part) for n, part in enumerate(columns[0])]
            if len(columns) == 2:
                return [pair(one, other) for one, other in zip(*columns)]  # noqa: B905  (as the code that is read)
        binding = self._called(node, scope)
        if isinstance(binding, Expression) and binding.node is not node:
            return self._nested(lambda: self.items(binding.node, binding.scope))
        value = binding.value if isinstance(binding, Known) else self.value(node, scope)
        return [Expression(constant(part, node), scope) for part in self._limited(list(value))]

    def _members_by_name(self, node: ast.Attribute, scope: Scope) -> dict[str, Expression]:
        owner = self.resolve(node.value, scope)
        if not isinstance(owner, Class) or not self.is_enum(owner):
            raise Unreadable
        names = [name for name, _ in self.enum_members(owner)]
        members = [
            ast.copy_location(ast.Attribute(value=node.value, attr=name, ctx=ast.Load()), node) for name in names
        ]
        return dict(zip(names, (Expression(member, scope) for member in members)))  # noqa: B905  (one for each)

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
        if isinstance(node, ast.Attribute) and node.attr == "__members__":
            return self._members_by_name(node, scope)
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
            return {key: Expression(constant(value, node), scope) for key, value in binding.value.items()}
        raise Unreadable

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

    # What a subclass knows

    def value(self, node: ast.expr, scope: Scope) -> Any:
        raise NotImplementedError

    def truth(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a condition holds; not known of what a variable of the environment may say otherwise."""
        value = self.value(node, scope)
        if isinstance(value, Setting):
            raise Unreadable
        return bool(value)

    def linearised(self, cls: Class) -> list[Class | Symbol | Expression]:
        raise NotImplementedError

    def is_enum(self, cls: Class) -> bool:
        raise NotImplementedError

    def enum_members(self, cls: Class) -> list[tuple[str, Known | Opaque]]:
        raise NotImplementedError

    # Limits

    def _step(self) -> None:
        self.steps += 1
        if self.steps > STEPS:
            raise Unreadable

    def _nested(self, action: Callable[[], T]) -> T:
        self.depth += 1
        if self.depth > DEPTH:
            raise Unreadable
        try:
            return action()
        finally:
            self.depth -= 1

    def _limited(self, found: list[Any]) -> list[Any]:
        if len(found) > ITEMS:
            raise Unreadable
        return found

    def _sized(self, value: Any) -> Any:
        if isinstance(value, (str, bytes)) and len(value) > TEXT and not isinstance(value, FileText):
            raise Unreadable
        if isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) > ITEMS:
            raise Unreadable
        if isinstance(value, int) and value.bit_length() > 256:
            raise Unreadable
        return value
