"""GM204: a published revision got another parent."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change

LINE = "a1 <- ; b2 <- a1 ; c3 <- b2"
FINDS = {
    "onto an older one": (change("a1 <- ; b2 <- a1 ; c3 <- a1", target=LINE), [("c3",)]),
    "onto nothing": (change("a1 <- ; b2 <- a1 ; c3 <-", target=LINE), [("c3",)]),
    "onto another published line": (
        change("a1 <- ; b2 <- a1 ; c3 <- b2", target="a1 <- ; b2 <- a1 ; c3 <- a1"),
        [("c3",)],
    ),
    "one more parent": (change("a1 <- ; b2 <- a1 ; c3 <- b2, a1", target=LINE), [("c3",)]),
    "a parent less": (
        change("a1 <- ; b2 <- ; m1 <- a1", target="a1 <- ; b2 <- ; m1 <- a1, b2"),
        [("m1",)],
    ),
    "another dependency": (change("a1 <- ; b2 <- needs a1", target="a1 <- ; b2 <-"), [("b2",)]),
    "two that changed places": (
        change("a1 <- ; c3 <- a1 ; b2 <- c3", target=LINE),
        [("b2",), ("c3",)],
    ),
    "on a branch that is behind": (
        change("a1 <- ; b2 <-", before="a1 <- ; b2 <- a1", target=LINE),
        [("b2",)],
    ),
    "above a sunken one: what else was moved is a finding of its own": (
        change("a1 <- ; n1 <- a1 ; b2 <- n1 ; d4 <- b2 ; c3 <- d4", target=f"{LINE} ; d4 <- c3"),
        [("c3",), ("d4",)],
    ),
}
LEAVES_ALONE = {
    "parents in another order": change("a1 <- ; b2 <- ; m1 <- b2, a1", target="a1 <- ; b2 <- ; m1 <- a1, b2"),
    "an unpublished revision": change(
        "a1 <- ; b2 <- a1 ; n1 <- a1", before="a1 <- ; b2 <- a1 ; n1 <- b2", target="a1 <- ; b2 <- a1"
    ),
    "onto a new revision: that is GM205": change("a1 <- ; n1 <- a1 ; b2 <- n1", target="a1 <- ; b2 <- a1"),
    "a branch that is merely behind": change("a1 <- ; b2 <-", before="a1 <- ; b2 <-", target="a1 <- ; b2 <- a1"),
    "another text": change("a1 <- text new", target="a1 <-"),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM204", seen) == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM204", seen) == []


def test_says_which_revisions_databases_silently_skip() -> None:
    """
    published   here
    b2  c3       c3
     \\ /         |
      a1         b2
                 |
                 a1
    """
    (found,) = findings("GM204", change(LINE, target="a1 <- ; b2 <- a1 ; c3 <- a1"))
    assert found.message == "re-parented published revision: c3 revises b2; on origin/main it revises a1"
    assert found.note == "databases at or above c3 silently skip b2"
    assert found.place is not None
    assert (found.place.anchor, found.place.label) == ("assign:down_revision", "published as a1")


def test_says_what_new_databases_would_miss() -> None:
    (found,) = findings("GM204", change("a1 <- ; b2 <- a1 ; c3 <- a1", target=LINE))
    assert found.note == "databases at c3 have b2; new ones reach c3 without it"


def test_points_at_a_changed_dependency() -> None:
    (found,) = findings("GM204", change("a1 <- ; b2 <- needs a1", target="a1 <- ; b2 <-"))
    assert found.place is not None and found.place.anchor == "assign:depends_on"
    assert found.message == "re-parented published revision: b2 depends on a1; on origin/main it depends on nothing"


def test_none_may_take_the_place_of_an_empty_text() -> None:
    """Alembic stops at "" with a KeyError, and GM102 asks for None; the other way round is an edit like any other."""
    seen = change("a1 <- text new", target="a1 <-")
    (edit,) = seen.edits or ()
    empty = edit.published.replace(down_revisions=("",))
    mended, broken = edit.replace(published=empty), edit.replace(now=empty)
    (told,) = findings("GM204", seen.replace(edits=(mended,)))
    assert told.severity == "note"
    assert told.message == 're-parented published revision: a1 revises no parent; on origin/main it revises ""'
    assert [one.severity for one in findings("GM204", seen.replace(edits=(broken,)))] == ["error"]
