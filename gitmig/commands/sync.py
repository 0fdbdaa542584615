"""`gitmig sync`: a database that was left on another Git branch comes home to this one.

An env.py that migrates several databases has a way home for each; they are gone in one run, or none is.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import suppress

from gitmig.commands.database import Chosen, open_project, require_sound, steps_named
from gitmig.commands.migrate import Asked as Migrating
from gitmig.commands.migrate import Migration
from gitmig.commands.way_home import NOWHERE, find_road, unpublished
from gitmig.db.failures import MigrationFailed
from gitmig.db.running import Call, Stopped, run
from gitmig.db.sqlite import restore_database
from gitmig.errors import CLEAN, EnvironmentProblem, Refused, UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word
from gitmig.report.databases import name_of_database, render_home, render_positions
from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from gitmig.commands.database import Opened
    from gitmig.commands.way_home import Road
    from gitmig.db.preview import Preview
    from gitmig.db.running import Outcome, Planned
    from gitmig.reading.on_disk import Scripts
    from gitmig.repo.repository import Repository

KEPT = 5


class Asked(Frozen):
    """`from_` limits the search to one Git branch or commit."""

    from_: str = ""
    dry_run: bool = False
    yes: bool = False
    allow_destructive: bool = False
    allow_empty: bool = False
    verbose: bool = False
    color: str = "auto"

    @property
    def command(self) -> str:
        return f"gitmig sync --from {shell_word(self.from_)}" if self.from_ else "gitmig sync"

    def help_for_empty(self, revision: str) -> Help | None:
        """What to do about a downgrade that does nothing; None where that is meant."""
        return None if self.allow_empty else Help("leave it there, and go on", (f"{self.command} --allow-empty",))


def sync(directory: str | None, chosen: Chosen, asked: Asked) -> int:
    """Find the way home, show it, and go it; a database that is home is brought up to the heads."""
    opened = open_project(directory, chosen)
    repository = require_repository(opened)
    with repository.objects, tempfile.TemporaryDirectory(prefix="gitmig-sync-") as folder:
        require_quiet(repository)
        scripts = opened.scripts()
        require_sound(scripts)
        (state,) = run(opened.project, [Call("state", ledger=True)], capture=True)
        require_told_apart(state)
        roads = [
            find_road(
                opened,
                repository,
                scripts,
                plan,
                os.path.join(folder, str(number)),
                within=asked.from_,
                may_be_empty=asked.help_for_empty,
            )
            for number, plan in enumerate(state.plans)
        ]
        return go(opened, scripts, roads, asked)


def require_repository(opened: Opened) -> Repository:
    if opened.repository is None:
        raise UsageError("sync looks for revisions in Git, and this is no worktree of Git")
    return opened.repository


def require_quiet(repository: Repository) -> None:
    """In the middle of a rebase the tree is on its way: what it has now is not what it will have."""
    from gitmig.repo.in_progress import find_in_progress

    found = find_in_progress(repository.objects, repository.layout)
    if found is not None:
        raise EnvironmentProblem(f"a {found.kind} is in progress: finish it or abort it, then sync")


def require_told_apart(state: Outcome) -> None:
    """Several databases are known by the names that env.py gives them."""
    binds = {plan.database.bind for plan in state.plans}
    if not state.plans:
        raise UsageError("env.py ran no migrations", note="it did not call context.run_migrations()")
    if len(binds) != len(state.plans):
        raise UsageError(
            f"env.py migrates {len(state.plans)} databases and gives them no names, so sync cannot tell them apart",
            note="Alembic's multidb template names them: context.run_migrations(engine_name=name)",
        )


# Going it


def go(opened: Opened, scripts: Scripts, roads: Sequence[Road], asked: Asked) -> int:
    watcher = HomeMigration(opened, scripts, roads, asked)
    stream = sys.stderr if asked.dry_run else sys.stdout
    for road in roads:
        stream.write(render_home(road.plan, road.described_down(), road.described_up(scripts), watcher.style))
    stream.flush()
    # Before anything is loaded: a module that is imported runs already.
    why = watcher.about_code()
    if why and asked.dry_run:
        print(f"note: {why}; with --yes its SQL is shown", file=sys.stderr)
        return CLEAN
    if why:
        raise watcher.refusal or Refused(why)
    if asked.dry_run:
        return rehearse(opened, roads, watcher) if any(road.home.down or road.up for road in roads) else CLEAN
    project = opened.project.replace(verbose=asked.verbose)
    try:
        if len(roads) > 1:
            # What the second database would lose is asked before the first one is changed.
            run(project, [call_home(roads, look=True)], watcher=watcher, capture=True)
            watcher.is_agreed = True
        (outcome,) = run(project, [call_home(roads)], watcher=watcher)
    except Stopped as stop:
        watcher.drop_snapshots()
        raise watcher.refusal or stop from None
    except BaseException as error:
        watcher.restore()
        if isinstance(error, MigrationFailed):
            raise after_failure(error, opened, roads, watcher, asked) from None
        raise
    watcher.leave_snapshots()
    print(render_positions(outcome, scripts.graph, watcher.style), end="")
    return CLEAN


def call_home(roads: Sequence[Road], *options: str, **more: Any) -> Call:
    """One run of env.py along all roads; `more` is told to the child."""
    ways = {
        road.bind: {"folder": road.folder, "heads": list(road.plan.heads), "down": list(road.home.down)}
        for road in roads
    }
    told = {"ways": ways, "to": "heads", "sql": False, **more}
    return Call("home", options, more=tuple(told.items()))


def rehearse(opened: Opened, roads: Sequence[Road], watcher: HomeMigration) -> int:
    """`--dry-run`: the SQL.  SQLite's is that of a real run on a copy, which nobody can tell beforehand."""
    files = [road.plan.database.file for road in roads]
    if not all(files):
        with suppress(Stopped):
            run(opened.project, [call_home(roads, look=len(roads) > 1)], watcher=watcher, capture=True)
        if len(roads) > 1:
            print("note: env.py writes the SQL of several databases into files, so it is not shown", file=sys.stderr)
        else:
            run(opened.project, [call_home(roads, "--sql", sql=True)])
        return CLEAN
    with tempfile.TemporaryDirectory(prefix="gitmig-rehearsal-") as folder:
        copies = {}
        for number, file in enumerate(files):
            copies[file] = os.path.join(folder, f"{number}.db")
            restore_database(file, copies[file])
        urls = tuple((file, f"sqlite:///{copy}") for file, copy in copies.items())
        project = opened.project.replace(url=urls[0][1], elsewhere=urls)
        run(project, [call_home(roads, echo=True)], watcher=watcher)
    print("-- this ran on a copy; the database was not changed", file=sys.stderr)
    return CLEAN


