"""The past of a branch, read in one walk: what every state changes, which environments it has, what that meant.

Folders move and configurations come and go, so environments are looked for again where a commit changes what describes
them; in between only the files of the commit are read.  Texts are compared at the end, all at once.
"""

from __future__ import annotations

from gitmig.audit.records import Audit, EnvironmentAudit, Moment
from gitmig.audit.releases import find_sunken, is_release_name
from gitmig.audit.track import Track, classify
from gitmig.change.state import RevisionFiles, graph_of
from gitmig.config import CONFIG_FILES, build_config, settings_of_files
from gitmig.environments.discovery import discover, wanted
from gitmig.environments.environment import Discovery
from gitmig.errors import UsageError
from gitmig.reading.comparison import RELEASED_KINDS
from gitmig.reading.environments import may_matter
from gitmig.reading.folders import FolderReader
from gitmig.repo.refs import find_refs
from gitmig.repo.store import Unreadable
from gitmig.repo.walking import count_states, walk_states

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.reading.facts import FactsReader
    from gitmig.repo.repository import Repository
    from gitmig.repo.walking import State
    from gitmig.revisions.graph import RevisionGraph
    from gitmig.revisions.revision import Revision
    from gitmig.trees.entries import Changed, Entry

    Rows = dict[str, list[Any] | None]

_KEPT = (".py", ".pyc", ".pyo", ".ini", ".toml", ".mako")
_MOST_RELEASES = 2_000
_BATCH = 200


