"""The head file does not name the head.

## What it does
Where `head_file = true` is configured, compares `head.txt` in the versions folder with the heads of the graph. With two
heads it is silent: GM101 speaks then, and the resolution writes the file.

## Why it matters
The file is there so that Git itself stops when two branches add a revision: both change its one line. Two public
projects that introduced such a file went from 27 accidents to none. A file that is not kept stops nobody.

## Example
```
$ cat migrations/versions/head.txt
1975ea83b712        but 27c6a30d7c24 revises it by now
```

## What to do instead
`gitmig resolve --auto` writes it.

## What it cannot see
Whether other branches keep the file as well.
"""

from __future__ import annotations

from gitmig.change.competing import find_competitions
from gitmig.findings import Help, Place
from gitmig.revisions.head_file import heads_in, render_head_file
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change

severity = "error"
needs = ("graph",)
fixable = True


def check(change: Change) -> Iterator[Violation]:
    state = change.local
    file = state.head_file
    if file is None or not len(state.graph) or next(find_competitions(state.graph), None) is not None:
        return
    wanted = render_head_file(state.graph).decode("utf-8", "surrogateescape")
    if file.text is not None and file.text.splitlines() == wanted.splitlines():
        return
    heads = ", ".join(state.graph.heads)
    if file.text is None:
        message = f"stale head file: {file.path} is missing; the head is {heads}"
    else:
        named = ", ".join(heads_in(file.text)) or "nothing"
        message = f"stale head file: {file.path} names {named}, the head is {heads}"
    yield Violation(
        message,
        place=Place(file.path, file.blob, "line:1", label=f"the head is {heads}") if file.blob else None,
        note="Git stops two branches that both add a revision only where both change this file",
        help=(Help("write and stage it:", ("gitmig resolve --auto",)),),
        revisions=state.graph.heads,
        key=("head file", file.path),
    )
