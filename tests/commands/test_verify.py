"""`gitmig verify` as a person runs it: exit status, what is printed, `--since` with its cache, and being killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.databases import Shop, script, table
from support.scratch import PROGRAMS

from gitmig.bundled import find_bundled

GITMIG = str(PROGRAMS / "gitmig")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path / "shop")
    made.environment["TMPDIR"] = str(tmp_path / "tmp")
    (tmp_path / "tmp").mkdir()
    return made


def bookshop(shop: Shop) -> Shop:
    shutil.copytree(find_bundled("bookshop"), shop.path, dirs_exist_ok=True)
    shop.commit("bookshop")
    return shop


def test_the_bookshop_is_proven(shop: Shop) -> None:
    said = bookshop(shop).run(GITMIG, "verify").stdout.splitlines()
    assert said[0] == "migrations: 4 revisions on sqlite"
    assert [line.split()[0] for line in said[2:6]] == ["6c63011297f8", "f3f7eee4ecc8", "045229b4d78f", "ad614606c75f"]
    assert said[6] == "proven: up, down and up again; the models are what they build"
    assert shop.run(GITMIG, "verify", "--quiet").stdout == ""
    assert shop.git("status", "--short", "--ignored").stdout == ""


def test_what_is_wrong_is_an_operation_with_its_revision(shop: Shop) -> None:
    shop.start({"a": script("a", None, table("book")[0])})
    said = shop.run(GITMIG, "verify", status=1).stdout
    assert "error: downgrade of a leaves something behind; what is missing in it:\n    drop_table book\n" in said
    value = json.loads(shop.run(GITMIG, "verify", "--format", "json", status=1).stdout)
    assert (value["schema"], value["verdict"]) == (1, "failed")
    (environment,) = value["environments"]
    (failure,) = environment["failures"]
    assert (failure["way"], failure["revision"], failure["path"]) == ("down", "a", "migrations/versions/a.py")
    assert [(one["op"], one["table"]) for one in failure["leftover"]] == [("drop_table", "book")]
    assert environment["models"]["verdict"] == "unknown"


def test_a_step_that_fails_is_named_with_its_statement(shop: Shop) -> None:
    shop.start({"a": script("a", None, "op.execute('SELECT nonsense')")})
    said = shop.run(GITMIG, "verify", status=1).stdout
    assert "error: upgrade of a failed: OperationalError: no such column: nonsense\n" in said
    assert "  --> migrations/versions/a.py:13\n  statement: SELECT nonsense\n" in said


def test_what_cannot_be_decided_is_3(shop: Shop) -> None:
    shop.start({"a": script("a", None, *table("book"))})
    shop.write("migrations/env.py", "import sqlalchemy as sa\nsa.create_engine('sqlite:///real.db').connect()\n")
    said = shop.run(GITMIG, "verify", status=3).stdout
    assert "undecided: migrations/env.py:2: refused: it connects to sqlite" in said
    assert not (shop.path / "real.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--postgres", "--url", "sqlite://"], "choose one of them"),
        (["--url", "sqlite:///shop.db"], "is the project's own database"),
        (["--url", "sqlite:///./shop.db"], "is the project's own database"),
        (["--url", "shop.db"], "no URL of a database"),
        (["--environment", "nosuch"], "no environment is the one that was asked for"),
    ],
)
def test_options_that_do_not_go(shop: Shop, arguments: list[str], said: str) -> None:
    shop.start({"a": script("a", None, *table("book"))})
    assert said in shop.run(GITMIG, "verify", *arguments, status=2).stderr


def test_since_walks_what_is_new_on_top_of_what_is_kept(shop: Shop) -> None:
    shop.start({"a": script("a", None, *table("book")), "b": script("b", "a", *table("tag"))})
    shop.git("branch", "old")
    shop.add({"c": script("c", "b", *table("box"))})

    def walked() -> tuple[list[str], dict[str, object], str]:
        value = json.loads(shop.run(GITMIG, "verify", "--since", "old", "--format", "json").stdout)
        (one,) = value["environments"]
        return [each["revision"] for each in one["revisions"]], one["base"], one["verdict"]

    assert walked() == (["c"], {"revisions": ["a", "b"], "cached": False}, "proven")
    assert walked() == (["c"], {"revisions": ["a", "b"], "cached": True}, "proven")
    shop.add({"b": script("b", "a", *table("tags"))})
    assert walked() == (["c"], {"revisions": ["a", "b"], "cached": False}, "proven")


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl-C reaches a child, also where the suite runs in the background, which makes it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_verification_that_is_ended_leaves_nothing(shop: Shop, number: signal.Signals) -> None:
    """The revision says its process id and that it runs; then gitmig is ended, as by a person at a terminal."""
    flag = shop.path / "running"
    up = f"import os, time; open({str(flag)!r}, 'w').write(str(os.getpid())); time.sleep(120)"
    shop.start({"a": script("a", None, up)})
    environment = {**shop.environment, "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [GITMIG, "verify"], cwd=shop.path, env=environment, stdout=subprocess.DEVNULL, start_new_session=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait(lambda: flag.exists() and flag.read_text() != "")
    child = int(flag.read_text())
    if number == signal.SIGKILL:
        os.kill(process.pid, number)
    else:
        os.killpg(process.pid, number)
    assert process.wait(30) == (-9 if number == signal.SIGKILL else 130)
    wait(lambda: not is_running(child))
    temporary = Path(shop.environment["TMPDIR"])
    wait(lambda: not list(temporary.glob("gitmig-verify-*")))
    assert shop.git("status", "--short").stdout == "?? running\n"


def wait(done) -> None:
    for _ in range(600):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 30 seconds")


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
