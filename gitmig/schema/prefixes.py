"""A prefix of table names that one side writes out and the other takes from the settings."""

from __future__ import annotations

from gitmig.schema.encoding import decode_schema, encode_schema
from gitmig.schema.operations import decode, encode
from gitmig.source.prefixes import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gitmig.schema.elements import Schema
    from gitmig.schema.operations import Operation


def is_prefixed(schema: Schema) -> bool:
    """Whether tables stand under a prefix that was not read."""
    return any(PREFIX in key for key in schema.tables)


def written_prefix(prefixed: Iterable[Schema], written: Iterable[Schema]) -> str | None:
    """The prefix with which most tables of one side are tables of the other; None when there is none."""
    names = {key for schema in written for key in schema.tables if PREFIX not in key}
    rests = {key.partition(PREFIX)[2] for schema in prefixed for key in schema.tables if key.startswith(PREFIX)}
    counts: dict[str, int] = {}
    for rest in rests:
        for name in names:
            if rest and name.endswith(rest):
                prefix = name[: -len(rest)]
                counts[prefix] = counts.get(prefix, 0) + 1
    best = max(counts, key=lambda prefix: (counts[prefix], prefix), default=None)
    return best if best is not None and 2 * counts[best] > len(rests) else None


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
