"""From a mapped class to the parts of its table."""

from __future__ import annotations

import ast
import re

from gitmig.frozen import Frozen
from gitmig.schema.constructs import (
    COLUMN_SPELLINGS,
    ColumnPart,
    Part,
    origin_of,
    read_column,
    text_option,
)
from gitmig.schema.elements import UNREAD_ARGUMENTS, Column, ForeignKey, PrimaryKey, Type, Unknown, table_key
from gitmig.schema.made import kind_of, made_by
from gitmig.schema.models.annotations import Annotated, mapped_argument, read_annotation
from gitmig.schema.models.attributes import Attribute, attributes_of, declared_value, is_declared, own_attributes
from gitmig.schema.models.bases import Root, outside_bases, outside_root, root_of
from gitmig.schema.models.hooks import added_by_hooks, metaclass_methods
from gitmig.schema.models.sqlmodel import field_column
from gitmig.schema.tables import NOWHERE, TablePart, read_parts, read_table
from gitmig.source.classes import base_bindings, linearised
from gitmig.source.scopes import Class, Expression, Function, Known, Layer, Scope, Symbol
from gitmig.source.values import (
    INHERITS_TABLE,
    call_name,
    called_scope,
    entries,
    evaluate,
    items,
    local_scope,
    member,
    resolve,
    returned,
    text_of,
    value_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitmig.schema.constructs import TargetOf

NOT_COLUMNS = frozenset(
    {
        "__tablename__",
        "__table_args__",
        "__mapper_args__",
        "__abstract__",
        "__table__",
        "metadata",
        "registry",
        "type_annotation_map",
        "__bind_key__",
    }
)
DIRECT_BASES = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta"})
WRAPPERS = frozenset({"deferred", "column_property"})


class MappedTable(Frozen):
    """What a class maps: its own table, or with `parent` columns for the table of another class."""

    root: Root
    table: TablePart
    parent: bool = False
    bind: str | None = None


class Mapper:
    """Reads mapped classes; asks `target_of` for columns of other classes."""

    def __init__(self, target_of: TargetOf) -> None:
        self.target_of = target_of
        self._roots: dict[Class, Root | None] = {}
        self._names: dict[Class, str | None] = {}

    def let_go(self) -> None:
        """Forget the classes and with them their text: who follows references and this object know each other."""
        self._roots.clear()
        self._names.clear()

    def root(self, cls: Class) -> Root | None:
        if cls not in self._roots:
            self._roots[cls] = root_of(cls) or (outside_root(cls) if "__tablename__" in cls.body.definitions else None)
        return self._roots[cls]

    # Names

    def is_abstract(self, cls: Class) -> bool:
        """Whether a class is a declarative base itself or says `__abstract__`."""
        if any(isinstance(base, Symbol) and base.last in DIRECT_BASES for base in base_bindings(cls)):
            return True
        if any("as_declarative" in text_of(decorator) for decorator in cls.node.decorator_list):
            return True
        own = cls.own("__abstract__")
        return isinstance(own, Expression) and evaluate(own.node, own.scope) == Known(True)

    def parent(self, cls: Class) -> Class | None:
        """The nearest base that is mapped to a table of its own or of its parent."""
        for base in linearised(cls)[1:]:
            if isinstance(base, Class) and self.is_mapped(base):
                return base
        return None

    def is_mapped(self, cls: Class) -> bool:
        root = self.root(cls)
        if root is None or self.is_abstract(cls):
            return False
        return self.table_name(cls) is not None or "__table__" in cls.body.definitions or self.parent(cls) is not None

    def table_name(self, cls: Class) -> str | None:
        """The name of a class's own table, "?" when it has one whose name was not read."""
        if cls not in self._names:
            self._names[cls] = None
            self._names[cls] = self._table_name(cls)
        return self._names[cls]

    def _table_name(self, cls: Class) -> str | None:
        root = self.root(cls)
        if root is None or self.is_abstract(cls):
            return None
        if root.style == "sqlmodel" and not self._is_sqlmodel_table(cls):
            return None
        if root.style == "flask" and not self._names_itself(cls) and self.parent(cls) is not None:
            return None
        written = self._given_name(cls) or self._name_of_metaclass(cls) or self._written_name(cls)
        if written is not None:
            return written or None
        if root.style == "sqlmodel":
            return cls.name.lower()
        if root.style == "flask" and "__table__" not in cls.body.definitions and self._names_itself(cls):
            return snake_case(cls.name)
        return None

    def _written_name(self, cls: Class) -> str | None:
        """`__tablename__` of the class or of a base that is not mapped; "" for an explicit None, None for none."""
        for owner in linearised(cls):
            if not isinstance(owner, Class):
                continue
            attribute = next((own for own in own_attributes(owner) if own.name == "__tablename__"), None)
            if attribute is None:
                continue
            if isinstance(attribute.node, ast.FunctionDef):
                self._tell(cls)
                value = value_of(returned(Function(attribute.node, attribute.scope, cls)))
            elif owner is not cls and self.is_mapped(owner):
                return None
            else:
                value = evaluate(attribute.value, attribute.scope)
            if not isinstance(value, Known):
                return "?"
            return value.value if isinstance(value.value, str) else ""
        return None

    def _tell(self, cls: Class) -> None:
        """What `has_inherited_table(cls)` answers, before a function that may ask is read."""
        if INHERITS_TABLE not in cls.derived:
            cls.derived[INHERITS_TABLE] = Known(self.parent(cls) is not None)

    def _given_name(self, cls: Class) -> str | None:
        """A name that `__init_subclass__` of a base gives; "?" when it does so in a way that is not understood."""
        for owner in linearised(cls)[1:]:
            function = owner.own("__init_subclass__") if isinstance(owner, Class) else None
            if not isinstance(function, Function) or "__tablename__" not in text_of(function.node):
                continue
            if "__tablename__" in cls.body.definitions and "cls.__tablename__ =" not in text_of(function.node):
                return None
            return self._assigned_name(Function(function.node, function.scope, cls), cls)
        return None

    def _name_of_metaclass(self, cls: Class) -> str | None:
        """A name that the `__init__` of a metaclass of the tree makes of the written one; "?" when it is not read."""
        for function in metaclass_methods(cls):
            if "__tablename__" not in text_of(function.node):
                continue
            written = self._written_name(cls)
            if not written:
                return "?" if self._names_itself(cls) else None
            values = [
                node.value
                for node in ast.walk(function.node)
                if isinstance(node, ast.Assign) and any("__tablename__" in text_of(each) for each in node.targets)
            ]
            if not values:
                continue
            attributes = ast.Dict(keys=[ast.Constant("__tablename__")], values=[ast.Constant(written)])
            names = [argument.arg for argument in function.node.args.args]
            bound = (cls, Known(cls.name), Known(()), Expression(attributes, function.scope))
            scope = Layer(dict(zip(names, bound)), function.scope)  # noqa: B905  (cls, name, bases, attributes)
            value = evaluate(values[0], scope) if len(values) == 1 else None
            return value.value if isinstance(value, Known) and isinstance(value.value, str) else "?"
        return None

    def _assigned_name(self, function: Function, cls: Class) -> str:
        scope = local_scope(function)
        assigned = [
            node.value
            for node in ast.walk(function.node)
            if isinstance(node, ast.Assign) and text_of(node.targets[0]) == "cls.__tablename__"
        ]
        value = evaluate(assigned[0], scope) if len(assigned) == 1 and scope is not None else None
        return value.value if isinstance(value, Known) and isinstance(value.value, str) else "?"

    def _is_sqlmodel_table(self, cls: Class) -> bool:
        return any(keyword.arg == "table" and text_of(keyword.value) == "True" for keyword in cls.node.keywords)

    def _names_itself(self, cls: Class) -> bool:
        """Flask-SQLAlchemy names a table only for a class with a primary key of its own."""
        parent = self.parent(cls)
        stop = [base for base in linearised(parent) if isinstance(base, Class)] if parent is not None else []
        return any(_says_primary_key(attribute) for attribute in attributes_of(cls, stop))

    # Tables

    def read(self, cls: Class) -> MappedTable | None:
        """The table of a class; None for abstract bases, mixins and classes that are not mapped."""
        root = self.root(cls)
        if root is None or self.is_abstract(cls) or (root.style == "sqlmodel" and not self._is_sqlmodel_table(cls)):
            return None
        parent = self.parent(cls)
        name = self.table_name(cls)
        if "__table__" in cls.body.definitions:
            return self._explicit(cls, root)
        if name is None and parent is None:
            return None
        stop = [base for base in linearised(parent) if isinstance(base, Class)] if parent is not None else []
        columns, unknown = self._columns(cls, root, stop)
        if name is None and parent is not None:
            return self._single(parent, root, columns, unknown, cls)
        return MappedTable(root, self._named(cls, root, name, columns, unknown), bind=self._bind(cls))

    def named(self, cls: Class, root: Root, name: str) -> TablePart:
        """The table of a class that a base outside the tree maps, under a name that it may have."""
        return self._named(cls, root, name, *self._columns(cls, root, []))

    def _named(
        self, cls: Class, root: Root, name: str | None, columns: Sequence[ColumnPart], unknown: Sequence[Unknown]
    ) -> TablePart:
        unknown = list(unknown)
        parts, options, gaps = self._arguments(cls, columns)
        unknown += gaps
        if not unknown and root.style != "outside" and not _has_key(columns, parts) and not _maps_by_hand(cls):
            unknown.append(Unknown("primary key", "no column of it was found", origin_of(cls.node, cls.scope)))
        if member(cls, "__mapper_cls__") is not None:
            why = "it maps the class in its own way, and may make other tables beside it"
            key = table_key(name or "?", text_option(options.get("schema")) or root.metadata.namespace)
            unknown.append(Unknown("__mapper_cls__", why, origin_of(cls.node, cls.scope), (key, f"{key}_*")))
        unknown += [
            Unknown(base.name, "this base is outside the tree and may bring columns", origin_of(cls.node, cls.scope))
            for base in outside_bases(cls)
            if root.style != "outside"
        ]
        return TablePart(
            None if name == "?" else name,
            text_option(options.get("schema")),
            None,
            tuple(columns),
            tuple(parts),
            text_option(options.get("comment")),
            tuple(unknown),
            origin=origin_of(cls.node, cls.scope),
            info=options.get("info"),
        )

    def has_columns(self, cls: Class) -> bool:
        """Whether the body of a class itself writes columns."""
        for attribute in own_attributes(cls):
            made = made_by(attribute.value, attribute.scope) if attribute.value is not None else None
            if made is not None and made.kind in COLUMN_SPELLINGS:
                return True
        return False

    def _bind(self, cls: Class) -> str | None:
        found = value_of(member(cls, "__bind_key__"))
        return found.value if isinstance(found, Known) and isinstance(found.value, str) else None

    def _single(
        self, parent: Class, root: Root, columns: list[ColumnPart], unknown: list[Unknown], cls: Class
    ) -> MappedTable | None:
        owner: Class | None = parent
        while owner is not None and self.table_name(owner) is None:
            owner = self.parent(owner)
        name = self.table_name(owner) if owner is not None else None
        if owner is None or name is None:
            return None
        above = self.read(owner)
        namespace = above.table.namespace if above is not None else None
        table = TablePart(
            name, namespace, None, tuple(columns), (), None, tuple(unknown), origin=origin_of(cls.node, cls.scope)
        )
        return MappedTable(root, table, parent=True)

    def _explicit(self, cls: Class, root: Root) -> MappedTable | None:
        own = cls.own("__table__")
        found = resolve(own.node, own.scope) if isinstance(own, Expression) else None
        if (
            isinstance(found, Expression)
            and isinstance(found.node, ast.Call)
            and kind_of(found.node, found.scope) == "Table"
        ):
            return MappedTable(root, read_table(found.node, found.scope, target_of=self.target_of))
        return None

    def _arguments(
        self, cls: Class, columns: Sequence[ColumnPart]
    ) -> tuple[list[Part], dict[str, Expression], list[Unknown]]:
        """`__table_args__` as a tuple, a tuple ending in a mapping, or a mapping."""
        found = self._inherited(cls, "__table_args__")
        if found is None:
            return [], {}, []
        if isinstance(found, Function):
            return self._common_arguments(Function(found.node, found.scope, cls), cls, columns)
        return self._read_arguments(found, cls, columns)

    def _common_arguments(
        self, function: Function, cls: Class, columns: Sequence[ColumnPart]
    ) -> tuple[list[Part], dict[str, Expression], list[Unknown]]:
        """What a function returns whichever way it takes; what only some ways return is unknown."""
        origin = origin_of(cls.node, cls.scope)
        scope = called_scope(function, None, function.scope)
        ways = (
            _returns(function.node.body) if isinstance(function.node, ast.FunctionDef) and scope is not None else None
        )
        if not ways or scope is None:
            return [], {}, [Unknown("__table_args__", UNREAD_ARGUMENTS, origin)]
        read = [self._read_arguments(Expression(way, scope), cls, columns) for way in ways]
        everywhere = [part for part in read[0][0] if all(_same_part(part, way) for way, _, _ in read)]
        elsewhere = [part for way, _, _ in read for part in way if not any(part is one for one in everywhere)]
        doubtful = [part for part in elsewhere if not _same_part(part, everywhere)]
        gaps = [
            Unknown(_text_of_part(part), "only where a condition holds that was not read", origin) for part in doubtful
        ]
        options = {
            name: option
            for name, option in read[0][1].items()
            if all(name in way and text_of(way[name].node) == text_of(option.node) for _, way, _ in read)
        }
        gaps += [gap for _, _, more in read for gap in more]
        return everywhere, options, list(dict.fromkeys(gaps))

    def _read_arguments(
        self, found: Expression | Known, cls: Class, columns: Sequence[ColumnPart]
    ) -> tuple[list[Part], dict[str, Expression], list[Unknown]]:
        if isinstance(found, Known):
            if found.value in (None, (), {}):
                return [], {}, []
            return [], {}, [Unknown("__table_args__", UNREAD_ARGUMENTS, origin_of(cls.node, cls.scope))]
        options = entries(found.node, found.scope) if not isinstance(found.node, (ast.Tuple, ast.List)) else None
        if options is not None:
            return [], options, []
        arguments = items(found.node, found.scope)
        if arguments is None:
            return [], {}, [Unknown(text_of(found.node), UNREAD_ARGUMENTS, origin_of(found.node, found.scope))]
        if arguments:
            last = resolve(arguments[-1].node, arguments[-1].scope)
            if isinstance(last, Symbol) and last.last == "__table_args__":
                arguments = arguments[:-1]
            elif isinstance(last, Expression) and not kind_of(last.node, last.scope):
                options = entries(last.node, last.scope)
                if options is not None:
                    arguments = arguments[:-1]
        inline, parts, unknown = read_parts(arguments, self.target_of, self.column_of(cls, columns))
        gaps = [
            *unknown,
            *(Unknown(part.column.name, "a column in __table_args__", part.column.origin) for part in inline),
        ]
        return list(parts), options or {}, gaps

    def _inherited(self, cls: Class, name: str) -> Expression | Known | Function | None:
        """A class attribute from the class, its mixins and abstract bases; mapped bases keep plain values."""
        for owner in linearised(cls):
            if not isinstance(owner, Class):
                continue
            attribute = next((own for own in own_attributes(owner) if own.name == name), None)
            if attribute is None:
                continue
            if isinstance(attribute.node, ast.FunctionDef):
                found = returned(Function(attribute.node, attribute.scope, cls))
                if isinstance(found, Expression):
                    inner = resolve(found.node, found.scope)
                    found = inner if isinstance(inner, (Expression, Known)) else found
                return found if isinstance(found, (Expression, Known)) else Function(attribute.node, attribute.scope)
            if owner is not cls and self.is_mapped(owner):
                continue
            if attribute.value is not None:
                followed = resolve(attribute.value, attribute.scope)
                return (
                    followed
                    if isinstance(followed, (Expression, Known))
                    else Expression(attribute.value, attribute.scope)
                )
        return None

    def column_of(self, cls: Class, columns: Sequence[ColumnPart]) -> Callable[[ast.expr, Scope], str | None]:
        """Names of columns for references inside a class: `email`, `cls.email`, `User.email`, `table.c.email`."""
        names = {part.key: part.column.name for part in columns if part.key}
        names.update({part.column.name: part.column.name for part in columns})

        def column_of(node: ast.expr, scope: Scope) -> str | None:
            if isinstance(node, ast.Name) and node.id in names:
                found = scope.lookup(node.id)
                return names[node.id] if isinstance(found, (Expression, Function)) or found is None else None
            if isinstance(node, ast.Attribute):
                owner = resolve(node.value, scope)
                if isinstance(owner, Class) and node.attr in names and _shares(owner, cls):
                    return names[node.attr]
                if isinstance(node.value, ast.Attribute) and node.value.attr in {"c", "columns"}:
                    return node.attr
            target = self.target_of(node, scope)
            return target[1] if target is not None else None

        return column_of

    def namespace(self, cls: Class) -> str | None:
        """The namespace that a class gives its table, without that of its MetaData."""
        _, options, _ = self._arguments(cls, ())
        return text_option(options.get("schema"))

    # Columns

    def _columns(self, cls: Class, root: Root, stop: Sequence[Class]) -> tuple[list[ColumnPart], list[Unknown]]:
        columns: list[ColumnPart] = []
        unknown: list[Unknown] = []
        for attribute in (*attributes_of(cls, stop), *added_by_hooks(cls)):
            found = self._column(attribute, cls, root) if isinstance(attribute, Attribute) else attribute
            if isinstance(found, Unknown):
                unknown.append(found)
            elif found is not None:
                columns.append(found)
                if isinstance(attribute, Attribute) and attribute.conditional:
                    gap = Unknown(found.column.name, "under a condition that is not known", found.column.origin)
                    unknown.append(gap)
        return columns, unknown

    def _column(self, attribute: Attribute, cls: Class, root: Root) -> ColumnPart | Unknown | None:
        if attribute.name in NOT_COLUMNS:
            return None
        if not attribute.name:
            why = "names are put into the class body in a way that is not understood"
            return Unknown(f"columns of {attribute.owner.name}", why, origin_of(attribute.node, attribute.scope))
        if isinstance(attribute.node, ast.FunctionDef):
            return self._declared(attribute, cls, root) if is_declared(attribute) else None
        if root.style == "sqlmodel":
            return field_column(attribute)
        argument, relation = None, False
        if attribute.annotation is not None:
            argument, relation = mapped_argument(attribute.annotation, attribute.scope)
        if relation:
            return None
        if attribute.value is None:
            return self._from_annotation(attribute, argument, root) if argument is not None else None
        return self._from_value(attribute, Expression(attribute.value, attribute.scope), argument, root)

    def _declared(self, attribute: Attribute, cls: Class, root: Root) -> ColumnPart | Unknown | None:
        self._tell(cls)
        value = declared_value(attribute, cls)
        if isinstance(value, Unknown):
            text = text_of(attribute.node)
            return value if "Column(" in text or "mapped_column(" in text else None
        if not isinstance(value, Expression):
            return None
        argument = None
        if attribute.annotation is not None:
            argument, relation = mapped_argument(attribute.annotation, attribute.scope)
            if relation:
                return None
        return self._from_value(attribute, value, argument, root)

    def _from_annotation(self, attribute: Attribute, argument: Expression, root: Root) -> ColumnPart | Unknown | None:
        annotation = read_annotation(argument.node, argument.scope, root.type_map)
        if annotation.relation or annotation.type is None:
            return None
        part = ColumnPart(
            Column(attribute.name, Type("null", ""), origin=origin_of(attribute.node, attribute.scope)),
            key=attribute.name,
        )
        return self._annotated(part, annotation)

    def _from_value(
        self, attribute: Attribute, value: Expression, argument: Expression | None, root: Root
    ) -> ColumnPart | Unknown | None:
        made = made_by(value.node, value.scope)
        node, kind = made.node, made.kind
        if not isinstance(node, ast.Call):
            return None
        if kind in WRAPPERS and node.args:
            inner = made_by(node.args[0], made.scope)
            if inner.kind not in COLUMN_SPELLINGS:
                return None
            return self._from_value(attribute, inner, None, root)  # SQLAlchemy leaves the annotation out here
        if call_name(node) == "field" and (of_dataclass := _field_column(attribute, node, made.scope)) is not None:
            return self._from_value(attribute, of_dataclass, None, root)
        if kind not in COLUMN_SPELLINGS:
            return _unread_column(attribute, node, made.scope) if not kind else None
        part = read_column(node, made.scope, name=attribute.name, target_of=self.target_of)
        if part.key == part.column.name != attribute.name:
            part = part.replace(key=attribute.name)
        if argument is None or kind == "Column":
            return part
        return self._annotated(part, read_annotation(argument.node, argument.scope, root.type_map))

    def _annotated(self, part: ColumnPart, annotation: Annotated) -> ColumnPart:
        """A mapped column takes from its annotation what it does not say itself."""
        column = part.column
        if annotation.column is not None:
            made = made_by(annotation.column.node, annotation.column.scope)
            if isinstance(made.node, ast.Call):
                part = _merged(part, read_column(made.node, made.scope, name=column.name, target_of=self.target_of))
                column = part.column
        refers = any(isinstance(inline.element, ForeignKey) for inline in part.parts)
        if not part.typed and annotation.type is not None and not refers:  # else it is that of the column referred to
            column = column.replace(type=annotation.type)
        if not part.decided:
            column = column.replace(nullable=annotation.optional and not column.primary_key)
        return part.replace(column=column, typed=True, decided=True)


def _field_column(attribute: Attribute, call: ast.Call, scope: Scope) -> Expression | None:
    """The column in `field(metadata={"sa": Column(...)})` of a class with `__sa_dataclass_metadata_key__ = "sa"`."""
    key = value_of(member(attribute.owner, "__sa_dataclass_metadata_key__"))
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "metadata"), None)
    if not isinstance(key, Known) or given is None:
        return None
    found = (entries(given, scope) or {}).get(str(key.value))
    if found is not None and isinstance(found.node, ast.Lambda):
        return Expression(found.node.body, found.scope)
    return found


