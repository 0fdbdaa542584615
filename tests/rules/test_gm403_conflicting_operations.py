"""GM403: two competing lines touch the same thing; seen on real trees, since the operations are read from files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.alembic_projects import ENVIRONMENT, VERSIONS, script, scripts

YEAR, TITLE = "op.add_column('book', sa.Column('year', sa.Integer()))", "op.drop_column('book', 'title')"


def check(make_history: Any, main: str, feature: str, *options: str, merged: bool = False) -> list[dict[str, Any]]:
    """
    main (shared)  a --- c
                    \\
    feature          x
    """
    table = [
        ("main", {**ENVIRONMENT, **scripts({"a": None})}),
        ("feature < main", {f"{VERSIONS}/x.py": script("x", "a", feature)}),
        ("main", {f"{VERSIONS}/c.py": script("c", "a", main)}),
        ("refs/remotes/origin/main < main", None),
        *([("feature + main", {})] if merged else []),
    ]
    history = make_history(table)
    history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    history.git("switch", "-q", "feature")
    history.write("gitmig.toml", 'select = ["GM403"]\n')
    history.git("add", "--all")
    done = history.run("gitmig", "check", *options, "--select", "GM403", "--format", "json", status=None)
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


REV = ("--rev", "feature", "--base", "origin/main")


@pytest.mark.parametrize("merged", [False, True], ids=["before the merge", "after it"])
def test_the_same_column_on_both_sides(make_history: Any, merged: bool) -> None:
    (found,) = check(make_history, YEAR, YEAR, *REV, merged=merged)
    assert found["message"] == "conflicting operations: x and c: book.year: both add the column"
    assert (found["severity"], found["objects"]) == ("error", ["book.year"])
    assert found["location"]["path"] == f"{VERSIONS}/x.py"
    assert found["related"][0]["location"]["path"] == f"{VERSIONS}/c.py"
    assert found["location"]["line"] == found["related"][0]["location"]["line"] > 10


@pytest.mark.parametrize(
    ("main", "feature"),
    [(YEAR, TITLE), (YEAR, "pass"), (YEAR, "op.execute(made())")],
    ids=["two columns of a table", "nothing on one side", "what is not understood"],
)
def test_leaves_alone(make_history: Any, main: str, feature: str) -> None:
    assert check(make_history, main, feature, *REV) == []


def test_while_one_works_it_warns(make_history: Any) -> None:
    assert [one["severity"] for one in check(make_history, YEAR, YEAR)] == ["warning"]


def test_an_old_fork_whose_head_gets_another_id_is_no_news(make_history: Any) -> None:
    """
    main (shared)   a --- b --- old      here   a --- b --- new
                     \\                        \\
                      other                       other
    """
    line = {**ENVIRONMENT, **scripts({"a": None}), f"{VERSIONS}/b.py": script("b", "a", YEAR)}
    published = {
        **line,
        f"{VERSIONS}/other.py": script("other", "a", YEAR),
        f"{VERSIONS}/old.py": script("old", "b", ""),
    }
    history = make_history([("main", published), ("refs/remotes/origin/main < main", None)])
    history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    history.git("switch", "-qc", "feature", "main")
    history.git("rm", "-q", f"{VERSIONS}/old.py")
    found = []
    for operation in ("pass", YEAR):
        history.write(f"{VERSIONS}/new.py", script("new", "b", operation))
        history.git("add", "--all")
        done = history.run("gitmig", "check", "--select", "GM403", "--format", "json", status=None)
        found.append(len(json.loads(done.stdout)["findings"]))
    assert found == [0, 1]
