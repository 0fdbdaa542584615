"""Which fix is safe: nothing, re-parent, merge revision, or a refusal with its reason.  Pure graph work, no text.

Re-parenting is safe for every shared database when what moves is unpublished; joining is safe always.  What is unknown
never makes a remedy automatic.
"""

from __future__ import annotations

from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word
from gitmig.resolve.outcome import broken_promise, graph_after
from gitmig.resolve.reordering import Move, Moved, NoOrder, put_after
from gitmig.schema.commute import COMMUTE, CONFLICT, UNKNOWN, Clash, commute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.change.competing import Competition
    from gitmig.resolve.situation import Situation
    from gitmig.schema.operations import Operation

NOTHING, REPARENT, MERGE, REFUSE = "none", "reparent", "merge", "refuse"
_RANK = (NOTHING, REPARENT, MERGE, REFUSE)


class Block(Frozen):
    """Revisions that stay together, lowest first; `standing` is published, unpublished, mixed or unknown."""

    head: str
    revisions: tuple[str, ...]
    standing: str


class Join(Frozen):
    """Heads that one merge revision brings together."""

    heads: tuple[str, ...]
    label: str = ""


class Private(Frozen):
    """Databases at or above `lowest` go down to `parents` before it is re-parented; else they never run `skipped`.

    `lowest` is the id that is written in the file now, which is what those databases know.
    """

    lowest: str
    parents: tuple[str, ...]
    skipped: tuple[str, ...]


