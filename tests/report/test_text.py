"""What people read; the golden files are the specification."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import reports
from support.golden import assert_golden

from gitmig.environments.environment import Problem
from gitmig.errors import Refused
from gitmig.findings import Finding, Help, Location, Place
from gitmig.report.report import EnvironmentReport, Excerpt, Located, LocatedRelated, Report, Side, Skipped
from gitmig.report.text import render_error, render_finding, render_text

GOLDEN = Path(__file__).parent / "golden"
COLOR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [0, 80])
@pytest.mark.parametrize("report", ["full", "clean", "nothing"])
def test_reports(report: str, width: int) -> None:
    text = render_text(getattr(reports, report.upper()), width=width)
    assert_golden(GOLDEN / f"{report}_{width or 'unlimited'}.txt", text)


def test_existing_findings_are_listed_on_demand() -> None:
    assert_golden(GOLDEN / "existing.txt", render_text(reports.FULL.replace(list_existing=True, findings=())))


def test_an_error_that_stops_a_command() -> None:
    error = Refused(
        "cannot sync: database shop_dev is at c3f0a9d1e2b4, which no file on Git branch main defines",
        note="it was applied from feature/cart at commit 8f3c2d1 on 2026-03-02; its downgrade exists only there",
        help=(
            Help(
                "run that branch's downgrade, back to the common ancestor 1975ea83b712:",
                ("gitmig sync --from feature/cart",),
            ),
            Help(
                "or look first; this prints the SQL and changes nothing:",
                ("gitmig sync --from feature/cart --dry-run",),
            ),
        ),
    )
    assert_golden(GOLDEN / "error.txt", render_error(error))


@pytest.mark.parametrize("report", ["FULL", "CLEAN", "NOTHING"])
@pytest.mark.parametrize("width", [0, 80])
def test_colour_changes_nothing_but_colour(report: str, width: int) -> None:
    colored = render_text(getattr(reports, report), color=True, width=width)
    assert colored.count("\x1b[") >= 2
    assert COLOR.sub("", colored) == render_text(getattr(reports, report), width=width)


def excerpt_of(line: str, column: int, end: int, label: str = "", width: int = 0) -> list[str]:
    """What is shown of one line and beneath it."""
    located = Located(
        Finding("GM001", "x", "error", "e", "m", place=Place("p", label=label)),
        Location("p", 1, column, 1, end),
        Excerpt(1, (line,)),
    )
    return [
        text.removeprefix("1 | ").removeprefix("  | ")
        for text in render_finding(located, width=width).splitlines()[3:-1]
    ]


@pytest.mark.parametrize(
    ("line", "column", "end", "shown"),
    [
        pytest.param('a = "b"', 5, 8, ['a = "b"', "    ^^^ why"], id="the usual"),
        pytest.param('\ta = "b"', 6, 9, ['    a = "b"', "        ^^^ why"], id="a tab takes four columns"),
        pytest.param('名 = "b"', 5, 8, ['名 = "b"', "     ^^^ why"], id="a wide character takes two"),
        pytest.param('e\u0301 = "b"', 6, 9, ['e\u0301 = "b"', "    ^^^ why"], id="a combining one takes none"),
        pytest.param('\x1b = "b"', 5, 8, ['\\x1b = "b"', "       ^^^ why"], id="an escaped one takes four"),
        pytest.param("a = ", 5, 5, ["a =", "    ^ why"], id="at the end of the line"),
        pytest.param("a", 50, 60, ["a", " ^ why"], id="beyond the end of the line"),
        pytest.param("", 1, 1, ["", "^ why"], id="an empty line"),
    ],
)
def test_the_marks_are_beneath_the_text(line: str, column: int, end: int, shown: list[str]) -> None:
    assert [
        text.rstrip(" |1") if not text.strip(" |1") else text for text in excerpt_of(line, column, end, "why")
    ] == shown


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    located = Located(
        Finding("GM001", "x", "error", "e", "m", place=Place("p")),
        Location("p", 9, 3, 11, 2),
        Excerpt(9, ("  op.f(", "    1,", "  )")),
    )
    assert render_finding(located).splitlines()[1:] == [
        "  --> p:9:3",
        "   |",
        " 9 |   op.f(",
        "   |   ^^^^^",
        "10 |     1,",
        "11 |   )",
        "   |",
    ]


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize(("column", "length"), [(1, 5), (39, 5), (500, 5), (990, 10), (100, 800)])
def test_a_long_line_is_cut_around_the_marks(width: int, column: int, length: int) -> None:
    line = "".join(f"{number:04} " for number in range(200))
    shown, marks = excerpt_of(line, column, column + length, width=width)
    assert len(shown) + 4 <= width
    assert len(marks) + 4 <= width
    start = marks.index("^")
    marked = shown[start : len(marks)].removesuffix("...")
    assert line[column - 1 :].startswith(marked)


def test_a_label_that_does_not_fit_goes_beneath() -> None:
    shown = excerpt_of("x" * 60, 50, 55, "a label of more columns than there are left", width=80)
    assert shown[1] == " " * 49 + "^" * 5
    assert shown[2].strip() == "a label of more columns than there are left"
    assert all(len(line) + 4 <= 80 for line in shown)


@given(
    st.text(max_size=300), st.integers(1, 400), st.integers(1, 400), st.text(max_size=100), st.sampled_from([0, 20, 80])
)
def test_any_line_and_any_span_can_be_shown(line: str, column: int, end: int, label: str, width: int) -> None:
    assert excerpt_of(line, column, end, label, width)


def test_the_environment_is_named_where_there_are_several() -> None:
    other = EnvironmentReport("other", ("o",))
    report = reports.FULL.replace(environments=(reports.ENVIRONMENT, other), findings=(reports.NOWHERE,), waived=())
    assert "\n  = environment migrations\n" in render_text(report)
    assert "environment migrations\n" not in render_text(reports.FULL)


HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("\x1b\x07\r\n\x85\x9b\u202e\u2066\u200b\ufeff[:#]%,{}\x00\udc80\udcff")),
    max_size=40,
)


def hostile_report(text: str, line: str) -> Report:
    """A report in which everything that a repository can say says this."""
    finding = Finding(
        "GM101",
        "multiple-heads",
        "error",
        text,
        text,
        Place(text, label=text),
        text,
        (Help(text, (text,)),),
        revisions=(text,),
        objects=(text,),
    )
    location = Location(text, 1, 1, 1, 3)
    located = Located(
        finding, location, Excerpt(1, (line,)), (LocatedRelated(location, text, Excerpt(1, (line,))),), text
    )
    environments = (EnvironmentReport(text, (text,), (text,)), EnvironmentReport("b", ()))
    return Report(
        "findings",
        "rev",
        Side("commit", text),
        (text,),
        Side("commit", text, text),
        environments,
        (located, located.replace(location=None, excerpt=None)),
        (located,),
        ((located, reports.WAIVER.replace(path=text, reason=text)),),
        (text,),
        (Skipped(text, text),),
        (Problem(text, text, 3, text),),
        list_existing=True,
    )


@given(HOSTILE, HOSTILE, st.sampled_from([0, 80]))
def test_nothing_that_a_terminal_would_obey_or_hide_passes(text: str, line: str, width: int) -> None:
    shown = render_text(hostile_report(text, line), width=width)
    assert [part for part in shown.split("\n") if not part.replace("\u3000", " ").isprintable()] == []
    shown.encode("utf-8")


@given(HOSTILE, HOSTILE)
def test_with_colour_only_our_own_codes_pass(text: str, line: str) -> None:
    report = hostile_report(text, line)
    assert COLOR.sub("", render_text(report, color=True)) == render_text(report)
    assert "\x1b" not in COLOR.sub("", render_error(Refused(text, note=text, help=(Help(text),)), color=True))
