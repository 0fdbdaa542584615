"""What the rows of a ledger say, and how that differs from the files of a tree."""

from __future__ import annotations

import json

from gitmig.frozen import Frozen
from gitmig.revisions.fingerprint import difference, fingerprint, identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.revisions.graph import RevisionGraph
    from gitmig.revisions.revision import Revision


class Entry(Frozen):
    """One row: direction is upgrade, downgrade or stamp; `duration` in seconds, None where nobody measured it.

    `commit` is HEAD at that time, with a "+" behind it when the file was not committed as it ran.
    """

    revision: str
    direction: str
    parents: tuple[str, ...] = ()
    fingerprint: str = ""
    text: str = ""
    blob: str = ""
    commit: str = ""
    gitmig: str = ""
    alembic: str = ""
    applied_at: str = ""
    duration: float | None = None


class Edited(Frozen):
    """A revision whose text today does something else; `parts` are upgrade, downgrade, module, helper NAME."""

    entry: Entry
    path: str
    parts: tuple[str, ...]


class Reparented(Frozen):
    """A revision that ran after other revisions than its file names today."""

    entry: Entry
    path: str
    now: tuple[str, ...]


class Skipped(Frozen):
    """What lies beneath a recorded head today and never ran: `moved` are the revisions that were put above it since."""

    moved: tuple[Reparented, ...]
    revisions: tuple[str, ...]


class Verified(Frozen):
    """`gone` ran and is in no file; `unknown` is applied and no row says what ran; `returned` ran, and the version
    table says that it was taken back, which the ledger did not see.
    """

    entries: int
    edited: tuple[Edited, ...] = ()
    reparented: tuple[Reparented, ...] = ()
    gone: tuple[Entry, ...] = ()
    unknown: tuple[str, ...] = ()
    returned: tuple[Entry, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not (self.edited or self.reparented or self.gone)


def parse_entry(row: Mapping[str, Any]) -> Entry:
    """A row as the database gives it; a damaged list of parents is no parents."""
    try:
        parents = tuple(str(one) for one in json.loads(row["parents"]))
    except (ValueError, TypeError):
        parents = ()
    return Entry(
        row["revision"],
        row["direction"],
        parents,
        row["fingerprint"],
        row["text"],
        row["blob"],
        row["commit_id"],
        row["gitmig_version"],
        row["alembic_version"],
        row["applied_at"],
        row["duration"],
    )


def last_applied(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The upgrade that each revision last ran with, in the order in which they ran; what was taken back is left out."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.direction in ("upgrade", "downgrade"):
            found.pop(entry.revision, None)
        if entry.direction == "upgrade":
            found[entry.revision] = entry
    return found


def recorded(heads: Sequence[str], graph: RevisionGraph, applied: Mapping[str, Entry]) -> set[str]:
    """All that the version table stands for: the heads and what is beneath them, by what ran, else by the files."""
    found: set[str] = set()
    todo = list(heads)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += applied[name].parents if name in applied else graph.down_revisions(name)
            todo += graph.depends_on(name)
    return found


def skipped(
    entries: Sequence[Entry], heads: Sequence[str], graph: RevisionGraph, revisions: Mapping[str, Revision]
) -> Skipped | None:
    """What this database can never run any more, since Alembic takes it for done; None where there is no such thing.

    A later stamp of a revision says that a person has seen to it.
    """
    stamped = {entry.revision: entry.direction == "stamp" for entry in entries}
    applied = {name: entry for name, entry in last_applied(entries).items() if not stamped[name]}
    here = recorded(heads, graph, applied)
    never = graph.ancestors(*(head for head in heads if head in graph)) - here - applied.keys()
    if not never:
        return None
    moved = [one for name in here if (one := _reparented(name, applied, graph, revisions)) is not None]
    return Skipped(tuple(moved), tuple(name for name in graph.upgrade_order() if name in never))


def _reparented(
    name: str, applied: Mapping[str, Entry], graph: RevisionGraph, revisions: Mapping[str, Revision]
) -> Reparented | None:
    entry, file = applied.get(name), revisions.get(name)
    if entry is None or file is None or set(entry.parents) == set(graph.down_revisions(name)):
        return None
    return Reparented(entry, file.path, graph.down_revisions(name))


def verify(
    entries: Sequence[Entry],
    heads: Sequence[str],
    graph: RevisionGraph,
    revisions: Mapping[str, Revision],
    texts: Mapping[str, bytes],
) -> Verified:
    """What a database ran, held against the files; `texts` are those of the files, by path."""
    applied = last_applied(entries)
    here = recorded(heads, graph, applied)
    edited, reparented, gone = [], [], []
    for name, entry in applied.items():
        if name not in here:
            continue
        file = revisions.get(name)
        if file is None:
            gone.append(entry)
            continue
        parts = edits(entry, texts[file.path], file.blob)
        if parts:
            edited.append(Edited(entry, file.path, parts))
        moved = _reparented(name, applied, graph, revisions)
        if moved is not None:
            reparented.append(moved)
    return Verified(
        len(entries),
        tuple(edited),
        tuple(reparented),
        tuple(gone),
        tuple(sorted(name for name in here if name not in applied)),
        tuple(entry for name, entry in applied.items() if name not in here),
    )


def edits(entry: Entry, source: bytes, blob: str) -> tuple[str, ...]:
    """Which parts of the file differ from what ran; none where only its form does."""
    if entry.blob == blob:
        return ()
    now = fingerprint(source)
    if entry.text:
        return difference(fingerprint(entry.text.encode()), now)
    if not entry.fingerprint or "problem" in now:
        return ("unreadable",)
    return () if identity(now) == entry.fingerprint else ("upgrade or downgrade",)
