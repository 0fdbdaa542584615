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
Drop the local merge revision and let what follows it revise the target's.

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
    from gitmig.revisions.graph import Node, RevisionGraph

severity = "error"
needs = ("merged",)


def check(change: Change) -> Iterator[Violation]:
    if change.target is None:
        return
    for node in change.new_revisions():
        if len(node.down_revisions) < 2:
            continue
        joined = existing_join(node, change.target.graph)
        if joined is None:
            continue
        yield Violation(
            f"repeated join: {node.id} joins {' and '.join(node.down_revisions)}, and so does {joined.id}",
            place=Place(node.path, change.local.blob_of(node.id), "assign:down_revision", label="joined already"),
            note=f"{change.target_name} has {joined.id}; both together are two heads again",
            help=(
                Help(
                    f"remove {node.id}; what revises it revises {joined.id} instead:",
                    (f"git rm --cached -- {shell_word(node.path)}",),
                ),
            ),
            related=(
                Related(
                    Place(joined.path, change.target.blob_of(joined.id), "assign:down_revision", "target"),
                    f"the join on {change.target_name}",
                ),
            ),
            revisions=(node.id, joined.id),
        )


def existing_join(node: Node, graph: RevisionGraph) -> Node | None:
    """The merge revision of the graph that has all parents of `node` beneath it."""
    if not all(parent in graph for parent in node.down_revisions):
        return None
    for candidate in graph.nodes:
        if len(candidate.down_revisions) > 1 and set(node.down_revisions) <= set(graph.ancestors(candidate.id)):
            return candidate
    return None
