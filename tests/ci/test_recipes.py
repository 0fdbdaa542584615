"""The recipes of docs/ci.md, action.yml and the GitLab component: their shell runs, with each system's variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from support.events import Server
from support.scratch import PROGRAMS, Scratch

TOP = Path(__file__).parents[2]
ZERO = "0" * 40


def recipes() -> dict[str, str]:
    text = (TOP / "docs/ci.md").read_text(encoding="utf-8")
    return dict(re.findall(r"<!-- recipe: (\S+) -->\n```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


RECIPES = recipes()
COMPONENT = (TOP / "templates/gitmig.yml").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))


def shell_of(name: str) -> list[str]:
    """Every line of shell in a recipe, in order."""
    if name == "jenkins":
        return re.findall(r"^\s+sh '(.*)'$", RECIPES[name], re.MULTILINE)
    if name == "gitlab-component":
        return [line for document in yaml.safe_load_all(COMPONENT) for line in _scripts(document)]
    return list(_scripts(yaml.safe_load(RECIPES[name])))


def _scripts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _scripts(one)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key in ("script", "run"):
            yield from [inner] if isinstance(inner, str) else inner
        elif key != "branches":  # Bitbucket's second use of the same step
            yield from _scripts(inner)


def run(lines: list[str], clone: Scratch, variables: dict[str, str], payload: object = None) -> tuple[int, str]:
    """The lines as a runner would run them, one failing line ends it; installing has been done."""
    if payload is not None:
        event = clone.home / "event.json"
        event.write_text(json.dumps(payload), encoding="utf-8")
        variables = {**variables, "GITHUB_EVENT_PATH": str(event)}
    clone.environment.update(variables)
    kept = [line.replace(".gitmig-venv/bin/gitmig", "gitmig") for line in lines if "pip install" not in line]
    assert kept and len(kept) < len(lines)
    (clone.path / "test-results/gitmig").mkdir(parents=True, exist_ok=True)
    done = clone.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "\n".join(kept), status=None)
    return done.returncode, done.stdout + done.stderr


DEPTHS = (1, 2, 50, 0)
CHANGES = {"clean": 0, "collides": 1, "edits": 1}


class System:
    """How one system checks out a pull request, and what it says."""

    name = ""
    checkout = "head"
    always_decides = ()  # depths at which there is enough

    def variables(self, server: Server, change: str) -> dict[str, str]:
        raise NotImplementedError

    def payload(self, server: Server, change: str) -> object:
        return None


class GitLab(System):
    name, checkout, always_decides = "gitlab", "merge", (2, 50, 0)

    def variables(self, server: Server, change: str) -> dict[str, str]:
        return {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "12",
            "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": server.tips[change],
            "CI_COMMIT_SHA": server.merges[change],
            "CI_COMMIT_BEFORE_SHA": ZERO,
            "CI_DEFAULT_BRANCH": "main",
        }


class Component(GitLab):
    name = "gitlab-component"


class Detached(GitLab):
    checkout, always_decides = "head", (0,)

    def variables(self, server: Server, change: str) -> dict[str, str]:
        said = super().variables(server, change)
        del said["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"]
        return {**said, "CI_MERGE_REQUEST_EVENT_TYPE": "detached", "CI_COMMIT_SHA": server.tips[change]}


class Bitbucket(System):
    name, always_decides = "bitbucket", DEPTHS  # the recipe fetches

    def variables(self, server: Server, change: str) -> dict[str, str]:
        return {
            "CI": "true",
            "BITBUCKET_BUILD_NUMBER": "5",
            "BITBUCKET_COMMIT": server.tips[change],
            "BITBUCKET_BRANCH": change,
            "BITBUCKET_PR_ID": "12",
            "BITBUCKET_PR_DESTINATION_BRANCH": "main",
            "BITBUCKET_PR_DESTINATION_COMMIT": server.main[:12],
        }


class Azure(System):
    name, checkout, always_decides = "azure", "merge", (2, 50, 0)

    def variables(self, server: Server, change: str) -> dict[str, str]:
        return {
            "TF_BUILD": "True",
            "BUILD_REASON": "PullRequest",
            "BUILD_SOURCEVERSION": server.merges[change],
            "BUILD_SOURCEBRANCH": "refs/pull/12/merge",
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": server.tips[change],
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "12",
        }


class Jenkins(System):
    name, always_decides = "jenkins", (0,)

    def variables(self, server: Server, change: str) -> dict[str, str]:
        return {
            "JENKINS_URL": "https://ci.example.org/",
            "BRANCH_NAME": "PR-12",
            "CHANGE_ID": "12",
            "CHANGE_TARGET": "main",
            "CHANGE_BRANCH": change,
            "GIT_COMMIT": server.tips[change],
        }


class Gitea(System):
    name, always_decides = "gitea", (0,)

    def variables(self, server: Server, change: str) -> dict[str, str]:
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITEA_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_SHA": server.tips[change],
            "GITHUB_REF": "refs/pull/12/head",
            "GITHUB_BASE_REF": "main",
        }

    def payload(self, server: Server, change: str) -> object:
        return {
            "number": 12,
            "pull_request": {"head": {"sha": server.tips[change]}, "base": {"ref": "main", "sha": server.main}},
            "repository": {"default_branch": "main"},
        }


class CircleCI(System):
    name, always_decides = "circleci", (0,)

    def variables(self, server: Server, change: str) -> dict[str, str]:
        return {"CI": "true", "CIRCLECI": "true", "CIRCLE_SHA1": server.tips[change], "CIRCLE_BRANCH": change}


SYSTEMS = [GitLab(), Component(), Detached(), Bitbucket(), Azure(), Jenkins(), Gitea(), CircleCI()]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    return Server(tmp_path_factory.mktemp("server"))


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: type(system).__name__)
@pytest.mark.parametrize("depth", DEPTHS)
def test_a_recipe_gives_the_right_verdict_or_3(server: Server, tmp_path: Path, system: System, depth: int) -> None:
    for change, expected in CHANGES.items():
        commit = (server.merges if system.checkout == "merge" else server.tips)[change]
        clone = server.clone(tmp_path / change, commit, depth)
        payload = system.payload(server, change)
        status, said = run(shell_of(system.name), clone, system.variables(server, change), payload)
        allowed = {expected} if depth in system.always_decides else {expected, 3}
        assert status in allowed, said
        if status == 3:
            assert "help:" in said
        assert " is compared with " in said or status == 3


def test_a_blobless_clone_is_not_decided(server: Server, tmp_path: Path) -> None:
    server.history.git("config", "uploadpack.allowFilter", "true")
    clone = Scratch(tmp_path / "work")
    clone.git("remote", "add", "origin", server.url)
    clone.git("fetch", "-q", "--filter=blob:none", "origin", "+refs/heads/*:refs/remotes/origin/*")
    clone.git("checkout", "-q", "--detach", server.tips["edits"])
    status, said = run(shell_of("circleci"), clone, CircleCI().variables(server, "edits"))
    assert status == 3, said
    assert "--filter=blob:none" in said


def action(server: Server, clone: Scratch, change: str, **inputs: str) -> tuple[int, str]:
    """The second step of action.yml; the first one has installed this checkout."""
    runner = clone.home / "runner"
    (runner / "gitmig").mkdir(parents=True)
    (runner / "gitmig/bin").symlink_to(PROGRAMS)
    step = ACTION["runs"]["steps"][1]
    given = {name: inputs.get(name, one["default"]) for name, one in ACTION["inputs"].items()}
    variables = {name: given[value.split("inputs.")[1].split(" ")[0]] for name, value in step["env"].items()}
    variables |= {
        "RUNNER_TEMP": str(runner),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_SHA": server.merges[change],
        "GITHUB_BASE_REF": "main",
    }
    return run(["pip install", step["run"]], clone, variables, Gitea().payload(server, change))


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("change", CHANGES)
def test_the_action(server: Server, tmp_path: Path, change: str, depth: int) -> None:
    clone = server.clone(tmp_path / "work", server.merges[change], depth)
    status, said = action(server, clone, change, sarif="gitmig.sarif")
    expected = 3 if depth == 1 else CHANGES[change]
    assert status == expected, said
    assert (clone.home / "runner/output").read_text() == f"status={expected}\n"
    verdict = {0: "clean", 1: "findings", 3: "undecided"}[expected]
    assert f"gitmig: {verdict}" in (clone.home / "runner/summary").read_text()
    log = json.loads((clone.path / "gitmig.sarif").read_text())
    assert log["runs"][0]["invocations"][0]["exitCode"] == expected
    assert ("::error " in said) == (expected == 1)


def test_the_reports_of_a_recipe_are_written_when_nothing_was_decided(server: Server, tmp_path: Path) -> None:
    clone = server.clone(tmp_path / "work", server.merges["edits"], 1)
    assert run(shell_of("gitlab"), clone, GitLab().variables(server, "edits"))[0] == 3
    (issue,) = json.loads((clone.path / "gl-code-quality-report.json").read_text())
    assert issue["check_name"] == "undecided"
    assert len(ElementTree.parse(clone.path / "gitmig.xml").findall(".//error")) == 1


WORKFLOWS = ("github", "github-sarif", "gitea")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_asks_for_no_more_than_it_needs(name: str) -> None:
    text = RECIPES[name]
    workflow = yaml.safe_load(text)
    events = workflow[True]  # YAML 1.1 reads `on` so
    assert "pull_request_target" not in events and "workflow_run" not in events
    assert "secrets." not in text and "GITHUB_TOKEN" not in text
    if name != "gitea":
        allowed = {"contents": "read"} | ({"security-events": "write"} if name == "github-sarif" else {})
        assert workflow["permissions"] == allowed
        assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    assert not any("paths" in (options or {}) for options in events.values())


def test_the_required_check_runs_in_the_queue() -> None:
    assert "merge_group" in yaml.safe_load(RECIPES["github"])[True]


def test_no_value_of_an_event_or_an_input_is_part_of_a_script() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"]]
    scripts += [line for name in (*WORKFLOWS, "gitlab", "bitbucket", "azure", "circleci") for line in shell_of(name)]
    assert not any("${{" in script or "$(" in script for script in scripts)


def test_every_recipe_is_found() -> None:
    assert {system.name for system in SYSTEMS} - {"gitlab-component"} <= set(RECIPES)
    assert set(RECIPES) == {*WORKFLOWS, "gitlab", "gitlab-component", "bitbucket", "azure", "jenkins", "circleci"}
