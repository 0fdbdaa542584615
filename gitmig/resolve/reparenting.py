"""The steps that re-parent revision files: bytes in, steps out; every byte outside the changed literals stays."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.plan import Expected, delete, rename, write
from gitmig.revisions.editing import (
    change_created,
    change_depends_on,
    change_down_revision,
    change_id,
    mend_docstring,
)
from gitmig.revisions.parsing import parse_revision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitmig.plan import Step
    from gitmig.resolve.remedy import Remedy
    from gitmig.resolve.reordering import Move


class Source(Frozen):
    """A file as the plan finds it."""

    content: bytes
    expected: Expected = Expected()
    mode: str = ""


def plan_reparenting(remedy: Remedy, sources: Mapping[str, Source]) -> Iterator[Step]:
    """The steps of all moves; `sources` has every file that moves.

    Raises CannotDecide for a file that cannot be edited safely (latin-1, computed values).
    """
    for move in remedy.moves:
        source = sources[move.path]
        if move.dropped:
            yield delete(move.path, before=source.content, expected=source.expected, mode=source.mode)
            continue
        written = parse_revision(source.content, move.path)
        content = edited(source.content, move)
        path = move.new_path(written.id)
        if path != move.path:
            yield rename(
                move.path, path, before=source.content, expected=source.expected, content=content, mode=source.mode
            )
        elif content != source.content:
            yield write(move.path, content, before=source.content, expected=source.expected, mode=source.mode)


def plan_docstrings(sources: Mapping[str, Source]) -> Iterator[Step]:
    """The steps after which the docstrings of these files say what their code says; errors as above."""
    for path, source in sources.items():
        content = mend_docstring(source.content, path)
        if content != source.content:
            yield write(path, content, before=source.content, expected=source.expected, mode=source.mode)


def edited(content: bytes, move: Move) -> bytes:
    """The file as the move wants it."""
    written = parse_revision(content, move.path)
    if move.new_id and move.new_id != written.id:
        content = change_id(content, move.new_id, move.path)
    if set(written.down_revisions) != set(move.parents) or len(written.down_revisions) != len(move.parents):
        content = change_down_revision(content, move.parents, move.path)
    if move.depends_on is not None and written.depends_on != move.depends_on:
        content = change_depends_on(content, move.depends_on, move.path)
    return change_created(content, move.created, move.path) if move.created else content
