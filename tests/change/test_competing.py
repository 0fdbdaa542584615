"""Lines of revisions that part and end in different heads."""

from __future__ import annotations

import random

import pytest
from support.graph_oracle import random_nodes

from gitmig.change.competing import Line, find_competitions, in_order, lines_of, outer_parents, plain_lines
from gitmig.revisions.graph import RevisionGraph


def graph(*edges: str) -> RevisionGraph:
    """ "b < a" is revision b on parent a."""
    nodes = []
    for edge in edges:
        name, _, parents = edge.partition(" < ")
        nodes.append((name, tuple(parents.split()), (), (), f"{name}.py"))
    return RevisionGraph(nodes)


def test_two_lines_leave_one_parent() -> None:
    """
    a --- b --- c      head c
      \\-- x            head x
    """
    (found,) = find_competitions(graph("a", "b < a", "c < b", "x < a"))
    assert found.heads == ("c", "x")
    assert found.fork == ("a",)
    assert [line.revisions for line in found.lines] == [("b", "c"), ("x",)]


def test_one_head_competes_with_nobody() -> None:
    assert list(find_competitions(graph("a", "b < a"))) == []


def test_a_join_in_a_line_is_walked_as_a_whole() -> None:
    """
    a --- b --- m --- n     m joins b and c
      \\-- c --/
      \\-- x
    """
    lines = lines_of(graph("a", "b < a", "c < a", "m < b c", "n < m", "x < a"), ("n", "x"))
    assert [line.revisions for line in lines] == [("b", "c", "m", "n"), ("x",)]


@pytest.mark.parametrize("seed", range(300))
def test_the_short_way_down_finds_what_the_long_one_finds(seed: int) -> None:
    found = RevisionGraph(random_nodes(random.Random(seed), 9))
    for first, second in zip(found.heads, found.heads[1:], strict=False):
        plain = plain_lines(found, first, second)
        own = {
            first: found.ancestors(first) - found.ancestors(second),
            second: found.ancestors(second) - found.ancestors(first),
        }
        if plain is not None:
            assert plain == tuple(
                Line(head, in_order(found, own[head]), outer_parents(found, own[head])) for head in sorted(own)
            )
