"""The merge revision: the same heads give the same file, wherever it is written."""

from __future__ import annotations

from support.situations import situation

from gitmig.environments.environment import Environment
from gitmig.resolve.joining import draft_join, plan_join
from gitmig.resolve.remedy import decide
from gitmig.revisions.draft import render_draft
from gitmig.revisions.naming import Moment
from gitmig.revisions.parsing import parse_revision

MAIN = {"a": "", "b": "a", "c": "a", "d": "a"}
ENVIRONMENT = Environment("main", "m", ("versions",))
NOW = Moment(2025, 7, 1)


def join(table):
    seen = situation(table, table)
    return seen, draft_join(decide(seen).joins[0], seen, "2025-07-01")


def test_two_people_who_join_the_same_heads_write_the_same_revision():
    assert join(MAIN)[1] == join({**MAIN, "b": "a"})[1]
    assert join(MAIN)[1].id != join({**MAIN, "e": "a"})[1].id


def test_a_project_that_numbers_its_revisions_gets_the_next_number():
    assert join({"0001": "", "0002": "0001", "0003": "0001"})[1].id == "0004"


def test_the_step_is_a_new_file_with_all_heads_as_parents():
    seen, draft = join(MAIN)
    step = plan_join(draft, seen, ENVIRONMENT, NOW, render_draft)
    assert parse_revision(step.content).down_revisions == ("b", "c", "d")
    assert (step.before, step.expected.worktree) == (None, "absent")
    assert step.path == f"versions/{draft.id}_join_heads_b_and_c_and_d.py"
