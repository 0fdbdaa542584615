"""GM104: two files define one id, or two ids that are hard to tell apart."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "a copied file": (change("a1 <- ; a1 <- at migrations/versions/copy.py"), [("a1",)]),
    "three files are one finding": (
        change("a1 <- ; a1 <- at migrations/versions/b.py ; a1 <- at migrations/versions/c.py"),
        [("a1",)],
    ),
    "the same id on both sides, in files of two names": (
        change(
            "a1 <- ; b2 <- a1 at migrations/versions/b2_mine.py",
            before="a1 <-",
            target="a1 <- ; b2 <- a1 at migrations/versions/b2_theirs.py",
        ),
        [("b2",)],
    ),
    "ids that differ in case only: macOS and MySQL cannot tell them apart": (
        change("abc <- ; ABC <- abc"),
        [("ABC", "abc")],
    ),
}
LEAVES_ALONE = {
    "ids that differ": change("a1 <- ; a2 <- a1"),
    "a file that moved": change("a1 <- at migrations/versions/new.py", target="a1 <-"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert [tuple(sorted(one)) for one in about("GM104", seen)] == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM104", seen) == []


def test_points_at_the_file_that_is_not_published() -> None:
    seen = change("a1 <- ; a1 <- at migrations/versions/a0_copy.py text other", target="a1 <-")
    (found,) = findings("GM104", seen)
    assert found.place is not None
    assert found.place.path == "migrations/versions/a0_copy.py"
    assert [one.place.path for one in found.related] == ["migrations/versions/a1_x.py"]


def test_similar_ids_are_a_warning() -> None:
    (found,) = findings("GM104", change("abc <- ; ABC <- abc"))
    assert found.severity == "warning"
