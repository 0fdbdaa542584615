"""A revision file was changed on both sides, or has unresolved conflicts.

## What it does
Reports revision files that the local change and the target both changed since they parted, and files that the Git
index holds in several versions because a merge stopped.

## Why it matters
What the file will say is not decided yet, so nobody can say whether a published revision is edited. It is never
counted as an edit, and never as fine.

## Example
```
CONFLICT (content): Merge conflict in migrations/versions/1975ea83b712_create_account_table.py
```

## What to do instead
Take the target's text: databases have run it. Write what the local side wanted as a new revision.

## What it cannot see
What the text will be after the conflict is resolved; it is checked when it is staged.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "warning"
needs = ("graph",)


def check(change: Change) -> Iterator[Violation]:
    for path in change.conflicts:
        source = change.target_name or "MERGE_HEAD"
        command = f"git restore --source={shell_word(source)} --staged --worktree -- {shell_word(path)}"
        yield Violation(
            f"conflicting file: {path.rpartition('/')[2]} was changed here and on {source}",
            place=Place(path),
            note="what a database would notice is unknown until the conflict is resolved",
            help=(Help("take the published text:", (command,)),),
            key=(path,),
            undecided=True,
        )
