"""Dates of re-parented revisions, where file names begin with one."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from support.situations import revision, situation

from gitmig.environments.environment import Environment
from gitmig.resolve.redating import is_dated, read_name, redated
from gitmig.resolve.remedy import decide

MINUTES = "%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d-%(rev)s_%(slug)s"
DAYS = "%(year)d-%(month).2d-%(day).2d_%(rev)s"
SECONDS = "%(epoch)s_%(rev)s"
FOLDERS = "%(year)d/%(month).2d/%(day).2d_%(rev)s"
NOW = datetime(2026, 3, 9, 14, 30, 5)


@pytest.mark.parametrize(
    ("template", "dated"),
    [(MINUTES, True), (SECONDS, True), (FOLDERS, True), ("%(rev)s_%(slug)s", False), ("%(rev)s_%(year)d", False),
     ("v%(year)d_%(rev)s", True)],
)  # fmt: skip
def test_files_lie_in_the_order_of_their_dates(template: str, dated: bool) -> None:
    assert is_dated(template) is dated


@pytest.mark.parametrize(
    ("template", "name", "values"),
    [
        (MINUTES, "2026_01_31_0905-x_add_a_thing.py", (2026, 1, 31, 9, 5)),
        (MINUTES, "2026_01_31_0905-x_.py", (2026, 1, 31, 9, 5)),
        (DAYS, "2026-01-31_x.py", (2026, 1, 31)),
        (SECONDS, "1768000000_x.py", (1768000000,)),
        (FOLDERS, "2026/01/31_x.py", (2026, 1, 31)),
        ("%(year)d%%_%(rev)s", "2026%_x.py", (2026,)),
        ("%(year)d_%(rev)s_%(month)d", "2026_x_1.py", (2026, 1)),
        ("%(epoch)d_%(rev)s", "12_34_56.py", (12,)),
    ],
)
def test_a_name_is_read_and_written_again(template: str, name: str, values: tuple[int, ...]) -> None:
    found = read_name(template, name)
    assert found is not None
    assert found.values == values
    assert found.text() == name


@pytest.mark.parametrize("name", ["x_add.py", "2026_01_31-x.py", "2026_01_31_0905-x_a.txt", ""])
def test_a_name_of_another_making_is_left_alone(name: str) -> None:
    assert read_name(MINUTES, name) is None


def dated(template: str, **names: str) -> dict[str, tuple[str, str]]:
    """
    c (published)   a --- c
                     \\
    local             x --- y
    """
    shared = {"a": revision("a", "", "v/a.py"), "c": revision("c", "a", f"v/{names['c']}.py")}
    local = {"x": revision("x", "a", f"v/{names['x']}.py"), "y": revision("y", "x", f"v/{names.get('y', 'y')}.py")}
    here = situation({**shared, **local}, shared)
    environment = Environment("db", "v", ("v",), file_template=template)
    remedy = redated(decide(here), here, environment, NOW)
    return {move.revision: (move.dated_path, move.created) for move in remedy.moves}


def test_a_line_that_is_older_than_its_new_parent_gets_the_date_of_now() -> None:
    moves = dated(MINUTES, c="2026_03_02_1000-c_", x="2026_03_01_0900-x_", y="2026_03_01_0930-y_")
    assert moves["x"] == ("v/2026_03_09_1430-x_.py", "2026-03-09 14:30:05")
    assert moves["y"] == ("v/2026_03_09_1431-y_.py", "2026-03-09 14:31:05")  # after the one below it


def test_a_line_that_is_younger_keeps_its_names() -> None:
    moves = dated(MINUTES, c="2026_03_01_1000-c_", x="2026_03_02_0900-x_", y="2026_03_02_0930-y_")
    assert moves == {"x": ("", "")}


def test_only_what_would_lie_before_is_renamed() -> None:
    moves = dated(MINUTES, c="2026_03_02_1000-c_", x="2026_03_01_0900-x_", y="2026_04_01_0930-y_")
    assert moves == {"x": ("v/2026_03_09_1430-x_.py", "2026-03-09 14:30:05")}


def test_a_parent_of_tomorrow_is_followed_at_the_smallest_step() -> None:
    moves = dated(MINUTES, c="2026_03_10_0000-c_", x="2026_03_01_0900-x_")
    assert moves["x"] == ("v/2026_03_10_0001-x_.py", "2026-03-10 00:01:05")


def test_where_names_tell_the_day_only_one_day_holds_them_all() -> None:
    moves = dated(DAYS, c="2026-03-09_c", x="2026-03-01_x", y="2026-03-01_y")
    assert [path for path, _ in moves.values()] == ["v/2026-03-09_x.py", "v/2026-03-09_y.py"]
    assert dated(DAYS, c="2026-03-09_c", x="2026-03-09_a")["x"] == ("", "")


def test_seconds_since_1970() -> None:
    now = int(NOW.timestamp())
    moves = dated(SECONDS, c=f"{now + 60}_c", x=f"{now - 60}_x", y=f"{now - 50}_y")
    assert [path for path, _ in moves.values()] == [f"v/{now + 61}_x.py", f"v/{now + 62}_y.py"]


def test_folders_of_the_template_change_too() -> None:
    assert dated(FOLDERS, c="2026/03/02_c", x="2025/12/31_x")["x"][0] == "v/2026/03/09_x.py"


def test_a_parent_without_a_date_says_nothing() -> None:
    assert dated(MINUTES, c="c_by_hand", x="2026_03_01_0900-x_") == {"x": ("", "")}


def test_a_time_zone_is_kept() -> None:
    shared = {"a": "", "c": revision("c", "a", "v/2026_03_02_1000-c_.py")}
    here = situation({**shared, "x": revision("x", "a", "v/2026_03_01_0900-x_.py")}, shared)
    environment = Environment("db", "v", ("v",), file_template=MINUTES)
    (move,) = redated(decide(here), here, environment, NOW.replace(tzinfo=timezone.utc)).moves
    assert move.created == "2026-03-09 14:30:05+00:00"
