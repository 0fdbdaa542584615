"""Spellings newer than the interpreter, rewritten in place so that an older `compile` reads them.

A repository may be written for a newer Python than the one the hook runs on.  Every rewriting keeps each byte of UTF-8
in its place, so that lines and columns of the tree are those of the file.  What has no older spelling of the same
length and meaning is not rewritten; `needs` then says which Python reads it.
"""

from __future__ import annotations

import re

from gitmig.frozen import Frozen

_START = re.compile(r"[#\"']")
_PREFIX = re.compile(r"(?<![^\W])[A-Za-z]{1,2}\Z")
_PREFIXES = frozenset(("r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"))
_NAMED_CHARACTER = re.compile(r"N\{[^{}\n]*\}")
_TYPE_STATEMENT = re.compile(r"^([ \t]*)type([ \t]+)([^\W\d]\w*)([ \t]*)(?=\[|=(?!=))", re.M)
_GENERIC = re.compile(r"\b(?:def|class)[ \t]+[^\W\d]\w*[ \t]*\[")
_NAME = r"[^\W\d][\w.]*"
_BARE_EXCEPT = re.compile(rf"^[ \t]*except\b[ \t]*\*?[ \t]*{_NAME}(?:[ \t]*,[ \t]*{_NAME})+[ \t]*(,?)[ \t]*:", re.M)
_EXCEPT_STAR = re.compile(r"^[ \t]*except[ \t]*\*", re.M)
_SUBSCRIPT = re.compile(r"(?<=[\w\])])\[")
_STARRED_ITEM = re.compile(r"(?:\A|,)\s*\*(?!\*)")
_STARRED_ANNOTATION = re.compile(r"\*[ \t]*[^\W\d]\w*[ \t]*:[ \t]*\*(?!\*)")
_LAZY_IMPORT = re.compile(r"^lazy[ \t]+(?:import|from)\b", re.M)
_DEEPEST = 60


class Lowered(Frozen):
    """The rewritten text, and what the tree must be told.

    `except_lines` has the lines of handlers whose `A | B` stands for `A, B`, `templates` the (line, column in UTF-8) of
    template strings.
    """

    text: str
    except_lines: frozenset[int] = frozenset()
    templates: frozenset[tuple[int, int]] = frozenset()
    needs: str = ""


class _String(Frozen):
    """A string literal: offsets, prefix, quotes, and how many replacement fields it stands in."""

    start: int
    end: int
    prefix: str
    quote: str
    depth: int


class _Quoting(Frozen):
    """How a literal is written: its quotes, whether it has replacement fields, whether a backslash is itself."""

    quote: str
    formatted: bool
    raw: bool


