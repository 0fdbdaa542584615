"""One environment in one tree."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gitmig.environments.environment import Environment
    from gitmig.revisions.graph import RevisionGraph
    from gitmig.schema.elements import Schema


class Unreadable(Frozen):
    """A file of a versions folder whose ids could not be read: `kind` is a short word, `detail` goes into a sentence."""

    path: str
    blob: str
    kind: str
    detail: str = ""
    anchor: str = ""


class EnvironmentState(Frozen):
    """What one tree says about one environment.

    `blobs` maps every revision file to its object id.  What was not asked for is None: `headers` (facts of each
    revision file by path), `operations` (encoded upgrade and downgrade by revision id), `chain` and `models`.
    """

    environment: Environment
    graph: RevisionGraph
    blobs: Mapping[str, str]
    unreadable: tuple[Unreadable, ...] = ()
    headers: Mapping[str, Mapping[str, Any]] | None = None
    operations: Mapping[str, Any] | None = None
    chain: Schema | None = None
    models: Schema | None = None
