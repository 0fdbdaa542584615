"""Dates of revisions that are re-parented, where file names begin with one: each comes after what it revises."""

from __future__ import annotations

import re

from gitmig.frozen import Frozen
from gitmig.resolve.reordering import Move

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gitmig.environments.environment import Environment
    from gitmig.resolve.remedy import Remedy
    from gitmig.resolve.situation import Situation

_FIELD = re.compile(r"%\((\w+)\)([-#0 +.\d]*[sdi])|%%")
_WIDTHS = {"year": r"\d{4}", "epoch": r"\d+"}
_TWO, _FEW = r"\d\d", r"\d{1,2}"


class DatedName(Frozen):
    """A file name as its template made it: the text between the dates, and the dates by field in their order."""

    parts: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]  # field and format
    values: tuple[int, ...]

    @property
    def key(self) -> tuple[tuple[int, ...], tuple[str, ...]]:
        return self.values, self.parts

    @property
    def unit(self) -> int:
        """Seconds of the smallest step that the name can tell; 0 where it says the day at best."""
        names = {field for field, _ in self.fields}
        if names & {"second", "epoch"}:
            return 1
        return 60 if "minute" in names else 0

    def at(self, moment: datetime) -> DatedName:
        return self.replace(values=tuple(_value(moment, field) for field, _ in self.fields))

    def text(self) -> str:
        dates = [f"%{form}" % value for (_, form), value in zip(self.fields, self.values, strict=True)]
        return "".join(part + date for part, date in zip(self.parts, [*dates, ""], strict=True))


def is_dated(template: str) -> bool:
    """Whether files lie in the order of their dates: the name begins with the year, or with seconds since 1970."""
    first = _FIELD.search(template)
    return first is not None and first.group(1) in ("year", "epoch")


def read_name(template: str, name: str) -> DatedName | None:
    """A file name without its folder; None where the template did not make it."""
    pattern, end, fields = "", 0, []
    for field in _FIELD.finditer(template):
        pattern += re.escape(template[end : field.start()])
        end = field.end()
        what = field.group(1)
        if what is None:
            pattern += "%"
        elif what in ("rev", "slug"):
            pattern += ".*?"
        else:
            form = field.group(2)
            fields.append((what, form))
            pattern += f"({_WIDTHS.get(what, _TWO if '2' in form else _FEW)})"
    found = re.fullmatch(pattern + re.escape(template[end:]) + r"\.py", name)
    if found is None:
        return None
    bounds = [0, *(one for number in range(1, len(fields) + 1) for one in found.span(number)), len(name)]
    parts = tuple(name[start:stop] for start, stop in zip(bounds[::2], bounds[1::2], strict=True))
    return DatedName(parts, tuple(fields), tuple(int(one) for one in found.groups()))


def redated(remedy: Remedy, situation: Situation, environment: Environment, now: datetime) -> Remedy:
    """The remedy with new dates for what would lie before the revision that it comes after; names must be dated."""
    moves = {move.path: move for move in remedy.moves}
    for move in _later(remedy, situation, environment, now, dict(moves)):
        moves[move.path] = move
    return remedy.replace(moves=tuple(moves.values()))


def _later(
    remedy: Remedy, situation: Situation, environment: Environment, now: datetime, moves: dict[str, Move]
) -> Iterator[Move]:
    """The moves that get a date; those above a revision that moved are looked at too, in their new order."""
    old = {move.new_id: move.revision for move in moves.values() if move.new_id}
    new = {revision: new_id for new_id, revision in old.items()}
    names: dict[str, DatedName | None] = {}  # of what moved, by the id that it gets

    def name_of(revision: str) -> DatedName | None:
        known = old.get(revision, revision)
        if revision in names or known not in situation.graph:
            return names.get(revision)
        return read_name(environment.file_template, _below(environment, situation.path(known))[1])

    for one in (one for block in remedy.blocks if block.standing == "unpublished" for one in block.revisions):
        path, down = situation.path(one), situation.graph.down_revisions(one)
        move = moves.get(path) or Move(one, path, down, down)
        if move.dropped or not (move.changes_place or any(parent in names for parent in move.parents)):
            continue
        own = name_of(new.get(one, one))
        names[new.get(one, one)] = own
        below = [name for parent in move.parents if (name := name_of(parent)) is not None]
        if own is None or not below:
            continue
        last = max(below, key=lambda name: name.key)
        if own.key > last.key or (own.values == last.values and not own.unit):
            continue
        when = _after(own, last, now)
        names[new.get(one, one)] = dated = own.at(when)
        yield move.replace(dated_path=_below(environment, path)[0] + dated.text(), created=str(when))


def _below(environment: Environment, path: str) -> tuple[str, str]:
    """The versions folder with its slash, and the path below it, which may have folders of the template in it."""
    folders = [f"{folder}/" for folder in environment.versions if folder and path.startswith(f"{folder}/")]
    folder = max(folders, key=len, default="")
    return folder, path[len(folder) :]


def _after(own: DatedName, last: DatedName, now: datetime) -> datetime:
    """Now, or the smallest step after the other name where that would be later."""
    from datetime import timedelta

    new = own.at(now)
    if new.values > last.values:
        return now
    return now + timedelta(seconds=_seconds(last) - _seconds(new) + own.unit)


def _seconds(name: DatedName) -> int:
    from datetime import datetime

    values = {field: value for (field, _), value in zip(name.fields, name.values, strict=True)}
    if "epoch" in values:
        return values["epoch"]
    day = datetime(values["year"], values.get("month", 1), values.get("day", 1))
    clock = values.get("hour", 0) * 3600 + values.get("minute", 0) * 60 + values.get("second", 0)
    return int((day - datetime(1970, 1, 1)).total_seconds()) + clock


def _value(moment: datetime, field: str) -> int:
    return int(moment.timestamp()) if field == "epoch" else int(getattr(moment, field))
