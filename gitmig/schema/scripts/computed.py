"""What a call of `op` whose names are computed may touch."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import COLUMN_SPELLINGS
from gitmig.schema.extents import OF_COLUMNS, aspects_of, objects_of
from gitmig.schema.made import kind_of, made_by
from gitmig.schema.operations import Operation
from gitmig.schema.scripts.calls import Arguments, Batch
from gitmig.schema.scripts.holes import HOLE
from gitmig.schema.scripts.statements import template
from gitmig.source.scopes import Expression, Known
from gitmig.source.values import call_name, evaluate, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.source.scopes import Scope

# op: the operation that it makes, its parameters in their order, and those that a batch leaves out.
_CALLS = {
    "create_table": ("create_table", "table_name"),
    "drop_table": ("drop_table", "table_name"),
    "add_column": ("add_column", "table_name column"),
    "drop_column": ("drop_column", "table_name column_name"),
    "alter_column": ("alter_column", "table_name column_name"),
    "create_index": ("create_index", "index_name table_name"),
    "drop_index": ("drop_index", "index_name table_name"),
    "create_primary_key": ("create_primary_key", "constraint_name table_name"),
    "create_unique_constraint": ("create_unique", "constraint_name table_name"),
    "create_foreign_key": ("create_foreign_key", "constraint_name source_table"),
    "create_check_constraint": ("create_check", "constraint_name table_name"),
    "create_exclude_constraint": ("create_exclude", "constraint_name table_name"),
    "drop_constraint": ("drop_constraint", "constraint_name table_name type_"),
    "create_table_comment": ("set_comment", "table_name"),
    "drop_table_comment": ("set_comment", "table_name"),
}
_KINDS = {"primary": "primary_key", "unique": "unique", "foreignkey": "foreign_key", "check": "check"}
# Arguments of `alter_column` and the aspects that they change.
_CHANGES = {
    "type_": ("type",),
    "nullable": ("nullable",),
    "server_default": ("server_default", "computed", "identity"),
    "comment": ("comment",),
    "new_column_name": OF_COLUMNS,
    "name": OF_COLUMNS,
}


# Classes of alembic.operations.ops whose arguments are those of the function.
_INVOKED = {
    "AddColumnOp": "add_column",
    "DropColumnOp": "drop_column",
    "DropTableOp": "drop_table",
    "RenameTableOp": "rename_table",
    "CreateIndexOp": "create_index",
    "DropIndexOp": "drop_index",
    "CreateUniqueConstraintOp": "create_unique_constraint",
    "CreateCheckConstraintOp": "create_check_constraint",
    "DropConstraintOp": "drop_constraint",
    "ExecuteSQLOp": "execute",
}


def invoked_by(call: ast.Call, scope: Scope) -> tuple[str, ast.Call, Scope] | None:
    """`op.invoke(ops.AddColumnOp(...))` as the function that it stands for, None for any other operation."""
    found = resolve(call.args[0], scope) if len(call.args) == 1 else None
    made = found.node if isinstance(found, Expression) else None
    if not isinstance(found, Expression) or not isinstance(made, ast.Call) or call_name(made) not in _INVOKED:
        return None
    return _INVOKED[call_name(made)], made, found.scope


def extent_of_call(
    method: str, call: ast.Call, scope: Scope, batch: Batch | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Objects and aspects, each empty for any."""
    if method not in _CALLS:
        return (), ()
    op, parameters = _CALLS[method]
    if batch is not None:
        parameters = " ".join(word for word in parameters.split() if word not in ("table_name", "source_table"))
    arguments = Arguments(call, scope, parameters)
    if not arguments.complete:
        return (), ()
    table = batch.table if batch is not None else _text(arguments.given.get("source_table", _of_table(arguments)))
    namespace = batch.namespace if batch is not None else _namespace(arguments)
    key = ".".join(part for part in (namespace, table or HOLE) if part)
    operation = Operation(op, key, _column(op, arguments), _detail(op, arguments))
    aspects = aspects_of(operation)
    if op == "alter_column":
        aspects = tuple(aspect for word in _CHANGES if word in arguments for aspect in _CHANGES[word])
    return objects_of(operation), aspects


def _of_table(arguments: Arguments) -> Expression | None:
    return arguments.given.get("table_name")


def _text(part: Expression | None) -> str:
    return (template(part.node, part.scope) if part is not None else None) or HOLE


def _namespace(arguments: Arguments) -> str:
    given = arguments.given.get("schema", arguments.given.get("source_schema"))
    if given is None or evaluate(given.node, given.scope) == Known(None):
        return ""
    return _text(given)


def _column(op: str, arguments: Arguments) -> str:
    """The name of the column that the call is about."""
    if op == "add_column":
        part = arguments.given.get("column")
        made = made_by(part.node, part.scope) if part is not None else None
        if made is None or kind_of(made.node, made.scope) not in COLUMN_SPELLINGS or not made.node.args:  # type: ignore[attr-defined]
            return HOLE
        return _text(Expression(made.node.args[0], made.scope))  # type: ignore[attr-defined]
    return _text(arguments.given.get("column_name"))


def _detail(op: str, arguments: Arguments) -> dict[str, str]:
    given = arguments.given.get("type_") if op == "drop_constraint" else None
    kind = evaluate(given.node, given.scope) if given is not None else None
    return {"kind": _KINDS.get(str(kind.value), "")} if isinstance(kind, Known) else {}
