"""Fixtures for every test: an environment that nobody's settings reach, and repositories in a few milliseconds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from support.histories import History, Row, build
from support.scratch import hermetic

# No test watches the clock: on a busy machine a deadline, or how long a draw takes, says nothing about the code.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


@pytest.fixture(scope="session", autouse=True)
def _hermetic_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a developer or a CI service has set does not reach a test, in this process either."""
    wanted = hermetic(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(wanted):
            patch.delenv(name)
        for name, value in wanted.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def make_history(tmp_path: Path) -> Callable[..., History]:
    """`make_history([("main", {"a.py": "1"}), ...], bare=False)`: see support/histories.py."""
    made = 0

    def make(table: list[Row], **options: Any) -> History:
        nonlocal made
        made += 1
        return build(tmp_path / f"repository-{made}", table, **options)

    return make