class Remedy(Frozen):
    """What is to be done in one environment, and why.

    `verdict` says whether the competing lines commute, conflict, or nobody knows; `doubts` are other things that a
    person should look at before.  `moves` and `joins` are what the plan is made of.
    """

    environment: str
    kind: str
    why: str = ""
    heads: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    verdict: str = COMMUTE
    clashes: tuple[Clash, ...] = ()
    doubts: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    joins: tuple[Join, ...] = ()
    private: tuple[Private, ...] = ()
    help: tuple[Help, ...] = ()

    @property
    def conflicts(self) -> tuple[Clash, ...]:
        return tuple(clash for clash in self.clashes if clash.verdict == CONFLICT)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Everything that makes it unsafe to go on without asking, in words."""
        found = [f"{clash.object or 'anything'}: {clash.why}" for clash in self.clashes if clash.verdict == UNKNOWN]
        return tuple(dict.fromkeys((*self.doubts, *found)))

    @property
    def is_automatic(self) -> bool:
        return self.kind in (REPARENT, MERGE) and self.verdict == COMMUTE and not self.doubts


def decide(situation: Situation, wanted: str = "") -> Remedy:
    """The remedy; `wanted` is "reparent" or "merge" where a person chose, else "" for the safe one."""
    nothing = Remedy(situation.environment, NOTHING, "it has one head", situation.graph.heads)
    if situation.is_settled and not situation.conflicts:
        return nothing
    refused = nothing.replace(kind=REFUSE)
    stop = _obstacle(situation)
    if stop is not None:
        return refused.replace(why=stop[0], help=stop[1])
    remedy = nothing.replace(why="")
    if situation.renamed and not situation.competitions:
        remedy = _fold(remedy, _renamed_only(situation))
    for competition in situation.competitions:
        remedy = _fold(remedy, _settle(situation, competition, wanted))
    return remedy.replace(doubts=tuple(dict.fromkeys((*remedy.doubts, *_doubts(situation)))))


def _fold(one: Remedy, other: Remedy) -> Remedy:
    """Two competitions of an environment in one remedy; a refusal of one refuses the whole."""
    kind = max(one.kind, other.kind, key=_RANK.index)
    verdicts = (one.verdict, other.verdict)
    return other.replace(
        kind=kind,
        why="; ".join(dict.fromkeys(text for text in (one.why, other.why) if text)),
        blocks=one.blocks + other.blocks,
        verdict=CONFLICT if CONFLICT in verdicts else UNKNOWN if UNKNOWN in verdicts else COMMUTE,
        clashes=one.clashes + other.clashes,
        doubts=one.doubts + other.doubts,
        moves=one.moves + other.moves,
        joins=one.joins + other.joins,
        private=one.private + other.private,
        help=one.help + other.help,
    )


# What stands in the way


def _obstacle(situation: Situation) -> tuple[str, tuple[Help, ...]] | None:
    if situation.conflicts:
        why = f"{', '.join(situation.conflicts)} is in a Git conflict"
        return why, (Help("settle it and stage the file, then run this again"),)
    if situation.duplicates:
        return f"several files define {', '.join(situation.duplicates)}, and it is not known which one is published", (
            Help("give one of them an id of its own"),
        )
    if situation.gone:
        revision, path = situation.gone[0]
        more = f" and {len(situation.gone) - 1} more" if len(situation.gone) > 1 else ""
        restore = f"git restore --source={shell_word(situation.target_name)} --staged --worktree -- {shell_word(path)}"
        return f"{revision}{more} is published on {situation.target_name} and deleted here", (
            Help("restore it, then run this again:", (restore,)),
        )
    if situation.graph.cycles:
        return f"the revisions {', '.join(situation.graph.cycles[0])} follow each other in a circle", ()
    return None


def _doubts(situation: Situation) -> Iterator[str]:
    if situation.unreadable:
        yield f"{', '.join(situation.unreadable)} cannot be read: a head may be missing from this picture"


# One competition


def _settle(situation: Situation, competition: Competition, wanted: str) -> Remedy:
    heads = competition.heads
    published = _published_heads(situation, heads)
    others = [head for head in heads if head not in published]
    lost = [head for head in heads if head in situation.revised]
    if lost and not others:
        return _already_settled(situation, heads, lost)
    if situation.published is None:
        usual, why = MERGE, "no shared branch is known, so nobody can say which line is unpublished; a join is safe"
    elif len(published) < 2:
        known = [one for one in published if one in heads]
        usual, why = REPARENT, f"{_named(others)} {'is' if len(others) == 1 else 'are'} unpublished"
        why += f", {known[0]} is published" if known else ""
    elif not others:
        usual, why = MERGE, f"{_named(published)} are published, and what is published keeps its parents"
    else:
        usual = MERGE
        why = f"{situation.target_name or 'what is shared'} has the heads {_named(published)} itself: one join for all"
    kind = wanted or usual
    if kind == MERGE:
        return _join(situation, competition, why if usual == MERGE else f"{why}, and a merge revision was asked for")
    if situation.published is None:
        return _move(situation, competition, (), heads, "no shared branch is known; re-parenting was asked for")
    if usual == MERGE:
        return _refuse_move(situation, heads, published, why)
    moved = _move(situation, competition, [one for one in published if one in heads], others, why)
    return moved if moved.kind == REPARENT or wanted else _join(situation, competition, f"{moved.why}: a join is safe")


def _already_settled(situation: Situation, heads: tuple[str, ...], lost: Sequence[str]) -> Remedy:
    """The target goes on from one of the heads: this tree is behind, or changed what is published."""
    name = situation.target_name
    why = f"{name} goes on from {_named(lost)} already, and no new revision made these heads"
    help_ = (
        Help(f"bring {name} in:", (f"git merge {shell_word(name)}",)),
        Help("or, if this tree has it, undo what it changes in published revisions: `gitmig check` names them"),
    )
    return Remedy(situation.environment, REFUSE, why, heads, help=help_)


def _published_heads(situation: Situation, heads: tuple[str, ...]) -> list[str]:
    """The published revisions beneath these heads that no published one revises."""
    graph, published = situation.graph, situation.published or frozenset()
    beneath = graph.ancestors(*heads, dependencies=False) & published
    return sorted(one for one in beneath if published.isdisjoint(graph.children(one)))


def _refuse_move(situation: Situation, heads: tuple[str, ...], published: Sequence[str], why: str) -> Remedy:
    """Why nothing may be re-parented, and what would be skipped if it were."""
    merge = (Help("join the lines instead:", ("gitmig resolve --merge",)),)
    refused = Remedy(situation.environment, REFUSE, why, heads, help=merge)
    if len(published) < 2:
        return refused
    one, other = published[:2]
    return refused.replace(
        why=f"{one} and {other} are published: databases past {one} would never run {other} if it came beneath"
    )


def _join(situation: Situation, competition: Competition, why: str) -> Remedy:
    blocks = tuple(Block(line.head, line.revisions, situation.standing(line.revisions)) for line in competition.lines)
    join = Join(competition.heads, competition.label)
    return _judged(situation, Remedy(situation.environment, MERGE, why, competition.heads, blocks, joins=(join,)))


def _move(
    situation: Situation, competition: Competition, published: Sequence[str], others: Sequence[str], why: str
) -> Remedy:
    """Unpublished lines one after the other on top of the published head; what is this side's own comes last."""
    graph = situation.graph
    order = sorted(others, key=lambda head: (head in situation.own, head))
    try:
        moved = _reordered(situation, competition, published, order)
    except NoOrder as error:
        return _no_order(situation, competition, str(error))
    beneath = graph.ancestors(*others)
    lines = {line.head: line for line in competition.lines}
    blocks = [
        Block(head, tuple(one for one in lines[head].revisions if one not in beneath) or (head,), "published")
        for head in published
    ]
    blocks += [Block(head, revisions, "unpublished") for head, revisions in moved.placed]
    private = tuple(_private(situation, blocks, moved.moves))
    remedy = Remedy(
        situation.environment, REPARENT, why, competition.heads, tuple(blocks), doubts=moved.doubts, moves=moved.moves,
        private=private,
    )  # fmt: skip
    promise = broken_promise(situation, graph_after(situation, remedy), competition.label)
    if promise:
        return _no_order(situation, competition, promise)
    return _judged(situation, remedy)


