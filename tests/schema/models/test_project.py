"""A syntax tree is used for two projects at most, and for the same file only."""

from __future__ import annotations

import ast

from gitmig.schema.models import project
from gitmig.schema.models.project import Trees


def same(one: ast.Module | None, other: ast.Module | None) -> bool:
    assert one is not None
    assert other is not None
    assert ast.dump(one) == ast.dump(other)
    return one is other


def test_a_tree_is_kept_for_one_more_project() -> None:
    trees = Trees()
    first, second, third = (trees.tree("a.py", "x = 1") for _ in range(3))
    assert (same(first, second), same(second, third)) == (True, False)


def test_files_of_the_same_text_have_trees_of_their_own() -> None:
    trees = Trees()
    assert not same(trees.tree("a.py", "x = 1"), trees.tree("b.py", "x = 1"))


def test_a_file_with_another_text_is_parsed() -> None:
    trees = Trees()
    trees.tree("a.py", "x = 1")
    changed = trees.tree("a.py", "x = 2")
    assert same(changed, trees.tree("a.py", "x = 2"))


def test_no_more_is_kept_than_there_is_room_for() -> None:
    trees, text = Trees(), "x = 1 # " + "a" * (project.KEPT_TEXT // 2)
    once = {path: trees.tree(path, text) for path in ("a.py", "b.py")}
    again = {path: trees.tree(path, text) for path in ("b.py", "a.py")}
    assert [same(once[path], again[path]) for path in once] == [True, False]