def after_failure(
    error: MigrationFailed, opened: Opened, roads: Sequence[Road], watcher: HomeMigration, asked: Asked
) -> MigrationFailed:
    """Says where the database is now."""
    if asked.verbose:
        sys.stderr.write(error.trace)
    for path, name in [pair for road in roads for pair in road.files.items()]:
        error.what = error.what.replace(path, name)
    several = len(roads) > 1
    if watcher.restored:
        error.note = (
            f"{'all databases were put back as they were' if several else 'the database was put back as it was'}"
        )
        error.note += " before"
        return error
    try:
        (state,) = run(opened.project, [Call("state")], capture=True)
    except Exception:
        return error
    now = {plan.database.bind: plan for plan in state.plans}
    moved = [road for road in roads if set(now[road.plan.database.bind].heads) != set(road.plan.heads)]
    at = [
        f"{name_of_database(road.plan.database) if several else 'the database'} is at "
        f"{steps_named(now[road.plan.database.bind].heads) or 'base'}"
        for road in moved
    ]
    error.note = (
        "; ".join(at) or f"{'all databases are as they were' if several else 'the database is as it was'} before"
    )
    return error


class HomeMigration(Migration):
    """Shows the way home, refuses what would lose rows, asks about code that did not run here before, and copies."""

    def __init__(self, opened: Opened, scripts: Scripts, roads: Sequence[Road], asked: Asked) -> None:
        super().__init__(opened, scripts, Migrating("sync", (), color=asked.color))
        self.roads = {road.bind: road for road in roads}
        self.to = asked
        self.copies: dict[str, str] = {}
        self.loses: set[str] = set()
        self.restored = False

    def planned(self, plan: Planned, probe: Callable[[Sequence[str]], dict[str, int]]) -> str:
        if not plan.steps or self.is_agreed:
            return ""
        road = self.roads[plan.database.bind or ""]
        preview = road.preview(self.opened, self.scripts, probe)
        self.say_risks(preview)
        if preview.losses:
            self.loses.add(road.bind)
        if self.to.dry_run:
            return "" if plan.database.file or len(self.roads) > 1 else "only looking"
        return self.about_rows(plan, preview)

    def about_rows(self, plan: Planned, preview: Preview) -> str:
        from gitmig.terminal import ask, is_attended

        if not preview.losses or self.to.allow_destructive:
            return ""
        lost = ", ".join(dict.fromkeys(risk.called(risk.lost) for risk in preview.losses))
        self.refusal = Refused(
            f"cannot sync: rows would be lost: {lost}",
            note="nothing was changed; a copy of the database is kept where it is a file of SQLite",
            help=(
                Help("go home without them", (f"{self.to.command} --allow-destructive",)),
                Help("or look first", (f"{self.to.command} --dry-run",)),
            ),
        )
        if not is_attended(os.environ):
            return "rows would be lost"
        answer = ask(f"rows of {name_of_database(plan.database)} will be lost; go on? [y/N] ", os.environ)
        return "" if answer.lower() in ("y", "yes") else "the answer was no"

    def about_code(self) -> str:
        """Nobody recorded that the text that is found now is the one that ran: a revision is code, so it is asked.

        What goes up is the tree that was checked out, and env.py of it runs already: at a terminal it is asked too.
        """
        from gitmig.terminal import ask, is_attended

        attended = is_attended(os.environ)
        strange = next((road for road in self.roads.values() if road.strange_texts()), None)
        up = list(dict.fromkeys(name for road in self.roads.values() for name in road.up))
        here = unpublished(self.opened, self.scripts, up) if attended and not self.to.dry_run else []
        if self.to.yes or not (strange or here):
            return ""
        why = said_of(strange) if strange is not None else f"no shared branch has {steps_named(here)}"
        self.refusal = Refused(
            why,
            note="nothing was changed; a revision is code, and runs with all that you may do",
            help=(
                *(help_to_trust(strange) if strange is not None and not self.to.from_ else ()),
                Help("read it, then run it", (*how_to_read(strange), f"{self.to.command} --yes")),
            ),
        )
        if not attended or self.to.dry_run:
            return why
        answer = ask(f"{safe(why)}; run it? [y/N] ", os.environ)
        return "" if answer.lower() in ("y", "yes") else why

    # The copies

    def snapshot(self, plan: Planned) -> str:
        if not plan.database.file or not plan.steps or self.to.dry_run or self.opened.repository is None:
            return ""
        if len(self.roads) > 1 and not self.is_agreed:
            return ""  # nothing runs yet
        folder = os.path.join(self.opened.repository.layout.common_dir, "gitmig", "snapshots")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        prune(folder, keep=set(self.copies.values()))
        name = os.path.basename(plan.database.file)
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        copy = os.path.join(folder, f"{stamp}-{os.getpid()}{len(self.copies) or ''}-{name}")
        self.copies[plan.database.file] = copy
        return copy

    def restore(self) -> None:
        """After a failure the copies are written back; they stay, should that fail too."""
        for file, copy in self.copies.items():
            if os.path.exists(copy):
                restore_database(copy, file)
                self.restored = True
        self.drop_snapshots()

    def drop_snapshots(self) -> None:
        for copy in self.copies.values():
            with suppress(OSError):
                os.unlink(copy)

    def leave_snapshots(self) -> None:
        """Where rows were lost, the copy is the only place that has them."""
        if not self.loses:
            self.drop_snapshots()
            return
        for copy in self.copies.values():
            print(f"note: the database as it was before: {shell_word(copy)}", file=sys.stderr)


