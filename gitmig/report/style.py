"""How text looks in a terminal: colour as plain ANSI codes, columns that characters take, lines that fit."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "help": "1;36",
    "strong": "1",
    "frame": "1;34",
    "good": "1;32",
}


class Style:
    """Paints words, or leaves them alone."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def paint(self, kind: str, text: str) -> str:
        """The text in the colour of error, warning, note, help, strong, frame or good."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.color and text else text

    def told(self, kind: str, word: str, text: str, width: int) -> Iterator[str]:
        """`word: text` on lines that fit, the word in its colour."""
        first, *more = fold(text, f"{word}: ", "      " if kind == "help" else "  ", width)
        yield self.paint(kind, word) + first[len(word) :]
        yield from more


def columns(text: str) -> int:
    """How many columns of a terminal the text takes; Chinese, Japanese and Korean characters take two."""
    if text.isascii():
        return len(text)
    import unicodedata

    def of(character: str) -> int:
        if unicodedata.combining(character):
            return 0
        return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1

    return sum(of(character) for character in text)


def fold(text: str, first: str, rest: str, width: int) -> Iterator[str]:
    """The words of the text on lines of at most `width` columns (0: one line), behind `first` and then `rest`."""
    if not width or columns(first) + columns(text) <= width:
        yield first + text
        return
    line = first
    filled = False
    for word in text.split(" "):
        if filled and columns(line) + 1 + columns(word) > width:
            yield line
            line, filled = rest, False
        line = f"{line} {word}" if filled else line + word
        filled = True
    yield line
