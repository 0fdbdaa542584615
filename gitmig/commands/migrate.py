"""`gitmig upgrade`, `downgrade`, `stamp`, `current`, `history`: Alembic's commands, looked at before they run."""

from __future__ import annotations

import os
import sys

from gitmig.commands.database import Chosen, open_project, require_sound
from gitmig.db.failures import MigrationFailed, two_heads
from gitmig.db.preview import Preview, Way, chain_of, look_ahead
from gitmig.db.running import Call, Stopped, Watcher, run
from gitmig.errors import CLEAN, GitmigError, Refused, UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.report.databases import (
    name_of_database,
    render_current,
    render_current_json,
    render_plan,
    render_positions,
    render_risks,
)
from gitmig.report.escape import safe
from gitmig.terminal import wants_color, width_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitmig.commands.database import Opened
    from gitmig.db.running import Outcome, Planned
    from gitmig.reading.on_disk import Scripts
    from gitmig.schema.uses import Uses


SEE_REVISIONS = Help("see what there is", ("gitmig graph",))
LEDGER_MAY_FAIL = (("ledger_may_fail", True),)


class Asked(Frozen):
    """One of the three commands that change a database, with its arguments as they were given."""

    command: str
    revisions: tuple[str, ...]
    sql: bool = False
    tag: str = ""
    purge: bool = False
    yes: bool = False
    dry_run: bool = False
    verbose: bool = False
    color: str = "auto"
    ledger: bool = True


def migrate(directory: str | None, chosen: Chosen, asked: Asked) -> int:
    """Show what will run, ask where rows would be lost, run it, say where the database is then."""
    require_names(asked.revisions)
    if asked.sql and asked.dry_run:
        raise UsageError("--sql changes nothing already: leave --dry-run out")
    opened = open_project(directory, chosen)
    scripts = opened.scripts()
    require_sound(scripts)
    if asked.command == "upgrade" and asked.revisions == ("head",) and len(scripts.graph.heads) > 1:
        raise two_heads(heads=scripts.graph.heads)
    project = opened.project.replace(ledger=asked.ledger, verbose=asked.verbose)
    watcher = Migration(opened, scripts, asked)
    try:
        looks = asked.ledger and asked.command != "stamp"
        call = Call(asked.command, arguments(asked), ledger=looks, more=LEDGER_MAY_FAIL)
        if opened.has_several_databases and not asked.sql:
            # All are looked at before the first one is changed.
            run(project, [call.replace(more=(*call.more, ("look", True)))], watcher=watcher)
            watcher.is_agreed = True
            if asked.dry_run:
                return CLEAN
        (outcome,) = run(project, [call], watcher=watcher)
    except Stopped as stop:
        if watcher.only_looking:
            return CLEAN
        raise stop if watcher.refusal is None else watcher.refusal from None
    except MigrationFailed as failed:
        raise located(failed, opened, asked) from None
    if not asked.sql:
        print(render_positions(outcome, scripts.graph, watcher.style), end="")
        if asked.ledger:
            say_new_ledger(opened, outcome.plans)
    return CLEAN


def say_new_ledger(opened: Opened, plans: Sequence[Planned]) -> None:
    """Once, where the table was made beside an env.py that does not hide it: autogenerate would propose to drop it."""
    if not any(plan.steps and plan.ledger is None for plan in plans):
        return
    path = opened.environment.env
    if b"gitmig.ledger" in opened.disk.read([path]).get(path, b""):
        return
    sys.stderr.write(
        "note: what ran is recorded in the new table gitmig_ledger; autogenerate would propose to drop it\n"
        f"help: let {safe(path)} leave it out, and record what plain `alembic` runs too:\n"
        "          gitmig init --ledger\n"
        "      or go without it:\n"
        "          gitmig upgrade --no-ledger\n"
    )


def arguments(asked: Asked) -> tuple[str, ...]:
    """As Alembic's own command line takes them."""
    options = ["--sql"] if asked.sql else []
    options += ["--tag", asked.tag] if asked.tag else []
    options += ["--purge"] if asked.purge else []
    return (*options, *asked.revisions)


