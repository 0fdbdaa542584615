"""What one call says: a `Column(...)`, a constraint, an `Index(...)` as elements; models and revisions share it.

A part remembers what the table that it ends up in must decide: whether a name is final, which column was meant by a
key, what could not be read.
"""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Type,
    Unique,
    Unknown,
)
from gitmig.schema.exclusions import exclude
from gitmig.schema.made import kind_of, made_by
from gitmig.schema.sqltext import default_text, sql_text
from gitmig.schema.types import read_type
from gitmig.source.scopes import Expression, Known, Scope, Symbol
from gitmig.source.values import call_name, entries, evaluate, items, resolve, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from gitmig.schema.sqltext import ColumnOf

    TargetOf: TypeAlias = Callable[[ast.expr, Scope], "tuple[str, str] | None"]
    Element: TypeAlias = PrimaryKey | Unique | ForeignKey | Check | Exclude | Index

CONSTRAINTS = frozenset(
    {
        "ForeignKeyConstraint",
        "UniqueConstraint",
        "Index",
        "CheckConstraint",
        "PrimaryKeyConstraint",
        "ExcludeConstraint",
    }
)
COLUMN_SPELLINGS = frozenset({"Column", "mapped_column"})
NAMERS = frozenset({"f", "conv", "quoted_name"})


class Part(Frozen):
    """An element without its table; `final` says that no naming convention may change its name."""

    element: Element
    final: bool = False
    unknown: tuple[Unknown, ...] = ()


class ColumnPart(Frozen):
    """A column as written: the element, and what it asks of its table.

    `typed`, `decided` (nullable) and `named` say what was written and what is only the default; `searched` that
    sqlalchemy-searchable makes an index for it, where it is set up.
    """

    column: Column
    key: str = ""
    named: bool = False
    typed: bool = False
    decided: bool = False
    unique: bool = False
    index: bool = False
    searched: bool = False
    parts: tuple[Part, ...] = ()
    unknown: tuple[Unknown, ...] = ()


def origin_of(node: ast.AST, scope: Scope) -> Origin:
    path, revision, blob = scope.place
    return Origin(path, getattr(node, "lineno", 0), revision, blob)


def options_of(call: ast.Call, scope: Scope) -> tuple[dict[str, Expression], bool]:
    """Keyword arguments not yet evaluated, and whether `**` parts were all read."""
    found: dict[str, Expression] = {}
    complete = True
    for keyword in call.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = Expression(keyword.value, scope)
            continue
        inner = entries(keyword.value, scope)
        complete = complete and inner is not None
        found.update(inner or {})
    return found, complete


def arguments_of(call: ast.Call, scope: Scope) -> tuple[list[Expression], bool]:
    """Positional arguments with stars spelled out, and whether all stars were read."""
    found: list[Expression] = []
    complete = True
    for argument in call.args:
        if not isinstance(argument, ast.Starred):
            found.append(Expression(argument, scope))
            continue
        inner = items(argument.value, scope)
        complete = complete and inner is not None
        found += inner or []
    return found, complete


def plain(option: Expression | None, default: object = None) -> object:
    """The value of an option; the default when it is absent, `...` when it was not read."""
    if option is None:
        return default
    if isinstance(option.node, ast.Constant):
        return option.node.value
    value = evaluate(option.node, option.scope)
    return value.value if isinstance(value, Known) else ...


def text_option(option: Expression | None) -> str | None:
    value = plain(option)
    return value if isinstance(value, str) else None


def name_of(option: Expression | None) -> tuple[str | None, bool, bool]:
    """A constraint's name, whether it is final (`op.f`, `conv`), and whether it was read."""
    if option is None:
        return None, False, True
    if isinstance(option.node, ast.Constant) and isinstance(option.node.value, str):
        return option.node.value, False, True
    found = resolve(option.node, option.scope)
    node = found.node if isinstance(found, Expression) else option.node
    if isinstance(node, ast.Call) and call_name(node) in NAMERS and node.args:
        inner = Expression(node.args[0], found.scope if isinstance(found, Expression) else option.scope)
        name, _, known = name_of(inner)
        return name, True, known
    value = plain(option)
    if value is None or isinstance(value, str):
        return value, False, True
    return None, False, False


# Columns


