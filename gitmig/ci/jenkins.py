"""Jenkins, multibranch and plain jobs.  https://www.jenkins.io/doc/book/pipeline/multibranch/"""

from __future__ import annotations

from gitmig.ci.event import PULL_REQUEST, PUSH, Event, branch_name, commit_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def detect(variables: Mapping[str, str], _payload: bytes | None) -> Event:
    """A change request is checked out as its head or merged with the target, as the job is set up.

    GIT_PREVIOUS_COMMIT is what the last run of this branch had: several pushes may lie between.
    """
    target, number = branch_name(variables.get("CHANGE_TARGET", "")), variables.get("CHANGE_ID", "")
    branch = branch_name(variables.get("BRANCH_NAME", "") or variables.get("GIT_BRANCH", "").removeprefix("origin/"))
    common = Event(
        "Jenkins",
        PUSH,
        f"run for {branch}" if branch else "run of a job without a branch (compared by where HEAD is)",
        fix="extensions: [cloneOption(shallow: false, honorRefspec: true)]",
        fix_place="in checkout scmGit(...), with refspec '+refs/heads/*:refs/remotes/origin/*'",
    )
    if number and target:
        return common.replace(mode=PULL_REQUEST, what=f"change request {number} into {target}", target=target)
    if not branch:
        return common
    return common.replace(
        commit=commit_id(variables.get("GIT_COMMIT", "")),
        before=commit_id(variables.get("GIT_PREVIOUS_COMMIT", "")),
        ref=f"refs/heads/{branch}",
    )
