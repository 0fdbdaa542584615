"""What the names of a module are bound to once it has run, as far as the text alone shows it.

The last binding at module level wins, as it does for Python.  A binding that depends on anything but literals and
constants of the same file is unknown, with the reason and the place; so is one that something else may change.
"""

from __future__ import annotations

import _ast

from gitmig.frozen import Frozen
from gitmig.source.syntax import children, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator

# Star imports that are known to bring none of Alembic's four names.
HARMLESS_STARS = ("sqlalchemy", "alembic.op", "typing", "geoalchemy2", "datetime", "peewee")
REACHES_NAMESPACES = frozenset(("exec", "eval", "globals", "locals", "vars", "setattr", "delattr"))
REACH_HINTS = (b"global", b"locals", b"vars", b"eval", b"setattr", b"delattr", b"__dict__", b"modules")
NAMESPACE_ATTRIBUTES = frozenset(("__dict__", "modules", "f_globals", "f_locals", "__setattr__"))
WHY = {
    "Call": "call", "Await": "call", "JoinedStr": "f-string", "TemplateStr": "f-string", "IfExp": "conditional",
    "NamedExpr": "walrus", "Attribute": "attribute", "Subscript": "subscript",
}  # fmt: skip


class Bound(Frozen):
    """What a name is bound to: a `value` when `known`, else `why` not; `node` is the expression, or the culprit."""

    node: ast.AST
    value: object = None
    known: bool = True
    why: str = ""


