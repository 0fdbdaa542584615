"""The forecast as a whole: what is read of each branch goes in, verdicts, pairs and an order come out."""

from __future__ import annotations

from gitmig.forecast.collisions import TWO_HEADS, Side, crowded, find_pairs, situation_of
from gitmig.forecast.order import RANK, Step, find_order, walk_queue
from gitmig.frozen import Frozen
from gitmig.resolve.remedy import NOTHING, REFUSE, Remedy, decide
from gitmig.schema.commute import CONFLICT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gitmig.forecast.collisions import Contribution, Known, Pair, Target
    from gitmig.schema.commute import Clash
    from gitmig.schema.operations import Operation

CLEAN, COLLIDES, CONFLICTS, UNDECIDED = "clean", "collides", "conflicts", "undecided"


class Tip(Frozen):
    """A Git branch: full name of its ref, commit, other refs at the same commit or behind it under the same name.

    `contributions` are what it does to each environment that it changes.  `contains` are other tips whose commits are
    all in its history, so that it replaces what they do.  `undecided` says why nothing can be told.
    """

    ref: str
    commit: str
    also: tuple[str, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    undecided: tuple[str, ...] = ()
    contains: frozenset[str] = frozenset()


class Outlook(Frozen):
    """What becomes of one branch.

    `verdict` against the target of now: "clean" (merges as it is), "collides" (brings a second head), "conflicts" (both
    touch the same thing, or Git itself would stop), "undecided".  `remedies` are what has to be done before it is
    merged now, one for each environment.  `collides_with` are the other branches beside which it makes two heads;
    `breaks_with` those with which it shares an id or a file, or misses a parent, as (ref, kind).
    """

    tip: Tip
    verdict: str
    remedies: tuple[Remedy, ...] = ()
    collides_with: tuple[str, ...] = ()
    breaks_with: tuple[tuple[str, str], ...] = ()
    operations: Mapping[str, tuple[Operation, ...]] = {}

    @property
    def ref(self) -> str:
        return self.tip.ref

    @property
    def kind(self) -> str:
        """The remedy of all environments together: the hardest of them."""
        return max((one.kind for one in self.remedies), key=RANK.index, default=NOTHING)

    @property
    def adds(self) -> tuple[str, ...]:
        return tuple(one for each in self.tip.contributions for one in each.added)

    @property
    def edits(self) -> tuple[str, ...]:
        return tuple(one for each in self.tip.contributions for one in each.edited)

    @property
    def removes(self) -> tuple[str, ...]:
        return tuple(one for each in self.tip.contributions for one in each.removed)

    @property
    def git_conflicts(self) -> tuple[str, ...]:
        """Revision files in which Git itself would stop."""
        return tuple(path for each in self.tip.contributions for path in each.conflicts)

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """Where it touches the same thing as the target; `one` is what the branch does."""
        own = {path for each in self.tip.contributions for path in each.changes}
        return tuple(_mine_first(clash, own) for one in self.remedies for clash in one.clashes)


def _mine_first(clash: Clash, own: Collection[str]) -> Clash:
    """The operation of the branch in front; a remedy has that of the published line there."""
    if clash.one.origin.path in own or clash.other.origin.path not in own:
        return clash
    return clash.replace(one=clash.other, other=clash.one)


class LeftOut(Frozen):
    """How many refs the forecast is not about, and why."""

    merged: int = 0
    without_revisions: int = 0
    older: int = 0
    twins: int = 0
    shared: int = 0


NONE = LeftOut()


class Forecast(Frozen):
    """All that a report shows.

    `target` is (ref, commit), `heads` are those of the target by environment.  `steps` are the branches in the order in
    which they are best merged, or in that of the queue that was asked about (`is_queue`).  `unread` says what of the
    target itself could not be read.
    """

    target: tuple[str, str]
    heads: Mapping[str, tuple[str, ...]]
    outlooks: tuple[Outlook, ...] = ()
    pairs: tuple[Pair, ...] = ()
    steps: tuple[Step, ...] = ()
    is_queue: bool = False
    left_out: LeftOut = NONE
    unread: tuple[str, ...] = ()
    trunk: Mapping[str, tuple[str, ...]] = {}

    @property
    def undecided(self) -> bool:
        return bool(self.unread) or any(one.verdict == UNDECIDED for one in self.outlooks)

    def pairs_of(self, ref: str) -> tuple[Pair, ...]:
        """The pairs that one branch belongs to."""
        return self.by_ref.get(ref, ())

    @property
    def by_ref(self) -> dict[str, tuple[Pair, ...]]:
        """The pairs of each branch; worked out once, because there may be a thousand."""
        known: dict[str, tuple[Pair, ...]] | None = self.__dict__.get("_by_ref")
        if known is None:
            found: dict[str, list[Pair]] = {}
            for pair in self.pairs:
                found.setdefault(pair.one, []).append(pair)
                found.setdefault(pair.other, []).append(pair)
            known = self.__dict__["_by_ref"] = {ref: tuple(pairs) for ref, pairs in found.items()}
        return known


def in_question(tips: Iterable[Tip], targets: Mapping[str, Target]) -> dict[str, frozenset[str]]:
    """Revisions of the target, by environment, whose operations matter: those that new ones were written beside."""
    found: dict[str, set[str]] = {name: set() for name in targets}
    for tip in tips:
        for one in tip.contributions:
            target = targets[one.environment]
            if crowded(target, one):
                situation = situation_of(target, one)
                found[one.environment] |= {name for name in situation.in_question if name in target.graph}
    return {name: frozenset(revisions) for name, revisions in found.items()}


def forecast(
    target: tuple[str, str],
    tips: Sequence[Tip],
    targets: Mapping[str, Target],
    known: Known,
    *,
    queue: Sequence[str] = (),
    left_out: LeftOut = NONE,
    unread: tuple[str, ...] = (),
) -> Forecast:
    """Verdicts, pairs and the order; `queue` are refs among the tips, in the order in which they are to be merged."""
    decided = {tip.ref: tip.contributions for tip in tips if not tip.undecided}
    sides: dict[str, list[Side]] = {name: [] for name in targets}
    for ref, contributions in decided.items():
        for one in contributions:
            sides[one.environment].append(Side(ref, targets[one.environment], one, known))
    contains = {tip.ref: tip.contains for tip in tips}
    pairs = tuple(pair for name in targets for pair in find_pairs(sides[name], contains))
    against: dict[str, dict[str, set[str]]] = {ref: {} for ref in decided}
    for pair in pairs:
        for kind in pair.kinds:
            against[pair.one].setdefault(kind, set()).add(pair.other)
            against[pair.other].setdefault(kind, set()).add(pair.one)
    outlooks = tuple(_outlook(tip, targets, known, against.get(tip.ref, {})) for tip in tips)
    if queue:
        steps = walk_queue(queue, decided, targets, known, contains)
    else:
        steps = find_order(decided, targets, pairs, known, contains)
    heads = {name: one.graph.heads for name, one in targets.items()}
    trunk = {name: trunk_of(one, decided.values()) for name, one in targets.items()}
    return Forecast(target, heads, outlooks, pairs, steps, bool(queue), left_out, unread, trunk)


def trunk_of(target: Target, branches: Iterable[Iterable[Contribution]]) -> tuple[str, ...]:
    """What a picture shows of the target: where branches leave it, and its heads; oldest first."""
    wanted = set(target.graph.heads)
    for contributions in branches:
        for one in contributions:
            if one.environment == target.environment:
                wanted |= {parent for parent in one.outer if parent in target.graph}
    return tuple(one for one in target.graph.upgrade_order() if one in wanted)


def _outlook(tip: Tip, targets: Mapping[str, Target], known: Known, against: Mapping[str, set[str]]) -> Outlook:
    if tip.undecided:
        return Outlook(tip, UNDECIDED)
    remedies = [remedy for one in tip.contributions if (remedy := now(targets[one.environment], one, known))]
    operations = {
        revision.id: known[revision.blob].operations
        for one in tip.contributions
        for revision in one.new
        if revision.blob in known
    }
    others = tuple(sorted(against.get(TWO_HEADS, ())))
    breaks = sorted((ref, kind) for kind, refs in against.items() if kind != TWO_HEADS for ref in refs)
    return Outlook(tip, verdict_of(remedies), tuple(remedies), others, tuple(breaks), operations)


def now(target: Target, contribution: Contribution, known: Known) -> Remedy | None:
    """What the owner of a branch does to merge it into the target of now; None where there is nothing to do."""
    if contribution.conflicts:
        situation = situation_of(target, contribution, known)
        remedy = decide(situation)
        return remedy if remedy.kind != NOTHING else remedy.replace(kind=REFUSE)
    if not crowded(target, contribution) and not _takes_an_id(target, contribution):
        return None
    remedy = decide(situation_of(target, contribution, known))
    return remedy if remedy.kind != NOTHING else None


def _takes_an_id(target: Target, contribution: Contribution) -> bool:
    """Whether a new file has the id of a revision that stays where it is."""
    return any(
        path not in target.files and one is not None and one.id in target.graph
        for path, one in contribution.changes.items()
    )


def verdict_of(remedies: Collection[Remedy]) -> str:
    if not remedies:
        return CLEAN
    if any(one.verdict == CONFLICT or one.kind == REFUSE for one in remedies):
        return CONFLICTS
    return COLLIDES
