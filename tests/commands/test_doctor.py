"""`gitmig doctor`: what gitmig sees, and where each setting comes from; it never fails for what it finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.checking import Runner, runner
from support.histories import History
from support.sources import project

Make = Callable[..., History]
LINE = "a1 <- ; b2 <- a1"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys)


def sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith(" "):
            found[line] = []
        else:
            found[list(found)[-1]].append(line[2:])
    return found


def doctor(run: Runner, directory: Path) -> dict[str, list[str]]:
    done = run(directory, "doctor")
    assert (done.status, done.said) == (0, "")
    return sections(done.output)


def test_all_that_it_looks_at(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project(LINE)), ("refs/remotes/origin/main < main", None)])
    history.git("remote", "add", "origin", "../nowhere")
    history.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    found = doctor(run, history.path)
    assert list(found) == ["program", "repository", "hooks", "shared branch", "environments", "settings"]
    assert found["program"][0].startswith("gitmig ") and "git 2." in found["program"][0]
    assert found["repository"] == [f"top level: {history.path}", "object format: sha1"]
    assert found["shared branch"] == [f"target: refs/remotes/origin/main at {history.commits[0][:12]}"]
    assert found["environments"][0] == "migrations: migrations/versions (2 revisions)"
    assert "  heads: b2" in found["environments"]


def test_settings_with_their_origin(make_history: Make, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**project(LINE), "gitmig.toml": '# ours\nignore = ["GM106"]\nundecided = "error"\n'}
    monkeypatch.setenv("GITMIG_UNDECIDED", "warn")
    found = doctor(run, make_history([("main", files)]).path)["settings"]
    assert "ignore = ('GM106',)  (gitmig.toml:2)" in found
    assert "undecided = 'warn'  (GITMIG_UNDECIDED)" in found
    assert "select = ()  (default)" in found


def test_what_is_missing_is_said_with_what_does_not_run(make_history: Make, run: Runner) -> None:
    found = doctor(run, make_history([("topic", {"app.py": ""})]).path)
    assert found["shared branch"][0].startswith("none: no shared branch is known")
    assert found["shared branch"][1] == "without it GM2 and GM105 cannot run"
    assert found["environments"][0].startswith("none: no alembic.ini")


def test_a_bare_repository(make_history: Make, run: Runner) -> None:
    found = doctor(run, make_history([("main", project(LINE))], bare=True).path)
    assert found["repository"][0] == "top level: none (bare)"
    assert found["environments"][0] == "migrations: migrations/versions (2 revisions)"


def test_an_empty_one(make_history: Make, run: Runner) -> None:
    assert doctor(run, make_history([]).path)["environments"][0].startswith("none: ")
    assert doctor(run, make_history([], bare=True).path)["environments"][0].startswith("none: ")


def test_a_shallow_clone(make_history: Make, run: Runner, tmp_path: Path) -> None:
    origin = make_history([("main", project(LINE)), ("main", {"n": "1"})], bare=True)
    clone = History(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", f"file://{origin.path}", "main:refs/remotes/origin/main")
    clone.git("checkout", "-q", "origin/main")
    assert any("shallow" in line and "git fetch --unshallow" in line for line in doctor(run, clone.path)["repository"])


def test_hooks_and_by_whom(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project(LINE))])
    assert "pre-commit: absent" in doctor(run, history.path)["hooks"]
    assert run(history.path, "install", "--method", "files").status == 0
    assert any(line.startswith("pre-commit: ") and "absent" not in line for line in doctor(run, history.path)["hooks"])


def test_what_it_prints_of_a_repository_is_escaped(make_history: Make, run: Runner) -> None:
    files = {"\x1b[31mred/env.py": "target_metadata = None\n", "\x1b[31mred/script.py.mako": "x\n"}
    done = run(make_history([("main", files)]).path, "doctor")
    assert done.status == 0
    assert "\x1b" not in done.output


def test_two_heads_are_shown_and_are_no_failure(make_history: Make, run: Runner) -> None:
    found = doctor(run, make_history([("main", project(f"{LINE} ; c3 <- a1"))]).path)
    assert "  heads: b2, c3" in found["environments"]


def test_models_are_named(make_history: Make, run: Runner) -> None:
    """The issue asks for it: models that were found, and the metadata that reaches them."""
    files = {
        **project("a1 <-"),
        "migrations/env.py": "from shop.models import Base\ntarget_metadata = Base.metadata\n",
        "shop/__init__.py": "",
        "shop/models.py": (
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
            "class Base(DeclarativeBase): pass\n"
            "class Book(Base):\n    __tablename__ = 'books'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
        ),
    }
    found = doctor(run, make_history([("main", files)]).path)["environments"]
    assert any("models: 1 table" in line for line in found), found
