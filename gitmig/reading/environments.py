"""Which environments each tree of a comparison has, and which of them belong together."""

from __future__ import annotations

from gitmig.config import CONFIG_FILES, build_config, settings_of_files
from gitmig.environments.environment import (
    Discovery,
    Environment,
    decode_environment,
    encode_environment,
    looks_like_revision,
)
from gitmig.errors import CannotDecide, UsageError
from gitmig.frozen import Frozen
from gitmig.reading.cache import DAMAGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from gitmig.config import Config, EnvironmentSetting
    from gitmig.reading.cache import Cache
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.snapshot import Snapshot
    from gitmig.trees.entries import Entry


_BY_HAND = ("command line", "GITMIG_")
_TREES_KEPT = 16


class Paired(Frozen):
    """One environment across the trees; None where a tree does not have it."""

    name: str
    local: Environment | None
    target: Environment | None = None
    before: tuple[Environment | None, ...] = ()

    @property
    def merged(self) -> Environment:
        """After the merge local's description holds; one that local dropped is read as the target had it."""
        return self.local or self.target or Environment("", "", ())


class EnvironmentReader:
    """Finds environments tree by tree; trees with the same configuration files share one answer."""

    def __init__(self, config: Config, versions: tuple[str, ...], cache: Cache | None = None) -> None:
        self.cache = cache
        self.config = config
        self.versions = versions
        self._found: list[tuple[tuple[EnvironmentSetting, ...], dict[str, str], Discovery]] = []
        self._settings: dict[tuple[str, ...], tuple[EnvironmentSetting, ...]] = {}
        self._first: Snapshot | None = None
        self._answers: list[tuple[Snapshot, Discovery]] = []

    def of(self, snapshot: Snapshot) -> Discovery:
        for known, discovery in self._answers:
            if known is snapshot:
                return discovery
        discovery = self._looked_up(snapshot)
        self._answers.append((snapshot, discovery))
        return discovery

    def _looked_up(self, snapshot: Snapshot) -> Discovery:
        self._first = self._first or snapshot
        settings = self.settings_of(snapshot)
        stored = self.stored(snapshot, settings)
        if stored is not None:
            self._found.append((settings, *stored))
            return stored[1]
        for known, files, discovery in self._found:
            if known == settings and self._same(snapshot, files, discovery):
                return discovery
        from gitmig.environments.discovery import discover, wanted

        paths = snapshot.entries()
        files = {path: paths[path].oid for path in wanted(paths, settings) if path in paths}
        discovery = discover(paths, snapshot.read(files), settings, self.versions)
        self._found.append((settings, files, discovery))
        self.store(snapshot, settings, files, discovery)
        return discovery

    def stored(
        self, snapshot: Snapshot, settings: tuple[EnvironmentSetting, ...]
    ) -> tuple[dict[str, str], Discovery] | None:
        """What was found in a tree before, when nothing that differs here could change the answer."""
        known: Any = self.cache.document("environments", "latest") if self.cache and not self.versions else None
        try:
            if known["settings"] != repr(settings):
                return None
            trees, files = [str(tree) for tree in known["trees"]], known["files"]
            discovery = Discovery(
                tuple(decode_environment(one) for one in known["environments"]),
                ignored=tuple((path, why) for path, why in known["ignored"]),
            )
        except DAMAGED:
            return None
        commit = snapshot.objects.commit(snapshot.treeish) if snapshot.treeish else None
        if commit is None or any(may_matter(path, entry, discovery) for path, entry in snapshot.overlay.items()):
            return None
        if commit.tree not in trees:
            if not is_same_since(trees[-1:], snapshot, commit.tree, discovery):
                return None
            self.store(snapshot, settings, files, discovery, trees)
        return files, discovery

    def store(
        self,
        snapshot: Snapshot,
        settings: tuple[EnvironmentSetting, ...],
        files: dict[str, str],
        discovery: Discovery,
        trees: Sequence[str] = (),
    ) -> None:
        """Keep what was found in a commit, and in `trees` before; one with problems is looked at anew each time."""
        commit = snapshot.objects.commit(snapshot.treeish) if snapshot.treeish else None
        troubled = discovery.problems or any(one.problems for one in discovery.environments)
        if self.cache is None or self.versions or commit is None or troubled:
            return
        if any(may_matter(path, entry, discovery) for path, entry in snapshot.overlay.items()):
            return
        document = {
            "trees": [*trees, commit.tree][-_TREES_KEPT:],
            "settings": repr(settings),
            "files": files,
            "environments": [encode_environment(one) for one in discovery.environments],
            "ignored": discovery.ignored,
        }
        self.cache.add_document("environments", "latest", document)

    def settings_of(self, snapshot: Snapshot) -> tuple[EnvironmentSetting, ...]:
        """`environments` as this tree configures it: a change that points elsewhere does not move what is published."""
        here = self.config.environments
        if snapshot.side not in ("target", "before") or self.config.origin("environments").startswith(_BY_HAND):
            return here
        entries = snapshot.at(CONFIG_FILES)
        key = tuple(f"{path} {entries[path].oid}" for path in sorted(entries))
        if key not in self._settings:
            try:
                files = snapshot.read(entries)
                self._settings[key] = build_config(settings_of_files(files)).environments
            except UsageError:
                self._settings[key] = here
        return self._settings[key]

    def differing(self, snapshot: Snapshot) -> Iterable[str]:
        """Paths that may be other ones here than in the tree that was read first."""
        first = self._first
        if first is None or first is snapshot:
            return ()
        same = first.treeish == snapshot.treeish
        changes = () if same else snapshot.objects.diff_trees(first.treeish, snapshot.treeish)
        return (*first.overlay, *(change.path for change in changes))

    def _same(self, snapshot: Snapshot, files: dict[str, str], discovery: Discovery) -> bool:
        """Whether the tree has the same configuration files, and none beside them that the first tree lacks."""
        if any(is_configuration(path) and path not in files for path in (*snapshot.overlay, *self.differing(snapshot))):
            return False
        there = snapshot.at(files)
        if {path: entry.oid for path, entry in there.items()} != files:
            return False
        return all(snapshot.has_folder(folder) for one in discovery.environments for folder in one.versions)


