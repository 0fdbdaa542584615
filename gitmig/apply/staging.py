"""The index changed at some paths and nowhere else, under Git's own lock.

Git's protocol: whoever makes `index.lock` may replace `index`.  We hold that lock from the first renamed file to the
last, so no commit can see half of a plan.  The new index is made by one `git update-index` on a copy, read again,
compared, and renamed into place.  The lock's content names the operation, so that after a crash it can be told from
anybody else's.
"""

from __future__ import annotations

import os

from gitmig.apply.beneath import Beneath
from gitmig.apply.locking import PATIENCE, wait_until
from gitmig.errors import EnvironmentProblem, Refused
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from gitmig.apply.beneath import Disk
    from gitmig.repo.plumbing import Git

    Stages: TypeAlias = tuple["Stage", ...]

# Git does not make objects and the index durable by default.  Hooks of the user must not run in the middle.
DURABLE = (
    "-c", "core.fsync=all",
    "-c", "core.fsyncObjectFiles=true",  # git before 2.36
    "-c", "core.hooksPath=/dev/null",
)  # fmt: skip
EMPTY_BLOBS = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)


class Stage(Frozen):
    """One index entry: 0, or of a path in conflict 1 before, 2 the side of HEAD, 3 the other."""

    number: int
    mode: str
    oid: str


class IndexFile:
    """The index of one worktree; `token` tells our lock from others."""

    def __init__(self, git: Git, path: str, token: str, disk: Disk) -> None:
        self.git = git
        self.path = os.path.realpath(path)  # Git resolves a linked index before it locks it
        self.name = os.path.basename(self.path)
        self.token = token
        self._files = Beneath(os.path.dirname(self.path), disk)
        self._copy = f"{self.name}.gitmig-{token}"
        self._old = f"{self._copy}.old"
        self._lock = f"{self.name}.lock"
        self._marker = f"{self._copy}.mark"

    def close(self) -> None:
        self._files.close()

    def read(self) -> dict[str, Stages]:
        """Every path of the index."""
        return self._listing(self.path)[0]

    # The lock

    def lock(self, patience: float = PATIENCE) -> None:
        """Take Git's lock; EnvironmentProblem while another program keeps it."""
        where = os.path.join(self._files.top, self._lock)
        self._files.remove(self._marker)
        self._files.create(self._marker, self._signature())
        wait_until(
            self._try_lock,
            patience,
            f"the index is locked by another program: {where}",
            (Help("wait for it; remove the file only when no git runs any more", (f"rm -- {shell_word(where)}",)),),
        )

    def is_ours(self) -> bool:
        """Whether the lock that lies there was made by this operation."""
        try:
            found = self._files.read(self._lock)
        except Refused:
            return False
        return found is not None and found.content == self._signature()

    def _try_lock(self) -> bool:
        """The lock appears with its content in it: an empty one could not be told from another program's."""
        try:
            if not self._files.link(self._marker, self._lock):
                self._files.create(self._lock, self._signature())
        except FileExistsError:
            return self.is_ours()
        self._files.remove(self._marker)
        return True

    def _signature(self) -> bytes:
        return f"gitmig {self.token}\n".encode()

    # Changing it

    def prepare(self, wanted: Mapping[str, Stages]) -> None:
        """The copy with these entries; EnvironmentProblem unless Git made exactly that of it."""
        self._copy_index()
        before, flagged = self._listing(self._copy)
        refuse_flags(flagged, wanted)
        self._refuse_intentions(wanted, before)
        answer = self.git.ask(
            *DURABLE,
            "update-index",
            "-z",
            "--index-info",
            input=_index_info(wanted, before),
            environment={"GIT_INDEX_FILE": self._full(self._copy)},
        )
        require_success("update-index", answer.status, answer.errors)
        expected = {path: stages for path, stages in {**before, **wanted}.items() if stages}
        if self._listing(self._copy)[0] != expected:
            raise EnvironmentProblem(
                "git did not stage what the plan says", note="nothing was changed; a path may be one that git ignores"
            )
        self._files.sync_file(self._copy)

    def _refuse_intentions(self, wanted: Mapping[str, Stages], before: Mapping[str, Stages]) -> None:
        """`git add --intent-to-add` leaves an entry that looks like an empty file and that nobody could put back."""
        empty = [path for path in sorted(wanted) if any(stage.oid in EMPTY_BLOBS for stage in before.get(path, ()))]
        if not empty:
            return
        found = self.git.run(
            "diff-files",
            "-z",
            "--raw",
            "--no-renames",
            "--",
            *empty,
            environment={"GIT_INDEX_FILE": self._full(self._copy)},
        )
        fields = found.decode("utf-8", "surrogateescape").split("\0")
        for head, path in zip(fields[::2], fields[1::2], strict=False):
            if head.endswith(" A"):
                raise Refused(
                    f"{path} is only intended to be added",
                    help=(Help("add it", (f"git add -- {shell_word(path)}",)),),
                )

    def keep_old(self) -> None:
        """The index as it is stays at hand, to be put back without asking the disk for room."""
        self._files.remove(self._old)
        try:
            if not self._files.link(self.name, self._old):
                self._old_by_copying()
        except FileNotFoundError:
            return  # a repository without an index, before its first `git add`

    def publish(self) -> None:
        """The copy becomes the index."""
        self._files.rename(self._copy, self.name)
        self._files.sync_folders()

    def put_back(self) -> bool:
        """The index that `keep_old` kept is the index again; False where there is none."""
        if self._files.stamp(self._old) is None:
            return False
        self._files.rename(self._old, self.name)
        return True

    def clean(self) -> None:
        """Nothing of this operation is left beside the index; the lock goes last, and only if it is ours."""
        for name in (self._copy, f"{self._copy}.lock", self._old, self._marker):
            self._files.remove(name)
        self._files.sync_folders()
        if self.is_ours():
            self._files.remove(self._lock)
            self._files.sync_folders()

    def _copy_index(self) -> None:
        for name in (self._copy, f"{self._copy}.lock"):
            self._files.remove(name)
        found = self._files.read(self.name)
        if found is not None:
            self._files.create(self._copy, found.content, found.permissions)

    def _old_by_copying(self) -> None:
        found = self._files.read(self.name)
        if found is not None:
            self._files.create(self._old, found.content, found.permissions)

    def _listing(self, name: str) -> tuple[dict[str, Stages], dict[str, str]]:
        """Entries by path, and the tags of entries that carry a flag (`h` assume-unchanged, `S` skip-worktree)."""
        output = self.git.run(
            "ls-files", "-z", "-s", "-v", "--full-name", "--", environment={"GIT_INDEX_FILE": self._full(name)}
        )
        found: dict[str, Stages] = {}
        flagged: dict[str, str] = {}
        for line in output.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            head, _, path = line.partition("\t")
            tag, mode, oid, number = head.split(" ")
            found[path] = (*found.get(path, ()), Stage(int(number), mode, oid))
            if tag not in ("H", "M"):
                flagged[path] = tag
        return found, flagged

    def _full(self, name: str) -> str:
        return os.path.join(self._files.top, name)


