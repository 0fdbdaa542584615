"""Text in commands that people paste into a shell."""

from __future__ import annotations

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-^~{}")


def shell_word(text: str) -> str:
    """The text as one word for a POSIX shell; a file name must not become a command of its own."""
    # `~` and `{` mean something to a shell at the start of a word or around a comma; HEAD~2 and HEAD^{tree} are common.
    plain = text and _PLAIN.issuperset(text) and text[0] != "~" and not ("{" in text and ("," in text or ".." in text))
    return text if plain else "'" + text.replace("'", "'\"'\"'") + "'"
