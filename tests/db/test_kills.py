"""Killed in the middle, a database is at a recorded revision with its schema: bench/kill_statements.py in short."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.killing import SCENES, Killing, SqlitePlace, kill_project


@pytest.fixture(scope="module")
def killing(tmp_path_factory: pytest.TempPathFactory) -> Killing:
    folder = tmp_path_factory.mktemp("kills")
    return Killing(kill_project(folder / "shop"), SqlitePlace(folder / "killed.db"))


# Statements and commits are counted from the first one that reads the version table.
POINTS: list[tuple[int, Callable[[int], int], str]] = [
    (0, lambda count: count // 2, "child"),
    (1, lambda count: count // 3, "both"),
    (2, lambda count: count * 2 // 3, "both"),
]


@pytest.mark.parametrize(("scene", "where", "whom"), POINTS, ids=[scene.name for scene in SCENES])
def test_at_one_point_of(killing: Killing, scene: int, where: Callable[[int], int], whom: str) -> None:
    point = where(killing.points(SCENES[scene]))
    assert killing.kill(SCENES[scene], point, whom) == ""


def test_a_schema_that_fits_no_revision_is_seen(killing: Killing) -> None:
    """The twin: Alembic alone, killed after the first CREATE TABLE, leaves it behind."""
    killing.place.empty()
    killing.counter.write_text("")
    killing.shop.git("switch", "-q", "main")
    variables = {"DATABASE_URL": killing.place.url, "KILL_COUNTER": str(killing.counter), "KILL_AT": "14"}
    killing.shop.environment.update(variables)
    killing.shop.run("alembic", "upgrade", "head", status=None)
    for name in variables:
        del killing.shop.environment[name]
    heads, shape = killing.place.state()
    assert heads == []
    assert "books" in shape
