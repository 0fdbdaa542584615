"""Steps of a revision as the text of its functions, with what only some databases can do."""

from __future__ import annotations

from itertools import groupby

from gitmig.frozen import Frozen
from gitmig.schema.casts import sql_key, sql_name
from gitmig.schema.coder import Coder
from gitmig.schema.elements import name_and_namespace
from gitmig.schema.layout import Listed, NotWritten, call, lines_of, text
from gitmig.schema.postgresql_code import execute, statements_of
from gitmig.schema.writing import POSTGRESQL, SQLITE, Remark, Step
from gitmig.source.prefixes import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gitmig.schema.coder import Form
    from gitmig.schema.elements import Column
    from gitmig.schema.layout import Code
    from gitmig.schema.operations import Operation
    from gitmig.schema.postgresql_code import Statement

# SQLite keeps no names.  It is told those that PostgreSQL makes up, so that one name drops a constraint on both.
DEFAULT_NAMES = {
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
    "ck": "%(table_name)s_%(constraint_name)s",
}
NOT_SQLITE = 'if op.get_context().dialect.name != "sqlite":'
ON_POSTGRESQL = 'if op.get_context().dialect.name == "postgresql":'
AUTOCOMMIT = "with op.get_context().autocommit_block():"
_BATCHED = """
    add_column drop_column alter_column rename_column create_index drop_index create_unique create_foreign_key
    create_check create_primary_key create_exclude drop_constraint set_comment
"""
BATCHED = frozenset(_BATCHED.split())


class Body(Frozen):
    """The text of one function, unindented, with the imports that it needs and what could not be written."""

    text: str
    imports: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


def render_steps(steps: Sequence[Step], form: Form) -> Body:
    """The body of a function; "pass" where nothing is done."""
    writer = _Writer(form)
    grouped = groupby(steps, lambda step: step.operation.table if _is_batched(step.operation, form) else "")
    for table, group in grouped:
        if table:
            writer.batch(table, list(group))
        else:
            for step in group:
                writer.step(step)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in writer.lines):
        writer.lines.append("pass")
    imports = tuple(sorted(set(writer.imports)))
    return Body("\n".join(writer.lines), imports, tuple(writer.remarks))


def problem_of(operation: Operation, column: Column | None, form: Form) -> str:
    """Why an operation has no code in this form; `column` is what it changes."""
    writer = _Writer(form, is_batch=_is_batched(operation, form))
    try:
        writer.statements(Step(operation, existing=column))
    except NotWritten as why:
        return one_line(str(why))
    return ""


def _is_batched(operation: Operation, form: Form) -> bool:
    return form.batch and operation.op in BATCHED


class _Writer:
    """Lines of a function, or of one block of batch mode in it."""

    def __init__(self, form: Form, *, is_batch: bool = False) -> None:
        self.form = form
        self.is_batch = is_batch
        self.lines: list[str] = []
        self.imports: list[str] = []
        self.remarks: list[Remark] = []

    def batch(self, key: str, steps: Sequence[Step]) -> None:
        """One `with op.batch_alter_table(...)` block."""
        table, namespace = name_and_namespace(key)
        names: Code | None = None
        if any(step.is_nameless for step in steps) and self.form.may_be(SQLITE):
            names = Listed(tuple(f"{text(kind)}: {text(name)}" for kind, name in DEFAULT_NAMES.items()), "{}")
        opening = call(
            "op.batch_alter_table",
            text(table),
            schema=text(namespace) if namespace else "None",
            naming_convention=names,
        )
        block = _Writer(self.form, is_batch=True)
        for position, step in enumerate(steps):
            block.step(step, later={each.operation.op for each in steps[position + 1 :]})
        self.lines += lines_of(opening, before="with ", after=" as batch_op:", width=self.form.width - 4)
        body = indented(block.lines)
        if all(line.lstrip().startswith("#") for line in body):
            body.append("    pass")
        self.lines += body
        self.imports += block.imports
        self.remarks += block.remarks

    def step(self, step: Step, later: Collection[str] = ()) -> None:
        """`later` are the operations that follow in the same block."""
        self.lines += [f"# {line}" for comment in step.comments for line in comment.splitlines()]
        operation = step.operation
        try:
            lines = self.statements(step)
        except NotWritten as why:
            name = f"{operation.table}.{operation.name}".strip(".")
            self.remarks.append(Remark("unknown", name, str(why)))
            self.lines.append(f"# gitmig: not written: {operation.op.replace('_', ' ')} {name}: {one_line(str(why))}")
            return
        self.lines += self.without_sqlite(step, lines, later) if self.is_batch and self.form.may_be(SQLITE) else lines

    def without_sqlite(self, step: Step, lines: list[str], later: Collection[str]) -> list[str]:
        """Batch mode runs on SQLite: what it cannot do there is left to the other databases."""
        why = not_on_sqlite(step)
        if not why:
            return lines
        if "create_primary_key" not in later and step.is_nameless:
            self.remarks.append(Remark("unknown", step.operation.table, why))
        comment = f"# {why}"
        if self.form.dialects == {SQLITE}:
            return [comment]
        return [comment, NOT_SQLITE, *indented(lines)]

    def statements(self, step: Step) -> list[str]:
        """The lines of one step; raises NotWritten."""
        made = self.code(step)
        if any(PREFIX in line for line in (step.operation.table, *made)):
            raise NotWritten("a name in it begins with a prefix that was not read")
        return made

    def code(self, step: Step) -> list[str]:
        operation = step.operation
        if operation.op == "unknown":
            return []
        if operation.op == "data":
            return self.laid([fill(operation)])
        native = statements_of(operation)
        if native:
            return self.on_postgresql(native)
        coder = Coder(self.form, is_batch=self.is_batch, existing=step.existing, using=step.using, enums=step.enums)
        lines = self.laid(coder.calls(operation), 8 if self.is_batch else 4)
        self.imports += coder.imports
        self.remarks += [Remark("unknown", name, why) for name, why in coder.omitted]
        return lines

    def laid(self, codes: Sequence[Code], margin: int = 4) -> list[str]:
        return [line for code in codes for line in lines_of(code, width=self.form.width - margin)]

    def on_postgresql(self, statements: Sequence[Statement]) -> list[str]:
        """Statements that other databases must not see."""
        if not self.form.may_be(POSTGRESQL):
            return []
        found: list[str] = []
        for autocommit, group in groupby(statements, lambda statement: statement.autocommit):
            deeper = 4 + 4 * autocommit + 4 * (not self.form.postgresql_only)
            lines = self.laid([each.code for each in group], deeper)
            if autocommit:
                lines = [AUTOCOMMIT, *indented(lines)]
            found += lines if self.form.postgresql_only else [ON_POSTGRESQL, *indented(lines)]
        return found


def fill(operation: Operation) -> Code:
    table, column = sql_key(operation.table), sql_name(operation.name)
    value = operation.detail.get("value") or "NULL"
    return execute(f"UPDATE {table} SET {column} = {value} WHERE {column} IS NULL")  # noqa: S608  (for a file)


def not_on_sqlite(step: Step) -> str:
    """What batch mode cannot do on SQLite; "" where it can do all of it."""
    operation = step.operation
    if step.is_nameless and operation.detail.get("kind") == "primary_key":
        return "SQLite: a primary key without a name gives way to a new one, and cannot go without"
    if operation.op == "alter_column" and "identity" in operation.detail["set"]:
        return "SQLite has no IDENTITY"
    return ""


def indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def one_line(message: str) -> str:
    return " ".join(message.split())
