"""Waiver files: what they say, what they cover, and how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.change.waivers import Waiver, covers, holds_for, is_waiver, parse_waiver, render_waiver, waiver_path
from gitmig.findings import Finding

PATH = ".gitmig/waivers/x.waiver"


def finding(code: str = "GM202", revisions: tuple[str, ...] = ("a1",), objects: tuple[str, ...] = ()) -> Finding:
    return Finding(code, "name", "error", "main", "message", revisions=revisions, objects=objects)


def test_a_waiver_with_everything() -> None:
    text = (
        b"# granted by the owners\n\nCode: gm201\nrevisions: a1, b2\nenvironment: main\nfingerprint: 1:9f\n"
        b"until: 2027-01-31\nreason: the type was wrong:\n  nobody had run it\n"
    )
    assert parse_waiver(PATH, text) == (
        Waiver(
            PATH,
            "GM201",
            "the type was wrong: nobody had run it",
            ("a1", "b2"),
            environment="main",
            fingerprint="1:9f",
            until="2027-01-31",
        ),
        (),
    )


@pytest.mark.parametrize(
    ("line", "attribute", "value"),
    [
        ("revision: a1", "revisions", ("a1",)),
        ("range: a1..b2", "range", ("a1", "b2")),
        ("object: book.title", "objects", ("book.title",)),
    ],
)
def test_what_it_is_about(line: str, attribute: str, value: object) -> None:
    waiver, problems = parse_waiver(PATH, f"code: GM202\n{line}\nreason: r\n".encode())
    assert problems == ()
    assert getattr(waiver, attribute) == value


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("revision: a\nreason: r", 0, "code must be", id="no code"),
        pytest.param("code: GM2\nrevision: a\nreason: r", 1, "code must be that of one rule", id="a prefix"),
        pytest.param("code: GM202\nrevision: a", 0, "needs a reason", id="no reason"),
        pytest.param("code: GM202\nrevision: a\nreason:", 3, "needs a reason", id="an empty reason"),
        pytest.param("code: GM202\nreason: r", 0, "one of revision, range and object", id="about nothing"),
        pytest.param(
            "code: GM202\nrevision: a\nobject: b\nreason: r",
            3,
            "one of revision, range and object",
            id="about two things",
        ),
        pytest.param("code: GM202\nrange: a\nreason: r", 2, "range must be FIRST..LAST", id="half a range"),
        pytest.param(
            "code: GM202\nrange: ..b\nreason: r", 2, "range must be FIRST..LAST", id="a range without a start"
        ),
        pytest.param("code: GM202\nrevision: a\nuntil: soon\nreason: r", 3, "until must be a date", id="no date"),
        pytest.param(
            "code: GM202\nrevision: a\nuntil: 2027-02-30\nreason: r", 3, "until must be a date", id="no such day"
        ),
        pytest.param("code: GM202\nrevison: a\nreason: r", 2, "did you mean 'revision'?", id="a typing error"),
        pytest.param(
            "code: GM202\nrevision: a\nreason: r\nGM203", 4, "not 'key: value'", id="a line of something else"
        ),
        pytest.param("code: GM202\ncode: GM203\nrevision: a\nreason: r", 2, "code is there twice", id="a key twice"),
    ],
)
def test_a_fault_is_named_with_its_line_and_nothing_is_waived(text: str, line: int, message: str) -> None:
    waiver, problems = parse_waiver(PATH, text.encode())
    assert waiver is None
    assert [(problem.path, problem.line) for problem in problems if message in problem.message] == [(PATH, line)]


@given(st.binary(max_size=200))
def test_any_bytes_give_a_waiver_or_a_problem(text: bytes) -> None:
    waiver, problems = parse_waiver(PATH, text)
    assert (waiver is None) == bool(problems)


WORDS = st.text("abc.:é#", min_size=1, max_size=30)
IDS = st.text("0123456789abcdef_", min_size=1, max_size=32)
SUBJECTS = st.one_of(
    st.builds(dict, revisions=st.lists(IDS, min_size=1, max_size=5).map(tuple)),
    st.builds(dict, range=st.tuples(IDS, IDS)),
    st.builds(dict, objects=st.lists(st.just("book.title"), min_size=1, max_size=3).map(tuple)),
)


@given(
    SUBJECTS,
    st.lists(WORDS, min_size=1, max_size=30),
    st.sampled_from(["", "2027-01-31"]),
    st.sampled_from(["", "1:9f"]),
)
def test_what_is_written_is_read_again(
    subject: dict[str, object], words: list[str], until: str, fingerprint: str
) -> None:
    waiver = Waiver(PATH, "GM202", f"r {' '.join(words)}", until=until, fingerprint=fingerprint, **subject)
    assert parse_waiver(PATH, render_waiver(waiver)) == (waiver, ())
    assert is_waiver(waiver_path(waiver))


def test_the_text_of_a_waiver() -> None:
    waiver = Waiver(
        "", "GM202", "squashed " + "when every database was past it " * 3, range=("a1", "b2"), until="2027-01-31"
    )
    assert render_waiver(waiver).decode() == (
        "code: GM202\nrange: a1..b2\nuntil: 2027-01-31\n"
        "reason: squashed when every database was past it when every database was past\n"
        "  it when every database was past it\n"
    )
    assert waiver_path(waiver) == ".gitmig/waivers/GM202-a1--b2.waiver"


def test_a_subject_cannot_leave_the_folder() -> None:
    assert waiver_path(Waiver("", "GM301", "r", objects=("../../x/y",))) == ".gitmig/waivers/GM301-x-y.waiver"


def within(first: str, last: str) -> tuple[str, ...]:
    return ("a1", "b2", "c3") if (first, last) == ("a1", "c3") else ()


COVERED = [
    pytest.param({"revisions": ("a1",)}, finding(), id="its revision"),
    pytest.param({"revisions": ("a1", "b2")}, finding(revisions=("b2",)), id="one of its revisions"),
    pytest.param({"range": ("a1", "c3")}, finding(revisions=("b2",)), id="a revision within its range"),
    pytest.param({"objects": ("book.title",)}, finding(revisions=(), objects=("book.title",)), id="its object"),
    pytest.param({"revisions": ("a1",), "environment": "main"}, finding(), id="its environment"),
]


@pytest.mark.parametrize(("subject", "one"), COVERED)
def test_covers(subject: dict[str, object], one: Finding) -> None:
    assert covers(Waiver("", "GM202", "r", **subject), one, within)


@pytest.mark.parametrize(
    ("subject", "one"),
    [
        pytest.param({"revisions": ("a1",)}, finding("GM201"), id="another rule"),
        pytest.param({"revisions": ("b2",)}, finding(), id="another revision"),
        pytest.param({"revisions": ("a1",)}, finding(revisions=("a1", "b2")), id="a finding about more"),
        pytest.param({"range": ("a1", "c3")}, finding(revisions=("d4",)), id="a revision outside the range"),
        pytest.param({"objects": ("book.title",)}, finding(), id="a finding about no object"),
        pytest.param({"revisions": ("a1",)}, finding(revisions=()), id="a finding about no revision"),
        pytest.param({"revisions": ("a1",), "environment": "other"}, finding(), id="another environment"),
    ],
)
def test_does_not_cover(subject: dict[str, object], one: Finding) -> None:
    assert not covers(Waiver("", "GM202", "r", **subject), one, within)


def test_a_range_covers_nothing_without_a_graph() -> None:
    assert not covers(Waiver("", "GM202", "r", range=("a1", "c3")), finding())


@pytest.mark.parametrize(
    ("granted_for", "fingerprint", "holds"),
    [("1:9f", "1:9f", True), ("1:9f", "1:00", False), ("", "1:9f", False), ("", "", True), ("1:9f", "", True)],
)
def test_a_waiver_is_for_one_text(granted_for: str, fingerprint: str, holds: bool) -> None:
    assert holds_for(Waiver("", "GM201", "r", ("a1",), fingerprint=granted_for), fingerprint) is holds


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".gitmig/waivers/GM202-a.waiver", True),
        (".gitmig/waivers/README.md", False),
        ("x/.gitmig/waivers/a.waiver", False),
    ],
)
def test_which_files_are_waivers(path: str, expected: bool) -> None:
    assert is_waiver(path) is expected
