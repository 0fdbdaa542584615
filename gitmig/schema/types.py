"""Column types: one normal form for every spelling.

`sa.String(50)`, `String(length=50)` and a `TypeDecorator` whose `impl` is one of them give the same `Type`.
"""

from __future__ import annotations

import ast

from gitmig.schema.elements import Type
from gitmig.schema.packaged_types import PACKAGED, packaged_as
from gitmig.schema.spellings import OWN_FAMILY
from gitmig.source.classes import enum_members, is_enum, linearised
from gitmig.source.following import outside
from gitmig.source.scopes import Body, Class, Expression, Function, Known, Layer, Scope, Symbol
from gitmig.source.values import call_name, entries, evaluate, items, resolve, returned, text_of, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_SPELLINGS = {
    "string": "String VARCHAR NVARCHAR Unicode AutoString VARCHAR2 NVARCHAR2",
    "text": "Text TEXT UnicodeText CLOB NTEXT NCLOB",
    "char": "CHAR NCHAR",
    "integer": "Integer INTEGER INT",
    "bigint": "BigInteger BIGINT",
    "smallint": "SmallInteger SMALLINT",
    "numeric": "Numeric NUMERIC DECIMAL NUMBER",
    "float": "Float FLOAT",
    "double": "Double DOUBLE DOUBLE_PRECISION",
    "boolean": "Boolean BOOLEAN BOOL",
    "date": "Date DATE",
    "datetime": "DateTime DATETIME TIMESTAMP",
    "time": "Time TIME",
    "interval": "Interval INTERVAL",
    "uuid": "Uuid UUID",
    "binary": "LargeBinary BYTEA BLOB BINARY VARBINARY PickleType Binary",
    "json": "JSON",
    "jsonb": "JSONB",
    "enum": "Enum ENUM",
    "array": "ARRAY",
    "null": "NullType",
}
FAMILIES = {spelling: family for family, spellings in _SPELLINGS.items() for spelling in spellings.split()}
POSITIONS: dict[str, tuple[str, ...]] = {
    "string": ("length", "collation"),
    "text": ("length", "collation"),
    "char": ("length", "collation"),
    "binary": ("length",),
    "numeric": ("precision", "scale"),
    "float": ("precision",),
    "double": ("precision",),
    "datetime": ("timezone",),
    "time": ("timezone",),
    "bit": ("length", "varying"),
}
FAMILIES.update({name: name.lower() for name in OWN_FAMILY.split()})  # spelled once in SQLAlchemy
ANY_OTHER = "default"
DECORATED_DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle", "cockroachdb")


def read_type(node: ast.expr | None, scope: Scope) -> Type:
    """The type that an expression stands for; `known` is false when it could not be read, `text` is then its source."""
    if node is None:
        return Type("null", "")
    said = _spelling(node, scope)
    if said in _READ:
        return _READ[said]
    found = _read(node, scope, 0)
    if said and found.known and len(_READ) < KEPT_TYPES:
        _READ[said] = found
    return found


# Types by what was written, as far as that says it all: a project has few of them, in thousands of columns.
_READ: dict[tuple[str, ...], Type] = {}
KEPT_TYPES = 2000


def _spelling(node: ast.expr, scope: Scope) -> tuple[str, ...]:
    """A call of something outside the tree with nothing but constants, as `sa.String(50)`; else it is empty."""
    function = outside(node.func, scope) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or function is None or (isinstance(scope, Body) and scope.either(node)):
        return ()
    said = [function.name]
    for argument in node.args:
        if not isinstance(argument, ast.Constant):
            return ()
        said.append(repr(argument.value))
    for keyword in node.keywords:
        if keyword.arg is None or not isinstance(keyword.value, ast.Constant):
            return ()
        said.append(f"{keyword.arg}={keyword.value.value!r}")
    return tuple(said)


def unknown_type(text: str) -> Type:
    name = text.partition("(")[0].rpartition(".")[2]
    return Type(name.lower() or "unknown", text, known=False)


