"""GM203: a published revision got another id."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "another id in the same file": (
        change("a1 <- ; z9 <- a1 at migrations/versions/b2_x.py", target="a1 <- ; b2 <- a1"),
        [("b2", "z9")],
    ),
    "in the file name, too": (
        change(
            "a1 <- ; 27c6 <- a1 at migrations/versions/27c6_add_users.py",
            target="a1 <- ; 1975 <- a1 at migrations/versions/1975_add_users.py",
        ),
        [("1975", "27c6")],
    ),
    "edited on the way": (
        change("z9 <- text new at migrations/versions/b2_x.py", target="b2 <-"),
        [("b2", "z9")],
    ),
    "two ids swapped with new ones": (
        change(
            "x1 <- at migrations/versions/a1_x.py ; x2 <- x1 at migrations/versions/b2_x.py",
            target="a1 <- ; b2 <- a1",
        ),
        [("a1", "x1"), ("b2", "x2")],
    ),
    "under another name, doing the same": (
        change(
            "a1 <- ; z9 <- a1 text users at migrations/versions/z9_people.py",
            target="a1 <- ; b2 <- a1 text users at migrations/versions/b2_add_users.py",
        ),
        [("b2", "z9")],
    ),
}
LEAVES_ALONE = {
    "a deletion and an addition: that is GM202": change(
        "a1 <- ; z9 <- a1 at migrations/versions/z9_add_tags.py",
        target="a1 <- ; b2 <- a1 at migrations/versions/b2_add_users.py",
    ),
    "a file name alone": change("b2 <- at migrations/versions/0001_first.py", target="b2 <-"),
    "an unpublished id": change(
        "a1 <- ; z9 <- a1 at migrations/versions/b2_x.py", before="a1 <- ; b2 <- a1", target="a1 <-"
    ),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM203", seen) == expected
    assert about("GM202", seen) == []


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM203", seen) == []


def test_points_at_the_new_id_and_shows_the_published_one() -> None:
    (found,) = findings("GM203", change("z9 <- at migrations/versions/b2_x.py", target="b2 <-"))
    assert found.message == "renamed revision id: b2 on origin/main is z9 here"
    assert found.place is not None
    assert (found.place.anchor, found.place.label) == ("assign:revision", "published as b2")
    assert found.related[0].place.side == "target"
