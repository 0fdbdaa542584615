"""`gitmig graph` on real repositories: which tree is drawn, and what counts as published."""

from __future__ import annotations

import json

import pytest
from support.alembic_projects import ENVIRONMENT, scripts


@pytest.fixture
def history(make_history):
    """
    main (shared)  a --- b --- c
                        \\
    feature              x
    """
    made = make_history(
        [
            ("main", {**ENVIRONMENT, **scripts({"a": None, "b": "a"})}),
            ("feature < main", scripts({"x": "b"})),
            ("main", scripts({"c": "b"})),
            ("refs/remotes/origin/main < main", None),
        ]
    )
    made.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    made.git("switch", "-q", "feature")
    return made


def nodes(history, *words):
    done = history.run("gitmig", "graph", *words, "--format", "json")
    (environment,) = json.loads(done.stdout)["environments"]
    return {one["revision"]: one for one in environment["nodes"]}


def test_the_index_is_drawn_with_what_is_local(history):
    found = nodes(history)
    assert {name: one["state"] for name, one in found.items()} == {"a": "published", "b": "published", "x": "local"}
    assert (found["x"]["author"], found["x"]["date"]) == ("Ada", "2025-06-15")


def test_a_branch_is_drawn_put_on_its_base(history):
    found = nodes(history, "origin/main..feature")
    assert {name for name, one in found.items() if one["is_head"]} == {"c", "x"}
    assert found["c"]["author"] == "Ada"


def test_a_commit_is_drawn_alone(history):
    assert set(nodes(history, "main")) == {"a", "b", "c"}


@pytest.mark.parametrize("form", ["text", "mermaid", "dot", "svg"])
def test_every_format_names_both_heads(history, form):
    drawn = history.run("gitmig", "graph", "origin/main..", "--format", form).stdout
    assert "c" in drawn
    assert "x" in drawn


def test_a_symmetric_range_is_no_question_here(history):
    assert "gitmig graph BASE..REV" in history.run("gitmig", "graph", "a...b", status=2).stderr


def test_a_picture_goes_to_a_file(history):
    history.run("gitmig", "graph", "--format", "svg", "--output", "graph.svg")
    assert (history.path / "graph.svg").read_text().startswith("<svg ")
