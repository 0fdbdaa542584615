"""The schema language: what a database would notice, as values.

Models and the replayed chain of revisions both end here, so that they can be compared.  A value that could not be read
statically is never guessed: a `Type` is then not `known`, an attribute is listed in `unknown`, and a whole gap is an
`Unknown` of the table or of the schema.
"""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.schema.operations import Operation


class Origin(Frozen):
    """Where an element was written; `revision` is set for what a revision did."""

    path: str = ""
    line: int = 0
    revision: str = ""
    blob: str = ""

    def __init__(self, path: str = "", line: int = 0, revision: str = "", blob: str = "") -> None:
        state = self.__dict__  # thousands a check: a third of the time of the general one
        state["path"], state["line"], state["revision"], state["blob"] = path, line, revision, blob


class Unknown(Frozen):
    """Something that could not be read: what, why, where, and the objects ("table" or "table.column") it may touch.

    Empty `objects` means that it may touch anything; a `*` in a name stands for a part that is computed.  `aspects` are
    those that it may change (see `schema.extents`), empty for any.
    """

    what: str
    why: str
    origin: Origin = Origin()
    objects: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()


class Type(Frozen):
    """A column type.

    `family` is a lower-case word shared by all spellings (string, text, integer, bigint, numeric, datetime, enum ...;
    a custom type has its own name); `text` the normalised source.  Arguments are None where the source has none.
    `module` is where a class outside SQLAlchemy comes from: a dotted name, or the path of a file of the tree.
    """

    family: str
    text: str = ""
    known: bool = True
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    timezone: bool | None = None
    collation: str | None = None
    enum_name: str | None = None
    enum_namespace: str | None = None
    values: tuple[str, ...] | None = None
    native: bool = True
    create_constraint: bool = False
    item: Type | None = None
    dimensions: int | None = None
    variants: tuple[tuple[str, Type], ...] = ()
    module: str = ""


class Column(Frozen):
    """A column.  `nullable`, `server_default` ... mean what SQLAlchemy means; `unknown` names attributes not read."""

    name: str
    type: Type
    nullable: bool = True
    primary_key: bool = False
    server_default: str | None = None
    autoincrement: str | None = None
    computed: str | None = None
    identity: str | None = None
    comment: str | None = None
    unknown: tuple[str, ...] = ()
    origin: Origin = Origin()


class PrimaryKey(Frozen):
    columns: tuple[str, ...]
    name: str | None = None
    origin: Origin = Origin()


class Unique(Frozen):
    columns: tuple[str, ...]
    name: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    origin: Origin = Origin()


class ForeignKey(Frozen):
    """`referred` is the key of the table that is referred to ("table" or "namespace.table")."""

    columns: tuple[str, ...]
    referred: str
    referred_columns: tuple[str, ...]
    name: str | None = None
    ondelete: str | None = None
    onupdate: str | None = None
    deferrable: bool | None = None
    initially: str | None = None
    use_alter: bool = False
    origin: Origin = Origin()


class Check(Frozen):
    """`unknown` has "text" where the condition is source that could not be turned into SQL."""

    text: str
    name: str | None = None
    origin: Origin = Origin()
    unknown: tuple[str, ...] = ()


class Exclude(Frozen):
    """PostgreSQL's EXCLUDE constraint (see `schema.exclusions`); `unknown` has "text" where it was not read as SQL."""

    text: str
    name: str | None = None
    origin: Origin = Origin()
    unknown: tuple[str, ...] = ()


class Index(Frozen):
    """`columns` holds column names or the normalised text of expressions; `unknown` names attributes not read."""

    columns: tuple[str, ...]
    name: str | None = None
    unique: bool = False
    where: str | None = None
    using: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    origin: Origin = Origin()


# Why the arguments of a table, and with them its namespace, are unknown.
UNREAD_ARGUMENTS = "made in a way that is not understood"


class Table(Frozen):
    """A table; element order is the order of the source and has no meaning."""

    name: str
    namespace: str | None = None
    columns: tuple[Column, ...] = ()
    primary_key: PrimaryKey | None = None
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    excludes: tuple[Exclude, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: str | None = None
    unknown: tuple[Unknown, ...] = ()
    origin: Origin = Origin()

    @property
    def key(self) -> str:
        return table_key(self.name, self.namespace)

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


class Unnamed(Frozen):
    """A table whose name a base outside the tree gives it: the names that it may have, each by another habit."""

    names: tuple[str, ...]
    table: Table


class EnumType(Frozen):
    """A native enum type of the database."""

    name: str
    values: tuple[str, ...] | None
    namespace: str | None = None
    origin: Origin = Origin()


class Schema(Frozen):
    """All tables by key, native enums by name, and what could not be read; what is `unnamed` is unknown as well.

    `strays` are operations of a chain on tables that no revision creates.
    `left_out` names tables that env.py keeps from Alembic's comparison although a database has them.
    """

    tables: Mapping[str, Table] = {}
    enums: Mapping[str, EnumType] = {}
    unknown: tuple[Unknown, ...] = ()
    unnamed: tuple[Unnamed, ...] = ()
    strays: tuple[Operation, ...] = ()
    left_out: tuple[str, ...] = ()


def table_key(name: str, namespace: str | None = None) -> str:
    """The one spelling of a table's name: "table" or "namespace.table"."""
    return f"{namespace}.{name}" if namespace else name


def name_and_namespace(key: str) -> tuple[str, str | None]:
    """Name and namespace of a key."""
    namespace, _, name = key.rpartition(".")
    return name, namespace or None


def enum_key(type_: Type) -> str | None:
    """The key of the native enum that a type names, if it does."""
    if type_.family != "enum" or not type_.native or not type_.enum_name:
        return None
    return table_key(type_.enum_name, type_.enum_namespace)
