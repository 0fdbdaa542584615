"""What a hook costs, without a clock: the modules that it imports, the git processes, the growth of its work."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.histories import History
from support.sources import project, sources

Make = Callable[..., History]
LINE = "a1 <- ; b2 <- a1"
HEAVY = {"git", "gitdb", "click", "rich_click", "rich", "sqlalchemy", "alembic", "mako", "tomli"}
# Each of these costs a start as much as a git process; see docs/decisions/0002-frozen-records.md.
SLOW = {"dataclasses", "inspect", "typing", "enum", "pathlib", "logging", "argparse", "subprocess", "tempfile"}
SLOW |= {"importlib.metadata", "difflib", "unittest", "asyncio", "concurrent", "urllib", "http", "email", "socket"}

RUN = """
import json, sys
loaded = set(sys.modules)
import gitmig.repo.plumbing as plumbing
made = []
plain = plumbing.Git.__init__
def kept(self, *arguments, **named):
    plain(self, *arguments, **named)
    made.append(self)
plumbing.Git.__init__ = kept
from gitmig.entry import main
status = main(sys.argv[1:])
processes = {id(git.processes): git.processes for git in made}
counted = [list(one) for each in processes.values() for one in each]
modules = sorted(set(sys.modules) - loaded)
print(json.dumps({"status": status, "modules": modules, "processes": counted}), file=sys.stderr)
"""


class Cost:
    """One run of a hook in a process of its own."""

    def __init__(self, history: History, *words: str) -> None:
        # -S: what a virtual environment's own start files import is not the hook's.
        environment = {**history.environment, "PYTHONPATH": str(Path(__file__).parent.parent)}
        done = subprocess.run(
            [sys.executable, "-S", "-c", RUN, *(words or ("hook", "pre-commit"))],
            cwd=history.path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr, done.stdout
        told: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
        self.output = done.stdout + done.stderr
        self.status: int = told["status"]
        self.modules = set(told["modules"])
        self.processes: list[list[str]] = told["processes"]

    def commands(self) -> list[str]:
        return [words[0] for words in self.processes]


@pytest.fixture
def history(make_history: Make) -> History:
    return shared(make_history([("main", project(LINE)), ("refs/remotes/origin/main < main", None)]))


def shared(history: History) -> History:
    """With a remote whose default branch is main, as a clone has it."""
    history.git("remote", "add", "origin", "../nowhere")
    history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return history


MODEL = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
STAGED: dict[str, dict[str, str]] = {
    "nothing": {},
    "nothing relevant": {"README.md": "x", "static/site.css": "x"},
    "a revision": sources("c3 <- b2"),
    "a second head": sources("c3 <- a1"),
    "an edited revision": sources("a1 <- text new"),
    "a model": {
        "shop/__init__.py": "",
        "shop/models.py": MODEL,
        "migrations/env.py": "from shop.models import Base\ntarget_metadata = Base.metadata\n",
    },
}


@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in STAGED.items()])
def test_only_the_standard_library_is_imported(history: History, files: dict[str, str]) -> None:
    history.stage(files)
    cost = Cost(history)
    assert {name.partition(".")[0] for name in cost.modules} & HEAVY == set()


@pytest.mark.parametrize("name", ["nothing", "nothing relevant", "a revision"])
def test_the_usual_hook_imports_nothing_slow(history: History, name: str) -> None:
    history.stage(STAGED[name])
    cost = Cost(history)
    assert cost.status == 0, cost.output
    assert {one for one in cost.modules if one in SLOW or one.partition(".")[0] in SLOW} == set()


def test_a_clean_hook_loads_no_rule_that_has_nothing_to_say(make_history: Make) -> None:
    """And no syntax tree, no database, no hash library, no report: the graph alone, as it was the last time."""
    history = shared(make_history([("main", project(chain(300))), ("refs/remotes/origin/main < main", None)]))
    history.environment |= {"GITMIG_SELECT": "GM0,GM1,GM2", "GITMIG_IGNORE": "GM002,GM206"}
    history.stage(sources(f"{name(300)} <- {name(299)}"))
    Cost(history)
    cost = Cost(history)
    assert cost.status == 0, cost.output
    rules = {one for one in cost.modules if one.startswith("gitmig.rules.gm")}
    assert rules <= {"gitmig.rules.gm106_patterned_revision_id"}
    unneeded = {"ast", "_ast", "hashlib", "sqlite3", "importlib", "gitmig.report.text", "gitmig.reading.locating"}
    unneeded |= {"gitmig.revisions.parsing", "gitmig.revisions.scanning", "gitmig.environments.discovery"}
    assert cost.modules & unneeded == set()
    assert len([one for one in cost.modules if one.startswith("gitmig")]) <= 60


@pytest.mark.parametrize("name", ["nothing", "nothing relevant"])
def test_when_nothing_is_relevant_almost_nothing_is_done(history: History, name: str) -> None:
    history.stage(STAGED[name])
    cost = Cost(history)
    assert len(cost.processes) <= 3, cost.processes
    assert not {one for one in cost.modules if one.startswith(("gitmig.rules", "gitmig.schema", "gitmig.revisions"))}
    assert not {"ast", "json", "re", "sqlite3"} & (cost.modules - {"json", "json.decoder", "re"})


@pytest.mark.parametrize("name", ["a revision", "a second head", "an edited revision", "a model"])
@pytest.mark.parametrize("run", ["cold", "warm"])
def test_at_most_six_processes(history: History, name: str, run: str) -> None:
    if run == "warm":
        history.stage(STAGED[name])
        Cost(history)
    history.stage(STAGED[name])
    cost = Cost(history)
    assert len(cost.processes) <= 6, cost.processes


@pytest.mark.parametrize(("run", "most"), [("cold", 6), ("warm", 4)])
def test_on_a_branch_that_is_behind(make_history: Make, run: str, most: int) -> None:
    table: list[Any] = [
        ("main", project(LINE)),
        ("work < main", {"notes": "1"}),
        ("main", sources("c3 <- b2")),
        ("refs/remotes/origin/main < main", None),
    ]
    history = shared(make_history(table))
    history.git("checkout", "-q", "work")
    history.stage(sources("d4 <- b2"))
    if run == "warm":
        Cost(history)
    cost = Cost(history)
    assert "competing-heads" in cost.output or "GM105" in cost.output
    assert len(cost.processes) <= most, cost.processes


def test_the_number_of_processes_is_the_same_for_one_revision_and_for_hundreds(make_history: Make) -> None:
    counts = []
    for size in (2, 300):
        history = shared(make_history([("main", project(chain(size))), ("refs/remotes/origin/main < main", None)]))
        history.stage(sources(f"{name(size)} <- {name(size - 1)}"))
        counts.append(Cost(history).commands())
    assert counts[0] == counts[1]


def name(number: int) -> str:
    return f"{number * 2654435761 % (1 << 48):012x}"


def chain(size: int) -> str:
    first = f"{name(0)} <- "
    return " ; ".join([first, *(f"{name(number)} <- {name(number - 1)}" for number in range(1, size))])


def test_work_grows_no_faster_than_the_revisions(make_history: Make) -> None:
    """Counted in calls of Python functions: three times the revisions, at most four times the work."""
    calls = []
    for size in (200, 600):
        history = shared(make_history([("main", project(chain(size))), ("refs/remotes/origin/main < main", None)]))
        history.stage(sources(f"{name(size)} <- {name(size - 1)}"))
        calls.append(counted(history))
    assert calls[1] < 4 * calls[0]


def test_a_second_run_does_not_parse_again(make_history: Make) -> None:
    history = shared(make_history([("main", project(chain(300))), ("refs/remotes/origin/main < main", None)]))
    history.stage(sources(f"{name(300)} <- {name(299)}"))
    cold, warm = counted(history), counted(history)
    assert warm < cold / 3


COUNT = """
import sys
calls = 0
def count(_frame, event, _argument):
    global calls
    calls += event == "call"
