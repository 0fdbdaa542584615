"""Whatever fails at whichever point: everything is old or everything is new, and nothing lies about afterwards."""

from __future__ import annotations

import errno
import os
import shutil
from random import Random

import pytest
from support.faults import Counting, Deadly, Failing, PowerCut, in_child
from support.histories import History
from support.plans import FILES, FOLDER, Planner, five_files, litter, open_history, snapshot_of

from gitmig.apply.apply import apply_plan
from gitmig.apply.pending import require_nothing_pending
from gitmig.apply.undo import recover, undo_last
from gitmig.errors import EnvironmentProblem, OperationPending

NOW = 1_760_000_000


@pytest.fixture
def make(make_history, tmp_path):
    """A fresh copy of one repository, as often as wanted."""
    original = make_history([("main", FILES)])
    count = 0

    def copy() -> History:
        nonlocal count
        count += 1
        path = tmp_path / f"copy-{count}"
        shutil.copytree(original.path, path, symlinks=True)
        return History(path, create=False)

    return copy


def small(history):
    """A change, a rename and a new folder: every kind of call there is."""
    planner = Planner(history)
    return planner.plan(
        planner.write("migrations/head", b"0010\n"),
        planner.rename(f"{FOLDER}/0003_c.py", f"{FOLDER}/2025/0010_c.py"),
    )


def apply(history, plan, disk):
    git, layout = open_history(history)
    return apply_plan(git, layout, plan, command="test", allowed=["migrations"], now=NOW, disk=disk, patience=0.2)


def recovered(history):
    git, layout = open_history(history)
    return [one.outcome for one in recover(git, layout, patience=0.2)]


def is_pending(history):
    _git, layout = open_history(history)
    try:
        require_nothing_pending(layout.git_dir, layout.common_dir, patience=0.1)
    except OperationPending:
        return True
    return False


def states(make, change=small):
    """Before, after, and how many calls write."""
    history = make()
    old, disk = snapshot_of(history), Counting()
    apply(history, change(history), disk)
    return old, snapshot_of(history), disk.calls


def test_the_calls_are_of_every_kind(make):
    _old, _new, calls = states(make)
    assert set(calls) >= {"create", "write", "sync", "link", "rename", "unlink", "make_folder", "set_permissions"}


def test_killed_at_every_point(make):
    old, new, calls = states(make)
    ended = []
    for at in range(1, len(calls) + 1):
        history = make()
        plan = small(history)
        assert in_child(lambda history=history, plan=plan, at=at: apply(history, plan, Deadly(at))) == -9, at
        pending = is_pending(history)
        outcome = recovered(history)
        found = snapshot_of(history)
        assert found in (old, new), f"torn at {at} ({calls[at - 1]})"
        assert bool(outcome) == pending
        assert not is_pending(history)
        # What lies in our own folder of .git is swept by the next operation; in the worktree nothing may.
        assert [name for name in litter(history) if not name.startswith(".git/gitmig/")] == [], at
        ended.append(found == new)
        if found == old and at % 5 == 0:
            assert apply(history, plan, Counting()).number > 0
            assert litter(history) == [], at
        shutil.rmtree(history.path)
    assert ended == sorted(ended), "once new, always new"
    assert {True, False} == set(ended)


def test_recovery_killed_at_every_point(make):
    """Killed at the worst place, after the first rename, and then again and again on the way back."""
    old, _new, calls = states(make)
    worst = len(calls) - calls[::-1].index("rename")  # the journal knows, files are new, the log does not know
    history = make()
    plan = small(history)
    assert in_child(lambda: apply(history, plan, Deadly(worst))) == -9
    assert snapshot_of(history) != old

    def recover_with(disk, where):
        git, layout = open_history(where)
        recover(git, layout, disk=disk, patience=0.2)

    counting = Counting()
    copy = History(history.path.with_name("probe"), create=False)
    shutil.copytree(history.path, copy.path, symlinks=True)
    recover_with(counting, copy)
    assert snapshot_of(copy) == old
    for at in range(1, len(counting.calls) + 1):
        target = History(history.path.with_name(f"again-{at}"), create=False)
        shutil.copytree(history.path, target.path, symlinks=True)
        assert in_child(lambda target=target, at=at: recover_with(Deadly(at), target)) == -9
        recovered(target)
        assert snapshot_of(target) == old, f"torn at {at} ({counting.calls[at - 1]})"
        assert [name for name in litter(target) if not name.startswith(".git/gitmig/")] == []
        shutil.rmtree(target.path)


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EIO])
def test_one_call_that_fails_at_every_point(make, problem):
    old, new, calls = states(make)
    history = make()
    plan = small(history)
    for at in range(1, len(calls) + 1):
        if problem == errno.EIO and at % 3:  # the same way out as ENOSPC; bench/faults.py takes every point
            continue
        try:
            apply(history, plan, Failing(at, problem))
        except OperationPending as error:
            assert error.status == 5
            recovered(history)
        except EnvironmentProblem as error:
            assert error.status == 4
            assert os.strerror(problem).lower() in error.what
            assert snapshot_of(history) == old, f"torn at {at} ({calls[at - 1]})"
        found = snapshot_of(history)
        assert found in (old, new), f"torn at {at} ({calls[at - 1]})"
        assert [name for name in litter(history) if not name.startswith(".git/gitmig/")] == [], at
        if found == new:
            shutil.rmtree(history.path)
            history = make()
            plan = small(history)


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EROFS, errno.EACCES], ids=errno.errorcode.get)
def test_a_disk_that_stays_broken(make, problem):
    """Full, or read-only from some moment on; removing files works on a full disk and is what going back needs."""
    old, new, calls = states(make)
    for at in range(1, len(calls) + 1, 3):
        history = make()
        try:
            apply(history, small(history), Failing(at, problem, forever=True))
        except EnvironmentProblem:
            assert snapshot_of(history) == old
        except OperationPending:
            recovered(history)
            assert snapshot_of(history) in (old, new)
        shutil.rmtree(history.path)


