"""Unpublished lines put one after the other: which revision gets which parents, id and path."""

from __future__ import annotations

from gitmig.change.competing import in_order
from gitmig.frozen import Frozen
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.naming import next_sequential_id, renamed_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from gitmig.resolve.situation import Situation


class NoOrder(Exception):
    """The lines cannot be put one after the other; the text says why."""


class Move(Frozen):
    """A revision file that changes.

    `revision` is the id it had in the situation, `new_id` the one it gets ("" as it was).  Parents and `depends_on` are
    as they are to be written; `depends_on` is None where it stays.  `dropped`: the file is deleted, since it joined
    heads and does nothing else.  `is_lowest`: it is where its line leaves what stays.  `dated_path` and `created` are
    the path and the `Create Date` that it gets where files lie in the order of their dates, "" as they were.
    """

    revision: str
    path: str
    old_parents: tuple[str, ...]
    parents: tuple[str, ...]
    new_id: str = ""
    depends_on: tuple[str, ...] | None = None
    dropped: bool = False
    is_lowest: bool = False
    dated_path: str = ""
    created: str = ""

    @property
    def changes_place(self) -> bool:
        return self.dropped or set(self.old_parents) != set(self.parents)

    def new_path(self, written_id: str) -> str:
        """Where the file goes when its date changes, or its id from the one that is written in it."""
        path = self.dated_path or self.path
        return renamed_path(path, written_id, self.new_id) if self.new_id else path


class Moved(Frozen):
    """`placed` has (head, its revisions) in the new order, `moves` what changes in the files."""

    moves: tuple[Move, ...]
    placed: tuple[tuple[str, tuple[str, ...]], ...]
    doubts: tuple[str, ...] = ()


def put_after(situation: Situation, onto: str, heads: Sequence[str], published: Collection[str]) -> Moved:
    """The lines of `heads` in this order on top of `onto` ("": on top of the first of them).  NoOrder if that fails.

    A parent that the new place has beneath it anyway is replaced by that place; others stay.  Merge revisions that
    join nothing any more and do nothing are dropped.
    """
    parents = {one: situation.graph.down_revisions(one) for one in situation.graph.revisions}
    placed: list[tuple[str, tuple[str, ...]]] = []
    taken: set[str] = set()
    dropped: dict[str, str] = {}
    lowest: set[str] = set()
    doubts: list[str] = []
    for head in _in_dependency_order(situation, heads, published):
        line = frozenset(situation.graph.ancestors(head, dependencies=False)) - set(published) - taken
        taken |= line
        ordered = in_order(situation.graph, line)
        placed.append((head, ordered))
        for one in ordered:  # what an earlier line dropped is known by what it stood on
            parents[one] = tuple(dict.fromkeys(_standing_on(parent, dropped) for parent in parents[one]))
        if onto:
            doubts += _relink(situation, parents, ordered, onto, lowest)
            dropped |= _drop_joins(situation, parents, ordered)
        onto = _standing_on(head, dropped)
    _require_sound(situation, parents, dropped)
    moved = tuple(one for _, revisions in placed for one in revisions)
    ids = _new_numbers(situation, [one for one in moved if one not in dropped], published)
    return Moved(tuple(_moves(situation, parents, moved, dropped, lowest, ids)), tuple(placed), tuple(doubts))


def _standing_on(revision: str, dropped: Mapping[str, str]) -> str:
    while revision in dropped:
        revision = dropped[revision]
    return revision


def _in_dependency_order(situation: Situation, heads: Sequence[str], published: Collection[str]) -> list[str]:
    """The heads, one whose line depends on another line after that one."""
    graph = situation.graph
    rest, order = list(heads), []
    done = set(published)
    while rest:
        for head in rest:
            own = graph.ancestors(head, dependencies=False)
            if graph.ancestors(head) <= own | done:
                break
        else:
            raise NoOrder(f"{' and '.join(rest)} depend on each other's lines")
        rest.remove(head)
        order.append(head)
        done |= own
    return order


