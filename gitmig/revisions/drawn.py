"""Ids that were drawn at random, and those that somebody typed instead."""

from __future__ import annotations

from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

_DIGITS = frozenset("0123456789abcdef")
_UP = [*map("".join, pairwise("0123456789abcdef")), "90", "fa", "f0"]
_WAYS = {
    **{digit * 2: "still" for digit in "0123456789abcdef"},
    **dict.fromkeys((pair[::-1] for pair in _UP), "down"),
    **dict.fromkeys(_UP, "up"),
}
_WORDS = ("dead", "beef", "cafe", "babe", "feed", "face", "c0de", "f00d", "fade", "bead", "ba5e", "1337")
_LONG_WORDS = ("c0ffee", "badc0de", "deadbeef", "147258", "159357")


def is_patterned(revision: str) -> bool:
    """Whether an id of 12 hexadecimal digits looks typed: `a1b2c3d4e5f6`, `0123456789ab`, `aaaaaaaaaaaa`.

    Such ids collide, since people and assistants type the same ones.  Fewer than 1 in 100,000 drawn ids look so.
    """
    if len(revision) != 12 or not _DIGITS.issuperset(revision):
        return False
    digits = [int(character, 16) for character in revision]
    return (
        len(set(digits)) <= 3
        or _is_repeated(revision)
        or _is_stepped(digits)
        or _in_order(revision) >= 8
        or _is_interleaved(revision)
        or _spells_words(revision)
    )


def fresh_id(random_bytes: bytes, taken: Container[str] = ()) -> str:
    """A new id of 12 hexadecimal digits from the caller's random bytes: the first that is neither patterned nor taken.

    Needs 6 bytes, and should be given a few more; raises `ValueError` when none of them serve.
    """
    for start in range(len(random_bytes) - 5):
        revision = random_bytes[start : start + 6].hex()
        if not is_patterned(revision) and revision not in taken:
            return revision
    raise ValueError("not enough random bytes for a revision id")


def _is_repeated(revision: str) -> bool:
    """A block again and again, doubled digits, runs, or the same from both ends."""
    if any(revision == revision[:width] * (12 // width) for width in (1, 2, 3, 4, 6)):
        return True
    if revision == revision[::-1] or all(revision[index] == revision[index + 1] for index in range(0, 12, 2)):
        return True
    return sum(one == other for one, other in pairwise(revision)) >= 8


def _is_stepped(digits: list[int]) -> bool:
    """Digits that go up or down by the same step nearly everywhere."""
    steps = [(after - before) % 16 for before, after in pairwise(digits)]
    return any(steps.count(step) >= 8 for step in set(steps))


def _is_interleaved(revision: str) -> bool:
    """Two rows in turn, as in `a1b2c3d4e5f6`: each goes up, goes down or stays."""
    in_order = _in_order(revision[::2]) + _in_order(revision[1::2])
    if in_order >= 8:
        return True
    kinds = [character.isdigit() for character in revision]
    if any(one == other for one, other in pairwise(kinds)):
        return False
    # letter, digit, letter, digit: with all six letters, as in `a7c3e2b1d4f8`, nobody drew it
    letters = {character for character in revision if not character.isdigit()}
    return in_order >= 7 or (len(letters) == 6 and len(set(revision) - letters) >= 5)


def _in_order(row: str) -> int:
    """How many neighbours go on in one way, up, down or staying; letters and digits wrap around."""
    ways = [_WAYS.get(one + other, "") for one, other in pairwise(row)]
    return max(ways.count("up"), ways.count("down"), ways.count("still"))


def _spells_words(revision: str) -> bool:
    if any(word in revision for word in _LONG_WORDS):
        return True
    rest = revision
    for word in _WORDS:
        rest = rest.replace(word, "-")
    return rest.count("-") >= 2
