"""Undo brings back bytes, permissions and index of the last operation, further each time, and never over other work."""

from __future__ import annotations

import os
import shutil

import pytest
from support.plans import FILES, FOLDER, Planner, five_files, litter, open_history, snapshot_of

from gitmig.apply.apply import apply_plan
from gitmig.apply.beneath import Beneath, Disk
from gitmig.apply.journal import KEPT_OPERATIONS, KEPT_SECONDS, Log
from gitmig.apply.undo import recover, undo_last
from gitmig.errors import Refused

NOW = 1_760_000_000


@pytest.fixture
def history(make_history):
    return make_history([("main", FILES)])


def apply(history, plan, now=NOW):
    git, layout = open_history(history)
    return apply_plan(git, layout, plan, command="gitmig test", allowed=["migrations"], now=now)


def undo(history):
    git, layout = open_history(history)
    return undo_last(git, layout, command="gitmig undo", now=NOW)


def write_head(history, text):
    planner = Planner(history)
    return apply(history, planner.plan(planner.write("migrations/head", text), title=f"head {text!r}"))


def test_everything_comes_back(history):
    os.chmod(history.path / "migrations/head", 0o640)
    before = snapshot_of(history)
    apply(history, five_files(history))
    undone, done = undo(history)
    assert snapshot_of(history) == before
    assert (undone.number, done.number, done.undoes) == (1, 2, 1)
    assert litter(history) == []


def test_one_further_back_each_time_and_then_no_further(history):
    states = []
    for text in (b"1\n", b"2\n", b"3\n"):
        states.append(snapshot_of(history))
        write_head(history, text)
    for state in reversed(states):
        undo(history)
        assert snapshot_of(history) == state
    with pytest.raises(Refused, match="nothing to undo"):
        undo(history)


def test_after_an_undo_work_goes_on(history):
    write_head(history, b"1\n")
    one = snapshot_of(history)
    write_head(history, b"2\n")
    undo(history)
    write_head(history, b"3\n")
    undo(history)
    assert snapshot_of(history) == one
    undone, _done = undo(history)
    assert undone.number == 1


def changed(history):
    (history.path / "migrations/head").write_text("mine\n")


def removed(history):
    (history.path / "migrations/head").unlink()


def put_back(history):
    (history.path / f"{FOLDER}/0004_d.py").write_text("mine\n")


def staged_anew(history):
    text = (history.path / "migrations/head").read_text()
    history.stage({"migrations/head": "staged\n"})
    (history.path / "migrations/head").write_text(text)


@pytest.mark.parametrize("meanwhile", [changed, removed, put_back, staged_anew])
def test_work_done_since_is_never_overwritten(history, meanwhile):
    apply(history, five_files(history))
    meanwhile(history)
    before = snapshot_of(history)
    with pytest.raises(Refused, match="changed since") as caught:
        undo(history)
    assert caught.value.status == 1
    assert snapshot_of(history) == before


def test_work_done_elsewhere_stays(history):
    apply(history, five_files(history))
    history.stage({"other.py": "mine\n"})
    undo(history)
    assert (history.path / "other.py").read_text() == "mine\n"
    assert history.git("status", "--porcelain").stdout == "M  other.py\n"


def test_a_commit_in_between_is_not_undone_but_the_files_are(history):
    before = snapshot_of(history)
    apply(history, five_files(history))
    history.git("commit", "-qm", "resolved")
    head = history.head()
    undo(history)
    assert snapshot_of(history) == before
    assert history.head() == head


def test_a_folder_that_was_made_and_is_used_stays(history):
    apply(history, five_files(history))
    (history.path / f"{FOLDER}/2025/mine.py").write_text("mine\n")
    undo(history)
    assert (history.path / f"{FOLDER}/2025/mine.py").exists()


def test_a_conflict_comes_back(make_history):
    history = make_history(
        [
            ("main", {**FILES, "migrations/head": "0001\n"}),
            ("feature < main", {"migrations/head": "0002\n"}),
            ("main", {"migrations/head": "0003\n"}),
        ]
    )
    history.git("merge", "feature", status=1)
    before = snapshot_of(history)
    write_head(history, b"0004\n")
    undo(history)
    assert snapshot_of(history) == before
    assert history.git("status", "--porcelain").stdout == "UU migrations/head\n"


def test_the_old_bytes_survive_gc(history):
    (history.path / "migrations/head").write_text("never in Git\n")
    before = snapshot_of(history)
    write_head(history, b"new\n")
    history.git("gc", "-q", "--prune=now")
    history.git("clean", "-qfdx")
    undo(history)
    assert snapshot_of(history) == before


def test_pins_are_seen_by_nobody(history):
    write_head(history, b"new\n")
    assert "gitmig" not in history.git("log", "--all", "--decorate", "--oneline").stdout
    assert history.git("branch", "-a").stdout == "* main\n"
    assert history.git("fsck", "--strict", "--no-dangling").stdout == ""


def test_each_worktree_undoes_its_own(history, tmp_path):
    main = history.path
    history.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")
    first = snapshot_of(history)
    write_head(history, b"main\n")
    history.path = tmp_path / "linked"
    linked = snapshot_of(history)
    write_head(history, b"linked\n")
    history.path = main
    undo(history)
    assert snapshot_of(history) == first
    history.path = tmp_path / "linked"
    assert (history.path / "migrations/head").read_text() == "linked\n"
    undo(history)
    assert snapshot_of(history) == linked


def test_a_repository_that_was_moved(history, tmp_path):
    before = snapshot_of(history)
    apply(history, five_files(history))
    shutil.move(history.path, tmp_path / "moved")
    history.path = tmp_path / "moved"
    undo(history)
    assert snapshot_of(history) == before


def test_nothing_is_pending_and_recover_says_so(history):
    git, layout = open_history(history)
    assert recover(git, layout) == ()


# What is kept


def log_of(history):
    _git, layout = open_history(history)
    return Log(Beneath(layout.common_dir, Disk()), layout)


def test_operations_older_than_90_days_are_forgotten(history):
    write_head(history, b"1\n")
    planner = Planner(history)
    plan = planner.plan(planner.write("migrations/head", b"2\n"))
    apply(history, plan, now=NOW + KEPT_SECONDS + 1)
    assert log_of(history).numbers() == [2]
    assert history.git("for-each-ref", "--format=%(refname)", "refs/gitmig").stdout == "refs/gitmig/ops/2\n"


def test_the_last_200_are_kept(history):
    write_head(history, b"1\n")
    folder = history.path / ".git/gitmig/ops"
    text = (folder / "1.json").read_text()
    for number in range(2, KEPT_OPERATIONS + 1):
        (folder / f"{number}.json").write_text(text.replace('"number": 1,', f'"number": {number},'))
    write_head(history, b"2\n")
    assert log_of(history).numbers() == list(range(2, KEPT_OPERATIONS + 2))


def test_what_a_record_says(history):
    operation = apply(history, five_files(history))
    read = log_of(history).operation(1)
    assert read == operation
    assert read.command == "gitmig test"
    assert read.when == NOW
    assert read.worktree == "worktree"
    assert read.folders == (f"{FOLDER}/2025",)
    assert set(read.paths) == {
        "migrations/head",
        *(f"{FOLDER}/{name}" for name in ("0002_b.py", "0003_c.py", "0004_d.py", "0010_c.py", "2025/new.py")),
    }
