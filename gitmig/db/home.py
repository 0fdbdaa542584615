"""The way home: from where a database is, over what it ran, to what the files of this tree say.  Pure.

The database ran the *old* graph: what the ledger says, else what the files say, else texts found in Git.  Kept is what
this tree has too, with the same parents all the way down; everything above it goes down with its old text, the newest
first, and then this tree's revisions go up.
"""

from __future__ import annotations

import re

from gitmig.frozen import Frozen
from gitmig.repo.digests import format_of, hash_bytes
from gitmig.revisions.editing import change_down_revision
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.parsing import parse_header
from gitmig.revisions.revision import revision_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitmig.db.applied import Entry
    from gitmig.revisions.revision import Revision


_DOCSTRING = re.compile(rb"(?:\s|#[^\n]*\n)*(\x22{3}|\x27{3})\s*([^\n]*?)(?:\1|\n|$)")


class Text(Frozen):
    """The text of a revision and where it comes from.

    `origin` is ledger, tree, or the name of a ref or commit; `is_known` says that this database ran it, or that it is
    published, so that running it needs no question.
    """

    source: bytes
    origin: str
    path: str = ""
    is_known: bool = False


class Old(Frozen):
    """One revision as the database ran it."""

    revision: Revision
    text: Text


class Home(Frozen):
    """`down` are the ids to take back, the newest first; `keep` stays; `missing` are ids without any text."""

    heads: tuple[str, ...]
    old: Mapping[str, Old]
    graph: RevisionGraph
    down: tuple[str, ...] = ()
    keep: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Where the ways part: the highest of what stays."""
        beneath = {parent for name in self.keep for parent in self.graph.down_revisions(name)}
        return tuple(sorted(self.keep - beneath))


class Sources(Frozen):
    """Where texts come from: the ledger, the files of this tree by id and by path, and what was found elsewhere.

    `held` are blobs of this repository: a ledger that others write to may hold any text.
    """

    applied: Mapping[str, Entry]
    files: Mapping[str, Revision]
    texts: Mapping[str, bytes]
    found: Mapping[str, Text] = {}
    held: frozenset[str] = frozenset()


def plan_home(heads: Sequence[str], sources: Sources) -> Home:
    """The way from these recorded heads; with `missing` there is none yet."""
    old, missing = collect(heads, sources)
    graph = RevisionGraph(one.revision.node for one in old.values())
    if missing:
        return Home(tuple(heads), old, graph, missing=missing)
    here = RevisionGraph(one.node for one in sources.files.values())
    keep: set[str] = set()
    order = graph.upgrade_order()
    for name in order:
        parents, depends = set(graph.down_revisions(name)), set(graph.depends_on(name))
        same = name in here and set(here.down_revisions(name)) == parents and set(here.depends_on(name)) == depends
        if same and parents | depends <= keep:
            keep.add(name)
    return Home(tuple(heads), old, graph, tuple(name for name in reversed(order) if name not in keep), frozenset(keep))


def collect(heads: Sequence[str], sources: Sources) -> tuple[dict[str, Old], tuple[str, ...]]:
    """All that the database ran, from its heads to the base, and the ids that nobody knows."""
    old: dict[str, Old] = {}
    missing: set[str] = set()
    todo = list(heads)
    while todo:
        name = todo.pop()
        if name in old or name in missing:
            continue
        one = as_it_ran(name, sources)
        if one is None:
            missing.add(name)
        else:
            old[name] = one
            todo += [*one.revision.down_revisions, *one.revision.depends_on]
    return old, tuple(sorted(missing))


def as_it_ran(name: str, sources: Sources) -> Old | None:
    """The ledger's text first; then what was found for it; then the file, with the parents that the ledger names."""
    entry, file = sources.applied.get(name), sources.files.get(name)
    if entry is not None and entry.text:
        source = entry.text.encode()
        is_known = entry.blob in sources.held and hash_bytes(source, object_format=format_of(entry.blob)) == entry.blob
        return parsed(name, Text(source, "ledger", file.path if file else f"{name}.py", is_known), entry)
    if name in sources.found:
        return parsed(name, sources.found[name], entry)
    if file is None:
        return None
    text = Text(sources.texts.get(file.path, b""), "tree", file.path, is_known=True)
    if entry is None:
        return Old(file, text)
    if set(entry.parents) != set(file.down_revisions):
        text = text.replace(source=change_down_revision(text.source, entry.parents, file.path))
    return Old(file.replace(down_revisions=entry.parents), text)


def message_of(source: bytes) -> str:
    """The first line of the docstring, which is the revision's message; "" where there is none."""
    found = _DOCSTRING.match(source)
    return found.group(2).decode("utf-8", "replace").strip() if found else ""


def parsed(name: str, text: Text, entry: Entry | None) -> Old | None:
    """None for a text that is not this revision."""
    revision = revision_of(parse_header(text.source), text.path)
    if revision.id != name:
        return None
    return Old(revision.replace(down_revisions=entry.parents) if entry is not None else revision, text)
