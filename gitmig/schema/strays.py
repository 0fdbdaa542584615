"""Operations on tables that no revision creates: the chain cannot apply them, and they still happened.

A table that `create_all` made before the first revision is in no chain.  Where such a table is taken from the models,
what revisions did to it must not be forgotten: a revision often lands before the model that it is for.
"""

from __future__ import annotations

from gitmig.schema.compare import compare_tables
from gitmig.schema.elements import Schema
from gitmig.schema.operations import Operation
from gitmig.schema.replay import replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gitmig.schema.elements import Table

MORE = 10
COLUMNS = {"add_column": True, "drop_column": True, "alter_column": False, "rename_column": True}


def caught_up(table: Table, model: Table, strays: Iterable[Operation]) -> Table:
    """The table after those stray operations that bring it nearer to the model; others were in it already."""
    for operation in still_valid(strays):
        if table == model:
            break
        after = replay(Schema(tables={table.key: table}), [operation]).schema.tables.get(table.key)
        if after is not None and _distance(after, model) < _distance(table, model):
            table = after
    return table


def strays_of(schema: Schema, key: str, new: Collection[str]) -> list[Operation]:
    """The stray operations on one table, without those of the revisions that are `new`."""
    return [each for each in schema.strays if each.table == key and each.origin.revision not in new]


def lost_strays(local: Schema, befores: Iterable[Schema], key: str) -> list[Operation]:
    """What takes back the columns that revisions added which are gone."""
    kept = {each.name for each in local.strays if each.table == key and each.op == "add_column"}
    gone = {each.name for before in befores for each in before.strays if each.table == key and each.op == "add_column"}
    return [Operation("drop_column", key, name) for name in sorted(gone - kept)]


def still_valid(operations: Iterable[Operation]) -> Sequence[Operation]:
    """Without what a later operation undid: a column that was added and dropped again is dropped."""
    kept: dict[tuple[str, str], list[Operation]] = {}
    for operation in operations:
        starts_anew = COLUMNS.get(operation.op)
        if starts_anew is None:
            element = operation.detail.get("index") or operation.detail.get("constraint")
            columns = getattr(element, "columns", operation.detail.get("columns") or ())
            kept["", operation.name or ", ".join(columns)] = [operation]
        elif starts_anew:
            kept["column", operation.name] = [operation]
        else:
            kept.setdefault(("column", operation.name), []).append(operation)
    return [operation for group in kept.values() for operation in group]


def _distance(table: Table, model: Table) -> int:
    """How far a table is from its model; a column that is missing counts for more than any of its attributes."""
    return sum(len(each.detail.get("set", ())) or MORE for each in compare_tables(table, model))
