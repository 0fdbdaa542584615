"""A revision that changes rows: the tables as they are now, frozen, and places to fill in."""

from __future__ import annotations

import re
from keyword import iskeyword

from gitmig.commands.writing import Bodies
from gitmig.errors import UsageError
from gitmig.findings import Help
from gitmig.quoting import shell_word
from gitmig.schema.elements import Table
from gitmig.schema.layout import call, lines_of, text
from gitmig.schema.type_code import spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.schema.coder import Form
    from gitmig.schema.elements import Schema
    from gitmig.schema.layout import Code

MOST_TABLES = 12


def data_bodies(schema: Schema, asked: Sequence[str], touched: Sequence[str], form: Form) -> Bodies:
    """The definitions that a data revision works with; never the models, which will have moved on when it runs."""
    keys = [key for key in asked or touched if key in schema.tables] or ([] if asked else sorted(schema.tables))
    unknown = [key for key in asked if key not in schema.tables]
    if unknown:
        raise UsageError(f"the revisions make no table {unknown[0]}", note=f"there are: {', '.join(schema.tables)}")
    if len(keys) > MOST_TABLES:
        raise UsageError(
            f"there are {len(keys)} tables",
            help=(Help("name those that it is about", (f"gitmig revision --data --table {shell_word(keys[0])} ...",)),),
        )
    lines: list[str] = []
    imports: set[str] = set()
    for key in keys:
        definition, needed = definition_of(schema.tables[key], form)
        lines += definition
        imports |= needed
    name = variable_of(schema.tables[keys[0]]) if keys else "table"
    columns = [column.name for column in schema.tables[keys[0]].columns if not column.primary_key] if keys else []
    column = next((each for each in columns if each.isidentifier()), "column")
    lines += [
        "# gitmig: fill in what happens to the rows, such as",
        f"# op.execute({name}.update().where({name}.c.{column} == ...).values({column}=...))",
        "pass",
    ]
    back = ["# gitmig: fill in what takes it back, or say why nothing can", "pass"]
    return Bodies("\n".join(lines), "\n".join(back), "\n".join(sorted(imports)))


def definition_of(table: Table, form: Form) -> tuple[list[str], set[str]]:
    """`books = sa.table("books", sa.column("id", sa.Integer()), ...)`."""
    imports: set[str] = set()
    columns: list[Code] = []
    for column in table.columns:
        made = spelled(column.type, form.module_of)
        if made.problem:
            columns.append(call("sa.column", text(column.name)))
            continue
        imports.update(made.imports)
        columns.append(call("sa.column", text(column.name), made.code))
    schema = text(table.namespace) if table.namespace else None
    code = call("sa.table", text(table.name), *columns, schema=schema).replace(tall=True)
    return lines_of(code, before=f"{variable_of(table)} = ", width=form.width - 4), imports


def variable_of(table: Table) -> str:
    name = re.sub(r"\W", "_", table.name)
    return f"{name}_" if iskeyword(name) or not name.isidentifier() or name in ("op", "sa") else name
