"""One revision file as JSON facts: what its upgrade and downgrade do, and what it imports."""

from __future__ import annotations

import ast
import re

from gitmig.revisions.scanning import without_identifiers
from gitmig.schema.elements import Origin
from gitmig.schema.operations import Operation, encode
from gitmig.schema.scripts.control_flow import HARMLESS, STANDARD_LIBRARY, Follower, TooMuch
from gitmig.source.scopes import Binding, Body, Function, Known, Module, Scope, Symbol, imported_symbol, module_scope
from gitmig.source.tree_files import TreeFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

PLAIN_IMPORT = re.compile(rb"^[ \t]*import[ \t]+(?!sqlalchemy\b(?!.*,))\w", re.MULTILINE)
DIRECTIONS = ("upgrade", "downgrade")
OUTSIDE = HARMLESS | STANDARD_LIBRARY


def extract(
    source: bytes, path: str = "", helpers: Mapping[str, tuple[str, bytes] | None] | None = None, place: str = ""
) -> dict[str, Any]:
    """The facts of a revision file.

    `helpers` are modules of the tree by their dotted name: (path, source), or None for one that the tree has not.
    `wanted` lists the modules that would be looked at and are not among them: the caller asks again until it is
    empty.  A relative import is written with its dots, relative to `path`.  A name that begins with "/" is that of a
    file which is opened, see tree_files.py; "/" alone asks for `place`, the path of the revision in the tree.

    {"upgrade": [op], "downgrade": [op], "empty": {direction: bool}, "raises": {direction: bool},
     "databases": {name: {direction: [op]}} for functions that Alembic's multidb template finds by a database's name,
     and for names that upgrade(engine_name) asks for,
     "otherwise": {direction: [op]} what such an upgrade(engine_name) does for all others,
     "imports": [{"module", "names", "line"}],
     "mentions": [op] that upgrade() makes of what only names tables (see mentions.py),
     "wanted": [module], "problems": [{"kind", "detail", "line"}]}
    """
    from gitmig.source.syntax import parse

    parsed = parse(without_identifiers(source), older=True)
    facts: dict[str, Any] = {
        "upgrade": [],
        "downgrade": [],
        "empty": dict.fromkeys(DIRECTIONS, True),
        "raises": dict.fromkeys(DIRECTIONS, False),
        "mentions": [],
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
    modules = _Modules(helpers or {}, place)
    scope = modules.scope_of(parsed.tree, source, path, "")
    facts["imports"] = _imports(parsed.tree)
    functions = {node.name: node for node in parsed.tree.body if isinstance(node, ast.FunctionDef)}
    databases: dict[str, dict[str, Any]] = {}
    may_have_databases = b"globals" in source
    for direction in DIRECTIONS:
        named = _of_databases(functions, direction) if may_have_databases else {}
        for database, name in named.items():
            databases.setdefault(database, {})[direction] = _followed(scope, name, modules, facts["mentions"])
        if named:
            facts[direction] = [each for found in databases.values() for each in found.get(direction, ())]
        else:
            facts[direction] = _followed(scope, direction, modules, facts["mentions"])
            _for_each_database(scope, direction, functions.get(direction), modules, databases, facts)
        names = list(named.values()) or [direction]
        facts["empty"][direction] = all(_is_empty(functions.get(name)) for name in names)
        facts["raises"][direction] = _raises(functions.get(direction))
    if databases:
        facts["databases"] = databases
    facts["wanted"] = sorted(modules.wanted | modules.files.wanted)
    modules.let_go()
    return facts


def facts_in(facts: Mapping[str, Any], database: str) -> Mapping[str, Any]:
    """The facts of a file as one of several databases meets them; what runs in each stays as it is."""
    if "databases" not in facts and "otherwise" not in facts:
        return facts
    ways = facts.get("databases", {}).get(database, facts.get("otherwise", {}))
    done = {way: ways.get(way, []) for way in DIRECTIONS}
    return {**facts, **done, "empty": {way: not operations for way, operations in done.items()}}


def _followed(
    scope: Body,
    name: str,
    modules: _Modules,
    mentions: list[dict[str, Any]],
    given: Mapping[str, Binding] | None = None,
) -> list[dict[str, Any]]:
    """The operations of a function, encoded, with the arguments that are `given`; what an upgrade mentions is added."""
    function = scope.lookup(name)
    if not isinstance(function, Function):
        return []
    follower = Follower(modules.is_outside)
    operations = follower.operations
    try:
        follower.follow(function, given or {})
    except (TooMuch, RecursionError) as why:
        operations = [*operations, _not_followed(function, name, str(why) or "it is nested too deeply")]
    except Exception as bug:  # one old revision must not end every check of its project
        operations = [*operations, _not_followed(function, name, f"{BUG}: {type(bug).__name__}: {bug}")]
    operations = follower.restored.left(operations)
    if name.startswith("upgrade"):
        mentions += map(encode, follower.mentions)
    return [encode(each) for each in operations]


BUG = "a bug in gitmig"


def _not_followed(function: Function, name: str, why: str) -> Operation:
    origin = Origin(function.scope.place[0], function.node.lineno)
    return Operation("unknown", "", "", {"text": f"{name}()", "why": why, "objects": ()}, origin)


def _of_databases(functions: Mapping[str, ast.FunctionDef], direction: str) -> dict[str, str]:
    """`upgrade_engine1` and its like, which upgrade() of the multidb template finds by name."""
    entry = functions.get(direction)
    if entry is None or not any(isinstance(node, ast.Name) and node.id == "globals" for node in ast.walk(entry)):
        return {}
    prefix = f"{direction}_"
    return {name[len(prefix) :]: name for name in functions if name.startswith(prefix)}


def _for_each_database(
    scope: Body,
    direction: str,
    function: ast.FunctionDef | None,
    modules: _Modules,
    databases: dict[str, dict[str, Any]],
    facts: dict[str, Any],
) -> None:
    """What `upgrade(engine_name)` does for every name that it asks for, and otherwise."""
    arguments = function.args if function is not None else None
    if function is None or arguments is None or not arguments.args or arguments.defaults:
        return
    argument = arguments.args[0].arg
    for name in sorted(_asked_for(function, argument)):
        found = _followed(scope, direction, modules, [], {argument: Known(name)})
        databases.setdefault(name, {})[direction] = found
    facts.setdefault("otherwise", {})[direction] = _followed(scope, direction, modules, [], {argument: Known(OTHER)})


# No name of a database.
OTHER = "\0"


def _asked_for(function: ast.FunctionDef, argument: str) -> set[str]:
    """Texts that the argument is compared with."""
    found: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Compare):
            parts = [each for one in (node.left, *node.comparators) for each in ast.walk(one)]
            if any(isinstance(each, ast.Name) and each.id == argument for each in parts):
                found |= {each.value for each in parts if isinstance(each, ast.Constant) and type(each.value) is str}
    return found


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
    for node in _statements(tree.body):
        if isinstance(node, ast.Import):
            found += [{"module": alias.name, "names": [], "line": node.lineno} for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.append({"module": module, "names": [alias.name for alias in node.names], "line": node.lineno})
    return found


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements in the order of the source; expressions, where most nodes are, hold no imports."""
    for statement in body:
        yield statement
        if isinstance(statement, PLAIN):
            continue
        for field in ("body", "orelse", "handlers", "finalbody", "cases"):
            for inner in getattr(statement, field, ()):
                yield from _statements(inner.body if isinstance(inner, BLOCKS) else [inner])


PLAIN = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Return)
BLOCKS = (ast.ExceptHandler, ast.match_case)


class _Modules:
    """Answers imports from the modules that were given, and remembers those that were not."""

    def __init__(self, sources: Mapping[str, tuple[str, bytes] | None], place: str) -> None:
        self.sources = sources
        self.files = TreeFiles(sources, place)
        self.wanted: set[str] = set()
        self._scopes: dict[str, Body | None] = {}
        self._made: list[Body] = []
        self._dotted: set[str] = set()

    def scope_of(self, tree: ast.Module, source: bytes, path: str, inside: str) -> Body:
        """The scope of a module; "" is the revision itself, whose relative imports keep their dots."""
        if PLAIN_IMPORT.search(source):
            self._dotted.update(self._kept_dotted_names(tree, source))
        if any(name in source for name in CONTEXT_NAMES):
            with_defaults(tree)

        def imported(module: str, level: int, name: str | None) -> Binding | None:
            return self._imported(self._absolute(inside, module, level), module, level, name)

        self._made.append(module_scope(tree, path, importer=imported, files=self.files))
        return self._made[-1]

    def let_go(self) -> None:
        """The end of all scopes; nothing that was read may refer to them."""
        for scope in self._made:
            scope.let_go()
        self._made.clear()
        self._scopes.clear()

    def _kept_dotted_names(self, tree: ast.Module, source: bytes) -> frozenset[str]:
        if source not in _DOTTED:
            while len(_DOTTED) >= KEPT_TREES:
                del _DOTTED[next(iter(_DOTTED))]
            _DOTTED[source] = frozenset(self._dotted_names(tree))
        return _DOTTED[source]

    def _dotted_names(self, tree: ast.Module) -> Iterator[str]:
        """Modules that `import a.b` names, and those that `a.b.c.Name` may reach then."""
        packages = set()
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if "." in alias.name)
                packages |= {alias.name.partition(".")[0] for alias in node.names if alias.asname is None}
        packages -= OUTSIDE
        for node in nodes if packages else ():
            dotted = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
            if "." in dotted and dotted.partition(".")[0] in packages:
                yield dotted

    def is_outside(self, name: str) -> bool:
        """Whether the tree was asked for the module of a dotted name, and has it not."""
        parts = name.partition("()")[0].split(".")
        modules = [".".join(parts[:count]) for count in range(1, len(parts))]
        return any(each in self.sources for each in modules) and not any(self._has(each) for each in modules)

    def _has(self, module: str) -> bool:
        return self.sources.get(module) is not None

    def _absolute(self, inside: str, module: str, level: int) -> str:
        if not level or not inside:
            return "." * level + module
        source = self.sources[inside]
        steps = level - 1 if source and source[0].endswith("__init__.py") else level
        package: Sequence[str] = inside.split(".")
        package = package[: len(package) - steps] if steps else package
        return ".".join([*package, *([module] if module else [])])

    def _imported(self, absolute: str, module: str, level: int, name: str | None) -> Binding | None:
        if absolute.partition(".")[0] in OUTSIDE:
            return imported_symbol(module, level, name)
        if name is None:
            return self._package(absolute)
        star = name.startswith("*")
        if not star:
            inner = f"{absolute}.{name}" if not absolute.endswith(".") else absolute + name
            if self._has(inner):
                return self._module(inner)
            if not self._has(absolute) and inner not in self.sources:
                self.wanted.add(inner)
        if not self._has(absolute):
            self._want(absolute)
            return imported_symbol(module, level, name)
        found = self._module(absolute)
        inside = found.scope.lookup(name.lstrip("*")) if found is not None else None
        return inside or (None if star else imported_symbol(module, level, name))

    def _want(self, module: str) -> None:
        if module not in self.sources:
            self.wanted.add(module)

    def _package(self, name: str) -> Binding:
        """`import a.b.c` binds `a`, whose parts are modules."""
        below = sorted(dotted for dotted in self._dotted if dotted.startswith(f"{name}."))
        for each in (name, *below):
            self._want(each)
        if any(self._has(each) for each in (name, *below)):
            return Module(_Package(name, self, [dotted for dotted in below if self._has(dotted)]))
        return Symbol(name)

    def _module(self, name: str) -> Module | None:
        if name not in self._scopes:
            self._scopes[name] = None
            source = self.sources[name]
            tree = _parsed(source[1]) if source else None
            if source and tree is not None:
                self._scopes[name] = self.scope_of(tree, source[1], source[0], name)
        scope = self._scopes[name]
        return Module(scope) if scope is not None else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return node.id if isinstance(node, ast.Name) else ""


# A module that many revisions import is parsed once for all of them.
_TREES: dict[bytes, ast.Module | None] = {}
KEPT_TREES = 12
_DOTTED: dict[bytes, frozenset[str]] = {}


def _parsed(source: bytes) -> ast.Module | None:
    if source not in _TREES:
        from gitmig.source.syntax import parse

        while len(_TREES) >= KEPT_TREES:
            del _TREES[next(iter(_TREES))]
        _TREES[source] = parse(source, older=True).tree
    return _TREES[source]


class _Package(Scope):
    """A module that was imported by a dotted name: its own names, and the modules below it."""

    def __init__(self, name: str, modules: _Modules, below: Sequence[str]) -> None:
        self.name = name
        self.modules = modules
        self.below = below

    def lookup(self, name: str, line: int = 0) -> Binding | None:
        inner = f"{self.name}.{name}"
        below = [dotted for dotted in self.below if dotted == inner or dotted.startswith(f"{inner}.")]
        if below:
            return Module(_Package(inner, self.modules, below))
        own = self.modules._module(self.name) if self.modules._has(self.name) else None
        found = own.scope.lookup(name) if own is not None else None
        return found if found is not None else Symbol(inner)


def with_defaults(tree: ast.Module) -> None:
    """Puts the values in that Alembic's context has unless a project says otherwise; positions stay."""
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.Attribute) and value.attr in CONTEXT_DEFAULTS and _is_context(value.value):
                setattr(node, field, ast.copy_location(ast.Constant(CONTEXT_DEFAULTS[value.attr]), value))


CONTEXT_DEFAULTS: dict[str, bool | None] = {"version_table_schema": None, "as_sql": False}
CONTEXT_NAMES = tuple(name.encode() for name in CONTEXT_DEFAULTS)


def _is_context(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
        return isinstance(node, ast.Attribute) and node.attr == "get_context"
    return isinstance(node, ast.Name) and node.id in ("context", "ctx", "migration_context")