def _read(node: ast.expr, scope: Scope, depth: int) -> Type:
    if depth > 12:
        return unknown_type(text_of(node))
    found = resolve(node, scope)
    if isinstance(found, Symbol):
        return _of_symbol(found.name, None, scope, depth) or unknown_type(text_of(node))
    if isinstance(found, Class):
        return _of_class(found, None, scope, depth) or unknown_type(text_of(node))
    if isinstance(found, Expression) and isinstance(found.node, ast.Call):
        made = _of_call(found.node, found.scope, depth) or unknown_type(text_of(found.node))
        return _with_alternatives(made, found, depth)
    if isinstance(found, Known) and found.value is None:
        return Type("null", "")
    if isinstance(found, Expression) and isinstance(found.node, ast.IfExp):
        return _of_either(found.node, found.scope, depth)
    return unknown_type(text_of(found.node if isinstance(found, Expression) else node))


def _with_alternatives(made: Type, found: Expression, depth: int) -> Type:
    """A name that has another type in another branch of an `if`: that one as a variant whose dialect is not named."""
    others = found.scope.either(found.node) if isinstance(found.scope, Body) else ()
    read = [_read(each, found.scope, depth + 1) for each in others]
    variants = dict.fromkeys(each for each in read if each.known and each != made)
    return made.replace(variants=(*made.variants, *(("", each) for each in variants))) if variants else made


def _of_either(choice: ast.IfExp, scope: Scope, depth: int) -> Type:
    """`A() if sqlite else B()`: one type with the other as a variant of a dialect that is not named."""
    one, other = _read(choice.body, scope, depth + 1), _read(choice.orelse, scope, depth + 1)
    if one == other:
        return one
    if not one.known or not other.known:
        return unknown_type(text_of(choice))
    return one.replace(variants=(*one.variants, ("", other), *other.variants))


def _of_call(call: ast.Call, scope: Scope, depth: int) -> Type | None:
    method = call_name(call)
    if isinstance(call.func, ast.Attribute):
        if method == "with_variant":
            return _with_variant(call, call.func.value, scope, depth)
        if method in {"as_mutable", "associate_with"} and call.args:
            return _read(call.args[0], scope, depth + 1)
        if method in {"copy", "evaluates_none", "adapt"}:
            return _read(call.func.value, scope, depth + 1)
    function = resolve(call.func, scope)
    made = None
    if isinstance(function, Class):
        made = _of_class(function, call, scope, depth)
    elif isinstance(function, Symbol):
        made = _of_symbol(function.name, call, scope, depth)
    return made if made is None or made.known else _of_each(call, scope, depth) or made


def _of_each(call: ast.Call, scope: Scope, depth: int) -> Type | None:
    """`String(1024 if mysql else None)`: one type with the other as a variant, as of a choice of two calls."""
    for position, argument in enumerate(call.args):
        found = resolve(argument, scope)
        if isinstance(found, Expression) and isinstance(found.node, ast.IfExp):
            choice, names = found.node, ("<one>", "<other>")
            branches = [Expression(choice.body, found.scope), Expression(choice.orelse, found.scope)]
            calls = [
                ast.Call(call.func, [*call.args[:position], ast.Name(name), *call.args[position + 1 :]], call.keywords)
                for name in names
            ]
            whole = ast.IfExp(test=choice.test, body=calls[0], orelse=calls[1])
            inner = Layer(dict(zip(names, branches, strict=True)), scope)
            return _of_either(ast.copy_location(whole, call), inner, depth + 1)
    return None


def _with_variant(call: ast.Call, base: ast.expr, scope: Scope, depth: int) -> Type:
    type_ = _read(base, scope, depth + 1)
    if not call.args:
        return type_.replace(known=False)
    variant = _read(call.args[0], scope, depth + 1)
    names = [evaluate(argument, scope) for argument in call.args[1:]]
    names += [evaluate(keyword.value, scope) for keyword in call.keywords if keyword.arg == "dialect_name"]
    variants = dict(type_.variants)
    for name in names:
        if not isinstance(name, Known) or not isinstance(name.value, str):
            return type_.replace(known=False, text=text_of(call))
        variants[name.value] = variant
    return type_.replace(variants=tuple(sorted(variants.items())))


