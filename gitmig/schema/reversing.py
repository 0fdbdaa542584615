"""Does a downgrade reverse its upgrade?  Answered by replaying one after the other over the schema they meet."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.compare import compare
from gitmig.schema.elements import Schema
from gitmig.schema.extents import matches
from gitmig.schema.operations import Operation
from gitmig.schema.replay import replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Reversal(Frozen):
    """`verdict` is yes, no or unknown; `remains` takes the schema after the downgrade back to the one before."""

    verdict: str
    remains: tuple[Operation, ...] = ()
    unknown: tuple[Operation, ...] = ()


def reverses(before: Schema, upgrade: Sequence[Operation], downgrade: Sequence[Operation]) -> Reversal:
    """Whether `downgrade` leads from the schema after `upgrade` back to `before`.

    Comments, checks and defaults that only a backfill needed do not count; types that stay behind (a native enum that
    nothing uses) do not either.  Where the chain does not know a table, the question cannot be answered.
    """
    gaps = tuple(each for each in (*upgrade, *downgrade) if each.op == "unknown")
    up = replay(before, upgrade)
    down = replay(up.schema, downgrade)
    remains = tuple(each for each in compare(down.schema, before) if _counts(each))
    if not remains and not gaps and not up.contradictions:
        return Reversal("yes")
    strange = {each.operation.table for each in up.contradictions}
    certain = tuple(each for each in remains if each.table not in strange and not _named(gaps, each))
    if certain:
        return Reversal("no", certain, gaps)
    if remains or gaps or strange:
        return Reversal("unknown", remains, gaps)
    return Reversal("yes")


def _counts(operation: Operation) -> bool:
    if operation.op in ("set_comment", "create_check", "create_enum", "alter_enum"):
        return False
    if operation.op == "drop_constraint" and operation.detail.get("kind") == "check":
        return False
    if operation.op == "alter_column":
        return bool(operation.detail["set"].keys() - {"comment", "server_default"})
    return True


def _named(gaps: Sequence[Operation], operation: Operation) -> bool:
    """Whether something that was not read may account for it."""
    for gap in gaps:
        objects = gap.detail.get("objects", ())
        keys = (operation.table, f"{operation.table}.{operation.name}")
        if not objects or any(matches(name, key) for name in objects for key in keys):
            return True
    return False
