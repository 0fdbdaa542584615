"""The cache: what it remembers is true, and lost, damaged or locked it only costs time."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.checking import Runner, checker, runner
from support.histories import History
from support.sources import between, project, sources

from gitmig.reading.cache import FEW, Cache, version_of

Make = Callable[..., History]
MANY = {f"{number:040x}": {"kind": "revision", "revision": str(number)} for number in range(3 * FEW)}


def test_facts_of_many_and_of_few_blobs_come_back(tmp_path: Path) -> None:
    few = dict(list(MANY.items())[:2])
    for facts in (MANY, few):
        cache = Cache(str(tmp_path / f"of-{len(facts)}"))
        cache.add_facts("header", facts)
        cache.close()
        again = Cache(str(tmp_path / f"of-{len(facts)}"))
        assert again.facts("header", [*facts, "f" * 40]) == facts
        assert again.facts("script", facts) == {}
        again.close()


def test_documents_come_back_and_only_the_newest_are_kept(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "cache"))
    for number in range(200):
        cache.add_document("graph", str(number), {"number": number})
    assert cache.document("graph", "199") == {"number": 199}
    assert cache.document("graph", "nowhere") is None
    assert len(list((tmp_path / "cache").iterdir())) <= 66


def test_what_another_version_made_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(str(tmp_path))
    cache.add_facts("header", MANY)
    cache.add_document("graph", "x", {"a": 1})
    cache.close()
    monkeypatch.setattr("gitmig.reading.cache.__version__", "99.0")
    assert version_of("header").startswith("header")
    cache = Cache(str(tmp_path))
    assert cache.facts("header", MANY) == {}
    assert cache.document("graph", "x") is None
    cache.close()


def test_a_protecting_check_has_none(tmp_path: Path) -> None:
    cache = Cache.none()
    cache.add_document("graph", "x", {})
    cache.add_facts("header", MANY)
    assert cache.document("graph", "x") is None
    cache.close()


def damages(folder: Path) -> dict[str, Callable[[], object]]:
    files = [path for path in folder.iterdir() if path.is_file()]

    def overwrite(content: bytes) -> Callable[[], object]:
        return lambda: [path.write_bytes(content) for path in files]

    def rewrite(value: Any) -> Callable[[], object]:
        return lambda: [path.write_text(json.dumps(value)) for path in files if path.suffix == ".json"]

    return {
        "emptied": overwrite(b""),
        "cut in half": lambda: [path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]) for path in files],
        "other bytes": overwrite(os.urandom(5000)),
        "no object": rewrite([1, 2, 3]),
        "an empty object": rewrite({}),
        "null": rewrite(None),
        "of another shape": rewrite({"rows": {"a": 1}, "heads": 5, "sound": True, "troubled": [], "key": 3, "ids": 4}),
        "very deep": overwrite(b"[" * 100_000),
        "folders in the place of files": lambda: [(path.unlink(), path.mkdir()) for path in files],
    }


DAMAGES = (
    "emptied",
    "cut in half",
    "other bytes",
    "no object",
    "an empty object",
    "null",
    "of another shape",
    "very deep",
    "folders in the place of files",
)
DRAWING = " ; ".join(["r0 <- ", *(f"r{number} <- r{number - 1}" for number in range(1, 2 * FEW + 2))])
HEAD = f"r{2 * FEW + 1}"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_changes_no_verdict(make_history: Make, run: Runner, damage: str) -> None:
    history = make_history([("main", project(DRAWING)), ("work < main", sources("x1 <- r3"))])
    words = ("check", "--rev", "work", "--base", "main", "--format", "json")
    first = run(history.path, *words)
    assert run(history.path, "heads").status == 0
    damages(history.path / ".git/gitmig/cache")[damage]()
    assert run(history.path, *words) == first
    assert run(history.path, *words) == first


def test_a_locked_database_is_not_waited_for(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project(DRAWING))])
    words = ("heads", "--format", "json")
    first = run(history.path, *words)
    with sqlite3.connect(history.path / ".git/gitmig/cache/facts.sqlite") as database:
        database.execute("BEGIN EXCLUSIVE")
        history.commit("one more", **sources(f"x1 <- {HEAD}"))
        assert run(history.path, *words, "--rev", "HEAD~1") == first
        assert '"x1"' in run(history.path, *words).output


@pytest.mark.parametrize("seed", [0, 1, 2, 13])
def test_what_it_remembers_is_what_is_there(make_history: Make, capsys: pytest.CaptureFixture[str], seed: int) -> None:
    """A walk through random histories, in random order: with what was remembered the same as without."""
    chance = random.Random(seed)
    table: list[Any] = [("main", project("a1 <- ; b2 <- a1"))]
    drawing = {"a1": "a1 <- ", "b2": "b2 <- a1"}
    for step in range(12):
        old = " ; ".join(drawing.values())
        act = chance.choice(["add", "add", "edit", "delete", "move", "break", "environment"])
        name = chance.choice(sorted(drawing))
        extra: dict[str, str | None] = {}
        if act == "add":
            drawing[f"n{step}"] = f"n{step} <- {name}"
        elif act == "edit":
            drawing[name] = drawing[name].split(" text ")[0] + f" text t{step}"
        elif act == "delete" and len(drawing) > 1:
            del drawing[name]
        elif act == "move" and " at " not in drawing[name]:
            drawing[name] += f" at migrations/versions/moved{step}.py"
        elif act == "break":
            extra["migrations/versions/broken.py"] = chance.choice(["revision = x()\n", "def (\n", None])
        elif act == "environment":
            folder = f"other{step}"
            extra = {
                f"{folder}/env.py": "target_metadata = None\n",
                f"{folder}/script.py.mako": "x\n",
                **sources("z1 <-", f"{folder}/versions"),
            }
        files = {**between(old, " ; ".join(drawing.values())), **extra}
        branch = chance.choice(["main", "main", f"b{step} < main"])
        table.append((branch, files))
        if branch != "main":
            drawing = {part.split(" <-")[0].strip(): part.strip() for part in old.split(" ; ")}
    history = make_history(table)
    check = checker(capsys)
    for _ in range(10):
        one, other = chance.choice(history.commits), chance.choice(history.commits)
        words = ("--rev", one, "--base", other)
        assert check(history.path, *words) == check(history.path, *words, "--no-cache")