def _unread_column(attribute: Attribute, call: ast.Call, scope: Scope) -> Unknown | None:
    """A call of something outside the tree that is named like a column."""
    word = text_of(call.func).rpartition(".")[2]
    if word.lower().endswith("column") or word.lower().endswith("_col"):
        return Unknown(
            text_of(call), f"{attribute.name} is made by a function that is not understood", origin_of(call, scope)
        )
    return None


def _merged(part: ColumnPart, given: ColumnPart) -> ColumnPart:
    """A column completed by the `mapped_column(...)` inside an `Annotated` type."""
    own, other = part.column, given.column
    column = own.replace(
        type=own.type if part.typed else other.type,
        nullable=own.nullable if part.decided else other.nullable,
        primary_key=own.primary_key or other.primary_key,
        server_default=own.server_default if own.server_default is not None else other.server_default,
        autoincrement=own.autoincrement or other.autoincrement,
        computed=own.computed or other.computed,
        identity=own.identity or other.identity,
        comment=own.comment or other.comment,
        unknown=tuple(sorted({*own.unknown, *other.unknown})),
    )
    return part.replace(
        column=column,
        typed=part.typed or given.typed,
        decided=part.decided or given.decided,
        unique=part.unique or given.unique,
        index=part.index or given.index,
        parts=part.parts or given.parts,
        unknown=(*part.unknown, *given.unknown),
    )


