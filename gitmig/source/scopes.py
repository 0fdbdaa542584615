"""What names mean in source text that is read and never run: scopes, and the bindings that a lookup answers with.

A binding is one of `Known` (a plain value), `Symbol` (something of a module outside the tree, by its dotted name),
`Expression` (source and the scope to read it in), `EnumMember`, `Function`, `Class` and `Module`.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from typing import Any, TypeAlias

    from gitmig.source.tree_files import TreeFiles

    Importer: TypeAlias = "Callable[[str, int, str | None], Binding | None]"
    Definition: TypeAlias = ast.AST | "Import"

ENUM_BASES = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum")


class Known(Frozen):
    """A value that was read: None, bool, int, float, str, bytes, or a tuple, list, set or dict of such."""

    value: Any

    def __init__(self, value: Any) -> None:  # five thousand a check: a third of the time of the general one
        self.__dict__["value"] = value


class Opaque:
    """A value that was not read: its normalised source text, which is made when somebody asks for it."""

    __slots__ = ("_source",)

    def __init__(self, source: str | ast.AST) -> None:
        self._source = source

    @property
    def text(self) -> str:
        from gitmig.source.nodes import text_of

        return self._source if isinstance(self._source, str) else text_of(self._source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Opaque({self.text!r})"


class Symbol(Frozen):
    """Something outside the tree by its dotted name; "()" stands for a call, as in "sqlalchemy.MetaData().schema"."""

    name: str

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]


@lru_cache(maxsize=4096)
def symbol(name: str) -> Symbol:
    """The same object for the same name: every column of every file says `sa.Column`."""
    return Symbol(name)


class Expression:
    """An expression together with the scope in which its names are read."""

    __slots__ = ("node", "scope")

    def __init__(self, node: ast.expr, scope: Scope) -> None:
        self.node = node
        self.scope = scope


class EnumMember(Frozen):
    """A member of a Python enum of the tree."""

    name: str
    value: Known | Opaque


class Function:
    """A function of the tree; `receiver` is the class or object that it was reached through."""

    __slots__ = ("node", "receiver", "scope")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        scope: Scope,
        receiver: Class | Expression | None = None,
    ) -> None:
        self.node = node
        self.scope = scope
        self.receiver = receiver


class Module:
    """A module of the tree."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope) -> None:
        self.scope = scope


class Class:
    """A class of the tree; `derived` holds attributes that a library would add.

    `bases` and `members` remember the method resolution order and the members of an enum once they were worked out.
    """

    __slots__ = ("_body", "bases", "derived", "members", "name", "node", "scope")

    def __init__(self, node: ast.ClassDef, scope: Scope) -> None:
        self.name = node.name
        self.node = node
        self.scope = scope
        self.derived: dict[str, Binding] = {}
        self.bases: list[Class | Symbol | Expression] | None = None
        self.members: list[tuple[str, Known | Opaque]] | None = None
        self._body: Body | None = None

    @property
    def body(self) -> Body:
        if self._body is None:
            self._body = Body(self.node.body, place=self.scope.place, parent=self.scope)
        return self._body

    def own(self, name: str) -> Binding | None:
        """What this class itself defines under the name."""
        found = self.body.own(name)
        if isinstance(found, Function):
            return Function(found.node, found.scope, self)
        return found if found is not None else self.derived.get(name)

    def let_go(self) -> None:
        """See `Body.let_go`."""
        self.derived, self.bases, self.members = {}, None, None
        if self._body is not None:
            self._body.let_go()


Binding = Known | Symbol | EnumMember | Expression | Function | Class | Module


class Import(Frozen):
    """`import module` when `name` is None, otherwise `from module import name`."""

    module: str
    level: int
    name: str | None


class Scope:
    """Where names are looked up; `place` is the path, the revision and the blob of the text.

    `files` are those that the code may open, None where that is not followed.
    """

    place: tuple[str, str, str] = ("", "", "")
    files: TreeFiles | None = None

    def lookup(self, name: str, line: int = 0) -> Binding | None:
        """What a name means for code on a line (0: at the end of the module)."""
        return None


