"""A revision graph to be drawn: which nodes are shown, what is folded, in which order and lane each one stands."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from gitmig.report.resolve import Authorship
    from gitmig.revisions.graph import RevisionGraph

SHORTEST_FOLD = 3
MOST_ROWS = 400  # of a picture; Mermaid gives up at 500 edges, and nobody reads more than this


class Node(Frozen):
    """One revision, or a run of them: then `folded` says how many, `revision` is the newest and `last` the oldest.

    `state` is "published", "local", "missing" (no file defines it) or "" where nothing is known to be shared.
    """

    revision: str
    parents: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    state: str = ""
    is_head: bool = False
    path: str = ""
    folded: int = 0
    last: str = ""

    @property
    def slug(self) -> str:
        """The file name without the id, which stands there already."""
        name = self.path.rpartition("/")[2].removesuffix(".py")
        return "" if self.folded else name.replace(self.revision, "").strip("_-").replace("_", " ")


class View(Frozen):
    """The graph of one environment; `authors` by path of the revision file."""

    name: str
    nodes: tuple[Node, ...]
    authors: Mapping[str, Authorship] = {}

    def author(self, node: Node) -> Authorship | None:
        return None if node.folded else self.authors.get(node.path)


class Row(Frozen):
    """A node in its lane: `before` and `after` are the revisions that the lanes lead to, above it and below it."""

    node: Node
    lane: int
    before: tuple[str, ...]
    after: tuple[str, ...]


# Nodes


def nodes_of(graph: RevisionGraph, published: Iterable[str] | None, *, folds: bool = True) -> tuple[Node, ...]:
    """The nodes in drawing order, newest first; plain runs are folded unless `folds` is false."""
    shared = None if published is None else frozenset(published)
    heads = frozenset(graph.heads)
    nodes: dict[str, Node] = {}
    for one in graph.revisions:
        state = "" if shared is None else "published" if one in shared else "local"
        parents = tuple(dict.fromkeys(graph.down_revisions(one)))
        paths = graph.paths(one)
        nodes[one] = Node(
            one, parents, graph.depends_on(one), graph.own_labels(one), state, one in heads, paths[0] if paths else ""
        )
        for parent in parents:
            if parent not in graph:
                nodes[parent] = Node(parent, state="missing")
    ordered = in_drawing_order(nodes)
    return tuple(folded(ordered, graph)) if folds else tuple(ordered)


def in_drawing_order(nodes: Mapping[str, Node]) -> list[Node]:
    """Children before parents, line after line; revisions in a circle come last."""
    waiting: dict[str, int] = dict.fromkeys(nodes, 0)
    for node in nodes.values():
        for parent in node.parents:
            waiting[parent] += 1
    # published lines first, so that what is local stands to the right of them
    todo = sorted((one for one, count in waiting.items() if not count), key=lambda one: (nodes[one].state, one))
    order: list[Node] = []
    while todo:
        one = todo.pop()
        order.append(nodes[one])
        for parent in reversed(nodes[one].parents):
            waiting[parent] -= 1
            if not waiting[parent]:
                todo.append(parent)
    done = {node.revision for node in order}
    return order + [nodes[one] for one in sorted(nodes) if one not in done]


def folded(ordered: Sequence[Node], graph: RevisionGraph) -> Iterator[Node]:
    """Runs of revisions with one parent and one child, nothing special about them, as one node."""
    run: list[Node] = []
    for node in ordered:
        if _is_plain(node, graph) and (
            not run or (run[-1].parents == (node.revision,) and run[-1].state == node.state)
        ):
            run.append(node)
            continue
        yield from _closed(run)
        run = [node] if _is_plain(node, graph) else []
        if not run:
            yield node
    yield from _closed(run)


def _is_plain(node: Node, graph: RevisionGraph) -> bool:
    one = node.revision
    return (
        len(node.parents) == 1
        and node.parents[0] in graph
        and len(graph.children(one)) == 1
        and not node.labels
        and not node.depends_on
        and not graph.dependents(one)
    )


def _closed(run: list[Node]) -> Iterator[Node]:
    if len(run) < SHORTEST_FOLD:
        yield from run
        return
    first, last = run[0], run[-1]
    yield first.replace(parents=last.parents, folded=len(run), last=last.revision, path="")


def shortened(nodes: Sequence[Node], most: int = MOST_ROWS) -> tuple[Node, ...]:
    """The newest nodes, and one for all that are left out."""
    if len(nodes) <= most:
        return tuple(nodes)
    shown, rest = nodes[:most], nodes[most:]
    left = sum(node.folded or 1 for node in rest)
    return (*shown, Node(rest[0].revision, folded=left, last=rest[-1].last or rest[-1].revision))


# Lanes


def lay_out(nodes: Sequence[Node]) -> list[Row]:
    """Each node in a lane; a lane is named by the revision that it leads down to."""
    rows = []
    lanes: list[str] = []
    known = {node.revision for node in nodes}
    for node in nodes:
        if node.revision not in lanes:
            lanes.append(node.revision)
        before = tuple(lanes)
        lane = lanes.index(node.revision)
        kept = [one for at, one in enumerate(lanes) if one != node.revision or at == lane]
        # a parent that another lane leads to already gets a second one; they come together at its row
        kept[lane : lane + 1] = [one for one in node.parents if one in known]
        rows.append(Row(node, lane, before, tuple(kept)))
        lanes = kept
    return rows


# JSON


def graph_value(views: Sequence[View]) -> dict[str, Any]:
    """Every revision, newest first; nothing is folded."""
    return {
        "schema": 1,
        "environments": [
            {"name": view.name, "nodes": [_node_value(node, view.author(node)) for node in view.nodes]}
            for view in views
        ],
    }


def _node_value(node: Node, by: Authorship | None) -> dict[str, Any]:
    return {
        "revision": node.revision,
        "down_revisions": list(node.parents),
        "depends_on": list(node.depends_on),
        "branch_labels": list(node.labels),
        "state": node.state or None,
        "is_head": node.is_head,
        "path": node.path or None,
        "commit": by.commit if by else None,
        "author": by.author if by else None,
        "date": by.day if by else None,
    }
