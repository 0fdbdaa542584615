"""The revision that belongs to the models lies in the worktree and is not staged.

## What it does
When the models are ahead of the revisions (GM301), looks at the versions folder on disk. If a file there that is not
staged, or not as it lies there, would close the gap, this is said instead.

## Why it matters
`git commit -a` takes the changed model and leaves the new revision behind, because it is untracked. It works here and
nowhere else.

## Example
```
 M shop/models.py
?? migrations/versions/27c6a30d7c24_add_subtitle.py
```

## What to do instead
`git add` the file.

## What it cannot see
Revisions that lie in a stash or on another machine.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.additions import Unstaged
    from gitmig.change.change import Change

severity = "error"
needs = ("drift", "operations", "unstaged")


def check(change: Change) -> Iterator[Violation]:
    for found in change.unstaged or ():
        if found.covers:
            yield violation(found)


def violation(found: Unstaged) -> Violation:
    objects = sorted(found.covers)
    named = ", ".join(objects[:3]) + (f" and {len(objects) - 3} more" if len(objects) > 3 else "")
    state = "has changes that are not staged" if found.tracked else "is not staged"
    return Violation(
        f"the revision for {named} {state}",
        place=Place(found.path, side="worktree"),
        note="the commit would have the models without the revision that lies beside them",
        help=(Help("stage it", (f"git add -- {shell_word(found.path)}",)),),
        revisions=(found.revision,) if found.revision else (),
        objects=tuple(objects),
    )
