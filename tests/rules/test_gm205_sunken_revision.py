"""GM205: a new revision slipped in beneath a published one."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "between two published ones": (
        change("a1 <- ; n1 <- a1 ; b2 <- n1", target="a1 <- ; b2 <- a1"),
        [("n1", "b2")],
    ),
    "beneath the base": (change("n1 <- ; a1 <- n1", target="a1 <-"), [("n1", "a1")]),
    "two in a row": (
        change("a1 <- ; n1 <- a1 ; n2 <- n1 ; b2 <- n2", target="a1 <- ; b2 <- a1"),
        [("n1", "n2", "b2")],
    ),
    "two in a row, whose ids sort the other way: the lowest comes first": (
        change("a1 <- ; z9 <- a1 ; n2 <- z9 ; b2 <- n2", target="a1 <- ; b2 <- a1"),
        [("z9", "n2", "b2")],
    ),
    "as one more parent": (
        change("a1 <- ; n1 <- a1 ; b2 <- a1 ; m1 <- b2, n1", target="a1 <- ; b2 <- a1 ; m1 <- b2"),
        [("n1", "m1")],
    ),
    "as a dependency": (
        change("a1 <- ; n1 <- ; b2 <- a1 needs n1", target="a1 <- ; b2 <- a1"),
        [("n1", "b2")],
    ),
    "beneath two published lines: each is a finding, so that a waiver of one is not one of the other": (
        change("a1 <- ; n1 <- a1 ; b2 <- n1 ; c3 <- n1", target="a1 <- ; b2 <- a1 ; c3 <- a1"),
        [("n1", "b2"), ("n1", "c3")],
    ),
}
LEAVES_ALONE = {
    "after the published head": change("a1 <- ; b2 <- a1 ; n1 <- b2", target="a1 <- ; b2 <- a1"),
    "beside it: that is GM101 or GM105": change("a1 <- ; b2 <- a1 ; n1 <- a1", target="a1 <- ; b2 <- a1"),
    "beneath an unpublished one": change("a1 <- ; n1 <- a1 ; n2 <- n1", before="a1 <- ; n2 <- a1", target="a1 <-"),
    "a published one that moved onto a published one: that is GM204": change(
        "a1 <- ; b2 <- a1 ; c3 <- b2", target="a1 <- ; b2 <- a1 ; c3 <- a1"
    ),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM205", seen) == expected
    assert about("GM204", seen) == []


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM205", seen) == []


def test_says_what_is_skipped_and_where_the_new_one_belongs() -> None:
    """
    published    here
      b2          b2
      |           |
      a1          n1
                  |
                  a1
    """
    (found,) = findings("GM205", change("a1 <- ; n1 <- a1 ; b2 <- n1", target="a1 <- ; b2 <- a1"))
    assert found.message == "sunken revision: n1 ends up beneath b2, which origin/main has"
    assert found.note == "databases at or above b2 silently skip n1"
    assert found.place is not None
    assert (found.place.path, found.place.label) == ("migrations/versions/b2_x.py", "published as a1")
    assert [one.place.path for one in found.related] == ["migrations/versions/n1_x.py"]
    assert found.help[1].text == "then put n1 after the published head b2"


def test_points_at_the_dependency_that_brought_it_in() -> None:
    (found,) = findings("GM205", change("a1 <- ; n1 <- ; b2 <- a1 needs n1", target="a1 <- ; b2 <- a1"))
    assert found.place is not None
    assert (found.place.anchor, found.place.label) == ("assign:depends_on", "published without it")
