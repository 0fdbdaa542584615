"""`gitmig sync`: a database that was left on another Git branch comes home to this one."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import suppress

from gitmig.commands.database import Chosen, open_project, require_sound, steps_named
from gitmig.commands.ledger import entries_of
from gitmig.commands.migrate import Asked as Migrating
from gitmig.commands.migrate import Migration
from gitmig.db.applied import last_applied
from gitmig.db.failures import MigrationFailed
from gitmig.db.home import Home, Sources, Text, message_of, plan_home
from gitmig.db.preview import Preview, Way, chain_of, look_ahead
from gitmig.db.running import Call, Stopped, run
from gitmig.db.sqlite import restore_database
from gitmig.errors import CLEAN, CannotDecide, EnvironmentProblem, Refused, UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word
from gitmig.report.databases import name_of_database, render_home, render_position
from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from gitmig.commands.database import Opened
    from gitmig.db.running import Database, Planned
    from gitmig.reading.on_disk import Scripts
    from gitmig.repo.repository import Repository

ROUNDS = 200
KEPT = 5
NOWHERE = "an object that no branch names"


class Asked(Frozen):
    """`from_` limits the search to one Git branch or commit."""

    from_: str = ""
    dry_run: bool = False
    yes: bool = False
    allow_destructive: bool = False
    allow_empty: bool = False
    verbose: bool = False
    color: str = "auto"


def sync(directory: str | None, chosen: Chosen, asked: Asked) -> int:
    """Find the way home, show it, and go it; a database that is home is brought up to the heads."""
    opened = open_project(directory, chosen)
    repository = require_repository(opened)
    with repository.objects:
        require_quiet(repository)
        scripts = opened.scripts()
        require_sound(scripts)
        (state,) = run(opened.project, [Call("state", ledger=True)], capture=True)
        if len(state.plans) != 1:
            raise UsageError(
                f"env.py migrates {len(state.plans)} databases, and sync brings home one at a time",
                note="an env.py of Alembic's multidb template can be limited with -x",
            )
        plan = state.plans[0]
        home = find_way(opened, repository, scripts, plan, asked)
        require_downgrades(opened, home, asked)
        with tempfile.TemporaryDirectory(prefix="gitmig-sync-") as folder:
            write_revisions(home, folder)
            return go(opened, scripts, plan, home, folder, asked)


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


# The way


def find_way(opened: Opened, repository: Repository, scripts: Scripts, plan: Planned, asked: Asked) -> Home:
    """The way home, with texts from wherever they are; CannotDecide where one is nowhere."""
    applied = last_applied(entries_of(plan))
    blobs = repository.objects.read([entry.blob for entry in applied.values() if entry.blob])
    held = frozenset(blob for blob, content in blobs.items() if isinstance(content, bytes))
    sources = Sources(applied, scripts.revisions, scripts.texts, {}, held)
    for _ in range(ROUNDS):
        home = plan_home(plan.heads, sources)
        if not home.missing:
            return home
        found = search(opened, repository, home.missing, asked)
        lost = [name for name in home.missing if name not in found]
        if lost:
            raise CannotDecide(
                f"cannot sync: {name_of_database(plan.database)} is at {steps_named(plan.heads)}, and"
                f" no text of {steps_named(lost)} is found",
                note="looked in the ledger, in all refs, in reflogs and among all objects of this repository",
                help=(
                    Help("fetch the branch that has it", ("git fetch --all",)),
                    Help("or, when the schema fits, record where it is", ("gitmig stamp --purge REVISION",)),
                ),
            )
        sources = sources.replace(found={**sources.found, **found})
    raise CannotDecide("cannot sync: the revisions beneath the database's have no end")


def search(opened: Opened, repository: Repository, missing: Sequence[str], asked: Asked) -> dict[str, Text]:
    from gitmig.reading.comparison import find_target, shared_refs
    from gitmig.reading.lost import find_lost
    from gitmig.repo.refs import resolve

    within = resolve(repository.git, asked.from_) if asked.from_ else ""
    folders = opened.environment.versions
    found = find_lost(repository.git, repository.objects, missing, folders, within=within)
    head = repository.objects.commit("HEAD")
    shared = {ref.commit for ref in shared_refs(repository.git, opened.config)}
    shared.add(find_target(repository, opened.config, head.oid if head else "").commit)
    published = {entry.oid for commit in sorted(shared) if commit for entry in repository.objects.tree(commit).values()}
    return {
        name: Text(
            one.source,
            branch_of(repository, one.commit) or one.commit or NOWHERE,
            one.path or f"{name}.py",
            bool(within) or one.blob in published,
        )
        for name, one in found.items()
    }


def branch_of(repository: Repository, commit: str) -> str:
    """A branch that has the commit, by the name that a person would type; "" for none."""
    if not commit:
        return ""
    answer = repository.git.ask(
        "for-each-ref", "--count=1", f"--contains={commit}", "--format=%(refname:short)", "refs/heads", "refs/remotes"
    )
    return answer.output.decode("utf-8", "replace").strip()


def require_downgrades(opened: Opened, home: Home, asked: Asked) -> None:
    """Every revision on the way down must say how to take it back."""
    facts = facts_of(opened, home, home.down)
    for name in home.down:
        one = facts[name]
        raises, empty = one["raises"]["downgrade"], one["empty"]["downgrade"] and not one["empty"]["upgrade"]
        if raises:
            raise Refused(
                f"cannot sync: the downgrade of {name} raises an error instead of taking it back",
                note="nothing was changed; a copy of the database, or a new one, is the way back",
            )
        if empty and not asked.allow_empty:
            raise Refused(
                f"cannot sync: the downgrade of {name} is missing or empty, so what its upgrade did would stay",
                note="nothing was changed",
                help=(Help("leave it there, and go on", (f"{command_of(asked)} --allow-empty",)),),
            )


def write_revisions(home: Home, folder: str) -> None:
    """What the database ran, as a versions folder of its own; file names say nothing."""
    for number, name in enumerate(home.graph.upgrade_order()):
        with open(os.path.join(folder, f"gitmig_{number:05}.py"), "xb") as file:
            file.write(home.old[name].text.source)


# Going it


def go(opened: Opened, scripts: Scripts, plan: Planned, home: Home, folder: str, asked: Asked) -> int:
    more = (
        ("folder", folder),
        ("heads", list(plan.heads)),
        ("down", list(home.down)),
        ("to", "heads"),
        ("sql", False),
    )
    watcher = HomeMigration(opened, scripts, home, plan.database, asked)
    stream = sys.stderr if asked.dry_run else sys.stdout
    stream.write(render_home(plan, watcher.described_down(), watcher.described_up(), watcher.style))
    stream.flush()
    # Before anything is loaded: a module that is imported runs already.
    why = watcher.about_code()
    if why and asked.dry_run:
        print(f"note: {why}; with --yes its SQL is shown", file=sys.stderr)
        return CLEAN
    if why:
        raise watcher.refusal or Refused(why)
    if asked.dry_run:
        return rehearse(opened, plan, watcher, more) if home.down or watcher.up else CLEAN
    try:
        project = opened.project.replace(verbose=asked.verbose)
        (outcome,) = run(project, [Call("home", more=more)], watcher=watcher)
    except Stopped as stop:
        watcher.drop_snapshot()
        raise watcher.refusal or stop from None
    except BaseException as error:
        watcher.restore()
        if isinstance(error, MigrationFailed):
            raise after_failure(error, opened, plan, watcher, asked) from None
        raise
    watcher.leave_snapshot()
    print(render_position(outcome.plans, outcome.heads, scripts.graph, watcher.style), end="")
    return CLEAN


def rehearse(opened: Opened, plan: Planned, watcher: HomeMigration, more: tuple[tuple[str, object], ...]) -> int:
    """`--dry-run`: the SQL.  SQLite's is that of a real run on a copy, which nobody can tell beforehand."""
    if not plan.database.file:
        with suppress(Stopped):
            run(opened.project, [Call("home", more=more)], watcher=watcher)
        run(opened.project, [Call("home", ("--sql",), more=(*more[:-1], ("sql", True)))])
        return CLEAN
    with tempfile.TemporaryDirectory(prefix="gitmig-rehearsal-") as folder:
        copy = os.path.join(folder, "copy.db")
        restore_database(plan.database.file, copy)
        project = opened.project.replace(url=f"sqlite:///{copy}")
        run(project, [Call("home", more=(*more, ("echo", True)))], watcher=watcher)
    print("-- this ran on a copy; the database was not changed", file=sys.stderr)
    return CLEAN


