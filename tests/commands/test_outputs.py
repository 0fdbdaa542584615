"""Where the report of a check goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support import reports
from support.histories import History

from gitmig.commands.check import destinations_of, show_all, write
from gitmig.errors import EnvironmentProblem, UsageError
from gitmig.findings import Finding
from gitmig.report.report import Located, Report, Side

DESTINATIONS = {
    "nothing named": ([], [("text", None)]),
    "a file takes the place of standard output": (["out.txt"], [("text", "out.txt")]),
    "a format and a file are added": (["sarif:a.sarif"], [("text", None), ("sarif", "a.sarif")]),
    "several": (["sarif:a", "junit:b"], [("text", None), ("sarif", "a"), ("junit", "b")]),
    "both": (["out", "json:b"], [("text", "out"), ("json", "b")]),
    "a drive is no format": (["C:\\out.txt"], [("text", "C:\\out.txt")]),
    "a colon in the file": (["json:a:b"], [("text", None), ("json", "a:b")]),
}


@pytest.mark.parametrize(("outputs", "expected"), DESTINATIONS.values(), ids=DESTINATIONS.keys())
def test_destinations(outputs: list[str], expected: list[tuple[str, str | None]]) -> None:
    assert destinations_of("text", outputs) == expected


def test_a_format_without_a_file_is_refused() -> None:
    with pytest.raises(UsageError, match="names no file"):
        destinations_of("text", ["sarif:"])


def test_steps_of_a_job_share_the_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary, other = tmp_path / "summary", tmp_path / "other"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    for path in (summary, other):
        path.write_text("before\n")
        write("after\n", str(path), "markdown")
    assert (summary.read_text(), other.read_text()) == ("before\nafter\n", "after\n")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot write the report"):
        show_all(reports.CLEAN, "text", [f"json:{tmp_path}/none/report.json"])


@pytest.mark.parametrize("form", ["text", "json", "sarif", "gitlab", "junit", "markdown", "github"])
def test_what_is_printed_in_ci_commands_nobody(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_BUILD", "True")
    finding = Finding("GM101", "n", "error", "e", "##vso[task.complete result=Succeeded]", key=("##[error]",))
    show_all(Report("findings", "rev", Side("commit"), findings=(Located(finding),), status=1), form)
    printed = capsys.readouterr().out
    assert "Succeeded" in printed
    assert "##vso[" not in printed and "##[" not in printed


def test_several_at_once(make_history: Callable[..., History]) -> None:
    history = make_history(
        [("main", {"alembic.ini": "[alembic]\nscript_location = m\n", "m/versions/a.py": "x = 1\n"})]
    )
    done = history.run(
        "gitmig", "check", "--rev", "HEAD", "--output", "sarif:a.sarif", "--output", "markdown:a.md", status=None
    )
    assert done.returncode in (0, 3) and done.stdout
    assert '"2.1.0"' in (history.path / "a.sarif").read_text()
    assert (history.path / "a.md").read_text().startswith("## ")