def _relink(
    situation: Situation, parents: dict[str, tuple[str, ...]], line: Sequence[str], onto: str, lowest: set[str]
) -> list[str]:
    """Gives the outer parents of a line their new place; answers what is doubtful about it."""
    graph = _graph(situation, parents)
    beneath = graph.ancestors(onto)
    inside = set(line)
    doubts = []
    linked = False
    if beneath & inside:
        raise NoOrder(f"{onto} depends on {sorted(beneath & inside)[0]}, so it cannot come before it")
    for one in line:
        outer = [parent for parent in parents[one] if parent not in inside]
        missing = [parent for parent in outer if parent not in graph]
        doubts += [f"{one} revises {parent}, which no file defines" for parent in missing if parent]
        replaced = [parent for parent in outer if parent in beneath or parent in missing]
        is_base = not parents[one]
        if not replaced and not is_base:
            continue
        if is_base:
            doubts.append(f"{one} revises nothing: it starts a history of its own")
        linked = True
        lowest.add(one)
        new = [onto if parent in replaced else parent for parent in parents[one]] or [onto]
        parents[one] = tuple(dict.fromkeys(new))
    if not linked:
        raise NoOrder(f"the line of {line[-1]} starts elsewhere than beneath {onto}")
    graph = _graph(situation, parents)
    for one in line:
        parents[one] = _without_covered(graph, parents[one])
    return doubts


def _without_covered(graph: RevisionGraph, parents: tuple[str, ...]) -> tuple[str, ...]:
    """Without the parents that lie beneath another one; Alembic fails on `(X, ancestor of X)` when it upgrades."""
    if len(parents) < 2:
        return parents
    beneath = {one: graph.ancestors(one, dependencies=False) - {one} for one in parents}
    return tuple(one for one in parents if not any(one in beneath[other] for other in parents))


def _drop_joins(situation: Situation, parents: dict[str, tuple[str, ...]], line: Sequence[str]) -> dict[str, str]:
    """Merge revisions with one parent left that do nothing: they go, and what revises them revises that parent."""
    graph = situation.graph
    dropped: dict[str, str] = {}
    for one in line:
        parents[one] = tuple(dict.fromkeys(dropped.get(parent, parent) for parent in parents[one]))
        joined = len(graph.down_revisions(one)) > 1 and len(parents[one]) == 1
        doing = situation.doing.get(one)
        bound = graph.dependents(one) or graph.own_labels(one) or graph.depends_on(one)
        if joined and doing is not None and doing.empty and not bound:
            dropped[one] = parents[one][0]
    return dropped


def _require_sound(situation: Situation, parents: Mapping[str, tuple[str, ...]], dropped: Collection[str]) -> None:
    graph = _graph(situation, {one: down for one, down in parents.items() if one not in dropped})
    if graph.cycles:
        raise NoOrder(f"{' and '.join(graph.cycles[0])} would follow each other in a circle")


def _graph(situation: Situation, parents: Mapping[str, tuple[str, ...]]) -> RevisionGraph:
    old = situation.graph
    return RevisionGraph(
        (one, down, old.depends_on(one), old.own_labels(one), old.paths(one)[0]) for one, down in parents.items()
    )


# What is written


def _new_numbers(situation: Situation, moved: Iterable[str], published: Collection[str]) -> dict[str, str]:
    """New ids where the project numbers its revisions and a moved one would come out of order."""
    new = set(situation.renamed.values())
    moved = tuple(moved)
    taken = [one for one in situation.graph.revisions if one in published]
    if not moved or next_sequential_id(taken) is None:
        return {}
    ids: dict[str, str] = {}
    for one in moved:
        following = next_sequential_id(taken) or one
        if one in new or next_sequential_id([*taken, one]) == following or ids:
            # an id of its own was found already, or this number lies beneath what is published
            ids[one] = following
        taken.append(ids.get(one, one))
    return {one: new_id for one, new_id in ids.items() if new_id != one}


def _moves(
    situation: Situation,
    parents: Mapping[str, tuple[str, ...]],
    moved: Iterable[str],
    dropped: Collection[str],
    lowest: Collection[str],
    ids: Mapping[str, str],
) -> Iterable[Move]:
    """The revisions whose file changes."""
    graph = situation.graph
    for one in moved:
        path = graph.paths(one)[0]
        before = graph.down_revisions(one)
        if one in dropped:
            yield Move(one, path, before, parents[one], dropped=True, is_lowest=one in lowest)
            continue
        depends = situation.files[path].depends_on
        new_depends = tuple(ids.get(name, name) for name in depends)
        written = tuple(ids.get(parent, parent) for parent in parents[one])
        new_id = ids.get(one, one if path in situation.renamed else "")
        if new_id or written != before or new_depends != depends or _names_renamed(situation, one):
            yield Move(one, path, before, written, new_id, new_depends if depends else None, is_lowest=one in lowest)


def _names_renamed(situation: Situation, revision: str) -> bool:
    """Whether the file has to name a new id that the situation knows already."""
    new = set(situation.renamed.values())
    graph = situation.graph
    return bool(new & {*graph.down_revisions(revision), *graph.depends_on(revision)})
