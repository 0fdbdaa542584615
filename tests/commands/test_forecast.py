"""`gitmig forecast` from end to end, on real repositories; nothing is checked out and nothing changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.alembic_projects import ENVIRONMENT, VERSIONS, script, scripts
from support.bookshop import LAST, build_bookshop
from support.checking import runner
from support.golden import UPDATE
from support.scratch import PROGRAMS

ADD = "op.add_column({!r}, sa.Column({!r}, sa.Integer()))"
BASE = {**ENVIRONMENT, **scripts({"a": None, "b": "a"})}


@pytest.fixture
def run(capsys):
    return runner(capsys)


def adds(revision, parent, table="book", column=""):
    return {f"{VERSIONS}/{revision}.py": script(revision, parent, ADD.format(table, column or revision))}


def project(make_history, branches, *, main=None, more=(), **options):
    """
    main (shared)  a --- b --- c
                        \\
    each branch          one revision or more, from b
    """
    table = [("main", BASE)]
    table += [(f"{name} < main", dict(files)) for name, files in branches.items()]
    table += [("main", main if main is not None else scripts({"c": "b"}))]
    table += [*more, ("refs/remotes/origin/main < main", None)]
    history = make_history(table, **options)
    history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return history


def forecast(run, history, *options, status=0):
    done = run(history.path, "forecast", "--format", "json", *options)
    assert done.status == status, done.said
    return json.loads(done.output)


def of(found, name):
    return next(one for one in found["branches"] if one["ref"] in (name, f"refs/heads/{name}"))


def test_what_it_tells_of_each_branch(make_history, run):
    history = project(
        make_history,
        {
            "cart": adds("x", "b", column="isbn"),
            "tags": adds("y", "b", column="isbn"),
            "words": adds("z", "b", "author"),
        },
    )
    found = forecast(run, history)
    assert found["schema"] == 1
    assert found["target"]["ref"] == "refs/remotes/origin/main"
    assert found["environments"] == [{"name": "migrations", "heads": ["c"]}]
    cart = of(found, "cart")
    assert (cart["adds"], cart["verdict"], cart["remedy"]) == (["x"], "collides", "reparent")
    assert cart["collides_with"] == ["refs/heads/tags", "refs/heads/words"]
    (conflict,) = cart["conflicts"]
    assert (conflict["with"], conflict["object"]) == ("refs/heads/tags", "book.isbn")
    assert (conflict["one"]["source"]["path"], conflict["other"]["source"]["path"]) == (
        f"{VERSIONS}/x.py", f"{VERSIONS}/y.py"
    )  # fmt: skip
    assert found["order"] == ["refs/heads/words", "refs/heads/cart", "refs/heads/tags"]
    assert of(found, "tags")["conflicts"][0]["one"]["source"]["path"] == f"{VERSIONS}/y.py"


def test_nothing_is_changed(make_history, run):
    history = project(make_history, {"cart": adds("x", "b")})
    before = history.git("for-each-ref").stdout, history.git("status", "--porcelain").stdout
    forecast(run, history)
    assert (history.git("for-each-ref").stdout, history.git("status", "--porcelain").stdout) == before


def test_a_bare_repository_serves(make_history, run):
    history = project(make_history, {"cart": adds("x", "b")}, bare=True)
    assert [one["ref"] for one in forecast(run, history)["branches"]] == ["refs/heads/cart"]


def test_a_bare_repository_without_remotes_has_its_head_as_target(make_history, run):
    history = make_history([("main", BASE), ("cart < main", adds("x", "b"))], bare=True)
    found = forecast(run, history)
    assert (found["target"]["ref"], of(found, "cart")["verdict"]) == ("refs/heads/main", "clean")


def test_without_a_target_it_says_what_to_name(make_history, run):
    history = make_history([("main", BASE), ("cart < main", adds("x", "b"))])
    done = run(history.path, "forecast")
    assert done.status == 2
    assert "gitmig forecast --target BRANCH" in done.said
    assert forecast(run, history, "--target", "main")["target"]["ref"] == "refs/heads/main"
    assert forecast(run, history, "--base", "main")["target"]["ref"] == "refs/heads/main"


# Which branches


def test_what_is_merged_or_has_no_revision_is_counted(make_history, run):
    history = project(
        make_history,
        {"cart": adds("x", "b"), "notes": {"README.md": "words"}},
        more=[("done < main", None)],
    )
    found = forecast(run, history)
    assert [one["ref"] for one in found["branches"]] == ["refs/heads/cart"]
    assert found["left_out"] == {"merged": 2, "without_revisions": 1, "older": 0, "twins": 0, "shared": 1}


def test_a_branch_and_its_remote_copy_are_one(make_history, run):
    history = project(
        make_history,
        {"cart": adds("x", "b")},
        more=[("refs/remotes/origin/cart < cart", None), ("cart", adds("x2", "x"))],
    )
    found = forecast(run, history)
    (cart,) = found["branches"]
    assert (cart["ref"], cart["also"], cart["adds"]) == ("refs/heads/cart", ["refs/remotes/origin/cart"], ["x", "x2"])


def test_a_remote_copy_that_is_ahead_counts(make_history, run):
    history = project(
        make_history,
        {"cart": adds("x", "b")},
        more=[("refs/remotes/origin/cart < cart", adds("x2", "x"))],
    )
    (cart,) = forecast(run, history)["branches"]
    assert (cart["ref"], cart["also"], cart["adds"]) == ("refs/remotes/origin/cart", ["refs/heads/cart"], ["x", "x2"])


def test_a_copy_that_went_another_way_is_a_branch_of_its_own(make_history, run):
    history = project(
        make_history,
        {"cart": adds("x", "b"), "refs/remotes/origin/cart": adds("y", "b")},
    )
    found = forecast(run, history)
    assert of(found, "cart")["collides_with"] == ["refs/remotes/origin/cart"]


def test_a_branch_that_goes_on_under_another_id_does_not_collide_with_itself(make_history, run):
    """`second` continues `first` and gives its revision a new id."""
    again = {f"{VERSIONS}/x.py": None, **adds("y", "b", column="x")}
    history = project(make_history, {"first": adds("x", "b")}, more=[("second < first", again)])
    found = forecast(run, history)
    assert of(found, "second")["contains"] == ["refs/heads/first"]
    assert found["pairs"] == []
    assert found["order"] == ["refs/heads/first", "refs/heads/second"]


def test_two_names_for_one_commit_are_one(make_history, run):
    history = project(make_history, {"cart": adds("x", "b")}, more=[("also < cart", None)])
    (one,) = forecast(run, history)["branches"]
    assert (one["ref"], one["also"]) == ("refs/heads/also", ["refs/heads/cart"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["cart"], ["refs/heads/cart"]),
        (["cart", "refs/heads/tags"], ["refs/heads/cart", "refs/heads/tags"]),
        (["--branches", "refs/heads/c*"], ["refs/heads/cart"]),
        (["--branches", "refs/pull/*/head"], ["refs/pull/7/head"]),
        (["cart", "--branches", "refs/pull/*/head"], ["refs/heads/cart", "refs/pull/7/head"]),
        ([], ["refs/heads/cart", "refs/heads/tags"]),
    ],
    ids=["a name", "two names", "a pattern", "pull requests", "a name and a pattern", "all branches"],
)
def test_which_branches(make_history, run, options, expected):
    history = project(
        make_history, {"cart": adds("x", "b"), "tags": adds("y", "b"), "refs/pull/7/head": adds("z", "b")}
    )
    assert [one["ref"] for one in forecast(run, history, *options)["branches"]] == expected


def test_a_named_branch_is_told_about_although_it_is_merged(make_history, run):
    history = project(make_history, {"cart": adds("x", "b")}, more=[("done < main", None)])
    (done,) = forecast(run, history, "done")["branches"]
    assert (done["verdict"], done["adds"]) == ("clean", [])


@pytest.mark.parametrize(
    ("since", "expected"),
    [("2025-06-15", ["refs/heads/cart"]), ("2025-06-16", []), ("100 years", ["refs/heads/cart"]), ("1day", [])],
)
def test_old_branches_are_left_out(make_history, run, since, expected):
    history = project(make_history, {"cart": adds("x", "b")})
    found = forecast(run, history, "--since", since)
    assert [one["ref"] for one in found["branches"]] == expected
    assert found["left_out"]["older"] == 1 - len(expected)


@pytest.mark.parametrize(
    "options", [["--since", "soon"], ["nowhere"], ["--queue", ","], ["--branches", "x*"], ["--format", "pdf"]],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(make_history, run, options):
    history = project(make_history, {"cart": adds("x", "b")})
    done = run(history.path, "forecast", *options)
    assert (done.status, done.output) == (2, "")


# Undecided


def shallow(history, name):
    commit = history.git("rev-parse", name).stdout.strip()
    (history.path / ".git/shallow").write_text(f"{commit}\n")


@pytest.mark.parametrize(
    ("variables", "status"),
    [({}, 0), ({"CI": "true"}, 3), ({"GITMIG_UNDECIDED": "error"}, 3), ({"CI": "true", "GITMIG_UNDECIDED": "warn"}, 0)],
    ids=["a person", "CI", "asked to fail", "CI, told to warn"],
)
def test_without_a_merge_base_nothing_is_told(make_history, run, monkeypatch, variables, status):
    history = project(make_history, {"cart": adds("x", "b")})
    shallow(history, "cart")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = forecast(run, history, status=status)
    cart = of(found, "cart")
    assert (cart["verdict"], found["order"]) == ("undecided", [])
    assert "git fetch --unshallow" in cart["undecided"][0]


def test_a_revision_that_cannot_be_read_is_undecided(make_history, run):
    history = project(make_history, {"cart": {f"{VERSIONS}/x.py": "revision = compute()\ndown_revision = 'b'\n"}})
    assert of(forecast(run, history), "cart")["verdict"] == "undecided"


def test_a_target_without_an_environment_is_undecided(make_history, run):
    history = make_history([("main", {"a": "1"}), ("cart < main", {"b": "1"})], bare=True)
    found = forecast(run, history)
    assert "no Alembic environment" in found["undecided"][0]


# More than one tree


def test_environments_are_told_apart(make_history, run):
    second = {
        "other/alembic.ini": "[alembic]\nscript_location = %(here)s/more\n",
        "other/more/env.py": "target_metadata = None\n",
        "other/more/versions/m.py": script("m", None),
    }
    history = make_history(
        [
            ("main", {**BASE, **second}),
            ("cart < main", adds("x", "b")),
            ("tags < main", {"other/more/versions/n.py": script("n", "m")}),
            ("words < main", {**adds("y", "b"), "other/more/versions/o.py": script("o", "m")}),
        ],
        bare=True,
    )
    found = forecast(run, history)
    assert len(found["environments"]) == 2
    assert of(found, "cart")["collides_with"] == ["refs/heads/words"]
    assert of(found, "words")["collides_with"] == ["refs/heads/cart", "refs/heads/tags"]


def test_a_branch_that_moves_the_versions_folder(make_history, run):
    moved = {
        "alembic.ini": "[alembic]\nscript_location = migrations\nversion_locations = migrations/new\n",
        f"{VERSIONS}/a.py": None,
        f"{VERSIONS}/b.py": None,
        "migrations/new/a.py": script("a", None),
        "migrations/new/b.py": script("b", "a"),
        "migrations/new/x.py": script("x", "b"),
    }
    history = make_history([("main", BASE), ("move < main", moved), ("cart < main", adds("y", "b"))], bare=True)
    found = forecast(run, history)
    assert (of(found, "move")["adds"], of(found, "move")["removes"]) == (["x"], [])
    assert of(found, "move")["collides_with"] == ["refs/heads/cart"]


def test_an_environment_that_only_a_branch_has(make_history, run):
    history = make_history([("main", {"a": "1"}), ("start < main", BASE)], bare=True)
    assert of(forecast(run, history), "start")["adds"] == ["a", "b"]


def test_a_helper_module_of_the_branch_is_read(make_history, run):
    helper = {
        "migrations/steps.py": "from alembic import op\n\n\ndef drop(name):\n    op.drop_column('book', name)\n",
        f"{VERSIONS}/x.py": script("x", "b", "drop('isbn')").replace(
            "from alembic import op", "from alembic import op\nfrom migrations.steps import drop"
        ),
    }
    history = project(make_history, {"cart": helper, "tags": adds("y", "b", column="isbn")})
    (conflict,) = of(forecast(run, history), "tags")["conflicts"]
    assert conflict["object"] == "book.isbn"


# A queue


def test_a_queue_is_played(make_history, run):
    history = project(
        make_history,
        {"cart": adds("x", "b"), "tags": adds("y", "b"), "words": adds("z", "b", "author")},
        main={},
    )
    found = forecast(run, history, "--queue", "tags, words,cart")
    assert found["is_queue"]
    assert found["order"] == ["refs/heads/tags", "refs/heads/words", "refs/heads/cart"]
    assert [(step["remedy"], step["environments"][0]["heads"]) for step in found["steps"]] == [
        ("none", ["y"]), ("reparent", ["z"]), ("reparent", ["x"])
    ]  # fmt: skip


def test_a_queue_holds_what_is_undecided_and_what_is_merged(make_history, run):
    history = project(make_history, {"cart": adds("x", "b")}, more=[("done < main", None)])
    shallow(history, "cart")
    found = forecast(run, history, "--queue", "done,cart")
    assert [(step["ref"], step["merged"]) for step in found["steps"]] == [
        ("refs/heads/done", True), ("refs/heads/cart", False)
    ]  # fmt: skip


# What is shown


def test_the_table_fits_a_terminal(make_history, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    name = "feature/a-name-that-is-longer-than-anybody-would-want-to-type-or-read"
    history = project(make_history, {name: adds("x", "b", column="isbn"), "tags": adds("y", "b", column="isbn")})
    done = run(history.path, "forecast")
    assert done.status == 0
    assert max(map(len, done.output.splitlines())) <= 80
    assert name[:20] in done.output
    assert "conflict: " in done.output


def test_without_a_terminal_there_is_no_colour(make_history, run):
    history = project(make_history, {"cart": adds("x", "b")})
    assert "\x1b" not in run(history.path, "forecast").output
    assert "\x1b" in run(history.path, "forecast", "--color", "always").output


def test_no_branches_is_an_answer(make_history, run):
    history = project(make_history, {})
    assert "no branch changes a revision" in run(history.path, "forecast").output


def test_several_reports_at_once(make_history, run, tmp_path):
    history = project(make_history, {"cart": adds("x", "b")})
    outputs = [f"{form}:{tmp_path / form}" for form in ("json", "markdown", "mermaid", "html")]
    done = run(history.path, "forecast", *(word for one in outputs for word in ("--output", one)))
    assert done.output.startswith("target origin/main")
    assert json.loads((tmp_path / "json").read_text())["schema"] == 1
    assert (tmp_path / "html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "mermaid").read_text().startswith("flowchart")
    assert re.search("cart", (tmp_path / "markdown").read_text())


def test_the_second_run_says_the_same(make_history, run):
    history = project(make_history, {f"b{number}": adds(f"x{number}", "b") for number in range(12)})
    first = run(history.path, "forecast", "--format", "json").output
    assert run(history.path, "forecast", "--format", "json").output == first
    assert run(history.path, "forecast", "--format", "json", "--no-cache").output == first


# The page


PAGE = Path(__file__).parent.parent.parent / "docs" / "forecast.md"


def test_the_session_of_the_page(tmp_path):
    """`UPDATE_GOLDEN=1 pytest tests/commands/test_forecast.py` writes it anew."""
    shop = build_bookshop(tmp_path)
    for branch, revision, table, column in (
        ("cart", "c81f2b6d04e9", "books", "isbn"),
        ("search", "5d20b9e37fa4", "books", "isbn"),
        ("tags", "9d40e7a3b6f1", "tags", "color"),
    ):
        shop.git("switch", "--quiet", "--create", branch, "main")
        shop.add_column(revision, LAST, table, column)
    shop.git("switch", "--quiet", "--create", "tag-labels", "tags")
    shop.add_column("3b7c10f5e2d8", "9d40e7a3b6f1", "tags", "label")
    shop.git("switch", "--quiet", "main")
    shop.add_column("7e15a4c9d0b2", LAST, "authors", "died")
    shop.git("push", "--quiet", "--no-verify", "origin", "main")
    shop.environment["COLUMNS"] = "100"
    said = shop.run(str(PROGRAMS / "gitmig"), "forecast").stdout
    session = "$ gitmig forecast\n" + re.sub(r"\bat [0-9a-f]{12}", "at 4be1c07d92af", said)
    block = re.compile(r"(<!-- session: forecast -->\n```\n)(.*?)(```)", re.S)
    if UPDATE:
        PAGE.write_text(block.sub(lambda found: found[1] + session + found[3], PAGE.read_text()))
    found = block.search(PAGE.read_text())
    assert found is not None
    assert found[2] == session
