"""Reads the value of an expression without running it: a small evaluator of constants and string code.

`evaluate` gives a plain value, `resolve` what a name or a call stands for, `items` and `entries` the parts of a
sequence or a mapping as expressions that are not evaluated yet.  Steps, depth and sizes are limited; whatever is not
understood is `Opaque`.
"""

from __future__ import annotations

import ast

from gitmig.source import tree_files
from gitmig.source.arithmetic import (
    COMPARISONS,
    CONVERSIONS,
    FUNCTIONS,
    ITEMS,
    PATHS,
    VALUE_METHODS,
    Unreadable,
    calculated,
    has_attribute_field,
    negated,
    refuse_wide,
)
from gitmig.source.following import MADE_ENUMS, Follower, outside
from gitmig.source.nodes import call_name, is_reference, text_of
from gitmig.source.prefixes import PREFIX, VARIABLES, Setting, has_prefix, is_named_prefix
from gitmig.source.scopes import Binding, Class, EnumMember, Expression, Function, Known, Layer, Opaque, Scope, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = [
    "INHERITS_TABLE",
    "call_name",
    "called_scope",
    "entries",
    "evaluate",
    "items",
    "iterations",
    "local_scope",
    "member",
    "resolve",
    "returned",
    "symbol_of",
    "text_of",
    "truth_of",
    "value_of",
]


# The derived attribute of a mapped class that answers `has_inherited_table(cls)`.
INHERITS_TABLE = "<inherits a table>"
# What asks for the major version of Python; no minor version is taken for granted.
OF_PYTHON_3 = {"sys.version_info.major": 3, "six.PY2": False, "six.PY3": True}


# What computing a value raises where the code itself would fail: a key that is not there, a text plus a number.
FAILURES = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError)


