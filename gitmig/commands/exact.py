"""The models of `gitmig check --exact`: imported by the project's own Python, tree by tree, instead of read."""

from __future__ import annotations

from gitmig.environments.environment import Problem
from gitmig.findings import Help
from gitmig.interpreter.exact import NAME_IT, Wanted, cannot, import_tree
from gitmig.interpreter.imported import schema_of
from gitmig.reading.schemas import is_undecided
from gitmig.reading.tree_schemas import Models, key_of, without_ignored
from gitmig.schema.databases import key_in, part_of
from gitmig.schema.elements import Origin, Schema, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from gitmig.config import Config
    from gitmig.environments.environment import Environment
    from gitmig.interpreter.python import Interpreter
    from gitmig.reading.snapshot import Snapshot
    from gitmig.reading.tree_schemas import Seen, TreeSchemas
    from gitmig.source.modules import Modules

OPTIONS = ("include_object", "include_name")


class ExactModels:
    """Imports each tree once for each environment; what is not imported as a whole is an error, never compared.

    Trees that differ in revisions only are one.
    """

    def __init__(self, config: Config, interpreter: Interpreter, worktree: str | None) -> None:
        self.config = config
        self.interpreter = interpreter
        self.worktree = worktree
        self.versions = ""
        self.alembic = ""
        self._known: dict[str, Models] = {}
        # Of each environment the state before: its models, and what a database built from them would answer.
        self._before: dict[str, tuple[Schema, dict[str, Any]]] = {}

    def models(self, trees: TreeSchemas, seen: Seen, static: Models) -> Models:
        """The models of one tree; `static` is what reading it gave."""
        entries = seen.snapshot.entries().items()
        made_from = sorted((path, entry) for path, entry in entries if path not in seen.state.files)
        chain = trees.chain_key(seen) if is_undecided(static.schema) else ""
        key = key_of("exact", repr(seen.environment), chain, made_from)
        if key not in self._known:
            self._known[key] = self._import(trees, seen, static)
        return self._known[key]

    def remark(self) -> Problem:
        """Who said what the models are."""
        path, origin = self.interpreter.path, self.interpreter.origin
        if not self.versions:
            return Problem(f"exact mode: no models had to be imported; the Python is {path} ({origin})", blocks=False)
        said = f"exact mode: models were imported by {path} ({origin}; {self.versions})"
        return Problem(said, note=self.alembic, blocks=False)

    def _import(self, trees: TreeSchemas, seen: Seen, static: Models) -> Models:
        wanted = wanted_of(trees, seen)
        name = name_of(seen.snapshot)
        if wanted is None:
            if static.schema.tables:
                raise cannot(f"{name} has models and no env.py that names their MetaData", NAME_IT)
            return static
        entries, objects = seen.snapshot.entries(), seen.snapshot.objects
        before = self._before.get(seen.environment.name) if seen.snapshot.side != "before" else None
        described = import_tree(
            entries,
            objects,
            wanted,
            self.interpreter,
            name=name,
            worktree=self.worktree,
            time_limit=self.config.time_limit,
            old=before[1] if before is not None else None,
        )
        self.versions = f"Python {described['python']}, SQLAlchemy {described['sqlalchemy']}"
        schema = without_ignored(schema_of(described, static.schema), self.config.models_ignore)
        schema = require_all(schema, static.schema, described, trees, seen)
        told = described["alembic"] or {}
        if seen.snapshot.side == "before" and "snapshot" in told:
            self._before.setdefault(seen.environment.name, (schema, told["snapshot"]))
        if before is not None or "why" in told:
            self.alembic = f"Alembic {told['version']} compared them, too" if "upgrade" in told else said_nothing(told)
        if before is not None:
            schema = with_second_opinion(schema, before[0], told.get("upgrade", {}), environment_of(seen))
        loaded = {path: entries[path].oid for path in described["files"] if path in entries}
        return Models(schema, {**static.files, **loaded})


def said_nothing(told: Mapping[str, Any]) -> str:
    return f"Alembic's own comparison gave no answer: {told['why']}" if "why" in told else ""


def environment_of(seen: Seen) -> Origin:
    return Origin(seen.environment.env, 1)


