"""New revisions, with what each of their operations meets in the chain below it."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.compare import compare
from gitmig.schema.elements import Origin, Schema
from gitmig.schema.operations import Operation, decode, encode
from gitmig.schema.replay import Working, replay, stamped
from gitmig.schema.working import WorkingTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.schema.elements import Table


class Script(Frozen):
    """One revision file: its place, and the facts that `schema.scripts.facts.extract` found in it."""

    revision: str
    path: str
    blob: str
    facts: Mapping[str, Any]

    def operations(self, direction: str = "upgrade") -> tuple[Operation, ...]:
        """What upgrade() or downgrade() does, with the path of this file."""
        return tuple(decode(each, self.path) for each in self.facts[direction])


class Step(Frozen):
    """One operation of a new revision.

    `maker` is the revision that made the table or the column that the operation is about, "" when the chain does not
    say which, None when the chain does not have it there.
    """

    operation: Operation
    maker: str | None = None


class Import(Frozen):
    """An import of a revision file; `path` is the module of the tree that it leads to, `models` whether that has models."""

    module: str
    line: int
    path: str = ""
    models: bool = False


class Addition(Frozen):
    """A new revision: what its upgrade does, and what of it its downgrade does not take back.

    `left` are the operations that would still be needed after the downgrade to get the schema from before the upgrade;
    None when that cannot be told.  `merges` says that it joins heads.
    """

    revision: str
    path: str
    blob: str
    steps: tuple[Step, ...] = ()
    empty_upgrade: bool = False
    empty_downgrade: bool = False
    refuses_downgrade: bool = False
    merges: bool = False
    left: tuple[Operation, ...] | None = ()
    imports: tuple[Import, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(step.operation for step in self.steps)


def replay_scripts(
    start: Schema, scripts: Iterable[Script], new: Collection[str], joins: Collection[str] = ()
) -> tuple[Schema, tuple[Addition, ...]]:
    """The schema after the scripts, in upgrade order, and an Addition for each of them that is new."""
    working = Working(start)
    additions = []
    for script in scripts:
        if script.revision not in new:
            for operation in script.operations():
                working.apply(stamped(operation, script.revision))
            continue
        before = working.schema()
        working = Working(before)
        steps = []
        for operation in (stamped(each, script.revision) for each in script.operations()):
            steps.append(Step(operation, maker_of(working.tables, operation)))
            working.apply(operation)
        left = what_is_left(before, working.schema(), steps, script)
        additions.append(addition_of(script, tuple(steps), left, merges=script.revision in joins))
    return working.schema(), tuple(additions)


def addition_of(
    script: Script, steps: tuple[Step, ...], left: tuple[Operation, ...] | None, *, merges: bool
) -> Addition:
    facts = script.facts
    return Addition(
        script.revision,
        script.path,
        script.blob,
        steps,
        facts["empty"]["upgrade"],
        facts["empty"]["downgrade"],
        facts["raises"]["downgrade"],
        merges,
        left,
    )


def maker_of(tables: Mapping[str, Table | WorkingTable], operation: Operation) -> str | None:
    """Which revision made what the operation changes or drops; for a new column, its table."""
    table = tables.get(operation.table)
    if table is None:
        return None
    if operation.op not in ("drop_column", "alter_column", "rename_column"):
        return table.origin.revision
    column = table.columns.get(operation.name) if isinstance(table, WorkingTable) else table.column(operation.name)
    return column.origin.revision if column is not None else None


def what_is_left(
    before: Schema, after: Schema, steps: Sequence[Step], script: Script
) -> tuple[Operation, ...] | None:
    """What the downgrade leaves standing; None where either way has something that could not be read."""
    way_back = script.operations("downgrade")
    ways = (*(step.operation for step in steps), *way_back)
    if any(each.op == "unknown" or each.conditional for each in ways):
        return None
    done = replay(after, way_back)
    if done.contradictions:
        return None  # it undoes something of a chain that is not known whole
    return tuple(each for each in compare(done.schema, before) if each.op != "set_comment" and not is_guess(each))


def is_guess(operation: Operation) -> bool:
    """Names of constraints and what an older chain never said are no evidence."""
    return operation.op == "alter_column" and None in operation.detail.get("was", {}).values()


# As JSON, for the cache


def encode_addition(addition: Addition) -> dict[str, Any]:
    encoded = dict(addition.__dict__)
    encoded["steps"] = [[encode(step.operation), step.maker] for step in addition.steps]
    encoded["left"] = None if addition.left is None else [encode(each) for each in addition.left]
    encoded["imports"] = [[each.module, each.line, each.path, each.models] for each in addition.imports]
    return encoded


def decode_addition(encoded: Mapping[str, Any]) -> Addition:
    state = dict(encoded)
    state["steps"] = tuple(Step(decode(operation), maker) for operation, maker in encoded["steps"])
    state["left"] = None if encoded["left"] is None else tuple(decode(each) for each in encoded["left"])
    state["imports"] = tuple(Import(*each) for each in encoded["imports"])
    return Addition(**state)


def origin_of(addition: Addition, operation: Operation) -> Origin:
    """Where an operation stands, with the blob that it was read from."""
    return operation.origin.replace(path=operation.origin.path or addition.path, blob=addition.blob)
