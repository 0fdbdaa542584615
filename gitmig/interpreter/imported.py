"""What the probe says of an imported MetaData, as the Schema that the static engine makes of the same models.

Types and defaults go through the reader of the static engine, so that both have one normal form.  An imported table has
no lines: places are those that the static engine knows.
"""

from __future__ import annotations

import ast

from gitmig.schema.databases import joined, part_of, schema_in
from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Schema,
    Table,
    Type,
    Unique,
    Unknown,
    table_key,
)
from gitmig.schema.models.drafts import enums_of
from gitmig.schema.packaged_types import packaged_as
from gitmig.schema.sqltext import collapsed, quoted
from gitmig.schema.types import FAMILIES, enum_type, read_type
from gitmig.source.scopes import Scope, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, TypeVar

    Element = TypeVar("Element", Unique, ForeignKey, Check, Exclude, Index)

NOWHERE = Table("")


def schema_of(described: Mapping[str, Any], static: Schema) -> Schema:
    """The schema of an imported MetaData, or of those of several databases; `static` is what reading the tree gave."""
    unknown = [Unknown(option, f"it gave no answer: {why}") for option, why in described["unanswered"]]
    databases = sorted({one["database"] for one in described["tables"]})
    parts = [schema_in(name, part_of_database(described, name, part_of(static, name))) for name in databases]
    return joined([*parts, Schema(unknown=tuple(unknown))])


def part_of_database(described: Mapping[str, Any], database: str, static: Schema) -> Schema:
    tables = {}
    for one in described["tables"]:
        if one["database"] == database:
            key = table_key(one["name"], one["namespace"])
            tables[key] = table_of(one, static.tables.get(key))
    tables = {key: tables[key] for key in sorted(tables)}
    return Schema(tables, enums_of(tables.values()))


def table_of(one: Mapping[str, Any], known: Table | None) -> Table:
    place = one.get("place") or ["", 0]
    origin = known.origin if known is not None else Origin(*place)
    columns = tuple(column_of(each, known, origin) for each in one["columns"])
    key = one["primary_key"]
    known_key = known.primary_key.origin if known is not None and known.primary_key is not None else origin
    known = known or NOWHERE
    return Table(
        one["name"],
        one["namespace"],
        columns,
        PrimaryKey(tuple(key["columns"]), key["name"], known_key) if key is not None else None,
        placed(
            [Unique(tuple(u["columns"]), u["name"], pairs(u["options"])) for u in one["uniques"]], known.uniques, origin
        ),
        placed([foreign_key_of(each) for each in one["foreign_keys"]], known.foreign_keys, origin),
        placed([Check(each["text"], each["name"]) for each in one["checks"]], known.checks, origin),
        excludes_of(one["excludes"], known.excludes, origin),
        placed([index_of(each) for each in one["indexes"]], known.indexes, origin),
        one["comment"],
        (),
        origin,
    )


def column_of(one: Mapping[str, Any], table: Table | None, origin: Origin) -> Column:
    known = table.column(one["name"]) if table is not None else None
    return Column(
        one["name"],
        type_of(one["type"]),
        one["nullable"],
        one["primary_key"],
        default_of(one["server_default"]),
        one["autoincrement"],
        one["computed"],
        one["identity"],
        one["comment"],
        (),
        known.origin if known is not None else origin,
    )


def default_of(described: Sequence[str] | None) -> str | None:
    if described is None:
        return None
    kind, text = described
    return quoted(text) if kind == "literal" else collapsed(text)


def foreign_key_of(one: Mapping[str, Any]) -> ForeignKey:
    return ForeignKey(
        tuple(one["columns"]),
        one["referred"],
        tuple(one["referred_columns"]),
        one["name"],
        one["ondelete"],
        one["onupdate"],
        one["deferrable"],
        one["initially"],
        one["use_alter"],
    )


def index_of(one: Mapping[str, Any]) -> Index:
    columns = tuple(one["columns"])
    return Index(columns, one["name"], one["unique"], one["where"], one["using"], pairs(one["options"]))


def pairs(options: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in options)


def excludes_of(found: Iterable[Mapping[str, Any]], known: Sequence[Exclude], origin: Origin) -> tuple[Exclude, ...]:
    """The text of one that the static engine knows is that of the source, as in revisions."""
    by_name = {each.name: each for each in known if each.name}
    return tuple(by_name.get(each["name"]) or Exclude(each["text"], each["name"], origin) for each in found)


