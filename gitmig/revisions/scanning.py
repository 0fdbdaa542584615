"""The header of an ordinary revision file, read without a syntax tree.

Ten thousand revisions are read in the time in which a tree of each would read five hundred.  The scanner answers only
where it can prove what the tree would say:

- up to the header stand nothing but texts, comments, imports and plain assignments, line by line;
- the four names occur nowhere else in a way that could bind them, and no star import, `global`, walrus or namespace
  trick could bind them without naming them.

Whether the rest of the file is Python at all is not asked: that is for whoever reads the functions.
"""

from __future__ import annotations

import re

from gitmig.source.decoding import BOM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT = rb"""[uU]?(?:'[^'\\\x00-\x1f\x7f-\xff]*'|"[^"\\\x00-\x1f\x7f-\xff]*")"""
_LIST = rb"[ \t]*(?:%s[ \t]*(?:,[ \t]*%s[ \t]*)*,?[ \t]*)?" % (_TEXT, _TEXT)
_VALUE = rb"None|%s|\(%s\)|\[%s\]" % (_TEXT, _LIST, _LIST)
_REST = rb"[ \t]*(?:\#[^\n]*)?(?:\r?\n|\Z)"
_BALANCED = rb"[^\n\r\"'\#\\;()\[\]{}=]*"
# The larger patterns are compiled when a file needs them: that takes longer than to read fifty headers.
_STEP = rb"""
    (?P<blank> (?: [ \t]* (?:\#[^\n]*)? \r?\n )+ | [ \t]+\Z | \#[^\n]*\Z )
  | (?P<text> (?:\"\"\"[^"\\]*\"\"\"|'''[^'\\]*''') %s )
  | (?P<header> (?P<name>revision|down_revision|branch_labels|depends_on)
        [ \t]* (?: : [\w\[\], .|"'\t]+ )? = [ \t]* (?P<value>%s) %s )
  | (?P<import> (?:from[ \t]+[\w.]+[ \t]+)? import[ \t]+ (?:[\w., \t]+ | \([\w., \t\r\n]*\)) %s )
  | (?P<other> [A-Za-z_]\w* (?: [ \t]*:[ \t]*[\w\[\], .|]+ )? [ \t]* = [ \t]*
        (?: %s (?: \( %s \) )* | %s ) %s )
    """ % (_REST, _VALUE, _REST, _REST, _BALANCED, _BALANCED, _VALUE, _REST)
_DOCSTRING = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[rRuU]?(\"\"\"|''')")
_AFTER_DOCSTRING = re.compile(_REST.replace(rb"\#", b"#"))
_TEXTS = re.compile(_TEXT)
# Each of these may bind a name without naming it, or makes a line something else than it looks.
_GUARDS = (b"\f", b"\x00", b":=", b"global", b"locals", b"modules", b"<<<<<<<")
_RARE_GUARDS = (
    (b"\\", (b"\\\n", b"\\\r")),
    (b"attr", (b"setattr", b"delattr", b"__getattr__")),
    (b"__", (b"__dict__",)),
)
_GUARD_WORDS = tuple((word, re.compile(rb"\b%s\b" % word)) for word in (b"eval", b"vars"))
# A mention that binds nothing: an attribute, a part of a longer name, or a word of a sentence.
_MENTION = rb"(?:([A-Za-z]+)[ \t]+|(\W?))(?<!\w)(\w*revision\w*)(?=[ \t]*([\r\n.\"'(])|[ \t]+([A-Za-z]+)|)"
_BINDING_WORDS = frozenset(
    (b"import", b"as", b"del", b"def", b"class", b"for", b"case", b"type", b"in", b"if", b"is", b"and", b"or", b"not")
)
_STAR_IMPORT = re.compile(rb"import\s*\*")
# Characters that Python's identifiers normalise (NFKC) to ASCII: a name may be spelt with them.
_DISGUISED = (
    "[\u00aa\u00b2\u00b3\u00b9\u00ba\u0132\u0133\u013f\u0140\u017f\u01c7-\u01cc\u01f1-\u01f3\u02b0-\u02b8\u02e1-\u02e3"
    "\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf\u2070-\u209c\u20a8\u2100-\u218f\u2460-\u24ff\u2c7c\u2c7d\u3200-\u33ff\ua69c-\ua7f9"
    "\uab5c-\uab69\ufb00-\ufb06\ufe33\ufe34\ufe4d-\ufe4f\uff00-\uff5f\U00010780-\U000107ba\U0001ccd6-\U0001ccf9"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff\U0001fbf0-\U0001fbf9]"
)


