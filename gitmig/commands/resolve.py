"""`gitmig resolve`: two heads brought together: shown, or written and staged."""

from __future__ import annotations

import os
import sys
import time

from gitmig.commands.resolution import Asked, Resolution, read_resolution
from gitmig.errors import CLEAN, FINDINGS, EnvironmentProblem, Refused, UsageError
from gitmig.findings import Help
from gitmig.quoting import shell_word
from gitmig.report.resolve import Authorship, render_remedies, resolution_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.repo.plumbing import Git
    from gitmig.repo.repository import Repository
    from gitmig.resolve.remedy import Remedy

_CONTINUE = {
    "merge": "git commit --no-edit",
    "rebase": "git rebase --continue",
    "cherry-pick": "git cherry-pick --continue",
    "revert": "git revert --continue",
    "am": "git am --continue",
}


def resolve(
    directory: str | None,
    asked: Asked,
    *,
    dry_run: bool = False,
    form: str = "text",
    output: str | None = None,
    color: str = "auto",
) -> int:
    """Show the remedy, and carry it out where a choice was made; 1 when it is refused or nothing was chosen."""
    from gitmig.apply.pending import require_nothing_pending
    from gitmig.repo.repository import open_at

    if asked.rev is not None and not dry_run:
        raise UsageError(
            "--rev looks at a commit, and nothing is written into one",
            help=(Help("print the change as a patch", ("gitmig resolve --rev COMMIT --base COMMIT --dry-run",)),),
        )
    repository = open_at(directory)
    with repository.objects:
        require_nothing_pending(repository.layout.git_dir, repository.layout.common_dir)
        if not dry_run:
            require_place_to_write(repository)
        resolution = read_resolution(repository, asked, agree=agree)
        authors = read_authors(repository.git, resolution, asked.rev)
        if form == "json":
            show_json(resolution, output)
        else:
            show_text(resolution, authors, asked, dry_run, output, color)
        if resolution.is_refused:
            return FINDINGS
        if dry_run or not resolution.plan.steps:
            return CLEAN
        if not asked.choice:
            say_choices(resolution)
            return FINDINGS
        carry_out(repository, resolution, f"gitmig resolve --{asked.choice}")
        return CLEAN


def require_place_to_write(repository: Repository) -> None:
    if repository.layout.top is None:
        raise EnvironmentProblem(
            "there is no worktree to write to",
            help=(Help("print the change as a patch", ("gitmig resolve --rev COMMIT --base COMMIT --dry-run",)),),
        )


def carry_out(repository: Repository, resolution: Resolution, command: str, *, say_next: bool = True) -> None:
    """Write and stage the plan; Refused where it does not fit the tree at hand."""
    from gitmig.apply.apply import apply_plan

    if resolution.is_ahead:
        name = shell_word(resolution.target_name)
        raise Refused(
            f"the heads meet only when {resolution.target_name} is merged, and it is not merged here yet",
            note="nothing was changed",
            help=(Help(f"bring {resolution.target_name} in, then run this again", (f"git merge {name}", command)),),
        )
    paths = {path for step in resolution.plan.steps for path in (step.path, step.to) if path}
    allowed = sorted(paths) if "" in resolution.folders else resolution.folders
    apply_plan(
        repository.git, repository.layout, resolution.plan, command=command, allowed=allowed, now=int(time.time())
    )
    say(f"done: {resolution.plan.title}; it is staged")
    for path in sorted(paths):
        say(f"  {path}")
    if say_next:
        say_what_follows(resolution)


def say_what_follows(resolution: Resolution) -> None:
    for command in resolution.hooks:
        say(f"help: the project runs this on new revisions; gitmig does not:\n          {command}")
    following = _CONTINUE.get(resolution.in_progress, f"git commit -m {shell_word(resolution.plan.title)}")
    say(f"help: look at it, then go on:\n          {following}\n      or take it back:\n          gitmig undo")


def say_choices(resolution: Resolution) -> None:
    """Nothing was chosen, so nothing is done."""
    kind = next((one.kind for one in resolution.remedies if one.kind in ("reparent", "merge")), "auto")
    say(f"nothing was changed\nhelp: carry it out:\n          gitmig resolve --{kind}")


# What is shown


def show_json(resolution: Resolution, output: str | None) -> None:
    import json

    from gitmig.commands.check import write

    value = resolution_value(resolution.remedies, resolution.plan)
    write(json.dumps(value, indent=2) + "\n", output, "json")


def show_text(
    resolution: Resolution,
    authors: dict[str, Authorship],
    asked: Asked,
    dry_run: bool,
    output: str | None,
    color: str,
) -> None:
    """The remedies; with --dry-run the plan too, of a commit as a patch on standard output."""
    from gitmig.commands.check import write
    from gitmig.report.plan import render_patch, render_plan
    from gitmig.terminal import wants_color, width_of

    as_patch = asked.rev is not None
    for path in resolution.untracked:
        say(f"note: {path} is not added to Git, so its revision is not looked at")
    stream = sys.stderr if as_patch else sys.stdout
    colored = wants_color(stream, color) and (as_patch or output is None)
    said = render_remedies(resolution.remedies, authors, color=colored, width=width_of(stream))
    shows_plan = bool(resolution.plan.steps) and (dry_run or not asked.choice)
    if not as_patch:
        if shows_plan:
            said += "\n" + render_plan(resolution.plan, color=colored)
        if resolution.is_ahead and shows_plan:
            said += f"note: this holds once {resolution.target_name} is merged here\n"
        write(said, output)
        return
    sys.stderr.write(said)
    patch = render_patch(resolution.plan) if shows_plan else b""
    if output is not None:
        with open(output, "wb") as file:
            file.write(patch)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(patch)
    sys.stdout.buffer.flush()


def read_authors(git: Git, resolution: Resolution, rev: str | None) -> dict[str, Authorship]:
    """Who added the file of each head; those that are in no commit yet are left out."""
    return dict(_authorships(git, resolution.paths, rev))


_ADDED = ("--diff-filter=A", "--no-renames", "--format=%h%x00%an%x00%as")


def _authorships(git: Git, paths: Iterable[tuple[str, str]], rev: str | None) -> Iterable[tuple[str, Authorship]]:
    starts = [commit_named(git, rev)] if rev else ["HEAD", "--branches", "--remotes"]
    for head, path in paths:
        answer = git.ask("log", "-1", *_ADDED, *starts, "--", path)
        fields = answer.output.decode("utf-8", "replace").strip("\n").split("\0")
        if answer.status == 0 and len(fields) == 3:
            yield head, Authorship(*fields)


def commit_named(git: Git, rev: str) -> str:
    from gitmig.repo.refs import resolve as resolve_name

    return resolve_name(git, rev)


def agree(remedy: Remedy) -> bool:
    """Ask at the terminal whether to go on although something is unknown; no terminal is a no."""
    from gitmig.report.escape import safe
    from gitmig.terminal import ask

    for text in remedy.unknown:
        say(f"unknown: {safe(text)}")
    question = (
        f"{safe(remedy.environment)}: {safe(remedy.why)}. Do `gitmig resolve --{remedy.kind}` all the same? [y/N] "
    )
    return ask(question, os.environ).lower() in ("y", "yes")


def say(text: str) -> None:
    from gitmig.report.escape import safe

    for line in text.split("\n"):
        print(safe(line), file=sys.stderr)
