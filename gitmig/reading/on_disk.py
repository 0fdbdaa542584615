"""A project as it lies on disk, with or without Git: commands that run Alembic see the files that Alembic will load."""

from __future__ import annotations

import os

from gitmig.config import CONFIG_FILES, build_config, settings_of_files
from gitmig.environments.discovery import discover, wanted
from gitmig.frozen import Frozen
from gitmig.repo.digests import hash_bytes
from gitmig.repo.worktree import Worktree
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.parsing import parse_header
from gitmig.revisions.revision import Revision, revision_of
from gitmig.trees.entries import EXECUTABLE, REGULAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gitmig.config import Config, Settings
    from gitmig.environments.environment import Discovery, Environment

# Folders that hold no environment of the project's own, and of which some have a hundred thousand files.
NOT_ENTERED = frozenset(
    (".git", ".hg", ".venv", "venv", ".tox", ".nox", "node_modules", "site-packages", "__pycache__", "__pypackages__")
)


class Scripts(Frozen):
    """The revision files of one environment: values by id in the order of their paths, their texts by path."""

    graph: RevisionGraph
    revisions: Mapping[str, Revision]
    texts: Mapping[str, bytes]
    unreadable: tuple[str, ...] = ()


class Disk:
    """The files beneath `top`, an absolute path; `limit` is the largest file in bytes."""

    def __init__(self, top: str, *, limit: int = 1 << 20) -> None:
        self.top = top
        self.files = Worktree(top, limit=limit)

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Texts of the regular files among these paths."""
        found = self.files.read(paths)
        return {
            path: file.content
            for path, file in found.items()
            if file.mode in (REGULAR, EXECUTABLE) and isinstance(file.content, bytes)
        }

    def config(self, own: Sequence[Settings] = ()) -> Config:
        return build_config(*own, settings_of_files(self.read(CONFIG_FILES)))

    def discover(self, config: Config, versions: Sequence[str] = ()) -> Discovery:
        """The environments of the folder; those of vendored packages are not looked at."""
        paths = list(walk(self.top))
        return discover(paths, self.read(wanted(paths, config.environments)), config.environments, versions)

    def scripts(self, environment: Environment) -> Scripts:
        """Its revision files as Alembic would load them."""
        listed = self.files.listing(environment.versions)
        texts = self.read(path for path in listed if environment.holds(path))
        revisions: dict[str, Revision] = {}
        nodes, unreadable = [], []
        for path, text in texts.items():
            revision = revision_of(parse_header(text), path, hash_bytes(text))
            if not revision.is_revision:
                continue
            if not revision.id or revision.problems:
                unreadable.append(path)
            if revision.id:
                nodes.append(revision.node)
                revisions.setdefault(revision.id, revision)
        return Scripts(RevisionGraph(nodes), revisions, texts, tuple(unreadable))


def walk(top: str) -> Iterator[str]:
    """Paths from `top`; links to folders are leaves, as in Git."""
    ahead = [""]
    while ahead:
        folder = ahead.pop()
        try:
            entries = sorted(os.scandir(os.path.join(top, folder)), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield path
            elif entry.name not in NOT_ENTERED:
                ahead.append(path)
