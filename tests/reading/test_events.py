"""Each event in fresh clones of every depth: the right verdict, or 3 and the line that helps; never 0 by accident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.events import C, Server, at, revision
from support.scratch import Scratch

DEPTHS = (1, 2, 50, 0)
ZERO = "0" * 40


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return Server(tmp_path_factory.mktemp("server"))


def check(clone: Scratch, variables: dict[str, str], *options: str, payload: object = None) -> tuple[int, dict, str]:
    """Exit status, report and what was said beside it."""
    if payload is not None:
        path = clone.home / "event.json"
        path.write_text(json.dumps(payload))
        variables = {**variables, "GITHUB_EVENT_PATH": str(path)}
    clone.environment.update(variables)
    done = clone.run("gitmig", "check", "--format", "json", *options, status=None)
    return done.returncode, json.loads(done.stdout), done.stderr


def codes(report: dict) -> list[str]:
    return sorted({finding["code"] for finding in report["findings"] if finding["severity"] == "error"})


GITHUB = {"CI": "true", "GITHUB_ACTIONS": "true"}
REPOSITORY = {"default_branch": "main"}


def pull_request(server: Server, name: str, event: str = "pull_request") -> tuple[dict[str, str], dict]:
    variables = {**GITHUB, "GITHUB_EVENT_NAME": event, "GITHUB_BASE_REF": "main", "GITHUB_SHA": server.merges[name]}
    told = {
        "number": 12,
        "pull_request": {"head": {"sha": server.tips[name]}, "base": {"ref": "main", "sha": server.main}},
        "repository": REPOSITORY,
    }
    return variables, told


EXPECTED = {"clean": [], "collides": ["GM101"], "edits": ["GM201"]}
CASES = pytest.mark.parametrize(
    ("name", "depth"),
    [*(("edits", depth) for depth in DEPTHS), ("collides", 2), ("collides", 0), ("clean", 2), ("clean", 0)],
)


@CASES
def test_a_pull_request_that_is_checked_out_as_a_merge(server: Server, tmp_path: Path, name: str, depth: int) -> None:
    clone = server.clone(tmp_path / "work", server.merges[name], depth)
    variables, payload = pull_request(server, name)
    status, report, said = check(clone, variables, payload=payload)
    if depth == 1:
        assert status == 3 and report["verdict"] == "undecided"
        assert "fetch-depth: 2" in said
        return
    assert codes(report) == EXPECTED[name]
    assert status == (1 if EXPECTED[name] else 0)
    assert report["mode"] == "pull-request"
    assert f"{server.merges[name][:12]} is compared with {server.main[:12]} (the first parent" in said


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["clean", "collides", "moves"])
def test_a_pull_request_that_is_checked_out_as_its_head(server: Server, tmp_path: Path, name: str, depth: int) -> None:
    clone = server.clone(tmp_path / "work", server.tips[name], depth)
    variables, payload = pull_request(server, name)
    status, report, said = check(clone, variables, payload=payload)
    found_in_the_target = {"collides": ["GM105"]}
    if status == 3:
        assert depth and "fetch-depth: 0" in said
        return
    assert depth == 0 or name != "collides"
    expected = found_in_the_target.get(name, EXPECTED.get(name))
    assert status == (0 if expected == [] else 1)
    if expected is not None:
        assert codes(report) == expected


def test_policy_and_places_are_those_of_the_target(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.merges["weakens"], 2)
    variables, payload = pull_request(server, "weakens")
    status, report, _ = check(clone, variables, payload=payload)
    assert status == 1
    assert "GM202" in codes(report)
    assert ("policy added", "gitmig.toml") in {(one["message"], one["path"]) for one in report["remarks"]}


def test_a_change_that_points_elsewhere_is_judged_where_the_target_points(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.merges["moves"], 2)
    variables, payload = pull_request(server, "moves")
    status, report, _ = check(clone, variables, payload=payload)
    assert status == 1
    assert codes(report) == ["GM202"]


def test_another_commit_than_the_event_s_is_not_decided(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.main, 0)
    variables, payload = pull_request(server, "edits")
    status, _, said = check(clone, variables, payload=payload)
    assert status == 3
    assert "HEAD is" in said


def test_a_commit_on_top_of_the_event_s_is_about_it(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.merges["edits"], 0)
    clone.commit("a formatter was here", notes="2")
    variables, payload = pull_request(server, "edits")
    status, report, _ = check(clone, variables, payload=payload)
    assert (status, codes(report)) == (1, ["GM201"])


class TestPullRequestTarget:
    """The target is checked out, with its secrets; the change is only read, as objects."""

    def test_without_the_change_nothing_is_decided(self, server: Server, tmp_path: Path) -> None:
        clone = server.clone(tmp_path / "work", server.main, 1)
        variables, payload = pull_request(server, "edits", "pull_request_target")
        status, _, said = check(clone, {**variables, "GITHUB_SHA": server.main}, payload=payload)
        assert status == 3
        assert "use `on: pull_request`" in said and "git fetch --no-tags origin refs/pull/12/head" in said

    @pytest.mark.parametrize(("name", "expected"), [("edits", 1), ("clean", 0), ("collides", 1)])
    def test_with_the_change_fetched_it_is_judged(
        self, server: Server, tmp_path: Path, name: str, expected: int
    ) -> None:
        clone = server.clone(tmp_path / "work", server.main, 0)
        clone.git("fetch", "-q", "--no-tags", "origin", f"refs/pull/{name}/head")
        variables, payload = pull_request(server, name, "pull_request_target")
        status, _, _ = check(clone, {**variables, "GITHUB_SHA": server.main}, payload=payload)
        assert status == expected


@CASES
def test_a_merge_queue(server: Server, tmp_path: Path, name: str, depth: int) -> None:
    group = server.merges[name]
    clone = server.clone(tmp_path / "work", group, depth)
    variables = {**GITHUB, "GITHUB_EVENT_NAME": "merge_group", "GITHUB_SHA": group}
    payload = {"merge_group": {"head_sha": group, "base_sha": server.main, "base_ref": "refs/heads/main"}}
    status, report, said = check(clone, variables, payload={**payload, "repository": REPOSITORY})
    if depth == 1:
        assert status == 3 and "fetch-depth: 0" in said
        return
    assert codes(report) == EXPECTED[name]
    assert (status, report["mode"]) == (1 if EXPECTED[name] else 0, "queue")


def push(server: Server, new: str, old: str, branch: str = "main", **more: object) -> tuple[dict[str, str], dict]:
    variables = {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_SHA": new, "GITHUB_REF": f"refs/heads/{branch}"}
    return variables, {"ref": f"refs/heads/{branch}", "before": old, "after": new, "repository": REPOSITORY, **more}


@CASES
def test_a_push_to_the_default_branch(server: Server, tmp_path: Path, name: str, depth: int) -> None:
    new = server.merges[name]
    clone = server.clone(tmp_path / "work", new, depth, {"refs/remotes/origin/main": new})
    variables, payload = push(server, new, server.main)
    status, report, said = check(clone, variables, payload=payload)
    if depth == 1:
        assert status == 3 and "fetch-depth: 0" in said
        return
    assert codes(report) == EXPECTED[name]
    assert status == (1 if EXPECTED[name] else 0)
    assert report["before"] == [server.main]


def test_a_forced_push_is_compared_with_what_it_removed(server: Server, tmp_path: Path) -> None:
    older = server.history.head("main~1")
    clone = server.clone(tmp_path / "work", older, 0, {"refs/remotes/origin/main": older})
    variables, payload = push(server, older, server.main, forced=True)
    status, report, _ = check(clone, variables, payload=payload)
    assert (status, codes(report)) == (1, ["GM202"])
    assert report["findings"][0]["revisions"] == [C]


def test_a_forced_push_whose_old_tip_is_gone_is_not_decided(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.main, 0)
    variables, payload = push(server, server.main, "9" * 40, forced=True)
    status, _, said = check(clone, variables, payload=payload)
    assert status == 3
    assert "999999999999" in said and "force push" in said


@CASES
@pytest.mark.parametrize("first", [True, False], ids=["first push", "later push"])
def test_a_push_to_another_branch(server: Server, tmp_path: Path, name: str, depth: int, first: bool) -> None:
    new = server.tips[name]
    clone = server.clone(tmp_path / "work", new, depth)
    old = ZERO if first else server.history.head(f"{new}~1")
    variables, payload = push(server, new, old, name, created=first)
    status, report, said = check(clone, variables, payload=payload)
    if depth:
        assert status == 3 and "fetch-depth: 0" in said
        return
    assert codes(report) == {"collides": ["GM105"]}.get(name, EXPECTED[name])
    assert status == (1 if EXPECTED[name] else 0)


def test_the_first_push_of_a_repository_has_nothing_before(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.main, 1)
    variables, payload = push(server, server.main, ZERO, created=True)
    status, report, said = check(clone, variables, payload=payload)
    assert (status, report["before"]) == (0, [])
    assert "nothing: the branch is new" in said
    assert report["skipped"]


def test_a_second_run_of_a_branch_compares_with_the_first_parent(server: Server, tmp_path: Path) -> None:
    new = server.merges["edits"]
    clone = server.clone(tmp_path / "work", new, 2)
    variables, payload = push(server, new, new)
    status, report, _ = check(clone, variables, payload=payload)
    assert (status, codes(report), report["before"]) == (1, ["GM201"], [server.main])


class TestSystemsThatTellLess:
    def test_gitlab_merged_results(self, server: Server, tmp_path: Path) -> None:
        variables = {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_DEFAULT_BRANCH": "main",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "12",
            "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": server.tips["edits"],
            "CI_COMMIT_SHA": server.merges["edits"],
        }
        status, report, _ = check(server.clone(tmp_path / "two", server.merges["edits"], 2), variables)
        assert (status, codes(report), report["mode"]) == (1, ["GM201"], "queue")
        status, _, said = check(server.clone(tmp_path / "one", server.merges["edits"], 1), variables)
        assert status == 3 and 'GIT_DEPTH: "0"' in said

    @pytest.mark.parametrize(("name", "expected"), [("edits", 1), ("clean", 0), ("collides", 1)])
    def test_bitbucket_merges_the_destination_into_the_branch(
        self, server: Server, tmp_path: Path, name: str, expected: int
    ) -> None:
        clone = server.clone(tmp_path / "work", server.tips[name], 0)
        clone.git("merge", "-q", "--no-ff", "-m", "merge", "origin/main")
        variables = {"CI": "true", "BITBUCKET_COMMIT": server.tips[name], "BITBUCKET_PR_ID": "12"}
        variables |= {"BITBUCKET_PR_DESTINATION_BRANCH": "main", "BITBUCKET_PR_DESTINATION_COMMIT": server.main[:12]}
        status, _, _ = check(clone, variables)
        assert status == expected

    def test_circleci_on_a_branch(self, server: Server, tmp_path: Path) -> None:
        tip = server.tips["edits"]
        variables = {"CI": "true", "CIRCLECI": "true", "CIRCLE_SHA1": tip, "CIRCLE_BRANCH": "edits"}
        status, report, _ = check(server.clone(tmp_path / "all", tip, 0), variables)
        assert (status, codes(report)) == (1, ["GM201"])
        status, _, said = check(server.clone(tmp_path / "one", tip, 1), variables)
        assert status == 3 and "method: full" in said

    def test_a_shared_branch_of_which_nothing_is_told_is_compared_with_its_first_parent(
        self, server: Server, tmp_path: Path
    ) -> None:
        new = server.merges["edits"]
        variables = {"TF_BUILD": "True", "BUILD_REASON": "IndividualCI", "BUILD_SOURCEVERSION": new}
        variables |= {"BUILD_SOURCEBRANCH": "refs/heads/main"}
        clone = server.clone(tmp_path / "work", new, 2, {"refs/remotes/origin/main": new})
        status, report, said = check(clone, variables)
        assert (status, codes(report)) == (1, ["GM201"])
        assert "the first parent" in said

    def test_ci_alone_compares_with_the_shared_branch_or_does_not_decide(self, server: Server, tmp_path: Path) -> None:
        status, report, _ = check(server.clone(tmp_path / "all", server.tips["edits"], 0), {"CI": "1"})
        assert (status, codes(report)) == (1, ["GM201"])
        status, _, _ = check(server.clone(tmp_path / "one", server.tips["edits"], 1), {"CI": "1"})
        assert status == 3

    def test_a_range_of_pre_commit(self, server: Server, tmp_path: Path) -> None:
        clone = server.clone(tmp_path / "work", server.tips["edits"], 0)
        variables = {"PRE_COMMIT_FROM_REF": "origin/main", "PRE_COMMIT_TO_REF": "HEAD", "CI": "1"}
        status, report, _ = check(clone, variables)
        assert (status, codes(report)) == (1, ["GM201"])


class TestFetch:
    """`--fetch` brings what is missing, and nothing is thrown away."""

    @CASES
    def test_a_pull_request(self, server: Server, tmp_path: Path, name: str, depth: int) -> None:
        clone = server.clone(tmp_path / "work", server.tips[name], depth)
        variables, payload = pull_request(server, name)
        there = set(clone.git("rev-list", "HEAD").stdout.split())
        status, _, said = check(clone, variables, "--fetch", payload=payload)
        assert status == (1 if EXPECTED[name] else 0), said
        assert there <= set(clone.git("rev-list", "HEAD").stdout.split())

    def test_a_merge_is_compared_with_the_current_tip(self, server: Server, tmp_path: Path) -> None:
        """The system merged into an older main; since then main has a revision that competes."""
        git = server.history.git
        older = server.history.head("main~1")
        tree = server.history.merged_tree(older, server.tips["collides"])
        merge = git("commit-tree", tree, "-p", older, "-p", server.tips["collides"], "-m", "m").stdout.strip()
        git("update-ref", "refs/pull/old/merge", merge)
        clone = server.clone(tmp_path / "work", merge, 2)
        variables, payload = pull_request(server, "collides")
        variables["GITHUB_SHA"] = merge
        assert check(clone, variables, payload=payload)[0] == 0
        status, report, _ = check(clone, variables, "--fetch", payload=payload)
        assert (status, codes(report)) == (1, ["GM105"])

    def test_the_old_tip_of_a_push(self, server: Server, tmp_path: Path) -> None:
        new = server.merges["edits"]
        clone = server.clone(tmp_path / "work", new, 1)
        variables, payload = push(server, new, server.main)
        status, report, _ = check(clone, variables, "--fetch", payload=payload)
        assert (status, codes(report)) == (1, ["GM201"])

    def test_a_remote_that_does_not_answer_changes_no_verdict(self, server: Server, tmp_path: Path) -> None:
        clone = server.clone(tmp_path / "work", server.merges["edits"], 2)
        clone.git("remote", "set-url", "origin", f"file://{tmp_path}/nowhere")
        variables, payload = pull_request(server, "edits")
        status, _, said = check(clone, variables, "--fetch", payload=payload)
        assert status == 1
        assert "--fetch did not work" in said

    def test_outside_ci_it_is_refused(self, server: Server, tmp_path: Path) -> None:
        clone = server.clone(tmp_path / "work", server.main, 0)
        assert clone.run("gitmig", "check", "--fetch", status=2).returncode == 2


def test_what_is_staged_goes_before_the_event(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.main, 0)
    clone.write(at(C), revision(C, None))
    clone.git("add", "--all")
    variables, payload = pull_request(server, "clean")
    status, report, _ = check(clone, variables, payload=payload)
    assert (status, report["mode"]) == (1, "staged")
