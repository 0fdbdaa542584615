"""From the trees of a comparison to new drift and new revisions, as the rules about schemas see them.

The outcome is kept by the ids of the trees, so that the same hook run again decodes one small document.
"""

from __future__ import annotations

from gitmig.change.additions import Addition, Helper, decode_addition, encode_addition
from gitmig.frozen import Frozen
from gitmig.reading.tree_schemas import Models, Seen, TreeSchemas, key_of, restored
from gitmig.repo.store import Unreadable
from gitmig.schema.compare import compare
from gitmig.schema.databases import databases_in, joined, key_in, schema_in
from gitmig.schema.discrepancies import Discrepancy, is_error
from gitmig.schema.drift import Drift, Side, new_drift, with_baseline
from gitmig.schema.elements import Schema, Unknown
from gitmig.schema.encoding import decode_origin, encode_origin
from gitmig.schema.operations import decode, encode
from gitmig.schema.unnamed import settled
from gitmig.trees.entries import SQL_ENDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.change.additions import Unstaged
    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState
    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.reading.changed_texts import ChangedTexts
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.tree_schemas import Exact
    from gitmig.revisions.revision import Revision
    from gitmig.schema.elements import Table
    from gitmig.schema.operations import Operation
    from gitmig.schema.prefixes import Taken
    from gitmig.trees.entries import Changed


class Outcome(Frozen):
    """What a change does to the schema: new drift, and the new revisions with what they do."""

    drift: Drift
    additions: tuple[Addition, ...] = ()


class Sides(Frozen):
    """What is compared: local, the states before, the operations of new revisions; empty where no models are known."""

    local: Side
    befores: tuple[Side, ...]
    operations: tuple[Operation, ...] = ()
    additions: tuple[Addition, ...] = ()
    is_empty: bool = False
    taken: Taken | None = None


NOTHING = Outcome(Drift("none"))


