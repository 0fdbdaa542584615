"""Bytes of a Python file to text, and every place back to the byte it came from.

Python decides what a line and a coding cookie is, so this module follows the tokenizer of CPython: lines end at `\\n`,
`\\r\\n` and `\\r` only, and a form feed or U+2028 ends none.
"""

from __future__ import annotations

import re

from gitmig.source.places import Problem, Span

BOM = b"\xef\xbb\xbf"
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
GIT_CRYPT = b"\x00GITCRYPT\x00"
# A cookie may name any codec, and some of them run or hide code (utf-7, raw_unicode_escape), so the list is closed.
ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8", "u8", "utf", "utf8-ucs2", "utf8-ucs4", "cp65001"), "utf-8"),
    **dict.fromkeys(("ascii", "us-ascii", "646", "ansi-x3.4-1968", "iso646-us"), "ascii"),
    **dict.fromkeys(
        ("latin-1", "latin1", "latin", "l1", "iso-8859-1", "iso8859-1", "iso-latin-1", "8859", "cp819"), "latin-1"
    ),
    **dict.fromkeys(("cp1252", "windows-1252", "1252"), "cp1252"),
}
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#.*)?\Z")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_FIRST_LINES = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n)?([^\r\n]*)")


class Text:
    """Decoded source that knows its way back to the bytes.

    `text` has no byte order mark and keeps the line ends of the file; stray bytes of a comment are `?` in it.
    """

    __slots__ = ("_starts", "bom", "encoding", "source", "text")

    def __init__(self, source: bytes, text: str, encoding: str, bom: bool) -> None:
        self.source = source
        self.text = text
        self.encoding = encoding
        self.bom = bom
        self._starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """Byte offset of each line; the first one lies behind the byte order mark."""
        if self._starts is None:
            self._starts = line_starts(self.source, len(BOM) if self.bom else 0)
        return self._starts

    def line_bytes(self, line: int) -> bytes:
        """The bytes of a line (from 1) with its line end; empty behind the last."""
        starts = self.line_starts
        if not 1 <= line <= len(starts):
            return b""
        return self.source[starts[line - 1] : starts[line] if line < len(starts) else len(self.source)]

    def line_text(self, line: int) -> str:
        """A line (from 1) without its line end."""
        return self._characters(self.line_bytes(line).rstrip(b"\r\n"))

    def offset(self, line: int, utf8_column: int) -> int:
        """The byte offset of a place as `ast` gives it: line from 1, column in bytes of UTF-8 from 0."""
        starts = self.line_starts
        if line > len(starts):
            return len(self.source)
        if self.encoding in ("utf-8", "ascii"):
            return min(starts[line - 1] + utf8_column, len(self.source))
        before = self._characters(self.line_bytes(line)).encode()[:utf8_column]
        return starts[line - 1] + len(before.decode("utf-8", "replace"))

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1 and in characters, of a byte offset."""
        from bisect import bisect_right

        starts = self.line_starts
        index = max(bisect_right(starts, offset) - 1, 0)
        return index + 1, len(self._characters(self.source[starts[index] : offset])) + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two byte offsets."""
        return Span(start, end, *self.place(start), *self.place(end))

    def _characters(self, piece: bytes) -> str:
        return piece.decode(self.encoding, "replace")


def line_starts(source: bytes, first: int = 0) -> list[int]:
    """Byte offsets at which lines start, as Python counts lines."""
    return [first, *(end.end() for end in _LINE_END.finditer(source, first))]


