"""Files and index changed whole or not at all, whatever happens on the way.

The order of things, each durable before the next begins:

1. old and new bytes are Git blobs, pinned by a ref
2. the journal says what is about to happen
3. beside each file lie its new bytes and a second name of the old file
4. Git's index lock is taken, the new index is made beside the old one
5. files are renamed into place, one rename each; then the index
6. the operation is in the log: **from here on it is done, before it is not**
7. helpers, lock and journal go

After a crash the log decides: with the operation in it only step 7 is left, without it everything goes back.  Going
back needs room for no file: the old ones are still there under their second names.
"""

from __future__ import annotations

import os
from contextlib import suppress

from gitmig.apply.beneath import Beneath, Disk, explain_os_error, temporary_name
from gitmig.apply.journal import FileChange, Operation, pin
from gitmig.apply.staging import DURABLE, IndexFile, require_success
from gitmig.errors import EnvironmentProblem, GitmigError, OperationPending, Refused
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.repo.digests import hash_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from gitmig.apply.beneath import Found
    from gitmig.apply.journal import IndexChange, Log
    from gitmig.repo.plumbing import Git

    Stamp: TypeAlias = tuple[int, int, int, int]


class ChangedMeanwhile(EnvironmentProblem):
    """Something is not what the plan was made for; nothing was changed."""


class Place(Frozen):
    """Where a transaction works: Git at the top level, the log, the worktree's files."""

    git: Git
    log: Log
    worktree: Beneath
    disk: Disk
    patience: float

    def index(self, operation: Operation) -> IndexFile:
        path = os.path.join(self.log.layout.git_dir, operation.index_file)
        return IndexFile(self.git, path, operation.token, self.disk)

    def oid(self, content: bytes) -> str:
        return hash_bytes(content, object_format=self.log.layout.object_format)


def carry_out(
    place: Place, operation: Operation, contents: Mapping[str, bytes], read: Mapping[str, Found]
) -> Operation:
    """Do it, or leave everything as it was.

    `contents` has the new bytes by blob id, `read` what the caller found at each path: the files must still be that.
    The operation gets its number, temporary names and folders here; what was done is returned.
    """
    try:
        operation = _named(place, _pinned(place, operation))
        _begin(place.log, operation)
    except OSError as error:
        raise explain_os_error(error, "write gitmig's journal") from None
    index = place.index(operation) if operation.index else None
    try:
        try:
            _prepare(place, operation, contents, read)
            if index is not None:
                index.lock(place.patience)
                _require_index(index, operation.index)
                index.prepare({one.path: one.new for one in operation.index})
                index.keep_old()
            _exchange(place, operation, read)
            if index is not None:
                index.publish()
            place.log.add(operation)
        except BaseException as error:
            _give_up(place, operation, index, error)
        _finish_quietly(place, operation, index)
        return operation
    finally:
        if index is not None:
            index.close()


def roll_back(place: Place, operation: Operation, index: IndexFile | None, *, live: bool = False) -> None:
    """Everything as it was before; OperationPending, and nothing touched, when somebody changed a file since.

    `live`: it is this process that failed, so there was hardly time for others.
    """
    fates = {one.path: _fate(place, one, live) for one in operation.files}
    foreign = [one.path for one in operation.files if fates[one.path] == FOREIGN and (one.new is not None or not live)]
    staged, held = False, False
    if index is not None:
        current = index.read()
        staged = any(current.get(one.path, ()) != one.old for one in operation.index)
        held = index.is_ours()
        if held or not live:
            foreign += [one.path for one in operation.index if current.get(one.path, ()) not in (one.old, one.new)]
        else:
            staged = False  # we never had the lock: what is there now is somebody else's
    if foreign:
        if index is not None:
            index.clean()  # the user needs an index that is not locked
        raise _changed_by_others(sorted(set(foreign)))
    if index is not None and staged and not held:
        index.lock(place.patience)
    try:
        for one in operation.files:
            if fates[one.path] == EXCHANGED:
                _restore(place, one)
        place.worktree.sync_folders()
        if index is not None and staged and not (held and index.put_back()):
            index.prepare({one.path: one.old for one in operation.index})
            index.publish()
    except BaseException:
        if index is not None and not held:
            index.clean()
        raise
    clean_up(place, operation, index)
    for folder in reversed(operation.folders):
        place.worktree.remove_folder(folder)
    place.worktree.sync_folders()