def _shares(owner: Class, cls: Class) -> bool:
    """Whether one of two classes is the other or a base of it."""
    return any(isinstance(base, Class) and base.node is owner.node for base in linearised(cls))


def _maps_by_hand(cls: Class) -> bool:
    """Whether the mapper is told the key, which the table then need not have."""
    return member(cls, "__mapper_args__") is not None


def _has_key(columns: Sequence[ColumnPart], parts: Sequence[Part]) -> bool:
    """Whether a table has a primary key; SQLAlchemy maps no class to one without."""
    return any(each.column.primary_key for each in columns) or any(
        isinstance(part.element, PrimaryKey) for part in parts
    )


def _returns(body: Sequence[ast.stmt]) -> list[ast.expr] | None:
    """What a function of conditions alone may return; None where it does anything else."""
    found: list[ast.expr] = []
    for statement in body:
        if isinstance(statement, ast.Return):
            return [*found, statement.value] if statement.value is not None else None
        if isinstance(statement, ast.If):
            for branch in (statement.body, statement.orelse):
                inner = _returns(branch) if branch else []
                if inner is None:
                    return None
                found += inner
        elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            return None
    return found


def _same_part(part: Part, others: Sequence[Part]) -> bool:
    return any(_said_by(part) == _said_by(other) for other in others)


