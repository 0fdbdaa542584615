"""From a tree to the schemas of its chain and of its models, and from the trees of a comparison to the new drift.

What was worked out is kept by the ids of what it was made from: the outcome by trees, the chain by its revisions, the
models by the Python files of the tree.  So the usual hook decodes one small document, and one new revision costs one
step of replay.
"""

from __future__ import annotations

import hashlib

from gitmig.change.additions import (
    Addition,
    Helper,
    Import,
    Script,
    decode_addition,
    encode_addition,
    replay_scripts,
)
from gitmig.frozen import Frozen
from gitmig.schema.drift import Discrepancy, Drift, Side, is_error, new_drift
from gitmig.schema.elements import Schema
from gitmig.schema.encoding import decode_origin, decode_schema, encode_origin, encode_schema
from gitmig.schema.operations import decode, encode
from gitmig.source.modules import Modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.change.additions import Unstaged
    from gitmig.change.change import Change
    from gitmig.change.state import EnvironmentState
    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.snapshot import Snapshot
    from gitmig.schema.operations import Operation
    from gitmig.trees.entries import Changed

# Part of every key: raised whenever the same trees would give another outcome.
VERSION = 1
ROUNDS = 40


class Models(Frozen):
    """The models of one environment in one tree; `files` are those it was made from, with their blobs."""

    schema: Schema
    files: Mapping[str, str]


class Chain(Frozen):
    """What the revisions build; `imports` are the modules that they import, with the revisions that do."""

    schema: Schema
    imports: Mapping[str, Sequence[str]]


class Outcome(Frozen):
    """What a change does to the schema: new drift, and the new revisions with what they do."""

    drift: Drift
    additions: tuple[Addition, ...] = ()


NOTHING = Outcome(Drift("none"))


class Seen(Frozen):
    """One environment in one tree; a tree that does not have it yet is read as if it had."""

    snapshot: Snapshot
    state: EnvironmentState
    environment: Environment


