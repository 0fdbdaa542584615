"""What each CI system says, read without a repository: variables and payloads as their documentation has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.ci.detect import detect, is_ci
from gitmig.ci.event import Event, branch_name, commit_id

PAYLOADS = Path(__file__).parent / "payloads"

BASE, HEAD, MERGE = "1" * 40, "2" * 40, "3" * 40
GROUP_BASE, GROUP = "4" * 40, "5" * 40
OLD, NEW, ZERO = "6" * 40, "7" * 40, "0" * 40

GITHUB = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "shop/bookshop"}
PULL = {**GITHUB, "GITHUB_REF": "refs/pull/12/merge", "GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "wishes"}
GITLAB = {"CI": "true", "GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main"}
MERGE_REQUEST = {
    **GITLAB,
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_IID": "12",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_COMMIT_BEFORE_SHA": ZERO,
}
BITBUCKET = {"CI": "true", "BITBUCKET_BUILD_NUMBER": "5", "BITBUCKET_COMMIT": HEAD, "BITBUCKET_BRANCH": "wishes"}
AZURE = {"TF_BUILD": "True", "BUILD_REPOSITORY_PROVIDER": "TfsGit"}
JENKINS = {"JENKINS_URL": "https://ci.example.org/", "BUILD_ID": "5"}
CIRCLE = {"CI": "true", "CIRCLECI": "true", "CIRCLE_SHA1": NEW}

EVENTS = {
    "GitHub: a pull request is checked out as a merge": (
        {**PULL, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_SHA": MERGE},
        "pull_request",
        {"system": "GitHub Actions", "mode": "pull-request", "what": "pull request 12 into main", "commit": MERGE}
        | {"head": HEAD, "target": "main", "target_commit": BASE, "elsewhere": False, "fix_parent": "fetch-depth: 2"},
    ),
    "GitHub: without a payload the variables say the most of it": (
        {**PULL, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_SHA": MERGE},
        None,
        {"mode": "pull-request", "commit": MERGE, "head": "", "target": "main", "target_commit": ""},
    ),
    "GitHub: pull_request_target has the base checked out, not the change": (
        {**PULL, "GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_SHA": BASE, "GITHUB_REF": "refs/heads/main"},
        "pull_request",
        {"mode": "pull-request", "commit": "", "head": HEAD, "elsewhere": True, "ref": "refs/pull/12/head"},
    ),
    "GitHub: a merge queue names its base in the payload": (
        {**GITHUB, "GITHUB_EVENT_NAME": "merge_group", "GITHUB_SHA": GROUP, "GITHUB_BASE_REF": ""}
        | {"GITHUB_REF": f"refs/heads/gh-readonly-queue/main/pr-12-{GROUP_BASE}"},
        "merge_group",
        {"mode": "queue", "what": "merge queue of main", "commit": GROUP, "before": GROUP_BASE, "target": "main"},
    ),
    "GitHub: and in the name of the group's branch": (
        {**GITHUB, "GITHUB_EVENT_NAME": "merge_group", "GITHUB_SHA": GROUP}
        | {"GITHUB_REF": f"refs/heads/gh-readonly-queue/release/1.x/pr-12-{GROUP_BASE}"},
        None,
        {"mode": "queue", "commit": GROUP, "before": GROUP_BASE, "target": "release/1.x"},
    ),
    "GitHub: a push to the default branch": (
        {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_SHA": NEW, "GITHUB_REF": "refs/heads/main"},
        "push",
        {"mode": "push", "what": "push to main", "commit": NEW, "before": OLD, "created": False, "branch": "main"},
    ),
    "GitHub: the first push of a branch": (
        {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_SHA": NEW, "GITHUB_REF": "refs/heads/wishes"},
        "push_new_branch",
        {"mode": "push", "commit": NEW, "before": "", "created": True, "branch": "wishes", "default": "main"},
    ),
    "GitHub: a forced push": (
        {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_SHA": NEW, "GITHUB_REF": "refs/heads/main"},
        "push_forced",
        {"what": "push to main (forced)", "before": OLD, "created": False},
    ),
    "GitHub: a branch that was deleted": (
        {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_SHA": OLD, "GITHUB_REF": "refs/heads/main"},
        "push_deleted",
        {"deleted": True, "created": False},
    ),
    "GitHub: a schedule says nothing of commits": (
        {**GITHUB, "GITHUB_EVENT_NAME": "schedule", "GITHUB_SHA": NEW, "GITHUB_REF": "refs/heads/main"},
        None,
        {"mode": "push", "commit": "", "ref": "", "before": ""},
    ),
    "Gitea: a pull request is checked out as its head": (
        {**PULL, "GITEA_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_SHA": HEAD}
        | {"GITHUB_REF": "refs/pull/12/head"},
        "gitea_pull_request",
        {"system": "Gitea Actions", "mode": "pull-request", "commit": HEAD, "head": HEAD, "target_commit": BASE},
    ),
    "Forgejo: a push": (
        {**GITHUB, "FORGEJO_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_SHA": NEW},
        "push",
        {"system": "Forgejo Actions", "mode": "push", "before": OLD, "branch": "main"},
    ),
    "GitLab: a detached merge request pipeline has the head": (
        {**MERGE_REQUEST, "CI_COMMIT_SHA": HEAD, "CI_MERGE_REQUEST_EVENT_TYPE": "detached"}
        | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": BASE},
        None,
        {"system": "GitLab CI", "mode": "pull-request", "what": "merge request 12 into main", "commit": HEAD}
        | {"head": HEAD, "target": "main", "target_commit": ""},
    ),
    "GitLab: merged results are a merge": (
        {**MERGE_REQUEST, "CI_COMMIT_SHA": MERGE, "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result"}
        | {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": BASE},
        None,
        {"mode": "pull-request", "commit": MERGE, "head": HEAD, "target_commit": BASE},
    ),
    "GitLab: a merge train": (
        {**MERGE_REQUEST, "CI_COMMIT_SHA": MERGE, "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train"}
        | {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": BASE},
        None,
        {"mode": "queue", "what": "merge train, merge request 12 into main", "commit": MERGE, "head": HEAD},
    ),
    "GitLab: a push": (
        {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": NEW, "CI_COMMIT_BEFORE_SHA": OLD}
        | {"CI_COMMIT_BRANCH": "main"},
        None,
        {"mode": "push", "commit": NEW, "before": OLD, "branch": "main", "default": "main", "created": False},
    ),
    "GitLab: the first push of a branch": (
        {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": NEW, "CI_COMMIT_BEFORE_SHA": ZERO}
        | {"CI_COMMIT_BRANCH": "wishes"},
        None,
        {"mode": "push", "before": "", "created": True, "branch": "wishes"},
    ),
    "GitLab: zeros on the default branch do not make it new": (
        {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": NEW, "CI_COMMIT_BEFORE_SHA": ZERO}
        | {"CI_COMMIT_BRANCH": "main"},
        None,
        {"before": "", "created": False, "branch": "main"},
    ),
    "GitLab: a tag": (
        {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": NEW, "CI_COMMIT_TAG": "v1"},
        None,
        {"mode": "push", "ref": "refs/tags/v1", "branch": "", "created": False},
    ),
    "GitLab: a run started by hand": ({**GITLAB, "CI_PIPELINE_SOURCE": "web"}, None, {"mode": "push", "commit": ""}),
    "Bitbucket: a pull request has its head, and the destination": (
        {**BITBUCKET, "BITBUCKET_PR_ID": "12", "BITBUCKET_PR_DESTINATION_BRANCH": "main"}
        | {"BITBUCKET_PR_DESTINATION_COMMIT": BASE},
        None,
        {"system": "Bitbucket Pipelines", "mode": "pull-request", "commit": HEAD, "head": HEAD, "target_commit": BASE},
    ),
    "Bitbucket: a shortened destination is no id": (
        {**BITBUCKET, "BITBUCKET_PR_ID": "12", "BITBUCKET_PR_DESTINATION_BRANCH": "main"}
        | {"BITBUCKET_PR_DESTINATION_COMMIT": "1" * 12},
        None,
        {"target": "main", "target_commit": ""},
    ),
    "Bitbucket: a push": (BITBUCKET, None, {"mode": "push", "commit": HEAD, "branch": "wishes", "before": ""}),
    "Azure: a pull request of Azure Repos": (
        {
            **AZURE,
            "BUILD_REASON": "PullRequest",
            "BUILD_SOURCEVERSION": MERGE,
            "BUILD_SOURCEBRANCH": "refs/pull/12/merge",
        }
        | {"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "SYSTEM_PULLREQUEST_PULLREQUESTID": "12"}
        | {"SYSTEM_PULLREQUEST_SOURCECOMMITID": HEAD},
        None,
        {"system": "Azure Pipelines", "mode": "pull-request", "what": "pull request 12 into main", "commit": MERGE}
        | {"head": HEAD, "target": "main"},
    ),
    "Azure: a pull request of GitHub": (
        {**AZURE, "BUILD_REASON": "PullRequest", "BUILD_SOURCEVERSION": MERGE}
        | {"SYSTEM_PULLREQUEST_TARGETBRANCH": "main", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "12"},
        None,
        {"what": "pull request 12 into main", "target": "main"},
    ),
    "Azure: a push": (
        {**AZURE, "BUILD_REASON": "IndividualCI", "BUILD_SOURCEVERSION": NEW, "BUILD_SOURCEBRANCH": "refs/heads/main"},
        None,
        {"mode": "push", "what": "push to main", "commit": NEW, "branch": "main"},
    ),
    "Azure: a run started by hand": ({**AZURE, "BUILD_REASON": "Manual"}, None, {"mode": "push", "commit": ""}),
    "Jenkins: a change request": (
        {**JENKINS, "CHANGE_ID": "12", "CHANGE_TARGET": "main", "CHANGE_BRANCH": "wishes", "BRANCH_NAME": "PR-12"},
        None,
        {"system": "Jenkins", "mode": "pull-request", "what": "change request 12 into main", "target": "main"},
    ),
    "Jenkins: a branch": (
        {**JENKINS, "BRANCH_NAME": "main", "GIT_COMMIT": NEW, "GIT_PREVIOUS_COMMIT": OLD},
        None,
        {"mode": "push", "commit": NEW, "before": OLD, "branch": "main"},
    ),
    "Jenkins: a plain job names the remote's branch": (
        {**JENKINS, "GIT_BRANCH": "origin/main", "GIT_COMMIT": NEW},
        None,
        {"mode": "push", "branch": "main"},
    ),
    "CircleCI: a branch": (
        {**CIRCLE, "CIRCLE_BRANCH": "wishes"},
        None,
        {"mode": "push", "commit": NEW, "branch": "wishes"},
    ),
    "CircleCI: a tag": ({**CIRCLE, "CIRCLE_TAG": "v1"}, None, {"ref": "refs/tags/v1", "branch": ""}),
    "pre-commit: a range goes before the system it runs in": (
        {**GITHUB, "PRE_COMMIT_FROM_REF": "origin/main", "PRE_COMMIT_TO_REF": "HEAD"},
        None,
        {"system": "pre-commit", "mode": "pull-request", "commit": "HEAD", "target_commit": "origin/main"},
    ),
}


@pytest.mark.parametrize(("variables", "payload", "expected"), EVENTS.values(), ids=EVENTS.keys())
def test_an_event_is(variables: dict[str, str], payload: str | None, expected: dict[str, object]) -> None:
    found = detect(variables, (PAYLOADS / f"{payload}.json").read_bytes() if payload else None)
    assert found is not None
    assert {name: getattr(found, name) for name in expected} == expected
    assert is_ci(variables)


@pytest.mark.parametrize(
    "variables",
    [{}, {"CI": "true"}, {"GITHUB_ACTIONS": "false"}, {"PRE_COMMIT_TO_REF": "HEAD"}],
    ids=["nothing", "CI alone", "switched off", "half a range"],
)
def test_no_event_where_no_system_says_so(variables: dict[str, str]) -> None:
    assert detect(variables) is None


def test_every_system_knows_the_line_that_brings_the_history() -> None:
    for variables, payload, _ in EVENTS.values():
        found = detect(variables, (PAYLOADS / f"{payload}.json").read_bytes() if payload else None)
        assert found is not None and found.fix and found.fix_place


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"null", b"\xff", b'{"pull_request": 1}', b"[" * 100_000, b'{"number": true}']
)
@pytest.mark.parametrize("name", ["pull_request", "merge_group", "push"])
def test_a_damaged_payload_says_nothing(name: str, payload: bytes) -> None:
    found = detect({**GITHUB, "GITHUB_EVENT_NAME": name, "GITHUB_SHA": NEW}, payload)
    assert found is not None and found.before == "" and found.target_commit == ""


BRANCHES = ["main", "release/1.x", "feature/naïve", "a.b", "x@y", "日本"]
NO_BRANCHES = ["-x", "--upload-pack=x", "a b", "a*", "a..b", "a~1", "a^", "a:b", "a?", "a[b", "a\\b", "a\n", "a.lock"]
NO_BRANCHES += ["refs/heads/refs/x", "/a", "a/", "a@{1}", "a//b", "\x1b[31m", "a."]


@pytest.mark.parametrize("name", BRANCHES)
def test_names_of_branches(name: str) -> None:
    assert branch_name(name) == name == branch_name(f"refs/heads/{name}")


@pytest.mark.parametrize("name", NO_BRANCHES)
def test_names_that_git_refuses_are_none(name: str) -> None:
    assert branch_name(name) == ""


@pytest.mark.parametrize("text", ["", ZERO, "HEAD", "1" * 12, "G" * 40, "--output=x", "1" * 41, "A" * 40])
def test_all_but_ids_are_no_commit(text: str) -> None:
    assert commit_id(text) == ""
    assert commit_id("a" * 40) and commit_id("a" * 64)


TEXT = st.one_of(st.text(max_size=12), st.sampled_from([NEW, ZERO, "main", "refs/heads/main", "--all"]))


@given(
    st.dictionaries(st.sampled_from(sorted({name for row in EVENTS.values() for name in row[0]})), TEXT),
    st.one_of(st.none(), st.binary(max_size=40)),
)
def test_whatever_is_said_there_is_an_event_or_none(variables: dict[str, str], payload: bytes | None) -> None:
    found = detect(variables, payload)
    assert found is None or isinstance(found, Event)
    if found is not None and found.system != "pre-commit":
        assert all(commit_id(one) == one for one in (found.commit, found.head, found.before, found.target_commit))
        assert all(branch_name(one) == one for one in (found.branch, found.target, found.default))
