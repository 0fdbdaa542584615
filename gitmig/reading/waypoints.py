"""Where two chains part: what the revisions below build is replayed once, and both go on from there."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.elements import Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from gitmig.reading.tree_schemas import Seen

    Step: TypeAlias = tuple[str, list[tuple[str, str]]]  # a revision, and the path and blob of its file


class Chain(Frozen):
    """What revisions build; `imports` are the modules that they import, with the revisions that do.

    `helpers` are files of the tree whose code they call, directly or by way of another one.
    """

    schema: Schema = Schema()
    imports: Mapping[str, Sequence[str]] = {}
    helpers: frozenset[str] = frozenset()


class Trail:
    """The chain of one tree in upgrade order, and what some of its beginnings build, by their length."""

    def __init__(self, seen: Seen, steps: Sequence[Step]) -> None:
        self.seen = seen
        self.steps = steps
        self.waypoints: list[tuple[int, Chain]] = [(0, Chain())]

    def passed(self, count: int, chain: Chain) -> None:
        self.waypoints.append((count, chain))

    def shared_with(self, steps: Sequence[Step]) -> int:
        """How many steps from the base on are the same here and there."""
        pairs = zip(self.steps, steps)  # noqa: B905  (the shorter one ends it)
        apart = (count for count, (one, other) in enumerate(pairs) if one != other)
        return next(apart, min(len(self.steps), len(steps)))


class Waypoints:
    """The trails of one comparison."""

    def __init__(self) -> None:
        self._trails: list[Trail] = []

    def begin(self, seen: Seen, steps: Sequence[Step]) -> Trail:
        trail = Trail(seen, steps)
        self._trails.append(trail)
        return trail

    def furthest(self, steps: Sequence[Step], agrees: Callable[[Seen, Chain], bool]) -> tuple[int, Chain]:
        """The last waypoint of any trail that lies on these steps and about which the two trees agree."""
        found = [(0, Chain())]
        for trail in self._trails:
            shared = trail.shared_with(steps)
            near = (waypoint for waypoint in reversed(trail.waypoints) if waypoint[0] <= shared)
            found.append(next(waypoint for waypoint in near if agrees(trail.seen, waypoint[1])))
        return max(found, key=lambda waypoint: waypoint[0])
