"""GM106: ids that were typed, not drawn."""

from __future__ import annotations

import random

import pytest
from support.drawing import about, change, findings

from gitmig.revisions.drawn import is_patterned

TYPED = {
    "ascending": "0123456789ab",
    "descending": "ba9876543210",
    "one digit": "aaaaaaaaaaaa",
    "a word again and again": "abcabcabcabc",
    "letters and digits by turns, both ascending": "a1b2c3d4e5f6",
    "the same, further on": "b2c3d4e5f6a7",
    "a keyboard row": "123456789012",
}
NOT_TYPED = {
    "a drawn id": "1975ea83b712",
    "digits alone, drawn": "590384712056",
    "a number of a project that counts": "0001",
    "a slug": "add_users",
    "eleven digits: not what Alembic draws": "a1b2c3d4e5f",
    "not hexadecimal": "a1b2c3d4e5fg",
}


@pytest.mark.parametrize("typed", [pytest.param(one, id=phrase) for phrase, one in TYPED.items()])
def test_finds(typed: str) -> None:
    assert about("GM106", change(f"a1 <- ; {typed} <- a1", target="a1 <-")) == [(typed,)]


@pytest.mark.parametrize("drawn", [pytest.param(one, id=phrase) for phrase, one in NOT_TYPED.items()])
def test_leaves_alone(drawn: str) -> None:
    assert about("GM106", change(f"a1 <- ; {drawn} <- a1", target="a1 <-")) == []


def test_leaves_alone_what_is_published_for_its_id_must_stay() -> None:
    assert about("GM106", change("a1b2c3d4e5f6 <- text new", target="a1b2c3d4e5f6 <-")) == []


def test_offers_the_same_fresh_id_every_time() -> None:
    seen = change("a1b2c3d4e5f6 <-", target="")
    first, second = (findings("GM106", seen)[0].help[0].text for _ in range(2))
    assert first == second
    offered = first.split("use ")[1].split(" ")[0]
    assert len(offered) == 12 and not is_patterned(offered)


def test_drawn_ids_are_next_to_never_found() -> None:
    drawn = random.Random(7)
    assert sum(is_patterned(f"{drawn.getrandbits(48):012x}") for _ in range(20_000)) <= 1
