"""Which environments each tree of a comparison has, and which of them belong together."""

from __future__ import annotations

from gitmig.config import CONFIG_FILES, build_config, settings_of_files
from gitmig.environments.environment import Discovery, Environment, decode_environment, encode_environment
from gitmig.errors import UsageError
from gitmig.frozen import Frozen
from gitmig.reading.cache import DAMAGED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gitmig.config import Config, EnvironmentSetting
    from gitmig.reading.cache import Cache
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.snapshot import Snapshot
    from gitmig.trees.entries import Entry


_BY_HAND = ("command line", "GITMIG_")
_HEXADECIMAL = frozenset("0123456789abcdef")


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

    def of(self, snapshot: Snapshot) -> Discovery:
        self._first = self._first or snapshot
        settings = self.settings_of(snapshot)
        for known, files, discovery in self._found:
            if known == settings and self._same(snapshot, files, discovery):
                return discovery
        stored = self.stored(snapshot, settings)
        if stored is not None:
            self._found.append((settings, *stored))
            return stored[1]
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
        """What was found in the last tree, when nothing that differs here could change the answer."""
        known: Any = self.cache.document("environments", "latest") if self.cache and not self.versions else None
        try:
            if known["settings"] != repr(settings):
                return None
            tree, files = known["tree"], known["files"]
            discovery = Discovery(
                tuple(decode_environment(one) for one in known["environments"]),
                ignored=tuple((path, why) for path, why in known["ignored"]),
            )
        except DAMAGED:
            return None
        commit = snapshot.objects.commit(snapshot.treeish) if snapshot.treeish else None
        if commit is None or any(may_matter(path, entry, discovery) for path, entry in snapshot.overlay.items()):
            return None
        if commit.tree != tree:
            changes = snapshot.objects.diff_trees(tree, commit.tree)
            if any(may_matter(one.path, one.new, discovery) for one in changes):
                return None
            if not all(snapshot.has_folder(folder) for one in discovery.environments for folder in one.versions):
                return None
            self.store(snapshot, settings, files, discovery)
        return files, discovery

    def store(
        self,
        snapshot: Snapshot,
        settings: tuple[EnvironmentSetting, ...],
        files: dict[str, str],
        discovery: Discovery,
    ) -> None:
        """Keep what was found in a commit; an environment with problems is looked at anew each time."""
        commit = snapshot.objects.commit(snapshot.treeish) if snapshot.treeish else None
        troubled = discovery.problems or any(one.problems for one in discovery.environments)
        if self.cache is None or self.versions or commit is None or troubled:
            return
        if any(may_matter(path, entry, discovery) for path, entry in snapshot.overlay.items()):
            return
        document = {
            "tree": commit.tree,
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


def may_matter(path: str, entry: Entry | None, discovery: Discovery) -> bool:
    """Whether a change of this path can change which environments there are."""
    if is_configuration(path) or (entry is not None and not entry.is_file):
        return True
    name = path.rpartition("/")[2]
    looks_like_revision = name.endswith(".py") and name[12:13] == "_" and _HEXADECIMAL.issuperset(name[:12])
    return looks_like_revision and not any(one.holds(path) for one in discovery.environments)


def is_configuration(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name in ("env.py", "script.py.mako", "pyproject.toml", "gitmig.toml") or name.endswith(".ini")


def pair(comparison: Comparison, reader: EnvironmentReader) -> tuple[Paired, ...]:
    """The environments of local, each with what the other trees call the same, then those that only the target has."""
    local = reader.of(comparison.local).environments
    target = reader.of(comparison.target).environments if comparison.target else ()
    befores = [reader.of(snapshot).environments for snapshot in comparison.before]
    there = counterparts(local, target)
    earlier = [counterparts(local, one) for one in befores]
    paired = [
        Paired(environment.name, environment, there[position], tuple(one[position] for one in earlier))
        for position, environment in enumerate(local)
    ]
    gone = tuple(one for one in target if not any(one is other for other in there))
    earlier = [counterparts(gone, one) for one in befores]
    for position, environment in enumerate(gone):
        paired.append(Paired(environment.name, None, environment, tuple(one[position] for one in earlier)))
    return tuple(paired)


def counterparts(
    environments: tuple[Environment, ...], others: tuple[Environment, ...]
) -> tuple[Environment | None, ...]:
    """For each environment the same one in another tree: the same versions folders, else the same name, else the rest.

    A name or being left over says little beside folders, so neither takes an environment whose folders another one has:
    a second environment beside the first is new and not the first one with all its revisions gone.
    """
    found = [next((other for other in others if set(other.versions) & set(one.versions)), None) for one in environments]

    def free() -> list[Environment]:
        return [other for other in others if not any(other is taken for taken in found)]

    for position, one in enumerate(environments):
        if found[position] is None:
            found[position] = next((other for other in free() if other.name == one.name), None)
    open_places = [position for position, other in enumerate(found) if other is None]
    if len(open_places) == 1 and len(left := free()) == 1:
        found[open_places[0]] = left[0]
    return tuple(found)