def decode(source: bytes, limit: int = 0) -> Text | Problem:
    """The text of a Python file, or the problem that stands in the way; `limit` caps the size in bytes, 0 is no cap."""
    if limit and len(source) > limit:
        return Problem("too-large", f"{len(source)} bytes, the limit is {limit}")
    unreadable = stored_elsewhere(source)
    if unreadable:
        return unreadable
    if source[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Problem("encoding", "UTF-16")
    if b"\x00" in source:
        return _problem_at(source, source.index(b"\x00"), "null-bytes", "")
    marker = find_conflict_marker(source)
    if marker:
        return Problem("conflict", "unresolved merge conflict", marker)
    bom = source.startswith(BOM)
    encoding = declared_encoding(source)
    if isinstance(encoding, Problem):
        return encoding
    body = source[len(BOM) :] if bom else source
    try:
        return Text(source, body.decode(encoding), encoding, bom)
    except UnicodeDecodeError as error:
        at = error.start + len(source) - len(body)
    if encoding == "utf-8" and not _has_cookie(body):
        replaced = _stray_bytes_in_comments(body)
        if replaced is not None:
            return Text(source, replaced, encoding, bom)
    return _problem_at(source, at, "encoding", f"byte 0x{source[at]:02x} is not {encoding}")


def stored_elsewhere(source: bytes) -> Problem | None:
    """A blob that stands for a file kept by Git LFS or encrypted by git-crypt."""
    if source.startswith(LFS_POINTER):
        return Problem("git-lfs", "a Git LFS pointer")
    if source.startswith(GIT_CRYPT):
        return Problem("git-crypt", "encrypted by git-crypt")
    return None


def find_conflict_marker(source: bytes) -> int:
    """The line of the first conflict marker that Git left, 0 without one.

    All three markers in their order are asked for: a lone line of `=======` is a heading in many docstrings.
    """
    start = 0 if source.startswith(b"<<<<<<< ") else source.find(b"\n<<<<<<< ") + 1
    if not start and not source.startswith(b"<<<<<<< "):
        return 0
    middle = re.compile(rb"^=======\r?$", re.M).search(source, start)
    if middle is None or source.find(b"\n>>>>>>> ", middle.start()) < 0:
        return 0
    return len(line_starts(source[:start]))


def declared_encoding(source: bytes) -> str | Problem:
    """The encoding that the byte order mark or the coding cookie gives, one of utf-8, ascii, latin-1, cp1252."""
    bom = source.startswith(BOM)
    head = _FIRST_LINES.match(source, len(BOM) if bom else 0)
    first, second = head.groups() if head else (b"", b"")
    for line, text in ((1, first), (2, second)):
        cookie = _COOKIE.match(text)
        if cookie:
            name = cookie.group(1).decode("ascii", "replace")
            encoding = _known_encoding(name)
            if encoding is None:
                return Problem("encoding", f"coding cookie {name}", line, cookie.start(1) + 1)
            if bom and encoding != "utf-8":
                return Problem("encoding", f"byte order mark and coding cookie {name}", line, cookie.start(1) + 1)
            return encoding
        if not _BLANK.match(text):
            break
    return "utf-8"


def _known_encoding(name: str) -> str | None:
    plain = name.lower().replace("_", "-")
    # CPython cuts the suffixes of editors: utf-8-unix, latin-1-dos
    for known, encoding in (("utf-8", "utf-8"), ("latin-1", "latin-1"), ("iso-8859-1", "latin-1")):
        if plain.startswith(known + "-"):
            return encoding
    return ENCODINGS.get(plain)


def _has_cookie(body: bytes) -> bool:
    head = _FIRST_LINES.match(body)
    return bool(head and any(_COOKIE.match(line) for line in head.groups()))


def _stray_bytes_in_comments(body: bytes) -> str | None:
    """The text with each stray byte of a comment as `?`, None when one stands in code.

    CPython 3.11 reads such a file and newer ones may not; Alembic then depends on the interpreter, the ids do not.
    """
    from gitmig.source.lowering import comments_and_strings

    text = body.decode("utf-8", "surrogateescape")
    plain = re.sub("[\udc80-\udcff]", "?", text)
    comments = [(start, end) for kind, start, end in comments_and_strings(plain) if kind == "comment"]
    for stray in re.finditer("[\udc80-\udcff]", text):
        if not any(start <= stray.start() < end for start, end in comments):
            return None
    return plain


def _problem_at(source: bytes, offset: int, kind: str, detail: str) -> Problem:
    text = Text(source, "", "utf-8", source.startswith(BOM))
    return Problem(kind, detail, *text.place(offset))