class Layer(Scope):
    """A few bound names on top of another scope: arguments, a loop variable, an assignment in a function."""

    def __init__(self, names: Mapping[str, Binding], parent: Scope) -> None:
        self.names = names
        self.parent = parent
        self.place = parent.place
        self.files = parent.files

    def lookup(self, name: str, line: int = 0) -> Binding | None:
        found = self.names.get(name)
        return found if found is not None else self.parent.lookup(name, line)


class Body(Scope):
    """The names that the statements of a module or of a class define; `importer` answers what an import means.

    The name "*x" asks an importer for `x` through a star import.
    """

    def __init__(
        self,
        statements: Sequence[ast.stmt],
        *,
        place: tuple[str, str, str] = ("", "", ""),
        parent: Scope | None = None,
        importer: Importer | None = None,
        files: TreeFiles | None = None,
    ) -> None:
        self.statements = statements
        self.place = place
        self.parent = parent
        self.files = parent.files if parent is not None else files
        self.importer = importer
        self._history: dict[str, list[tuple[int, Definition]]] = {}
        self._either: dict[int, list[ast.expr]] | None = None
        self._bindings: dict[Hashable, Binding | None] = {}
        self.definitions = definitions(statements, self._history)

    def either(self, node: ast.expr) -> Sequence[ast.expr]:
        """What the name that has this value is in the other branches of an `if`; nothing where it has only this one."""
        if self._either is None:
            self._either = alternatives(self.statements)
        return self._either.get(id(node), ())

    def own(self, name: str, line: int = 0) -> Binding | None:
        """The binding that this body itself makes; of several the last one above the line."""
        if line and name in self._history:
            above = [entry for entry in self._history[name] if entry[0] < line]
            if above:
                return self._bound((name, above[-1][0]), above[-1][1])
        if name in self._bindings:
            return self._bindings[name]
        definition = self.definitions.get(name)
        return self._bound(name, definition) if definition is not None else None

    def _bound(self, key: Hashable, definition: Definition) -> Binding | None:
        if key not in self._bindings:
            self._bindings[key] = None  # modules that import one another in a circle end here
            self._bindings[key] = self._bind(definition)
        return self._bindings[key]

    def let_go(self) -> None:
        """Forget the text: its names refer back to this scope, and a syntax tree would wait for the collector."""
        bindings, self._bindings = self._bindings, {}
        self.statements, self.definitions, self._history = (), {}, {}
        for binding in bindings.values():
            if isinstance(binding, Class):
                binding.let_go()

    def lookup(self, name: str, line: int = 0) -> Binding | None:
        definition = self.definitions.get(name)
        if definition is not None and (self.parent is None or not _is_within(line, definition)):
            found = self.own(name, line)
            if found is not None:
                return found
        if self.parent is not None:
            return self.parent.lookup(name, line)
        return self._from_star(name)

    def _from_star(self, name: str) -> Binding | None:
        stars = self.definitions.get("*")
        if not isinstance(stars, ast.Module):
            return None
        for statement in reversed(stars.body):
            if isinstance(statement, ast.ImportFrom):
                found = self._import(Import(statement.module or "", statement.level, f"*{name}"))
                if found is not None:
                    return found
        return None

    def _bind(self, definition: Definition) -> Binding | None:
        if isinstance(definition, Import):
            return self._import(definition)
        if isinstance(definition, ast.ClassDef):
            return Class(definition, self)
        if isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Function(definition, self)
        if isinstance(definition, ast.Constant):
            definition = self._one_or_other(definition)
        return Expression(definition, self) if isinstance(definition, ast.expr) else None

    def _one_or_other(self, written: ast.Constant) -> ast.expr:
        """A constant that is another one in another branch: which, the condition says, or nobody."""
        others = [each for each in self.either(written) if ast.dump(each) != ast.dump(written)]
        choice = next(
            (each.test for each in self.statements if isinstance(each, ast.If) and _holds(each, written)), None
        )
        if not others or choice is None:
            return written
        return ast.copy_location(ast.IfExp(test=choice, body=written, orelse=others[0]), written)

    def _import(self, wanted: Import) -> Binding | None:
        if self.importer is not None:
            return self.importer(wanted.module, wanted.level, wanted.name)
        if self.parent is not None:
            importer = next(
                (scope.importer for scope in ancestors(self) if isinstance(scope, Body) and scope.importer), None
            )
            if importer is not None:
                return importer(wanted.module, wanted.level, wanted.name)
        return imported_symbol(wanted.module, wanted.level, wanted.name)


