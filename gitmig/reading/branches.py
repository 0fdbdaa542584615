"""From refs to a forecast: which Git branches there are, what each changes, what that does.  Reads Git objects only.

However many branches there are, Git is asked a handful of times; what only one branch needs (its own configuration,
helpers of its revisions) is read where it matters.
"""

from __future__ import annotations

from gitmig.config import CONFIG_FILES, build_config, settings_of_files
from gitmig.forecast.collisions import Target, contribute
from gitmig.forecast.forecast import Forecast, LeftOut, Tip, forecast, in_question
from gitmig.frozen import Frozen
from gitmig.reading.comparison import put_on_target, shared_refs
from gitmig.reading.environments import Described, EnvironmentReader, is_configuration
from gitmig.reading.folders import FolderReader
from gitmig.reading.snapshot import Snapshot
from gitmig.reading.states import empty_state, read_state
from gitmig.reading.tree_schemas import Seen, TreeSchemas
from gitmig.repo.branches import find_departures, read_changes
from gitmig.repo.refs import Ref, find_refs, resolve
from gitmig.resolve.situation import Doing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitmig.change.state import EnvironmentState
    from gitmig.config import Config, Settings
    from gitmig.environments.environment import Environment
    from gitmig.reading.comparison import Target as TargetRef
    from gitmig.reading.facts import FactsReader
    from gitmig.repo.branches import Departure
    from gitmig.repo.repository import Repository
    from gitmig.revisions.revision import Revision
    from gitmig.trees.entries import Changed

DEFAULT = ("refs/heads/", "refs/remotes/")


class Wanted(Frozen):
    """Which branches: `names` as a person types them, else every ref that matches `patterns` (full names or globs).

    `since` (seconds) leaves out what was committed before, 0 nothing.  `queue` are names, in an order.
    """

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    since: int = 0
    queue: tuple[str, ...] = ()


class Branches(Frozen):
    """The refs that the forecast is about, those folded into each, where each left the target, and who is left out.

    `named` are those that somebody asked for, which are told about even where there is nothing to tell.
    """

    refs: tuple[Ref, ...]
    also: Mapping[str, tuple[str, ...]]
    departures: Mapping[str, Departure]
    left_out: LeftOut
    named: frozenset[str] = frozenset()


# Which branches


def find_branches(repository: Repository, target: TargetRef, wanted: Wanted, config: Config) -> Branches:
    """Every branch with something of its own; one at the same commit as another counts once, local names first."""
    git = repository.git
    named = named_refs(repository, tuple(dict.fromkeys((*wanted.names, *wanted.queue))))
    refs = named
    if wanted.patterns or not named:
        refs = [*named, *find_refs(git, wanted.patterns or DEFAULT)]
    kept_anyway = {ref.name for ref in named}
    shared = {ref.name for ref in shared_refs(git, config)} | {target.ref}
    plain = [ref for ref in dict.fromkeys(refs) if not ref.symbolic]
    own = [ref for ref in plain if ref.name in kept_anyway or ref.name not in shared]
    departures = find_departures(git, [ref.commit for ref in own], target.commit, shallow=repository.layout.shallow)
    open_ = [ref for ref in own if ref.name in kept_anyway or not departures[ref.commit].is_merged]
    recent = [ref for ref in open_ if ref.name in kept_anyway or departures[ref.commit].when >= wanted.since]
    kept, also = fold(recent, departures, kept_anyway)
    left_out = LeftOut(
        merged=len(own) - len(open_),
        older=len(open_) - len(recent),
        twins=len(recent) - len(kept),
        shared=len(plain) - len(own),
    )
    return Branches(tuple(kept), also, departures, left_out, frozenset(kept_anyway))


def named_refs(repository: Repository, names: Sequence[str]) -> list[Ref]:
    """What a person calls branches: full names, local ones, those of a remote, or anything else that is a commit."""
    meant = {name: [one for one in full_names(name) if is_ref_name(one)] for name in names}
    there = {ref.name: ref for ref in find_refs(repository.git, [one for full in meant.values() for one in full])}
    found = []
    for name, full in meant.items():
        ref = next((there[one] for one in full if one in there), None)
        found.append(ref.replace(symbolic="") if ref else Ref(name, resolve(repository.git, name)))
    return found


def full_names(name: str) -> tuple[str, ...]:
    if name.startswith("refs/"):
        return (name,)
    return f"refs/heads/{name}", f"refs/remotes/{name}", f"refs/remotes/origin/{name}", f"refs/{name}"


def is_ref_name(name: str) -> bool:
    """No glob, and nothing that `for-each-ref` would read as another pattern."""
    return not any(sign in name for sign in "*?[\\^~: ") and not name.endswith("/")


