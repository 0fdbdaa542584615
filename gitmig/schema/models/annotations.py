"""Annotations of attributes: `Mapped[...]`, `Annotated` aliases and the types that Python types stand for."""

from __future__ import annotations

import ast

from gitmig.frozen import Frozen
from gitmig.schema.elements import Type
from gitmig.schema.types import enum_type, enum_values, read_type, unknown_type
from gitmig.source.classes import is_enum, linearised
from gitmig.source.scopes import Class, Expression, Known, Scope, Symbol
from gitmig.source.values import call_name, evaluate, member, resolve, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitmig.source.scopes import Binding

MAPPED = frozenset({"Mapped", "DynamicMapped", "WriteOnlyMapped", "SQLCoreOperations", "MappedColumn"})
RELATIONS = frozenset({"DynamicMapped", "WriteOnlyMapped"})
# SQLAlchemy's default type map.
DEFAULTS = {
    "bool": Type("boolean", "sa.Boolean()"),
    "bytes": Type("binary", "sa.LargeBinary()"),
    "datetime.date": Type("date", "sa.Date()"),
    "datetime.datetime": Type("datetime", "sa.DateTime()"),
    "datetime.time": Type("time", "sa.Time()"),
    "datetime.timedelta": Type("interval", "sa.Interval()"),
    "decimal.Decimal": Type("numeric", "sa.Numeric()"),
    "float": Type("float", "sa.Float()"),
    "int": Type("integer", "sa.Integer()"),
    "str": Type("string", "sa.String()"),
    "uuid.UUID": Type("uuid", "sa.Uuid()"),
}
ALIASES = {
    "typing.Dict": "dict",
    "typing.List": "list",
    "typing.Set": "set",
    "typing.Tuple": "tuple",
    "typing.Text": "str",
    "typing.Type": "type",
}
COLLECTIONS = frozenset(
    {"list", "set", "List", "Set", "Sequence", "Collection", "AppenderQuery", "Iterable", "Dict", "dict"}
)


class Annotated(Frozen):
    """What an annotation says: the type (None for no column), whether None is allowed, a column in `Annotated`."""

    type: Type | None = None
    optional: bool = False
    column: Expression | None = None
    relation: bool = False
    metadata: tuple[Expression, ...] = ()
    python: str = ""


def read_annotation(node: ast.expr, scope: Scope, type_map: Expression | None = None) -> Annotated:
    """Reads what stands inside `Mapped[...]`, or a plain annotation of SQLModel."""
    return _Reader(type_map).read(node, scope)


def mapped_argument(node: ast.expr, scope: Scope) -> tuple[Expression | None, bool]:
    """The X of `Mapped[X]`, None when it is no `Mapped`, and whether it is a dynamic relation."""
    expression = _unquoted(node, scope)
    inner = expression.node
    if not isinstance(inner, ast.Subscript):
        return None, False
    word = _word(inner.value, expression.scope)
    if word not in MAPPED:
        return None, False
    return Expression(inner.slice, expression.scope), word in RELATIONS


