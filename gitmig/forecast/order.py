"""In which order Git branches are merged with the least work, and what each owner then meets.

A merge moves the head, so of all branches that add a revision one merges as it is and the others have something to do,
whichever comes first.  What an order can spare is a rebase of branches that stand on each other, and surprises: what
conflicts comes last, when there is most to compare it with.
"""

from __future__ import annotations

from gitmig.forecast.collisions import NONE, Contribution, contribute, crowded, ground, situation_of
from gitmig.frozen import Frozen
from gitmig.resolve.joining import draft_join
from gitmig.resolve.remedy import MERGE, NOTHING, REFUSE, REPARENT, decide
from gitmig.revisions.revision import Revision
from gitmig.schema.commute import CONFLICT, UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gitmig.forecast.collisions import Changes, Files, Known, Pair, Target
    from gitmig.resolve.remedy import Remedy
    from gitmig.resolve.situation import Situation


class Step(Frozen):
    """One branch at its turn.

    `remedies` are what its owner has to do, one for each environment that needs something; `heads` are those that each
    environment has afterwards.  `after` are branches merged before whose revisions it carries: it is rebased first
    where one of them was changed on its way in.  `is_merged` is False where no remedy is safe; the queue goes on
    without it.
    """

    ref: str
    remedies: tuple[Remedy, ...] = ()
    heads: Mapping[str, tuple[str, ...]] = {}
    after: tuple[str, ...] = ()
    rebase: bool = False
    is_merged: bool = True

    @property
    def kind(self) -> str:
        """The remedy of all environments together: the hardest of them."""
        return max((one.kind for one in self.remedies), key=RANK.index, default=NOTHING)


RANK = (NOTHING, REPARENT, MERGE, REFUSE)


