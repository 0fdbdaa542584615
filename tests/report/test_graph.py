"""Graphs as people see them: lanes, marks, folded runs; and pictures that any text of a repository leaves whole."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitmig.report.graph import Node, View, graph_value, lay_out, nodes_of, shortened
from gitmig.report.graph_pictures import render_dot, render_mermaid, render_svg
from gitmig.report.graph_text import render_graph
from gitmig.report.resolve import Authorship
from gitmig.revisions.graph import RevisionGraph


def graph(table: dict[str, str], **labels: str) -> RevisionGraph:
    return RevisionGraph(
        [
            (one, tuple(parents.split()), (), (labels[one],) if one in labels else (), f"versions/{one}_x.py")
            for one, parents in table.items()
        ]
    )


def drawn(table: dict[str, str], published: str | None = None, **labels: str) -> str:
    shared = None if published is None else published.split()
    return render_graph([View("main", nodes_of(graph(table, **labels), shared))])


DRAWINGS = {
    "a line": ({"a": "", "b": "a"}, None, """
        main
        *  b  (head)  x
        *  a  x
        """),
    "two heads": ({"a": "", "b": "a", "c": "a"}, "a b", """
        main
        *  b  (head)  x
        | o  c  (head, local)  x
        |/
        *  a  x

        * published   o local
        """),
    "a join": ({"a": "", "b": "a", "c": "a", "m": "b c"}, None, """
        main
        *  m  (head)  x
        |\\
        *  |  b  x
        |  *  c  x
        |/
        *  a  x
        """),
    "three lanes of one fork": ({"a": "", "b": "a", "c": "a", "d": "a"}, None, """
        main
        *  d  (head)  x
        | *  c  (head)  x
        | | *  b  (head)  x
        |_|/
        |/
        *  a  x
        """),
    "a parent that nobody defines": ({"b": "gone"}, None, """
        main
        *  b  (head)  x
        ?  gone  (missing)
        """),
    "nothing yet": ({}, None, """
        main
          no revision
        """),
}  # fmt: skip


def squeezed(text: str) -> list[str]:
    """Lines with the blanks between lanes made equal: where lanes stand is tested, not how far apart."""
    return [" ".join(line.split()) for line in dedent(text).strip().splitlines()]


@pytest.mark.parametrize(("table", "published", "picture"), DRAWINGS.values(), ids=DRAWINGS)
def test_drawings(table: dict[str, str], published: str | None, picture: str) -> None:
    assert squeezed(drawn(table, published)) == squeezed(picture)


def test_long_runs_are_folded_and_what_is_special_is_not() -> None:
    chain = {f"r{number:03}": f"r{number - 1:03}" if number else "" for number in range(100)}
    assert squeezed(drawn(chain, None, r050="shop")) == [
        "main", "* r099 (head) x", ": 48 revisions, r098 to r051", "* r050 (shop) x", ": 49 revisions, r049 to r001",
        "* r000 x",
    ]  # fmt: skip


def test_author_and_day_stand_beside_a_revision() -> None:
    nodes = nodes_of(graph({"a": ""}), None)
    view = View("main", nodes, {"versions/a_x.py": Authorship("1234567", "Ada", "2025-07-01")})
    assert "a  (head)  2025-07-01 Ada  x" in render_graph([view])


def test_revisions_in_a_circle_are_drawn_too() -> None:
    assert "p" in drawn({"a": "", "p": "q", "q": "p"})


@st.composite
def tables(draw: st.DrawFn) -> dict[str, str]:
    table: dict[str, str] = {}
    for number in range(draw(st.integers(0, 14))):
        parents = draw(st.sets(st.sampled_from(sorted(table)), max_size=3)) if table else set()
        table[f"r{number:02}"] = " ".join(sorted(parents))
    return table


@settings(max_examples=50)
@given(tables())
def test_every_revision_is_drawn_once_below_its_children(table: dict[str, str]) -> None:
    rows = lay_out(nodes_of(graph(table), None, folds=False))
    place = {row.node.revision: at for at, row in enumerate(rows)}
    assert sorted(place) == sorted(table)
    for row in rows:
        assert all(place[parent] > place[row.node.revision] for parent in row.node.parents)
        assert row.before[row.lane] == row.node.revision
        assert set(row.node.parents) <= set(row.after)
    assert not rows or rows[-1].after == ()
    render_graph([View("main", tuple(row.node for row in rows))])


# Pictures


HOSTILE = View(
    'x"><script>alert(1)</script>\x1b[2J',
    (
        Node('h"]:::x\n--> </svg>', ("p",), (), ("</title><script>",), "local", True, 'v/"<&>.py'),
        Node("p", state="published", path="v/p.py"),
    ),
    {"v/p.py": Authorship("1", 'A"<b>]', "2025-07-01")},
)


def test_no_text_breaks_a_picture() -> None:
    svg = render_svg([HOSTILE])
    root = ElementTree.fromstring(svg)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "style", "rect", "g", "text", "tspan", "path", "circle"
    }  # fmt: skip
    assert len(render_mermaid([HOSTILE]).splitlines()) == 7
    assert '\\"' in render_dot([HOSTILE])
    for text in (svg, render_mermaid([HOSTILE]), render_dot([HOSTILE]), render_graph([HOSTILE])):
        assert "\x1b" not in text
        assert "<script>" not in text or text is not svg


def test_the_svg_has_titles_and_both_colour_schemes() -> None:
    svg = render_svg([View("main", nodes_of(graph({"a": "", "b": "a", "c": "a"}), ["a", "b"]))])
    assert "prefers-color-scheme: dark" in svg
    assert svg.count("<title>") == 4
    assert svg.count("<circle") == 3
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_a_picture_of_very_many_ends_in_one_node_for_the_rest() -> None:
    nodes = tuple(Node(f"r{number}") for number in range(1000))
    short = shortened(nodes, 10)
    assert (len(short), short[-1].folded) == (11, 990)


def test_json_has_every_revision() -> None:
    nodes = nodes_of(graph({"a": "", "b": "a"}, b="shop"), ["a"], folds=False)
    (found,) = graph_value([View("main", nodes)])["environments"]
    assert [one["revision"] for one in found["nodes"]] == ["b", "a"]
    assert found["nodes"][0] == {
        "revision": "b", "down_revisions": ["a"], "depends_on": [], "branch_labels": ["shop"], "state": "local",
        "is_head": True, "path": "versions/b_x.py", "commit": None, "author": None, "date": None,
    }  # fmt: skip
