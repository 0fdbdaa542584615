"""An audit as one HTML file: the answer, a timeline, and everything behind it.  Needs no network and no script."""

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
from gitmig.report.page import page, table, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.audit.records import Audit, EnvironmentAudit, Period, Touch

_WIDTH, _LEFT, _LANE = 1_000, 150, 34
_LANES = (
    ("double heads", ("double-heads",), "bad"),
    ("broken graph", ("missing-parent", "duplicate-id"), "bad"),
    ("edited", ("edited",), "warn"),
    ("deleted", ("deleted", "renamed-id"), "bad"),
    ("re-parented", ("re-parented", "sunken"), "warn"),
)
_MOST_SHOWN = 12
_STYLE = (
    ".figures td:nth-child(2) { font-weight: 600; } svg .bar { fill: var(--bad); } svg .warn { fill: var(--warn); }\n"
)
_STYLE += "svg .bad { fill: var(--bad); } svg line { stroke: var(--line); } svg .dot { fill-opacity: 0.75; }\n"


def render_audit_html(audit: Audit) -> str:
    """The page; every text of the repository is escaped."""
    return page(f"gitmig audit: {audit.branch}", _body(audit), style=_STYLE)


def _body(audit: Audit) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>{text(headline(audit))}</h1>"
    yield f'<p class="quiet">{text(span(audit))}</p></header><main id="content">'
    if audit.environments:
        yield from _figures(audit)
        for one in audit.environments:
            yield from _environment(one, audit, several=len(audit.environments) > 1)
    notes = [line for line in (harmless_text(audit), one_push_text(audit), *audit.remarks) if line]
    if notes:
        yield '<section aria-labelledby="notes"><h2 id="notes">Notes</h2>'
        yield "".join(f"<p>{text(line)}</p>" for line in notes) + "</section>"
    yield "</main>"


def _figures(audit: Audit) -> Iterator[str]:
    yield '<section class="figures" aria-labelledby="figures"><h2 id="figures">What the rules would have refused</h2>'
    rows = [(text(one.word), f"{one.count:,}", text(one.says)) for one in figures(audit)]
    sunken = sum(len(release.sunken) for one in audit.environments for release in one.releases)
    if audit.released:
        rows.append(("sunken between releases", f"{sunken:,}", text(f"{number(audit.released, 'release')} compared")))
    yield from table("By kind; what was mended in the same push is not counted", ("what", "times", ""), rows)
    incidents = worst(audit)
    if incidents:
        yield "<p>The worst:</p><ul>"
        for moment, said in incidents:
            yield f"<li>{date(moment.time)}: {text(said)} {_commit(moment.commit)}</li>"
        yield "</ul>"
    yield "</section>"


def _environment(one: EnvironmentAudit, audit: Audit, *, several: bool) -> Iterator[str]:
    title = f"Environment {one.name}" if several else "Timeline"
    yield f"<section><h2>{text(title)}</h2>"
    folders = ", ".join(f"<code>{text(folder)}</code>" for folder in one.versions)
    counts = f"{number(one.published, 'revision')} published, {one.revisions:,} of them left"
    yield f'<p class="quiet">{folders}: {counts}</p>'
    if audit.first is not None and audit.last is not None:
        yield from _timeline(one, audit.first.time, audit.last.time)
    lasting = [period for period in one.periods if not period.is_one_push]
    if lasting:
        yield "<h2>What stood for a while</h2>"
        yield from table(
            "Double heads and broken graphs, the earliest first",
            ("since", "for", "what", "begun by", "mended"),
            [_period_row(period) for period in lasting],
        )
    touched = by_commit(touch for touch in one.touches if touch.is_refused and not touch.is_one_push)
    if touched:
        yield "<h2>Published revisions that were changed</h2>"
        yield from table(
            "By commit, the newest first",
            ("day", "what", "by", "commit"),
            [_commit_row(touches) for touches in reversed(touched)],
        )
    if one.releases:
        yield "<h2>Sunken between releases</h2>"
        rows = [
            (
                date(release.time),
                text(f"{release.tag}, after {release.before}"),
                ", ".join(
                    f"<code>{text(name)}</code> beneath <code>{text(above)}</code>" for name, above in release.sunken
                ),
            )
            for release in one.releases
        ]
        yield from table("Databases of the earlier release skip these silently", ("day", "release", "revisions"), rows)
    yield "</section>"