def fold(
    refs: Sequence[Ref], departures: Mapping[str, Departure], named: Iterable[str]
) -> tuple[list[Ref], dict[str, tuple[str, ...]]]:
    """One ref for each commit, and one for a branch and its remote copy where one has all commits of the other."""
    kept: dict[str, Ref] = {}
    also: dict[str, tuple[str, ...]] = {}
    named = frozenset(named)
    at_commit: dict[str, str] = {}
    of_name: dict[str, list[str]] = {}
    for ref in sorted(refs, key=lambda one: (one.name not in named, not one.name.startswith("refs/heads/"), one.name)):
        near = [at_commit.get(ref.commit, ""), *of_name.get(branch_name(ref.name), ())]
        twin = next((kept[name] for name in near if name in kept and is_twin(ref, kept[name], departures)), None)
        if twin is not None and (ref.commit == twin.commit or ref.commit in departures[twin.commit].commits):
            also[twin.name] = (*also.get(twin.name, ()), ref.name)
            continue
        if twin is not None and twin.name not in named:  # this one has all commits of the other and more
            del kept[twin.name]
            also[ref.name] = (*also.pop(twin.name, ()), twin.name)
        kept[ref.name] = ref
        at_commit.setdefault(ref.commit, ref.name)
        of_name.setdefault(branch_name(ref.name), []).append(ref.name)
    return sorted(kept.values(), key=lambda one: one.name), also


def is_twin(one: Ref, other: Ref, departures: Mapping[str, Departure]) -> bool:
    """The same commit, or a branch and its remote copy of which one has all commits of the other."""
    if one.commit == other.commit:
        return True
    return one.commit in departures[other.commit].commits or other.commit in departures[one.commit].commits


def branch_name(ref: str) -> str:
    """`refs/heads/x` and `refs/remotes/origin/x` are the same branch."""
    if ref.startswith("refs/remotes/"):
        return ref.removeprefix("refs/remotes/").partition("/")[2]
    return ref.removeprefix("refs/heads/")


# What they do


def read_forecast(
    repository: Repository,
    config: Config,
    facts: FactsReader,
    target: TargetRef,
    wanted: Wanted,
    versions: tuple[str, ...] = (),
) -> Forecast:
    """The forecast for the branches that are wanted, against the target of now."""
    branches = find_branches(repository, target, wanted, config)
    return _Reading(repository, config, facts, target, versions).forecast(branches, wanted.queue)