def read_column(
    call: ast.Call,
    scope: Scope,
    *,
    name: str | None = None,
    target_of: TargetOf | None = None,
    column_of: ColumnOf | None = None,
) -> ColumnPart:
    """A `Column(...)` or `mapped_column(...)` call; `name` is the attribute's name, a written one wins."""
    arguments, complete = arguments_of(call, scope)
    options, all_options = options_of(call, scope)
    origin = origin_of(call, scope)
    gaps = [] if complete and all_options else [Unknown(text_of(call), "arguments are made elsewhere", origin)]
    begins_with_type = bool(arguments) and _is_of_sqlalchemy(arguments[0])
    written = name_of(options.get("name"))[0] if begins_with_type else _written_name(arguments, options)
    if written is not None:
        name = written
    elif arguments and not begins_with_type and _is_made_text(arguments[0]):
        gaps.append(Unknown(text_of(arguments.pop(0).node), "the name of a column was not read", origin))
    builder = _ColumnBuilder(name or "", origin, target_of, column_of)
    for argument in arguments:
        builder.positional(argument)
    builder.options(options)
    return builder.part(named=written is not None, gaps=gaps)


def _written_name(arguments: list[Expression], options: Mapping[str, Expression]) -> str | None:
    """The name as first argument or as option; it is taken off the arguments."""
    if arguments:
        value = evaluate(arguments[0].node, arguments[0].scope)
        if isinstance(value, Known) and isinstance(value.value, str):
            del arguments[0]
            return value.value
        found = resolve(arguments[0].node, arguments[0].scope)
        node = found.node if isinstance(found, Expression) else arguments[0].node
        if isinstance(node, ast.Call) and call_name(node) == "quoted_name":
            name = name_of(arguments[0])[0]
            del arguments[0]
            return name
        if isinstance(value, Known) and value.value is None and len(arguments) > 1:
            del arguments[0]
    return name_of(options.get("name"))[0]


def _is_of_sqlalchemy(argument: Expression) -> bool:
    """Whether it is a call such as `sa.String(50)`; one of them stands for a name."""
    if not isinstance(argument.node, ast.Call):
        return False
    function = resolve(argument.node.func, argument.scope)
    return isinstance(function, Symbol) and function.name.startswith("sqlalchemy.") and function.last != "quoted_name"


def _is_made_text(argument: Expression) -> bool:
    """Whether an argument that was not read is text all the same, and so no type."""
    found = resolve(argument.node, argument.scope)
    node = found.node if isinstance(found, Expression) else argument.node
    if isinstance(node, ast.IfExp):
        return any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in (node.body, node.orelse))
    return isinstance(node, ast.JoinedStr)


