"""Situations written as a table of revisions: `{"a": "", "b": "a", "m": "b c"}` is id -> parents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitmig.resolve.situation import Doing, Situation, find_situation
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.revision import Revision
from gitmig.schema.elements import Origin
from gitmig.schema.operations import Operation


def revision(id_: str, parents: str, path: str = "", **fields: Any) -> Revision:
    return Revision(id_, tuple(parents.split()), path=path or f"versions/{id_}.py", **fields)


def files(table: Mapping[str, str | Revision]) -> dict[str, Revision]:
    made = [one if isinstance(one, Revision) else revision(id_, one) for id_, one in table.items()]
    return {one.path: one for one in made}


def situation(
    table: Mapping[str, str | Revision],
    published: Mapping[str, str | Revision] | None,
    doing: Mapping[str, Doing | None] | None = None,
    **known: Any,
) -> Situation:
    """What lies in the tree, what of it the target has, and what the revisions do (nothing, unless said)."""
    given: dict[str, Doing | None] = {id_: Doing(empty=True) for id_ in table}
    given.update(doing or {})
    known.setdefault("target_name", "origin/main")
    shared = None if published is None else files(published)
    return find_situation("main", files(table), published_files=shared, doing=given, **known)


def does(*operations: tuple[str, str, str]) -> Doing:
    """(op, table, column) each."""
    return Doing(tuple(Operation(op, table, name, origin=Origin("x.py", 1)) for op, table, name in operations))


def after(situation: Situation, moves: Any) -> RevisionGraph:
    """The graph once the moves are made."""
    nodes = {one.path: one.node for one in situation.files.values()}
    for move in moves:
        id_, _, depends, labels, path = nodes[move.path]
        if move.dropped:
            del nodes[move.path]
        else:
            nodes[move.path] = (move.new_id or id_, move.parents, move.depends_on or depends, labels, path)
    return RevisionGraph(nodes.values())
