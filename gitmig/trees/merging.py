"""Three trees merged path by path: the target, with what local changed since `before` put on it.

Stricter than `git merge`, which also merges the lines of one file: a text that both sides changed is a conflict here,
because nobody can say yet what it will be.  Renames are a deletion and an addition.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.trees.entries import Changed, Entry, find_changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.trees.entries import Tree


class Conflict(Frozen):
    """A path that local and target left in states that exclude each other; None where a side has nothing."""

    path: str
    before: Entry | None
    local: Entry | None
    target: Entry | None


class Merged(Frozen):
    """The merged tree; at the path of a conflict it holds what the target has."""

    tree: dict[str, Entry]
    conflicts: tuple[Conflict, ...] = ()


def merge(before: Tree, local: Tree, target: Tree) -> Merged:
    """The target with local's changes since `before`; a local that is merely behind changes nothing."""
    return put(target, find_changes(before, local))


def put(target: Tree, changes: Iterable[Changed]) -> Merged:
    """The target with these changes put on it."""
    tree = dict(target)
    conflicts = []
    added = []
    for change in changes:
        path, before, local = change
        theirs = target.get(path)
        if theirs == local:
            continue
        chosen = _combine(before, local, theirs)
        if isinstance(chosen, _Both):
            conflicts.append(Conflict(path, before, local, theirs))
        elif chosen is None:
            tree.pop(path, None)
        else:
            tree[path] = chosen
            if theirs is None:
                added.append(change)
    conflicts += _file_where_a_folder_is(tree, added, target)
    return Merged(tree, tuple(sorted(conflicts, key=lambda conflict: conflict.path)))


class _Both:
    """Both sides changed it, differently."""


_BOTH = _Both()


def _combine(before: Entry | None, local: Entry | None, theirs: Entry | None) -> Entry | _Both | None:
    if theirs == before:
        return local
    if before is None or local is None or theirs is None:
        return _BOTH
    mode = _choose(before.mode, local.mode, theirs.mode)
    oid = _choose(before.oid, local.oid, theirs.oid)
    if mode is None or oid is None or not (local.is_file and theirs.is_file):
        return _BOTH
    return Entry(mode, oid)


def _choose(before: str, local: str, theirs: str) -> str | None:
    if local in (before, theirs):
        return theirs
    return local if theirs == before else None


def _file_where_a_folder_is(tree: dict[str, Entry], added: list[Changed], target: Tree) -> list[Conflict]:
    """`a` on one side and `a/b` on the other cannot stand in one tree; what was added is taken out again."""
    if not added:
        return []
    folders = _folders(tree)
    conflicts = []
    for path, before, local in added:
        above = next((parent for parent in _parents(path) if parent in tree), None)
        if above is None and path not in folders:
            continue
        del tree[path]
        conflicts.append(Conflict(path, before, local, target.get(path)))
    return conflicts


def _folders(tree: Tree) -> set[str]:
    seen: set[str] = set()
    for path in tree:
        for folder in _parents(path):
            if folder in seen:
                break
            seen.add(folder)
    return seen


def _parents(path: str) -> Iterable[str]:
    """The folders above a path, innermost first."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)
