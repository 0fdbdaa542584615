"""SQLModel: a column from an annotation and a `Field(...)`."""

from __future__ import annotations

import ast

from gitmig.schema.constructs import (
    ColumnPart,
    arguments_of,
    options_of,
    origin_of,
    plain,
    read_column,
    text_option,
)
from gitmig.schema.elements import Column, ForeignKey, Type
from gitmig.schema.made import made_by
from gitmig.schema.models.annotations import read_annotation
from gitmig.schema.sqltext import default_text
from gitmig.schema.types import FAMILIES, read_type, string_type
from gitmig.source.scopes import Expression, Known
from gitmig.source.values import evaluate, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.constructs import Part
    from gitmig.schema.models.attributes import Attribute
    from gitmig.schema.sqltext import ColumnOf

TEXTS = frozenset(
    {
        "EmailStr",
        "NameEmail",
        "AnyUrl",
        "HttpUrl",
        "SecretStr",
        "Path",
        "IPv4Address",
        "IPv6Address",
        "IPv4Network",
        "IPv6Network",
    }
)


def field_column(attribute: Attribute, column_of: ColumnOf | None = None) -> ColumnPart | None:
    """The column of a field; None for relationships, class variables and the configuration of pydantic."""
    if attribute.annotation is None or attribute.name.startswith("_") or attribute.name in {"model_config", "metadata"}:
        return None
    call, options, default = _field(attribute)
    if call is not None and call.func is not None and _word(call) in {"Relationship", "relationship", "PrivateAttr"}:
        return None
    annotation = read_annotation(attribute.annotation, attribute.scope)
    for extra in annotation.metadata:
        made = made_by(extra.node, extra.scope)
        if isinstance(made.node, ast.Call) and made.kind == "Field":
            options = {**options_of(made.node, made.scope)[0], **options}
    given = options.get("sa_column")
    if given is not None and plain(given) is not None:
        made = made_by(given.node, given.scope)
        if isinstance(made.node, ast.Call):
            return read_column(made.node, made.scope, name=attribute.name, column_of=column_of)
    if annotation.type is None and "sa_type" not in options:
        return None
    if annotation.relation and call is None and annotation.type is not None and not annotation.type.known:
        return None
    return _column(attribute, annotation.type, options, optional=annotation.optional, none_default=default)


def _word(call: ast.Call) -> str:
    return (
        call.func.attr
        if isinstance(call.func, ast.Attribute)
        else call.func.id
        if isinstance(call.func, ast.Name)
        else ""
    )


def _field(attribute: Attribute) -> tuple[ast.Call | None, dict[str, Expression], bool]:
    """The `Field(...)` call, its options, and whether the default is None."""
    if attribute.value is None:
        return None, {}, False
    made = made_by(attribute.value, attribute.scope)
    if not isinstance(made.node, ast.Call):
        return None, {}, evaluate(attribute.value, attribute.scope) == Known(None)
    options, _ = options_of(made.node, made.scope)
    arguments, _ = arguments_of(made.node, made.scope)
    if made.kind != "Field" and _word(made.node) not in {"Field", "Relationship", "PrivateAttr"}:
        return None, {}, False
    default = arguments[0] if arguments else options.get("default")
    return made.node, options, default is not None and plain(default, "") is None


def _column(
    attribute: Attribute, type_: Type | None, options: dict[str, Expression], *, optional: bool, none_default: bool
) -> ColumnPart:
    extra = _mapping(options.get("sa_column_kwargs"))
    primary_key = plain(options.get("primary_key")) is True or plain(extra.get("primary_key")) is True
    nullable = plain(options.get("nullable"), plain(extra.get("nullable")))
    origin = origin_of(attribute.node, attribute.scope)
    # Pydantic 1 took `x: str = None` for an optional field, Pydantic 2 does not.
    undecided = nullable is ... or (nullable is None and none_default and not optional and not primary_key)
    unread = ["nullable"] if undecided else []
    default, known = (None, True)
    if "server_default" in extra:
        default, known = default_text(extra["server_default"].node, extra["server_default"].scope)
    parts: list[Part] = []
    target = text_option(options.get("foreign_key"))
    if target is not None:
        from gitmig.schema.constructs import Part as Made

        table, _, column = target.rpartition(".")
        ondelete = text_option(options.get("ondelete"))
        reference = ForeignKey(
            (attribute.name,), table, (column,), ondelete=ondelete.upper() if ondelete else None, origin=origin
        )
        parts.append(Made(reference))
    name = text_option(extra.get("name")) or attribute.name
    made = Column(
        name,
        _type(attribute, type_, options),
        nullable=bool(nullable) if nullable in (True, False) else optional and not primary_key,
        primary_key=primary_key,
        server_default=default,
        comment=text_option(extra.get("comment")),
        unknown=tuple(unread if known else [*unread, "server_default"]),
        origin=origin,
    )
    part = ColumnPart(
        made,
        key=attribute.name,
        typed=True,
        decided=nullable is not None,
        unique=plain(options.get("unique"), plain(extra.get("unique"))) is True,
        index=plain(options.get("index"), plain(extra.get("index"))) is True,
        parts=tuple(parts),
    )
    return _with_arguments(part, options.get("sa_column_args"))


def _mapping(option: Expression | None) -> dict[str, Expression]:
    from gitmig.source.values import entries

    return (entries(option.node, option.scope) or {}) if option is not None else {}


def _with_arguments(part: ColumnPart, option: Expression | None) -> ColumnPart:
    """`sa_column_args=[ForeignKey(...), Identity(), ...]` are read as arguments of a column."""
    arguments = items(option.node, option.scope) if option is not None else None
    if not arguments:
        return part
    names = {f"<{n}>": argument for n, argument in enumerate(arguments)}
    from gitmig.source.scopes import Layer

    nodes: list[ast.expr] = [
        ast.copy_location(ast.Name(id=name, ctx=ast.Load()), argument.node) for name, argument in names.items()
    ]
    call = ast.copy_location(ast.Call(func=ast.Name(id="Column", ctx=ast.Load()), args=nodes, keywords=[]), nodes[0])
    read = read_column(call, Layer(names, arguments[0].scope), name=part.column.name)
    column = part.column.replace(computed=read.column.computed, identity=read.column.identity)
    return part.replace(column=column, parts=(*part.parts, *read.parts), unknown=(*part.unknown, *read.unknown))


def _type(attribute: Attribute, type_: Type | None, options: dict[str, Expression]) -> Type:
    if "sa_type" in options:
        return read_type(options["sa_type"].node, options["sa_type"].scope)
    if type_ is None:
        return Type("null", "")
    length = plain(options.get("max_length"))
    if type_.family == "string" and isinstance(length, int):
        return string_type(length)
    if type_.family == "numeric":
        digits, places = plain(options.get("max_digits")), plain(options.get("decimal_places"))
        if isinstance(digits, int):
            scale = places if isinstance(places, int) else None
            return Type("numeric", f"sa.Numeric(precision={digits}, scale={scale})", precision=digits, scale=scale)
    if type_.family == "enum" and type_.enum_name is None:
        return string_type(length if isinstance(length, int) else None)
    if not type_.known and _is_text(attribute, type_):
        return string_type(length if isinstance(length, int) else None)
    return type_


def _is_text(attribute: Attribute, type_: Type) -> bool:
    """Types of pydantic that SQLModel stores as a string."""
    return type_.text.rpartition(".")[2] in TEXTS and type_.text not in FAMILIES
