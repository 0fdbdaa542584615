"""Finds the rule files of this package; importing one is put off until it is selected."""

from __future__ import annotations

import os

from gitmig.rules.occasions import OCCASIONS, always

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitmig.change.change import Change
    from gitmig.findings import Finding
    from gitmig.rules.rule import Rule


def rule_modules() -> dict[str, str]:
    """Module name by code, in the order of the codes: {"GM101": "gm101_multiple_heads", ...}."""
    # The folder is the list: one kept by hand would be a second truth, and pkgutil costs a hook 5 ms.
    names = sorted(entry[:-3] for entry in os.listdir(os.path.dirname(__file__)) if entry.startswith("gm"))
    return {name[:5].upper(): name for name in names}


def needs_of(code: str) -> tuple[str, ...]:
    """The parts of a Change that the rule reads; its file stays where it is while the rule has no occasion."""
    return OCCASIONS[code][0] if code in OCCASIONS else load(code).needs


def findings_of(code: str, change: Change) -> Iterator[Finding]:
    """What the rule says of a change; without an occasion nothing is loaded."""
    _needs, has_occasion = OCCASIONS.get(code, ((), always))
    if has_occasion(change):
        yield from load(code).findings(change)


def load(code: str) -> Rule:
    """The rule with this code; KeyError when there is none."""
    from gitmig.rules.rule import Rule

    name = rule_modules()[code]
    module = __import__(f"gitmig.rules.{name}", fromlist=("check",))  # importlib costs a hook `warnings`, 1 ms
    return Rule(
        code,
        name[6:].replace("_", "-"),
        module.severity,
        module.needs,
        module.check,
        getattr(module, "in_mode", {}),
        getattr(module, "inherited", False),
        getattr(module, "fixable", False),
        module.__doc__ or "",
    )


def load_rules(selected: Callable[[str], bool] = lambda code: True) -> tuple[Rule, ...]:
    """All selected rules, in the order of their codes."""
    return tuple(load(code) for code in rule_modules() if selected(code))
