"""GM201: what a database would notice of a published revision has changed."""

from __future__ import annotations

from support.drawing import change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "another upgrade": (change("a1 <- text new", target="a1 <-"), ["a1 no longer matches origin/main (upgrade)"]),
    "another downgrade": (change("a1 <- way new", target="a1 <-"), ["a1 no longer matches origin/main (downgrade)"]),
    "both halves": (change("a1 <- text new way new", target="a1 <-"), ["(upgrade, downgrade)"]),
    "moved and edited": (change("a1 <- text new at migrations/versions/new.py", target="a1 <-"), ["(upgrade)"]),
    "an edit on a branch that is behind": (
        change("a1 <- text new", before="a1 <-", target="a1 <- ; b2 <- a1"),
        ["a1 no longer matches"],
    ),
    "two files": (change("a1 <- text x ; b2 <- a1 text x", target="a1 <- ; b2 <- a1"), ["a1", "b2"]),
    "edited beside a copy with the published text: the file itself counts": (
        change("a1 <- text new ; a1 <- at migrations/versions/0_copy.py", target="a1 <-"),
        ["a1 no longer matches"],
    ),
    "moved to another environment and edited": (
        change("", target="a1 <-", elsewhere="a1 <- text new at other/a1.py"),
        ["a1 no longer matches"],
    ),
}
LEAVES_ALONE = {
    "a formatter, comments, a licence header": change("a1 <- look black", target="a1 <-"),
    "a file that moved": change("a1 <- at migrations/versions/2024/a1.py", target="a1 <-"),
    "a file that was renamed": change("a1 <- at migrations/versions/0001_first.py", target="a1 <-"),
    "a branch that is merely behind an edit": change("a1 <-", before="a1 <-", target="a1 <- text repaired"),
    "an unpublished revision": change("a1 <- ; b2 <- a1 text new", before="a1 <- ; b2 <- a1", target="a1 <-"),
    "another parent: that is GM204": change("a1 <- ; b2 <-", target="a1 <- ; b2 <- a1"),
    "moved to another environment as it is": change("", target="a1 <-", elsewhere="a1 <- at other/a1.py"),
    "no target: nothing is published": change("a1 <- text new", before="a1 <-"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[str]) -> None:
    found = [one.message for one in findings("GM201", seen)]
    assert len(found) == len(expected)
    assert all(said in message for said, message in zip(expected, found, strict=True))


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert findings("GM201", seen) == []


def test_says_where_what_was_published_there_and_how_to_get_it_back() -> None:
    seen = change("a1 <- text new", target="a1 <-")
    (edit,) = seen.edits or ()
    seen = seen.replace(edits=(edit.replace(place=(24, 28, 24, 42), published_text="sa.String(255)"),))
    (found,) = findings("GM201", seen)
    assert found.place is not None
    assert (found.place.anchor, found.place.label) == ("span:24:28:24:42", "published as sa.String(255)")
    assert found.note == "databases that already applied a1 will never run this edit"
    assert found.help[0].commands == (
        "git restore --source=origin/main --staged --worktree -- migrations/versions/a1_x.py",
    )
    assert (found.related[0].place.path, found.related[0].place.side) == ("migrations/versions/a1_x.py", "target")


def test_points_at_the_half_that_differs_where_the_line_is_not_known() -> None:
    (found,) = findings("GM201", change("a1 <- way new", target="a1 <-"))
    assert found.place is not None and found.place.anchor == "def:downgrade"


def test_a_text_that_cannot_be_compared_is_undecided_never_fine() -> None:
    (found,) = findings("GM201", change("a1 <- broken", target="a1 <-"))
    assert (found.severity, found.undecided) == ("warning", True)
    assert found.message.startswith("cannot compare published revision a1 with origin/main")
