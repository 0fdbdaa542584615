"""A schema, or what changed in it, as an entity relationship diagram of Mermaid, which GitHub and GitLab draw."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gitmig.report.schema import EnvironmentDifference, EnvironmentSchema
    from gitmig.schema.elements import Column, Table

HEAD = "erDiagram"


def render_schema_mermaid(environments: Sequence[EnvironmentSchema]) -> str:
    """All tables and the foreign keys between them."""
    lines = [HEAD]
    for one in environments:
        lines += lines_of_tables(one.schema.tables, {}, database=one.database)
    return "\n".join(lines) + "\n"


def render_difference_mermaid(environments: Sequence[EnvironmentDifference]) -> str:
    """The tables that change, with what is new, gone or changed said beside each column."""
    lines = [HEAD]
    for one in environments:
        touched = {operation.table for operation in one.operations if operation.table}
        tables = {key: one.new.tables.get(key) or one.old.tables.get(key) for key in sorted(touched)}
        remarks = dict(remarks_of(one))
        known = {key: table for key, table in tables.items() if table is not None}
        lines += lines_of_tables(known, remarks, gone_columns(one, known), one.database)
    return "\n".join(lines) + "\n"


def remarks_of(one: EnvironmentDifference) -> Iterator[tuple[tuple[str, str], str]]:
    """What to say beside a column, or, with an empty column, beside a whole table."""
    for operation in one.operations:
        if operation.op in ("create_table", "drop_table"):
            yield (operation.table, ""), "new" if operation.op == "create_table" else "dropped"
        elif operation.op in ("add_column", "drop_column", "alter_column"):
            words = {"add_column": "new", "drop_column": "dropped", "alter_column": "changed"}
            yield (operation.table, operation.name), words[operation.op]


def gone_columns(one: EnvironmentDifference, tables: Mapping[str, Table]) -> dict[str, list[Column]]:
    """Dropped columns of tables that stay, which the new schema does not have any more."""
    gone: dict[str, list[Column]] = {}
    for operation in one.operations:
        old = one.old.tables.get(operation.table)
        column = old.column(operation.name) if old is not None and operation.op == "drop_column" else None
        if column is not None and operation.table in tables:
            gone.setdefault(operation.table, []).append(column)
    return gone


def lines_of_tables(
    tables: Mapping[str, Table],
    remarks: Mapping[tuple[str, str], str],
    gone: Mapping[str, Sequence[Column]] | None = None,
    database: str = "",
) -> list[str]:
    lines = []
    for key, table in sorted(tables.items()):
        lines.append(f"    {entity(key, database)} {{")
        foreign = {column for each in table.foreign_keys for column in each.columns}
        for column in (*table.columns, *(gone or {}).get(key, ())):
            remark = remarks.get((key, "")) or remarks.get((key, column.name), "")
            lines.append(f"        {line_of_column(column, foreign, remark)}")
        lines.append("    }")
    lines += sorted(set(relations(tables, database)))
    return lines


def line_of_column(column: Column, foreign: Collection[str], remark: str) -> str:
    keys = [word for word, holds in (("PK", column.primary_key), ("FK", column.name in foreign)) if holds]
    parts = [identifier(column.type.family or "unknown"), identifier(column.name)]
    if keys:
        parts.append(", ".join(keys))
    if remark:
        parts.append(f'"{remark}"')
    return " ".join(parts)


def relations(tables: Mapping[str, Table], database: str) -> Iterator[str]:
    """Foreign keys: many rows here belong to one row there."""
    for key, table in tables.items():
        for each in table.foreign_keys:
            columns = [table.column(name) for name in each.columns]
            optional = any(column is not None and column.nullable for column in columns)
            arrow = "|o--o{" if optional else "||--o{"
            ends = entity(each.referred, database), entity(key, database)
            yield f'    {ends[0]} {arrow} {ends[1]} : "{identifier(" ".join(each.columns))}"'


def entity(key: str, database: str) -> str:
    """A table by its key, and by the database where there are several."""
    return identifier(f"{database}.{key}" if database else key)


def identifier(text: str) -> str:
    """Letters, digits and underscores: nothing that Mermaid could take for its own syntax."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in text) or "_"
