"""The modules of a tree as scopes: an import leads to another file's scope, or outside the tree to a symbol."""

from __future__ import annotations

from gitmig.schema.models.packages import SOURCES
from gitmig.source.outline import tree_of
from gitmig.source.scopes import Binding, Body, Module, Symbol, imported_symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping
    from typing import Any

    from gitmig.source.modules import Modules
    from gitmig.source.scopes import Importer


class Project:
    """Facts of many files, read on demand; `missing` collects paths whose facts were asked for and are not here."""

    def __init__(
        self,
        files: Mapping[str, dict[str, Any]],
        modules: Modules,
        blobs: Mapping[str, str] | None = None,
        trees: Trees | None = None,
    ) -> None:
        self.files = files
        self.modules = modules
        self.blobs = blobs or {}
        self.trees = trees or Trees()
        self.missing: set[str] = set()
        self._reached: dict[str, set[str]] = {}
        self._scopes: dict[str, Body | None] = {}
        self._packages: dict[str, Body | None] = {}

    def scope(self, path: str) -> Body | None:
        """The scope of one file, None when its facts are not here or it was not parsed."""
        if path not in self._scopes:
            self._scopes[path] = self._read(path)
        return self._scopes[path]

    def reached_from(self, path: str) -> set[str]:
        """The file, and all files that names in it led to, directly and through others."""
        reached = {path}
        todo = [path]
        while todo:
            beyond = self._reached.get(todo.pop(), set()) - reached
            reached |= beyond
            todo += beyond
        return reached

    def reach_as(self, other: Project, paths: Iterable[str]) -> None:
        """These files are not read again: their names lead where they led in the other project."""
        for path in paths:
            self._reached.setdefault(path, set()).update(other._reached.get(path, ()))

    def let_go(self) -> None:
        """The end of all scopes; nothing that was read may refer to them."""
        for scope in (*self._scopes.values(), *self._packages.values()):
            if scope is not None:
                scope.let_go()

    def _read(self, path: str) -> Body | None:
        facts = self.files.get(path)
        if facts is None or facts.get("skipped"):
            self.missing.add(path)
            return None
        if facts["problem"] is not None:
            return None
        tree = self.trees.tree(path, facts["source"])
        place = (path, "", self.blobs.get(path, ""))
        return Body(tree.body, place=place, importer=self._importer(path)) if tree is not None else None

    def _importer(self, importing: str) -> Importer:
        def importer(module: str, level: int, name: str | None) -> Binding | None:
            return self.imported(importing, module, level, name, 0)

        return importer

    def imported(self, importing: str, module: str, level: int, name: str | None, depth: int) -> Binding | None:
        """What `from module import name` means in a file; a star import asks for "*name"."""
        path = self.modules.resolve(module, level, importing)
        if path is None or depth > 20:
            return self._packaged(module, name) or imported_symbol(module, level, name)
        self._reached.setdefault(importing, set()).add(path)
        if name is None:
            return Module(ModuleScope(self, path, module))
        star = name.startswith("*")
        wanted = name[1:] if star else name
        found = self.member(path, wanted, depth)
        if found is not None or star:
            return found
        return Symbol(f"{module}.{wanted}" if module else wanted)

    def _packaged(self, module: str, name: str | None) -> Binding | None:
        """A mixin of a package that is known by name, or the module that holds it."""
        if name is not None and f"{module}.{name}" in SOURCES:
            scope = self._package(f"{module}.{name}")
            return Module(scope) if scope is not None else None
        scope = self._package(module) if name is not None and module in SOURCES else None
        return scope.own(name) if scope is not None and name is not None else None

    def _package(self, module: str) -> Body | None:
        if module not in self._packages:
            self._packages[module] = parsed_scope(SOURCES[module], module, None)
        return self._packages[module]

    def member(self, path: str, name: str, depth: int = 0) -> Binding | None:
        """What a name means in a module of the tree: its own, one it imports, or a module inside a package."""
        scope = None if path.endswith("/") else self.scope(path)
        if scope is not None:
            found = scope.lookup(name)
            if found is not None:
                return found
        inner = self.modules.submodule(path, name)
        if inner is not None:
            self._reached.setdefault(path, set()).add(inner)
        return Module(ModuleScope(self, inner, name)) if inner is not None else None


class ModuleScope(Body):
    """A module seen from another one: its attributes, including the modules inside a package."""

    def __init__(self, project: Project, path: str, name: str) -> None:
        super().__init__((), place=(path, "", ""))
        self.project = project
        self.path = path
        self.name = name

    def lookup(self, name: str, line: int = 0) -> Binding | None:
        return self.project.member(self.path, name)


class Trees:
    """Syntax trees by path, each kept for one more project: of two trees of a change most files are the same."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, ast.Module]] = {}
        self._left = KEPT_TEXT

    def tree(self, path: str, source: str) -> ast.Module | None:
        """The tree of a file; a project asks once for each."""
        text, known = self._kept.pop(path, ("", None))
        self._left += len(text)
        if known is not None and text == source:
            return known
        made = tree_of(source) or parsed(source)
        if made is not None and len(source) <= self._left:
            self._kept[path] = source, made
            self._left -= len(source)
        return made


# Characters of source; their trees take fifty times as much memory.
KEPT_TEXT = 200_000


def parsed(source: str) -> ast.Module | None:
    from gitmig.source.syntax import parse

    return parse(source.encode("utf-8", "surrogateescape"), older=True).tree


def parsed_scope(source: str, path: str, importer: Importer | None) -> Body | None:
    tree = parsed(source)
    return Body(tree.body, place=(path, "", ""), importer=importer) if tree is not None else None
