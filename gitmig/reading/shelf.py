"""Versions folders on the shelf of the cache: a large table that stays, and for each tree the few rows that differ.

A tree of ten thousand revisions is then known from a document of a few lines and a text that is searched, not decoded.
"""

from __future__ import annotations

from gitmig.change.state import graph_of, node_of
from gitmig.frozen import Frozen
from gitmig.reading.cache import DAMAGED, digest
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.table import Table, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from gitmig.reading.cache import Cache

    # blob, id ("" when there is none), parents; labels, dependencies, stale docstring lines; as JSON has it
    Row: TypeAlias = list[Any]

_MOST_CHANGES = 64
"""With more rows than this beside its table a tree gets a table of its own."""


class Folders(Frozen):
    """What the folders hold: rows by path, the graph they make, and by path what could not be read."""

    rows: Table[Row]
    graph: RevisionGraph
    troubled: dict[str, list[Any]]


class Shelf:
    """Folders by a key of their tree ids; the last ones by the place where they lie."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._tables: dict[str, tuple[str, str]] = {"": ("", "")}

    def find(self, key: str) -> Folders | None:
        """The folders of trees that were seen before."""
        document = self._cache.document("graph", key)
        try:
            by_path, by_id = self._table(document["table"])
            changes = {path: checked(row) for path, row in document["rows"].items()}
            rows = Table(by_path, row_in, changes)
            if not document["sound"]:
                graph = graph_of(rows)
            elif by_path:
                graph = stored_graph(rows, by_id).known(document["heads"], document["bases"])
            else:
                graph = graph_of(rows).known(document["heads"], document["bases"])
            return Folders(rows, graph, dict(document["troubled"]))
        except DAMAGED:
            return None

    def keep(self, key: str, folders: Folders) -> Folders:
        """Remember folders; they come back over a table that later trees can share."""
        graph = folders.graph
        sound = graph.is_known_sound or is_plainly_sound(graph)
        if sound:
            graph.known(graph.heads, graph.bases)  # so that the other trees of this check need not be looked at whole
        if self._cache.folder is None or not folders.rows:
            return folders
        plain = sum(1 for path, row in folders.rows.changes.items() if row is None or is_plain(path, row))
        if sound and (plain > _MOST_CHANGES or self._name_of(folders.rows) is None):
            folders = folders.replace(rows=self._new_table(folders.rows))
        name = self._name_of(folders.rows) if sound else None
        document = {
            "table": name or "",
            "rows": folders.rows.changes if name is not None else dict(folders.rows.items()),
            "troubled": folders.troubled,
            "sound": sound,
            "heads": graph.heads if sound else (),
            "bases": graph.bases if sound else (),
        }
        self._cache.add_document("graph", key, document)
        return folders

    def latest(self, place: str) -> tuple[dict[str, str], Folders] | None:
        """The tree ids of the folders that were read last at this place, and what they held."""
        last = self._cache.document("latest", place)
        try:
            ids = {str(folder): str(tree) for folder, tree in last["ids"].items()}
            found = self.find(last["key"])
        except DAMAGED:
            return None
        return (ids, found) if found is not None else None

    def keep_latest(self, place: str, key: str, ids: Mapping[str, str]) -> None:
        self._cache.add_document("latest", place, {"key": key, "ids": ids})

    def _table(self, name: str) -> tuple[str, str]:
        """The rows by path and the nodes by id; KeyError where the table was lost."""
        if name not in self._tables:
            text = self._cache.text("table", name)
            if text is None:
                raise KeyError(name)
            by_path, _between, by_id = text.partition(_BETWEEN)
            self._tables[name] = by_path, by_id
        return self._tables[name]

    def _name_of(self, rows: Table[Row]) -> str | None:
        return next((name for name, (by_path, _by_id) in self._tables.items() if by_path is rows.text), None)

    def _new_table(self, rows: Table[Row]) -> Table[Row]:
        plain = {path: row for path, row in rows.items() if is_plain(path, row)}
        by_path = text_of((path, row[0], row[1], ",".join(row[2])) for path, row in plain.items())
        by_id = text_of((row[1], ",".join(row[2]), path) for path, row in plain.items())
        name = digest(by_path)  # what lies over a table must never meet another one of the same name
        self._tables[name] = by_path, by_id
        self._cache.add_text("table", name, by_path + _BETWEEN + by_id)
        return Table(by_path, row_in, {path: row for path, row in rows.items() if path not in plain})


_BETWEEN = "\0"


def is_plain(path: str, row: Row) -> bool:
    """Whether a row can be a line of a table: ordinary characters, an id, and nothing beside parents."""
    words = (path, row[1], *row[2])
    return len(row) == 3 and all(word and word.isascii() and word.isprintable() and "," not in word for word in words)


def is_plainly_sound(graph: RevisionGraph) -> bool:
    """No problem, and no id that another could differ from by its case alone."""
    return not graph.problems and all(name == name.lower() for name in graph.revisions)


def checked(row: Any) -> Row | None:
    """A row as it was stored; TypeError for anything else."""
    if row is not None and not (isinstance(row, list) and len(row) in (3, 6) and all(map(isinstance, row, _SHAPE))):
        raise TypeError(row)
    return row


_SHAPE = (str, str, list, list, list, list)


def row_in(line: str) -> Row:
    blob, name, parents = line.split("\t")
    return [blob, name, parents.split(",") if parents else []]


def parents_in(line: str) -> tuple[str, ...]:
    parents = line.partition("\t")[0]
    return tuple(parents.split(",")) if parents else ()


def paths_in(line: str) -> tuple[str, ...]:
    return (line.partition("\t")[2],)


def stored_graph(rows: Table[Row], by_id: str) -> RevisionGraph:
    """The graph of a table and of the rows that are laid over it."""
    down, paths = Table(by_id, parents_in), Table(by_id, paths_in)
    for path in rows.changes:
        beneath = rows.beneath(path)
        if beneath is not None:
            down.changes[beneath[1]] = paths.changes[beneath[1]] = None
    return RevisionGraph.stored(down, paths, (node_of(path, row) for path, row in rows.changes.items() if row))
