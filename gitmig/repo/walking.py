"""Commits with what each of them changes: one `git log`, read as it comes."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.repo.objects import parse_raw
from gitmig.trees.entries import Changed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitmig.repo.plumbing import Conversation, Git

_CHUNK = 1 << 16
# log.showRoot may be off, and then the first state would seem empty.
_LOG = (
    *("-c", "log.showRoot=true", "log", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-notes"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--encoding=UTF-8"),
)
_FORMAT = "--format=%H %ct %x02%aN%x02%s"


class State(Frozen):
    """One commit and its difference from the one before, or from one of its parents; `time` is the committer's."""

    commit: str
    time: int
    author: str
    subject: str
    changes: tuple[Changed, ...]


def count_states(git: Git, tip: str, base: str = "") -> int:
    """How many commits the walk will have."""
    return int(git.run("rev-list", "--first-parent", "--count", tip, *([f"^{base}"] if base else []), "--"))


def walk_states(git: Git, tip: str, base: str = "", keep: Callable[[str], bool] = bool) -> Iterator[State]:
    """Every state from `base` (not itself; "" is the beginning) to `tip`; of the changes only paths that `keep` wants.

    Commits are object ids.  History that a shallow clone cut off begins with everything added.
    """
    log = git.converse(*_LOG, "--first-parent", "--reverse", _FORMAT, tip, *([f"^{base}"] if base else []), "--")
    try:
        yield from _states(_fields(log), keep)
    finally:
        status = log.end()
    if status != 0:
        from gitmig.repo.failures import explain

        raise explain(("log",), status, log.errors, git)


def walk_everything(
    git: Git, folders: Sequence[str], within: str = "", keep: Callable[[str], bool] = bool
) -> Iterator[State]:
    """Every commit that a ref or a reflog names, or only the history of `within`, the newest first.

    A merge comes once for each parent.  What git cannot walk is left out: a branch without a commit, a cut-off history.
    """
    sides = [within] if within else ["--all", "--reflog", "HEAD"]
    answer = git.ask(*_LOG, "--date-order", _FORMAT, *sides, "--", *folders)
    yield from _states(iter(answer.output.split(b"\0")), keep)


def _fields(log: Conversation) -> Iterator[bytes]:
    """What stands between null bytes."""
    rest = b""
    while part := log.answers.read(_CHUNK):
        *whole, rest = (rest + part).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _states(fields: Iterator[bytes], keep: Callable[[str], bool]) -> Iterator[State]:
    """A field that starts with a colon is a change and its path follows, whatever it says; any other is a commit."""
    head: bytes = b""
    changes: list[Changed] = []
    for field in (one.lstrip(b"\n") for one in fields):
        if field.startswith(b":"):
            path = next(fields)
            if keep(path.decode("utf-8", "surrogateescape")) or b" 120000 " in field or field.startswith(b":120000"):
                changes += parse_raw(field + b"\0" + path + b"\0")[0]
        elif field:
            if head:
                yield _state(head, changes)
            head, changes = field, []
    if head:
        yield _state(head, changes)


def _state(head: bytes, changes: list[Changed]) -> State:
    ids, author, subject, *_ = *head.decode("utf-8", "replace").split("\x02", 2), "", ""
    commit, time = ids.split()
    return State(commit, int(time), author, subject, tuple(changes))
