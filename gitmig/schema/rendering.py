"""Steps of a revision as Python text, laid out as formatters leave it."""

from __future__ import annotations

import ast
import re
from itertools import groupby

from gitmig.frozen import Frozen
from gitmig.schema.casts import sql_key, sql_name, sql_text
from gitmig.schema.elements import Check, Column, Exclude, ForeignKey, Index, Table, Unique
from gitmig.schema.layout import WIDTH, Call, Listed, call, lines_of, text, texts
from gitmig.schema.operations import Operation
from gitmig.schema.replay import enum_key
from gitmig.schema.type_code import is_code, normal_quotes, spelled
from gitmig.schema.writing import POSTGRESQL, SQLITE, Remark, Step
from gitmig.source.prefixes import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from typing import Any

    from gitmig.schema.elements import Type
    from gitmig.schema.layout import Code

CONVENTION_PREFIXES = ("ix_", "uq_", "ck_", "fk_", "pk_")
# SQLite keeps no names.  It is told those that PostgreSQL makes up, so that one name drops a constraint on both.
DEFAULT_NAMES = {
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
    "ck": "%(table_name)s_%(constraint_name)s",
}
NOT_SQLITE = 'if op.get_context().dialect.name != "sqlite":'
KINDS = {"primary_key": "primary", "unique": "unique", "foreign_key": "foreignkey", "check": "check"}
_BATCHED = """
    add_column drop_column alter_column rename_column create_index drop_index create_unique create_foreign_key
    create_check create_primary_key create_exclude drop_constraint set_comment
"""
BATCHED = frozenset(_BATCHED.split())


class Form(Frozen):
    """How a revision of this environment is written.

    `dialects` are those that the project is known to use, `batch` says that env.py asks for batch mode; `module_of`
    gives the dotted name of a file of the tree.
    """

    dialects: frozenset[str] = frozenset()
    batch: bool = False
    width: int = WIDTH
    module_of: Callable[[str], str] = lambda path: ""

    @property
    def postgresql_only(self) -> bool:
        return self.dialects == {POSTGRESQL}

    @property
    def is_sqlite(self) -> bool:
        """No other database is known of: where batch mode is asked for, that is the reason."""
        return self.dialects <= {"sqlite"}

    def may_be(self, dialect: str) -> bool:
        return self.is_sqlite or dialect in self.dialects


class Body(Frozen):
    """The text of one function, unindented, with the imports that it needs and what could not be written."""

    text: str
    imports: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


class NotWritten(Exception):
    """Why an operation has no code."""


def render_steps(steps: Sequence[Step], form: Form) -> Body:
    """The body of a function; "pass" where nothing is done."""
    writer = _Writer(form)
    grouped = groupby(steps, lambda step: step.operation.table if _is_batched(step, form) else "")
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
    step = Step(operation, existing=column)
    try:
        _Writer(form).statements(step, _is_batched(step, form))
    except NotWritten as why:
        return one_line(str(why))
    return ""


def _is_batched(step: Step, form: Form) -> bool:
    return form.batch and step.operation.op in BATCHED


