"""The last operation taken back, and an interrupted one brought to an end.

Taking back is itself an operation: planned from the log, compared with what is there, applied whole, logged.
"""

from __future__ import annotations

from gitmig.apply.apply import find_index, finish, open_index, open_place
from gitmig.apply.beneath import Disk, explain_os_error
from gitmig.apply.journal import FileChange, IndexChange, Log, Operation
from gitmig.apply.locking import PATIENCE
from gitmig.apply.transaction import Place, clean_up, new_token, roll_back
from gitmig.errors import Refused
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.apply.beneath import Found
    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import Layout

_DISK = Disk()


class Recovered(Frozen):
    """How an interrupted operation ended: "old" (taken back), "new" (it was complete), "kept" or "dropped".

    An operation is dropped when the worktree it worked in does not exist any more.
    """

    outcome: str
    operation: Operation


def undo_last(
    git: Git, layout: Layout, *, command: str, now: int, patience: float = PATIENCE, disk: Disk = _DISK
) -> tuple[Operation, Operation]:
    """Take back the last operation of this worktree that was not taken back yet: (what it was, what was done now).

    Refused when there is none, or when a file or index entry is not as that operation left it.
    """
    with open_place(git, layout, patience=patience, disk=disk) as place:
        undone = find_last(place.log)
        if undone is None:
            raise Refused(
                "there is nothing to undo", note="gitmig changed nothing in this worktree that is still logged"
            )
        read = _require_unchanged(place, undone)
        contents = {
            one.old.oid: git.run("cat-file", "blob", one.old.oid) for one in undone.files if one.old is not None
        }
        operation = Operation(
            number=0,
            token=new_token(),
            command=command,
            title=f"undo: {undone.title}",
            when=now,
            worktree=place.log.worktree,
            files=tuple(FileChange(one.path, one.new, one.old) for one in undone.files),
            index=tuple(IndexChange(one.path, one.new, one.old) for one in undone.index),
            index_file=find_index(git, layout) if undone.index else "",
            undoes=undone.number,
        )
        done = finish(place, operation, contents, read, now)
        _remove_folders(place, undone)
        return undone, done


def find_last(log: Log) -> Operation | None:
    """The newest operation in this worktree that is neither an undo nor undone."""
    taken_back = set()
    for number in reversed(log.numbers()):
        operation = log.operation(number)
        if operation is None or operation.worktree != log.worktree:
            continue
        if operation.undoes:
            taken_back.add(operation.undoes)
        elif number not in taken_back and operation.outcome == "done":
            return operation
    return None


def recover(
    git: Git, layout: Layout, *, keep: bool = False, patience: float = PATIENCE, disk: Disk = _DISK
) -> tuple[Recovered, ...]:
    """Bring what was interrupted here to all-old or all-new; () when nothing was.

    `keep` leaves every file as it lies now and forgets the operation.  OperationPending when a file was changed since.
    """
    with open_place(git, layout, patience=patience, disk=disk, recovering=True) as place:
        try:
            found = [
                _drop(place, path, one)
                for path, one in place.log.pending_elsewhere().items()
                if not place.log.is_of_this_worktree(one)
            ]
            operation = place.log.pending()
            if operation is not None:
                found.append(_recover_one(place, operation, keep))
        except OSError as error:
            raise explain_os_error(error, "bring the interrupted operation to an end") from None
        return tuple(found)


def _recover_one(place: Place, operation: Operation, keep: bool) -> Recovered:
    index = place.index(operation) if operation.index else None
    try:
        if not place.log.is_of_this_worktree(operation):
            return _end(place, "dropped", operation)
        if place.log.has(operation):
            clean_up(place, operation, index)
            return _end(place, "new", operation)
        if keep:
            place.log.add(operation.replace(outcome="kept"))
            clean_up(place, operation, index)
            return _end(place, "kept", operation)
        roll_back(place, operation, index)
        return _end(place, "old", operation)
    finally:
        if index is not None:
            index.close()


def _end(place: Place, outcome: str, operation: Operation) -> Recovered:
    place.log.end()
    return Recovered(outcome, operation)


def _drop(place: Place, path: str, operation: Operation) -> Recovered:
    place.log.end(path)
    return Recovered("dropped", operation)


def _require_unchanged(place: Place, undone: Operation) -> dict[str, Found | None]:
    """What lies at the operation's paths, which must be what it left there."""
    read = {one.path: place.worktree.read(one.path) for one in undone.files}
    changed = []
    for one in undone.files:
        found = read[one.path]
        there = None if found is None else place.oid(found.content)
        if there != (None if one.new is None else one.new.oid):
            changed.append(one.path)
    if undone.index:
        index = open_index(place, find_index(place.git, place.log.layout))
        try:
            entries = index.read()
        finally:
            index.close()
        changed += [one.path for one in undone.index if entries.get(one.path, ()) != one.new]
    if not changed:
        return read
    names = sorted(set(changed))
    raise Refused(
        f"cannot undo: {', '.join(names)} changed since",
        note=f"operation {undone.number} ({undone.command}) left other bytes there; undo never overwrites your work",
        help=(Help("see what changed", (f"git status -- {' '.join(map(shell_word, names))}",)),),
    )


def _remove_folders(place: Place, undone: Operation) -> None:
    """Folders that the operation made, if nothing is in them."""
    for folder in reversed(undone.folders):
        try:
            place.worktree.remove_folder(folder)
        except OSError:
            return
