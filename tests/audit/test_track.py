"""An environment drawn commit by commit: what was wrong, for how long, and what was done to what was published.

HOUR apart: "a1 <- ; b2 <- a1"  then  "a1 <- ; b2 <- a1 ; c3 <- a1"  then ...
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.drawing import ENVIRONMENT, fingerprint, row, rows, state

from gitmig.audit.records import Moment, Period, Touch
from gitmig.audit.track import Track, classify

HOUR = 3600
LINE = "a1 <- ; b2 <- a1"
FORK = "a1 <- ; b2 <- a1 ; c3 <- a1"


def walked(*drawings: str, apart: int = HOUR, started: str = "") -> Track:
    """The track after these states, one commit each."""
    track = Track(ENVIRONMENT)
    before = {path: row(one) for path, one in state(started).files.items()}
    track.start_with(before)
    for number, drawing in enumerate(drawings, 1):
        files = {path: row(one) for path, one in state(drawing).files.items()}
        changed = {path: one for path, one in files.items() if before.get(path) != one}
        changed |= {path: None for path in before if path not in files}
        track.step(Moment(number, f"{number:040d}", number * apart, "Ada"), changed)
        before = files
    return track


def periods(*drawings: str, apart: int = HOUR) -> tuple[Period, ...]:
    last = Moment(len(drawings), "last", len(drawings) * apart)
    return walked(*drawings, apart=apart).finish(last)


def touches(*drawings: str, started: str = "") -> list[Touch]:
    track = walked(*drawings, started=started)
    found = [touch for suspect in track.suspects for touch in classify(suspect, fingerprint)]
    return sorted([*found, *track.moves], key=lambda one: (one.moment.number, one.revision))


FIXED: dict[str, tuple[Sequence[str], tuple[str, ...]]] = {
    "by a merge revision": ((LINE, FORK, f"{FORK} ; m4 <- b2, c3"), ("merge revision",)),
    "by another parent": ((LINE, FORK, "a1 <- ; b2 <- a1 ; c3 <- b2"), ("re-parented",)),
    "by a deletion": ((LINE, FORK, LINE), ("deleted",)),
    "by a file with another id": ((LINE, FORK, "a1 <- ; b2 <- a1 ; d4 <- b2"), ("new id",)),
    "by a label": ((LINE, FORK, "a1 <- ; b2 <- a1 label x ; c3 <- a1"), ("relabelled",)),
}


@rows(FIXED, "drawings", "fixes")
def test_double_heads_are_found_with_how_they_ended(drawings: Sequence[str], fixes: tuple[str, ...]) -> None:
    (found,) = periods(*drawings)
    assert (found.kind, found.revisions, found.seconds, found.fixes) == ("double-heads", ("b2", "c3"), HOUR, fixes)
    assert (found.start.number, found.end and found.end.number) == (2, 3)


QUIET: dict[str, Sequence[str]] = {
    "one line": (LINE, "a1 <- ; b2 <- a1 ; c3 <- b2"),
    "heads with labels of their own": (LINE, "a1 <- ; b2 <- a1 label left ; c3 <- a1 label right"),
    "a fork and its join in one commit": (LINE, f"{FORK} ; m4 <- b2, c3"),
}


@rows(QUIET, "drawings")
def test_nothing_is_said_of_what_is_right(drawings: Sequence[str]) -> None:
    assert periods(*drawings) == ()


def test_a_third_head_makes_the_same_accident_worse() -> None:
    (found,) = periods(LINE, FORK, f"{FORK} ; d4 <- a1", f"{FORK} ; d4 <- a1 ; m5 <- b2, c3, d4")
    assert [one.number for one in found.grew] == [3]
    assert found.seconds == 2 * HOUR


def test_what_still_is_so_lasts_until_the_end() -> None:
    (found,) = periods(LINE, FORK, f"{FORK} ; d4 <- b2", f"{FORK} ; d4 <- b2 ; e5 <- d4")
    assert found.end is None
    assert found.seconds == 2 * HOUR


def test_what_one_push_mends_is_marked() -> None:
    (quick,) = periods(LINE, FORK, LINE, apart=60)
    (slow,) = periods(LINE, FORK, LINE, apart=600)
    assert (quick.is_one_push, slow.is_one_push) == (True, False)


def test_a_clock_that_runs_backwards_gives_no_negative_time() -> None:
    (found,) = periods(LINE, FORK, LINE, apart=-HOUR)
    assert found.seconds == 0


def test_a_broken_graph_is_a_period_too() -> None:
    found = periods(LINE, f"{LINE} ; c3 <- zz", LINE, f"{LINE} ; b2 <- a1 at other/b2.py", LINE)
    missing, twice = (one for one in found if one.kind != "double-heads")
    assert (missing.kind, missing.revisions) == ("missing-parent", ("c3", "zz"))
    assert (twice.kind, twice.revisions) == ("duplicate-id", ("b2",))


TOUCHED: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "an edited upgrade": (LINE, "a1 <- text new ; b2 <- a1", [("edited", "a1")]),
    "formatting": (LINE, "a1 <- look new ; b2 <- a1", [("cosmetic", "a1")]),
    "a deletion": (LINE, "a1 <- ", [("deleted", "b2")]),
    "another id in the same file": (
        "a1 <- ; b2 <- a1 at x/add_book.py",
        "a1 <- ; c3 <- a1 at x/add_book.py",
        [("renamed-id", "b2")],
    ),
    "another parent": ("a1 <- ; b2 <- a1 ; c3 <- b2", "a1 <- ; b2 <- a1 ; c3 <- a1", [("re-parented", "c3")]),
    "another parent and another text": (
        "a1 <- ; b2 <- a1 ; c3 <- b2",
        "a1 <- ; b2 <- a1 ; c3 <- a1 text new",
        [("edited", "c3"), ("re-parented", "c3")],
    ),
    "a revision beneath": (LINE, "a1 <- ; x9 <- a1 ; b2 <- x9", [("sunken", "b2")]),
    "another dependency": ("a1 <- ; b2 <- ", "a1 <- ; b2 <- needs a1", [("re-parented", "b2")]),
    "another label": (LINE, "a1 <- ; b2 <- a1 label x", [("relabelled", "b2")]),
    "another file name": (LINE, "a1 <- ; b2 <- a1 at migrations/versions/better.py", [("moved", "b2")]),
    "a new name and a new text": (
        LINE,
        "a1 <- ; b2 <- a1 text new at migrations/versions/better.py",
        [("edited", "b2"), ("moved", "b2")],
    ),
    "a text that cannot be parsed": (LINE, "a1 <- broken ; b2 <- a1", [("unknown", "a1")]),
    "only a new one": (LINE, "a1 <- ; b2 <- a1 ; c3 <- b2", []),
}


@rows(TOUCHED, "before", "after", "expected")
def test_what_was_done_to_published_revisions(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert sorted((one.kind, one.revision) for one in touches(before, after)) == sorted(expected)


def test_age_is_counted_from_the_arrival_on_the_branch() -> None:
    (found,) = touches(LINE, f"{LINE} ; c3 <- b2", "a1 <- ; b2 <- a1 text new ; c3 <- b2")
    assert found.age == 2 * HOUR
    (older,) = touches("a1 <- text new ; b2 <- a1", started=LINE)
    assert older.age == -1


def test_a_long_line_is_walked_without_a_graph_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work grows with what changes: the graph of all revisions is built only while there are two heads."""
    import gitmig.audit.track as module

    built: list[int] = []
    plain = module.graph_of

    def counted(given: dict[str, list[object]]) -> object:
        built.append(len(given))
        return plain(given)

    monkeypatch.setattr(module, "graph_of", counted)
    drawings = [" ; ".join(["r0 <- ", *(f"r{n} <- r{n - 1}" for n in range(1, size))]) for size in range(1, 60)]
    walked(*drawings)
    assert max(built) <= 1
