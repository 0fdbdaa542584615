"""The ids of .pre-commit-hooks.yaml under the real pre-commit and the real prek: what runs when, and what it gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.bookshop import LAST, build_bookshop
from support.recorded import Recorded

from gitmig.repo.hook_install import EVENTS, apply_steps, plan_uninstall, read_installation

ROOT = Path(__file__).parents[2]
MANIFEST: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.fixture(params=["pre-commit", "prek"])
def managed(recorded: Recorded, request: pytest.FixtureRequest) -> Recorded:
    """The manager has installed every stage; gitmig is found on PATH, which spares an environment of its own."""
    found = read_installation(str(recorded.path))
    apply_steps(found, plan_uninstall(found))
    hooks = [{**hook, "language": "system"} for hook in MANIFEST]
    recorded.write(".pre-commit-config.yaml", json.dumps({"repos": [{"repo": "local", "hooks": hooks}]}))
    recorded.commit("a configuration for every stage")
    recorded.environment["MANAGER"] = request.param
    recorded.environment["PRE_COMMIT_HOME"] = recorded.environment["PREK_HOME"] = str(recorded.home / "manager")
    recorded.run(request.param, "install", *(word for event in EVENTS for word in ("--hook-type", event)))
    recorded.calls()
    return recorded


def variables_of(call: dict[str, object]) -> dict[str, str]:
    variables = call["variables"]
    assert isinstance(variables, dict)
    return variables


# The manifest itself


def test_each_stage_has_an_id_of_its_own() -> None:
    stages = {hook["id"]: hook["stages"] for hook in MANIFEST}
    assert stages.pop("gitmig") == ["pre-commit", "manual"]
    assert stages == {f"gitmig-{event}": [event] for event in EVENTS if event != "pre-commit"}


@pytest.mark.parametrize("hook", MANIFEST, ids=lambda hook: hook["id"])
def test_an_id_runs_for_every_commit_once_and_reads_no_file_list(hook: dict[str, Any]) -> None:
    assert (hook["always_run"], hook["pass_filenames"], hook["require_serial"]) == (True, False, True)
    assert "files" not in hook
    assert hook["language"] == "python"
    assert hook["entry"] == f"gitmig hook {hook['stages'][0]}"


# What runs


def commit_a_change(repository: Recorded) -> None:
    repository.write("file", "two\n")
    repository.git("commit", "-q", "-a", "-m", "x")


def commit_a_deletion(repository: Recorded) -> None:
    repository.git("rm", "-q", "file")
    repository.git("commit", "-q", "-m", "x")


TABLE: list[tuple[str, Callable[[Recorded], object], list[str]]] = [
    ("commit -a", commit_a_change, ["pre-commit", "post-commit"]),
    ("commit that only deletes", commit_a_deletion, ["pre-commit", "post-commit"]),
    (
        "commit --amend without a change",
        lambda repository: repository.git("commit", "-q", "--amend", "--no-edit"),
        ["pre-commit", "post-commit", "post-rewrite"],
    ),
    (
        "clean merge",
        lambda repository: repository.git("merge", "-q", "--no-edit", "side"),
        ["pre-merge-commit", "post-merge"],
    ),
]


@pytest.mark.parametrize(
    ("action", "expected"), [pytest.param(action, events, id=name) for name, action, events in TABLE]
)
def test_the_hooks_of(managed: Recorded, action: Callable[[Recorded], object], expected: list[str]) -> None:
    action(managed)
    assert managed.events() == expected


def test_a_refusal_stops_the_commit(managed: Recorded) -> None:
    managed.refuse("pre-commit")
    before = managed.head()
    managed.git("commit", "-q", "--allow-empty", "-m", "x", status=1)
    assert managed.head() == before


def test_an_untracked_file_stays_and_an_unstaged_change_is_put_away(managed: Recorded) -> None:
    managed.write("file", "unstaged\n")
    managed.write("untracked.py", "")
    managed.write("staged", "1\n")
    managed.git("add", "staged")
    managed.git("commit", "-q", "-m", "x")
    assert (managed.path / "file").read_text() == "unstaged\n"
    assert managed.git("show", "--format=", "--name-only", "HEAD").stdout == "staged\n"


# What it gets


def test_a_run_over_all_files_names_no_index(managed: Recorded) -> None:
    managed.run(managed.environment["MANAGER"], "run", "gitmig", "--all-files")
    (call,) = managed.calls()
    assert call["event"] == "pre-commit"
    variables = variables_of(call)
    assert variables["PRE_COMMIT"] == "1"
    assert "GIT_INDEX_FILE" not in variables


def test_a_commit_names_its_index(managed: Recorded) -> None:
    managed.git("commit", "-q", "--allow-empty", "-m", "x")
    assert "GIT_INDEX_FILE" in variables_of(managed.calls()[0])


def test_a_run_between_two_commits_names_both(managed: Recorded) -> None:
    managed.run(managed.environment["MANAGER"], "run", "gitmig", "--from-ref", "HEAD^", "--to-ref", "HEAD")
    variables = variables_of(managed.calls()[0])
    assert (variables["PRE_COMMIT_FROM_REF"], variables["PRE_COMMIT_TO_REF"]) == ("HEAD^", "HEAD")


def test_a_push_comes_in_variables_and_not_in_the_input(managed: Recorded) -> None:
    managed.git("init", "-q", "--bare", "../origin.git")
    managed.git("remote", "add", "origin", "../origin.git")
    managed.git("push", "-q", "origin", "main^:refs/heads/main")
    managed.calls()
    managed.git("push", "-q", "origin", "main")
    (call,) = managed.calls()
    variables = variables_of(call)
    assert call["input"] == ""
    assert variables["PRE_COMMIT_REMOTE_NAME"] == "origin"
    assert variables["PRE_COMMIT_REMOTE_BRANCH"] == "refs/heads/main"
    assert variables["PRE_COMMIT_FROM_REF"] == managed.head("main^")
    assert variables["PRE_COMMIT_TO_REF"] == managed.head("main")


def test_a_first_push_names_only_the_branches(managed: Recorded) -> None:
    managed.git("init", "-q", "--bare", "../origin.git")
    managed.git("remote", "add", "origin", "../origin.git")
    managed.git("push", "-q", "origin", "main:other")
    variables = variables_of(managed.calls()[0])
    assert variables["PRE_COMMIT_LOCAL_BRANCH"] == "refs/heads/main"
    assert variables["PRE_COMMIT_REMOTE_BRANCH"] == "refs/heads/other"
    assert "PRE_COMMIT_FROM_REF" not in variables


def test_a_switch_comes_in_variables(managed: Recorded) -> None:
    managed.git("branch", "here")
    managed.commit("one more")
    managed.calls()
    managed.git("switch", "-q", "here")
    (call,) = managed.calls()
    variables = variables_of(call)
    assert variables["PRE_COMMIT_CHECKOUT_TYPE"] == "1"
    assert variables["PRE_COMMIT_FROM_REF"] == managed.head("main")
    assert variables["PRE_COMMIT_TO_REF"] == managed.head("here")


def test_a_failing_post_checkout_would_break_a_worktree(managed: Recorded) -> None:
    """Why `gitmig hook post-checkout` always ends with 0: the managers pass a failure on to git."""
    managed.refuse("post-checkout")
    managed.git("worktree", "add", "-q", "../linked", "-b", "linked", status=1)


def test_a_clean_merge_has_its_other_side(managed: Recorded) -> None:
    managed.git("merge", "-q", "--no-edit", "side")
    assert f"GITHEAD_{managed.head('side')}" in variables_of(managed.calls()[0])


def test_a_rebase_says_that_it_was_one(managed: Recorded) -> None:
    managed.git("rebase", "-q", "main", "side")
    call = managed.calls()[-1]
    assert call["event"] == "post-rewrite"
    assert variables_of(call)["PRE_COMMIT_REWRITE_COMMAND"] == "rebase"


# As other repositories install it


@pytest.mark.long
@pytest.mark.parametrize("manager", ["pre-commit", "prek"])
def test_the_last_commit_of_gitmig_installs_in_an_environment_of_its_own(tmp_path: Path, manager: str) -> None:
    shop = build_bookshop(tmp_path)
    found = read_installation(str(shop.path))
    apply_steps(found, plan_uninstall(found))
    commit = shop.git("rev-parse", "HEAD", cwd=ROOT).stdout.strip()
    ids = [{"id": hook["id"]} for hook in MANIFEST]
    config = {"repos": [{"repo": ROOT.as_uri(), "rev": commit, "hooks": ids}]}
    shop.commit("hooks", **{".pre-commit-config.yaml": json.dumps(config)})
    shop.environment["PRE_COMMIT_HOME"] = shop.environment["PREK_HOME"] = str(tmp_path / "manager")
    shop.run(manager, "install", "--install-hooks", *(word for event in EVENTS for word in ("--hook-type", event)))

    shop.add_to_model("books", "cover")
    refused = shop.git("commit", "-a", "-m", "x", status=1)
    assert "error[GM301]" in refused.stdout + refused.stderr
    shop.add_revision("b67ebb4c11e0", LAST, "books", "cover")
    shop.git("add", "--all")
    shop.git("commit", "-m", "x")

    whole = shop.run(manager, "run", "gitmig", "--all-files", "--verbose")
    assert "nothing is staged, so the whole tree is checked" in whole.stdout + whole.stderr
