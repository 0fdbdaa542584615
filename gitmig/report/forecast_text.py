"""The forecast for a terminal: a table of the branches in their order, then what touches the same things."""

from __future__ import annotations

from gitmig.report.escape import safe
from gitmig.report.forecast import (
    KINDS,
    commands_of,
    count_text,
    heads_text,
    left_out_text,
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
from gitmig.report.style import Style, columns, fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gitmig.forecast.forecast import Forecast
    from gitmig.report.forecast import Row
    from gitmig.schema.commute import Clash

_TITLES: tuple[str, ...] = ("#", "branch", "adds", "now", "collides", "tables", "at its turn")
_QUEUE_TITLES: tuple[str, ...] = ("#", "branch", "adds", "now", "at its turn", "head then")
_MOST = 5
_LONGEST_NAME = 40
_NARROWEST = 12
_COLORS = {"clean": "good", "collides": "warning", "conflicts": "error", "undecided": "warning"}


def render_text(forecast: Forecast, *, color: bool = False, width: int = 0) -> str:
    """The whole report; `width` columns at most where that is possible, 0 for no limit."""
    style = Style(color)
    lines = [*_head(forecast, style, width)]
    if forecast.outlooks:
        lines += ["", *_table(forecast, style, width)]
    blocks = (_conflicts, _collisions, _published)
    for block in (*(each(forecast, style, width) for each in blocks), _same(forecast, width)):
        found = list(block)
        lines += ["", *found] if found else []
    closing = [*_undecided(forecast, style, width), *_next(forecast, style, width)]
    lines += ["", *closing] if closing else []
    return "\n".join(lines) + "\n"


def _head(forecast: Forecast, style: Style, width: int) -> Iterator[str]:
    kind = "queue into" if forecast.is_queue else "target"
    yield from fold(f"{style.paint('strong', f'{kind} {target_text(forecast)}')}", "", "  ", 0)
    for text in heads_text(forecast):
        yield from fold(text, "  ", "    ", width)
    yield from fold(summary_text(forecast), "", "  ", width)
    for text in (pairs_text(forecast), left_out_text(forecast)):
        if text:
            yield from fold(text, "  ", "    ", width)


def named(ref: str) -> str:
    """The name of a branch inside a sentence, where a very long one is cut."""
    name = safe(short_name(ref))
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."


# The table


def _table(forecast: Forecast, style: Style, width: int) -> Iterator[str]:
    rows = rows_of(forecast)
    titles = _QUEUE_TITLES if forecast.is_queue else _TITLES
    cells = [_cells(row, forecast.is_queue) for row in rows]
    widths = [max(columns(one) for one in column) for column in zip(titles, *cells, strict=True)]
    fixed = sum(widths) - widths[1] + 2 * (len(titles) - 1)
    if width:
        widths[1] = max(_NARROWEST, min(widths[1], width - fixed))
    yield style.paint("strong", _line(titles, widths))
    for row, cell in zip(rows, cells, strict=True):
        for number, line in enumerate(_wrapped(cell, widths)):
            yield _line(line, widths, style, _COLORS[row.verdict] if not number else "")


def _cells(row: Row, is_queue: bool) -> tuple[str, ...]:
    number = str(row.number or "-")
    adds = str(row.adds)
    if is_queue:
        return number, row.name, adds, row.now, row.then, safe(", ".join(row.heads)) or "-"
    return number, row.name, adds, row.now, str(row.others or "-"), row.tables, row.then


def _wrapped(cells: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """One line, or more where the name of the branch is too long for its column."""
    name, room = cells[1], widths[1]
    parts = [name[start : start + room] for start in range(0, len(name), room)] if columns(name) > room else [name]
    yield (cells[0], parts[0], *cells[2:])
    for part in parts[1:]:
        yield ("", part, *("" for _ in cells[2:]))


def _line(cells: Sequence[str], widths: Sequence[int], style: Style | None = None, kind: str = "") -> str:
    """Numbers to the right, words to the left; the cell `now` in its colour."""
    made = []
    for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (width - columns(cell))
        is_number = number in (0, 2) or (number == 4 and len(cells) == len(_TITLES))
        painted = style.paint(kind, cell) if style and kind and number == 3 else cell
        made.append(space + painted if is_number else painted + space)
    return "  ".join(made).rstrip()


# What touches the same things


def _conflicts(forecast: Forecast, style: Style, width: int) -> Iterator[str]:
    """Where Git stops, then conflicts, then what is unknown; the two operations of each."""
    target = short_name(forecast.target[0]) or forecast.target[1][:12]
    stopped = [one for one in forecast.outlooks if one.verdict == "conflicts" and not one.clashes]
    for outlook in stopped[:_MOST]:
        said = f"{named(outlook.ref)} and {named(target)}: {safe(why_of(outlook))}"
        yield from style.told("error", "conflict", said, width)
    if len(stopped) > _MOST:
        yield f"  and {len(stopped) - _MOST:,} more branches that conflict with {safe(target)}"
    found: list[tuple[str, str, Clash]] = []
    for outlook in forecast.outlooks:
        found += [(outlook.ref, forecast.target[0] or forecast.target[1][:12], clash) for clash in outlook.clashes]
    found += [(pair.one, pair.other, clash) for pair in forecast.pairs for clash in pair.clashes]
    for verdict, kind in (("conflict", "error"), ("unknown", "warning")):
        chosen = [one for one in found if one[2].verdict == verdict]
        for one, other, clash in _first_of_each(chosen):
            names = f"{named(one)} and {named(other)}"
            object_ = f"{safe(clash.object)}: " if clash.object else ""
            yield from style.told(kind, verdict, f"{names}: {object_}{safe(clash.why)}", width)
            for ref, each in ((one, clash.one), (other, clash.other)):
                said = f"{named(ref)}: {operation_text(each)}"
                yield from fold(f"{said} ({place_text(each)})" if place_text(each) else said, "    ", "      ", width)
        if len(chosen) > _MOST:
            yield f"  and {len(chosen) - _MOST:,} more {'conflicts' if verdict == 'conflict' else 'that are unknown'}"


def _first_of_each(found: Sequence[tuple[str, str, Clash]]) -> list[tuple[str, str, Clash]]:
    """A few of them, of as many different pairs as possible."""
    seen: set[tuple[str, str]] = set()
    first: list[tuple[str, str, Clash]] = []
    rest: list[tuple[str, str, Clash]] = []
    for one in found:
        (rest if one[:2] in seen else first).append(one)
        seen.add(one[:2])
    return [*first, *rest][:_MOST]


def _collisions(forecast: Forecast, style: Style, width: int) -> Iterator[str]:
    """Collisions that are more than two heads: those need a look before anything else."""
    odd = [(pair, kind) for pair in forecast.pairs for kind in pair.kinds if kind != "two-heads"]
    for pair, kind in odd[:_MOST]:
        text = f"{named(pair.one)} and {named(pair.other)}: {KINDS[kind]}"
        yield from style.told("error", "collision", text, width)
    if len(odd) > _MOST:
        yield f"  and {len(odd) - _MOST:,} more"


def _same(forecast: Forecast, width: int) -> Iterator[str]:
    """Tables that several branches touch and where all commute, with what each does."""
    tables: dict[str, dict[str, list[str]]] = {}
    for pair in forecast.pairs:
        if pair.verdict != "commute":
            continue
        for ref, operations in zip((pair.one, pair.other), pair.operations, strict=True):
            for each in operations:
                is_own = each.table in pair.tables
                what = f"{each.op} {each.name if is_own else each.table}".strip()
                for table in [each.table] if is_own else pair.tables:
                    said = tables.setdefault(table, {}).setdefault(ref, [])
                    if what not in said:
                        said.append(what)
    for table, branches in list(tables.items())[:_MOST]:
        told = [f"{named(ref)} ({safe(', '.join(said[:3]))})" for ref, said in sorted(branches.items())]
        more = f" and {len(told) - 4} more" if len(told) > 4 else ""
        yield from fold(f"{', '.join(told[:4])}{more}", f"commute on {safe(table)}: ", "  ", width)
    if len(tables) > _MOST:
        yield f"  and {len(tables) - _MOST} more tables on which several branches commute"


def _published(forecast: Forecast, style: Style, width: int) -> Iterator[str]:
    """Branches that change what the target has: they may merge cleanly and be refused all the same."""
    told = [(named(one.ref), said) for one in forecast.outlooks if (said := published_text(one))]
    for name, said in told[:_MOST]:
        text = f"{name} {said}, which the target has; `gitmig check` says whether it may"
        yield from style.told("warning", "published", text, width)
    if len(told) > _MOST:
        yield f"  and {len(told) - _MOST:,} more branches that change published revisions"


# What is not known, and what comes next


def _undecided(forecast: Forecast, style: Style, width: int) -> Iterator[str]:
    told = [(named(one.ref), safe(why_of(one))) for one in forecast.outlooks if one.verdict == "undecided"]
    for name, why in (*told[:_MOST], *(("", safe(text)) for text in forecast.unread)):
        yield from style.told("warning", "undecided", f"{name}: {why}" if name else why, width)
    if len(told) > _MOST:
        yield f"  and {count_text(len(told) - _MOST, 'more branch', 'more branches')}"


def _next(forecast: Forecast, style: Style, width: int) -> Iterator[str]:
    """What to merge now, and what the owner of the next branch does after that."""
    merged = [step for step in forecast.steps if step.is_merged]
    if not merged:
        return
    first, following = merged[0], next((step for step in merged[1:] if step.kind != "none"), None)
    if first.kind == "none":
        yield from _help(style, f"merge {named(first.ref)} first: it merges as it is", (), width)
        if following is None:
            return
        text = f"then the owner of {named(following.ref)} brings that in and resolves, and so on down the table"
        yield from _help(style, text, commands_of(forecast, following.kind), width)
    else:
        text = f"start with {named(first.ref)}; its owner brings the target in and resolves"
        yield from _help(style, text, commands_of(forecast, first.kind), width)


def _help(style: Style, text: str, commands: Iterable[str], width: int) -> Iterator[str]:
    yield from style.told("help", "help", text, width)
    yield from (f"          {safe(command)}" for command in commands)
