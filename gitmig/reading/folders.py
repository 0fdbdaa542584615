"""The revision files of versions folders as rows, kept by the tree ids of the folders.

The usual hook loads one document and reads no file.  A tree that was never seen is told from the last one by one
`git diff-tree`, so that a commit or a pull costs what it changed.
"""

from __future__ import annotations

from gitmig.change.state import graph_of, node_of
from gitmig.errors import CannotDecide
from gitmig.frozen import Frozen
from gitmig.reading.cache import DAMAGED, digest
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.revision import revision_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from gitmig.environments.environment import Environment
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.snapshot import Snapshot
    from gitmig.revisions.revision import Revision
    from gitmig.trees.entries import Entry

    # blob, id ("" when there is none), parents; labels, dependencies, stale docstring lines; as JSON has it
    Row: TypeAlias = list[Any]


_USUAL = {"kind", "revision", "down"}


class Folders(Frozen):
    """What the folders hold: rows by path, the graph they make, and by path what could not be read."""

    rows: dict[str, Row]
    graph: RevisionGraph
    troubled: dict[str, list[Any]]


class FolderReader:
    """Answers for any tree of one repository; `facts` read what no document knows."""

    def __init__(self, facts: FactsReader) -> None:
        self.facts = facts
        self.cache = facts.cache
        self._known: dict[str, Folders] = {}
        self._nearby: dict[str, tuple[dict[str, str], Folders]] = {}

    def of(self, snapshot: Snapshot, environment: Environment) -> Folders:
        """The folders of an environment in the commit of a snapshot, without what is laid over it."""
        ids = {folder: snapshot.folder_id(folder) for folder in environment.versions}
        place = digest(f"{environment.recursive}{environment.sourceless}", *environment.versions)
        key = digest(place, *ids.values())
        if key not in self._known:
            self._known[key] = (
                self.told_from(place, ids, environment)
                or self.stored(key)
                or self.told_apart(key, place, ids, environment)
            )
            self._nearby.setdefault(place, (ids, self._known[key]))
        return self._known[key]

    def told_from(self, place: str, ids: dict[str, str], environment: Environment) -> Folders | None:
        """From another tree of the same check: the files that did not change are not looked at twice."""
        if place not in self._nearby:
            return None
        others, folders = self._nearby[place]
        return self.read(folders, self.differing(others, ids, environment))

    def stored(self, key: str) -> Folders | None:
        document = self.cache.document("graph", key)
        try:
            rows, troubled = document["rows"], document["troubled"]
            graph = graph_of(rows)
            return Folders(rows, graph.known(document["heads"]) if document["sound"] else graph, troubled)
        except DAMAGED:
            return None

    def told_apart(self, key: str, place: str, ids: dict[str, str], environment: Environment) -> Folders:
        """From the last document and what differs, else from the beginning."""
        last = self.cache.document("latest", place)
        try:
            old = {str(folder): str(tree) for folder, tree in last["ids"].items()}
            base = self.stored(last["key"])
            entries = self.differing(old, ids, environment) if base else {}
        except (*DAMAGED, CannotDecide):  # git may have collected the trees of the last time
            base = None
        if base is None:
            base, entries = Folders({}, RevisionGraph([]), {}), self.whole(ids, environment)
        made = self.read(base, entries)
        if made.rows:
            sound = not made.graph.problems and all(name == name.lower() for name in made.graph.revisions)
            if sound:
                made.graph.known(made.graph.heads)  # the states told from this one need not be walked again
            document = {"rows": made.rows, "troubled": made.troubled, "sound": sound, "heads": made.graph.heads}
            self.cache.add_document("graph", key, document)
            self.cache.add_document("latest", place, {"key": key, "ids": ids})
        return made

    def whole(self, ids: Mapping[str, str], environment: Environment) -> dict[str, Entry | None]:
        found: dict[str, Entry | None] = {}
        for folder, tree in ids.items():
            for path, entry in self.facts.objects.tree(tree, ("",)).items() if tree else ():
                found[f"{folder}/{path}" if folder else path] = entry
        return {path: entry for path, entry in found.items() if environment.holds(path)}

    def differing(
        self, old: Mapping[str, str], ids: Mapping[str, str], environment: Environment
    ) -> dict[str, Entry | None]:
        found: dict[str, Entry | None] = {}
        for folder, tree in ids.items():
            before = old.get(folder, "")
            if before != tree:
                for change in self.facts.objects.diff_trees(before or None, tree or None):
                    found[f"{folder}/{change.path}" if folder else change.path] = change.new
        return {path: entry for path, entry in found.items() if environment.holds(path)}

    def read(self, base: Folders, entries: Mapping[str, Entry | None], kind: str = "header") -> Folders:
        """`base` with other entries at some paths (None: gone); `kind` says how thoroughly they are read."""
        if not entries:
            return base
        rows, troubled = dict(base.rows), dict(base.troubled)
        headers = self.facts.of(kind, (entry.oid for entry in entries.values() if entry and entry.is_file))
        removed = [row for path in entries if (row := rows.pop(path, None)) and row[1]]
        added = []
        for path in sorted(entries):
            troubled.pop(path, None)
            entry = entries[path]
            if entry is None:
                continue
            row, trouble = self.row_of(path, entry, headers)
            if row is not None:
                rows[path] = row
                added += [(path, row)] if row[1] else []
            if trouble:
                troubled[path] = trouble
        changed = base.graph.changed([row[1] for row in removed], [node_of(path, row) for path, row in added])
        return Folders(rows, changed or graph_of(rows), troubled)

    def row_of(self, path: str, entry: Entry, headers: Mapping[str, Any]) -> tuple[Row | None, list[Any]]:
        """The row of a file, None for one that is no revision; and its troubles as [kind, detail, line, name]."""
        if not entry.is_file:
            return None, [["link" if entry.is_link else "submodule" if entry.is_submodule else "other", "", 1, ""]]
        facts = headers.get(entry.oid)
        if facts is None:
            reason = self.facts.unreadable.get(entry.oid)
            return None, [[reason.reason if reason else "missing", str(reason.size or "") if reason else "", 1, ""]]
        if facts["kind"] == "other":
            return None, []
        if facts.keys() <= _USUAL and "revision" in facts:  # no record is made of ten thousand ordinary ones
            return [entry.oid, facts["revision"], list(facts.get("down", ()))], []
        revision = revision_of(facts, path, entry.oid)
        trouble = [[one.kind, one.detail, one.line, one.name] for one in revision.problems]
        return row_from(revision), trouble


def row_from(revision: Revision) -> Row:
    row: Row = [revision.blob, revision.id, list(revision.down_revisions)]
    if revision.branch_labels or revision.depends_on or revision.stale:
        row += [list(revision.branch_labels), list(revision.depends_on), [list(one) for one in revision.stale]]
    return row
