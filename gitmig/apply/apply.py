"""A plan carried out, whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager

from gitmig.apply.beneath import Beneath, Disk, explain_os_error, require_allowed
from gitmig.apply.journal import FileChange, IndexChange, Log, Operation, State
from gitmig.apply.locking import PATIENCE, hold
from gitmig.apply.pending import pending_problem
from gitmig.apply.staging import IndexFile, Stage, describe
from gitmig.apply.transaction import ChangedMeanwhile, Place, carry_out, new_token, write_blob
from gitmig.errors import EnvironmentProblem, Refused
from gitmig.findings import Help
from gitmig.plan import ABSENT, find_effects
from gitmig.trees.entries import EXECUTABLE, REGULAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gitmig.apply.beneath import Found
    from gitmig.apply.staging import Stages
    from gitmig.plan import Effect, Plan
    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import Layout

_DISK = Disk()


def apply_plan(
    git: Git,
    layout: Layout,
    plan: Plan,
    *,
    command: str,
    allowed: Sequence[str],
    now: int,
    patience: float = PATIENCE,
    disk: Disk = _DISK,
) -> Operation:
    """Carry out a plan in the worktree and log it; what was done is returned.

    `git` and `layout` are those of `open_repository`; `allowed` are the paths that may be written, and folders beneath
    which any may; `command` is what the user typed, for the log; `now` is in seconds since 1970.

    Nothing is changed when it raises: Refused for paths that must not be written, ChangedMeanwhile (exit 4) when
    something is not what the plan expects, EnvironmentProblem for locks and disks.  Only OperationPending means that
    `recover` is needed.
    """
    effects = find_effects(plan)
    require_allowed(effects, allowed)
    with open_place(git, layout, patience=patience, disk=disk) as place:
        read = {path: place.worktree.read(path) for path in effects}
        for path, effect in effects.items():
            _require_expected(place, effect, read[path])
        index_file = find_index(git, layout) if any(effect.staged for effect in effects.values()) else ""
        entries = _read_index(place, index_file, effects)
        contents: dict[str, bytes] = {}
        index = tuple(_index_changes(place, effects, read, entries))
        stored = {stage.oid for one in index for stage in (*one.old, *one.new)}
        operation = Operation(
            number=0,
            token=new_token(),
            command=command,
            title=plan.title,
            when=now,
            worktree=place.log.worktree,
            files=tuple(_file_changes(place, effects, read, contents, stored)),
            index=index,
            index_file=index_file,
        )
        return finish(place, operation, contents, read, now)


@contextmanager
def open_place(git: Git, layout: Layout, *, patience: float, disk: Disk, recovering: bool = False) -> Iterator[Place]:
    """The lock of the repository, its log, and the worktree; OperationPending when recovery must come first."""
    if layout.top is None:
        raise EnvironmentProblem(
            "there is no worktree to write to", help=(Help("print the change instead", ("gitmig resolve --dry-run",)),)
        )
    with hold(layout.common_dir, disk, patience=patience) as files:
        log = Log(files, layout)
        if not recovering and os.path.lexists(os.path.join(layout.common_dir, log.pending_path)):
            raise pending_problem(os.path.join(layout.common_dir, log.pending_path))
        try:
            log.sweep()
            worktree = Beneath(layout.top, disk, worktree=True)
        except OSError as error:
            raise explain_os_error(error, "open the repository for writing") from None
        with worktree:
            try:
                yield Place(git, log, worktree, disk, patience)
            except OSError as error:
                raise explain_os_error(error, "read or write the files of the plan") from None


def finish(
    place: Place, operation: Operation, contents: Mapping[str, bytes], read: Mapping[str, Found | None], now: int
) -> Operation:
    """Carry an operation out; one that changes nothing is not logged and has the number 0."""
    if not operation.files and not operation.index:
        return operation
    found = {path: one for path, one in read.items() if one is not None}
    done = carry_out(place, operation, contents, found)
    try:
        place.log.prune(place.git, now)
    except (OSError, EnvironmentProblem):  # the operation is done; the next one prunes
        return done
    return done


def find_index(git: Git, layout: Layout) -> str:
    """The index that Git uses here, relative to its directory; EnvironmentProblem inside `git commit -a`, where it is
    a lock file."""
    named = git.environment.get("GIT_INDEX_FILE") or os.path.join(layout.git_dir, "index")
    path = os.path.join(layout.top or "", named)
    if path.endswith(".lock"):
        raise EnvironmentProblem(
            "a commit is being made; nothing can be staged in the middle of it",
            help=(Help("run the command when it has ended"),),
        )
    inside = os.path.relpath(path, layout.git_dir)
    return path if inside.startswith("..") else inside


def open_index(place: Place, index_file: str) -> IndexFile:
    """The index for reading."""
    return IndexFile(place.git, os.path.join(place.log.layout.git_dir, index_file), new_token(), place.disk)


def permissions_of(mode: str, there: Found | None) -> int:
    """Permission bits of a file: those it has, executable or not as Git's mode says; else what umask leaves."""
    if there is None:
        bits = 0o666 & ~_umask()
        mode = mode or REGULAR
    else:
        bits = there.permissions
    if mode == EXECUTABLE:
        return bits | (bits & 0o444) >> 2
    return bits & ~0o111 if mode == REGULAR else bits


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# What is expected


