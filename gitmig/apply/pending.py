"""Whether an interrupted operation waits in this worktree: one `stat` in the usual case, so every command can ask."""

from __future__ import annotations

import os

from gitmig.errors import EnvironmentProblem, OperationPending
from gitmig.findings import Help


def pending_name(git_dir: str, common_dir: str) -> str:
    """Path of this worktree's journal beneath the common Git directory."""
    return f"gitmig/pending/{worktree_name(git_dir, common_dir)}.json"


def worktree_name(git_dir: str, common_dir: str) -> str:
    """`worktree` for the first one, `worktree-<id>` for a linked one: the same when the repository is moved."""
    if os.path.realpath(git_dir) == os.path.realpath(common_dir):
        return "worktree"
    return f"worktree-{os.path.basename(git_dir.rstrip('/'))}"


def require_nothing_pending(git_dir: str, common_dir: str, *, patience: float = 5.0) -> None:
    """OperationPending (exit 5) when an operation was interrupted here.

    While another gitmig is still at it, wait; EnvironmentProblem (exit 4) when it does not end.
    """
    path = os.path.join(common_dir, pending_name(git_dir, common_dir))
    if not os.path.lexists(path):
        return
    from gitmig.apply.locking import is_held, wait_until

    try:
        wait_until(lambda: not (os.path.lexists(path) and is_held(common_dir)), patience, "gitmig is at work here")
    except EnvironmentProblem:
        if os.path.lexists(path):
            raise
    if os.path.lexists(path):
        raise pending_problem(path)


def pending_problem(path: str) -> OperationPending:
    return OperationPending(
        "an interrupted operation of gitmig waits to be finished or taken back",
        note=f"its journal is {path}",
        help=(Help("bring files and index back to one state", ("gitmig undo --recover",)),),
    )
