"""`gitmig install` and `gitmig uninstall`: the hooks of this repository, without a hook manager."""

from __future__ import annotations

import shlex

from gitmig.errors import CLEAN, UsageError
from gitmig.repo.hook_install import (
    CHAINED,
    EDITED,
    METHODS,
    Installation,
    Step,
    apply_steps,
    find_program,
    plan_install,
    plan_uninstall,
    read_installation,
)
from gitmig.report.escape import safe

_DONE = {
    "set": "hook.gitmig-{event} in the configuration of this repository",
    "unset": "hook.gitmig-{event} taken out of the configuration",
    "write": "{path}",
    "chain": "{path} was there: it runs first, as {name}" + CHAINED,
    "restore": "{path} is again what it was before gitmig",
    "remove": "{path} removed",
    "keep": "{path} had other lines: kept as {name}" + EDITED,
}


def install(directory: str, *, dry_run: bool = False, method: str = "auto") -> int:
    """Puts the hooks in; a second time changes nothing.  `method`: auto, config (git 2.54 and newer) or files."""
    if method not in METHODS:
        raise UsageError(f"unknown method {method!r}: one of {', '.join(METHODS)}")
    found = read_installation(directory)
    steps = plan_install(found, find_program(), method)
    if not steps:
        print("gitmig's hooks are installed already; nothing to do")
        return CLEAN
    _carry_out(found, steps, dry_run)
    print("would be installed; nothing was changed" if dry_run else _closing(found))
    return CLEAN


def uninstall(directory: str, *, dry_run: bool = False) -> int:
    """Takes the hooks out and puts back what was there before."""
    found = read_installation(directory)
    steps = plan_uninstall(found)
    if not steps:
        print("no hook of gitmig is installed; nothing to do")
        return CLEAN
    _carry_out(found, steps, dry_run)
    print("would be uninstalled; nothing was changed" if dry_run else "uninstalled")
    return CLEAN


def _carry_out(found: Installation, steps: tuple[Step, ...], dry_run: bool) -> None:
    if not dry_run:
        apply_steps(found, steps)
    for step in steps:
        print("  " + safe(_describe(found, step)))


def _describe(found: Installation, step: Step) -> str:
    path = step.path.relative_to(found.toplevel) if step.path.is_relative_to(found.toplevel) else step.path
    return _DONE[step.action].format(event=step.event, path=shlex.quote(str(path)), name=path.name)


def _closing(found: Installation) -> str:
    if found.folder_is_shared:
        return "installed; these hooks are files of the project: commit them, or ignore them"
    return "installed; `gitmig uninstall` takes them out again"