def _require_expected(place: Place, effect: Effect, found: Found | None) -> None:
    expected = effect.expected.worktree
    if not expected:
        if effect.touched:
            raise ValueError(f"the plan does not say what it expects at {effect.path!r}")
        return
    there = ABSENT if found is None else place.oid(found.content)
    if there == expected:
        return
    what = "is gone" if found is None else "appeared" if expected == ABSENT else "changed"
    raise ChangedMeanwhile(f"{effect.path} {what} since the plan was made", note="nothing was changed", help=_AGAIN)


def _read_index(place: Place, index_file: str, effects: Mapping[str, Effect]) -> dict[str, Stages]:
    """The index's entries, those of the plan being what it expects."""
    if not index_file:
        return {}
    index = open_index(place, index_file)
    try:
        entries = index.read()
    finally:
        index.close()
    for path, effect in effects.items():
        if not effect.staged:
            continue
        if not effect.expected.index:
            raise ValueError(f"the plan does not say what it expects in the index at {path!r}")
        if describe(entries.get(path, ())) != effect.expected.index:
            raise ChangedMeanwhile(
                f"{path} was staged anew since the plan was made", note="nothing was changed", help=_AGAIN
            )
    return entries


_AGAIN = (Help("run the command again; it looks at what is there now"),)


# What changes


def _file_changes(
    place: Place,
    effects: Mapping[str, Effect],
    read: Mapping[str, Found | None],
    contents: dict[str, bytes],
    stored: set[str],
) -> Iterator[FileChange]:
    """`contents` takes the new bytes up; blobs in `stored` need not be written again."""
    for path, effect in effects.items():
        if not effect.touched:
            continue
        there = read[path]
        old = None if there is None else State(place.oid(there.content), there.permissions)
        new = None
        if effect.content is not None:
            source = there or read.get(effect.moved_from)
            new = State(place.oid(effect.content), permissions_of(effect.mode, source))
            contents[new.oid] = effect.content
        if old == new:
            continue
        for state, content in ((old, there.content if there is not None else None), (new, effect.content)):
            if state is not None and content is not None and state.oid not in stored:
                stored.add(write_blob(place.git, content))
        yield FileChange(path, old, new)


def _index_changes(
    place: Place, effects: Mapping[str, Effect], read: Mapping[str, Found | None], entries: Mapping[str, Stages]
) -> Iterator[IndexChange]:
    """Objects are made by `git hash-object --path`, so filters and line endings are those of `git add`."""
    trusts_disk = place.git.ask("config", "--type=bool", "core.fileMode").output.strip() != b"false"
    for path, effect in effects.items():
        if not effect.staged:
            continue
        there = read[path]
        old = entries.get(path, ())
        content = effect.content if effect.touched else there.content if there is not None else None
        new: Stages = ()
        if content is not None:
            before = _mode_before(effect, old, entries)
            mode = _index_mode(effect, there or read.get(effect.moved_from), before, trusts_disk)
            new = (Stage(0, mode, write_blob(place.git, content, path=path)),)
        if old != new:
            yield IndexChange(path, old, new)


def _mode_before(effect: Effect, old: Stages, entries: Mapping[str, Stages]) -> str:
    known = old or entries.get(effect.moved_from, ())
    return known[0].mode if known else ""


def _index_mode(effect: Effect, there: Found | None, before: str, trusts_disk: bool) -> str:
    """As `git add`: the file's own, or where the file system keeps no such bit the one that the index has."""
    if effect.mode:
        return effect.mode
    if before and before not in (REGULAR, EXECUTABLE):
        raise Refused(f"{effect.path} is no regular file in the index")
    if before and not trusts_disk:
        return before
    return EXECUTABLE if there is not None and there.permissions & 0o100 else REGULAR
