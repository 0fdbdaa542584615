"""From a tree to an EnvironmentState: which files are revisions, what they say, the graph they make."""

from __future__ import annotations

from gitmig.change.state import EnvironmentState, RevisionFiles, Unreadable
from gitmig.environments.environment import Environment
from gitmig.revisions.graph import RevisionGraph
from gitmig.trees.entries import REGULAR, Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from gitmig.reading.folders import FolderReader
    from gitmig.reading.shelf import Folders
    from gitmig.reading.snapshot import Snapshot


def read_state(
    snapshot: Snapshot, environment: Environment, folders: FolderReader, changed: Collection[str] = ()
) -> EnvironmentState:
    """The revision graph of one environment in one tree, and what stands in the way of reading it.

    Files that the change touches are parsed whole: the header of a file can be fine and its body broken.
    """
    found = folders.of(snapshot, environment)
    touched = {path for path in (*snapshot.overlay, *changed) if environment.holds(path)}
    if touched:
        found = folders.read(found, {path: entry_at(path, snapshot, found) for path in touched}, kind="whole")
    return EnvironmentState(environment, found.graph, RevisionFiles(found.rows), unreadable_in(found))


def entry_at(path: str, snapshot: Snapshot, found: Folders) -> Entry | None:
    """What the tree has at a path of the folders: a folder of ten thousand files is not listed for one of them."""
    if path in snapshot.overlay:
        return snapshot.overlay[path]
    if path in found.rows and path not in found.troubled:
        return Entry(REGULAR, found.rows[path][0])
    return snapshot.at((path,)).get(path) if path in found.troubled else None


def unreadable_in(found: Folders) -> tuple[Unreadable, ...]:
    return tuple(
        Unreadable(path, found.rows[path][0] if path in found.rows else "", kind, detail, f"line:{line}", name)
        for path in sorted(found.troubled)
        for kind, detail, line, name in found.troubled[path]
    )


def empty_state() -> EnvironmentState:
    """An environment that this tree does not have."""
    return EnvironmentState(Environment("", "", ()), RevisionGraph([]), RevisionFiles({}))