def prune(folder: str, keep: set[str]) -> None:
    """The newest copies stay, and those of this run."""
    for name in sorted(os.listdir(folder))[: -KEPT + 1]:
        path = os.path.join(folder, name)
        if path not in keep:
            with suppress(OSError):
                os.unlink(path)


# What is said of texts that nobody vouches for


def said_of(road: Road) -> str:
    """Why these texts are not simply run."""
    strange = road.strange_texts()
    origin = road.home.old[strange[0]].text.origin
    listed = steps_named(strange)
    if origin == "ledger":
        return f"the ledger has a text of {listed}, and Git does not hold it"
    return f"no ledger says that this database ran the text of {listed} that is found now, in {origin[:40]}"


def help_to_trust(road: Road) -> tuple[Help, ...]:
    origin = road.home.old[road.strange_texts()[0]].text.origin
    if origin in ("ledger", NOWHERE):
        return ()
    return (Help("name the Git branch that you trust for it", (f"gitmig sync --from {shell_word(origin)}",)),)


def how_to_read(road: Road | None) -> tuple[str, ...]:
    """A text that no file of this tree has is an object of Git, or in the ledger alone."""
    from gitmig.repo.digests import hash_bytes

    texts = [road.home.old[name].text for name in road.strange_texts()] if road is not None else []
    return tuple(f"git show {hash_bytes(one.source)}" for one in texts[:3] if one.origin != "ledger")