class SchemaReader:
    """Answers for the trees of one comparison."""

    def __init__(
        self,
        comparison: Comparison,
        config: Config,
        facts: FactsReader,
        *,
        alone: bool = True,
        exact: Exact | None = None,
    ) -> None:
        self.comparison = comparison
        self.config = config
        self.facts = facts
        self.cache = facts.cache
        self.trees = TreeSchemas(config, facts, alone=alone, exact=exact)

    # The outcome of a change

    def complete(self, change: Change, environment: Environment, needs: Collection[str]) -> Change:
        """The change with drift, additions, and what else the needs ask for."""
        comparison = self.comparison
        local = Seen(comparison.local, change.local, environment)
        befores = [
            Seen(snapshot, state, state.environment if state.environment.versions else environment)
            for snapshot, state in zip(comparison.before, change.before, strict=True)
        ]
        outcome = self.outcome(local, befores)
        change = change.replace(drift=outcome.drift, additions=outcome.additions)
        if "schemas" in needs:
            change = change.replace(local=self._with_schemas(local, befores))
        if "unstaged" in needs and change.mode == "staged" and any(is_error(item) for item in outcome.drift.items):
            change = change.replace(unstaged=self._unstaged(local, befores, outcome))
        if "helpers" in needs:
            change = change.replace(helpers=self._edited_helpers(change, befores))
        return change

    def _with_schemas(self, local: Seen, befores: Sequence[Seen]) -> EnvironmentState:
        """Local with its models, and with its chain as the drift was measured against it."""
        sides = self.sides(local, befores)
        chain = with_baseline(sides.local, sides.befores, sides.operations)
        return local.state.replace(chain=chain, models=sides.local.models)

    def _unstaged(self, local: Seen, befores: Sequence[Seen], outcome: Outcome) -> tuple[Unstaged, ...]:
        """Revision files of the worktree that would mend the drift, if they were staged."""
        from gitmig.reading.unstaged import mended_by, read_loose

        loose = read_loose(self.facts.objects, local.environment, local.state)
        if not loose:
            return ()
        return mended_by(loose, local.state, self.side(local), [self.side(before) for before in befores], outcome)

    def side(self, seen: Seen) -> Side:
        return Side(self.trees.chain(seen).schema, self.trees.models(seen).schema)

    # Modules that revisions import

    def _edited_helpers(self, change: Change, befores: Sequence[Seen]) -> tuple[Helper, ...]:
        """Modules that published revisions import and that the change edits or deletes, models aside."""
        edited = {
            one.path: one
            for one in self.comparison.changes
            if one.old is not None and one.old.is_file and one.path.endswith((".py", *SQL_ENDINGS))
        }
        edited = {path: one for path, one in edited.items() if all(path not in seen.state.files for seen in befores)}
        edited = {path: one for path, one in edited.items() if not self._has_models(one)}
        found: dict[str, Helper] = {}
        for before in befores if edited else ():
            imports = self.trees.imports(before)
            if not imports:
                continue
            modules = self.trees.modules(before)
            for name, revisions in imports.items():
                path = self.trees.module_path(before, modules, name)
                published = [one for one in revisions if change.target is None or one in change.target.graph]
                if path not in edited or not published:
                    continue
                one = edited[path]
                concerned = {each for each in published if self._concerns(one, name, before.state.revision(each))}
                if concerned:
                    known = found[path].revisions if path in found else ()
                    now = one.new.oid if one.new is not None else ""
                    found[path] = Helper(path, one.old.oid if one.old else "", now, tuple(sorted({*known, *concerned})))
        return tuple(found[path] for path in sorted(found))

    def _has_models(self, changed: Changed) -> bool:
        blob = changed.old.oid if changed.old is not None else ""
        return bool(self.facts.of("candidate", [blob]).get(blob, {}).get("models"))

    def _concerns(self, changed: Changed, module: str, published: Revision | None) -> bool:
        """Whether code other than models changed in what a revision takes from a module."""
        if changed.old is None or changed.new is None or published is None or not changed.path.endswith(".py"):
            return True
        from gitmig.revisions.borrowed import concerns, names_borrowed

        read = self.facts.objects.read([published.blob, changed.old.oid, changed.new.oid])
        source, old, new = (read[oid] for oid in (published.blob, changed.old.oid, changed.new.oid))
        if isinstance(source, Unreadable) or isinstance(old, Unreadable) or isinstance(new, Unreadable):
            return True
        return concerns(names_borrowed(source, module), old, new)

    # The outcome

    def outcome(self, local: Seen, befores: Sequence[Seen]) -> Outcome:
        """New drift of local against the states before it, and its new revisions."""
        if self.trees.exact is not None:  # which packages are installed is in no tree, so nothing is remembered
            return self._work_out(local, befores)
        if self.comparison.mode != "all" and not self.touches_schema(local, befores):
            return NOTHING
        key = self._key_of_trees(local, befores)
        stored = restored(self.cache.document("drift", key), decode_outcome)
        if stored is not None:
            return stored
        with CollectorOff():
            made = self._work_out(local, befores)
        self.cache.add_document("drift", key, encode_outcome(made))
        return made

    def touches_schema(self, local: Seen, befores: Sequence[Seen]) -> bool:
        """Whether the change can matter: revisions, files that the models were made from, or new models."""
        now = local.state.files
        others = [before.state.files for before in befores]
        if not others or any(now.differing(other) or other.differing(now) for other in others):
            return True
        environment = local.environment
        sql = {change.path for change in self.comparison.changes if change.path.endswith(SQL_ENDINGS)}
        if sql and any(not sql.isdisjoint(self.trees.opened(before)) for before in befores):
            return True
        changes = [change for change in self.comparison.changes if change.path.endswith(".py")]
        changes = [change for change in changes if change.path not in local.state.files]
        named = {environment.env, environment.config, "gitmig.toml", "pyproject.toml"}
        if any(change.path in named for change in self.comparison.changes):
            return True
        if not changes:
            return False
        if self._may_declare([change.new.oid for change in changes if change.new and change.new.is_file]):
            return True
        made_from = [self.trees.models(before).files for before in befores]
        return any(change.path in files for files in made_from for change in changes)

    def _may_declare(self, blobs: Iterable[str]) -> bool:
        from gitmig.schema.models.facts import may_declare_models

        contents = self.facts.objects.read(list(blobs))
        return any(isinstance(content, bytes) and may_declare_models(content) for content in contents.values())

    def _work_out(self, local: Seen, befores: Sequence[Seen]) -> Outcome:
        sides = self.sides(local, befores)
        if sides.is_empty:
            return Outcome(Drift("none"), sides.additions)  # no models, or none that can be found
        found = new_drift(sides.local, sides.befores, sides.operations)
        return Outcome(with_names(found, sides.local, sides.taken), sides.additions)

    def sides(self, local: Seen, befores: Sequence[Seen]) -> Sides:
        """Chain and models of local and of the states before it, as they are to be compared."""
        sides = [self.side(before) for before in befores]
        old = {name for before in befores for name in before.state.graph.revisions}
        models = self.trees.models(local)
        chain, additions = self.trees.local_chain(local, befores, old, self.uses(local) if befores else None)
        every = [models.schema, *(side.models for side in sides)]
        is_empty = not any(schema.tables or schema.unknown for schema in every)
        if is_empty:
            return Sides(Side(chain, models.schema), tuple(sides), (), additions, is_empty=True)
        models = models.replace(schema=self._with_changed_gaps(models, befores))
        chains = [chain, *(side.chain for side in sides)]
        operations = [operation for addition in additions for operation in addition.operations]
        operations = [*operations, *self.trees.edited(local, befores)]
        models = models.replace(schema=settled(models.schema, chains, operations))
        sides = [side.replace(models=settled(side.models, chains, operations)) for side in sides]
        names = self.trees.databases(local)
        if is_undecided(models.schema) and names is not None:
            old_models = [side.models for side in sides]
            models = models.replace(schema=of_their_databases(models.schema, chains, names, old_models))
            sides = [side.replace(models=of_their_databases(side.models, chains, names, ())) for side in sides]
        elif is_undecided(models.schema):
            old_models = [side.models for side in sides]
            models = models.replace(schema=of_this_chain(models.schema, chains, old_models))
            sides = [side.replace(models=of_this_chain(side.models, chains, old_models)) for side in sides]
        side, sides, operations, taken = with_one_prefix(Side(chain, models.schema), sides, operations)
        return Sides(side, tuple(sides), tuple(operations), additions, taken=taken)

    def uses(self, local: Seen) -> ChangedTexts:
        """What the change makes of the uses of a name, revisions aside."""
        from gitmig.reading.changed_texts import ChangedTexts

        return ChangedTexts(self.comparison.changes, local.environment.holds, self.facts.objects)

    def _with_changed_gaps(self, models: Models, befores: Sequence[Seen]) -> Schema:
        """The models, where a table that could not be read before is unknown anew if the text of its file changed."""
        gaps = {one.origin.path for one in models.schema.unknown if not one.objects and one.origin.path in models.files}
        changed = {path for path in gaps if all(self._differs(path, models, self.trees.models(one)) for one in befores)}
        if not changed or not befores:
            return models.schema
        unknown = [
            one.replace(why=f"{one.why}, and its file changed")
            if not one.objects and one.origin.path in changed
            else one
            for one in models.schema.unknown
        ]
        return models.schema.replace(unknown=tuple(unknown))

    def _differs(self, path: str, now: Models, was: Models) -> bool:
        """Whether a model file says something else, methods, comments and docstrings aside."""
        blobs = [models.files.get(path, "") for models in (now, was)]
        if blobs[0] == blobs[1] or not blobs[1]:
            return False
        facts = self.facts.of("model", blobs)
        texts = [
            [line for line in facts[blob]["source"].split("\n") if line.strip()] for blob in blobs if blob in facts
        ]
        return len(texts) < 2 or texts[0] != texts[1]

    def _key_of_trees(self, local: Seen, befores: Sequence[Seen]) -> str:
        trees = [self._tree_key(seen) for seen in (local, *befores)]
        return key_of("drift", self.comparison.mode == "all", self.config.models_ignore, *trees)

    def _tree_key(self, seen: Seen) -> str:
        """Names the whole tree: that of the commit, and what lies over it."""
        snapshot = seen.snapshot
        commit = self.facts.objects.commit(snapshot.treeish) if snapshot.treeish else None
        over = [(path, entry.oid if entry else "") for path, entry in sorted(snapshot.overlay.items())]
        return key_of(repr(seen.environment), commit.tree if commit else snapshot.treeish, over)


