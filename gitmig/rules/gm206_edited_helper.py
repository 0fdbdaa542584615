"""A module that published revisions import, or an SQL file that they read, is edited.

## What it does
Reports edits of project modules, models aside, that change what a published revision takes from them: the names that
it imports or asks the module for, and what those reach in the same file. Other names, formatting, comments and
annotations pass, as in GM201. Of a file that a published revision reads its SQL from (`.sql`, `.ddl`, `.psql` or
`.pgsql`; a path made from `__file__` or a package), every edit is told.

## Why it matters
What a revision calls is part of the revision. Databases that ran it keep the old effect; new ones get the new one, and
nothing in the versions folder shows it.

## Example
```python
# migrations/helpers.py, used by 1975ea83b712
def create_audit_table(name): ...
```

## What to do instead
Leave the function as it is and write a new one; or copy the old text into the revisions that use it.

## What it cannot see
Modules outside of this tree, and those that a helper itself imports.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "warning"
needs = ("helpers",)
LEAVE = "leave what they call as it is, and write a new function beside it"


def check(change: Change) -> Iterator[Violation]:
    for helper in change.helpers or ():
        use, used = ("import", "imported") if helper.path.endswith(".py") else ("read", "read")
        named = ", ".join(helper.revisions[:3])
        more = f" and {len(helper.revisions) - 3} more" if len(helper.revisions) > 3 else ""
        verb = "edits" if helper.now else "deletes"
        yield Violation(
            f"the change {verb} {helper.path}, which published revisions {use}",
            place=Place(helper.path, helper.now or helper.was, side="local" if helper.now else "before"),
            note=f"{used} by {named}{more}: databases that ran it keep the old effect, new ones get the new one",
            help=(Help(LEAVE if use == "import" else "leave the file as it is, and read a new one in a new revision"),),
            key=(helper.path,),
            objects=(helper.path,),
        )
