"""Two revisions use the same branch label, or a label is an id.

## What it does
Compares `branch_labels` of all revisions of an environment, in the local tree and in the merged one.

## Why it matters
A label must name one line. Alembic stops with "Branch name is already used by revision".

## Example
```python
branch_labels = ("billing",)  # another revision has it already
```

## What to do instead
Label a line once, at its first revision; those above inherit it.

## What it cannot see
Labels that are computed.
"""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState
    from gitmig.revisions.graph import GraphProblem

severity = "error"
needs = ("graph",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for problem, state in change.graph_problems("label-clash", "label-is-id"):
        yield violation(problem, state)


def violation(problem: GraphProblem, state: EnvironmentState) -> Violation:
    users = (
        [problem.other]
        if problem.kind == "label-is-id"
        else [one for one in problem.revisions if one != problem.revision]
    )
    found = state.revision(problem.revision)
    others = [one for name in users if (one := state.revision(name)) is not None]
    what = (
        "is the id of a revision" if problem.kind == "label-is-id" else f"is used by {len(problem.revisions)} revisions"
    )
    anchor = "assign:revision" if problem.kind == "label-is-id" else "assign:branch_labels"
    return Violation(
        f"label clash: branch label {problem.other} {what}",
        place=Place(found.path, found.blob, "assign:branch_labels") if found else None,
        note="Alembic stops: a name must mean one line of revisions",
        help=(Help("label a line once, at its first revision; those above inherit it"),),
        related=tuple(Related(Place(one.path, one.blob, anchor), "used here") for one in others[:2]),
        revisions=tuple(dict.fromkeys((problem.revision, *problem.revisions))),
        objects=(problem.other,),
    )
