# ruff: noqa: E501  (one row of a table per line)
"""Reading revision files: the cases that were run against Alembic 1.20, and properties."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitmig.revisions.parsing import (
    documented_parents,
    find_anchor,
    parse_header,
    parse_revision,
    revision_of,
)
from gitmig.revisions.scanning import scan_header

ORDINARY = b'''"""add subtitle

Revision ID: 27c6a30d7c24
Revises: 1975ea83b712
Create Date: 2024-03-02 10:00:00

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = '27c6a30d7c24'
down_revision: Union[str, None] = '1975ea83b712'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.add_column('book', sa.Column('subtitle', sa.String(200)))


def downgrade() -> None:
    op.drop_column('book', 'subtitle')
'''


def header(*lines: str) -> bytes:
    """A revision file of these lines and two functions."""
    return ("\n".join(lines) + "\n\ndef upgrade():\n    pass\n\ndef downgrade():\n    pass\n").encode()


def after(*lines: str) -> bytes:
    """An ordinary header, and these lines behind it."""
    return header("revision = 'b'", "down_revision = 'a'", *lines)


def down(value: str) -> bytes:
    return header("revision = 'b'", "down_revision = " + value)


def read(source: bytes) -> dict[str, Any]:
    """Both ways of reading, which must agree."""
    fast, thorough = parse_header(source), parse_header(source, thorough=True)
    if thorough["kind"] != "unreadable":
        assert fast == thorough
    assert json.loads(json.dumps(thorough)) == thorough
    return thorough


def test_an_ordinary_file_is_read_without_a_syntax_tree() -> None:
    scanned = scan_header(ORDINARY)
    assert scanned is not None
    assert scanned.values == {
        "revision": "27c6a30d7c24",
        "down_revision": "1975ea83b712",
        "branch_labels": None,
        "depends_on": None,
    }
    assert read(ORDINARY) == {"kind": "revision", "revision": "27c6a30d7c24", "down": ["1975ea83b712"]}


VALUES = [
    pytest.param(down("'a'"), ["a"], id="one parent"),
    pytest.param(down("None"), [], id="a base"),
    pytest.param(down("('a', 'b')"), ["a", "b"], id="tuple"),
    pytest.param(down("'a', 'b'"), ["a", "b"], id="tuple without parentheses"),
    pytest.param(down("('a')"), ["a"], id="parentheses are no tuple"),
    pytest.param(down("('a',)"), ["a"], id="tuple of one"),
    pytest.param(down("(\n    'a',\n    'b',\n)"), ["a", "b"], id="tuple on several lines"),
    pytest.param(down("['a', 'b']"), ["a", "b"], id="list"),
    pytest.param(down("{'b', 'a'}"), ["a", "b"], id="set, which has no order: sorted"),
    pytest.param(down("{'a': 1, 'b': 2}"), ["a", "b"], id="keys of a dict"),
    pytest.param(down("'a' 'b'"), ["ab"], id="implicit concatenation"),
    pytest.param(down("('a'\n    'b')"), ["ab"], id="implicit concatenation on two lines"),
    pytest.param(down("'a' + 'b'"), ["ab"], id="sum of texts"),
    pytest.param(down("('a',) + ('b',)"), ["a", "b"], id="sum of tuples"),
    pytest.param(down("u'a'"), ["a"], id="u prefix"),
    pytest.param(down("r'a'"), ["a"], id="r prefix"),
    pytest.param(down('"""a"""'), ["a"], id="triple quotes"),
    pytest.param(down(r"'\x61'"), ["a"], id="escape"),
    pytest.param(down("f'a'"), ["a"], id="f-string without a field"),
    pytest.param(down("'a'  # after 'b'"), ["a"], id="comment behind"),
    pytest.param(down("(None,)"), [], id="tuple of None is a base, as for Alembic"),
    pytest.param(down("()"), [], id="empty tuple is a base, as for Alembic"),
    pytest.param(down("''"), [""], id="empty text is kept: Alembic fails on it"),
    pytest.param(down("('a', 'a')"), ["a", "a"], id="repeated parent is kept"),
    pytest.param(header("P = 'a'", "revision = 'b'", "down_revision = P"), ["a"], id="constant of the file"),
    pytest.param(header("P = 'a'", "revision = 'b'", "down_revision = (P, 'c')", "P = 'd'"), ["a", "c"], id="constant as it was then"),
    pytest.param(header("revision = 'b'", "down_revision = 'x'", "down_revision = 'a'"), ["a"], id="the last assignment wins"),
    pytest.param(header("revision = 'b'", "x = down_revision = 'a'"), ["a"], id="chained assignment"),
    pytest.param(header("revision, down_revision = 'b', 'a'"), ["a"], id="unpacked literals"),
    pytest.param(header("(revision, [down_revision, x]) = ('b', ('a', 1))"), ["a"], id="unpacked nested literals"),
    pytest.param(header("revision = 'b'; down_revision = 'a'"), ["a"], id="two statements on one line"),
    pytest.param(header("revision = 'b'", "down_revision: 'str | None' = 'a'"), ["a"], id="annotated with a text"),
    pytest.param(header("revision = 'b'", "down_revision: Union[str, Sequence[str], None] = 'a'"), ["a"], id="annotated"),
    pytest.param(header("revision = 'b'", "down_revision:str='a'"), ["a"], id="annotated without blanks"),
    pytest.param(header("revision = 'b'", "down_revision: Optional[\n    str\n] = 'a'"), ["a"], id="annotated on three lines"),
    pytest.param(header("revision = 'b'", "down_revision = \\", "    'a'"), ["a"], id="backslash"),
    pytest.param(header("revision = 'b'", "if True:", "    down_revision = 'x'", "down_revision = 'a'"), ["a"], id="assigned again after a block"),
    pytest.param(header("from x import *", "revision = 'b'", "down_revision = 'a'", "branch_labels = depends_on = None"), ["a"], id="star import before"),
    pytest.param(after("from sqlalchemy import *"), ["a"], id="star import of SQLAlchemy after"),
    pytest.param(after("raise SystemExit(3)"), ["a"], id="raises when imported"),
    pytest.param(after("import missing_module"), ["a"], id="imports what is missing"),
    pytest.param(after('"""', "revision = 'x'", "down_revision = 'y'", '"""'), ["a"], id="assignments inside a text"),
    pytest.param(after("def f():", "    revision = 'x'", "    down_revision = 'y'"), ["a"], id="local variables"),
    pytest.param(after("class A:", "    revision = 'x'", "    down_revision = 'y'"), ["a"], id="names of a class"),
    pytest.param(after("x = [revision for revision in 'ab']"), ["a"], id="loop name of a comprehension"),
    pytest.param(after("f(revision='x', down_revision='y')"), ["a"], id="keyword arguments"),
    pytest.param(after("f(", "revision = 'x',", "down_revision = 'y',", ")"), ["a"], id="keyword arguments in column one"),
    pytest.param(after("def f():", "    exec('x')"), ["a"], id="exec in a function that nobody calls"),
    pytest.param(after("def f():", "    print(down_revision)", "f()"), ["a"], id="only read"),
    pytest.param(b"\xef\xbb\xbf" + down("'a'"), ["a"], id="byte order mark"),
    pytest.param(b"# coding: latin-1\n# \xe9\n" + down("'a'"), ["a"], id="latin-1"),
    pytest.param(b"# \xe9\n" + down("'a'"), ["a"], id="stray byte in a comment"),
    pytest.param(down("'a'").replace(b"\n", b"\r\n"), ["a"], id="CRLF"),
    pytest.param(down("'a'").replace(b"\n", b"\r"), ["a"], id="CR only"),
    pytest.param(down("'a'").replace(b"down", b"\x0cdown", 1), ["a"], id="form feed before the name"),
    pytest.param("# \u2028 revision = 'x'\n".encode() + down("'a'"), ["a"], id="U+2028 ends no line"),
    pytest.param(header("if True:", "\trevision = 'x'", "revision = 'b'", "down_revision = 'a'"), ["a"], id="tabs"),
    pytest.param(down("(" * 100 + "'a'" + ")" * 100), ["a"], id="100 parentheses"),
    pytest.param(header("type X = int", "revision = 'b'", "down_revision = 'a'", "class A[T]: pass"), ["a"], id="newer grammar that can be lowered"),
    pytest.param("rev\uff49sion = 'b'\ndown_revision = 'a'\n".encode(), ["a"], id="full width letters are the same name"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "parents"), VALUES)
def test_values_that_can_be_read(source: bytes, parents: list[str]) -> None:
    facts = read(source)
    assert (facts["kind"], facts["revision"], facts.get("down", [])) == ("revision", "b", parents)
    assert "problems" not in facts


PROBLEMS = [
    pytest.param(down("get_parent()"), ("computed", "call", 2, 17, "down_revision"), id="call"),
    pytest.param(down("f'{x}'"), ("computed", "f-string", 2, 17, "down_revision"), id="f-string"),
    pytest.param(down("'a' if x else 'b'"), ("computed", "conditional", 2, 17, "down_revision"), id="conditional"),
    pytest.param(down("'a' % 1"), ("computed", "expression", 2, 17, "down_revision"), id="formatting"),
    pytest.param(down("x.y"), ("computed", "attribute", 2, 17, "down_revision"), id="attribute"),
    pytest.param(down("x[0]"), ("computed", "subscript", 2, 17, "down_revision"), id="subscript"),
    pytest.param(down("PARENT"), ("computed", "name", 2, 17, "down_revision"), id="name that the file does not define"),
    pytest.param(down("('a', PARENT)"), ("computed", "name", 2, 23, "down_revision"), id="name in a tuple"),
    pytest.param(down("[*x]"), ("computed", "expression", 2, 18, "down_revision"), id="star"),
    pytest.param(down("(x := 'a')"), ("computed", "walrus", 2, 18, "down_revision"), id="walrus"),
    pytest.param(after("down_revision += 'c'"), ("computed", "augmented", 3, 1, "down_revision"), id="+="),
    pytest.param(after("del down_revision"), ("computed", "deleted", 3, 1, "down_revision"), id="del"),
    pytest.param(after("del revision"), ("computed", "deleted", 3, 1, "revision"), id="del, where Alembic takes the file name"),
    pytest.param(after("if x:", "    down_revision = 'c'"), ("computed", "block", 4, 5, "down_revision"), id="if"),
    pytest.param(after("try:", "    pass", "except E as down_revision:", "    pass"), ("computed", "block", 5, 1, "down_revision"), id="except as"),
    pytest.param(after("for down_revision in 'xy':", "    pass"), ("computed", "block", 3, 5, "down_revision"), id="for"),
    pytest.param(after("with x as down_revision:", "    pass"), ("computed", "block", 3, 11, "down_revision"), id="with"),
    pytest.param(after("while 1:", "    import a.b as down_revision"), ("computed", "block", 4, 5, "down_revision"), id="import in a block"),
    pytest.param(after("match x:", "    case [*down_revision]:", "        pass"), ("computed", "block", 4, 11, "down_revision"), id="case"),
    pytest.param(after("print(down_revision := 'c')"), ("computed", "walrus", 3, 7, "down_revision"), id="walrus elsewhere"),
    pytest.param(after("[0 for x in 'a' if (down_revision := x)]"), ("computed", "walrus", 3, 21, "down_revision"), id="walrus in a comprehension"),
    pytest.param(after("from x import down_revision"), ("computed", "import", 3, 1, "down_revision"), id="import from"),
    pytest.param(after("import down_revision.x"), ("computed", "import", 3, 1, "down_revision"), id="import"),
    pytest.param(after("down_revision, x = y"), ("computed", "unpacked", 3, 20, "down_revision"), id="unpacked"),
    pytest.param(after("*down_revision, x = 'a', 'b'"), ("computed", "unpacked", 3, 1, "down_revision"), id="unpacked with a star"),
    pytest.param(after("def down_revision():", "    pass"), ("computed", "function", 3, 1, "down_revision"), id="def"),
    pytest.param(after("class down_revision:", "    pass"), ("computed", "class", 3, 1, "down_revision"), id="class"),
    pytest.param(after("def f():", "    global down_revision", "    down_revision = 'c'"), ("computed", "global", 4, 5, "down_revision"), id="global"),
    pytest.param(after("class A:", "    global down_revision", "    down_revision = 'c'"), ("computed", "global", 4, 5, "down_revision"), id="global in a class"),
    pytest.param(header("revision = 'b'", "down_revision = ['a']", "down_revision.append('c')"), ("computed", "in-place", 3, 1, "down_revision"), id="append"),
    pytest.param(header("revision = 'b'", "down_revision = ['a']", "down_revision[0] = 'c'"), ("computed", "in-place", 3, 1, "down_revision"), id="item assignment"),
    pytest.param(header("P = ['a']", "revision = 'b'", "down_revision = P", "P += ['c']"), ("computed", "in-place", 4, 1, "down_revision"), id="+= on an alias"),
    pytest.param(header("revision = 'b'", "down_revision: str"), ("no-value", "", 2, 1, "down_revision"), id="annotation without a value"),
    pytest.param(header("revision = 'b'"), ("no-down-revision", "", 1, 1, "down_revision"), id="no down_revision"),
    pytest.param(header("down_revision = 'a'"), ("no-revision", "", 1, 1, "revision"), id="no revision"),
    pytest.param(down("(None, 'a')"), ("not-text", "None", 2, 17, "down_revision"), id="None in a tuple"),
    pytest.param(down("1"), ("not-text", "int", 2, 17, "down_revision"), id="int"),
    pytest.param(down("b'a'"), ("not-text", "bytes", 2, 17, "down_revision"), id="bytes"),
    pytest.param(down("False"), ("not-text", "bool", 2, 17, "down_revision"), id="False"),
    pytest.param(down("..."), ("not-text", "ellipsis", 2, 17, "down_revision"), id="ellipsis"),
    pytest.param(down("('a', ('b', 'c'))"), ("not-text", "tuple", 2, 17, "down_revision"), id="tuple in a tuple"),
    pytest.param(down("(('a', 'b'),)"), ("nested", "", 2, 17, "down_revision"), id="nested tuple, which Alembic takes"),
    pytest.param(down(r"'\ud800'"), ("not-text", "text that is not Unicode", 2, 17, "down_revision"), id="lone surrogate"),
    pytest.param(header("revision = 1", "down_revision = 'a'"), ("not-text", "int", 1, 12, "revision"), id="id is a number"),
    pytest.param(header("revision = None", "down_revision = 'a'"), ("not-text", "None", 1, 12, "revision"), id="id is None"),
    pytest.param(header("revision = ('b',)", "down_revision = 'a'"), ("not-text", "tuple", 1, 12, "revision"), id="id is a tuple"),
    pytest.param(header("def revision(): pass", "down_revision = 'a'"), ("computed", "function", 1, 1, "revision"), id="id is a function"),
    pytest.param(after("branch_labels = 1"), ("not-text", "int", 3, 17, "branch_labels"), id="label is a number"),
    pytest.param(after("branch_labels = (x.LABEL,)"), ("computed", "attribute", 3, 18, "branch_labels"), id="label is computed"),
    pytest.param(after("depends_on = f()"), ("computed", "call", 3, 14, "depends_on"), id="depends_on is computed"),
    pytest.param(after("from x import *", "branch_labels = depends_on = None"), ("computed", "star-import", 3, 1, "revision"), id="star import after"),
    pytest.param(after("exec('x')"), ("computed", "dynamic", 3, 1, "revision"), id="exec"),
    pytest.param(after("globals()['revision'] = 'x'"), ("computed", "dynamic", 3, 1, "revision"), id="globals"),
    pytest.param(after("\uff45xec('x')"), ("computed", "dynamic", 3, 1, "revision"), id="exec in full width letters"),
    pytest.param(after("import sys", "sys.modules[__name__].revision = 'x'"), ("computed", "dynamic", 4, 1, "revision"), id="sys.modules"),
    pytest.param(after("def f():", "    vars()['x'] = 1", "f()"), ("computed", "dynamic", 4, 5, "revision"), id="a called function that reaches the names"),
    pytest.param(header("down_revision = 'a'", "def __getattr__(name):", "    return 'b'"), ("computed", "dynamic", 2, 1, "revision"), id="__getattr__"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "problem"), PROBLEMS)
def test_values_that_are_not_read_say_why_and_where(source: bytes, problem: tuple[Any, ...]) -> None:
    facts = read(source)
    assert facts["kind"] == "revision"
    assert tuple(facts["problems"][0]) == problem
    assert facts.get("revision", "b") == "b"


UNREADABLE = [
    pytest.param(down("'a'") + b"x = (\n", ("syntax", 9), id="syntax error"),
    pytest.param(down("'a'") + b"print 'x'\n", ("syntax", 9), id="Python 2"),
    pytest.param(down("'a'") + b"if 1:\n\tx\n        y\n", ("syntax", 11), id="tabs and blanks"),
    pytest.param(down("'a'") + b"<<<<<<< HEAD\n=======\n>>>>>>> x\n", ("conflict", 9), id="conflict markers"),
    pytest.param(down("'a'") + b'f"{x["a" + f"{y["z"]}"]}"\n', ("newer-python", 9), id="newer grammar that cannot be lowered"),
    pytest.param(b"\xef\xbb\xbf# coding: latin-1\n" + down("'a'"), ("encoding", 1), id="byte order mark and another cookie"),
    pytest.param(b"# coding: klingon\n" + down("'a'"), ("encoding", 1), id="unknown cookie"),
    pytest.param(b"# coding: utf-7\n" + down("'a'") + b"# +AAo-down_revision=None\n", ("encoding", 1), id="utf-7 that hides an assignment"),
    pytest.param(b"# coding: raw_unicode_escape\n" + down("'a'"), ("encoding", 1), id="raw_unicode_escape"),
    pytest.param(down("'a'").decode().encode("utf-16"), ("encoding", 1), id="UTF-16"),
    pytest.param(down("'a'") + b"\x00", ("null-bytes", 9), id="null byte"),
    pytest.param(down("'\xff'").decode().encode("latin-1"), ("encoding", 2), id="stray byte in code"),
    pytest.param(b"version https://git-lfs.github.com/spec/v1\n", ("git-lfs", 1), id="Git LFS"),
    pytest.param(b"\x00GITCRYPT\x00", ("git-crypt", 1), id="git-crypt"),
    pytest.param(down("(" * 300 + "'a'" + ")" * 300), ("too-complex", 2), id="300 parentheses"),
    pytest.param(down("-" * 100_000 + "1"), ("too-complex", 1), id="100,000 signs"),
    pytest.param(down("9" * 10_000), ("syntax", 2), id="10,000 digits"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "problem"), UNREADABLE)
def test_files_that_cannot_be_read_are_one_problem_with_a_line(source: bytes, problem: tuple[str, int]) -> None:
    facts = parse_header(source, thorough=True)
    if problem[0] == "newer-python" and facts["kind"] == "revision":
        return  # this Python reads it
    assert facts["kind"] == "unreadable"
    assert (facts["problems"][0][0], facts["problems"][0][2]) == problem
    assert facts["problems"][0][3] >= 1


def test_a_long_sum_is_a_value_or_a_problem() -> None:
    facts = parse_header(down("+".join(["'a'"] * 3000)), thorough=True)
    assert facts.get("down") == ["a" * 3000] or facts["problems"][0][0] == "too-complex"


def test_the_header_is_given_although_the_functions_are_broken() -> None:
    facts = parse_header(down("'a'") + b"x = (\n", thorough=True)
    assert (facts["kind"], facts["revision"], facts["down"]) == ("unreadable", "b", ["a"])
    assert parse_header(down("x()") + b"x = (\n", thorough=True).get("revision") is None


def test_a_file_over_the_limit_is_not_read() -> None:
    source = down("'a'")
    assert parse_header(source, limit=len(source))["kind"] == "revision"
    assert parse_header(source, limit=len(source) - 1)["problems"][0][0] == "too-large"


@pytest.mark.parametrize(
    ("source", "note"),
    [
        (down("''"), "empty-text"),
        (down("()"), "empty-sequence"),
        (down("(None,)"), "empty-sequence"),
        (down("{'a': 1}"), "mapping"),
        (down("('a', 'a')"), "repeated"),
        (after("branch_labels = ''"), "empty-text"),
    ],
)
def test_odd_values_are_read_and_noted(source: bytes, note: str) -> None:
    facts = read(source)
    assert facts["notes"][0][0] == note
    assert facts["notes"][0][2] > 1
    assert "problems" not in facts


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"# revision = 'a'\n", id="comment only"),
        pytest.param(b"def helper():\n    revision = 'a'\n    return revision\n", id="helper"),
        pytest.param(b"from .helpers import *\n", id="star import"),
        pytest.param(b"branch_labels = None\n", id="only a label"),
    ],
)
def test_helpers_in_a_versions_folder_are_left_alone(source: bytes) -> None:
    assert read(source) == {"kind": "other"}
    assert not revision_of({"kind": "other"}, "versions/x.py").is_revision


def test_the_file_name_gives_a_missing_id_as_in_old_alembic() -> None:
    facts = read(header("down_revision = 'a'"))
    old = revision_of(facts, "versions/1a2b.py")
    assert (old.id, old.problems, [note.kind for note in old.notes]) == ("1a2b", (), ["id-from-file-name"])
    new = revision_of(facts, "versions/1a2b_add_book.py")
    assert (new.id, [problem.kind for problem in new.problems]) == ("", ["no-revision"])


def test_a_revision_is_made_of_facts() -> None:
    source = after("branch_labels = ('shop',)", "depends_on = ['c', 'd']")
    revision = revision_of(read(source), "versions/b.py", "abc123")
    assert revision.node == ("b", ("a",), ("c", "d"), ("shop",), "versions/b.py")
    assert revision.blob == "abc123"
    assert revision == parse_revision(source, "versions/b.py", "abc123").replace(assignments=(), definitions=())


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", "# é\n".encode()])
def test_spans_are_bytes_of_the_file(newline: bytes, start: bytes) -> None:
    source = (start + ORDINARY).replace(b"\n", newline)
    revision = parse_revision(source)
    found = {one.name: source[one.value.start : one.value.end] for one in revision.assignments}
    assert found == {
        "revision": b"'27c6a30d7c24'",
        "down_revision": b"'1975ea83b712'",
        "branch_labels": b"None",
        "depends_on": b"None",
    }
    documented = {line.label: source[line.span.start : line.span.end] for line in revision.doc}
    assert documented == {
        "Revision ID": b"27c6a30d7c24",
        "Revises": b"1975ea83b712",
        "Create Date": b"2024-03-02 10:00:00",
    }


def test_anchors_are_found() -> None:
    def text(anchor: str) -> str | None:
        span = find_anchor(ORDINARY, anchor)
        return None if span is None else ORDINARY[span.start : span.end].decode()

    assert text("assign:down_revision") == "'1975ea83b712'"
    assert text("doc:Revises") == "1975ea83b712"
    assert text("def:upgrade") == "def upgrade() -> None:"
    assert text("line:1") == '"""add subtitle'
    assert text("span:4:1:4:8") == "Revises"
    assert text("assign:nothing") is text("def:nothing") is text("doc:nothing") is text("line:999") is text("x") is None


@pytest.mark.parametrize(
    ("documented", "stale"),
    [
        pytest.param("Revision ID: b\nRevises: a", [], id="agrees"),
        pytest.param("Revises:\n\nRevision ID: b", [["Revises", ""]], id="no parent named"),
        pytest.param("Revision ID: x\nRevises: a", [["Revision ID", "x"]], id="other id"),
        pytest.param("Revision ID: b\nRevises: y", [["Revises", "y"]], id="other parent"),
        pytest.param("Revises: a, y", [["Revises", "a, y"]], id="another parent more"),
        pytest.param("no such line", [], id="says nothing"),
    ],
)
def test_a_docstring_that_disagrees_is_stale(documented: str, stale: list[list[str]]) -> None:
    facts = read(header(f'"""title\n\n{documented}\n"""', "revision = 'b'", "down_revision = 'a'"))
    assert facts.get("stale", []) == stale
    assert facts["down"] == ["a"]  # docstrings are never read for ids


@pytest.mark.parametrize(
    ("value", "parents"),
    [("", ()), ("None", ()), ("<base>", ()), ("a, b", ("a", "b")), ("('a', 'b')", ("a", "b")), ("a b", ("a", "b"))],
)
def test_parents_named_in_a_docstring(value: str, parents: tuple[str, ...]) -> None:
    assert documented_parents(value) == parents


NAMES = ["revision", "down_revision", "branch_labels", "depends_on", "P", "Q"]
VALUE = st.sampled_from(["'a'", '"b"', "None", "('a', 'b')", "['a']", "('a')", "'a' 'b'", "P", "(P, 'c')", "P + 'x'", "f()", "'' ", "()",
                         "{'a'}", "1", "\"\"\"a\nb\"\"\"", "[\n'a',\n]", "('a'\n)", "x.y", "Q[0]", "f'{P}'", "# c\n'a'"])  # fmt: skip
NAME = st.sampled_from(NAMES)
STATEMENT = st.one_of(
    st.builds("{} = {}".format, NAME, VALUE),
    st.builds("{}: str = {}".format, NAME, VALUE),
    st.builds("{} = {} = {}".format, NAME, NAME, VALUE),
    st.builds("{}, {} = {}, {}".format, NAME, NAME, VALUE, VALUE),
    st.builds("{} += {}".format, NAME, VALUE),
    st.builds("if {}:\n    {} = {}".format, NAME, NAME, VALUE),
    st.builds("for {} in 'xy': pass".format, NAME),
    st.builds("def f({}=1):\n    {} = {}\n    return 'f'".format, NAME, NAME, VALUE),
    st.builds("def f():\n    global {}\n    {} = {}\n    return 'g'".format, NAME, NAME, VALUE),
    st.builds("class x:\n    {} = {}\n    y = {}".format, NAME, VALUE, VALUE),
    st.builds("(lambda {}: 0)({})".format, NAME, VALUE),
    st.builds("print(\n{} = {}\n)".format, st.just("end"), VALUE),
    st.builds("dict(\n{} = {}\n)".format, NAME, VALUE),
    st.builds("[0 for _ in 'a' if ({} := {})]".format, NAME, VALUE),
    st.builds("del {}".format, NAME),
    st.builds("import os.path as {}".format, NAME),
    st.builds("from os import (\n    path as {},\n)".format, NAME),
    st.builds("globals()['{}'] = {}".format, NAME, VALUE),
    st.builds("exec({!r})".format, st.builds("{} = {}".format, NAME, VALUE)),
    st.builds("Q.append({})".format, VALUE),
    st.builds("'''\n{} = {}\n'''".format, NAME, st.just("'no'")),
    st.builds("# {} = 'no'".format, NAME),
    st.builds("try:\n    1/0\nexcept Exception as {}: pass".format, NAME),
    st.sampled_from(["import os", "from os import path", "x = 'revision'", "# revision identifiers, used by Alembic.", "", "f()", "Q = ['z']"]),
)  # fmt: skip


def as_alembic(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    found = sorted(value) if isinstance(value, set) else list(value)  # type: ignore[call-overload]
    return [] if found == [None] else found


@settings(max_examples=600, deadline=None)
@given(st.lists(STATEMENT, min_size=1, max_size=7), st.sampled_from(["\n", "\n\n", "\n# c\n"]))
def test_what_is_read_is_what_python_would_have(statements: list[str], between: str) -> None:
    """Never a wrong value: run the module for comparison (its text is made here), and read it both ways."""
    source = between.join(["revision = 'r'", "down_revision = 'd'", "P = 'p'", "Q = ['q']", *statements]) + "\n"
    facts = read(source.encode())
    namespace: dict[str, Any] = {"print": lambda **_: None}
    try:
        exec(compile(source, "<test>", "exec", dont_inherit=True), namespace)
    except Exception:
        return
    troubled = {problem[4] for problem in facts.get("problems", ())}
    if "revision" not in troubled:
        assert facts["revision"] == namespace["revision"]
    for name, key in (("down_revision", "down"), ("depends_on", "depends"), ("branch_labels", "labels")):
        if name not in troubled:
            expected = as_alembic(namespace.get(name))
            assert facts.get(key, []) == ([] if expected == [""] and key != "down" else expected)


ALPHABET = ["revision", "down_revision", " = ", "'a'", '"', "'", '"""', "'''", "\n", "\r\n", "#", "(", ")", "\\", ",", ":", " ", "\f", "=",
            "def f():\n    ", "import ", "from x import ", "*", "as ", "for ", "é", "\ufeff", "None", "if x:\n    ", ";"]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from(ALPHABET), max_size=14).map("".join),
    st.lists(st.sampled_from(ALPHABET), max_size=14).map("".join),
)
def test_the_fast_way_says_what_the_tree_says(first: str, second: str) -> None:
    for source in (
        first + second,
        f"revision = 'b'\n{first}\ndown_revision = 'a'\n{second}",
        f"{first}\nrevision = 'b'\ndown_revision = 'a'\n{second}",
    ):
        read(source.encode())


