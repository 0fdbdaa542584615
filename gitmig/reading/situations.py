"""From the trees of a comparison to the situation of each environment: which lines compete, and what they do."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.reading.comparison import shared_refs
from gitmig.reading.environments import Paired, pair
from gitmig.reading.reader import Reader
from gitmig.reading.snapshot import Snapshot
from gitmig.reading.tree_schemas import Seen, TreeSchemas
from gitmig.resolve.situation import Doing, Situation, find_situation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.change.state import EnvironmentState
    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.facts import FactsReader
    from gitmig.repo.objects import Objects
    from gitmig.repo.repository import Repository


class Standing(Frozen):
    """One environment and its situation.

    `is_ahead`: the heads meet only when the target is merged, so the tree at hand does not have them yet.  `snapshot`
    is the tree that the situation is about.
    """

    environment: Environment
    situation: Situation
    snapshot: Snapshot
    is_ahead: bool = False


def read_situations(
    repository: Repository,
    comparison: Comparison,
    config: Config,
    facts: FactsReader,
    versions: tuple[str, ...] = (),
    *,
    own_is_new: bool = False,
) -> tuple[Standing, ...]:
    """Every environment of local, in the order in which they were found.

    `own_is_new`: in a rebase or cherry-pick HEAD is the other side, and this side is what comes on top.
    """
    reader = Reader(comparison, config, facts, ("graph",), versions)
    return tuple(
        _Environment(repository, comparison, config, reader, paired, own_is_new).standing()
        for paired in pair(comparison, reader.environments)
        if paired.local is not None
    )


class _Environment:
    """The search for the situation of one environment."""

    def __init__(
        self,
        repository: Repository,
        comparison: Comparison,
        config: Config,
        reader: Reader,
        paired: Paired,
        own_is_new: bool,
    ) -> None:
        self.repository = repository
        self.comparison = comparison
        self.config = config
        self.reader = reader
        self.paired = paired
        self.own_is_new = own_is_new
        self.kept: list[Snapshot] = []  # the reader tells snapshots apart by identity, so they must live on

    def standing(self) -> Standing:
        """The local tree where it has the heads itself, or where they never meet; else the merged one."""
        comparison = self.comparison
        local = self.reader.state(comparison.local, self.paired.local)
        merged = comparison.merged
        if comparison.mode != "staged" and merged is not None:
            return self.of(merged, self.reader.state(merged, self.paired.merged), is_ahead=False)
        here = self.of(comparison.local, local, is_ahead=False)
        if merged is None or not here.situation.is_settled or here.situation.conflicts:
            return here
        there = self.of(merged, self.reader.state(merged, self.paired.merged), is_ahead=True)
        return here if there.situation.is_settled else there

    def of(self, snapshot: Snapshot, state: EnvironmentState, is_ahead: bool) -> Standing:
        environment = self.paired.local or state.environment
        situation = self.situation(snapshot, state)
        if situation.competitions:
            situation = situation.replace(
                published=self.published(situation), doing=self.doing(snapshot, state, situation)
            )
        return Standing(environment, situation, snapshot, is_ahead)

    def situation(self, snapshot: Snapshot, state: EnvironmentState) -> Situation:
        comparison = self.comparison
        target = comparison.target
        published = self.reader.state(target, self.paired.target).files if target is not None else None
        paths = [*comparison.unmerged]
        if snapshot is not comparison.local:
            paths += [conflict.path for conflict in comparison.conflicts]
        return find_situation(
            self.paired.name,
            state.files,
            published_files=published,
            is_whole=snapshot is not comparison.local,
            target_name=comparison.target_is.name,
            own=self.own(state),
            conflicts=tuple(sorted({path for path in paths if self.paired.merged.holds(path)})),
            unreadable=tuple(sorted({one.path for one in state.unreadable if one.path not in state.files})),
        )

    def own(self, state: EnvironmentState) -> frozenset[str]:
        """The revisions of this side: of HEAD in a merge, of the commit where one is asked about."""
        comparison = self.comparison
        if comparison.mode != "staged":
            return frozenset(self.reader.state(comparison.local, self.paired.local).graph.revisions)
        if not comparison.before:
            return frozenset(state.graph.revisions)
        head = frozenset(self.reader.state(comparison.before[0], self.paired.before[0]).graph.revisions)
        return frozenset(state.graph.revisions) - head if self.own_is_new else head

    # What is published

    def published(self, situation: Situation) -> frozenset[str] | None:
        """The revisions of the target and of every other shared or released ref."""
        refs = shared_refs(self.repository.git, self.config)
        if situation.published is None and not refs:
            return None
        found = set(situation.published or ())
        seen: set[str] = set()
        for ref in refs:
            snapshot = Snapshot(self.repository.objects, ref.commit, side="target")
            key = "|".join(snapshot.folder_id(folder) for folder in self.paired.merged.versions)
            if ref.commit != self.comparison.target_is.commit and key not in seen:
                seen.add(key)
                found |= set(self.reader.state(snapshot, self.paired.merged).graph.revisions)
                self.kept.append(snapshot)
        return frozenset(found - set(situation.renamed.values()))

    # What revisions do

    def doing(self, snapshot: Snapshot, state: EnvironmentState, situation: Situation) -> dict[str, Doing | None]:
        """Operations of the competing lines and of everything local beneath them."""
        graph, wanted = situation.graph, situation.in_question
        seen = Seen(snapshot, state.replace(files=situation.files, graph=graph), self.paired.local or state.environment)
        scripts = TreeSchemas(self.config, self.reader.facts).scripts(seen, sorted(wanted))
        found: dict[str, Doing | None] = dict.fromkeys(wanted)
        for script in scripts:
            empty = script.facts["empty"]
            found[script.revision] = Doing(script.effects(), empty["upgrade"] and empty["downgrade"])
        return found


def read_contents(objects: Objects, snapshot: Snapshot, paths: Iterable[str]) -> dict[str, tuple[str, str, bytes]]:
    """(mode, blob, content) of files of the tree; what cannot be read is left out."""
    entries = snapshot.at(paths)
    contents = objects.read([entry.oid for entry in entries.values() if entry.is_file])
    return {
        path: (entry.mode, entry.oid, content)
        for path, entry in entries.items()
        if isinstance(content := contents.get(entry.oid), bytes)
    }
