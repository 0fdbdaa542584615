"""What the hooks do about two heads: offer the safe remedy after a merge, or stop the merge with it in place."""

from __future__ import annotations

import os

from gitmig.errors import GitmigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gitmig.commands.resolution import Resolution
    from gitmig.repo.repository import Repository
    from gitmig.resolve.remedy import Remedy

    Say = Callable[[str], None]

STOPPED = 1


def offer(found: Mapping[str, Sequence[str]], what: str, say: Say) -> None:
    """Tell about new heads (by environment) after a merge, commit or rebase; ask where `prompt = "ask"`.

    Git's own work is done, so whatever fails here only makes the offer shorter.
    """
    from gitmig.commands.check import local_config
    from gitmig.repo.repository import open_at

    repository = open_at(None)
    with repository.objects:
        config = local_config(repository, None)
        if config.on_merge == "off":
            return
        resolution = _resolution(repository, say)
        for environment, heads in found.items():
            say(f"gitmig: {environment}: {len(heads)} heads after this {what}: {', '.join(heads)}")
            _describe(repository, resolution, environment, say)
        if resolution is not None and config.prompt == "ask" and _is_agreed(resolution):
            _carry_out(repository, resolution)


def _resolution(repository: Repository, say: Say) -> Resolution | None:
    from gitmig.commands.resolution import Asked, read_resolution

    try:
        return read_resolution(repository, Asked(place="hook", own_template=True, settled=True))
    except GitmigError as error:
        say(f"gitmig: no remedy could be worked out: {error.what}")
        return None


def _describe(repository: Repository, resolution: Resolution | None, environment: str, say: Say) -> None:
    from gitmig.report.resolve import render_offer

    remedy: Remedy | None = None
    if resolution is not None:
        needing = [one for one in resolution.remedies if one.environment == environment and one.kind != "none"]
        remedy = needing[0] if needing else None
    if remedy is None or resolution is None:
        lines = render_offer(None, {})
    else:
        from gitmig.commands.resolve import read_authors

        lines = render_offer(remedy, read_authors(repository.git, resolution, None))
    for line in lines:
        say(line)


def _is_agreed(resolution: Resolution) -> bool:
    """Asked only about what is safe and certain."""
    from gitmig.terminal import ask

    needing = [one for one in resolution.remedies if one.kind != "none"]
    if not needing or not resolution.plan.steps or not all(one.is_automatic for one in needing):
        return False
    answer = ask(f"{resolution.plan.title}: write and stage this now? [y/N] ", os.environ)
    return answer.lower() in ("y", "yes")


def _carry_out(repository: Repository, resolution: Resolution) -> None:
    from gitmig.commands.resolve import carry_out

    carry_out(repository, resolution, "gitmig hook (asked)")


# Before the merge commit


def block(say: Say) -> int | None:
    """With `on_merge = "block"`: the remedy written and staged, and STOPPED, so that one merge commit has it all.

    None where the hook goes on as usual: not configured, nothing to do, or nothing that is safe without a person.
    """
    from gitmig.commands.check import local_config
    from gitmig.repo.repository import open_at

    repository = open_at(None)
    with repository.objects:
        config = local_config(repository, None)
        return _block(repository, say) if config.on_merge == "block" else None


def _block(repository: Repository, say: Say) -> int | None:
    from gitmig.commands.resolution import Asked, read_resolution
    from gitmig.commands.resolve import carry_out

    asked = Asked("auto", place="hook", own_template=True)
    try:
        resolution = read_resolution(repository, asked)
        if not resolution.is_needed or resolution.is_ahead or not (resolution.plan.steps or resolution.is_refused):
            return None
        for remedy in resolution.remedies:
            if remedy.kind != "none":
                say(f"gitmig: {remedy.environment}: {', '.join(remedy.heads)}: {remedy.why}")
        if resolution.is_refused:
            return None
        carry_out(repository, resolution, "gitmig hook pre-merge-commit", say_next=False)
    except GitmigError as error:
        say(f"gitmig: nothing was resolved: {error.what}")
        return None
    say("gitmig: the merge waits with this in it; complete it, or take it back:")
    say("          git commit --no-edit")
    say("          gitmig undo")
    return STOPPED
