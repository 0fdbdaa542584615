"""`gitmig audit`: the past of a branch, and what the rules would have refused in it."""

from __future__ import annotations

import sys

from gitmig.errors import CLEAN, UsageError
from gitmig.findings import Help

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitmig.audit.records import Audit
    from gitmig.repo.repository import Repository

FORMATS = ("text", "json", "markdown", "html")
_EVERY = 50


def show_audit(
    directory: str | None,
    what: str | None,
    versions: tuple[str, ...] = (),
    form: str = "text",
    outputs: Sequence[str] = (),
    *,
    color: str = "auto",
    quiet: bool = False,
    use_cache: bool = True,
) -> int:
    """Walk the branch (`REV`, or `BASE..REV`) and show what it says; the exit status is 0 whatever that is."""
    from gitmig.commands.check import destinations_of, write

    destinations = destinations_of(form, outputs, FORMATS)
    audit = read_audit(directory, what, versions, progress=None if quiet else show_progress, use_cache=use_cache)
    for kind, path in destinations:
        write(rendered(audit, kind, "never" if path else color), path, kind)
    return CLEAN


def read_audit(
    directory: str | None,
    what: str | None,
    versions: tuple[str, ...] = (),
    *,
    progress: Callable[[int, int], None] | None = None,
    use_cache: bool = True,
) -> Audit:
    from gitmig.commands.check import Request, cache_of, local_config
    from gitmig.reading.audit import AuditReader
    from gitmig.reading.facts import FactsReader
    from gitmig.repo.refs import resolve
    from gitmig.repo.repository import open_at

    base, rev = split(what)
    repository = open_at(directory)
    with repository.objects as objects:
        branch, tip = (rev, resolve(repository.git, rev)) if rev else usual_branch(repository)
        config = local_config(repository, tip)
        objects.limit = config.max_file_size
        cache = cache_of(Request(use_cache=use_cache), repository.layout.common_dir)
        try:
            reader = AuditReader(
                repository, config, FactsReader(objects, cache), versions, progress or (lambda *_: None)
            )
            return reader.read(branch, tip, resolve(repository.git, base) if base else "")
        finally:
            cache.close()


def split(what: str | None) -> tuple[str, str]:
    """(base, rev) of `REV` or `BASE..REV`; an empty side is the beginning, and HEAD."""
    if what is None or ".." not in what:
        return "", what or ""
    if "..." in what:
        raise UsageError(
            f"{what} is no range of a branch",
            help=(Help("what the branch got since BASE", ("gitmig audit BASE..REV",)),),
        )
    base, _, rev = what.partition("..")
    return base, rev or "HEAD"


def usual_branch(repository: Repository) -> tuple[str, str]:
    """The shared branch, whose past others met; HEAD where none is known."""
    from gitmig.commands.check import local_config
    from gitmig.reading.comparison import find_target
    from gitmig.repo.refs import resolve

    head = repository.objects.commit("HEAD")
    config = local_config(repository, head.oid) if head else None
    found = find_target(repository, config, head.oid) if config and head else None
    if found and found.commit:
        return found.name, found.commit
    return "HEAD", resolve(repository.git, "HEAD")


def show_progress(done: int, of: int) -> None:
    """One line on a terminal that is painted over; nothing anywhere else."""
    if not sys.stderr.isatty() or (done % _EVERY and done != of):
        return
    end = "\r\x1b[K" if done == of else ""
    sys.stderr.write(f"\r{done:,} of {of:,} commits{end}")
    sys.stderr.flush()


def rendered(audit: Audit, form: str, color: str) -> str:
    if form == "json":
        from gitmig.report.audit import render_audit_json

        return render_audit_json(audit)
    if form == "markdown":
        from gitmig.report.audit_markdown import render_audit_markdown

        return render_audit_markdown(audit)
    if form == "html":
        from gitmig.report.audit_html import render_audit_html

        return render_audit_html(audit)
    from gitmig.report.audit_text import render_audit_text
    from gitmig.terminal import wants_color, width_of

    return render_audit_text(audit, color=wants_color(sys.stdout, color), width=width_of(sys.stdout))
