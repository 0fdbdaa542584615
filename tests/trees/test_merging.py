"""The merged tree is the target with local's changes on it: every way in which a path can be on three sides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.trees.entries import EXECUTABLE, LINK, REGULAR, SUBMODULE, Entry
from gitmig.trees.merging import Conflict, merge

A, B, C = (Entry(REGULAR, sign * 40) for sign in "abc")
A_RUN = Entry(EXECUTABLE, A.oid)
B_RUN = Entry(EXECUTABLE, B.oid)
LINKED = Entry(LINK, C.oid)

CLEAN = {
    "nothing happened": (A, A, A, A),
    "local edited": (A, B, A, B),
    "target edited, local is behind": (A, A, B, B),
    "both made the same edit": (A, B, B, B),
    "local added": (None, A, None, A),
    "target added, local is behind": (None, None, A, A),
    "both added the same": (None, A, A, A),
    "local deleted": (A, None, A, None),
    "target deleted, local is behind": (A, A, None, None),
    "both deleted": (A, None, None, None),
    "local edited, target changed the mode": (A, B, A_RUN, B_RUN),
    "local changed the mode, target edited": (A, A_RUN, B, B_RUN),
    "local made it a link": (A, LINKED, A, LINKED),
}
CONFLICTS = {
    "both edited": (A, B, C),
    "both added, differently": (None, A, B),
    "local edited, target deleted": (A, B, None),
    "local deleted, target edited": (A, None, B),
    "local made it a link, target edited": (A, LINKED, B),
    "both moved the submodule": (Entry(SUBMODULE, A.oid), Entry(SUBMODULE, B.oid), Entry(SUBMODULE, C.oid)),
}


def tree(entry: Entry | None) -> dict[str, Entry]:
    return {} if entry is None else {"m/a.py": entry}


@pytest.mark.parametrize(("before", "local", "target", "expected"), CLEAN.values(), ids=CLEAN)
def test_merges(before, local, target, expected):
    merged = merge(tree(before), tree(local), tree(target))
    assert (merged.tree, merged.conflicts) == (tree(expected), ())


@pytest.mark.parametrize(("before", "local", "target"), CONFLICTS.values(), ids=CONFLICTS)
def test_conflicts_keep_what_the_target_has(before, local, target):
    merged = merge(tree(before), tree(local), tree(target))
    assert merged.conflicts == (Conflict("m/a.py", before, local, target),)
    assert merged.tree == tree(target)


def test_a_file_and_a_folder_of_one_name_are_a_conflict():
    merged = merge({}, {"a/b": A}, {"a": B})
    assert merged.tree == {"a": B}
    assert merged.conflicts == (Conflict("a/b", None, A, None),)
    merged = merge({}, {"a": A}, {"a/b/c": B})
    assert merged.tree == {"a/b/c": B}
    assert merged.conflicts == (Conflict("a", None, A, None),)


def test_a_file_that_local_made_a_folder_is_none():
    merged = merge({"a": A}, {"a/b": A}, {"a": A, "c": B})
    assert (merged.tree, merged.conflicts) == ({"c": B, "a/b": A}, ())


def test_a_name_that_only_begins_the_same_is_none():
    merged = merge({}, {"a": A}, {"ab/c": B, "a.py": B})
    assert merged.conflicts == ()


entries = st.sampled_from([A, B, C, A_RUN])
trees = st.dictionaries(st.sampled_from(["a", "b", "b/c", "d/e/f"]), entries)


@given(before=trees, target=trees)
def test_who_changed_nothing_adds_nothing(before, target):
    assert merge(before, before, target).tree == target
    assert merge(before, before, target).conflicts == ()


@given(before=trees, local=trees)
def test_a_target_that_stood_still_becomes_local(before, local):
    if any(path == "b" for path in local) and any(path == "b/c" for path in local):
        return  # no tree of git's holds both
    if "b" in before and "b/c" in before:
        return
    assert merge(before, local, before).tree == local


@given(before=trees, local=trees, target=trees)
def test_what_conflicts_does_not_depend_on_the_side(before, local, target):
    one, other = merge(before, local, target), merge(before, target, local)
    if {"b", "b/c"} & (set(before) | set(local) | set(target)):
        return
    assert [c.path for c in one.conflicts] == [c.path for c in other.conflicts]
    contested = {c.path for c in one.conflicts}
    assert {p: e for p, e in one.tree.items() if p not in contested} == {
        p: e for p, e in other.tree.items() if p not in contested
    }
