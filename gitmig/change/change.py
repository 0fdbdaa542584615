"""All that a rule sees of one environment."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.change.additions import Addition, Helper, Unstaged
    from gitmig.change.competing import Rivalry
    from gitmig.change.published import Edit
    from gitmig.change.state import EnvironmentState
    from gitmig.revisions.graph import GraphProblem
    from gitmig.revisions.revision import Revision
    from gitmig.schema.drift import Drift
    from gitmig.trees.entries import Changed


class Change(Frozen):
    """A change of one environment: local is what is judged, the others are what it is compared with.

    `merged` is the target with local's changes since their merge base put on it.  `paths` is what local changes
    against before, in the whole tree.  `conflicts` are paths that local and target both changed.  A state is None
    when it does not exist, a part is None when no selected rule asked for it.  `elsewhere` has what the local graph
    lacks and another environment defines: (id or label, name of that environment).
    """

    environment: str
    mode: str
    local: EnvironmentState
    before: tuple[EnvironmentState, ...] = ()
    target: EnvironmentState | None = None
    merged: EnvironmentState | None = None
    target_name: str = ""
    paths: tuple[Changed, ...] = ()
    conflicts: tuple[str, ...] = ()
    edits: tuple[Edit, ...] | None = None
    helpers: tuple[Helper, ...] | None = None
    drift: Drift | None = None
    additions: tuple[Addition, ...] | None = None
    unstaged: tuple[Unstaged, ...] | None = None
    rivalries: tuple[Rivalry, ...] | None = None
    elsewhere: tuple[tuple[str, str], ...] = ()

    def new_revisions(self) -> tuple[Revision, ...]:
        """Revisions of local that neither a state before nor the target has."""
        old = [*self.before, *([self.target] if self.target else [])]
        if not old:
            return tuple(self.local.files.values())
        fresh = (self.local.files[path] for path in self.local.files.differing(old[0].files))
        return tuple(one for one in fresh if not any(one.id in state.graph for state in old))

    def new_files(self) -> list[str]:
        """Revision files of local that no state before has just so; all of them where there is none."""
        files = self.local.files
        if not self.before:
            return list(files)
        first, *others = (files.differing(state.files) for state in self.before)
        return [path for path in first if all(path in paths for paths in others)]

    def new_additions(self) -> tuple[Addition, ...]:
        """Additions that the target does not have yet; of the whole tree all of them."""
        if self.mode == "all" or self.target is None:
            return self.additions or ()
        graph = self.target.graph
        return tuple(one for one in self.additions or () if one.revision not in graph)

    def graph_problems(self, *kinds: str) -> Iterator[tuple[GraphProblem, EnvironmentState]]:
        """Problems of the local graph, then those that only the merged one has."""
        told = set()
        for state in (self.local, self.merged):
            for problem in state.graph.problems if state else ():
                if state and problem.kind in kinds and problem.subject not in told:
                    told.add(problem.subject)
                    yield problem, state

    def is_published(self, revision: str) -> bool:
        """Whether shared databases may have it: it is not one of the new ones."""
        return self.mode == "all" or all(one.revision != revision for one in self.new_additions())

    def as_was(self, state: EnvironmentState) -> Change:
        """The same question asked of another state alone: what was wrong there already."""
        additions: tuple[Addition, ...] = ()
        if state is self.merged:
            additions = self.additions or ()
        elif state is self.target and self.mode == "all":
            additions = tuple(one for one in self.additions or () if self.target_has(one))
        return Change(self.environment, self.mode, state, additions=additions)

    def target_has(self, addition: Addition) -> bool:
        """Whether the target has the revision with the same text: it did what it did, and must not be edited."""
        published = self.target.revision(addition.revision) if self.target is not None else None
        return published is not None and published.blob == addition.blob
