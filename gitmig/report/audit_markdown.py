"""An audit as Markdown, for an issue or a wiki: the answer, the figures, what stood longest, what was changed."""

from __future__ import annotations

from gitmig.report.audit import (
    by_commit,
    date,
    duration,
    figures,
    fixed_text,
    harmless_text,
    headline,
    one_push_text,
    period_text,
    span,
    touch_text,
    worst,
)
from gitmig.report.markdown import code, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.audit.records import Audit, EnvironmentAudit

_MOST = 50


def render_audit_markdown(audit: Audit) -> str:
    """The report; every text of the repository is made inert."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    yield f"## {text(headline(audit))}"
    yield ""
    yield text(span(audit))
    if audit.environments:
        yield ""
        yield "| what | times | |"
        yield "|---|---:|---|"
        for one in figures(audit):
            yield f"| {one.word} | {one.count:,} | {text(one.says)} |"
    for moment, said in worst(audit):
        yield ""
        yield f"- {date(moment.time)}: {text(said)} ({code(moment.commit[:10])})"
    for environment in audit.environments:
        yield from _environment(environment)
    for line in (harmless_text(audit), one_push_text(audit), *audit.remarks):
        if line:
            yield ""
            yield text(line)


def _environment(one: EnvironmentAudit) -> Iterator[str]:
    lasting = [period for period in one.periods if not period.is_one_push]
    if lasting:
        yield ""
        yield f"### What stood for a while in {text(one.name)}"
        yield ""
        yield "| since | for | what | mended |"
        yield "|---|---|---|---|"
        for period in sorted(lasting, key=lambda period: -period.seconds)[:_MOST]:
            cells = (date(period.start.time), duration(period.seconds), period_text(period), fixed_text(period))
            yield f"| {' | '.join(text(cell) for cell in cells)} |"
        yield from _more(len(lasting))
    touched = by_commit(touch for touch in one.touches if touch.is_refused and not touch.is_one_push)
    if touched:
        yield ""
        yield f"### Published revisions of {text(one.name)} that were changed"
        yield ""
        yield "| day | commit | what | by |"
        yield "|---|---|---|---|"
        for touches in list(reversed(touched))[:_MOST]:
            moment = touches[0].moment
            said = "; ".join(touch_text(touch) for touch in touches[:3])
            more = f"; and {len(touches) - 3} more" if len(touches) > 3 else ""
            when = f"{date(moment.time)} | {code(moment.commit[:10])}"
            yield f"| {when} | {text(said + more)} | {text(moment.author)} |"
        yield from _more(len(touched))
    for release in one.releases[-_MOST:]:
        named = ", ".join(f"{name} beneath {above}" for name, above in release.sunken[:10])
        yield ""
        yield f"- {text(release.tag)}, after {text(release.before)}: sunken {text(named)}"


def _more(count: int) -> Iterator[str]:
    if count > _MOST:
        yield ""
        yield f"and {count - _MOST:,} more"
