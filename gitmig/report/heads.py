"""Heads, bases and problems of every environment, as text and as JSON."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.report.escape import safe
from gitmig.report.style import Style
from gitmig.report.text import render_finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.report.report import Located


class Head(Frozen):
    """A head, the file that defines it, and the labels it carries."""

    revision: str
    path: str
    branch_labels: tuple[str, ...] = ()


class EnvironmentHeads(Frozen):
    """What one environment of one tree looks like from above."""

    name: str
    versions: tuple[str, ...]
    heads: tuple[Head, ...]
    bases: tuple[str, ...]
    branchpoints: tuple[str, ...]
    mergepoints: tuple[str, ...]
    revisions: int
    problems: tuple[Located, ...] = ()


def render_heads_json(environments: tuple[EnvironmentHeads, ...]) -> str:
    """The JSON of DESIGN section 9."""
    import json

    from gitmig.report.json import finding_value

    value = {
        "schema": 1,
        "environments": [
            {
                "name": one.name,
                "versions": list(one.versions),
                "heads": [
                    {"revision": head.revision, "path": head.path, "branch_labels": list(head.branch_labels)}
                    for head in one.heads
                ],
                "bases": list(one.bases),
                "branchpoints": list(one.branchpoints),
                "mergepoints": list(one.mergepoints),
                "revisions": one.revisions,
                "problems": [finding_value(problem) for problem in one.problems],
            }
            for one in environments
        ],
    }
    return json.dumps(value, indent=2) + "\n"


def render_heads(environments: tuple[EnvironmentHeads, ...], *, color: bool = False, width: int = 0) -> str:
    """A block an environment: its heads, then what is wrong."""
    if not environments:
        return "no Alembic environment was found in this tree\n"
    style = Style(color)
    lines = []
    for one in environments:
        folders = ", ".join(one.versions) or "no versions folder"
        count = f"{one.revisions} revision{'' if one.revisions == 1 else 's'}"
        lines.append(f"{style.paint('strong', safe(one.name))} ({safe(folders)}, {count})")
        for head in one.heads:
            labels = f" [{safe(', '.join(head.branch_labels))}]" if head.branch_labels else ""
            lines.append(f"  head {style.paint('strong', safe(head.revision))}{labels}  {safe(head.path)}")
        if not one.heads:
            lines.append("  no head")
        lines += ["", *(render_finding(problem, color=color, width=width) for problem in one.problems)]
    return "\n".join(lines).rstrip("\n") + "\n"
