"""One head here, two as soon as this is merged into the shared branch.

## What it does
Puts the local changes on the current target, path by path and without touching the worktree, and counts the heads of
the result. It reports when they are more than both the local tree and the target have.

## Why it matters
Both branches are green, each has one head; after the merge there are two, and every deploy stops. 4.6 % of pull
requests that add a revision are in this state on the day they are opened, 54 % of those left open for a month.

## Example
```
main:  A --- B      merged since this branch was made
here:  A --- C      C revises A as well
```

## What to do instead
Bring the target in (merge or rebase), then put the local revision after the target's head:
`gitmig resolve --reparent`.

## What it cannot see
Other open branches. And the target is as fresh as the last `git fetch`.
"""

from __future__ import annotations

from gitmig.change.competing import Competition, Line, find_competitions, heads_by_label
from gitmig.findings import Help, Place, Related
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState

severity = "error"
needs = ("merged",)
in_mode = {"staged": "warning"}


def check(change: Change) -> Iterator[Violation]:
    if change.merged is None or change.target is None:
        return
    here, there = heads_by_label(change.local.graph), heads_by_label(change.target.graph)
    for competition in find_competitions(change.merged.graph):
        count = len(competition.heads)
        already = max(len(here.get(competition.label, ())), len(there.get(competition.label, ())))
        new = [line for line in competition.lines if line.lowest not in change.target.graph]
        if count > already and new:
            yield violation(competition, new[0], change, change.merged)


def violation(competition: Competition, own: Line, change: Change, merged: EnvironmentState) -> Violation:
    theirs = next(line for line in competition.lines if line is not own)
    mine, other = merged.revision(own.lowest), merged.revision(theirs.lowest)
    parents = ", ".join(own.parents) or "nothing"
    return Violation(
        f"competing heads: {own.head} here and {theirs.head} on {change.target_name} would both be heads after a merge",
        place=Place(
            mine.path,
            mine.blob,
            "assign:down_revision",
            label=f"revises {parents}; {change.target_name} continues there with {theirs.lowest}",
        )
        if mine
        else None,
        note="both branches are green alone; merged, `alembic upgrade head` stops with two heads",
        help=(
            Help(f"bring {change.target_name} in:", (f"git merge {shell_word(change.target_name)}",)),
            Help(f"then put {own.lowest} after {theirs.head}:", ("gitmig resolve --reparent",)),
        ),
        related=(
            Related(
                Place(other.path, other.blob, "assign:down_revision", "target"),
                f"on {change.target_name}",
            ),
        )
        if other
        else (),
        revisions=competition.heads,
    )
