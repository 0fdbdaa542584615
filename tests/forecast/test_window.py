"""The upper part of a history says the same as the whole of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from support.branches import branch, target

from gitmig.forecast import collisions
from gitmig.forecast.collisions import graph_of, put, situation_of
from gitmig.resolve.remedy import decide


def ids(files):
    return sorted(one.id for one in files.values())


LINE = {"a": "", "b": "a", "c": "b", "d": "c"}


def test_it_is_cut_one_below_what_is_touched():
    """a --- b --- c --- d"""
    assert ids(target(LINE).window.above(["d"])) == ["c", "d"]
    assert ids(target(LINE).window.above(["c"])) == ["b", "c", "d"]


def test_the_floor_is_a_base():
    window = target(LINE).window.above(["d"])
    assert graph_of(window).bases == ("c",)


def test_lines_that_part_are_not_cut_between():
    """
    a --- b --- d --- e
     \\         /
      --- c ---
    """
    base = target({"a": "", "b": "a", "c": "a", "d": "b c", "e": "d"})
    assert ids(base.window.above(["b"])) == ["a", "b", "c", "d", "e"]
    assert ids(base.window.above(["e"])) == ["d", "e"]


def test_beside_a_second_head_nothing_is_cut():
    """a --- b --- c --- d,  b --- x"""
    base = target({"a": "", "b": "a", "c": "b", "d": "c", "x": "b"})
    assert ids(base.window.above(["d"])) == ["b", "c", "d", "x"]


def test_what_is_not_known_may_lie_anywhere():
    assert ids(target(LINE).window.above(["d", "nowhere"])) == ["a", "b", "c", "d"]
    assert ids(target(LINE).window.above([])) == ["a", "b", "c", "d"]


def test_numbers_and_labels_need_the_whole():
    numbers = target({"0001": "", "0002": "0001", "0003": "0002"})
    assert ids(numbers.window.above(["0003"])) == ["0001", "0002", "0003"]


@st.composite
def histories(draw):
    """A target and a branch on it: each revision takes one or two parents among those before it."""
    count = draw(st.integers(2, 12))
    table, new = {}, {}
    for number in range(count + draw(st.integers(1, 4))):
        name = f"r{chr(97 + number)}"
        near = st.integers(max(0, number - 3), number - 1) if number else st.nothing()
        parents = draw(st.lists(near, min_size=1, max_size=2, unique=True)) if number else []
        (table if number < count else new)[name] = " ".join(f"r{chr(97 + one)}" for one in parents)
    return table, new


@settings(max_examples=150, deadline=None)
@given(histories())
def test_a_remedy_is_the_same_as_on_the_whole_history(drawn):
    table, new = drawn
    base = target(table)
    one = branch(base, new, "x")
    cut = decide(situation_of(base, one, {}))
    base.window._floors.clear()
    whole = decide(situation_of(base, one, {}))
    assert (cut.kind, cut.why, cut.heads, cut.verdict, cut.moves) == (
        whole.kind, whole.why, whole.heads, whole.verdict, whole.moves
    )  # fmt: skip
    assert cut.blocks == whole.blocks


@settings(max_examples=150, deadline=None)
@given(histories(), histories())
def test_the_heads_of_two_branches_are_those_of_the_whole_graph(drawn, other):
    table, new = drawn
    base = target(table)
    names = {name: f"x{name}" for name in other[1]}
    known = [*table, *names.values()]
    second = {
        names[name]: " ".join(dict.fromkeys(p for one in parents.split() if (p := names.get(one, one)) in known))
        for name, parents in other[1].items()
    }
    one, two = branch(base, new, "x"), branch(base, second, "y")
    first, last = (collisions.Side(name, base, each, {}) for name, each in (("x", one), ("y", two)))
    together = graph_of(put(put(base.files, one.changes), two.changes))
    heads = collisions.heads_together(first, last)
    assert sorted(head for group in heads.values() for head in group) == list(together.heads)
