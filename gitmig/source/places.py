"""Where something stands in a file, and why something cannot be read; light enough for every hook."""

from __future__ import annotations

from gitmig.frozen import Frozen


class Problem(Frozen):
    """Why something cannot be read: a short word, a detail for the sentence, a place (from 1, in characters)."""

    kind: str
    detail: str = ""
    line: int = 1
    column: int = 1


class Span(Frozen):
    """A piece of a file: byte offsets in the original, lines and columns from 1 in characters, the end exclusive."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int
