"""GM103: revisions that revise each other in a circle."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "one that revises itself": (change("a1 <- a1"), [("a1",)]),
    "two": (change("a1 <- b2 ; b2 <- a1"), [("a1", "b2")]),
    "three above a base": (change("z0 <- ; a1 <- z0, c3 ; b2 <- a1 ; c3 <- b2"), [("a1", "c3", "b2")]),
    "through a dependency": (change("a1 <- needs b2 ; b2 <- a1"), [("a1", "b2")]),
    "that only the merge makes: each side alone has an order": (
        change("a1 <- ; b2 <- a1", before="a1 <- ; b2 <-", target="a1 <- b2 ; b2 <-"),
        [("a1", "b2")],
    ),
}
LEAVES_ALONE = {
    "a diamond": change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- b2, c3"),
    "a dependency across lines": change("a1 <- ; b2 <- a1 ; c3 <- a1 needs b2"),
    "a missing parent": change("a1 <- gone"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert [set(one) for one in about("GM103", seen)] == [set(one) for one in expected]


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM103", seen) == []


def test_names_the_circle_and_each_of_its_files() -> None:
    (found,) = findings("GM103", change("a1 <- b2 ; b2 <- a1"))
    assert found.message in ("revision cycle: a1 -> b2 -> a1", "revision cycle: b2 -> a1 -> b2")
    assert found.place is not None
    assert {found.place.path, found.related[0].place.path} == {
        "migrations/versions/a1_x.py",
        "migrations/versions/b2_x.py",
    }


def test_points_at_the_dependency_where_that_closes_the_circle() -> None:
    (found,) = findings("GM103", change("a1 <- needs b2 ; b2 <- a1"))
    assert found.place is not None
    anchors = {found.place.path: found.place.anchor} | {one.place.path: one.place.anchor for one in found.related}
    assert anchors["migrations/versions/a1_x.py"] == "assign:depends_on"
