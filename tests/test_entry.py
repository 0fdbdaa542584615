"""The front door: which way a command takes, and what becomes of everything that can be raised."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable

import pytest

from gitmig import __version__, entry
from gitmig.errors import CannotDecide, EnvironmentProblem, GitmigError, OperationPending, Refused, UsageError
from gitmig.findings import Help


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    def run(error: BaseException) -> int:
        def fail(_words: list[str]) -> int:
            raise error

        monkeypatch.setattr(entry, "run", fail)
        return entry.main(["check"])

    return run


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("x"), 1),
        (UsageError("x"), 2),
        (CannotDecide("x"), 3),
        (EnvironmentProblem("x"), 4),
        (OperationPending("x"), 5),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 0),
        (OSError(errno.ENOSPC, "No space left on device", "report.txt"), 4),
        (PermissionError(errno.EACCES, "Permission denied", ".git/gitmig"), 4),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_each_error_has_its_status(
    raising: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str], error: BaseException, status: int
) -> None:
    assert raising(error) == status
    output, said = capsys.readouterr()
    assert output == ""
    assert "Traceback" not in said


def test_an_error_says_what_why_and_what_to_do(
    raising: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    raising(GitmigError("cannot do it", note="because", help=(Help("try this", ("gitmig doctor",)),)))
    assert capsys.readouterr().err == "error: cannot do it\nnote: because\nhelp: try this:\n          gitmig doctor\n"


def test_text_of_a_repository_in_an_error_is_escaped(
    raising: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    raising(GitmigError("no branch \x1b[31mred\n::error::owned", note="\x07"))
    said = capsys.readouterr().err
    assert "\x1b" not in said and "\x07" not in said
    assert not any(line.startswith("::") for line in said.splitlines())


def test_hooks_go_straight_to_their_command() -> None:
    """click alone costs more than all that a hook does when nothing is relevant."""
    code = (
        "import sys; from gitmig.entry import main; main(['hook', 'post-checkout', 'a', 'a', '0']); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "gitmig.commands.hook" in done.stdout
    assert not {"click", "rich_click", "rich", "gitmig.cli"} & set(done.stdout.split())


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["--version"]) == 0
    assert capsys.readouterr().out == f"gitmig, version {__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["-h"]])
def test_help(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert entry.main(words) == 0
    assert "gitmig" in capsys.readouterr().out


def test_no_command_at_all_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([]) in (0, 2)
    output, said = capsys.readouterr()
    assert "check" in output + said
