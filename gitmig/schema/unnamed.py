"""Tables whose name a base outside the tree gives, or whose namespace could not be read: the chain tells what it is."""

from __future__ import annotations

from gitmig.schema.elements import UNREAD_ARGUMENTS, Schema, Table, Unknown, Unnamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.schema.operations import Operation

# So many tables must be named by one habit, and none by another, before a table that no revision makes is named so.
ENOUGH = 3


def settled(models: Schema, chains: Sequence[Schema], operations: Sequence[Operation] = ()) -> Schema:
    """The models, with those unnamed tables that are in a chain under one of their names, or have one by habit.

    `operations` are new ones; they may touch tables that no revision created.
    """
    models = _with_namespaces(models, chains, operations)
    if not models.unnamed:
        return models
    known = {key for chain in chains for key in chain.tables if key not in models.tables}
    habit = habit_of(models.unnamed, known)
    tables: dict[str, Table] = dict(models.tables)
    named = set()
    for one in models.unnamed:
        found = {name for name in one.names if _key(one, name) in known}
        if not found and habit is not None:
            found = {one.names[habit]}
        if len(found) == 1:
            (name,) = found
            tables.setdefault(_key(one, name), one.table.replace(name=name))
            named |= {one.names, tuple(_key(one, name) for name in one.names)}
    unknown = tuple(each for each in models.unknown if each.objects not in named)
    unnamed = tuple(one for one in models.unnamed if one.names not in named)
    return models.replace(tables=tables, unknown=unknown, unnamed=unnamed)


def _with_namespaces(models: Schema, chains: Sequence[Schema], operations: Sequence[Operation]) -> Schema:
    """The models, with tables whose arguments are unread in the namespace in which a chain has them.

    One that several namespaces have may be any of them, and is unknown.
    """
    known = {each.table: each.table.rpartition(".")[2] for each in operations}
    known |= {key: table.name for chain in chains for key, table in chain.tables.items()}
    tables = dict(models.tables)
    unknown = list(models.unknown)
    for key, table in models.tables.items():
        unread = [each for each in table.unknown if each.why == UNREAD_ARGUMENTS]
        if not unread or key in known or table.namespace:
            continue
        elsewhere = [other for other, name in known.items() if name == table.name and other not in models.tables]
        if elsewhere:
            del tables[key]
        if len(elsewhere) == 1:
            tables[elsewhere[0]] = table.replace(namespace=elsewhere[0].removesuffix(f".{table.name}"))
        elif elsewhere:
            unknown.append(Unknown(unread[0].what, UNREAD_ARGUMENTS, unread[0].origin, tuple(sorted(elsewhere))))
    if tables.keys() == models.tables.keys():
        return models
    return models.replace(tables={key: tables[key] for key in sorted(tables)}, unknown=tuple(unknown))


def habit_of(unnamed: Sequence[Unnamed], known: set[str]) -> int | None:
    """The place among the names at which all tables of the chain are found; None when there is no one such place."""
    matching = [
        {place for place, name in enumerate(one.names) if _key(one, name) in known}
        for one in unnamed
        if any(_key(one, name) in known for name in one.names)
    ]
    if len(matching) < ENOUGH:
        return None
    places = set.intersection(*matching)
    return min(places) if len(places) == 1 else None


def _key(one: Unnamed, name: str) -> str:
    return f"{one.table.namespace}.{name}" if one.table.namespace else name
