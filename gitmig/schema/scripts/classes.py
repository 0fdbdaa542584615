"""Tables that a revision makes from objects of its own: `Table(...)`, or a mapped class as it was on that day."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import origin_of
from gitmig.schema.elements import Index, table_key
from gitmig.schema.made import made_by
from gitmig.schema.operations import Operation
from gitmig.schema.scripts.calls import made_or_dropped, table_made_or_dropped, table_of
from gitmig.source.scopes import Body, Class, Expression, Layer, Scope, ancestors
from gitmig.source.values import items, resolve, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.schema.elements import Table
    from gitmig.source.scopes import Binding


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


def tables_of_metadata(metadata: ast.expr | None, scope: Scope) -> list[Table] | None:
    """The tables that this file itself puts into a MetaData of its own; None for the models of the project."""
    from gitmig.schema.models.bases import metadata_of

    found = metadata_of(metadata, scope) if metadata is not None else None
    if found is None or not found.key.startswith(f"{scope.place[0]}:"):
        return None
    tables = [_table_in(found.key, binding) for binding in _bindings_around(scope)]
    known = {table.key: table for table in tables if table is not None}
    return list(known.values()) or None


def _bindings_around(scope: Scope) -> Iterator[Binding]:
    """What the names of this function and of its module stand for."""
    for around in ancestors(scope):
        if isinstance(around, Layer):
            yield from around.names.values()
        elif isinstance(around, Body):
            yield from (bound for name in around.definitions if (bound := around.own(name)) is not None)


def _table_in(key: str, binding: Binding) -> Table | None:
    """The table that a class or a `Table(...)` of this file puts into the MetaData with this key."""
    from gitmig.schema.models.bases import metadata_of, root_of

    if isinstance(binding, Class):
        root = root_of(binding)
        return _table_of(binding) if root is not None and root.metadata.key == key else None
    made = made_by(binding.node, binding.scope) if isinstance(binding, Expression) else None
    if made is None or made.kind != "Table" or not isinstance(made.node, ast.Call) or len(made.node.args) < 2:
        return None
    metadata = metadata_of(made.node.args[1], made.scope)
    is_in = metadata is not None and metadata.key == key
    return table_of(made.node, made.scope, metadata_argument=True) if is_in else None


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
