"""One revision file as JSON facts: what its upgrade and downgrade do, and what it imports."""

from __future__ import annotations

import ast

from gitmig.schema.elements import Origin
from gitmig.schema.operations import Operation, encode
from gitmig.schema.scripts.control_flow import HARMLESS, Follower, TooMuch
from gitmig.source.scopes import Binding, Body, Function, Module, imported_symbol, module_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

# Changes whenever the same text gives other facts.
VERSION = 1
DIRECTIONS = ("upgrade", "downgrade")


def extract(source: bytes, path: str = "", helpers: Mapping[str, tuple[str, bytes]] | None = None) -> dict[str, Any]:
    """The facts of a revision file.

    `helpers` are modules of the tree by their dotted name: (path, source).  `wanted` lists the modules that would be
    looked at and were not given; a relative import is written with its dots, relative to `path`.

    {"upgrade": [op], "downgrade": [op], "empty": {direction: bool}, "raises": {direction: bool},
     "databases": {name: {direction: [op]}} for Alembic's multidb template, "imports": [{"module", "names", "line"}],
     "wanted": [module], "problems": [{"kind", "detail", "line"}]}
    """
    from gitmig.source.syntax import parse

    parsed = parse(source)
    facts: dict[str, Any] = {
        "upgrade": [],
        "downgrade": [],
        "empty": dict.fromkeys(DIRECTIONS, True),
        "raises": dict.fromkeys(DIRECTIONS, False),
        "imports": [],
        "wanted": [],
        "problems": [],
    }
    if parsed.tree is None:
        problem = parsed.problem
        detail = getattr(problem, "detail", "") if problem is not None else ""
        kind = getattr(problem, "kind", "syntax")
        facts["problems"].append({"kind": kind, "detail": detail, "line": getattr(problem, "line", 1)})
        gap = Operation(
            "unknown", "", "", {"text": path, "why": "the file does not parse", "objects": ()}, Origin(path, 1)
        )
        facts["upgrade"] = facts["downgrade"] = [encode(gap)]
        facts["empty"] = dict.fromkeys(DIRECTIONS, False)
        return facts
    modules = _Modules(helpers or {})
    scope = module_scope(parsed.tree, path, importer=modules.importer(""))
    facts["imports"] = _imports(parsed.tree)
    functions = {node.name: node for node in parsed.tree.body if isinstance(node, ast.FunctionDef)}
    databases: dict[str, dict[str, Any]] = {}
    for direction in DIRECTIONS:
        named = _of_databases(functions, direction)
        for database, name in named.items():
            databases.setdefault(database, {})[direction] = [encode(each) for each in _followed(scope, name)]
        if named:
            facts[direction] = [each for found in databases.values() for each in found.get(direction, ())]
        else:
            facts[direction] = [encode(each) for each in _followed(scope, direction)]
        names = list(named.values()) or [direction]
        facts["empty"][direction] = all(_is_empty(functions.get(name)) for name in names)
        facts["raises"][direction] = _raises(functions.get(direction))
    if databases:
        facts["databases"] = databases
    facts["wanted"] = sorted(modules.wanted)
    return facts


def _followed(scope: Body, name: str) -> list[Operation]:
    function = scope.lookup(name)
    if not isinstance(function, Function):
        return []
    follower = Follower()
    try:
        follower.follow(function)
    except (TooMuch, RecursionError) as why:
        origin = Origin(function.scope.place[0], function.node.lineno)
        detail = {"text": f"{name}()", "why": str(why) or "it is nested too deeply", "objects": ()}
        return [*follower.operations, Operation("unknown", "", "", detail, origin)]
    return follower.operations


def _of_databases(functions: Mapping[str, ast.FunctionDef], direction: str) -> dict[str, str]:
    """`upgrade_engine1` and its like, which upgrade() of the multidb template finds by name."""
    entry = functions.get(direction)
    if entry is None or not any(isinstance(node, ast.Name) and node.id == "globals" for node in ast.walk(entry)):
        return {}
    prefix = f"{direction}_"
    return {name[len(prefix) :]: name for name in functions if name.startswith(prefix)}


def _is_empty(function: ast.FunctionDef | None) -> bool:
    return function is None or all(_does_nothing(statement) for statement in function.body)


def _does_nothing(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (isinstance(statement, ast.Return) and statement.value is None)
    )


def _raises(function: ast.FunctionDef | None) -> bool:
    """Whether the way is closed on purpose."""
    if function is None:
        return False
    doing = [statement for statement in function.body if not _does_nothing(statement)]
    return bool(doing) and isinstance(doing[0], ast.Raise)


def _imports(tree: ast.Module) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [{"module": alias.name, "names": [], "line": node.lineno} for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.append({"module": module, "names": [alias.name for alias in node.names], "line": node.lineno})
    return sorted(found, key=lambda each: (each["line"], each["module"]))


class _Modules:
    """Answers imports from the modules that were given, and remembers those that were not."""

    def __init__(self, sources: Mapping[str, tuple[str, bytes]]) -> None:
        import sys

        self.sources = sources
        self.wanted: set[str] = set()
        self.outside = HARMLESS | frozenset(sys.stdlib_module_names)
        self._scopes: dict[str, Body | None] = {}

    def importer(self, inside: str) -> Any:
        """The importer of the module `inside`; "" is the revision itself, whose relative imports keep their dots."""

        def imported(module: str, level: int, name: str | None) -> Binding | None:
            return self._imported(self._absolute(inside, module, level), module, level, name)

        return imported

    def _absolute(self, inside: str, module: str, level: int) -> str:
        if not level or not inside:
            return "." * level + module
        path = self.sources[inside][0]
        steps = level - 1 if path.endswith("__init__.py") else level
        package: Sequence[str] = inside.split(".")
        package = package[: len(package) - steps] if steps else package
        return ".".join([*package, *([module] if module else [])])

    def _imported(self, absolute: str, module: str, level: int, name: str | None) -> Binding | None:
        if absolute.partition(".")[0] in self.outside:
            return imported_symbol(module, level, name)
        star = name is not None and name.startswith("*")
        if name is not None and not star:
            inner = f"{absolute}.{name}" if not absolute.endswith(".") else absolute + name
            if inner in self.sources:
                return self._module(inner)
            if absolute not in self.sources:
                self.wanted.add(inner)
        if absolute not in self.sources:
            self.wanted.add(absolute)
            return imported_symbol(module, level, name)
        found = self._module(absolute)
        if found is None or name is None:
            return found
        return found.scope.lookup(name.lstrip("*")) or (None if star else imported_symbol(module, level, name))

    def _module(self, name: str) -> Module | None:
        if name not in self._scopes:
            from gitmig.source.syntax import parse

            path, source = self.sources[name]
            self._scopes[name] = None
            tree = parse(source).tree
            if tree is not None:
                self._scopes[name] = module_scope(tree, path, importer=self.importer(name))
        scope = self._scopes[name]
        return Module(scope) if scope is not None else None
