# ruff: noqa: E501  (a graph is one line)
"""The graph; each test draws the one it is about, newest on top."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.graph_oracle import alembic_map, differences, is_cyclic, node, random_nodes, small_graphs

from gitmig.revisions.graph import GraphProblem, RevisionGraph


def diamond() -> RevisionGraph:
    """
        d
       / \\
      b   c
       \\ /
        a
    """
    return RevisionGraph([node("a"), node("b", "a"), node("c", "a"), node("d", "b", "c")])


def test_a_diamond() -> None:
    """
        d
       / \\
      b   c
       \\ /
        a
    """
    graph = diamond()
    assert (graph.heads, graph.bases, graph.branchpoints, graph.mergepoints) == (("d",), ("a",), ("a",), ("d",))
    assert graph.ancestors("b") == {"a", "b"}
    assert graph.descendants("b") == {"b", "d"}
    assert graph.children("a") == ("b", "c")
    assert graph.common_ancestors("b", "c") == ("a",)
    assert graph.common_ancestors("b", "d") == ("b",)
    assert graph.upgrade_order() == ("a", "c", "b", "d")
    assert graph.is_sound


def test_two_heads() -> None:
    """
    b   c
     \\ /
      a
    """
    graph = RevisionGraph([node("a"), node("b", "a"), node("c", "a")])
    assert graph.heads == ("b", "c")
    assert graph.heads_by_label() == {(): ("b", "c")}


def test_crossing_lines_have_two_nearest_common_ancestors() -> None:
    """
    d   e
    |\\ /|
    |/ \\|
    b   c
     \\ /
      a
    """
    graph = RevisionGraph([node("a"), node("b", "a"), node("c", "a"), node("d", "b", "c"), node("e", "b", "c")])
    assert graph.common_ancestors("d", "e") == ("b", "c")


def test_unrelated_lines_have_no_common_ancestor() -> None:
    """
    b   d
    |   |
    a   c
    """
    graph = RevisionGraph([node("a"), node("b", "a"), node("c"), node("d", "c")])
    assert graph.common_ancestors("b", "d") == ()
    assert graph.bases == ("a", "c")


def test_a_head_that_another_line_depends_on_is_no_effective_head() -> None:
    """
    b   d
    |   |      d depends on b
    a   c
    """
    graph = RevisionGraph([node("a"), node("b", "a"), node("c"), node("d", "c", depends=("b",))])
    assert graph.heads == ("b", "d")
    assert graph.effective_heads == ("d",)
    assert graph.ancestors("d") == {"a", "b", "c", "d"}
    assert graph.ancestors("d", dependencies=False) == {"c", "d"}
    assert graph.dependents("b") == ("d",)
    assert graph.upgrade_order().index("b") < graph.upgrade_order().index("d")


def test_a_dependency_may_name_a_label() -> None:
    """
    b(shop)   c
    |         |    c depends on shop
    a         d
    """
    graph = RevisionGraph([node("a"), node("b", "a", labels=("shop",)), node("d"), node("c", "d", depends=("shop",))])
    assert graph.depends_on("c") == ("b",)
    assert graph.effective_heads == ("c",)
    assert graph.is_sound


def test_labels_go_up_and_down_a_plain_line() -> None:
    """
    c   e
    |   |
    b   d(stock)
    |
    a(shop)
    """
    graph = RevisionGraph([node("a", labels=("shop",)), node("b", "a"), node("c", "b"), node("d", labels=("stock",)), node("e", "d")])  # fmt: skip
    assert graph.labels("c") == {"shop"}
    assert graph.heads_by_label() == {("shop",): ("c",), ("stock",): ("e",)}


def test_labels_stop_at_a_fork() -> None:
    """
    c(shop)  d
      \\     /
       \\   /
         b
         |
         a
    """
    graph = RevisionGraph([node("a"), node("b", "a"), node("c", "b", labels=("shop",)), node("d", "b")])
    assert graph.labels("b") == frozenset()
    assert graph.heads_by_label() == {("shop",): ("c",), (): ("d",)}


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        pytest.param(
            [node("aaaa1111"), node("b", "aaaa")],
            GraphProblem("missing-parent", "b", "aaaa", ("b",), ("versions/b.py",), "aaaa1111"),
            id="missing parent, a partial id",
        ),
        pytest.param(
            [node("aaaa1111"), node("b", "AAAA1111")],
            GraphProblem("missing-parent", "b", "AAAA1111", ("b",), ("versions/b.py",), "aaaa1111"),
            id="missing parent, other case",
        ),
        pytest.param(
            [node("1975ea83b712"), node("b", "1975ea83b721")],
            GraphProblem("missing-parent", "b", "1975ea83b721", ("b",), ("versions/b.py",), "1975ea83b712"),
            id="missing parent, mistyped",
        ),
        pytest.param(
            [node("1975ea83b712"), node("b", "ffffffffffff")],
            GraphProblem("missing-parent", "b", "ffffffffffff", ("b",), ("versions/b.py",)),
            id="missing parent, nothing near",
        ),
        pytest.param(
            [node("a"), node("b", "a", depends=("shop",))],
            GraphProblem("missing-dependency", "b", "shop", ("b",), ("versions/b.py",)),
            id="missing dependency",
        ),
        pytest.param(
            [node("a", labels=("shop",)), node("b", "shop")],
            GraphProblem("missing-parent", "b", "shop", ("b",), ("versions/b.py",)),
            id="a label is no parent",
        ),
        pytest.param(
            [node("a", "")], GraphProblem("empty-parent", "a", "", ("a",), ("versions/a.py",)), id='"" as a base'
        ),
        pytest.param(
            [node("a"), ("a", (), (), (), "versions/copy.py")],
            GraphProblem("duplicate-id", "a", "", ("a",), ("versions/a.py", "versions/copy.py")),
            id="duplicate id",
        ),
        pytest.param(
            [node("ab"), node("AB", "ab")],
            GraphProblem("similar-id", "AB", "ab", ("AB",), ("versions/AB.py",)),
            id="ids that differ in case only",
        ),
        pytest.param(
            [node("a", labels=("shop",)), node("b", "a", labels=("shop",))],
            GraphProblem("label-clash", "b", "shop", ("a", "b"), ("versions/a.py", "versions/b.py")),
            id="label used twice",
        ),
        pytest.param(
            [node("a", labels=("shop", "shop"))],
            GraphProblem("label-clash", "a", "shop", ("a",), ("versions/a.py",)),
            id="label written twice, which Alembic refuses",
        ),
        pytest.param(
            [node("a"), node("b", "a", labels=("a",))],
            GraphProblem("label-is-id", "b", "a", ("b",), ("versions/b.py",)),
            id="label that is an id",
        ),
        pytest.param(
            [node("a", "a")], GraphProblem("cycle", "a", "", ("a",), ("versions/a.py",)), id="revises itself"
        ),
        pytest.param(
            [node("a"), node("b", "a", "c"), node("c", "b"), node("d", "c")],
            GraphProblem("cycle", "b", "", ("b", "c"), ("versions/b.py", "versions/c.py")),
            id="cycle between base and head, which Alembic accepts",
        ),
        pytest.param(
            [node("a", depends=("b",)), node("b", "a")],
            GraphProblem("dependency-cycle", "a", "", ("a", "b"), ("versions/a.py", "versions/b.py")),
            id="cycle through depends_on",
        ),
    ],
)  # fmt: skip
def test_problems_are_told(
    nodes: list[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]], problem: GraphProblem
) -> None:
    graph = RevisionGraph(nodes)
    assert graph.problems == (problem,)
    assert graph.is_sound is (problem.kind == "similar-id")


def test_a_graph_with_gaps_still_answers() -> None:
    """
    c   d
    |   |
    ?   b
        |
        ""
    """
    graph = RevisionGraph([node("b", ""), node("c", "missing"), node("d", "b"), ("", ("d",), (), (), "versions/x.py")])
    assert graph.heads == ("c", "d")
    assert graph.bases == ("b",)
    assert graph.down_revisions("c") == ("missing",)
    assert graph.ancestors("c", "missing") == {"c"}
    assert set(graph.upgrade_order()) == {"b", "c", "d"}
    assert len(graph) == 3


def test_two_files_of_one_id_have_the_parents_of_both() -> None:
    """
      c
      |\\
      a b
    """
    graph = RevisionGraph([node("a"), node("b"), node("c", "a"), ("c", ("b",), (), (), "versions/copy.py")])
    assert graph.heads == ("c",)
    assert graph.paths("c") == ("versions/c.py", "versions/copy.py")


def test_every_circle_is_told_once() -> None:
    """
    e -> d <-> c      b -> a -> b, f on top of both
    """
    graph = RevisionGraph([node("a", "b"), node("b", "a"), node("c", "d"), node("d", "c"), node("e", "d"), node("f", "e", "a")])  # fmt: skip
    assert graph.cycles == (("a", "b"), ("c", "d"))
    assert graph.heads == ("f",)
    assert set(graph.upgrade_order()) == set("abcdef")


def test_an_empty_graph() -> None:
    graph = RevisionGraph([])
    assert (graph.heads, graph.effective_heads, graph.bases, graph.problems) == ((), (), (), ())
    assert graph.upgrade_order() == graph.common_ancestors() == ()


def test_a_line_of_ten_thousand() -> None:
    nodes = [node("r0"), *(node(f"r{number}", f"r{number - 1}") for number in range(1, 10_000))]
    graph = RevisionGraph(nodes)
    assert graph.heads == ("r9999",)
    assert graph.is_sound
    assert len(graph.ancestors("r9999")) == 10_000
    assert graph.upgrade_order()[0] == "r0"
    assert not RevisionGraph([*nodes[1:], node("r0", "r9999")]).is_sound


def test_suggestions_end_where_gaps_are_many() -> None:
    graph = RevisionGraph([node(f"{number:012x}", f"f{number:011x}") for number in range(300)])
    assert len(graph.problems) == 300
    assert sum(bool(problem.suggestion) for problem in graph.problems) <= 10


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_alembic_agrees(seed: int, loose: bool) -> None:
    """`bench/graph_campaign.py` runs the same on many more."""
    nodes = random_nodes(random.Random(seed), loose=loose)
    graph = RevisionGraph(nodes)
    if not graph.is_sound:
        assert set(graph.upgrade_order()) == set(graph.revisions)
        return
    oracle = alembic_map(nodes)
    assert oracle is not None
    assert differences(nodes, oracle) == []


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_the_order_of_files_never_matters(seed: int) -> None:
    source = random.Random(seed)
    nodes = random_nodes(source, loose=True)
    first = RevisionGraph(nodes)
    source.shuffle(nodes)
    second = RevisionGraph(nodes)
    for name in ("heads", "effective_heads", "bases", "branchpoints", "mergepoints", "cycles"):
        assert getattr(first, name) == getattr(second, name)
    assert all(first.labels(one) == second.labels(one) for one in first.revisions)
    assert sorted(map(repr, first.problems)) == sorted(map(repr, second.problems)) or any(
        problem.kind in ("label-clash", "similar-id", "missing-dependency") for problem in first.problems
    )


def test_all_graphs_of_three_revisions() -> None:
    for nodes in small_graphs(3, self_loops=True):
        graph = RevisionGraph(nodes)
        assert graph.is_sound is not is_cyclic(nodes)
        assert len(graph.upgrade_order()) == len(nodes)
        if graph.is_sound:
            oracle = alembic_map(nodes)
            assert oracle is not None
            assert differences(nodes, oracle) == []


def test_all_cyclic_graphs_of_four_revisions_are_refused() -> None:
    cyclic = [nodes for nodes in small_graphs(4) if is_cyclic(nodes)]
    assert len(cyclic) == 1998
    assert not any(RevisionGraph(nodes).is_sound for nodes in cyclic)


@pytest.mark.parametrize("seed", range(150))
def test_a_changed_graph_is_the_graph_of_the_changed_nodes(seed: int) -> None:
    """What is kept of a sound graph (its heads, that it has no problem) is what the whole graph says."""
    choose = random.Random(seed)
    nodes = random_nodes(choose, choose.randint(1, 9))
    graph = RevisionGraph(nodes)
    if not graph.problems:
        graph.known(graph.heads, graph.bases)
    removed = choose.sample(nodes, min(len(nodes), choose.randint(0, 2)))
    parents = tuple(choose.sample([one[0] for one in nodes], min(len(nodes), choose.randint(0, 2))))
    added = [*(one for one in removed if choose.random() < 0.5), ("fresh", parents, (), (), "fresh.py")]
    changed = graph.changed([one[0] for one in removed], added)
    whole = RevisionGraph([*(one for one in nodes if one not in removed), *added])
    if changed is not None:
        assert changed.heads == whole.heads
        assert {problem.kind for problem in changed.problems} == {problem.kind for problem in whole.problems}
