"""What Git branches do to the target, and to each other: heads, files, and the tables they touch.

A branch is what it changes: the revision files that it would put on the target's.  Two branches are judged as if the
target had both, so what one of them still lacks of the target does not count against it.
"""

from __future__ import annotations

from gitmig.change.competing import heads_by_label, in_order
from gitmig.forecast.window import Window
from gitmig.frozen import Frozen
from gitmig.resolve.situation import find_situation
from gitmig.revisions.graph import RevisionGraph
from gitmig.schema.commute import COMMUTE, CONFLICT, UNKNOWN, Commutation, compare
from gitmig.schema.footprint import footprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from gitmig.resolve.situation import Doing, Situation
    from gitmig.revisions.revision import Revision
    from gitmig.schema.commute import Clash
    from gitmig.schema.footprint import Footprint
    from gitmig.schema.operations import Operation

    Files: TypeAlias = Mapping[str, Revision]
    Changes: TypeAlias = Mapping[str, Revision | None]
    Known: TypeAlias = Mapping[str, Doing]  # what a revision file does, by blob

NONE: Mapping[str, Collection[str]] = {}
TWO_HEADS, SAME_ID, SAME_FILE, MISSING = "two-heads", "same-id", "same-file", "missing-parent"


_NOTHING = Commutation(COMMUTE)


class Target:
    """One environment of the target.  `elsewhere` are revisions that other shared refs have, so published as well."""

    def __init__(
        self, environment: str, files: Files, graph: RevisionGraph, name: str = "", elsewhere: Collection[str] = ()
    ) -> None:
        self.environment = environment
        self.files = files
        self.graph = graph
        self.name = name
        self.elsewhere = frozenset(elsewhere)
        self.window = Window(files, graph)
        self.heads = heads_by_label(graph)


class Contribution(Frozen):
    """What one Git branch does to one environment of the target.

    `changes` are the files it puts there, None where it removes one.  `conflicts` are revision files that both changed,
    `unreadable` files of the branch whose ids cannot be read.  `added` lists new revisions, parents first; `edited` and
    `removed` are of the target's.  `heads` are those of the target with the branch on it, by label.
    """

    environment: str
    changes: Changes
    conflicts: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    heads: Mapping[str, tuple[str, ...]] = {}

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.conflicts or self.unreadable)

    @property
    def new(self) -> Iterator[Revision]:
        """The files of the revisions that it adds."""
        added = frozenset(self.added)
        return (one for one in self.changes.values() if one is not None and one.id in added)

    @property
    def outer(self) -> tuple[str, ...]:
        """The revisions that the new ones are written on."""
        new = frozenset(self.added)
        return tuple(sorted({parent for one in self.new for parent in one.down_revisions} - new))


class Pair(Frozen):
    """Two Git branches in one environment, both put on the target.

    `kinds` say how they collide: "two-heads", "same-id" (two files of one id), "same-file" (Git would stop),
    "missing-parent" (one removes what the other revises).  `heads` are those of the target with both, by label.
    `verdict` says whether their operations commute, conflict, or nobody knows; `tables` are those that both touch, and
    `operations` what each of them does there.
    """

    one: str
    other: str
    environment: str
    kinds: tuple[str, ...] = ()
    heads: Mapping[str, tuple[str, ...]] = {}
    verdict: str = COMMUTE
    clashes: tuple[Clash, ...] = ()
    tables: tuple[str, ...] = ()
    operations: tuple[tuple[Operation, ...], tuple[Operation, ...]] = ((), ())

    @property
    def collides(self) -> bool:
        return bool(self.kinds)

    @property
    def conflicts(self) -> tuple[Clash, ...]:
        return tuple(clash for clash in self.clashes if clash.verdict == CONFLICT)


# One branch


