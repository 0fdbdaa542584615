"""Operations that have no code, and those that would fail without them.

A revision that drops on its way back what it never made cannot be taken back, so that what is not written one way is
not written the other way either.
"""

from __future__ import annotations

from gitmig.schema.elements import ForeignKey
from gitmig.schema.operations import Operation
from gitmig.schema.replay import Working

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from gitmig.schema.elements import Column, Schema, Table

    ProblemOf = Callable[[Operation, Column | None], str]


def without_unwritable(before: Schema, operations: Sequence[Operation], problem_of: ProblemOf) -> tuple[Operation, ...]:
    """The operations, with an unknown in the place of each that cannot be written.

    `problem_of` says of an operation, and of the column that it changes, why it has no code; "" where it has.
    """
    working = Working(before)
    missing: set[tuple[str, str]] = set()
    found = []
    for operation in operations:
        table = working.table(operation.table)
        column = table.columns.get(operation.name) if table is not None else None
        why = _lacking(operation, missing) or problem_of(operation, column)
        if why:
            missing.update(_makes(operation))
            found.append(_unwritten(operation, why))
            continue
        working.apply(operation)
        found.append(operation)
    return tuple(found)


def _makes(operation: Operation) -> Iterator[tuple[str, str]]:
    """The table (with "" for the column) or the column that an operation makes."""
    if operation.op == "create_table":
        yield operation.table, ""
    if operation.op == "add_column":
        yield operation.table, operation.name


def _lacking(operation: Operation, missing: set[tuple[str, str]]) -> str:
    """What an operation needs and does not find, because that was not written."""
    needed = next((each for each in _needs(operation) if each in missing), None)
    return f"it needs {'.'.join(filter(None, needed))}, which is not written" if needed is not None else ""


def _needs(operation: Operation) -> Iterator[tuple[str, str]]:
    table, detail = operation.table, operation.detail
    if operation.op == "create_table":
        made: Table = detail["table"]
        elements: Sequence[Any] = made.foreign_keys
    else:
        yield table, ""
        yield table, operation.name
        elements = [each for each in (detail.get("index"), detail.get("constraint")) if each is not None]
    for element in elements:
        if operation.op != "create_table":
            yield from ((table, column) for column in getattr(element, "columns", ()))
        if isinstance(element, ForeignKey) and element.referred != table:
            yield element.referred, ""
            yield from ((element.referred, column) for column in element.referred_columns)


def _unwritten(operation: Operation, why: str) -> Operation:
    name = f"{operation.table}.{operation.name}".strip(".")
    detail = {"text": operation.op.replace("_", " "), "why": why, "objects": (name,)}
    return Operation("unknown", detail=detail, origin=operation.origin)