def _of_symbol(name: str, call: ast.Call | None, scope: Scope, depth: int) -> Type | None:
    """A type of SQLAlchemy, of one of its dialects, or of a package that is known by name."""
    last = name.rpartition(".")[2]
    packaged = packaged_as(name)
    if packaged == "GUID":
        return guid()
    if packaged is not None:
        return _read(ast.parse(packaged, mode="eval").body, _Packaged(), depth + 1)
    if last in {"mutable_json_type", "NestedMutableJson", "MutableJson"}:
        return _mutable_json(last, call, scope, depth)
    if last == "UUIDType" and name.startswith("sqlalchemy_utils"):
        return _uuid_type(call, scope)
    if last == "ChoiceType" and call is not None:
        implementation = next((keyword.value for keyword in call.keywords if keyword.arg == "impl"), None)
        return _read(implementation, scope, depth + 1) if implementation is not None else string_type(255)
    family = FAMILIES.get(last)
    if family is None:
        return _packaged_elsewhere(name, call, scope)
    if family == "enum":
        return _enum(name, call, scope)
    if family == "array":
        return _array(name, call, scope, depth)
    return _plain(name, family, call, scope)


class _Packaged(Scope):
    def lookup(self, name: str, line: int = 0) -> Symbol:
        return Symbol(name)


def guid() -> Type:
    """The widespread GUID recipe: CHAR(36), a real UUID on PostgreSQL."""
    native = Type("uuid", "postgresql.UUID()")
    return Type("char", "sa.CHAR(length=36)", length=36, variants=(("postgresql", native),))


def _uuid_type(call: ast.Call | None, scope: Scope) -> Type:
    """`UUIDType` of sqlalchemy_utils: 16 bytes, or 32 characters; a real UUID on PostgreSQL unless it is not native."""
    given, unread = _named(call, ("binary", "native"), scope)
    plain = Type("binary", "sa.LargeBinary(length=16)", not unread, length=16)
    if given.get("binary") is False:
        plain = Type("char", "sa.CHAR(length=32)", not unread, length=32)
    native = Type("uuid", "postgresql.UUID()")
    return plain if given.get("native") is False else plain.replace(variants=(("postgresql", native),))


def string_type(length: int | None = None) -> Type:
    return Type("string", "sa.String()" if length is None else f"sa.String(length={length})", length=length)


def _mutable_json(last: str, call: ast.Call | None, scope: Scope, depth: int) -> Type:
    if last != "mutable_json_type" or call is None:
        return Type("json", "sa.JSON()")
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "dbtype")]
    return _read(given[0], scope, depth + 1) if given else Type("json", "sa.JSON()")


def _packaged_elsewhere(name: str, call: ast.Call | None, scope: Scope) -> Type | None:
    """A type of a package outside the tree: its own family, known as far as its name and arguments say."""
    module, _, last = name.rpartition(".")
    if not last[:1].isupper() or last.isupper():
        return None  # a constant or a function, not a class
    arguments, complete = _arguments(call, scope)
    return Type(last.lower(), f"{last}({', '.join(arguments)})", known=complete, module=module)


def _plain(name: str, family: str, call: ast.Call | None, scope: Scope) -> Type:
    given, unread = _named(call, POSITIONS.get(family, ()), scope)
    length = _whole(given.get("length"))
    precision = _whole(given.get("precision", given.get("fsp")))
    last = name.rpartition(".")[2]
    if family == "numeric" and precision is None:
        precision = _whole(given.get("display_width"))
    if last == "Uuid" and given.get("native_uuid") is False:
        family, length = "char", 32
    if family == "uuid":
        last = "UUID" if "dialects" in name else "Uuid"
    collation = given.get("collation", given.get("collate"))
    return Type(
        family,
        _text(name, last, given, unread),
        known=not unread,
        length=length,
        precision=precision,
        scale=_whole(given.get("scale")),
        timezone=True if given.get("timezone") is True else None,
        collation=collation if isinstance(collation, str) else None,
        module=_module_of(name),
    )


