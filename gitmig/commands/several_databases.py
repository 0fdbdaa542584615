"""A revision of an environment that migrates several databases: a function for each of them, both ways."""

from __future__ import annotations

from gitmig.commands.writing import Bodies
from gitmig.errors import UsageError
from gitmig.schema.databases import databases_in, key_in, part_of, split_key, without_database

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gitmig.commands.writing import Writer
    from gitmig.schema.elements import Schema
    from gitmig.schema.operations import Operation

NOTHING = "pass"


def names_of(writer: Writer, named: Sequence[str]) -> tuple[str, ...]:
    """The databases that need a function: those of the ini file, else all that models or revisions have."""
    if named:
        return tuple(named)
    local = writer.change.local
    schemas = [schema for schema in (local.chain, local.models) if schema is not None]
    return tuple(sorted({"", *(name for schema in schemas for name in databases_in(schema))}))


def bodies_of_databases(
    writer: Writer,
    names: Sequence[str],
    before: Schema,
    operations: Sequence[Operation],
    gaps: Iterable[tuple[str, str]],
) -> Bodies:
    """The operations of each database in functions of its own; `gaps` are (object, comment) of what was not read."""
    gaps = tuple(gaps)
    parts = []
    for name in names:
        own = [plain for database, plain in map(without_database, operations) if database == name]
        made = writer.written(part_of(before, name), own, writer.form(name)) if own else Bodies(NOTHING, NOTHING)
        comments = dict.fromkeys(text for place, text in gaps if home_of(place, names) == name)
        parts.append((name, made.replace(upgrade="\n".join([*comments, made.upgrade]))))
    return Bodies(
        NOTHING,
        NOTHING,
        "\n".join(dict.fromkeys(line for _, made in parts for line in made.imports.splitlines())),
        tuple(each for name, made in parts for each in made.marked(name).operations),
        tuple(each for name, made in parts for each in made.marked(name).back),
        tuple(each.replace(object=key_in(name, each.object)) for name, made in parts for each in made.remarks),
        databases=tuple((name, made.upgrade, made.downgrade) for name, made in parts),
    )


def home_of(place: str, names: Sequence[str]) -> str:
    """The database that an object is in; what is in none is said in the first."""
    database = split_key(place)[0]
    return database if database in names else names[0]


def empty_bodies(names: Iterable[str]) -> Bodies:
    return Bodies(NOTHING, NOTHING, databases=tuple((name, NOTHING, NOTHING) for name in names))


def data_in_each(writer: Writer, names: Sequence[str], asked: Sequence[str]) -> Bodies:
    """The skeleton of a data revision in the functions of each database that has one of its tables.

    A table is asked for by its name, in all databases that have it, or with its database: `@shop.person`.
    """
    from gitmig.commands.skeletons import data_bodies

    schema = writer.require_schema()
    parts = {name: part_of(schema, name) for name in names}
    meant = [(table, *split_key(table)) for table in asked]
    wanted = {
        name: [key for table, place, key in meant if (place == name or table == key) and key in part.tables]
        for name, part in parts.items()
    }
    unknown = [table for table, _, key in meant if not any(key in keys for keys in wanted.values())]
    if unknown:
        known = ", ".join(schema.tables)
        raise UsageError(f"the revisions make no table {unknown[0]}", note=f"there are: {known}")
    touched = [split_key(key) for key in writer.touched()]
    made = []
    for name, part in parts.items():
        own = wanted[name] or [key for place, key in touched if place == name and key in part.tables and not asked]
        if own or not (asked or touched):
            made.append((name, data_bodies(part, own, (), writer.form(name))))
        else:
            made.append((name, Bodies(NOTHING, NOTHING)))
    return Bodies(
        NOTHING,
        NOTHING,
        "\n".join(dict.fromkeys(line for _, one in made for line in one.imports.splitlines())),
        databases=tuple((name, one.upgrade, one.downgrade) for name, one in made),
    )
