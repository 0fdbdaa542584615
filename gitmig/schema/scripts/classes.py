"""Tables that a revision makes from objects of its own: `Table(...)`, or a mapped class as it was on that day."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import origin_of
from gitmig.schema.elements import Index, table_key
from gitmig.schema.made import made_by
from gitmig.schema.operations import Operation
from gitmig.schema.scripts.calls import made_or_dropped, table_made_or_dropped, table_of
from gitmig.source.scopes import Class, Scope
from gitmig.source.values import items, resolve, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.elements import Table


def created_or_dropped(word: str, base: ast.expr, call: ast.Call, scope: Scope) -> list[Operation] | None:
    """What `base.create(bind)` or `base.drop(bind)` does, None when `base` is not known."""
    cls = _class_behind(base, scope)
    table = _table_of(cls) if cls is not None else None
    if cls is None or table is None:
        return made_or_dropped(word, made_by(base, scope), call, scope)
    found = table_made_or_dropped(word, table, call, scope)
    return [*found, *_searched(cls, table, call, scope)] if word == "create" else found


def tables_listed(listed: ast.expr | None, scope: Scope) -> list[Table] | None:
    """The tables of `create_all(tables=[...])`, None when one of them is not known."""
    parts = items(listed, scope) if listed is not None else None
    if parts is None:
        return None
    tables = []
    for part in parts:
        cls, made = _class_behind(part.node, part.scope), made_by(part.node, part.scope)
        table = _table_of(cls) if cls is not None else None
        if isinstance(made.node, ast.Call):
            table = table_of(made.node, made.scope, metadata_argument=True)
        if table is None:
            return None
        tables.append(table)
    return tables


def _class_behind(node: ast.expr, scope: Scope) -> Class | None:
    """`Book` of `Book.__table__`, where it stands in the file that asks.

    A class of the project is as the models are today, not as they were.
    """
    if not isinstance(node, ast.Attribute) or node.attr != "__table__":
        return None
    cls = resolve(node.value, scope)
    return cls if isinstance(cls, Class) and cls.scope.place == scope.place else None


def _table_of(cls: Class) -> Table | None:
    from gitmig.schema.models.declarative import Mapper
    from gitmig.schema.tables import assemble

    def target_of(reference: ast.expr, inside: Scope) -> tuple[str, str] | None:
        """`Book.id` as the table and the column that it names."""
        owner = resolve(reference.value, inside) if isinstance(reference, ast.Attribute) else None
        name = mapper.table_name(owner) if isinstance(owner, Class) else None
        if not isinstance(reference, ast.Attribute) or not isinstance(owner, Class) or name in (None, "?"):
            return None
        return table_key(str(name), mapper.namespace(owner)), reference.attr

    mapper = Mapper(target_of)
    mapped = mapper.read(cls)
    if mapped is None or mapped.parent or mapped.table.name is None:
        return None
    part, metadata = mapped.table, mapped.root.metadata
    return assemble(
        mapped.table.name,
        part.namespace or metadata.namespace,
        part.columns,
        part.parts,
        convention=metadata.names,
        comment=part.comment,
        unknown=part.unknown,
        origin=part.origin,
    )


def _searched(cls: Class, table: Table, call: ast.Call, scope: Scope) -> list[Operation]:
    """Indexes that sqlalchemy-searchable adds to every mapped class, where the project's models switched it on."""
    from gitmig.schema.models.attributes import attributes_of

    origin = origin_of(call, scope)
    indexes = [
        Index((attribute.name,), f"ix_{table.name}_{attribute.name}", using="gin", origin=origin)
        for attribute in attributes_of(cls, ())
        if attribute.value is not None and "TSVectorType(" in text_of(attribute.value)
    ]
    return [
        Operation("create_index", table.key, each.name or "", {"index": each}, origin, conditional=True)
        for each in indexes
    ]
