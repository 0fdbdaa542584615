"""`gitmig` in this process on a repository: exit status, report and what was said beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gitmig.entry import main


class Checked(NamedTuple):
    """One run of `gitmig check --format json`."""

    status: int
    report: dict[str, Any]
    said: str

    def codes(self, severity: str = "error") -> list[str]:
        return [one["code"] for one in self.report["findings"] if severity in ("", one["severity"])]

    def finding(self, code: str) -> dict[str, Any]:
        (found,) = [one for one in self.report["findings"] if one["code"] == code]
        return found

    def existing(self) -> list[str]:
        return [one["code"] for one in self.report["existing"]]


class Run(NamedTuple):
    """One run of any command."""

    status: int
    output: str
    said: str


Runner = Callable[..., Run]


def runner(capsys: pytest.CaptureFixture[str]) -> Runner:
    """`run(directory, "heads", "--rev", "main")`."""

    def run(directory: Path | None, *words: str) -> Run:
        status = main([*(["-C", str(directory)] if directory else []), *words])
        output, said = capsys.readouterr()
        assert "Traceback" not in output + said
        return Run(status, output, said)

    return run


def checker(capsys: pytest.CaptureFixture[str]) -> Callable[..., Checked]:
    """`check(directory, "--rev", "feature", "--base", "main")`."""
    run = runner(capsys)

    def check(directory: Path, *options: str) -> Checked:
        done = run(directory, "check", "--format", "json", *options)
        assert done.output, done.said
        return Checked(done.status, json.loads(done.output), done.said)

    return check
