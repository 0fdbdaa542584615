"""One operation as Alembic's calls: the same text in a message and in a revision that is written."""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.schema.casts import sql_key, sql_name
from gitmig.schema.elements import Check, Exclude, ForeignKey, Unique, enum_key, name_and_namespace
from gitmig.schema.layout import WIDTH, Call, Listed, NotWritten, call, text, texts
from gitmig.schema.postgresql_code import escaped, execute
from gitmig.schema.type_code import is_code, normal_quotes, spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gitmig.schema.elements import Column, Index, Table, Type
    from gitmig.schema.layout import Code
    from gitmig.schema.operations import Operation

CONVENTION_PREFIXES = ("ix_", "uq_", "ck_", "fk_", "pk_")
KINDS = {"primary_key": "primary", "unique": "unique", "foreign_key": "foreignkey", "check": "check"}


class Form(Frozen):
    """How a revision of this environment is written.

    `dialects` are those that the project is known to use, `batch` says that env.py asks for batch mode; `module_of`
    gives the dotted name of a file of the tree.
    """

    dialects: frozenset[str] = frozenset()
    batch: bool = False
    width: int = WIDTH
    module_of: Callable[[str], str] = staticmethod(lambda path: "")  # a plain function would be a method of each Form

    @property
    def postgresql_only(self) -> bool:
        return self.dialects == {"postgresql"}

    @property
    def is_sqlite(self) -> bool:
        """No other database is known of: where batch mode is asked for, that is the reason."""
        return self.dialects <= {"sqlite"}

    def may_be(self, dialect: str) -> bool:
        return self.is_sqlite or dialect in self.dialects


