"""`gitmig heads`: heads, bases and problems of one tree; it describes, `gitmig check` judges."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.checking import Runner, runner
from support.histories import History
from support.sources import project, sources

from gitmig.commands.heads import read_graphs

Make = Callable[..., History]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys)


def heads(run: Runner, directory: Path, *words: str) -> list[dict[str, Any]]:
    done = run(directory, "heads", "--format", "json", *words)
    assert done.status == 0, done.said
    environments: list[dict[str, Any]] = json.loads(done.output)["environments"]
    return environments


def test_what_alembic_calls_heads_bases_branchpoints_and_mergepoints(make_history: Make, run: Runner) -> None:
    """
    f6
    |
    e5
    |\\
    c3 d4
     \\/
      b2    x1 (billing)
      |
      a1
    """
    drawing = "a1 <- ; b2 <- a1 ; c3 <- b2 ; d4 <- b2 ; e5 <- c3, d4 ; f6 <- e5 ; x1 <- label billing"
    (found,) = heads(run, make_history([("main", project(drawing))]).path)
    assert [(one["revision"], one["branch_labels"]) for one in found["heads"]] == [("f6", []), ("x1", ["billing"])]
    assert (found["bases"], found["branchpoints"], found["mergepoints"]) == (["a1", "x1"], ["b2"], ["e5"])
    assert found["revisions"] == 7
    assert found["heads"][0]["path"] == "migrations/versions/f6_x.py"


def test_of_the_index_of_a_commit_and_of_a_bare_repository(make_history: Make, run: Runner) -> None:
    table = [("main", project("a1 <-")), ("main", sources("b2 <- a1"))]
    history, bare = make_history(table), make_history(table, bare=True)
    history.stage(sources("c3 <- b2"))
    history.write("migrations/versions/d4_x.py", "not staged, and not even Python (")

    def names(directory: Path, *words: str) -> list[str]:
        return [one["revision"] for one in heads(run, directory, *words)[0]["heads"]]

    assert names(history.path) == ["c3"]
    assert names(history.path, "--rev", "main") == ["b2"]
    assert names(history.path, "--rev", "main~1") == ["a1"]
    assert names(bare.path) == ["b2"]
    assert names(bare.path, "--rev", history.commits[0]) == ["a1"]


def test_of_an_empty_repository(make_history: Make, run: Runner) -> None:
    done = run(make_history([]).path, "heads")
    assert (done.status, done.output) == (0, "no Alembic environment was found in this tree\n")


PROBLEMS = {
    "two heads": ("a1 <- ; b2 <- a1 ; c3 <- a1", ["GM101"]),
    "a parent that is nowhere": ("a1 <- ; b2 <- gone", ["GM101", "GM102"]),
    "a circle": ("a1 <- b2 ; b2 <- a1", ["GM103"]),
    "an id twice": ("a1 <- ; a1 <- at migrations/versions/copy.py", ["GM104"]),
    "a label twice": ("a1 <- label x ; b2 <- a1 label x", ["GM109"]),
    "none": ("a1 <- ; b2 <- a1", []),
}


@pytest.mark.parametrize(("drawing", "codes"), [pytest.param(*row, id=name) for name, row in PROBLEMS.items()])
def test_what_is_wrong_is_told_and_is_no_failure(
    make_history: Make, run: Runner, drawing: str, codes: list[str]
) -> None:
    (found,) = heads(run, make_history([("main", project(drawing))]).path)
    assert [one["code"] for one in found["problems"]] == codes


def test_as_text(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project("a1 <- label billing ; b2 <- a1"))])
    assert run(history.path, "heads").output == (
        "migrations (migrations/versions, 2 revisions)\n  head b2 [billing]  migrations/versions/b2_x.py\n"
    )


def test_a_second_run_from_the_cache_says_the_same(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project("a1 <- label x ; b2 <- a1 ; c3 <- a1 ; d4 <- gone needs b2"))])
    first = run(history.path, "heads", "--format", "json")
    assert run(history.path, "heads", "--format", "json") == first
    assert run(history.path, "heads", "--format", "json", "--no-cache") == first


def test_to_a_file(make_history: Make, run: Runner, tmp_path: Path) -> None:
    history = make_history([("main", project("a1 <-"))])
    file = tmp_path / "heads.json"
    assert run(history.path, "heads", "--format", "json", "--output", str(file)).output == ""
    assert json.loads(file.read_text())["schema"] == 1


def test_graphs_for_the_hooks_that_only_report(make_history: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    history = make_history([("main", project("a1 <- ; b2 <- a1"))])
    monkeypatch.chdir(history.path)
    graphs = read_graphs("main")
    assert {name: graph.heads for name, graph in graphs.items()} == {"migrations": ("b2",)}
