"""One environment in one tree as schemas: the chain that its revisions build, the models that its files declare.

What was worked out is kept by the ids of what it was made from: a chain by its revisions, models by the Python files of
the tree.  One new revision costs one step of replay on top of the chain that is known.
"""

from __future__ import annotations

from gitmig.change.additions import Addition, Import, Script, replay_scripts
from gitmig.frozen import Frozen
from gitmig.reading.cache import EXTRACTORS, digest
from gitmig.reading.waypoints import Chain, Waypoints
from gitmig.schema.databases import split_key
from gitmig.schema.elements import Schema
from gitmig.schema.encoding import decode_schema, encode_schema
from gitmig.schema.operations import decode, encode
from gitmig.source.modules import Modules
from gitmig.source.tree_files import PACKAGE, PLACE, TREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any, Protocol, TypeVar

    from gitmig.change.state import EnvironmentState
    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.snapshot import Snapshot
    from gitmig.schema.models.readings import Readings
    from gitmig.schema.operations import Operation
    from gitmig.schema.uses import Uses

    T = TypeVar("T")

    class Exact(Protocol):
        """Models as the project's own Python makes them, where somebody asked for that."""

        def models(self, trees: TreeSchemas, seen: Seen, static: Models) -> Models: ...


# Part of every key: raised whenever the same trees would give another outcome.
VERSION = 34
ROUNDS = 40
# Scripts that are in memory at a time: the facts of 10,000 would be 200 MB.
PART = 250


class Models(Frozen):
    """The models of one environment in one tree; `files` are those it was made from, with their blobs."""

    schema: Schema
    files: Mapping[str, str]


class Seen(Frozen):
    """One environment in one tree; a tree that does not have it yet is read as if it had."""

    snapshot: Snapshot
    state: EnvironmentState
    environment: Environment


