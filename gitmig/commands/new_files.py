"""New files as the project has them: its template, its clock, its head file.  Nothing here is written."""

from __future__ import annotations

from gitmig.errors import UsageError
from gitmig.plan import ABSENT, Expected, unmerged, write
from gitmig.reading.situations import read_contents
from gitmig.repo.digests import hash_bytes
from gitmig.revisions.draft import NAME, render_draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, tzinfo

    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.plan import Step
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.snapshot import Snapshot
    from gitmig.repo.repository import Repository
    from gitmig.revisions.draft import Draft
    from gitmig.revisions.graph import RevisionGraph
    from gitmig.revisions.naming import Moment


class NewFiles:
    """Renders and places what is new; `index` collects the index entries that a plan must find where it stages.

    `runs_template`: the project's template may run here.  `again` is the command that does without it.
    """

    again = "gitmig resolve --merge --own-template"

    def __init__(
        self,
        repository: Repository,
        comparison: Comparison,
        config: Config,
        *,
        runs_template: bool,
        rev: str | None = None,
    ) -> None:
        self.repository = repository
        self.comparison = comparison
        self.config = config
        self.runs_template = runs_template
        self.rev = rev
        self.index: dict[str, str] = {}

    @property
    def in_worktree(self) -> bool:
        return self.comparison.mode == "staged" and self.repository.layout.top is not None

    # New files

    def renderer(self, environment: Environment, snapshot: Snapshot, moment: datetime) -> Callable[[Draft], bytes]:
        """The project's template where a developer asked for the file; else the own one, which runs nothing."""
        template = self.template(snapshot, environment.template)
        if template is None or not self.runs_template:
            arguments = arguments_of(environment, snapshot)
            return lambda draft: render_draft(draft.replace(arguments=arguments))
        from gitmig.commands.rendered import require_as_planned
        from gitmig.interpreter.mako import render_with_template

        def render(draft: Draft) -> bytes:
            limit = self.config.time_limit
            made = render_with_template(draft, environment, template, moment, time_limit=limit, again=self.again)
            require_as_planned(made, draft, environment.template, self.again)
            return made

        return render

    @staticmethod
    def template(snapshot: Snapshot, path: str) -> bytes | None:
        return snapshot.read([path]).get(path) if path else None

    def now(self, zone: str) -> datetime:
        """The time of a new file: of the commit that is asked about, so that its patch is always the same, else now."""
        from datetime import datetime, timezone

        if self.rev is not None:
            seconds = self.repository.git.run("show", "-s", "--format=%ct", self.comparison.local_commit, "--")
            return datetime.fromtimestamp(int(seconds), timezone.utc).astimezone(zone_of(zone)).replace(tzinfo=None)
        if zone:
            return datetime.now(timezone.utc).astimezone(zone_of(zone))
        return datetime.now()

    def post_write_hooks(self, environment: Environment, snapshot: Snapshot, path: str) -> list[str]:
        """What Alembic would have run on the new file; it is the repository's, so it is only named."""
        from gitmig.environments.post_write import hooks_for

        config = environment.config
        return [hook.shown for hook in hooks_for(config, self.files_with_hooks(environment, snapshot), path)]

    @staticmethod
    def files_with_hooks(environment: Environment, snapshot: Snapshot) -> Mapping[str, bytes]:
        from gitmig.environments.post_write import files_with_hooks

        return snapshot.read(list(files_with_hooks(environment.config)))

    # The head file

    def head_file(
        self, environment: Environment, snapshot: Snapshot, after: RevisionGraph, *, is_ahead: bool = False
    ) -> list[Step]:
        """The head file that names the new head, also where it is in a conflict; nothing where it does already."""
        from gitmig.revisions.head_file import head_file_path, render_head_file

        path = head_file_path(environment)
        wanted = render_head_file(after)
        if not self.in_worktree or is_ahead:
            there = read_contents(self.repository.objects, snapshot, [path]).get(path)
            if there is None:
                return [write(path, wanted, before=None, expected=Expected(ABSENT))]
            mode, oid, content = there
            same = content.replace(b"\r\n", b"\n") == wanted
            return [] if same else [write(path, wanted, before=content, expected=Expected(oid, oid), mode=mode)]
        return self.head_file_on_disk(path, wanted)

    def head_file_on_disk(self, path: str, wanted: bytes) -> list[Step]:
        from gitmig.repo.worktree import Worktree

        objects = self.repository.objects
        stages = objects.unmerged([path]).get(path)
        entry = objects.index_entries([path]).get(path)
        index = unmerged(stages) if stages else entry.oid if entry is not None and entry.is_file else ABSENT
        found = Worktree(self.repository.layout.top or "", limit=self.config.max_file_size).read([path]).get(path)
        content = found.content if found is not None and isinstance(found.content, bytes) else None
        if content is not None and content.replace(b"\r\n", b"\n") == wanted and not stages:
            return []
        there = ABSENT
        if content is not None:
            there = hash_bytes(content, object_format=self.repository.layout.object_format)
        self.index[path] = index
        return [write(path, wanted, before=content, expected=Expected(there, index))]


def arguments_of(environment: Environment, snapshot: Snapshot) -> tuple[str, ...]:
    """The names of what env.py gives every upgrade(), which must take it."""
    content = snapshot.read([environment.env]).get(environment.env) if environment.env else None
    if content is None or b"run_migrations" not in content:
        return ()
    from gitmig.environments.env_file import extract

    names: list[str] = extract(content)["passes"]
    return tuple(sorted(names, key=lambda name: name != NAME))


def zone_of(name: str) -> tzinfo | None:
    """A time zone as Alembic finds it; None is the machine's own."""
    if not name:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    for spelled in (name, name.upper()):
        try:
            return ZoneInfo(spelled)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    raise UsageError(
        f"timezone {name!r} of the configuration is not known here",
        note="as for Alembic it is a name such as Europe/Berlin, and needs the time zones of the system or of tzdata",
    )


def moment_of(when: datetime) -> Moment:
    """The fields of a file name."""
    from gitmig.revisions.naming import Moment

    return Moment(when.year, when.month, when.day, when.hour, when.minute, when.second, int(when.timestamp()))