class _Reading:
    """One run; every tree is the target's with something laid over it, so the target is read once."""

    def __init__(
        self,
        repository: Repository,
        config: Config,
        facts: FactsReader,
        target: TargetRef,
        versions: tuple[str, ...],
    ) -> None:
        self.repository = repository
        self.objects = repository.objects
        self.config = config
        self.facts = facts
        self.target_is = target
        self.target = Snapshot(self.objects, target.commit, side="target")
        self.environments = EnvironmentReader(config, versions, facts.cache)
        self.folders = FolderReader(facts)
        self.trees = TreeSchemas(config, facts)
        self.targets: dict[str, Target] = {}
        self.states: dict[str, tuple[EnvironmentState, Environment]] = {}
        self.known: dict[str, Doing] = {}

    def forecast(self, branches: Branches, queue: Sequence[str]) -> Forecast:
        discovery = self.environments.of(self.target)
        for environment in discovery.environments:
            self.add_target(environment.name, environment, self.state(self.target, environment))
        tips, idle = self.tips(branches)
        wanted = in_question(tips, self.targets)
        for name, (state, environment) in self.states.items():
            if wanted[name]:
                self.read_doings(Seen(self.target, state, environment), sorted(wanted[name]))
        unread = [problem.message for problem in discovery.problems if problem.blocks]
        unread += [
            f"{one.path} of the target cannot be read"
            for state, _ in self.states.values()
            for one in state.unreadable
            if one.path not in state.files
        ]
        if not self.targets:
            unread.append(f"no Alembic environment was found in {self.target_is.name}: name its folder with --versions")
        return forecast(
            (self.target_is.ref, self.target_is.commit),
            tips,
            self.targets,
            self.known,
            queue=[ref_of(name, branches) for name in queue],
            left_out=branches.left_out.replace(without_revisions=idle),
            unread=tuple(dict.fromkeys(unread)),
        )

    def state(self, snapshot: Snapshot, environment: Environment) -> EnvironmentState:
        return read_state(snapshot, environment, self.folders)

    def add_target(self, name: str, environment: Environment, state: EnvironmentState) -> None:
        elsewhere: set[str] = set()
        for ref in shared_refs(self.repository.git, self.config):
            if ref.commit != self.target_is.commit:
                there = self.state(Snapshot(self.objects, ref.commit, side="target"), environment)
                elsewhere |= set(there.graph.revisions)
        self.states[name] = (state, environment)
        self.targets[name] = Target(name, dict(state.files), state.graph, self.target_is.name, elsewhere)

    # Branch by branch

    def tips(self, branches: Branches) -> tuple[list[Tip], int]:
        """What each branch does, and how many have nothing to do with revisions."""
        leaving = {ref.commit: branches.departures[ref.commit] for ref in branches.refs}
        changes = read_changes(self.repository.git, [one for one in leaving.values() if not one.cut])
        unrelated = [one for one in leaving.values() if not one.cut and not one.bases]
        for one in unrelated:
            changes[one.tip] = tuple(self.objects.diff_trees(self.target_is.commit, one.tip))
        relevant = {tip: self.relevant(found) for tip, found in changes.items()}
        self.read_ahead(relevant)
        tips = []
        for ref in branches.refs:
            also = branches.also.get(ref.name, ())
            if leaving[ref.commit].cut:
                tips.append(Tip(ref.name, ref.commit, also, (), (self.cut_off(),)))
                continue
            found = self.tip(ref, also, relevant.get(ref.commit, ()))
            if found.contributions or found.undecided or ref.name in branches.named:
                tips.append(found)
        idle = len(branches.refs) - len(tips)
        tips = [tip.replace(contains=contained(tip, tips, leaving[tip.commit].commits)) for tip in tips]
        return tips, idle

    def cut_off(self) -> str:
        return f"history is cut off before the merge base with {self.target_is.name}: git fetch --unshallow"

    def relevant(self, changes: Sequence[Changed]) -> Sequence[Changed]:
        """The changes of a branch, nothing where no file could be a revision or say where revisions lie."""
        folders = tuple(f"{folder}/" if folder else "" for _, one in self.states.values() for folder in one.versions)
        matters = any(change.path.startswith(folders) or is_configuration(change.path) for change in changes)
        return changes if matters else ()

    def read_ahead(self, changes: Mapping[str, Sequence[Changed]]) -> None:
        """Headers of all files in one batch; one by one they would be a question each."""
        held = [one for _, one in self.states.values()]
        blobs = [
            change.new.oid
            for found in changes.values()
            for change in found
            if change.new is not None and change.new.is_file and any(one.holds(change.path) for one in held)
        ]
        self.facts.of("whole", blobs)

    def tip(self, ref: Ref, also: tuple[str, ...], changes: Sequence[Changed]) -> Tip:
        if not changes:
            return Tip(ref.name, ref.commit, also)
        overlay, conflicts = put_on_target(self.objects, self.target_is.commit, changes)
        if not overlay and not conflicts:
            return Tip(ref.name, ref.commit, also)
        merged = Snapshot(self.objects, self.target_is.commit, overlay, "merged")
        contributions = []
        undecided = []
        for name, environment in self.environments_of(merged, changes):
            state = self.state(merged, environment)
            broken = [one.path for one in state.unreadable if one.path in overlay and one.path not in state.files]
            undecided += [f"{path} cannot be read" for path in broken]
            both = [one.path for one in conflicts if environment.holds(one.path)]
            found = contribute(self.targets[name], self.changes_of(name, state, overlay), both)
            if not found.is_empty:
                contributions.append(found)
                self.read_doings(Seen(merged, state, environment), found.added)
        return Tip(ref.name, ref.commit, also, tuple(contributions), tuple(undecided))

    def environments_of(self, merged: Snapshot, changes: Iterable[Changed]) -> list[tuple[str, Environment]]:
        """The environments of the target with the branch on it, each by the name that the target has for it."""
        if not any(is_configuration(change.path) for change in changes):
            return [(name, environment) for name, (_, environment) in self.states.items()]
        known = list(self.states.items())
        target = Described(tuple(environment for _, (_, environment) in known), self.target)
        names = {id(environment): name for name, (_, environment) in known}
        own = Described.of(merged, self.environments)
        found = []
        for environment, there in zip(own.environments, own.counterparts(target), strict=True):
            name = names[id(there)] if there is not None else environment.name
            if name not in self.targets:
                self.add_target(name, environment, empty_state())
            found.append((name, environment))
        return found

    def changes_of(self, name: str, state: EnvironmentState, overlay: Iterable[str]) -> dict[str, Revision | None]:
        """The revision files that the branch puts on the target's; where folders moved, all that differ."""
        files = self.targets[name].files
        if state.environment.versions == self.states[name][1].versions:
            paths = [path for path in overlay if path in files or path in state.files]
        else:
            paths = [path for path in {*files, *state.files} if files.get(path) != state.files.get(path)]
        return {path: state.files.get(path) for path in paths}

    def read_doings(self, seen: Seen, revisions: Sequence[str]) -> None:
        """What these revisions do, by the blob of their file."""
        missing = [one for one in revisions if (file := seen.state.revision(one)) and file.blob not in self.known]
        for script in self.trees.scripts(seen, missing):
            empty = script.facts["empty"]
            self.known[script.blob] = Doing(script.operations(), empty["upgrade"] and empty["downgrade"])


def contained(tip: Tip, tips: Iterable[Tip], commits: frozenset[str]) -> frozenset[str]:
    """The other tips that lie in the history of this one."""
    return frozenset(other.ref for other in tips if other.commit in commits and other.commit != tip.commit)


def ref_of(name: str, branches: Branches) -> str:
    """The ref that a name in a queue stands for, also where it was folded into another."""
    names = {name, *full_names(name)}
    for ref in branches.refs:
        if ref.name in names or not set(branches.also.get(ref.name, ())).isdisjoint(names):
            return ref.name
    return name


def target_config(repository: Repository, target: TargetRef, own: Sequence[Settings]) -> Config:
    """The configuration of the target, which says what is shared, and how large a file may be."""
    files = Snapshot(repository.objects, target.commit, side="target").read(CONFIG_FILES)
    return build_config(*own, settings_of_files(files))