def _is_within(line: int, definition: Definition) -> bool:
    """`metadata = metadata` in a class takes that of the module."""
    return isinstance(definition, ast.Name) and definition.lineno == line


def ancestors(scope: Scope) -> Iterator[Scope]:
    """The scope and every scope around it."""
    inner: Scope | None = scope
    while inner is not None:
        yield inner
        inner = getattr(inner, "parent", None)


def imported_symbol(module: str, level: int, name: str | None) -> Symbol | None:
    """What an import means when its module is not in the tree; a star import says nothing about a name."""
    prefix = "." * level + module
    if name is None:
        return Symbol(prefix)
    if name.startswith("*"):
        from gitmig.source.star_imports import NAMES

        return symbol(f"{prefix}.{name[1:]}") if name[1:] in NAMES.get(prefix, ()) else None
    return Symbol(f"{prefix}.{name}" if module else prefix + name)


History = dict[str, list[tuple[int, "Definition"]]]


def definitions(statements: Sequence[ast.stmt], history: History | None = None) -> dict[str, Definition]:
    """Names that statements define; `try` keeps its body, `if` its first branch, `if TYPE_CHECKING` its other one.

    Star imports are collected under "*", as a module of `ImportFrom` statements.  Names that are defined more than once
    are put into `history`, with the line of each definition.
    """
    found: dict[str, Definition] = {}
    lines: dict[str, int] = {}
    _define(statements, found, lines, history if history is not None else {}, replace=True)
    return found


def _define(
    statements: Sequence[ast.stmt],
    found: dict[str, Definition],
    lines: dict[str, int],
    history: History,
    *,
    replace: bool,
) -> None:
    line = 0

    def define(name: str, definition: Definition) -> None:
        if name in found and replace:
            history.setdefault(name, [(lines.get(name, 0), found[name])]).append((line, definition))
        if replace or name not in found:
            found[name] = definition
            lines[name] = line

    for statement in statements:
        line = statement.lineno
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                _assign(target, statement.value, define)
        elif isinstance(statement, ast.AnnAssign):
            if statement.value is not None and isinstance(statement.target, ast.Name):
                define(statement.target.id, statement.value)
        elif isinstance(statement, ast.AugAssign):
            if isinstance(statement.target, ast.Name):
                before = found.get(statement.target.id)
                if isinstance(before, ast.expr):
                    changed = ast.BinOp(left=before, op=statement.op, right=statement.value)
                    define(statement.target.id, ast.copy_location(changed, statement))
        elif isinstance(statement, ast.Expr):
            name = mutated_name(statement)
            before = found.get(name)
            if isinstance(before, ast.expr) and isinstance(statement.value, ast.Call):
                define(name, _mutated(before, statement.value))
        elif isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            define(statement.name, statement)
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                define(name, Import(alias.name if alias.asname else name, 0, None))
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if alias.name == "*":
                    stars = found.setdefault("*", ast.Module(body=[], type_ignores=[]))
                    if isinstance(stars, ast.Module):
                        stars.body.append(statement)
                else:
                    define(alias.asname or alias.name, Import(statement.module or "", statement.level, alias.name))
        elif isinstance(statement, ast.If):
            _define(statement.body, found, lines, history, replace=replace and not is_type_checking(statement.test))
            _define(statement.orelse, found, lines, history, replace=replace and is_type_checking(statement.test))
        elif isinstance(statement, ast.Try):
            _define(statement.body, found, lines, history, replace=replace)
            for handler in statement.handlers:
                _define(handler.body, found, lines, history, replace=False)
            _define(statement.orelse, found, lines, history, replace=replace)
            _define(statement.finalbody, found, lines, history, replace=replace)
        elif isinstance(statement, ast.With):
            for name, opening in opened_files(statement):
                define(name, opening)
            _define(statement.body, found, lines, history, replace=replace)
        elif type(statement).__name__ == "TypeAlias":
            define(statement.name.id, statement.value)  # type: ignore[attr-defined]  # Python 3.12