def _module_of(name: str) -> str:
    """The package of a type that bears a name of SQLAlchemy's and is not SQLAlchemy's own: pgvector's VECTOR."""
    root = name.partition(".")[0]
    is_other = name.rpartition(".")[2].isupper() and root not in ("sqlalchemy", "sa", "sqlmodel", "flask_sqlalchemy")
    return name.rpartition(".")[0] if is_other and "." in name and "()" not in name else ""


# Arguments that change what Python sees and not what the database stores.
PYTHON_SIDE_NAMES = """
    as_uuid asdecimal decimal_return_scale convert_unicode unicode_error none_as_null pickler comparator impl text_type
    astext_type native_uuid values_callable validate_strings omit_aliases sort_key_function as_tuple zero_indexes
    native_enum create_constraint inherit_schema metadata create_type should_evaluate_none name timezone key_type
"""
PYTHON_SIDE = frozenset(PYTHON_SIDE_NAMES.split())


def _text(name: str, last: str, given: dict[str, Any], unread: dict[str, str]) -> str:
    """The normal form as it would be written in a revision; what was not read stands as in the source."""
    arguments = [f"{key}={value!r}" for key, value in given.items() if key not in PYTHON_SIDE and value is not None]
    arguments += [f"{key}={text}" if key.isidentifier() else text for key, text in unread.items()]
    if given.get("timezone") is True:
        arguments.append("timezone=True")
    return f"{_prefix(name)}{last}({', '.join(arguments)})"


def _prefix(name: str) -> str:
    parts = name.replace("()", "").split(".")
    return f"{parts[parts.index('dialects') + 1]}." if "dialects" in parts and len(parts) > 2 else _dialect_alias(parts)


def _dialect_alias(parts: list[str]) -> str:
    return f"{parts[-2]}." if len(parts) > 1 and parts[-2] in DECORATED_DIALECTS else "sa."


def _named(call: ast.Call | None, positions: Sequence[str], scope: Scope) -> tuple[dict[str, Any], dict[str, str]]:
    """The arguments of a type by name, and the source of those that count and were not read."""
    given: dict[str, Any] = {}
    unread: dict[str, str] = {}
    if call is None:
        return given, unread
    arguments, complete = _spelled_out(call, scope)
    if not complete:
        unread["*"] = "..."
    for position, argument in enumerate(arguments):
        name = positions[position] if position < len(positions) else f"_{position}"
        value = evaluate(argument.node, argument.scope)
        if isinstance(value, Known):
            given[name] = value.value
        elif name != "_0":
            unread[name] = _source_of(argument)
    for keyword in call.keywords:
        if keyword.arg is None:
            found = entries(keyword.value, scope)
            if found is None:
                unread["**"] = f"**{text_of(keyword.value)}"
            for key, part in (found or {}).items():
                value = evaluate(part.node, part.scope)
                given.update({key: value.value} if isinstance(value, Known) else {})
            continue
        value = evaluate(keyword.value, scope)
        if isinstance(value, Known):
            given[keyword.arg] = value.value
        elif keyword.arg not in PYTHON_SIDE and keyword.arg != "none_as_null":
            unread[keyword.arg] = _source_of(Expression(keyword.value, scope))
    return given, unread


def _source_of(part: Expression) -> str:
    """The source of an argument, seen through the functions that hand it on; a name in full."""
    found = resolve(part.node, part.scope)
    if isinstance(found, Symbol):
        return found.name
    return text_of(found.node if isinstance(found, Expression) else part.node)


def _spelled_out(call: ast.Call, scope: Scope) -> tuple[list[Expression], bool]:
    """Positional arguments, those of `*rest` included, and whether all were found."""
    found: list[Expression] = []
    complete = True
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            rest = items(argument.value, scope)
            complete = complete and rest is not None
            found += rest or []
        else:
            found.append(Expression(argument, scope))
    return found, complete


