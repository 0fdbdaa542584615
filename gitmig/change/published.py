"""Published revisions: where each one is, and what a change would do to them."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from gitmig.change.state import EnvironmentState
    from gitmig.revisions.graph import Node


class Edit(Frozen):
    """One published revision that the change touches.

    `published` is the revision on the target, `now` the same id in the merged tree (None: gone), `successor` the
    revision that took its file or its body when the id is gone.  `parts` names what a database would notice:
    "upgrade", "downgrade", "helper NAME", "module"; None when either text could not be read.  `place` (line and column,
    first and one past the last) is where the texts part, `published_text` what was published there.
    """

    published: Node
    published_blob: str
    now: Node | None = None
    now_blob: str = ""
    successor: Node | None = None
    parts: tuple[str, ...] | None = ()
    place: tuple[int, int, int, int] | None = None
    published_text: str = ""


def find_edits(
    target: EnvironmentState, merged: EnvironmentState, elsewhere: Mapping[str, tuple[Node, str]]
) -> Iterator[Edit]:
    """Published revisions whose file is another one in the merged tree, or gone; their parts are not compared yet.

    `elsewhere` has node and blob of revisions that the merged tree has newly in another environment: they moved.
    """
    broken = {gone.path for gone in merged.unreadable}
    added = [node for node in merged.graph.nodes if node.id not in target.graph]
    for node in target.graph.nodes:
        blob = target.blob_of(node.id)
        now, now_blob = merged.graph.get(node.id), merged.blob_of(node.id)
        if now is None and node.id in elsewhere:
            now, now_blob = elsewhere[node.id]
        if now is not None:
            if now_blob != blob:
                yield Edit(node, blob, now, now_blob)
        elif node.path not in broken:  # GM001 says that the file cannot be read any more
            successor = successor_of(node, added)
            yield Edit(node, blob, None, merged.blob_of(successor.id) if successor else "", successor)


def successor_of(gone: Node, added: Iterable[Node]) -> Node | None:
    """The new revision that took the file of a vanished one, or its name with another id in it."""
    added = tuple(added)
    for node in added:
        if node.path == gone.path:
            return node
    name = name_without_id(gone)
    return next((node for node in added if name and name_without_id(node) == name), None)


def name_without_id(node: Node) -> str:
    """What of the file name is the author's: "create_account" of "1975ea83b712_create_account.py"; "" if too little."""
    stem = node.path.rpartition("/")[2].removesuffix(".py")
    rest = stem.partition(node.id)[2] if node.id in stem else stem.partition("_")[2]
    slug = rest.strip("_-")
    return slug if sum(map(str.isalpha, slug)) > 2 else ""


def compare_edit(edit: Edit, fingerprint: Callable[[str], Mapping[str, Any] | None]) -> Edit:
    """The edit with its `parts`: what a database would notice; `fingerprint` answers for a blob."""
    from gitmig.revisions.fingerprint import difference

    if edit.now is None:
        return edit
    published, now = fingerprint(edit.published_blob), fingerprint(edit.now_blob)
    if published is None or now is None:
        return edit.replace(parts=None)
    parts = difference(published, now)
    return edit.replace(parts=None if parts == ("unreadable",) else parts)
