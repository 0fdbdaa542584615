"""The forecast as one HTML file: the order, a matrix of the branches, the graph.  Needs no network and no script."""

from __future__ import annotations

from html import escape

from gitmig.report.forecast import (
    Meeting,
    commands_of,
    heads_text,
    left_out_text,
    meeting_of,
    meeting_with_target,
    meetings,
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
from gitmig.report.forecast_picture import render_picture
from gitmig.report.forecast_style import SCRIPT, STYLE
from gitmig.report.page import page, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.forecast.forecast import Forecast
    from gitmig.report.forecast import Row
    from gitmig.schema.commute import Clash

MOST_IN_MATRIX = 100
_MOST_CLASHES = 200
_SIGNS = {
    "broken": ("\u2716", "the same id or file in both, or a missing parent: Git or Alembic stops"),
    "conflict": ("\u00d7", "both change the same thing: somebody has to decide"),
    "unknown": ("?", "what one of them does could not be read"),
    "commute": ("=", "the same table, in either order"),
    "heads": ("2", "two heads, nothing else in common"),
    "": ("", "nothing to do with each other"),
}


def render_html(forecast: Forecast) -> str:
    """The page; every text of the repository is escaped, and the page may load nothing and run only its own script."""
    skip = ("order", "Skip to the order of the branches")
    return page(f"gitmig forecast: {_target(forecast)}", _body(forecast), style=STYLE, script=SCRIPT, skip=skip)


def _target(forecast: Forecast) -> str:
    return short_name(forecast.target[0]) or forecast.target[1][:12]


def _body(forecast: Forecast) -> Iterator[str]:
    kind = "Queue into" if forecast.is_queue else "Forecast for"
    yield "<header>"
    yield f"<h1>{kind} {text(_target(forecast))}</h1>"
    yield f'<p class="quiet">{text(target_text(forecast))}; {text("; ".join(heads_text(forecast)))}</p>'
    yield f"<p>{text(_sentence(summary_text(forecast)))}</p>"
    for said in (pairs_text(forecast), left_out_text(forecast)):
        if said:
            yield f'<p class="quiet">{text(_sentence(said))}</p>'
    parts = list(_parts(forecast))
    links = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title, _ in parts)
    yield f'<nav aria-label="Parts of this page"><ul>{links}</ul></nav></header><main>'
    for anchor, title, lines in parts:
        yield f'<section id="{anchor}" aria-labelledby="{anchor}-title"><h2 id="{anchor}-title">{title}</h2>'
        yield from lines
        yield "</section>"
    yield "</main>"


def _parts(forecast: Forecast) -> Iterator[tuple[str, str, list[str]]]:
    """Anchor, title and lines of each part that has anything in it."""
    rows = rows_of(forecast)
    if rows:
        yield "order", "Order", list(_order(forecast, rows))
    if len(rows) > 1:
        yield "matrix", "Who meets whom", list(_matrix(forecast, rows))
    if any(row.adds for row in rows):
        yield "graph", "Graph", list(_graph(forecast, rows))
    clashes = list(_clashes(forecast))
    if clashes:
        yield "clashes", "What touches the same things", clashes
    published = [
        f"<li>{text(short_name(one.ref))} {escape(said)}</li>"
        for one in forecast.outlooks
        if (said := published_text(one))
    ]
    if published:
        note = "<p>These may merge cleanly and be refused all the same: <code>gitmig check</code> says whether.</p>"
        yield "published", "Changes of what the target has", [note, f"<ul>{''.join(published)}</ul>"]
    undecided = list(_undecided(forecast))
    if undecided:
        yield "undecided", "Undecided", undecided


# The parts


def _order(forecast: Forecast, rows: Sequence[Row]) -> Iterator[str]:
    chosen = "in the order that was asked about" if forecast.is_queue else "in the order that spares most work"
    yield '<div class="scroll" role="region" aria-label="Order of the branches" tabindex="0"><table class="order">'
    yield f"<caption>Branches {chosen}: what becomes of each now, and what its owner does at its turn.</caption>"
    titles = ("#", "Branch", "Adds", "Merged now", "Collides with", "Same tables", "At its turn", "Head then")
    yield f"<thead><tr>{''.join(f'<th scope=col>{title}</th>' for title in titles)}</tr></thead><tbody>"
    for row in rows:
        others = f"{row.others} other{'' if row.others == 1 else 's'}" if row.others else "none"
        heads = ", ".join(f"<code>{text(head)}</code>" for head in row.heads)
        yield (
            f'<tr><td class="number">{row.number or "-"}</td><th scope="row">{text(row.name)}</th>'
            f'<td class="number">{row.adds}</td><td><span class="mark {row.verdict}">{row.now}</span></td>'
            f"<td>{others}</td><td>{text(row.tables)}</td><td>{text(row.then)}</td><td>{heads or '-'}</td></tr>"
        )
    yield "</tbody></table></div>"
    needing = [step for step in forecast.steps if step.is_merged and step.kind != "none"]
    if needing:
        commands = "\n".join(commands_of(forecast, needing[0].kind))
        yield "<p>At its turn, the owner of a branch brings the target in and resolves:</p>"
        yield f"<pre><code>{text_lines(commands)}</code></pre>"


