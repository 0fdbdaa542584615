"""Many operations: undone one by one, and several at once.  bench/faults.py runs the same for longer."""

from __future__ import annotations

import os
import time
from random import Random

import pytest
from support.faults import Counting, Deadly, in_child
from support.plans import FILES, five_files, litter, open_history, random_plan, snapshot_of

from gitmig.apply.apply import apply_plan
from gitmig.apply.undo import recover, undo_last

NOW = 1_760_000_000


@pytest.mark.parametrize("seed", range(4))
def test_random_operations_undone_one_by_one(make_history, seed):
    history = make_history([("main", FILES)])
    git, layout = open_history(history)
    chance = Random(seed)
    states = []
    for _step in range(8):
        choice = chance.random()
        if choice < 0.25 and states:
            undo_last(git, layout, command="undo", now=NOW)
            assert snapshot_of(history) == states.pop()
        elif choice < 0.45:
            before = snapshot_of(history)
            plan, at = random_plan(history, chance), chance.randint(1, 40)
            in_child(lambda plan=plan, at=at: run(git, layout, plan, Deadly(at)))
            recover(git, layout)
            if snapshot_of(history) != before:
                states.append(before)
        else:
            before = snapshot_of(history)
            if run(git, layout, random_plan(history, chance), Counting()).number:
                states.append(before)
    while states:
        undo_last(git, layout, command="undo", now=NOW)
        assert snapshot_of(history) == states.pop()
    assert litter(history) == []


def run(git, layout, plan, disk):
    return apply_plan(git, layout, plan, command="test", allowed=["migrations"], now=NOW, disk=disk)


def test_four_at_once(make_history):
    for _round in range(3):
        history = make_history([("main", FILES)])
        git, layout = open_history(history)
        plan = five_files(history)
        start = time.monotonic() + 0.2
        processes = [start_one(git, layout, plan, start) for _ in range(4)]
        statuses = sorted(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes)
        assert statuses == [0, 4, 4, 4]
        assert len(history.git("status", "--porcelain", "--no-renames").stdout.splitlines()) == 6
        assert litter(history) == []


def start_one(git, layout, plan, start):
    process = os.fork()
    if process:
        return process
    status = 99
    try:
        time.sleep(max(0, start - time.monotonic()))
        run(git, layout, plan, Counting())
        status = 0
    except BaseException as error:
        status = getattr(error, "status", 98)
    finally:
        os._exit(status)