class Bindings:
    """Names of a module after its last statement.

    `find` gives None for a name that is certainly not bound.  `declared` has the names that are annotated only.
    """

    def __init__(self, module: ast.Module, source: bytes) -> None:
        self.bound: dict[str, Bound] = {}
        self.declared: dict[str, ast.AST] = {}
        self.statements: dict[str, ast.AST] = {}
        self._anything: Bound | None = None  # what a name that is not seen may be
        self._functions: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = []
        for statement in module.body:
            self._run(statement)
        if _may_reach_namespaces(source):
            self._reached_from_functions(module)

    def find(self, name: str) -> Bound | None:
        return self.bound.get(name, self._anything)

    def _run(self, statement: ast.stmt) -> None:
        executed = list(_executed(statement))
        reach = next((node for node in executed if _reaches_namespace(node)), None)
        if reach is not None:
            self._forget_all(Bound(reach, None, False, "dynamic"))
        self._note_changes_in_place(statement, executed)
        for node in executed:
            if isinstance(node, _ast.NamedExpr):
                self._bind(node.target, Bound(node, None, False, "walrus"), statement)
        self._bind_statement(statement, executed)

    def _bind_statement(self, statement: ast.stmt, executed: list[ast.AST]) -> None:
        if isinstance(statement, _ast.Assign):
            value = evaluate(statement.value, self.bound)
            for target in statement.targets:
                self._bind(target, value, statement)
        elif isinstance(statement, _ast.AnnAssign):
            if statement.value is not None:
                self._bind(statement.target, evaluate(statement.value, self.bound), statement)
            elif isinstance(statement.target, _ast.Name):
                self.declared[statement.target.id] = statement
        elif isinstance(statement, _ast.AugAssign):
            self._forget_mutable(Bound(statement, None, False, "in-place"))
            self._bind(statement.target, Bound(statement, None, False, "augmented"), statement)
        elif isinstance(statement, _ast.Delete):
            for target in statement.targets:
                self._bind(target, Bound(statement, None, False, "deleted"), statement)
        elif type(statement).__name__ == "TypeAlias":
            self._bind(statement.name, Bound(statement, None, False, "expression"), statement)  # type: ignore[attr-defined]
        elif isinstance(statement, (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)):
            self._define(statement)
        elif isinstance(statement, (_ast.Import, _ast.ImportFrom)):
            self._import(statement, "import")
        elif not isinstance(statement, _ast.Expr):
            self._run_block(executed)

    def _run_block(self, executed: list[ast.AST]) -> None:
        """A compound statement: whatever it may bind is unknown."""
        for node in executed:
            if isinstance(node, (_ast.Import, _ast.ImportFrom)):
                self._import(node, "block")
            elif isinstance(node, _ast.Name):
                if not isinstance(node.ctx, _ast.Load):
                    self.bound[node.id] = Bound(node, None, False, "block")
            elif isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)):
                self._define(node)
                self.bound[node.name] = Bound(node, None, False, "block")
            else:
                # names of `except ... as x`, `case x`, `case [*x]`, `case {**x}` are plain text in the tree
                for field in ("name", "rest"):
                    name = getattr(node, field, None)
                    if isinstance(name, str) and not isinstance(node, _ast.alias):
                        self.bound[name] = Bound(node, None, False, "block")

    def _bind(self, target: ast.AST, value: Bound, statement: ast.AST) -> None:
        if isinstance(target, _ast.Name):
            self.bound[target.id] = value
            self.statements[target.id] = statement
            if target.id == "__getattr__":
                self._anything = Bound(statement, None, False, "dynamic")
        elif isinstance(target, (_ast.Tuple, _ast.List)):
            for element, part in zip(target.elts, _parts(value, target.elts, self.bound), strict=True):
                self._bind(element, part, statement)
        elif isinstance(target, _ast.Starred):
            self._bind(target.value, Bound(statement, None, False, "unpacked"), statement)
        elif isinstance(target, (_ast.Attribute, _ast.Subscript)):
            root: ast.AST = target
            while isinstance(root, (_ast.Attribute, _ast.Subscript)):
                root = root.value
            if isinstance(root, _ast.Name) and root.id in self.bound:
                self._forget_mutable(Bound(statement, None, False, "in-place"))

    def _define(self, statement: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        kind = "class" if isinstance(statement, _ast.ClassDef) else "function"
        self.bound[statement.name] = Bound(statement, None, False, kind)
        self._functions.append(statement)
        if statement.name == "__getattr__":
            self._anything = Bound(statement, None, False, "dynamic")

    def _import(self, statement: ast.Import | ast.ImportFrom, why: str) -> None:
        for alias in statement.names:
            if alias.name != "*":
                name = alias.asname or alias.name.split(".")[0]
                self.bound[name] = Bound(statement, None, False, why)
            elif not _is_harmless(statement):
                self._forget_all(Bound(statement, None, False, "star-import"))

    def _note_changes_in_place(self, statement: ast.stmt, executed: list[ast.AST]) -> None:
        """A list that anything but a plain assignment touches may hold something else afterwards."""
        if isinstance(statement, (_ast.Assign, _ast.AnnAssign)):
            value = statement.value
            if value is None or evaluate(value, self.bound).known:
                return
        for node in executed:
            if isinstance(node, _ast.Name) and isinstance(node.ctx, _ast.Load):
                known = self.bound.get(node.id)
                if known is not None and known.known and isinstance(known.value, (list, set, dict)):
                    self._forget_mutable(Bound(statement, None, False, "in-place"))
                    return

    def _forget_mutable(self, instead: Bound) -> None:
        for name, known in list(self.bound.items()):
            if known.known and isinstance(known.value, (list, set, dict)):
                self.bound[name] = instead

    def _forget_all(self, instead: Bound) -> None:
        self.bound = dict.fromkeys(self.bound, instead)
        self._anything = instead

    def _reached_from_functions(self, module: ast.Module) -> None:
        """`global` in a function, and functions that reach into namespaces while the module runs."""
        for node in walk(module):
            if isinstance(node, _ast.Global):
                for name in node.names:
                    self.bound[name] = Bound(node, None, False, "global")
        inside = (node for function in self._functions for node in walk(function))
        culprit = next((node for node in inside if _reaches_namespace(node)), None)
        if culprit is None:
            return
        names = {function.name for function in self._functions}
        executed = [node for statement in module.body for node in _executed(statement)]
        used = any(isinstance(node, _ast.Name) and node.id in names for node in executed)
        if used or any(function.decorator_list for function in self._functions):
            self._forget_all(Bound(culprit, None, False, "dynamic"))


def evaluate(node: ast.expr, known: dict[str, Bound]) -> Bound:
    """The value of literals, their sums, and names of `known`; anything else is unknown."""
    if isinstance(node, _ast.Constant):
        return Bound(node, node.value)
    if isinstance(node, _ast.Name):
        found = known.get(node.id)
        if found is not None and found.known:
            return Bound(node, found.value)
        return Bound(node, None, False, "name")
    if isinstance(node, (_ast.Tuple, _ast.List, _ast.Set)):
        return _sequence(node, node.elts, known)
    if isinstance(node, _ast.Dict):
        if any(key is None for key in node.keys):
            return Bound(node, None, False, "expression")
        keys = _sequence(node, [key for key in node.keys if key is not None], known)
        return keys.replace(value={"keys": keys.value}) if keys.known else keys
    if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Add):
        return _sum(node, known)
    if isinstance(node, _ast.JoinedStr) and not hasattr(node, "template"):
        parts = [part.value for part in node.values if isinstance(part, _ast.Constant)]
        if len(parts) == len(node.values):
            return Bound(node, "".join(map(str, parts)))
    return Bound(node, None, False, WHY.get(type(node).__name__, "expression"))