def after_failure(
    error: MigrationFailed, opened: Opened, plan: Planned, watcher: HomeMigration, asked: Asked
) -> MigrationFailed:
    """Says where the database is now."""
    if asked.verbose:
        sys.stderr.write(error.trace)
    if watcher.restored:
        error.note = "the database was put back as it was before"
        return error
    try:
        (state,) = run(opened.project, [Call("state")], capture=True)
    except Exception:
        return error
    same = set(state.heads) == set(plan.heads)
    error.note = "the database is as it was before" if same else f"the database is at {steps_named(state.heads)}"
    return error


class HomeMigration(Migration):
    """Shows the way home, refuses what would lose rows, asks about code that did not run here before, and copies."""

    def __init__(self, opened: Opened, scripts: Scripts, home: Home, database: Database, asked: Asked) -> None:
        self.database = database
        super().__init__(opened, scripts, Migrating("sync", (), color=asked.color))
        self.home = home
        self.to = asked
        self.copy = ""
        self.file = ""
        self.loses = False
        self.restored = False
        self.up = [name for name in scripts.graph.upgrade_order() if name not in home.keep]

    def planned(self, plan: Planned, probe: Callable[[Sequence[str]], dict[str, int]]) -> str:
        if not plan.steps:
            return ""
        preview = self.preview(probe)
        self.say_risks(preview)
        self.loses = bool(preview.losses)
        if self.to.dry_run:
            return "" if plan.database.file else "only looking"
        return self.about_rows(plan, preview)

    def preview(self, probe: Callable[[Sequence[str]], dict[str, int]]) -> Preview:
        order = self.home.graph.upgrade_order()
        facts = facts_of(self.opened, self.home, order)
        before = chain_of(Way(one, "upgrade", self.home.old[one].text.path, facts[one]) for one in order)
        files = self.opened.facts(self.scripts, self.up)
        ways = [Way(one, "downgrade", self.home.old[one].text.path, facts[one]) for one in self.home.down]
        ways += [Way(one, "upgrade", self.scripts.revisions[one].path, files[one]) for one in self.up]
        return look_ahead(before, ways, probe)

    def about_rows(self, plan: Planned, preview: Preview) -> str:
        from gitmig.terminal import ask, is_attended

        if not preview.losses or self.to.allow_destructive:
            return ""
        lost = ", ".join(dict.fromkeys(risk.lost for risk in preview.losses))
        self.refusal = Refused(
            f"cannot sync: rows would be lost: {lost}",
            note="nothing was changed; a copy of the database is kept where it is a file of SQLite",
            help=(
                Help("go home without them", (f"{command_of(self.to)} --allow-destructive",)),
                Help("or look first", (f"{command_of(self.to)} --dry-run",)),
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
        down = self.strange_texts()
        here = unpublished(self.opened, self.scripts, self.up) if attended and not self.to.dry_run else []
        if self.to.yes or not (down or here):
            return ""
        why = said_of(self.home, down) if down else f"no shared branch has {steps_named(here)}"
        origin = self.home.old[down[0]].text.origin if down else "ledger"
        named = (Help("name the Git branch that you trust for it", (f"gitmig sync --from {shell_word(origin)}",)),)
        self.refusal = Refused(
            why,
            note="nothing was changed; a revision is code, and runs with all that you may do",
            help=(
                *(() if origin in ("ledger", NOWHERE) or self.to.from_ else named),
                Help("read it, then run it", (f"{command_of(self.to)} --yes",)),
            ),
        )
        if not attended or self.to.dry_run:
            return why
        answer = ask(f"{safe(why)}; run it? [y/N] ", os.environ)
        return "" if answer.lower() in ("y", "yes") else why

    def described_down(self) -> list[tuple[str, str, str]]:
        texts = {name: self.home.old[name].text for name in self.home.down}
        return [(name, message_of(text.source), text.origin) for name, text in texts.items()]

    def described_up(self) -> list[tuple[str, str]]:
        paths = {name: self.scripts.revisions[name].path for name in self.up}
        return [(name, message_of(self.scripts.texts[path])) for name, path in paths.items()]

    def strange_texts(self) -> list[str]:
        return [name for name in self.home.down if not self.home.old[name].text.is_known]

    # The copy

    def snapshot(self, plan: Planned) -> str:
        if not plan.database.file or not plan.steps or self.to.dry_run or self.opened.repository is None:
            return ""
        folder = os.path.join(self.opened.repository.layout.common_dir, "gitmig", "snapshots")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        prune(folder)
        name = os.path.basename(plan.database.file)
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        self.file = plan.database.file
        self.copy = os.path.join(folder, f"{stamp}-{os.getpid()}-{name}")
        return self.copy

    def restore(self) -> None:
        """After a failure the copy is written back; it stays, should that fail too."""
        if self.copy and os.path.exists(self.copy):
            restore_database(self.copy, self.file)
            self.restored = True
            self.drop_snapshot()

    def drop_snapshot(self) -> None:
        if self.copy:
            with suppress(OSError):
                os.unlink(self.copy)

    def leave_snapshot(self) -> None:
        """Where rows were lost, the copy is the only place that has them."""
        if self.copy and self.loses:
            print(f"note: the database as it was before: {shell_word(self.copy)}", file=sys.stderr)
        else:
            self.drop_snapshot()


def prune(folder: str) -> None:
    """The newest copies stay."""
    for name in sorted(os.listdir(folder))[: -KEPT + 1]:
        with suppress(OSError):
            os.unlink(os.path.join(folder, name))


def unpublished(opened: Opened, scripts: Scripts, revisions: Iterable[str]) -> list[str]:
    """Those whose file no shared branch has; none where there is no shared branch, and so nobody else."""
    from gitmig.reading.comparison import find_target, shared_refs

    repository = opened.repository
    if repository is None:
        return []
    head = repository.objects.commit("HEAD")
    target = find_target(repository, opened.config, head.oid if head else "").commit
    commits = {target, *(ref.commit for ref in shared_refs(repository.git, opened.config))}
    if commits == {""}:
        return []
    blobs = {entry.oid for commit in commits if commit for entry in repository.objects.tree(commit).values()}
    return [name for name in revisions if scripts.revisions[name].blob not in blobs]


def facts_of(opened: Opened, home: Home, revisions: Iterable[str]) -> dict[str, Any]:
    """What the old texts do, by id."""
    from gitmig.commands.database import read_facts
    from gitmig.repo.digests import hash_bytes

    blobs = {name: hash_bytes(home.old[name].text.source) for name in revisions}
    known = read_facts(opened.cache(), {blob: home.old[name].text.source for name, blob in blobs.items()})
    return {name: known[blob] for name, blob in blobs.items()}


def said_of(home: Home, strange: Sequence[str]) -> str:
    """Why these texts are not simply run."""
    origin = home.old[strange[0]].text.origin
    listed = steps_named(strange)
    if origin == "ledger":
        return f"the ledger has a text of {listed}, and Git does not hold it"
    return f"no ledger says that this database ran the text of {listed} that is found now, in {origin[:40]}"


def command_of(asked: Asked) -> str:
    return f"gitmig sync --from {shell_word(asked.from_)}" if asked.from_ else "gitmig sync"
