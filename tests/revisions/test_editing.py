# ruff: noqa: E501  (one row of a table per line)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.errors import CannotDecide, GitmigError
from gitmig.revisions.editing import change_down_revision, change_id, mend_docstring
from gitmig.revisions.parsing import parse_revision

SOURCE = b'''"""add subtitle

Revision ID: 27c6a30d7c24
Revises: 1975ea83b712
Create Date: 2024-03-02

"""
revision = '27c6a30d7c24'
down_revision = '1975ea83b712'


def upgrade():
    op.execute("1975ea83b712")
'''


def test_a_re_parent_changes_the_code_and_the_docstring_and_nothing_else() -> None:
    edited = change_down_revision(SOURCE, ["4be1c07d9a52"])
    assert edited == SOURCE.replace(b"'1975ea83b712'", b"'4be1c07d9a52'").replace(
        b"Revises: 1975ea83b712", b"Revises: 4be1c07d9a52"
    )
    assert change_down_revision(edited, ["1975ea83b712"]) == SOURCE


def test_a_new_id_changes_the_code_and_the_docstring_and_nothing_else() -> None:
    edited = change_id(SOURCE, "4be1c07d9a52")
    assert edited == SOURCE.replace(b"27c6a30d7c24", b"4be1c07d9a52")


@pytest.mark.parametrize(
    ("written", "parents", "becomes"),
    [
        ("'a'", ["b"], "'b'"),
        ('"a"', ["b"], '"b"'),
        ("None", ["b"], "'b'"),
        ("'a'", [], "None"),
        ("'a'", ["b", "c"], "('b', 'c')"),
        ('("a", "x")', ["b", "c"], '("b", "c")'),
        ("['a', 'x']", ["b", "c"], "['b', 'c']"),
        ("('a',)", ["b"], "'b'"),
        ("(\n    'a',\n    'x',  # why\n)", ["b"], "'b'"),
        ("('a')", ["b"], "('b')"),
        ("'a' 'x'", ["b"], "'b'"),
        ("PARENT", ["b"], "'b'"),
    ],
)
def test_the_style_of_the_file_is_kept_where_it_can(written: str, parents: list[str], becomes: str) -> None:
    source = f"PARENT = 'a'\nrevision = 'r'\ndown_revision: str = {written}  # here\nx = 1\n"
    edited = change_down_revision(source.encode(), parents).decode()
    assert edited == source.replace(f"= {written}  #", f"= {becomes}  #")


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("Revises: a", "Revises: b"),
        ("Revises: ", "Revises: b"),
        ("Revises:", "Revises: b"),
        ("Revises:   a, x   ", "Revises:   b   "),
        ("  revises: a", "  revises: b"),
        ("Revised a", "Revised a"),
        ("Revises: b", "Revises: b"),
    ],
)
def test_the_docstring_follows(line: str, becomes: str) -> None:
    source = f'"""title\n\n{line}\n"""\nrevision = "r"\ndown_revision = "a"\n'
    edited = change_down_revision(source.encode(), ["b"]).decode()
    assert edited == source.replace(line, becomes).replace('"a"', '"b"')


def test_a_stale_docstring_is_mended_and_a_right_one_is_not_touched() -> None:
    stale = SOURCE.replace(b"Revises: 1975ea83b712", b"Revises: ffff").replace(b"ID: 27c6a30d7c24", b"ID: eeee")
    assert mend_docstring(stale) == SOURCE
    assert mend_docstring(SOURCE) == SOURCE


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"# coding: latin-1\n# \xe9\nrevision = 'r'\ndown_revision = 'a'\n", id="latin-1"),
        pytest.param(b"# \xe9\nrevision = 'r'\ndown_revision = 'a'\n", id="stray bytes in a comment"),
        pytest.param(b"revision = 'r'\ndown_revision = f()\n", id="computed"),
        pytest.param(b"revision = 'r'\ndown_revision = 'a'\nx = (\n", id="syntax error"),
        pytest.param(b"x = 1\n", id="no revision"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(source: bytes) -> None:
    with pytest.raises(CannotDecide):
        change_down_revision(source, ["b"], "versions/r.py")


@pytest.mark.parametrize("new", ["", "head", "a'b", 'x"""', "a\nb", "../x", "\x1b[0m"])
def test_an_unsafe_id_is_never_written(new: str) -> None:
    with pytest.raises(GitmigError):
        change_id(SOURCE, new)


@pytest.mark.parametrize("parent", ["a'b", "a\\", "a\n", '"', ""])
def test_an_unsafe_parent_is_never_written(parent: str) -> None:
    with pytest.raises(GitmigError):
        change_down_revision(SOURCE, [parent])


FILLER = st.sampled_from(["# é ü", "# \u2028 x", "\f", "x = 'é'", "y = \"\"\"\ndown_revision = 'no'\n\"\"\"", "\t# tab", "z = 1  # down_revision", ""])  # fmt: skip
WRITTEN = st.sampled_from(
    ["'a'", '"a"', "None", "('a', 'x')", "['a']", "(\n\t'a'\n)", "'a' \\\n  'b'", "{'a'}", "u'a'"]
)


@given(
    st.lists(FILLER, max_size=4),
    WRITTEN,
    st.lists(FILLER, max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.lists(st.text("abc019_.", min_size=1, max_size=6), max_size=3, unique=True),
)
def test_only_the_literal_changes(
    before: list[str], written: str, behind: list[str], newline: str, bom: bool, parents: list[str]
) -> None:
    source = "\n".join([*before, "revision = 'r'", f"é = 'é'; down_revision = {written} # é", *behind, ""])
    text = (b"\xef\xbb\xbf" if bom else b"") + source.replace("\n", newline).encode()
    old = parse_revision(text).assignment("down_revision")
    assert old is not None
    edited = change_down_revision(text, parents)
    kept = len(text) - old.value.end
    assert edited[: old.value.start] == text[: old.value.start]
    assert edited[len(edited) - kept :] == text[old.value.end :]
    assert parse_revision(edited).down_revisions == tuple(parents)
    assert change_down_revision(edited, parents) == edited
