"""Which Python is asked in exact mode."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gitmig.config import Config, build_config, settings_of_files, settings_of_variables
from gitmig.errors import UsageError
from gitmig.interpreter.python import find_interpreter


def environment(folder: Path) -> Path:
    """Something that looks like a virtual environment."""
    program = folder / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.symlink_to(sys.executable)
    return program


def test_the_first_that_is_there(tmp_path: Path) -> None:
    config, named = Config(), {"VIRTUAL_ENV": str(tmp_path / "active")}
    assert find_interpreter(config, named, str(tmp_path)).path == sys.executable
    plain = environment(tmp_path / "venv")
    assert find_interpreter(config, named, str(tmp_path)).path == str(plain)
    hidden = environment(tmp_path / ".venv")
    assert find_interpreter(config, named, str(tmp_path)).path == str(hidden)
    active = environment(tmp_path / "active")
    found = find_interpreter(config, named, str(tmp_path))
    assert (found.path, found.origin) == (str(active), "VIRTUAL_ENV")
    environment(tmp_path / "own")
    config = build_config(settings_of_files({"gitmig.toml": b'python = "own"\n'}))
    found = find_interpreter(config, named, str(tmp_path))
    assert found.path == str(tmp_path / "own" / "bin" / "python")
    assert "gitmig.toml" in found.origin


def test_the_variable_wins_over_the_file(tmp_path: Path) -> None:
    program = environment(tmp_path / "chosen")
    variables = settings_of_variables({"GITMIG_PYTHON": str(program)})
    config = build_config(variables, settings_of_files({"gitmig.toml": b'python = "own"\n'}))
    found = find_interpreter(config, {}, str(tmp_path))
    assert (found.path, found.origin) == (str(program), "GITMIG_PYTHON")


def test_without_a_worktree(tmp_path: Path) -> None:
    assert find_interpreter(Config(), {}, None).path == sys.executable


def test_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no program that can be run"):
        find_interpreter(Config(python="nowhere/bin/python"), {}, str(tmp_path))
