"""A revision that is on the shared branch got another `upgrade` or `downgrade`.

## What it does
Compares every revision of the target with the same id in the merged tree (the target with the local changes put on
it). What counts is what a database would notice: statements of `upgrade`, `downgrade`, the helpers they call, and
module-level code. Formatting, comments, docstrings, type annotations and the order of imports pass.

## Why it matters
A database that ran the revision never runs it again. Databases that come later run the new text. From then on they
differ, and nothing says so: both report the same revision.

## Example
```python
def upgrade():
    op.add_column("account", sa.Column("email", sa.String(320)))  # published as sa.String(255)
```

## What to do instead
Restore the published text and write the change as a new revision. When the edit must be (a revision that fails on a
new database), grant a waiver: it names the fingerprint and the reason, and code owners review it.

## What it cannot see
Data that a revision reads when it runs. Modules it imports and SQL files it reads are GM206's.
"""

from __future__ import annotations

from gitmig.findings import Help, Place, Related
from gitmig.quoting import shell_word
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.published import Edit

severity = "error"
needs = ("merged", "edits")


def check(change: Change) -> Iterator[Violation]:
    for edit in change.edits or ():
        if edit.now is None:
            continue
        if edit.parts is None:
            yield not_compared(edit, change)
        elif edit.parts:
            yield edited(edit, change)


def edited(edit: Edit, change: Change) -> Violation:
    now = edit.now or edit.published
    anchor = "span:" + ":".join(map(str, edit.place)) if edit.place else anchor_of(edit.parts or ())
    there = edit.ref or change.target_name
    label = f"published as {edit.published_text}" if edit.published_text else f"not what {there} has"
    return Violation(
        f"edited published revision: {now.id} no longer matches {there} ({', '.join(edit.parts or ())})",
        place=Place(now.path, now.blob, anchor, label=label),
        note=f"databases that already applied {now.id} will never run this edit",
        help=(restore_help(edit, change),),
        related=(Related(Place(edit.published.path, edit.published.blob, "", "target"), "published text"),),
        revisions=(now.id,),
    )


def not_compared(edit: Edit, change: Change) -> Violation:
    now = edit.now or edit.published
    return Violation(
        f"cannot compare published revision {now.id} with {edit.ref or change.target_name}: its text cannot be parsed",
        place=Place(now.path, now.blob),
        note="whether a database would notice the edit is unknown",
        help=(restore_help(edit, change),),
        revisions=(now.id,),
        severity="warning",
        undecided=True,
    )


def anchor_of(parts: tuple[str, ...]) -> str:
    return f"def:{parts[0]}" if parts and parts[0] in ("upgrade", "downgrade") else ""


def restore_help(edit: Edit, change: Change) -> Help:
    """Bring back the published text; the change itself belongs into a new revision."""
    source, path = shell_word(edit.ref or change.target_name), shell_word(edit.published.path)
    return Help(
        "restore the published text, then write the change as a new revision:",
        (f"git restore --source={source} --staged --worktree -- {path}",),
    )
