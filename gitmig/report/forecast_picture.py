"""The graph of the forecast's page as SVG: the target on top, a row for each branch, arcs between those that clash."""

from __future__ import annotations

from html import escape

from gitmig.report.escape import safe
from gitmig.report.forecast import mark_of, short_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.forecast.forecast import Forecast, Outlook
    from gitmig.report.forecast import Row

_MOST_ROWS = 100
_MOST_ARCS = 150
_MOST_DOTS = 8
_STEP, _LINE, _MARGIN, _NAME = 26, 24, 18, 380
_LONGEST = 44


def render_picture(forecast: Forecast, rows: Sequence[Row]) -> str:
    """One picture for all environments, one below the other."""
    outlooks = {one.ref: one for one in forecast.outlooks}
    parts: list[str] = []
    top, widest = 0, 0
    for name, trunk in forecast.trunk.items():
        own = [
            row
            for row in rows
            if any(one.environment == name and one.added for one in outlooks[row.ref].tip.contributions)
        ]
        if own:
            panel = _Panel(forecast, name, trunk, own[:_MOST_ROWS], outlooks, top, titled=len(forecast.trunk) > 1)
            parts += panel.lines()
            top, widest = panel.bottom, max(widest, panel.width)
    about = "Where each branch leaves the target, the revisions it adds, and which branches conflict."
    return (
        f'<svg role="img" aria-labelledby="picture-title" width="{widest}" height="{top}" '
        f'viewBox="0 0 {widest} {top}"><title id="picture-title">{about}</title>{"".join(parts)}</svg>'
    )


class _Panel:
    """One environment."""

    def __init__(
        self,
        forecast: Forecast,
        environment: str,
        trunk: Sequence[str],
        rows: Sequence[Row],
        outlooks: dict[str, Outlook],
        top: int,
        *,
        titled: bool,
    ) -> None:
        self.forecast = forecast
        self.environment = environment
        self.trunk = trunk
        self.rows = rows
        self.outlooks = outlooks
        self.titled = titled
        self.trunk_line = top + _MARGIN + (54 if titled else 32)
        self.place = {one: _MARGIN + number * _STEP for number, one in enumerate(trunk)}
        self.dots = _MARGIN + len(trunk) * _STEP + 10
        self.names = self.dots + _STEP * min(_MOST_DOTS, max((row.adds for row in rows), default=1)) + 6
        self.arcs = self.names + min(_NAME, 8 * max(min(len(row.name), _LONGEST) for row in rows) + 36)
        self.width = self.arcs + 220
        self.bottom = self.trunk_line + _LINE * (len(rows) + 1) + _MARGIN

    def line_of(self, number: int) -> int:
        return self.trunk_line + _LINE * (number + 1)

    def lines(self) -> Iterator[str]:
        yield from self.trunk_lines()
        for number, row in enumerate(self.rows):
            yield from self.branch_lines(row, self.line_of(number))
        yield from self.arc_lines()

    def trunk_lines(self) -> Iterator[str]:
        y = self.trunk_line
        if self.titled:
            yield f'<text x="{_MARGIN}" y="{y - 36}" font-weight="600">{_text(self.environment)}</text>'
        ref, commit = self.forecast.target
        last = max(self.place.values(), default=_MARGIN)
        yield f'<text x="{_MARGIN - 6}" y="{y - 14}">{_text(short_name(ref) or commit[:12])}</text>'
        yield f'<path class="way" d="M{_MARGIN - 10} {y}H{last}"/>'
        heads = set(self.forecast.heads.get(self.environment, ()))
        for revision, x in self.place.items():
            radius = 6 if revision in heads else 4
            yield f'<circle class="dot" cx="{x}" cy="{y}" r="{radius}">{_title(revision)}</circle>'
        for revision in sorted(heads & self.place.keys()):
            yield f'<text class="id" x="{self.place[revision] + 12}" y="{y + 4}">{_text(revision)}</text>'

    def branch_lines(self, row: Row, y: int) -> Iterator[str]:
        found = next(one for one in self.outlooks[row.ref].tip.contributions if one.environment == self.environment)
        first = self.dots
        for parent in found.outer:
            x = self.place.get(parent)
            if x is not None:
                yield f'<path class="way" d="M{x} {self.trunk_line}V{y - 8}q0 8 8 8H{first}"/>'
        shown = found.added[:_MOST_DOTS]
        if len(shown) > 1:
            yield f'<path class="way" d="M{first} {y}H{first + _STEP * (len(shown) - 1)}"/>'
        for number, revision in enumerate(shown):
            yield f'<circle class="new" cx="{first + number * _STEP}" cy="{y}" r="5">{_title(revision)}</circle>'
        name = row.name if len(row.name) <= _LONGEST else f"{row.name[: _LONGEST - 1]}\u2026"
        order = f"{row.number}. " if row.number else ""
        yield f'<text x="{self.names}" y="{y + 4}">{_text(order + name)}{_title(row.name)}</text>'

    def arc_lines(self) -> Iterator[str]:
        """Half circles between the rows of two branches, the wider the further they are apart."""
        number = {row.ref: place for place, row in enumerate(self.rows)}
        drawn = 0
        for pair in self.forecast.pairs:
            mark = mark_of(pair)
            known = pair.one in number and pair.other in number and pair.environment == self.environment
            if mark not in ("broken", "conflict", "unknown") or not known:
                continue
            drawn += 1
            if drawn > _MOST_ARCS:
                return
            one, other = sorted((self.line_of(number[pair.one]), self.line_of(number[pair.other])))
            reach = self.arcs + min(200, 20 + (other - one) * 0.6)
            way = f"M{self.arcs} {one}C{reach:.0f} {one} {reach:.0f} {other} {self.arcs} {other}"
            said = f"{short_name(pair.one)} and {short_name(pair.other)}: {mark}"
            yield f'<path class="arc {mark}" d="{way}">{_title(said)}</path>'


def _title(said: str) -> str:
    return f"<title>{_text(said)}</title>"


def _text(said: str) -> str:
    return escape(safe(said))