def is_same_since(tree: Sequence[str], snapshot: Snapshot, now: str, discovery: Discovery) -> bool:
    """Whether nothing that could change the answer differs between a tree of the cache and the one of a snapshot."""
    try:
        changes = [change for one in tree for change in snapshot.objects.diff_trees(one, now)]
    except (CannotDecide, ValueError):  # git has collected it, or it never was one
        return False
    if not tree or any(may_matter(one.path, one.new, discovery) for one in changes):
        return False
    return all(snapshot.has_folder(folder) for one in discovery.environments for folder in one.versions)


def may_matter(path: str, entry: Entry | None, discovery: Discovery) -> bool:
    """Whether a change of this path can change which environments there are."""
    if is_configuration(path) or (entry is not None and not entry.is_file):
        return True
    return looks_like_revision(path) and not any(one.holds(path) for one in discovery.environments)


def is_configuration(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name in ("env.py", "script.py.mako", "pyproject.toml", "gitmig.toml") or name.endswith(".ini")


def pair(comparison: Comparison, reader: EnvironmentReader) -> tuple[Paired, ...]:
    """The environments of local, each with what the other trees call the same, then those that only the target has."""
    local = Described.of(comparison.local, reader)
    target = Described.of(comparison.target, reader) if comparison.target else NOTHING
    befores = [Described.of(snapshot, reader) for snapshot in comparison.before]
    there = local.counterparts(target)
    earlier = [local.counterparts(one) for one in befores]
    paired = [
        Paired(environment.name, environment, there[position], tuple(one[position] for one in earlier))
        for position, environment in enumerate(local.environments)
    ]
    gone = target.without(there)
    earlier = [gone.counterparts(one) for one in befores]
    for position, environment in enumerate(gone.environments):
        paired.append(Paired(environment.name, None, environment, tuple(one[position] for one in earlier)))
    return tuple(paired)


class Described(Frozen):
    """The environments of one tree, and the tree to look into when folders do not tell which is which."""

    environments: tuple[Environment, ...]
    snapshot: Snapshot | None = None

    @classmethod
    def of(cls, snapshot: Snapshot, reader: EnvironmentReader) -> Described:
        return cls(reader.of(snapshot).environments, snapshot)

    def without(self, others: Iterable[Environment | None]) -> Described:
        taken = {id(other) for other in others}
        return Described(tuple(one for one in self.environments if id(one) not in taken), self.snapshot)

    def file_names(self, environment: Environment) -> frozenset[str]:
        paths = self.snapshot.under(environment.versions) if self.snapshot else ()
        return frozenset(path.rpartition("/")[2] for path in paths if environment.holds(path))

    def counterparts(self, other: Described) -> tuple[Environment | None, ...]:
        """For each environment the same one in another tree: the same folders, else files of the same names, else the
        same name, else the one that is left.

        What has the folders of another one is never taken: a second environment beside the first is new, and not the
        first one with all its revisions gone.
        """
        found = [
            next((there for there in other.environments if set(there.versions) & set(one.versions)), None)
            for one in self.environments
        ]

        def settle(choose: Callable[[Environment, tuple[Environment, ...]], Environment | None]) -> None:
            for position, one in enumerate(self.environments):
                free = other.without(found).environments
                if found[position] is None and free:
                    found[position] = choose(one, free)

        def of_the_same_files(one: Environment, free: tuple[Environment, ...]) -> Environment | None:
            names = self.file_names(one)
            count, _, best = max((len(names & other.file_names(there)), -i, there) for i, there in enumerate(free))
            return best if count else None

        def of_the_same_name(one: Environment, free: tuple[Environment, ...]) -> Environment | None:
            return next((there for there in free if there.name == one.name), None)

        def left(_: Environment, free: tuple[Environment, ...]) -> Environment | None:
            return free[0] if len(free) == 1 and found.count(None) == 1 else None

        for way in (of_the_same_files, of_the_same_name, left):
            settle(way)
        return tuple(found)


NOTHING = Described(())
