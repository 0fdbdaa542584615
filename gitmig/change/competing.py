"""Lines of revisions that compete: they leave the graph at the same place and end in different heads."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gitmig.revisions.graph import RevisionGraph
    from gitmig.schema.commute import Clash


class Line(Frozen):
    """The revisions that only `head` needs, lowest first; `parents` are what the lowest ones revise."""

    head: str
    revisions: tuple[str, ...]
    parents: tuple[str, ...]

    @property
    def lowest(self) -> str:
        return self.revisions[0] if self.revisions else self.head


class Competition(Frozen):
    """Two or more heads of one label group; `label` is "" for the unlabelled."""

    label: str
    lines: tuple[Line, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(line.head for line in self.lines)

    @property
    def fork(self) -> tuple[str, ...]:
        """Where the lines part, when all of them leave the same revisions; else ()."""
        parents = {line.parents for line in self.lines}
        return parents.pop() if len(parents) == 1 else ()


class Rivalry(Frozen):
    """Two competing lines and where they touch the same thing; conflicts come before what is unknown.

    `is_ahead`: the lines meet only when the target is merged.  `blobs` are those of the files of both lines, by path.
    """

    one: Line
    other: Line
    clashes: tuple[Clash, ...] = ()
    is_ahead: bool = False
    blobs: Mapping[str, str] = {}


def heads_by_label(graph: RevisionGraph) -> dict[str, tuple[str, ...]]:
    """Heads by effective branch labels; by design each label may have one head, and the unlabelled count as one."""
    return {",".join(labels): heads for labels, heads in graph.heads_by_label().items()}


def find_competitions(graph: RevisionGraph) -> Iterator[Competition]:
    """Every label group with more than one head."""
    for label, heads in sorted(heads_by_label(graph).items()):
        if len(heads) > 1:
            yield Competition(label, lines_of(graph, heads))


def lines_of(graph: RevisionGraph, heads: tuple[str, ...]) -> tuple[Line, ...]:
    """One line a head: what it has and none of the other heads needs."""
    plain = plain_lines(graph, *heads) if len(heads) == 2 else None
    if plain is not None:
        return plain
    needed = {head: graph.ancestors(head) for head in heads}
    lines = []
    for head in sorted(heads):
        shared = frozenset[str]().union(*(needed[other] for other in heads if other != head))
        own = needed[head] - shared
        lines.append(Line(head, in_order(graph, own) or (head,), outer_parents(graph, own)))
    return tuple(lines)


def plain_lines(graph: RevisionGraph, first: str, second: str) -> tuple[Line, ...] | None:
    """Two lines of single parents down to where they meet; None when one of them forks or ends before.

    The usual case, in which the thousands of revisions beneath the fork need not be walked.
    """
    ways = {first: [first], second: [second]}
    seen = {first: first, second: second}
    walking = [(first, second), (second, first)]
    while walking:
        for head, other in tuple(walking):
            here = ways[head][-1]
            down = graph.down_revisions(here)
            if len(down) != 1 or graph.depends_on(here) or down[0] not in graph:
                walking.remove((head, other))  # the fork may lie higher, on the other's way
                continue
            if seen.get(down[0]) == other:
                ways[other] = ways[other][: ways[other].index(down[0])] or ways[other][:1]
                lines = (Line(one, tuple(reversed(way)), down) for one, way in sorted(ways.items()))
                return tuple(lines) if down[0] not in (first, second) else None
            if down[0] in seen:
                return None
            seen[down[0]] = head
            ways[head].append(down[0])
    return None


def in_order(graph: RevisionGraph, revisions: Collection[str]) -> tuple[str, ...]:
    """A few revisions, parents first; those in a circle last."""
    waiting = sorted(revisions)
    ordered: dict[str, None] = {}
    while waiting:
        ready = [name for name in waiting if not any(one in waiting for one in graph.down_revisions(name))]
        ordered |= dict.fromkeys(ready or waiting)
        waiting = [name for name in waiting if name not in ordered]
    return tuple(ordered)


def outer_parents(graph: RevisionGraph, revisions: Collection[str]) -> tuple[str, ...]:
    """The parents of a set of revisions that are not in it."""
    return tuple(sorted({parent for name in revisions for parent in graph.down_revisions(name)} - set(revisions)))
