"""Revision files that lie in the worktree and are not staged: read only when the staged models are ahead."""

from __future__ import annotations

from gitmig.change.additions import Unstaged
from gitmig.frozen import Frozen
from gitmig.schema.discrepancies import is_error
from gitmig.schema.drift import Side, new_drift
from gitmig.schema.operations import Operation, decode
from gitmig.schema.replay import replay_chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.change.state import EnvironmentState
    from gitmig.environments.environment import Environment
    from gitmig.reading.schemas import Outcome
    from gitmig.repo.objects import Objects


class Loose(Frozen):
    """A revision file of the worktree; `operations` are those that the staged text does not have."""

    revision: str
    parents: tuple[str, ...]
    path: str
    operations: tuple[Operation, ...]
    tracked: bool


def mended_by(
    loose: list[Loose], state: EnvironmentState, local: Side, befores: Sequence[Side], outcome: Outcome
) -> tuple[Unstaged, ...]:
    """Each loose revision with the objects that it would mend, the lower ones first."""
    wrong = {item.object for item in outcome.drift.items if is_error(item)}
    operations = [operation for addition in outcome.additions for operation in addition.operations]
    found = []
    for one in in_order(loose, state):
        chain = replay_chain([(one.revision, one.operations)], local.chain).schema
        operations += one.operations
        local = local.replace(chain=chain)
        still = {item.object for item in new_drift(local, befores, operations).items if is_error(item)}
        if wrong - still:
            found.append(Unstaged(one.revision, one.path, frozenset(wrong - still), one.tracked))
        wrong = still
    return tuple(found)


def read_loose(objects: Objects, environment: Environment, state: EnvironmentState) -> list[Loose]:
    """Files that are untracked, and those whose worktree text is another than the staged one."""
    from gitmig.repo.refs import read_layout
    from gitmig.repo.worktree import Worktree
    from gitmig.revisions.parsing import parse_header
    from gitmig.revisions.revision import revision_of
    from gitmig.schema.scripts.facts import extract

    top = objects.git.top or read_layout(objects.git).top
    if top is None:
        return []
    worktree = Worktree(top, limit=objects.limit)
    listed = [path for path in worktree.listing(environment.versions) if environment.holds(path)]
    answer = objects.git.at(top).ask("diff-files", "--name-only", "-z", "--", *environment.versions)
    changed = set(answer.output.decode("utf-8", "surrogateescape").split("\0"))
    wanted = [path for path in listed if path not in state.files or path in changed]
    found = []
    for path, file in sorted(worktree.read(wanted).items()):
        if not isinstance(file.content, bytes):
            continue
        revision = revision_of(parse_header(file.content), path)
        if not revision.id or not revision.is_revision:
            continue
        operations = tuple(decode(each, path) for each in extract(file.content)["upgrade"])
        if path in state.files:
            operations = without_staged(operations, objects, state.files[path].blob)
        found.append(Loose(revision.id, revision.down_revisions, path, operations, path in state.files))
    return found


def without_staged(operations: tuple[Operation, ...], objects: Objects, blob: str) -> tuple[Operation, ...]:
    """The operations that the staged text does not have."""
    from gitmig.reading.tree_schemas import bare
    from gitmig.schema.scripts.facts import extract

    staged = objects.read([blob])[blob]
    known = [bare(decode(each)) for each in extract(staged)["upgrade"]] if isinstance(staged, bytes) else []
    return tuple(each for each in operations if bare(each) not in known)


def in_order(loose: list[Loose], state: EnvironmentState) -> list[Loose]:
    """Parents first; what hangs on nothing that is known comes last."""
    done = set(state.graph.revisions)
    ordered: list[Loose] = []
    rest = list(loose)
    while rest:
        ready = [one for one in rest if done.issuperset(one.parents)] or rest
        ordered += ready
        done.update(one.revision for one in ready)
        rest = [one for one in rest if one not in ready]
    return ordered
