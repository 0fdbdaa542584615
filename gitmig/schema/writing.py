"""From operations to the steps of a revision: what a database with rows in it can take, one after the other.

A step is an operation that is written as one statement.  What cannot be done safely by itself, or is not known, is a
remark beside it: the revision says it in a comment, and the command as a finding.
"""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.schema.casts import conversion, is_converted
from gitmig.schema.dangers import needs_a_value
from gitmig.schema.elements import Column, Schema, enum_key
from gitmig.schema.left_out import without_unwritable
from gitmig.schema.operations import Operation
from gitmig.schema.ordering import default_name, named, ordered
from gitmig.schema.replay import Working
from gitmig.schema.undoing import dropped, gone, step, undo_all, users_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from gitmig.schema.elements import Table, Type
    from gitmig.schema.left_out import ProblemOf

POSTGRESQL = "postgresql"
SQLITE = "sqlite"
MYSQL = frozenset({"mysql", "mariadb"})


class Remark(Frozen):
    """Something that a person must know or do.

    `kind` is backfill, destructive, guessed-name, unknown, lossy or stays; `object` what it is about.
    """

    kind: str
    object: str
    message: str


class Step(Frozen):
    """One statement of the revision, after its `comments`.

    `existing` is the column that it changes as the database has it, `enums` are the native enum types that are there
    already.  `is_nameless`: what it drops has no name in the source.  Beside the operations there are `data` with an
    `update` of a column (to `value`, SQL; None where a person must say) and `unknown`, which is a comment only.
    """

    operation: Operation
    comments: tuple[str, ...] = ()
    existing: Column | None = None
    enums: frozenset[str] = frozenset()
    is_nameless: bool = False
    using: str = ""


class Written(Frozen):
    """What the two functions of a revision do, and what there is to say about it."""

    upgrade: tuple[Step, ...] = ()
    downgrade: tuple[Step, ...] = ()
    remarks: tuple[Remark, ...] = ()


def write(
    before: Schema,
    operations: Sequence[Operation],
    dialects: frozenset[str] = frozenset(),
    problem_of: ProblemOf = lambda operation, column: "",
) -> Written:
    """The steps that take `before` where the operations lead, and back.

    `dialects` are the databases that the project is known to use, none where it is not known; `problem_of` says why
    an operation has no code: it is written neither way.
    """
    whole = without_unwritable(before, complete(before, ordered(before, operations)), problem_of)
    back = [named(before, each) for each in undo_all(before, whole)]
    working = Working(before)
    for operation in whole:
        working.apply(operation)
    up, down = _Steps(before, dialects), _Steps(working.schema(), dialects, back=True)
    for operation in whole:
        up.add(operation)
    for operation in back:
        down.add(operation)
    up.finish()
    down.finish()
    return Written(tuple(up.steps), tuple(down.steps), tuple(dict.fromkeys((*up.remarks, *down.remarks))))