class _Writer:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.lines: list[str] = []
        self.imports: list[str] = []
        self.remarks: list[Remark] = []
        self.enums: frozenset[str] = frozenset()
        self.prefix = "op"

    # Blocks

    def batch(self, key: str, steps: Sequence[Step]) -> None:
        """One `with op.batch_alter_table(...)` block."""
        table, namespace = split(key)
        names: Code | None = None
        if any(step.is_nameless for step in steps) and self.form.may_be(SQLITE):
            names = Listed(tuple(f"{text(kind)}: {text(name)}" for kind, name in DEFAULT_NAMES.items()), "{}")
        opening = call(
            "op.batch_alter_table",
            text(table),
            schema=text(namespace) if namespace else "None",
            naming_convention=names,
        )
        block = _Writer(self.form)
        block.prefix = "batch_op"
        for position, step in enumerate(steps):
            later = {each.operation.op for each in steps[position + 1 :]}
            block.step(step, batch=True, later=later)
        self.lines += lines_of(opening, before="with ", after=" as batch_op:", width=self.form.width - 4)
        body = [f"    {line}" for line in block.lines]
        if all(line.lstrip().startswith("#") for line in body):
            body.append("    pass")
        self.lines += body
        self.imports += block.imports
        self.remarks += block.remarks

    def step(self, step: Step, *, batch: bool = False, later: Collection[str] = ()) -> None:
        self.enums = step.enums
        self.lines += [f"# {line}" for comment in step.comments for line in comment.splitlines()]
        operation = step.operation
        try:
            done = self.statements(step, batch)
        except NotWritten as why:
            name = f"{operation.table}.{operation.name}".strip(".")
            self.remarks.append(Remark("unknown", name, str(why)))
            self.lines.append(f"# gitmig: not written: {operation.op.replace('_', ' ')} {name}: {one_line(str(why))}")
            return
        self.lines += self.without_sqlite(step, done, later) if batch and self.form.may_be(SQLITE) else done

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
        return [comment, NOT_SQLITE, *(f"    {line}" for line in lines)]

    def statements(self, step: Step, batch: bool) -> list[str]:
        made = self.code(step, batch)
        if any(PREFIX in line for line in (step.operation.table, *made)):
            raise NotWritten("a name in it begins with a prefix that was not read")
        return made

    def code(self, step: Step, batch: bool) -> list[str]:
        operation = step.operation
        if operation.op in ENUMS:
            return ENUMS[operation.op](self, operation)
        if operation.op == "unknown":
            return []
        if operation.op == "data":
            return self.laid(self.fill(operation))
        if operation.op == "rename_table" and split(operation.table)[1] != split(operation.detail["to"])[1]:
            return self.move_table(operation)
        if operation.op == "create_table":
            table: Table = operation.detail["table"]
            made = self.laid(self.create_table(table))
            for index in table.indexes:
                made += self.laid(self.create_index(Operation("create_index", table.key, "", {"index": index}), False))
            return made
        return self.laid(self.statement(step, batch), 8 if batch else 4)

    def laid(self, code: Code, margin: int = 4) -> list[str]:
        return lines_of(code, width=self.form.width - margin)

    def statement(self, step: Step, batch: bool) -> Code:
        operation = step.operation
        op = operation.op
        if op == "alter_column":
            return self.alter_column(step, batch)
        if op == "rename_column":
            existing = {"existing_type": self.type(step.existing.type)} if step.existing is not None else {}
            self_named = {"new_column_name": text(operation.detail["to"]), **existing}
            return self.on_table("alter_column", operation, batch, text(operation.name), **self_named)
        writer: Callable[[Operation, bool], Code] | None = getattr(self, op, None)
        if writer is None:
            raise NotWritten("there is no operation of Alembic for it")
        return writer(operation, batch)

    # Tables

    def create_table(self, table: Table) -> Call:
        parts: list[Code] = [self.column(column, table) for column in table.columns]
        parts += [self.constraint(each) for each in table.foreign_keys]
        if table.primary_key is not None:
            key = table.primary_key
            names = [text(name) for name in key.columns]
            parts.append(call("sa.PrimaryKeyConstraint", *names, name=self.name(key.name)))
        for group in (table.uniques, table.checks, table.excludes):
            parts += [self.constraint(each) for each in group]
        return call(
            "op.create_table",
            text(table.name),
            *parts,
            schema=text(table.namespace) if table.namespace else None,
            comment=text(table.comment) if table.comment else None,
        ).replace(tall=True)

    def drop_table(self, operation: Operation, batch: bool) -> Code:
        return self.on_table("drop_table", operation, False)

    def rename_table(self, operation: Operation, batch: bool) -> Code:
        return self.on_table("rename_table", operation, False, text(split(operation.detail["to"])[0]))

    def move_table(self, operation: Operation) -> list[str]:
        """Into another namespace; Alembic has no operation for it."""
        key, to = operation.table, operation.detail["to"]
        (old, _), (new, namespace) = split(key), split(to)
        namespace = namespace or "public"
        statements = [f"ALTER TABLE {sql_key(key)} SET SCHEMA {sql_name(namespace)}"]
        if old != new:
            statements.append(f"ALTER TABLE {sql_name(namespace)}.{sql_name(old)} RENAME TO {sql_name(new)}")
        return [line for statement in statements for line in self.laid(execute(statement))]

    def set_comment(self, operation: Operation, batch: bool) -> Code:
        to, was = operation.detail.get("to"), operation.detail.get("was")
        existing = text(was) if was else None
        if to is None:
            return self.on_table("drop_table_comment", operation, batch, existing_comment=existing)
        return self.on_table("create_table_comment", operation, batch, text(to), existing_comment=existing)

    def on_table(
        self, function: str, operation: Operation, batch: bool, *arguments: Code, **keywords: Code | None
    ) -> Call:
        """A call whose first argument is the table, unless the batch knows it."""
        if batch:
            return call(f"batch_op.{function}", *arguments, **keywords)
        table, namespace = split(operation.table)
        keywords["schema"] = text(namespace) if namespace else None
        return call(f"op.{function}", text(table), *arguments, **keywords)

    # Columns

    def add_column(self, operation: Operation, batch: bool) -> Code:
        return self.on_table("add_column", operation, batch, self.column(operation.detail["column"], None))

    def drop_column(self, operation: Operation, batch: bool) -> Code:
        return self.on_table("drop_column", operation, batch, text(operation.name))

    def column(self, column: Column, table: Table | None) -> Call:
        """As Alembic writes it; `table` is None where the column is added to one that is there."""
        if "server_default" in column.unknown:
            self.remarks.append(Remark("unknown", column.name, "its server default was not read and is left out"))
        generated: list[Code] = []
        if column.computed is not None:
            generated.append(computed(column.computed))
        if column.identity is not None:
            generated.append(identity(column.identity))
        alone = table is None and column.primary_key
        counted = column.autoincrement in ("True", "False")
        has_default = column.server_default is not None and "server_default" not in column.unknown
        return call(
            "sa.Column",
            text(column.name),
            self.type(column.type),
            *generated,
            primary_key="True" if alone else None,
            server_default=default(column.server_default) if has_default and column.server_default else None,
            autoincrement=column.autoincrement if counted else None,
            nullable=repr(column.nullable),
            comment=text(column.comment) if column.comment else None,
        )

    def type(self, type_: Type) -> Code:
        found = spelled(type_, self.form.module_of, exists=self.exists)
        if found.problem:
            raise NotWritten(f"the type of a column: {found.problem}")
        self.imports += found.imports
        return found.code

    def exists(self, type_: Type) -> bool:
        return self.form.may_be(POSTGRESQL) and (enum_key(type_) or "") in self.enums

    def alter_column(self, step: Step, batch: bool) -> Code:
        """What changes, and beside it what MySQL and SQLite must be told again."""
        operation, existing = step.operation, step.existing
        changed = operation.detail["set"]
        known = existing is not None and existing.type.family != "null"
        keywords: dict[str, Code | None] = {}
        if known and existing is not None:
            keywords["existing_type"] = self.existing_type(existing.type)
        if "type" in changed:
            keywords["type_"] = self.type(changed["type"])
        if "nullable" in changed:
            keywords["nullable"] = repr(changed["nullable"])
        if "server_default" in changed:
            value = changed["server_default"]
            keywords["server_default"] = default(value) if value is not None else "None"
        if "identity" in changed:
            keywords["server_default"] = identity(changed["identity"]) if changed["identity"] else "None"
        if "comment" in changed:
            keywords["comment"] = text(changed["comment"]) if changed["comment"] else "None"
        if existing is not None:
            keywords |= self.existing(existing, changed)
        if step.using and "type" in changed:
            keywords["postgresql_using"] = text(step.using)
        return self.on_table("alter_column", operation, batch, text(operation.name), **keywords)

    def existing_type(self, type_: Type) -> Code | None:
        found = spelled(type_, self.form.module_of, exists=self.exists)
        if found.problem:
            return None
        self.imports += found.imports
        return found.code

    @staticmethod
    def existing(column: Column, changed: dict[str, Any]) -> dict[str, Code | None]:
        found: dict[str, Code | None] = {}
        if "nullable" not in changed and "nullable" not in column.unknown:
            found["existing_nullable"] = repr(column.nullable)
        is_default = column.server_default is not None and "server_default" not in column.unknown
        if is_default and column.server_default and "server_default" not in changed:
            found["existing_server_default"] = default(column.server_default)
        if column.identity is not None:
            found["existing_server_default"] = identity(column.identity)
        if column.comment and "comment" not in changed:
            found["existing_comment"] = text(column.comment)
        return found

    def fill(self, operation: Operation) -> Code:
        table, column = sql_key(operation.table), sql_name(operation.name)
        value = operation.detail.get("value") or "NULL"
        return execute(f"UPDATE {table} SET {column} = {value} WHERE {column} IS NULL")  # noqa: S608  (for a file)

    # Indexes

    def create_index(self, operation: Operation, batch: bool) -> Code:
        index: Index = operation.detail["index"]
        if index.unknown:
            raise NotWritten(f"its {' and '.join(index.unknown)} could not be read as SQL")
        where = call("sa.text", text(index.where)) if index.where else None
        keywords: dict[str, Code | None] = {"unique": repr(index.unique)}
        table, namespace = split(operation.table)
        if not batch and namespace:
            keywords["schema"] = text(namespace)
        for dialect in ("postgresql", "sqlite", "mssql"):
            if where is not None and (dialect in self.form.dialects or (not self.form.dialects and dialect != "mssql")):
                keywords[f"{dialect}_where"] = where
        if index.using:
            prefix = "mysql" if self.form.dialects & {"mysql", "mariadb"} else "postgresql"
            keywords[f"{prefix}_using"] = text(index.using)
        keywords |= self.options(index.options)
        columns = Listed(tuple(self.index_column(each) for each in index.columns))
        arguments: list[Code] = [self.name(index.name) or "None"]
        arguments += [] if batch else [text(table)]
        return call(f"{'batch_op' if batch else 'op'}.create_index", *arguments, columns, **keywords)

    @staticmethod
    def index_column(written: str) -> Code:
        return text(written) if written.isidentifier() else call("sa.text", text(written))

    @staticmethod
    def options(options: tuple[tuple[str, str], ...]) -> dict[str, Code | None]:
        found: dict[str, Code | None] = {}
        for name, written in options:
            if not is_value(written):
                raise NotWritten(f"its option {name} was not read: {written}")
            found[name] = normal_quotes(written)
        return found

    def drop_index(self, operation: Operation, batch: bool) -> Code:
        if batch:
            return call("batch_op.drop_index", self.name(operation.name) or "None")
        table, namespace = split(operation.table)
        return call(
            "op.drop_index",
            self.name(operation.name) or "None",
            table_name=text(table) if table else None,
            schema=text(namespace) if namespace else None,
        )

    # Constraints

    def name(self, name: str | None, *, final: bool = False) -> Code | None:
        """A name that a convention has made says so, as Alembic does: another convention must not apply again."""
        if not name:
            return None
        return f"{self.prefix}.f({text(name)})" if final or name.startswith(CONVENTION_PREFIXES) else text(name)

    def constraint(self, element: ForeignKey | Unique | Check | Exclude) -> Code:
        """A constraint inside create_table."""
        if isinstance(element, ForeignKey):
            targets = [f"{element.referred}.{column}" for column in element.referred_columns]
            return call(
                "sa.ForeignKeyConstraint",
                texts(element.columns),
                texts(targets),
                name=self.name(element.name),
                **actions(element),
            )
        if isinstance(element, Unique):
            names = [text(column) for column in element.columns]
            return call("sa.UniqueConstraint", *names, name=self.name(element.name), **self.options(element.options))
        if isinstance(element, Check):
            return call("sa.CheckConstraint", condition(element), name=self.name(element.name, final=True))
        self.imports.append("from sqlalchemy.dialects import postgresql")
        return Call(
            "postgresql.ExcludeConstraint",
            (*exclusions(element), *((("name", named),) if (named := self.name(element.name)) else ())),
        )

    def create_primary_key(self, operation: Operation, batch: bool) -> Code:
        return self.created("create_primary_key", operation, batch, texts(operation.detail["constraint"].columns))

    def create_unique(self, operation: Operation, batch: bool) -> Code:
        element: Unique = operation.detail["constraint"]
        options = self.options(element.options)
        return self.created("create_unique_constraint", operation, batch, texts(element.columns), **options)

    def create_check(self, operation: Operation, batch: bool) -> Code:
        element: Check = operation.detail["constraint"]
        return self.created("create_check_constraint", operation, batch, condition(element))

    def create_exclude(self, operation: Operation, batch: bool) -> Code:
        made = self.created("create_exclude_constraint", operation, batch)
        return made.replace(arguments=(*made.arguments, *exclusions(operation.detail["constraint"])))

    def created(
        self,
        function: str,
        operation: Operation,
        batch: bool,
        *arguments: Code,
        **keywords: Code | None,
    ) -> Call:
        element = operation.detail["constraint"]
        name = self.name(element.name, final=isinstance(element, Check)) or "None"
        if batch:
            return call(f"batch_op.{function}", name, *arguments, **keywords)
        table, namespace = split(operation.table)
        keywords["schema"] = text(namespace) if namespace else None
        return call(f"op.{function}", name, text(table), *arguments, **keywords)

    def create_foreign_key(self, operation: Operation, batch: bool) -> Code:
        element: ForeignKey = operation.detail["constraint"]
        table, namespace = split(operation.table)
        other, other_namespace = split(element.referred)
        keywords = actions(element)
        if namespace and not batch:
            keywords["source_schema"] = text(namespace)
        if other_namespace:
            keywords["referent_schema"] = text(other_namespace)
        arguments: list[Code] = [self.name(element.name) or "None"]
        arguments += [] if batch else [text(table)]
        arguments += [text(other), texts(element.columns), texts(element.referred_columns)]
        return call(f"{'batch_op' if batch else 'op'}.create_foreign_key", *arguments, **keywords)

    def drop_constraint(self, operation: Operation, batch: bool) -> Code:
        kind = KINDS.get(operation.detail.get("kind", ""))
        name = self.name(operation.name, final=kind == "check") or "None"
        if batch:
            return call("batch_op.drop_constraint", name, type_=text(kind) if kind else None)
        table, namespace = split(operation.table)
        return call(
            "op.drop_constraint",
            name,
            text(table),
            schema=text(namespace) if namespace else None,
            type_=text(kind) if kind else None,
        )

    # Native enum types, which PostgreSQL alone has

    def on_postgresql(self, statements: Iterable[Code], *, autocommit: bool = False) -> list[str]:
        """Statements that other databases must not see."""
        if not self.form.may_be(POSTGRESQL):
            return []
        deeper = 4 + 4 * autocommit + 4 * (not self.form.postgresql_only)
        body = [line for each in statements for line in self.laid(each, deeper)]
        if autocommit:
            body = ["with op.get_context().autocommit_block():", *(f"    {line}" for line in body)]
        if self.form.postgresql_only:
            return body
        return ['if op.get_context().dialect.name == "postgresql":', *(f"    {line}" for line in body)]

    def create_namespace(self, operation: Operation) -> list[str]:
        return self.on_postgresql([execute(f"CREATE SCHEMA IF NOT EXISTS {sql_name(operation.name)}")])

    def create_enum(self, operation: Operation) -> list[str]:
        values = operation.detail.get("values")
        if values is None:
            raise NotWritten("its values were not read")
        return self.on_postgresql([execute(creation(operation.name, values))])

    def drop_enum(self, operation: Operation) -> list[str]:
        return self.on_postgresql([execute(f"DROP TYPE {sql_key(operation.name)}")])

    def rename_enum(self, operation: Operation) -> list[str]:
        to = sql_name(operation.detail["to"].rpartition(".")[2])
        return self.on_postgresql([execute(f"ALTER TYPE {sql_key(operation.name)} RENAME TO {to}")])

    def alter_enum(self, operation: Operation) -> list[str]:
        if operation.detail.get("values") is not None:
            return self.on_postgresql([execute(each) for each in replaced(operation)])
        key = sql_key(operation.name)
        renamed = [
            execute(f"ALTER TYPE {key} RENAME VALUE {sql_text(old)} TO {sql_text(new)}")
            for old, new in operation.detail.get("rename", {}).items()
        ]
        places: dict[str, str] = operation.detail.get("places", {})
        added = [
            execute(f"ALTER TYPE {key} ADD VALUE IF NOT EXISTS {sql_text(value)}{places.get(value, '')}")
            for value in operation.detail.get("add", ())
        ]
        found = self.on_postgresql(renamed) if renamed else []
        # A value that is added in a transaction cannot be used in it, and before PostgreSQL 12 not be added at all.
        return found + (self.on_postgresql(added, autocommit=True) if added else [])


