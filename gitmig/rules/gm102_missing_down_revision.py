"""A revision names a parent, a dependency or a label that no file defines.

## What it does
Looks up every id in `down_revision` and `depends_on`, in the local tree and in the merged one. An empty string as
parent, sometimes used for a base, is reported as well: Alembic fails on it.

## Why it matters
Alembic stops with a bare `KeyError` on every command, without naming a file.

## Example
```python
down_revision = "1975ea83b71"  # a digit is missing; did you mean 1975ea83b712?
```

## What to do instead
Name an existing revision; the message suggests one that looks alike. If the parent was on another Git branch, bring
that branch in.

## What it cannot see
A parent in a file that cannot be read (GM001): then the finding is a warning and the verdict undecided.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.quoting import shell_word
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

KINDS = ("missing-parent", "missing-dependency", "empty-parent")


def check(change: Change) -> Iterator[Violation]:
    here = [problem for problem in change.local.graph.problems if problem.kind in KINDS]
    yield from (violation(problem, change.local) for problem in here)
    if change.merged is not None:
        known = {(problem.revision, problem.other) for problem in here}
        for problem in change.merged.graph.problems:
            is_local = problem.revision in change.local.graph
            if problem.kind in KINDS and is_local and (problem.revision, problem.other) not in known:
                yield violation(problem, change.merged, f"; {change.target_name} does not have it any more")


def violation(problem: GraphProblem, state: EnvironmentState, why: str = "") -> Violation:
    found = state.revision(problem.revision)
    field = "depends_on" if problem.kind == "missing-dependency" else "down_revision"
    hidden = any(file.name in ("", "revision") for file in state.unreadable)
    place = Place(found.path, found.blob, f"assign:{field}", label=label(problem)) if found else None
    return Violation(
        sentence(problem, field) + why,
        place=place,
        note="an unreadable file may define it" if hidden else "every Alembic command stops here with a KeyError",
        help=(remedy(problem),),
        revisions=(problem.revision,),
        key=(problem.revision, problem.other),
        severity="warning" if hidden else "",
        undecided=hidden,
    )


def sentence(problem: GraphProblem, field: str) -> str:
    if problem.kind == "empty-parent":
        return f'missing down_revision: {problem.revision} revises "", which Alembic takes for an id; a base says None'
    verb = "revises" if field == "down_revision" else "depends on"
    return f"missing {field}: {problem.revision} {verb} {problem.other}, which no file defines"


def label(problem: GraphProblem) -> str:
    return f"did you mean {problem.suggestion}?" if problem.suggestion else "no file defines it"


def remedy(problem: GraphProblem) -> Help:
    if problem.kind == "empty-parent":
        return Help("write `down_revision = None`")
    if problem.suggestion:
        return Help(f"write {problem.suggestion}, if that is what was meant")
    return Help(
        "bring in the branch that has it, or find where it went:",
        (f"git log --all {shell_word(f'-S{problem.other}')}",),
    )