def _arguments(call: ast.Call | None, scope: Scope) -> tuple[list[str], bool]:
    if call is None:
        return [], True
    found: list[str] = []
    complete = True
    for argument in call.args:
        value = evaluate(argument, scope)
        complete = complete and isinstance(value, Known)
        found.append(repr(value.value) if isinstance(value, Known) else text_of(argument))
    for keyword in sorted(call.keywords, key=lambda keyword: keyword.arg or ""):
        value = evaluate(keyword.value, scope)
        complete = complete and isinstance(value, Known)
        found.append(f"{keyword.arg}={value.value!r}" if isinstance(value, Known) else text_of(keyword.value))
    return found, complete


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


# Enums and arrays


def _enum(name: str, call: ast.Call | None, scope: Scope) -> Type:
    if call is None:
        return Type("enum", "sa.Enum()", known=False)
    options = _options(call, scope)
    members: list[str] | None = None
    default_name: str | None = None
    listed = _starred(call.args, scope)
    if listed is not None:
        first = resolve(listed[0].node, listed[0].scope) if len(listed) == 1 else None
        if isinstance(first, Class):
            default_name = first.name.lower()
            members = enum_values(first, options.get("values_callable"))
        elif isinstance(first, Symbol):
            default_name = first.last.lower()
        else:
            members = _all_text(listed)
    known_name = _option(options, "name", default_name)
    namespace = _option(options, "schema", None)
    native = _option(options, "native_enum", True)
    return enum_type(
        tuple(members) if members is not None else None,
        name=known_name if isinstance(known_name, str) else None,
        namespace=namespace if isinstance(namespace, str) else None,
        native=native is not False,
        length=_whole(_option(options, "length", None)),
        create_constraint=_option(options, "create_constraint", False) is True,
        known=members is not None and known_name is not ...,
        text=text_of(call) if members is None or known_name is ... else "",
        prefix=_prefix(name) + name.rpartition(".")[2],
    )


def enum_type(
    values: tuple[str, ...] | None,
    *,
    name: str | None,
    namespace: str | None = None,
    native: bool = True,
    length: int | None = None,
    create_constraint: bool = False,
    known: bool = True,
    text: str = "",
    prefix: str = "sa.Enum",
) -> Type:
    """An enum type; without a native type its length is that of the longest value."""
    if not native and values and length is None:
        length = max(len(value) for value in values)
    if not text:
        parts = [*(repr(value) for value in values or ()), f"name={name!r}"]
        parts += [f"schema={namespace!r}"] * bool(namespace) + ["native_enum=False"] * (not native)
        parts += [f"length={length}"] * (not native and length is not None)
        text = f"{prefix}({', '.join(parts)})"
    return Type(
        "enum",
        text,
        known=known,
        length=None if native else length,
        enum_name=name,
        enum_namespace=namespace,
        values=values,
        native=native,
        create_constraint=create_constraint,
    )


def enum_values(cls: Class, values_callable: Expression | None = None) -> list[str] | None:
    """What SQLAlchemy stores for a Python enum: member names, or what `values_callable` gives."""
    if not is_enum(cls):
        return None
    if values_callable is None:
        return [name for name, _ in enum_members(cls)]
    function = resolve(values_callable.node, values_callable.scope)
    if isinstance(function, Known) and function.value is None:
        return [name for name, _ in enum_members(cls)]
    if not isinstance(function, Function):
        return None
    result = value_of(returned(Function(function.node, function.scope), [cls]))
    if (
        isinstance(result, Known)
        and isinstance(result.value, (list, tuple))
        and all(isinstance(x, str) for x in result.value)
    ):
        return list(result.value)
    return None


def _options(call: ast.Call, scope: Scope) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            found.update(entries(keyword.value, scope) or {})
        else:
            found[keyword.arg] = Expression(keyword.value, scope)
    return found


def _option(options: dict[str, Expression], name: str, default: Any) -> Any:
    """The value of an option, `...` when it is there and could not be read."""
    if name not in options:
        return default
    value = evaluate(options[name].node, options[name].scope)
    return value.value if isinstance(value, Known) else ...


def _starred(arguments: Sequence[ast.expr], scope: Scope) -> list[Expression] | None:
    return items(ast.Tuple(elts=list(arguments), ctx=ast.Load()), scope)