def _said_by(part: Part) -> object:
    """A part without its place."""
    return part.replace(element=part.element.replace(origin=NOWHERE), unknown=())


def _text_of_part(part: Part) -> str:
    columns = ", ".join(getattr(part.element, "columns", ()))
    return " ".join(filter(None, (type(part.element).__name__.lower(), part.element.name or "", f"({columns})")))


def _says_primary_key(attribute: Attribute) -> bool:
    node = attribute.value if attribute.value is not None else attribute.node
    if isinstance(attribute.node, ast.FunctionDef):
        node = attribute.node
    made = made_by(node, attribute.scope) if isinstance(node, ast.expr) else None
    searched: list[ast.AST] = [node, *([made.node] if made is not None else [])]
    if attribute.annotation is not None:
        argument, _ = mapped_argument(attribute.annotation, attribute.scope)
        if argument is not None:
            column = read_annotation(argument.node, argument.scope).column
            searched += [column.node] if column is not None else []
    for start in searched:
        for part in ast.walk(start):
            if isinstance(part, ast.keyword) and part.arg == "primary_key" and text_of(part.value) == "True":
                return True
            if isinstance(part, ast.Call) and text_of(part.func).endswith("PrimaryKeyConstraint"):
                return True
    return False


def snake_case(name: str) -> str:
    """The table name that Flask-SQLAlchemy derives from a class name."""
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower().lstrip("_")
