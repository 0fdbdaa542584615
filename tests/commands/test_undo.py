"""`gitmig undo` as people call it: what it says, and the exit status."""

from __future__ import annotations

import os

import pytest
from support.faults import Deadly, in_child
from support.plans import FILES, FOLDER, five_files, open_history, snapshot_of

from gitmig.apply.apply import apply_plan

NOW = 1_760_000_000


@pytest.fixture
def history(make_history):
    return make_history([("main", FILES)])


def apply(history, **options):
    git, layout = open_history(history)
    plan = five_files(history)
    apply_plan(git, layout, plan, command="gitmig resolve --merge", allowed=["migrations"], now=NOW, **options)


def gitmig(history, *words, status=0):
    return history.run("gitmig", *words, status=status)


def test_undo_says_what_it_did(history):
    before = snapshot_of(history)
    apply(history)
    assert gitmig(history, "undo").stdout == (
        "undone: operation 1, change files (gitmig resolve --merge)\n"
        "  restored migrations/head (and in the index)\n"
        f"  restored {FOLDER}/0002_b.py (and in the index)\n"
        f"  restored {FOLDER}/0003_c.py (and in the index)\n"
        f"  restored {FOLDER}/0004_d.py (and in the index)\n"
        f"  removed  {FOLDER}/0010_c.py (and in the index)\n"
        f"  removed  {FOLDER}/2025/new.py (and in the index)\n"
    )
    assert snapshot_of(history) == before
    assert "nothing to undo" in gitmig(history, "undo", status=1).stderr


def test_undo_from_a_sub_folder(history):
    before = snapshot_of(history)
    apply(history)
    history.run("gitmig", "undo", cwd=history.path / FOLDER)
    assert snapshot_of(history) == before


def test_undo_refuses_what_changed_since(history):
    apply(history)
    (history.path / "migrations/head").write_text("mine\n")
    said = gitmig(history, "undo", status=1).stderr
    assert "cannot undo: migrations/head changed since" in said
    assert "git status -- migrations/head" in said


def test_an_interrupted_operation(history):
    before = snapshot_of(history)
    assert in_child(lambda: apply(history, disk=Deadly(60))) == -9
    said = gitmig(history, "undo", status=5).stderr
    assert "gitmig undo --recover" in said
    assert gitmig(history, "undo", "--recover").stdout.startswith(
        "change files (gitmig resolve --merge): taken back: files and index are as they were before\n"
    )
    assert snapshot_of(history) == before
    assert gitmig(history, "undo", "--recover").stdout == "nothing was interrupted here\n"


def test_keep_belongs_to_recover(history):
    assert "--recover" in gitmig(history, "undo", "--keep", status=2).stderr


def test_without_a_worktree(make_history):
    bare = make_history([("main", FILES)], bare=True)
    assert "no worktree" in gitmig(bare, "undo", status=4).stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_without_permission(history):
    apply(history)
    (history.path / "migrations").chmod(0o555)
    assert "permission denied" in gitmig(history, "undo", status=4).stderr