@given(st.binary(max_size=80))
def test_any_bytes_give_facts(source: bytes) -> None:
    assert read(source)["kind"] in ("revision", "other", "unreadable")
    assert parse_revision(source).assignments == ()


def test_python_2_below_the_header_leaves_the_revision_in_the_graph() -> None:
    """Redash and CTFd have such files; without their ids the children would hang in the air."""
    source = b'revision = "a1"\ndown_revision = None\n\n\ndef upgrade():\n    print "x".format(revision)\n'
    facts = parse_header(source)
    assert facts["revision"] == "a1"
    assert [problem[0] for problem in facts["problems"]] == ["syntax"]


TEMPLATE = (
    '"""make x\n\nRevision ID: %s\nRevises: %s\nCreate Date: 2025-01-01\n\n"""\n'
    "%srevision%s = 'b2'\ndown_revision%s = %s\n%s\ndef upgrade():\n    %s\n"
)
SHAPES = (
    ("b2", "zz"),
    ("a1", "", "a1, c3", "revises"),
    ("", "# revision identifiers, used by Alembic.\n", "import revision\n", "# a revision\n"),
    ("", ": str", ": Union[str, None]"),
    ("'a1'", "None", "('a1',)", '"a1"', "''"),
    ("branch_labels = None\ndepends_on = None\n", "depends_on = None\n", ""),
)


@pytest.mark.parametrize("body", ["pass", "revision = 'x'", "op.f(down_revision)"])
def test_the_template_in_one_step_says_what_the_syntax_says(body: str) -> None:
    for documented, parent, above, hint, down, rest in itertools.product(*SHAPES):
        source = (TEMPLATE % (documented, parent, above, hint, hint, down, rest, body)).encode()
        assert parse_header(source) == parse_header(source, thorough=True), source
