"""What Git branches do to the target and to each other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.branches import branch, revision, sides, target

from gitmig.forecast.collisions import MISSING, SAME_FILE, SAME_ID, TWO_HEADS, Side, compare_sides, crowded, find_pairs
from gitmig.schema.commute import compare

BASE = {"a": "", "b": "a", "c": "b"}


def pair_of(first, second, base=None, **does):
    base = base or target(BASE)
    one, other = sides(base, {"one": branch(base, first, "one"), "other": branch(base, second, "other")}, **does)
    return compare_sides(one, other)


def test_a_branch_is_what_it_changes():
    """a --- b --- c --- x --- y,  and b written anew"""
    one = branch(target(BASE), {"y": "x", "x": "c", "b": revision("b", "a", blob="new text")}, "one")
    assert (one.added, one.edited, one.removed) == (("x", "y"), ("b",), ())
    assert one.heads == {"": ("y",)}


def test_what_the_target_has_already_is_no_change():
    base = target(BASE)
    assert branch(base, {"c": revision("c", "b", blob="main c")}, "one").is_empty


def test_a_removed_revision_is_named():
    assert branch(target(BASE), {}, "one", removes=["c"]).removed == ("c",)


def test_a_moved_file_is_not_removed():
    moved = {"c": revision("c", "b", path="versions/2025/c.py")}
    assert branch(target(BASE), moved, "one", removes=["c"]).removed == ()


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"x": "c"}, False),
        ({"x": "b"}, True),
        ({"x": "c", "y": "c"}, True),
        ({"x": "b", "m": "x c"}, False),
        ({"x": ""}, True),
    ],
    ids=["on the head", "beside it", "two on the head", "beside it and joined", "a base of its own"],
)
def test_a_branch_crowds_the_target(table, expected):
    base = target(BASE)
    assert crowded(base, branch(base, table, "one")) is expected


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        ({"x": "c"}, {"y": "c"}, (TWO_HEADS,)),
        ({"x": "c"}, {"y": "b"}, (TWO_HEADS,)),
        ({"x": "b"}, {"y": "a"}, (TWO_HEADS,)),
        ({"x": revision("x", "c", blob="x")}, {"x": revision("x", "c", blob="x"), "y": "x"}, ()),
        ({"x": revision("x", "c", blob="same")}, {"x": revision("x", "c", blob="same")}, ()),
        ({"x": "c"}, {}, ()),
        ({"x": "c"}, {"x": revision("x", "c", path="versions/elsewhere.py")}, (SAME_ID,)),
        ({"x": "c"}, {"x": "c"}, (SAME_FILE,)),
        ({"b": revision("b", "a", blob="mine")}, {"b": revision("b", "a", blob="yours")}, (SAME_FILE,)),
    ],
    ids=[
        "both on the head",
        "one of them behind",
        "both behind",
        "one on the other",
        "the same revision in both",
        "only one adds",
        "one id in two files",
        "one file with two texts",
        "both edit what is published",
    ],
)
def test_two_branches_collide(first, second, kinds):
    assert pair_of(first, second).kinds == kinds
    assert pair_of(second, first).kinds == kinds


def test_one_removes_what_the_other_revises():
    base = target(BASE)
    gone, kept = branch(base, {}, "one", removes=["c"]), branch(base, {"y": "c"}, "other")
    one, other = sides(base, {"one": gone, "other": kept})
    assert compare_sides(one, other).kinds == (TWO_HEADS, MISSING)


def test_each_label_may_have_a_head():
    """a --- b (label p),  a --- c (label q)"""
    base = target(
        {"a": "", "b": revision("b", "a", branch_labels=("p",)), "c": revision("c", "a", branch_labels=("q",))}
    )
    assert pair_of({"x": "b"}, {"y": "c"}, base).kinds == ()
    assert pair_of({"x": "b"}, {"y": "b"}, base).kinds == (TWO_HEADS,)


@pytest.mark.parametrize(
    ("mine", "yours", "verdict", "tables"),
    [
        (("drop_column", "book", "isbn"), ("drop_column", "book", "isbn"), "conflict", ("book",)),
        (("drop_column", "book", "isbn"), ("drop_column", "book", "pages"), "commute", ("book",)),
        (("drop_column", "book", "isbn"), ("drop_column", "author", "born"), "commute", ()),
        (("data", "book", ""), ("data", "book", ""), "unknown", ("book",)),
    ],
    ids=["the same column", "the same table", "nothing in common", "rows of the same table"],
)
def test_two_branches_touch_the_same(mine, yours, verdict, tables):
    found = pair_of({"x": "c"}, {"y": "c"}, x=[mine], y=[yours])
    assert (found.verdict, found.tables) == (verdict, tables)
    assert [len(one) for one in found.operations] == ([1, 1] if tables else [0, 0])


def test_what_both_share_is_not_compared_with_itself():
    """`other` stands on `one`: its copy of x does not conflict with x."""
    found = pair_of(
        {"x": "c"},
        {"x": revision("x", "c", blob="one x"), "y": "x"},
        x=[("drop_column", "book", "isbn")],
    )
    assert (found.verdict, found.tables) == ("commute", ())


def test_a_revision_that_cannot_be_read_makes_a_pair_unknown():
    base = target(BASE)
    one, other = (Side(name, base, branch(base, {name: "c"}, name), {}) for name in ("x", "y"))
    assert compare_sides(one, other).verdict == "unknown"


def test_pairs_that_have_nothing_to_do_with_each_other_are_left_out():
    base = target(BASE)
    table = {"one": branch(base, {"x": "c"}, "one"), "other": branch(base, {}, "other", removes=["a"])}
    assert list(find_pairs(sides(base, table))) == []


OPERATIONS = [
    (op, table, name)
    for op in (
        "drop_column",
        "drop_table",
        "data",
        "drop_index",
        "set_comment",
        "unknown",
        "drop_constraint",
        "drop_enum",
    )
    for table in ("book", "author", "")
    for name in ("isbn", "")
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(OPERATIONS), max_size=3), st.lists(st.sampled_from(OPERATIONS), max_size=3))
def test_what_is_far_apart_commutes(mine, yours):
    base = target(BASE)
    branches = {"one": branch(base, {"x": "c"}, "one"), "other": branch(base, {"y": "c"}, "other")}
    one, other = sides(base, branches, x=mine, y=yours)
    if one.is_far_from(other):
        assert compare(one.without(()), other.without(())).clashes == ()
