"""GitLab CI/CD.  https://docs.gitlab.com/ci/variables/predefined_variables/"""

from __future__ import annotations

from gitmig.ci.event import PULL_REQUEST, PUSH, QUEUE, Event, branch_name, commit_id, is_null

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def detect(variables: Mapping[str, str], _payload: bytes | None) -> Event:
    source = variables.get("CI_PIPELINE_SOURCE", "")
    common = Event(
        "GitLab CI",
        PUSH,
        f"pipeline from {source or 'an unnamed source'} (compared by where HEAD is)",
        default=branch_name(variables.get("CI_DEFAULT_BRANCH", "")),
        fix='GIT_DEPTH: "0"',
        fix_place="under `variables:` of the job",
    )
    if variables.get("CI_MERGE_REQUEST_IID"):
        return merge_request(common, variables)
    return push(common, variables) if source == "push" else common


def merge_request(common: Event, variables: Mapping[str, str]) -> Event:
    """A detached pipeline checks out the head; of merged results and in a train it is a merge made by GitLab."""
    is_train = variables.get("CI_MERGE_REQUEST_EVENT_TYPE") == "merge_train"
    commit = commit_id(variables.get("CI_COMMIT_SHA", ""))
    target = branch_name(variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""))
    number = variables["CI_MERGE_REQUEST_IID"]
    kind = "merge train, merge request" if is_train else "merge request"
    return common.replace(
        mode=QUEUE if is_train else PULL_REQUEST,
        what=f"{kind} {number}{f' into {target}' if target else ''}",
        commit=commit,
        # The source's id is only told where it is not what is checked out.
        head=commit_id(variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")) or commit,
        target=target,
        target_commit=commit_id(variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "")),
    )


def push(common: Event, variables: Mapping[str, str]) -> Event:
    """CI_COMMIT_BEFORE_SHA is zeros for the first pipeline of a branch, be the branch new or not.

    The default branch is never new: then nothing is known of what it was.
    """
    tag, branch = variables.get("CI_COMMIT_TAG", ""), branch_name(variables.get("CI_COMMIT_BRANCH", ""))
    before = variables.get("CI_COMMIT_BEFORE_SHA", "")
    return common.replace(
        what=f"push to {tag or branch}",
        commit=commit_id(variables.get("CI_COMMIT_SHA", "")),
        before=commit_id(before),
        created=is_null(before) and not tag and branch != common.default,
        ref=f"refs/tags/{tag}" if tag else f"refs/heads/{branch}",
    )
