"""Branches merged one after the other: what each owner meets, and which order spares work."""

from __future__ import annotations

import pytest
from support.branches import branch, foretell, revision, target

BASE = {"a": "", "b": "a", "c": "b"}
DROP = [("drop_column", "book", "isbn")]


def test_one_of_those_on_the_head_merges_and_the_others_are_re_parented():
    """a --- b --- c,  x, y and z on c"""
    base = target(BASE)
    found = foretell(base, {name: branch(base, {name: "c"}, name) for name in "xyz"})
    assert [(step.ref, step.kind, step.heads["main"]) for step in found.steps] == [
        ("x", "none", ("x",)), ("y", "reparent", ("y",)), ("z", "reparent", ("z",))
    ]  # fmt: skip


def test_each_remedy_is_about_the_target_of_that_moment():
    base = target(BASE)
    found = foretell(base, {name: branch(base, {name: "c"}, name) for name in "xyz"})
    (remedy,) = found.steps[2].remedies
    assert [(move.old_parents, move.parents) for move in remedy.moves] == [(("c",), ("y",))]


def test_what_others_stand_on_comes_first():
    """y stands on x; with a in front both would have to be re-parented."""
    base = target(BASE)
    x = revision("x", "c", blob="x")
    branches = {"a": {"z": "c"}, "b": {"x": x}, "c": {"x": x, "y": "x"}}
    found = foretell(base, {name: branch(base, table, name) for name, table in branches.items()})
    assert [(step.ref, step.kind) for step in found.steps] == [("b", "none"), ("c", "none"), ("a", "reparent")]


def test_a_branch_on_one_that_was_re_parented_is_rebased():
    base = target(BASE)
    x = revision("x", "b", blob="x")
    branches = {"one": {"x": x}, "two": {"x": x, "y": "x"}}
    found = foretell(base, {name: branch(base, table, name) for name, table in branches.items()})
    one, two = found.steps
    assert (one.ref, one.kind, one.rebase) == ("one", "reparent", False)
    assert (two.ref, two.kind, two.rebase, two.after) == ("two", "none", True, ("one",))
    assert two.heads["main"] == ("y",)


def test_what_conflicts_comes_last():
    base = target(BASE)
    branches = {name: branch(base, {name: "b"}, name) for name in "xyz"}
    found = foretell(base, branches, x=DROP, y=DROP)
    assert [step.ref for step in found.steps] == ["z", "x", "y"]
    assert found.steps[1].remedies[0].verdict == "commute"
    assert found.steps[2].remedies[0].verdict == "conflict"


def test_a_join_is_followed_by_what_stands_on_it():
    """x is released, so it is joined with c, not moved."""
    base = target(BASE, elsewhere=["x"])
    found = foretell(base, {"x": branch(base, {"x": "b"}, "x"), "y": branch(base, {"y": "c"}, "y")}, queue=["x", "y"])
    assert [step.kind for step in found.steps] == ["merge", "reparent"]
    assert len(found.steps[0].heads["main"]) == 1
    assert found.steps[1].heads["main"] == ("y",)


def test_a_branch_without_a_safe_remedy_stays_outside():
    base = target(BASE)
    torn = branch(base, {"x": "b"}, "x", conflicts=("versions/b.py",))
    found = foretell(base, {"x": torn, "y": branch(base, {"y": "c"}, "y")}, queue=["x", "y"])
    assert [(step.ref, step.kind, step.is_merged) for step in found.steps] == [
        ("x", "refuse", False), ("y", "none", True)
    ]  # fmt: skip


def test_two_branches_that_edit_one_file_meet_at_the_second():
    base = target(BASE)
    edits = {name: branch(base, {"b": revision("b", "a", blob=name)}, name) for name in ("one", "two")}
    found = foretell(base, edits, queue=["one", "two"])
    assert [(step.ref, step.kind) for step in found.steps] == [("one", "none"), ("two", "refuse")]
    assert "versions/b.py" in found.steps[1].remedies[0].why


def test_numbers_go_on_and_those_that_follow_know():
    base = target({"0001": "", "0002": "0001"})
    first = revision("0003", "0002", path="versions/0003_mine.py", blob="mine")
    other = revision("0003", "0002", path="versions/0003_yours.py", blob="yours")
    branches = {"mine": {"0003": first}, "yours": {"0003": other, "0004": "0003"}}
    found = foretell(
        base, {name: branch(base, table, name) for name, table in branches.items()}, queue=["mine", "yours"]
    )
    assert [step.heads["main"] for step in found.steps] == [("0003",), ("0005",)]


@pytest.mark.parametrize("queue", [("x", "y"), ("y", "x")])
def test_a_queue_is_kept_as_it_is(queue):
    base = target(BASE)
    branches = {"x": branch(base, {"x": "c"}, "x"), "y": branch(base, {"y": "b"}, "y")}
    assert tuple(step.ref for step in foretell(base, branches, queue=queue).steps) == queue


def test_nothing_is_said_of_a_branch_that_cannot_be_decided():
    base = target(BASE)
    found = foretell(base, {"x": branch(base, {"x": "c"}, "x")}, queue=["lost", "x"], undecided=["lost"])
    assert [(step.ref, step.is_merged) for step in found.steps] == [("lost", False), ("x", True)]
    assert foretell(base, {}, undecided=["lost"]).steps == ()