class Evaluator(Follower):
    """Evaluates expressions to plain values."""

    def linearised(self, cls: Class) -> list[Class | Symbol | Expression]:
        from gitmig.source.classes import linearised

        return linearised(cls)

    def is_enum(self, cls: Class) -> bool:
        from gitmig.source.classes import is_enum

        return is_enum(cls)

    def enum_members(self, cls: Class) -> list[tuple[str, Known | Opaque]]:
        from gitmig.source.classes import enum_members

        return enum_members(cls)

    def value(self, node: ast.expr, scope: Scope) -> Any:
        self._step()
        if isinstance(node, ast.Constant):
            if node.value is ...:
                raise Unreadable
            return node.value
        try:
            return self._nested(lambda: self._sized(self._value(node, scope)))
        except FAILURES as failure:
            raise Unreadable from failure

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
            left = (
                self._part_of_name(node.left, scope) if isinstance(node.op, ast.Add) else self.value(node.left, scope)
            )
            right = self.value(node.right, scope)
            if tree_files.is_long((left, right)):
                raise Unreadable
            return calculated(node.op, left, right)
        if isinstance(node, ast.UnaryOp):
            value = self.truth(node.operand, scope) if isinstance(node.op, ast.Not) else self.value(node.operand, scope)
            return negated(node.op, value)
        if isinstance(node, ast.BoolOp):
            return self._logical(node, scope)
        if isinstance(node, ast.Compare):
            return self._compared(node, scope)
        if isinstance(node, ast.IfExp):
            return self.value(node.body if self.truth(node.test, scope) else node.orelse, scope)
        if isinstance(node, ast.NamedExpr):
            return self.value(node.value, scope)
        if isinstance(node, ast.Subscript):
            return self._subscript_value(node, scope)
        if isinstance(node, ast.Call):
            return self._call_value(node, scope)
        raise Unreadable

    def _bound_value(self, node: ast.expr, scope: Scope) -> Any:
        binding = self.resolve(node, scope)
        if isinstance(binding, EnumMember) and isinstance(binding.value, Known):
            return binding.value.value
        if isinstance(binding, Known):
            return binding.value
        if isinstance(binding, Expression) and (binding.node is not node or binding.scope is not scope):
            return self.value(binding.node, binding.scope)
        if isinstance(binding, Symbol) and binding.name in OF_PYTHON_3:
            return OF_PYTHON_3[binding.name]
        if binding is None and isinstance(node, ast.Name) and node.id == "__file__":
            return self._file(scope)
        if scope.files is not None and isinstance(node, ast.Attribute) and node.attr in tree_files.PARTS:
            return tree_files.of_path(self.value(node.value, scope), node.attr)
        if isinstance(binding, Symbol) and isinstance(node, ast.Name) and binding.name.startswith(tree_files.LIBRARY):
            bound = scope.lookup(node.id, getattr(node, "lineno", 0))  # `HERE = Path(__file__).parent`
            if isinstance(bound, Expression):
                return self.value(bound.node, bound.scope)
        raise Unreadable

    def _file(self, scope: Scope) -> str:
        if scope.files is not None:
            return scope.files.file(scope.place[0])
        if not scope.place[0]:
            raise Unreadable
        return scope.place[0]

    def _formatted(self, part: ast.expr, scope: Scope) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value)
        if not isinstance(part, ast.FormattedValue):
            raise Unreadable
        value = self._part_of_name(part.value, scope)
        if tree_files.is_long(value):
            raise Unreadable
        value = CONVERSIONS[part.conversion](value) if part.conversion in CONVERSIONS else value
        specification = self.value(part.format_spec, scope) if part.format_spec is not None else ""
        refuse_wide(specification)
        return format(value, specification)

    def _part_of_name(self, node: ast.expr, scope: Scope) -> Any:
        """A value; a prefix that comes from the settings has one value for the whole project, whatever it is."""
        if is_named_prefix(node) and self._is_setting(node, scope):
            return PREFIX
        try:
            value = self.value(node, scope)
        except Unreadable:
            if not is_named_prefix(node):
                raise
            return PREFIX
        return PREFIX if isinstance(value, Setting) and is_named_prefix(node) else value

    def _is_setting(self, node: ast.expr, scope: Scope) -> bool:
        """Whether pydantic gives the value, so that what is written there is only the default."""
        bound = scope.lookup(node.id) if isinstance(node, ast.Name) else None
        if isinstance(bound, Expression):
            node, scope = bound.node, bound.scope
        if not isinstance(node, ast.Attribute):
            return False
        owner = self.resolve(node.value, scope)
        made = owner.node if isinstance(owner, Expression) else None
        if not isinstance(owner, Expression) or not isinstance(made, ast.Call):
            return False
        cls = self.resolve(made.func, owner.scope)
        return isinstance(cls, Class) and any(
            isinstance(base, Symbol) and base.last == "BaseSettings" for base in self.linearised(cls)
        )

    def _logical(self, node: ast.BoolOp, scope: Scope) -> Any:
        value: Any = None
        for part in node.values:
            if isinstance(node.op, ast.Or) and self._is_variable(part, scope):
                return Setting(self.value(node.values[-1], scope))
            value = self.value(part, scope)
            if bool(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _compared(self, node: ast.Compare, scope: Scope) -> bool:
        left = self.value(node.left, scope)
        for operator, part in zip(node.ops, node.comparators):  # noqa: B905  (always of equal length)
            right = self.value(part, scope)
            if has_prefix(left) or has_prefix(right) or isinstance(left, Setting) or isinstance(right, Setting):
                raise Unreadable
            compare = COMPARISONS.get(type(operator))
            if compare is None:
                raise Unreadable
            if not compare(left, right):
                return False
            left = right
        return True

    def _subscript_value(self, node: ast.Subscript, scope: Scope) -> Any:
        part = self._subscripted(node, scope)  # the other parts of a dict or list need not be values
        if isinstance(part, Known):
            return part.value
        if isinstance(part, Expression) and part.node is not node:
            return self.value(part.node, part.scope)
        if self._is_major_version(node, scope):
            return 3
        container = self.value(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            return container[slice(*(None if bound is None else self.value(bound, scope) for bound in bounds))]
        return container[self.value(node.slice, scope)]

    def _is_major_version(self, node: ast.Subscript, scope: Scope) -> bool:
        container = self.resolve(node.value, scope)
        is_version = isinstance(container, Symbol) and container.name == "sys.version_info"
        return is_version and isinstance(node.slice, ast.Constant) and node.slice.value == 0

    def _call_value(self, node: ast.Call, scope: Scope) -> Any:
        function = (
            self.resolve(node.func, scope)
            if not isinstance(node.func, ast.Attribute) or is_reference(node.func)
            else None
        )
        if isinstance(function, Function):
            binding = self._called(node, scope)
            if isinstance(binding, Known):
                return binding.value
            if isinstance(binding, Expression) and binding.node is not node:
                return self.value(binding.node, binding.scope)
            raise Unreadable
        if isinstance(function, Symbol):
            return self._library_value(function.name, node, scope)
        if isinstance(node.func, ast.Attribute):
            return self._method_value(node.func, node, scope)
        if function is None and isinstance(node.func, ast.Name) and node.func.id in {"hasattr", "getattr"}:
            return self._attribute_value(node, scope)
        if function is None and isinstance(node.func, ast.Name) and node.func.id == "open":
            return self._of_files("io.open", node, scope)
        if function is None and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            return self._builtin_value(node.func.id, node, scope)
        if isinstance(function, Class) and self.is_enum(function) and len(node.args) == 1:
            return self.value(node.args[0], scope)
        raise Unreadable

    def _attribute_value(self, node: ast.Call, scope: Scope) -> Any:
        """`hasattr(x, "name")` and `getattr(x, "name", default)` of a class or an object that is known."""
        owner = self.resolve(node.args[0], scope)
        if not isinstance(owner, (Class, Expression)) or (isinstance(owner, Expression) and owner.node is node.args[0]):
            raise Unreadable
        found = self.member(owner, self.value(node.args[1], scope))
        if text_of(node.func) == "hasattr":
            return found is not None
        if found is None and len(node.args) > 2:
            return self.value(node.args[2], scope)
        if isinstance(found, Known):
            return found.value
        if isinstance(found, Expression):
            return self.value(found.node, found.scope)
        raise Unreadable

    def _builtin_value(self, name: str, node: ast.Call, scope: Scope) -> Any:
        named = {keyword.arg or "": self.value(keyword.value, scope) for keyword in node.keywords}
        if set(named) - {"reverse", "start", "default"}:
            raise Unreadable
        values = [self._iterable(argument, scope) for argument in node.args]
        if name == "range" and (not all(isinstance(value, int) for value in values) or len(range(*values)) > ITEMS):
            raise Unreadable
        function: Any = FUNCTIONS[name]
        result = function(*values, **named)
        return list(result) if name in {"reversed", "enumerate", "zip", "range"} else result

    def _iterable(self, node: ast.expr, scope: Scope) -> Any:
        if isinstance(node, ast.Starred):
            raise Unreadable
        binding = self.resolve(node, scope)
        if isinstance(binding, Class) and self.is_enum(binding):
            return [value.value for _, value in self.enum_members(binding) if isinstance(value, Known)]
        return self.value(node, scope)

    def _method_value(self, function: ast.Attribute, node: ast.Call, scope: Scope) -> Any:
        receiver = self.value(function.value, scope)
        arguments = [self.value(argument, scope) for argument in node.args]
        if tree_files.is_long(arguments) or (tree_files.is_long(receiver) and function.attr not in tree_files.CUTTING):
            raise Unreadable
        if isinstance(receiver, str) and function.attr == "format":
            return self._format(receiver, arguments, node, scope)
        kind = str if isinstance(receiver, (Setting, tree_files.FileText)) else type(receiver)
        if kind not in VALUE_METHODS or function.attr == "decode":
            return self._of_file(receiver, function.attr, arguments, node, scope)
        if node.keywords or function.attr not in VALUE_METHODS[kind]:
            raise Unreadable
        result = getattr(receiver, function.attr)(*arguments)
        if isinstance(receiver, tree_files.FileText) and isinstance(result, str):
            return tree_files.FileText(result)
        return list(result) if function.attr in {"keys", "values", "items"} else result

    def _of_file(self, owner: Any, method: str, arguments: list[Any], node: ast.Call, scope: Scope) -> Any:
        """A method of a path, of an open file or of its text."""
        if isinstance(owner, bytes) and not node.keywords:
            return owner.decode(*arguments)
        if scope.files is None:
            raise Unreadable
        return tree_files.of_method(owner, method, arguments, self._named(node, scope), scope.files)

    def _of_files(self, name: str, node: ast.Call, scope: Scope) -> Any:
        if scope.files is None:
            raise Unreadable
        values = [self.value(argument, scope) for argument in node.args]
        return tree_files.of_library(name, values, self._named(node, scope), scope.files)

    def _named(self, node: ast.Call, scope: Scope) -> dict[str, Any]:
        return {keyword.arg or "": self.value(keyword.value, scope) for keyword in node.keywords}

    def _format(self, text: str, arguments: list[Any], node: ast.Call, scope: Scope) -> str:
        """`text.format(...)`; of attributes only members of enums, as in `"type = {t.link}".format(t=LinkType)`."""
        named = {}
        for keyword in node.keywords:
            binding = self.resolve(keyword.value, scope)
            if isinstance(binding, Class) and self.is_enum(binding):
                for name, value in self.enum_members(binding):
                    if isinstance(value, Known) and "{" not in str(value.value):
                        text = text.replace(f"{{{keyword.arg}.{name}}}", str(value.value))
            else:
                named[keyword.arg or ""] = self.value(keyword.value, scope)
        if tree_files.is_long(list(named.values())):
            raise Unreadable
        refuse_wide(text)
        if "[" in text or has_attribute_field(text):
            raise Unreadable
        return text.format(*arguments, **named)

    def _library_value(self, name: str, node: ast.Call, scope: Scope) -> Any:
        if name.startswith("re."):
            from gitmig.source.patterns import applied

            arguments = [self._pattern_argument(argument, scope) for argument in node.args]
            made = self.resolve(node.func.value, scope) if isinstance(node.func, ast.Attribute) else None
            if tree_files.is_long(arguments):
                raise Unreadable
            found = applied(name, node, arguments, made.node if isinstance(made, Expression) else None)
            if found is None:
                raise Unreadable
            return found.value
        if name in PATHS and len(node.args) == 1 and not node.keywords:
            return PATHS[name](str(self.value(node.args[0], scope)))
        if name in VARIABLES and len(node.args) == 2 and not node.keywords:
            return Setting(self.value(node.args[1], scope))
        if name == "textwrap.dedent" and len(node.args) == 1:
            import textwrap

            return textwrap.dedent(self.value(node.args[0], scope))
        if name.endswith(".has_inherited_table") and len(node.args) == 1:
            cls = self.resolve(node.args[0], scope)
            told = cls.derived.get(INHERITS_TABLE) if isinstance(cls, Class) else None
            if isinstance(told, Known):
                return told.value
        if name in {
            "typing.cast",
            "sqlalchemy.sql.quoted_name",
            "sqlalchemy.sql.elements.quoted_name",
            "sqlalchemy.quoted_name",
        }:
            return self.value(node.args[1 if name == "typing.cast" else 0], scope)
        if not name.startswith(tree_files.LIBRARY):
            raise Unreadable
        if "()" in name and isinstance(node.func, ast.Attribute):
            return self._method_value(node.func, node, scope)
        return self._of_files(name, node, scope)

    def _is_variable(self, node: ast.expr, scope: Scope) -> bool:
        """Whether this is `os.getenv("NAME")`, which is nothing where nobody sets it."""
        return isinstance(node, ast.Call) and len(node.args) == 1 and symbol_of(node.func, scope) in VARIABLES

    def _pattern_argument(self, node: ast.expr, scope: Scope) -> Any:
        binding = self.resolve(node, scope)
        return binding if isinstance(binding, Function) else self.value(node, scope)


def evaluate(node: ast.expr | None, scope: Scope) -> Known | Opaque:
    """The value of an expression, or its text."""
    if node is None:
        return Opaque("")
    if isinstance(node, ast.Constant):
        return Known(node.value) if node.value is not ... else Opaque("...")
    try:
        return Known(Evaluator().value(node, scope))
    except (Unreadable, RecursionError, *FAILURES):
        return Opaque(node)


def truth_of(test: ast.expr, scope: Scope) -> bool | None:
    """Whether a condition holds, None where that cannot be read."""
    outcome = evaluate(test, scope)
    return bool(outcome.value) if isinstance(outcome, Known) and not isinstance(outcome.value, Setting) else None


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
        return _at_once(node, scope) or Evaluator().resolve(node, scope)
    except (Unreadable, RecursionError, *FAILURES):
        return Expression(node, scope)


def _at_once(node: ast.expr, scope: Scope) -> Binding | None:
    """What needs no evaluation: `sa.Column`, and a call of it, which stands for itself."""
    if not isinstance(node, ast.Call):
        return outside(node, scope)
    function = outside(node.func, scope)
    plain = function is not None and function.name != "typing.cast" and function.name not in MADE_ENUMS
    return Expression(node, scope) if plain else None


def symbol_of(node: ast.expr, scope: Scope) -> str:
    """The dotted name of what an expression refers to outside the tree, "" when it refers to something else."""
    found = resolve(node, scope)
    return found.name if isinstance(found, Symbol) else ""


def items(node: ast.expr, scope: Scope) -> list[Expression] | None:
    """The elements of a sequence, not evaluated; None when they cannot be counted."""
    try:
        return Evaluator().items(node, scope)
    except (Unreadable, RecursionError, *FAILURES):
        return None


def entries(node: ast.expr, scope: Scope) -> dict[str, Expression] | None:
    """The entries of a mapping with string keys, not evaluated; None when a key is not known."""
    try:
        return Evaluator().entries(node, scope)
    except (Unreadable, RecursionError, *FAILURES):
        return None


def returned(
    function: Function, arguments: Sequence[Binding] = (), named: Mapping[str, Binding] | None = None
) -> Binding | None:
    """What a function of the tree returns for these arguments, or None when its path cannot be followed."""
    try:
        return Evaluator().returned(function, list(arguments), dict(named or {}))
    except (Unreadable, RecursionError, *FAILURES):
        return None


def called_scope(function: Function, call: ast.Call | None, scope: Scope, *, skip: int = 0) -> Scope | None:
    """The scope inside a function that is called so; `skip` parameters (such as `self`) are not given by the call."""
    evaluator = Evaluator()
    try:
        arguments, named = evaluator._arguments(call, scope) if call is not None else ([], {})
        skipped: list[Binding] = [Known(None)] * skip
        return Layer(evaluator._parameters(function, [*skipped, *arguments], named), function.scope)
    except (Unreadable, RecursionError, *FAILURES):
        return None


def local_scope(function: Function) -> Scope | None:
    """The scope at the end of a function that is called with its receiver alone: its parameters and what it assigns."""
    evaluator = Evaluator()
    if isinstance(function.node, ast.Lambda):
        return None
    try:
        scope = Layer(evaluator._parameters(function, [], {}), function.scope)
        body = [statement for statement in function.node.body if not isinstance(statement, ast.Return)]
        outcome = evaluator._run(body, scope)
    except (Unreadable, RecursionError, *FAILURES):
        return None
    return outcome if isinstance(outcome, Scope) else None


def iterations(statement: ast.For, scope: Scope) -> list[Scope] | None:
    """The scopes of each round of a loop over something known."""
    evaluator = Evaluator()
    try:
        rounds = evaluator.items(statement.iter, scope)
        return [Layer(evaluator._targets(statement.target, item), scope) for item in rounds]
    except (Unreadable, RecursionError, *FAILURES):
        return None


def member(binding: Binding | None, name: str) -> Binding | None:
    """An attribute of what a name stands for."""
    try:
        return Evaluator().member(binding, name)
    except (Unreadable, RecursionError, *FAILURES):
        return None