def _all_text(parts: list[Expression]) -> list[str] | None:
    found: list[str] = []
    for part in parts:
        value = evaluate(part.node, part.scope)
        if isinstance(value, Known) and isinstance(value.value, (list, tuple)) and len(parts) == 1:
            return [str(one) for one in value.value]
        if not isinstance(value, Known) or not isinstance(value.value, str):
            return None
        found.append(value.value)
    return found


def _array(name: str, call: ast.Call | None, scope: Scope, depth: int) -> Type:
    options = _options(call, scope) if call is not None else {}
    item = (
        call.args[0]
        if call is not None and call.args
        else options["item_type"].node
        if "item_type" in options
        else None
    )
    if item is None:
        return Type("array", "sa.ARRAY()", known=False)
    item_type = _read(item, scope, depth + 1)
    dimensions = _whole(_option(options, "dimensions", None))
    suffix = "" if dimensions is None else f", dimensions={dimensions}"
    return Type(
        "array",
        f"{_prefix(name)}ARRAY({item_type.text}{suffix})",
        known=item_type.known,
        item=item_type,
        dimensions=dimensions,
    )


# Classes of the project


def _of_class(cls: Class, call: ast.Call | None, scope: Scope, depth: int) -> Type | None:
    """A class of the tree: a TypeDecorator with its `impl`, a user-defined type, or a subclass of a known type."""
    bases = linearised(cls)
    names = [base for base in bases if isinstance(base, Symbol)]
    if any(base.last in {"TypeDecorator", "SchemaType"} or base.name.endswith("TypeDecorator") for base in names):
        return _decorated(cls, call, scope, depth)
    if names and _own_implementation(cls) is not None:
        return _decorated(cls, None, scope, depth)  # a decorator of a package, whose arguments are its own affair
    if any(base.last == "UserDefinedType" for base in names):
        return _user_defined(cls, call, scope)
    for base in names:
        if base.last in FAMILIES or base.name in PACKAGED:
            arguments = _constructor(cls, call, scope)
            return _of_symbol(base.name, arguments.node, arguments.scope, depth) if arguments else _unread(cls, call)
    if any(base.last in {"TypeEngine", "Concatenable", "Indexable"} for base in names):
        return _unread(cls, call)
    return None


def _unread(cls: Class, call: ast.Call | None) -> Type:
    text = text_of(call) if call is not None else cls.name
    return Type(cls.name.lower(), text, known=False, module=cls.scope.place[0])


class _Constructor:
    """The call that reaches the library's type."""

    __slots__ = ("node", "scope")

    def __init__(self, node: ast.Call | None, scope: Scope) -> None:
        self.node = node
        self.scope = scope