def require_names(revisions: Sequence[str]) -> None:
    """-1 is a step down; any other word with a dash is an option that we do not have."""
    for name in revisions:
        if not name.strip():
            raise UsageError("a revision is needed, and this is an empty word", help=(SEE_REVISIONS,))
        if name.startswith("-") and not name[1:].isdecimal():
            raise UsageError(f"no such option: {name}", help=(Help("see what there is", ("gitmig upgrade --help",)),))


def located(failed: MigrationFailed, opened: Opened, asked: Asked) -> GitmigError:
    """The error with the place where the database has come to rest."""
    if asked.verbose:
        sys.stderr.write(failed.trace)
    try:
        (state,) = run(opened.project, [Call("state")], capture=True)
    except GitmigError:
        return failed
    at = " and ".join(state.heads) or "base (no revision)"
    failed.note = f"the database is at {at}; {failed.note}"
    return failed


class Migration(Watcher):
    """Shows the plan and its risks, asks, and shows how far it is."""

    def __init__(self, opened: Opened, scripts: Scripts, asked: Asked) -> None:
        from gitmig.commands.progress import Progress

        self.opened = opened
        self.scripts = scripts
        self.asked = asked
        self.style = wants_color(sys.stdout, asked.color)
        self.only_looking = False
        self.is_agreed = False
        self.refusal: Refused | None = None
        self.progress = Progress(asked.color)
        self.follows = self.progress.shown

    def planned(self, plan: Planned, probe: Callable[[Sequence[str]], dict[str, int]]) -> str:
        if self.is_agreed:
            return ""
        preview = preview_of(self.opened, self.scripts, plan, probe)
        sys.stdout.write(render_plan(plan, self.scripts.revisions, color=self.style))
        sys.stdout.flush()
        self.say_risks(preview)
        self.refusal = refused_for_skipped(plan, self.scripts)
        if self.refusal is not None:
            return "what lies beneath was never run"
        if self.asked.dry_run:
            self.only_looking = True
            return "" if self.opened.has_several_databases else "only looking"
        return self.agree(plan, preview)

    def offline(self, plan: Planned) -> None:
        """`--sql`: standard output is the SQL, so the risks go to standard error."""
        self.say_risks(preview_of(self.opened, self.scripts, plan, None))

    def say_risks(self, preview: Preview) -> None:
        color, width = wants_color(sys.stderr, self.asked.color), width_of(sys.stderr)
        sys.stderr.write(render_risks(preview, color=color, width=width))
        sys.stderr.flush()

    def agree(self, plan: Planned, preview: Preview) -> str:
        """ "" where it may run."""
        from gitmig.terminal import ask, is_attended

        if not preview.losses or self.asked.yes:
            return ""
        if is_attended(os.environ):
            name = name_of_database(plan.database)
            answer = ask(f"rows of {name} will be lost; go on? [y/N] ", os.environ)
            self.refusal = Refused("stopped: the answer was no", note="nothing was changed")
            return "" if answer.lower() in ("y", "yes") else "the answer was no"
        if self.asked.command == "upgrade":
            return ""  # a deployment has no one to ask, and what it drops was reviewed; the warning stands in its log
        lost = ", ".join(dict.fromkeys(risk.called(risk.lost) for risk in preview.losses))
        words = " ".join(self.asked.revisions)
        self.refusal = Refused(
            f"this downgrade loses rows: {lost}",
            note="nothing was changed; without a terminal nobody can be asked",
            help=(Help("run it all the same", (f"gitmig downgrade {words} --yes",)),),
        )
        return "rows would be lost"

    def started(self, plan: Planned, number: int) -> None:
        self.progress.start(plan, number)

    def applied(self, plan: Planned, heads: tuple[str, ...]) -> None:
        self.progress.advance()

    def said(self, line: str) -> None:
        self.progress.say(line)

    def ended(self) -> None:
        self.progress.end()


