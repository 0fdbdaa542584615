"""From the variables of a CI system, and the payload of its event, to an Event.  Pure: nothing is read here."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.ci.event import Event

_SIGNS = (
    # (variable, module).  The first that is set wins: pre-commit was asked for a range by whoever started it, and
    # Gitea and Forgejo set GitHub's variables beside their own.
    ("PRE_COMMIT_FROM_REF", "pre_commit"),
    ("GITEA_ACTIONS", "github"),
    ("FORGEJO_ACTIONS", "github"),
    ("GITHUB_ACTIONS", "github"),
    ("GITLAB_CI", "gitlab"),
    ("BITBUCKET_COMMIT", "bitbucket"),
    ("TF_BUILD", "azure"),
    ("CIRCLECI", "circleci"),
    ("JENKINS_URL", "jenkins"),
)


def detect(variables: Mapping[str, str], payload: bytes | None = None) -> Event | None:
    """The event that this process runs for; None where no CI system that we know has started it.

    `payload` is the file that GITHUB_EVENT_PATH names.
    """
    module = next((module for name, module in _SIGNS if is_set(variables, name)), None)
    if module is None:
        return None
    from importlib import import_module

    found: Event | None = import_module(f"gitmig.ci.{module}").detect(variables, payload)
    return found


def is_ci(variables: Mapping[str, str]) -> bool:
    """Whether a CI system says so; Azure Pipelines and Jenkins do not set CI."""
    return any(is_set(variables, name) for name in ("CI", *(name for name, _ in _SIGNS[1:])))


def payload_path(variables: Mapping[str, str]) -> str:
    """The file of the event's payload, "" where the system has none."""
    return variables.get("GITHUB_EVENT_PATH", "")


def is_set(variables: Mapping[str, str], name: str) -> bool:
    return variables.get(name, "").lower() not in ("", "0", "false")
