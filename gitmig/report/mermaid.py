"""The neighbourhood of the heads as Mermaid flowcharts, which GitHub, GitLab and Gitea draw inside Markdown."""

from __future__ import annotations

from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.report.report import EnvironmentReport, Report

_LONGEST_LABEL = 40
_MOST_NODES = 60  # Mermaid gives up at 500 edges; nobody reads more than this
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .-_")
_CLASSES = {
    "new": "fill:#ddf4ff,stroke:#0969da,color:#0a3069",
    "published": "fill:#f6f8fa,stroke:#57606a,color:#24292f",
    "missing": "fill:#ffebe9,stroke:#cf222e,color:#82071e",
}


def render_mermaid(report: Report) -> str:
    """One flowchart for each environment, one below the other; a comment where there is none to draw."""
    charts = [chart_of(one) for one in report.environments if one.near]
    return "\n".join(charts) if charts else "%% no revisions to draw\n"


def chart_of(environment: EnvironmentReport) -> str:
    """From old to new, left to right; heads are rounded, what is new is blue, what is missing red."""
    return "\n".join(("flowchart LR", *_lines(environment))) + "\n"


def _lines(environment: EnvironmentReport) -> Iterator[str]:
    nodes = environment.near[:_MOST_NODES]
    names = {node.revision: f"r{number}" for number, node in enumerate(nodes)}
    below = False
    for node in nodes:
        name = names[node.revision]
        left, right = ("([", "])") if node.is_head else ("[", "]")
        state = node.state if node.state in _CLASSES else "published"
        yield f'    {name}{left}"{label(node.revision)}"{right}:::{state}'
    for node in nodes:
        for parent in dict.fromkeys(node.down_revisions):
            below = below or parent not in names
            yield f"    {names.get(parent, 'below')} --> {names[node.revision]}"
    if below:
        yield '    below["..."]:::published'
    for state, style in _CLASSES.items():
        yield f"    classDef {state} {style}"


def label(text: str) -> str:
    """Text for the inside of quotes: all but plain letters, digits and blanks as the numbers of their characters."""
    shown = safe(text)
    if len(shown) > _LONGEST_LABEL:
        shown = shown[: _LONGEST_LABEL - 3] + "..."
    return "".join(sign if sign in _PLAIN else f"#{ord(sign)};" for sign in shown)