def contribute(
    target: Target, changes: Changes, conflicts: Iterable[str] = (), unreadable: Iterable[str] = ()
) -> Contribution:
    """A branch by what it changes; changes that the target has already are left out."""
    changes = {path: one for path, one in changes.items() if target.files.get(path) != one}
    graph = graph_of(put(target.window.above(touched(target, changes)), changes))
    was = {one.id for path in changes if (one := target.files.get(path)) is not None}
    now = {one.id for one in changes.values() if one is not None}
    new = [one for one in now if one not in target.graph]
    return Contribution(
        target.environment,
        changes,
        tuple(sorted(conflicts)),
        tuple(sorted(unreadable)),
        in_order(graph, new),
        tuple(sorted(was & now)),
        tuple(sorted(one for one in was - now if one not in graph)),
        heads_by_label(graph),
    )


def put(files: Files, changes: Changes) -> dict[str, Revision]:
    """The files with the changes on them."""
    made = dict(files)
    for path, revision in changes.items():
        if revision is None:
            made.pop(path, None)
        else:
            made[path] = revision
    return made


def touched(target: Target, changes: Changes) -> set[str]:
    """The target's revisions that the changes replace, remove, name, or have the id of; and names of nobody's."""
    new = {one.id for one in changes.values() if one is not None}
    found = set()
    for path, revision in changes.items():
        old = target.files.get(path)
        if old is not None:
            found.add(old.id)
        if revision is not None:
            found |= {name for name in (*revision.down_revisions, *revision.depends_on) if name not in new}
            if revision.id in target.graph:
                found.add(revision.id)
    return found


def graph_of(files: Files) -> RevisionGraph:
    return RevisionGraph(files[path].node for path in sorted(files))


def crowded(target: Target, contribution: Contribution) -> bool:
    """Whether the branch gives the target more heads than one, or than it has, in some group of labels."""
    return any(len(heads) > max(1, len(target.heads.get(label, ()))) for label, heads in contribution.heads.items())


def situation_of(
    target: Target, contribution: Contribution, known: Known | None = None, before: Changes | None = None
) -> Situation:
    """Where the target stands with the branch on it; `before` are changes that were merged ahead of it.

    `known` says what files do.  Without it the situation only tells which revisions are in question.
    """
    published = ground(target, contribution.changes, before or {})
    situation = find_situation(
        target.environment,
        put(published, contribution.changes),
        published_files=published,
        published_elsewhere=target.elsewhere,
        is_whole=True,
        target_name=target.name,
        own=frozenset(contribution.added),
        conflicts=contribution.conflicts,
        unreadable=contribution.unreadable,
    )
    if known is None or not situation.competitions:
        return situation
    blobs = {one.id: one.blob for one in situation.files.values()}
    return situation.replace(doing={one: known.get(blobs.get(one, "")) for one in situation.in_question})


def ground(target: Target, changes: Changes, before: Changes) -> Files:
    """The upper part of the target, with what was merged before on it, as far down as the changes reach."""
    return put(target.window.above(touched(target, {**before, **changes})), before)


# Two branches


class Side:
    """One branch, made ready to be compared with many."""

    def __init__(self, ref: str, target: Target, contribution: Contribution, known: Known) -> None:
        self.ref = ref
        self.contribution = contribution
        self.new = {one.id: one for one in contribution.new}
        changes = contribution.changes.values()
        self.revised = {parent for one in changes if one is not None for parent in one.down_revisions}
        self.removed = frozenset(contribution.removed)
        self.brings = {
            label: frozenset(heads) - frozenset(target.heads.get(label, ()))
            for label, heads in contribution.heads.items()
        }
        self.heads = {head for heads in contribution.heads.values() for head in heads}
        self.prints: dict[str, list[Footprint]] = {}
        self.unread = []
        for revision in self.new.values():
            doing = known.get(revision.blob)
            if doing is None:
                self.unread.append(revision.id)
            else:
                self.prints[revision.id] = [footprint(each) for each in doing.operations]
        every = [each for prints in self.prints.values() for each in prints]
        self.is_plain = not any(each.opaque or each.words or each.rows or each.hangs_on for each in every)
        self.roots = frozenset(path[:2] for each in every for path in (*each.writes, *each.needs, *each.drops))
        self.tables = {name: frozenset(table for each in prints for table in each.tables)
                       for name, prints in self.prints.items()}  # fmt: skip

    def is_far_from(self, other: Side) -> bool:
        """Whether nothing that they touch has the same name; of most pairs this answers at once."""
        return self.is_plain and other.is_plain and self.roots.isdisjoint(other.roots)

    def without(self, shared: Collection[str]) -> list[Footprint]:
        return [each for name, prints in self.prints.items() if name not in shared for each in prints]

    def tables_without(self, shared: Collection[str]) -> frozenset[str]:
        return frozenset(table for name, tables in self.tables.items() if name not in shared for table in tables)

    def operations_on(self, tables: Collection[str], shared: Collection[str]) -> tuple[Operation, ...]:
        """What it does to these tables."""
        if not tables:
            return ()
        return tuple(each.operation for each in self.without(shared) if not each.tables.isdisjoint(tables))


