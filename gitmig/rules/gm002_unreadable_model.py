"""A file with models cannot be read.

## What it does
Reports model files that the parser cannot read (a syntax error, an encoding, a conflict marker, a file over the size
limit) where that is new.

## Why it matters
Its tables look as if they had been removed, or are silently not checked. When the file is part of the change, the
verdict is undecided.

## Example
```python
class Book(Base)
    __tablename__ = "books"
```

## What to do instead
Mend the file; `python -m py_compile FILE` shows the place.

## What it cannot see
Syntax newer than both the running Python and gitmig's own list is reported as unreadable although your Python reads it.
"""

from __future__ import annotations

from gitmig.change.gaps import place_of
from gitmig.findings import Help
from gitmig.quoting import shell_word
from gitmig.rules.gm306_undecided_model_change import is_unread_file
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "warning"
needs = ("drift",)


def check(change: Change) -> Iterator[Violation]:
    if change.drift is None:
        return
    touched = {changed.path for changed in change.paths}
    for item in change.drift.of("unknown"):
        if is_unread_file(item):
            path = item.attribute
            yield Violation(
                f"unreadable model: {path} cannot be read",
                place=place_of(item.places[0], change),
                note=f"{item.model or item.chain or 'unknown'}; its tables are not compared",
                help=(Help("see what Python says", (f"python -m py_compile {shell_word(path)}",)),),
                objects=(path,),
                undecided=path in touched or change.mode == "all",
            )
