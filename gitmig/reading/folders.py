"""The revision files of versions folders as rows, kept by the tree ids of the folders.

The usual hook loads one document and reads no file.  A tree that was never seen is told from the last one by one
`git diff-tree`, so that a commit or a pull costs what it changed.
"""

from __future__ import annotations

from gitmig.change.state import graph_of, node_of
from gitmig.errors import CannotDecide
from gitmig.reading.cache import digest
from gitmig.reading.shelf import Folders, Shelf, row_in
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.revision import revision_of
from gitmig.revisions.table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gitmig.environments.environment import Environment
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.shelf import Row
    from gitmig.reading.snapshot import Snapshot
    from gitmig.revisions.revision import Revision
    from gitmig.trees.entries import Entry


_ORDINARY = {"kind", "revision", "down"}
"""The facts of nearly every file: ten thousand of them need no `Revision` made for their row."""


class FolderReader:
    """Answers for any tree of one repository; `facts` read what no document knows."""

    def __init__(self, facts: FactsReader) -> None:
        self.facts = facts
        self.cache = facts.cache
        self._known: dict[str, Folders] = {}
        self._nearby: dict[str, tuple[dict[str, str], Folders]] = {}
        self._shelf = Shelf(facts.cache)

    def of(self, snapshot: Snapshot, environment: Environment) -> Folders:
        """The folders of an environment in the commit of a snapshot, without what is laid over it."""
        ids = {folder: snapshot.folder_id(folder) for folder in environment.versions}
        place = digest(f"{environment.recursive}{environment.sourceless}", *environment.versions)
        key = digest(place, *ids.values())
        if key not in self._known:
            found = self._known[key] = self.found(key, place, ids, environment)
            self._nearby.setdefault(place, (ids, found))
        return self._known[key]

    def found(self, key: str, place: str, ids: dict[str, str], environment: Environment) -> Folders:
        """From the shelf, else from what lies nearest: another tree of this check, the last check, or nothing."""
        stored = self._shelf.find(key)
        if place in self._nearby:
            others, folders = self._nearby[place]
            # Folders over two tables cannot be compared by what lies on them.
            if stored is not None and stored.rows.text is folders.rows.text:
                return stored
            return self._shelf.keep(key, self.read(folders, self.differing(others, ids, environment)))
        made = stored or self._shelf.keep(key, self.told_apart(place, ids, environment))
        self._shelf.keep_latest(place, key, ids)
        return made

    def told_apart(self, place: str, ids: dict[str, str], environment: Environment) -> Folders:
        """From the last check and what differs, else from the beginning."""
        latest = self._shelf.latest(place)
        if latest is not None:
            old, base = latest
            try:
                return self.read(base, self.differing(old, ids, environment))
            except CannotDecide:  # git may have collected the trees of the last time
                pass
        return self.read(Folders(Table("", row_in), RevisionGraph([]), {}), self.whole(ids, environment))

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
        rows, troubled = base.rows.copy(), dict(base.troubled)
        # From the beginning nothing is known, and to ask costs the database.
        extracted = self.facts.of if base.rows.text or base.rows.changes else self.facts.fresh
        headers = extracted(kind, (entry.oid for entry in entries.values() if entry and entry.is_file))
        removed: list[Row] = []
        added: list[tuple[str, Row]] = []
        for path in sorted(entries):
            troubled.pop(path, None)
            before, entry = rows.get(path), entries[path]
            if before is not None:
                del rows[path]
                removed += [before] if before[1] else []
            if entry is None:
                continue
            row, trouble = self.row_of(path, entry, headers)
            if row is not None:
                rows[path] = row
                added += [(path, row)] if row[1] else []
            if trouble:
                troubled[path] = trouble
        changed = base.graph.changed([row[1] for row in removed], [node_of(path, row) for path, row in added])
        return Folders(rows, graph_of(rows) if changed is None else changed, troubled)

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
        if facts.keys() <= _ORDINARY and "revision" in facts:
            return [entry.oid, facts["revision"], facts.get("down", [])], []
        revision = revision_of(facts, path, entry.oid)
        trouble = [[one.kind, one.detail, one.line, one.name] for one in revision.problems]
        return row_from(revision), trouble


def row_from(revision: Revision) -> Row:
    row: Row = [revision.blob, revision.id, list(revision.down_revisions)]
    if revision.branch_labels or revision.depends_on or revision.stale:
        row += [list(revision.branch_labels), list(revision.depends_on), [list(one) for one in revision.stale]]
    return row
