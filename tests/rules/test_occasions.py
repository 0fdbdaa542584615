"""That no rule speaks without its occasion is asserted wherever a test asks a rule: `findings` of tests/support."""

from __future__ import annotations

import pytest

from gitmig.rules.occasions import OCCASIONS
from gitmig.rules.registry import load, needs_of, rule_modules


@pytest.mark.parametrize("code", rule_modules())
def test_what_a_rule_needs_is_known_without_its_file(code: str) -> None:
    assert needs_of(code) == load(code).needs


def test_no_occasion_is_left_of_a_rule_that_went() -> None:
    assert set(OCCASIONS) <= set(rule_modules())
