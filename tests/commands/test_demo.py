"""The demo plays what it tells: each refusal is gitmig's own, for the reason that the story gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitmig.commands.demo import WIDTH, Stage, demo, play
from gitmig.errors import Refused


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, str]:
    told: list[str] = []
    made = Stage(tmp_path_factory.mktemp("demo"), told.append)
    play(made)
    return made, "\n".join(told)


def test_everything_comes_out_as_told(stage: tuple[Stage, str]) -> None:
    played, text = stage
    assert [outcome.command for outcome in played.outcomes if not outcome.is_as_told] == [], text


def test_the_story_refuses_and_passes(stage: tuple[Stage, str]) -> None:
    played, _ = stage
    assert [(outcome.refused_for, outcome.status != 0) for outcome in played.outcomes] == [
        ("error[GM301]", True),  # a model without its revision
        ("", False),  # with it
        ("", False),  # pushed
        ("", False),  # applied
        ("error[GM201]", True),  # a published revision edited
        ("", False),  # the first of two lines
        ("", False),  # pushed
        ("", False),  # the second, a warning only
        ("error[GM105]", True),  # pushed: two heads as soon as it is merged
        ("", False),  # applied on a database of this branch
        ("error[GM101]", True),  # merged: two heads
        ("", False),  # put in one line
        ("", False),  # pushed
        ("error: b67ebb4c11e0 never ran", True),  # the database of this branch lacks what was put beneath
        ("", False),  # brought home
        ("", False),  # proven
    ]


def test_two_heads_are_said_before_and_at_the_merge(stage: tuple[Stage, str]) -> None:
    _, text = stage
    before, after = text.split("The branches are merged")
    assert "warning[GM105]" in before
    assert "error[GM101]" in after


def test_it_fits_a_terminal_of_eighty_columns(stage: tuple[Stage, str]) -> None:
    _, text = stage
    assert [line for line in text.splitlines() if len(line) > WIDTH] == []


def test_the_repository_stays_and_its_path_is_said(stage: tuple[Stage, str]) -> None:
    played, text = stage
    assert str(played.path) in text
    assert (played.path / ".git").is_dir()


def test_it_does_not_write_among_somebody_s_files(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("1")
    with pytest.raises(Refused, match="not empty"):
        demo(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
