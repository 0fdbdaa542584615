"""The merge revision that brings heads together, as a draft and as a step."""

from __future__ import annotations

from gitmig.plan import ABSENT, Expected, write
from gitmig.resolve.situation import drawn_id
from gitmig.revisions.draft import Draft, path_of
from gitmig.revisions.naming import next_sequential_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gitmig.environments.environment import Environment
    from gitmig.plan import Step
    from gitmig.resolve.remedy import Join
    from gitmig.resolve.situation import Situation
    from gitmig.revisions.naming import Moment


def draft_join(join: Join, situation: Situation, created: str, taken: Collection[str] = (), message: str = "") -> Draft:
    """The merge revision; its id goes on a project's numbers, else it is drawn from the heads.

    The heads come in their usual order, so that two people who join the same heads write the same revision.
    """
    ids = [*situation.graph.revisions, *taken]
    new = next_sequential_id(ids) or drawn_id("join", join.heads, ids)
    return Draft(new, message or f"join heads {' and '.join(join.heads)}", join.heads, created=created)


def plan_join(
    draft: Draft, situation: Situation, environment: Environment, moment: Moment, render: Callable[[Draft], bytes]
) -> Step:
    """The step that writes the merge revision where Alembic would have put it."""
    path = path_of(draft, environment, moment, beside=situation.path(draft.down_revisions[0]))
    return write(path, render(draft), before=None, expected=Expected(ABSENT))
