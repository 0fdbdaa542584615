"""Finds the rule files of this package; importing one is put off until it is selected."""

from __future__ import annotations

import os

from gitmig.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def rule_modules() -> dict[str, str]:
    """Module name by code, in the order of the codes: {"GM101": "gm101_multiple_heads", ...}."""
    # The folder is the list: one kept by hand would be a second truth, and pkgutil costs a hook 5 ms.
    names = sorted(entry[:-3] for entry in os.listdir(os.path.dirname(__file__)) if entry.startswith("gm"))
    return {name[:5].upper(): name for name in names}


def load(code: str) -> Rule:
    """The rule with this code; KeyError when there is none."""
    from importlib import import_module

    name = rule_modules()[code]
    module = import_module(f"gitmig.rules.{name}")
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