def complete(before: Schema, operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations with what they need besides: the type of an enum column, what goes with a column made anew."""
    working = Working(before)
    whole: list[Operation] = []
    for operation in operations:
        for each in _completed(working, operation):
            working.apply(each)
            whole.append(each)
    return tuple(whole)


def _completed(working: Working, operation: Operation) -> Iterator[Operation]:
    if operation.op == "alter_column" and "computed" in operation.detail["set"]:
        yield from _computed_anew(working, operation)
        return
    if operation.op in ("add_column", "alter_column"):
        yield from _type_first(working, _new_type(operation), operation)
    if operation.op == "create_enum" and operation.name in working.enums:
        return
    if operation.op in ("create_table", "rename_table"):
        yield from _namespace_first(working, operation)
    if operation.op == "drop_column":
        yield from _keys_first(working, operation)
    if operation.op == "create_primary_key":
        yield from _old_key_first(working, operation)
    yield operation


def _new_type(operation: Operation) -> Type | None:
    column: Column | None = operation.detail.get("column")
    type_: Type | None = column.type if column is not None else operation.detail["set"].get("type")
    return type_


def _type_first(working: Working, type_: Type | None, operation: Operation) -> Iterator[Operation]:
    key = enum_key(type_.item or type_) if type_ is not None else None
    if key is not None and type_ is not None and key not in working.enums:
        values = (type_.item or type_).values
        yield Operation("create_enum", "", key, {"values": values}, operation.origin)


def _namespace_first(working: Working, operation: Operation) -> Iterator[Operation]:
    """Autogenerate writes tables into a namespace that nobody makes."""
    namespace = operation.detail.get("to", operation.table).rpartition(".")[0]
    if namespace and not any(key.startswith(f"{namespace}.") for key in working.tables):
        yield Operation("create_namespace", "", namespace, {"exists": True}, operation.origin)


def _old_key_first(working: Working, operation: Operation) -> Iterator[Operation]:
    """A key that goes with one of its columns is still there when the new one is made."""
    table = working.table(operation.table)
    if table is not None and table.primary_key is not None:
        yield dropped(operation.table, table.primary_key)


def _keys_first(working: Working, operation: Operation) -> Iterator[Operation]:
    """MySQL refuses to drop a column as long as a foreign key stands on it."""
    table = working.table(operation.table)
    for foreign in table.foreign_keys if table is not None else ():
        if operation.name in foreign.columns and foreign.name:
            detail = {"kind": "foreign_key", "columns": foreign.columns, "constraint": foreign}
            yield Operation("drop_constraint", operation.table, foreign.name, detail, operation.origin)


def _computed_anew(working: Working, operation: Operation) -> Iterator[Operation]:
    """No database changes what a column is computed from: the column is dropped and made anew, and what stood on it."""
    table = working.table(operation.table)
    if table is None or operation.name not in table.columns:
        yield operation
        return
    was = table.freeze()
    column = table.columns[operation.name].replace(**operation.detail["set"])
    table.drop_column(operation.name)
    now = table.freeze()
    working.tables[operation.table] = was
    yield Operation("drop_column", operation.table, operation.name, {}, operation.origin)
    yield Operation("add_column", operation.table, operation.name, {"column": column}, operation.origin)
    yield from gone(was, now)


class _Steps:
    """Collects the steps of one function; `schema` is what its first statement meets."""

    def __init__(self, schema: Schema, dialects: frozenset[str], *, back: bool = False) -> None:
        self.working = Working(schema)
        self.dialects = dialects
        self.back = back
        self.steps: list[Step] = []
        self.remarks: list[Remark] = []
        self.made: set[str] = set()
        self.waiting: list[tuple[Operation, Column]] = []

    @property
    def may_be_postgresql(self) -> bool:
        return self.dialects <= {"sqlite"} or POSTGRESQL in self.dialects

    def add(self, operation: Operation) -> None:
        if operation.op != "add_column":
            self.finish()
        special: Callable[[Operation], None] | None = getattr(self, f"_{operation.op}", None)
        if special is not None:
            special(operation)
        else:
            self._put(operation)
        if operation.op == "create_table":
            self.made.add(operation.table)

    def finish(self) -> None:
        """New columns are filled and made NOT NULL together, after all of them are there."""
        waiting, self.waiting = self.waiting, []
        for operation, column in waiting:
            self._fill(operation, column, None)
        for operation, _ in waiting:
            self._put(_set(operation, "nullable", False, True))

    def _put(self, operation: Operation, *comments: str, **more: Any) -> None:
        """The step as it is, with the state that it meets."""
        enums = frozenset(self.working.enums)
        existing = self._column(operation) if operation.op in ("alter_column", "rename_column") else None
        self.steps.append(Step(operation, comments, existing, enums, **more))
        self.working.apply(operation)

    def _column(self, operation: Operation) -> Column | None:
        table = self.working.table(operation.table)
        return table.columns.get(operation.name) if table is not None else None

    def _remark(self, kind: str, object_: str, message: str) -> None:
        self.remarks.append(Remark(kind, object_, message))

    # Rows that are there

    def _add_column(self, operation: Operation) -> None:
        column: Column = operation.detail["column"]
        if operation.table in self.made or not needs_a_value(column):
            self._put(operation)
            return
        detail = {**operation.detail, "column": column.replace(nullable=True)}
        self._put(operation.replace(detail=detail))
        self.waiting.append((operation, column))

    def _fill(self, operation: Operation, column: Column, value: str | None) -> None:
        """Rows that have no value get one: the column's default, else what a person fills in."""
        name = f"{operation.table}.{column.name}"
        comments: tuple[str, ...] = ()
        if value is None:
            comments = (f"gitmig: fill in what rows that are there get for {column.name}, in the place of NULL",)
            way = "its downgrade" if self.back else "its upgrade"
            self._remark("backfill", name, f"rows that are there need a value before NOT NULL: fill it in, in {way}")
        detail = {"kind": "update", "value": value}
        self._put(Operation("data", operation.table, column.name, detail, operation.origin), *comments)

    def _alter_column(self, operation: Operation) -> None:
        changed, column = operation.detail["set"], self._column(operation)
        if column is None:
            self._put(operation)
            return
        if changed.get("nullable") is False and column.nullable and operation.table not in self.made:
            self._fill(operation, column, changed.get("server_default") or column.server_default)
        if "type" in changed:
            self._retype(operation, column, changed["type"])
        else:
            self._put(operation)

    def _retype(self, operation: Operation, column: Column, new: Type) -> None:
        """PostgreSQL converts a default no better than the rows: it is taken away meanwhile."""
        using = conversion(column, new) if self.may_be_postgresql else ""
        changed = dict(operation.detail["set"])
        if column.type.values and new.values and not new.native and new.create_constraint:
            name = f"{operation.table}.{column.name}"
            self._remark("unknown", name, "its CHECK of allowed values is not changed here: look at it by hand")
        if not using or column.server_default is None or not is_converted(column, new):
            self._put(operation, using=using)
            return
        default = changed.pop("server_default", column.server_default)
        self._put(_set(operation, "server_default", None, column.server_default))
        self._put(operation.replace(detail={**operation.detail, "set": changed}), using=using)
        if default is not None:
            self._put(_set(operation, "server_default", default, None))

    # Tables that were not read whole

    def _create_table(self, operation: Operation) -> None:
        table: Table = operation.detail["table"]
        gaps = [] if self.back else [f"{each.what}: {each.why}" for each in table.unknown]
        for gap in gaps:
            self._remark("unknown", table.key, gap)
        self._put(operation, *(f"gitmig: not written: {table.key}: {gap}" for gap in gaps))

    # What is lost

    def _drop_table(self, operation: Operation) -> None:
        if not self.back:
            self._remark("destructive", operation.table, "the table is dropped with its rows")
        self._put(operation)

    def _drop_column(self, operation: Operation) -> None:
        table = self.working.tables.get(operation.table)
        column = self._column(operation)
        if not self.back and table is not None and column is not None and column.computed is None:
            self._remark("destructive", f"{operation.table}.{operation.name}", "the column is dropped with its values")
        self._put(operation)

    # Names

    def _drop_constraint(self, operation: Operation) -> None:
        if operation.name:
            self._put(operation)
            return
        element = operation.detail.get("constraint") or self._element(operation)
        columns = self.working.tables[operation.table].columns if operation.table in self.working.tables else ()
        names = list(columns) if isinstance(columns, dict) else [column.name for column in columns]
        name = default_name(operation.table, element, names) if element is not None else ""
        if not name:
            self._unknown(operation.table, f"the name of its {operation.detail.get('kind')} constraint is not known")
            return
        if not self.back and self.dialects != {POSTGRESQL}:
            message = f"the constraint {name} has no name in the source: this is what PostgreSQL calls it"
            self._remark("guessed-name", operation.table, message)
        self._put(operation.replace(name=name, detail={**operation.detail, "constraint": element}), is_nameless=True)

    def _element(self, operation: Operation) -> Any:
        table = self.working.table(operation.table)
        kind, columns = operation.detail.get("kind", ""), operation.detail.get("columns")
        if table is None or not kind:
            return None
        return table.primary_key if kind == "primary_key" else table.find_constraint(kind, "", columns)

    def _drop_index(self, operation: Operation) -> None:
        if operation.name:
            self._put(operation)
            return
        columns = "_".join(operation.detail.get("columns", ()))
        name = f"{operation.table.rpartition('.')[2]}_{columns}_idx"
        self._remark("guessed-name", operation.table, f"the index {name} has no name in the source")
        self._put(operation.replace(name=name))

    # Types

    def _alter_enum(self, operation: Operation) -> None:
        if self.dialects and self.dialects <= MYSQL:
            self._alter_columns(operation)
            return
        if operation.detail.get("values") is not None:
            lost = [each for each in operation.detail.get("was") or () if each not in operation.detail["values"]]
            if lost and not self.back:
                message = f"rows that have {', '.join(lost)} stop the upgrade: change them first"
                self._remark("lossy", operation.name, message)
            schema = self.working.schema()
            users = tuple(
                (table, column, found.server_default, found.type.item is not None)
                for table, column in users_of(schema, operation.name)
                if (found := schema.tables[table].column(column)) is not None
            )
            operation = operation.replace(detail={**operation.detail, "users": users})
        self._put(operation)

    def _alter_columns(self, operation: Operation) -> None:
        """MySQL has no types of their own: every column names its values."""
        enum = step(self.working.schema(), operation).enums.get(operation.name)
        for table, name in users_of(self.working.schema(), operation.name):
            column = self._column(Operation("", table, name))
            if column is not None and enum is not None:
                new = column.type.replace(values=enum.values, text="")
                self._put(_set(Operation("", table, name, origin=operation.origin), "type", new, column.type))

    # What is not known

    def _unknown(self, operation: Operation | str, message: str = "") -> None:
        if isinstance(operation, str):
            object_ = operation
        else:
            detail = operation.detail
            message = f"{detail.get('text', '')}: {detail.get('why', '')}"
            object_ = ", ".join(detail.get("objects", ()))
            if detail.get("harmless"):
                self._remark("stays", object_, message)
                self.steps.append(Step(operation, (f"gitmig: {message}",)))
                return
        self._remark("unknown", object_, message)
        self.steps.append(Step(Operation("unknown"), (f"gitmig: not written: {object_}: {message}",)))


def _set(operation: Operation, attribute: str, value: Any, was: Any) -> Operation:
    """An operation that sets one attribute of the same column."""
    detail = {"set": {attribute: value}, "was": {attribute: was}}
    return Operation("alter_column", operation.table, operation.name, detail, operation.origin)
