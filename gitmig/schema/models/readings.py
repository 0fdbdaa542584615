"""What classes mean, remembered from one tree for the next: two trees of a change differ in few files.

A class is read anew where its file, or one that the reading of its file led to, is another one here.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.models.project import Project, Trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.schema.models.declarative import MappedTable

    Classes = Mapping[str, MappedTable | None]


class Reading(Frozen):
    """The classes of one tree by file and name, and the files as they were then."""

    project: Project
    classes: Mapping[str, Classes]


class Readings:
    """The trees that were read, the last one first."""

    def __init__(self) -> None:
        self.trees = Trees()
        self._readings: list[Reading] = []

    def keep(self, project: Project, classes: Mapping[str, Classes]) -> None:
        self._readings.insert(0, Reading(project, {path: without_syntax(found) for path, found in classes.items()}))

    def known_in(self, project: Project) -> dict[str, Classes]:
        """The classes of files that mean in this project what they meant in another."""
        known: dict[str, Classes] = {}
        for reading in self._readings:
            if reading.project.modules is not project.modules:
                continue
            for path, classes in reading.classes.items():
                reached = reading.project.reached_from(path)
                if path not in known and all(is_same(each, project, reading.project) for each in reached):
                    known[path] = classes
                    project.reach_as(reading.project, reached)
        return known


def is_same(path: str, one: Project, other: Project) -> bool:
    """Whether a file has the same facts; those of one text are one object."""
    return one.files.get(path) is other.files.get(path) and one.blobs.get(path) == other.blobs.get(path)


def without_syntax(classes: Classes) -> Classes:
    """Those whose tables are values alone: what refers to source would be read in a tree that is gone."""
    return {
        name: mapped and mapped.replace(root=mapped.root.replace(type_map=None))
        for name, mapped in classes.items()
        if mapped is None or mapped.table.metadata is None
    }
