from __future__ import annotations

from gitmig.trees.entries import EXECUTABLE, REGULAR, Changed, Entry, find_changes

ONE, TWO = Entry(REGULAR, "1" * 40), Entry(REGULAR, "2" * 40)


def test_an_entry_is_a_value():
    assert Entry(REGULAR, "1" * 40) == ONE
    assert (ONE.mode, ONE.oid) == (REGULAR, "1" * 40)
    assert repr(Changed("a", None, ONE)) == f"Changed('a', None, Entry('100644', '{'1' * 40}'))"


def test_changes_are_additions_edits_deletions_and_modes_sorted_by_path():
    old = {"same": ONE, "edited": ONE, "deleted": ONE, "mode": ONE}
    new = {"same": ONE, "edited": TWO, "added": ONE, "mode": Entry(EXECUTABLE, ONE.oid)}
    assert find_changes(old, new) == [
        Changed("added", None, ONE),
        Changed("deleted", ONE, None),
        Changed("edited", ONE, TWO),
        Changed("mode", ONE, Entry(EXECUTABLE, ONE.oid)),
    ]


def test_a_tree_does_not_differ_from_itself_or_its_copy():
    tree = {"a": ONE}
    assert find_changes(tree, tree) == find_changes(tree, dict(tree)) == []
