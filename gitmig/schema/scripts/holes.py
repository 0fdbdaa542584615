"""Texts of which a part could not be read, such as a variable in an f-string."""

from __future__ import annotations

HOLE = "\ufffd"
LONGEST = 300


def shown(text: str) -> str:
    """A text for people, on one line, with `{}` for what could not be read; "" where that is all of it."""
    text = " ".join(text.replace(HOLE, "{}").split())
    return text[:LONGEST] if text.strip("{} ;") else ""