def _private(situation: Situation, blocks: Sequence[Block], moves: Sequence[Move]) -> Iterator[Private]:
    """What databases miss that ran a line before it moved: all that comes beneath it now."""
    lowest = {move.revision: move for move in moves if move.is_lowest and move.changes_place}
    skipped: tuple[str, ...] = ()
    for block in blocks:
        for move in (lowest[one] for one in block.revisions if one in lowest):
            yield Private(situation.written.get(move.revision, move.revision), move.old_parents, skipped)
        skipped += block.revisions


def _no_order(situation: Situation, competition: Competition, why: str) -> Remedy:
    help_ = (Help("join the lines instead:", ("gitmig resolve --merge",)),)
    return Remedy(situation.environment, REFUSE, why, competition.heads, help=help_)


def _reordered(situation: Situation, competition: Competition, published: Sequence[str], order: Sequence[str]) -> Moved:
    """The new order; where all lines are local, any of them may be the one that stays.  NoOrder if none can."""
    staying = situation.published
    if staying is None:
        staying = frozenset.intersection(*(situation.graph.ancestors(head) for head in competition.heads))
    if published:
        return put_after(situation, published[0], order, staying)
    failed = NoOrder("")
    for first in order:
        try:
            return put_after(situation, "", [first, *(head for head in order if head != first)], staying)
        except NoOrder as error:
            failed = error
    raise failed


def _renamed_only(situation: Situation) -> Remedy:
    """No second head, but a local file with the id of a published one."""
    moves = tuple(
        Move(new, path, situation.files[path].down_revisions, situation.files[path].down_revisions)
        for path, new in situation.renamed.items()
    )
    why = "a local file has the id of a published revision"
    return Remedy(situation.environment, REPARENT, why, situation.graph.heads, moves=moves)


# Do the lines commute?


def _judged(situation: Situation, remedy: Remedy) -> Remedy:
    """The remedy with what the blocks do to each other.

    Where a parent is missing nobody knows what its line was written on top of, so nothing is compared with it.
    """
    clashes: list[Clash] = []
    unread: list[str] = []
    adrift = [revision for block in remedy.blocks for revision in block.revisions if _is_adrift(situation, revision)]
    todo = [_operations(situation, block, unread) for block in remedy.blocks] if not adrift else []
    for number, one in enumerate(todo):
        for other in todo[number + 1 :]:
            clashes += commute(one, other).clashes
    clashes.sort(key=lambda clash: clash.verdict != CONFLICT)
    verdict = clashes[0].verdict if clashes else UNKNOWN if unread or adrift else COMMUTE
    doubts = [f"what {', '.join(unread)} does cannot be read"] if unread else []
    doubts += [f"what {one} was written on top of is not known: a parent is missing" for one in adrift]
    return remedy.replace(verdict=verdict, clashes=tuple(clashes), doubts=(*remedy.doubts, *doubts))


def _is_adrift(situation: Situation, revision: str) -> bool:
    return any(parent not in situation.graph for parent in situation.graph.down_revisions(revision))


def _operations(situation: Situation, block: Block, unread: list[str]) -> list[Operation]:
    found: list[Operation] = []
    for revision in block.revisions:
        doing = situation.doing.get(revision)
        if doing is None:
            unread.append(revision)
        else:
            found += doing.operations
    return found


def _named(revisions: Sequence[str]) -> str:
    return " and ".join((", ".join(revisions[:-1]), revisions[-1])) if len(revisions) > 1 else "".join(revisions)
