"""From the trees of a comparison to one Change per environment, with the parts that the selected rules ask for."""

from __future__ import annotations

from gitmig.change.change import Change
from gitmig.change.published import compare_edit, find_edits
from gitmig.reading.comparison import shared_refs, short_name
from gitmig.reading.environments import EnvironmentReader, Paired, pair
from gitmig.reading.folders import FolderReader
from gitmig.reading.snapshot import Snapshot
from gitmig.reading.states import empty_state, read_state
from gitmig.trees.entries import SQL_ENDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from gitmig.change.competing import Rivalry
    from gitmig.change.published import Edit
    from gitmig.change.state import EnvironmentState
    from gitmig.config import Config
    from gitmig.environments.environment import Environment, Problem
    from gitmig.findings import Finding
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.schemas import SchemaReader
    from gitmig.reading.tree_schemas import Exact
    from gitmig.repo.refs import Ref
    from gitmig.revisions.revision import Revision
    from gitmig.trees.entries import Changed

SCHEMA_NEEDS = frozenset({"drift", "operations", "helpers", "unstaged", "schemas"})
NO_ENVIRONMENT = "no Alembic environment was found in this tree: name its folder with --versions"


class Reader:
    """Reads what rules need, once; `needs` are theirs, `versions` folders that were named by hand."""

    def __init__(
        self,
        comparison: Comparison,
        config: Config,
        facts: FactsReader,
        needs: Collection[str],
        versions: tuple[str, ...] = (),
        exact: Exact | None = None,
    ) -> None:
        self.exact = exact
        self.comparison = comparison
        self.config = config
        self.facts = facts
        self.needs = needs
        self.environments = EnvironmentReader(config, versions, facts.cache)
        self.folders = FolderReader(facts)
        self.changed = frozenset(change.path for change in comparison.changes)
        self._kept: list[Snapshot] = []  # states are known by the id of their snapshot, which must not be used again
        self._states: dict[tuple[int, Environment], EnvironmentState] = {}
        self._schemas: SchemaReader | None = None

    def changes(self) -> tuple[Change, ...]:
        """One Change per environment, in the order in which the environments were found."""
        found = pair(self.comparison, self.environments)
        changes = tuple(self.change(paired, self.moved_in(found, paired)) for paired in found)
        return tuple(change.replace(elsewhere=defined_elsewhere(change, changes)) for change in changes)

    def moved_in(self, found: Iterable[Paired], paired: Paired) -> dict[str, Revision]:
        """Revisions that came into the other environments: a folder that moved is no deletion."""
        merged, target = self.comparison.merged, self.comparison.target
        moved: dict[str, Revision] = {}
        if merged is None or target is None or "edits" not in self.needs:
            return moved
        for other in found:
            if other is not paired:
                now, was = self.state(merged, other.merged), self.state(target, other.target)
                there = (now.files[path] for path in now.files.differing(was.files))
                moved |= {one.id: one for one in there if one.id not in was.graph}
        return moved

    def change(self, paired: Paired, elsewhere: Mapping[str, Revision]) -> Change:
        comparison = self.comparison
        target = self.state(comparison.target, paired.target) if comparison.target else None
        merged = self.state(comparison.merged, paired.merged) if comparison.merged else None
        change = Change(
            paired.name,
            comparison.mode,
            self.state(comparison.local, paired.local),
            tuple(self.state(*one) for one in zip(comparison.before, paired.before, strict=True)),
            target,
            merged,
            target_name=comparison.target_is.name,
            paths=comparison.changes,
            conflicts=self.conflicts(paired),
            edits=self.edits(target, merged, elsewhere) if target and merged and "edits" in self.needs else None,
        )
        return self.with_schemas(change, paired)

    def with_schemas(self, change: Change, paired: Paired) -> Change:
        """The change with what it does to the schema, if a rule asks."""
        wanted = SCHEMA_NEEDS.intersection(self.needs)
        if paired.local is not None and "rivalries" in self.needs:
            change = change.replace(rivalries=self.rivalries(change, paired.local))
        if paired.local is None or not wanted:
            return change
        if wanted == {"helpers"} and not any(is_edited_module(one, paired.local) for one in change.paths):
            return change
        from gitmig.reading.schemas import SchemaReader

        if self._schemas is None:
            alone = len(self.environments.of(self.comparison.local).environments) <= 1
            self._schemas = SchemaReader(self.comparison, self.config, self.facts, alone=alone, exact=self.exact)
        return self._schemas.complete(change, paired.local, self.needs)

    def state(self, snapshot: Snapshot, environment: Environment | None) -> EnvironmentState:
        if environment is None:
            return empty_state()
        key = (id(snapshot), environment)
        if key not in self._states:
            self._states[key] = read_state(snapshot, environment, self.folders, self.changed)
            if self.config.head_file:
                from gitmig.reading.rivalries import with_head_file

                self._states[key] = with_head_file(self._states[key], snapshot)
        return self._states[key]

    def rivalries(self, change: Change, environment: Environment) -> tuple[Rivalry, ...]:
        """What competing lines do to each other; in nearly every change there are none, and nothing is read."""
        ahead = change.merged if len(change.local.graph.heads) < 2 else None
        if len((ahead or change.local).graph.heads) < 2:
            return ()
        from gitmig.reading.rivalries import find_rivalries

        return find_rivalries(self, change, environment)

    def conflicts(self, paired: Paired) -> tuple[str, ...]:
        """Revision files that both sides changed, and unmerged ones."""
        paths = [conflict.path for conflict in self.comparison.conflicts] + list(self.comparison.unmerged)
        return tuple(sorted({path for path in paths if paired.merged.holds(path)}))

    def edits(
        self, target: EnvironmentState, merged: EnvironmentState, elsewhere: Mapping[str, Revision]
    ) -> tuple[Edit, ...]:
        """What the change would do to published revisions, compared by what a database would notice."""
        found = (*find_edits(target, merged, elsewhere), *self.released_edits(target, merged, elsewhere))
        blobs = {blob for edit in found for blob in edit.blobs}
        fingerprints = self.facts.of("fingerprint", blobs) if blobs else {}
        return tuple(self.placed(compare_edit(edit, fingerprints.get)) for edit in found)

    def released_edits(
        self, target: EnvironmentState, merged: EnvironmentState, elsewhere: Mapping[str, Revision]
    ) -> Iterator[Edit]:
        """What this change does to revisions that only other shared refs have, such as release branches and tags."""
        if not any(target.environment.holds(path) or merged.environment.holds(path) for path in self.changed):
            return
        told: set[str] = set()
        for ref in self.shared_refs():
            if ref.commit == self.comparison.target_is.commit:
                continue
            snapshot = Snapshot(self.facts.objects, ref.commit, side="target")
            state = self.state(snapshot, target.environment)
            self._kept.append(snapshot)
            for edit in find_edits(state, merged, elsewhere):
                paths = {edit.published.path, *([edit.now.path] if edit.now else [])}
                is_told = edit.published.id in told or edit.published.id in target.graph
                if not is_told and not self.changed.isdisjoint(paths):
                    told.add(edit.published.id)
                    yield edit.replace(ref=short_name(ref.name))

    def shared_refs(self) -> Iterable[Ref]:
        if self.comparison.shared is not None:
            return self.comparison.shared
        return shared_refs(self.facts.objects.git, self.config)

    def placed(self, edit: Edit) -> Edit:
        """The edit with the first place where a database would notice it."""
        if not edit.parts or edit.now is None:
            return edit
        from gitmig.revisions.fingerprint import find_edit

        texts = self.facts.objects.read([edit.published.blob, edit.now.blob])
        old, new = texts[edit.published.blob], texts[edit.now.blob]
        found = find_edit(old, new) if isinstance(old, bytes) and isinstance(new, bytes) else None
        if found is None or found.new is None:
            return edit
        span = found.new
        place = (span.line, span.column, span.end_line, span.end_column)
        return edit.replace(place=place, published_text=" ".join(found.old_text.split())[:60])

    # What the report says beside the findings

    def fingerprint_of(self, finding: Finding) -> str:
        """The fingerprint of the revision text that a finding judges; in a deletion of the published text."""
        if finding.place is None or not finding.place.blob or not finding.revisions:
            return ""
        from gitmig.revisions.fingerprint import identity

        facts = self.facts.of("fingerprint", [finding.place.blob]).get(finding.place.blob)
        return identity(facts) if facts else ""

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the configuration of environments."""
        discovery = self.environments.of(self.comparison.local)
        found = [*discovery.problems, *(problem for one in discovery.environments for problem in one.problems)]
        return tuple(dict.fromkeys(found))

    def undecided(self, changes: Iterable[Change]) -> tuple[str, ...]:
        """Reasons why a verdict would be a guess: no environment at all, or one whose configuration cannot be read."""
        reasons = [problem.message for problem in self.problems() if problem.blocks]
        if not tuple(changes):
            reasons.append(NO_ENVIRONMENT)
        return tuple(dict.fromkeys(reasons))


def is_edited_module(changed: Changed, environment: Environment) -> bool:
    """A file of Python or SQL that was there before and is no revision: some revision may import or open it."""
    path = changed.path
    return changed.old is not None and path.endswith((".py", *SQL_ENDINGS)) and not environment.holds(path)


def defined_elsewhere(change: Change, changes: Iterable[Change]) -> tuple[tuple[str, str], ...]:
    """What the local graph lacks and another environment defines, with its name: plugins refer to the main one."""
    missing = {one.other for one in change.local.graph.problems if one.kind in ("missing-parent", "missing-dependency")}
    return tuple(
        (name, other.environment)
        for other in changes
        for name in sorted(missing)
        if other is not change and other.local.graph.resolve(name)
    )
