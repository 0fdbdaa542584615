"""Which MetaData an env.py could migrate: found in the text of the models, and how to import it with all its tables."""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.schema.conventions import DEFAULT
from gitmig.schema.models.bases import metadata_of
from gitmig.schema.models.linking import tables_by_metadata
from gitmig.schema.models.project import Project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from gitmig.schema.models.bases import Metadata
    from gitmig.source.modules import Modules
    from gitmig.source.scopes import Body

    Facts = Mapping[str, dict[str, Any]]


class Candidate(Frozen):
    """One MetaData with tables.

    `module` and `expression` ("shop.models", "Base.metadata") are where env.py imports it from, `besides` the modules
    it must import too so that every table is there; `folders` are what they are imported from, "" the top level.
    """

    module: str
    expression: str
    besides: tuple[str, ...] = ()
    folders: tuple[str, ...] = ("",)
    tables: int = 0
    place: str = ""
    has_convention: bool = True

    @property
    def name(self) -> str:
        """As a person writes it: "shop.models:Base.metadata"."""
        return f"{self.module}:{self.expression}"


def find_candidates(files: Facts, modules: Modules, here: str = "") -> tuple[Candidate, ...]:
    """The candidates beneath the folder `here`, those with more tables first.

    `files` are the facts that `schema.models.wanted` asked for, and those of every module that imports one of them.
    """
    finder = _Finder(files, modules, here)
    found = [
        candidate
        for metadata, places in tables_by_metadata(files, modules).items()
        if any(place.path.startswith(finder.start) for place in places)
        if (candidate := finder.candidate(metadata, sorted({place.path for place in places}), len(places)))
    ]
    return tuple(sorted(found, key=lambda one: (-one.tables, one.name)))


def closure(path: str, files: Facts, modules: Modules) -> set[str]:
    """The files of the tree that importing one of them executes; a file without facts is not followed."""
    reached: set[str] = set()
    ahead = [path]
    while ahead:
        one = ahead.pop()
        if one in reached:
            continue
        reached.add(one)
        ahead += [inner for inner in packages_around(one) if inner in modules.paths]
        ahead += imported(one, files, modules)
    return reached


def imported(path: str, files: Facts, modules: Modules) -> Iterator[str]:
    """What the import statements of one file lead to."""
    facts = files.get(path)
    if facts is None:
        return
    entries = [entry[1:] for entry in facts["names"].values() if entry[0] == "import"]
    for module, level, name in [*entries, *((module, level, None) for module, level in facts["stars"])]:
        target = modules.resolve(module, level, path)
        if target is None:
            continue
        inner = modules.submodule(target, name) if name else None
        yield from (one for one in (target, inner) if one is not None and one.endswith(".py"))


def packages_around(path: str) -> Iterator[str]:
    """The `__init__.py` files that Python executes before a module."""
    folder = path.rpartition("/")[0]
    while folder:
        yield f"{folder}/__init__.py"
        folder = folder.rpartition("/")[0]


class _Finder:
    def __init__(self, files: Facts, modules: Modules, here: str) -> None:
        self.files = files
        self.modules = modules
        self.project = Project(files, modules)
        self.start = f"{here}/" if here else ""

    def candidate(self, metadata: Metadata, paths: list[str], tables: int) -> Candidate | None:
        has_convention = dict(metadata.convention) != dict(DEFAULT)
        spelled = list(self.spellings(metadata))
        if not spelled:
            return None
        covered = [(self.uncovered(path, paths), path, expression) for path, expression in spelled]
        missing, path, expression = min(covered, key=lambda one: (len(one[0]), one[1].count("/"), one[1]))
        besides = self.besides(missing)
        module, *folders = self.module_of(path) if path in self.modules.paths else (path,)
        others = sorted(self.module_of(one) for one in besides)
        place = metadata.key if ":" in metadata.key else path
        return Candidate(
            module,
            expression,
            tuple(name for name, _ in others),
            tuple(sorted({*folders, *(folder for _, folder in others)})),
            tables,
            place.rpartition(":")[0] if place.count(":") == 2 else place,
            has_convention,
        )

    # How it is called

    def spellings(self, metadata: Metadata) -> Iterator[tuple[str, str]]:
        """(file or foreign module, expression) under which the MetaData can be imported."""
        made_in, colon, _ = metadata.key.partition(":")
        if not colon:
            yield from self.foreign(metadata.key)
            return
        expression = self.expression(made_in, metadata)
        if expression is None:
            return
        yield made_in, expression
        name, packages = expression.partition(".")[0], set(packages_around(made_in))
        for path, facts in self.files.items():
            entry = facts["names"].get(name)
            if path in packages and entry is not None and entry[0] == "import":
                scope = self.project.scope(path)
                if scope is not None and self.means(expression, scope, metadata):
                    yield path, expression

    @staticmethod
    def foreign(key: str) -> Iterator[tuple[str, str]]:
        """A MetaData of an installed package: "sqlmodel.SQLModel.metadata"."""
        module, _, expression = key.rpartition(".")
        module, _, owner = module.rpartition(".")
        if module and "(" not in key:
            yield module, f"{owner}.{expression}"

    def expression(self, path: str, metadata: Metadata) -> str | None:
        """`Base.metadata`, `db.metadata` or `metadata`: what the file calls it first, a class before a bare name."""
        scope = self.project.scope(path)
        if scope is None:
            return None
        names = self.names(path, scope)
        expressions = [*(f"{name}.metadata" for name in names), *names]
        return next((one for one in expressions if self.means(one, scope, metadata)), None)

    def names(self, path: str, scope: Body) -> list[str]:
        """The names that a file defines itself, in its order."""
        own = [name for name, entry in self.files[path]["names"].items() if entry[0] == "here"]
        return sorted(own, key=lambda name: (getattr(scope.definitions.get(name), "lineno", 1 << 30), name))

    @staticmethod
    def means(expression: str, scope: Body, metadata: Metadata) -> bool:
        found = metadata_of(ast.parse(expression, mode="eval").body, scope)
        return found is not None and found.key == metadata.key

    # What must be imported

    def uncovered(self, path: str, wanted: Iterable[str]) -> list[str]:
        if path not in self.modules.paths:
            return list(wanted)
        reached = closure(path, self.files, self.modules)
        return [one for one in wanted if one not in reached]

    def besides(self, missing: list[str]) -> list[str]:
        """The fewest modules that bring the missing files: packages that import several of them come first."""
        packages = {package for one in missing for package in packages_around(one) if package in self.modules.paths}
        chosen: list[str] = []
        rest = set(missing)
        reach = {package: closure(package, self.files, self.modules) for package in packages}
        while rest:
            best = max(sorted(reach), key=lambda one: len(rest & reach[one]), default="")
            if not best or not rest & reach[best]:
                break
            chosen.append(best)
            rest -= reach[best]
        return [*chosen, *sorted(rest)]

    def module_of(self, path: str) -> tuple[str, str]:
        """The dotted name of a file, and the folder that it is imported from."""
        stem = path.removesuffix(".py").removesuffix("/__init__")
        folder = path.rpartition("/")[0]
        if f"{folder}/__init__.py" in self.modules.paths:
            while folder and f"{folder}/__init__.py" in self.modules.paths:
                folder = folder.rpartition("/")[0]
        else:
            folder = self.start.rstrip("/")
            inside = stem[len(self.start) :]
            if inside.startswith("src/"):
                folder = f"{self.start}src"
        name = stem[len(folder) + 1 :] if folder else stem
        return name.replace("/", "."), folder
