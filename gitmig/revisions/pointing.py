"""Where the value of an assignment stands, for the caret of a finding; ordinary lines need no syntax tree for it."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.source.decoding import Text
    from gitmig.source.places import Span

# NAME, perhaps an annotation, and a literal that ends on its line.
_LINE = r"""^%s\b[^\S\n]*(?::[^=\n#'"]*)?=[^\S\n]*(None|'[^'\\\n]*'|"[^"\\\n]*"|\([^()\n#\\]*\))[^\S\n]*(?:#.*)?$"""


def find_anchor(text: Text, anchor: str) -> Span | None:
    """Where an anchor of a finding (see `parsing.find_anchor`) stands in a text."""
    kind, _, name = anchor.partition(":")
    plain = find_plain_value(text.source, name) if kind == "assign" else None
    if plain is not None:
        return text.span(*plain)
    from gitmig.revisions.parsing import find_anchor as find_by_syntax

    return find_by_syntax(text.source, anchor)


def find_plain_value(source: bytes, name: str) -> tuple[int, int] | None:
    """Byte offsets of the literal on the one line that begins with `name`; None where there are several, or another.

    A second line that begins so could be the real one, and the first part of a docstring.
    """
    word = re.escape(name).encode()
    lines = re.findall(rb"^[^\S\n]*\(*%s\b" % word, source, re.M)
    found = re.search(_LINE.encode() % word, source, re.M) if len(lines) == 1 else None
    return found.span(1) if found else None