class Coder:
    """Writes one operation; in batch mode the block knows the table.

    `is_shown`: a person reads it before anything runs, so that a type stands as the models have it where a revision
    would have to know more.

    `existing` is the column that it changes as the database has it, `using` how its values are converted, `enums` are
    the native enum types that are there already.  `imports` is what the calls need, `omitted` what they leave out: the
    name of a column and why.
    """

    def __init__(
        self,
        form: Form,
        *,
        is_batch: bool = False,
        is_shown: bool = False,
        existing: Column | None = None,
        using: str = "",
        enums: frozenset[str] = frozenset(),
    ) -> None:
        self.form = form
        self.is_batch = is_batch
        self.is_shown = is_shown
        self.existing = existing
        self.using = using
        self.enums = enums
        self.imports: list[str] = []
        self.omitted: list[tuple[str, str]] = []

    def calls(self, operation: Operation) -> list[Code]:
        """Usually one; raises NotWritten."""
        if operation.op == "create_table":
            table: Table = operation.detail["table"]
            return [self.create_table(table), *(self.index(each, table.key) for each in table.indexes)]
        if operation.op == "rename_table" and is_moved(operation):
            return move_table(operation)
        write = CALLS.get(operation.op)
        if write is None:
            raise NotWritten("there is no operation of Alembic for it")
        return [write(self, operation)]

    @property
    def prefix(self) -> str:
        return "batch_op" if self.is_batch else "op"

    def on_table(self, function: str, operation: Operation, *arguments: Code, **keywords: Code | None) -> Call:
        """A call whose first argument is the table, unless the batch knows it."""
        if self.is_batch:
            return call(f"batch_op.{function}", *arguments, **keywords)
        table, namespace = name_and_namespace(operation.table)
        keywords["schema"] = text(namespace) if namespace else None
        return call(f"op.{function}", text(table), *arguments, **keywords)

    def name(self, name: str | None, *, final: bool = False) -> Code | None:
        """A name that a convention has made says so, as Alembic does: another convention must not apply again."""
        if not name:
            return None
        return f"{self.prefix}.f({text(name)})" if final or name.startswith(CONVENTION_PREFIXES) else text(name)

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

    def drop_table(self, operation: Operation) -> Code:
        return self.on_table("drop_table", operation)

    def rename_table(self, operation: Operation) -> Code:
        return self.on_table("rename_table", operation, text(name_and_namespace(operation.detail["to"])[0]))

    def set_comment(self, operation: Operation) -> Code:
        to, was = operation.detail.get("to"), operation.detail.get("was")
        existing = text(was) if was else None
        if to is None:
            return self.on_table("drop_table_comment", operation, existing_comment=existing)
        return self.on_table("create_table_comment", operation, text(to), existing_comment=existing)

    # Columns

    def add_column(self, operation: Operation) -> Code:
        return self.on_table("add_column", operation, self.column(operation.detail["column"], None))

    def drop_column(self, operation: Operation) -> Code:
        return self.on_table("drop_column", operation, text(operation.name))

    def rename_column(self, operation: Operation) -> Code:
        existing = {"existing_type": self.type(self.existing.type)} if self.existing is not None else {}
        to = text(operation.detail["to"])
        return self.on_table("alter_column", operation, text(operation.name), new_column_name=to, **existing)

    def column(self, column: Column, table: Table | None) -> Call:
        """As Alembic writes it; `table` is None where the column is added to one that is there."""
        if "server_default" in column.unknown:
            self.omitted.append((column.name, "its server default was not read and is left out"))
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
        if found.problem and self.is_shown:
            return type_.text or found.code
        if found.problem:
            raise NotWritten(f"the type of a column: {found.problem}")
        self.imports += found.imports
        return found.code

    def exists(self, type_: Type) -> bool:
        return self.form.may_be("postgresql") and (enum_key(type_) or "") in self.enums

    def alter_column(self, operation: Operation) -> Code:
        """What changes, and beside it what MySQL and SQLite must be told again."""
        existing = self.existing
        changed = operation.detail["set"]
        keywords: dict[str, Code | None] = {}
        if existing is not None and existing.type.family != "null":
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
            keywords |= as_it_was(existing, changed)
        if self.using and "type" in changed:
            keywords["postgresql_using"] = text(self.using)
        return self.on_table("alter_column", operation, text(operation.name), **keywords)

    def existing_type(self, type_: Type) -> Code | None:
        found = spelled(type_, self.form.module_of, exists=self.exists)
        if found.problem:
            return None
        self.imports += found.imports
        return found.code

    # Indexes

    def create_index(self, operation: Operation) -> Code:
        return self.index(operation.detail["index"], operation.table)

    def index(self, index: Index, table_key: str) -> Code:
        if index.unknown:
            raise NotWritten(f"its {' and '.join(index.unknown)} could not be read as SQL")
        where = call("sa.text", text(index.where)) if index.where else None
        keywords: dict[str, Code | None] = {"unique": repr(index.unique)}
        table, namespace = name_and_namespace(table_key)
        if not self.is_batch and namespace:
            keywords["schema"] = text(namespace)
        known = self.form.dialects
        for dialect in ("postgresql", "sqlite", "mssql"):
            if where is not None and (dialect in known or (not known and dialect != "mssql")):
                keywords[f"{dialect}_where"] = where
        if index.using:
            prefix = "mysql" if known & {"mysql", "mariadb"} else "postgresql"
            keywords[f"{prefix}_using"] = text(index.using)
        keywords |= options_of(index.options)
        columns = Listed(tuple(index_column(each) for each in index.columns))
        arguments: list[Code] = [self.name(index.name) or "None"]
        arguments += [] if self.is_batch else [text(table)]
        return call(f"{self.prefix}.create_index", *arguments, columns, **keywords)

    def drop_index(self, operation: Operation) -> Code:
        name = self.name(operation.name) or "None"
        if self.is_batch:
            return call("batch_op.drop_index", name)
        table, namespace = name_and_namespace(operation.table)
        return call(
            "op.drop_index",
            name,
            table_name=text(table) if table else None,
            schema=text(namespace) if namespace else None,
        )

    # Constraints

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
            return call("sa.UniqueConstraint", *names, name=self.name(element.name), **options_of(element.options))
        if isinstance(element, Check):
            return call("sa.CheckConstraint", condition(element), name=self.name(element.name, final=True))
        self.imports.append("from sqlalchemy.dialects import postgresql")
        return Call(
            "postgresql.ExcludeConstraint",
            (*exclusions(element), *((("name", named),) if (named := self.name(element.name)) else ())),
        )

    def create_primary_key(self, operation: Operation) -> Code:
        return self.created("create_primary_key", operation, texts(operation.detail["constraint"].columns))

    def create_unique(self, operation: Operation) -> Code:
        element: Unique = operation.detail["constraint"]
        options = options_of(element.options)
        return self.created("create_unique_constraint", operation, texts(element.columns), **options)

    def create_check(self, operation: Operation) -> Code:
        return self.created("create_check_constraint", operation, condition(operation.detail["constraint"]))

    def create_exclude(self, operation: Operation) -> Code:
        made = self.created("create_exclude_constraint", operation)
        elements = exclusions(operation.detail["constraint"])
        # Alembic makes a column of each element, and a text has no name that it could have.
        named = [(word, code if word else with_name(str(code))) for word, code in elements]
        return made.replace(arguments=(*made.arguments, *named))

    def created(self, function: str, operation: Operation, *arguments: Code, **keywords: Code | None) -> Call:
        element = operation.detail["constraint"]
        name = self.name(element.name, final=isinstance(element, Check)) or "None"
        if self.is_batch:
            return call(f"batch_op.{function}", name, *arguments, **keywords)
        table, namespace = name_and_namespace(operation.table)
        keywords["schema"] = text(namespace) if namespace else None
        return call(f"op.{function}", name, text(table), *arguments, **keywords)

    def create_foreign_key(self, operation: Operation) -> Code:
        element: ForeignKey = operation.detail["constraint"]
        table, namespace = name_and_namespace(operation.table)
        other, other_namespace = name_and_namespace(element.referred)
        keywords = actions(element)
        if namespace and not self.is_batch:
            keywords["source_schema"] = text(namespace)
        if other_namespace:
            keywords["referent_schema"] = text(other_namespace)
        arguments: list[Code] = [self.name(element.name) or "None"]
        arguments += [] if self.is_batch else [text(table)]
        arguments += [text(other), texts(element.columns), texts(element.referred_columns)]
        return call(f"{self.prefix}.create_foreign_key", *arguments, **keywords)

    def drop_constraint(self, operation: Operation) -> Code:
        kind = KINDS.get(operation.detail.get("kind", ""))
        name = self.name(operation.name, final=kind == "check") or "None"
        if self.is_batch:
            return call("batch_op.drop_constraint", name, type_=text(kind) if kind else None)
        table, namespace = name_and_namespace(operation.table)
        return call(
            "op.drop_constraint",
            name,
            text(table),
            schema=text(namespace) if namespace else None,
            type_=text(kind) if kind else None,
        )


