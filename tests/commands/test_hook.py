"""What each Git event asks of gitmig: the question, not the answer, so the check itself is a stand-in here."""

from __future__ import annotations

import io
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from support.scratch import Scratch

from gitmig.commands import hook
from gitmig.errors import CannotDecide, EnvironmentProblem, UsageError

OLD, NEW, NONE = "1" * 40, "2" * 40, "0" * 40


class Check(types.ModuleType):
    """Stands for gitmig.commands.check: remembers what it was asked, answers as told."""

    def __init__(self) -> None:
        super().__init__("gitmig.commands.check")
        self.asked: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        self.error: Exception | None = None

    def Request(self, *, plain: bool, **asked: Any) -> dict[str, Any]:
        assert plain, "a hook shows text and nothing else"
        return asked

    def run_check(self, request: dict[str, Any]) -> types.SimpleNamespace:
        self.asked.append(request)
        if self.error:
            raise self.error
        status = self.statuses.pop(0) if self.statuses else 0
        return types.SimpleNamespace(status=status, findings=(), verdict="findings" if status else "clean")

    def show(self, report: types.SimpleNamespace, *, quiet: bool) -> None:
        if not quiet:
            print(f"shown: {report.verdict}")

    def place_of(self, variables: Any) -> str:
        return "ci" if variables.get("CI") else "command"


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Check:
    stand_in = Check()
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    monkeypatch.delenv("CI", raising=False)
    return stand_in


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    made = Scratch(tmp_path / "work")
    made.commit("first", file="one\n")
    monkeypatch.chdir(made.path)
    return made


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogateescape"))))


# The event itself


@pytest.mark.parametrize("event", ["", "commit-msg", "pre_commit", "PRE-COMMIT", "--help"])
def test_an_unknown_event_is_a_usage_error(event: str) -> None:
    with pytest.raises(UsageError, match="hook"):
        hook.main([event] if event else [])


# pre-commit