from gitmig.entry import main
sys.setprofile(count)
status = main(["hook", "pre-commit"])
sys.setprofile(None)
print(status, calls, file=sys.stderr)
"""


def counted(history: History) -> int:
    done = history.run(sys.executable, "-c", COUNT)
    status, calls = done.stderr.split()[-2:]
    assert status == "0", done.stdout + done.stderr
    return int(calls)


@pytest.mark.parametrize("ref", ["refs/heads/topic", "refs/heads/main"])
def test_a_server_hook_is_as_light(history: History, ref: str) -> None:
    """Nothing but the standard library; a ref that is not shared costs five git processes and reads no revision."""
    history.stage(sources("c3 <- b2"))
    history.git("commit", "--quiet", "--no-verify", "-m", "c3")
    old, new = history.git("rev-parse", "main~1", "main").stdout.split()
    history.git("symbolic-ref", "HEAD", "refs/heads/main")
    cost = Cost(history, "serve-hook", "update", ref, old, new)
    assert cost.status == 0, cost.output
    assert {name.partition(".")[0] for name in cost.modules} & HEAVY == set()
    if ref.endswith("topic"):
        assert len(cost.processes) <= 5, cost.processes
        assert not {one for one in cost.modules if one.startswith("gitmig.revisions.parsing")}
