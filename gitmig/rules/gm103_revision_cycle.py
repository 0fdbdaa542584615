"""Revisions that revise each other in a circle.

## What it does
Finds circles of `down_revision` and `depends_on`, in the local tree and in the merged one, before Alembic is asked
anything.

## Why it matters
Alembic accepts some circles and runs all their revisions, refuses others with ids only, and loops for ever on the
rest.

## Example
```
a1 revises b2
b2 revises a1
```

## What to do instead
Give one of them the parent that it had when it was written.

## What it cannot see
Circles through a file that cannot be read.
"""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState

severity = "error"
needs = ("graph",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for problem, state in change.graph_problems("cycle", "dependency-cycle"):
        yield violation(problem.revisions, state)


def violation(cycle: tuple[str, ...], state: EnvironmentState) -> Violation:
    places = [edge(name, after, state) for name, after in zip(cycle, (*cycle[1:], cycle[0]), strict=True)]
    shown = " -> ".join((*cycle[:4], *(("...",) if len(cycle) > 4 else ()), cycle[0]))
    return Violation(
        f"revision cycle: {shown}",
        place=places[0],
        note="there is no order to run them in; Alembic may loop for ever",
        help=(Help("give one of them the parent that it had when it was written"),),
        related=tuple(Related(place, "the circle goes on here") for place in places[1:3]),
        revisions=cycle,
    )


def edge(name: str, after: str, state: EnvironmentState) -> Place:
    found = state.revision(name)
    field = "down_revision" if after in state.graph.down_revisions(name) else "depends_on"
    if found is None:
        return Place("")
    return Place(found.path, found.blob, f"assign:{field}", label=f"{name} comes after {after}")
