"""SQL expressions that are written in Python, as SQL text: server defaults, conditions of indexes, checks.

The text is for comparing and for showing, so it is normalised; what is not understood keeps its source.
"""

from __future__ import annotations

import ast

from gitmig.source.scopes import Expression, Known, Scope, Symbol
from gitmig.source.values import call_name, evaluate, resolve, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    ColumnOf: TypeAlias = Callable[[ast.expr, Scope], "str | None"]

CONSTANTS = {"true": "true", "false": "false", "null": "NULL"}
# Functions that databases spell without parentheses.
BARE = (
    "current_timestamp",
    "current_date",
    "current_time",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
)
OPERATORS: dict[type[ast.AST], str] = {
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.BitAnd: "AND",
    ast.BitOr: "OR",
}
# How types without arguments are spelled in SQL.
SPELLED = {"integer": "INTEGER", "bigint": "BIGINT", "smallint": "SMALLINT", "date": "DATE", "boolean": "BOOLEAN"}
COMPARING_METHODS = {"is_": "IS", "is_not": "IS NOT", "isnot": "IS NOT", "like": "LIKE", "op": ""}


class _NotSql(Exception):
    pass


def sql_text(node: ast.expr, scope: Scope, column_of: ColumnOf | None = None) -> tuple[str, bool]:
    """The SQL of an expression and whether all of it was understood; a plain string is SQL itself."""
    value = evaluate(node, scope)
    if isinstance(value, Known) and isinstance(value.value, str):
        return collapsed(value.value), True
    try:
        return _rendered(node, scope, column_of, 0), True
    except _NotSql:
        return text_of(node), False


def default_text(node: ast.expr, scope: Scope) -> tuple[str | None, bool]:
    """A server default as SQL and whether it was understood; a plain string is a quoted literal, None is no default."""
    value = evaluate(node, scope)
    if isinstance(value, Known):
        return (None, True) if value.value is None else (quoted(value.value), True)
    found = resolve(node, scope)
    call = found.node if isinstance(found, Expression) else node
    inner = found.scope if isinstance(found, Expression) else scope
    if isinstance(call, ast.Call) and call_name(call) == "FetchedValue":
        return None, True
    if isinstance(call, ast.Call) and call_name(call) == "DefaultClause" and call.args:
        return default_text(call.args[0], inner)
    return sql_text(call, inner)


