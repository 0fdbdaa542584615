"""One open repository: the git that answers for it, its layout, its objects."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.repo.objects import Objects
from gitmig.repo.plumbing import Git
from gitmig.repo.refs import Layout, open_repository


class Repository(Frozen):
    """What reading commands pass around; close `objects` when done."""

    git: Git
    layout: Layout
    objects: Objects


def open_at(directory: str | None, *, limit: int = 1 << 20, verify: bool = False) -> Repository:
    """The repository that a directory (None: where the process stands) belongs to."""
    git, layout = open_repository(Git(directory))
    return Repository(git, layout, Objects(git, limit=limit, verify=verify))
