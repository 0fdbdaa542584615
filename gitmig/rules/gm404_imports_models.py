"""A new revision imports the project's models.

## What it does
Reports imports of modules of this tree that declare models, or pass them on.

## Why it matters
A revision runs for years, on every new database. The models move on: a column that the code of today has is not
there when the revision runs, and `alembic upgrade head` fails on an empty database.

## Example
```python
from shop.models import Book

def upgrade():
    session.query(Book).update({...})
```

## What to do instead
Describe the tables that the revision needs inside the revision: `sa.table("books", sa.column("price"))`.

## What it cannot see
Models that come in through a module that is not in this tree.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "warning"
needs = ("operations",)
inherited = True


def check(change: Change) -> Iterator[Violation]:
    for addition in change.new_additions():
        for found in addition.imports:
            if found.models:
                yield Violation(
                    f"{addition.revision} imports models: {found.module}",
                    place=Place(addition.path, addition.blob, f"line:{found.line}"),
                    note="the models move on and the revision does not: it breaks on the next new database",
                    help=(
                        Help(
                            "describe what it needs in the revision itself",
                            ('books = sa.table("books", sa.column("price"))',),
                        ),
                    ),
                    revisions=(addition.revision,),
                    key=(addition.revision, found.module),
                )
