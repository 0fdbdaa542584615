"""Git is started with an environment that cannot bend an answer, and its failures become one message each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.scratch import git_version

from gitmig.errors import CannotDecide, EnvironmentProblem, UsageError
from gitmig.repo import plumbing
from gitmig.repo.failures import GitFailed
from gitmig.repo.plumbing import Git, hardened, parse_version, scrubbed


@pytest.fixture(params=["posix_spawn", "nameless file on disk", "subprocess"])
def every_way(request, monkeypatch):
    """Linux, other POSIX systems, and all others."""
    if request.param == "nameless file on disk":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    if request.param == "subprocess":
        monkeypatch.delattr(os, "posix_spawnp")


@pytest.fixture
def history(make_history):
    return make_history([("main", {"a.py": "one", "sub/b.py": "two"})])


@pytest.mark.usefixtures("every_way")
class TestRunning:
    def test_bytes_in_and_out(self, history):
        git = Git(str(history.path))
        oid = git.run("hash-object", "-w", "--stdin", input=b"\xff\x00\r\n").decode().strip()
        assert git.run("cat-file", "blob", oid) == b"\xff\x00\r\n"

    def test_much_input_and_much_output_at_once_do_not_wait_for_each_other(self, history):
        git = Git(str(history.path))
        oid = git.run("hash-object", "-w", "--stdin", input=b"x" * 1000)
        output = git.run("cat-file", "--batch", input=oid * 20_000)
        assert len(output) > 20_000_000

    def test_without_input_standard_input_is_empty(self, history):
        assert (
            Git(str(history.path)).run("hash-object", "--stdin").strip() == b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
        )

    def test_a_status_that_is_expected_is_an_answer(self, history):
        git = Git(str(history.path))
        assert git.run("config", "--get", "no.such", accept=(0, 1)) == b""
        answer = git.ask("rev-parse", "--verify", "nothing")
        assert (answer.status, answer.output) == (128, b"")
        assert b"Needed a single revision" in answer.errors

    def test_a_conversation_goes_on(self, history):
        git = Git(str(history.path))
        talk = git.converse("cat-file", "--batch-check")
        for _ in range(3):
            assert talk.send(b"HEAD\n")
            assert talk.answers.readline().split()[1] == b"commit"
        assert talk.end() == 0
        assert talk.end() == 0

    def test_a_conversation_ends_in_the_middle_of_an_answer(self, history):
        git = Git(str(history.path))
        oid = git.run("hash-object", "-w", "--stdin", input=b"x" * 5_000_000).strip()
        talk = git.converse("cat-file", "--batch")
        assert talk.send(oid + b"\n")
        assert talk.answers.readline()
        assert talk.end() != 0

    def test_git_that_is_not_there(self, history, monkeypatch):
        monkeypatch.setenv("PATH", str(history.path))
        with pytest.raises(EnvironmentProblem, match="cannot start git"):
            Git(str(history.path)).run("version")

    def test_no_descriptor_stays_open(self, history):
        git = Git(str(history.path))
        before = sorted(os.listdir("/dev/fd"))
        git.run("version", input=b"x")
        git.converse("cat-file", "--batch").end()
        assert len(os.listdir("/dev/fd")) == len(before)


def test_processes_are_counted_also_from_another_directory(history):
    git = Git(str(history.path))
    git.run("version")
    git.at(str(history.path / "sub")).run("rev-parse", "--git-dir")
    assert git.started == 2
    assert git.processes == [("version",), ("rev-parse", "--git-dir")]


def test_paths_in_the_environment_survive_a_change_of_directory(history, monkeypatch):
    monkeypatch.chdir(history.path)
    history.git("read-tree", "--empty")
    git = Git(environment={**os.environ, "GIT_INDEX_FILE": "other-index", "GIT_DIR": ".git", "GIT_WORK_TREE": "."})
    git.run("read-tree", "HEAD")
    assert git.at(str(history.path / "sub")).run("ls-files", "--full-name") == b"sub/b.py\n"


class TestEnvironment:
    def test_this_repository_keeps_what_a_hook_was_given(self):
        given = {
            "GIT_DIR": "/r/.git",
            "GIT_INDEX_FILE": ".git/next-index-1.lock",
            "GIT_QUARANTINE_PATH": "/r/objects/tmp",
            "GIT_OBJECT_DIRECTORY": "/r/objects/tmp",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/r/objects",
            "GIT_CONFIG_PARAMETERS": "'core.x=y'",
        }
        assert given.items() <= hardened(given).items()

    def test_what_bends_an_answer_is_taken_away(self):
        noise = {
            "GIT_TRACE": "1",
            "GIT_TRACE2_EVENT": "2",
            "GIT_EXTERNAL_DIFF": "x",
            "GIT_ICASE_PATHSPECS": "1",
            "GIT_NAMESPACE": "n",
        }
        assert not noise.keys() & hardened(noise).keys()

    def test_another_repository_gets_nothing_of_a_hook(self):
        given = {
            "GIT_DIR": "x", "GIT_INDEX_FILE": "x", "GIT_WORK_TREE": "x", "GIT_CONFIG_PARAMETERS": "x",
            "GIT_PREFIX": "x", "GIT_SSH_COMMAND": "ssh", "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c", "HOME": "/h",
        }  # fmt: skip
        assert scrubbed(given).keys() == {
            "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "HOME",
        }  # fmt: skip

    def test_an_outer_index_does_not_reach_another_repository(self, history, make_history, monkeypatch):
        other = make_history([("main", {"other.py": "1"})])
        monkeypatch.setenv("GIT_DIR", str(history.path / ".git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(history.path / ".git" / "index"))
        assert Git.elsewhere(str(other.path)).run("ls-files") == b"other.py\n"

    def test_replaced_objects_are_not_followed(self, history):
        """A replace ref shows every reader other content than a clone has."""
        old = history.head("HEAD:a.py")
        new = history.feed("git", "hash-object", "-w", "--stdin", input=b"evil").decode().strip()
        history.git("replace", old, new)
        assert history.git("cat-file", "blob", old).stdout == "evil"
        assert Git(str(history.path)).run("cat-file", "blob", old) == b"one"

    def test_a_grafts_file_is_not_followed(self, make_history):
        history = make_history([("main", {"a": "1"}), ("main", {"a": "2"})])
        (history.path / ".git/info").mkdir(exist_ok=True)
        (history.path / ".git/info/grafts").write_text(f"{history.commits[1]}\n")
        assert len(history.git("rev-list", "HEAD").stdout.split()) == 1
        assert len(Git(str(history.path)).run("rev-list", "HEAD").split()) == 2

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("diff.orderFile", "missing"),
            ("color.ui", "always"),
            ("core.fsmonitor", "touch CANARY"),
            ("diff.external", "touch CANARY"),
            ("diff.noprefix", "true"),
        ],
    )
    def test_settings_that_change_output_or_run_programs(self, history, setting, value):
        history.stage({"a.py": "changed"})
        history.git("config", setting, value)
        git = Git(str(history.path))
        assert git.run("diff-index", "--cached", "--raw", "-z", "HEAD", "--").endswith(b" M\0a.py\0")
        assert git.run("log", "--raw", "-z", "--format=", "--no-ext-diff").count(b" A\0") == 2
        assert not (history.path / "CANARY").exists()

    def test_a_path_is_a_path_and_no_pattern(self, make_history):
        history = make_history([("main", {":(top)x.py": "1", "*.py": "2", "b.py": "3"})])
        git = Git(str(history.path))
        assert git.run("ls-files", "-z", "--", "*.py", ":(top)x.py") == b"*.py\0:(top)x.py\0"


def too_old(folder: Path) -> None:
    program = folder / "git"
    program.write_text('#!/bin/sh\ncase "$*" in *version*) echo git version 2.17.1;; *) exit 129;; esac\n')
    program.chmod(0o755)


class TestFailures:
    def test_not_a_repository(self, tmp_path):
        with pytest.raises(UsageError, match="not a Git repository: ") as caught:
            Git(str(tmp_path)).run("rev-parse", "--git-dir")
        assert caught.value.help[0].commands == ("git init",)

    @pytest.mark.skipif(git_version() < (2, 35, 2), reason="git trusts every owner")
    def test_another_owner(self, history, monkeypatch):
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        with pytest.raises(EnvironmentProblem, match="dubious ownership") as caught:
            Git(str(history.path)).run("ls-files")
        (command,) = caught.value.help[0].commands
        assert command == f"git config --global --add safe.directory {history.path}"

    def test_a_format_that_this_git_does_not_know(self, history):
        history.git("config", "core.repositoryFormatVersion", "1")
        history.git("config", "extensions.fromTheFuture", "true")
        with pytest.raises(EnvironmentProblem, match=r"unknown repository extension.*fromthefuture") as caught:
            Git(str(history.path)).run("ls-files")
        assert "git version" in caught.value.note

    def test_a_lock(self, history):
        (history.path / ".git/index.lock").touch()
        with pytest.raises(EnvironmentProblem, match=r"holds a lock: .*index\.lock"):
            Git(str(history.path)).run("read-tree", "--empty")

    def test_a_missing_object(self, history):
        oid = history.head("HEAD^{tree}")
        for pack in (history.path / ".git/objects/pack").iterdir():
            pack.unlink()
        with pytest.raises(CannotDecide, match="objects are missing"):
            Git(str(history.path)).run("ls-tree", "-r", oid)

    def test_an_index_that_is_damaged(self, history):
        (history.path / ".git/index").write_bytes(b"DIRC garbage")
        with pytest.raises(EnvironmentProblem, match="cannot read the index"):
            Git(str(history.path)).run("ls-files")

    def test_a_git_that_is_too_old(self, tmp_path, monkeypatch):
        too_old(tmp_path)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
        with pytest.raises(EnvironmentProblem, match=r"git 2\.17\.1 is too old: gitmig needs 2\.30 or newer"):
            Git(str(tmp_path)).run("rev-parse", "--show-object-format")
        with pytest.raises(EnvironmentProblem, match=r"git 2\.17\.1 is too old"):
            Git(str(tmp_path)).require_version()

    def test_anything_else_keeps_the_words_of_git(self, history):
        with pytest.raises(GitFailed, match="git rev-parse failed with status 128: Needed a single revision"):
            Git(str(history.path)).run("rev-parse", "--verify", "nothing")

    def test_this_git_is_new_enough(self, history):
        assert Git(str(history.path)).require_version() >= (2, 30)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (b"git version 2.39.5\n", (2, 39, 5)),
        (b"git version 2.39.5 (Apple Git-154)\n", (2, 39, 5)),
        (b"git version 2.45.1.windows.1\n", (2, 45, 1)),
        (b"git version 2.55.GIT\n", (2, 55)),
        (b"nonsense", ()),
    ],
)
def test_versions(text, version):
    assert parse_version(text) == version


def test_the_hook_path_imports_little():
    """Every module here costs each commit of every user some milliseconds."""
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules)\n"
        "import gitmig.repo.objects, gitmig.repo.refs, gitmig.repo.in_progress, gitmig.repo.worktree\n"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('gitmig')))"
    )
    root = Path(plumbing.__file__).parents[2]
    done = subprocess.run([sys.executable, "-I", "-c", code, root], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__future__"]
