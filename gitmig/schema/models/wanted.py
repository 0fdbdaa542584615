"""Which files must be read to know the models of an environment: a pure step, repeated until nothing is new."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from gitmig.source.modules import Modules

NOT_MODELS_WORDS = """
    test tests testing node_modules docs doc site-packages .venv venv .tox .git versions examples example benchmarks
    __pycache__ e2e integration_tests unit_tests
"""
NOT_MODELS = frozenset(NOT_MODELS_WORDS.split())


class Wanted(Frozen):
    """Paths whose facts are needed: `full` for certain, `candidates` only where `may_declare_models(bytes)` holds.

    A candidate that fails the test gets `facts.not_models()`.
    """

    full: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


def wanted(
    modules: Modules,
    files: Mapping[str, dict[str, Any]],
    env_path: str,
    env: dict[str, Any] | None,
    *,
    alone: bool = False,
) -> Wanted:
    """The next files to read; empty when all that the models of `env_path` can need is there.

    `alone` says that no other environment is in the tree: models further away are then those of this one.
    """
    candidates = [path for path in candidate_paths(modules, files, env_path, env, alone=alone) if path not in files]
    closure = _Closure(modules, files)
    if env is not None:
        closure.roots(env_path, env["roots"], env)
    for path, facts in files.items():
        if facts.get("models"):
            closure.roots(path, facts["roots"], facts)
    return Wanted(tuple(sorted(closure.missing)), tuple(sorted(set(candidates) - closure.missing)))


def candidate_paths(
    modules: Modules, files: Mapping[str, dict[str, Any]], env_path: str, env: dict[str, Any] | None, *, alone: bool
) -> list[str]:
    """Files that may declare models of an environment: its packages, or all of its project when env.py names none."""
    versions = env_path.rpartition("/")[0] + "/versions/"
    found: list[str] = []
    for prefixes in _places(modules, env_path, env, alone=alone):
        within = tuple(prefixes) or ("",)
        found = [
            path
            for path in modules.paths
            if path.startswith(within) and is_candidate(path) and not path.startswith(versions)
        ]
        if any(path not in files or files[path].get("models") for path in found):
            break
    return found


def _places(modules: Modules, env_path: str, env: dict[str, Any] | None, *, alone: bool) -> Iterator[list[str]]:
    """Prefixes to look under, and wider ones for when no file there declares models."""
    named = _named(modules, env_path, env)
    around = named or _around(modules, env_path)
    yield around
    while alone and not named and around:
        folder = around[0].rstrip("/").rpartition("/")[0]
        around = [f"{folder}/"] if folder else []
        yield around


def is_candidate(path: str) -> bool:
    """False for tests, revisions and examples, which declare models of their own."""
    *folders, name = path.split("/")
    if name.startswith("test_") or name == "conftest.py" or name.endswith("_test.py"):
        return False
    return NOT_MODELS.isdisjoint(folders)


def _named(modules: Modules, env_path: str, env: dict[str, Any] | None) -> list[str]:
    """Top folders of the packages that env.py imports; none when it imports none of the tree.

    The script location is none of them: `from alembic import context` in `alembic/env.py` means the library.
    """
    own = env_path.rpartition("/")[0] + "/"
    found: set[str] = set()
    for module, level, name in env["imports"] if env is not None else ():
        path = modules.resolve(module, level, env_path)
        if path is None or level or path == own:
            continue
        inner = modules.submodule(path, name) if name else None
        target = inner or path
        stem = target.rpartition("/")[0]
        depth = module.count(".") + (1 if target.endswith("/__init__.py") and not inner else 0)
        top = module.partition(".")[0]
        parts = stem.split("/")
        if top in parts:
            found.add("/".join(parts[: len(parts) - parts[::-1].index(top)]) + "/")
        elif not depth and stem:
            found.add(stem + "/")
        else:
            found.add(stem + "/" if stem else "")
    return sorted(found) if "" not in found else []


def _around(modules: Modules, env_path: str) -> list[str]:
    """The nearest folder above the script location that holds Python files outside of it."""
    folder = env_path.rpartition("/")[0]
    own = folder + "/"
    while folder:
        folder = folder.rpartition("/")[0]
        prefix = folder + "/" if folder else ""
        if any(path.startswith(prefix) and not path.startswith(own) for path in modules.paths):
            return [prefix] if prefix else []
    return []


class _Closure:
    """Follows dotted names through imports to the files that define them."""

    def __init__(self, modules: Modules, files: Mapping[str, dict[str, Any]]) -> None:
        self.modules = modules
        self.files = files
        self.missing: set[str] = set()
        self.seen: set[tuple[str, str]] = set()

    def roots(self, path: str, names: Iterable[str], facts: dict[str, Any]) -> None:
        for name in names:
            self._follow(path, name, facts)

    def _follow(self, path: str, dotted: str, facts: dict[str, Any] | None = None) -> bool:
        if (path, dotted) in self.seen or len(self.seen) > 200_000:
            return True
        self.seen.add((path, dotted))
        if path.endswith("/"):
            return self._inner(path, dotted)
        known = facts if facts is not None else self.files.get(path)
        if known is None or known.get("skipped"):
            self.missing.add(path)
            return True
        if not dotted:
            return True
        name, _, rest = dotted.partition(".")
        entry: Sequence[Any] | None = known["names"].get(name)
        if entry is None:
            if self._inner(path, dotted):
                return True
            found = [self._star(path, star, dotted) for star in known["stars"]]
            return any(found)
        if entry[0] == "here":
            for used in entry[1]:
                self._follow(path, used, facts)
            return True
        _, module, level, imported = entry
        target = self.modules.resolve(module, level, path)
        if target is None:
            return True
        following = ".".join(part for part in (imported, rest) if part)
        return self._follow(target, following) if following else True

    def _inner(self, path: str, dotted: str) -> bool:
        """A module inside a package: the rest of the name is looked up there."""
        name, _, rest = dotted.partition(".")
        inner = self.modules.submodule(path, name)
        if inner is None:
            return False
        return self._follow(inner, rest) if rest else self._follow(inner, "")

    def _star(self, path: str, star: Sequence[Any], dotted: str) -> bool:
        target = self.modules.resolve(star[0], star[1], path)
        return self._follow(target, dotted) if target is not None else False
