"""The models of `gitmig check --exact`: imported by the project's own Python, tree by tree, instead of read."""

from __future__ import annotations

from gitmig.environments.environment import Problem
from gitmig.findings import Help
from gitmig.interpreter.exact import NAME_IT, Wanted, cannot, import_tree
from gitmig.interpreter.imported import schema_of
from gitmig.reading.schemas import is_undecided
from gitmig.reading.tree_schemas import Models, key_of, without_ignored
from gitmig.schema.elements import Schema, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
        self._known: dict[str, Models] = {}

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
        return Problem(f"exact mode: models were imported by {path} ({origin}; {self.versions})", blocks=False)

    def _import(self, trees: TreeSchemas, seen: Seen, static: Models) -> Models:
        wanted = wanted_of(trees, seen)
        name = name_of(seen.snapshot)
        if wanted is None:
            if static.schema.tables:
                raise cannot(f"{name} has models and no env.py that names their MetaData", NAME_IT)
            return static
        entries, objects = seen.snapshot.entries(), seen.snapshot.objects
        described = import_tree(
            entries,
            objects,
            wanted,
            self.interpreter,
            name=name,
            worktree=self.worktree,
            time_limit=self.config.time_limit,
        )
        self.versions = f"Python {described['python']}, SQLAlchemy {described['sqlalchemy']}"
        schema = without_ignored(schema_of(described, static.schema), self.config.models_ignore)
        schema = require_all(schema, static.schema, described, trees, seen)
        loaded = {path: entries[path].oid for path in described["files"] if path in entries}
        return Models(schema, {**static.files, **loaded})


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
    )


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
