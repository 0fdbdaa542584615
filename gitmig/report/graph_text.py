"""The graph in a terminal: one line a revision, lanes as `git log --graph` draws them."""

from __future__ import annotations

from gitmig.report.escape import safe
from gitmig.report.graph import Row, lay_out
from gitmig.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.report.graph import Node, View

_MARKS = {"published": "*", "local": "o", "missing": "?", "": "*"}
_KINDS = {"published": "", "local": "good", "missing": "error", "": ""}


def render_graph(views: Sequence[View], *, color: bool = False) -> str:
    """A drawing for each environment."""
    if not views:
        return "no Alembic environment was found in this tree\n"
    style = Style(color)
    blocks = []
    for view in views:
        title = style.paint("strong", safe(view.name))
        blocks.append("\n".join([title, *_drawing(view, style)] if view.nodes else [title, "  no revision"]))
    legend = "* published   o local" if any(node.state == "local" for view in views for node in view.nodes) else ""
    return "\n\n".join([*blocks, *([legend] if legend else [])]) + "\n"


def _drawing(view: View, style: Style) -> Iterator[str]:
    for row in lay_out(view.nodes):
        yield from _joining(row, style)
        width = len(row.before) - row.before.count(row.node.revision) + 1
        marks = ["|"] * width
        marks[row.lane] = ":" if row.node.folded else _MARKS[row.node.state]
        marks[row.lane] = (
            style.paint(_KINDS[row.node.state], marks[row.lane]) if _KINDS[row.node.state] else marks[row.lane]
        )
        yield f"{' '.join(marks)}  {_told(row.node, view, style)}".rstrip()
        yield from _parting(row, style)


def _told(node: Node, view: View, style: Style) -> str:
    if node.folded:
        return safe(f"{node.folded} revisions, {node.revision} to {node.last}")
    words = [style.paint("strong", safe(node.revision)) if node.is_head else safe(node.revision)]
    marks = [
        *(["head"] if node.is_head else []),
        *node.labels,
        *([node.state] if node.state in ("local", "missing") else []),
    ]
    if marks:
        words.append(style.paint("warning" if node.is_head else "note", f"({safe(', '.join(marks))})"))
    if node.depends_on:
        words.append(safe(f"needs {', '.join(node.depends_on)}"))
    by = view.author(node)
    if by is not None:
        words.append(safe(f"{by.day} {by.author}"))
    if node.path:
        words.append(safe(node.slug))
    return "  ".join(words)


def _joining(row: Row, style: Style) -> Iterator[str]:
    """Lanes that come together in a node, one line for each, from the right."""
    lanes = list(row.before)
    while lanes.count(row.node.revision) > 1:
        last = len(lanes) - 1 - lanes[::-1].index(row.node.revision)
        line = [" "] * (2 * len(lanes))
        for at in range(len(lanes)):
            line[2 * at if at < last else 2 * at - 1] = "|" if at < last else "/"
        for at in range(2 * row.lane + 1, 2 * last - 1):
            if line[at] == " ":
                line[at] = "_"
        yield style.paint("frame", "".join(line).rstrip())
        del lanes[last]


def _parting(row: Row, style: Style) -> Iterator[str]:
    """Lanes that begin at a node, or end in it and let those to the right move over."""
    before = len(row.before) - row.before.count(row.node.revision) + 1
    after = len(row.after)
    if after == before:
        return
    line = [" "] * (2 * max(before, after) + 2)
    if after > before:
        for at in range(before):
            line[2 * at if at <= row.lane else 2 * at + 1] = "|" if at <= row.lane else "\\"
        for extra in range(after - before):
            line[2 * (row.lane + extra) + 1] = "\\"
    elif row.lane == before - 1:
        return
    else:
        for at in range(before):
            if at != row.lane:
                line[2 * at if at < row.lane else 2 * at - 1] = "|" if at < row.lane else "/"
    yield style.paint("frame", "".join(line).rstrip())
