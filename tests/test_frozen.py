"""Records behave as frozen dataclasses do."""

from __future__ import annotations

import pytest

from gitmig.frozen import Frozen


class Place(Frozen):
    path: str
    line: int = 0
    note: str = ""


class Other(Frozen):
    path: str
    line: int = 0
    note: str = ""


WRONG = {
    "too many": (lambda: Place("a", 1, "", 2), "takes 3 values, 4 were given"),  # type: ignore[call-arg]
    "missing": (lambda: Place(line=1), "missing path"),  # type: ignore[call-arg]
    "unexpected": (lambda: Place("a", lines=1), "unexpected or repeated lines"),  # type: ignore[call-arg]
    "repeated": (lambda: Place("a", path="b"), "unexpected or repeated path"),  # type: ignore[misc]
    "a field of the class itself": (lambda: Place("a", _fields=()), "unexpected or repeated _fields"),  # type: ignore[call-arg]
    "replacing what is not there": (lambda: Place("a").replace(lines=1), "unexpected lines"),
}


@pytest.mark.parametrize(("make", "why"), WRONG.values(), ids=WRONG)
def test_what_is_refused(make: object, why: str) -> None:
    with pytest.raises(TypeError, match=why):
        make()  # type: ignore[operator]


EQUAL = {
    "the same values": (Place("a", 1), Place("a", 1), True),
    "a default that is written out": (Place("a", 0, ""), Place("a"), True),
    "one default here, another there": (Place("a", line=0), Place("a", note=""), True),
    "another value": (Place("a", 1), Place("a", 2), False),
    "another value instead of a default": (Place("a", 1), Place("a"), False),
    "another class": (Place("a"), Other("a"), False),
}


@pytest.mark.parametrize(("one", "other", "equal"), EQUAL.values(), ids=EQUAL)
def test_equality_is_by_value(one: Frozen, other: Frozen, equal: bool) -> None:
    assert (one == other) is equal
    assert (other == one) is equal
    assert not equal or hash(one) == hash(other)


def test_nothing_is_changed_in_place() -> None:
    place = Place("a", 1)
    with pytest.raises(AttributeError, match="immutable"):
        place.line = 2  # type: ignore[misc]
    assert (place.replace(line=2), place) == (Place("a", 2), Place("a", 1))
