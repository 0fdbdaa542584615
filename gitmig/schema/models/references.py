"""What models refer to by an attribute, a class or a table object: which table, which column."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import COLUMN_SPELLINGS, read_column
from gitmig.schema.elements import table_key
from gitmig.schema.made import kind_of, made_by
from gitmig.schema.models.attributes import attributes_of
from gitmig.schema.models.declarative import Mapper
from gitmig.schema.tables import read_table
from gitmig.source.scopes import Class, Expression, Known
from gitmig.source.values import evaluate, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.source.scopes import Scope


class References:
    """Follows references to tables and columns, through classes as `mapper` reads them."""

    def __init__(self) -> None:
        self.mapper = Mapper(self.target_of)

    def target_of(self, node: ast.expr, scope: Scope) -> tuple[str, str] | None:
        """The table and column of `User.id`, `users.c.id`, `users.c["id"]` or a column bound to a name."""
        if not isinstance(node, (ast.Attribute, ast.Subscript)):
            return None
        if isinstance(node.value, ast.Attribute) and node.value.attr in {"c", "columns"}:
            name = Known(node.attr) if isinstance(node, ast.Attribute) else evaluate(node.slice, scope)
            key = self.key_behind(node.value.value, scope)
            return (key, str(name.value)) if key is not None and isinstance(name, Known) else None
        if not isinstance(node, ast.Attribute):
            return None
        owner = resolve(node.value, scope)
        if not isinstance(owner, Class):
            return None
        key = self.key_of_class(owner)
        return (key, self.column_name(owner, node.attr)) if key is not None else None

    def name_of_column(self, node: ast.expr, scope: Scope) -> str | None:
        target = self.target_of(node, scope)
        return target[1] if target is not None else None

    def column_name(self, cls: Class, attribute: str) -> str:
        for found in attributes_of(cls, ()):
            if found.name == attribute and found.value is not None:
                made = made_by(found.value, found.scope)
                if isinstance(made.node, ast.Call) and made.kind in COLUMN_SPELLINGS:
                    return read_column(made.node, made.scope, name=attribute).column.name
        return attribute

    def key_behind(self, node: ast.expr, scope: Scope) -> str | None:
        if isinstance(node, ast.Attribute) and node.attr == "__table__":
            owner = resolve(node.value, scope)
            return self.key_of_class(owner) if isinstance(owner, Class) else None
        found = resolve(node, scope)
        if isinstance(found, Class):
            return self.key_of_class(found)
        if (
            isinstance(found, Expression)
            and isinstance(found.node, ast.Call)
            and kind_of(found.node, found.scope) == "Table"
        ):
            part = read_table(found.node, found.scope)
            return table_key(part.name, part.namespace) if part.name else None
        return None

    def key_of_class(self, cls: Class) -> str | None:
        owner: Class | None = cls
        while owner is not None and self.mapper.table_name(owner) is None and "__table__" not in owner.body.definitions:
            owner = self.mapper.parent(owner)
        if owner is None:
            return None
        table = owner.own("__table__")
        if isinstance(table, Expression):
            return self.key_behind(table.node, table.scope)
        name = self.mapper.table_name(owner)
        if name is None or name == "?":
            return None
        namespace = self.mapper.namespace(owner)
        return table_key(name, namespace)
