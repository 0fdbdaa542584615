"""Whatever a repository calls its things, a report stays a report.  The long campaign is bench/hostile_strings.py."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.hostile import PIECES, check, strings


@pytest.mark.parametrize("text", PIECES, ids=ascii)
def test_a_piece(text: str) -> None:
    check(text)


def test_pieces_together() -> None:
    for text in islice(strings(1), len(PIECES), len(PIECES) + 150):
        check(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=4), st.sampled_from(PIECES)), max_size=8).map("".join))
def test_any_text(text: str) -> None:
    check(text)
