"""One at a time; what a dead process left is taken over, what somebody else may still hold is not."""

from __future__ import annotations

import os
import subprocess

import pytest
from support.faults import in_child

from gitmig.apply import locking
from gitmig.apply.beneath import Disk
from gitmig.apply.locking import hold, is_held
from gitmig.apply.pending import require_nothing_pending, worktree_name
from gitmig.errors import EnvironmentProblem, OperationPending


def lock_and_leave(folder):
    with hold(folder, Disk()):
        os.kill(os.getpid(), 9)


def try_to_hold(folder, patience=0.2):
    with hold(folder, Disk(), patience=patience):
        pass


def test_held_and_given_back(tmp_path):
    assert not is_held(str(tmp_path))
    with hold(str(tmp_path), Disk()):
        assert is_held(str(tmp_path))
        assert in_child(lambda: try_to_hold(str(tmp_path))) == 4
    assert not is_held(str(tmp_path))
    try_to_hold(str(tmp_path))
    assert os.listdir(tmp_path / "gitmig") == ["lock"]


def test_given_back_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), hold(str(tmp_path), Disk()):
        raise ZeroDivisionError
    try_to_hold(str(tmp_path))


def test_what_a_killed_process_left_is_taken_over(tmp_path):
    assert in_child(lambda: lock_and_leave(str(tmp_path))) == -9
    assert (tmp_path / "gitmig/lock.held").exists()
    try_to_hold(str(tmp_path))
    assert not (tmp_path / "gitmig/lock.held").exists()


def guard(tmp_path, text):
    (tmp_path / "gitmig").mkdir()
    (tmp_path / "gitmig/lock.held").write_text(text)


BOOT, HOST = locking._this_machine().split(" ", 1)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"1 {BOOT} {HOST}\n", id="this machine"),
        pytest.param(f"1 other-boot {HOST}\n", id="this machine before it was restarted"),
        pytest.param(f"1 {BOOT} other-host\n", id="another container on this kernel"),
        pytest.param("", id="died before it wrote"),
    ],
)
def test_guards_of_the_dead(tmp_path, text):
    guard(tmp_path, text)
    try_to_hold(str(tmp_path))


def test_the_guard_of_another_machine_stays(tmp_path):
    guard(tmp_path, "1 other-boot other-host\n")
    with pytest.raises(EnvironmentProblem, match="another machine") as caught:
        try_to_hold(str(tmp_path))
    assert caught.value.status == 4
    assert "rm -- " in caught.value.help[0].commands[0]
    assert (tmp_path / "gitmig/lock.held").exists()


@pytest.fixture
def no_flock(monkeypatch):
    monkeypatch.setattr(locking, "_flock", lambda _descriptor: locking.UNKNOWN)


def test_without_flock_a_living_process_keeps_its_guard(tmp_path, no_flock):
    guard(tmp_path, f"{os.getpid()} {BOOT} {HOST}\n")
    with pytest.raises(EnvironmentProblem):
        try_to_hold(str(tmp_path))


def test_without_flock_a_dead_process_does_not(tmp_path, no_flock):
    gone = subprocess.Popen(["true"])
    gone.wait()
    guard(tmp_path, f"{gone.pid} {BOOT} {HOST}\n")
    try_to_hold(str(tmp_path))


def test_names_of_worktrees():
    assert worktree_name("/r/.git", "/r/.git") == "worktree"
    assert worktree_name("/r/.git/worktrees/x", "/r/.git") == "worktree-x"


def test_pending_while_another_is_at_work_is_a_matter_of_waiting(tmp_path):
    (tmp_path / "gitmig/pending").mkdir(parents=True)
    (tmp_path / "gitmig/pending/worktree.json").write_text("{}")
    with hold(str(tmp_path), Disk()):
        status = in_child(lambda: require_nothing_pending(str(tmp_path), str(tmp_path), patience=0.2))
        assert status == EnvironmentProblem.status
    with pytest.raises(OperationPending):
        require_nothing_pending(str(tmp_path), str(tmp_path), patience=0.2)
