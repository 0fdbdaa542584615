"""`gitmig undo`: the last change of files and index taken back; `--recover` ends one that was interrupted."""

from __future__ import annotations

import time

from gitmig.apply.pending import require_nothing_pending
from gitmig.apply.undo import recover, undo_last
from gitmig.errors import CLEAN, UsageError
from gitmig.repo.plumbing import Git
from gitmig.repo.refs import open_repository
from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.apply.journal import Operation
    from gitmig.apply.undo import Recovered

_ENDINGS = {
    "old": "taken back: files and index are as they were before",
    "new": "complete: it was finished, only helper files were left",
    "kept": "forgotten: every file stays as it lies now; the bytes from before are kept by refs/gitmig/ops/{number}",
    "dropped": "forgotten: its worktree does not exist any more",
}


def undo(directory: str | None, *, recovering: bool = False, keep: bool = False) -> int:
    """Take back the last operation, or bring an interrupted one to an end; say what was done."""
    if keep and not recovering:
        raise UsageError("--keep says how to end an interrupted operation: use it with --recover")
    git, layout = open_repository(Git(directory))
    if recovering:
        lines = describe_recovery(recover(git, layout, keep=keep))
    else:
        require_nothing_pending(layout.git_dir, layout.common_dir)
        undone, _done = undo_last(git, layout, command="gitmig undo", now=int(time.time()))
        lines = describe_undo(undone)
    for line in lines:
        print(line)
    return CLEAN


def describe_undo(undone: Operation) -> Iterator[str]:
    """What was taken back, path by path."""
    yield f"undone: operation {undone.number}, {_title(undone)}"
    staged = {one.path for one in undone.index}
    for one in undone.files:
        what = "removed" if one.old is None else "restored"
        yield f"  {what:<8} {safe(one.path)}{' (and in the index)' if one.path in staged else ''}"
    for path in sorted(staged - {one.path for one in undone.files}):
        yield f"  unstaged {safe(path)}"


def describe_recovery(recovered: tuple[Recovered, ...]) -> Iterator[str]:
    """How each interrupted operation ended."""
    if not recovered:
        yield "nothing was interrupted here"
    for one in recovered:
        ending = _ENDINGS[one.outcome].format(number=one.operation.number)
        yield f"{_title(one.operation)}: {ending}"
        if one.outcome in ("old", "new"):
            for path in one.operation.paths:
                yield f"  {safe(path)}"


def _title(operation: Operation) -> str:
    return safe(f"{operation.title or 'a change of files'} ({operation.command})")
