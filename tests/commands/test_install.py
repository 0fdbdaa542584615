"""`gitmig install` and `uninstall` say what they did, and do what they say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.scratch import Scratch

from gitmig.commands import install as command
from gitmig.errors import UsageError


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    made = Scratch(tmp_path / "work")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, made.environment[name])
    return made


def install_files(scratch: Scratch, *, dry_run: bool = False) -> int:
    return command.install(str(scratch.path), method="files", dry_run=dry_run)


def hooks(scratch: Scratch) -> list[str]:
    return sorted(path.name for path in (scratch.path / ".git/hooks").iterdir() if path.suffix != ".sample")


def test_each_file_is_named(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    assert install_files(scratch) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "  .git/hooks/pre-commit"
    assert said[-1] == "installed; `gitmig uninstall` takes them out again"


def test_a_second_time_says_so(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    install_files(scratch)
    capsys.readouterr()
    assert install_files(scratch) == 0
    assert capsys.readouterr().out == "gitmig's hooks are installed already; nothing to do\n"


def test_a_dry_run_shows_the_same_and_changes_nothing(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    assert install_files(scratch, dry_run=True) == 0
    shown = capsys.readouterr().out.splitlines()
    assert hooks(scratch) == []
    assert shown[-1] == "would be installed; nothing was changed"

    install_files(scratch)
    assert capsys.readouterr().out.splitlines()[:-1] == shown[:-1]


def test_a_hook_that_was_there_is_mentioned_both_ways(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = scratch.write(".git/hooks/pre-commit", "#!/bin/sh\n")
    theirs.chmod(0o755)
    install_files(scratch)
    assert "it runs first, as pre-commit.gitmig-chained" in capsys.readouterr().out
    assert command.uninstall(str(scratch.path)) == 0
    assert ".git/hooks/pre-commit is again what it was before gitmig" in capsys.readouterr().out
    assert hooks(scratch) == ["pre-commit"]


def test_uninstall_without_install_has_nothing_to_do(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.uninstall(str(scratch.path)) == 0
    assert capsys.readouterr().out == "no hook of gitmig is installed; nothing to do\n"


def test_hooks_among_the_project_files_are_pointed_out(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.git("config", "core.hooksPath", ".githooks")
    install_files(scratch)
    assert "these hooks are files of the project" in capsys.readouterr().out


def test_an_unknown_method_is_a_usage_error(scratch: Scratch) -> None:
    with pytest.raises(UsageError, match="unknown method 'symlink': one of auto, config, files"):
        command.install(str(scratch.path), method="symlink")
