"""When a rule can have something to say at all: asked before its file is imported, because most changes need few rules.

An occasion may come without a finding; a finding without its rule's occasion would be a defect, and fails its test.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from gitmig.change.change import Change


def always(_change: Change) -> bool:
    return True


def odd_names(change: Change) -> bool:
    """A file that cannot be read, or a new id that Alembic would not have made."""
    return bool(change.local.unreadable) or not all(map(is_plainly_fine, (one.id for one in change.new_revisions())))


def is_plainly_fine(name: str) -> bool:
    """The ids that Alembic makes; any other is worth a closer look."""
    return len(name) == 12 and name.isascii() and name.isalnum()


def conflicts(change: Change) -> bool:
    return bool(change.conflicts)


def graph_problems(change: Change) -> bool:
    return bool(change.local.graph.problems or (change.merged and change.merged.graph.problems))


def several_heads(change: Change) -> bool:
    return len(change.local.graph.heads) > 1


def several_merged_heads(change: Change) -> bool:
    return change.merged is not None and len(change.merged.graph.heads) > 1


def several_bases(change: Change) -> bool:
    return len(change.local.graph.bases) > 1


def new_revisions(change: Change) -> bool:
    return bool(change.new_revisions())


def new_joins(change: Change) -> bool:
    return any(len(one.down_revisions) > 1 for one in change.new_revisions())


def stale_docstrings(change: Change) -> bool:
    return any(change.local.files[path].stale for path in change.new_files())


def head_file(change: Change) -> bool:
    return change.local.head_file is not None


def edits(change: Change) -> bool:
    return bool(change.edits)


def helpers(change: Change) -> bool:
    return bool(change.helpers)


def drift(change: Change) -> bool:
    return change.drift is not None and bool(change.drift.items)


def additions(change: Change) -> bool:
    return bool(change.additions)


def unstaged(change: Change) -> bool:
    return bool(change.unstaged)


def rivalries(change: Change) -> bool:
    return bool(change.rivalries)


OCCASIONS: dict[str, tuple[tuple[str, ...], Callable[[Change], bool]]] = {
    "GM001": (("graph",), odd_names),
    "GM002": (("drift",), drift),
    "GM003": (("graph",), conflicts),
    "GM101": (("graph",), several_heads),
    "GM102": (("graph",), graph_problems),
    "GM103": (("graph",), graph_problems),
    "GM104": (("graph",), graph_problems),
    "GM105": (("merged",), several_merged_heads),
    "GM106": (("graph",), new_revisions),
    "GM107": (("merged",), new_joins),
    "GM108": (("graph",), several_bases),
    "GM109": (("graph",), graph_problems),
    "GM110": (("graph",), stale_docstrings),
    "GM111": (("graph",), head_file),
    "GM201": (("merged", "edits"), edits),
    "GM202": (("merged", "edits"), edits),
    "GM203": (("merged", "edits"), edits),
    "GM204": (("merged", "edits"), edits),
    "GM205": (("merged", "edits"), edits),
    "GM206": (("helpers",), helpers),
    "GM301": (("drift", "operations", "unstaged", "edits"), drift),
    "GM302": (("drift", "operations", "edits"), drift),
    "GM303": (("drift", "operations"), drift),
    "GM304": (("drift", "operations", "unstaged"), unstaged),
    "GM305": (("operations",), additions),
    "GM306": (("drift",), drift),
    "GM307": (("operations",), additions),
    "GM401": (("operations",), additions),
    "GM402": (("operations",), additions),
    "GM403": (("graph", "merged", "rivalries"), rivalries),
    "GM404": (("operations",), additions),
    "GM501": (("operations",), additions),
    "GM502": (("operations",), additions),
}
"""What the rule reads, as its own `needs` says, and its occasion.  A rule that is not here is loaded and asked."""