ENUMS: dict[str, Callable[[_Writer, Operation], list[str]]] = {
    "create_namespace": _Writer.create_namespace,
    "create_enum": _Writer.create_enum,
    "drop_enum": _Writer.drop_enum,
    "rename_enum": _Writer.rename_enum,
    "alter_enum": _Writer.alter_enum,
}


# SQL of enum types


def execute(sql: str) -> Code:
    """Alembic takes the text for `sa.text`, where a colon starts a parameter."""
    return call("op.execute", text(escaped(sql)))


def escaped(sql: str) -> str:
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql)


def creation(key: str, values: Iterable[str]) -> str:
    return f"CREATE TYPE {sql_key(key)} AS ENUM ({', '.join(sql_text(value) for value in values)})"


def replaced(operation: Operation) -> Iterable[str]:
    """A type that loses values is made anew beside the old one, and every column converted."""
    key = operation.name
    namespace, _, name = key.rpartition(".")
    old = f"{name}_old"
    old_key = f"{namespace}.{old}" if namespace else old
    yield f"ALTER TYPE {sql_key(key)} RENAME TO {sql_name(old)}"
    yield creation(key, operation.detail["values"])
    for table, column, value, is_array in operation.detail.get("users", ()):
        place, name = f"ALTER TABLE {sql_key(table)} ALTER COLUMN {sql_name(column)}", sql_name(column)
        brackets = "[]" if is_array else ""
        if value is not None:
            yield f"{place} DROP DEFAULT"
        yield f"{place} TYPE {sql_key(key)}{brackets} USING {name}::text{brackets}::{sql_key(key)}{brackets}"
        if value is not None:
            yield f"{place} SET DEFAULT {value}"
    yield f"DROP TYPE {sql_key(old_key)}"


