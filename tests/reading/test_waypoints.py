"""Where a chain can begin that shares revisions with one that was replayed before."""

from __future__ import annotations

from typing import Any

import pytest

from gitmig.reading.waypoints import Chain, Waypoints
from gitmig.schema.elements import Schema, Table


def steps(text: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """ "a b c2": revisions in upgrade order; a digit is another text of the same file."""
    return [(word[0], [(f"versions/{word[0]}.py", word)]) for word in text.split()]


def after(*names: str) -> Chain:
    return Chain(Schema({name: Table(name) for name in names}))


# the chain that was replayed in parts of two, the one that is asked for, and after how many steps it begins
SHARED = {
    "the same chain": ("a b c d e", "a b c d e", 5),
    "more on top": ("a b c d", "a b c d e", 4),
    "another top": ("a b c d e", "a b c d f", 4),
    "a top in the middle of a part": ("a b c d", "a b c e", 2),
    "an edited revision": ("a b c d", "a b2 c d", 0),
    "nothing in common": ("a b", "x y", 0),
    "less": ("a b c d", "a b c", 2),
}


@pytest.mark.parametrize(("known", "asked", "begins"), SHARED.values(), ids=SHARED)
def test_a_chain_begins_at_the_last_place_that_both_have(known: str, asked: str, begins: int) -> None:
    waypoints = walked(known)
    count, chain = waypoints.furthest(steps(asked), lambda seen, chain: True)
    assert count == begins
    assert list(chain.schema.tables) == [word[0] for word in asked.split()[:begins]]


def test_the_trees_must_agree_about_what_the_revisions_import() -> None:
    waypoints = walked("a b c d e")
    assert waypoints.furthest(steps("a b c d e"), lambda seen, chain: "c" not in chain.schema.tables)[0] == 2


def walked(text: str) -> Waypoints:
    waypoints, seen = Waypoints(), Any
    trail = waypoints.begin(seen, steps(text))  # type: ignore[arg-type]
    names = [word[0] for word in text.split()]
    for count in (*range(2, len(names), 2), len(names)):
        trail.passed(count, after(*names[:count]))
    return waypoints
