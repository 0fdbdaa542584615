"""Native enum types and namespaces as SQL: PostgreSQL alone has them, and Alembic no operation for them."""

from __future__ import annotations

import re

from gitmig.frozen import Frozen
from gitmig.schema.casts import sql_key, sql_name, sql_text
from gitmig.schema.elements import name_and_namespace
from gitmig.schema.layout import NotWritten, call, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gitmig.schema.layout import Code
    from gitmig.schema.operations import Operation


class Statement(Frozen):
    """`autocommit`: it must run outside of the transaction."""

    code: Code
    autocommit: bool = False


def statements_of(operation: Operation) -> tuple[Statement, ...]:
    """What other databases must not see, nothing for any other operation; raises NotWritten."""
    write = STATEMENTS.get(operation.op)
    return tuple(write(operation)) if write is not None else ()


def execute(sql: str) -> Code:
    """Alembic takes the text for `sa.text`, where a colon starts a parameter."""
    return call("op.execute", text(escaped(sql)))


def escaped(sql: str) -> str:
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql)


def create_namespace(operation: Operation) -> Iterator[Statement]:
    yield Statement(execute(f"CREATE SCHEMA IF NOT EXISTS {sql_name(operation.name)}"))


def create_enum(operation: Operation) -> Iterator[Statement]:
    values = operation.detail.get("values")
    if values is None:
        raise NotWritten("its values were not read")
    yield Statement(execute(creation(operation.name, values)))


def drop_enum(operation: Operation) -> Iterator[Statement]:
    yield Statement(execute(f"DROP TYPE {sql_key(operation.name)}"))


def rename_enum(operation: Operation) -> Iterator[Statement]:
    to = sql_name(name_and_namespace(operation.detail["to"])[0])
    yield Statement(execute(f"ALTER TYPE {sql_key(operation.name)} RENAME TO {to}"))


def alter_enum(operation: Operation) -> Iterator[Statement]:
    if operation.detail.get("values") is not None:
        yield from (Statement(execute(each)) for each in replaced(operation))
        return
    key = sql_key(operation.name)
    for old, new in operation.detail.get("rename", {}).items():
        yield Statement(execute(f"ALTER TYPE {key} RENAME VALUE {sql_text(old)} TO {sql_text(new)}"))
    places: dict[str, str] = operation.detail.get("places", {})
    for value in operation.detail.get("add", ()):
        # A value that is added in a transaction cannot be used in it, and before PostgreSQL 12 not be added at all.
        sql = f"ALTER TYPE {key} ADD VALUE IF NOT EXISTS {sql_text(value)}{places.get(value, '')}"
        yield Statement(execute(sql), autocommit=True)


def creation(key: str, values: Iterable[str]) -> str:
    return f"CREATE TYPE {sql_key(key)} AS ENUM ({', '.join(sql_text(value) for value in values)})"


def replaced(operation: Operation) -> Iterator[str]:
    """A type that loses values is made anew beside the old one, and every column converted."""
    key = operation.name
    name, namespace = name_and_namespace(key)
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


STATEMENTS: dict[str, Callable[[Operation], Iterator[Statement]]] = {
    "create_namespace": create_namespace,
    "create_enum": create_enum,
    "drop_enum": drop_enum,
    "rename_enum": rename_enum,
    "alter_enum": alter_enum,
}
