"""The plain hooks in hooks/: small sh files that find gitmig, run an earlier hook first, and never break a checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.scratch import Scratch

from gitmig.repo.hook_install import EVENTS

HOOKS = Path(__file__).parents[2] / "hooks"
DECIDING = [event for event in EVENTS if event.startswith("pre-")]
TELLING = [event for event in EVENTS if event.startswith("post-")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hooks folder with our seven files, beside an empty folder for programs."""
    copy = tmp_path / "hooks"
    shutil.copytree(HOOKS, copy)
    (tmp_path / "bin").mkdir()
    return copy


def add_program(folder: Path, text: str, name: str = "gitmig") -> None:
    write_script(folder.parent / "bin" / name, text)


def add_earlier(folder: Path, event: str, text: str, mode: int = 0o755) -> None:
    write_script(folder / f"{event}.gitmig-chained", text, mode)


def write_script(path: Path, text: str, mode: int = 0o755) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(mode)


def run(folder: Path, event: str, *arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:
    path = f"{folder.parent / 'bin'}:/usr/bin:/bin"
    command = [str(folder / event), *arguments]
    return subprocess.run(command, env={"PATH": path}, input=input, capture_output=True, text=True, check=False)


def test_there_is_a_hook_for_every_event_and_no_other_file() -> None:
    assert sorted(path.name for path in HOOKS.iterdir()) == sorted(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_a_hook_is_plain_sh_and_executable(event: str) -> None:
    hook = HOOKS / event
    assert os.access(hook, os.X_OK)
    assert hook.read_text().startswith("#!/bin/sh\n# gitmig: ")
    for shell in filter(shutil.which, ("sh", "dash", "bash")):
        assert subprocess.run([shell, "-n", str(hook)], check=False).returncode == 0


@pytest.mark.parametrize("event", EVENTS)
def test_the_event_and_its_arguments_reach_gitmig(folder: Path, event: str) -> None:
    add_program(folder, 'printf "%s|" "$@"')
    assert run(folder, event, "a b", "", "*").stdout == f"hook|{event}|a b||*|"


@pytest.mark.parametrize("event", DECIDING)
def test_without_gitmig_nothing_passes_unchecked(folder: Path, event: str) -> None:
    ran = run(folder, event)
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1
    assert "gitmig: not found, so the " in ran.stderr
    assert "--no-verify" in ran.stderr


@pytest.mark.parametrize("event", TELLING)
def test_without_gitmig_what_git_has_done_is_no_failure(folder: Path, event: str) -> None:
    ran = run(folder, event)
    assert ran.returncode == 0
    assert ran.stderr == "gitmig: not found, so nothing is reported after this command; install gitmig\n"


@pytest.mark.parametrize("event", DECIDING)
def test_the_status_of_gitmig_is_the_hook_s_before_an_event(folder: Path, event: str) -> None:
    add_program(folder, "exit 3")
    assert run(folder, event).returncode == 3


@pytest.mark.parametrize("event", TELLING)
def test_a_gitmig_that_breaks_fails_nothing_after_an_event(folder: Path, event: str) -> None:
    add_program(folder, "exit 3")
    assert run(folder, event).returncode == 0


def test_the_program_that_install_wrote_down_comes_first(folder: Path) -> None:
    add_program(folder, "echo from PATH")
    add_program(folder, "echo from install", name="other gitmig")
    hook = folder / "pre-commit"
    program = folder.parent / "bin" / "other gitmig"
    hook.write_text(hook.read_text().replace("gitmig=gitmig #", f"gitmig='{program}' #", 1))
    assert run(folder, "pre-commit").stdout == "from install\n"
    program.unlink()
    assert run(folder, "pre-commit").stdout == "from PATH\n"


# A hook that was there before


@pytest.mark.parametrize("event", EVENTS)
def test_an_earlier_hook_runs_first_with_the_same_arguments(folder: Path, event: str) -> None:
    add_program(folder, 'echo "gitmig $3 $4"')
    add_earlier(folder, event, 'echo "earlier $1 $2"')
    assert run(folder, event, "a", "b c").stdout == "earlier a b c\ngitmig a b c\n"


@pytest.mark.parametrize("event", DECIDING)
def test_when_the_earlier_hook_refuses_it_is_refused(folder: Path, event: str) -> None:
    add_program(folder, "echo gitmig")
    add_earlier(folder, event, "exit 7")
    ran = run(folder, event)
    assert (ran.returncode, ran.stdout) == (7, "")


@pytest.mark.parametrize("event", TELLING)
def test_a_failing_earlier_hook_keeps_its_status_and_gitmig_still_tells(folder: Path, event: str) -> None:
    add_program(folder, "echo gitmig")
    add_earlier(folder, event, "exit 7")
    ran = run(folder, event)
    assert (ran.returncode, ran.stdout) == (7, "gitmig\n")


@pytest.mark.parametrize("event", EVENTS)
def test_an_earlier_hook_that_git_ignored_is_still_ignored(folder: Path, event: str) -> None:
    add_program(folder, "echo gitmig")
    add_earlier(folder, event, "exit 7", mode=0o644)
    ran = run(folder, event)
    assert (ran.returncode, ran.stdout) == (0, "gitmig\n")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param("", id="nothing to push"),
        pytest.param("refs/heads/a 1 refs/heads/a 2\n", id="one ref"),
        pytest.param("a 1 b 2\nc 3 d 4", id="no newline at the end"),
        pytest.param("a 1 b 2\n\n\n", id="empty lines at the end"),
        pytest.param("-n 1 %s 2\\n\n", id="characters that a shell could take for its own"),
        pytest.param("refs/heads/a 1 refs/heads/a 2\n" * 5000, id="more than a pipe holds"),
    ],
)
def test_both_hooks_of_a_push_read_the_same_lines(folder: Path, lines: str) -> None:
    add_program(folder, f"cat > {folder.parent}/read-by-gitmig")
    add_earlier(folder, "pre-push", f"cat > {folder.parent}/read-by-earlier")
    assert run(folder, "pre-push", input=lines).returncode == 0
    assert (folder.parent / "read-by-earlier").read_text() == lines
    assert (folder.parent / "read-by-gitmig").read_text() == lines


def test_an_earlier_hook_need_not_read_the_lines(folder: Path) -> None:
    add_program(folder, "cat >/dev/null")
    add_earlier(folder, "pre-push", "exit 0")
    ran = run(folder, "pre-push", input="refs/heads/a 1 refs/heads/a 2\n" * 5000)
    assert (ran.returncode, ran.stderr) == (0, "")


# In a repository


def test_a_folder_of_hooks_can_be_used_as_it_is(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "work")
    scratch.git("config", "core.hooksPath", str(HOOKS))
    programs = tmp_path / "bin"
    programs.mkdir()
    write_script(programs / "gitmig", 'echo "asked about $2"; [ "$2" != pre-commit ]')
    scratch.environment["PATH"] = f"{programs}:{scratch.environment['PATH']}"
    refused = scratch.git("commit", "--allow-empty", "-m", "x", status=1)
    assert "asked about pre-commit" in refused.stdout + refused.stderr
