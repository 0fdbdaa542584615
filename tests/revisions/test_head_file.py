"""The head file names the head, so that Git stops where two branches add revisions."""

from __future__ import annotations

import pytest

from gitmig.environments.environment import Environment
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.head_file import head_file_path, heads_in, render_head_file


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ([("a", (), (), (), "a.py")], b"a\n"),
        ([("a", (), (), (), "a.py"), ("s", (), (), ("shop",), "s.py")], b"a\ns shop\n"),
        ([], b""),
    ],
    ids=["one head", "a head with a label beside it", "no revision yet"],
)
def test_one_line_for_each_head(nodes, text):
    assert render_head_file(RevisionGraph(nodes)) == text
    assert heads_in(text.decode()) == RevisionGraph(nodes).heads


def test_a_conflict_names_the_heads_of_both_sides():
    assert heads_in("<<<<<<< HEAD\nc\n||||||| base\nb\n=======\nx\n>>>>>>> feature\n") == ("b", "c", "x")


def test_it_lies_in_the_first_versions_folder():
    assert head_file_path(Environment("main", "m", ("m/versions", "n"))) == "m/versions/head.txt"
    assert head_file_path(Environment("main", "", ("",))) == "head.txt"
