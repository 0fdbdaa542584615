"""The upper part of a long history, cut where everything above hangs on one revision.

Heads, competing lines and remedies depend on what lies above the place where lines part.  Of a thousand revisions that
is often twenty, and fifty branches are judged against those twenty.
"""

from __future__ import annotations

from gitmig.revisions.naming import next_sequential_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitmig.revisions.graph import RevisionGraph
    from gitmig.revisions.revision import Revision

    Files = Mapping[str, Revision]


class Window:
    """Answers for one tree; `files` are all of its revision files by path.

    Nothing is cut where the answer could depend on what lies below: problems in the graph, labels, numbered revisions.
    """

    def __init__(self, files: Files, graph: RevisionGraph) -> None:
        self.files = files
        self._paths = {revision.id: path for path, revision in files.items()}
        self._place: dict[str, int] = {}
        self._floors: list[str] = []
        labelled = any(graph.own_labels(one) for one in graph.revisions)
        if graph.is_sound and not labelled and next_sequential_id(graph.revisions) is None:
            self._find_floors(graph)
        self._order = list(self._place)
        self._cut: dict[str, dict[str, Revision]] = {}

    def above(self, revisions: Iterable[str]) -> Files:
        """The files above the highest floor that lies strictly beneath all of these, and the floor as a base.

        A revision that this tree does not have counts as one that may lie anywhere, and nothing is cut.
        """
        floor = self._floor_beneath(revisions)
        if floor is None:
            return self.files
        if floor not in self._cut:
            kept = {self._paths[one]: self.files[self._paths[one]] for one in self._order[self._place[floor] + 1 :]}
            base = self.files[self._paths[floor]]
            kept[base.path] = base.replace(down_revisions=(), depends_on=())
            self._cut[floor] = kept
        return self._cut[floor]

    def _floor_beneath(self, revisions: Iterable[str]) -> str | None:
        places = [self._place.get(one, -1) for one in revisions]
        if not places or not self._floors:
            return None
        lowest = min(places)
        return next((one for one in reversed(self._floors) if self._place[one] < lowest), None)

    def _find_floors(self, graph: RevisionGraph) -> None:
        """In upgrade order, every revision after which nothing but itself is left to build on."""
        waiting = {one: len({*graph.children(one), *graph.dependents(one)}) for one in graph.revisions}
        unfinished = 0
        for place, one in enumerate(graph.upgrade_order()):
            self._place[one] = place
            for below in {*graph.down_revisions(one), *graph.depends_on(one)}:
                waiting[below] -= 1
                unfinished -= waiting[below] == 0
            if not unfinished:
                self._floors.append(one)
            unfinished += 1  # a head stays unfinished for ever: beside it nothing can be cut
