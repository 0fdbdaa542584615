"""`gitmig ledger`: what text ran, and what differs from it today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.checking import Runner, runner
from support.databases import VERSIONS, Shop, column, project_files, script, table

A, B, C = (
    script("a", None, *table("books")),
    script("b", "a", *column("books", "price")),
    script("c", "b", *table("tags")),
)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop").start({"a": A, "b": B, "c": C})


@pytest.fixture
def run(shop: Shop, capfd: pytest.CaptureFixture[str]) -> Runner:
    inner = runner(capfd)
    return lambda *words: inner(shop.path, *words)  # type: ignore[arg-type,return-value]


def verify(run: Runner) -> dict[str, object]:
    done = run("ledger", "verify", "--format", "json")
    (found,) = json.loads(done.output)["environments"]
    assert done.status == (0 if found["verdict"] == "clean" else 1)
    return {kind: [one if isinstance(one, str) else one["revision"] for one in found[kind]] for kind in KINDS}


KINDS = ("edited", "reparented", "gone", "unknown", "returned")
NOTHING: dict[str, object] = {kind: [] for kind in KINDS}


def test_a_row_has_what_ran(shop: Shop, run: Runner) -> None:
    run("upgrade", "a")
    (row,) = json.loads(run("ledger", "--format", "json").output)["environments"][0]["rows"]
    assert (row["revision"], row["direction"], row["parents"]) == ("a", "upgrade", [])
    assert row["commit"] == shop.head()
    assert row["blob"] == shop.git("hash-object", f"{VERSIONS}/a.py").stdout.strip()
    assert row["fingerprint"].startswith("1:") and row["duration"] >= 0
    assert shop.execute("SELECT text FROM gitmig_ledger") == [(A,)]


def test_a_file_that_was_not_committed_is_marked(shop: Shop, run: Runner) -> None:
    shop.add({"a": A + "# more\n"})
    run("upgrade", "a")
    assert shop.execute("SELECT commit_id FROM gitmig_ledger") == [(f"{shop.head()}+",)]


def test_down_and_stamp_are_rows_too(shop: Shop, run: Runner) -> None:
    run("upgrade", "b")
    run("downgrade", "-1")
    run("stamp", "c")
    rows = shop.execute("SELECT revision, direction, text = '' FROM gitmig_ledger ORDER BY id")
    assert rows == [("a", "upgrade", 0), ("b", "upgrade", 0), ("b", "downgrade", 0), ("c", "stamp", 1)]


def test_everything_as_it_ran(run: Runner) -> None:
    run("upgrade")
    assert verify(run) == NOTHING
    assert "every revision that the ledger knows ran as its file says" in run("ledger", "verify").output


CHANGES = {
    "an edit": ({"b": B.replace("price", "cost")}, {"edited": ["b"]}),
    "an edit of the downgrade": ({"b": B.replace('op.drop_column("books", "price")', "pass")}, {"edited": ["b"]}),
    "a comment": ({"b": B.replace("def upgrade", "# nothing\ndef upgrade")}, {}),
    "another parent": ({"x": script("x", "a"), "b": B.replace("'a'", "'x'")}, {"reparented": ["b"]}),
}


@pytest.mark.parametrize(("files", "found"), [pytest.param(*row, id=name) for name, row in CHANGES.items()])
def test_what_differs(shop: Shop, run: Runner, files: dict[str, str], found: dict[str, list[str]]) -> None:
    run("upgrade")
    shop.add(files)
    assert verify(run) == {**NOTHING, **found}


def test_what_is_in_no_file(shop: Shop, run: Runner) -> None:
    run("upgrade")
    (shop.path / VERSIONS / "c.py").unlink()
    assert verify(run) == {**NOTHING, "gone": ["c"]}
    assert "gitmig sync" in run("ledger", "verify").output


def test_before_adoption_nothing_is_known(shop: Shop, run: Runner) -> None:
    shop.run("alembic", "upgrade", "b")
    assert "no ledger yet" in run("ledger").output
    run("upgrade")
    assert verify(run) == {**NOTHING, "unknown": ["a", "b"]}


def test_a_downgrade_that_the_ledger_did_not_see(shop: Shop, run: Runner) -> None:
    run("upgrade")
    shop.run("alembic", "downgrade", "b")
    assert verify(run) == {**NOTHING, "returned": ["c"]}


def test_one_line_in_env_records_what_alembic_runs(shop: Shop, run: Runner) -> None:
    files = project_files(on_version_apply="record", include_name="include_name")
    shop.write("migrations/env.py", "from gitmig.ledger import include_name, record\n" + files["migrations/env.py"])
    shop.run("alembic", "upgrade", "b")
    run("upgrade")  # gitmig adds no second row
    assert shop.execute("SELECT revision FROM gitmig_ledger ORDER BY id") == [("a",), ("b",), ("c",)]
    assert verify(run) == NOTHING


def test_the_filter_keeps_the_ledger_out_of_autogenerate(shop: Shop, run: Runner) -> None:
    files = project_files(target_metadata="MetaData()", include_name="include_name")["migrations/env.py"]
    env = "from sqlalchemy import MetaData\nfrom gitmig.ledger import include_name\n" + files
    shop.write("migrations/env.py", env)
    shop.write("migrations/versions/a.py", script("a", None))
    shop.write("migrations/versions/b.py", script("b", "a"))
    shop.write("migrations/versions/c.py", script("c", "b"))
    run("upgrade")
    assert "No new upgrade operations" in shop.run("alembic", "check").stdout
    shop.write("migrations/env.py", env.replace(", include_name=include_name", ""))
    assert "gitmig_ledger" in shop.run("alembic", "check", status=None).stdout  # the twin: without it it is seen


def test_a_new_ledger_is_said_once(run: Runner) -> None:
    assert "gitmig init --ledger" in run("upgrade", "a").said
    assert "ledger" not in run("upgrade").said


def test_one_that_env_hides_needs_no_word(shop: Shop, run: Runner) -> None:
    files = project_files(on_version_apply="record", include_name="include_name")
    shop.write("migrations/env.py", "from gitmig.ledger import include_name, record\n" + files["migrations/env.py"])
    assert "ledger" not in run("upgrade").said


def test_a_ledger_that_cannot_be_written_holds_nothing_up(shop: Shop, run: Runner) -> None:
    shop.execute("CREATE VIEW gitmig_ledger AS SELECT 1 AS id")
    done = run("upgrade")
    assert (done.status, shop.heads()) == (0, ["c"])
    assert "the ledger was not written: cannot modify gitmig_ledger because it is a view\n" in done.said


def test_no_ledger_on_request(shop: Shop, run: Runner) -> None:
    run("upgrade", "--no-ledger")
    assert shop.execute("SELECT name FROM sqlite_master WHERE name = 'gitmig_ledger'") == []


def test_nor_by_the_line_in_env_py(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shop = Shop(tmp_path / "shop").start({"a": A}, on_version_apply="__import__('gitmig.ledger').ledger.record")
    run = runner(capfd)
    run(shop.path, "upgrade", "--no-ledger")
    assert shop.execute("SELECT name FROM sqlite_master WHERE name = 'gitmig_ledger'") == []
    run(shop.path, "downgrade", "base")
    assert shop.execute("SELECT revision FROM gitmig_ledger") == [("a",)]
