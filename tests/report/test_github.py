"""Annotations of GitHub Actions, read as a runner reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import reports
from support.golden import assert_golden

from gitmig.environments.environment import Problem
from gitmig.findings import Finding, Help, Location, Place
from gitmig.report.github import render_github
from gitmig.report.report import EnvironmentReport, Excerpt, Located, Report, Side

GOLDEN = Path(__file__).parent / "golden"


def commands(output: str) -> list[tuple[str, dict[str, str], str]]:
    """Every command that a runner would see: kind, properties, message.  It reads lines ended by CR, LF or both."""
    found = []
    for line in output.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        assert "##[" not in line
        if not line.lstrip().startswith("::"):
            continue
        head, _, message = line.lstrip()[2:].partition("::")
        kind, _, said = head.partition(" ")
        properties = dict(part.split("=", 1) for part in said.split(",") if part)
        found.append((kind, {key: decoded(value) for key, value in properties.items()}, decoded(message)))
    return found


def decoded(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


@pytest.mark.parametrize("name", ["full", "clean"])
def test_golden(name: str) -> None:
    assert_golden(GOLDEN / f"{name}_github.txt", render_github(getattr(reports, name.upper())))


def test_an_annotation_has_place_title_and_message() -> None:
    kind, properties, message = commands(render_github(reports.FULL))[0]
    assert kind == "error"
    assert properties == {
        "file": "migrations/versions/27c6a30d7c24_add_shopping_cart_table.py",
        "line": "12",
        "col": "17",
        "endLine": "12",
        "endColumn": "30",
        "title": "GM101 multiple-heads",
    }
    assert message.splitlines()[0] == reports.HEADS.finding.message
    assert "    gitmig resolve --reparent" in message.splitlines()


def test_severities_are_kinds_and_a_finding_without_a_place_has_no_file() -> None:
    found = commands(render_github(reports.FULL))
    assert [kind for kind, _, _ in found] == ["error", "error", "warning", "notice"]
    assert set(found[3][1]) == {"title"}


def test_a_span_over_several_lines_has_no_columns() -> None:
    located = reports.HEADS.replace(location=Location("p", 3, 5, 4, 2))
    ((_, properties, _),) = commands(render_github(Report("findings", "rev", Side("commit"), findings=(located,))))
    assert properties == {"file": "p", "line": "3", "endLine": "4", "title": "GM101 multiple-heads"}


def test_what_github_would_drop_is_in_the_text() -> None:
    findings = tuple(Located(Finding("GM101", "n", "error", "e", f"number {number:02}")) for number in range(12))
    output = render_github(Report("findings", "rev", Side("commit"), findings=(*findings, reports.UNREADABLE)))
    assert [kind for kind, _, _ in commands(output)] == ["error"] * 10 + ["warning"]
    assert "error[GM101]: number 11" in output


HOSTILE = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.sampled_from(
            ["::error::", "\n", "\r", "\r\n::", "##[error]", "%0A::", "%", ":", ",", "=", "\x85", "\u2028", " ", "#"]
        ),
    ),
    max_size=8,
).map("".join)


@given(HOSTILE, HOSTILE)
def test_there_are_as_many_commands_as_findings(text: str, line: str) -> None:
    finding = Finding("GM101", "n", "warning", text, text, Place(text, label=text), text, (Help(text, (text,)),))
    located = Located(finding, Location(text, 1, 1, 1, 3), Excerpt(1, (line,)))
    report = Report(
        "findings",
        "rev",
        Side("commit"),
        target=Side("commit", text, text),
        environments=(EnvironmentReport(text, (), (text,)),),
        findings=(located, located),
        existing=(located,),
        waived=((located, reports.WAIVER.replace(path=text, reason=text)),),
        undecided=(text,),
        remarks=(Problem(text, text),),
        nothing=text,
        list_existing=True,
    )
    found = commands(render_github(report))
    assert [kind for kind, _, _ in found] == ["warning", "warning"]
    assert all(
        set(properties) == {"file", "line", "col", "endLine", "endColumn", "title"} for _, properties, _ in found
    )
