"""Workflow commands of GitHub Actions: one annotation per finding, then the report as text.

A runner obeys every line that starts with `::`, and `##[` anywhere in a line.  So what a repository says goes through
the encoder of commands, and no other line may look like one.
"""

from __future__ import annotations

from gitmig.report.commands import without_commands, without_hash_commands
from gitmig.report.escape import safe
from gitmig.report.text import render_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.report.report import Located, Report

_KINDS = {"error": "error", "warning": "warning", "note": "notice"}
_SHOWN_PER_KIND = 10  # of each kind GitHub shows ten per step and drops the rest without a word
_LONGEST_MESSAGE = 4_000


def render_github(report: Report) -> str:
    """Annotations for the first ten findings of each severity; the text beneath them has all."""
    left = dict.fromkeys(_KINDS.values(), _SHOWN_PER_KIND)
    lines: list[str] = []
    for located in report.findings:
        kind = _KINDS.get(located.finding.severity, "error")
        if left[kind]:
            left[kind] -= 1
            lines.append(_command(kind, located))
    lines.append(without_commands(render_text(report)))
    return "\n".join(lines)


def _command(kind: str, located: Located) -> str:
    finding, location = located.finding, located.location
    properties: dict[str, str] = {}
    if location:
        properties = {"file": safe(location.path), "line": str(location.line), "col": str(location.column)}
        if location.end_line:
            properties["endLine"] = str(location.end_line)
        # GitHub refuses columns of a span that goes over several lines.
        if location.end_column and location.end_line in (0, location.line):
            properties["endColumn"] = str(max(location.column, location.end_column - 1))
        elif location.end_line > location.line:
            del properties["col"]
    properties["title"] = f"{finding.code} {finding.name}"
    said = ",".join(f"{name}={_property(safe(value))}" for name, value in properties.items())
    return without_hash_commands(f"::{kind} {said}::{_data(_message(located))}")


def _message(located: Located) -> str:
    finding = located.finding
    lines = [finding.message]
    if finding.note:
        lines.append(f"note: {finding.note}")
    for number, one in enumerate(finding.help):
        lines.append(f"{'' if number else 'help: '}{one.text}")
        lines.extend(f"    {command}" for command in one.commands)
    return "\n".join(safe(line) for line in lines)[:_LONGEST_MESSAGE]


def _data(text: str) -> str:
    """Encoded as `@actions/core` does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
