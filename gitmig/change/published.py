"""Published revisions: where each one is, and what a change would do to them."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from gitmig.change.state import EnvironmentState
    from gitmig.revisions.revision import Revision


class Edit(Frozen):
    """One published revision that the change touches.

    `published` is the revision on the target, `now` the same id in the merged tree (None: gone), `successor` the
    revision that took its file, its name or its text when the id is gone; `added` the new ones among which a text is
    looked for.  `parts` names what a database would notice:
    "upgrade", "downgrade", "helper NAME", "module"; None when either text could not be read.  `ref` names a
    shared ref beside the target.  `place` (line and column, first and one past the last) is where the texts part,
    `published_text` what was published there.
    """

    published: Revision
    now: Revision | None = None
    successor: Revision | None = None
    added: tuple[Revision, ...] = ()
    parts: tuple[str, ...] | None = ()
    place: tuple[int, int, int, int] | None = None
    published_text: str = ""
    ref: str = ""

    @property
    def blobs(self) -> tuple[str, ...]:
        """Blobs whose fingerprints `compare_edit` asks for."""
        others = (self.now,) if self.now else self.added
        return tuple(one.blob for one in (self.published, *others)) if others else ()


def find_edits(target: EnvironmentState, merged: EnvironmentState, elsewhere: Mapping[str, Revision]) -> Iterator[Edit]:
    """Published revisions whose file is another one in the merged tree, or gone; their parts are not compared yet.

    `elsewhere` has the revisions that the merged tree has newly in another environment: they moved.
    """
    broken = {gone.path for gone in merged.unreadable}
    there = (merged.files[path] for path in merged.files.differing(target.files))
    added = tuple(revision for revision in there if revision.id not in target.graph)
    for published in (target.files[path] for path in target.files.differing(merged.files)):
        now = same_file(published, merged) or merged.revision(published.id) or elsewhere.get(published.id)
        if now is not None:
            if now.blob != published.blob:
                yield Edit(published, now)
        elif published.path not in broken:  # GM001 says that the file cannot be read any more
            successor = successor_of(published, added)
            yield Edit(published, None, successor, added=() if successor else added)


def same_file(published: Revision, merged: EnvironmentState) -> Revision | None:
    """What its file says now, where that still has its id: a copy elsewhere hides no edit."""
    now = merged.files.get(published.path)
    return now if now is not None and now.id == published.id else None


def successor_of(gone: Revision, added: tuple[Revision, ...]) -> Revision | None:
    """The new revision that took the file of a vanished one, or its name with another id in it."""
    for revision in added:
        if revision.path == gone.path:
            return revision
    name = name_without_id(gone)
    return next((revision for revision in added if name and name_without_id(revision) == name), None)


def name_without_id(revision: Revision) -> str:
    """What of the file name is the author's: "create_account" of "1975ea83b712_create_account.py"; "" if too little."""
    stem = revision.path.rpartition("/")[2].removesuffix(".py")
    rest = stem.partition(revision.id)[2] if revision.id in stem else stem.partition("_")[2]
    slug = rest.strip("_-")
    return slug if sum(map(str.isalpha, slug)) > 2 else ""


def compare_edit(edit: Edit, fingerprint: Callable[[str], Mapping[str, Any] | None]) -> Edit:
    """The edit with its `parts`, what a database would notice, or its successor; `fingerprint` answers for a blob."""
    from gitmig.revisions.fingerprint import difference, same_work

    published = fingerprint(edit.published.blob)
    if edit.now is None:
        texts = ((revision, fingerprint(revision.blob)) for revision in edit.added)
        heir = (revision for revision, text in texts if published and text and same_work(published, text))
        return edit.replace(successor=next(heir, edit.successor))
    now = fingerprint(edit.now.blob)
    if published is None or now is None:
        return edit.replace(parts=None)
    parts = difference(published, now)
    return edit.replace(parts=None if parts == ("unreadable",) else parts)
