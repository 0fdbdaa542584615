"""Only regular files are opened; a FIFO does not hang, a link is not followed, what lies beyond one is not there."""

from __future__ import annotations

import os
import socket

import pytest

from gitmig.repo.store import Unreadable
from gitmig.repo.worktree import OTHER, Worktree, WorktreeFile
from gitmig.trees.entries import EXECUTABLE, LINK, REGULAR


@pytest.fixture
def top(tmp_path):
    folder = tmp_path / "top"
    (folder / "m/versions").mkdir(parents=True)
    (folder / "m/versions/a.py").write_bytes(b"a\r\n")
    (folder / "m/run.sh").write_text("x")
    (folder / "m/run.sh").chmod(0o755)
    (folder / "m/link.py").symlink_to("versions/a.py")
    (folder / "m/dangling.py").symlink_to("nothing")
    (folder / "m/loop").symlink_to("loop")
    (tmp_path / "outside.py").write_text("outside")
    (folder / "out").symlink_to("..")
    os.mkfifo(folder / "m/fifo.py")
    return folder


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("m/versions/a.py", WorktreeFile(REGULAR, b"a\r\n")),
        ("m/run.sh", WorktreeFile(EXECUTABLE, b"x")),
        ("m/link.py", WorktreeFile(LINK, b"versions/a.py")),
        ("m/dangling.py", WorktreeFile(LINK, b"nothing")),
        ("m/loop", WorktreeFile(LINK, b"loop")),
        ("m/fifo.py", WorktreeFile(OTHER, Unreadable("", "not a file"))),
        ("m/nothing.py", None),
        ("m/versions", None),
        ("m/versions/a.py/x", None),
        ("out/outside.py", None),
        ("../outside.py", None),
        ("m/../../outside.py", None),
    ],
)
def test_reads(top, path, expected):
    assert Worktree(str(top), limit=100).read([path]) == ({} if expected is None else {path: expected})


def test_a_file_up_to_the_limit_and_not_beyond(top):
    (top / "fits").write_bytes(b"x" * 100)
    (top / "large").write_bytes(b"x" * 101)
    found = Worktree(str(top), limit=100).read(["fits", "large"])
    assert found["fits"].content == b"x" * 100
    assert found["large"].content == Unreadable("", "oversize", 101)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(top):
    (top / "m/run.sh").chmod(0)
    found = Worktree(str(top), limit=100).read(["m/run.sh"])
    assert found["m/run.sh"].content == Unreadable("", "permission denied")


def test_lists_everything_but_the_git_folder_and_follows_no_link(top, monkeypatch):
    (top / ".git").mkdir()
    (top / ".git/config").touch()
    (top / "sub").mkdir()
    (top / "sub/.git").write_text("gitdir: elsewhere")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(top)  # the path of a socket must be short
        listener.bind("m/socket")
        found = Worktree(str(top), limit=100).listing([""])
    assert found == {
        "m/dangling.py": LINK,
        "m/fifo.py": OTHER,
        "m/link.py": LINK,
        "m/loop": LINK,
        "m/run.sh": EXECUTABLE,
        "m/socket": OTHER,
        "m/versions/a.py": REGULAR,
        "out": LINK,
    }


def test_lists_beneath_a_folder(top):
    worktree = Worktree(str(top), limit=100)
    assert worktree.listing(["m/versions", "nothing", "out"]) == {"m/versions/a.py": REGULAR}


def test_names_in_any_bytes(top):
    name = b"m/versions/line\nbreak-\xe9.py"
    with open(os.fsencode(top) + b"/" + name, "wb") as file:
        file.write(b"x")
    path = name.decode("utf-8", "surrogateescape")
    worktree = Worktree(str(top), limit=100)
    assert path in worktree.listing(["m"])
    assert worktree.read([path]) == {path: WorktreeFile(REGULAR, b"x")}
