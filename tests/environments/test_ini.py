"""Our reading of ini text, with `configparser` as the oracle."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.environments.ini import BadInterpolation, interpolate, parse_ini

LINES = st.sampled_from(
    [
        "[alembic]",
        "[other]",
        "[DEFAULT]",
        "[a] trailing ]",
        "[]",
        "script_location = migrations",
        "Script_Location: x:y",
        "version_locations =",
        "    continued",
        "  = deeper",
        "\tmore",
        "# comment",
        "  ; comment",
        "",
        "   ",
        "key = value # no inline comment",
        "no delimiter",
        "= no name",
        "url = driver://user:p%40ss@host",
        "k:",
    ]
)


def by_configparser(text: str) -> dict[str, dict[str, str]] | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return {name: dict(parser.items(name)) for name in parser.sections()}


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_reads_what_configparser_reads_and_has_a_problem_where_it_raises(lines: list[str], ending: str) -> None:
    text = ending.join(lines)
    expected = by_configparser(text.replace(ending, "\n"))
    ini = parse_ini("alembic.ini", text.encode())
    assert bool(ini.problems) == (expected is None)
    if expected is not None:
        assert {
            section.name: {key: option.text for key, option in section.options.items()} for section in ini.sections
        } == expected


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param(b"\xef\xbb\xbf[alembic]\n", 1, "byte order mark", id="a byte order mark"),
        pytest.param(
            b"[a]\nx = 1\nX = 2\n", 3, "is there twice, first in line 2", id="an option twice, in another case"
        ),
        pytest.param(b"[a]\n[b]\n[a]\n", 3, "section [a] is there twice", id="a section twice"),
        pytest.param(b"x = 1\n", 1, "before the first [section]", id="an option before any section"),
        pytest.param(b"[a]\nx = 1\n<<<<<<< HEAD\n", 3, "neither a [section] nor an option", id="a conflict marker"),
        pytest.param(b"[a]\nx = \xff\n", 2, "is not UTF-8", id="bytes that are no UTF-8"),
    ],
)
def test_a_fault_is_named_with_its_line_and_the_rest_is_read(text: bytes, line: int, message: str) -> None:
    ini = parse_ini("conf/alembic.ini", text)
    (problem,) = ini.problems
    assert (problem.path, problem.line) == ("conf/alembic.ini", line)
    assert message in problem.message
    assert ini.sections or b"[" not in text


def test_options_know_their_lines() -> None:
    ini = parse_ini("alembic.ini", b"[DEFAULT]\nshared = 1\n\n[alembic]\n# why\nscript_location = a\n")
    section = ini.find("alembic")
    assert section is not None
    assert {name: option.line for name, option in section.options.items()} == {"shared": 2, "script_location": 6}
    assert list(section.own) == ["script_location"]


VALUES = st.lists(
    st.sampled_from(["%%", "%(a)s", "%(A)s", "%(b)s", "%(missing)s", "%", "%(", "%(a)d", "x", "()s"]), max_size=5
)


@given(VALUES, VALUES, VALUES)
def test_interpolation_equals_configparser(first: list[str], second: list[str], third: list[str]) -> None:
    options = {"a": "".join(first), "b": "".join(second), "c": "".join(third)}
    parser = configparser.ConfigParser()
    parser.read_string("[s]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))
    try:
        expected = parser.get("s", "c")
    except configparser.InterpolationError:
        with pytest.raises(BadInterpolation):
            interpolate(options["c"], options)
    else:
        assert interpolate(options["c"], options) == expected


def test_a_value_that_grows_without_bounds_is_refused() -> None:
    options = {"a0": "x" * 100} | {f"a{n}": f"%(a{n - 1})s" * 20 for n in range(1, 9)}
    with pytest.raises(BadInterpolation, match="64 KiB"):
        interpolate(options["a8"], options)
