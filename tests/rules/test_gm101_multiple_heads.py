"""GM101: more heads than the shared branch has."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

FINDS = {
    "two lines from one parent": (change("a1 <- ; b2 <- a1 ; c3 <- a1"), [("b2", "c3")]),
    "two lines from nothing": (change("a1 <- ; b2 <-"), [("a1", "b2")]),
    "three lines are one finding": (change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- a1"), [("b2", "c3", "d4")]),
    "two heads beneath one label: a label may have one": (
        change("a1 <- label billing ; b2 <- a1 ; c3 <- a1"),
        [("b2", "c3")],
    ),
    "two unlabelled heads beside a labelled line: the unlabelled count as one": (
        change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- label billing"),
        [("b2", "c3")],
    ),
    "a label on one of two lines: the other and the trunk are one head each, but this one is not": (
        change("a1 <- ; b2 <- a1 label x ; c3 <- a1 ; d4 <- a1"),
        [("c3", "d4")],
    ),
    "a dependency joins no heads for `alembic upgrade head`": (
        change("a1 <- ; b2 <- a1 ; c3 <- a1 needs b2"),
        [("b2", "c3")],
    ),
    "heads whose parents are not there": (change("b2 <- gone ; c3 <- lost"), [("b2", "c3")]),
}
LEAVES_ALONE = {
    "no revision at all": change(""),
    "one line": change("a1 <- ; b2 <- a1"),
    "a merge revision joins them": change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- b2, c3"),
    "each effective label may have one head": change("a1 <- label users ; b2 <- label billing ; c3 <- b2"),
    "labelled lines from one parent": change("a1 <- ; b2 <- a1 label x ; c3 <- a1 label y"),
    "a circle has no head": change("a1 <- b2 ; b2 <- a1"),
    "two files of one id are one head: GM104 says so": change(
        "a1 <- ; b2 <- a1 ; b2 <- a1 at migrations/versions/z.py"
    ),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM101", seen) == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM101", seen) == []


def test_points_at_the_unpublished_line_and_says_where_the_other_is() -> None:
    """
    c3  b2
     \\ /        b2 is on origin/main
      a1
    """
    (found,) = findings("GM101", change("a1 <- ; b2 <- a1 ; c3 <- a1", target="a1 <- ; b2 <- a1"))
    assert found.message == "multiple heads: b2 and c3 both revise a1"
    assert found.place is not None
    assert (found.place.path, found.place.anchor) == ("migrations/versions/c3_x.py", "assign:down_revision")
    assert found.place.label == "local; origin/main already has b2 here"
    assert [one.place.path for one in found.related] == ["migrations/versions/b2_x.py"]
    assert found.help[0].text.startswith("put the local line of c3 after b2")
    assert found.help[0].commands == ("gitmig resolve --reparent",)


def test_a_longer_local_line_is_moved_at_its_lowest_revision() -> None:
    (found,) = findings("GM101", change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- c3", target="a1 <- ; b2 <- a1"))
    assert found.help[0].text.startswith("put the local line of c3 after b2")
    assert found.help[0].commands == ("gitmig resolve --reparent",)
    assert found.message == "multiple heads: b2 and d4; their lines part at a1"


def test_two_published_lines_are_joined_never_re_parented() -> None:
    drawn = "a1 <- ; b2 <- a1 ; c3 <- a1"
    (found,) = findings("GM101", change(drawn, target=drawn))
    assert [one.commands for one in found.help] == [("gitmig resolve --merge",)]


def test_heads_without_a_new_revision_are_undone_not_joined() -> None:
    """b2 was published as the parent of c3, which now revises a1."""
    (found,) = findings("GM101", change("a1 <- ; b2 <- a1 ; c3 <- a1", target="a1 <- ; b2 <- a1 ; c3 <- b2"))
    assert found.help[0].text.startswith("no new revision made them: undo")


def test_it_is_the_same_finding_while_only_the_heads_move_on() -> None:
    (old,) = findings("GM101", change("a1 <- ; b2 <- a1 ; c3 <- a1"))
    (new,) = findings("GM101", change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- c3"))
    (more,) = findings("GM101", change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- a1"))
    assert old.identity == new.identity != more.identity
