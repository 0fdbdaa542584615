"""The graph as Mermaid, Graphviz and SVG.  Text of the repository is escaped for each of them."""

from __future__ import annotations

from gitmig.report.escape import safe
from gitmig.report.graph import Row, lay_out, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.report.graph import Node, View

_STATES = ("published", "local", "missing")
_STEP, _ROW, _LEFT, _TOP = 18, 28, 16, 40
_STYLE = """\
    text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #24292f }
    .title { font-weight: bold }
    .paper { fill: #ffffff }
    .quiet { fill: #57606a }
    path { fill: none; stroke: #8c959f; stroke-width: 2 }
    path.needs { stroke-dasharray: 3 3 }
    circle { stroke: #57606a; stroke-width: 2; fill: #ffffff }
    .published { fill: #57606a }
    .local { fill: #2da44e; stroke: #1a7f37 }
    .missing { fill: #ffebe9; stroke: #cf222e }
    .head { stroke: #bf8700; stroke-width: 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .paper { fill: #0d1117 }
      .quiet { fill: #9198a1 }
      path { stroke: #656c76 }
      circle { fill: #0d1117; stroke: #9198a1 }
      .published { fill: #9198a1 }
      .local { fill: #3fb950; stroke: #56d364 }
      .missing { fill: #3c1618; stroke: #f85149 }
      .head { stroke: #d29922 }
    }"""


def render_mermaid(views: Sequence[View]) -> str:
    """One flowchart for each environment, newest at the top."""
    return "\n".join("\n".join(_mermaid(view)) + "\n" for view in views) or "%% no environment was found\n"


def _mermaid(view: View) -> Iterator[str]:
    from gitmig.report.mermaid import label

    nodes = shortened(view.nodes)
    names = {node.revision: f"r{number}" for number, node in enumerate(nodes)}
    yield "flowchart BT"
    for node in nodes:
        left, right = ("([", "])") if node.is_head else ("[", "]")
        yield f'    {names[node.revision]}{left}"{label(_caption(node))}"{right}:::{node.state or "published"}'
    for node in nodes:
        for parent in node.parents:
            if parent in names:
                yield f"    {names[parent]} --> {names[node.revision]}"
        for name in node.depends_on:
            if name in names:
                yield f"    {names[name]} -.-> {names[node.revision]}"
    yield "    classDef published fill:#f6f8fa,stroke:#57606a,color:#24292f"
    yield "    classDef local fill:#dafbe1,stroke:#1a7f37,color:#116329"
    yield "    classDef missing fill:#ffebe9,stroke:#cf222e,color:#82071e"


def render_dot(views: Sequence[View]) -> str:
    """One graph; every environment is a cluster."""
    lines = ["digraph revisions {", "    rankdir=BT;", "    node [shape=box, style=rounded, fontname=monospace];"]
    for number, view in enumerate(views):
        lines += [f"    subgraph cluster_{number} {{", f"        label={_dot(view.name)};"]
        lines += [f"        {line}" for line in _dot_lines(view, number)]
        lines.append("    }")
    return "\n".join([*lines, "}", ""])


def _dot_lines(view: View, number: int) -> Iterator[str]:
    colors = {"local": "#1a7f37", "missing": "#cf222e"}
    nodes = shortened(view.nodes)
    names = {node.revision: f"r{number}_{at}" for at, node in enumerate(nodes)}
    for node in nodes:
        color = f', color="{colors[node.state]}"' if node.state in colors else ""
        bold = ", penwidth=2" if node.is_head else ""
        yield f"{names[node.revision]} [label={_dot(_caption(node))}{color}{bold}];"
    for node in nodes:
        yield from (f"{names[one]} -> {names[node.revision]};" for one in node.parents if one in names)
        yield from (
            f"{names[one]} -> {names[node.revision]} [style=dashed];" for one in node.depends_on if one in names
        )


def _dot(text: str) -> str:
    return '"' + safe(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _caption(node: Node) -> str:
    if node.folded:
        return f"{node.folded} revisions"
    return " ".join((node.revision, *node.labels))


# SVG


def render_svg(views: Sequence[View]) -> str:
    """One picture for light and dark, without scripts, fonts or anything from elsewhere."""
    parts: list[str] = []
    top = 0
    width = 400
    for view in views:
        rows = lay_out(shortened(view.nodes))
        lanes = max((max(len(row.before), len(row.after)) for row in rows), default=1)
        left = _LEFT + lanes * _STEP + 12
        longest = max((len(_caption(row.node)) + len(_aside(row.node, view)) for row in rows), default=0)
        width = max(width, left + longest * 8 + 40)
        parts.append(f'  <g transform="translate(0 {top})">')
        parts.append(f'    <text class="title" x="{_LEFT - 6}" y="22">{_xml(view.name)}</text>')
        parts += [f"    {line}" for line in (*_paths(rows), *_circles(rows, view, left))]
        parts.append("  </g>")
        top += _TOP + len(rows) * _ROW + 10
    names = ", ".join(view.name for view in views)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{max(top, 40)}" role="img">',
            f"  <title>Alembic revisions: {_xml(names)}</title>",
            f"  <style>\n{_STYLE}\n  </style>",
            '  <rect class="paper" width="100%" height="100%"/>',  # where it is shown the page may be of the other kind
            *parts,
            "</svg>",
            "",
        )
    )


def _paths(rows: list[Row]) -> Iterator[str]:
    """Each line from a revision down to its parents, bent where it changes its lane."""
    place = {row.node.revision: (row.lane, number) for number, row in enumerate(rows)}
    for number, row in enumerate(rows):
        for kind, names in (("", row.node.parents), (' class="needs"', row.node.depends_on)):
            for name in names:
                if name not in place:
                    continue
                lane, at = place[name]
                x, y, to_x, to_y = _x(row.lane), _y(number), _x(lane), _y(at)
                via = to_x if lane > row.lane else x  # leave to the right at once, come home late
                turn = y + _ROW if via != x else to_y - _ROW
                yield (
                    f'<path{kind} d="M {x} {y} C {x} {(y + turn) // 2} {via} {(y + turn) // 2} {via} {turn} '
                    f'S {to_x} {(turn + to_y) // 2} {to_x} {to_y}"/>'
                )


def _circles(rows: list[Row], view: View, left: int) -> Iterator[str]:
    for number, row in enumerate(rows):
        node = row.node
        names = " ".join(filter(None, (node.state, "head" if node.is_head else "")))
        title = _xml(" ".join(filter(None, (_caption(node), node.state, node.path))))
        radius = 3 if node.folded else 6
        yield (
            f'<circle class="{names}" cx="{_x(row.lane)}" cy="{_y(number)}" r="{radius}">'
            f"<title>{title}</title></circle>"
        )
        aside = _aside(node, view)
        quiet = f'<tspan class="quiet" dx="8">{_xml(aside)}</tspan>' if aside else ""
        yield f'<text x="{left}" y="{_y(number) + 4}">{_xml(_caption(node))}{quiet}</text>'


def _aside(node: Node, view: View) -> str:
    by = view.author(node)
    words = ["head" if node.is_head else "", node.state if node.state != "published" else ""]
    return ", ".join(filter(None, (*words, f"{by.day} {by.author}" if by else "", node.slug)))


def _x(lane: int) -> int:
    return _LEFT + lane * _STEP


def _y(number: int) -> int:
    return _TOP + number * _ROW


def _xml(text: str) -> str:
    shown = safe(text)
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        shown = shown.replace(sign, name)
    return shown
