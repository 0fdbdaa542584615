"""Tables whose names a base outside the tree gives: the chain of revisions tells which name each has."""

from __future__ import annotations

from gitmig.schema.elements import Schema, Table, Unnamed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# So many tables must be named by one habit, and none by another, before a table that no revision makes is named so.
ENOUGH = 3


def settled(models: Schema, chains: Sequence[Schema]) -> Schema:
    """The models, with those unnamed tables that are in a chain under one of their names, or have one by habit."""
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
            named.add(one.names)
    unknown = tuple(each for each in models.unknown if each.objects not in named)
    unnamed = tuple(one for one in models.unnamed if one.names not in named)
    return models.replace(tables=tables, unknown=unknown, unnamed=unnamed)


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
