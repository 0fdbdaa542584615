"""What gitmig did to files and index, on disk: the journal of the operation under way, and the log of those done.

Both lie in the common Git directory, where neither `git clean` nor `git stash` reaches: `gitmig/pending/` has the
journal of each worktree, `gitmig/ops/<n>.json` the log.  The bytes before and after are Git blobs which
`refs/gitmig/ops/<n>` keeps from being collected.
"""

from __future__ import annotations

import json
import os

from gitmig.apply.beneath import Beneath, is_temporary
from gitmig.apply.pending import pending_name, worktree_name
from gitmig.apply.staging import DURABLE, Stage, require_success
from gitmig.errors import EnvironmentProblem
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gitmig.apply.staging import Stages
    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import Layout

FORMAT = 1
KEPT_OPERATIONS = 200
KEPT_SECONDS = 90 * 24 * 3600
_OPS, _PENDING = "gitmig/ops", "gitmig/pending"


class State(Frozen):
    """A file: the blob of its bytes as they lie on disk, and its permission bits."""

    oid: str
    permissions: int


class FileChange(Frozen):
    """One file before and after; None where there is none.

    `temporary` is the path at which the new bytes wait, `backup` the path that keeps the old file until the end.
    """

    path: str
    old: State | None
    new: State | None
    temporary: str = ""
    backup: str = ""


class IndexChange(Frozen):
    """The entries of one path before and after; () where there is none."""

    path: str
    old: Stages
    new: Stages


class Operation(Frozen):
    """One change, whole.  `when` is in seconds since 1970, `undoes` the number of the operation that it took back.

    `worktree` is the name of `worktree_name`, `index_file` is relative to the worktree's Git directory, `folders` are
    those it made.  `outcome` is "done", or "kept" when an interrupted operation was left as it lay.
    """

    number: int
    token: str
    command: str
    title: str
    when: int
    worktree: str
    files: tuple[FileChange, ...]
    index: tuple[IndexChange, ...] = ()
    index_file: str = ""
    folders: tuple[str, ...] = ()
    undoes: int = 0
    outcome: str = "done"

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted({one.path for one in self.files} | {one.path for one in self.index}))


class Log:
    """Journal and log of one repository; the lock must be held by whoever writes."""

    def __init__(self, git: Beneath, layout: Layout) -> None:
        self.files = git
        self.layout = layout
        self.worktree = worktree_name(layout.git_dir, layout.common_dir)
        self.pending_path = pending_name(layout.git_dir, layout.common_dir)

    # The journal

    def pending(self) -> Operation | None:
        """The operation that was interrupted in this worktree."""
        return self._read(self.pending_path)

    def pending_elsewhere(self) -> dict[str, Operation]:
        """Journals of other worktrees, by path."""
        paths = [f"{_PENDING}/{name}" for name in self.files.names(_PENDING) if name.endswith(".json")]
        found = {path: self._read(path) for path in paths if path != self.pending_path}
        return {path: operation for path, operation in found.items() if operation is not None}

    def begin(self, operation: Operation) -> None:
        """From here on a crash is known of."""
        for folder in ("gitmig", _OPS, _PENDING):
            self.files.make_folder(folder)
        mark = _mark(operation.worktree)
        if mark and self.files.folder(mark.rpartition("/")[0]) is not None:
            self.files.replace(mark, operation.token.encode())
        self.files.replace(self.pending_path, to_json(operation))

    def end(self, path: str = "") -> None:
        """The operation is over."""
        path = path or self.pending_path
        self.files.remove(path)
        self.files.sync_folders()
        mark = _mark(path.rpartition("/")[2].removesuffix(".json"))
        if mark:
            self.files.remove(mark)

    def is_of_this_worktree(self, operation: Operation) -> bool:
        """A worktree that was removed and made again has the same name; the mark in its Git directory went with it."""
        mark = _mark(operation.worktree)
        if not mark:
            return True
        found = self.files.read(mark)
        return found is not None and found.content == operation.token.encode()

    def sweep(self) -> None:
        """Temporary files that a crash left in our own folders."""
        for folder in ("gitmig", _OPS, _PENDING):
            for name in self.files.names(folder):
                if is_temporary(name):
                    self.files.remove(f"{folder}/{name}")

    # The log

    def numbers(self) -> list[int]:
        """Operations in the log, the oldest first."""
        names = (name.removesuffix(".json") for name in self.files.names(_OPS) if name.endswith(".json"))
        return sorted(int(name) for name in names if name.isdigit())

    def next_number(self) -> int:
        waiting = [one.number for one in self.pending_elsewhere().values()]
        return max([0, *self.numbers(), *waiting]) + 1

    def operation(self, number: int) -> Operation | None:
        return self._read(f"{_OPS}/{number}.json")

    def add(self, operation: Operation) -> None:
        """The operation is done once this is on disk."""
        self.files.replace(f"{_OPS}/{operation.number}.json", to_json(operation))

    def has(self, operation: Operation) -> bool:
        there = self.operation(operation.number)
        return there is not None and there.token == operation.token

    def prune(self, git: Git, now: int) -> None:
        """Forget what is older than 90 days or beyond the last 200, and pins without an operation."""
        numbers = self.numbers()
        for number in numbers:
            operation = self.operation(number)
            old = operation is not None and operation.when < now - KEPT_SECONDS
            if old or number <= numbers[-1] - KEPT_OPERATIONS:
                self.files.remove(f"{_OPS}/{number}.json")
        self.files.sync_folders()
        wanted = {pin_name(number) for number in self.numbers()}
        wanted.update(pin_name(one.number) for one in self.pending_elsewhere().values())
        listed = git.run("for-each-ref", "--format=%(refname)", "refs/gitmig/ops/").decode("ascii", "replace").split()
        surplus = [name for name in listed if name not in wanted]
        if surplus:
            git.ask(*DURABLE, "update-ref", "--no-deref", "--stdin", "-z", input=_deletions(surplus))

    def _read(self, path: str) -> Operation | None:
        found = self.files.read(path)
        if found is None:
            return None
        try:
            return from_json(found.content)
        except (ValueError, KeyError, TypeError) as error:
            raise EnvironmentProblem(
                f"cannot read gitmig's journal: {os.path.join(self.files.top, path)}",
                note=f"it is damaged, or a newer gitmig wrote it ({type(error).__name__})",
            ) from None


