"""Which environment of one tree is which of another."""

from __future__ import annotations

import pytest

from gitmig.environments.environment import Environment
from gitmig.reading.environments import Described
from gitmig.reading.snapshot import Snapshot
from gitmig.trees.entries import Entry


class Files:
    """A snapshot of nothing but names."""

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def under(self, folders: tuple[str, ...]) -> dict[str, Entry]:
        return {path: Entry("100644", "") for path in self.paths if path.rpartition("/")[0] in folders}


def environment(name: str, *folders: str) -> Environment:
    return Environment(name, folders[0].rpartition("/")[0], folders)


def described(*environments: Environment, files: tuple[str, ...] = ()) -> Described:
    snapshot: Snapshot = Files(*files)  # type: ignore[assignment]
    return Described(environments, snapshot)


MAIN = environment("alembic", "migrations/versions")
MOVED = environment("alembic", "db/migrations/versions")
RENAMED = environment("main", "migrations/versions")
ELSEWHERE = environment("main", "db/migrations/versions")
TENANTS = environment("tenants", "tenants/versions")
AUDIT = environment("audit", "audit/versions")

CASES = {
    "the same": ([MAIN], [MAIN], [MAIN]),
    "another name, the same folder": ([RENAMED], [MAIN], [MAIN]),
    "the same name, moved": ([MOVED], [MAIN], [MAIN]),
    "another name and moved, nothing else there": ([ELSEWHERE], [MAIN], [MAIN]),
    "a second one is new": ([MAIN, TENANTS], [MAIN], [MAIN, None]),
    "a second one that sorts first is new": ([TENANTS, MAIN], [MAIN], [None, MAIN]),
    "a new one of the old name in another folder": ([MOVED, RENAMED], [MAIN], [None, MAIN]),
    "two views of one folder": ([MAIN, RENAMED], [MAIN], [MAIN, MAIN]),
    "one of two is gone": ([TENANTS], [MAIN, TENANTS], [TENANTS]),
    "one of two moved and got another name": ([ELSEWHERE, TENANTS], [MAIN, TENANTS], [MAIN, TENANTS]),
    "two that nothing links": ([ELSEWHERE, AUDIT], [MAIN], [None, None]),
    "nothing there": ([MAIN], [], [None]),
}


@pytest.mark.parametrize(("here", "there", "expected"), CASES.values(), ids=CASES)
def test_environments_are_told_by_folders_then_names_then_what_is_left(
    here: list[Environment], there: list[Environment], expected: list[Environment | None]
) -> None:
    assert list(described(*here).counterparts(described(*there))) == expected


def test_files_tell_more_than_names() -> None:
    """One of two environments was removed, and the other one moved and took its name."""
    here = described(MOVED, files=("db/migrations/versions/0001_first.py",))
    there = described(MAIN, TENANTS, files=("migrations/versions/0009_other.py", "tenants/versions/0001_first.py"))
    assert here.counterparts(there) == (TENANTS,)