def _matrix(forecast: Forecast, rows: Sequence[Row]) -> Iterator[str]:
    shown = rows[:MOST_IN_MATRIX]
    late, low = len(shown) // 2, len(shown) - 4
    met = meetings(forecast)
    target = _target(forecast)
    outlooks = {one.ref: one for one in forecast.outlooks}
    at_target = {row.ref: meeting_with_target(outlooks[row.ref]) for row in shown}
    used = {meeting.mark for meeting in (*met.values(), *at_target.values())}
    marks = [mark for mark in _SIGNS if mark and mark in used]
    legend = "".join(f'<li><span class="{mark}">{_SIGNS[mark][0]}</span>{_SIGNS[mark][1]}</li>' for mark in marks)
    yield "<p>Two branches are judged as if the target had both. Focus a cell, or point at it, for the whole text.</p>"
    yield f'<ul class="legend">{legend}</ul>'
    yield '<div class="scroll matrix-box" role="region" aria-label="Matrix of the branches" tabindex="0">'
    yield '<table class="matrix"><caption>Each branch with the target and with every other one.</caption>'
    heads = "".join(
        f'<th scope="col"><span>{text(name)}</span></th>' for name in (target, *(one.name for one in shown))
    )
    yield f'<thead><tr><th scope="col">Branch</th>{heads}</tr></thead><tbody>'
    for number, row in enumerate(shown):
        cells = [_cell(at_target[row.ref], f"{row.name} and {target}", False)]
        for place, other in enumerate(shown):
            if other is row:
                cells.append('<td class="self"><span class="said">the same branch</span></td>')
            else:
                met_here = met.get((row.ref, other.ref), _NOTHING)
                cells.append(_cell(met_here, f"{row.name} and {other.name}", place > late))
        low_row = ' class="low"' if number > low and len(shown) > 6 else ""
        yield f'<tr{low_row}><th scope="row">{text(row.name)}</th>{"".join(cells)}</tr>'
    yield "</tbody></table></div>"
    if len(rows) > len(shown):
        yield f"<p>The matrix has the first {len(shown)} of {len(rows)} branches.</p>"


_NOTHING = Meeting("", "nothing to do with each other")


def _cell(meeting: Meeting, names: str, is_late: bool) -> str:
    kinds = " ".join(kind for kind in (meeting.mark or "none", "late" if is_late else "") if kind)
    sign = f'<span aria-hidden="true">{_SIGNS[meeting.mark][0]}</span>' if meeting.mark else ""
    focus = ' tabindex="0" data-said="yes"' if meeting.mark else ""
    return f'<td class="{kinds}"{focus}>{sign}<span class="said">{text(f"{names}: {meeting.text}")}</span></td>'


def _graph(forecast: Forecast, rows: Sequence[Row]) -> Iterator[str]:
    yield "<figure>"
    yield "<figcaption>Where each branch leaves the target, and the revisions it adds; arcs join branches that "
    yield "conflict (solid) or of which that is unknown (dashed). The tables have the same in words.</figcaption>"
    yield '<div class="scroll" role="region" aria-label="Graph of the branches" tabindex="0">'
    yield render_picture(forecast, rows)
    yield "</div></figure>"


def _clashes(forecast: Forecast) -> Iterator[str]:
    """Every two that do not commute, conflicts opened."""
    target = forecast.target[0] or forecast.target[1][:12]
    found: list[tuple[str, str, str, str, Sequence[Clash]]] = []
    for outlook in forecast.outlooks:
        if outlook.clashes or outlook.verdict == "conflicts":
            met = meeting_with_target(outlook)
            found.append((met.mark, outlook.ref, target, met.text, outlook.clashes))
    for pair in forecast.pairs:
        met = meeting_of([pair])
        if met.mark in ("broken", "conflict", "unknown"):
            found.append((met.mark, pair.one, pair.other, met.text, pair.clashes))
    found.sort(key=lambda one: ("broken", "conflict", "unknown", "heads", "").index(one[0]))
    for mark, one, other, said, clashes in found[:_MOST_CLASHES]:
        names = f"{text(short_name(one))} and {text(short_name(other))}"
        yield f"<details{' open' if mark == 'conflict' and len(found) <= 20 else ''}>"
        yield f'<summary><span class="mark {mark}">{mark}</span> {names}: {text(said)}</summary>'
        items = "".join(_operations(one, other, clash) for clash in clashes[:20])
        yield f"<ul>{items}</ul></details>" if items else "</details>"
    if len(found) > _MOST_CLASHES:
        yield f"<p>And {len(found) - _MOST_CLASHES:,} more.</p>"


def _operations(one: str, other: str, clash: Clash) -> str:
    sides = []
    for ref, operation in ((one, clash.one), (other, clash.other)):
        place = f" in <code>{text(place_text(operation))}</code>" if place_text(operation) else ""
        sides.append(f"{text(short_name(ref))}: <code>{text(operation_text(operation))}</code>{place}")
    said = f"{text(clash.object)}: {text(clash.why)}" if clash.object else text(clash.why)
    return f"<li>{said}<ul><li>{sides[0]}</li><li>{sides[1]}</li></ul></li>"


def _undecided(forecast: Forecast) -> Iterator[str]:
    items = [f"<li>{text(reason)}</li>" for reason in forecast.unread]
    items += [
        f"<li>{text(short_name(one.ref))}: {text(why_of(one))}</li>"
        for one in forecast.outlooks
        if one.verdict == "undecided"
    ]
    if items:
        yield f"<ul>{''.join(items)}</ul>"


# Text


def text_lines(said: str) -> str:
    return "\n".join(text(line) for line in said.split("\n"))


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."