# Small questions


class CollectorOff:
    """No garbage collection meanwhile: syntax trees are many objects and no garbage, and looking at them takes time."""

    def __enter__(self) -> None:
        import gc

        self.was = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self.was:
            import gc

            gc.freeze()  # what there is now counts as old, and is not looked at as soon as something is made
            gc.unfreeze()
            gc.enable()


def with_one_prefix(
    local: Side, befores: list[Side], operations: list[Operation]
) -> tuple[Side, list[Side], list[Operation], Taken | None]:
    """Where one side takes the prefix of its tables from the settings and the other writes it out, what was written."""
    every = [local, *befores]
    chains, models = [side.chain for side in every], [side.models for side in every]
    if not any("{" in key for schema in (*chains, *models) for key in schema.tables):
        return local, befores, operations, None
    from gitmig.schema.prefixes import operation_with_prefix, with_prefix, written_prefix

    taken = written_prefix(chains, models) or written_prefix(models, chains)
    if taken is None:
        return local, befores, operations, None
    prefix = taken.prefix
    local, *befores = [Side(with_prefix(side.chain, prefix), with_prefix(side.models, prefix)) for side in every]
    return local, befores, [operation_with_prefix(each, prefix) for each in operations], taken


def with_names(found: Drift, local: Side, taken: Taken | None) -> Drift:
    """The drift with what was taken for the prefix of its tables; where nothing was, it is not known to be one."""
    if taken is not None:
        evidence = f"{taken.matched} of {taken.count} tables have it in the revisions"
        return found.replace(prefix=taken.prefix, evidence=evidence)
    chain, models = ([key for key in schema.tables if "{" in key] for schema in (local.chain, local.models))
    if bool(chain) == bool(models) or not local.chain.tables:
        return found
    items = tuple(nameless(item) if "{" in item.table or "{" in item.object else item for item in found.items)
    verdict = "unknown" if found.verdict == "uncovered" and not any(is_error(item) for item in items) else found.verdict
    return found.replace(items=items, verdict=verdict)


