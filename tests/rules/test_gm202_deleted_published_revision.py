"""GM202: a published revision is gone."""

from __future__ import annotations

from support.drawing import about, change, findings, rows, state

from gitmig.change.change import Change
from gitmig.change.published import find_edits
from gitmig.change.state import Unreadable

LINE = "a1 <- ; b2 <- a1 ; c3 <- b2"
FINDS = {
    "the head": (change("a1 <- ; b2 <- a1", target=LINE), [("c3",)]),
    "one in the middle": (change("a1 <- ; c3 <- a1", target=LINE), [("b2",)]),
    "a squash: all of them, for a new one": (change("s1 <-", target=LINE), [("a1",), ("b2",), ("c3",)]),
    "a deletion on a branch that is behind": (
        change("a1 <-", before="a1 <- ; b2 <- a1", target=LINE),
        [("b2",)],
    ),
    "the whole environment": (change("", target="a1 <-"), [("a1",)]),
}
LEAVES_ALONE = {
    "a file that moved": change("a1 <- ; b2 <- a1 ; c3 <- b2 at migrations/versions/old/c3.py", target=LINE),
    "a file that was renamed": change("a1 <- ; b2 <- a1 ; c3 <- b2 at migrations/versions/0003.py", target=LINE),
    "a branch that is merely behind": change("a1 <-", before="a1 <-", target=LINE),
    "an unpublished revision": change("a1 <-", before="a1 <- ; b2 <- a1", target="a1 <-"),
    "one that the target has deleted as well": change("a1 <-", before="a1 <- ; b2 <- a1", target="a1 <-"),
    "one of two files of one id": change("a1 <-", target="a1 <- ; a1 <- at migrations/versions/copy.py"),
    "a line that moved to another environment": change(
        "a1 <- ; b2 <- a1", target=LINE, elsewhere="c3 <- b2 at other/c3.py"
    ),
    "another id in the same file: that is GM203": change(
        "a1 <- ; b2 <- a1 ; z9 <- b2 at migrations/versions/c3_x.py", target=LINE
    ),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM202", seen) == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM202", seen) == []


def test_a_file_that_cannot_be_read_any_more_is_gm001_s() -> None:
    broken = [Unreadable("migrations/versions/a1_x.py", "b", "syntax")]
    assert list(find_edits(state("a1 <-"), state("", broken), {})) == []


def test_shows_the_published_text_and_what_hangs_in_the_air() -> None:
    (found,) = findings("GM202", change("a1 <- ; c3 <- b2", target=LINE))
    assert found.place is not None
    assert (found.place.path, found.place.side) == ("migrations/versions/b2_x.py", "target")
    assert [(one.place.path, one.message) for one in found.related] == [
        ("migrations/versions/c3_x.py", "still revises it")
    ]
    assert "git restore --source=origin/main" in found.help[0].commands[0]
