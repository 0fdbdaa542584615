"""From a tree to an EnvironmentState: which files are revisions, what they say, the graph they make."""

from __future__ import annotations

from gitmig.change.state import EnvironmentState, Unreadable
from gitmig.environments.environment import Environment
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.parsing import revision_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from gitmig.reading.facts import FactsReader
    from gitmig.reading.snapshot import Snapshot
    from gitmig.revisions.revision import Revision
    from gitmig.trees.entries import Entry


def read_state(
    snapshot: Snapshot, environment: Environment, facts: FactsReader, changed: Collection[str] = ()
) -> EnvironmentState:
    """The revision graph of one environment in one tree, and what stands in the way of reading it.

    Files that the change touches are parsed whole: the header of a file can be fine and its body broken.
    """
    files = {path: entry for path, entry in snapshot.under(environment.versions).items() if environment.holds(path)}
    unreadable = [not_a_file(path, entry) for path, entry in files.items() if not entry.is_file]
    headers = facts.of("header", (entry.oid for entry in files.values() if entry.is_file))
    headers |= facts.of("whole", (files[path].oid for path in changed if path in files and files[path].is_file))
    revisions: dict[str, Revision] = {}
    for path in sorted(files):
        entry = files[path]
        if not entry.is_file:
            continue
        if entry.oid not in headers:
            unreadable.append(not_given(path, entry.oid, facts))
            continue
        revision = revision_of(headers[entry.oid], path, entry.oid)
        if revision.is_revision:
            unreadable += [of_problem(revision, number) for number in range(len(revision.problems))]
            if revision.id:
                revisions[path] = revision
    graph = RevisionGraph([revision.node for revision in revisions.values()])
    return EnvironmentState(environment, graph, revisions, tuple(unreadable))


def of_problem(revision: Revision, number: int) -> Unreadable:
    problem = revision.problems[number]
    anchor = f"line:{problem.line}"
    return Unreadable(revision.path, revision.blob, problem.kind, problem.detail, anchor, problem.name)


def not_a_file(path: str, entry: Entry) -> Unreadable:
    kind = "link" if entry.is_link else "submodule" if entry.is_submodule else "other"
    return Unreadable(path, "", kind)


def not_given(path: str, blob: str, facts: FactsReader) -> Unreadable:
    reason = facts.unreadable.get(blob)
    if reason is None:
        return Unreadable(path, "", "missing")
    return Unreadable(path, "", reason.reason, str(reason.size) if reason.size else "")


def empty_state() -> EnvironmentState:
    """An environment that this tree does not have."""
    return EnvironmentState(Environment("", "", ()), RevisionGraph([]), {})
