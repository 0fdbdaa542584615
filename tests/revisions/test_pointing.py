from __future__ import annotations

import pytest

from gitmig.revisions.parsing import find_anchor as find_by_syntax
from gitmig.revisions.pointing import find_anchor, find_plain_value
from gitmig.source.decoding import Text, decode

PLAIN = {
    "a text": b"revision = 'a1'\n",
    "an annotated text": b'revision: Union[str, None] = "a1"  # the id\n',
    "None": b"x = 1\nrevision = None\r\ny = 2\n",
    "a tuple": "revision = ('a', 'é')\n".encode(),
    "the last line": b"down_revision = 'b'\nrevision = 'a'",
    "a longer name beside it": b"revision_date = 'x'\nrevision = 'a'\n",
}
NOT_PLAIN = {
    "behind a byte order mark": b"\xef\xbb\xbfrevision = 'a'\n",
    "a docstring that shows an assignment": b'"""\nrevision = \'x\'\n"""\nrevision = \'a\'\n',
    "in parentheses": b'"""\nrevision = \'x\'\n"""\n(revision) = \'a\'\n',
    "a call": b"revision = make('a')\n",
    "two texts": b"revision = 'a' 'b'\n",
    "an escape": b"revision = 'a\\x20'\n",
    "over several lines": b"revision = (\n  'a',\n)\n",
    "an annotation with quotes": b"revision: 'str' = 'a'\n",
    "assigned twice": b"revision = 'a'\nrevision = 'b'\n",
    "inside a block": b"if x:\n    revision = 'a'\n",
    "not there": b"x = 1\n",
}


def text_of(source: bytes) -> Text:
    text = decode(source)
    assert isinstance(text, Text)
    return text


@pytest.mark.parametrize("source", [pytest.param(source, id=phrase) for phrase, source in PLAIN.items()])
def test_a_plain_line_is_found_where_the_syntax_tree_finds_it(source: bytes) -> None:
    assert find_plain_value(source, "revision") is not None
    assert find_anchor(text_of(source), "assign:revision") == find_by_syntax(source, "assign:revision")


@pytest.mark.parametrize("source", [pytest.param(source, id=phrase) for phrase, source in NOT_PLAIN.items()])
def test_any_other_line_is_left_to_the_syntax_tree(source: bytes) -> None:
    assert find_plain_value(source, "revision") is None
    assert find_anchor(text_of(source), "assign:revision") == find_by_syntax(source, "assign:revision")
