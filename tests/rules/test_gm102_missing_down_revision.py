"""GM102: a parent, a dependency or a label that no file defines."""

from __future__ import annotations

from support.drawing import about, change, findings, rows

from gitmig.change.change import Change
from gitmig.change.state import Unreadable

FINDS = {
    "a parent that is nowhere": (change("a1 <- ; b2 <- gone"), [("b2",)]),
    "one of two parents": (change("a1 <- ; b2 <- a1, gone"), [("b2",)]),
    "a dependency that is nowhere": (change("a1 <- ; b2 <- a1 needs gone"), [("b2",)]),
    "a label that is nowhere": (change("a1 <- label users ; b2 <- a1 needs billing"), [("b2",)]),
    'the empty text as a base: Alembic looks for a revision called ""': (change('a1 <- ""'), [("a1",)]),
    "two that are nowhere are two findings": (change("a1 <- gone ; b2 <- lost"), [("a1",), ("b2",)]),
    "a parent that the target has deleted meanwhile": (
        change("a1 <- ; b2 <- a1 ; c3 <- b2", before="a1 <- ; b2 <- a1", target="a1 <-"),
        [("c3",)],
    ),
}
LEAVES_ALONE = {
    "a base": change("a1 <-"),
    "a dependency by label": change("a1 <- label users ; b2 <- label billing needs users"),
    "a merge revision": change("a1 <- ; b2 <- a1 ; c3 <- a1 ; d4 <- b2, c3"),
    "what only the target has wrong: it is not this change's": change(
        "a1 <- ; b2 <- a1", before="a1 <-", target="a1 <- ; x9 <- gone"
    ),
    "a parent that the target has and local is behind": change(
        "a1 <-", before="a1 <-", target="a1 <- ; b2 <- a1 ; c3 <- b2"
    ),
}


@rows(FINDS, "seen", "expected")
def test_finds(seen: Change, expected: list[tuple[str, ...]]) -> None:
    assert about("GM102", seen) == expected


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert about("GM102", seen) == []


def test_suggests_the_id_that_looks_alike() -> None:
    (found,) = findings("GM102", change("1975ea83b712 <- ; 27c6a30d7c24 <- 1975ea83b71"))
    assert found.place is not None
    assert found.place.label == "did you mean 1975ea83b712?"
    assert "write 1975ea83b712" in found.help[0].text


def test_points_at_the_assignment_that_names_it() -> None:
    (parent,) = findings("GM102", change("a1 <- gone"))
    (dependency,) = findings("GM102", change("a1 <- needs gone"))
    assert parent.place is not None and dependency.place is not None
    assert (parent.place.anchor, dependency.place.anchor) == ("assign:down_revision", "assign:depends_on")


def test_an_unreadable_file_may_define_it_so_nothing_is_decided() -> None:
    seen = change("b2 <- gone", unreadable=[Unreadable("migrations/versions/x.py", "b", "syntax")])
    (found,) = findings("GM102", seen)
    assert (found.severity, found.undecided) == ("warning", True)


def test_a_file_whose_label_alone_is_unread_defines_no_other_id() -> None:
    seen = change("b2 <- gone", unreadable=[Unreadable("x.py", "b", "computed", "call", name="branch_labels")])
    (found,) = findings("GM102", seen)
    assert (found.severity, found.undecided) == ("error", False)


def test_what_the_target_no_longer_has_is_said() -> None:
    seen = change("a1 <- ; b2 <- a1 ; c3 <- b2", before="a1 <- ; b2 <- a1", target="a1 <-")
    assert findings("GM102", seen)[0].message.endswith("; origin/main does not have it any more")


def test_an_id_in_a_command_is_quoted() -> None:
    (found,) = findings("GM102", change("b2 <- $(reboot)"))
    assert found.help[0].commands == ("git log --all '-S$(reboot)'",)


def test_what_another_environment_defines_may_be_loaded_with_it() -> None:
    """Plugins depend on the label of the main environment; a program puts version_locations together."""
    lacking = change("a1 <- needs quetz")
    (found,) = findings("GM102", lacking.replace(elsewhere=(("quetz", "migrations"),)))
    assert found.message == "missing depends_on: a1 depends on quetz, which only environment migrations defines"
    assert (found.severity, found.undecided) == ("warning", True)
    assert [one.severity for one in findings("GM102", lacking)] == ["error"]
