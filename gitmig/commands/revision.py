"""`gitmig revision`: the revision that makes what `gitmig check` calls uncovered, shown, or written."""

from __future__ import annotations

import os
import time

from gitmig.commands.resolve import require_place_to_write, say
from gitmig.commands.writing import Asked, Proposed, read_proposal
from gitmig.errors import CLEAN
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.repo.repository import Repository
    from gitmig.schema.proposing import Question


IN_WORKTREE = "nothing that is staged needs a revision; this one is for the files as they lie in the worktree"


def revision(
    directory: str | None,
    asked: Asked,
    *,
    dry_run: bool = False,
    form: str = "text",
    output: str | None = None,
    color: str = "auto",
) -> int:
    """Write the revision, or only show it."""
    from gitmig.apply.pending import require_nothing_pending
    from gitmig.repo.repository import open_at

    repository = open_at(directory)
    with repository.objects:
        require_nothing_pending(repository.layout.git_dir, repository.layout.common_dir)
        if not dry_run or asked.worktree:
            require_place_to_write(repository)
        asked, proposed = proposal_for(repository, asked, runs_hooks=not dry_run)
        if not dry_run and proposed.plan.steps:
            carry_out(repository, proposed, asked)
        show(proposed, asked, dry_run=dry_run, form=form, output=output, color=color)
        say_rest(proposed, asked, dry_run)
    return CLEAN


def proposal_for(repository: Repository, asked: Asked, *, runs_hooks: bool) -> tuple[Asked, Proposed]:
    """For what is staged; where that needs nothing, for the worktree, as `alembic revision` would."""
    proposed = read_proposal(repository, asked.replace(runs_hooks=runs_hooks), is_rename)
    if proposed.draft is not None or asked.kind != "drift" or asked.worktree or repository.layout.top is None:
        return asked, proposed
    whole = asked.replace(worktree=True)
    found = read_proposal(repository, whole.replace(runs_hooks=runs_hooks), is_rename)
    if found.draft is None:
        return asked, proposed
    return whole, found.replace(notes=(IN_WORKTREE, *found.notes))


def is_rename(question: Question) -> bool:
    """Ask at the terminal; where nobody answers, the answer is the one that loses no rows."""
    from gitmig.report.escape import safe
    from gitmig.terminal import ask

    evidence = ", ".join(question.evidence)
    text = f"{safe(question.old)} is gone and {safe(question.new)} is new ({evidence}). Is it a new name? [Y/n] "
    return ask(text, os.environ).lower() not in ("n", "no")


def carry_out(repository: Repository, proposed: Proposed, asked: Asked) -> None:
    from gitmig.apply.apply import apply_plan

    paths = {step.path for step in proposed.plan.steps}
    allowed = sorted(paths) if "" in proposed.folders else proposed.folders
    command = f"gitmig revision -m {shell_word(proposed.draft.message if proposed.draft else '')}"
    apply_plan(repository.git, repository.layout, proposed.plan, command=command, allowed=allowed, now=int(time.time()))


# What is shown


def show(proposed: Proposed, asked: Asked, *, dry_run: bool, form: str, output: str | None, color: str) -> None:
    """The report; with --dry-run the whole change."""
    import json
    import sys

    from gitmig.commands.check import write
    from gitmig.report.revision import proposed_value, render_proposed
    from gitmig.terminal import wants_color, width_of

    if form == "json":
        write(json.dumps(proposed_value(proposed), indent=2) + "\n", output, "json")
        return
    colored = output is None and wants_color(sys.stdout, color)
    write(render_proposed(proposed, dry_run=dry_run, color=colored, width=width_of(sys.stdout)), output)


def say_rest(proposed: Proposed, asked: Asked, dry_run: bool) -> None:
    """What comes next."""
    for note in proposed.notes:
        say(f"note: {note}")
    if proposed.draft is None:
        if asked.kind == "drift":
            other = "" if asked.worktree else "gitmig revision --worktree -m TEXT   (what is not staged, too)"
            say(f"help: for another revision:{chr(10) + '          ' + other if other else ''}")
            say("          gitmig revision --empty -m TEXT\n          gitmig revision --data -m TEXT")
        return
    for command in proposed.left:
        what = "would run on the new revision" if dry_run else "was to run on the new revision and did not"
        say(f"note: a command of the project {what}:\n          {command}")
    if dry_run:
        say("nothing was changed")
        return
    paths = " ".join(shell_word(step.path) for step in proposed.plan.steps if step.kind == "write")
    following = "gitmig check" if asked.stage else f"git add -- {paths}"
    say(f"help: look at it, then go on:\n          {following}\n      or take it back:\n          gitmig undo")
