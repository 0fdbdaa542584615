"""How two commits lie to each other, remembered: the answer for two object ids never changes.

Only a clone whose history is cut off may learn more later; there nothing is kept.
"""

from __future__ import annotations

from gitmig.reading.cache import DAMAGED, Cache
from gitmig.repo.refs import MergeBases, merge_bases
from gitmig.trees.entries import Changed, Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.repo.repository import Repository

MOST_CHANGES = 100
"""A line with more files than this is compared each time: the shelf is for small facts."""


class History:
    """Answers for the commits of one repository."""

    def __init__(self, repository: Repository, cache: Cache | None = None) -> None:
        self.repository = repository
        self._cache = Cache.none() if cache is None or repository.layout.shallow else cache

    def merge_bases(self, target: str, commit: str, merging: Sequence[str]) -> MergeBases:
        """All best common ancestors of the target and the commit, or a merge of it with others."""
        key = "-".join((target, commit, *merging))
        known = self._cache.facts("bases", [key]).get(key)
        if isinstance(known, list):
            return MergeBases(tuple(map(str, known)))
        layout = self.repository.layout
        found = merge_bases(self.repository.git, target, commit, *merging, shallow=layout.shallow)
        self._cache.add_facts("bases", {key: list(found.commits)})
        return found

    def changes(self, old: str, new: str | None) -> list[Changed]:
        """What the commit `new` (None: nothing) changes against `old`, sorted by path."""
        if old == new:
            return []
        key = f"{old}-{new}"
        try:
            return [as_change(*row) for row in self._cache.facts("changes", [key])[key]]
        except DAMAGED:
            changes = self.repository.objects.diff_trees(old, new)
        if len(changes) <= MOST_CHANGES:
            rows = [[path, *(was or ("", "")), *(now or ("", ""))] for path, was, now in changes]
            self._cache.add_facts("changes", {key: rows})
        return changes


def as_change(path: str, old_mode: str, old: str, mode: str, new: str) -> Changed:
    return Changed(path, Entry(old_mode, old) if old_mode else None, Entry(mode, new) if mode else None)