CALLS: dict[str, Callable[[Coder, Operation], Code]] = {
    "drop_table": Coder.drop_table,
    "rename_table": Coder.rename_table,
    "set_comment": Coder.set_comment,
    "add_column": Coder.add_column,
    "drop_column": Coder.drop_column,
    "rename_column": Coder.rename_column,
    "alter_column": Coder.alter_column,
    "create_index": Coder.create_index,
    "drop_index": Coder.drop_index,
    "create_primary_key": Coder.create_primary_key,
    "create_unique": Coder.create_unique,
    "create_foreign_key": Coder.create_foreign_key,
    "create_check": Coder.create_check,
    "create_exclude": Coder.create_exclude,
    "drop_constraint": Coder.drop_constraint,
}


# Parts of calls


def is_moved(operation: Operation) -> bool:
    return name_and_namespace(operation.table)[1] != name_and_namespace(operation.detail["to"])[1]


def move_table(operation: Operation) -> list[Code]:
    """Into another namespace; Alembic has no operation for it."""
    key, to = operation.table, operation.detail["to"]
    (old, _), (new, namespace) = name_and_namespace(key), name_and_namespace(to)
    namespace = namespace or "public"
    found: list[Code] = [execute(f"ALTER TABLE {sql_key(key)} SET SCHEMA {sql_name(namespace)}")]
    if old != new:
        found.append(execute(f"ALTER TABLE {sql_name(namespace)}.{sql_name(old)} RENAME TO {sql_name(new)}"))
    return found


def as_it_was(column: Column, changed: dict[str, Any]) -> dict[str, Code | None]:
    """What stays of a column that is altered."""
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


def index_column(written: str) -> Code:
    return text(written) if written.isidentifier() else call("sa.text", text(written))


def options_of(options: tuple[tuple[str, str], ...]) -> dict[str, Code | None]:
    found: dict[str, Code | None] = {}
    for name, written in options:
        if not is_value(written):
            raise NotWritten(f"its option {name} was not read: {written}")
        found[name] = normal_quotes(written)
    return found


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


def with_name(element: str) -> str:
    """An element of EXCLUDE for an operation."""
    start = "(sa.text("
    return f"(sa.literal_column({element[len(start) :]}" if element.startswith(start) else element


def is_value(written: str) -> bool:
    try:
        ast.literal_eval(written)
    except (ValueError, SyntaxError):
        return False
    return True