class Queue:
    """A target that branches are merged into one after the other, each after its owner did what was necessary."""

    def __init__(
        self, targets: Mapping[str, Target], known: Known, contains: Mapping[str, Collection[str]] = NONE
    ) -> None:
        self.targets = targets
        self.known = known
        self.contains = contains
        self.steps: dict[str, Step] = {}
        self.merged: dict[str, dict[str, Revision | None]] = {name: {} for name in targets}
        self.heads = {name: frozenset(target.graph.heads) for name, target in targets.items()}
        self._came: dict[tuple[str, str, str], tuple[str, bool]] = {}
        self._ids: dict[str, str] = {}

    def is_free(self, contributions: Iterable[Contribution]) -> bool:
        """Whether a branch merges now as it is: it stands on the heads of this moment, and no head comes beside it."""
        return all(self._is_free(one) for one in contributions)

    def _is_free(self, contribution: Contribution) -> bool:
        rest, _, conflicts = self.rest_of(contribution)
        if conflicts or contribution.conflicts:
            return False
        new = {revision.id for revision in rest.new}
        revised = {parent for revision in rest.new for parent in revision.down_revisions}
        outer = revised - new
        if not rest.changes:
            return True
        if len(outer) == 1 and len(new - revised) == 1 and not rest.edited and not rest.removed:
            return outer <= self.heads[contribution.environment]
        situation = situation_of(self.targets[contribution.environment], rest, before=self.merged[rest.environment])
        return situation.is_settled

    def merge(self, ref: str, contributions: Iterable[Contribution]) -> Step:
        """The branch at its turn: what its owner does, and the target afterwards."""
        whole = next((other for other, step in self.steps.items() if self.is_in(ref, other) and step.is_merged), None)
        self.steps[ref] = self._whole(ref, whole) if whole else self._merge(ref, contributions)
        return self.steps[ref]

    def is_in(self, ref: str, other: str) -> bool:
        return ref in self.contains.get(other, ())

    def _whole(self, ref: str, other: str) -> Step:
        """A branch that came with another one."""
        return Step(ref, heads={name: tuple(sorted(heads)) for name, heads in self.heads.items()}, after=(other,))

    def _merge(self, ref: str, contributions: Iterable[Contribution]) -> Step:
        remedies: list[Remedy] = []
        below = {other: step.kind != NOTHING for other, step in self.steps.items() if self.is_in(other, ref)}
        carried = {other: changed for other, changed in below.items() if self.steps[other].is_merged}
        outcomes: list[tuple[Contribution, Contribution, Changes]] = []
        for one in contributions:
            rest, behind, conflicts = self.rest_of(one)
            carried |= behind
            rest = rest.replace(conflicts=tuple(sorted({*rest.conflicts, *conflicts})))
            target, before = self.targets[one.environment], self.merged[one.environment]
            situation = situation_of(target, rest, self.known, before)
            remedy = decide(situation)
            if rest.conflicts and remedy.kind == NOTHING:
                remedy = remedy.replace(kind=REFUSE, why=in_conflict(rest))
            if remedy.kind != NOTHING:
                remedies.append(remedy)
            published = ground(target, rest.changes, before)
            outcomes.append((one, rest, outcome(situation, published, remedy)))
        after, rebase = tuple(carried), any(carried.values())
        if any(one.kind == REFUSE for one in remedies):
            return Step(ref, tuple(remedies), self.heads_now(outcomes), after, rebase, is_merged=False)
        for one, rest, changes in outcomes:
            self.take(ref, one, rest, changes)
        return Step(ref, tuple(remedies), self.heads_now(outcomes), after, rebase)

    def rest_of(self, contribution: Contribution) -> tuple[Contribution, dict[str, bool], list[str]]:
        """What the branch still brings after others were merged.

        Also the branches that brought parts of it (True where those were changed on the way), and the files in which it
        now conflicts with one of them.
        """
        before = self.merged[contribution.environment]
        if before.keys().isdisjoint(contribution.changes) and not self._brought(contribution):
            return contribution, {}, []
        rest: dict[str, Revision | None] = {}
        behind: dict[str, bool] = {}
        conflicts = []
        for path, revision in contribution.changes.items():
            came = self._came.get((contribution.environment, path, blob_of(revision)))
            if came is not None:
                ref, was_changed = came
                behind[ref] = behind.get(ref, False) or was_changed
            elif path in before and before[path] != revision:
                conflicts.append(path)
            else:
                rest[path] = revision
        if self._ids:
            rest = {path: one and self._renamed(one) for path, one in rest.items()}
        target = self.targets[contribution.environment]
        made = contribute(target, rest, contribution.conflicts, contribution.unreadable)
        return made.replace(heads=contribution.heads), behind, conflicts

    def _brought(self, contribution: Contribution) -> bool:
        name = contribution.environment
        return any((name, path, blob_of(one)) in self._came for path, one in contribution.changes.items())

    def _renamed(self, revision: Revision) -> Revision:
        """With the new ids of revisions that were renumbered when they were merged."""
        return revision.replace(
            down_revisions=tuple(self._ids.get(one, one) for one in revision.down_revisions),
            depends_on=tuple(self._ids.get(one, one) for one in revision.depends_on),
        )

    def take(self, ref: str, whole: Contribution, rest: Contribution, changes: Changes) -> None:
        """The target of the next one."""
        name = whole.environment
        target, before = self.targets[name], self.merged[name]
        before.update(changes)
        for path in rest.changes:
            revision, now = whole.changes[path], changes.get(path)
            was_changed = revision is not None and now != revision
            self._came.setdefault((name, path, blob_of(revision)), (ref, was_changed))
            if revision is not None and now is not None and now.id != revision.id:
                self._ids[revision.id] = now.id
        graph = situation_of(target, Contribution(name, {}), before=before).graph
        self.heads[name] = frozenset(graph.heads)

    def heads_now(self, outcomes: Iterable[tuple[Contribution, Contribution, Changes]]) -> dict[str, tuple[str, ...]]:
        return {one.environment: tuple(sorted(self.heads[one.environment])) for one, _, _ in outcomes}


def in_conflict(contribution: Contribution) -> str:
    return f"{', '.join(contribution.conflicts)} is in a Git conflict"


def blob_of(revision: Revision | None) -> str:
    return "" if revision is None else f"{revision.blob} {revision.id} {' '.join(revision.down_revisions)}"


