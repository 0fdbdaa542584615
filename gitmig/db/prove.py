"""One way over all revisions of a scratch database, and a look at its schema after every step.

Runs in the project's Python.

A way is up, down or again.  Going up remembers the schema at each set of heads; going down takes back the same steps in
the opposite order, so that every set of heads is met again, at branch points and merge points too, and must have the
schema that it had.  What a step leaves behind is told once, for the step that left it.
"""

from __future__ import annotations

import time

from gitmig.db.binds import bind_of
from gitmig.db.differences import differences, operation_of, unique
from gitmig.db.elsewhere import engine_in_memory
from gitmig.db.snapshot import Camera

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.db.differences import Difference
    from gitmig.db.snapshot import Snapshot

    Tell = Callable[..., None]


READING = ("models", "look", "build")
OPERATIONS = {
    "add_table": "create_table",
    "remove_table": "drop_table",
    "remove_column": "drop_column",
    "add_index": "create_index",
    "remove_index": "drop_index",
    "add_constraint": "create_unique",
    "remove_constraint": "drop_constraint",
    "add_fk": "create_foreign_key",
    "remove_fk": "drop_constraint",
}


class SeveralDatabases(Exception):
    """An env.py that migrates more than one database in a run."""


class NotEmpty(Exception):
    """A database that was said to be a scratch database holds something."""


class Walk:
    """What is remembered from one way to the next: all run in one process."""

    def __init__(self) -> None:
        self.camera: Camera | None = None
        self.known: dict[frozenset[str], Snapshot] = {}
        self.order: list[str] = []
        self.start: frozenset[str] = frozenset()
        self.carried: list[Difference] = []
        self.left_something = False

    def look(self, context: Any) -> Snapshot:
        if self.camera is None:
            self.camera = Camera([context.version_table])
        return self.camera.take(context.connection)


# By the name that env.py gives a database; None where it migrates one.
WALKS: dict[str | None, Walk] = {}


def prove(config: Any, call: Mapping[str, Any], tell: Tell) -> None:
    """One way of `call`: up, down, again; or base, which goes to the revisions in `only`; or models, which compares; or
    look and build, which tell the schema of the database, and that of the models in a database of this kind.

    `call` has `way` and `url`, and for an empty database `fresh`; where env.py migrates several, `sections` has the URL
    of each by its name.  Tells "stepped" for each revision, "way" at the end.
    """
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    way = call["way"]
    sections = call.get("sections")
    if way == "again" and all(walk.left_something for walk in WALKS.values()):
        tell("way", way=way, ran=False)  # it would fail over what is left
        return
    script = ScriptDirectory.from_config(config)
    config.set_main_option("sqlalchemy.url", call["url"].replace("%", "%%"))
    for name, url in (sections or {}).items():
        config.set_section_option(name or config.config_ini_section, "sqlalchemy.url", url.replace("%", "%%"))
    ran: list[str | None] = []

    def begin(heads: Any, context: Any) -> Any:
        bind = bind_of(context)
        if bind in ran or (ran and sections is None):
            raise SeveralDatabases
        ran.append(bind)
        walk = WALKS.setdefault(bind, Walk())
        if way == "models":
            tell("models", bind=bind, **compare_models(context, walk, aside=call.get("aside", True)))
            return []
        if way in READING:
            metadata = context.opts.get("target_metadata")
            listed = metadata if isinstance(metadata, (list, tuple)) else [metadata]
            tell("seen", way=way, found=walk.look(context) if way == "look" else built_by(context, listed, walk))
            return []
        if way == "again" and walk.left_something:
            return []
        if way in ("up", "base"):
            here = walk.look(context)
            if call.get("fresh") and (heads or here["tables"] or here["enums"]):
                raise NotEmpty(", ".join([*sorted(here["tables"]), *sorted(here["enums"]), *heads]))
        if way == "base":
            only = set(call["only"])
            return [step for step in steps_up(script, heads) if step.revision.revision in only]
        if way == "up":
            steps = list(steps_up(script, heads))
            walk.start = frozenset(heads)
            walk.known[walk.start] = here
            walk.order = [step.revision.revision for step in steps]
        else:
            steps = list(steps_again(script, walk.order, way))
        watch = Watch(way, bind, walk, tell)
        context.on_version_apply_callbacks = (*context.on_version_apply_callbacks, watch.applied)
        return steps

    with EnvironmentContext(config, script, fn=begin, destination_rev="heads", dont_mutate=way in READING):
        script.run_env()
    tell("way", way=way, ran=bool(ran))