def placed(found: Iterable[Element], known: Sequence[Element], origin: Origin) -> tuple[Element, ...]:
    """In place and order of those that the static engine read: of the same name, or on the same columns."""

    def shape(one: Element) -> object:
        return getattr(one, "columns", None) or getattr(one, "text", None)

    made: list[tuple[int, Element]] = []
    for one in found:
        places = [at for at, each in enumerate(known) if one.name and each.name == one.name]
        places = places or [at for at, each in enumerate(known) if shape(each) == shape(one)]
        at = places[0] if places else len(known)
        made.append((at, one.replace(origin=known[at].origin if places else origin)))
    return tuple(one for _, one in sorted(made, key=lambda pair: pair[0]))


# Types


class Installed(Scope):
    """Every name is a package."""

    def lookup(self, name: str, line: int = 0) -> Symbol:
        return Symbol(name)


def type_of(one: Mapping[str, Any]) -> Type:
    given = dict(one["variants"])
    other = given.pop("default", None) if one["own"] else None
    found = plain_type(one) if other is None else type_of(other)
    variants = {dialect: type_of(each) for dialect, each in given.items()}
    variants = {dialect: each for dialect, each in variants.items() if each.replace(text="") != found.replace(text="")}
    merged = {**dict(found.variants), **variants}
    return found.replace(variants=tuple(sorted(merged.items()))) if variants else found


def plain_type(one: Mapping[str, Any]) -> Type:
    """The type without what it is for one dialect."""
    if "enum" in one:
        return enum_of(one)
    if "item" in one:
        return array_of(one)
    if one["classes"][0] == "sqlalchemy.NullType":
        return Type("null", "", known=False)  # nobody said a type, and the table that would tell is not in the MetaData
    named = next((name for name in one["classes"] if is_known(name)), "")
    if named.endswith(".AutoString"):  # SQLModel's String
        return spelled("sqlalchemy.String", one["arguments"])
    decorated = "impl" in one
    if named and not (decorated and (one["own"] or named != one["classes"][0])):
        return spelled(named, one["arguments"])
    if decorated:
        return decorator_of(one)
    if one.get("spec") and (one["own"] or not named):
        return specified(one)
    return spelled(named or one["classes"][0], one["arguments"])


def is_known(name: str) -> bool:
    """Whether the static engine knows the class by name."""
    return name.rpartition(".")[2] in FAMILIES or packaged_as(name) is not None


def spelled(name: str, arguments: Mapping[str, Any]) -> Type:
    """The type as a revision would spell it, read by the static engine."""
    given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    found = read_type(ast.parse(f"{name}({given})", mode="eval").body, Installed())
    if name.partition(".")[0] in ("sqlalchemy", "sqlalchemy_utils") or not found.text.startswith("sa."):
        return found
    return found.replace(text=f"{name.rpartition('.')[2]}({given})")  # it is not in SQLAlchemy, so not `sa.`


def decorator_of(one: Mapping[str, Any]) -> Type:
    """What the database gets; one of a package is in revisions under its own name, too."""
    made = type_of(one["impl"])
    if one["own"]:
        return made
    name = spelled(one["classes"][0], one["arguments"])
    return made.replace(variants=tuple(sorted((*made.variants, ("", name)), key=lambda each: each[0])))


def specified(one: Mapping[str, Any]) -> Type:
    """A type that says its own SQL."""
    text, last = one["spec"], one["classes"][0].rpartition(".")[2]
    if one["own"]:
        return Type(FAMILIES.get(text.upper(), text.lower()), f"{last}()", module=one["own"])
    return spelled(one["classes"][0], one["arguments"])


def enum_of(one: Mapping[str, Any]) -> Type:
    enum = one["enum"]
    name = next(name for name in one["classes"] if FAMILIES.get(name.rpartition(".")[2]) == "enum")
    *_, parent, last = name.split(".")
    return enum_type(
        tuple(enum["values"]),
        name=enum["name"],
        namespace=enum["namespace"],
        native=enum["native"],
        length=enum["length"],
        create_constraint=enum["create_constraint"],
        prefix=f"{parent if 'dialects' in name else 'sa'}.{last}",
    )


def array_of(one: Mapping[str, Any]) -> Type:
    item = type_of(one["item"])
    dimensions = one["arguments"].get("dimensions")
    prefix = "postgresql" if ".postgresql." in one["classes"][0] else "sa"
    suffix = "" if dimensions is None else f", dimensions={dimensions}"
    return Type("array", f"{prefix}.ARRAY({item.text}{suffix})", known=item.known, item=item, dimensions=dimensions)
