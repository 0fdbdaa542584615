"""Every kind of env.py on every database, with the libraries of the suite; bench/versions.py has other versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.checking import runner
from support.killing import Place, PostgresPlace, SqlitePlace
from support.kinds import KINDS, STORY, play, project_of_kind
from support.replayed import postgres_server


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    with postgres_server() as server:
        yield {"sqlite": SqlitePlace(tmp_path_factory.mktemp("place") / "shop.db"), "postgresql": PostgresPlace(server)}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", KINDS)
def test_up_home_and_down(
    kind: str,
    database: str,
    places: dict[str, Place],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", places[database].url)
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    shop = project_of_kind(tmp_path / "shop", kind)
    run = runner(capfd)

    def gitmig(*words: str) -> tuple[int, str]:
        done = run(shop.path, *words)
        return done.status, done.output + done.said

    quick = [beat for beat in STORY if beat.words[0] != "ledger"]
    assert play(shop, places[database], gitmig, quick) == ""
