"""The Python files that a change touches, read when somebody asks what became of a name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gitmig.repo.objects import Objects
    from gitmig.schema.uses import Hunk, Uses
    from gitmig.trees.entries import Changed

# A change of more files moves or formats them, and says little of one name.
MOST_FILES = 300


class ChangedTexts:
    """Answers `texts("old", "new")`; `leaves_out` says of a path that it is a revision."""

    def __init__(self, changes: Iterable[Changed], leaves_out: Callable[[str], bool], objects: Objects) -> None:
        self.changes = changes
        self.leaves_out = leaves_out
        self.objects = objects
        self._hunks: tuple[Hunk, ...] | None = None

    def __call__(self, old: str, new: str) -> Uses:
        from gitmig.schema.uses import uses_in

        if self._hunks is None:
            self._hunks = self._read()
        return uses_in(self._hunks, old, new)

    def _read(self) -> tuple[Hunk, ...]:
        pairs = [
            (one.old.oid if one.old is not None else "", one.new.oid if one.new is not None else "")
            for one in self.changes
            if one.path.endswith(".py")
            and not self.leaves_out(one.path)
            and all(entry is None or entry.is_file for entry in (one.old, one.new))
        ]
        if len(pairs) > MOST_FILES:
            return ()
        contents = self.objects.read([oid for pair in pairs for oid in pair if oid])
        texts = {
            oid: content.decode("utf-8", "replace") for oid, content in contents.items() if isinstance(content, bytes)
        }
        from gitmig.schema.uses import hunks_of

        return tuple(hunk for old, new in pairs for hunk in hunks_of(texts.get(old, ""), texts.get(new, "")))