def _period_row(period: Period) -> tuple[str, ...]:
    return (
        date(period.start.time),
        duration(period.seconds) + ("" if period.end else ", still so"),
        text(period_text(period)),
        f"{text(period.start.author)} {_commit(period.start.commit)}",
        text(fixed_text(period)),
    )


def _commit_row(touches: Sequence[Touch]) -> tuple[str, ...]:
    moment = touches[0].moment
    lines = [text(touch_text(touch)) for touch in touches]
    what = "<br>".join(lines[:_MOST_SHOWN])
    if len(lines) > _MOST_SHOWN:
        rest = "<br>".join(lines[_MOST_SHOWN:])
        what += f"<details><summary>and {len(lines) - _MOST_SHOWN} more</summary>{rest}</details>"
    return date(moment.time), what, text(moment.author), f"{_commit(moment.commit)} {text(moment.subject[:80])}"


def _commit(commit: str) -> str:
    return f"<code>{text(commit[:10])}</code>"


# The timeline


def _timeline(one: EnvironmentAudit, first: int, last: int) -> Iterator[str]:
    """Years from left to right, a lane for each kind; the tables below say the same in words."""
    length = max(1, last - first)
    height = _LANE * len(_LANES) + 40

    def across(time: int) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - 20) * min(max(0, time - first), length) / length, 1)

    counts = ", ".join(f"{name} {len(_of(one, kinds))}" for name, kinds, _ in _LANES)
    yield '<figure class="scroll" tabindex="0" aria-label="timeline">'
    yield f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img"'
    yield f' aria-label="{text(f"Timeline from {date(first)} to {date(last)}: {counts}")}">'
    for time, name in _ticks(first, last):
        x = across(time)
        yield f'<line x1="{x}" y1="8" x2="{x}" y2="{height - 28}"/>'
        yield f'<text class="quiet" x="{x + 3}" y="{height - 12}">{name}</text>'
    for lane, (name, kinds, look) in enumerate(_LANES):
        y = 8 + lane * _LANE
        yield f'<line x1="0" y1="{y + _LANE}" x2="{_WIDTH}" y2="{y + _LANE}"/>'
        yield f'<text x="4" y="{y + 22}">{name}</text>'
        for start, seconds, said in _of(one, kinds):
            title = f"<title>{text(said)}</title>"
            x = across(start)
            if seconds is None:
                yield f'<circle class="dot {look}" cx="{x}" cy="{y + 17}" r="5">{title}</circle>'
            else:
                width = max(3.0, round(across(start + seconds) - x, 1))
                yield f'<rect class="bar" x="{x}" y="{y + 8}" width="{width}" height="18" rx="2">{title}</rect>'
    yield "</svg><figcaption>Bars last as long as they are wide; a dot is one commit. Point at one to read it."
    yield "</figcaption></figure>"


def _of(one: EnvironmentAudit, kinds: tuple[str, ...]) -> list[tuple[int, int | None, str]]:
    """(start, seconds or None, what it says) of one lane."""
    periods = [period for period in one.periods if period.kind in kinds and not period.is_one_push]
    found: list[tuple[int, int | None, str]] = [
        (
            period.start.time,
            period.seconds,
            f"{date(period.start.time)}, {duration(period.seconds)}: {period_text(period)}; {fixed_text(period)}",
        )
        for period in periods
    ]
    touched = by_commit(touch for touch in one.touches if touch.kind in kinds and not touch.is_one_push)
    for touches in touched:
        moment = touches[0].moment
        more = f" and {len(touches) - 1} more" if len(touches) > 1 else ""
        found.append((moment.time, None, f"{date(moment.time)} {moment.commit[:10]}: {touch_text(touches[0])}{more}"))
    return found


def _ticks(first: int, last: int) -> list[tuple[int, str]]:
    """The beginnings of years, at most a dozen."""
    from datetime import datetime, timezone

    start, end = int(date(first)[:4]), int(date(last)[:4])
    step = max(1, (end - start) // 12 + 1)
    years = [
        (int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp()), str(year)) for year in range(start, end + 1, step)
    ]
    return [(max(time, first), name) for time, name in years if time <= last]
