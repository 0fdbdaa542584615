"""What a database is at, what will run on it, and what that would lose: text and JSON."""

from __future__ import annotations

import json

from gitmig.report.escape import safe
from gitmig.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Protocol

    from gitmig.revisions.graph import RevisionGraph
    from gitmig.revisions.revision import Revision

    class Database(Protocol):
        """What is shown of one."""

        @property
        def dialect(self) -> str: ...
        @property
        def name(self) -> str: ...
        @property
        def host(self) -> str: ...
        @property
        def file(self) -> str: ...


SHOWN = 12


def name_of_database(database: Any) -> str:
    """`shop.db (sqlite)`, `shop on db.example.org (postgresql)`; never a password."""
    name = database.file.rpartition("/")[2] or database.name or "the database"
    host = f" on {database.host}" if database.host else ""
    return f"{safe(name)}{safe(host)} ({safe(database.dialect)})"


def render_plan(plan: Any, revisions: Mapping[str, Revision], *, color: bool = False) -> str:
    """The steps that will run, long lists folded in the middle."""
    style = Style(color)
    if not plan.steps:
        return ""
    direction = plan.steps[0].direction
    count = len(plan.steps)
    where = name_of_database(plan.database)
    at = safe(", ".join(plan.heads)) or "base"
    lines = [f"{style.paint('strong', direction)} {where} from {at}: {count} step{'s' if count > 1 else ''}"]
    for index, step in enumerate(plan.steps):
        if count > SHOWN and SHOWN // 2 <= index < count - SHOWN // 2:
            if index == SHOWN // 2:
                lines.append(f"  ... {count - SHOWN} more")
            continue
        lines.append(f"  {describe_step(step, direction)}")
    return "\n".join(lines) + "\n"


def render_home(plan: Any, down: Sequence[tuple[str, str, str]], up: Sequence[tuple[str, str]], color: bool) -> str:
    """The way home: what goes down (revision, message, whose text), and what goes up (revision, message)."""
    if not down and not up:
        return ""
    where, at = name_of_database(plan.database), safe(", ".join(plan.heads)) or "base"
    lines = [f"{Style(color).paint('strong', 'sync')} {where} from {at}"]
    for name, message, origin in down:
        source = f"commit {origin[:12]}" if len(origin) in (40, 64) else origin
        lines.append(f"  down  {safe(name)}  {safe(message)}  (text: {safe(source)})")
    lines += [f"  up    {safe(name)}  {safe(message)}".rstrip() for name, message in up]
    return "\n".join(lines) + "\n"


def describe_step(step: Any, direction: str) -> str:
    other = f"{step.direction} " if step.direction != direction else ""
    if step.direction == "stamp":
        return f"{other}{safe(', '.join(step.from_)) or 'base'} -> {safe(', '.join(step.to)) or 'base'}"
    return f"{other}{safe(step.revision)}  {safe(step.message)}".rstrip()


def render_risks(preview: Any, *, color: bool = False, width: int = 0) -> str:
    """Warnings for what loses rows or fails over them; one line for what could not be read."""
    style = Style(color)
    lines: list[str] = []
    for risk in preview.risks:
        said = describe_risk(risk)
        if said:
            place = f"{safe(risk.way.path)}:{risk.line}"
            lines.append(f"{style.paint('warning', f'warning[{risk.code}]')}: {said}\n  --> {place}")
    if preview.unread:
        places = [f"{safe(way.path)}:{line}" for way, line, _ in preview.unread]
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        lines.append(
            f"{style.paint('note', 'note')}: not read, so nothing is said of it: {', '.join(places[:3])}{more}"
        )
    return "".join(f"{line}\n" for line in lines)


def describe_risk(risk: Any) -> str:
    """ "" for what costs nothing in this database."""
    revision, name = safe(risk.way.revision), safe(risk.called(risk.object))
    direction = risk.way.direction
    if risk.code == "GM402":
        held = "" if risk.rows is None else f", and the table holds {counted(risk.rows)}"
        return f"{direction} of {revision} makes {name} NOT NULL without a default{held}"
    if risk.code == "GM307":
        lost = safe(risk.called(risk.lost))
        return f"{direction} of {revision} drops {lost} and adds {name}: a rename would keep its rows"
    if risk.rows == 0:
        return ""
    what = "column" if "." in risk.object else "table"
    held = "" if risk.rows is None else f", which holds {counted(risk.rows, 'value' if what == 'column' else 'row')}"
    return f"{direction} of {revision} drops {what} {name}{held}"


def counted(number: int, word: str = "row") -> str:
    many = "10,000 or more" if number >= 10_000 else f"{number:,}"
    return f"{many} {word}{'' if number == 1 else 's'}"


# Where it is


def render_positions(outcome: Any, graph: RevisionGraph, color: bool) -> str:
    """One line for each database, after everything ran."""
    both = zip(outcome.plans, outcome.after, strict=False)
    return "".join(render_position(plan, heads, graph, color) for plan, heads in both)


def render_position(plan: Any, heads: Sequence[str], graph: RevisionGraph, color: bool) -> str:
    style = Style(color)
    named = [f"{safe(head)}{' (head)' if head in graph.heads else ''}" for head in heads] or ["base"]
    word = "is at" if plan.steps else "nothing to run:"
    subject = name_of_database(plan.database)
    text = f"{subject} {word} {', '.join(named)}" if plan.steps else f"{word} {subject} is at {', '.join(named)}"
    return f"{style.paint('good', text)}\n"


def render_current(plans: Sequence[Any], scripts: Any, *, color: bool = False) -> str:
    """One line for each recorded revision, as `alembic current` prints them."""
    return "".join(f"{line}\n" for plan in plans for line in current_lines(plan, scripts, many=len(plans) > 1))


def current_lines(plan: Any, scripts: Any, *, many: bool) -> Iterator[str]:
    if many:
        yield f"{name_of_database(plan.database)}:"
    for head in plan.heads:
        if head not in scripts.graph:
            yield f"{safe(head)} (in no file of this tree)"
        else:
            yield f"{safe(head)}{' (head)' if head in scripts.graph.heads else ''}"


def render_current_json(name: str, plans: Sequence[Any], scripts: Any) -> str:
    value = {
        "schema": 1,
        "environments": [
            {
                "name": name,
                "database": {
                    "dialect": plan.database.dialect,
                    "url": plan.database.url,
                    "name": plan.database.name,
                    "bind": plan.database.bind,
                },
                "heads": [
                    {
                        "revision": head,
                        "known": head in scripts.graph,
                        "head": head in scripts.graph.heads,
                        "path": scripts.revisions[head].path if head in scripts.revisions else None,
                    }
                    for head in plan.heads
                ],
                "tree_heads": list(scripts.graph.heads),
            }
            for plan in plans
        ],
    }
    return json.dumps(value, indent=2) + "\n"