def refuse_flags(flagged: Mapping[str, str], wanted: Mapping[str, Stages]) -> None:
    """An entry with a flag would lose it."""
    for path in sorted(set(flagged) & set(wanted)):
        word = shell_word(path)
        if flagged[path] in ("S", "s"):
            raise Refused(
                f"{path} is outside the sparse checkout",
                help=(Help("take it in", (f"git sparse-checkout add -- {shell_word(os.path.dirname(path) or '.')}",)),),
            )
        raise Refused(
            f"{path} is marked assume-unchanged",
            note="Git does not look at such a file, and the mark would be lost",
            help=(Help("take the mark away", (f"git update-index --no-assume-unchanged -- {word}",)),),
        )


def describe(stages: Stages) -> str:
    """Stages as a plan expects them: "absent", a blob id, or `1:ID 2:ID 3:ID`."""
    if not stages:
        return "absent"
    if len(stages) == 1 and stages[0].number == 0:
        return stages[0].oid
    return " ".join(f"{one.number}:{one.oid}" for one in sorted(stages, key=lambda one: one.number))


def require_success(command: str, status: int, errors: bytes) -> None:
    """EnvironmentProblem with git's own words when a git command failed."""
    if status == 0:
        return
    said = errors.decode("utf-8", "replace").strip().splitlines()
    fatal = next((line for line in said if line.startswith("fatal:")), said[-1] if said else "it said nothing")
    how = f"was killed by signal {-status}" if status < 0 else f"failed: {fatal.removeprefix('fatal: ')}"
    raise EnvironmentProblem(f"git {command} {how}", note="nothing was changed")


def _index_info(wanted: Mapping[str, Stages], before: Mapping[str, Stages]) -> bytes:
    """Each path is taken out first: an entry of a conflict may not stand beside a settled one."""
    lines = []
    for path, stages in sorted(wanted.items()):
        if not stages and path not in before:
            continue
        width = len(next((one.oid for one in (*stages, *before.get(path, ()))), "0" * 40))
        lines.append(f"0 {'0' * width}\t{path}\0")
        lines += [f"{one.mode} {one.oid} {one.number}\t{path}\0" for one in stages]
    return "".join(lines).encode("utf-8", "surrogateescape")
