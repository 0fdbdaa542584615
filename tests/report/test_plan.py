"""A plan is shown as a diff, handed over as JSON, and as a patch that `git apply` takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.golden import assert_golden
from support.plans import FILES, FOLDER, Planner, five_files

from gitmig.plan import ABSENT, Expected, Plan, rename, stage, write
from gitmig.report.plan import render_diff, render_patch, render_plan, steps_value

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def history(make_history):
    return make_history([("main", FILES)])


def apply_patch(history, plan):
    history.feed("git", "apply", "--index", "-", input=render_patch(plan))


def test_text(history):
    assert_golden(GOLDEN / "plan.txt", render_plan(five_files(history, staged=True)))


def test_colour(history):
    assert_golden(GOLDEN / "plan-color.txt", render_plan(five_files(history, staged=False), color=True))


def test_git_takes_the_patch(history):
    apply_patch(history, five_files(history))
    assert history.git("status", "--porcelain", "--no-renames").stdout.splitlines() == [
        "M  migrations/head",
        f"M  {FOLDER}/0002_b.py",
        f"D  {FOLDER}/0003_c.py",
        f"D  {FOLDER}/0004_d.py",
        f"A  {FOLDER}/0010_c.py",
        f"A  {FOLDER}/2025/new.py",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"a\nb\n", b"a\nc\n", id="a line"),
        pytest.param(b"a\nb", b"a\nc", id="no newline at the end"),
        pytest.param(b"a\nb", b"a\nb\n", id="a newline at the end"),
        pytest.param(b"a\n", b"", id="emptied"),
        pytest.param(b"", b"a\n", id="filled"),
        pytest.param(None, b"", id="a new empty file"),
        pytest.param(None, b"a", id="a new file"),
        pytest.param(b"a\r\nb\r\n", b"a\r\nc\r\n", id="CRLF"),
        pytest.param(b"a\rb\r", b"a\rc\r", id="CR alone"),
        pytest.param(b"a\x0cb\n\xe2\x80\xa8\n", b"a\x0cc\n\xe2\x80\xa8\n", id="form feed, line separator"),
        pytest.param(b"\xff\xfe\n", b"\xff\n", id="no UTF-8"),
        pytest.param(b"--- a\n+++ b\n", b"--- c\n+++ b\n", id="lines that look like headers"),
        pytest.param(b"x\n" * 40, b"x\n" * 5 + b"y\n" + b"x\n" * 20 + b"z\n" + b"x\n" * 14, id="two hunks"),
    ],
)
def test_patches_of_any_text(make_history, before, after):
    history = make_history([("main", {"other": "x", **({} if before is None else {"f.py": before})})])
    planner = Planner(history)
    apply_patch(history, planner.plan(planner.write("f.py", after)))
    assert (history.path / "f.py").read_bytes() == after


@pytest.mark.parametrize("name", ["a b.py", 'qu"o\\te.py', "tab\t.py", "new\nline.py", "ü.py", "\udcff.py", " lead.py"])
def test_patches_of_any_name(make_history, name):
    history = make_history([("main", {name: "old\n"})])
    planner = Planner(history)
    apply_patch(history, planner.plan(planner.write(name, b"new\n")))
    assert (history.path / name).read_bytes() == b"new\n"
    planner = Planner(history)
    history.git("commit", "-qm", "changed")
    apply_patch(history, planner.plan(planner.rename(name, f"{name}x")))
    assert (history.path / f"{name}x").read_bytes() == b"new\n"


def test_a_patch_of_names_in_a_chain(history):
    planner = Planner(history)
    one, two, three = (f"{FOLDER}/{name}" for name in ("0001_a.py", "0002_b.py", "0009_new.py"))
    texts = [planner.bytes(path) for path in (one, two)]
    apply_patch(history, planner.plan(planner.rename(one, two), planner.rename(two, three)))
    assert [(history.path / path).read_bytes() for path in (two, three)] == texts


def test_steps_for_programs():
    plan = Plan(
        "",
        (
            rename("a.py", "b.py", before=b"", expected=Expected("1" * 40), content="ü".encode()),
            write("c.py", b"\xff", before=None, expected=Expected(ABSENT), mode="100755"),
            stage("c.py", index=ABSENT),
        ),
    )
    value = steps_value(plan)
    assert [(one["step"], one["path"], one["to"], one["content"]) for one in value] == [
        ("rename", "a.py", "b.py", "ü"),
        ("write", "c.py", None, None),
        ("stage", "c.py", None, None),
    ]
    assert value[1]["content_base64"] == "/w=="
    assert value[1]["mode"] == "100755"
    assert value[2]["expected"] == {"worktree": None, "index": "absent"}
    json.dumps(value)


def test_nothing_of_a_text_or_name_reaches_the_terminal_raw():
    evil = "\x1b[31m\u202e\x07.py"
    plan = Plan(f"title {evil}", (write(evil, evil.encode(), before=b"old", expected=Expected("1" * 40)),))
    for text in (render_plan(plan), render_diff(plan)):
        assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
