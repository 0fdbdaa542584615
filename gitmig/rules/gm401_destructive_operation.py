"""A new revision drops a table or a column that published revisions created.

## What it does
Reports drops of what the published part of the chain made. What an unpublished revision made and another one takes
back was never anywhere.

## Why it matters
The rows are gone, and a downgrade brings back an empty column. The old version of the code, which still runs while
the new one is deployed, fails at once.

## Example
```python
op.drop_column("books", "isbn")
```

## What to do instead
Take it out of the models first, deploy, and drop it in a later release. Have a backup, then waive the finding.

## What it cannot see
Whether there are rows.
"""

from __future__ import annotations

from gitmig.change.gaps import place_of
from gitmig.findings import Help
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.additions import Addition, Risk
    from gitmig.change.change import Change

severity = "warning"
needs = ("operations",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for addition in change.new_additions():
        for risk in addition.risks:
            if risk.kind == "destructive" and change.is_published(risk.maker):
                yield violation(addition, risk, change)


def violation(addition: Addition, risk: Risk, change: Change) -> Violation:
    what = "table" if risk.operation.op == "drop_table" else "column"
    maker = f", which {risk.maker} created" if risk.maker else ""
    return Violation(
        f"destructive operation: {addition.revision} drops {what} {risk.object}{maker}",
        place=place_of(risk.operation.origin, change),
        note="the rows are lost, and a downgrade brings back an empty one",
        help=(Help("if that is meant, say so", (f"gitmig waive GM401 {shell_word(risk.object)} --reason ...",)),),
        revisions=(addition.revision,),
        objects=(risk.object,),
    )
