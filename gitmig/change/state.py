"""One environment in one tree."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gitmig.environments.environment import Environment
    from gitmig.revisions.graph import RevisionGraph
    from gitmig.revisions.revision import Revision
    from gitmig.schema.elements import Schema


class Unreadable(Frozen):
    """A file of a versions folder whose ids could not be read.

    `kind` and `detail` are those of `HeaderProblem` and `repo.store.Unreadable`, or "link", "submodule", "other";
    `name` is the assignment concerned, "" for the whole file.
    """

    path: str
    blob: str
    kind: str
    detail: str = ""
    anchor: str = ""
    name: str = ""


class EnvironmentState(Frozen):
    """What one tree says about one environment.

    `files` are the revision files by path.  What was not asked for is None: `operations` (facts of each script by
    revision id), `chain` and `models`.
    """

    environment: Environment
    graph: RevisionGraph
    files: Mapping[str, Revision]
    unreadable: tuple[Unreadable, ...] = ()
    operations: Mapping[str, Any] | None = None
    chain: Schema | None = None
    models: Schema | None = None

    def revision(self, revision: str) -> Revision | None:
        """The revision with this id; of a duplicate the first file."""
        paths = self.graph.paths(revision)
        return self.files[paths[0]] if paths else None
