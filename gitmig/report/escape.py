"""The one door for text that comes from a repository: names, messages, ids, source lines."""

from __future__ import annotations

# Letters and marks by their Unicode category, yet nothing is seen of them: Hangul fillers, grapheme joiner, variation
# selectors that carry data.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_SELECTORS = range(0xE0100, 0xE01F0)


def safe(text: str) -> str:
    """The text with everything that a terminal would obey or hide made visible, `\\x1b` for ESC; line ends too.

    Bytes that were no UTF-8 (surrogate escapes) are shown as they were, `\\xff`.  Markup is left as it is: nothing that
    prints our reports interprets any.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_harmless(character) else _visible(character) for character in text)


def _is_harmless(character: str) -> bool:
    # isprintable() is False for control, format (bidi, zero-width), surrogate, private and unassigned characters and
    # for all separators but the space; the ideographic space is ordinary in Chinese and Japanese comments.
    if character == "\u3000":
        return True
    return character.isprintable() and character not in _INVISIBLE and ord(character) not in _SELECTORS


def _visible(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        number -= 0xDC00
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