class _ColumnBuilder:
    """Collects what the arguments of a column say."""

    def __init__(self, name: str, origin: Origin, target_of: TargetOf | None, column_of: ColumnOf | None) -> None:
        self.name = name
        self.origin = origin
        self.target_of = target_of
        self.column_of = column_of
        self.type: Type | None = None
        self.values: dict[str, str | None] = {}
        self.flags: dict[str, bool] = {}
        self.key = name
        self.parts: list[Part] = []
        self.searched = False
        self.unread: list[str] = []
        self.gaps: list[Unknown] = []

    def positional(self, argument: Expression) -> None:
        made = made_by(argument.node, argument.scope)
        kind, node = made.kind, made.node
        if not isinstance(node, ast.Call) or not kind:
            if self.type is None:
                self._type_is(argument)
        elif kind == "ForeignKey":
            part = read_foreign_key(node, made.scope, self.name, self.target_of)
            self.parts.append(part)
        elif kind == "Computed":
            self.values["computed"] = _computed(node, made.scope, self.column_of)
        elif kind == "Identity":
            self.values["identity"] = _identity(node, made.scope)
        elif kind in CONSTRAINTS:
            read = read_constraint(node, made.scope, target_of=self.target_of, column_of=self.column_of)
            if isinstance(read, Part):
                self.parts.append(read)
            else:
                self.gaps.append(read)
        elif kind in {"DefaultClause"} and node.args:
            self._server_default(Expression(node.args[0], made.scope))

    def _type_is(self, written: Expression) -> None:
        self.type = read_type(written.node, written.scope)
        self.searched = self.type.family == "tsvector" and is_searched(written)

    def options(self, options: Mapping[str, Expression]) -> None:
        if "type_" in options:
            self._type_is(options["type_"])
        for flag in ("nullable", "primary_key", "unique", "index"):
            value = plain(options.get(flag), None)
            if value is ...:
                self.unread.append(flag)
            elif value is not None and value != "":
                self.flags[flag] = bool(value)
        if "server_default" in options:
            self._server_default(options["server_default"])
        for attribute in ("comment", "autoincrement"):
            value = plain(options.get(attribute), None)
            if value is ...:
                self.unread.append(attribute)
            elif value is not None and value != "auto":
                self.values[attribute] = str(value)
        self.key = text_option(options.get("key")) or self.key

    def _server_default(self, option: Expression) -> None:
        made = made_by(option.node, option.scope)
        kind = made.kind
        if isinstance(made.node, ast.Call) and kind == "Computed":
            self.values["computed"] = _computed(made.node, made.scope, self.column_of)
        elif isinstance(made.node, ast.Call) and kind == "Identity":
            self.values["identity"] = _identity(made.node, made.scope)
        else:
            if isinstance(made.node, ast.Call) and kind == "FetchedValue":
                self.unread.append("computed")  # the database makes the value, and the models do not say how
            text, known = default_text(option.node, option.scope)
            self.values["server_default"] = text
            if not known:
                self.unread.append("server_default")

    def part(self, *, named: bool, gaps: list[Unknown]) -> ColumnPart:
        primary_key = self.flags.get("primary_key", False)
        identity = self.values.get("identity") is not None
        given = self.values.get
        column = Column(
            self.name,
            self.type or Type("null", ""),
            self.flags.get("nullable", not primary_key and not identity),
            primary_key,
            given("server_default"),
            given("autoincrement"),
            given("computed"),
            given("identity"),
            given("comment"),
            tuple(self.unread),
            self.origin,
        )
        typed = self.type is not None and self.type.family != "null"
        decided = "nullable" in self.flags or "nullable" in self.unread or identity
        unique, index = self.flags.get("unique", False), self.flags.get("index", False)
        parts, unknown = tuple(self.parts), (*gaps, *self.gaps)
        return ColumnPart(column, self.key, named, typed, decided, unique, index, self.searched, parts, unknown)


def is_searched(type_: Expression) -> bool:
    """Whether it is the TSVectorType of sqlalchemy-utils, and does not say `auto_index=False`."""
    made = made_by(type_.node, type_.scope)
    call = made.node if isinstance(made.node, ast.Call) else None
    function = resolve(call.func if call is not None else made.node, made.scope)
    if not isinstance(function, Symbol) or function.last != "TSVectorType":
        return False
    options = options_of(call, made.scope)[0] if call is not None else {}
    return plain(options.get("auto_index"), True) is not False


def _computed(call: ast.Call, scope: Scope, column_of: ColumnOf | None) -> str:
    options, _ = options_of(call, scope)
    source = Expression(call.args[0], scope) if call.args else options.get("sqltext")
    text = sql_text(source.node, source.scope, column_of)[0] if source is not None else ""
    persisted = plain(options.get("persisted", Expression(call.args[1], scope) if len(call.args) > 1 else None))
    return f"{text} STORED" if persisted is True else f"{text} VIRTUAL" if persisted is False else text


def _identity(call: ast.Call, scope: Scope) -> str:
    names = ("start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache", "order")
    found = {
        "always": False,
        **{("always", "on_null", *names)[n]: plain(Expression(a, scope)) for n, a in enumerate(call.args)},
    }
    found.update({key: plain(option) for key, option in options_of(call, scope)[0].items()})
    return " ".join(f"{key}={value}" for key, value in sorted(found.items()) if value is not None)


def read_foreign_key(call: ast.Call, scope: Scope, column: str, target_of: TargetOf | None = None) -> Part:
    """A `ForeignKey(...)` inside a column."""
    options, _ = options_of(call, scope)
    arguments, _ = arguments_of(call, scope)
    target = arguments[0] if arguments else options.get("column")
    referred = _target(target, target_of) if target is not None else None
    return _foreign_key((column,), [referred] if referred else None, options, origin_of(call, scope), call)


