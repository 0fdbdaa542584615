"""Release tags: which look like one, and what slipped beneath between two of them."""

from __future__ import annotations

import pytest
from support.drawing import state

from gitmig.audit.releases import find_sunken, is_release_name


@pytest.mark.parametrize(
    "name",
    ["v1.2", "1.2.3", "release-2024.1", "refs/tags/v10.0.1", "v3", "17", "app-1.4.2", "shop@2.0.1", "2024_01"],
)
def test_a_release(name: str) -> None:
    assert is_release_name(name)


@pytest.mark.parametrize("name", ["1.2rc1", "v2.0.0-beta.1", "nightly", "before-merge", "1.0.dev3", "v1.0-alpha", "x"])
def test_no_release(name: str) -> None:
    assert not is_release_name(name)


def sunken(*drawings: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    graphs = [(f"v{number}", number, state(drawing).graph) for number, drawing in enumerate(drawings, 1)]
    return [(one.tag, one.sunken) for one in find_sunken(graphs)]


def test_a_revision_slipped_beneath_a_released_one() -> None:
    """v1: a1 - b2          v2: a1 - x9 - b2 - c3"""
    assert sunken("a1 <- ; b2 <- a1", "a1 <- ; x9 <- a1 ; b2 <- x9 ; c3 <- b2") == [("v2", (("x9", "b2"),))]


def test_what_comes_on_top_is_run() -> None:
    assert sunken("a1 <- ; b2 <- a1", "a1 <- ; b2 <- a1 ; c3 <- b2", "a1 <- ; b2 <- a1 ; c3 <- b2 ; d4 <- c3") == []


def test_a_maintenance_release_with_nothing_new_is_passed_over() -> None:
    """v1.1 of an older line comes after v2; v3 is compared with v2."""
    assert sunken("a1 <- ; b2 <- a1", "a1 <- ", "a1 <- ; x9 <- a1 ; b2 <- x9") == [("v3", (("x9", "b2"),))]


def test_a_line_beside_the_head_is_run() -> None:
    assert sunken("a1 <- ; b2 <- a1", "a1 <- ; b2 <- a1 ; x9 <- a1 ; m <- b2, x9") == []
