"""Puts the parts of a table together: `Table(...)` calls, and what the classes of the models declare."""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.schema.constructs import (
    CONSTRAINTS,
    ColumnPart,
    Part,
    arguments_of,
    name_of,
    options_of,
    origin_of,
    plain,
    read_column,
    read_constraint,
    text_option,
)
from gitmig.schema.conventions import DEFAULT, conventional_name
from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Table,
    Unique,
    Unknown,
    table_key,
)
from gitmig.schema.made import made_by
from gitmig.source.scopes import Expression, Scope
from gitmig.source.values import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitmig.schema.constructs import TargetOf
    from gitmig.schema.sqltext import ColumnOf


NOWHERE = Origin()


class TablePart(Frozen):
    """A `Table(...)` call as written; `metadata` is its second argument, `name` is None when it was not read."""

    name: str | None
    namespace: str | None = None
    metadata: Expression | None = None
    columns: tuple[ColumnPart, ...] = ()
    parts: tuple[Part, ...] = ()
    comment: str | None = None
    unknown: tuple[Unknown, ...] = ()
    blank_namespace: bool = False
    origin: Origin = NOWHERE
    info: Expression | None = None


def read_table(
    call: ast.Call,
    scope: Scope,
    *,
    metadata_argument: bool = True,
    target_of: TargetOf | None = None,
    column_of: ColumnOf | None = None,
) -> TablePart:
    """A `Table(name, metadata, ...)` call; Alembic's `op.create_table` has no metadata argument."""
    arguments, complete = arguments_of(call, scope)
    options, all_options = options_of(call, scope)
    origin = origin_of(call, scope)
    unknown = [] if complete and all_options else [Unknown(text_of(call.func), "arguments are made elsewhere", origin)]
    first = arguments.pop(0) if arguments else options.get("name")
    name, _, _ = name_of(first)
    metadata = options.get("metadata")
    if metadata_argument and arguments and metadata is None:
        metadata = arguments.pop(0)
    columns, parts, gaps = read_parts(arguments, target_of, column_of)
    namespace = plain(options.get("schema"))
    if namespace is ...:
        unknown.append(Unknown(text_of(options["schema"].node), "the namespace is made elsewhere", origin))
    return TablePart(
        name,
        namespace if isinstance(namespace, str) else None,
        metadata,
        columns,
        parts,
        text_option(options.get("comment")),
        (*unknown, *gaps),
        "schema" in options and text_of(options["schema"].node).endswith("BLANK_SCHEMA"),
        origin,
        options.get("info"),
    )


def read_parts(
    arguments: Iterable[Expression], target_of: TargetOf | None = None, column_of: ColumnOf | None = None
) -> tuple[tuple[ColumnPart, ...], tuple[Part, ...], tuple[Unknown, ...]]:
    """Columns and constraints among the arguments of a table; what is neither is unknown."""
    columns: list[ColumnPart] = []
    parts: list[Part] = []
    unknown: list[Unknown] = []
    for argument in arguments:
        made = made_by(argument.node, argument.scope)
        node, inner, kind = made.node, made.scope, made.kind
        if isinstance(node, ast.Call) and kind in {"Column", "mapped_column"}:
            columns.append(read_column(node, inner, target_of=target_of, column_of=column_of))
        elif isinstance(node, ast.Call) and kind in CONSTRAINTS:
            read = read_constraint(node, inner, target_of=target_of, column_of=column_of)
            if isinstance(read, Part):
                parts.append(read)
            else:
                unknown.append(read)
        elif isinstance(node, ast.Call) and kind in {"DDL", "MetaData", "Sequence", "relationship"}:
            continue
        elif plain(argument) is not None:
            unknown.append(Unknown(text_of(node), "not a column or a constraint that is known", origin_of(node, inner)))
    return tuple(columns), tuple(parts), tuple(unknown)


def assemble(
    name: str,
    namespace: str | None,
    columns: Sequence[ColumnPart],
    parts: Sequence[Part] = (),
    *,
    convention: Mapping[str, str] = DEFAULT,
    comment: str | None = None,
    unknown: Sequence[Unknown] = (),
    origin: Origin = NOWHERE,
) -> Table:
    """A table from its parts: inline constraints become constraints of the table, names follow the convention."""
    return _Assembly(name, namespace, columns, convention).table(parts, comment, unknown, origin)