def outcome(situation: Situation, published: Files, remedy: Remedy) -> dict[str, Revision | None]:
    """The changes of the branch as they are once its owner has followed the remedy."""
    files: dict[str, Revision] = dict(situation.files)
    for move in remedy.moves:
        revision = files.pop(move.path)
        if not move.dropped:
            path = move.new_path(revision.id) if move.path not in situation.renamed else move.path
            files[path] = revision.replace(
                id=move.new_id or revision.id,
                down_revisions=move.parents,
                depends_on=revision.depends_on if move.depends_on is None else move.depends_on,
                path=path,
            )
    for join in remedy.joins:
        draft = draft_join(join, situation, "", [one.id for one in files.values()])
        beside = situation.path(join.heads[0]).rpartition("/")[0]
        files[f"{beside}/{draft.id}.py"] = Revision(draft.id, draft.down_revisions, path=f"{beside}/{draft.id}.py")
    changes: dict[str, Revision | None] = {path: one for path, one in files.items() if published.get(path) != one}
    changes.update({path: None for path in published if path not in files})
    return changes


# In which order


def find_order(
    branches: Mapping[str, Sequence[Contribution]],
    targets: Mapping[str, Target],
    pairs: Iterable[Pair],
    known: Known,
    contains: Mapping[str, Collection[str]] = NONE,
) -> tuple[Step, ...]:
    """Every branch at its turn.

    What merges as it is comes first, and of that what most others stand on; then what conflicts with the fewest of
    those that are left.  A branch that stands on another comes after it.
    """
    queue = Queue(targets, known, contains)
    bases = {ref: below | frozenset(contains.get(ref, ())) for ref, below in stacked(branches).items()}
    clashing: dict[str, set[str]] = {ref: set() for ref in branches}
    doubtful: dict[str, set[str]] = {ref: set() for ref in branches}
    for pair in pairs:
        into = clashing if pair.verdict == CONFLICT else doubtful if pair.verdict == UNKNOWN else None
        if into is not None and pair.one in into and pair.other in into:
            into[pair.one].add(pair.other)
            into[pair.other].add(pair.one)
    left = sorted(branches)
    size = {ref: sum(len(one.added) for one in branches[ref]) for ref in left}
    followers = {ref: sum(ref in below for below in bases.values()) for ref in left}
    late = {ref: any(crowded(targets[one.environment], one) for one in branches[ref]) for ref in left}
    torn = {ref for ref in left if any(one.conflicts for one in branches[ref])}
    steps = []
    while left:
        here = set(left)
        ready = [ref for ref in left if here.isdisjoint(bases[ref])] or left
        free = [ref for ref in ready if queue.is_free(branches[ref])]

        def trouble(ref: str, here: Collection[str] = here) -> tuple[bool, int, int, bool, int, str]:
            others = len(clashing[ref].intersection(here)), len(doubtful[ref].intersection(here))
            return (ref in torn, *others, late[ref], size[ref], ref)

        best = min(free, key=lambda ref: (-followers[ref], trouble(ref))) if free else min(ready, key=trouble)
        steps.append(queue.merge(best, branches[best]))
        left.remove(best)
    return tuple(steps)


def stacked(branches: Mapping[str, Sequence[Contribution]]) -> dict[str, frozenset[str]]:
    """The branches that each one stands on: it has all their new revisions, and more; of equals the first by name."""
    own = {
        ref: frozenset((one.environment, revision.path, revision.blob) for one in contributions for revision in one.new)
        for ref, contributions in branches.items()
    }
    return {
        ref: frozenset(
            other for other in own if own[other] and (own[other] < own[ref] or (own[other] == own[ref] and other < ref))
        )
        for ref in own
    }


def walk_queue(
    order: Iterable[str],
    branches: Mapping[str, Sequence[Contribution]],
    targets: Mapping[str, Target],
    known: Known,
    contains: Mapping[str, Collection[str]] = NONE,
) -> tuple[Step, ...]:
    """The branches in an order that somebody else chose; one of which nothing is known stays outside."""
    queue = Queue(targets, known, contains)
    return tuple(queue.merge(ref, branches[ref]) if ref in branches else Step(ref, is_merged=False) for ref in order)
