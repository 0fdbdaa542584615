"""GM108: a new root in an environment that has one."""

from __future__ import annotations

from support.drawing import about, change, rows

from gitmig.change.change import Change

FINDS = {
    "a forgotten parent": (change("a1 <- ; b2 <-", target="a1 <-"), [("b2",)]),
    "two at once: the first is the base": (change("a1 <- ; b2 <-", target=""), [("b2",)]),
    "whose id sorts before the base": (change("m1 <- ; a1 <-", target="m1 <-"), [("a1",)]),
}
LEAVES_ALONE = {
    "the first revision of all": change("a1 <-", target=""),
    "a second line with a label of its own": change("a1 <- ; b2 <- label billing", target="a1 <-"),
    "two bases that are published": change("a1 <- ; b2 <-", target="a1 <- ; b2 <-"),
    "a revision with a parent that is missing: GM102 says so": change("a1 <- ; b2 <- gone", target="a1 <-"),
    "a squash: the old base is gone": change("s1 <-", target="a1 <- ; b2 <- a1"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM108", seen) == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM108", seen) == []
