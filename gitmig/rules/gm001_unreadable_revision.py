"""A file in a versions folder whose revision ids cannot be read.

## What it does
Reads `revision`, `down_revision`, `depends_on` and `branch_labels` from module-level assignments, without running the
file: plain or annotated, text, tuples, lists, sets, concatenation, constants of the same file. It reports syntax
errors, conflict markers, unknown encodings, files over the size limit, links, and ids that are computed. The rest of
the graph still works.

## Why it matters
Alembic runs the file to learn its id. A file that does not load stops every Alembic command, and a computed id can
differ from one machine to the next.

## Example
```python
revision = uuid.uuid4().hex[:12]
```

## What to do instead
Write the id as a literal.

## What it cannot see
What the computed value would be. What cannot be read here and may be fine elsewhere (a file over the size limit, in Git
LFS, missing in this clone, or written for a newer Python) is a warning, and the verdict is undecided.
"""

from __future__ import annotations

from gitmig.change.state import Unreadable
from gitmig.findings import Help, Place
from gitmig.quoting import shell_word
from gitmig.rules.occasions import is_plainly_fine
from gitmig.rules.rule import Violation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.change import Change
    from gitmig.revisions.revision import Revision

severity = "error"
needs = ("graph",)
inherited = True

REASONS = {
    "syntax": "the syntax is broken: {detail}",
    "newer-python": "it needs Python {detail} or newer to be parsed",
    "too-complex": "the code is nested too deeply to be parsed",
    "too-large": "it is larger than max_file_size ({detail} bytes)",
    "oversize": "it is larger than max_file_size ({detail} bytes)",
    "git-lfs": "it is stored by Git LFS; only a pointer is in the repository",
    "git-crypt": "it is encrypted by git-crypt",
    "encoding": "its encoding cannot be read: {detail}",
    "null-bytes": "it contains null bytes",
    "conflict": "it has unresolved merge conflict markers",
    "computed": "{name} is computed ({detail}), not a literal",
    "no-revision": "it defines down_revision and no revision",
    "no-down-revision": "it defines revision and no down_revision",
    "no-value": "{name} is annotated and has no value",
    "not-text": "{name} is {detail}, not text",
    "nested": "{name} is a sequence inside a sequence",
    "link": "it is a symbolic link, which Alembic follows and Git does not version",
    "submodule": "it is a submodule",
    "other": "it is no regular file",
    "missing": "its content is not in this clone",
    "damaged": "its object is damaged; run git fsck",
}
UNUSABLE = {
    "empty": "is empty",
    "reserved": "is a word of Alembic's own",
    "alembic-character": "has a character that Alembic gives a meaning",
    "path": "leads out of the folder",
    "unsafe-character": "has a character that is not safe in a file name or a terminal",
    "too-long": "is longer than the 32 characters of alembic_version",
}
UNKNOWN_TO_US = ("newer-python", "too-complex", "too-large", "oversize", "missing", "git-lfs", "git-crypt", "damaged")


def check(change: Change) -> Iterator[Violation]:
    for found in change.local.unreadable:
        if found.name == "branch_labels" and found.kind == "computed":
            yield computed_label(found)
        else:
            yield violation(found)
    new = [revision for revision in change.new_revisions() if not is_plainly_fine(revision.id)]
    if new:
        from gitmig.revisions.naming import id_problems

        yield from (unusable(revision, problem) for revision in new for problem in id_problems(revision.id))


def unusable(revision: Revision, problem: str) -> Violation:
    """An id that Alembic reads and that something else fails on; only new ones, since a published id must stay."""
    return Violation(
        f"unusable revision id: {revision.id or repr(revision.id)} {UNUSABLE[problem]}",
        place=Place(revision.path, revision.blob, "assign:revision"),
        note="ids stand in file names, in alembic_version (32 characters) and on command lines",
        help=(Help("use letters, digits and `_`, 32 at most; a drawn id has 12 hexadecimal digits"),),
        revisions=(revision.id,),
        key=(revision.id, problem),
        severity="warning" if problem == "too-long" else "",
    )


def violation(found: Unreadable) -> Violation:
    reason = REASONS.get(found.kind, "{kind} {detail}").format(name=found.name, detail=found.detail, kind=found.kind)
    file = found.path.rpartition("/")[2]
    return Violation(
        f"unreadable revision: {file}: {reason}",
        place=Place(found.path, found.blob, found.anchor),
        note="its place in the graph is unknown; Alembic runs the file to learn it",
        help=(remedy(found),),
        key=(found.path, found.kind, found.name),
        undecided=found.kind in UNKNOWN_TO_US,
        severity="warning" if found.kind in UNKNOWN_TO_US else "",
    )


def computed_label(found: Unreadable) -> Violation:
    """Heads do not depend on it, so the graph stands; which head a label names stays unknown."""
    return Violation(
        f"unreadable revision: {found.path.rpartition('/')[2]}: branch_labels is computed ({found.detail})",
        place=Place(found.path, found.blob, found.anchor),
        note="the graph is known; which head the label names is not",
        help=(Help("write the label as a literal"),),
        key=(found.path, found.kind, found.name),
        severity="note",
    )


def remedy(found: Unreadable) -> Help:
    if found.kind == "conflict":
        return Help("resolve the conflict, then stage the file:", (f"git add -- {shell_word(found.path)}",))
    if found.kind in ("git-lfs", "git-crypt"):
        return Help(f"exclude {found.path.rpartition('/')[0]} from the filter in .gitattributes")
    if found.kind in ("too-large", "oversize"):
        return Help("move the data out of the revision, or raise max_file_size in the configuration")
    if found.kind == "missing":
        return Help("fetch what is missing:", ("git fetch --refetch",))
    if found.name:
        return Help(f"write {found.name} as a literal")
    return Help("repair the file, or move what is no revision out of the versions folder")
