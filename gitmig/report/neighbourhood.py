"""The part of a revision graph that a person needs to see: the heads and what lies beneath until the lines meet."""

from __future__ import annotations

from gitmig.report.report import GraphNode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.revisions.graph import RevisionGraph

MOST_NODES = 60
_DEEPEST = 12


def near_heads(graph: RevisionGraph, target: RevisionGraph | None, most: int = MOST_NODES) -> tuple[GraphNode, ...]:
    """At most `most` revisions, level by level from the heads down; ends one below the place where all lines meet."""
    level = list(graph.heads)
    found: dict[str, GraphNode] = {}
    for _ in range(_DEEPEST):
        for revision in level:
            if len(found) == most:
                return tuple(found.values())
            found[revision] = _node(graph, target, revision)
        met = len(found) > 1 and len(level) == 1 and not any(_is_new(graph, target, one) for one in level)
        parents = (parent for one in level for parent in graph.down_revisions(one))
        level = [parent for parent in dict.fromkeys(parents) if parent not in found]
        if met or not level:
            break
    return tuple(found.values())


def _node(graph: RevisionGraph, target: RevisionGraph | None, revision: str) -> GraphNode:
    if revision not in graph:
        return GraphNode(revision, state="missing")
    state = "new" if _is_new(graph, target, revision) else "published"
    return GraphNode(revision, graph.down_revisions(revision), state, revision in graph.heads)


def _is_new(graph: RevisionGraph, target: RevisionGraph | None, revision: str) -> bool:
    return revision in graph and target is not None and revision not in target