def test_an_interrupt_from_the_keyboard(make):
    class Interrupting(Counting):
        def before(self, name: str) -> None:
            if name == "rename" and self.calls.count("rename") == 3:
                raise KeyboardInterrupt

    history = make()
    old = snapshot_of(history)
    with pytest.raises(KeyboardInterrupt):
        apply(history, five_files(history), Interrupting())
    assert snapshot_of(history) == old
    assert litter(history) == []


def test_a_power_cut(make):
    """Every fifth call, and what was not synced is lost in part.  bench/faults.py has more of these."""
    old, new, calls = states(make)
    for at in range(2, len(calls) + 1, 5):
        history = make()
        plan = small(history)
        assert in_child(lambda history=history, plan=plan, at=at: apply(history, plan, PowerCut(at, Random(at)))) == -9
        recovered(history)
        assert snapshot_of(history) in (old, new), f"torn at {at} ({calls[at - 1]})"
        assert [name for name in litter(history) if not name.startswith(".git/gitmig/")] == [], at
        shutil.rmtree(history.path)


# What others do after a crash


@pytest.fixture
def torn(make):
    """Killed after the files were renamed and before the index was: (repository, old state)."""
    old, _new, calls = states(make, five_files)
    history = make()
    renames = [number for number, name in enumerate(calls, 1) if name == "rename"]
    plan = five_files(history)
    # renames: the journal, three files (links make new ones), then the index and the log
    assert in_child(lambda: apply(history, plan, Deadly(renames[-2]))) == -9
    assert snapshot_of(history) != old
    return history, old


def test_every_command_stops_while_an_operation_is_pending(torn):
    history, _old = torn
    git, layout = open_history(history)
    with pytest.raises(OperationPending) as caught:
        require_nothing_pending(layout.git_dir, layout.common_dir)
    assert caught.value.status == 5
    with pytest.raises(OperationPending):
        apply(history, five_files(history), Counting())
    with pytest.raises(OperationPending):
        undo_last(git, layout, command="undo", now=NOW)


def test_git_commits_nothing_torn(torn):
    history, _old = torn
    history.git("commit", "-qam", "half", status=128)


def test_back_to_the_old_state(torn):
    history, old = torn
    assert recovered(history) == ["old"]
    assert snapshot_of(history) == old
    assert litter(history) == []


def test_also_when_the_helper_files_were_cleaned_away(torn):
    history, old = torn
    history.git("clean", "-qfdx")
    assert recovered(history) == ["old"]
    assert snapshot_of(history) == old


def test_also_when_somebody_removed_the_lock_and_staged_something(torn):
    history, old = torn
    (history.path / ".git/index.lock").unlink()
    (history.path / "other.py").write_text("mine\n")
    history.git("add", "other.py")
    assert recovered(history) == ["old"]
    assert history.git("show", ":other.py").stdout == "mine\n"
    found = snapshot_of(history)
    assert {**found.files, "other.py": old.files["other.py"]} == old.files
    assert litter(history) == []


def test_a_lock_of_another_program_is_not_removed(torn):
    history, old = torn
    lock = history.path / ".git/index.lock"
    lock.unlink()
    lock.write_text("")
    assert recovered(history) == ["old"]  # the index was not changed yet, so its lock is not needed
    assert lock.exists()
    assert snapshot_of(history).files == old.files


def test_a_file_changed_since_is_not_overwritten(torn):
    history, _old = torn
    (history.path / "migrations/head").write_text("mine\n")
    before = snapshot_of(history)
    git, layout = open_history(history)
    with pytest.raises(OperationPending, match="migrations/head changed since"):
        recover(git, layout)
    assert snapshot_of(history).files == before.files
    assert not (history.path / ".git/index.lock").exists()
    assert is_pending(history)

    assert [one.outcome for one in recover(git, layout, keep=True)] == ["kept"]
    assert (history.path / "migrations/head").read_text() == "mine\n"
    assert litter(history) == []
    assert not is_pending(history)


def test_a_linked_worktree_that_is_gone_is_forgotten(make):
    history = make()
    main, linked = history.path, history.path.parent / "linked"
    history.git("worktree", "add", "-q", str(linked), "-b", "linked")
    history.path = linked
    plan = five_files(history)
    assert in_child(lambda: apply(history, plan, Deadly(60))) == -9
    assert is_pending(history)
    history.path = main
    assert not is_pending(history)
    assert recovered(history) == []
    history.git("worktree", "remove", "--force", str(linked))
    history.git("worktree", "add", "-q", "--force", str(linked), "linked")
    assert recovered(history) == ["dropped"]
    assert litter(history) == []


def test_a_journal_that_cannot_be_read_is_said(torn):
    history, _old = torn
    (history.path / ".git/gitmig/pending/worktree.json").write_text("{")
    git, layout = open_history(history)
    with pytest.raises(EnvironmentProblem, match="cannot read gitmig's journal"):
        recover(git, layout)
