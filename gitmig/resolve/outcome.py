"""The graph that a remedy leads to: what head files name, and the proof that a plan keeps its promise."""

from __future__ import annotations

from gitmig.change.competing import heads_by_label
from gitmig.revisions.graph import RevisionGraph

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.resolve.remedy import Remedy
    from gitmig.resolve.situation import Situation
    from gitmig.revisions.draft import Draft


def graph_after(situation: Situation, remedy: Remedy, drafts: Iterable[Draft] = ()) -> RevisionGraph:
    """The revisions once the moves are made and the drafts written."""
    nodes = {path: revision.node for path, revision in situation.files.items()}
    for move in remedy.moves:
        revision, _, depends, labels, path = nodes.pop(move.path)
        if not move.dropped:
            depends = depends if move.depends_on is None else move.depends_on
            nodes[path] = (move.new_id or revision, move.parents, depends, labels, path)
    drawn = [(one.id, one.down_revisions, one.depends_on, one.branch_labels, "") for one in drafts]
    return RevisionGraph([*nodes.values(), *drawn])


def broken_promise(situation: Situation, after: RevisionGraph, label: str | None = None) -> str:
    """What is wrong with a resolution, "" when nothing is: one head for each label, what is published as it was.

    With `label` only the heads of that label are looked at.
    """
    by_label = heads_by_label(after)
    crowded = [heads for name, heads in by_label.items() if len(heads) > 1 and label in (None, name)]
    if crowded:
        return f"{' and '.join(crowded[0])} would still be heads"
    before = situation.graph
    for revision in situation.published or ():
        if revision in before and after.down_revisions(revision) != before.down_revisions(revision):
            return f"{revision} is published and would get other parents"
    if len(after.cycles) > len(before.cycles):
        return f"{' and '.join(after.cycles[0])} would follow each other in a circle"
    return ""
