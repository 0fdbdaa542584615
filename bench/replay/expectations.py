"""What each label of the corpus means in gitmig's words, fixed before gitmig was measured.

The same tables stand in docs/evaluation.md.
"""

from __future__ import annotations

from dataclasses import dataclass

EDIT_CODES = frozenset({"GM201", "GM202", "GM203", "GM204", "GM205"})
"""The codes that C_edits is about; GM206 speaks of another file and is not counted."""

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Expectation:
    """Which codes must stand at a path: one of `one_of` (nothing, if empty), and none outside `one_of | also`."""

    group: str
    one_of: frozenset[str] = NOTHING
    also: frozenset[str] = NOTHING
    optional: bool = False

    def met_by(self, codes: frozenset[str]) -> bool:
        if codes - self.one_of - self.also:
            return False
        if self.optional or not self.one_of:
            return True
        return bool(codes & self.one_of)


EDITS = {
    "identical": Expectation("no GM2"),
    "cosmetic": Expectation("no GM2"),
    "rename": Expectation("no GM2"),
    "moved-dir": Expectation("no GM2"),
    "labels/depends-only": Expectation("no GM2"),
    "whitespace-in-strings": Expectation("either", frozenset({"GM201"}), optional=True),
    "semantic": Expectation("GM201", frozenset({"GM201"})),
    "semantic-upgrade-only": Expectation("GM201", frozenset({"GM201"})),
    "semantic-downgrade-only": Expectation("GM201", frozenset({"GM201"})),
    "reparent": Expectation("GM204 or GM205", frozenset({"GM204", "GM205"})),
    "reparent+body": Expectation("GM204 or GM205", frozenset({"GM204", "GM205"}), frozenset({"GM201"})),
    "revision-id-changed": Expectation("GM203", frozenset({"GM203"}), frozenset({"GM204", "GM205"})),
    "revision-id-changed+body": Expectation("GM203", frozenset({"GM203"}), frozenset({"GM201", "GM204", "GM205"})),
    "deletion": Expectation("GM202", frozenset({"GM202"})),
    "revert": Expectation("GM202", frozenset({"GM202"})),
    "squash/bulk-deletion": Expectation("GM202", frozenset({"GM202"})),
}


def expected_of_edit(label: str) -> Expectation:
    """The expectation for a C_edits class; `rename+X` and `moved-dir+X` count as X."""
    for prefix in ("rename+", "moved-dir+"):
        if label.startswith(prefix):
            return EDITS[label[len(prefix) :]]
    return EDITS[label]


def expected_of_merge(label: str, base_heads: int, merged_heads: int) -> str:
    """B_merge label -> `one head`, `two heads` or `broken`.

    Where the base has several heads already, only heads that the merge adds are this change's doing.
    """
    if label == "base-already-two-heads":
        return "two heads" if merged_heads > base_heads else "one head"
    return {"single-head": "one head", "two-heads": "two heads", "broken-graph": "broken"}[label]


HEADS_CODES = frozenset({"GM101", "GM105"})
BROKEN_CODES = frozenset({"GM001", "GM102", "GM103", "GM104"})
DRIFT_CODES = frozenset({"GM301", "GM302", "GM303", "GM304"})
NET_CHANGED = frozenset({"add", "remove", "alter"})


def merge_verdict(codes: frozenset[str]) -> str:
    """New findings of a check -> `one head`, `two heads` or `broken`.

    As in the labels, two heads outrank a missing parent; a repeated id outranks both, since which of the two files
    counts is then chance.
    """
    if codes & HEADS_CODES and "GM104" not in codes:
        return "two heads"
    return "broken" if codes & BROKEN_CODES else "one head"


def net_group(change: str) -> str:
    """D_net label -> `changed`, `same` or `unreadable`."""
    if change == "unparsable":
        return "unreadable"
    return "changed" if NET_CHANGED & set(change.split("+")) else "same"


def net_verdict(codes: frozenset[str], drift: frozenset[str]) -> str:
    """New findings and drift verdicts of a check -> `changed`, `undecided` or `same`."""
    if codes & DRIFT_CODES or drift & {"covered", "uncovered"}:
        return "changed"
    return "undecided" if "GM306" in codes or "GM002" in codes or "unknown" in drift else "same"
