"""Alembic runs in the project's own Python, and what it does is seen, agreed to, and ended in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.databases import Shop, column, project_files, script, table

from gitmig.db.failures import MigrationFailed
from gitmig.db.running import Call, Planned, Stopped, Watcher, run
from gitmig.errors import CannotDecide, EnvironmentProblem, GitmigError, Refused, UsageError

REVISIONS = {
    "a": script("a", None, *table("books")),
    "b": script("b", "a", *column("books", "price")),
    "c": script("c", "b", *table("tags")),
}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop").start(REVISIONS)


class Seen(Watcher):
    """Notes what it is told, and says `answer` to the plan."""

    def __init__(self, answer: str = "", probed: Sequence[str] = ()) -> None:
        self.answer = answer
        self.probed = probed
        self.told: list[object] = []
        self.rows: dict[str, int] = {}

    def planned(self, plan: Planned, probe: Callable[[Sequence[str]], dict[str, int]]) -> str:
        self.told.append([(step.direction, step.revision) for step in plan.steps])
        self.rows = probe(self.probed)
        return self.answer

    def started(self, plan: Planned, number: int) -> None:
        self.told.append(("started", plan.steps[number].revision))

    def applied(self, plan: Planned, heads: tuple[str, ...]) -> None:
        self.told.append(("applied", *heads))


# What runs


def test_up_and_down_in_one_process(shop: Shop) -> None:
    up, down, state = run(
        shop.project(), [Call("upgrade", ("head",)), Call("downgrade", ("-2",)), Call("state")], capture=True
    )
    assert (up.heads, down.heads, state.heads) == (("c",), ("a",), ("a",))
    assert [step.revision for step in up.plans[0].steps] == ["a", "b", "c"]
    assert [step.revision for step in down.plans[0].steps] == ["c", "b"]
    assert shop.tables() == {"books": ["id"]}
    assert shop.heads() == ["a"]


def test_the_plan_comes_before_the_steps(shop: Shop) -> None:
    seen = Seen()
    run(shop.project(), [Call("upgrade", ("b",))], watcher=seen)
    assert seen.told == [
        [("upgrade", "a"), ("upgrade", "b")],
        *[("started", "a"), ("applied", "a")],
        *[("started", "b"), ("applied", "b")],
    ]


def test_a_watcher_that_says_no_keeps_everything_as_it_was(shop: Shop) -> None:
    run(shop.project(), [Call("upgrade", ("a",))])
    with pytest.raises(Stopped, match="not today"):
        run(shop.project(), [Call("upgrade", ("head",))], watcher=Seen("not today"))
    assert (shop.heads(), shop.tables()) == (["a"], {"books": ["id"]})


def test_rows_are_counted_before_anything_is_dropped(shop: Shop) -> None:
    run(shop.project(), [Call("upgrade", ("head",))])
    shop.execute("INSERT INTO books (id, price) VALUES (1, 7), (2, NULL)")
    seen = Seen(probed=("books", "books.price", "tags", "books.nothing", "nothing"))
    run(shop.project(), [Call("downgrade", ("a",))], watcher=seen)
    assert seen.rows == {"books": 2, "books.price": 1, "tags": 0}


def test_sql_is_printed_and_nothing_is_opened(shop: Shop) -> None:
    (outcome,) = run(shop.project(), [Call("upgrade", ("a:b", "--sql"))], capture=True)
    assert "ALTER TABLE books ADD COLUMN price INTEGER" in outcome.output
    assert not shop.database.exists()


def test_reading_the_state_makes_no_table(shop: Shop) -> None:
    (outcome,) = run(shop.project(), [Call("state", ledger=True)])
    assert (outcome.heads, outcome.plans[0].ledger) == ((), None)
    assert shop.execute("SELECT name FROM sqlite_master") == []


def test_a_stamp_runs_nothing(shop: Shop) -> None:
    (outcome,) = run(shop.project(), [Call("stamp", ("b",))])
    assert (outcome.heads, shop.tables()) == (("b",), {})


def test_engines_are_sent_elsewhere(shop: Shop, tmp_path: Path) -> None:
    run(shop.project(url=f"sqlite:///{tmp_path}/other.db"), [Call("upgrade", ("head",))])
    assert not shop.database.exists()
    assert (tmp_path / "other.db").exists()


def test_arguments_of_x_reach_env(shop: Shop) -> None:
    shop.write("migrations/env.py", "from alembic import context\nprint(context.get_x_argument(as_dictionary=True))\n")
    (outcome,) = run(shop.project(x=("tenant=seven",)), [Call("upgrade", ("head",))], capture=True)
    assert "{'tenant': 'seven'}" in outcome.output


def test_two_databases_in_one_run(shop: Shop) -> None:
    """Alembic's multidb template configures one context after the other."""
    env = project_files()["migrations/env.py"]
    shop.write("migrations/env.py", env + '    migrate("sqlite:///second.db")\n')
    (outcome,) = run(shop.project(), [Call("upgrade", ("head",))])
    assert [Path(plan.database.file).name for plan in outcome.plans] == ["shop.db", "second.db"]