def _target(target: Expression, target_of: TargetOf | None) -> tuple[str, str] | None:
    """The key of the referred table and the column, from "namespace.table.column" or a reference to a column."""
    value = evaluate(target.node, target.scope)
    if isinstance(value, Known) and isinstance(value.value, str):
        table, _, column = value.value.rpartition(".")
        return (table, column) if table else (column, "")
    return target_of(target.node, target.scope) if target_of is not None else None


def _foreign_key(
    columns: tuple[str, ...],
    targets: Sequence[tuple[str, str]] | None,
    options: Mapping[str, Expression],
    origin: Origin,
    call: ast.Call,
) -> Part:
    name, final, known = name_of(options.get("name"))
    unknown = [] if known else [Unknown(text_of(call), "its name is made elsewhere", origin)]
    if targets is None:
        unknown.append(Unknown(text_of(call), "the referred column is made elsewhere", origin))
    deferrable = plain(options.get("deferrable"))
    element = ForeignKey(
        columns,
        targets[0][0] if targets else "",
        tuple(column for _, column in targets or ()),
        name=name,
        ondelete=_upper(text_option(options.get("ondelete"))),
        onupdate=_upper(text_option(options.get("onupdate"))),
        deferrable=deferrable if isinstance(deferrable, bool) else None,
        initially=_upper(text_option(options.get("initially"))),
        use_alter=plain(options.get("use_alter")) is True,
        origin=origin,
    )
    return Part(element, final, tuple(unknown))


def _upper(text: str | None) -> str | None:
    return text.upper() if text is not None else None


# Constraints and indexes of a table


def read_constraint(
    call: ast.Call, scope: Scope, *, target_of: TargetOf | None = None, column_of: ColumnOf | None = None
) -> Part | Unknown:
    """A constraint or index of a table; an `Unknown` when its columns could not be told."""
    kind = kind_of(call, scope)
    origin = origin_of(call, scope)
    arguments, complete = arguments_of(call, scope)
    options, all_options = options_of(call, scope)
    if not complete or not all_options:
        return Unknown(text_of(call), "arguments are made elsewhere", origin)
    if kind == "Index":
        return _index(arguments, options, column_of, origin, call)
    if kind == "CheckConstraint":
        return _check(arguments, options, column_of, origin, call)
    if kind == "ExcludeConstraint":
        name, final, _ = name_of(options.get("name"))
        return Part(exclude(arguments, options, name, origin, column_of), final)
    if kind == "ForeignKeyConstraint":
        return _foreign_key_constraint(arguments, options, target_of, column_of, origin=origin, call=call)
    if kind in {"UniqueConstraint", "PrimaryKeyConstraint"}:
        return _columns_constraint(kind, arguments, options, column_of, origin=origin, call=call)
    return Unknown(text_of(call), "not a constraint that is known", origin)


def _columns_constraint(
    kind: str,
    arguments: list[Expression],
    options: Mapping[str, Expression],
    column_of: ColumnOf | None,
    *,
    origin: Origin,
    call: ast.Call,
) -> Part | Unknown:
    columns = [column_name(argument, column_of) for argument in arguments]
    name, final, known = name_of(options.get("name"))
    if None in columns:
        return Unknown(text_of(call), "a column is named elsewhere", origin)
    unknown = () if known else (Unknown(text_of(call), "its name is made elsewhere", origin),)
    names = tuple(column for column in columns if column is not None)
    if kind == "PrimaryKeyConstraint":
        return Part(PrimaryKey(names, name, origin), final, unknown)
    return Part(Unique(names, name, other_options(options), origin), final, unknown)


def other_options(options: Mapping[str, Expression]) -> tuple[tuple[str, str], ...]:
    """Options that a database would notice, by name."""
    silent = {"name", "info", "comment", "_column_flag", "quote"}
    found = []
    for key, option in options.items():
        value = plain(option)
        if key not in silent and value is not None and value is not False:
            found.append((key, text_of(option.node) if value is ... else repr(value)))
    return tuple(sorted(found))


def column_name(argument: Expression, column_of: ColumnOf | None) -> str | None:
    """The column that a string or a reference names."""
    value = evaluate(argument.node, argument.scope)
    if isinstance(value, Known) and isinstance(value.value, str):
        return value.value
    return column_of(argument.node, argument.scope) if column_of is not None else None


