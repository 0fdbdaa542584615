"""What sqlalchemy-searchable calls the indexes that it makes; some projects carry a copy of it with own names."""

from __future__ import annotations

import ast

from gitmig.source.scopes import Known, Symbol
from gitmig.source.values import call_name, evaluate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitmig.schema.models.project import Project
    from gitmig.source.scopes import Binding, Body, Scope

    NameOf = Callable[[str, str], "str | None"]


def index_names(make_searchable: Binding | None, project: Project, scope: Scope) -> NameOf:
    """The name of the index of a table's column, None where it is not known."""
    body = _copy_in_tree(make_searchable, project, scope)
    if body is None:
        return lambda table, column: f"ix_{table}_{column}"
    written = next(_written_names(body), None)
    if written is None:
        return lambda table, column: None

    def name_of(table: str, column: str) -> str | None:
        found = evaluate(_Named(table, column).visit(ast.parse(ast.unparse(written), mode="eval").body), body)
        return found.value if isinstance(found, Known) and isinstance(found.value, str) else None

    return name_of


def _copy_in_tree(make_searchable: Binding | None, project: Project, scope: Scope) -> Body | None:
    if not isinstance(make_searchable, Symbol):
        return None
    path = project.modules.resolve(make_searchable.name.rpartition(".")[0], 0, scope.place[0])
    return project.scope(path) if path is not None and not path.endswith("/") else None


def _written_names(body: Body) -> Iterator[ast.expr]:
    """The first argument of `Index(...)` in a method `append_index`."""
    for statement in body.statements:
        for method in statement.body if isinstance(statement, ast.ClassDef) else ():
            if isinstance(method, ast.FunctionDef) and method.name == "append_index":
                calls = [node for node in ast.walk(method) if isinstance(node, ast.Call)]
                yield from (call.args[0] for call in calls if call_name(call) == "Index" and call.args)


class _Named(ast.NodeTransformer):
    """Puts the names of a table and its column in: `column.table.name`, `cls.__tablename__`, `column.name`."""

    def __init__(self, table: str, column: str) -> None:
        self.table = table
        self.column = column

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if node.attr == "__tablename__" or (node.attr == "name" and isinstance(node.value, ast.Attribute)):
            return ast.copy_location(ast.Constant(self.table), node)
        if node.attr == "name":
            return ast.copy_location(ast.Constant(self.column), node)
        self.generic_visit(node)
        return node
