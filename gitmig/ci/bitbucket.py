"""Bitbucket Pipelines.  https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/"""

from __future__ import annotations

from gitmig.ci.event import PULL_REQUEST, PUSH, Event, branch_name, commit_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def detect(variables: Mapping[str, str], _payload: bytes | None) -> Event:
    """A pull request's checkout is its head with the destination merged into it: the first parent is the head.

    Nothing tells what a push replaced, nor which branch is the default one.
    """
    commit = commit_id(variables["BITBUCKET_COMMIT"])
    branch, tag = branch_name(variables.get("BITBUCKET_BRANCH", "")), variables.get("BITBUCKET_TAG", "")
    common = Event(
        "Bitbucket Pipelines",
        PUSH,
        f"push to {tag or branch}",
        commit=commit,
        ref=f"refs/tags/{tag}" if tag else f"refs/heads/{branch}",
        fix="depth: full",
        fix_place="under `clone:` of the step",
    )
    number = variables.get("BITBUCKET_PR_ID", "")
    if not number:
        return common
    target = branch_name(variables.get("BITBUCKET_PR_DESTINATION_BRANCH", ""))
    return common.replace(
        mode=PULL_REQUEST,
        what=f"pull request {number}{f' into {target}' if target else ''}",
        head=commit,
        target=target,
        # Bitbucket shortens this id to twelve digits in some places; then the name of the branch has to do.
        target_commit=commit_id(variables.get("BITBUCKET_PR_DESTINATION_COMMIT", "")),
    )
