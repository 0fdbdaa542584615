"""The forecast as GitHub-flavoured Markdown: for step summaries, comments and wikis."""

from __future__ import annotations

from gitmig.report.forecast import (
    commands_of,
    heads_text,
    left_out_text,
    meeting_of,
    operation_text,
    pairs_text,
    place_text,
    published_text,
    rows_of,
    short_name,
    summary_text,
    target_text,
    why_of,
)
from gitmig.report.forecast_mermaid import MOST_BRANCHES, render_mermaid
from gitmig.report.markdown import code, fenced, joined, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.forecast.forecast import Forecast
    from gitmig.schema.commute import Clash

_MOST_ROWS = 100
_MOST_CLASHES = 20
_SIGNS = {"clean": "\u2705", "collides": "\u26a0\ufe0f", "conflicts": "\u274c", "undecided": "\u2754"}


def render_markdown(forecast: Forecast) -> str:
    """As much as a comment can hold; what did not fit is said."""
    return joined(_blocks(forecast), "`gitmig forecast`")


def _blocks(forecast: Forecast) -> Iterator[str]:
    yield f"## gitmig forecast: {'queue into ' if forecast.is_queue else ''}{text(target_text(forecast))}"
    yield text(summary_text(forecast))
    details = [*heads_text(forecast), pairs_text(forecast), left_out_text(forecast)]
    yield "\n".join(f"- {text(one)}" for one in details if one)
    if forecast.outlooks:
        yield "\n".join(_table(forecast))
    clashes = list(_clashes(forecast))
    if clashes:
        yield "### What touches the same things"
        yield "\n".join(clashes[:_MOST_CLASHES])
        if len(clashes) > _MOST_CLASHES:
            yield f"*and {len(clashes) - _MOST_CLASHES:,} more*"
    published = [
        f"- {code(short_name(one.ref))} {text(said)}" for one in forecast.outlooks if (said := published_text(one))
    ]
    if published:
        yield "### Changes of what the target has"
        yield "\n".join(published[:_MOST_ROWS])
    undecided = [
        f"- {code(short_name(one.ref))}: {text(why_of(one))}" for one in forecast.outlooks if one.verdict == "undecided"
    ]
    undecided += [f"- {text(reason)}" for reason in forecast.unread]
    if undecided:
        yield "### Undecided"
        yield "\n".join(undecided[:_MOST_ROWS])
    needing = [step for step in forecast.steps if step.is_merged and step.kind != "none"]
    if needing:
        yield "### At its turn, the owner of a branch runs"
        yield fenced("\n".join(commands_of(forecast, needing[0].kind)) + "\n", "sh")
    if 0 < len(forecast.outlooks) <= MOST_BRANCHES:
        yield fenced(render_mermaid(forecast), "mermaid")


def _table(forecast: Forecast) -> Iterator[str]:
    rows = rows_of(forecast)
    last = "head then" if forecast.is_queue else "tables"
    yield f"| # | branch | adds | now | collides with | {last} | at its turn |"
    yield "|---:|---|---:|---|---:|---|---|"
    for row in rows[:_MOST_ROWS]:
        detail = ", ".join(code(head, in_table=True) for head in row.heads) if forecast.is_queue else text(row.tables)
        name, now = code(row.name, in_table=True), f"{_SIGNS[row.verdict]} {text(row.now)}"
        cells = (str(row.number or ""), name, str(row.adds), now, str(row.others or ""), detail, text(row.then))
        yield f"| {' | '.join(cells)} |"
    if len(rows) > _MOST_ROWS:
        yield f"| | and {len(rows) - _MOST_ROWS} more | | | | | |"


def _clashes(forecast: Forecast) -> Iterator[str]:
    """One item a pair, conflicts first, with the two operations of the first clash."""
    target = forecast.target[0] or forecast.target[1][:12]
    for outlook in forecast.outlooks:
        if outlook.verdict == "conflicts" and not outlook.clashes:
            yield _item(outlook.ref, target, why_of(outlook), None)
        for clash in [one for one in outlook.clashes if one.verdict == "conflict"][:1]:
            yield _item(outlook.ref, target, f"conflict on {clash.object}: {clash.why}", clash)
    for verdict in ("conflict", "unknown"):
        for pair in forecast.pairs:
            if pair.verdict == verdict:
                yield _item(pair.one, pair.other, meeting_of([pair]).text, pair.clashes[0] if pair.clashes else None)
    for pair in forecast.pairs:
        if pair.verdict == "commute" and any(kind != "two-heads" for kind in pair.kinds):
            yield _item(pair.one, pair.other, meeting_of([pair]).text, None)


def _item(one: str, other: str, said: str, clash: Clash | None) -> str:
    lines = [f"- {code(short_name(one))} and {code(short_name(other))}: {text(said)}"]
    if clash is not None:
        for ref, operation in ((one, clash.one), (other, clash.other)):
            where = f" ({code(place_text(operation))})" if place_text(operation) else ""
            lines.append(f"    - {code(short_name(ref))}: {code(operation_text(operation))}{where}")
    return "\n".join(lines)
