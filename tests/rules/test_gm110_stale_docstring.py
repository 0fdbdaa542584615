"""GM110: the docstring names another id or parent than the code."""

from __future__ import annotations

from support.drawing import change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "a re-parented revision": (
        change("a1 <- ; b2 <- ; c3 <- b2 says Revises=a1", target="a1 <- ; b2 <-"),
        ["stale docstring: c3 says `Revises: a1`, the code says b2"],
    ),
    "an edited one": (
        change("a1 <- says Revises=z9 text new", target="a1 <- says Revises=z9"),
        ["stale docstring: a1 says `Revises: z9`, the code says nothing"],
    ),
    "both lines": (
        change("a1 <- says Revision-ID=z9 says Revises=y8", target=""),
        [
            "stale docstring: a1 says `Revision ID: z9`, the code says a1",
            "stale docstring: a1 says `Revises: y8`, the code says nothing",
        ],
    ),
    "a merge revision": (
        change("a1 <- ; b2 <- ; m1 <- a1, b2 says Revises=a1", target="a1 <- ; b2 <-"),
        ["stale docstring: m1 says `Revises: a1`, the code says a1, b2"],
    ),
}
LEAVES_ALONE = {
    "what was stale before: nobody touched it": change("a1 <- says Revises=z9", target="a1 <- says Revises=z9"),
    "a new one that is right": change("a1 <- ; b2 <- a1", target="a1 <-"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[str]) -> None:
    assert [one.message for one in findings("GM110", seen)] == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert findings("GM110", seen) == []


def test_each_line_is_a_finding_of_its_own() -> None:
    found = findings("GM110", change("a1 <- says Revision-ID=z9 says Revises=y8", target=""))
    assert [one.place and one.place.anchor for one in found] == ["doc:Revision ID", "doc:Revises"]
    assert len({one.identity for one in found}) == 2