def _foreign_key_constraint(
    arguments: list[Expression],
    options: Mapping[str, Expression],
    target_of: TargetOf | None,
    column_of: ColumnOf | None,
    *,
    origin: Origin,
    call: ast.Call,
) -> Part | Unknown:
    local = arguments[0] if arguments else options.get("columns")
    referred = arguments[1] if len(arguments) > 1 else options.get("refcolumns")
    own = items(local.node, local.scope) if local is not None else None
    others = items(referred.node, referred.scope) if referred is not None else None
    if own is None or others is None:
        return Unknown(text_of(call), "its columns are listed elsewhere", origin)
    columns = [column_name(part, column_of) for part in own]
    targets = [_target(part, target_of) for part in others]
    named = dict(zip(("name", "onupdate", "ondelete"), arguments[2:]))  # noqa: B905  (the rest are keywords)
    if None in columns or None in targets:
        return Unknown(text_of(call), "a column is named elsewhere", origin)
    return _foreign_key(
        tuple(column for column in columns if column is not None),
        [target for target in targets if target is not None],
        {**named, **options},
        origin,
        call,
    )


def _check(
    arguments: list[Expression],
    options: Mapping[str, Expression],
    column_of: ColumnOf | None,
    origin: Origin,
    call: ast.Call,
) -> Part | Unknown:
    condition = arguments[0] if arguments else options.get("sqltext")
    if condition is None:
        return Unknown(text_of(call), "it has no condition", origin)
    name, final, known = name_of(options.get("name"))
    sql, is_sql = sql_text(condition.node, condition.scope, column_of)
    unknown = () if known else (Unknown(text_of(call), "its name is made elsewhere", origin),)
    return Part(Check(sql, name, origin, () if is_sql else ("text",)), final, unknown)


def _index(
    arguments: list[Expression],
    options: Mapping[str, Expression],
    column_of: ColumnOf | None,
    origin: Origin,
    call: ast.Call,
) -> Part | Unknown:
    if not arguments:
        return Unknown(text_of(call), "it has no name", origin)
    name, final, known = name_of(arguments[0])
    columns = [index_column(argument, column_of) for argument in arguments[1:]]
    index = index_of(name, columns, options, origin, column_of)
    if not all(is_understood(argument, column_of) for argument in arguments[1:]):
        index = index.replace(unknown=(*index.unknown, "columns"))
    return Part(
        index,
        final,
        () if known else (Unknown(text_of(call), "its name is made elsewhere", origin),),
    )


def index_column(argument: Expression, column_of: ColumnOf | None) -> str:
    """A column's name, or the text of an expression."""
    return column_name(argument, column_of) or sql_text(argument.node, argument.scope, column_of)[0]


def is_understood(argument: Expression, column_of: ColumnOf | None) -> bool:
    """Whether what an index is on is a column or SQL, and not source that only Python understands."""
    if column_name(argument, column_of) is not None:
        return True
    return sql_text(argument.node, argument.scope, column_of)[1]


def index_of(
    name: str | None,
    columns: Sequence[str],
    options: Mapping[str, Expression],
    origin: Origin,
    column_of: ColumnOf | None = None,
) -> Index:
    """An index from its options: `unique`, `postgresql_where`, `postgresql_using` and the rest."""
    where = next((options[key] for key in ("postgresql_where", "sqlite_where", "mssql_where") if key in options), None)
    using = next((text_option(options[key]) for key in ("postgresql_using", "mysql_using") if key in options), None)
    condition, known = None, True
    if where is not None and plain(where) is not None:
        condition, known = sql_text(where.node, where.scope, column_of)
    shown = ("postgresql_where", "sqlite_where", "mssql_where", "postgresql_using", "mysql_using")
    silent = {"unique", "quote", "info", "postgresql_concurrently", "if_not_exists", "schema", "_table", *shown}
    return Index(
        tuple(columns),
        name,
        unique=plain(options.get("unique")) is True,
        where=condition,
        using=using,
        options=other_options({key: option for key, option in options.items() if key not in silent}),
        unknown=() if known else ("where",),
        origin=origin,
    )