class _Scan:
    """Strings and comments of a text, replacement fields of f-strings included (PEP 701)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.strings: list[_String] = []
        self.comments: list[tuple[int, int]] = []
        self.newer_fields: list[int] = []
        at = 0
        while True:
            start = _START.search(text, at)
            if start is None:
                break
            at = self._comment(start.start()) if start.group() == "#" else self._string(start.start(), 0)

    def _comment(self, at: int) -> int:
        end = _line_end(self.text, at)
        self.comments.append((at, end))
        return end

    def _string(self, at: int, depth: int) -> int:
        """Reads the literal whose opening quote is at `at`; returns the offset behind it."""
        text = self.text
        quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
        found = _PREFIX.search(text, max(at - 3, 0), at)
        prefix = found.group().lower() if found else ""
        if prefix not in _PREFIXES:
            prefix = ""
        formatted = "f" in prefix or "t" in prefix
        end = self._literal(at + len(quote), _Quoting(quote, formatted and depth < _DEEPEST, "r" in prefix), depth)
        self.strings.append(_String(at - len(prefix), end, prefix, quote, depth))
        return end

    def _literal(self, at: int, quoting: _Quoting, depth: int, in_format: bool = False) -> int:
        """Reads literal text up to and with its closing quote, or up to the `}` that ends a format specification."""
        text = self.text
        quote, formatted, raw = quoting.quote, quoting.formatted, quoting.raw
        stop = re.compile(r"[\\{}\r\n]|" + quote if formatted else r"[\\\r\n]|" + quote)
        while True:
            found = stop.search(text, at)
            if found is None:
                return len(text)
            what, at = found.group(), found.end()
            if what == quote:
                return found.start() if in_format else at
            if what == "\\":
                named = None if raw or not formatted else _NAMED_CHARACTER.match(text, at)
                at = named.end() if named else at + (2 if text.startswith("\r\n", at) else 1)
            elif what in "\r\n":
                if len(quote) == 1:
                    return found.start()
            elif what == "}":
                if in_format:
                    return found.start()
            elif text.startswith("{", at) and not in_format:
                at += 1
            else:
                at = self._field(at, quoting, depth)

    def _field(self, at: int, quoting: _Quoting, depth: int) -> int:
        """Reads a replacement field behind its `{`; returns the offset behind its `}`."""
        text = self.text
        brackets = 0
        while at < len(text):
            character = text[at]
            if character in "\"'":
                at = self._string(at, depth + 1)
                continue
            if character == "#":
                self.newer_fields.append(at)
                at = self._comment(at)
                continue
            if character == "\\" or (character in "\r\n" and len(quoting.quote) == 1):
                self.newer_fields.append(at)
            if character in "([{":
                brackets += 1
            elif character in ")]" or (character == "}" and brackets):
                brackets -= 1
            elif character == "}":
                return at + 1
            elif character == ":" and brackets <= 0:
                at = self._literal(at + 1, quoting, depth, in_format=True)
                return at + 1 if text.startswith("}", at) else at
            at += 1
        return at


def comments_and_strings(text: str) -> list[tuple[str, int, int]]:
    """("comment" or "string", start, end) of every comment and outermost string literal, in their order."""
    scan = _Scan(text)
    strings = [(string.start, string.end, "string") for string in scan.strings if not string.depth]
    found = sorted(strings + [(start, end, "comment") for start, end in scan.comments])
    return [(kind, start, end) for start, end, kind in found]


def masked(text: str) -> str:
    """The text with comments and strings blanked: same length, same lines."""
    return _masked(text, _Scan(text))


def lower(text: str) -> Lowered:
    """Rewrites what an older grammar can say in the same place; without such spellings the text comes back as it is."""
    scan = _Scan(text)
    code = _masked(text, scan)
    edits: list[tuple[int, int, str]] = []
    needs = _lower_strings(text, scan, edits) or _lower_generics(code, edits)
    excepts = _lower_excepts(code, edits)
    templates = [string.start for string in scan.strings if "t" in string.prefix]
    if _LAZY_IMPORT.search(code):
        needs = "3.15"
    elif not needs and (_EXCEPT_STAR.search(code) or _unpacks_types(code)):
        needs = "3.11"
    if not edits:
        return Lowered(text, needs=needs)
    return Lowered(
        _edited(text, edits),
        frozenset(_place(text, at)[0] for at in excepts),
        frozenset(_place(text, at) for at in templates),
        needs,
    )


def _lower_strings(text: str, scan: _Scan, edits: list[tuple[int, int, str]]) -> str:
    """PEP 701 (quotes again inside a field) and PEP 750 (template strings)."""
    needs = "3.12" if scan.newer_fields else ""
    outer: list[_String] = [string for string in scan.strings if not string.depth]
    for string in scan.strings:
        if "t" in string.prefix:
            at = string.start + string.prefix.index("t")
            edits.append((at, at + 1, "f"))
        if not string.depth:
            continue
        around = next(one for one in outer if one.start < string.start < one.end)
        if string.quote[0] != around.quote[0] or len(string.quote) < len(around.quote):
            continue
        other = "'" if string.quote[0] == '"' else '"'
        inside = text[string.start : string.end]
        if string.depth > 1 or other in inside or "\\" in inside or len(string.quote) != len(around.quote):
            needs = "3.12"
            continue
        if re.search(r"=\s*(?:![rsa])?\s*[}:]", text[string.end : string.end + 20]):  # f"{x["a"]=}" shows its quotes
            needs = "3.12"
            continue
        opening = string.start + len(string.prefix)
        width = len(string.quote)
        edits.append((opening, opening + width, other * width))
        edits.append((string.end - width, string.end, other * width))
    return needs


def _lower_generics(code: str, edits: list[tuple[int, int, str]]) -> str:
    """PEP 695: type statements become assignments, type parameters become blanks."""
    needs = ""
    for statement in _TYPE_STATEMENT.finditer(code):
        indent, gap, name, rest = statement.groups()
        start, end = statement.span()
        edits.append((start, end, indent + name + " " * (4 + len(gap)) + rest))
        if code.startswith("[", end):
            close = _closing(code, end)
            if "\n" in code[end:close] or "\r" in code[end:close]:
                needs = "3.12"
            else:
                edits.append((end, close, _blank(code[end:close])))
    for generic in _GENERIC.finditer(code):
        start = generic.end() - 1
        close = _closing(code, start)
        if close == start:
            continue
        call = re.compile(r"[ \t]*\(").match(code, close)
        edits.append((start, start + 1, "("))
        edits.append((start + 1, close - 1, _blank(code[start + 1 : close - 1])))
        edits.append((close - 1, close, " " if call else ")"))
        if call:
            edits.append((call.end() - 1, call.end(), " "))
    return needs


def _lower_excepts(code: str, edits: list[tuple[int, int, str]]) -> list[int]:
    """PEP 758: `except A, B:` becomes `except A| B:`; the parser turns it into the tuple that it means."""
    found = []
    for clause in _BARE_EXCEPT.finditer(code):
        trailing = clause.start(1) if clause.group(1) else -1
        found.append(clause.start())
        for comma in re.finditer(",", clause.group()):
            at = clause.start() + comma.start()
            edits.append((at, at + 1, " " if at == trailing else "|"))
    return found


def _unpacks_types(code: str) -> bool:
    """PEP 646: `Generic[*Ts]` and `*args: *Ts`."""
    if _STARRED_ANNOTATION.search(code):
        return True
    for subscript in _SUBSCRIPT.finditer(code):
        start = subscript.end() - 1
        inside = code[start + 1 : max(_closing(code, start) - 1, start + 1)]
        flat = re.sub(r"[(\[{][^()\[\]{}]*[)\]}]", "", inside)
        if _STARRED_ITEM.search(flat):
            return True
    return False


def _closing(code: str, at: int) -> int:
    """The offset behind the bracket that closes the one at `at`; `at` when none does."""
    depth = 0
    for bracket in re.compile(r"[\[\](){}]").finditer(code, at):
        depth += 1 if bracket.group() in "[({" else -1
        if not depth:
            return bracket.end()
    return at


def _masked(text: str, scan: _Scan) -> str:
    pieces = [(string.start, string.end) for string in scan.strings if not string.depth]
    pieces += [(start, end) for start, end in scan.comments]
    out = []
    last = 0
    for start, end in sorted(pieces):
        if start >= last:
            out += [text[last:start], re.sub(r"[^\r\n]", " ", text[start:end])]
            last = end
    return "".join(out) + text[last:]


def _blank(piece: str) -> str:
    """Spaces that take as many bytes of UTF-8; line ends stay."""
    return "".join(one if one in "\r\n" else " " * len(one.encode("utf-8", "replace")) for one in piece)


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    out = []
    last = 0
    for start, end, new in sorted(edits):
        if start >= last:
            out += [text[last:start], new]
            last = end
    return "".join(out) + text[last:]


def _place(text: str, at: int) -> tuple[int, int]:
    """Line from 1 and column in bytes of UTF-8, as `ast` counts them."""
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text[:at]))]
    return len(starts), len(text[starts[-1] : at].encode("utf-8", "replace"))


def _line_end(text: str, at: int) -> int:
    found = re.compile(r"[\r\n]").search(text, at)
    return found.start() if found else len(text)
