"""What was changed together with a revision: the commit that brought its file."""

from __future__ import annotations

from gitmig.errors import GitmigError
from gitmig.reading.changed_texts import ChangedTexts
from gitmig.schema.uses import Uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gitmig.repo.repository import Repository
    from gitmig.trees.entries import Changed


class CameWith:
    """Answers `texts("old", "new")` for the commit that added the file `path`; Git is asked when somebody does.

    Without one, as for a file that is not committed, nothing is known of the names.
    """

    def __init__(self, repository: Repository, path: str, leaves_out: Callable[[str], bool]) -> None:
        self.repository = repository
        self.path = path
        self.leaves_out = leaves_out
        self._texts: ChangedTexts | None = None

    def __call__(self, old: str, new: str) -> Uses:
        if self._texts is None:
            self._texts = ChangedTexts(self._changes(), self.leaves_out, self.repository.objects)
        return self._texts(old, new)

    def _changes(self) -> list[Changed]:
        wanted = ("-1", "--first-parent", "--no-renames", "--diff-filter=A", "--format=%H %P", "HEAD")
        answer = self.repository.git.ask("log", *wanted, "--", self.path)
        commit, *parents = answer.output.decode("ascii", "replace").split() or [""]
        if answer.status or not commit:
            return []
        try:
            return self.repository.objects.diff_trees(parents[0] if parents else None, commit)
        except GitmigError:
            return []
