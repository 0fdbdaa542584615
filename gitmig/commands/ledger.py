"""`gitmig ledger`: what a database ran, and whether the files still say the same."""

from __future__ import annotations

import sys

from gitmig.commands.database import Chosen, open_project
from gitmig.db.applied import parse_entry, verify
from gitmig.db.running import Call, run
from gitmig.errors import CLEAN, FINDINGS
from gitmig.report.ledger import render_ledger, render_ledger_json, render_verified, render_verified_json
from gitmig.terminal import wants_color

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.db.applied import Entry
    from gitmig.db.running import Planned


def show_ledger(directory: str | None, chosen: Chosen, action: str, form: str, color: str = "auto") -> int:
    """List the rows, or verify them: 1 when a database ran something else than the files say."""
    opened = open_project(directory, chosen)
    (state,) = run(opened.project, [Call("state", ledger=True)])
    name = opened.environment.name
    colored = wants_color(sys.stdout, color)
    if action == "list":
        listed = [(plan, entries_of(plan)) for plan in state.plans]
        text = render_ledger_json(name, listed) if form == "json" else render_ledger(listed, color=colored)
        sys.stdout.write(text)
        return CLEAN
    scripts = opened.scripts()
    found = [
        (plan, verify(entries_of(plan), plan.heads, scripts.graph, scripts.revisions, scripts.texts))
        for plan in state.plans
    ]
    text = render_verified_json(name, found) if form == "json" else render_verified(found, color=colored)
    sys.stdout.write(text)
    return CLEAN if all(one.is_clean for _, one in found) else FINDINGS


def entries_of(plan: Planned) -> tuple[Entry, ...]:
    """The ledger of one database; a database without one ran nothing that we know of."""
    return tuple(parse_entry(row) for row in plan.ledger or ())
