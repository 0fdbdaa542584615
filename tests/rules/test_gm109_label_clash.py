"""GM109: a branch label that names two lines."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "two revisions with one label": (change("a1 <- label x ; b2 <- label x"), [("a1", "b2")]),
    "three are one finding": (change("a1 <- label x ; b2 <- label x ; c3 <- label x"), [("a1", "b2", "c3")]),
    "a label on one line twice": (change("a1 <- label x ; b2 <- a1 label x"), [("a1", "b2")]),
    "a label that is an id": (change("a1 <- ; b2 <- a1 label a1"), [("b2",)]),
    "one label on each side of a merge": (
        change("a1 <- ; b2 <- a1 label x", before="a1 <-", target="a1 <- ; c3 <- a1 label x"),
        [("b2", "c3")],
    ),
}
LEAVES_ALONE = {
    "a label for each line": change("a1 <- label x ; b2 <- label y"),
    "a revision with two labels": change("a1 <- label x label y"),
    "labels that are inherited": change("a1 <- label x ; b2 <- a1 ; c3 <- b2"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert [tuple(sorted(one)) for one in about("GM109", seen)] == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM109", seen) == []


def test_points_at_one_and_relates_the_others() -> None:
    (found,) = findings("GM109", change("a1 <- label x ; b2 <- label x"))
    assert found.message == "label clash: branch label x is used by 2 revisions"
    assert found.place is not None and found.place.anchor == "assign:branch_labels"
    assert {found.place.path, found.related[0].place.path} == {
        "migrations/versions/a1_x.py",
        "migrations/versions/b2_x.py",
    }
