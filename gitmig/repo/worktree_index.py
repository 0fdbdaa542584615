"""The worktree as it lies there, in an index of its own: what `git add` would stage, and nothing is staged."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from tempfile import mkdtemp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import Layout

# All that gitmig reads of a project.
READ = ("*.py", "*.ini", "*.toml", "*.mako", ".gitmig/")


@contextmanager
def worktree_as_index(git: Git, layout: Layout) -> Iterator[Git]:
    """A git whose index has the worktree's text of every file that gitmig reads; the real index stays as it is.

    The texts become loose objects that nothing refers to, as after `git stash create`; ignored files stay out.
    """
    folder = mkdtemp(prefix="gitmig-worktree-")
    try:
        index = os.path.join(folder, "index")
        real = git.environment.get("GIT_INDEX_FILE") or os.path.join(layout.git_dir, "index")
        if os.path.isfile(real):
            shutil.copyfile(real, index)
        whole = git.at(layout.top or ".")
        whole.environment = {**whole.environment, "GIT_INDEX_FILE": index}
        whole.top = layout.top
        patterns = [f":(top,glob)**/{pattern}" if not pattern.endswith("/") else f":(top){pattern}" for pattern in READ]
        there = [each for each in patterns if _matches(whole, each)]
        if there:
            whole.run("add", "--all", "--", *there, environment={"GIT_LITERAL_PATHSPECS": None})
        yield whole
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _matches(git: Git, pattern: str) -> bool:
    """`git add` refuses a pattern without a file."""
    listing = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", pattern)
    return bool(git.run(*listing, environment={"GIT_LITERAL_PATHSPECS": None}))
