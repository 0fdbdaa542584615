"""An environment has more heads than the shared branch.

## What it does
Counts the heads of each environment in the local tree. Heads with different branch labels are by design: each
effective label may have one head, and the heads without a label count as one. Two heads that the shared branch has as
well are listed under `existing`; on the shared branch itself they count.

## Why it matters
With two heads `alembic upgrade head` stops with "Multiple head revisions are present", and nothing can be deployed.
`alembic heads` prints both and exits 0, so that few pipelines notice.

## Example
```
27c6a30d7c24 -> revises 1975ea83b712
ae1027a6acf0 -> revises 1975ea83b712
```

## What to do instead
Put the unpublished revision after the published head: `gitmig resolve --reparent`. When both are published, write a
merge revision: `gitmig resolve --merge`.

## What it cannot see
Heads that appear only after this branch is merged: that is GM105.
"""

from __future__ import annotations

from gitmig.change.competing import Competition, find_competitions
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
    for competition in find_competitions(change.local.graph):
        yield violation(competition, change)


def violation(competition: Competition, change: Change) -> Violation:
    target = change.target
    unpublished = [line for line in competition.lines if target is not None and line.lowest not in target.graph]
    published = [line for line in competition.lines if line not in unpublished]
    own = (unpublished or list(competition.lines))[0]
    others = [line for line in competition.lines if line is not own]
    label = "local" if unpublished else ""
    if unpublished and published:
        label = f"local; {change.target_name} already has {published[0].lowest} here"
    return Violation(
        sentence(competition),
        place=place_of(own.lowest, change.local, label),
        note="with two heads, `alembic upgrade head` stops and nothing can be deployed",
        help=tuple(remedies(competition, own.lowest if unpublished and published else "", change)),
        related=tuple(
            Related(place, f"leads to head {line.head}")
            for line in others[:3]
            if (place := place_of(line.lowest, change.local)) is not None
        ),
        revisions=competition.heads,
        key=("heads", competition.label, str(len(competition.heads))),
    )


def sentence(competition: Competition) -> str:
    heads = competition.heads
    named = ", ".join(heads[:-1]) + f" and {heads[-1]}" if len(heads) < 5 else f"{len(heads)} revisions"
    of_label = f" of branch label {competition.label}" if competition.label else ""
    fork = ", ".join(competition.fork)
    if fork and all(len(line.revisions) == 1 for line in competition.lines):
        return (
            f"multiple heads{of_label}: {named} both revise {fork}"
            if len(heads) == 2
            else (f"multiple heads{of_label}: {named} all revise {fork}")
        )
    return f"multiple heads{of_label}: {named}" + (f"; their lines part at {fork}" if fork else "")


def place_of(revision: str, state: EnvironmentState, label: str = "") -> Place | None:
    found = state.revision(revision)
    if found is None:
        return None
    return Place(found.path, found.blob, "assign:down_revision", label=label)


def remedies(competition: Competition, local: str, change: Change) -> Iterator[Help]:
    """Re-parent what is unpublished; join what is published; undo what split a published line."""
    if change.target is not None and not local and len(change.target.graph.heads) == 1:
        yield Help("no new revision made them: undo the change of published revisions that is reported beside this")
        return
    if local and change.target is not None:
        heads = [head for head in competition.heads if head in change.target.graph]
        if len(heads) == 1:
            yield Help(
                f"put the local line of {local} after {heads[0]} (it is unpublished; a database of yours that ran it "
                "goes down first):",
                ("gitmig resolve --reparent",),
            )
    yield Help(
        "or keep both lines and join them:" if local else "keep both lines and join them:",
        ("gitmig resolve --merge",),
    )