def _mark(worktree: str) -> str:
    """Path of the file that ties a journal to a linked worktree; "" for the first worktree, which cannot go away."""
    name = worktree.removeprefix("worktree-")
    return "" if name == worktree else f"worktrees/{name}/gitmig-pending"


def pin_name(number: int) -> str:
    return f"refs/gitmig/ops/{number}"


def pin(git: Git, files: Beneath, number: int, oids: Iterable[str]) -> None:
    """A tree of these blobs, kept by `refs/gitmig/ops/<number>`; a tree, so that `git log --all` never shows it."""
    lines = "".join(f"100644 blob {oid}\t{oid}\n" for oid in sorted(set(oids)))
    made = git.ask(*DURABLE, "mktree", input=lines.encode("ascii"))
    require_success("mktree", made.status, made.errors)
    answer = git.ask(*DURABLE, "update-ref", "--no-deref", pin_name(number), made.output.decode("ascii").strip())
    if answer.status < 0:  # a git that was killed leaves its lock; this one was our child, in our part of the refs
        files.remove(f"{pin_name(number)}.lock")
    require_success("update-ref", answer.status, answer.errors)


def _deletions(names: Iterable[str]) -> bytes:
    return "".join(f"delete {name}\0\0" for name in names).encode("ascii")


# JSON


def to_json(operation: Operation) -> bytes:
    """One document in ASCII; bytes of a path that are no UTF-8 are lone surrogates."""
    value: dict[str, Any] = {"format": FORMAT}
    value.update({name: getattr(operation, name) for name in _PLAIN})
    value["folders"] = list(operation.folders)
    value["files"] = [
        {
            "path": one.path,
            "old": _state_value(one.old),
            "new": _state_value(one.new),
            "temporary": one.temporary,
            "backup": one.backup,
        }
        for one in operation.files
    ]
    value["index"] = [
        {"path": one.path, "old": _stages_value(one.old), "new": _stages_value(one.new)} for one in operation.index
    ]
    return json.dumps(value, indent=1).encode("ascii") + b"\n"


def from_json(content: bytes) -> Operation:
    """ValueError, KeyError or TypeError for anything that `to_json` did not write."""
    value = json.loads(content)
    if value["format"] != FORMAT:
        raise ValueError(f"format {value['format']}")
    files = tuple(
        FileChange(one["path"], _state(one["old"]), _state(one["new"]), one["temporary"], one["backup"])
        for one in value["files"]
    )
    index = tuple(IndexChange(one["path"], _stages(one["old"]), _stages(one["new"])) for one in value["index"])
    plain = {name: value[name] for name in _PLAIN}
    return Operation(**plain, files=files, index=index, folders=tuple(value["folders"]))


_PLAIN = (
    "number",
    "token",
    "command",
    "title",
    "when",
    "worktree",
    "index_file",
    "undoes",
    "outcome",
)


def _state_value(state: State | None) -> dict[str, Any] | None:
    return None if state is None else {"oid": state.oid, "permissions": f"{state.permissions:04o}"}


def _state(value: dict[str, Any] | None) -> State | None:
    return None if value is None else State(value["oid"], int(value["permissions"], 8))


def _stages_value(stages: Stages) -> list[list[Any]]:
    return [[one.number, one.mode, one.oid] for one in stages]


def _stages(value: list[list[Any]]) -> Stages:
    return tuple(Stage(number, mode, oid) for number, mode, oid in value)