def opened_files(statement: ast.With) -> Iterator[tuple[str, ast.Call]]:
    """The names of `with open(path) as name`; what any other context hands over is not what its call gives."""
    for item in statement.items:
        call = item.context_expr
        if isinstance(item.optional_vars, ast.Name) and isinstance(call, ast.Call) and last_word(call.func) in OPENING:
            yield item.optional_vars.id, call


def last_word(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


OPENING = frozenset({"open", "open_text"})
MUTATORS = frozenset(
    {"append", "extend", "insert", "update", "add", "remove", "discard", "pop", "popitem", "clear", "setdefault"}
)


def mutated_name(statement: ast.stmt) -> str:
    """The name whose list, set or mapping a statement such as `names.append("x")` changes, "" for any other."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    function = call.func if isinstance(call, ast.Call) else None
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.attr in MUTATORS:
        return function.value.id
    return ""


def _mutated(before: ast.expr, call: ast.Call) -> ast.expr:
    """What a name stands for after `name.method(...)`; an expression without a value where that cannot be said."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    made: ast.expr = ast.Constant(value=...)
    if len(call.args) == 1 and not call.keywords:
        rest: ast.expr = ast.Starred(value=before, ctx=ast.Load())
        if method in ("append", "add"):
            made = ast.List(elts=[rest, call.args[0]], ctx=ast.Load())
        elif method == "extend":
            made = ast.List(elts=[rest, ast.Starred(value=call.args[0], ctx=ast.Load())], ctx=ast.Load())
        elif method in ("remove", "discard"):
            each = ast.Name(id="<each>", ctx=ast.Load())
            kept = ast.Compare(left=each, ops=[ast.NotEq()], comparators=[call.args[0]])
            rounds = ast.comprehension(
                target=ast.Name(id="<each>", ctx=ast.Store()), iter=before, ifs=[kept], is_async=0
            )
            made = ast.ListComp(elt=each, generators=[rounds])
        elif method == "update":
            made = ast.Dict(keys=[None, None], values=[before, call.args[0]])
    return ast.fix_missing_locations(ast.copy_location(made, call))


def alternatives(statements: Sequence[ast.stmt]) -> dict[int, list[ast.expr]]:
    """By the identity of the value that counts, what a name may be instead: values of the other branches of an `if`,
    or the one that it had before.
    """
    found: dict[int, list[ast.expr]] = {}
    before: dict[str, list[ast.expr]] = {}
    for statement in statements:
        if isinstance(statement, ast.If) and not is_type_checking(statement.test):
            others = _assigned(statement.orelse)
            for name, values in _assigned(statement.body).items():
                instead = others.get(name) or before.get(name, [])[-1:]
                if instead:
                    found[id(values[0])] = [*values[1:], *instead]
        else:
            before |= _assigned([statement])
    return found


def _holds(statement: ast.If, value: ast.expr) -> bool:
    return any(value is each for values in _assigned(statement.body).values() for each in values)


def _assigned(statements: Sequence[ast.stmt]) -> dict[str, list[ast.expr]]:
    """The values that names are given anywhere in these statements, functions and classes aside."""
    found: dict[str, list[ast.expr]] = {}
    left = list(reversed(statements))
    while left:
        statement = left.pop()
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(statement.value)
        elif isinstance(statement, ast.If):
            left += [*reversed(statement.orelse), *reversed(statement.body)]
        elif isinstance(statement, ast.Try):
            handled = [each for handler in statement.handlers for each in handler.body]
            left += [*reversed(handled), *reversed(statement.body)]
    return found


def _assign(target: ast.expr, value: ast.expr, define: Callable[[str, Definition], None]) -> None:
    if isinstance(target, ast.Name):
        define(target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, part in enumerate(target.elts):
            item: ast.expr = ast.Subscript(value=value, slice=ast.Constant(value=index), ctx=ast.Load())
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                item = value.elts[index]
            _assign(part, ast.copy_location(item, value), define)


def is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def module_scope(
    tree: ast.Module,
    path: str = "",
    *,
    revision: str = "",
    blob: str = "",
    importer: Importer | None = None,
    files: TreeFiles | None = None,
) -> Body:
    """The scope of a parsed module; without an importer every import is a `Symbol`."""
    return Body(tree.body, place=(path, revision, blob), importer=importer, files=files)
