"""Real pushes to a real server: over the file system, http and ssh, with quarantine, in both object formats.

The whole table of pushes runs in tests/commands/test_serve_hook.py without git between; `bench/pushes.py` pushes all of
it over every transport.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from support.push_scenarios import PAIRS
from support.push_transports import served_over
from support.pushes import Push, Server, onto
from support.sources import sources

EDIT = PAIRS["an edited upgrade"]
TWO = PAIRS["two bad refs"]


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("transport", ["file", "http", "ssh"])
def test_a_push_is_refused_and_its_twin_taken(tmp_path: Path, transport: str, object_format: str) -> None:
    for push in EDIT:
        server = Server(tmp_path / f"{push.accepted}", push, object_format=object_format)
        before = server.refs()
        with served_over(transport, server):
            done = server.push(*push.refs)
        assert (done.returncode == 0) == push.accepted, done.stderr
        assert (server.refs() != before) == push.accepted
        assert all(words in done.stderr for words in push.says)
        left = list(server.bare.path.glob("objects/**/tmp_objdir*")) + list(server.bare.path.glob("objects/incoming*"))
        assert left == []


def test_every_ref_of_a_push_gets_its_verdict(tmp_path: Path) -> None:
    server = Server(tmp_path, TWO[0])
    done = server.push(*TWO[0].refs)
    assert done.returncode == 1
    assert "main: refused" in done.stderr
    assert "release/2: refused" in done.stderr


def test_the_update_hook_takes_the_good_ref_and_refuses_the_bad_one(tmp_path: Path) -> None:
    push = Push(
        [("work < main", sources("g7 <- d4")), ("good < release/2", sources("r10 <- r9"))],
        ["work:main", "good:release/2"],
    )
    server = Server(tmp_path, push, event="update")
    done = server.push(*push.refs)
    assert done.returncode == 1
    assert "main: refused" in done.stderr
    assert server.bare.git("rev-parse", "release/2").stdout == server.client.git("rev-parse", "good").stdout
    assert server.bare.git("rev-parse", "main").stdout == server.client.git("rev-parse", "main").stdout


def test_an_atomic_push_of_two_refs_is_all_or_nothing(tmp_path: Path) -> None:
    push = onto("", sources("g7 <- d4"))
    server = Server(tmp_path, push)
    before = server.refs()
    assert server.push("work:main", "topic:elsewhere", options=["--atomic"]).returncode == 1
    assert server.refs() == before


def test_a_repository_with_a_worktree_can_be_pushed_to(tmp_path: Path) -> None:
    push = EDIT[0]
    server = Server(tmp_path, push)
    checked_out = server.client.path.parent / "checked-out"
    server.client.git("clone", "--quiet", server.url, str(checked_out))
    hook = checked_out / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text((server.bare.path / "hooks" / "pre-receive").read_text())
    hook.chmod(0o755)
    server.client.git("config", "receive.denyCurrentBranch", "updateInstead", cwd=checked_out)
    server.url = str(checked_out)
    done = server.push("work:main")
    assert done.returncode == 1
    assert "GM201" in done.stderr


def test_without_gitmig_on_the_server_nothing_is_taken(tmp_path: Path) -> None:
    """The hook as docs/server.md has it: a program that is not there must not open the door."""
    server = Server(tmp_path, EDIT[1])
    hook = server.bare.path / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\nexec {shlex.quote(str(tmp_path / 'nowhere' / 'gitmig'))} serve-hook pre-receive\n")
    assert server.push("work:main").returncode == 1