def _constructor(cls: Class, call: ast.Call | None, scope: Scope) -> _Constructor | None:
    """Follows an `__init__` of the tree to the arguments that it hands to `super().__init__`."""
    initialiser = next(
        (
            found
            for base in linearised(cls)
            if isinstance(base, Class) and isinstance(found := base.own("__init__"), Function)
        ),
        None,
    )
    if initialiser is None:
        return _Constructor(call, scope)
    for inner in ast.walk(initialiser.node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "__init__":
            arguments = inner.args if isinstance(inner.func.value, ast.Call) else inner.args[1:]
            handed = ast.copy_location(ast.Call(func=inner.func, args=arguments, keywords=inner.keywords), inner)
            bound = _bound(initialiser, call, scope)
            return _Constructor(handed, bound) if bound is not None else None
    return _Constructor(None, initialiser.scope)


def _bound(function: Function, call: ast.Call | None, scope: Scope) -> Scope | None:
    """The scope inside a function of the tree when it is called so; None when the call does not fit."""
    from gitmig.source.values import called_scope

    return called_scope(Function(function.node, function.scope), call, scope, skip=1)


def _decorated(cls: Class, call: ast.Call | None, scope: Scope, depth: int) -> Type:
    found = _own_implementation(cls)
    if found is None:
        return _unread(cls, call)
    arguments = _constructor(cls, call, scope)
    made = _implementation(found, arguments, depth)
    if made is None:
        return _unread(cls, call)
    variants = _dialect_variants(cls, depth)
    if not variants:
        return made
    other = variants.pop(ANY_OTHER, None)
    if other is not None and other.known:
        made = other
    return made.replace(variants=tuple(sorted({**dict(made.variants), **variants}.items())))


def _own_implementation(cls: Class) -> Expression | Symbol | Class | None:
    owners = (base.own("impl") for base in linearised(cls) if isinstance(base, Class))
    return next((found for found in owners if isinstance(found, (Expression, Symbol, Class))), None)


def _implementation(found: Expression | Symbol | Class, arguments: _Constructor | None, depth: int) -> Type | None:
    resolved = resolve(found.node, found.scope) if isinstance(found, Expression) else found
    given = arguments.node if arguments is not None else None
    inner_scope = arguments.scope if arguments is not None else Scope()
    if isinstance(resolved, Symbol):
        made = _of_symbol(resolved.name, given, inner_scope, depth + 1)
        return made.replace(known=False) if made is not None and arguments is None else made
    if isinstance(resolved, Class):
        return _of_class(resolved, given, inner_scope, depth + 1) if depth < 12 else None
    if isinstance(resolved, Expression):
        return _read(resolved.node, resolved.scope, depth + 1)
    return None


def _dialect_variants(cls: Class, depth: int) -> dict[str, Type]:
    """`load_dialect_impl` in its usual form: `if dialect.name == "x": return dialect.type_descriptor(T)`.

    What a dialect gets that it does not name is under ANY_OTHER.
    """
    method = next(
        (
            own
            for base in linearised(cls)
            if isinstance(base, Class) and isinstance(own := base.own("load_dialect_impl"), Function)
        ),
        None,
    )
    if method is None or isinstance(method.node, ast.Lambda):
        return {}
    parameters = [argument.arg for argument in method.node.args.args]
    variants: dict[str, Type] = {}
    for dialect in (*DECORATED_DIALECTS, ANY_OTHER):
        given: dict[str, Any] = {parameters[1]: _dialect(dialect, method.scope)} if len(parameters) == 2 else {}
        outcome = returned(Function(method.node, Layer(given, method.scope)), [cls, *given.values()])
        descriptor = resolve(outcome.node, outcome.scope) if isinstance(outcome, Expression) else None
        named = (isinstance(node, ast.Constant) and node.value == dialect for node in ast.walk(method.node))
        if (
            (dialect == ANY_OTHER or any(named))
            and isinstance(descriptor, Expression)
            and isinstance(descriptor.node, ast.Call)
            and call_name(descriptor.node) == "type_descriptor"
        ):
            variants[dialect] = _read(descriptor.node.args[0], descriptor.scope, depth + 1)
    return variants


def _dialect(name: str, scope: Scope) -> Expression:
    """An object whose `name` is known, to follow `if dialect.name == ...`."""
    from gitmig.source.scopes import Class as Made

    made = Made(ast.ClassDef(name="Dialect", bases=[], keywords=[], body=[], decorator_list=[]), Scope())
    made.derived["name"] = Known(name)
    call = ast.Call(func=ast.Name(id="Dialect", ctx=ast.Load()), args=[], keywords=[])
    return Expression(
        ast.copy_location(call, ast.Constant(value=0, lineno=0, col_offset=0)), Layer({"Dialect": made}, scope)
    )


def _user_defined(cls: Class, call: ast.Call | None, scope: Scope) -> Type:
    specification = next(
        (
            own
            for base in linearised(cls)
            if isinstance(base, Class) and isinstance(own := base.own("get_col_spec"), Function)
        ),
        None,
    )
    text = value_of(returned(specification)) if specification is not None else None
    if isinstance(text, Known) and isinstance(text.value, str):
        spelled = text.value
        family = FAMILIES.get(spelled.upper(), spelled.lower())
        return Type(family, f"{cls.name}()", module=cls.scope.place[0])
    arguments, complete = _arguments(call, scope)
    shown = f"{cls.name}({', '.join(arguments)})"
    return Type(cls.name.lower(), shown, known=complete, module=cls.scope.place[0])