def clean_up(place: Place, operation: Operation, index: IndexFile | None) -> None:
    """Helper files and our index lock go; the journal is ended by the caller, after this."""
    for change in operation.files:
        for path in (change.temporary, change.backup):
            if path:
                place.worktree.remove(path)
    place.worktree.sync_folders()
    if index is not None:
        index.clean()


def write_blob(git: Git, content: bytes, *, path: str = "") -> str:
    """Id of a new blob; with `path` as `git add` would store it there, filters and line endings included."""
    how = (f"--path={path}",) if path else ("--no-filters",)
    answer = git.ask(*DURABLE, "hash-object", "-w", "--stdin", *how, input=content)
    require_success("hash-object", answer.status, answer.errors)
    return answer.output.decode("ascii").strip()


# Steps 1 to 3


def _begin(log: Log, operation: Operation) -> None:
    try:
        log.begin(operation)
    except BaseException:
        with suppress(OSError):
            log.end()
        raise


def _pinned(place: Place, operation: Operation) -> Operation:
    """The operation under a number whose ref was free."""
    oids = [state.oid for one in operation.files for state in (one.old, one.new) if state is not None]
    oids += [stage.oid for one in operation.index for stage in (*one.old, *one.new)]
    first = place.log.next_number()
    for number in range(first, first + 5):
        try:
            pin(place.git, place.log.files, number, oids)
        except EnvironmentProblem:
            if number == first + 4:
                raise
            continue  # a lock that a crash left on this ref
        return operation.replace(number=number)
    return operation


def _named(place: Place, operation: Operation) -> Operation:
    files = []
    folders: list[str] = []
    for one in operation.files:
        above = one.path.rpartition("/")[0]
        prefix = f"{above}/" if above else ""
        if one.new is not None:
            folders += [folder for folder in place.worktree.missing_folders(one.path) if folder not in folders]
        files.append(
            one.replace(
                temporary=prefix + temporary_name() if one.new is not None else "",
                backup=prefix + temporary_name() if one.old is not None else "",
            )
        )
    return operation.replace(files=tuple(files), folders=tuple(folders))


def _prepare(place: Place, operation: Operation, contents: Mapping[str, bytes], read: Mapping[str, Found]) -> None:
    files = place.worktree
    for folder in operation.folders:
        files.make_folder(folder)
    for one in operation.files:
        if one.new is not None:
            files.create(one.temporary, contents[one.new.oid], one.new.permissions)
        if one.old is not None:
            found = read[one.path]
            if not files.link(one.path, one.backup):
                files.create(one.backup, found.content, found.permissions)
            _require_same(one.path, files.stamp(one.path), found)
    files.sync_folders()


def _require_index(index: IndexFile, changes: Iterable[IndexChange]) -> None:
    there = index.read()
    for one in changes:
        if there.get(one.path, ()) != one.old:
            raise ChangedMeanwhile(
                f"{one.path} was staged anew in the meantime", note="nothing was changed", help=_AGAIN
            )


# Step 5


def _exchange(place: Place, operation: Operation, read: Mapping[str, Found]) -> None:
    files = place.worktree
    for one in operation.files:
        if one.new is None:
            continue
        if one.old is None:
            _put_new(files, one)
            continue
        _require_same(one.path, files.stamp(one.path), read[one.path])
        files.rename(one.temporary, one.path)
    for one in operation.files:
        if one.new is None:
            _require_same(one.path, files.stamp(one.path), read[one.path])
            files.remove(one.path)
    files.sync_folders()
    for one in operation.files:
        # An editor that had the file open may have written into it after we read it.
        if one.old is not None and _is_second_name(files.stamp(one.backup), read[one.path].stamp):
            _require_same(one.path, files.stamp(one.backup), read[one.path])


def _put_new(files: Beneath, one: FileChange) -> None:
    """A file where none was: `link` fails if somebody was faster, a rename would overwrite."""
    try:
        if files.link(one.temporary, one.path):
            return
    except FileExistsError:
        raise _changed(one.path) from None
    if files.stamp(one.path) is not None:
        raise _changed(one.path)
    files.rename(one.temporary, one.path)


def _require_same(path: str, stamp: Stamp | None, found: Found) -> None:
    if stamp != found.stamp:
        raise _changed(path)


def _is_second_name(stamp: Stamp | None, original: Stamp) -> bool:
    return stamp is not None and stamp[:2] == original[:2]


def _changed(path: str) -> ChangedMeanwhile:
    return ChangedMeanwhile(f"{path} changed in the meantime", note="nothing was changed by gitmig", help=_AGAIN)