def quoted(value: object) -> str:
    """A Python value as an SQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def collapsed(text: str) -> str:
    """SQL with every run of white space as one blank."""
    return " ".join(text.split())


def _rendered(node: ast.expr, scope: Scope, column_of: ColumnOf | None, depth: int) -> str:
    if depth > 20:
        raise _NotSql
    column = column_of(node, scope) if column_of is not None else None
    if column is not None:
        return column
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _compared(node, scope, column_of, depth)
    if isinstance(node, ast.Attribute) and node.attr == "astext":
        return _part_of_json(node.value, "->>", scope, column_of, depth)
    if isinstance(node, ast.Subscript):
        return _part_of_json(node, "->", scope, column_of, depth)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left = _rendered(node.left, scope, column_of, depth + 1)
        right = _rendered(node.right, scope, column_of, depth + 1)
        return f"{left} {OPERATORS[type(node.op)]} {right}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return f"NOT {_rendered(node.operand, scope, column_of, depth + 1)}"
    value = evaluate(node, scope)
    if isinstance(value, Known):
        return quoted(value.value)
    if isinstance(node, ast.Call):
        return _called(node, scope, column_of, depth)
    found = resolve(node, scope)
    if isinstance(found, Expression) and found.node is not node:
        return _rendered(found.node, found.scope, column_of, depth + 1)
    raise _NotSql


def _part_of_json(node: ast.expr, operator: str, scope: Scope, column_of: ColumnOf | None, depth: int) -> str:
    """`column["key"]` and `column["key"].astext`."""
    if not isinstance(node, ast.Subscript):
        raise _NotSql
    key = evaluate(node.slice, scope)
    column = _rendered(node.value, scope, column_of, depth + 1)
    if not isinstance(key, Known) or not isinstance(key.value, (str, int)):
        raise _NotSql
    return f"({column} {operator} {quoted(key.value)})"


def _compared(node: ast.Compare, scope: Scope, column_of: ColumnOf | None, depth: int) -> str:
    operator = OPERATORS.get(type(node.ops[0]))
    if operator is None:
        raise _NotSql
    left = _rendered(node.left, scope, column_of, depth + 1)
    right = _rendered(node.comparators[0], scope, column_of, depth + 1)
    if right in {"NULL", "true", "false"} and operator in {"=", "!="}:
        operator = "IS" if operator == "=" and right == "NULL" else "IS NOT" if right == "NULL" else operator
    return f"{left} {operator} {right}"


def _called(node: ast.Call, scope: Scope, column_of: ColumnOf | None, depth: int) -> str:
    def render(part: ast.expr) -> str:
        return _rendered(part, scope, column_of, depth + 1)

    name = call_name(node)
    function = resolve(node.func, scope)
    if isinstance(function, Expression) and function.node is not node.func and isinstance(function.node, ast.Call):
        raise _NotSql
    dotted = function.name if isinstance(function, Symbol) else text_of(node.func)
    if dotted.startswith("sqlalchemy."):
        name = dotted.rpartition(".")[2]  # `from sqlalchemy import null as sql_null`
    if ".func." in f".{dotted}":
        return _sql_function(name, [render(argument) for argument in node.args])
    if name in {"text", "literal_column", "column", "Column"} and node.args:
        value = evaluate(node.args[0], scope)
        if isinstance(value, Known) and isinstance(value.value, str):
            return collapsed(value.value)
        raise _NotSql
    if name in CONSTANTS and not node.args:
        return CONSTANTS[name]
    if name == "literal" and node.args:
        return render(node.args[0])
    if name in {"and_", "or_"}:
        return f" {name[:-1].upper()} ".join(render(argument) for argument in node.args)
    if name == "not_" and node.args:
        return f"NOT {render(node.args[0])}"
    if name in {"desc", "asc", "nulls_last", "nulls_first", "nullslast", "nullsfirst"}:
        return _ordered(name, node, render)
    if name in {"cast", "type_coerce"} and len(node.args) == 2:
        from gitmig.schema.types import read_type

        type_ = read_type(node.args[1], scope)
        return f"CAST({render(node.args[0])} AS {SPELLED.get(type_.family, type_.text)})"
    if isinstance(node.func, ast.Attribute):
        return _method(node.func, node, render)
    raise _NotSql


def _sql_function(name: str, arguments: list[str]) -> str:
    if name in BARE and not arguments:
        return name.upper()
    return f"{name}({', '.join(arguments)})"


def _ordered(name: str, node: ast.Call, render: Callable[[ast.expr], str]) -> str:
    word = name.replace("nullslast", "nulls_last").replace("nullsfirst", "nulls_first").replace("_", " ").upper()
    operand = node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
    if operand is None:
        raise _NotSql
    if node.args and isinstance(operand, ast.Constant) and isinstance(operand.value, str):
        return f"{operand.value} {word}"
    return f"{render(operand)} {word}"


def _method(function: ast.Attribute, node: ast.Call, render: Callable[[ast.expr], str]) -> str:
    if (
        function.attr in {"in_", "notin_", "not_in"}
        and len(node.args) == 1
        and isinstance(node.args[0], (ast.List, ast.Tuple))
    ):
        inside = ", ".join(render(part) for part in node.args[0].elts)
        return f"{render(function.value)} {'IN' if function.attr == 'in_' else 'NOT IN'} ({inside})"
    if function.attr in {"label", "self_group"}:
        return render(function.value)
    if function.attr == "next_value":
        raise _NotSql
    word = COMPARING_METHODS.get(function.attr)
    if word and len(node.args) == 1:
        return f"{render(function.value)} {word} {render(node.args[0])}"
    raise _NotSql
