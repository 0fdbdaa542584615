"""The forecast as a Mermaid flowchart: the order of the merges, and which branches conflict."""

from __future__ import annotations

from gitmig.report.forecast import mark_of, rows_of, short_name
from gitmig.report.mermaid import label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.forecast.forecast import Forecast

MOST_BRANCHES = 40
_MOST_LINKS = 120  # Mermaid gives up at 500 edges; nobody reads more than this
_CLASSES = {
    "target": "fill:#f6f8fa,stroke:#57606a,color:#24292f",
    "clean": "fill:#dafbe1,stroke:#1a7f37,color:#0a3d1a",
    "collides": "fill:#fff8c5,stroke:#9a6700,color:#4d2d00",
    "conflicts": "fill:#ffebe9,stroke:#cf222e,color:#82071e",
    "undecided": "fill:#ffffff,stroke:#57606a,color:#24292f,stroke-dasharray:4 3",
}
_LINKS = {"broken": "collision", "conflict": "conflict", "unknown": "unknown"}


def render_mermaid(forecast: Forecast) -> str:
    """Merges from left to right with what each owner does; dotted between branches that do not commute."""
    return "\n".join(("flowchart LR", *_lines(forecast))) + "\n"


def _lines(forecast: Forecast) -> Iterator[str]:
    rows = rows_of(forecast)
    shown = rows[:MOST_BRANCHES]
    names = {row.ref: f"b{number}" for number, row in enumerate(shown)}
    ref, commit = forecast.target
    yield f'    target(["{label(short_name(ref) or commit[:12])}"]):::target'
    previous = "target"
    for row in shown:
        yield f'    {names[row.ref]}["{label(row.name)}"]:::{row.verdict}'
        if row.number:
            yield f'    {previous} -->|"{label(row.then)}"| {names[row.ref]}'
            previous = names[row.ref]
    if len(rows) > len(shown):
        yield f'    more["and {len(rows) - len(shown)} more"]:::target'
        yield f"    {previous} --> more"
    marked = [(pair, mark_of(pair)) for pair in forecast.pairs if pair.one in names and pair.other in names]
    for pair, mark in [one for one in marked if one[1] in _LINKS][:_MOST_LINKS]:
        yield f'    {names[pair.one]} -.-|"{_LINKS[mark]}"| {names[pair.other]}'
    for name, style in _CLASSES.items():
        yield f"    classDef {name} {style}"
