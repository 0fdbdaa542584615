"""Bad input: an exact exit status, a message that says what, where and what to do, and never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from support.checking import Run, Runner, runner
from support.histories import Executable, History, Link, Submodule
from support.scratch import PROGRAMS, git_version
from support.sources import project, sources

from gitmig.entry import main

Make = Callable[..., History]
LINE = "a1 <- ; b2 <- a1"
ALL = ("check", "--all")
COMMIT = ("check", "--rev", "work", "--base", "main")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys)


def told(done: Run) -> str:
    return done.output + done.said


class TestWhatIsAsked:
    """Status 2: the command line or the configuration cannot be used as given."""

    WORDS: ClassVar = {
        "an unknown commit": (("check", "--rev", "nowhere"), ["nowhere"]),
        "an unknown base": (("check", "--rev", "main", "--base", "origin/nowhere"), ["origin/nowhere"]),
        "a base without a commit": (("check", "--base", "main"), ["--base", "--rev"]),
        "a tree where a commit is meant": (("check", "--rev", "main:migrations"), ["main:migrations"]),
        "a name that git would take for an option": (("check", "--rev", "--all-of-it"), ["--all-of-it"]),
        "such a name, hidden": (("check", "--rev=--output=/tmp/gitmig-owned"), ["--output=/tmp/gitmig-owned"]),
        "a name with a null byte": (("check", "--rev", "ma\0in"), ["null byte"]),
        "an empty name": (("check", "--rev", ""), [""]),
        "an unknown option": (("check", "--al"), ["--al"]),
        "an unknown command": (("chekc",), ["chekc"]),
        "an unknown format": (("check", "--format", "yaml"), ["yaml"]),
        "an unknown code": (("explain", "GM999"), ["no rule is called 'GM999'", "gitmig explain"]),
        "heads of an unknown commit": (("heads", "--rev", "nowhere"), ["nowhere"]),
        "a waiver for nothing": (("waive", "GM201", "a1", "--reason", "x"), ["no GM201 about a1", "gitmig check"]),
        "a rule that does not exist is waived": (("waive", "GM999", "a1", "--reason", "x"), ["GM999"]),
        "a code of no family": (("check", "--all", "--select", "E501"), ["E501"]),
        "a code that no rule has": (("check", "--all", "--select", "GM999"), ["GM999", "no rule has such a code"]),
    }

    @pytest.mark.parametrize(("words", "said"), [pytest.param(*row, id=name) for name, row in WORDS.items()])
    def test_command_line(self, make_history: Make, run: Runner, words: tuple[str, ...], said: list[str]) -> None:
        history = make_history([("main", project(LINE))])
        done = run(history.path, *words)
        assert done.status == 2, told(done)
        assert all(one in done.said for one in said)
        assert done.output == ""

    FILES: ClassVar = {
        "an unknown key": (
            {"gitmig.toml": 'selct = ["GM1"]\n'},
            ["unknown setting 'selct'", "gitmig.toml:1", "did you mean 'select'?"],
        ),
        "an unknown key in pyproject.toml": (
            {"pyproject.toml": '[project]\nname = "x"\n[tool.gitmig]\nshred = ["main"]\n'},
            ["unknown setting 'shred'", "pyproject.toml:4", "did you mean 'shared'?"],
        ),
        "a value of another type": ({"gitmig.toml": 'max_file_size = "big"\n'}, ["max_file_size", "gitmig.toml:1"]),
        "a value that is none of the choices": ({"gitmig.toml": 'undecided = "maybe"\n'}, ["undecided", "maybe"]),
        "a severity of no rule": (
            {"gitmig.toml": 'severity = { GM217 = "note" }\n'},
            ["gitmig.toml:1", "GM217", "no rule has such a code", "did you mean 'GM201'?"],
        ),
        "a file that is no TOML": ({"gitmig.toml": "select = [\n"}, ["gitmig.toml"]),
    }

    @pytest.mark.parametrize("command", [ALL, ("heads",), ("doctor",), COMMIT], ids=lambda words: words[0])
    @pytest.mark.parametrize(("files", "said"), [pytest.param(*row, id=name) for name, row in FILES.items()])
    def test_configuration(
        self, make_history: Make, run: Runner, files: dict[str, str], said: list[str], command: tuple[str, ...]
    ) -> None:
        history = make_history([("main", {**project(LINE), **files}), ("work < main", {"n": "1"})])
        done = run(history.path, *command)
        assert done.status == 2, told(done)
        assert all(one in done.said for one in said), done.said

    def test_a_variable_that_is_no_setting(
        self, make_history: Make, run: Runner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        history = make_history([("main", project(LINE))])
        monkeypatch.setenv("GITMIG_UNDECIDED", "maybe")
        done = run(history.path, *ALL)
        assert done.status == 2
        assert "GITMIG_UNDECIDED" in done.said

    @pytest.mark.parametrize("command", [ALL, ("heads",), ("doctor",), ("waive", "GM201", "a", "--reason", "x")])
    def test_not_a_repository(self, tmp_path: Path, run: Runner, command: tuple[str, ...]) -> None:
        done = run(tmp_path, *command)
        assert (done.status, done.output) == (2, "")
        assert f"not a Git repository: {tmp_path}" in done.said
        assert "git init" in done.said

    def test_a_directory_that_does_not_exist(self, tmp_path: Path, run: Runner) -> None:
        done = run(tmp_path / "nowhere", *ALL)
        assert done.status in (2, 4)
        assert str(tmp_path / "nowhere") in done.said

    def test_inside_the_git_directory(self, make_history: Make, run: Runner) -> None:
        history = make_history([("main", project(LINE))])
        done = run(history.path / ".git", *ALL)
        assert done.status in (0, 2, 4), told(done)

    def test_a_folder_that_the_tree_does_not_have_is_not_decided(self, make_history: Make, run: Runner) -> None:
        done = run(make_history([("main", project(LINE))]).path, *ALL, "--versions", "nowhere/at/all")
        assert done.status == 3
        assert "--versions nowhere/at/all is not in this tree" in done.output

    def test_a_commit_of_a_repository_that_has_none(self, make_history: Make, run: Runner) -> None:
        done = run(make_history([]).path, "check", "--rev", "HEAD")
        assert done.status == 2
        assert "HEAD" in done.said


class TestWhatIsInTheTree:
    FOLDER = "migrations/versions"
    FILES: ClassVar = {
        "a broken syntax": ({"c.py": "def upgrade(:\n"}, 1, "GM001"),
        "bytes of no encoding": ({"c.py": b"revision = '\xff\xfe'\n"}, 1, "GM001"),
        "null bytes": ({"c.py": b"revision = 'c3'\0\n"}, 1, "GM001"),
        "a file over the size limit": ({"c.py": "#" * (1 << 20) + "\nrevision = 'c3'\n"}, 3, "max_file_size"),
        "a symbolic link": ({"c.py": Link("b2_x.py")}, 1, "it is a symbolic link"),
        "a link that leads out of the repository": ({"c.py": Link("/etc/passwd")}, 1, "it is a symbolic link"),
        "a link that leads to itself": ({"c.py": Link("c.py")}, 1, "it is a symbolic link"),
        "a Git LFS pointer": (
            {"c.py": "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 5\n"},
            3,
            "Git LFS",
        ),
        "conflict markers": ({"c.py": "<<<<<<< ours\nrevision = 'a'\n=======\n>>>>>>> theirs\n"}, 1, "conflict"),
        "a name with a line end": ({"c\n3.py": "revision = 'c3'\ndown_revision = 'b2'\n"}, 0, ""),
        "a file that is no revision": ({"notes.py": "x = 1\n"}, 0, ""),
        "an executable revision": (
            {"c3_x.py": Executable(sources("c3 <- b2")["migrations/versions/c3_x.py"])},
            0,
            "",
        ),
        "an empty file": ({"c.py": ""}, 0, ""),
        "names of other bytes": ({"c\udcff.py": "revision = 'c3'\ndown_revision = 'b2'\n"}, 0, ""),
        "a name that a terminal obeys": ({"\x1b[31m.py": "revision = x()\n"}, 1, "GM001"),
    }

    @pytest.mark.parametrize(("files", "status", "said"), [pytest.param(*row, id=name) for name, row in FILES.items()])
    def test_among_the_revisions(
        self, make_history: Make, run: Runner, files: dict[str, Any], status: int, said: str
    ) -> None:
        new = {f"{self.FOLDER}/{name}": content for name, content in files.items()}
        history = make_history([("main", project(LINE)), ("work < main", new)])
        done = run(history.path, *COMMIT)
        assert done.status == status, told(done)
        assert said in done.output
        assert "\x1b" not in told(done)

    def test_a_submodule_in_the_place_of_the_revisions(self, make_history: Make, run: Runner) -> None:
        files = {**project(), "migrations/versions": Submodule("1" * 40)}
        done = run(make_history([("main", files)]).path, *ALL)
        assert done.status == 3
        assert "submodule" in told(done)

    def test_a_link_in_the_place_of_the_revisions(self, make_history: Make, run: Runner) -> None:
        """Git sees one blob; what it leads to may lie anywhere, so the heads are not known."""
        files = {**project(), "migrations/versions": Link("../elsewhere"), **sources("a1 <-", "elsewhere")}
        done = run(make_history([("main", files)]).path, *ALL)
        assert done.status in (0, 3)
        if done.status == 0:
            assert "head a1" in done.output

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
    def test_a_pipe_among_the_revisions_of_the_worktree_is_not_waited_for(
        self, make_history: Make, run: Runner
    ) -> None:
        env = "from shop.models import Base\ntarget_metadata = Base.metadata\n"
        model = (
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
            "class Base(DeclarativeBase): pass\n"
            "class Book(Base):\n    __tablename__ = 'books'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
        )
        history = make_history([("main", {**project("a1 <-"), "migrations/env.py": env, "shop/__init__.py": ""})])
        os.mkfifo(history.path / self.FOLDER / "c3_x.py")
        history.stage({"shop/models.py": model})
        done = run(history.path, "check")
        assert done.status == 1
        assert "GM301" in done.output

    def test_no_environment_is_not_decided_and_says_what_to_do(self, make_history: Make, run: Runner) -> None:
        done = run(make_history([("main", {"app.py": "x = 1\n"})]).path, *ALL)
        assert done.status == 3
        assert "no Alembic environment was found" in done.output and "--versions" in done.output


class TestWhatIsNotThere:
    """Status 3: something that the verdict needs is missing."""

    def cloned(self, make_history: Make, tmp_path: Path, *options: str) -> History:
        """main went on by one revision; work left it before and edits a1."""
        origin = make_history(
            [
                ("main", {"n": "0"}),
                ("main", project(LINE)),
                ("work < main", {"n": "1"}),
                ("main", sources("c3 <- b2")),
                ("main", {"m": "1"}),
                ("work", sources("a1 <- text new")),
            ],
            bare=True,
        )
        clone = History(tmp_path / "clone")
        clone.git("remote", "add", "origin", f"file://{origin.path}")
        clone.git("fetch", "-q", *options, "origin", "+refs/heads/*:refs/remotes/origin/*")
        clone.git("checkout", "-q", "--detach", "origin/work")
        return clone

    def test_a_shallow_clone_without_the_merge_base(self, make_history: Make, tmp_path: Path, run: Runner) -> None:
        clone = self.cloned(make_history, tmp_path, "--depth=1")
        done = run(clone.path, "check", "--rev", "HEAD", "--base", "origin/main")
        assert done.status == 3
        assert "history is cut off before the merge base with origin/main" in told(done)

    def test_what_is_staged_in_one(self, make_history: Make, tmp_path: Path, run: Runner) -> None:
        clone = self.cloned(make_history, tmp_path, "--depth=1")
        clone.stage(sources("a1 <- text newer"))
        done = run(clone.path, "check", "--shared", "origin/main")
        assert done.status == 3

    @pytest.mark.parametrize("depth", ["--depth=1", "--depth=2", "--depth=3", "--depth=9"])
    def test_no_depth_is_ever_fine_by_accident(
        self, make_history: Make, tmp_path: Path, run: Runner, depth: str
    ) -> None:
        clone = self.cloned(make_history, tmp_path, depth)
        done = run(clone.path, "check", "--rev", "HEAD", "--base", "origin/main")
        assert done.status in (1, 3)
        if done.status == 1:
            assert "GM201" in done.output and "GM202" not in done.output

    def test_a_tree_that_is_not_in_the_clone(self, make_history: Make, run: Runner) -> None:
        history = make_history([("main", project(LINE))])
        tree = history.git("rev-parse", "HEAD:migrations/versions").stdout.strip()
        history.git("repack", "-q", "-a", "-d")
        history.git("config", "core.bare", "false")
        for pack in (history.path / ".git/objects/pack").glob("*"):
            pack.chmod(0o600)
        history.feed(
            "sh",
            "-c",
            "mv .git/objects/pack .git/p; for p in .git/p/*.pack; do git unpack-objects -q <$p; done",
            input=b"",
        )
        (history.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
        done = run(history.path, "check", "--all", "--rev", "main")
        assert done.status == 3, told(done)
        assert tree[:7] in told(done)

    def test_a_blob_that_is_not_in_the_clone(self, make_history: Make, run: Runner) -> None:
        history = make_history([("main", project(LINE))])
        blob = history.git("rev-parse", "HEAD:migrations/versions/b2_x.py").stdout.strip()
        history.feed(
            "sh",
            "-c",
            "mv .git/objects/pack .git/p; for p in .git/p/*.pack; do git unpack-objects -q <$p; done",
            input=b"",
        )
        (history.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
        done = run(history.path, "check", "--all", "--rev", "main")
        assert done.status in (1, 3)
        assert "its content is not in this clone" in done.output


class TestWhatStandsInTheWay:
    """Status 4: Git, a lock or the disk; nothing was changed."""

    @pytest.mark.skipif(git_version() < (2, 35, 2), reason="git trusts every owner")
    def test_another_owner_s_repository(self, make_history: Make, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        history = make_history([("main", project(LINE))])
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        done = run(history.path, *ALL)
        assert done.status == 4
        assert "dubious ownership" in done.said and "safe.directory" in done.said

    def fake_git(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
        programs = tmp_path / "bin"
        programs.mkdir()
        (programs / "git").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")

    @pytest.mark.parametrize("command", [ALL, ("heads",), ("doctor",)], ids=lambda words: words[0])
    def test_a_git_that_is_too_old(
        self,
        make_history: Make,
        run: Runner,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        command: tuple[str, ...],
    ) -> None:
        history = make_history([("main", project(LINE))])
        self.fake_git(
            tmp_path,
            monkeypatch,
            'for word; do [ "$word" = version ] && echo git version 2.20.1 && exit 0; done; exit 129',
        )
        done = run(history.path, *command)
        assert done.status == 4, told(done)
        assert "git 2.20.1 is too old: gitmig needs 2.30 or newer" in done.said

    def test_no_git_at_all(self, make_history: Make, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        history = make_history([("main", project(LINE))])
        monkeypatch.setenv("PATH", "/nowhere")
        done = run(history.path, *ALL)
        assert done.status == 4
        assert "git" in done.said

    def test_a_git_that_fails_for_no_reason(
        self, make_history: Make, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        history = make_history([("main", project(LINE))])
        self.fake_git(tmp_path, monkeypatch, "echo 'fatal: the moon is full' >&2; exit 128")
        done = run(history.path, *ALL)
        assert done.status == 4
        assert "the moon is full" in done.said

    def test_a_damaged_index(self, make_history: Make, run: Runner) -> None:
        history = make_history([("main", project(LINE))])
        (history.path / ".git/index").write_bytes(b"DIRC" + b"\0" * 40)
        done = run(history.path, *ALL)
        assert done.status == 4, told(done)
        assert "index" in done.said

    def test_a_lock_that_somebody_holds_is_no_hindrance_to_reading(self, make_history: Make, run: Runner) -> None:
        history = make_history([("main", project(LINE))])
        (history.path / ".git/index.lock").touch()
        assert run(history.path, *ALL).status == 0

    def test_a_report_that_cannot_be_written(self, make_history: Make, run: Runner, tmp_path: Path) -> None:
        history = make_history([("main", project(LINE))])
        done = run(history.path, *ALL, "--output", str(tmp_path / "nowhere" / "report.txt"))
        assert done.status == 4
        assert "cannot write the report to" in done.said

    @pytest.mark.parametrize("place", ["gitmig", "gitmig/cache"])
    def test_a_cache_that_cannot_be_made_costs_only_time(self, make_history: Make, run: Runner, place: str) -> None:
        history = make_history([("main", project(LINE))])
        file = history.path / ".git" / place
        file.parent.mkdir(exist_ok=True)
        file.write_text("no folder")
        assert run(history.path, *ALL).status == 0


class TestStreamsAndSignals:
    def start(self, history: History, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(PROGRAMS / "gitmig"), *words],
            cwd=history.path,
            env=history.environment,
            stderr=subprocess.PIPE,
            **options,
        )

    @pytest.mark.parametrize(
        ("drawing", "status"), [pytest.param(LINE, 0, id="clean"), pytest.param("a1 <- ; b2 <-", 1, id="with findings")]
    )
    def test_a_reader_that_goes_away_changes_no_verdict(self, make_history: Make, drawing: str, status: int) -> None:
        """As in `gitmig check --all | head -0`."""
        history = make_history([("main", project(drawing))])
        reading, writing = os.pipe()
        os.close(reading)
        process = self.start(history, *ALL, stdout=writing)
        os.close(writing)
        said = process.communicate()[1].decode()
        assert (process.returncode, said) == (status, "")

    @pytest.mark.parametrize("command", [("heads",), ("doctor",), ("explain",), ("heads", "--format", "json")])
    def test_a_reader_that_goes_away_is_no_failure(self, make_history: Make, command: tuple[str, ...]) -> None:
        history = make_history([("main", project(LINE))])
        reading, writing = os.pipe()
        os.close(reading)
        process = self.start(history, *command, stdout=writing)
        os.close(writing)
        said = process.communicate()[1].decode()
        assert (process.returncode, said) == (0, "")

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
    def test_a_full_disk_is_said(self, make_history: Make) -> None:
        history = make_history([("main", project(LINE))])
        with open("/dev/full", "wb") as full:
            process = self.start(history, *ALL, stdout=full)
            said = process.communicate()[1].decode()
        assert process.returncode == 4, said
        assert "Traceback" not in said and "No space left" in said

    def test_an_interrupt_ends_it_without_a_traceback(self, make_history: Make, tmp_path: Path) -> None:
        history = make_history([("main", project(LINE))])
        programs = tmp_path / "bin"
        programs.mkdir()
        begun = tmp_path / "begun"
        (programs / "git").write_text(f"#!/bin/sh\n: > {begun}\nexec sleep 30\n")
        (programs / "git").chmod(0o755)
        history.environment["PATH"] = f"{programs}:{history.environment['PATH']}"
        # A suite that runs in the background has SIGINT ignored, and every program that it starts inherits that.
        process = self.start(
            history,
            *ALL,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 20
        while not begun.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        output, said = process.communicate(timeout=20)
        assert process.returncode == 130, said
        assert (output, b"Traceback" in said, b"interrupted" in said) == (b"", False, True)

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
    def test_names_that_the_terminal_cannot_show(self, make_history: Make, encoding: str) -> None:
        files = {"migrations/versions/\u0431\udcff_x.py": "revision = x()\n"}
        history = make_history([("main", {**project(LINE), **files})])
        history.environment["PYTHONIOENCODING"] = encoding
        process = self.start(history, *ALL, stdout=subprocess.PIPE)
        output, said = process.communicate()
        assert (process.returncode, said) == (1, b"")
        assert b"GM001" in output


def test_a_bug_is_saved_and_shown_only_when_asked(
    make_history: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("of all things \x1b[31m")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("gitmig.commands.check.check", broken)
    history = make_history([("main", project(LINE))])
    assert main(["-C", str(history.path), *ALL]) == 70
    said = capsys.readouterr().err
    (report,) = tmp_path.glob("gitmig-bug-*.txt")
    assert str(report) in said and "ZeroDivisionError" in said
    assert "Traceback" not in said and "\x1b" not in said
    assert "Traceback" in report.read_text() and sys.version in report.read_text()
    assert main(["-v", "-C", str(history.path), *ALL]) == 70
    assert "Traceback" in capsys.readouterr().err
