"""A schema, or the difference of two, as a tree for people and as JSON."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.report.escape import safe
from gitmig.schema.elements import Schema
from gitmig.schema.operations import Operation, encode
from gitmig.schema.texts import text_of_column, text_of_element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from gitmig.schema.elements import Column, Table, Unknown


class EnvironmentSchema(Frozen):
    """One environment of one tree, or one of its databases; `source` is models or chain."""

    name: str
    source: str
    schema: Schema
    database: str = ""


class EnvironmentDifference(Frozen):
    """What leads from one schema to another; both are kept for the picture."""

    name: str
    source: str
    operations: tuple[Operation, ...]
    old: Schema
    new: Schema
    database: str = ""


# A schema


def render_schema(environments: Sequence[EnvironmentSchema]) -> str:
    """Tables with their columns, keys, constraints and indexes."""
    lines: list[str] = []
    for one in environments:
        lines.append(f"{safe(title(one))}: {one.source}, {counted(len(one.schema.tables), 'table')}")
        for _key, table in sorted(one.schema.tables.items()):
            lines += [f"  {line}" for line in lines_of_table(table)]
        for name, enum in sorted(one.schema.enums.items()):
            lines.append(f"  enum {safe(name)}: {safe(', '.join(enum.values or ('unknown',)))}")
        lines += [f"  {line_of_unknown(unknown)}" for unknown in one.schema.unknown]
    return "\n".join(lines) + "\n" if lines else "no Alembic environment was found\n"


def lines_of_table(table: Table) -> Iterator[str]:
    yield safe(table.key)
    width = max((len(column.name) for column in table.columns), default=0)
    for column in table.columns:
        yield f"  {safe(column.name):<{width}}  {line_of_column(column)}"
    groups: tuple[Sequence[Any], ...] = (
        table.uniques,
        table.foreign_keys,
        table.checks,
        table.excludes,
        table.indexes,
    )
    for element in (each for group in groups for each in group):
        named = f" {element.name}" if element.name else ""
        yield f"  {safe(text_of_element(element) + named)}"
    for unknown in table.unknown:
        yield f"  {line_of_unknown(unknown)}"


def line_of_column(column: Column) -> str:
    parts = [text_of_column(column)]
    if column.primary_key:
        parts.append("primary key")
    if column.server_default is not None:
        parts.append(f"default {column.server_default}")
    if column.unknown:
        parts.append(f"unknown: {', '.join(column.unknown)}")
    return safe(", ".join(parts))


def line_of_unknown(unknown: Unknown) -> str:
    origin = unknown.origin
    where = f" ({origin.path}:{origin.line})" if origin.path else ""
    return safe(f"unknown: {unknown.what}: {unknown.why}{where}")


def render_schema_json(environments: Sequence[EnvironmentSchema]) -> str:
    from gitmig.schema.encoding import encode_schema

    found = [{**named(one), **encode_schema(one.schema)} for one in environments]
    return as_json({"schema": 1, "environments": found})


# A difference


def render_difference(environments: Sequence[EnvironmentDifference]) -> str:
    """One line an operation, under its table: + comes, - goes, ~ changes."""
    lines: list[str] = []
    for one in environments:
        lines.append(f"{safe(title(one))}: {one.source}, {counted(len(one.operations), 'operation')}")
        table = None
        for operation in sorted(one.operations, key=lambda each: each.table or each.name):
            if operation.table != table and operation.table and operation.op not in ("create_table", "drop_table"):
                lines.append(f"  {safe(operation.table)}")
            table = operation.table
            lines += [f"  {line}" for line in lines_of_operation(operation)]
    return "\n".join(lines) + "\n" if lines else "no Alembic environment was found\n"


def lines_of_operation(operation: Operation) -> Iterable[str]:
    op, detail = operation.op, operation.detail
    if op == "create_table":
        first, *rest = lines_of_table(detail["table"])
        return [f"+ {first}", *(f"+ {line}" for line in rest)]
    if op == "drop_table":
        return [f"- {safe(operation.table)}"]
    if op == "add_column":
        return [f"  + {safe(operation.name)}  {line_of_column(detail['column'])}"]
    if op == "alter_column":
        was = detail.get("was", {})
        changed = [f"{name} {shown(was.get(name))} -> {shown(value)}" for name, value in detail["set"].items()]
        return [f"  ~ {safe(operation.name)}  {safe(', '.join(changed))}"]
    sign = "-" if op.startswith("drop_") else "+" if op.startswith("create_") else "~"
    element = detail.get("index") or detail.get("constraint")
    text = text_of_element(element) if element is not None else op.partition("_")[2].replace("_", " ")
    if "kind" in detail:
        text = str(detail["kind"]).replace("_", " ")
    if op == "alter_enum":
        added, dropped = detail.get("add", ()), detail.get("drop", ())
        text = ", ".join([*(f"+{value}" for value in added), *(f"-{value}" for value in dropped)])
    return [f"  {sign} {safe(' '.join(part for part in (text, operation.name) if part))}"]


def shown(value: object) -> str:
    """A value of an attribute, as a person reads it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(getattr(value, "text", "") or getattr(value, "family", "") or value)


def render_difference_json(environments: Sequence[EnvironmentDifference]) -> str:
    found = [{**named(one), "operations": [encode(each) for each in one.operations]} for one in environments]
    return as_json({"schema": 1, "environments": found})


def named(one: EnvironmentSchema | EnvironmentDifference) -> dict[str, Any]:
    found = {"name": one.name, "source": one.source}
    return {**found, "database": one.database} if one.database else found


def title(one: EnvironmentSchema | EnvironmentDifference) -> str:
    return f"{one.name}, database {one.database}" if one.database else one.name


def as_json(value: Any) -> str:
    import json

    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def counted(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
