"""`gitmig init`: Alembic where it is missing, settings, hooks; everything is shown before it is written."""

from __future__ import annotations

import os
import sys
import time

from gitmig.commands.scaffold import Asked, Scaffold, chosen_by_hand, described, refuse_several
from gitmig.db.failures import masked
from gitmig.errors import CLEAN, FINDINGS, EnvironmentProblem, Refused
from gitmig.findings import Help
from gitmig.quoting import shell_word
from gitmig.report.escape import safe
from gitmig.setup.candidates import Candidate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.plan import Plan
    from gitmig.repo.hook_install import Installation, Step
    from gitmig.repo.repository import Repository

    Hooks = tuple[Installation, tuple[Step, ...]]


def init(directory: str | None, asked: Asked, *, yes: bool = False, dry_run: bool = False, color: str = "auto") -> int:
    """Set the project up; 1 when a person says no, or when something of theirs is in the way."""
    from gitmig.apply.pending import require_nothing_pending
    from gitmig.repo.repository import open_at

    repository = open_at(directory)
    with repository.objects:
        top = repository.layout.top
        if top is None:
            raise EnvironmentProblem("a bare repository has no files to set up", help=(Help("run it in a clone"),))
        require_nothing_pending(repository.layout.git_dir, repository.layout.common_dir)
        scaffold = read_scaffold(repository, top, directory, asked, yes=yes)
        plan = scaffold.plan()
        hooks = plan_hooks(scaffold, top) if asked.hooks else None
        show(plan, hooks, scaffold.notes, color)
        if not plan.steps and not (hooks and hooks[1]):
            say("everything is set up already; nothing to do")
            return CLEAN
        if dry_run:
            say("would be written; nothing was changed")
            return CLEAN
        if not yes and refuses():
            say("nothing was changed")
            return FINDINGS
        carry_out(repository, plan, hooks)
        say_what_follows(scaffold, plan, hooks)
        return CLEAN


def read_scaffold(repository: Repository, top: str, directory: str | None, asked: Asked, *, yes: bool) -> Scaffold:
    from gitmig.config import CONFIG_FILES, build_config, settings_of_files
    from gitmig.repo.worktree import Worktree

    here = os.path.relpath(os.path.realpath(directory or "."), os.path.realpath(top)).replace(os.sep, "/")
    files = Worktree(top, limit=1 << 20).read(CONFIG_FILES)
    settings = settings_of_files({path: one.content for path, one in files.items() if isinstance(one.content, bytes)})
    scaffold = Scaffold(repository, build_config(settings), "" if here == "." else here, asked)
    scaffold.environment(lambda candidates: choose(candidates, asked.metadata, yes=yes))
    scaffold.settings()
    scaffold.pre_commit()
    return scaffold


def choose(candidates: Sequence[Candidate], named: str, *, yes: bool) -> Candidate:
    """The MetaData that env.py will migrate: the named, the only, the asked for; Refused where nobody can be asked."""
    if named:
        return chosen_by_hand(named, candidates)
    if len(candidates) < 2 or yes:
        return candidates[0] if candidates else Candidate("", "")
    for number, line in enumerate(described(candidates), start=1):
        say(f"  {number}  {line}")
    answer = ask_person(f"which one does env.py migrate? [1-{len(candidates)}, Enter for 1] ")
    numbers = {str(number + 1): one for number, one in enumerate(candidates)} | {"": candidates[0]}
    if answer not in numbers:
        raise refuse_several(candidates)
    return numbers[answer]


def plan_hooks(scaffold: Scaffold, top: str) -> Hooks | None:
    """What `gitmig install` would do; None where a hook manager runs the hooks, which is said."""
    from gitmig.repo.hook_install import find_program, plan_install, read_installation

    if scaffold.read(".pre-commit-config.yaml") is not None:
        return None
    found = read_installation(top)
    try:
        return found, plan_install(found, find_program())
    except Refused as refused:
        scaffold.notes.append(refused.what)
        for one in refused.help[:1]:
            scaffold.notes.append("\n          ".join([one.text, *one.commands]))
        return None


def carry_out(repository: Repository, plan: Plan, hooks: Hooks | None) -> None:
    from gitmig.apply.apply import apply_plan
    from gitmig.repo.hook_install import apply_steps

    if plan.steps:
        allowed = [step.path for step in plan.steps]
        apply_plan(
            repository.git, repository.layout, plan, command="gitmig init", allowed=allowed, now=int(time.time())
        )
    if hooks is not None:
        apply_steps(*hooks)


# What is said


def show(plan: Plan, hooks: Hooks | None, notes: Sequence[str], color: str) -> None:
    from gitmig.commands.check import write
    from gitmig.report.plan import render_plan
    from gitmig.terminal import wants_color

    text = render_plan(plan, color=wants_color(sys.stdout, color)) if plan.steps else ""
    if hooks is not None and hooks[1]:
        events = ", ".join(dict.fromkeys(step.event for step in hooks[1]))
        text += f"{chr(10) if text else ''}install Git hooks: {events}\n"
    write(text, None)
    for note in notes:
        say(f"note: {note}")


def say_what_follows(scaffold: Scaffold, plan: Plan, hooks: Hooks | None) -> None:
    paths = [step.path for step in plan.steps]
    if paths:
        say(f"done: {len(paths)} file{'' if len(paths) == 1 else 's'} written; take it back with `gitmig undo`")
    if hooks is not None and hooks[1]:
        say("done: Git hooks are installed; `gitmig uninstall` takes them out again")
    if scaffold.candidate is not None and scaffold.candidate.module:
        say('help: stage it, then write the first revision:\n          gitmig revision -m "first"')
        command = f"gitmig adopt {shell_word(masked(scaffold.url))}"
        say(f"      or take over a database that create_all built:\n          {command}")
    if ".pre-commit-config.yaml" in paths:
        say("help: let pre-commit run it:\n          pre-commit install")


def ask_person(question: str) -> str | None:
    from gitmig.terminal import ask_person as ask

    sys.stdout.flush()
    return ask(question, os.environ)


def refuses() -> bool:
    """Whether a person looked at the plan and did not want it; where nobody is there, nobody refuses."""
    from gitmig.terminal import is_attended

    if not is_attended(os.environ):
        return False
    answer = ask_person("write this? [Y/n] ")
    return answer is None or answer.lower() not in ("", "y", "yes")


def say(text: str) -> None:
    for line in text.split("\n"):
        print(safe(line), file=sys.stderr)
