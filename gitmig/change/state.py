"""One environment in one tree."""

from __future__ import annotations

from _collections_abc import Mapping

from gitmig.frozen import Frozen
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gitmig.environments.environment import Environment
    from gitmig.revisions.head_file import HeadFile
    from gitmig.revisions.revision import Revision
    from gitmig.schema.elements import Schema


class Unreadable(Frozen):
    """A file of a versions folder whose ids could not be read.

    `kind` and `detail` are those of `HeaderProblem` and `repo.store.Unreadable`, or "link", "submodule", "other";
    `name` is the assignment concerned, "" for the whole file.
    """

    path: str
    blob: str
    kind: str
    detail: str = ""
    anchor: str = ""
    name: str = ""


class RevisionFiles(Mapping[str, "Revision"]):
    """Revision files by path, sorted; a value is made when it is asked for, because a hook needs few of ten thousand.

    A row is [blob, id, parents] and, where one of them is not empty, labels, dependencies and stale docstring lines.
    """

    def __init__(self, rows: Mapping[str, list[Any]]) -> None:
        self._rows: Table[list[Any]] = rows if isinstance(rows, Table) else Table("", list, dict(rows))
        self._made: dict[str, Revision] = {}
        self._compared: dict[int, tuple[RevisionFiles, list[str]]] = {}

    def differing(self, other: RevisionFiles) -> list[str]:
        """Paths, sorted, at which `other` has another revision file or none."""
        if id(other) not in self._compared:
            found = [path for path in self._rows.differing(other._rows) if self._rows[path][1]]
            self._compared[id(other)] = (other, found)
        return self._compared[id(other)][1]

    def blobs(self) -> list[tuple[str, str, str]]:
        """(path, revision, blob) of all of them, sorted; no value is made."""
        return sorted((path, row[1], row[0]) for path, row in self._rows.items() if row[1])

    def __getitem__(self, path: str) -> Revision:
        if path not in self._made:
            blob, name, parents, *rest = self._rows[path]
            if not name:
                raise KeyError(path)
            labels, depends, stale = rest or ((), (), ())
            from gitmig.revisions.revision import Revision

            self._made[path] = Revision(
                name,
                tuple(parents),
                tuple(depends),
                tuple(labels),
                path,
                blob,
                stale=tuple((label, value) for label, value in stale),
            )
        return self._made[path]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path for path, row in self._rows.items() if row[1]))

    def __len__(self) -> int:
        return sum(1 for row in self._rows.values() if row[1])

    def __contains__(self, path: object) -> bool:
        return path in self._rows and bool(self._rows[str(path)][1])


class EnvironmentState(Frozen):
    """What one tree says about one environment.

    `files` are the revision files by path.  What was not asked for is None: `operations` (facts of each script by
    revision id), `chain`, `models`, and `head_file` where the project does not keep one.
    """

    environment: Environment
    graph: RevisionGraph
    files: RevisionFiles
    unreadable: tuple[Unreadable, ...] = ()
    operations: Mapping[str, Any] | None = None
    chain: Schema | None = None
    models: Schema | None = None
    head_file: HeadFile | None = None

    def revision(self, revision: str) -> Revision | None:
        """The revision with this id; of a duplicate the first file."""
        paths = self.graph.paths(revision)
        return self.files[paths[0]] if paths else None


def node_of(path: str, row: list[Any]) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]:
    """A row of `RevisionFiles` as a node of the graph."""
    if len(row) == 3:
        return row[1], tuple(row[2]), (), (), path
    return row[1], tuple(row[2]), tuple(row[4]), tuple(row[3]), path


def graph_of(rows: Mapping[str, list[Any]]) -> RevisionGraph:
    """The graph of the revision files whose rows these are."""
    return RevisionGraph([node_of(path, rows[path]) for path in sorted(rows) if rows[path][1]])
