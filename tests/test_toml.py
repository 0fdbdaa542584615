"""TOML with the lines of its keys."""

from __future__ import annotations

import pytest

from gitmig.toml import TomlError, line_of, parse_toml

TEXT = b"""\
[project]
name = "x"
# [tool.gitmig]
[tool.gitmig]
select = ["GM1"]

[tool.gitmig.severity]
GM1 = "error"
"""


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        (("tool", "gitmig"), "select", 5),
        (("tool", "gitmig"), "severity", 7),
        (("tool", "gitmig"), "", 4),
        (("tool", "gitmig"), "nowhere", 4),
        (("tool", "other"), "", 0),
        (("project",), "name", 2),
    ],
)
def test_the_line_of_a_key(table: tuple[str, ...], key: str, line: int) -> None:
    assert line_of(TEXT, table, key) == line


def test_the_line_of_dotted_and_array_tables() -> None:
    assert line_of(b'tool.gitmig.select = ["GM1"]\n', ("tool", "gitmig"), "select") == 1
    assert line_of(b"x = 1\n[[environments]]\nname = 1\n", (), "environments") == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(b"a = 1\nb = \n", 2, id="a value is missing"),
        pytest.param(b"a = 1\nb = '\xff'\n", 2, id="no UTF-8"),
        pytest.param(b"\xef\xbb\xbfa = 1\n", 1, id="a byte order mark"),
        pytest.param(b"a = [\n", 2, id="ends in the middle"),
    ],
)
def test_a_fault_has_a_line(text: bytes, line: int) -> None:
    with pytest.raises(TomlError) as error:
        parse_toml(text)
    assert error.value.line == line
    assert "(at" not in str(error.value)


def test_a_document() -> None:
    assert parse_toml(TEXT)["tool"] == {"gitmig": {"select": ["GM1"], "severity": {"GM1": "error"}}}


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(TomlError):
        parse_toml(b"a = " + b"[" * 100_000)