def _sequence(node: ast.expr, elements: Iterable[ast.expr], known: dict[str, Bound]) -> Bound:
    values = []
    for element in elements:
        value = evaluate(element, known)
        if not value.known:
            return value
        values.append(value.value)
    if isinstance(node, _ast.Set):
        # a set has no order, and Python shuffles it in each run: sorted, so that the same text gives the same value
        return Bound(node, sorted(dict.fromkeys(map(_hashable, values)), key=repr))
    return Bound(node, tuple(values) if isinstance(node, _ast.Tuple) else values)


def _hashable(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return tuple(map(_hashable, value))
    return repr(value) if isinstance(value, dict) else value


def _sum(node: ast.BinOp, known: dict[str, Bound]) -> Bound:
    """`'a' + 'b'` and `('a',) + ('b',)`, walked without recursion."""
    terms: list[ast.expr] = []
    left: ast.expr = node
    while isinstance(left, _ast.BinOp) and isinstance(left.op, _ast.Add):
        terms.append(left.right)
        left = left.left
    terms.append(left)
    values = []
    for term in reversed(terms):
        if isinstance(term, _ast.BinOp):
            return Bound(term, None, False, "expression")
        value = evaluate(term, known)
        if not value.known:
            return value
        values.append(value.value)
    if all(isinstance(value, str) for value in values):
        return Bound(node, "".join(map(str, values)))
    for kind in (tuple, list):
        if all(type(value) is kind for value in values):
            return Bound(node, kind(item for value in values for item in value))  # type: ignore[attr-defined]
    return Bound(node, None, False, "expression")


def _parts(value: Bound, targets: list[ast.expr], known: dict[str, Bound]) -> list[Bound]:
    """What each target of an unpacking gets."""
    sources = value.node.elts if isinstance(value.node, (_ast.Tuple, _ast.List)) else []
    if len(sources) == len(targets) and not any(isinstance(one, _ast.Starred) for one in [*sources, *targets]):
        return [evaluate(source, known) for source in sources]
    return [Bound(value.node, None, False, "unpacked") for _ in targets]


def _executed(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: no bodies of functions, no loop names of comprehensions."""
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
            todo.extend(node.decorator_list)
            todo.append(node.args)
            if node.returns is not None:
                todo.append(node.returns)
        elif isinstance(node, _ast.Lambda):
            todo.append(node.args)
        elif isinstance(node, _ast.ClassDef):
            todo.extend([*node.decorator_list, *node.bases, *node.keywords])
            for inner in node.body:
                todo.extend(_class_body(inner))
        elif isinstance(node, _ast.comprehension):
            todo.extend([node.iter, *node.ifs])
        else:
            todo.extend(children(node))


def _class_body(statement: ast.stmt) -> list[ast.AST]:
    """What a class body loads: it can reach the module by that, while the names it binds are its own."""
    return [
        node
        for node in _executed(statement)
        if isinstance(node, (_ast.Name, _ast.Attribute)) and isinstance(node.ctx, _ast.Load)
    ]


def _may_reach_namespaces(source: bytes) -> bool:
    """A cheap look at the text before all functions are walked; a name beyond ASCII may be one of them in disguise."""
    if not source.isascii() or source.count(b"exec") != source.count(b"execut"):
        return True
    return any(hint in source for hint in REACH_HINTS)


def _reaches_namespace(node: ast.AST) -> bool:
    if isinstance(node, _ast.Name):
        return node.id in REACHES_NAMESPACES
    return isinstance(node, _ast.Attribute) and node.attr in NAMESPACE_ATTRIBUTES


def _is_harmless(statement: ast.Import | ast.ImportFrom) -> bool:
    module = getattr(statement, "module", None)
    if getattr(statement, "level", 0) or not module:
        return False
    return module in HARMLESS_STARS or module.startswith("sqlalchemy.")