# What goes wrong

FAILURES = {
    "a revision that raises": (
        "raise ValueError('no such price')",
        r"upgrade of b failed: migrations/versions/b.py:13: ValueError: no such price",
    ),
    "a statement that fails": (
        "op.execute('SELECT * FROM nowhere')",
        r"upgrade of b failed: migrations/versions/b.py:13: OperationalError: no such table: nowhere",
    ),
    "the end of the process": ("import os; os._exit(3)", "ended with status 3 in upgrade of b"),
    "a module that is not there": ("import nowhere_to_be_found", "No module named"),
}


@pytest.mark.parametrize(("up", "said"), [pytest.param(*row, id=name) for name, row in FAILURES.items()])
def test_a_revision_that_fails(shop: Shop, up: str, said: str) -> None:
    shop.add({"b": script("b", "a", up)})
    with pytest.raises(MigrationFailed, match=said) as caught:
        run(shop.project(), [Call("upgrade", ("head",))], capture=True)
    assert caught.value.status == 1
    assert (shop.heads(), shop.tables()) == (["a"], {"books": ["id"]})


REFUSALS = {
    "a revision that is not there": (("upgrade", "zzz"), UsageError, "no revision is called 'zzz'"),
    "too far down": (("downgrade", "-9"), Refused, "Alembic refuses"),
}


@pytest.mark.parametrize(("words", "kind", "said"), [pytest.param(*row, id=name) for name, row in REFUSALS.items()])
def test_what_alembic_refuses(shop: Shop, words: tuple[str, ...], kind: type[GitmigError], said: str) -> None:
    with pytest.raises(kind, match=said):
        run(shop.project(), [Call(words[0], words[1:])], capture=True)


def test_a_database_that_cannot_be_reached_hides_its_password(shop: Shop) -> None:
    variables = {**shop.environment, "DATABASE_URL": "postgresql+psycopg://ada:secret@127.0.0.1:1/shop"}
    with pytest.raises(EnvironmentProblem, match="the database cannot be read") as caught:
        run(shop.project(variables=variables), [Call("upgrade", ("head",))], capture=True)
    assert "secret" not in caught.value.what + caught.value.note


def test_a_graph_that_never_ends_is_ended(shop: Shop) -> None:
    shop.write("migrations/env.py", "import time\ntime.sleep(600)\n")
    with pytest.raises(CannotDecide, match="did not say within 2 seconds"):
        run(shop.project(time_limit=2.0), [Call("upgrade", ("head",))], capture=True)


@pytest.mark.long
def test_a_migration_may_take_longer(shop: Shop) -> None:
    shop.add({"a": script("a", None, "import time; time.sleep(25)")})
    (outcome,) = run(shop.project(time_limit=20.0), [Call("upgrade", ("a",))], capture=True)
    assert outcome.heads == ("a",)


def test_a_connection_that_the_server_ends_is_said_and_no_ledger_hides_it(shop: Shop) -> None:
    """As psycopg tells it when the server is killed."""
    lost = (
        "import sqlite3, sqlalchemy as sa\n"
        "from sqlalchemy import event\n"
        "from sqlalchemy.engine import Engine\n"
        "@event.listens_for(Engine, 'before_cursor_execute')\n"
        "def fails(conn, cursor, statement, *_):\n"
        "    if 'gitmig_ledger' in statement and 'CREATE' in statement:\n"
        "        conn.invalidate()\n"
        "        raise sa.exc.OperationalError(statement, {}, Exception('gone'), connection_invalidated=True)\n"
    )
    shop.write("migrations/env.py", lost + (shop.path / "migrations/env.py").read_text())
    with pytest.raises(MigrationFailed) as found:
        run(shop.project(), [Call("upgrade", ("head",))])
    assert "connection was lost" in found.value.note
    assert found.value.help[0].commands == ("gitmig current",)
