"""Azure Pipelines.  https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables"""

from __future__ import annotations

from gitmig.ci.event import PULL_REQUEST, PUSH, Event, branch_name, commit_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PUSHES = ("IndividualCI", "BatchedCI")


def detect(variables: Mapping[str, str], _payload: bytes | None) -> Event:
    """A pull request's checkout is a merge; nothing tells what a push replaced."""
    reason = variables.get("BUILD_REASON", "")
    ref = variables.get("BUILD_SOURCEBRANCH", "")
    common = Event(
        "Azure Pipelines",
        PUSH,
        f"run of reason {reason or 'unknown'} (compared by where HEAD is)",
        fix="fetchDepth: 0",
        fix_place="in the step `- checkout: self`",
    )
    commit = commit_id(variables.get("BUILD_SOURCEVERSION", ""))
    if reason == "PullRequest":
        target = branch_name(variables.get("SYSTEM_PULLREQUEST_TARGETBRANCH", ""))
        number = (
            variables.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")
            or variables.get("SYSTEM_PULLREQUEST_PULLREQUESTID")
            or ""
        )
        return common.replace(
            mode=PULL_REQUEST,
            what=f"pull request {number}{f' into {target}' if target else ''}",
            commit=commit,
            head=commit_id(variables.get("SYSTEM_PULLREQUEST_SOURCECOMMITID", "")),
            ref=ref,
            target=target,
            fix_parent="fetchDepth: 2",
        )
    if reason in _PUSHES:
        return common.replace(what=f"push to {branch_name(ref) or ref}", commit=commit, ref=ref)
    return common
