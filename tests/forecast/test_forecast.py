"""Verdicts of branches against the target of now."""

from __future__ import annotations

import pytest
from support.branches import branch, foretell, revision, target

BASE = {"a": "", "b": "a", "c": "b"}
DROP = [("drop_column", "book", "isbn")]


@pytest.mark.parametrize(
    ("table", "verdict", "remedy"),
    [
        ({"x": "c"}, "clean", "none"),
        ({"x": "b"}, "collides", "reparent"),
        ({"x": "b", "m": "x c"}, "clean", "none"),
        ({"b": revision("b", "a", blob="edited")}, "clean", "none"),
        ({"b": revision("b", "a", path="versions/again.py")}, "collides", "reparent"),
    ],
    ids=["on the head", "beside the head", "beside it and joined", "an edit", "the id of a published revision"],
)
def test_a_verdict(table, verdict, remedy):
    base = target(BASE)
    (found,) = foretell(base, {"one": branch(base, table, "one")}).outlooks
    assert (found.verdict, found.kind) == (verdict, remedy)


def test_a_conflict_with_the_target_has_both_operations():
    base = target(BASE)
    (found,) = foretell(base, {"one": branch(base, {"x": "b"}, "one")}, x=DROP, c=DROP).outlooks
    assert (found.verdict, found.kind) == ("conflicts", "reparent")
    (clash,) = found.clashes
    assert {clash.one.origin.path, clash.other.origin.path} == {"versions/c.py", "versions/x.py"}


def test_a_git_conflict_in_a_revision_file_is_a_conflict():
    base = target(BASE)
    (found,) = foretell(base, {"one": branch(base, {}, "one", conflicts=("versions/b.py",))}).outlooks
    assert (found.verdict, found.kind) == ("conflicts", "refuse")


def test_two_heads_of_the_target_are_not_the_branch_s():
    base = target({**BASE, "d": "b"})
    found = foretell(base, {"one": branch(base, {"x": "c"}, "one")})
    assert found.heads["main"] == ("c", "d")
    assert found.outlooks[0].verdict == "clean"


def test_what_collides_and_what_breaks_are_told_apart():
    base = target(BASE)
    branches = {"one": {"x": "c"}, "two": {"y": "c"}, "three": {"x": revision("x", "c", path="versions/again.py")}}
    found = foretell(base, {name: branch(base, table, name) for name, table in branches.items()})
    one = found.outlooks[0]
    assert (one.collides_with, one.breaks_with) == (("two",), (("three", "same-id"),))


def test_undecided_is_never_clean():
    found = foretell(target(BASE), {}, undecided=["lost"])
    assert found.undecided
    assert found.outlooks[0].verdict == "undecided"