class _Assembly:
    def __init__(
        self, name: str, namespace: str | None, columns: Sequence[ColumnPart], convention: Mapping[str, str]
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.convention = convention
        self.key = table_key(name, namespace)
        self.columns: dict[str, ColumnPart] = {}
        for part in columns:
            self.columns[part.column.name] = part
        self.names = {part.key: part.column.name for part in self.columns.values() if part.key}
        self.unknown: list[Unknown] = []

    def table(self, parts: Sequence[Part], comment: str | None, unknown: Sequence[Unknown], origin: Origin) -> Table:
        self.unknown += [self._placed(gap) for gap in unknown]
        elements = [self._element(part) for part in (*self._inline(), *parts)]
        primary_key = self._primary_key(elements)
        return Table(
            self.name,
            self.namespace,
            tuple(self._column(part, primary_key) for part in self.columns.values()),
            primary_key,
            tuple(element for element in elements if isinstance(element, Unique)),
            tuple(element for element in elements if isinstance(element, ForeignKey)),
            tuple(element for element in elements if isinstance(element, Check)),
            tuple(element for element in elements if isinstance(element, Exclude)),
            tuple(element for element in elements if isinstance(element, Index)),
            comment,
            tuple(self.unknown),
            origin,
        )

    def _inline(self) -> list[Part]:
        """What columns ask for: `unique=True`, `index=True`, a foreign key, a check."""
        found: list[Part] = []
        for part in self.columns.values():
            name, origin = part.column.name, part.column.origin
            self.unknown += [self._placed(gap, name) for gap in part.unknown]
            found += [self._own(inline, name) for inline in part.parts]
            if part.index:
                found.append(Part(Index((name,), unique=part.unique, origin=origin)))
            elif part.unique:
                found.append(Part(Unique((name,), origin=origin)))
        return found

    def _own(self, inline: Part, column: str) -> Part:
        """An inline constraint is on its own column, whatever name the column had when it was written."""
        element = inline.element
        if isinstance(element, ForeignKey) or (isinstance(element, (Unique, PrimaryKey)) and not element.columns):
            return inline.replace(element=element.replace(columns=(column,)))
        return inline

    def _element(self, part: Part) -> PrimaryKey | Unique | ForeignKey | Check | Exclude | Index:
        element = part.element
        self.unknown += [self._placed(gap) for gap in part.unknown]
        if isinstance(element, Exclude):
            return element
        if not isinstance(element, Check):
            element = element.replace(columns=tuple(self.names.get(column, column) for column in element.columns))
        name, known = conventional_name(element, self.name, self.convention, final=part.final, namespace=self.namespace)
        if not known and element.name is None:
            gap = Unknown(
                f"name of {type(element).__name__}", "the naming convention is not understood", element.origin
            )
            self.unknown.append(self._placed(gap))
        return element.replace(name=name)

    def _primary_key(self, elements: Sequence[object]) -> PrimaryKey | None:
        explicit = next((element for element in elements if isinstance(element, PrimaryKey) and element.columns), None)
        if explicit is not None:
            return explicit
        flagged = [part.column for part in self.columns.values() if part.column.primary_key]
        if not flagged:
            return None
        named = next((element.name for element in elements if isinstance(element, PrimaryKey)), None)
        made = PrimaryKey(tuple(column.name for column in flagged), named, flagged[0].origin)
        return made.replace(name=conventional_name(made, self.name, self.convention, namespace=self.namespace)[0])

    def _column(self, part: ColumnPart, primary_key: PrimaryKey | None) -> Column:
        column = part.column
        if primary_key is None or column.name not in primary_key.columns:
            return column
        return column.replace(primary_key=True, nullable=False)  # whatever is written, every database makes it NOT NULL

    def _placed(self, gap: Unknown, column: str = "") -> Unknown:
        if gap.objects:
            return gap
        return gap.replace(objects=(f"{self.key}.{column}" if column else self.key,))