def steps_up(script: Any, heads: Sequence[str]) -> Iterable[Any]:
    return script._upgrade_revs("heads", tuple(heads))  # type: ignore[no-any-return]


def steps_again(script: Any, walked: Sequence[str], way: str) -> Iterable[Any]:
    """The steps of the first way, in their order or back."""
    from alembic.runtime.migration import MigrationStep

    make = MigrationStep.downgrade_from_script if way == "down" else MigrationStep.upgrade_from_script
    order = reversed(walked) if way == "down" else walked
    return [make(script.revision_map, script.get_revision(name)) for name in order]


class Watch:
    """Called by Alembic behind each step, in its transaction."""

    def __init__(self, way: str, bind: str | None, walk: Walk, tell: Tell) -> None:
        self.way = way
        self.bind = bind
        self.walk = walk
        self.tell = tell
        self.clock = time.monotonic()
        walk.carried = []

    def applied(self, *, ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
        seconds = time.monotonic() - self.clock
        here = frozenset(heads)
        found = self.walk.look(ctx)
        left: list[Difference] = []
        if self.way == "up":
            self.walk.known[here] = found
        else:
            now = differences(self.walk.known[here], found)
            left = [one for one in now if one not in self.walk.carried]
            self.walk.carried = now
            self.walk.left_something = self.walk.left_something or bool(left)
        self.tell(
            "stepped",
            way=self.way,
            bind=self.bind,
            revision=step.up_revision_id,
            seconds=round(seconds, 6),
            left=[operation_of(one) for one in left],
        )
        self.clock = time.monotonic()


# Models against the database that the revisions built


def compare_models(context: Any, walk: Walk, *, aside: bool) -> dict[str, Any]:
    """What a revision would still have to do: as Alembic sees it, and what it does not compare.

    With `aside` a second schema may be built in the same database; it is taken back.
    """
    metadata = context.opts.get("target_metadata")
    if metadata is None:
        return {"compared": False, "why": "env.py gives no target_metadata", "operations": [], "beyond": ""}
    operations = [*of_alembic(context, metadata)]
    beyond = ""
    if not isinstance(metadata, (list, tuple)):
        metadata = [metadata]
    try:
        built = built_by(context, metadata, walk) if aside or context.dialect.name == "sqlite" else None
    except Exception as error:
        built, beyond = (
            None,
            f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}",
        )
    if built is not None:
        operations += beyond_alembic(context, metadata, walk.look(context), built)
    elif not beyond:
        beyond = f"on {context.dialect.name} only what Alembic compares is compared"
    return {"compared": True, "why": "", "operations": unique(operations), "beyond": beyond}


def of_alembic(context: Any, metadata: Any) -> Iterable[dict[str, Any]]:
    """Alembic's own comparison, with the options of env.py."""
    from alembic.autogenerate import compare_metadata

    for entry in compare_metadata(context, metadata):
        for one in entry if isinstance(entry, list) else [entry]:
            yield of_difference(one)


def of_difference(one: Any) -> dict[str, Any]:
    """A tuple of Alembic's as one of our operations."""
    kind, *rest = one
    op = OPERATIONS.get(kind, kind)
    if kind.startswith("modify_"):
        namespace, table, column, _, was, now = rest
        attribute = kind.removeprefix("modify_")
        attribute = "server_default" if attribute == "default" else attribute
        detail: dict[str, Any] = {"set": {attribute: text_of(now)}, "was": {attribute: text_of(was)}}
        return operation("alter_column", key_of(table, namespace), column, detail)
    if kind in ("add_column", "remove_column"):
        namespace, table, column = rest
        added = {"type": text_of(column.type), "nullable": bool(column.nullable)}
        return operation(op, key_of(table, namespace), column.name, added if kind == "add_column" else {})
    element = rest[0]
    if kind.endswith("_comment"):
        commented = {"to": element.comment if kind.startswith("add") else None}
        return operation("set_comment", key_of(element.name, element.schema), "", commented)
    if kind.endswith("_table"):
        return operation(op, key_of(element.name, element.schema), "", {})
    table = element.table
    columns = [getattr(column, "name", str(column)) for column in getattr(element, "columns", ())]
    return operation(op, key_of(table.name, table.schema), str(element.name or ""), {"columns": columns})


