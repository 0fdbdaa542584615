"""A prefix of table names that one side writes out and the other takes from the settings."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.encoding import decode_schema, encode_schema
from gitmig.schema.operations import decode, encode
from gitmig.source.prefixes import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from gitmig.schema.elements import Schema
    from gitmig.schema.operations import Operation


class Taken(Frozen):
    """A prefix that was not read and was taken from what is written out: with it, `matched` of `count` tables agree."""

    prefix: str
    matched: int
    count: int


# One table whose name ends like another one's is a chance; most of several are a rule.
FEWEST = 2
SHARE = 0.8


def is_prefixed(schema: Schema) -> bool:
    """Whether tables stand under a prefix that was not read."""
    return any(PREFIX in key for key in schema.tables)


def written_prefix(prefixed: Sequence[Schema], written: Iterable[Schema]) -> Taken | None:
    """The prefix with which the tables of one side are tables of the other; None where the evidence is thin.

    The first schema of `prefixed` is that of now, the others those of before: a table that is new proves nothing.
    """
    names = {key for schema in written for key in schema.tables if PREFIX not in key}
    rests = _rests(prefixed[1:]) or _rests(prefixed[:1])
    counts: dict[str, int] = {}
    for rest in rests:
        for name in names:
            if name.endswith(rest):
                prefix = name[: -len(rest)]
                counts[prefix] = counts.get(prefix, 0) + 1
    best = max(counts, key=lambda prefix: (counts[prefix], prefix), default=None)
    if best is None or counts[best] < FEWEST or counts[best] < SHARE * len(rests):
        return None
    return Taken(best, counts[best], len(rests))


def _rests(schemas: Iterable[Schema]) -> set[str]:
    found = {key.partition(PREFIX)[2] for schema in schemas for key in schema.tables if key.startswith(PREFIX)}
    return found - {""}


def with_prefix(schema: Schema, prefix: str) -> Schema:
    """The schema with the prefix put in."""
    return decode_schema(_filled(encode_schema(schema), prefix)) if is_prefixed(schema) else schema


def operation_with_prefix(operation: Operation, prefix: str) -> Operation:
    return decode(_filled(encode(operation), prefix))


def _filled(value: Any, prefix: str) -> Any:
    if isinstance(value, str):
        return value.replace(PREFIX, prefix)
    if isinstance(value, dict):
        return {_filled(key, prefix): _filled(each, prefix) for key, each in value.items()}
    return [_filled(each, prefix) for each in value] if isinstance(value, (list, tuple)) else value