# What Alembic's own template writes, in one step: 10,000 headers in a third of the time.
_ID = rb"""(?:'([\w.-]+)'|"([\w.-]+)")"""
_NONE = rb"(?:[ \t]*:[ \t]*[\w\[\], .|]+)?[ \t]*=[ \t]*None[ \t]*\r?\n"
_NAMED = rb"(?:[ \t]*:[ \t]*[\w\[\], .|]+)?[ \t]*=[ \t]*"
_TEMPLATE = re.compile(
    rb"(?P<above>(?:\r?\n|\#[^\n]*\n|(?:from[ ][\w.]+[ ])?import[ ][\w., ]+\r?\n)*)"
    rb"revision%s%s[ \t]*\r?\n"
    % (_NAMED, _ID)
    + rb"down_revision%s(?:None|%s)[ \t]*\r?\n" % (_NAMED, _ID)
    + rb"branch_labels%s" % _NONE
    + rb"depends_on%s" % _NONE
)
# Annotations of the template that are certainly syntax.
_ANNOTATIONS = frozenset(
    (b"str", b"Union[str, None]", b"Union[str, Sequence[str], None]", b"str | None", b"str | Sequence[str] | None")
)


class Header:
    """What the scanner saw: the docstring as written, values by name (absent: not assigned).

    `is_usual`: an id, at most one parent, no labels, no dependencies.
    """

    __slots__ = ("docstring", "is_usual", "values")

    def __init__(self, docstring: bytes, values: Mapping[str, object], is_usual: bool = False) -> None:
        self.docstring = docstring
        self.values = values
        self.is_usual = is_usual


def scan_header(source: bytes) -> Header | None:
    """The header of an ordinary revision file; None where only the syntax tree can tell."""
    start = len(BOM) if source.startswith(BOM) else 0
    found = _documentation(source, start)
    if found is None or not _is_plain(source, start, found[1]):
        return None
    documentation, at = found
    return _scan_template(source, at, documentation) or _scan_assignments(source, at, documentation)


def without_identifiers(source: bytes) -> bytes:
    """The text with empty lines for what Alembic's template assigns, where nothing behind it mentions the names.

    Annotated, these four lines are half of what Python's parser has to do in many files, and no operation needs them.
    """
    found = _documentation(source, len(BOM) if source.startswith(BOM) else 0)
    written = _TEMPLATE.match(source, found[1]) if found is not None else None
    if written is None:
        return source
    start, end = written.end("above"), written.end()
    if any(source.find(name, end) >= 0 for name in (b"revision", b"branch_labels", b"depends_on")):
        return source
    for line in source[start:end].split(b"\n"):
        _name, colon, annotation = line.partition(b"=")[0].partition(b":")
        if colon and annotation.strip() not in _ANNOTATIONS:
            return source
    return source[:start] + b"\n" * source.count(b"\n", start, end) + source[end:]


def _documentation(source: bytes, start: int) -> tuple[bytes, int] | None:
    """The docstring as written and where the next line begins; None where only the syntax tree can tell."""
    docstring = _DOCSTRING.match(source, start)
    if docstring is None:
        return b"", start
    closing = source.find(docstring.group(1), docstring.end())
    after = _AFTER_DOCSTRING.match(source, closing + 3) if closing >= 0 else None
    documentation = source[docstring.end() : closing]
    if after is None or b"\\" in documentation:
        return None
    return documentation, after.end()