def operation(op: str, table: str, name: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {"op": op, "table": table, "name": name, "detail": detail, "source": None}


def key_of(table: str, namespace: str | None) -> str:
    return f"{namespace}.{table}" if namespace else str(table)


def text_of(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    argument = getattr(value, "arg", None)  # a server default
    return str(getattr(argument, "text", argument)) if argument is not None else str(value)


def built_by(context: Any, metadata: Iterable[Any], walk: Walk) -> Snapshot | None:
    """The schema that `create_all` makes; None for a database where there is no place to make it."""
    camera = walk.camera or Camera([context.version_table])
    if context.dialect.name == "sqlite":
        with engine_in_memory().begin() as connection:
            for one in metadata:
                one.create_all(connection)
            return Camera([context.version_table]).take(connection)
    if context.dialect.name == "postgresql":
        return built_aside(context.connection, metadata, camera)
    return None


ASIDE = "gitmig_models"


def built_aside(connection: Any, metadata: Iterable[Any], camera: Camera) -> Snapshot:
    """In namespaces beside the real ones, in a transaction that is taken back."""
    metadata = list(metadata)
    spaces = {
        table.schema: f"{ASIDE}_{table.schema}" for one in metadata for table in one.tables.values() if table.schema
    }
    outer = connection.begin_nested() if connection.in_transaction() else connection.begin()
    try:
        (path,) = connection.exec_driver_sql("SELECT current_setting('search_path')").fetchone()
        for name in (ASIDE, *spaces.values()):
            connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
        connection.exec_driver_sql(f'SET LOCAL search_path TO "{ASIDE}", {path}')
        translated = connection.execution_options(schema_translate_map=spaces)
        for one in metadata:
            one.create_all(translated, checkfirst=False)
        return renamed(camera.take(connection, [ASIDE, *spaces.values()]), spaces)
    finally:
        outer.rollback()
        connection.execution_options(schema_translate_map=None)


def renamed(taken: Snapshot, spaces: Mapping[str, str]) -> Snapshot:
    """With the names of the real namespaces, and nothing of the others."""
    import re
    from json import dumps, loads

    text = dumps(taken)
    for real, aside in sorted(spaces.items(), key=lambda pair: -len(pair[1])):
        text = re.sub(rf'(?:\\")?\b{re.escape(aside)}\b(?:\\")?', lambda _, real=real: real, text)  # type: ignore[misc]
    found: Snapshot = loads(re.sub(rf'(?:\\")?\b{ASIDE}\b(?:\\")?\.', "", text))
    return found


def beyond_alembic(context: Any, metadata: Iterable[Any], found: Snapshot, built: Snapshot) -> Iterable[dict[str, Any]]:
    """Differences of tables that both have: which tables there are is Alembic's to say, with the filters of env.py."""
    shared = sorted(set(found["tables"]) & set(built["tables"]))
    shared = [key for key in shared if is_asked(context, key, metadata)]
    both = [
        {"tables": {key: one["tables"][key] for key in shared}, "enums": {}, "others": {}} for one in (built, found)
    ]
    names = {"enums": {name: one for name, one in found["enums"].items() if name in built["enums"]}}
    wanted, there = both
    wanted["enums"] = built["enums"]
    there["enums"] = names["enums"]
    for one in differences(wanted, there, names=False):
        yield operation_of(one)


def is_asked(context: Any, key: str, metadata: Iterable[Any]) -> bool:
    """What include_name and include_object of env.py say about a table."""
    table = next((one.tables[key] for one in metadata if key in one.tables), None)
    if table is None:
        return False
    parents = {"schema_name": table.schema, "schema_qualified_table_name": key, "table_name": table.name}
    name, object_ = context.opts.get("include_name"), context.opts.get("include_object")
    if name is not None and not name(table.name, "table", parents):
        return False
    return object_ is None or bool(object_(table, table.name, "table", False, None))