# Small questions


def split(key: str) -> tuple[str, str | None]:
    """Name and namespace of a table's key."""
    namespace, _, name = key.rpartition(".")
    return name, namespace or None


def default(written: str) -> Code:
    """A server default: a quoted string is the string itself, all else is SQL."""
    if len(written) > 1 and written[0] == written[-1] == "'" and "'" not in written[1:-1].replace("''", ""):
        return text(written[1:-1].replace("''", "'"))
    return call("sa.text", text(escaped(written)))


def computed(written: str) -> Code:
    for suffix, persisted in ((" STORED", "True"), (" VIRTUAL", "False")):
        if written.endswith(suffix):
            return call("sa.Computed", text(written.removesuffix(suffix)), persisted=persisted)
    return call("sa.Computed", text(written))


def identity(written: str) -> Code:
    """From "always=True start=1", or from what SQL says: "always", "by default"."""
    if "=" not in written:
        return call("sa.Identity", always=repr(written == "always"))
    given = dict(part.split("=", 1) for part in written.split())
    kept: dict[str, Code | None] = {key: value for key, value in given.items() if (key, value) != ("always", "False")}
    return call("sa.Identity", **kept)


def actions(element: ForeignKey) -> dict[str, Code | None]:
    return {
        "onupdate": text(element.onupdate) if element.onupdate else None,
        "ondelete": text(element.ondelete) if element.ondelete else None,
        "initially": text(element.initially) if element.initially else None,
        "deferrable": repr(element.deferrable) if element.deferrable is not None else None,
        "use_alter": "True" if element.use_alter else None,
    }


