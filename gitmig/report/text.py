"""Findings for people: the place in the source with a caret, why it matters, what to do.

The same text with and without colour, so that a log can be searched for what the screen showed.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.report.escape import safe
from gitmig.report.report import LocatedRelated
from gitmig.report.style import Style, columns, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.change.waivers import Waiver
    from gitmig.errors import GitmigError
    from gitmig.findings import Help, Location
    from gitmig.report.report import Located, Report

_LONGEST_LINE = 240
_MOST_LINES = 6
_TAB = "    "


class _Page(Frozen):
    """How it is to look: colours, width (0: lines need not fit), and columns for line numbers."""

    style: Style
    width: int = 0
    gutter: int = 1

    @property
    def bar(self) -> str:
        return f"{' ' * self.gutter} {self.style.paint('frame', '|')}"

    @property
    def room(self) -> int:
        """Columns for source text."""
        return max(20, (self.width or _LONGEST_LINE) - self.gutter - 3)


def render_text(report: Report, *, color: bool = False, width: int = 0, most: int = 0) -> str:
    """The whole report; `width` 0 means that lines need not fit anything, `most` (0: all) limits the findings shown."""
    page = _Page(Style(color), width)
    several = len(report.environments) > 1
    shown = report.findings[: most or None]
    blocks = [_finding(one, page, one.finding.environment if several else "") for one in shown]
    if len(shown) < len(report.findings):
        blocks.append(iter([f"and {_number(len(report.findings) - len(shown), 'more finding')}"]))
    blocks.extend(_waived(one, waiver, page) for one, waiver in report.waived)
    blocks.extend(_brief(one, page) for one in report.existing if report.list_existing)
    blocks.append(_closing(report, page))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def render_findings(findings: Sequence[Located], *, color: bool = False, width: int = 0) -> str:
    """Findings alone, without the closing lines of a check; "" where there are none."""
    page = _Page(Style(color), width)
    return "".join("\n".join(_finding(one, page, "")) + "\n\n" for one in findings)


def render_error(error: GitmigError, *, color: bool = False, width: int = 0) -> str:
    """An error that stopped a command, in the same shape as a finding."""
    page = _Page(Style(color), width)
    lines = [f"{page.style.paint('error', 'error')}{page.style.paint('strong', ': ' + safe(error.what))}"]
    lines.extend(_note(error.note, page))
    lines.extend(_helps(error.help, page))
    return "\n".join(lines) + "\n"


def render_finding(located: Located, *, color: bool = False, width: int = 0) -> str:
    """One finding alone, as `gitmig heads` shows it."""
    return "\n".join(_finding(located, _Page(Style(color), width), "")) + "\n"


def _finding(located: Located, page: _Page, environment: str) -> Iterator[str]:
    finding = located.finding
    page = page.replace(gutter=_gutter(located))
    paint = page.style.paint
    yield paint(finding.severity, f"{finding.severity}[{safe(finding.code)}]") + paint(
        "strong", f": {safe(finding.message)}"
    )
    if located.location:
        main = LocatedRelated(located.location, finding.place.label if finding.place else "", located.excerpt)
        yield from _place("-->", main, ("^", finding.severity), page)
    open_excerpt = located.excerpt is not None
    for one in located.related:
        if open_excerpt:
            yield page.bar
        yield from _place(":::", one, ("-", "frame"), page)
        open_excerpt = one.excerpt is not None
    if open_excerpt:
        yield page.bar
    if environment:
        yield f"{' ' * page.gutter} {paint('frame', '=')} environment {safe(environment)}"
    yield from _note(finding.note, page)
    yield from _helps(finding.help, page)


def _gutter(located: Located) -> int:
    """Columns for the largest line number that is shown."""
    excerpts = [located.excerpt, *(one.excerpt for one in located.related)]
    return len(str(max((one.first + len(one.lines) - 1 for one in excerpts if one), default=1)))


def _place(arrow: str, place: LocatedRelated, marker: tuple[str, str], page: _Page) -> Iterator[str]:
    """Path, line and column, then the source with the marked text underlined and the message behind the marks."""
    location, excerpt = place.location, place.excerpt
    said = f": {safe(place.message)}" if place.message and not excerpt else ""
    where = f"{safe(location.path)}:{location.line}:{location.column}"
    yield f"{' ' * page.gutter}{page.style.paint('frame', arrow)} {where}{said}"
    if excerpt is None:
        return
    yield page.bar
    for number, line in enumerate(excerpt.lines[:_MOST_LINES], start=excerpt.first):
        marked = number == location.line
        shown, start, length = _cut(line, location if marked else None, page.room)
        yield f"{page.style.paint('frame', f'{number:>{page.gutter}} |')} {shown}".rstrip()
        if marked:
            for text in _underline(" " * start, marker[0] * length, safe(place.message), page.room):
                indent = len(text) - len(text.lstrip(" "))
                yield f"{page.bar} {text[:indent]}{page.style.paint(marker[1], text[indent:])}"


def _underline(indent: str, marks: str, message: str, room: int) -> Iterator[str]:
    """The marks with the message behind them, or beneath them where it does not fit."""
    if not message or columns(indent + marks) + 1 + columns(message) <= room:
        yield f"{indent}{marks} {message}".rstrip()
        return
    yield indent + marks
    indent = indent[: max(0, room - columns(message))]
    yield from fold(message, indent, indent, room)


def _cut(line: str, location: Location | None, room: int) -> tuple[str, int, int]:
    """What is shown of a line, and column and length of the marks beneath it, both in columns of the terminal."""
    first = min(max(0, location.column - 1), len(line)) if location else 0
    last = min(_end_of(location, line), first + room) if location else 0
    # What lies further away is never looked at: a generated file may have a line of a megabyte.
    begin, end = max(0, first - room), min(last + room, len(line))
    before, marked, after = _flat(line[begin:first]), _flat(line[first:last]), _flat(line[last:end])
    if begin or (columns(before + marked + after) > room and columns(before + marked) > room - 3):
        before = "..." + before[-(room // 3) :]
    shown = before + marked + after
    start = columns(before)
    if columns(shown) > room or end < len(line):
        shown = _clip(shown, room - 3) + "..."
    return shown, start, max(1, min(columns(marked), room - start))


def _end_of(location: Location, line: str) -> int:
    """Index one past the marked text in this line; to the end of the line where the span goes on below."""
    if location.end_line > location.line:
        return len(line.rstrip())
    return min(max(location.end_column - 1, location.column - 1), len(line))


def _flat(text: str) -> str:
    return safe(text.replace("\t", _TAB))


def _clip(text: str, room: int) -> str:
    while columns(text) > room:
        text = text[: len(text) - max(1, (columns(text) - room) // 2)]
    return text


def _note(note: str, page: _Page) -> Iterator[str]:
    if note:
        yield from _headed("note", safe(note), page)


def _helps(helps: Sequence[Help], page: _Page) -> Iterator[str]:
    """The recommended way first; those after it begin where its sentence began."""
    for number, one in enumerate(helps):
        text = safe(one.text)
        if one.commands and not text.endswith(":"):
            text += ":"
        if number == 0:
            yield from _headed("help", text, page)
        else:
            yield from fold(text, " " * 6, " " * 6, page.width)
        for command in one.commands:
            yield f"{' ' * 10}{safe(command)}"


def _headed(word: str, text: str, page: _Page, kind: str = "") -> Iterator[str]:
    """`note: text`, folded beneath where the text begins."""
    head = f"{word}: "
    for number, line in enumerate(fold(text, head, " " * min(len(head), 6), page.width)):
        yield page.style.paint(kind or word, f"{word}:") + line[len(head) - 1 :] if number == 0 else line


def _waived(located: Located, waiver: Waiver, page: _Page) -> Iterator[str]:
    finding = located.finding
    yield page.style.paint("note", f"waived[{safe(finding.code)}]") + f": {safe(finding.message)}"
    yield f" {page.style.paint('frame', '-->')} {safe(waiver.path)}"
    yield from _note(waiver.reason, page)


def _brief(located: Located, page: _Page) -> Iterator[str]:
    finding, location = located.finding, located.location
    head = f"existing {finding.severity}[{safe(finding.code)}]"
    yield page.style.paint("note", head) + f": {safe(finding.message)}"
    if location:
        yield f" {page.style.paint('frame', '-->')} {safe(location.path)}:{location.line}:{location.column}"


def _closing(report: Report, page: _Page) -> Iterator[str]:
    """What did not run, what is worth a word, and the verdict in one line."""
    for skipped in report.skipped:
        yield from _note(f"not checked: {skipped.what}: {skipped.why}", page)
    for remark in report.remarks:
        line = f":{remark.line}" if remark.line else ""
        where = f"{remark.path}{line}: " if remark.path else ""
        more = f" ({remark.note})" if remark.note else ""
        yield from _note(f"{where}{remark.message}{more}", page)
    for reason in unsaid_reasons(report):
        yield from _headed("warning", f"not decided: {safe(reason)}", page)
    kind = {"clean": "good", "findings": "error"}.get(report.verdict, "warning")
    yield from _headed(report.verdict, _summary(report), page, kind)


def unsaid_reasons(report: Report) -> list[str]:
    """Why nothing was decided, as far as no finding says it."""
    shown = {one.finding.message for one in report.findings}
    return [reason for reason in report.undecided if reason not in shown]


def closing_line(report: Report) -> str:
    """The outcome in one line, as every format that is for people ends or begins with."""
    return _summary(report)


def _summary(report: Report) -> str:
    if report.nothing:
        return safe(report.nothing)
    parts = [_counted(report)]
    against = f" against {safe(_short(report.target.ref or report.target.commit))}" if report.target else ""
    parts[0] += f" in {_environments(report)}{against}"
    if report.existing:
        listing = "" if report.list_existing else ", see `gitmig check --all`"
        parts.append(f"{_number(len(report.existing), 'existing finding')} not counted{listing}")
    if report.waived:
        parts.append(f"{len(report.waived)} waived")
    return "; ".join(parts)


def _counted(report: Report) -> str:
    severities = [one.finding.severity for one in report.findings]
    counts = [(severities.count(kind), kind) for kind in ("error", "warning", "note")]
    return ", ".join(_number(count, kind) for count, kind in counts if count) or "no findings"


def _environments(report: Report) -> str:
    if len(report.environments) != 1:
        return _number(len(report.environments), "environment")
    one = report.environments[0]
    head = f" (head {safe(one.heads[0])})" if len(one.heads) == 1 else ""
    return f"environment {safe(one.name)}{head}"


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _short(ref: str) -> str:
    for prefix in ("refs/heads/", "refs/remotes/", "refs/tags/"):
        if ref.startswith(prefix):
            return ref[len(prefix) :]
    return ref[:12] if len(ref) >= 40 and ref.isalnum() else ref