def _scan_template(source: bytes, body: int, documentation: bytes) -> Header | None:
    """The header as Alembic's template has it; None for any other, which is looked at statement by statement."""
    found = _TEMPLATE.match(source, body)
    if found is None:
        return None
    above, one, other, down_one, down_other = found.groups()
    mentions = above.count(b"revision")
    if mentions != above.count(b"# revision identifiers") or b"branch_labels" in above or b"depends_on" in above:
        return None
    if source.count(b"revision", body) != 2 + mentions:
        return None
    if source.count(b"branch_labels", body) != 1 or source.count(b"depends_on", body) != 1:
        return None
    down = down_one or down_other
    values = {"revision": (one or other).decode(), "down_revision": down.decode() if down else None}
    return Header(documentation, {**values, "branch_labels": None, "depends_on": None}, is_usual=True)


def _scan_assignments(source: bytes, body: int, documentation: bytes) -> Header | None:
    values: dict[str, object] = {}
    seen = {b"revision": 0, b"down_revision": 0, b"branch_labels": 0, b"depends_on": 0}
    remarks = []
    at = body
    next_step = re.compile(_STEP, re.VERBOSE).match
    while True:
        step = next_step(source, at)
        if step is None or step.end() == at:
            break
        name = step.group("name")
        if name is not None:
            values[name.decode()] = _value(step.group("value"))
            seen[name] += 1
        elif step.lastgroup in ("blank", "text"):
            remarks.append(step.group())
        elif b"revision" in step.group():  # an import or a constant that may bind the name
            return None
        at = step.end()
    if not seen[b"revision"] or not seen[b"down_revision"]:
        return None
    if any(isinstance(value, list) for value in values.values()):  # something may append to it
        return None
    seen[b"revision"] += seen[b"down_revision"]
    remark = b"".join(remarks)
    for name in (b"branch_labels", b"depends_on"):
        if source.count(name, body) != seen[name] + remark.count(name):
            return None
    if source.count(b"revision", body) == seen[b"revision"] + remark.count(b"revision"):
        return Header(documentation, values)
    return None if _may_bind(source, at) else Header(documentation, values)


def _may_bind(source: bytes, start: int) -> bool:
    """Whether a mention of `revision` behind the header may be a binding."""
    for mention in re.compile(_MENTION).finditer(source, start):
        word, before, name, mark, after = mention.groups()
        if name not in (b"revision", b"down_revision") or before == b".":
            continue
        if word in _BINDING_WORDS or after in _BINDING_WORDS:
            return True
        if not mark and not after:
            return True
        if mark in (b"\r", b"\n") and not word:
            return True
    return False


def _is_plain(source: bytes, start: int, body: int) -> bool:
    """Nothing in the file could bind a name behind the scanner's back."""
    for guard in _GUARDS:
        if guard in source:
            return False
    for hint, guards in _RARE_GUARDS:
        if hint in source and any(guard in source for guard in guards):
            return False
    if source.count(b"exec") != source.count(b"execut"):
        return False
    for word, pattern in _GUARD_WORDS:
        if word in source and pattern.search(source, body):
            return False
    if b"*" in source and _STAR_IMPORT.search(source, body):
        return False
    if b"\r" in source and source.count(b"\r") != source.count(b"\r\n"):
        return False
    if b"coding" in source[start : start + 400]:
        head = source[start : start + 200].split(b"\n", 2)[:2]
        if any(b"coding" in line and b"utf-8" not in line for line in head):
            return False
    if source.isascii():
        return True
    try:
        return not re.search(_DISGUISED, source.decode())
    except UnicodeDecodeError:
        return False


def _value(text: bytes) -> object:
    if text == b"None":
        return None
    texts = [one.decode().lstrip("uU")[1:-1] for one in _TEXTS.findall(text)]
    if text[:1] == b"[":
        return texts
    if text[:1] != b"(":
        return texts[0]
    if len(texts) == 1 and not text[:-1].rstrip(b" \t").endswith(b","):
        return texts[0]
    return tuple(texts)
