"""One environment on its way through the history of a branch, told commit by commit what changed.

The work of a step grows with what it changes, not with the number of revisions: heads are counted, and the graph is
built only while there is more than one head.
"""

from __future__ import annotations

from gitmig.audit.records import Moment, Period, Touch
from gitmig.change.competing import heads_by_label
from gitmig.change.published import compare_edit, find_edits
from gitmig.change.state import EnvironmentState, RevisionFiles, Unreadable, graph_of
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any

    from gitmig.change.published import Edit
    from gitmig.environments.environment import Environment
    from gitmig.revisions.revision import Revision

    Rows = dict[str, list[Any]]


class Suspect(Frozen):
    """A published revision that a commit touched; `sunken` are new revisions that it puts beneath this one."""

    edit: Edit
    moment: Moment
    age: int
    sunken: tuple[str, ...] = ()


class Track:
    """The revision files of one environment as they are now, and what happened to them."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.rows: Rows = {}
        self.commits = 0
        self.added: dict[str, Moment | None] = {}
        self.suspects: list[Suspect] = []
        self.moves: list[Touch] = []
        self.closed: list[Period] = []
        self._open: dict[tuple[str, str], Period] = {}
        self._paths: dict[str, list[str]] = {}
        self._children: dict[str, int] = {}
        self._absent: set[str] = set()
        self._heads: set[str] = set()

    def __contains__(self, revision: object) -> bool:
        return revision in self._paths

    @property
    def ids(self) -> Iterable[str]:
        return self._paths.keys()

    def start_with(self, rows: Rows) -> None:
        """What was there before the audit: published, and nobody's doing."""
        self._put(rows, {})
        self.added = dict.fromkeys(self._paths)

    def step(
        self,
        moment: Moment,
        changed: Mapping[str, list[Any] | None],
        broken: Iterable[str] = (),
        elsewhere: Mapping[str, Revision] | None = None,
    ) -> None:
        """One commit: rows by path (None: gone), paths that cannot be read now, revisions that came elsewhere."""
        old = {path: self.rows[path] for path in changed if path in self.rows}
        new = {path: row for path, row in changed.items() if row is not None}
        if not old and not new:
            return
        self.commits += 1
        before, after = self._state(old), self._state(new, broken)
        fresh = tuple(name for name in after.graph.revisions if name not in self._paths)
        edits = list(find_edits(before, after, elsewhere or {}))
        moved = list(self._moved(before, after, moment))
        labels = dict(self._labels(old))
        self._put(new, old)
        for edit in edits:
            suspect = Suspect(edit, moment, self._age(edit.published.id, moment), self._sunken(edit, fresh))
            self.suspects.append(suspect)
        self.moves += moved
        for name in fresh:
            self.added.setdefault(name, moment)
        relabelled = any(labels.get(name, ()) != after.graph.own_labels(name) for name in after.graph.revisions)
        self._judge(moment, fixes_of(edits, fresh, after, relabelled and bool(labels)))

    def finish(self, last: Moment) -> tuple[Period, ...]:
        """Every period, the earliest first; what is still open ends with the audit."""
        still = [one.replace(last=last.time) for one in self._open.values()]
        return tuple(sorted((*self.closed, *still), key=lambda one: (one.start.number, one.kind, one.revisions)))

    # What a commit did

    def _state(self, rows: Rows, broken: Iterable[str] = ()) -> EnvironmentState:
        unreadable = tuple(Unreadable(path, "", "syntax") for path in broken)
        return EnvironmentState(self.environment, graph_of(rows), RevisionFiles(rows), unreadable)

    def _labels(self, rows: Rows) -> Iterator[tuple[str, tuple[str, ...]]]:
        return ((row[1], tuple(row[3]) if len(row) > 3 else ()) for row in rows.values() if row[1])

    def _moved(self, before: EnvironmentState, after: EnvironmentState, moment: Moment) -> Iterator[Touch]:
        for path, published in before.files.items():
            now = after.revision(published.id)
            if path not in after.files and now is not None and now.path != path:
                age = self._age(published.id, moment)
                yield Touch("moved", published.id, now.path, moment, f"was {path}", age)

    def _age(self, revision: str, moment: Moment) -> int:
        added = self.added.get(revision)
        return max(0, moment.time - added.time) if added else -1

    def _sunken(self, edit: Edit, fresh: Collection[str]) -> tuple[str, ...]:
        """New revisions beneath a published one that got another parent, the nearest first."""
        if edit.now is None or parents_of(edit.now) == parents_of(edit.published):
            return ()
        found: dict[str, None] = {}
        waiting = [*edit.now.down_revisions, *edit.now.depends_on]
        while waiting:
            name = waiting.pop(0)
            if name in fresh and name not in found:
                found[name] = None
                row = self.rows[self._paths[name][0]]
                waiting += [*row[2], *(row[4] if len(row) > 3 else ())]
        return tuple(found)

    # The state

    def _put(self, new: Rows, old: Rows) -> None:
        touched: set[str] = set()
        for path, row in old.items():
            del self.rows[path]
            touched |= self._count(path, row, -1)
        for path, row in new.items():
            self.rows[path] = row
            touched |= self._count(path, row, 1)
        for name in touched:
            if name in self._paths and not self._children.get(name):
                self._heads.add(name)
            else:
                self._heads.discard(name)

    def _count(self, path: str, row: list[Any], by: int) -> set[str]:
        name = row[1]
        if not name:
            return set()
        paths = self._paths.setdefault(name, [])
        if by > 0:
            paths.append(path)
        else:
            paths.remove(path)
        if not paths:
            del self._paths[name]
        for parent in row[2]:
            self._children[parent] = self._children.get(parent, 0) + by
        for one in (name, *row[2]):
            if one and self._children.get(one) and one not in self._paths:
                self._absent.add(one)
            else:
                self._absent.discard(one)
        return {name, *row[2]}

    # What is wrong with it

    def _judge(self, moment: Moment, fixes: tuple[str, ...]) -> None:
        now: dict[tuple[str, str], tuple[str, ...]] = {}
        if len(self._heads) > 1:
            for label, heads in heads_by_label(graph_of(self.rows)).items():
                if len(heads) > 1:
                    now["double-heads", label] = heads
        for parent in sorted(self._absent):
            now["missing-parent", parent] = (self._child_of(parent), parent)
        for name in self._duplicates():
            now["duplicate-id", name] = (name,)
        ended = {key: self._open.pop(key) for key in list(self._open) if key not in now}
        for key, revisions in now.items():
            known = self._open.get(key) or self._taken_over(key, revisions, ended)
            if known is None:
                label = key[1] if key[0] == "double-heads" else ""
                self._open[key] = Period(key[0], revisions, moment, label)
            elif key[0] == "double-heads" and len(revisions) > len(known.revisions) + len(known.grew):
                self._open[key] = known.replace(grew=(*known.grew, moment))
            else:
                self._open[key] = known
        self.closed += [one.replace(end=moment, fixes=fixes, last=moment.time) for one in ended.values()]

    def _taken_over(
        self, key: tuple[str, str], revisions: tuple[str, ...], ended: dict[tuple[str, str], Period]
    ) -> Period | None:
        """The same heads under another label are the same accident."""
        for other, period in list(ended.items()):
            if key[0] == other[0] == "double-heads" and len(set(revisions) & set(period.revisions)) > 1:
                return ended.pop(other)
        return None

    def _child_of(self, parent: str) -> str:
        return min(str(row[1]) for row in self.rows.values() if row[1] and parent in row[2])

    def _duplicates(self) -> Iterator[str]:
        if len(self._paths) < len(self.rows):
            for name, paths in self._paths.items():
                if len(paths) > 1:
                    yield name


