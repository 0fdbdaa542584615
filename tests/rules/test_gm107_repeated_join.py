"""GM107: heads that the shared branch has joined already."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

TWO = "a1 <- ; b2 <- a1 ; c3 <- a1"
FINDS = {
    "the same two heads": (change(f"{TWO} ; m1 <- b2, c3", before=TWO, target=f"{TWO} ; m2 <- b2, c3"), [("m1", "m2")]),
    "joined there further up": (
        change(f"{TWO} ; m1 <- b2, c3", before=TWO, target=f"{TWO} ; d4 <- c3 ; m2 <- b2, d4"),
        [("m1", "m2")],
    ),
}
LEAVES_ALONE = {
    "the first join": change(f"{TWO} ; m1 <- b2, c3", before=TWO, target=TWO),
    "the same join, brought in": change(f"{TWO} ; m1 <- b2, c3", before=TWO, target=f"{TWO} ; m1 <- b2, c3"),
    "a join of other heads": change(
        f"{TWO} ; d4 <- a1 ; e5 <- a1 ; m1 <- d4, e5", before=TWO, target=f"{TWO} ; m2 <- b2, c3"
    ),
    "a join with a line of one's own": change(
        f"{TWO} ; d4 <- b2 ; m1 <- d4, c3", before=TWO, target=f"{TWO} ; m2 <- b2, c3"
    ),
    "no target": change(f"{TWO} ; m1 <- b2, c3"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM107", seen) == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM107", seen) == []


def test_says_which_to_drop() -> None:
    (found,) = findings("GM107", change(f"{TWO} ; m1 <- b2, c3", before=TWO, target=f"{TWO} ; m2 <- b2, c3"))
    assert found.help[0].text == "bring origin/main in, then drop m1; what revises it revises m2:"
    assert found.help[0].commands == ("git merge origin/main", "gitmig resolve --reparent")