def find_pairs(sides: Sequence[Side], contains: Mapping[str, Collection[str]] = NONE) -> Iterator[Pair]:
    """Every two branches of one environment that collide or touch the same tables.

    Of two branches of which one contains the other there is only one: it has what the other does, or has changed it.
    """
    for number, one in enumerate(sides):
        for other in sides[number + 1 :]:
            if other.ref in contains.get(one.ref, ()) or one.ref in contains.get(other.ref, ()):
                continue
            pair = compare_sides(one, other)
            if pair.kinds or pair.tables or pair.verdict != COMMUTE:
                yield pair


def compare_sides(one: Side, other: Side) -> Pair:
    mine, yours = one.contribution, other.contribution
    shared = {name for name in one.new if name in other.new and _same(one.new[name], other.new[name])}
    kinds = []
    heads = heads_together(one, other)
    if _brings_a_head(one, other, heads):
        kinds.append(TWO_HEADS)
    if any(name in other.new and name not in shared and one.new[name].path != other.new[name].path for name in one.new):
        kinds.append(SAME_ID)
    if any(path in yours.changes and yours.changes[path] != change for path, change in mine.changes.items()):
        kinds.append(SAME_FILE)
    if one.removed & other.revised or other.removed & one.revised:
        kinds.append(MISSING)
    # One file with two texts is one revision twice: what it does is no conflict with itself.
    shared |= {name for name in one.new if name in other.new and one.new[name].path == other.new[name].path}
    found = _NOTHING if one.is_far_from(other) else compare(one.without(shared), other.without(shared))
    unread = [name for side in (one, other) for name in side.unread if name not in shared]
    verdict = UNKNOWN if unread and found.verdict == COMMUTE else found.verdict
    tables = one.tables_without(shared) & other.tables_without(shared)
    return Pair(
        one.ref,
        other.ref,
        mine.environment,
        tuple(kinds),
        heads,
        verdict,
        found.clashes,
        tuple(sorted(tables)),
        (one.operations_on(tables, shared), other.operations_on(tables, shared)),
    )


def _same(one: Revision, other: Revision) -> bool:
    return one.path == other.path and one.blob == other.blob


def heads_together(one: Side, other: Side) -> dict[str, tuple[str, ...]]:
    """The heads of the target with both branches on it: those of either that neither of them revises or removes."""
    gone = one.revised | other.revised | one.removed | other.removed
    found: dict[str, set[str]] = {}
    for side in (one, other):
        for label, heads in side.contribution.heads.items():
            found.setdefault(label, set()).update(head for head in heads if head not in gone)
    return {label: tuple(sorted(heads)) for label, heads in found.items() if heads}


def _brings_a_head(one: Side, other: Side, heads: Mapping[str, Collection[str]]) -> bool:
    """Whether each of them has a head of the same group that the other one neither has nor revises."""
    for label, group in heads.items():
        mine = (one.brings.get(label, frozenset()) - other.heads).intersection(group)
        yours = (other.brings.get(label, frozenset()) - one.heads).intersection(group)
        if mine and yours:
            return True
    return False
