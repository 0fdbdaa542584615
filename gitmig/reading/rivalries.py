"""What competing lines do to each other, and the head file; both are read only where they matter."""

from __future__ import annotations

from gitmig.change.competing import Rivalry, find_competitions
from gitmig.reading.tree_schemas import Seen, TreeSchemas
from gitmig.repo.store import Unreadable
from gitmig.revisions.head_file import HeadFile, head_file_path
from gitmig.schema.commute import commute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.change.change import Change
    from gitmig.change.competing import Line
    from gitmig.change.state import EnvironmentState
    from gitmig.environments.environment import Environment
    from gitmig.reading.reader import Reader
    from gitmig.reading.snapshot import Snapshot
    from gitmig.schema.operations import Operation


def find_rivalries(reader: Reader, change: Change, environment: Environment) -> tuple[Rivalry, ...]:
    """Every pair of competing lines of which one is new; of the local tree, else of the merged one."""
    comparison = reader.comparison
    found = _Rivals(reader, change, environment, comparison.local, change.local)
    rivalries = found.pairs(is_ahead=False)
    if rivalries or change.merged is None or comparison.merged is None:
        return rivalries
    return _Rivals(reader, change, environment, comparison.merged, change.merged).pairs(is_ahead=True)


class _Rivals:
    def __init__(
        self, reader: Reader, change: Change, environment: Environment, snapshot: Snapshot, state: EnvironmentState
    ) -> None:
        self.change = change
        self.seen = Seen(snapshot, state, environment)
        self.trees = TreeSchemas(reader.config, reader.facts)

    def pairs(self, *, is_ahead: bool) -> tuple[Rivalry, ...]:
        found = []
        for competition in find_competitions(self.seen.state.graph):
            for number, one in enumerate(competition.lines):
                for other in competition.lines[number + 1 :]:
                    if self.is_new(one) or self.is_new(other):
                        found.append(self.rivalry(one, other, is_ahead))
        return tuple(found)

    def is_new(self, line: Line) -> bool:
        """Of the target's lines the target's own checks have spoken."""
        target = self.change.target
        return target is None or any(one not in target.graph for one in line.revisions)

    def rivalry(self, one: Line, other: Line, is_ahead: bool) -> Rivalry:
        if self.change.target is not None and not self.is_new(one):
            one, other = other, one  # the local line speaks first
        if self.is_adrift(one) or self.is_adrift(other):
            return Rivalry(one, other, (), is_ahead)
        clashes = commute(self.operations(one), self.operations(other)).clashes
        files = self.seen.state.files
        paths = {place.origin.path for clash in clashes for place in (clash.one, clash.other)}
        return Rivalry(one, other, clashes, is_ahead, {path: files[path].blob for path in paths if path in files})

    def is_adrift(self, line: Line) -> bool:
        """Whether a parent is missing, so that nobody knows what the line was written on top of (GM102 says so)."""
        graph = self.seen.state.graph
        return any(parent not in graph for parent in line.parents)

    def operations(self, line: Line) -> list[Operation]:
        scripts = self.trees.scripts(self.seen, line.revisions)
        return [
            each.replace(origin=each.origin.replace(revision=script.revision))
            for script in scripts
            for each in script.effects()
        ]


def with_head_file(state: EnvironmentState, snapshot: Snapshot) -> EnvironmentState:
    """The state with what its head file says."""
    if not state.environment.versions:
        return state
    path = head_file_path(state.environment)
    entry = snapshot.at([path]).get(path)
    if entry is None or not entry.is_file:
        return state.replace(head_file=HeadFile(path))
    content = snapshot.objects.read([entry.oid])[entry.oid]
    text = "" if isinstance(content, Unreadable) else content.decode("utf-8", "replace")
    return state.replace(head_file=HeadFile(path, entry.oid, text))