class AuditReader:
    """One walk.  `progress` is told how many of how many states are done."""

    def __init__(
        self,
        repository: Repository,
        config: Config,
        facts: FactsReader,
        versions: tuple[str, ...] = (),
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self.repository = repository
        self.config = config
        self.facts = facts
        self.versions = versions
        self.progress = progress
        self.folders = FolderReader(facts)
        self.tracks: list[Track] = []
        self.paths: dict[str, Entry] = {}
        self.discovery = Discovery(())
        self.unread_labels: set[str] = set()
        self._had: dict[int, list[Environment]] = {}
        self._graphs: dict[tuple[tuple[str, str], ...], RevisionGraph] = {}

    def read(self, branch: str, tip: str, base: str = "") -> Audit:
        """The audit of the first-parent line from `base` (not itself) to `tip`."""
        git = self.repository.git
        count = count_states(git, tip, base)
        first: Moment | None = None
        last: Moment | None = None
        touching = 0
        if base:
            self.paths = {
                path: entry for path, entry in self.repository.objects.tree(base).items() if path.endswith(_KEPT)
            }
            self.look_around()
        for number, state in enumerate(walk_states(git, tip, base, keep=lambda path: path.endswith(_KEPT)), 1):
            last = Moment(number, state.commit, state.time, state.author, state.subject)
            first = first or last
            touching += self.take(last, state)
            self.progress(number, count)
        releases = self.releases(first.time if base and first else 0, last.time if last else 0) if last else []
        environments = tuple(self.finished(track, last, releases) for track in self.tracks) if last else ()
        return Audit(
            branch,
            count,
            touching,
            first,
            last,
            tuple(one for one in environments if one.published),
            released=len(releases),
            remarks=tuple(self.remarks()),
        )

    def remarks(self) -> Iterator[str]:
        if self.repository.layout.shallow:
            yield "this clone is shallow: what lies before its first commit counts as added there"
        if self.unread_labels:
            named = ", ".join(sorted(self.unread_labels)[:3])
            yield f"branch labels of {named} are computed and not known: each counts as a label of its own"

    # One state

    def take(self, moment: Moment, state: State) -> bool:
        """Whether the commit changed revisions."""
        for change in state.changes:
            if change.new is None:
                self.paths.pop(change.path, None)
            else:
                self.paths[change.path] = change.new
        if any(self.describes(change) for change in state.changes):
            self.look_around(moment)
            changed = [self.whole(track) for track in self.tracks]
        else:
            changed = [
                {change.path: change.new for change in state.changes if track.environment.holds(change.path)}
                for track in self.tracks
            ]
        if not any(changed):
            return False
        read = [self.rows_of(entries) for entries in changed]
        arrived = [self.arrived(track, rows) for track, (rows, _) in zip(self.tracks, read, strict=True)]
        before = [track.commits for track in self.tracks]
        for position, (track, (rows, broken)) in enumerate(zip(self.tracks, read, strict=True)):
            elsewhere = {
                name: one for other, ids in enumerate(arrived) if other != position for name, one in ids.items()
            }
            track.step(moment, rows, broken, elsewhere)
        return [track.commits for track in self.tracks] != before

    def rows_of(self, entries: Mapping[str, Entry | None]) -> tuple[Rows, list[str]]:
        """Rows by path, and the paths whose ids cannot be read."""
        headers = self.facts.of("header", (one.oid for one in entries.values() if one is not None and one.is_file))
        rows: Rows = {}
        broken = []
        for path, entry in entries.items():
            row, trouble = self.folders.row_of(path, entry, headers) if entry is not None else (None, [])
            if row is not None and any(problem[3] == "branch_labels" for problem in trouble):
                # Unknown labels are no reason to call heads double: each counts as a label of its own.
                self.unread_labels.add(row[1])
                labels, depends, stale = row[3:] or ([], [], [])
                row = [*row[:3], [f"?{row[1]}", *labels], depends, stale]
            rows[path] = row if row is not None and row[1] else None
            if trouble and rows[path] is None:
                broken.append(path)
        return rows, broken

    def arrived(self, track: Track, rows: Rows) -> dict[str, Revision]:
        """Revisions that this environment did not have."""
        files = RevisionFiles({path: row for path, row in rows.items() if row is not None})
        return {one.id: one for one in files.values() if one.id not in track}

    # Environments

    def describes(self, change: Changed) -> bool:
        """Whether the change may make, move or end an environment; most edits of a pyproject.toml do not."""
        path = change.path
        name = path.rpartition("/")[2]
        if name == "alembic.ini" or name in CONFIG_FILES:
            return self.described(path, change.new) != self.described(path, change.old)
        if name in ("env.py", "script.py.mako"):
            return change.old is None or change.new is None
        if name.endswith((".ini", ".toml", ".mako")):
            return False
        if change.new is None or not change.new.is_file:
            return False
        return change.old is None and may_matter(path, change.new, self.discovery)

    def described(self, path: str, entry: Entry | None) -> bytes:
        """What of a configuration file can describe environments: the whole text where it names Alembic or gitmig."""
        if entry is None or not entry.is_file:
            return b""
        text = self.facts.objects.read([entry.oid])[entry.oid]
        if isinstance(text, Unreadable):
            return b""
        if path.endswith(".toml"):
            return b"".join(b"[" + part for part in text.split(b"\n[") if part.startswith(_TABLES))
        return text

    def look_around(self, moment: Moment | None = None) -> None:
        """Find the environments of the tree as it is; the tracks go on with those that are theirs."""
        texts = self.texts(CONFIG_FILES)
        try:
            settings = build_config(settings_of_files(texts)).environments
        except UsageError:
            settings = ()
        listed = list(self.paths)
        self.discovery = discover(listed, self.texts(wanted(listed, settings)), settings, self.versions)
        free = list(self.tracks)
        for environment in self.discovery.environments:
            track = self.track_of(environment, free)
            if track is None:
                self.tracks.append(Track(environment))
                track = self.tracks[-1]
                if moment is None:
                    rows, _ = self.rows_of(self.whole(track))
                    track.start_with({path: row for path, row in rows.items() if row is not None})
            else:
                free.remove(track)
                track.environment = environment
            had = self._had.setdefault(id(track), [])
            if environment.versions not in [one.versions for one in had]:
                had.append(environment)

    def texts(self, paths: Iterable[str]) -> dict[str, bytes]:
        oids = {path: self.paths[path].oid for path in paths if path in self.paths and self.paths[path].is_file}
        found = self.facts.objects.read(oids.values())
        return {path: text for path, oid in oids.items() if isinstance(text := found[oid], bytes)}

    def track_of(self, environment: Environment, free: list[Track]) -> Track | None:
        """The same folders, else the most revisions in common."""
        for track in free:
            if set(track.environment.versions) & set(environment.versions):
                return track
        rows, _ = self.rows_of({path: entry for path, entry in self.paths.items() if environment.holds(path)})
        ids = {row[1] for row in rows.values() if row is not None}
        shared = [(len(ids.intersection(track.ids)), -at) for at, track in enumerate(free)]
        count, at = max(shared, default=(0, 0))
        return free[-at] if count else None

    def whole(self, track: Track) -> dict[str, Entry | None]:
        """What differs from what the track has, when its environment may hold other paths than before."""
        holds = track.environment.holds
        found: dict[str, Entry | None] = {
            path: entry
            for path, entry in self.paths.items()
            if path.endswith((".py", ".pyc", ".pyo"))
            and holds(path)
            and (path not in track.rows or track.rows[path][0] != entry.oid)
        }
        # A configuration that is broken for a day deletes nothing: what still lies there is still there.
        found |= {path: None for path in track.rows if path not in self.paths}
        return found

    # At the end

    def finished(self, track: Track, last: Moment, releases: list[tuple[str, int, str]]) -> EnvironmentAudit:
        blobs = [blob for suspect in track.suspects for blob in suspect.edit.blobs]
        prints: dict[str, Any] = {}
        for start in range(0, len(blobs), _BATCH):
            prints |= self.facts.of("fingerprint", blobs[start : start + _BATCH])
        touches = [touch for suspect in track.suspects for touch in classify(suspect, prints.get)]
        graphs = ((tag, time, self.graph_at(track, commit)) for tag, time, commit in releases)
        return EnvironmentAudit(
            track.environment.name,
            track.environment.versions,
            len(list(track.ids)),
            len(track.added),
            track.commits,
            tuple(sorted((*touches, *track.moves), key=lambda one: (one.moment.number, one.path, one.kind))),
            track.finish(last),
            tuple(find_sunken(graphs)),
        )

    def releases(self, since: int, until: int) -> list[tuple[str, int, str]]:
        """Release tags in the order of time: those that `released` names, else those that look like versions."""
        patterns = [
            pattern if pattern.startswith("refs/") else f"refs/{kind}/{pattern}"
            for pattern in self.config.released
            for kind in RELEASED_KINDS
        ]
        refs = find_refs(self.repository.git, patterns or ["refs/tags/"])
        if not patterns:
            refs = [ref for ref in refs if is_release_name(ref.name)]
        times = self.times(ref.commit for ref in refs[:_MOST_RELEASES])
        dated = [(ref.name.split("/", 2)[2], times.get(ref.commit, 0), ref.commit) for ref in refs[:_MOST_RELEASES]]
        return sorted((one for one in dated if since <= one[1] <= until), key=lambda one: (one[1], one[0]))

    def times(self, commits: Iterable[str]) -> dict[str, int]:
        """When each commit was made."""
        asked = "".join(f"{commit}\n" for commit in dict.fromkeys(commits)).encode()
        answer = (
            self.repository.git.run("log", "--no-walk", "--stdin", "--format=%H %ct", input=asked) if asked else b""
        )
        return {commit: int(time) for commit, time in (line.split() for line in answer.decode("ascii").splitlines())}

    def graph_at(self, track: Track, commit: str) -> RevisionGraph:
        """The revisions in another commit, in any folder that the environment ever had."""
        objects = self.repository.objects
        had = self._had.get(id(track), [track.environment])
        folders = tuple(dict.fromkeys(folder for one in had for folder in one.versions))
        key = tuple(sorted((path, entry.oid) for path, entry in objects.entries(commit, folders).items()))
        if key not in self._graphs:
            listed = objects.tree(commit, folders) if key else {}
            held = {path: one for path, one in listed.items() if any(environment.holds(path) for environment in had)}
            rows, _ = self.rows_of(held)
            self._graphs[key] = graph_of({path: row for path, row in rows.items() if row is not None})
        return self._graphs[key]


_TABLES = (b"tool.alembic", b"tool.gitmig", b"[tool.alembic", b"[tool.gitmig")
