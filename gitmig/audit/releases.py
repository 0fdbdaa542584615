"""Releases in the order of time, and the revisions that slipped beneath what an earlier one had."""

from __future__ import annotations

import re

from gitmig.audit.records import Release

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitmig.revisions.graph import RevisionGraph

_VERSION = re.compile(r"(?:^|[^0-9])\d+[._]\d+(?:[._]\d+)*$|^(?:v|r|release|rel)?[-_./]?\d+$", re.I)


def is_release_name(name: str) -> bool:
    """Whether a tag looks like a release (`v1.2`, `release-2024.1`, `17`) and not like a candidate (`1.2rc1`)."""
    return bool(_VERSION.search(name.rpartition("/")[2]))


def find_sunken(releases: Iterable[tuple[str, int, RevisionGraph]]) -> Iterator[Release]:
    """Each release (tag, time, graph) against the one before it; one that brings nothing new is passed over."""
    before: tuple[str, RevisionGraph] | None = None
    for tag, time, graph in releases:
        if before is None:
            before = (tag, graph)
            continue
        known = before[1]
        new = [name for name in graph.revisions if name not in known]
        if not new:
            continue
        passed = [head for head in known.heads if head in graph]
        beneath = graph.ancestors(*passed) if passed else frozenset[str]()
        sunken = tuple((name, above(graph, name, known)) for name in sorted(new) if name in beneath)
        if sunken:
            yield Release(tag, before[0], time, sunken)
        before = (tag, graph)


def above(graph: RevisionGraph, name: str, known: RevisionGraph) -> str:
    """The nearest revision over it that the earlier release had."""
    seen = {name}
    level = [name]
    while level:
        higher = [up for one in level for up in (*graph.children(one), *graph.dependents(one)) if up not in seen]
        found = sorted(up for up in higher if up in known)
        if found:
            return found[0]
        seen.update(higher)
        level = higher
    return ""
