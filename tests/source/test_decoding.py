from __future__ import annotations

import pytest

from gitmig.source.decoding import Problem, Text, declared_encoding, decode, find_conflict_marker, line_starts

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("source", "encoding", "text"),
    [
        pytest.param(b"x = 1\n", "utf-8", "x = 1\n", id="plain"),
        pytest.param("x = 'é'\n".encode(), "utf-8", "x = 'é'\n", id="utf-8 without a cookie"),
        pytest.param(BOM + b"x = 1\n", "utf-8", "x = 1\n", id="byte order mark"),
        pytest.param(BOM + b"# coding: utf8\n", "utf-8", "# coding: utf8\n", id="mark and the same cookie"),
        pytest.param(
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "latin-1", "# -*- coding: latin-1 -*-\nx = 'é'\n", id="latin-1"
        ),
        pytest.param(
            b"#!/x\n# vim: set fileencoding=cp1252 :\n'\x80'",
            "cp1252",
            "#!/x\n# vim: set fileencoding=cp1252 :\n'€'",
            id="line 2",
        ),
        pytest.param(b"# coding: UTF_8-unix\n", "utf-8", "# coding: UTF_8-unix\n", id="suffix of an editor"),
        pytest.param(b"x = 1\n# coding: utf-7\n", "utf-8", "x = 1\n# coding: utf-7\n", id="no cookie after code"),
        pytest.param(b"\n\n# coding: utf-7\n", "utf-8", "\n\n# coding: utf-7\n", id="no cookie on line 3"),
        pytest.param(b"x = 1  # caf\xe9\n", "utf-8", "x = 1  # caf?\n", id="a stray byte in a comment"),
        pytest.param(b"", "utf-8", "", id="empty"),
        pytest.param(
            b'"""\nTitle\n=======\n"""\n', "utf-8", '"""\nTitle\n=======\n"""\n', id="a heading is no conflict marker"
        ),
    ],
)
def test_readable_sources_become_text(source: bytes, encoding: str, text: str) -> None:
    decoded = decode(source)
    assert isinstance(decoded, Text)
    assert (decoded.encoding, decoded.text) == (encoding, text)


@pytest.mark.parametrize(
    ("source", "kind", "line", "column"),
    [
        pytest.param(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git-lfs", 1, 1, id="LFS pointer"),
        pytest.param(b"\x00GITCRYPT\x00abc", "git-crypt", 1, 1, id="git-crypt"),
        pytest.param(b"x = 1\ny\x00\n", "null-bytes", 2, 2, id="null byte"),
        pytest.param("x = 1".encode("utf-16"), "encoding", 1, 1, id="UTF-16"),
        pytest.param(b"x = 1\ny = '\xe9'\n", "encoding", 2, 6, id="stray byte in code"),
        pytest.param(b"# coding: ascii\n# \xc3\xa9\n", "encoding", 2, 3, id="ascii cookie, other bytes"),
        pytest.param(b"# coding: utf-7\n", "encoding", 1, 11, id="utf-7 hides code"),
        pytest.param(b"#\n# coding: raw_unicode_escape\n", "encoding", 2, 11, id="raw_unicode_escape hides code"),
        pytest.param(b"# coding: klingon\n", "encoding", 1, 11, id="unknown cookie"),
        pytest.param(BOM + b"# coding: latin-1\n", "encoding", 1, 11, id="mark and another cookie"),
        pytest.param(b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> main\n", "conflict", 2, 1, id="conflict markers"),
        pytest.param(
            b"<<<<<<< HEAD\r\nb\r\n=======\r\nc\r\n>>>>>>> main\r\n", "conflict", 1, 1, id="conflict markers, CRLF"
        ),
    ],
)
def test_unreadable_sources_are_problems_with_a_place(source: bytes, kind: str, line: int, column: int) -> None:
    problem = decode(source)
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.line, problem.column) == (kind, line, column)


def test_the_size_is_capped_only_when_asked() -> None:
    source = b"x = 1\n" * 100
    assert isinstance(decode(source), Text)
    assert isinstance(decode(source, limit=600), Text)
    problem = decode(source, limit=599)
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.detail) == ("too-large", "600 bytes, the limit is 599")


def test_only_the_three_line_ends_of_python_end_a_line() -> None:
    assert line_starts(b"a\nb\r\nc\rd\fe\xe2\x80\xa8f\x0bg\n") == [0, 2, 5, 7, 17]


@pytest.mark.parametrize(
    ("source", "line", "utf8_column", "rest"),
    [
        pytest.param(b"x = 'a'\n", 1, 4, b"'a'\n", id="plain"),
        pytest.param(BOM + b"x = 'a'\n", 1, 4, b"'a'\n", id="byte order mark, line 1"),
        pytest.param(BOM + b"#\nx = 'a'\n", 2, 4, b"'a'\n", id="byte order mark, line 2"),
        pytest.param("é = 'a'\n".encode(), 1, 5, b"'a'\n", id="two bytes of UTF-8"),
        pytest.param(b"# coding: latin-1\n'\xe9'; y = 'a'\n", 2, 10, b"'a'\n", id="one byte of latin-1 is two in ast"),
        pytest.param(b"#\r\nx = 'a'\r\n", 2, 4, b"'a'\r\n", id="CRLF"),
        pytest.param(b"#\rx = 'a'\r", 2, 4, b"'a'\r", id="CR only"),
        pytest.param(b"#\n\fx = 'a'\n", 2, 5, b"'a'\n", id="form feed"),
        pytest.param("# \u2028\nx = 'a'\n".encode(), 2, 4, b"'a'\n", id="U+2028 ends no line"),
        pytest.param(b"x = 1", 9, 0, b"", id="behind the end"),
    ],
)
def test_a_place_of_ast_becomes_a_byte_offset(source: bytes, line: int, utf8_column: int, rest: bytes) -> None:
    text = decode(source)
    assert isinstance(text, Text)
    assert source[text.offset(line, utf8_column) :] == rest


@pytest.mark.parametrize("source", [b"ab\ncd\n", BOM + "é\r\nü x\r\n".encode(), b"# coding: latin-1\n\xe9\xe9 x\n"])
def test_places_count_characters_from_one(source: bytes) -> None:
    text = decode(source)
    assert isinstance(text, Text)
    for line in range(1, len(text.line_starts) + 1):
        characters = text.line_text(line)
        for column in range(len(characters) + 1):
            assert text.place(text.offset(line, len(characters[:column].encode()))) == (line, column + 1)


def test_a_lone_marker_is_no_conflict() -> None:
    assert find_conflict_marker(b"x\n<<<<<<< HEAD\ny\n") == 0
    assert find_conflict_marker(b"x\n>>>>>>> main\n=======\n<<<<<<< HEAD\n") == 0


def test_the_declared_encoding_is_found_as_python_finds_it() -> None:
    import codecs
    import tokenize
    from io import BytesIO

    for source in (
        b"#coding=latin1\n",
        b"\f# coding: utf8\n",
        b"x\n#coding=latin1\n",
        b"\n#coding=ascii\n",
        b"  #coding:cp1252",
    ):
        expected = tokenize.detect_encoding(BytesIO(source).readline)[0]
        found = declared_encoding(source)
        assert isinstance(found, str)
        assert codecs.lookup(expected) == codecs.lookup(found)