def _word(node: ast.expr, scope: Scope) -> str:
    found = resolve(node, scope)
    if isinstance(found, Symbol):
        return found.last
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _unquoted(node: ast.expr, scope: Scope) -> Expression:
    """An annotation written as a string is parsed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            inner = ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return Expression(node, scope)
        for part in ast.walk(inner):
            ast.copy_location(part, node)
        return Expression(inner, scope)
    return Expression(node, scope)


class _Reader:
    def __init__(self, type_map: Expression | None) -> None:
        self.map: dict[str, Expression] = {}
        self.complete = True
        self.depth = 0
        if type_map is not None:
            self._read_map(type_map)

    def _read_map(self, type_map: Expression) -> None:
        found = resolve(type_map.node, type_map.scope)
        if not isinstance(found, Expression):
            return
        node, scope = found.node, found.scope
        if isinstance(node, ast.BinOp):
            self._read_map(Expression(node.left, scope))
            self._read_map(Expression(node.right, scope))
            return
        if (
            isinstance(node, ast.Call)
            and text_of(node.func) in {"dict", "MappingProxyType", "types.MappingProxyType"}
            and node.args
        ):
            self._read_map(Expression(node.args[0], scope))
            return
        if not isinstance(node, ast.Dict):
            self.complete = False
            return
        for key, value in zip(node.keys, node.values):  # noqa: B905  (always of equal length)
            if key is None:
                self._read_map(Expression(value, scope))
            else:
                self.map[type_key(key, scope)] = Expression(value, scope)
                self.map.setdefault(_plain_key(key, scope), Expression(value, scope))

    def read(self, node: ast.expr, scope: Scope) -> Annotated:
        self.depth += 1
        if self.depth > 40:
            return Annotated(unknown_type(text_of(node)))
        expression = _unquoted(node, scope)
        node, scope = expression.node, expression.scope
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return Annotated(unknown_type(node.value), python=node.value)
        mapped = self._from_map(type_key(node, scope)) if self.map else None
        if mapped is not None:
            return self._with_inner(node, scope, mapped)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union(_alternatives(node), scope)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, scope)
        return self._named(node, scope)

    def _with_inner(self, node: ast.expr, scope: Scope, mapped: Type) -> Annotated:
        """A type from the map still takes None and a column from the annotation."""
        found = _definition(node, scope)
        if isinstance(found, Expression) and isinstance(found.node, (ast.Subscript, ast.BinOp)):
            inner = _Reader(None).read(found.node, found.scope)
            return inner.replace(type=mapped, relation=False)
        return Annotated(mapped, python=type_key(node, scope))

    def _from_map(self, key: str) -> Type | None:
        found = self.map.get(key)
        return read_type(found.node, found.scope) if found is not None else None

    def _union(self, nodes: Sequence[ast.expr], scope: Scope) -> Annotated:
        kept = [node for node in nodes if not _is_none(node, scope)]
        optional = len(kept) < len(nodes)
        if len(kept) == 1:
            return self.read(kept[0], scope).replace(optional=True) if optional else self.read(kept[0], scope)
        keys = " | ".join(sorted(type_key(node, scope) for node in kept))
        mapped = next((read_type(v.node, v.scope) for k, v in self.map.items() if _sorted_union(k) == keys), None)
        return Annotated(mapped or unknown_type(keys), optional, python=keys)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Annotated:
        word = _word(node.value, scope)
        inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if word == "Optional":
            return self.read(inside[0], scope).replace(optional=True)
        if word == "Union":
            return self._union(inside, scope)
        if word == "Annotated":
            found = self.read(inside[0], scope)
            extra = tuple(Expression(part, scope) for part in inside[1:])
            column = next((part for part in extra if _is_column(part)), None)
            return found.replace(column=column or found.column, metadata=(*found.metadata, *extra))
        if word == "Literal":
            return _literal(inside, scope)
        if word in MAPPED:
            return self.read(node.slice, scope).replace(relation=word in RELATIONS)
        if word in {"Final", "Required", "NotRequired", "ReadOnly"}:
            return self.read(inside[0], scope)
        if word in {"ClassVar", "InitVar"}:
            return Annotated(None)
        mapped = self._from_map(type_key(node.value, scope))
        if mapped is not None:
            return Annotated(mapped, python=word)
        relation = word in COLLECTIONS and self._is_relation(inside[-1], scope)
        return Annotated(None if relation else unknown_type(text_of(node)), relation=relation, python=word)

    def _is_relation(self, node: ast.expr, scope: Scope) -> bool:
        expression = _unquoted(node, scope)
        found = resolve(expression.node, expression.scope)
        if isinstance(found, Class):
            return not is_enum(found)
        return isinstance(node, ast.Constant) and isinstance(node.value, str)

    def _named(self, node: ast.expr, scope: Scope) -> Annotated:
        found = _definition(node, scope)
        if isinstance(found, Expression):
            return self._alias(found, node)
        if isinstance(found, Class):
            return self._class(found)
        key = type_key(node, scope)
        if key in DEFAULTS:
            return Annotated(DEFAULTS[key], python=key)
        if key == "None":
            return Annotated(Type("null", ""), optional=True)
        return Annotated(unknown_type(text_of(node)), python=key, relation=found is None)

    def _alias(self, found: Expression, node: ast.expr) -> Annotated:
        alias = found.node
        if isinstance(alias, ast.Call) and call_name(alias) == "NewType" and len(alias.args) == 2:
            return self.read(alias.args[1], found.scope)
        if isinstance(alias, ast.Call) and call_name(alias) == "TypeAliasType" and len(alias.args) > 1:
            return self.read(alias.args[1], found.scope)
        if isinstance(alias, (ast.Subscript, ast.BinOp, ast.Name, ast.Attribute)) or _is_text(alias):
            return self.read(alias, found.scope)
        return Annotated(unknown_type(text_of(node)), python=text_of(node))

    def _class(self, cls: Class) -> Annotated:
        bases = linearised(cls)
        for base in bases:
            mapped = self._from_map(_class_key(base) if isinstance(base, Class) else _symbol_key(base))
            if mapped is None:
                continue
            if mapped.family != "enum" or not is_enum(cls):
                return Annotated(mapped, python=cls.name)
            return Annotated(self._enum(cls, base), python=cls.name)
        if is_enum(cls):
            return Annotated(_python_enum(cls), python=cls.name)
        for base in bases[1:]:
            key = _symbol_key(base)
            if key in DEFAULTS:
                return Annotated(DEFAULTS[key], python=key)
        return Annotated(None, relation=True, python=cls.name)

    def _enum(self, cls: Class, base: object) -> Type:
        """An enum whose options stand in the type map, for itself or for `enum.Enum`."""
        key = _class_key(base) if isinstance(base, Class) else _symbol_key(base)
        made = resolve(self.map[key].node, self.map[key].scope)
        if not isinstance(made, Expression) or not isinstance(made.node, ast.Call) or isinstance(base, Class):
            return read_type(self.map[key].node, self.map[key].scope)
        options = {keyword.arg: Expression(keyword.value, made.scope) for keyword in made.node.keywords if keyword.arg}
        native = evaluate(options["native_enum"].node, made.scope) if "native_enum" in options else Known(True)
        length = evaluate(options["length"].node, made.scope) if "length" in options else Known(None)
        values = enum_values(cls, options.get("values_callable"))
        return enum_type(
            tuple(values) if values is not None else None,
            name=cls.name.lower(),
            native=native != Known(False),
            length=length.value if isinstance(length, Known) else None,
            known=values is not None,
        )


def _python_enum(cls: Class) -> Type:
    values = enum_values(cls)
    return enum_type(tuple(values or ()), name=cls.name.lower(), known=bool(values))


def _literal(inside: Sequence[ast.expr], scope: Scope) -> Annotated:
    """`Literal["a", "b"]`: an enum that is a VARCHAR in the database; None makes it optional."""
    values: list[str] = []
    optional = False
    for node in inside:
        value = evaluate(node, scope)
        if isinstance(value, Known) and value.value is None:
            optional = True
        elif isinstance(value, Known) and isinstance(value.value, str):
            values.append(value.value)
        else:
            return Annotated(unknown_type(f"Literal[{text_of(node)}]"), python="Literal")
    return Annotated(enum_type(tuple(values), name=None, native=False), optional, python="Literal")


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _is_none(node: ast.expr, scope: Scope) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None or node.value == "None"
    return isinstance(node, ast.Attribute) and node.attr == "NoneType"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_column(part: Expression) -> bool:
    from gitmig.schema.constructs import COLUMN_SPELLINGS
    from gitmig.schema.made import made_by

    made = made_by(part.node, part.scope)
    return made.kind in COLUMN_SPELLINGS


def _definition(node: ast.expr, scope: Scope) -> Binding | None:
    """What a name is bound to, without reading through an alias of a type."""
    if isinstance(node, ast.Name):
        return scope.lookup(node.id, getattr(node, "lineno", 0))
    if isinstance(node, ast.Attribute):
        return member(resolve(node.value, scope), node.attr)
    return Expression(node, scope)


def type_key(node: ast.expr, scope: Scope) -> str:
    """One spelling for a Python type, to find it in a type map."""
    expression = _unquoted(node, scope)
    node, scope = expression.node, expression.scope
    if isinstance(node, ast.Subscript):
        inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        return f"{type_key(node.value, scope)}[{', '.join(type_key(part, scope) for part in inside)}]"
    if isinstance(node, ast.BinOp):
        return f"{type_key(node.left, scope)} | {type_key(node.right, scope)}"
    if isinstance(node, ast.Constant):
        return repr(node.value)
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return text_of(node)
    found = _definition(node, scope)
    if isinstance(found, Symbol):
        return ALIASES.get(found.name, found.name)
    if isinstance(found, Class):
        return _class_key(found)
    if isinstance(found, Expression):
        if isinstance(found.node, (ast.Name, ast.Attribute)) and found.node is not node:
            return type_key(found.node, found.scope)
        return f"@{found.scope.place[0]}:{found.node.lineno}:{found.node.col_offset}"
    return text_of(node)


def _plain_key(node: ast.expr, scope: Scope) -> str:
    """The key of what an alias such as `Options = dict[str, Any]` stands for; an `Annotated` is a type of its own."""
    found = resolve(node, scope)
    if not isinstance(found, Expression) or not isinstance(found.node, ast.Subscript):
        return type_key(node, scope)
    if _word(found.node.value, found.scope) == "Annotated":
        return type_key(node, scope)
    return type_key(found.node, found.scope)


def _class_key(cls: Class) -> str:
    return f"@{cls.scope.place[0]}:{cls.node.lineno}:{cls.node.col_offset}"


def _symbol_key(base: object) -> str:
    return ALIASES.get(base.name, base.name) if isinstance(base, Symbol) else ""


def _sorted_union(key: str) -> str:
    return " | ".join(sorted(key.split(" | ")))
