"""`gitmig schema`: what the models or the revisions of a tree say, and how two commits differ in it."""

from __future__ import annotations

from gitmig.errors import UsageError
from gitmig.report.schema import EnvironmentDifference, EnvironmentSchema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.schema.elements import Schema


def read_schemas(
    directory: str | None, rev: str | None, versions: tuple[str, ...], source: str, *, use_cache: bool = True
) -> tuple[EnvironmentSchema, ...]:
    """The schema of every environment of a commit, or of the index; `source` is models or chain."""
    from gitmig.commands.check import Request, cache_of, commit_of, local_config
    from gitmig.reading.comparison import alone
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.reader import Reader
    from gitmig.reading.tree_schemas import Seen, TreeSchemas
    from gitmig.repo.repository import open_at

    repository = open_at(directory)
    with repository.objects as objects:
        commit = commit_of(repository, rev)
        config = local_config(repository, commit)
        objects.limit = config.max_file_size
        cache = cache_of(Request(use_cache=use_cache), repository.layout.common_dir)
        facts = FactsReader(objects, cache)
        try:
            comparison = alone(repository, commit)
            changes = Reader(comparison, config, facts, ("graph",), versions).changes()
            trees = TreeSchemas(config, facts, alone=len(changes) == 1)
            found = []
            for change in changes:
                seen = Seen(comparison.local, change.local, change.local.environment)
                schema = trees.chain(seen).schema if source == "chain" else trees.models(seen).schema
                found += by_database(change.environment, source, schema)
            return tuple(found)
        finally:
            cache.close()


def by_database(name: str, source: str, schema: Schema) -> list[EnvironmentSchema]:
    """One for each database that the environment migrates; most have one that has no name."""
    from gitmig.schema.databases import databases_in, part_of

    databases = databases_in(schema)
    if databases in ((), ("",)):
        return [EnvironmentSchema(name, source, schema)]
    return [EnvironmentSchema(name, source, part_of(schema, each), each) for each in databases]


def differences(
    old: Sequence[EnvironmentSchema], new: Sequence[EnvironmentSchema]
) -> tuple[EnvironmentDifference, ...]:
    """What leads from the old schemas to the new ones, environment by environment."""
    from gitmig.schema.compare import compare
    from gitmig.schema.elements import Schema

    was = {(one.name, one.database): one for one in old}
    now = {(one.name, one.database): one for one in new}
    found = []
    for key in sorted({*was, *now}):
        before = was[key].schema if key in was else Schema()
        after = now[key].schema if key in now else Schema()
        source = (now.get(key) or was[key]).source
        found.append(EnvironmentDifference(key[0], source, compare(before, after), before, after, key[1]))
    return tuple(found)


def show_schema(
    directory: str | None,
    rev: str | None,
    diff: tuple[str, str] | None,
    source: str,
    versions: tuple[str, ...],
    form: str,
    output: str | None,
    *,
    use_cache: bool = True,
) -> int:
    """Print it; the exit status says nothing about what it is."""
    from gitmig.commands.check import write

    if rev is not None and diff is not None:
        raise UsageError("--diff names its two commits itself: leave --rev out")
    if diff is None:
        write(rendered(read_schemas(directory, rev, versions, source, use_cache=use_cache), form), output)
        return 0
    old, new = (read_schemas(directory, one, versions, source, use_cache=use_cache) for one in diff)
    write(rendered_difference(differences(old, new), form), output)
    return 0


def rendered(schemas: Sequence[EnvironmentSchema], form: str) -> str:
    from gitmig.report import schema, schema_mermaid

    if form == "json":
        return schema.render_schema_json(schemas)
    return schema_mermaid.render_schema_mermaid(schemas) if form == "mermaid" else schema.render_schema(schemas)


def rendered_difference(found: Sequence[EnvironmentDifference], form: str) -> str:
    from gitmig.report import schema, schema_mermaid

    if form == "json":
        return schema.render_difference_json(found)
    return schema_mermaid.render_difference_mermaid(found) if form == "mermaid" else schema.render_difference(found)
