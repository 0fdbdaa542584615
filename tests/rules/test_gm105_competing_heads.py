"""GM105: one head here, two as soon as this is merged."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "both sides revise the same parent": (
        change("a1 <- ; c3 <- a1", before="a1 <-", target="a1 <- ; b2 <- a1"),
        [("b2", "c3")],
    ),
    "a longer line here": (
        change("a1 <- ; c3 <- a1 ; d4 <- c3", before="a1 <-", target="a1 <- ; b2 <- a1"),
        [("b2", "d4")],
    ),
    "a longer line there": (
        change("a1 <- ; d4 <- a1", before="a1 <-", target="a1 <- ; b2 <- a1 ; c3 <- b2"),
        [("c3", "d4")],
    ),
    "both begin from nothing": (change("c3 <-", before="", target="b2 <-"), [("b2", "c3")]),
    "two lines of one label": (
        change("a1 <- label x ; c3 <- a1", before="a1 <- label x", target="a1 <- label x ; b2 <- a1"),
        [("b2", "c3")],
    ),
}
LEAVES_ALONE = {
    "a branch that is up to date": change("a1 <- ; b2 <- a1", before="a1 <-", target="a1 <-"),
    "a branch that is merely behind": change("a1 <-", before="a1 <-", target="a1 <- ; b2 <- a1"),
    "the same revision on both sides, as after a cherry-pick": change(
        "a1 <- ; b2 <- a1", before="a1 <-", target="a1 <- ; b2 <- a1"
    ),
    "two heads that are here already: GM101 says so": change("a1 <- ; b2 <- a1 ; c3 <- a1", target="a1 <-"),
    "two heads that the target has by itself": change("a1 <-", before="a1 <-", target="a1 <- ; b2 <- a1 ; c3 <- a1"),
    "lines of two labels": change("a1 <- ; c3 <- a1 label x", before="a1 <-", target="a1 <- ; b2 <- a1 label y"),
    "no target": change("a1 <- ; b2 <- a1 ; c3 <- a1"),
    "a merge revision here that joins what the target left open": change(
        "a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- b2, c3",
        before="a1 <- ; b2 <- a1 ; c3 <- a1",
        target="a1 <- ; b2 <- a1 ; c3 <- a1",
    ),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM105", seen) == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM105", seen) == []


def test_points_at_the_local_line_and_names_both_ways_out() -> None:
    """
    c3  b2
     \\ /        b2 came to origin/main after this branch was made
      a1
    """
    (found,) = findings("GM105", change("a1 <- ; c3 <- a1", before="a1 <-", target="a1 <- ; b2 <- a1"))
    assert found.message == "competing heads: c3 here and b2 on origin/main would both be heads after a merge"
    assert found.place is not None
    assert found.place.path == "migrations/versions/c3_x.py"
    assert found.place.label == "revises a1; origin/main continues there with b2"
    assert [(one.place.path, one.place.side) for one in found.related] == [("migrations/versions/b2_x.py", "target")]
    assert [one.commands for one in found.help] == [
        ("git merge origin/main",),
        ("gitmig resolve --reparent",),
    ]
    assert found.help[1].text == "then put c3 after b2:"


def test_is_a_warning_while_one_works_and_an_error_where_it_counts() -> None:
    seen = change("a1 <- ; c3 <- a1", before="a1 <-", target="a1 <- ; b2 <- a1")
    severities = {mode: findings("GM105", seen.replace(mode=mode))[0].severity for mode in ("staged", "rev", "push")}
    assert severities == {"staged": "warning", "rev": "error", "push": "error"}
