"""A new merge revision joins heads that the shared branch has joined already.

## What it does
Finds new merge revisions whose parents have a common descendant on the target.

## Why it matters
Two people repair the same accident, each with a merge revision of their own. Together the two merge revisions are two
heads again.

## Example
```
main:  A, B --- M1      M1 joins A and B
here:  A, B --- M2      M2 joins them again
```

## What to do instead
Drop the local merge revision and let what follows it revise the target's: `gitmig resolve --reparent` does both.

## What it cannot see
A merge revision on a branch that is not the target.
"""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState
    from gitmig.revisions.revision import Revision

severity = "error"
needs = ("merged",)


def check(change: Change) -> Iterator[Violation]:
    if change.target is None:
        return
    for revision in change.new_revisions():
        if len(revision.down_revisions) < 2:
            continue
        joined = existing_join(revision, change.target)
        if joined is None:
            continue
        yield Violation(
            f"repeated join: {revision.id} joins {' and '.join(revision.down_revisions)}, and so does {joined.id}",
            place=Place(revision.path, revision.blob, "assign:down_revision", label="joined already"),
            note=f"{change.target_name} has {joined.id}; both together are two heads again",
            help=(
                Help(
                    f"bring {change.target_name} in, then drop {revision.id}; what revises it revises {joined.id}:",
                    (f"git merge {shell_word(change.target_name)}", "gitmig resolve --reparent"),
                ),
            ),
            related=(
                Related(
                    Place(joined.path, joined.blob, "assign:down_revision", "target"),
                    f"the join on {change.target_name}",
                ),
            ),
            revisions=(revision.id, joined.id),
        )


def existing_join(revision: Revision, target: EnvironmentState) -> Revision | None:
    """The merge revision of the target that has all parents of `revision` beneath it."""
    if not all(parent in target.graph for parent in revision.down_revisions):
        return None
    for candidate in target.files.values():
        is_join = len(candidate.down_revisions) > 1
        if is_join and set(revision.down_revisions) <= target.graph.ancestors(candidate.id):
            return candidate
    return None