def test_a_commit_asks_about_what_is_staged(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    assert hook.main(["pre-commit"]) == 0
    assert check.asked == [{"place": "hook", "mode": "staged"}]
    assert capsys.readouterr().out == ""


def test_what_is_found_is_shown_and_refused(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    check.statuses = [1]
    assert hook.main(["pre-commit"]) == 1
    assert capsys.readouterr().out == "shown: findings\n"


def test_a_run_over_all_files_stages_nothing_and_checks_the_whole_tree(
    check: Check, repository: Scratch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    hook.main(["pre-commit"])
    assert check.asked == [{"place": "hook", "everything": True}]
    assert "nothing is staged, so the whole tree is checked" in capsys.readouterr().err


def test_a_run_by_hand_with_something_staged_checks_that(
    check: Check, repository: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    repository.write("file", "two\n")
    repository.git("add", "file")
    hook.main(["pre-commit"])
    assert check.asked == [{"place": "hook", "mode": "staged"}]


def test_an_empty_commit_is_no_run_over_all_files(
    check: Check, repository: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    hook.main(["pre-commit"])
    assert check.asked == [{"place": "hook", "mode": "staged"}]


def test_a_run_between_two_commits_compares_them(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "origin/main")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", "HEAD")
    hook.main(["pre-commit"])
    assert check.asked == [{"place": "hook", "rev": "HEAD", "base": "origin/main"}]


def test_undecided_is_a_warning_for_a_developer(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    check.error = CannotDecide("the history is cut off")
    assert hook.main(["pre-commit"]) == 0
    assert capsys.readouterr().err == "gitmig: not decided, so this is not refused: the history is cut off\n"


def test_undecided_does_not_pass_in_ci(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    check.error = CannotDecide("the history is cut off")
    with pytest.raises(CannotDecide):
        hook.main(["pre-commit"])


def test_a_repository_that_cannot_be_read_does_not_pass(check: Check) -> None:
    check.error = EnvironmentProblem("dubious ownership")
    with pytest.raises(EnvironmentProblem):
        hook.main(["pre-commit"])


# pre-merge-commit


def test_a_merge_asks_about_the_index_too(check: Check) -> None:
    assert hook.main(["pre-merge-commit"]) == 0
    assert check.asked == [{"place": "hook", "mode": "staged"}]


# pre-push


@pytest.fixture
def pushed(repository: Scratch) -> Scratch:
    """main is at origin and is its default branch; one more commit waits."""
    repository.git("init", "-q", "--bare", "-b", "main", "../origin.git")
    repository.git("remote", "add", "origin", "../origin.git")
    repository.git("push", "-q", "origin", "main")
    repository.git("fetch", "-q")
    repository.git("remote", "set-head", "origin", "main")
    repository.commit("second", file="two\n")
    return repository


def push(monkeypatch: pytest.MonkeyPatch, *lines: str) -> int:
    give(monkeypatch, "".join(f"{line}\n" for line in lines))
    return hook.main(["pre-push", "origin", "../origin.git"])


def test_a_push_to_the_shared_branch_is_compared_with_its_old_tip(
    check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = pushed.head(), pushed.head("HEAD^")
    push(monkeypatch, f"refs/heads/main {new} refs/heads/main {old}")
    assert check.asked == [{"place": "hook", "mode": "push", "rev": new, "base": old}]


@pytest.mark.parametrize(
    "old",
    [pytest.param(NONE, id="new there"), pytest.param("HEAD^", id="pushed before")],
)
def test_a_push_of_another_branch_is_compared_with_its_target(
    check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch, old: str
) -> None:
    new, old = pushed.head(), old if old == NONE else pushed.head(old)
    push(monkeypatch, f"refs/heads/cart {new} refs/heads/cart {old}")
    assert check.asked == [{"place": "hook", "mode": "push", "rev": new, "base": None}]


def test_an_old_tip_that_was_never_fetched_is_no_base(
    check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(monkeypatch, f"refs/heads/main {pushed.head()} refs/heads/main {'ab' * 20}")
    assert check.asked[0]["base"] is None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"(delete) {NONE} refs/heads/cart {OLD}", id="a deleted branch"),
        pytest.param(f"refs/tags/v1 {NEW} refs/tags/v1 {NONE}", id="a tag"),
        pytest.param(f"refs/notes/commits {NEW} refs/notes/commits {OLD}", id="notes"),
        pytest.param("", id="an empty line"),
    ],
)
def test_nothing_is_asked_for(check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    assert push(monkeypatch, line) == 0
    assert check.asked == []


def test_each_of_many_refs_is_asked_for_and_one_refusal_is_enough(
    check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    check.statuses = [0, 1, 0]
    lines = [f"refs/heads/b{number} {number:040x} refs/heads/b{number} {NONE}" for number in (1, 2, 3)]
    assert push(monkeypatch, *lines) == 1
    assert [asked["rev"] for asked in check.asked] == [f"{number:040x}" for number in (1, 2, 3)]


def test_names_with_blanks_and_other_bytes_are_no_obstacle(
    check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(monkeypatch, f"HEAD^{{/fix it}} {NEW} refs/heads/\udcff {NONE}")
    assert [asked["rev"] for asked in check.asked] == [NEW]


def test_under_pre_commit_the_refs_come_in_variables(
    check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = pushed.head(), pushed.head("HEAD^")
    variables = {"REMOTE_NAME": "origin", "REMOTE_BRANCH": "refs/heads/main", "FROM_REF": old, "TO_REF": new}
    for name, value in variables.items():
        monkeypatch.setenv(f"PRE_COMMIT_{name}", value)
    give(monkeypatch, "")
    hook.main(["pre-push"])
    assert check.asked == [{"place": "hook", "mode": "push", "rev": new, "base": old}]


def test_under_pre_commit_a_first_push_has_only_a_branch(
    check: Check, pushed: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/cart")
    monkeypatch.setenv("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/cart")
    give(monkeypatch, "")
    hook.main(["pre-push"])
    assert check.asked == [{"place": "hook", "mode": "push", "rev": "refs/heads/cart", "base": None}]


# Events that tell


class Graph:
    def __init__(self, *heads: str, revisions: tuple[str, ...] = (), parents: str = "") -> None:
        self.heads = heads
        self.revisions = revisions or heads
        self.parents = tuple(parents)

    def __contains__(self, revision: str) -> bool:
        return revision in self.revisions

    def down_revisions(self, revision: str) -> tuple[str, ...]:
        return self.parents


@pytest.fixture
def graphs(repository: Scratch, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Graph]]:
    """commit -> environment -> graph; the repository has two commits, the second with another versions/a.py."""
    repository.commit("second", **{"versions/a.py": ""})
    repository.git("update-ref", "ORIG_HEAD", "HEAD^")
    known: dict[str, dict[str, Graph]] = {}
    heads = types.ModuleType("gitmig.commands.heads")
    heads.read_graphs = lambda commit: known[commit]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, heads.__name__, heads)
    return known


def set_graphs(graphs: dict[str, dict[str, Graph]], repository: Scratch, old: Graph, new: Graph) -> None:
    graphs[repository.head("HEAD^")] = {"migrations": old}
    graphs[repository.head("HEAD")] = {"migrations": new}


TWO_HEADS = """\
gitmig: migrations: 2 heads after this {what}: a1, b2
note: with more than one head, `alembic upgrade head` stops and nothing can be deployed
help: look at the remedy:
          gitmig resolve --dry-run
"""


@pytest.mark.parametrize(
    ("arguments", "what"),
    [(["post-merge", "0"], "merge"), (["post-commit"], "commit"), (["post-rewrite", "rebase"], "rebase")],
)
def test_two_heads_that_were_one_are_told(
    graphs: dict[str, dict[str, Graph]],
    repository: Scratch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    what: str,
) -> None:
    set_graphs(graphs, repository, Graph("a1"), Graph("a1", "b2"))
    assert hook.main(arguments) == 0
    assert capsys.readouterr().err == TWO_HEADS.format(what=what)


@pytest.mark.parametrize(
    ("arguments", "old", "new"),
    [
        pytest.param(["post-merge", "0"], Graph("a1"), Graph("b2", revisions=("a1", "b2")), id="one head"),
        pytest.param(["post-merge", "0"], Graph("a1", "b2"), Graph("a1", "b2"), id="two heads as before"),
        pytest.param(["post-merge", "1"], Graph("a1"), Graph("a1", "b2"), id="merge --squash, nothing committed"),
        pytest.param(["post-rewrite", "amend"], Graph("a1"), Graph("a1", "b2"), id="amend, post-commit told it"),
    ],
)
def test_nothing_is_told(
    graphs: dict[str, dict[str, Graph]],
    repository: Scratch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    old: Graph,
    new: Graph,
) -> None:
    set_graphs(graphs, repository, old, new)
    assert hook.main(arguments) == 0
    assert capsys.readouterr().err == ""


def test_the_commits_of_a_rebase_are_not_told_one_by_one(
    graphs: dict[str, dict[str, Graph]], repository: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_graphs(graphs, repository, Graph("a1"), Graph("a1", "b2"))
    (repository.path / ".git/rebase-merge").mkdir()
    assert hook.main(["post-commit"]) == 0
    assert capsys.readouterr().err == ""


def test_a_commit_without_python_files_reads_no_graph(repository: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    repository.commit("second", readme="text")
    assert hook.main(["post-commit"]) == 0
    assert capsys.readouterr().err == ""


def test_a_switch_tells_what_a_database_has_too_many_or_too_few(
    graphs: dict[str, dict[str, Graph]], repository: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_graphs(graphs, repository, Graph("b", revisions=("a", "b")), Graph("c", revisions=("a", "c")))
    assert hook.main(["post-checkout", repository.head("HEAD^"), repository.head(), "1"]) == 0
    assert capsys.readouterr().err == (
        "gitmig: migrations: this commit does not have b\n"
        "note: a database that ran it is at a state that no file here leads to\n"
        "help: bring a database home to this commit: gitmig sync\n"
        "gitmig: migrations: new here: c\n"
    )


def test_a_switch_forward_names_upgrade(
    graphs: dict[str, dict[str, Graph]], repository: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_graphs(graphs, repository, Graph("a"), Graph("b", revisions=("a", "b")))
    hook.main(["post-checkout", repository.head("HEAD^"), repository.head(), "1"])
    assert capsys.readouterr().err == (
        "gitmig: migrations: new here: b\nhelp: bring a database up to this commit: gitmig upgrade heads\n"
    )


@pytest.mark.parametrize("event", [["post-merge", "0"], ["post-checkout"]])
def test_a_revision_with_other_parents_names_sync(
    graphs: dict[str, dict[str, Graph]], repository: Scratch, capsys: pytest.CaptureFixture[str], event: list[str]
) -> None:
    set_graphs(graphs, repository, Graph("b", parents="a"), Graph("b", parents="c"))
    commits = [repository.head("HEAD^"), repository.head(), "1"] if event == ["post-checkout"] else []
    assert hook.main([*event, *commits]) == 0
    said = capsys.readouterr().err
    assert "gitmig: migrations: other parents than before: b\n" in said
    assert "gitmig sync" in said


def test_under_pre_commit_the_commits_of_a_switch_come_in_variables(
    graphs: dict[str, dict[str, Graph]],
    repository: Scratch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_graphs(graphs, repository, Graph("a"), Graph("b", revisions=("a", "b")))
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", repository.head("HEAD^"))
    monkeypatch.setenv("PRE_COMMIT_TO_REF", repository.head())
    monkeypatch.setenv("PRE_COMMIT_CHECKOUT_TYPE", "1")
    assert hook.main(["post-checkout"]) == 0
    assert "new here: b" in capsys.readouterr().err


def test_long_lists_are_cut(
    graphs: dict[str, dict[str, Graph]], repository: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    many = tuple(f"r{number}" for number in range(8))
    set_graphs(graphs, repository, Graph("a"), Graph("r7", revisions=("a", *many)))
    hook.main(["post-checkout", repository.head("HEAD^"), repository.head(), "1"])
    assert "new here: r0, r1, r2, r3, r4 and 3 more\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([OLD, NEW, "0"], id="a file"),
        pytest.param([NONE, NEW, "1"], id="a clone or a new worktree"),
        pytest.param([NEW, NEW, "1"], id="the same commit"),
        pytest.param([], id="no arguments"),
        pytest.param(["1"], id="too few arguments"),
    ],
)
def test_a_checkout_tells_nothing_of(
    repository: Scratch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert hook.main(["post-checkout", *arguments]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("state", ["rebase-merge/", "rebase-apply/", "BISECT_LOG"])
def test_a_checkout_in_the_middle_of_something_is_silent(
    repository: Scratch, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    path = repository.path / ".git" / state
    path.mkdir() if state.endswith("/") else path.write_text("")
    assert hook.main(["post-checkout", OLD, NEW, "1"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("event", ["post-merge", "post-commit", "post-rewrite", "post-checkout"])
@pytest.mark.parametrize("error", [EnvironmentProblem("index.lock"), RuntimeError("a bug"), KeyError("x")])
def test_nothing_that_goes_wrong_fails_what_git_has_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], event: str, error: Exception
) -> None:
    def fail(_given: object) -> None:
        raise error

    monkeypatch.setitem(hook._TELLING, event, fail)
    assert hook.main([event]) == 0
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_checkout_outside_a_repository_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert hook.main(["post-checkout", OLD, NEW, "1"]) == 0
    assert "gitmig: " in capsys.readouterr().err


def test_ids_cannot_write_to_the_terminal(
    graphs: dict[str, dict[str, Graph]], repository: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_graphs(graphs, repository, Graph("a"), Graph("a", "\x1b[2Jb\n::error::"))
    hook.main(["post-merge", "0"])
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert len(said.splitlines()) == 4
