"""The report as GitHub-flavoured Markdown, for step summaries and comments: verdict, table, graph, details.

Nothing that a repository says is markup here: text is escaped sign by sign, names, paths and source stand in code.
"""

from __future__ import annotations

from gitmig.report.escape import safe
from gitmig.report.mermaid import chart_of
from gitmig.report.text import closing_line, unsaid_reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitmig.report.report import Located, Report

_MOST_ROWS = 50
_MOST_DETAILS = 20
_LONGEST_TEXT = 600
_LONGEST = 60_000  # a comment holds 65,536 characters, a step summary 1 MiB
_SIGNS = {"clean": "\u2705", "findings": "\u274c", "undecided": "\u26a0\ufe0f"}
_MARKUP = frozenset("\\`*_{}[]<>()#+-.!|~&:^$=")


def render_markdown(report: Report) -> str:
    """As much as a comment can hold; what did not fit is said."""
    return joined(_blocks(report), "the job's log")


def joined(blocks: Iterable[str], whole: str) -> str:
    """Blocks as one text of at most what a comment holds; `whole` is where a reader finds the rest."""
    kept: list[str] = []
    room = _LONGEST
    for block in blocks:
        room -= len(block) + 2
        if room < 0:
            kept.append(f"*The rest did not fit here; {whole} has all of it.*")
            break
        kept.append(block)
    return "\n\n".join(kept) + "\n"


def _blocks(report: Report) -> Iterator[str]:
    yield f"## {_SIGNS.get(report.verdict, '')} gitmig: {text(report.verdict)}"
    yield text(closing_line(report))
    if reasons := unsaid_reasons(report):
        yield "\n".join(f"- not decided: {text(reason)}" for reason in reasons[:_MOST_ROWS])
    if report.findings:
        yield "\n".join(_table(report))
    yield from _charts(report)
    for located in report.findings[:_MOST_DETAILS]:
        yield "\n\n".join(_details(located))
    yield from _lists(report)


def _table(report: Report) -> Iterator[str]:
    yield "| | code | where | what |"
    yield "|---|---|---|---|"
    for located in report.findings[:_MOST_ROWS]:
        finding, location = located.finding, located.location
        where = code(f"{location.path}:{location.line}", in_table=True) if location else ""
        yield f"| {text(finding.severity)} | {text(finding.code)} | {where} | {text(finding.message)} |"
    more = len(report.findings) - _MOST_ROWS
    if more > 0:
        yield f"| | | | and {more} more |"


def _charts(report: Report) -> Iterator[str]:
    """Only where there is something to see: several heads, or findings."""
    for environment in report.environments:
        if environment.near and (report.findings or len(environment.merged_heads or environment.heads) > 1):
            yield f"**Near the heads of** {code(environment.name)}\n\n{fenced(chart_of(environment), 'mermaid')}"


def _details(located: Located) -> Iterator[str]:
    finding = located.finding
    yield f"### {text(f'{finding.severity} {finding.code}')}: {text(finding.message)}"
    if located.location and located.excerpt:
        yield code(f"{located.location.path}:{located.location.line}")
        lines = [safe(line)[:_LONGEST_TEXT] for line in located.excerpt.lines]
        yield fenced("\n".join(lines) + "\n", "python")
    if finding.note:
        yield f"**note:** {text(finding.note)}"
    for number, one in enumerate(finding.help):
        yield f"{'' if number else '**help:** '}{text(one.text)}"
        if one.commands:
            yield fenced("\n".join(safe(command)[:_LONGEST_TEXT] for command in one.commands) + "\n", "sh")


def _lists(report: Report) -> Iterator[str]:
    waived = [
        f"- {text(located.finding.code)}: {text(located.finding.message)} ({code(waiver.path)}: {text(waiver.reason)})"
        for located, waiver in report.waived[:_MOST_ROWS]
    ]
    remarks = [
        (f"- {code(one.path)}: " if one.path else "- ")
        + text(f"{one.message} ({one.note})" if one.note else one.message)
        for one in report.remarks[:_MOST_ROWS]
    ]
    skipped = [f"- {text(one.what)}: {text(one.why)}" for one in report.skipped[:_MOST_ROWS]]
    for title, rows in (("Waived", waived), ("Worth a look", remarks), ("Not checked", skipped)):
        if rows:
            yield f"**{title}**\n\n" + "\n".join(rows)


def text(said: str) -> str:
    """Plain text: no sign of it is markup, a link, a mention or a row's end."""
    shown = safe(said)
    if len(shown) > _LONGEST_TEXT:
        shown = shown[: _LONGEST_TEXT - 3] + "..."
    escaped = "".join(f"\\{sign}" if sign in _MARKUP else sign for sign in shown)
    return escaped.replace("@", "@<!-- -->")


def code(said: str, *, in_table: bool = False) -> str:
    """A code span, fenced by more backticks than it has in a row."""
    shown = safe(said)[:_LONGEST_TEXT]
    if in_table:
        shown = shown.replace("|", "\\|")
    marks = "`" * (_longest_run(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{marks}{space}{shown}{space}{marks}"


def fenced(block: str, language: str) -> str:
    marks = "`" * max(3, _longest_run(block) + 1)
    return f"{marks}{language}\n{block}{marks}"


def _longest_run(shown: str) -> int:
    longest = run = 0
    for sign in shown:
        run = run + 1 if sign == "`" else 0
        longest = max(longest, run)
    return longest
