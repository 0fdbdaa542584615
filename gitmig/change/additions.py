"""New revisions, with what each of their operations meets in the chain below it."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.dangers import destructive, not_null_without_default, renames
from gitmig.schema.databases import key_in, operation_in
from gitmig.schema.elements import Origin, Schema
from gitmig.schema.operations import Operation, decode, encode
from gitmig.schema.replay import Working, stamped
from gitmig.schema.reversing import reverses
from gitmig.schema.working import WorkingTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from gitmig.schema.elements import Table
    from gitmig.schema.uses import Uses


class Script(Frozen):
    """One revision file: its place, and the facts that `schema.scripts.facts.extract` found in it.

    `databases` are those that its environment migrates, each with a run of its own: empty where the configuration does
    not name them, None where there is one run.  `helpers` are files of the tree whose code it calls.
    """

    revision: str
    path: str
    blob: str
    facts: Mapping[str, Any]
    databases: tuple[str, ...] | None = None
    helpers: tuple[str, ...] = ()

    def operations(self, direction: str = "upgrade") -> tuple[Operation, ...]:
        """What upgrade() or downgrade() does, with the path of this file; what it does in a database is marked so."""
        if self.databases is None and not finds_by_name(self.facts):
            return tuple(decode(each, self.path) for each in self.facts[direction])
        return tuple(self._in_databases(direction))

    def effects(self) -> tuple[Operation, ...]:
        """What upgrade() does, and what it only names: all that another line of revisions may disturb."""
        return (*self.operations(), *(decode(each, self.path) for each in self.facts["mentions"]))

    def _in_databases(self, direction: str) -> Iterator[Operation]:
        known: Mapping[str, Any] = self.facts.get("databases", {})
        names = self.databases or tuple(known)
        otherwise = self.facts.get("otherwise", {}).get(direction, ())
        for name in names:
            for each in known[name].get(direction, ()) if name in known else otherwise:
                yield operation_in(name, decode(each, self.path))
        if not known and "otherwise" not in self.facts:
            otherwise = self.facts[direction]
        elif self.databases:
            return
        for each in otherwise:
            yield somewhere(decode(each, self.path), names)


def finds_by_name(facts: Mapping[str, Any]) -> bool:
    """Whether upgrade() calls the function of each database, whatever env.py says."""
    return "databases" in facts and "otherwise" not in facts


def somewhere(operation: Operation, databases: Sequence[str]) -> Operation:
    """An operation of which nobody knows in which database it is done."""
    if operation.op == "data":
        return operation
    if len(databases) == 1:
        return operation_in(databases[0], operation)
    table = operation.table or operation.name
    objects = tuple(key_in(name, table) for name in databases or ("",))
    detail = {"text": operation.op, "why": "it is not known in which database this is done", "objects": objects}
    return Operation("unknown", "", "", detail, operation.origin)


class Risk(Frozen):
    """Something that can go wrong where there are rows.

    `kind` is destructive, not-null-without-default or rename-as-drop-and-add, `object` what it happens to.  `maker` is
    the revision that made that table or column, "" when the chain does not say.  A rename has `instead`, the operation
    that keeps the rows, and the `reasons` to think so.
    """

    kind: str
    object: str
    operation: Operation
    maker: str = ""
    instead: Operation | None = None
    reasons: tuple[str, ...] = ()


class Unstaged(Frozen):
    """A revision file of the worktree that is not staged as it lies there; `covers` are objects that it would mend."""

    revision: str
    path: str
    covers: frozenset[str] = frozenset()
    tracked: bool = False


class Helper(Frozen):
    """A module of the tree that published revisions import and the change edits; `now` is "" when it is gone."""

    path: str
    was: str
    now: str
    revisions: tuple[str, ...]


class Import(Frozen):
    """An import of a revision file; `path` is the module of the tree it leads to, `models` whether that has models."""

    module: str
    line: int
    path: str = ""
    models: bool = False


class Addition(Frozen):
    """A new revision: what its upgrade does, what is risky in it, and what of it its downgrade does not take back.

    `left` are the operations that would still be needed after the downgrade to get the schema from before the upgrade.
    `merges` says that it joins heads.
    """

    revision: str
    path: str
    blob: str
    operations: tuple[Operation, ...] = ()
    empty_upgrade: bool = False
    empty_downgrade: bool = False
    refuses_downgrade: bool = False
    merges: bool = False
    risks: tuple[Risk, ...] = ()
    left: tuple[Operation, ...] = ()
    imports: tuple[Import, ...] = ()


def replay_scripts(
    start: Schema,
    scripts: Iterable[Script],
    new: Collection[str],
    joins: Collection[str] = (),
    uses: Callable[[str, str], Uses] | None = None,
) -> tuple[Schema, tuple[Addition, ...]]:
    """The schema after the scripts, in upgrade order, and an Addition for each of them that is new.

    `uses` says what the change made of the uses of a name.
    """
    working = Working(start)
    additions = []
    for script in scripts:
        if script.revision not in new:
            for operation in script.operations():
                working.apply(stamped(operation, script.revision))
            continue
        before = working.schema()
        working = Working(before)
        operations = tuple(stamped(each, script.revision) for each in script.operations())
        makers = {}
        for operation in operations:
            makers[id(operation)] = maker_of(working.tables, operation)
            working.apply(operation)
        facts = script.facts
        addition = Addition(
            script.revision,
            script.path,
            script.blob,
            operations,
            facts["empty"]["upgrade"],
            facts["empty"]["downgrade"],
            facts["raises"]["downgrade"],
            script.revision in joins,
            tuple(risks_of(before, operations, makers, uses)),
        )
        if not addition.empty_downgrade and not addition.refuses_downgrade:
            reversal = reverses(before, operations, script.operations("downgrade"))
            addition = addition.replace(left=reversal.remains if reversal.verdict == "no" else ())
        additions.append(addition)
    return working.schema(), tuple(additions)


def risks_of(
    before: Schema,
    operations: Sequence[Operation],
    makers: Mapping[int, str],
    uses: Callable[[str, str], Uses] | None = None,
) -> Iterator[Risk]:
    """Everything dangerous that a revision does to the schema that it meets."""
    found = (
        *destructive(before, operations),
        *not_null_without_default(before, operations),
        *renames(before, operations, uses),
    )
    for danger in found:
        operation, rename = danger.operation, danger.rename
        about = rename.dropped if rename else operation
        risk = Risk(danger.kind, danger.object, operation, makers.get(id(about), ""))
        yield risk.replace(instead=rename.operation, reasons=rename.reasons) if rename else risk


def maker_of(tables: Mapping[str, Table | WorkingTable], operation: Operation) -> str:
    """Which revision made what the operation changes or drops; for a new column, its table: that has the rows."""
    table = tables.get(operation.table)
    if table is None:
        return ""
    if operation.op not in ("drop_column", "alter_column", "rename_column"):
        return table.origin.revision
    column = table.columns.get(operation.name) if isinstance(table, WorkingTable) else table.column(operation.name)
    if column is None:
        return ""
    is_new = operation.op == "alter_column" and column.origin.revision == operation.origin.revision
    return table.origin.revision if is_new else column.origin.revision


# As JSON, for the cache


def encode_addition(addition: Addition) -> dict[str, Any]:
    encoded = dict(addition.__dict__)
    encoded["operations"] = [encode(each) for each in addition.operations]
    encoded["left"] = [encode(each) for each in addition.left]
    encoded["imports"] = [[each.module, each.line, each.path, each.models] for each in addition.imports]
    encoded["risks"] = [encode_risk(each) for each in addition.risks]
    return encoded


def encode_risk(risk: Risk) -> list[Any]:
    instead = encode(risk.instead) if risk.instead is not None else None
    return [risk.kind, risk.object, encode(risk.operation), risk.maker, instead, list(risk.reasons)]


def decode_addition(encoded: Mapping[str, Any]) -> Addition:
    state = dict(encoded)
    state["operations"] = tuple(decode(each) for each in encoded["operations"])
    state["left"] = tuple(decode(each) for each in encoded["left"])
    state["imports"] = tuple(Import(*each) for each in encoded["imports"])
    state["risks"] = tuple(
        Risk(kind, object_, decode(operation), maker, decode(instead) if instead else None, tuple(reasons))
        for kind, object_, operation, maker, instead, reasons in encoded["risks"]
    )
    return Addition(**state)


def origin_of(addition: Addition, operation: Operation) -> Origin:
    """Where an operation stands, with the blob that it was read from."""
    return operation.origin.replace(path=operation.origin.path or addition.path, blob=addition.blob)
