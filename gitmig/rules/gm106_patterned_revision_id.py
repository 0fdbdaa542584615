"""A new revision has an id that a person or an assistant typed.

## What it does
Recognises 12-digit hexadecimal ids with a pattern: ascending (`0123456789ab`), repeated (`aaaaaaaaaaaa`), alternating
(`a1b2c3d4e5f6`), keyboard rows. Only ids of new files are refused; a random id matches less than once in 100,000.

## Why it matters
An id must differ from every id that any branch will ever have. Typed ids collide: `a1b2c3d4e5f6` is a revision in six
of fifteen public projects. Two revisions with one id load in an order that depends on file names, and one is never
run.

## Example
```python
revision = "a1b2c3d4e5f6"
```

## What to do instead
Take the fresh id that the message offers, in `revision`, in the docstring and in the file name.

## What it cannot see
Ids of other shapes: sequential numbers and slugs are a choice of the project.
"""

from __future__ import annotations

from gitmig.findings import Help, Place
from gitmig.hashing import sha1
from gitmig.revisions.drawn import fresh_id, is_patterned
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.revisions.revision import Revision

severity = "error"
needs = ("graph",)


def check(change: Change) -> Iterator[Violation]:
    for revision in change.new_revisions():
        if not is_patterned(revision.id):
            continue
        offer = fresh_id(bytes_of(revision), change.local.graph)
        yield Violation(
            f"patterned revision id: {revision.id} looks typed, not drawn",
            place=Place(revision.path, revision.blob, "assign:revision", label=f"a drawn one: {offer}"),
            note="typed ids collide: the same one turns up in unrelated branches, and one of the two is never run",
            help=(Help(f"nobody has run it yet: use {offer} in `revision`, the docstring and the file name"),),
            revisions=(revision.id,),
        )


def bytes_of(revision: Revision) -> bytes:
    """Bytes that nobody types, from the file itself: the core has no random source, and a second run says the same."""
    return bytes.fromhex(sha1(f"{revision.path}\0{revision.blob}".encode("utf-8", "surrogateescape")))
