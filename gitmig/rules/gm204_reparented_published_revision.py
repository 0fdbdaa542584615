"""A revision that is on the shared branch got another parent.

## What it does
Compares `down_revision` and `depends_on` of every published revision with the merged tree.

## Why it matters
A database that stands at or above the revision has passed this place of the graph. Whatever the new parent brings in
beneath is skipped there without a word; whatever the old parent brought may be missing in databases that come later.

## Example
```python
revision = "1975ea83b712"
down_revision = "27c6a30d7c24"  # published as ae1027a6acf0
```

## What to do instead
Restore the published parent. Two published lines are joined by a merge revision; only unpublished revisions are
re-parented.

## What it cannot see
Whether a database exists that passed this place. It assumes that there is one.
"""

from __future__ import annotations

from gitmig.change.competing import in_order
from gitmig.findings import Place, Related
from gitmig.rules.gm201_edited_published_revision import restore_help
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.change.published import Edit
    from gitmig.revisions.revision import Revision

severity = "error"
needs = ("merged", "edits")
MENDED = 'the published "" stops every Alembic command; None is what it meant'


def check(change: Change) -> Iterator[Violation]:
    for edit in reparented(change):
        if not sunken_beneath(edit, change):
            yield violation(edit, change)


def reparented(change: Change) -> Iterator[Edit]:
    """Edits that change the parents or the dependencies of a published revision."""
    for edit in change.edits or ():
        if edit.now is not None and parents(edit.now) != parents(edit.published):
            yield edit


def parents(revision: Revision) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(revision.down_revisions), frozenset(revision.depends_on)


def is_mended(edit: Edit) -> bool:
    """`None` took the place of an empty text, which is what GM102 asks for."""
    (now, needs), (was, needed) = parents(edit.now or edit.published), parents(edit.published)
    return needs == needed and now == was - {""}


def sunken_beneath(edit: Edit, change: Change) -> tuple[str, ...]:
    """New revisions that this edit puts beneath a published one, the lowest first: GM205 tells that story instead.

    What lies beneath another published revision is that one's story.
    """
    if change.merged is None or change.target is None or edit.now is None:
        return ()
    graph, published = change.merged.graph, change.target.graph
    found: set[str] = set()
    waiting = [edit.now.id]
    while waiting:
        name = waiting.pop()
        lower = (*graph.down_revisions(name), *graph.depends_on(name))
        new = [one for one in lower if one in graph and one not in published and one not in found]
        found.update(new)
        waiting += new
    return in_order(graph, found)


def violation(edit: Edit, change: Change) -> Violation:
    now = edit.now or edit.published
    is_parent = parents(now)[0] != parents(edit.published)[0]
    field = "down_revision" if is_parent else "depends_on"
    verb = "revises" if is_parent else "depends on"
    new, old = (
        ", ".join(name or '""' for name in getattr(each, f"{field}s" if is_parent else field))
        or ("no parent" if is_parent else "nothing")
        for each in (now, edit.published)
    )
    return Violation(
        f"re-parented published revision: {now.id} {verb} {new}; on {edit.ref or change.target_name} it {verb} {old}",
        place=Place(now.path, now.blob, f"assign:{field}", label=f"published as {old}"),
        note=MENDED if is_mended(edit) else skipped_note(edit, change),
        help=() if is_mended(edit) else (restore_help(edit, change),),
        severity="note" if is_mended(edit) else "",
        related=(Related(Place(edit.published.path, edit.published.blob, f"assign:{field}", "target"), "published"),),
        revisions=(now.id,),
    )


def skipped_note(edit: Edit, change: Change) -> str:
    """Which revisions a database that stands at this one will never run."""
    now = edit.now or edit.published
    if change.merged is None or change.target is None or edit.ref:
        return f"databases at {now.id} have passed this place of the graph already"
    before, after = change.target.graph.ancestors(now.id), change.merged.graph.ancestors(now.id)
    brought, lost = sorted(after - before), sorted(before - after)
    if brought:
        return f"databases at or above {now.id} silently skip {', '.join(brought[:3])}"
    if lost:
        return f"databases at {now.id} have {', '.join(lost[:3])}; new ones reach {now.id} without it"
    return f"databases that are on their way to {now.id} would take another order"
