"""The order in which Alembic runs revisions, ties included.

Follows `RevisionMap._topological_sort` of Alembic 1.20: where several lines could go on, the order of files decides.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.revisions.graph import RevisionGraph


def upgrade_order(graph: RevisionGraph) -> tuple[str, ...]:
    """All revisions, oldest first; those in or above a cycle at the end, in the order of the files."""
    stuck = graph.descendants(*(one for cycle in graph.cycles for one in cycle))
    placed = {one: place for place, one in enumerate(graph.revisions) if one not in stuck}
    needs = {one: _new_dependencies(graph, one, placed) for one in placed}
    down = {}
    for one, dependencies in needs.items():
        parents = [parent for parent in graph.down_revisions(one) if parent in placed]
        down[one] = tuple(dict.fromkeys([*parents, *dependencies]))
    plain = {one for one in placed if len(graph.down_revisions(one)) == 1 and not needs[one]}
    order = _walk(_tops(down, placed), down, plain)
    return (*reversed(order), *(one for one in graph.revisions if one in stuck))


def _new_dependencies(graph: RevisionGraph, revision: str, known: dict[str, int]) -> list[str]:
    """The dependencies that no ancestor has already."""
    dependencies = graph.depends_on(revision)
    if not dependencies:
        return []
    beneath = graph.ancestors(revision, dependencies=False) - {revision}
    settled = {name for one in beneath for name in graph.depends_on(one)}
    return [one for one in dependencies if one in known and one not in settled]


def _tops(down: dict[str, tuple[str, ...]], placed: dict[str, int]) -> list[str]:
    needed = {one for parents in down.values() for one in parents}
    return sorted((one for one in down if one not in needed), key=placed.__getitem__)


def _walk(tops: list[str], down: dict[str, tuple[str, ...]], plain: set[str]) -> list[str]:
    """Newest first: down one line as far as nothing else stands on it, then on with the line that does."""
    lines = list(tops)
    beneath = [_beneath(line, down) for line in lines]
    todo = set(down)
    order = []
    current = 0
    while lines:
        candidate = lines[current]
        waits_for = next(
            (index for index, known in enumerate(beneath) if index != current and candidate in known), None
        )
        if waits_for is not None:
            current = waits_for
            continue
        if candidate in todo:
            order.append(candidate)
            todo.remove(candidate)
        following = [one for one in down[candidate] if one in todo and one not in lines]
        if not following:
            del lines[current]
            del beneath[current]
            current = max(current - 1, 0)
        elif candidate in plain:
            lines[current] = following[0]
            beneath[current].discard(candidate)
        else:
            lines[current] = following[0]
            lines += following[1:]
            beneath[current] = _beneath(following[0], down)
            beneath += [_beneath(one, down) for one in following[1:]]
    return order


def _beneath(revision: str, down: dict[str, tuple[str, ...]]) -> set[str]:
    seen: set[str] = set()
    todo = [revision]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += down[one]
    return seen
