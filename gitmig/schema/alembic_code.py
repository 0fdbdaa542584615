"""One operation as the line of Alembic that does it, to show in a message; a whole revision is written elsewhere."""

from __future__ import annotations

from gitmig.schema.databases import without_database
from gitmig.schema.elements import Check, Column, Exclude, ForeignKey, Index, PrimaryKey, Table, Unique
from gitmig.schema.operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def alembic_code(operation: Operation) -> str:
    """The call, such as `op.add_column("books", sa.Column("isbn", sa.String(length=13)))`; "" where there is none."""
    _, operation = without_database(operation)
    write = WRITERS.get(operation.op)
    return write(operation) if write is not None else ""


def call(function: str, *arguments: str, **keywords: Any) -> str:
    """Keywords that are None or False stand for their default and are left out."""
    named = [f"{key}={value if type(value) is Code else literal(value)}" for key, value in keywords.items() if value]
    return f"{function}({', '.join([*arguments, *named])})"


class Code(str):
    """Text that is source already."""


def literal(value: object) -> str:
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{text}"'
    if isinstance(value, tuple | list):
        return f"[{', '.join(literal(each) for each in value)}]"
    return repr(value)


def split(key: str) -> tuple[str, str | None]:
    """Name and namespace of a table's key."""
    namespace, _, name = key.rpartition(".")
    return name, namespace or None


def on_table(function: str, operation: Operation, *arguments: str, **keywords: Any) -> str:
    """A call whose first argument is the table."""
    name, namespace = split(operation.table)
    return call(function, literal(name), *arguments, **keywords, schema=namespace)


def type_code(text: str, family: str) -> str:
    return text or f"sa.{family.capitalize()}()"


def column_code(column: Column) -> str:
    return call(
        "sa.Column",
        literal(column.name),
        type_code(column.type.text, column.type.family),
        *([f"sa.Computed({literal(column.computed)})"] if column.computed is not None else []),
        *(["sa.Identity()"] if column.identity is not None else []),
        primary_key=column.primary_key,
        nullable=Code("False") if not column.nullable and not column.primary_key else None,
        server_default=default_code(column.server_default),
        comment=column.comment,
    )


def default_code(text: str | None) -> Code | None:
    """A server default: SQL stays SQL, a quoted string is the string itself."""
    if text is None:
        return None
    if len(text) > 1 and text[0] == text[-1] == "'":
        return Code(literal(text[1:-1].replace("''", "'")))
    return Code(f"sa.text({literal(text)})")


def create_table(operation: Operation) -> str:
    table: Table = operation.detail["table"]
    parts = [column_code(column) for column in table.columns]
    parts += [element_code(element) for element in table.foreign_keys]
    parts += [element_code(element) for element in table.uniques]
    parts += [element_code(element) for element in table.checks]
    return call("op.create_table", literal(table.name), *parts, schema=table.namespace, comment=table.comment)


def element_code(element: ForeignKey | Unique | Check) -> str:
    """A constraint inside create_table."""
    if isinstance(element, ForeignKey):
        target = [f"{element.referred}.{column}" for column in element.referred_columns]
        return call(
            "sa.ForeignKeyConstraint",
            literal(element.columns),
            literal(target),
            name=element.name,
            ondelete=element.ondelete,
        )
    if isinstance(element, Unique):
        return call("sa.UniqueConstraint", *(literal(column) for column in element.columns), name=element.name)
    return call("sa.CheckConstraint", literal(element.text), name=element.name)


def add_column(operation: Operation) -> str:
    return on_table("op.add_column", operation, column_code(operation.detail["column"]))


def alter_column(operation: Operation) -> str:
    changed = operation.detail.get("set", {})
    keywords: dict[str, Any] = {}
    if "type" in changed:
        keywords["type_"] = Code(type_code(changed["type"].text, changed["type"].family))
    if "nullable" in changed:
        keywords["nullable"] = Code(str(changed["nullable"]))
    if "server_default" in changed:
        keywords["server_default"] = default_code(changed["server_default"]) or Code("None")
    if "comment" in changed:
        keywords["comment"] = Code(literal(changed["comment"])) if changed["comment"] else Code("None")
    return on_table("op.alter_column", operation, literal(operation.name), **keywords)


def create_index(operation: Operation) -> str:
    index: Index = operation.detail["index"]
    name, namespace = split(operation.table)
    return call(
        "op.create_index",
        literal(index.name),
        literal(name),
        literal(index.columns),
        unique=index.unique,
        schema=namespace,
        postgresql_where=Code(f"sa.text({literal(index.where)})") if index.where else None,
        postgresql_using=index.using,
    )


def drop_index(operation: Operation) -> str:
    name, namespace = split(operation.table)
    return call("op.drop_index", literal(operation.name), table_name=name, schema=namespace)


def create_constraint(operation: Operation) -> str:
    element: PrimaryKey | Unique | ForeignKey | Check | Exclude = operation.detail["constraint"]
    name, namespace = split(operation.table)
    own = literal(element.name) if element.name else "None"
    if isinstance(element, PrimaryKey):
        return call("op.create_primary_key", own, literal(name), literal(element.columns), schema=namespace)
    if isinstance(element, Unique):
        return call("op.create_unique_constraint", own, literal(name), literal(element.columns), schema=namespace)
    if isinstance(element, ForeignKey):
        other, other_namespace = split(element.referred)
        return call(
            "op.create_foreign_key",
            own,
            literal(name),
            literal(other),
            literal(element.columns),
            literal(element.referred_columns),
            ondelete=element.ondelete,
            onupdate=element.onupdate,
            source_schema=namespace,
            referent_schema=other_namespace,
        )
    if isinstance(element, Check):
        return call("op.create_check_constraint", own, literal(name), literal(element.text), schema=namespace)
    return ""


def drop_constraint(operation: Operation) -> str:
    name, namespace = split(operation.table)
    kind = {"foreign_key": "foreignkey", "primary_key": "primary"}.get(operation.detail.get("kind", ""))
    own = literal(operation.name) if operation.name else "None"
    return call(
        "op.drop_constraint", own, literal(name), type_=kind or operation.detail.get("kind") or None, schema=namespace
    )


def alter_enum(operation: Operation) -> str:
    added: Iterable[str] = operation.detail.get("add", ())
    lines = [f"ALTER TYPE {operation.name} ADD VALUE '{value}'" for value in added]
    return "; ".join(f"op.execute({literal(line)})" for line in lines)


def rename_column(operation: Operation) -> str:
    return on_table("op.alter_column", operation, literal(operation.name), new_column_name=operation.detail["to"])


def rename_table(operation: Operation) -> str:
    return on_table("op.rename_table", operation, literal(split(operation.detail["to"])[0]))


def set_comment(operation: Operation) -> str:
    if operation.detail.get("to") is None:
        return on_table("op.drop_table_comment", operation)
    return on_table("op.create_table_comment", operation, literal(operation.detail["to"]))


WRITERS: dict[str, Callable[[Operation], str]] = {
    "create_table": create_table,
    "drop_table": lambda operation: on_table("op.drop_table", operation),
    "rename_table": rename_table,
    "add_column": add_column,
    "drop_column": lambda operation: on_table("op.drop_column", operation, literal(operation.name)),
    "alter_column": alter_column,
    "rename_column": rename_column,
    "create_index": create_index,
    "drop_index": drop_index,
    "create_primary_key": create_constraint,
    "create_unique": create_constraint,
    "create_foreign_key": create_constraint,
    "create_check": create_constraint,
    "drop_constraint": drop_constraint,
    "alter_enum": alter_enum,
    "set_comment": set_comment,
}
