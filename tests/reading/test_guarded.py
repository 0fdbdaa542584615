"""What a change may do to its own judgement is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.events import BASE, ENV, INI, A, B, at, revision
from support.histories import History, build

from gitmig.config import Config
from gitmig.reading.comparison import Target, compare_states
from gitmig.reading.guarded import find_guarded_changes
from gitmig.repo.repository import open_at

WAIVER = "code: GM202\nrevisions: 1975ea83b712\nreason: squashed\n"
PROJECT = '[project]\nname = "shop"\n'

SHOWN = {
    "gitmig's configuration": ({"gitmig.toml": 'ignore = ["GM2"]\n'}, [("policy added", "gitmig.toml")]),
    "its table in pyproject.toml": (
        {"pyproject.toml": PROJECT + "[tool.gitmig]\nprompt = 'ask'\n"},
        [("policy changed", "pyproject.toml")],
    ),
    "Alembic's table in pyproject.toml": (
        {"pyproject.toml": PROJECT + "[tool.alembic]\ntimezone = 'UTC'\n"},
        [("runtime changed", "pyproject.toml")],
    ),
    "a pyproject.toml that breaks": ({"pyproject.toml": "["}, [("policy changed", "pyproject.toml")]),
    "env.py": ({"migrations/env.py": ENV + "import os\n"}, [("runtime changed", "migrations/env.py")]),
    "the template": ({"migrations/script.py.mako": None}, [("runtime removed", "migrations/script.py.mako")]),
    "alembic.ini": ({"alembic.ini": INI + "timezone = UTC\n"}, [("runtime changed", "alembic.ini")]),
    "a waiver": ({".gitmig/waivers/a.waiver": WAIVER}, [("waiver added", ".gitmig/waivers/a.waiver")]),
    "other folders": (
        {"alembic.ini": INI + "version_locations = other\n", "other/x.py": revision(B, A)},
        [
            ("runtime changed", "alembic.ini"),
            ("version locations changed from migrations/versions to other", "alembic.ini"),
        ],
    ),
}
NOT_SHOWN = {
    "a revision": {at(B): revision(B, A)},
    "another part of pyproject.toml": {"pyproject.toml": PROJECT + 'version = "1"\n'},
    "an env.py that is none of Alembic's": {"docs/env.py": "x = 1\n"},
    "an ini file that is none of Alembic's": {"setup.ini": "[tool]\nx = 1\n"},
}


@pytest.fixture
def remarks(tmp_path: Path) -> Callable[..., list[tuple[str, str]]]:
    def of(changed: dict[str, str | None]) -> list[tuple[str, str]]:
        before = {**BASE, "pyproject.toml": PROJECT}
        history: History = build(tmp_path / "work", [("main", before), ("change < main", changed)])
        repository = open_at(str(history.path))
        old, new = history.commits
        with repository.objects:
            comparison = compare_states(repository, new, Target("", old), "push")
            found = find_guarded_changes(comparison, Config())
        assert not any(one.blocks for one in found)
        return [(one.message, one.path) for one in found]

    return of


@pytest.mark.parametrize(("changed", "expected"), SHOWN.values(), ids=SHOWN.keys())
def test_is_shown(remarks: Callable[..., object], changed: dict[str, str | None], expected: object) -> None:
    assert remarks(changed) == expected


@pytest.mark.parametrize("changed", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_is_not_shown(remarks: Callable[..., object], changed: dict[str, str | None]) -> None:
    assert remarks(changed) == []