def fixes_of(edits: Iterable[Edit], fresh: Iterable[str], after: EnvironmentState, relabelled: bool) -> tuple[str, ...]:
    """What a commit did that may have brought heads together, in the words of the report."""
    edits, fresh = tuple(edits), tuple(fresh)
    joins = any(len(after.graph.down_revisions(name)) > 1 for name in fresh)
    reparented = any(edit.now is not None and parents_of(edit.now) != parents_of(edit.published) for edit in edits)
    replaced = any(edit.now is None and edit.successor is not None for edit in edits)
    gone = any(edit.now is None and edit.successor is None for edit in edits)
    found = [
        *(["merge revision"] if joins else []),
        *(["re-parented"] if reparented else []),
        *(["new id"] if replaced or (gone and fresh and not joins) else []),
        *(["deleted"] if gone and not fresh else []),
        *(["relabelled"] if relabelled else []),
    ]
    return tuple(found) or ("new revision",)


def parents_of(revision: Revision) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(revision.down_revisions), frozenset(revision.depends_on)


# What the touches were


def classify(suspect: Suspect, fingerprint: Callable[[str], Mapping[str, Any] | None]) -> Iterator[Touch]:
    """What a commit did to a published revision, once the texts are compared; `fingerprint` answers for a blob."""
    edit = compare_edit(suspect.edit, fingerprint)
    published, now = edit.published, edit.now
    told = Touch("", published.id, now.path if now else published.path, suspect.moment, age=suspect.age)
    if now is None:
        if edit.successor is not None:
            yield told.replace(kind="renamed-id", path=edit.successor.path, detail=f"is {edit.successor.id} now")
        else:
            yield told.replace(kind="deleted")
        return
    if edit.parts is None:
        yield told.replace(kind="unknown", detail="one of the texts cannot be parsed")
    elif edit.parts:
        yield told.replace(kind="edited", detail=", ".join(edit.parts))
    if suspect.sunken:
        yield told.replace(kind="sunken", detail=f"{', '.join(suspect.sunken)} slipped in beneath it")
    elif parents_of(now) != parents_of(published):
        before, after = ", ".join(published.down_revisions) or "none", ", ".join(now.down_revisions) or "none"
        detail = f"parent {before} -> {after}" if before != after else "other dependencies"
        yield told.replace(kind="re-parented", detail=detail)
    elif now.branch_labels != published.branch_labels:
        yield told.replace(kind="relabelled", detail=f"branch labels {', '.join(now.branch_labels) or 'none'}")
    elif edit.parts == ():
        yield told.replace(kind="cosmetic")
