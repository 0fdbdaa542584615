"""`pre-commit run --from-ref A --to-ref B`, and prek."""

from __future__ import annotations

from gitmig.ci.event import PULL_REQUEST, Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def detect(variables: Mapping[str, str], _payload: bytes | None) -> Event:
    """Both are names that a person has chosen, so they are taken as names; what lies between is A...B."""
    base, rev = variables["PRE_COMMIT_FROM_REF"], variables.get("PRE_COMMIT_TO_REF") or "HEAD"
    return Event(
        "pre-commit",
        PULL_REQUEST,
        f"from {base} to {rev}",
        commit=rev,
        target_commit=base,
        fix="git fetch --unshallow",
        fix_place="before pre-commit runs",
    )