class SchemaReader:
    """Answers for the trees of one comparison."""

    def __init__(self, comparison: Comparison, config: Config, facts: FactsReader) -> None:
        self.comparison = comparison
        self.config = config
        self.facts = facts
        self.cache = facts.cache
        self._listings: dict[int, dict[str, str]] = {}
        self._modules: dict[frozenset[str], Modules] = {}
        self._models: dict[str, Models] = {}
        self._chains: dict[str, Chain] = {}

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
        if "unstaged" in needs and change.mode == "staged" and any(is_error(item) for item in outcome.drift.items):
            change = change.replace(unstaged=self._unstaged(local, befores, outcome))
        if "helpers" in needs:
            change = change.replace(helpers=self._edited_helpers(change, befores))
        return change

    def _unstaged(self, local: Seen, befores: Sequence[Seen], outcome: Outcome) -> tuple[Unstaged, ...]:
        """Revision files of the worktree that would mend the drift, if they were staged."""
        from gitmig.reading.unstaged import find_unstaged

        sides = [self.side(before) for before in befores]
        return find_unstaged(self.facts.objects, local.environment, local.state, self.side(local), sides, outcome)

    def side(self, seen: Seen) -> Side:
        return Side(self.chain(seen).schema, self.models(seen).schema)

    # Modules that revisions import

    def _edited_helpers(self, change: Change, befores: Sequence[Seen]) -> tuple[Helper, ...]:
        """Modules that published revisions import and that the change edits or deletes, models aside."""
        edited = {
            one.path: one
            for one in self.comparison.changes
            if one.old is not None and one.old.is_file and one.path.endswith(".py")
        }
        edited = {path: one for path, one in edited.items() if all(path not in seen.state.files for seen in befores)}
        found: dict[str, Helper] = {}
        for before in befores if edited else ():
            modules = self.modules(before)
            for name, revisions in self._imports_below(before).items():
                path = self._module_path(before, modules, name)
                published = tuple(one for one in revisions if change.target is None or one in change.target.graph)
                if path not in edited or not published or not self._is_edit(edited[path]):
                    continue
                one = edited[path]
                known = found[path].revisions if path in found else ()
                now = one.new.oid if one.new is not None else ""
                found[path] = Helper(path, one.old.oid if one.old else "", now, tuple(sorted({*known, *published})))
        return tuple(found[path] for path in sorted(found))

    def _imports_below(self, seen: Seen) -> Mapping[str, Sequence[str]]:
        stored = self.cache.document("imports", self._chain_key(seen))
        return stored if stored is not None else self.chain(seen).imports

    def _is_edit(self, changed: Changed) -> bool:
        """Whether code other than models changed in it."""
        if changed.old is None or self.facts.of("candidate", [changed.old.oid]).get(changed.old.oid, {}).get("models"):
            return False
        if changed.new is None:
            return True
        from gitmig.revisions.fingerprint import difference

        facts = self.facts.of("fingerprint", [changed.old.oid, changed.new.oid])
        old, new = facts.get(changed.old.oid), facts.get(changed.new.oid)
        return old is None or new is None or bool(difference(old, new))

    def outcome(self, local: Seen, befores: Sequence[Seen]) -> Outcome:
        """New drift of local against the states before it, and its new revisions."""
        everything = self.comparison.mode == "all"
        if not everything and not self.touches_schema(local, befores):
            return NOTHING
        key = self._key_of_trees(local, befores)
        stored = self.cache.document("drift", key)
        if stored is not None:
            return decode_outcome(stored)
        with collector_off():
            made = self._work_out(local, befores)
        self.cache.add_document("drift", key, encode_outcome(made))
        return made

    def touches_schema(self, local: Seen, befores: Sequence[Seen]) -> bool:
        """Whether the change can matter: revisions, files that the models were made from, or new models."""
        if not befores or any(blobs_of(local.state) != blobs_of(before.state) for before in befores):
            return True
        environment = local.environment
        changes = [change for change in self.comparison.changes if change.path.endswith(".py")]
        changes = [change for change in changes if change.path not in local.state.files]
        named = {environment.env, environment.config, "gitmig.toml", "pyproject.toml"}
        if any(change.path in named for change in self.comparison.changes):
            return True
        if not changes:
            return False
        if self._may_declare([change.new.oid for change in changes if change.new and change.new.is_file]):
            return True
        made_from = [self.models(before).files for before in befores]
        return any(change.path in files for files in made_from for change in changes)

    def _may_declare(self, blobs: Iterable[str]) -> bool:
        from gitmig.schema.models.facts import may_declare_models

        contents = self.facts.objects.read(list(blobs))
        return any(isinstance(content, bytes) and may_declare_models(content) for content in contents.values())

    def _work_out(self, local: Seen, befores: Sequence[Seen]) -> Outcome:
        sides = [self.side(before) for before in befores]
        old = {name for before in befores for name in before.state.graph.revisions}
        models = self.models(local)
        chain, additions = self._local_chain(local, befores, old)
        if not models.schema.tables and not any(side.models.tables for side in sides):
            return Outcome(Drift("none"), additions)  # nothing to compare with: no models, or none that can be found
        operations = [operation for addition in additions for operation in addition.operations]
        operations = [*operations, *self._edited(local, befores)]
        return Outcome(new_drift(Side(chain, models.schema), sides, operations), additions)

    def _key_of_trees(self, local: Seen, befores: Sequence[Seen]) -> str:
        trees = [self._tree_key(seen) for seen in (local, *befores)]
        return digest("drift", self.comparison.mode == "all", self.config.models_ignore, *trees)

    def _tree_key(self, seen: Seen) -> str:
        """Names the whole tree: that of the commit, and what lies over it."""
        snapshot = seen.snapshot
        commit = self.facts.objects.commit(snapshot.treeish) if snapshot.treeish else None
        over = [(path, entry.oid if entry else "") for path, entry in sorted(snapshot.overlay.items())]
        return digest(repr(seen.environment), commit.tree if commit else snapshot.treeish, over)

    # The chain

    def chain(self, seen: Seen) -> Chain:
        """The schema that all revisions of this tree build."""
        key = self._chain_key(seen)
        if key not in self._chains:
            stored = self._stored_chain(seen, key)
            if stored is None:
                scripts = self.scripts(seen, ordered(seen.state))
                schema, _ = replay_scripts(Schema(), scripts, ())
                stored = self._keep_chain(seen, key, schema, imports_of(scripts))
            self._chains[key] = stored
        return self._chains[key]

    def _local_chain(
        self, local: Seen, befores: Sequence[Seen], old: Collection[str]
    ) -> tuple[Schema, tuple[Addition, ...]]:
        """The chain of local: on top of that of a state before where nothing below was touched."""
        order = ordered(local.state)
        new = [name for name in order if name not in old]
        joins = {name for name in new if len(local.state.graph.down_revisions(name)) > 1}
        key = self._chain_key(local)
        for before in befores:
            if self._is_on_top(local, before, new):
                below = self.chain(before)
                if not new:
                    return below.schema, ()
                scripts = self.scripts(local, new)
                schema, additions = replay_scripts(below.schema, scripts, new, joins)
                imports = merged_imports(below.imports, imports_of(scripts))
                break
        else:
            scripts = self.scripts(local, order)
            schema, additions = replay_scripts(Schema(), scripts, new, joins)
            imports = imports_of(scripts)
        self._chains[key] = self._keep_chain(local, key, schema, imports)
        wanted = {script.revision: script for script in scripts if script.revision in set(new)}
        return self._chains[key].schema, tuple(
            addition.replace(imports=self._imports(local, wanted[addition.revision])) for addition in additions
        )

    def _is_on_top(self, local: Seen, before: Seen, new: Sequence[str]) -> bool:
        was, now = blobs_of(before.state), blobs_of(local.state)
        if any(now.get(name) != blob for name, blob in was.items()) or len(was) + len(new) != len(now):
            return False
        below: set[str] = set()
        for name in was:
            below.update(local.state.graph.down_revisions(name))
            below.update(local.state.graph.depends_on(name))
        return below.isdisjoint(new)

    def _chain_key(self, seen: Seen) -> str:
        files = seen.state.files
        return digest("chain", *[(path, revision.id, revision.blob) for path, revision in sorted(files.items())])

    def _stored_chain(self, seen: Seen, key: str) -> Chain | None:
        stored = self.cache.document("chain", key)
        if stored is None or self._blobs_at(seen.snapshot, stored["helpers"]) != stored["helpers"]:
            return None
        return Chain(decode_schema(stored["schema"]), stored["imports"])

    def _keep_chain(self, seen: Seen, key: str, schema: Schema, imports: Mapping[str, Sequence[str]]) -> Chain:
        helpers = self._helpers(seen, imports)
        document = {"schema": encode_schema(schema), "imports": imports, "helpers": helpers}
        self.cache.add_document("chain", key, document)
        self.cache.add_document("imports", key, imports)
        return Chain(schema, imports)

    def _helpers(self, seen: Seen, imports: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """The modules of the tree that revisions import, with their blobs."""
        modules = self.modules(seen) if imports else None
        paths = [path for name in imports if modules and (path := self._module_path(seen, modules, name))]
        return self._blobs_at(seen.snapshot, paths)

    def _module_path(self, seen: Seen, modules: Modules, name: str, importer: str = "") -> str | None:
        """The file that a revision means by a dotted name; relative ones start with dots."""
        level = len(name) - len(name.lstrip("."))
        folder = seen.environment.versions[0] if seen.environment.versions else ""
        return modules.resolve(name[level:], level, importer or f"{folder}/x.py")

    @staticmethod
    def _blobs_at(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, str]:
        return {path: entry.oid for path, entry in snapshot.at(sorted(paths)).items()}

    def _edited(self, local: Seen, befores: Sequence[Seen]) -> list[Operation]:
        """Operations that revisions got which were there before with another text."""
        edited = [
            (name, before)
            for before in befores
            for name, blob in blobs_of(before.state).items()
            if name in local.state.graph and blobs_of(local.state).get(name) != blob
        ]
        found = []
        for name, before in edited:
            was = [bare(each) for script in self.scripts(before, [name]) for each in script.operations()]
            for script in self.scripts(local, [name]):
                found += [each for each in script.operations() if bare(each) not in was]
        return found

    # Scripts

    def scripts(self, seen: Seen, revisions: Iterable[str]) -> list[Script]:
        """The facts of these revisions, modules of the tree that they call included."""
        files = [one for name in revisions if (one := seen.state.revision(name)) is not None]
        facts = self.facts.of("script", [one.blob for one in files])
        found = []
        for one in files:
            known = facts.get(one.blob)
            if known is None:
                continue
            if known["wanted"]:
                known = self._with_helpers(seen, one.path, one.blob, known)
            found.append(Script(one.id, one.path, one.blob, known))
        return found

    def _with_helpers(self, seen: Seen, path: str, blob: str, known: dict[str, Any]) -> dict[str, Any]:
        """The facts of a script that imports modules of the tree; what is not there is said to be not there."""
        modules = self.modules(seen)
        helpers: dict[str, str | None] = {}
        wanted = list(known["wanted"])
        stored = self.cache.facts("script-with", [blob]).get(blob)
        if stored is not None and self._resolved(seen, modules, path, stored["modules"]) == stored["modules"]:
            return stored["facts"]  # type: ignore[no-any-return]
        for _ in range(ROUNDS):
            if not wanted:
                break
            helpers |= self._resolved(seen, modules, path, wanted)
            known = self._extract(seen, modules, path, blob, helpers)
            wanted = [name for name in known["wanted"] if name not in helpers]
        self.cache.add_facts("script-with", {blob: {"modules": helpers, "facts": known}})
        return known

    def _resolved(self, seen: Seen, modules: Modules, path: str, names: Iterable[str]) -> dict[str, str | None]:
        """Blob ids by dotted name."""
        paths = {name: self._module_path(seen, modules, name, path) for name in names}
        listing = self.listing(seen)
        return {name: listing.get(where) if where else None for name, where in paths.items()}

    def _extract(
        self, seen: Seen, modules: Modules, path: str, blob: str, helpers: Mapping[str, str | None]
    ) -> dict[str, Any]:
        from gitmig.schema.scripts.facts import extract

        contents = self.facts.objects.read([blob, *(oid for oid in helpers.values() if oid)])
        given: dict[str, Any] = {}
        for name, oid in helpers.items():
            content = contents[oid] if oid else None
            where = self._module_path(seen, modules, name, path)
            given[name] = (where, content) if isinstance(content, bytes) and where else None
        source = contents[blob]
        return extract(source if isinstance(source, bytes) else b"", helpers=given)

    def _imports(self, seen: Seen, script: Script) -> tuple[Import, ...]:
        """What a revision imports of the tree, and whether there are models in it."""
        imports = [each for each in script.facts["imports"] if not is_of_alembic(each["module"])]
        if not imports:
            return ()
        modules, listing = self.modules(seen), self.listing(seen)
        found = []
        for each in imports:
            level = len(each["module"]) - len(each["module"].lstrip("."))
            path = modules.resolve(each["module"][level:], level, script.path)
            if path is None:
                continue
            paths = [path, *(inner for name in each["names"] if (inner := modules.submodule(path, name)))]
            blobs = [listing[one] for one in paths if one in listing]
            facts = self.facts.of("candidate", blobs).values()
            reexported = self._reexported(modules, listing, path, each["names"])
            declares = reexported or any(one["models"] for one in facts)
            found.append(Import(each["module"], each["line"], paths[-1], declares))
        return tuple(found)

    def _reexported(self, modules: Modules, listing: Mapping[str, str], path: str, names: Sequence[str]) -> bool:
        """Whether one of the names comes from a module with models that `path` itself imports."""
        blob = listing.get(path)
        if blob is None:
            return False
        outline = self.facts.of("model", [blob]).get(blob)
        if outline is None:
            return False
        for name in names:
            entry = outline["names"].get(name)
            if entry and entry[0] == "import":
                inner = modules.resolve(entry[1], entry[2], path)
                oid = listing.get(inner or "")
                if oid and self.facts.of("candidate", [oid])[oid]["models"]:
                    return True
        return False

    # The models

    def models(self, seen: Seen) -> Models:
        """The schema that the models of this tree declare for the environment."""
        listing = self.listing(seen)
        environment = seen.environment
        settings = (environment.env, environment.models, environment.metadata, self.config.models_ignore)
        key = digest("models", settings, *sorted(listing.items()))
        if key not in self._models:
            stored = self.cache.document("models", key)
            if stored is not None:
                self._models[key] = Models(decode_schema(stored["schema"]), stored["files"])
            else:
                self._models[key] = made = self._read_models(seen, listing)
                self.cache.add_document("models", key, {"schema": encode_schema(made.schema), "files": made.files})
        return self._models[key]

    def _read_models(self, seen: Seen, listing: Mapping[str, str]) -> Models:
        from gitmig.schema.models.linking import link
        from gitmig.schema.models.wanted import wanted

        environment = seen.environment
        modules = self.modules(seen)
        env = self._env(environment, listing)
        files: dict[str, dict[str, Any]] = {}
        for _ in range(ROUNDS):
            asked = wanted(modules, files, environment.env, env)
            candidates = set(asked.candidates)
            if environment.models:
                candidates = self._configured(environment, listing, files)
            full = [path for path in asked.full if path in listing]
            if not full and not candidates:
                break
            files.update(self._facts_at("model", full, listing))
            files.update(self._facts_at("candidate", sorted(candidates - set(full)), listing))
            files.update({path: no_facts("missing") for path in asked.full if path not in listing})
        schema = link(files, modules, env, env_path=environment.env, metadata=environment.metadata, blobs=listing)
        made_from = {path: listing[path] for path, facts in files.items() if not facts.get("skipped")}
        if env is not None:
            made_from[environment.env] = listing[environment.env]
        return Models(without_ignored(schema, self.config.models_ignore), made_from)

    def _env(self, environment: Environment, listing: Mapping[str, str]) -> dict[str, Any] | None:
        blob = listing.get(environment.env)
        return self.facts.of("env", [blob]).get(blob) if blob else None

    @staticmethod
    def _configured(environment: Environment, listing: Mapping[str, str], files: Collection[str]) -> set[str]:
        """Candidates below what the configuration calls models: folders, files or dotted modules."""
        stems = [one.removesuffix(".py").rstrip("/") for one in environment.models]
        stems += [one.replace(".", "/") for one in environment.models if "/" not in one and not one.endswith(".py")]
        return {
            path
            for path in listing
            if path not in files
            and any(
                path.removesuffix(".py") == stem or f"/{path}".find(f"/{stem}/") >= 0 or path.endswith(f"/{stem}.py")
                for stem in stems
            )
        }

    def _facts_at(self, kind: str, paths: Sequence[str], listing: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        facts = self.facts.of(kind, [listing[path] for path in paths])
        return {path: facts.get(listing[path]) or self._not_given(listing[path]) for path in paths}

    def _not_given(self, blob: str) -> dict[str, Any]:
        reason = self.facts.unreadable.get(blob)
        return no_facts(reason.reason if reason is not None else "missing")

    # The tree

    def listing(self, seen: Seen) -> dict[str, str]:
        """Blobs of the Python files of a tree that are no revisions of this environment."""
        key = id(seen.snapshot)
        if key not in self._listings:
            self._listings[key] = {
                path: entry.oid
                for path, entry in seen.snapshot.entries().items()
                if path.endswith(".py") and entry.is_file
            }
        revisions = seen.state.files
        return {path: oid for path, oid in self._listings[key].items() if path not in revisions}

    def modules(self, seen: Seen) -> Modules:
        paths = frozenset(self.listing(seen))
        if paths not in self._modules:
            self._modules[paths] = Modules(paths)
        return self._modules[paths]


# Small questions


class collector_off:  # noqa: N801  (used as a statement; contextlib is not worth its import on the hook path)
    """No garbage collection meanwhile: syntax trees are many objects and no garbage, and looking at them takes a third."""

    def __enter__(self) -> None:
        import gc

        self.was = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self.was:
            import gc

            gc.enable()


def digest(*parts: object) -> str:
    return hashlib.sha256(repr((VERSION, parts)).encode("utf-8", "surrogateescape")).hexdigest()


def blobs_of(state: EnvironmentState) -> dict[str, str]:
    return {revision.id: revision.blob for revision in state.files.values()}


def ordered(state: EnvironmentState) -> list[str]:
    return list(state.graph.upgrade_order())


def bare(operation: Operation) -> Operation:
    """Without places: what it does, wherever it stands."""
    from gitmig.schema.operations import encode as encoded

    plain = encoded(operation)
    plain.pop("source")
    return decode(without_lines(plain))


def without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_lines(each) for key, each in value.items() if key not in ("line", "path", "source")}
    if isinstance(value, list):
        return [without_lines(each) for each in value]
    return value


def is_of_alembic(module: str) -> bool:
    return module.partition(".")[0] in ("alembic", "sqlalchemy", "typing", "__future__", "collections")


def imports_of(scripts: Iterable[Script]) -> dict[str, list[str]]:
    """Modules that revisions import, each with those that do; Alembic's and SQLAlchemy's own are left out."""
    found: dict[str, list[str]] = {}
    for script in scripts:
        for each in script.facts["imports"]:
            if not is_of_alembic(each["module"]):
                for name in (each["module"], *(f"{each['module']}.{inner}" for inner in each["names"])):
                    found.setdefault(name, []).append(script.revision)
    return {name: sorted(set(found[name])) for name in sorted(found)}


def merged_imports(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: sorted({*one.get(name, ()), *other.get(name, ())}) for name in sorted({*one, *other})}


def no_facts(reason: str) -> dict[str, Any]:
    """The facts of a file that Git could not give: it may hold models, and it is said that nobody knows."""
    from gitmig.source.outline import empty

    return {**empty(), "models": True, "problem": [reason, "", 1]}


def without_ignored(schema: Schema, patterns: Sequence[str]) -> Schema:
    """The schema without tables that the configuration leaves out: by their name, or by the module they stand in."""
    if not patterns:
        return schema
    from fnmatch import fnmatchcase

    def is_ignored(key: str, path: str) -> bool:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return any(
            fnmatchcase(key, pattern)
            or fnmatchcase(path, pattern)
            or f".{module}.".find(f".{pattern.removesuffix('.*')}.") >= 0
            for pattern in patterns
        )

    return schema.replace(
        tables={key: table for key, table in schema.tables.items() if not is_ignored(key, table.origin.path)}
    )


# As JSON, for the cache


def encode_outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "verdict": outcome.drift.verdict,
        "items": [encode_discrepancy(item) for item in outcome.drift.items],
        "additions": [encode_addition(addition) for addition in outcome.additions],
    }


def decode_outcome(encoded: Mapping[str, Any]) -> Outcome:
    items = tuple(decode_discrepancy(item) for item in encoded["items"])
    return Outcome(Drift(encoded["verdict"], items), tuple(decode_addition(each) for each in encoded["additions"]))


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
