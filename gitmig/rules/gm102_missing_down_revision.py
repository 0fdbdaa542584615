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
A parent in a file that cannot be read (GM001), and whether a program loads two environments together, as plugins that
depend on the main one need: then the finding is a warning and the verdict undecided.
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
    elsewhere = dict(change.elsewhere)
    yield from (violation(problem, change.local, elsewhere.get(problem.other, "")) for problem in here)
    if change.merged is not None:
        known = {(problem.revision, problem.other) for problem in here}
        for problem in change.merged.graph.problems:
            is_local = problem.revision in change.local.graph
            if problem.kind in KINDS and is_local and (problem.revision, problem.other) not in known:
                why = f"; {change.target_name} does not have it any more"
                yield violation(problem, change.merged, why=why)


def violation(problem: GraphProblem, state: EnvironmentState, other: str = "", why: str = "") -> Violation:
    """`other` is the environment that defines what is missing here: a program may load the two together."""
    found = state.revision(problem.revision)
    field = "depends_on" if problem.kind == "missing-dependency" else "down_revision"
    doubt = doubt_about(state, other)
    return Violation(
        sentence(problem, field, other) + why,
        place=Place(found.path, found.blob, f"assign:{field}", label=label(problem, other)) if found else None,
        note=doubt or "every Alembic command stops here with a KeyError",
        help=(remedy(problem, other),),
        revisions=(problem.revision,),
        key=(problem.revision, problem.other),
        severity="warning" if doubt else "",
        undecided=bool(doubt),
    )


def doubt_about(state: EnvironmentState, other: str) -> str:
    """Why it may not be missing after all, or ""."""
    if other:
        return "Alembic finds it where version_locations has the folders of both; no configuration file says so"
    if any(file.name in ("", "revision") for file in state.unreadable):
        return "an unreadable file may define it"
    return ""


def sentence(problem: GraphProblem, field: str, other: str = "") -> str:
    if problem.kind == "empty-parent":
        return f'missing down_revision: {problem.revision} revises "", which Alembic takes for an id; a base says None'
    verb = "revises" if field == "down_revision" else "depends on"
    definer = f"only environment {other} defines" if other else "no file defines"
    return f"missing {field}: {problem.revision} {verb} {problem.other}, which {definer}"


def label(problem: GraphProblem, other: str = "") -> str:
    if other:
        return f"defined in environment {other}"
    return f"did you mean {problem.suggestion}?" if problem.suggestion else "no file defines it"


def remedy(problem: GraphProblem, other: str = "") -> Help:
    if other:
        return Help("name the folders of both in one table of `environments`, if your program loads them together")
    if problem.kind == "empty-parent":
        return Help("write `down_revision = None`")
    if problem.suggestion:
        return Help(f"write {problem.suggestion}, if that is what was meant")
    return Help(
        "bring in the branch that has it, or find where it went:",
        (f"git log --all {shell_word(f'-S{problem.other}')}",),
    )