def with_second_opinion(schema: Schema, before: Schema, told: Mapping[str, str], place: Origin) -> Schema:
    """The models, where a change that only Alembic sees is unknown."""
    from gitmig.schema.cross_check import unseen

    unknown = list(schema.unknown)
    for database, text in sorted(told.items()):
        for each in unseen(part_of(before, database), part_of(schema, database), text):
            name = f"{each.table}.{each.name}" if "column" in each.op else each.table or each.name
            why = f"Alembic's comparison of the models sees {each.op} here, and gitmig's does not"
            unknown.append(Unknown(each.op, why, place, (key_in(database, name),)))
    return schema.replace(unknown=tuple(unknown))


def name_of(snapshot: Snapshot) -> str:
    commit = (snapshot.treeish or "")[:12]
    if snapshot.overlay:
        return "the staged tree"
    return f"{commit} (before)" if snapshot.side == "before" else commit


# What to import


def wanted_of(trees: TreeSchemas, seen: Seen) -> Wanted | None:
    """None where the tree has nothing that could be imported for the environment."""
    environment = seen.environment
    listing = trees.listing(seen)
    modules = trees.modules(seen)
    env = trees.env(seen, listing)
    if env is None and not environment.metadata:
        return None
    source = seen.snapshot.read([environment.env]).get(environment.env, b"") if env is not None else b""
    options = env["options"] if env is not None else {}
    also = [one for one in environment.models if "/" not in one and modules.resolve(one, 0, environment.env)]
    return Wanted(
        environment.env,
        source,
        tuple(text for text, _ in env["targets"]) if env is not None else (),
        tuple((option, options[option]) for option in OPTIONS if option in options),
        environment.metadata,
        environment.config.rpartition("/")[0],
        tuple(dict.fromkeys((*environment.roots, *roots_of(env, environment, modules)))),
        tuple(also),
        sharing(trees.databases(seen), env),
        dialect_of(seen, trees),
    )


def sharing(databases: Sequence[str] | None, env: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """None for one database; else those of several that have one MetaData."""
    if databases is None:
        return None
    return tuple(databases) if env is not None and env["shares"] else ()


def dialect_of(seen: Seen, trees: TreeSchemas) -> str:
    """For which database Alembic compares: PostgreSQL, whose types are the most, unless it is known to be another."""
    from gitmig.commands.dialects import dialects_of

    found = dialects_of(seen.environment, seen.snapshot, [trees.static_models(seen).schema])
    return "postgresql" if not found or "postgresql" in found else min(found)


def roots_of(env: Mapping[str, Any] | None, environment: Environment, modules: Modules) -> Iterator[str]:
    """Folders of the tree from which the modules come that env.py and the configuration name: "", "src"."""
    named = [module for module, level, _ in env["imports"] if not level] if env is not None else []
    for module in [environment.metadata.partition(":")[0], *named]:
        path = modules.resolve(module, 0, environment.env) if module else None
        stem = (path or "").removesuffix("/").removesuffix(".py").removesuffix("/__init__")
        inner = module.replace(".", "/")
        if path is not None and (stem == inner or stem.endswith(f"/{inner}")):
            yield stem[: -len(inner)].rstrip("/")


# What was not imported


def require_all(schema: Schema, static: Schema, described: Mapping[str, Any], trees: TreeSchemas, seen: Seen) -> Schema:
    """Refuses a MetaData without tables whose files nobody imported; says so where nobody knows whose they are."""
    present = {*schema.tables, *described["left_out"]}
    loaded = set(described["files"])
    absent = {key: table for key, table in static.tables.items() if key not in present}
    absent = {key: table for key, table in absent.items() if table.origin.path not in loaded}
    unknown = []
    chain = trees.chain(seen).schema.tables if absent and is_undecided(static) else None
    for key, table in absent.items():
        if chain is None or key in chain:
            ignore = Help("or leave it out, if it is not to be migrated", (f'models_ignore = ["{key}"]',))
            raise cannot(
                f"{table.origin.path} of {name_of(seen.snapshot)} declares {key}, and nothing imports that file",
                Help("import it in env.py, or where the other models are"),
                ignore,
                note="Alembic would not see this table either",
            )
        unknown.append(Unknown("table", "nothing imports the file that declares it", table.origin, (key,)))
    return schema.replace(unknown=(*schema.unknown, *unknown))