def preview_of(
    opened: Opened,
    scripts: Scripts,
    plan: Planned,
    probe: Callable[[Sequence[str]], dict[str, int]] | None,
) -> Preview:
    """The risks of a plan; an empty one where nothing runs."""
    ways = [(step.revision, step.direction) for step in plan.steps if step.direction != "stamp"]
    if not ways:
        return Preview()
    graph = scripts.graph
    applied = graph.ancestors(*(head for head in plan.heads if head in graph))
    before = [one for one in graph.upgrade_order() if one in applied]
    facts = opened.facts(scripts, [*before, *(revision for revision, _ in ways)])
    bind = plan.database.bind
    chain = chain_of(Way(one, "upgrade", scripts.revisions[one].path, facts[one], bind) for one in before)
    ahead = [Way(one, way, scripts.revisions[one].path, facts[one], bind) for one, way in ways if one in facts]
    return look_ahead(chain, ahead, probe, lambda way: uses_with(opened, way))


def uses_with(opened: Opened, way: Way) -> Callable[[str, str], Uses] | None:
    """What the commit that brought a revision made of the uses of names; None where there is no Git."""
    from gitmig.reading.came_with import CameWith

    if opened.repository is None:
        return None
    return CameWith(opened.repository, way.path, opened.environment.holds)


def refused_for_skipped(plan: Planned, scripts: Scripts) -> Refused | None:
    """Why this database must not go on: Alembic would take for done what it never ran."""
    from gitmig.db.applied import parse_entry, skipped

    entries = [parse_entry(row) for row in plan.ledger or ()]
    found = skipped(entries, plan.heads, scripts.graph, scripts.revisions) if entries else None
    if found is None:
        return None
    never, where = ", ".join(found.revisions), name_of_database(plan.database)
    moved = [
        f"{one.entry.revision} ran there after {' and '.join(one.entry.parents) or 'nothing'} "
        f"and revises {' and '.join(one.now) or 'nothing'} today"
        for one in found.moved
    ]
    return Refused(
        f"{never} never ran on {where}, and Alembic takes it for done",
        note="; ".join(moved),
        help=(
            Help("bring the database to this branch:", ("gitmig sync",)),
            Help("or, where somebody has done it by hand, say so:", (f"gitmig stamp --purge {' '.join(plan.heads)}",)),
        ),
    )


# What only reads


def current(
    directory: str | None, chosen: Chosen, *, verbose: bool, check_heads: bool, form: str, color: str = "auto"
) -> int:
    """The revisions of the database, as `alembic current` says them; 1 when one of them is in no file."""
    opened = open_project(directory, chosen)
    scripts = opened.scripts()
    (state,) = run(opened.project, [Call("state", ledger=True, more=LEDGER_MAY_FAIL)])
    skipped = [one for plan in state.plans if (one := refused_for_skipped(plan, scripts)) is not None]
    if form == "json":
        sys.stdout.write(render_current_json(opened.environment.name, state.plans, scripts))
    elif verbose and all(head in scripts.graph for plan in state.plans for head in plan.heads):
        run(opened.project.replace(verbose=True), [Call("current", ("-v",))])
    else:
        sys.stdout.write(render_current(state.plans, scripts, color=wants_color(sys.stdout, color)))
        sys.stdout.flush()
    status = status_of(state, scripts, check_heads=check_heads)
    if skipped:
        raise skipped[0]
    return status


def status_of(state: Outcome, scripts: Scripts, *, check_heads: bool) -> int:
    from gitmig.db.failures import MissingRevision

    for plan in state.plans:
        for head in plan.heads:
            if head not in scripts.graph:
                raise MissingRevision(head)
        if check_heads and set(plan.heads) != set(scripts.graph.heads):
            behind = " and ".join(plan.heads) or "base"
            raise Refused(
                f"the database is at {behind}, the heads are {' and '.join(scripts.graph.heads) or 'none'}",
                help=(Help("bring it there", ("gitmig upgrade heads",)),),
            )
    return CLEAN


def history(directory: str | None, chosen: Chosen, *, rev_range: str | None, verbose: bool, indicate: bool) -> int:
    """What `alembic history` prints."""
    opened = open_project(directory, chosen)
    require_sound(opened.scripts())
    words = [f"--rev-range={rev_range}"] if rev_range else []  # it may begin with a dash
    words += ["-v"] if verbose else []
    words += ["-i"] if indicate else []
    run(opened.project.replace(verbose=verbose), [Call("history", tuple(words))])
    return CLEAN
