"""No write leaves the allowed folders: not by a path, not by a link, not by a link that appears at the last moment."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading

import pytest
from support.histories import Link
from support.plans import FILES, FOLDER, open_history

from gitmig.apply.apply import apply_plan
from gitmig.apply.beneath import Beneath, Disk, explain_os_error, require_allowed
from gitmig.errors import GitmigError, Refused
from gitmig.plan import ABSENT, Expected, Plan, write

NEW = Expected(ABSENT)


def plan_for(path):
    return Plan("", (write(path, b"x", before=None, expected=NEW),))


@pytest.mark.parametrize(
    "path",
    [
        "/etc/x",
        "../x",
        f"{FOLDER}/../../../x",
        f"{FOLDER}/./x",
        f"{FOLDER}//x",
        f"{FOLDER}/",
        "",
        ".git/hooks/pre-commit",
        f"{FOLDER}/.git/config",
        f"{FOLDER}/.GIT/config",
        f"{FOLDER}/.g\u200cit/config",
        f"{FOLDER}/GIT~1/config",
        f"{FOLDER}/.git./config",
        f"{FOLDER}/.git::$INDEX_ALLOCATION/x",
        f"{FOLDER}/nu\0ll",
        "other.py",
        f"{FOLDER}x/a.py",
        "migrations/env.py",
    ],
)
def test_paths_that_are_refused(path):
    with pytest.raises(Refused):
        require_allowed([path], [FOLDER, "migrations/head"])


@pytest.mark.parametrize(
    "path",
    [
        f"{FOLDER}/a.py",
        f"{FOLDER}/2025/a.py",
        "migrations/head",
        f"{FOLDER}/.gitignore",
        f"{FOLDER}/..a",
        f"{FOLDER}/-x",
    ],
)
def test_paths_that_are_not(path):
    require_allowed([path], [FOLDER + "/", "migrations/head"])


def test_nothing_is_allowed_by_default():
    with pytest.raises(Refused, match="outside"):
        require_allowed(["a"], [])


# Links


def link_file(top, outside):
    (top / FOLDER / "new.py").symlink_to(outside / "target.py")


def link_dangling(top, outside):
    (top / FOLDER / "new.py").symlink_to(outside / "nothing.py")


def link_inside(top, _outside):
    (top / FOLDER / "new.py").symlink_to("0001_a.py")


def link_parent(top, outside):
    (top / "migrations").rename(top / "moved")
    (top / "migrations").symlink_to(outside)


def link_versions(top, outside):
    (top / FOLDER).rename(top / "moved")
    (top / FOLDER).symlink_to(outside)


def link_versions_inside(top, _outside):
    (top / FOLDER).rename(top / "moved")
    (top / FOLDER).symlink_to("../moved")


def link_to_itself(top, _outside):
    (top / FOLDER).rename(top / "moved")
    (top / FOLDER).symlink_to("versions")


def fifo(top, _outside):
    os.mkfifo(top / FOLDER / "new.py")


def folder(top, _outside):
    (top / FOLDER / "new.py").mkdir()


def repository(top, _outside):
    (top / FOLDER / ".git").mkdir()


def submodule(top, _outside):
    (top / FOLDER / ".git").write_text("gitdir: elsewhere\n")


def file_for_folder(top, _outside):
    (top / FOLDER).rename(top / "moved")
    (top / FOLDER).write_text("a file")


@pytest.mark.parametrize(
    "layout",
    [
        link_file,
        link_dangling,
        link_inside,
        link_parent,
        link_versions,
        link_versions_inside,
        link_to_itself,
        fifo,
        folder,
        repository,
        submodule,
        file_for_folder,
    ],
)
def test_nothing_is_written_through(make_history, tmp_path, layout):
    history = make_history([("main", FILES)])
    outside = tmp_path / "outside"
    (outside / "versions").mkdir(parents=True)
    (outside / "target.py").write_text("outside")
    layout(history.path, outside)
    git, found = open_history(history)
    with pytest.raises(Refused):
        apply_plan(git, found, plan_for(f"{FOLDER}/new.py"), command="", allowed=[FOLDER], now=0)
    assert sorted(path.name for path in outside.rglob("*")) == ["target.py", "versions"]
    assert (outside / "target.py").read_text() == "outside"
    assert not list(history.path.rglob("*.tmp"))


def test_a_link_in_the_tree_is_no_file(make_history):
    history = make_history([("main", {**FILES, f"{FOLDER}/link.py": Link("0001_a.py")})])
    git, found = open_history(history)
    with pytest.raises(Refused, match="link"):
        apply_plan(git, found, plan_for(f"{FOLDER}/link.py"), command="", allowed=[FOLDER], now=0)


def test_a_worktree_that_is_reached_through_a_link_is_fine(make_history, tmp_path):
    history = make_history([("main", FILES)])
    (tmp_path / "linked").symlink_to(history.path)
    history.path = tmp_path / "linked"
    git, found = open_history(history)
    assert apply_plan(git, found, plan_for(f"{FOLDER}/new.py"), command="", allowed=[FOLDER], now=0).number == 1


def test_a_folder_that_becomes_a_link_again_and_again(make_history, tmp_path):
    """A thread exchanges folder and link while plans are applied: whatever wins, nothing is written outside."""
    history = make_history([("main", FILES)])
    outside = tmp_path / "outside"
    outside.mkdir()
    versions, hidden = history.path / FOLDER, history.path / "hidden"
    stop = threading.Event()

    def exchange():
        while not stop.is_set():
            os.rename(versions, hidden)
            with contextlib.suppress(FileExistsError):  # the plan was quicker, and made a folder
                os.symlink(outside, versions)
                os.unlink(versions)
            try:
                os.rename(hidden, versions)
            except OSError:  # the plan made a folder where none was
                shutil.rmtree(versions)
                os.rename(hidden, versions)

    thread = threading.Thread(target=exchange)
    thread.start()
    git, found = open_history(history)
    try:
        for number in range(15):
            try:
                plan = plan_for(f"{FOLDER}/new{number}.py")
                apply_plan(git, found, plan, command="", allowed=[FOLDER], now=0, patience=0.2)
            except GitmigError:
                continue
    finally:
        stop.set()
        thread.join()
    assert list(outside.iterdir()) == []


# The class itself


class NoLinks(Disk):
    def link(self, folder, name, to_folder, to_name):
        raise OSError(95, "Operation not supported")


def test_a_file_system_without_hard_links(make_history):
    from support.plans import five_files, litter, snapshot_of

    from gitmig.apply.undo import undo_last

    history = make_history([("main", FILES)])
    before = snapshot_of(history)
    git, found = open_history(history)
    apply_plan(git, found, five_files(history), command="", allowed=["migrations"], now=0, disk=NoLinks())
    assert (history.path / f"{FOLDER}/2025/new.py").exists()
    assert litter(history) == []
    undo_last(git, found, command="", now=0, disk=NoLinks())
    assert snapshot_of(history) == before


class ShortWrites(Disk):
    def write(self, file, data):
        return super().write(file, data[:3])


def test_writes_that_take_only_a_part(tmp_path):
    with Beneath(str(tmp_path), ShortWrites()) as files:
        files.replace("a", b"0123456789")
    assert (tmp_path / "a").read_bytes() == b"0123456789"
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    class Full(Disk):
        def write(self, file, data):
            raise OSError(28, "No space left on device")

    (tmp_path / "a").write_bytes(b"old")
    with Beneath(str(tmp_path), Full()) as files, pytest.raises(OSError, match="No space"):
        files.replace("a", b"new")
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (28, "cannot write: no space left on device"),
        (5, "cannot write: input/output error"),
        (13, "cannot write: permission denied"),
        (30, "cannot write: read-only file system"),
    ],
)
def test_one_clear_message(number, said):
    error = explain_os_error(OSError(number, os.strerror(number)), "write")
    assert error.what == said
    assert error.note == "nothing was changed"
    assert error.status == 4
