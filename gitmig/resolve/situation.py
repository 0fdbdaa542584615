"""Where an environment stands: which lines compete, what of them is published, what they do.

The tree that is looked at is the local one when it has the heads already, else the target with local's changes on it.
"""

from __future__ import annotations

from gitmig.change.competing import Competition, find_competitions, in_order
from gitmig.frozen import Frozen
from gitmig.revisions.drawn import fresh_id
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.naming import next_sequential_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import TypeAlias

    from gitmig.revisions.revision import Revision
    from gitmig.schema.operations import Operation

    Files: TypeAlias = Mapping[str, Revision]


class Doing(Frozen):
    """What a revision does to a database; `empty` when it neither upgrades nor downgrades anything."""

    operations: tuple[Operation, ...] = ()
    empty: bool = False


class Situation(Frozen):
    """One environment of one tree.

    `files` and `graph` have local revisions under the id that is theirs alone: `renamed` (path -> new id) lists those
    that took an id of a published revision, `written` (new id -> id) what their files say.  `published` is None where
    no shared ref is known.  `own` are the revisions of this side (HEAD), which go last where several lines move.
    `doing` answers for a revision of a competing line, None when its file could not be read.  `conflicts` are revision
    files in a Git conflict, `duplicates` ids that several files have and nobody can tell whose they are.  `revised` are
    revisions that another one revises on the target, `gone` published files that this tree deletes although it needs
    them (id, path).
    """

    environment: str
    files: Files
    graph: RevisionGraph
    published: frozenset[str] | None = None
    target_name: str = ""
    revised: frozenset[str] = frozenset()
    gone: tuple[tuple[str, str], ...] = ()
    own: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = {}
    written: Mapping[str, str] = {}
    conflicts: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    doing: Mapping[str, Doing | None] = {}

    @property
    def competitions(self) -> tuple[Competition, ...]:
        return tuple(find_competitions(self.graph))

    @property
    def is_settled(self) -> bool:
        """Nothing competes and every file has an id of its own."""
        return not self.competitions and not self.renamed and not self.duplicates

    @property
    def in_question(self) -> frozenset[str]:
        """The revisions whose operations matter: of the competing lines, and everything local beneath them."""
        lines = [line for competition in self.competitions for line in competition.lines]
        wanted = {revision for line in lines for revision in line.revisions}
        if self.published is not None:
            wanted |= self.graph.ancestors(*(line.head for line in lines)) - self.published
        return frozenset(wanted)

    @property
    def stale(self) -> tuple[str, ...]:
        """Files of unpublished revisions whose docstring disagrees with the code."""
        if self.published is None:
            return ()
        return tuple(path for path, one in self.files.items() if one.stale and one.id not in self.published)

    def path(self, revision: str) -> str:
        return self.graph.paths(revision)[0]

    def standing(self, revisions: Iterable[str]) -> str:
        """published, unpublished, mixed, or unknown where no shared ref says so."""
        if self.published is None:
            return "unknown"
        found = {one in self.published for one in revisions}
        return "mixed" if len(found) > 1 else "published" if found == {True} else "unpublished"


def find_situation(
    environment: str,
    files: Files,
    *,
    published_files: Files | None = None,
    published_elsewhere: Collection[str] = (),
    is_whole: bool = False,
    **known: object,
) -> Situation:
    """The situation that these files are in; `known` are further fields of Situation.

    `published_files` are those of the target, None where no target is known.  `is_whole`: the files have all that the
    target has, but for what local deletes; a tree that is merely behind is not.
    """
    renamed: dict[str, str] = {}
    written: dict[str, str] = {}
    duplicates: tuple[str, ...] = ()
    graph = RevisionGraph([revision.node for revision in files.values()])
    if any(len(graph.paths(one)) > 1 for one in graph.revisions):
        renamed, duplicates = _own_ids(graph, files, published_files or {})
        written = {new: files[path].id for path, new in renamed.items()}
        files = with_ids(files, renamed, local=_local(files, published_files or {}))
        graph = RevisionGraph([revision.node for revision in files.values()])
    published, revised = None, frozenset[str]()
    if published_files is not None:
        revised = frozenset(parent for one in published_files.values() for parent in one.down_revisions)
        ids = {revision.id for revision in published_files.values()} | set(published_elsewhere)
        published = frozenset(ids - set(renamed.values()))
    return Situation(
        environment,
        files,
        graph,
        published,
        revised=revised,
        gone=_gone(graph, published_files or {}, is_whole),
        renamed=renamed,
        written=written,
        duplicates=duplicates,
        **known,  # type: ignore[arg-type]
    )


def _gone(graph: RevisionGraph, published: Files, is_whole: bool) -> tuple[tuple[str, str], ...]:
    """Published revisions that no file defines and that revisions of this tree need."""
    if not published or (not is_whole and graph.is_sound):
        return ()
    named = {parent for one in graph.revisions for parent in graph.down_revisions(one)}
    return tuple(
        (one.id, path) for path, one in published.items() if one.id not in graph and (is_whole or one.id in named)
    )


def _own_ids(graph: RevisionGraph, files: Files, published: Files) -> tuple[dict[str, str], tuple[str, ...]]:
    """A new id for every local file that has the id of a published one, and the ids that stay in doubt."""
    renamed: dict[str, str] = {}
    doubtful = []
    taken = set(graph.revisions)
    for revision in in_order(graph, [one for one in graph.revisions if len(graph.paths(one)) > 1]):
        paths = graph.paths(revision)
        local = [path for path in paths if path not in published or published[path].id != revision]
        if len(local) != 1 or len(paths) != 2:
            doubtful.append(revision)
            continue
        new = next_sequential_id(taken) or drawn_id("renamed", (revision, local[0]), taken)
        renamed[local[0]] = new
        taken.add(new)
    return renamed, tuple(doubtful)


def drawn_id(purpose: str, seed: Iterable[str], taken: Collection[str]) -> str:
    """A new id drawn from what it is for: two people who do the same get one revision, not two that compete again."""
    import hashlib

    text = "\n".join((purpose, *seed)).encode("utf-8", "surrogateescape")
    return fresh_id(hashlib.sha256(text).digest(), taken)


def _local(files: Files, published: Files) -> frozenset[str]:
    return frozenset(path for path in files if path not in published)


def with_ids(files: Files, renamed: Mapping[str, str], local: Collection[str]) -> dict[str, Revision]:
    """The files with new ids; where a local file names the old id, it means the local file that had it."""
    old = {files[path].id: new for path, new in renamed.items()}
    changed = dict(files)
    for path in local:
        revision = files[path]
        changed[path] = revision.replace(
            id=renamed.get(path, revision.id),
            down_revisions=tuple(old.get(one, one) for one in revision.down_revisions),
            depends_on=tuple(old.get(one, one) for one in revision.depends_on),
        )
    return changed
