"""Text of a repository, made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.report.escape import safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred", "\\x1b[31mred", id="an escape sequence"),
        pytest.param("a\r\nb\tc", "a\\x0d\\x0ab\\x09c", id="line ends and tabs"),
        pytest.param("\x9b31m", "\\x9b31m", id="the one-byte form of an escape sequence"),
        pytest.param("\x7f\x00\x07", "\\x7f\\x00\\x07", id="delete, null and bell"),
        pytest.param("\u202eevil\u2066", "\\u202eevil\\u2066", id="text that runs the other way"),
        pytest.param("a\u200bb\ufeff\u00ad", "a\\u200bb\\ufeff\\xad", id="characters of no width"),
        pytest.param("\u3164\u115f", "\\u3164\\u115f", id="letters that nobody sees"),
        pytest.param("\U000e0041\U000e0101", "\\U000e0041\\U000e0101", id="tags and selectors that carry data"),
        pytest.param("\u2028\u0085", "\\u2028\\x85", id="line ends of Unicode"),
        pytest.param("caf\udce9.py", "caf\\xe9.py", id="a byte of a path that is no UTF-8"),
        pytest.param("\ud800", "\\ud800", id="half a character"),
    ],
)
def test_shows(text: str, shown: str) -> None:
    assert safe(text) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", "Ünïcödé 名前 \u3000 🙂", "[red]markup[/]", "::error::x", "back\\slash", "e\u0301"]
)
def test_leaves_alone(text: str) -> None:
    assert safe(text) == text


@given(st.text(st.characters(categories=None)))
def test_the_result_is_harmless_and_stays_so(text: str) -> None:
    shown = safe(text)
    assert shown.replace("\u3000", "").isprintable()
    assert safe(shown) == shown
    shown.encode("utf-8")
