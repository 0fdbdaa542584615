"""Tables while they are put together from classes, module statements and indexes, and what only all of them tell."""

from __future__ import annotations

from gitmig.schema.elements import Column, EnumType, ForeignKey, Table, Type, table_key
from gitmig.schema.tables import TablePart, assemble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.schema.constructs import Part
    from gitmig.schema.models.bases import Metadata


class Draft:
    """The parts of one table: from its class, from classes that share the table, from indexes of a module."""

    def __init__(self, part: TablePart, metadata: Metadata, bind: str | None, others: Iterable[str] = ()) -> None:
        self.name = part.name or ""
        self.namespace = part.namespace or (None if part.blank_namespace else metadata.namespace)
        self.metadata = metadata
        self.keys = {metadata.key, *others}
        self.bind = bind
        self.columns = list(part.columns)
        self.parts = list(part.parts)
        self.unknown = list(part.unknown)
        self.comment = part.comment
        self.origin = part.origin
        self.info = part.info

    @property
    def key(self) -> str:
        return table_key(self.name, self.namespace)

    def add(self, part: TablePart) -> None:
        present = {column.column.name for column in self.columns}
        self.columns += [column for column in part.columns if column.column.name not in present]
        self.parts += part.parts
        self.unknown += part.unknown


def finished(draft: Draft) -> Table:
    """The table that the parts of a draft make."""
    namespace, parts, columns = draft.metadata.namespace, draft.parts, draft.columns
    if namespace:
        parts = [_in_namespace(part, namespace) for part in parts]
        columns = [
            column.replace(parts=tuple(_in_namespace(part, namespace) for part in column.parts)) for column in columns
        ]
    return assemble(
        draft.name,
        draft.namespace,
        columns,
        parts,
        convention=draft.metadata.names,
        comment=draft.comment,
        unknown=list(draft.unknown),
        origin=draft.origin,
    )


def _in_namespace(part: Part, namespace: str) -> Part:
    """A foreign key to "table.column" means the namespace of the MetaData."""
    element = part.element
    if isinstance(element, ForeignKey) and element.referred and "." not in element.referred:
        return part.replace(element=element.replace(referred=table_key(element.referred, namespace)))
    return part


def with_types_of_targets(tables: dict[str, Table]) -> dict[str, Table]:
    """A foreign key column without a type has that of the column that it refers to."""

    def type_at(key: str, name: str, depth: int) -> Type | None:
        table = tables.get(key)
        column = table.column(name) if table is not None else None
        if table is None or column is None or depth > 10:
            return None
        return column.type if column.type.family != "null" else of(table, column, depth)

    def of(table: Table, column: Column, depth: int) -> Type | None:
        for key in table.foreign_keys:
            for own, other in zip(key.columns, key.referred_columns):  # noqa: B905  (a broken key may differ in length)
                if own == column.name:
                    found = type_at(key.referred, other or own, depth + 1)
                    if found is not None:
                        return found
        return None

    typed: dict[str, Table] = {}
    for key, table in tables.items():
        if all(column.type.family != "null" for column in table.columns):
            typed[key] = table
            continue
        columns = tuple(
            column.replace(type=of(table, column, 0) or column.type.replace(known=False))
            if column.type.family == "null"
            else column
            for column in table.columns
        )
        typed[key] = table.replace(columns=columns)
    return typed


def enums_of(tables: Iterable[Table]) -> dict[str, EnumType]:
    """Native enum types by name, with the place of the first column that has them."""
    found: dict[str, EnumType] = {}
    for table in tables:
        for column in table.columns:
            for type_ in (column.type, column.type.item, *(variant for _, variant in column.type.variants)):
                if type_ is not None and type_.family == "enum" and type_.native and type_.enum_name:
                    key = table_key(type_.enum_name, type_.enum_namespace)
                    found.setdefault(key, EnumType(type_.enum_name, type_.values, type_.enum_namespace, column.origin))
    return {key: found[key] for key in sorted(found)}
