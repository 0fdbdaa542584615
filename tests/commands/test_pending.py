"""While an operation was interrupted, commands that would judge a half-changed tree say so and exit 5."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from support.histories import History

from gitmig.apply.pending import pending_name
from gitmig.commands.check import Request, run_check
from gitmig.commands.heads import read_heads
from gitmig.errors import OperationPending

FILES = {
    "alembic.ini": "[alembic]\nscript_location = m\n",
    "m/env.py": "",
    "m/script.py.mako": "",
    "m/versions/a1.py": 'revision = "a1"\ndown_revision = None\n',
}


def interrupted(history: History) -> None:
    git_dir = str(history.path / ".git")
    path = os.path.join(git_dir, pending_name(git_dir, git_dir))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as journal:
        journal.write("{}")


@pytest.mark.parametrize(
    "ask",
    [
        lambda path: run_check(Request(rev="HEAD", base="HEAD", directory=path)),
        lambda path: read_heads(path, "HEAD"),
    ],
    ids=["check", "heads"],
)
def test_an_interrupted_operation_is_finished_first(
    ask: Callable[[str], object], make_history: Callable[..., History]
) -> None:
    history = make_history([("main", FILES)])
    ask(str(history.path))  # nothing is pending: answered
    interrupted(history)
    with pytest.raises(OperationPending):
        ask(str(history.path))
