"""Two files define the same revision id.

## What it does
Finds ids that several files of an environment define, in the local tree and in the merged one, and ids that differ
only in case, composition or blanks.

## Why it matters
Alembic warns on one line and takes the file that it happens to load last. Which one a database ran depends on file
names.

## Example
```
27c6a30d7c24_add_cart.py        revision = "27c6a30d7c24"
27c6a30d7c24_add_cart_copy.py   revision = "27c6a30d7c24"
```

## What to do instead
Give the unpublished one a fresh id; delete it if it is a copy.

## What it cannot see
The same id on a branch that is not the target.
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
    for problem, state in change.graph_problems("duplicate-id"):
        yield duplicate(problem, state, change)
    for problem, state in change.graph_problems("similar-id"):
        yield similar(problem, state)


def duplicate(problem: GraphProblem, state: EnvironmentState, change: Change) -> Violation:
    published = set(change.target.graph.paths(problem.revision)) if change.target else set()
    # The new file is the one to change, so it comes first.
    paths = sorted(problem.paths, key=lambda path: (path in published, path))
    places = [Place(path, state.files[path].blob, "assign:revision") for path in paths]
    return Violation(
        f"duplicate revision id: {problem.revision} is defined by {len(paths)} files",
        place=places[0],
        note="Alembic takes the one that it loads last; databases have run one or the other",
        help=(Help("give the unpublished one a fresh id, or delete it if it is a copy"),),
        related=tuple(Related(place, "defined here too") for place in places[1:3]),
        revisions=(problem.revision,),
    )


def similar(problem: GraphProblem, state: EnvironmentState) -> Violation:
    found, other = state.revision(problem.revision), state.revision(problem.other)
    return Violation(
        f"similar revision ids: {problem.revision} and {problem.other} differ only in case, composition or blanks",
        place=Place(found.path, found.blob, "assign:revision") if found else None,
        note="some file systems, databases and eyes cannot tell them apart",
        help=(Help("give the unpublished one a fresh id"),),
        related=(Related(Place(other.path, other.blob, "assign:revision"), "the other one"),) if other else (),
        revisions=(problem.revision, problem.other),
        severity="warning",
    )