def nameless(item: Discrepancy) -> Discrepancy:
    """A discrepancy of a table that may be in the revisions under a name that was not read."""
    return item.replace(
        kind="unknown", model="the name of the table begins with a prefix from the settings", note=False
    )


def is_undecided(schema: Schema) -> bool:
    """Whether it is not known which MetaData is that of this environment."""
    return any(unknown.what == "target_metadata" for unknown in schema.unknown)


def of_this_chain(models: Schema, chains: Sequence[Schema], befores: Sequence[Schema]) -> Schema:
    """The tables that the chain of this environment knows; a new one may belong to it, and that is said."""
    tables = {}
    unknown = list(models.unknown)
    for key, table in models.tables.items():
        if any(key in chain.tables for chain in chains):
            tables[key] = table
        elif befores and all(key not in before.tables for before in befores):
            tables[key] = table
            unknown.append(Unknown("table", "it is not known which environment migrates it", table.origin, (key,)))
    return models.replace(tables=tables, unknown=tuple(unknown))


def of_their_databases(
    models: Schema, chains: Sequence[Schema], names: Sequence[str], befores: Sequence[Schema]
) -> Schema:
    """Tables that one database alone has in a chain are of that database; of the others nobody knows, which is said."""
    names = tuple(dict.fromkeys((*names, *(name for chain in chains for name in databases_in(chain)))))
    found: dict[str, dict[str, Table]] = {}
    unknown = list(models.unknown)
    for key, table in models.tables.items():
        homes = [name for name in names if any(key_in(name, key) in chain.tables for chain in chains)]
        if len(homes) == 1:
            found.setdefault(homes[0], {})[key] = table
        else:
            objects = tuple(key_in(name, key) for name in homes or names)
            changed = befores and all(is_another(table, before.tables.get(key)) for before in befores)
            why = f"it is not known in which database {key} is{', and it changed' if changed else ''}"
            unknown.append(Unknown("table", why, table.origin, objects))
    parts = [schema_in(name, models.replace(tables=tables, unknown=())) for name, tables in found.items()]
    return joined([*parts, Schema(unknown=tuple(unknown))])


def is_another(table: Table, was: Table | None) -> bool:
    """Whether a database would notice a difference."""
    return was is None or bool(compare(Schema({table.key: was}), Schema({table.key: table})))


# As JSON, for the cache


def encode_outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "verdict": outcome.drift.verdict,
        "items": [encode_discrepancy(item) for item in outcome.drift.items],
        "names": [outcome.drift.prefix, outcome.drift.evidence],
        "additions": [encode_addition(addition) for addition in outcome.additions],
    }


def decode_outcome(encoded: Mapping[str, Any]) -> Outcome:
    items = tuple(decode_discrepancy(item) for item in encoded["items"])
    return Outcome(
        Drift(encoded["verdict"], items, *encoded["names"]),
        tuple(decode_addition(each) for each in encoded["additions"]),
    )


def encode_discrepancy(item: Discrepancy) -> dict[str, Any]:
    encoded = dict(item.__dict__)
    encoded["places"] = [encode_origin(place) for place in item.places]
    encoded["operation"] = encode(item.operation) if item.operation else None
    return encoded


def decode_discrepancy(encoded: Mapping[str, Any]) -> Discrepancy:
    state = dict(encoded)
    state["places"] = tuple(decode_origin(place) for place in encoded["places"])
    state["operation"] = decode(encoded["operation"]) if encoded["operation"] else None
    return Discrepancy(**state)