class TreeSchemas:
    """Reads and remembers; `alone` says that the tree has one environment, so that all models are its."""

    def __init__(self, config: Config, facts: FactsReader, *, alone: bool = True, exact: Exact | None = None) -> None:
        self.exact = exact
        self.config = config
        self.facts = facts
        self.cache = facts.cache
        self.alone = alone
        self._kept: list[Seen] = []
        self._listings: dict[tuple[int, int], dict[str, str]] = {}
        self._modules: dict[tuple[int, int], Modules] = {}
        self._models: dict[str, Models] = {}
        self._chains: dict[str, Chain] = {}
        self._waypoints = Waypoints()
        self._readings: Readings | None = None

    # The chain

    def chain(self, seen: Seen) -> Chain:
        """What all revisions of this tree build."""
        key = self.chain_key(seen)
        if key not in self._chains:
            stored = self._stored_chain(seen, key)
            if stored is None:
                stored, _ = self._replayed(seen, ordered(seen.state))
                self._keep_chain(seen, key, stored)
            self._chains[key] = stored
        return self._chains[key]

    def local_chain(
        self,
        local: Seen,
        befores: Sequence[Seen],
        old: Collection[str],
        uses: Callable[[str, str], Uses] | None = None,
    ) -> tuple[Schema, tuple[Addition, ...]]:
        """The chain of local: on top of that of a state before where nothing below was touched.

        `uses` says what the change made of the uses of a name.
        """
        order = ordered(local.state)
        new = [name for name in order if name not in old]
        below = next((before for before in befores if self._is_on_top(local, before, new)), None)
        if below is None:
            chain, additions = self._replayed(local, order, new, uses)
        elif new:
            chain, additions = self._climbed(local, self.chain(below), new, new, uses)
        else:
            return self.chain(below).schema, ()
        key = self.chain_key(local)
        self._chains[key] = chain
        self._keep_chain(local, key, chain)
        return chain.schema, additions

    def _replayed(
        self,
        seen: Seen,
        order: Sequence[str],
        new: Collection[str] = (),
        uses: Callable[[str, str], Uses] | None = None,
    ) -> tuple[Chain, tuple[Addition, ...]]:
        """A whole chain from its base; what it shares with one that was replayed before is not replayed again."""
        files: dict[str, list[tuple[str, str]]] = {}
        for path, revision, blob in seen.state.files.blobs():
            files.setdefault(revision, []).append((path, blob))
        steps = [(name, files[name]) for name in order]
        known = next((count for count, name in enumerate(order) if name in new), len(order))

        def agrees(other: Seen, chain: Chain) -> bool:
            return self.databases(seen) == self.databases(other) and (
                self._helpers(seen, chain) == self._helpers(other, chain)
            )

        count, chain = self._waypoints.furthest(steps[:known], agrees)
        trail = self._waypoints.begin(seen, steps)
        return self._climbed(seen, chain, order[count:], new, uses, lambda done, at: trail.passed(count + done, at))

    def _climbed(
        self,
        seen: Seen,
        chain: Chain,
        order: Sequence[str],
        new: Collection[str],
        uses: Callable[[str, str], Uses] | None = None,
        passed: Callable[[int, Chain], None] = lambda done, at: None,
    ) -> tuple[Chain, tuple[Addition, ...]]:
        """A chain with more revisions on top; of a long line never all scripts are in memory at once."""
        additions: list[Addition] = []
        graph, new = seen.state.graph, frozenset(new)
        joins = {name for name in new if len(graph.down_revisions(name)) > 1}
        for start in range(0, len(order), PART):
            part = order[start : start + PART]
            scripts = {script.revision: script for script in self.scripts(seen, part)}
            schema, found = replay_scripts(chain.schema, scripts.values(), new, joins, uses)
            additions += [one.replace(imports=self._imports(seen, scripts[one.revision])) for one in found]
            helpers = chain.helpers.union(*(script.helpers for script in scripts.values()))
            chain = Chain(schema, merged_imports(chain.imports, imports_of(scripts.values())), helpers)
            passed(start + len(part), chain)
            if len(order) > PART:
                for kind in ("script", "script-with"):
                    self.cache.forget(kind, [script.blob for script in scripts.values()])
        return chain, tuple(additions)

    def _is_on_top(self, local: Seen, before: Seen, new: Sequence[str]) -> bool:
        if self.databases(local) != self.databases(before):
            return False
        was, now = blobs_of(before.state), blobs_of(local.state)
        if any(now.get(name) != blob for name, blob in was.items()) or len(was) + len(new) != len(now):
            return False
        opened = self.opened(before)
        if opened and self.blobs_at(local.snapshot, opened) != self.blobs_at(before.snapshot, opened):
            return False
        below: set[str] = set()
        for name in was:
            below.update(local.state.graph.down_revisions(name))
            below.update(local.state.graph.depends_on(name))
        return below.isdisjoint(new)

    def imports(self, seen: Seen) -> Mapping[str, Sequence[str]]:
        """What the revisions of this tree import and open, see `Chain`."""
        stored = restored(self.cache.document("imports", self.chain_key(seen)), checked_imports)
        return stored if stored is not None else self.chain(seen).imports

    def opened(self, seen: Seen) -> set[str]:
        """Files that revisions of this tree open."""
        return {name[len(TREE) :] for name in self.imports(seen) if name.startswith(TREE)}

    def chain_key(self, seen: Seen) -> str:
        return key_of("chain", self.databases(seen), seen.state.files.blobs())

    def _stored_chain(self, seen: Seen, key: str) -> Chain | None:
        def decoded(document: Any) -> Chain | None:
            if self.blobs_at(seen.snapshot, document["helpers"]) != document["helpers"]:
                return None
            schema, imports = decode_schema(document["schema"]), checked_imports(document["imports"])
            return Chain(schema, imports, frozenset(document["helpers"]))

        return restored(self.cache.document("chain", key), decoded)

    def _keep_chain(self, seen: Seen, key: str, chain: Chain) -> None:
        helpers = self._helpers(seen, chain)
        document = {"schema": encode_schema(chain.schema), "imports": chain.imports, "helpers": helpers}
        self.cache.add_document("chain", key, document)
        self.cache.add_document("imports", key, chain.imports)

    def _helpers(self, seen: Seen, chain: Chain) -> dict[str, str]:
        """The files of the tree that revisions import or whose code they call, with their blobs."""
        modules = self.modules(seen) if chain.imports else None
        paths = [path for name in chain.imports if modules and (path := self.module_path(seen, modules, name))]
        return self.blobs_at(seen.snapshot, {*paths, *chain.helpers})

    def module_path(self, seen: Seen, modules: Modules, name: str, importer: str = "") -> str | None:
        """The file that a revision means by a dotted name; relative ones start with dots, opened files with "/"."""
        folder = seen.environment.versions[0] if seen.environment.versions else ""
        importer = importer or f"{folder}/x.py"
        if name.startswith("/"):
            return path_of_file(name, modules, importer)
        level = len(name) - len(name.lstrip("."))
        return modules.resolve(name[level:], level, importer)

    @staticmethod
    def blobs_at(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, str]:
        """Blobs by path, "" for a path that the tree has not."""
        wanted = sorted(paths)
        found = snapshot.at(wanted)
        return {path: found[path].oid if path in found else "" for path in wanted}

    def edited(self, local: Seen, befores: Sequence[Seen]) -> list[Operation]:
        """Operations that revisions got which were there before with another text."""
        now = blobs_of(local.state)
        edited = [
            (name, before)
            for before in befores
            for name, blob in blobs_of(before.state).items()
            if name in local.state.graph and now.get(name) != blob
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
        if not files:
            return []
        facts = self.facts.of("script", [one.blob for one in files])
        found = []
        databases = self.databases(seen)
        for one in files:
            known = facts.get(one.blob)
            if known is None:
                continue
            helpers: tuple[str, ...] = ()
            if known["wanted"]:
                known, helpers = self._with_helpers(seen, one.path, one.blob, known)
            found.append(Script(one.id, one.path, one.blob, known, databases, helpers))
        return found

    def databases(self, seen: Seen) -> tuple[str, ...] | None:
        """The databases of the environment in this tree, see `databases_of`."""
        return databases_of(seen.environment, seen.snapshot, self.facts)

    def _with_helpers(
        self, seen: Seen, path: str, blob: str, known: dict[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The facts of a script that imports modules of the tree, and their files; what is not there is said so."""
        modules = self.modules(seen)
        helpers: dict[str, str | None] = {}
        wanted = list(known["wanted"])
        stored = self.cache.facts("script-with", [blob]).get(blob)
        if stored is not None and self._resolved(seen, modules, path, stored["modules"]) == stored["modules"]:
            known, helpers, wanted = stored["facts"], stored["modules"], []
        for _ in range(ROUNDS):
            if not wanted:
                break
            helpers |= self._resolved(seen, modules, path, wanted)
            known = self._extract(seen, modules, path, blob, helpers)
            wanted = [name for name in known["wanted"] if name not in helpers]
        if stored is None or known is not stored["facts"]:
            self.cache.add_facts("script-with", {blob: {"modules": helpers, "facts": known}})
        files = [where for name in helpers if (where := self.module_path(seen, modules, name, path))]
        return known, tuple(files)

    def _resolved(self, seen: Seen, modules: Modules, path: str, names: Iterable[str]) -> dict[str, str | None]:
        """Blob ids by dotted name or by that of a file; "/" is the path of the revision itself."""
        paths = {name: self.module_path(seen, modules, name, path) for name in names}
        opened = [where for name, where in paths.items() if where and name.startswith("/")]
        files = seen.snapshot.at(opened) if opened else {}
        listing = {**self.listing(seen), **{where: entry.oid for where, entry in files.items() if entry.is_file}}
        found = {name: listing.get(where) if where else None for name, where in paths.items()}
        return {**found, PLACE: path} if PLACE in found else found

    def _extract(
        self, seen: Seen, modules: Modules, path: str, blob: str, helpers: Mapping[str, str | None]
    ) -> dict[str, Any]:
        from gitmig.schema.scripts.facts import extract

        helpers = dict(helpers)
        place = helpers.pop(PLACE, "") or ""
        contents = self.facts.objects.read([blob, *(oid for oid in helpers.values() if oid)])
        given: dict[str, Any] = {}
        for name, oid in helpers.items():
            content = contents[oid] if oid else None
            where = self.module_path(seen, modules, name, path)
            given[name] = (where, content) if isinstance(content, bytes) and where else None
        source = contents[blob]
        return extract(source if isinstance(source, bytes) else b"", helpers=given, place=place)

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
        static = self.static_models(seen)
        return self.exact.models(self, seen, static) if self.exact is not None else static

    def static_models(self, seen: Seen) -> Models:
        """What reading the files tells of them, whoever is asked in the end."""
        listing = self.listing(seen)
        environment = seen.environment
        said = environment.metadata or environment.models
        if not self.alone and not said and not len(seen.state.files) and not self._section_says(seen, listing):
            # Which of the models are those of this environment, nobody says: one without revisions beside others is
            # what plugins are run with (indico).
            return Models(Schema(), {})
        if not self.alone and not said and not environment.env:  # a plugin has no env.py of its own
            return Models(Schema(), {})
        ignored, names = self.config.models_ignore, self.databases(seen)
        settings = (environment.env, environment.models, environment.metadata, ignored, names)
        ini = self.blobs_at(seen.snapshot, [environment.config] if environment.config else [])
        key = key_of("models", self.alone, settings, ini, environment.section, *sorted(listing.items()))
        if key not in self._models:
            stored = restored(self.cache.document("models", key), decode_models)
            if stored is not None:
                self._models[key] = stored
            else:
                self._models[key] = made = self._read_models(seen, listing)
                self.cache.add_document("models", key, {"schema": encode_schema(made.schema), "files": made.files})
        return self._models[key]

    def _read_models(self, seen: Seen, listing: Mapping[str, str]) -> Models:
        from gitmig.schema.models.linking import link
        from gitmig.schema.models.readings import Readings
        from gitmig.schema.models.wanted import wanted

        environment = seen.environment
        modules = self.modules(seen)
        env = self.env(seen, listing)
        files: dict[str, dict[str, Any]] = {}
        for _ in range(ROUNDS):
            asked = wanted(modules, files, environment.env, env, alone=self.alone)
            candidates = set(asked.candidates)
            if environment.models:
                candidates = self._configured(environment, listing, files)
            full = [path for path in asked.full if path in listing]
            if not full and not candidates:
                break
            files.update(self._facts_at("model", full, listing))
            files.update(self._facts_at("candidate", sorted(candidates - set(full)), listing))
            files.update({path: no_facts("missing") for path in asked.full if path not in listing})
        self._readings = self._readings or Readings()
        schema = link(
            files,
            modules,
            env,
            env_path=environment.env,
            metadata=environment.metadata,
            databases=self.databases(seen),
            blobs=listing,
            readings=self._readings,
            alone=self.alone,
        )
        made_from = {path: listing[path] for path, facts in files.items() if not facts.get("skipped")}
        if env is not None:
            made_from[environment.env] = listing[environment.env]
        return Models(without_ignored(schema, self.config.models_ignore), made_from)

    def env(self, seen: Seen, listing: Mapping[str, str]) -> dict[str, Any] | None:
        """The facts of env.py, with the options of its section of the ini file put in."""
        blob = listing.get(seen.environment.env)
        facts = self.facts.of("env", [blob]).get(blob) if blob else None
        if facts is None or not any("get_main_option" in text for text, _ in facts["targets"]):
            return facts
        from gitmig.environments.ini import parse_ini

        config = seen.environment.config
        text = seen.snapshot.read([config]).get(config, b"") if config.endswith(".ini") else b""
        section = parse_ini(config, text).find(seen.environment.section or "alembic")
        options = {name: option.text for name, option in section.options.items()} if section is not None else {}
        targets = [[with_options(target, options), line] for target, line in facts["targets"]]
        return {**facts, "targets": targets}

    def _section_says(self, seen: Seen, listing: Mapping[str, str]) -> bool:
        """Whether env.py takes its metadata by an option, and the section of this environment has it."""
        blob = listing.get(seen.environment.env)
        facts = self.facts.of("env", [blob]).get(blob) if blob else None
        if facts is None or not any("get_main_option" in text for text, _ in facts["targets"]):
            return False
        known = self.env(seen, listing)
        return known is not None and not any("get_main_option" in text for text, _ in known["targets"])

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
        key = (id(seen.snapshot), id(seen.state))
        if key not in self._listings:
            revisions = seen.state.files
            self._listings[key] = {
                path: entry.oid
                for path, entry in seen.snapshot.entries().items()
                if path.endswith(".py") and entry.is_file and path not in revisions
            }
            self._kept.append(seen)  # its parts are known by their ids, which must not be used again
        return self._listings[key]

    def modules(self, seen: Seen) -> Modules:
        key = (id(seen.snapshot), id(seen.state))
        if key not in self._modules:
            paths = self.listing(seen).keys()
            same = next((other for other in self._modules.values() if other.paths == paths), None)
            self._modules[key] = same or Modules(paths)
        return self._modules[key]


# Small questions


def databases_of(environment: Environment, snapshot: Snapshot, facts: FactsReader) -> tuple[str, ...] | None:
    """The databases that env.py migrates one after the other; empty where it names none of them, None for one."""
    path = environment.env
    entry = snapshot.at([path]).get(path) if path else None
    env = facts.of("env", [entry.oid]).get(entry.oid) if entry is not None else None
    if env is None or not env["passes"]:
        return None
    return environment.databases if environment.databases or "engine_name" in env["passes"] else None


def restored(document: Any, decode: Callable[[Any], T | None]) -> T | None:
    """What a document of the cache stands for; None when there is none, or when it is damaged."""
    if document is None:
        return None
    try:
        return decode(document)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return None


def decode_models(document: Any) -> Models:
    return Models(decode_schema(document["schema"]), dict(document["files"]))


def checked_imports(document: Any) -> dict[str, list[str]]:
    """Revisions by the module that they import."""
    return {name: [str(revision) for revision in revisions] for name, revisions in document.items()}


def key_of(*parts: object) -> str:
    """A key of the cache: what an answer depends on, and the versions of all that made it."""
    return digest(repr((VERSION, sorted(EXTRACTORS.items()), parts)))


def with_options(text: str, options: Mapping[str, str]) -> str:
    """Source text in which `config.get_main_option("name")` is the option of that name."""
    import re

    def value(found: re.Match[str]) -> str:
        return repr(options[found[2]]) if found[2] in options else found[0]

    return re.sub(r"""(?:\w+\.)+get_main_option\(\s*(['"])(\w+)\1\s*\)""", value, text)


def blobs_of(state: EnvironmentState) -> dict[str, str]:
    return {revision: blob for _path, revision, blob in state.files.blobs()}


def ordered(state: EnvironmentState) -> list[str]:
    return list(state.graph.upgrade_order())


def bare(operation: Operation) -> Operation:
    """Without places: what it does, wherever it stands."""
    plain = encode(operation)
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
    """Modules that revisions import and files that they open, with those that do; Alembic and SQLAlchemy aside."""
    found: dict[str, list[str]] = {}
    for script in scripts:
        for each in script.facts["imports"]:
            if not is_of_alembic(each["module"]):
                for name in (each["module"], *(f"{each['module']}.{inner}" for inner in each["names"])):
                    found.setdefault(name, []).append(script.revision)
        for path in script.helpers:
            if not path.endswith(".py"):
                found.setdefault(TREE + path, []).append(script.revision)
    return {name: sorted(set(found[name])) for name in sorted(found)}


def path_of_file(name: str, modules: Modules, importer: str) -> str | None:
    """The path of an opened file in the tree, see tree_files.py; None where its package is not in the tree."""
    if name.startswith(TREE):
        return name[len(TREE) :]
    package, _, rest = name.removeprefix(PACKAGE).partition(">/")
    found = modules.resolve(package, 0, importer) if rest else None
    return f"{found.rpartition('/')[0]}/{rest}" if found and found.endswith(("/", "/__init__.py")) else None


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
            fnmatchcase(split_key(key)[1], pattern)
            or fnmatchcase(path, pattern)
            or f".{module}.".find(f".{pattern.removesuffix('.*')}.") >= 0
            for pattern in patterns
        )

    return schema.replace(
        tables={key: table for key, table in schema.tables.items() if not is_ignored(key, table.origin.path)}
    )
