"""Spellings of Python 2, rewritten in place so that a `compile` of today reads them.

Revisions are never rewritten, so a chain that began in those days still has them.  What they print, raise or catch is
no schema; the rewriting keeps every byte of UTF-8 in its place and the value of numbers and strings.
"""

from __future__ import annotations

import re

from gitmig.source.lowering import masked

# Where a statement may begin: a line, or what follows a colon or a semicolon on one.
_BEGIN = r"(?:^|[:;])[ \t]*"
_PRINT = re.compile(rf"{_BEGIN}(print)(?=[ \t]*(?:>>|[^\s(=.,)\]}}:;#]))", re.M)
_PRINT_BLANKED = re.compile(rf"{_BEGIN}(print)(?=[ \t])", re.M)
_EXEC = re.compile(rf"{_BEGIN}(exec)(?=[ \t]+[^\s(=.,)])", re.M)
_EXCEPT = re.compile(r"^[ \t]*except[ \t]+[^\n:]*?(,[ \t]*[^\W\d]\w*)[ \t]*:", re.M)
_RAISE = re.compile(rf"{_BEGIN}raise[ \t]+(?:[^\n(\[{{,]|\([^\n()]*\))*(,)", re.M)
_NUMBER = re.compile(r"(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)([lL])?(?![\w.])")
_UNICODE_RAW = re.compile(r"(?<!\w)[uU](?=[rR](?:\"|'))")


def lower_older(text: str) -> str:
    """The text with the spellings of Python 2 replaced; the same text where there are none."""
    code = masked(text)
    edits: dict[int, str] = {}
    for pattern in (_PRINT, _PRINT_BLANKED, _EXEC):
        for found in pattern.finditer(code):
            at, end = found.span(1)
            while text[end : end + 1] in (" ", "\t"):
                end += 1
            if text[end : end + 1] in ("", "\n", "\r", "(", "=", "#"):
                continue  # `print`, `print(...)` and a name that is called so mean something today
            word = found.group(1)
            edits[at] = ("0" if text.startswith(">>", end) else "0,").ljust(len(word))
    for found in _EXCEPT.finditer(code):
        edits[found.start(1)] = " " * len(found.group(1))
    for found in _RAISE.finditer(code):
        edits.update(dict.fromkeys(_commas(code, found.start(1)), "%"))
    for found in _NUMBER.finditer(code):
        edits.update(_number(found))
    for found in _UNICODE_RAW.finditer(text):
        if code[found.start()] != " ":
            edits[found.start()] = " "
    for found in re.finditer(r"<>", code):
        edits[found.start()] = "!="
    for position, found in enumerate(re.finditer("`", code)):
        edits[found.start()] = ")" if position % 2 else "("
    return _edited(text, edits)


def _commas(code: str, first: int) -> list[int]:
    """The commas of `raise Class, value, traceback`, those inside of brackets left out."""
    found = []
    depth = 0
    for at in range(first, len(code)):
        letter = code[at]
        depth += (letter in "([{") - (letter in ")]}")
        if letter == ";" or (letter in "\r\n" and depth <= 0):
            break
        if letter == "," and depth <= 0:
            found.append(at)
    return found


def _number(found: re.Match[str]) -> dict[int, str]:
    """`0755` and `10L` as what they are worth, which never takes more room."""
    digits, long = found.groups()
    worth = digits
    if len(digits) > 1 and digits[0] == "0" and digits.isdigit() and not digits.strip("01234567") and digits.strip("0"):
        worth = str(int(digits, 8))
    if worth == digits and not long:
        return {}
    return {found.start(): worth.rjust(len(found.group()))}


def _edited(text: str, edits: dict[int, str]) -> str:
    out = []
    last = 0
    for at, new in sorted(edits.items()):
        if at >= last:
            out += [text[last:at], new]
            last = at + len(new)
    return "".join(out) + text[last:]
