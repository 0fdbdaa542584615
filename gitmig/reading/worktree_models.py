"""The models as they lie in the worktree, added or not: which MetaData there is before any environment names one."""

from __future__ import annotations

from gitmig.repo.worktree import Worktree
from gitmig.schema.models.facts import extract, may_declare_models, not_models
from gitmig.schema.models.wanted import wanted
from gitmig.setup.candidates import closure, find_candidates
from gitmig.source.modules import Modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gitmig.repo.plumbing import Git
    from gitmig.setup.candidates import Candidate

ROUNDS = 40


def list_worktree(git: Git, top: str) -> tuple[str, ...]:
    """Files of the worktree that are tracked or could be: what Git ignores is left out."""
    answer = git.at(top).run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return tuple(sorted({path for path in answer.decode("utf-8", "surrogateescape").split("\0") if path}))


def read_candidates(top: str, paths: Iterable[str], here: str, *, limit: int) -> tuple[Candidate, ...]:
    """Every MetaData of the worktree that has tables beneath the folder `here`."""
    reader = _Reader(Worktree(top, limit=limit))
    start = f"{here}/" if here else ""
    modules = Modules(path for path in paths if path.endswith(".py") and path.startswith(start))
    for _ in range(ROUNDS):
        asked = wanted(modules, reader.files, f"{start}env.py", None)
        if not asked.full and not asked.candidates:
            break
        reader.read_whole(asked.full)
        reader.read_candidates(asked.candidates)
    models = [path for path, facts in reader.files.items() if facts["models"]]
    for _ in range(ROUNDS):
        around = {f"{folder}/__init__.py" for path in models for folder in folders_above(path)}
        reached = {one for path in (*models, *around) for one in closure(path, reader.files, modules)}
        if not reader.read_whole(sorted(reached & modules.paths)):
            break
    return find_candidates(reader.files, modules, here)


def folders_above(path: str) -> Iterable[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


class _Reader:
    """Facts by path; what cannot be read counts as a file without anything."""

    def __init__(self, worktree: Worktree) -> None:
        self.worktree = worktree
        self.files: dict[str, dict[str, Any]] = {}
        self.whole: set[str] = set()

    def read_whole(self, paths: Iterable[str]) -> int:
        """How many of them were not read before."""
        fresh = [path for path in paths if path not in self.whole]
        for path, content in self.contents(fresh).items():
            self.files[path] = extract(content)
        self.whole.update(fresh)
        return len(fresh)

    def read_candidates(self, paths: Iterable[str]) -> None:
        for path, content in self.contents(path for path in paths if path not in self.files).items():
            self.files[path] = extract(content) if may_declare_models(content) else not_models()

    def contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        wanted = list(paths)
        found = self.worktree.read(wanted)
        texts = {path: file.content for path, file in found.items()}
        return {path: text if isinstance(text := texts.get(path), bytes) else b"" for path in wanted}
