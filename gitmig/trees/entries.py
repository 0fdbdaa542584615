"""What a Git tree holds at a path, and how two trees differ.  A tree is a plain mapping of path to Entry."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Tree: TypeAlias = Mapping[str, "Entry"]

REGULAR = "100644"
EXECUTABLE = "100755"
LINK = "120000"
SUBMODULE = "160000"
FOLDER = "040000"
# Files that revisions may read SQL from; whether one does is asked when it changes.
SQL_ENDINGS = (".sql", ".ddl", ".psql", ".pgsql")


class Entry(tuple[str, str]):
    """Mode ("100644") and object id at one path; a tuple, because a tree has tens of thousands."""

    __slots__ = ()

    def __new__(cls, mode: str, oid: str) -> Entry:
        return tuple.__new__(cls, (mode, oid))

    @property
    def mode(self) -> str:
        return self[0]

    @property
    def oid(self) -> str:
        return self[1]

    @property
    def is_file(self) -> bool:
        return self[0] in (REGULAR, EXECUTABLE)

    @property
    def is_link(self) -> bool:
        return self[0] == LINK

    @property
    def is_submodule(self) -> bool:
        return self[0] == SUBMODULE

    @property
    def is_folder(self) -> bool:
        return self[0] == FOLDER

    def __repr__(self) -> str:
        return f"Entry({self[0]!r}, {self[1]!r})"


class Changed(tuple[str, "Entry | None", "Entry | None"]):
    """A path whose entry differs: `old` is None for an added path, `new` for a deleted one."""

    __slots__ = ()

    def __new__(cls, path: str, old: Entry | None, new: Entry | None) -> Changed:
        return tuple.__new__(cls, (path, old, new))

    @property
    def path(self) -> str:
        return self[0]

    @property
    def old(self) -> Entry | None:
        return self[1]

    @property
    def new(self) -> Entry | None:
        return self[2]

    def __repr__(self) -> str:
        return f"Changed({self[0]!r}, {self[1]!r}, {self[2]!r})"


def find_changes(old: Tree, new: Tree) -> list[Changed]:
    """Every path that is not the same in both trees, sorted."""
    if old is new:
        return []
    changes = [Changed(path, old.get(path), entry) for path, entry in new.items() if old.get(path) != entry]
    changes += [Changed(path, entry, None) for path, entry in old.items() if path not in new]
    return sorted(changes)
