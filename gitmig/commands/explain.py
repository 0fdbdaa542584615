"""`gitmig explain`: the page of a rule, or the list of all."""

from __future__ import annotations

import sys

from gitmig.errors import UsageError
from gitmig.findings import Help
from gitmig.report.pages import render_index, render_page
from gitmig.rules.registry import load, load_rules, rule_modules


def like(code: str) -> str:
    """A rule that looks like what was asked for, as a sentence."""
    from difflib import get_close_matches

    names = {name[6:].replace("_", "-"): one for one, name in rule_modules().items()}
    near = get_close_matches(code.lower(), names, n=1) or get_close_matches(code.upper(), names.values(), n=1)
    return f"did you mean {near[0]}?" if near else ""


def explain(code: str | None, form: str = "text") -> int:
    if code is None:
        sys.stdout.write(render_index(load_rules(), markdown=form == "markdown"))
        return 0
    codes = rule_modules()
    wanted = code.upper()
    if wanted not in codes:
        wanted = next((one for one, name in codes.items() if name[6:].replace("_", "-") == code.lower()), wanted)
    if wanted not in codes:
        raise UsageError(
            f"no rule is called {code!r}", note=like(code), help=(Help("list the rules:", ("gitmig explain",)),)
        )
    sys.stdout.write(render_page(load(wanted), markdown=form == "markdown"))
    return 0