_AGAIN = (Help("run the command again; it looks at what is there now"),)


# Failure


def _give_up(place: Place, operation: Operation, index: IndexFile | None, error: BaseException) -> None:
    """Back to the old state, then the error; OperationPending when even that fails."""
    try:
        if place.log.has(operation):  # the log was written, its folder perhaps not yet synced: it is done
            place.log.files.remove(f"gitmig/ops/{operation.number}.json")
            place.log.files.sync_folders()
        roll_back(place, operation, index, live=True)
        place.log.end()
    except (OSError, GitmigError) as second:
        why = explain_os_error(second, "undo it").what if isinstance(second, OSError) else second.what
        raise OperationPending(
            f"interrupted: {_sentence(error)}; and taking it back failed: {why}",
            note="some files may be new and some old; the old bytes are safe",
            help=(Help("when the cause is gone, bring files and index back", ("gitmig undo --recover",)),),
        ) from error
    if isinstance(error, OSError):
        raise explain_os_error(error, "write the files of the plan") from None
    raise error


def _finish_quietly(place: Place, operation: Operation, index: IndexFile | None) -> None:
    """It is done and logged; helpers that cannot be removed now are removed by `gitmig undo --recover`."""
    try:
        try:
            _clean_and_end(place, operation, index)
        except OSError:  # once more: the change is done, and a single failure is no reason to stop every command
            _clean_and_end(place, operation, index)
    except OSError as error:
        raise OperationPending(
            f"done, but cleaning up failed: {explain_os_error(error, 'remove helper files').what}",
            note="files and index have their new state",
            help=(Help("when the cause is gone", ("gitmig undo --recover",)),),
        ) from None


def _clean_and_end(place: Place, operation: Operation, index: IndexFile | None) -> None:
    clean_up(place, operation, index)
    place.log.end()


def _sentence(error: BaseException) -> str:
    if isinstance(error, GitmigError):
        return error.what
    if isinstance(error, OSError):
        return explain_os_error(error, "write the files of the plan").what
    return type(error).__name__


# Going back


UNTOUCHED, EXCHANGED, FOREIGN = "untouched", "exchanged", "foreign"


def _fate(place: Place, one: FileChange, live: bool) -> str:
    """What became of one file: still as before, exchanged by us, or in a state that only somebody else can have made.

    The helpers tell: the new bytes wait under `temporary` until the rename, `backup` is a second name of the old file.
    Somebody may have removed the helpers (`git clean`), so their absence proves nothing.
    """
    files = place.worktree
    try:
        found = files.read(one.path)
    except Refused:
        return FOREIGN
    waiting = files.stamp(one.temporary) if one.temporary else None
    kept = files.stamp(one.backup) if one.backup else None
    if found is None:
        if one.old is None:
            return UNTOUCHED
        return EXCHANGED if one.new is None else FOREIGN
    if one.old is None and waiting is not None and (live or waiting[:2] == found.stamp[:2]):
        return EXCHANGED if waiting[:2] == found.stamp[:2] else UNTOUCHED
    if one.old is not None and waiting is not None:
        return UNTOUCHED
    if kept is not None and kept[:2] == found.stamp[:2]:
        return UNTOUCHED
    oid = place.oid(found.content)
    if one.new is not None and oid == one.new.oid:
        return EXCHANGED
    return UNTOUCHED if one.old is not None and oid == one.old.oid else FOREIGN


def _restore(place: Place, one: FileChange) -> None:
    """The old file back under its name, from its second name, or from its blob if that is lost."""
    files = place.worktree
    if one.old is None:
        files.remove(one.path)
        return
    if files.stamp(one.backup) is None:
        content = place.git.run("cat-file", "blob", one.old.oid)
        for folder in files.missing_folders(one.path):
            files.make_folder(folder)
        files.create(one.backup, content, one.old.permissions)
    files.rename(one.backup, one.path)


def _changed_by_others(paths: list[str]) -> OperationPending:
    return OperationPending(
        f"an interrupted operation cannot be taken back: {', '.join(paths)} changed since",
        note="nothing was touched; the bytes from before the operation are kept",
        help=(
            Help("put the old or the new text there and try again", ("gitmig undo --recover",)),
            Help("or leave every file as it is now and forget the operation", ("gitmig undo --recover --keep",)),
        ),
    )


def new_token() -> str:
    return os.urandom(12).hex()
