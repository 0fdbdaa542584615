"""GitHub Actions, and Gitea and Forgejo, which speak its language.

https://docs.github.com/en/actions/reference/events-that-trigger-workflows
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from gitmig.ci.event import PULL_REQUEST, PUSH, QUEUE, Event, branch_name, commit_id, is_null

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PULL_REQUESTS = ("pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_target")
_QUEUE_REF = "refs/heads/gh-readonly-queue/"


def detect(variables: Mapping[str, str], payload: bytes | None) -> Event:
    told = parse_payload(payload)
    name = variables.get("GITHUB_EVENT_NAME", "")
    common = Event(
        system_of(variables),
        PUSH,
        f"event {name}" if name else "an event without a name",
        commit=commit_id(variables.get("GITHUB_SHA", "")),
        ref=variables.get("GITHUB_REF", ""),
        default=branch_name(text_at(told, "repository", "default_branch")),
        fix="fetch-depth: 0",
        fix_place="under `with:` of the step that uses actions/checkout",
    )
    if name in _PULL_REQUESTS:
        return pull_request(common, variables, told)
    if name == "merge_group":
        return merge_group(common, told)
    if name == "push":
        return push(common, told)
    # A schedule or a dispatch says what it starts from, and a workflow may well check out something else.
    return common.replace(commit="", ref="", what=f"{common.what} (compared by where HEAD is)")


def system_of(variables: Mapping[str, str]) -> str:
    if variables.get("FORGEJO_ACTIONS"):
        return "Forgejo Actions"
    return "Gitea Actions" if variables.get("GITEA_ACTIONS") else "GitHub Actions"


def pull_request(common: Event, variables: Mapping[str, str], told: Mapping[str, object]) -> Event:
    """The checkout is a merge of base and head that nobody pushed; of `pull_request_target` it is the base alone."""
    target = branch_name(variables.get("GITHUB_BASE_REF", "") or text_at(told, "pull_request", "base", "ref"))
    number = number_at(told, "pull_request", "number") or number_at(told, "number")
    elsewhere = variables.get("GITHUB_EVENT_NAME") == "pull_request_target"
    return common.replace(
        mode=PULL_REQUEST,
        what=f"pull request{f' {number}' if number else ''}{f' into {target}' if target else ''}",
        commit="" if elsewhere else common.commit,
        head=commit_id(text_at(told, "pull_request", "head", "sha")),
        ref=f"refs/pull/{number}/head" if elsewhere and number else common.ref,
        target=target,
        target_commit=commit_id(text_at(told, "pull_request", "base", "sha")),
        elsewhere=elsewhere,
        fix_parent="fetch-depth: 2",
    )


def merge_group(common: Event, told: Mapping[str, object]) -> Event:
    """GITHUB_BASE_REF is empty here.  The base is also in the name: gh-readonly-queue/main/pr-12-<base>."""
    target = branch_name(text_at(told, "merge_group", "base_ref"))
    base = commit_id(text_at(told, "merge_group", "base_sha"))
    if common.ref.startswith(_QUEUE_REF):
        branch, _, group = common.ref.removeprefix(_QUEUE_REF).rpartition("/")
        target = target or branch_name(branch)
        base = base or commit_id(group.rpartition("-")[2])
    return common.replace(
        mode=QUEUE,
        what=f"merge queue{f' of {target}' if target else ''}",
        commit=commit_id(text_at(told, "merge_group", "head_sha")) or common.commit,
        before=base,
        target=target,
    )


def push(common: Event, told: Mapping[str, object]) -> Event:
    before, after = text_at(told, "before"), text_at(told, "after")
    ref = text_at(told, "ref") or common.ref
    forced = " (forced)" if told.get("forced") is True else ""
    return common.replace(
        what=f"push to {branch_name(ref) or ref}{forced}",
        before=commit_id(before),
        created=is_null(before) or (told.get("created") is True and not commit_id(before)),
        deleted=told.get("deleted") is True or is_null(after),
        ref=ref,
    )


def parse_payload(payload: bytes | None) -> Mapping[str, object]:
    """The payload as an object; what is no such thing says nothing."""
    if not payload:
        return {}
    import json

    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def text_at(value: object, *keys: str) -> str:
    found = _at(value, keys)
    return found if isinstance(found, str) else ""


def number_at(value: object, *keys: str) -> int:
    found = _at(value, keys)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 10**12 else 0


def _at(value: object, keys: tuple[str, ...]) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