def condition(element: Check) -> Code:
    if element.unknown:
        raise NotWritten(f"the condition of {element.name or 'a check'} could not be read as SQL")
    return call("sa.text", text(element.text)) if ":" in element.text else text(element.text)


def exclusions(element: Exclude) -> tuple[tuple[str, Code], ...]:
    """The arguments of an EXCLUDE constraint, where they are plain values."""
    try:
        node = ast.parse(f"f({element.text})", mode="eval").body
    except SyntaxError:
        node = None
    if not isinstance(node, ast.Call) or not is_code(f"f({element.text})"):
        raise NotWritten(f"EXCLUDE was not read: {element.text}")
    plain = [("", normal_quotes(ast.unparse(each))) for each in node.args]
    return (*plain, *((word.arg or "", normal_quotes(ast.unparse(word.value))) for word in node.keywords))


def is_value(written: str) -> bool:
    try:
        ast.literal_eval(written)
    except (ValueError, SyntaxError):
        return False
    return True


def not_on_sqlite(step: Step) -> str:
    """What batch mode cannot do on SQLite; "" where it can do all of it."""
    operation = step.operation
    if step.is_nameless and operation.detail.get("kind") == "primary_key":
        return "SQLite: a primary key without a name gives way to a new one, and cannot go without"
    if operation.op == "alter_column" and "identity" in operation.detail["set"]:
        return "SQLite has no IDENTITY"
    return ""


def one_line(message: str) -> str:
    return " ".join(message.split())
