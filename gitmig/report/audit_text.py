"""An audit for the terminal: the answer in the first lines, then what stood longest and what touched most."""

from __future__ import annotations

from gitmig.report.audit import (
    by_commit,
    date,
    duration,
    figures,
    fixed_text,
    harmless_text,
    headline,
    number,
    one_push_text,
    period_text,
    span,
    touch_text,
    worst,
)
from gitmig.report.escape import safe
from gitmig.report.style import Style, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.audit.records import Audit, EnvironmentAudit, Touch

_WIDTH = 80
_MOST = 12


def render_audit_text(audit: Audit, *, color: bool = False, width: int = 0) -> str:
    """The report; lines fit `width` columns, 80 where none is known."""
    return "\n".join(_lines(audit, Style(color), min(width or _WIDTH, 100))) + "\n"


def _lines(audit: Audit, style: Style, width: int) -> Iterator[str]:
    kind = "error" if any(one.count for one in figures(audit)) else "good"
    for number_of, line in enumerate(fold(headline(audit), "", "  ", width)):
        yield style.paint(kind, line) if number_of == 0 else line
    yield from fold(safe(span(audit)), "", "  ", width)
    if not audit.environments:
        return
    yield ""
    for figure in figures(audit):
        if figure.count or figure.kind in ("double-heads", "edited", "deleted", "re-parented"):
            head = f"  {figure.word:<16}{figure.count:>6,}  "
            yield from fold(figure.says or "none", head, " " * len(head), width)
    if audit.released:
        releases = [release for one in audit.environments for release in one.releases]
        count = sum(len(one.sunken) for one in releases)
        said = f"{number(count, 'revision')} in {number(len(releases), 'release')}" if releases else "nothing"
        text = f"sunken between releases: {said}; {number(audit.released, 'release')} compared"
        yield from fold(text, "  ", "    ", width)
    incidents = worst(audit)
    if incidents:
        yield ""
        yield style.paint("strong", "worst")
        for moment, text in incidents:
            yield from fold(safe(f"{text} ({moment.commit[:10]})"), f"  {date(moment.time)}  ", " " * 14, width)
    for one in audit.environments:
        yield from _environment(one, style, width, several=len(audit.environments) > 1)
    yield ""
    for line in (harmless_text(audit), one_push_text(audit), *audit.remarks):
        if line:
            yield from fold(safe(line), "note: ", "      ", width)
    yield "help: everything, as a page with a timeline:"
    yield "          gitmig audit --output html:audit.html"


def _environment(one: EnvironmentAudit, style: Style, width: int, *, several: bool) -> Iterator[str]:
    if several:
        yield ""
        yield style.paint("strong", safe(f"environment {one.name}")) + safe(f" ({', '.join(one.versions[:2])})")
    doubles = [period for period in one.periods if not period.is_one_push]
    if doubles:
        yield ""
        yield style.paint("strong", "broken for a while")
        for period in sorted(doubles, key=lambda period: -period.seconds)[:_MOST]:
            text = f"{duration(period.seconds)}: {period_text(period)}; {fixed_text(period)}"
            yield from fold(safe(text), f"  {date(period.start.time)}  ", " " * 14, width)
        yield from _more(len(doubles), "more")
    touched = by_commit(touch for touch in one.touches if touch.is_refused and not touch.is_one_push)
    if touched:
        yield ""
        yield style.paint("strong", "published revisions that were changed") + ", newest first"
        for touches in list(reversed(touched))[:_MOST]:
            yield from fold(safe(commit_text(touches)), f"  {date(touches[0].moment.time)}  ", " " * 14, width)
        yield from _more(len(touched), "more commits")
    if one.releases:
        yield ""
        yield style.paint("strong", "sunken between releases")
        for release in one.releases[-_MOST:]:
            named = ", ".join(f"{name} beneath {above}" for name, above in release.sunken[:3])
            more = f" and {len(release.sunken) - 3} more" if len(release.sunken) > 3 else ""
            text = f"{release.tag}, after {release.before}: {named}{more}"
            yield from fold(safe(text), f"  {date(release.time)}  ", " " * 14, width)


def commit_text(touches: Sequence[Touch]) -> str:
    """What one commit did, and who."""
    moment = touches[0].moment
    shown = "; ".join(touch_text(touch) for touch in touches[:2])
    more = f"; and {len(touches) - 2} more" if len(touches) > 2 else ""
    who = f" by {moment.author}" if moment.author else ""
    return f"{shown}{more} ({moment.commit[:10]}{who})"


def _more(count: int, word: str) -> Iterator[str]:
    if count > _MOST:
        yield f"  and {count - _MOST:,} {word}"
