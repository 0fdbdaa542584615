"""CircleCI.  https://circleci.com/docs/reference/variables/"""

from __future__ import annotations

from gitmig.ci.event import PUSH, Event, branch_name, commit_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def detect(variables: Mapping[str, str], _payload: bytes | None) -> Event:
    """Every run is that of a branch; neither the target of a pull request nor the old tip is in a variable."""
    branch, tag = branch_name(variables.get("CIRCLE_BRANCH", "")), variables.get("CIRCLE_TAG", "")
    # The branch of a fork's pull request is called pull/12.
    return Event(
        "CircleCI",
        PUSH,
        f"run for {tag or branch}",
        commit=commit_id(variables.get("CIRCLE_SHA1", "")),
        ref=f"refs/tags/{tag}" if tag else f"refs/heads/{branch}",
        fix="method: full",
        fix_place="under `- checkout:` in the steps of the job",
    )
