"""From an import to a path of the tree, from a listing of paths alone.

Several source roots (`src/`, `server/`, the top level) live side by side; the one nearest to the importing file wins.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Modules:
    """The Python modules of a tree."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = {path for path in paths if path.endswith(".py")}
        self._folders: set[str] = {""}
        self._roots: dict[str, list[str]] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        for path in self.paths:
            folder = path
            while folder:
                folder = folder.rpartition("/")[0]
                if folder in self._folders:
                    break
                self._folders.add(folder)

    def resolve(self, module: str, level: int, importer: str) -> str | None:
        """The path of a module that `importer` imports: a file, an `__init__.py`, or a folder ending in "/"."""
        if level:
            base = importer.rpartition("/")[0]
            for _ in range(level - 1):
                if not base:
                    return None
                base = base.rpartition("/")[0]
            return self._at(f"{base}/{module.replace('.', '/')}".strip("/"))
        key = (module, importer.rpartition("/")[0])
        if key not in self._found:
            self._found[key] = self._absolute(module, key[1])
        return self._found[key]

    def submodule(self, path: str, name: str) -> str | None:
        """The module `name` inside a package that `resolve` found."""
        if path.endswith("/__init__.py"):
            return self._at(f"{path[: -len('/__init__.py')]}/{name}")
        if path == "__init__.py":
            return self._at(name)
        return self._at(f"{path}{name}") if path.endswith("/") else None

    def _absolute(self, module: str, folder: str) -> str | None:
        parts = module.replace(".", "/")
        for root in self._roots_of(module.partition(".")[0], folder):
            found = self._at(f"{root}/{parts}" if root else parts)
            if found is not None:
                return found
        return self._of_own_package(module, folder)

    def _of_own_package(self, module: str, folder: str) -> str | None:
        """`shop.models` for a file below `backend/shop`, where a stray `backend/__init__.py` hides that folder."""
        first, dot, rest = module.partition(".")
        words = folder.split("/")
        for depth in range(len(words), 0, -1) if dot else ():
            if words[depth - 1] == first:
                found = self._at("/".join([*words[:depth], *rest.split(".")]))
                if found is not None and found.endswith(".py"):
                    return found
        return None

    def _roots_of(self, first: str, folder: str) -> list[str]:
        """Folders that hold the first word of a module: those around the importing file first, then the shallow ones.

        A folder inside a package is no root: `import logging` is not `app/logging.py`.
        """
        if first not in self._roots:
            holders = [f.rpartition("/")[0] for f in self._folders if f.rpartition("/")[2] == first and f]
            holders += [p.rpartition("/")[0] for p in self.paths if p.rpartition("/")[2] == f"{first}.py"]
            outside = {root for root in holders if f"{root}/__init__.py".lstrip("/") not in self.paths}
            self._roots[first] = sorted(outside, key=lambda root: (root.count("/"), root))
        roots = self._roots[first]
        if len(roots) < 2:
            return roots
        around = [root for root in roots if not root or folder == root or folder.startswith(root + "/")]
        around.sort(key=len, reverse=True)
        return [*around, *(root for root in roots if root not in around)]

    def _at(self, stem: str) -> str | None:
        for candidate in (f"{stem}/__init__.py" if stem else "__init__.py", f"{stem}.py"):
            if candidate in self.paths:
                return candidate
        return f"{stem}/" if stem in self._folders and stem else None
