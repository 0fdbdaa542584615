"""Which hooks Git runs when, and what they get: the ground that gitmig's hooks stand on, seen on the git at hand."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from support.recorded import Recorded

Action = Callable[[Recorded], object]


def stage_and_commit(*options: str, **files: str) -> Action:
    def act(recorded: Recorded) -> None:
        for path, text in files.items():
            recorded.write(path, text)
            recorded.git("add", path)
        recorded.git("commit", "-q", "-m", "x", *options)

    return act


def change_and_commit(*options: str) -> Action:
    def act(recorded: Recorded) -> None:
        recorded.write("file", "two\n")
        recorded.git("commit", "-q", "-m", "x", *options)

    return act


def git(*arguments: str, status: int = 0) -> Action:
    return lambda recorded: recorded.git(*arguments, status=status)


def both(*actions: Action) -> Action:
    def act(recorded: Recorded) -> None:
        for action in actions:
            action(recorded)

    return act


def forget(recorded: Recorded) -> None:
    """What was called so far is not what the row is about."""
    recorded.calls()


def resolve_clash(recorded: Recorded) -> None:
    recorded.write("from_main", "both\n")
    recorded.git("add", "from_main")
    recorded.calls()


COMMIT = ["pre-commit", "post-commit"]

TABLE: list[tuple[str, Action, list[str]]] = [
    ("commit", stage_and_commit(new="1"), COMMIT),
    ("commit -a", change_and_commit("-a"), COMMIT),
    ("commit of a path", change_and_commit("--", "file"), COMMIT),
    ("commit --amend", stage_and_commit("--amend", new="1"), [*COMMIT, "post-rewrite"]),
    ("commit --no-verify", stage_and_commit("--no-verify", new="1"), ["post-commit"]),
    ("commit that only deletes", both(git("rm", "-q", "file"), stage_and_commit()), COMMIT),
    ("commit of a rename", both(git("mv", "file", "renamed"), stage_and_commit()), COMMIT),
    (
        "commit on a branch without commits",
        both(git("checkout", "-q", "--orphan", "new"), forget, stage_and_commit()),
        COMMIT,
    ),
    ("clean merge", git("merge", "-q", "--no-edit", "side"), ["pre-merge-commit", "post-merge"]),
    (
        "fast-forward",
        both(git("checkout", "-q", "-B", "behind", "main^"), git("merge", "-q", "main")),
        ["post-checkout", "post-merge"],
    ),
    ("merge --squash", git("merge", "-q", "--squash", "side"), ["post-merge"]),
    ("merge with a conflict", git("merge", "-q", "clash", status=1), []),
    (
        "commit that ends a merge with a conflict",
        both(git("merge", "-q", "clash", status=1), resolve_clash, git("commit", "-q", "--no-edit")),
        COMMIT,
    ),
    ("merge --abort", both(git("merge", "-q", "clash", status=1), git("merge", "--abort")), []),
    ("rebase", git("rebase", "-q", "main", "side"), ["post-checkout", "post-commit", "post-rewrite"]),
    ("cherry-pick", git("cherry-pick", "side"), ["post-commit"]),
    ("revert", git("revert", "--no-edit", "HEAD"), ["post-commit"]),
    (
        "cherry-pick --continue",
        both(git("cherry-pick", "clash", status=1), resolve_clash, git("cherry-pick", "--continue")),
        COMMIT,
    ),
    ("switch", git("switch", "-q", "side"), ["post-checkout"]),
    (
        "checkout of a file",
        both(change_and_commit("-a"), forget, git("checkout", "-q", "HEAD^", "--", "file")),
        ["post-checkout"],
    ),
    ("restore of a file", git("restore", "file"), ["post-checkout"]),
    ("worktree add", git("worktree", "add", "-q", "../linked", "side"), ["post-checkout"]),
    ("reset --hard", git("reset", "-q", "--hard", "HEAD^"), []),
    ("stash", both(lambda r: r.write("file", "two\n"), git("stash", "-q")), []),
]


@pytest.mark.parametrize(
    ("action", "expected"), [pytest.param(action, events, id=name) for name, action, events in TABLE]
)
def test_the_hooks_of(recorded: Recorded, action: Action, expected: list[str]) -> None:
    action(recorded)
    assert recorded.events() == expected


# What a hook gets


@pytest.mark.parametrize(
    ("action", "index"),
    [
        pytest.param(stage_and_commit(new="1"), "index", id="commit"),
        pytest.param(change_and_commit("-a"), "index.lock", id="commit -a"),
        pytest.param(change_and_commit("--", "file"), "next-index-", id="commit of a path"),
    ],
)
def test_the_index_of_the_commit_is_named(recorded: Recorded, action: Action, index: str) -> None:
    action(recorded)
    variables = recorded.calls()[0]["variables"]
    assert isinstance(variables, dict)
    assert os.path.basename(variables["GIT_INDEX_FILE"]).startswith(index)


def test_the_other_side_of_a_clean_merge_is_only_in_a_variable(recorded: Recorded) -> None:
    recorded.refuse("pre-merge-commit")
    recorded.git("merge", "-q", "--no-edit", "side", status=1)
    variables = recorded.calls()[0]["variables"]
    assert isinstance(variables, dict)
    assert f"GITHEAD_{recorded.head('side')}" in variables


def test_a_refused_merge_waits_for_the_user(recorded: Recorded) -> None:
    recorded.refuse("pre-merge-commit")
    recorded.git("merge", "-q", "--no-edit", "side", status=1)
    assert recorded.head("MERGE_HEAD") == recorded.head("side")
    recorded.allow_all()
    recorded.git("commit", "-q", "--no-edit")
    assert recorded.git("rev-list", "--parents", "-n1", "HEAD").stdout.split()[2] == recorded.head("side")


@pytest.mark.parametrize("event", ["pre-commit", "pre-push"])
def test_what_is_refused_does_not_happen(recorded: Recorded, event: str) -> None:
    recorded.git("init", "-q", "--bare", "../origin.git")
    recorded.git("remote", "add", "origin", "../origin.git")
    recorded.refuse(event)
    before = recorded.head()
    if event == "pre-commit":
        recorded.git("commit", "-q", "--allow-empty", "-m", "x", status=1)
        assert recorded.head() == before
    else:
        recorded.git("push", "-q", "origin", "main", status=1)
        assert recorded.git("ls-remote", "origin").stdout == ""


def test_a_push_tells_each_ref(recorded: Recorded) -> None:
    recorded.git("init", "-q", "--bare", "../origin.git")
    recorded.git("remote", "add", "origin", "../origin.git")
    recorded.git("push", "-q", "origin", "main", "side:refs/heads/other")
    (call,) = recorded.calls()
    assert call["arguments"] == ["origin", "../origin.git"]
    none = "0" * 40
    assert sorted(str(call["input"]).splitlines()) == [
        f"refs/heads/main {recorded.head('main')} refs/heads/main {none}",
        f"refs/heads/side {recorded.head('side')} refs/heads/other {none}",
    ]


def test_a_switch_tells_both_commits(recorded: Recorded) -> None:
    recorded.git("switch", "-q", "side")
    (call,) = recorded.calls()
    assert call["arguments"] == [recorded.head("main"), recorded.head("side"), "1"]


def test_a_linked_worktree_runs_the_same_hooks_in_its_own_folder(recorded: Recorded) -> None:
    recorded.git("worktree", "add", "-q", "../linked", "side")
    recorded.calls()
    linked = recorded.path.parent / "linked"
    recorded.git("commit", "-q", "--allow-empty", "-m", "x", cwd=linked)
    calls = recorded.calls()
    assert [call["event"] for call in calls] == COMMIT
    assert calls[0]["directory"] == str(linked)


def test_a_commit_from_a_folder_inside_runs_its_hooks_at_the_top(recorded: Recorded) -> None:
    recorded.write("inside/new", "1")
    recorded.git("add", ".")
    recorded.git("commit", "-q", "-m", "x", cwd=recorded.path / "inside")
    assert recorded.calls()[0]["directory"] == str(recorded.path)


@pytest.mark.parametrize("event", ["post-checkout", "post-merge", "post-commit", "post-rewrite"])
def test_a_telling_hook_that_fails_breaks_nothing(recorded: Recorded, event: str) -> None:
    recorded.refuse(event)
    recorded.git("worktree", "add", "-q", "../linked", "side")
    recorded.git("merge", "-q", "--no-edit", "side")
    recorded.git("commit", "-q", "--amend", "--no-edit")


# Config hooks


def use_config_hooks(recorded: Recorded) -> None:
    version = recorded.git("version").stdout.split()[2].split(".")
    if (int(version[0]), int(version[1])) < (2, 54):
        pytest.skip("this git is older than 2.54 and runs no hooks from its configuration")
    recorded.install("config")


@pytest.mark.parametrize(
    ("action", "expected"), [pytest.param(action, events, id=name) for name, action, events in TABLE]
)
def test_config_hooks_run_where_files_do(recorded: Recorded, action: Action, expected: list[str]) -> None:
    use_config_hooks(recorded)
    action(recorded)
    assert recorded.events() == expected


def test_config_hooks_get_arguments_and_input(recorded: Recorded) -> None:
    use_config_hooks(recorded)
    recorded.git("init", "-q", "--bare", "../origin.git")
    recorded.git("remote", "add", "origin", "../origin.git")
    recorded.git("push", "-q", "origin", "main")
    recorded.git("switch", "-q", "side")
    push, switch = recorded.calls()
    assert push["arguments"] == ["origin", "../origin.git"]
    assert str(push["input"]).startswith(f"refs/heads/main {recorded.head('main')}")
    assert switch["arguments"] == [recorded.head("main"), recorded.head("side"), "1"]


def test_config_hooks_refuse_and_never_break_a_checkout(recorded: Recorded) -> None:
    use_config_hooks(recorded)
    recorded.refuse("pre-commit")
    recorded.git("commit", "-q", "--allow-empty", "-m", "x", status=1)
    recorded.refuse("post-checkout")
    recorded.git("worktree", "add", "-q", "../linked", "side")


def test_config_hooks_leave_a_hooks_folder_of_the_user_alone(recorded: Recorded) -> None:
    use_config_hooks(recorded)
    theirs = recorded.write("../their-hooks/pre-commit", "#!/bin/sh\necho theirs\n")
    theirs.chmod(0o755)
    recorded.git("config", "core.hooksPath", str(theirs.parent))
    done = recorded.git("commit", "--allow-empty", "-m", "x")
    assert "theirs" in done.stdout + done.stderr
    assert recorded.events() == COMMIT
