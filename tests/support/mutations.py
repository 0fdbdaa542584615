"""A small project in every style of models, and every single change of it: what alters its schema, and what does not.

A style says how it writes one column and one argument of its table.  A change names a column or a list of arguments
before and after, so that each style and each change together are one mutation.  The same campaign runs short in the
suite and whole in bench/mutations.py.
"""
# ruff: noqa: E501  (a mutation is a line of a table)

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import dedent, indent

from gitmig.environments import env_file
from gitmig.schema.compare import compare
from gitmig.schema.drift import Drift, Side, new_drift
from gitmig.schema.elements import Schema
from gitmig.schema.models import facts
from gitmig.schema.models.linking import link
from gitmig.schema.models.wanted import wanted
from gitmig.schema.replay import replay
from gitmig.source.modules import Modules

ENV = """
from sqlmodel import SQLModel
from shop.base import Base
from shop.flask_style import db
import shop.annotated, shop.association, shop.legacy, shop.mapped, shop.mixed, shop.data, shop.sql_models, shop.special
target_metadata = [Base.metadata, db.metadata, SQLModel.metadata]
"""
IMPORTS = """
import datetime, decimal, enum, uuid
from typing import Annotated, Any, List, Optional
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    Mapped, MappedAsDataclass, DeclarativeBase, declarative_base, declared_attr, deferred, mapped_column, relationship,
    validates,
)
from shop.enums import Colour, Size
"""
PROJECT = {
    "migrations/env.py": ENV,
    "shop/__init__.py": "",
    "shop/base.py": """
import datetime
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, declarative_base

metadata = sa.MetaData(naming_convention={
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
})

class Base(DeclarativeBase):
    metadata = metadata
    type_annotation_map = {datetime.datetime: sa.DateTime(timezone=True)}

LegacyBase = declarative_base(metadata=metadata)

class Target(Base):
    __tablename__ = "target"
    id = sa.Column(sa.Integer, primary_key=True)
    code = sa.Column(sa.Integer, unique=True)

class Other(Base):
    __tablename__ = "other"
    id = sa.Column(sa.Integer, primary_key=True)
""",
    "shop/enums.py": """
import enum

class Colour(enum.Enum):
    red = "r"
    blue = "b"

class Size(enum.Enum):
    small = 1
    big = 2
""",
    "shop/mapped.py": IMPORTS
    + """
from shop.base import Base
# top
class Item(Base):
    __tablename__ = "mapped_item"
    # arguments
    id: Mapped[int] = mapped_column(primary_key=True)
    a: Mapped[Optional[int]]
    b: Mapped[Optional[int]]
    made: Mapped[datetime.datetime]
    # column
""",
    "shop/annotated.py": IMPORTS
    + """
from shop.base import Base
# top
class Item(Base):
    __tablename__ = "annotated_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    a: Mapped[Optional[int]]
    # column
""",
    "shop/legacy.py": IMPORTS
    + """
from shop.base import LegacyBase
# top
class Item(LegacyBase):
    __tablename__ = "legacy_item"
    id = sa.Column(sa.Integer, primary_key=True)
    a = sa.Column(sa.Integer)
    b = sa.Column(sa.Integer)
    # column
    # arguments
""",
    "shop/mixins.py": IMPORTS
    + """
# top
class Valued:
    code = sa.Column(sa.Integer)
    # column

class Arranged:
    # arguments
    pass
""",
    "shop/mixed.py": IMPORTS
    + """
from shop.base import Base
from shop.mixins import Arranged, Valued

class Item(Arranged, Valued, Base):
    __tablename__ = "mixed_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    a: Mapped[Optional[int]]
    b: Mapped[Optional[int]]
""",
    "shop/data.py": IMPORTS
    + """
from shop.base import metadata

class DataBase(MappedAsDataclass, DeclarativeBase):
    metadata = metadata

class Item(DataBase):
    __tablename__ = "data_item"
    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    a: Mapped[Optional[int]] = mapped_column(default=None)
    # column
""",
    "shop/association.py": IMPORTS
    + """
from shop.base import metadata

links = sa.Table(
    "link",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("a", sa.Integer),
    sa.Column("b", sa.Integer),
    # column
    # arguments
)
""",
    "shop/flask_style.py": IMPORTS
    + """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Target(db.Model):
    __tablename__ = "target2"
    id = db.Column(db.Integer, primary_key=True)

class FlaskItem(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    a = db.Column(db.Integer)
    b = db.Column(db.Integer)
    # column
    # arguments
""",
    "shop/sql_models.py": IMPORTS
    + """
from sqlmodel import Field, SQLModel

class Shared(SQLModel):
    # column
    pass

class SqlItem(Shared, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    a: Optional[int] = None
    b: Optional[int] = None
    # arguments
""",
    "shop/special.py": IMPORTS
    + """
from shop.base import Base, LegacyBase, Target

def snake(name):
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")

class Person(Base):
    __tablename__ = "person"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))

class Engineer(Person):
    __tablename__ = "engineer"
    id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(20))

class Manager(Person):
    level: Mapped[Optional[int]]

class Painted(Base):
    __tablename__ = "painted"
    id: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[Colour]
    size = sa.Column(sa.Enum(Size, name="sizes", native_enum=False))
    fit = sa.Column(sa.Enum("s", "m", name="fits", native_enum=False, create_constraint=True))
    tags = sa.Column(sa.ARRAY(sa.String(10)))
    words = sa.Column(sa.Enum("a", "b", name="letters"))
    owner_id = mapped_column(sa.ForeignKey(Target.id))
    owner: Mapped[Optional["Target"]] = relationship(foreign_keys=[owner_id])
    __table_args__ = (
        sa.ForeignKeyConstraint(["id"], ["person.id"], ondelete="CASCADE", name="fk_person"),
        {"comment": "painted things"},
    )

class Derived(LegacyBase):
    @declared_attr
    def __tablename__(cls):
        return snake(cls.__name__)
    first = sa.Column(sa.Integer, primary_key=True)
    second = sa.Column(sa.Integer, primary_key=True)
    third = sa.Column(sa.Integer)

sa.Index("ix_painted_owner", Painted.owner_id)
""",
}

# Types: how an annotation says it, and how SQLAlchemy does.
TYPES = {
    "string 50": ("str", "sa.String(50)"),
    "string 80": ("str", "sa.String(80)"),
    "string": ("str", "sa.String()"),
    "text": ("str", "sa.Text"),
    "char 50": ("str", "sa.CHAR(50)"),
    "unicode 50": ("str", "sa.Unicode(50)"),
    "string 50 by keyword": ("str", "sa.String(length=50)"),
    "integer": ("int", "sa.Integer"),
    "bigint": ("int", "sa.BigInteger"),
    "smallint": ("int", "sa.SmallInteger"),
    "float": ("float", "sa.Float"),
    "numeric 10 2": ("decimal.Decimal", "sa.Numeric(10, 2)"),
    "numeric 12 2": ("decimal.Decimal", "sa.Numeric(12, 2)"),
    "numeric 10 4": ("decimal.Decimal", "sa.Numeric(precision=10, scale=4)"),
    "numeric": ("decimal.Decimal", "sa.Numeric"),
    "boolean": ("bool", "sa.Boolean"),
    "date": ("datetime.date", "sa.Date"),
    "datetime": ("datetime.datetime", "sa.DateTime"),
    "datetime with zone": ("datetime.datetime", "sa.DateTime(timezone=True)"),
    "time": ("datetime.time", "sa.Time"),
    "time with zone": ("datetime.time", "sa.Time(timezone=True)"),
    "interval": ("datetime.timedelta", "sa.Interval"),
    "binary": ("bytes", "sa.LargeBinary"),
    "binary 16": ("bytes", "sa.LargeBinary(16)"),
    "uuid": ("uuid.UUID", "sa.Uuid"),
    "json": ("Any", "sa.JSON"),
    "jsonb": ("Any", "postgresql.JSONB"),
    "inet": ("str", "postgresql.INET"),
    "array of string": ("Any", "sa.ARRAY(sa.String(5))"),
    "array of longer string": ("Any", "sa.ARRAY(sa.String(9))"),
    "array of integer": ("Any", "sa.ARRAY(sa.Integer)"),
    "two dimensions": ("Any", "sa.ARRAY(sa.Integer, dimensions=2)"),
    "enum": ("Colour", "sa.Enum(Colour)"),
    "other enum": ("Size", "sa.Enum(Size)"),
    "enum without native type": ("Colour", "sa.Enum(Colour, native_enum=False, length=20)"),
    "enum of words": ("str", "sa.Enum('x', 'y', name='words')"),
    "enum of more words": ("str", "sa.Enum('x', 'y', 'z', name='words')"),
    "decorated": ("str", "sa.String(50).with_variant(sa.Text, 'mysql')"),
}
RETYPED = (
    ("string 50", "string 80"),
    ("string 50", "string"),
    ("string 50", "text"),
    ("string 50", "char 50"),
    ("string 50", "integer"),
    ("integer", "bigint"),
    ("integer", "smallint"),
    ("integer", "float"),
    ("integer", "boolean"),
    ("float", "numeric 10 2"),
    ("numeric 10 2", "numeric 12 2"),
    ("numeric 10 2", "numeric 10 4"),
    ("numeric 10 2", "numeric"),
    ("date", "datetime"),
    ("datetime", "datetime with zone"),
    ("time", "time with zone"),
    ("time", "interval"),
    ("binary", "binary 16"),
    ("binary", "uuid"),
    ("json", "jsonb"),
    ("string 50", "inet"),
    ("array of string", "array of longer string"),
    ("array of string", "array of integer"),
    ("array of integer", "two dimensions"),
    ("array of integer", "integer"),
    ("enum", "other enum"),
    ("enum", "enum without native type"),
    ("enum", "string 50"),
    ("enum of words", "enum of more words"),
)
# An annotation alone says these.
ANNOTATED = ("string", "integer", "float", "numeric", "boolean", "date", "datetime with zone", "uuid", "binary", "enum")


@dataclass(frozen=True)
class Spec:
    """One column, whatever the style; `options` are keyword arguments, `inside` positional ones, both as text."""

    type: str = "string 50"
    nullable: bool = True
    attribute: str = "value"
    name: str | None = None
    primary_key: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[str, ...] = ()
    optional: str = "Optional[{}]"

    def arguments(self, *, type_: bool = True, nullable: bool = True, always_named: bool = False) -> str:
        name = self.name or (self.attribute if always_named else None)
        found = [repr(name)] if name else []
        found += [TYPES[self.type][1]] if type_ else []
        found += self.inside
        found += [f"nullable={self.nullable}"] if nullable and not self.nullable and not self.primary_key else []
        found += ["primary_key=True"] if self.primary_key else []
        return ", ".join([*found, *(f"{key}={value}" for key, value in self.options.items())])

    @property
    def annotation(self) -> str:
        python = TYPES[self.type][0]
        return self.optional.format(python) if self.nullable and not self.primary_key else python


def _mapped(spec: Spec) -> str:
    return f"{spec.attribute}: Mapped[{spec.annotation}] = mapped_column({spec.arguments(nullable=False)})"


def _by_annotation(spec: Spec) -> str:
    return f"{spec.attribute}: Mapped[{spec.annotation}] = mapped_column({spec.arguments(type_=False, nullable=False)})"


def _legacy(spec: Spec) -> str:
    return f"{spec.attribute} = sa.Column({spec.arguments()})"


def _flask(spec: Spec) -> str:
    return f"{spec.attribute} = db.Column({spec.arguments().replace('sa.', 'db.')})"


def _declared(spec: Spec) -> str:
    return f"@declared_attr\ndef {spec.attribute}(cls):\n    return sa.Column({spec.arguments()})"


def _in_table(spec: Spec) -> str:
    return f"sa.Column({spec.arguments(always_named=True)}),"


def _sa_column(spec: Spec) -> str:
    return f"{spec.attribute}: {spec.annotation} = Field(sa_column=sa.Column({spec.arguments()}))"


def _field(spec: Spec) -> str:
    """What SQLModel has a keyword for is written as one, the rest is handed on."""
    own = {key: value for key, value in spec.options.items() if key in ("index", "unique")}
    rest = {key: value for key, value in spec.options.items() if key not in own}
    found = ["default=None"] if spec.nullable and not spec.primary_key else []
    found += [f"sa_type={TYPES[spec.type][1]}"]
    found += ["primary_key=True"] if spec.primary_key else []
    found += [f"{key}={value}" for key, value in own.items()]
    for inside in spec.inside:
        found += [inside.removeprefix("sa.ForeignKey(").removesuffix(")").replace("'", "foreign_key='", 1)]
    if spec.name:
        rest["name"] = repr(spec.name)
    if rest:
        found.append("sa_column_kwargs={" + ", ".join(f"{key!r}: {value}" for key, value in rest.items()) + "}")
    return f"{spec.attribute}: {spec.annotation} = Field({', '.join(found)})"


def _alias(spec: Spec) -> str:
    return f"value_type = Annotated[{spec.annotation}, mapped_column({spec.arguments(nullable=False)})]"


@dataclass(frozen=True)
class Style:
    """Where a column is written and how; `without` are words of changes that the style has no way to say."""

    path: str
    write: Callable[[Spec], str]
    table: str
    without: tuple[str, ...] = ()
    top: bool = False


FIELD_LACKS = ("computed", "identity", "onupdate", "deferrable", "initially", "use_alter", "named key")
COLUMN_STYLES = {
    "Mapped": Style("shop/mapped.py", _mapped, "mapped_item"),
    "Mapped, type by annotation": Style("shop/mapped.py", _by_annotation, "mapped_item"),
    "Annotated": Style("shop/annotated.py", _alias, "annotated_item", ("renamed", "attribute"), top=True),
    "legacy Column": Style("shop/legacy.py", _legacy, "legacy_item"),
    "mixin, Column": Style("shop/mixins.py", _legacy, "mixed_item"),
    "mixin, Mapped": Style("shop/mixins.py", _mapped, "mixed_item"),
    "mixin, declared_attr": Style("shop/mixins.py", _declared, "mixed_item"),
    "dataclass": Style("shop/data.py", _mapped, "data_item", ("default=",)),
    "Table": Style("shop/association.py", _in_table, "link", ("attribute",)),
    "Flask-SQLAlchemy": Style("shop/flask_style.py", _flask, "flask_item"),
    "SQLModel, Field": Style("shop/sql_models.py", _field, "sqlitem", FIELD_LACKS),
    "SQLModel, sa_column": Style("shop/sql_models.py", _sa_column, "sqlitem"),
}


def _options(**options: str) -> Spec:
    return Spec(options=options)


def _key(text: str) -> Spec:
    return Spec("integer", inside=(f"sa.ForeignKey({text})",))


PLAIN = Spec()
NUMBER = Spec("integer")
# name: (before, after); None is no column at all.  Each is tried in both directions.
COLUMN_CHANGES: dict[str, tuple[Spec | None, Spec | None]] = {
    "added": (None, PLAIN),
    "added, NOT NULL": (None, Spec("integer", nullable=False)),
    "added, enum": (None, Spec("enum")),
    "renamed": (PLAIN, Spec(attribute="worth")),
    "renamed by its explicit name": (Spec(name="one"), Spec(name="two")),
    **{f"retyped, {one} to {other}": (Spec(one), Spec(other)) for one, other in RETYPED},
    **{f"nullable, {type_}": (Spec(type_), Spec(type_, nullable=False)) for type_ in ("string 50", "integer", "enum")},
    "server default": (PLAIN, _options(server_default="'x'")),
    "server default, text": (NUMBER, Spec("integer", options={"server_default": "sa.text('1')"})),
    "server default, changed": (_options(server_default="'x'"), _options(server_default="'y'")),
    "server default, its number": (
        Spec("integer", options={"server_default": "'1'"}),
        Spec("integer", options={"server_default": "'2'"}),
    ),
    "server default, function": (
        Spec("datetime", options={"server_default": "sa.func.now()"}),
        Spec("datetime", options={"server_default": "sa.func.clock_timestamp()"}),
    ),
    "index": (PLAIN, _options(index="True")),
    "unique": (PLAIN, _options(unique="True")),
    "index, unique": (_options(index="True"), _options(index="True", unique="True")),
    "foreign key": (NUMBER, _key("'target.id'")),
    "foreign key, another table": (_key("'target.id'"), _key("'other.id'")),
    "foreign key, another column": (_key("'target.id'"), _key("'target.code'")),
    "foreign key, ondelete": (_key("'target.id'"), _key("'target.id', ondelete='CASCADE'")),
    "foreign key, other ondelete": (
        _key("'target.id', ondelete='SET NULL'"),
        _key("'target.id', ondelete='CASCADE'"),
    ),
    "foreign key, onupdate": (_key("'target.id'"), _key("'target.id', onupdate='CASCADE'")),
    "foreign key, deferrable": (_key("'target.id'"), _key("'target.id', deferrable=True")),
    "foreign key, initially": (
        _key("'target.id', deferrable=True"),
        _key("'target.id', deferrable=True, initially='DEFERRED'"),
    ),
    "primary key": (Spec("integer", nullable=False), Spec("integer", primary_key=True)),
    "comment": (PLAIN, _options(comment="'said'")),
    "comment, changed": (_options(comment="'said'"), _options(comment="'told'")),
    "computed": (NUMBER, Spec("integer", inside=("sa.Computed('a + 1')",))),
    "computed, changed": (
        Spec("integer", inside=("sa.Computed('a + 1')",)),
        Spec("integer", inside=("sa.Computed('a + 2')",)),
    ),
    "identity": (Spec("integer", nullable=False), Spec("integer", nullable=False, inside=("sa.Identity()",))),
    "identity, always": (
        Spec("integer", nullable=False, inside=("sa.Identity()",)),
        Spec("integer", nullable=False, inside=("sa.Identity(always=True)",)),
    ),
}
# Changes of a column that a database does not notice.
SILENT_COLUMN_CHANGES: dict[str, tuple[Spec, Spec]] = {
    "default=": (PLAIN, _options(default="'x'")),
    "onupdate=": (PLAIN, _options(onupdate="'x'")),
    "doc=": (PLAIN, _options(doc="'what it is'")),
    "info=": (PLAIN, _options(info="{'a': 1}")),
    "attribute renamed, name kept": (Spec(attribute="value", name="v"), Spec(attribute="worth", name="v")),
    "attribute renamed, name written": (PLAIN, Spec(attribute="worth", name="value")),
    "name written out": (PLAIN, Spec(name="value")),
    "length by keyword": (PLAIN, Spec("string 50 by keyword")),
    "Unicode for String": (PLAIN, Spec("unicode 50")),
    "a variant": (PLAIN, Spec("decorated")),
    "| None": (PLAIN, Spec(optional="{} | None")),
    "Union": (PLAIN, Spec(optional="None | {}")),
    "quoted annotation": (PLAIN, Spec(optional='"{} | None"')),
    "index=False": (PLAIN, _options(index="False")),
    "unique=False": (PLAIN, _options(unique="False")),
    "comment=None": (PLAIN, _options(comment="None")),
    "server default, text of a literal": (
        Spec("integer", options={"server_default": "'1'"}),
        Spec("integer", options={"server_default": "sa.text('1')"}),
    ),
    "server default, now() as text": (
        Spec("datetime", options={"server_default": "sa.func.now()"}),
        Spec("datetime", options={"server_default": "sa.text('CURRENT_TIMESTAMP')"}),
    ),
    "ondelete, case": (_key("'target.id', ondelete='CASCADE'"), _key("'target.id', ondelete='cascade'")),
    "ondelete, NO ACTION": (_key("'target.id'"), _key("'target.id', ondelete='NO ACTION'")),
    "foreign key named": (_key("'target.id'"), _key("'target.id', name='fk_named'")),
}


@dataclass(frozen=True)
class Arguments:
    """How a style writes the arguments of its table; {} is where they go."""

    path: str
    form: str
    table: str
    column: str = "'{}'"


ARGUMENT_STYLES = {
    "__table_args__": Arguments("shop/mapped.py", "__table_args__ = ({})", "mapped_item"),
    "__table_args__ of columns": Arguments("shop/legacy.py", "__table_args__ = ({})", "legacy_item", "{}"),
    "__table_args__ with options": Arguments("shop/legacy.py", "__table_args__ = ({}{{'info': {{}}}},)", "legacy_item"),
    "__table_args__ of a mixin": Arguments(
        "shop/mixins.py", "@declared_attr\ndef __table_args__(cls):\n    return ({})", "mixed_item"
    ),
    "Table": Arguments("shop/association.py", "{}", "link"),
    "Flask-SQLAlchemy": Arguments("shop/flask_style.py", "__table_args__ = ({})", "flask_item"),
    "SQLModel": Arguments("shop/sql_models.py", "__table_args__ = ({})", "sqlitem"),
}
# Arguments before and after, "<a>" for the column a; each in both directions.
ARGUMENT_CHANGES: dict[str, tuple[str, str]] = {
    "index": ("", "sa.Index('ix_1', <a>),"),
    "index of two columns": ("", "sa.Index('ix_1', <a>, <b>),"),
    "index, another column": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <b>),"),
    "index, one column more": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, <b>),"),
    "index, order": ("sa.Index('ix_1', <a>, <b>),", "sa.Index('ix_1', <b>, <a>),"),
    "index, unique": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, unique=True),"),
    "index, expression": ("sa.Index('ix_1', sa.text('lower(a)')),", "sa.Index('ix_1', sa.text('upper(a)')),"),
    "index, descending": ("sa.Index('ix_1', sa.text('a')),", "sa.Index('ix_1', sa.text('a DESC')),"),
    "index, where": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, postgresql_where=sa.text('b > 0')),"),
    "index, other where": (
        "sa.Index('ix_1', <a>, postgresql_where=sa.text('b > 0')),",
        "sa.Index('ix_1', <a>, postgresql_where=sa.text('b > 1')),",
    ),
    "index, where of another column": (
        "sa.Index('ix_1', <a>, postgresql_where=sa.text('b IS NULL')),",
        "sa.Index('ix_1', <a>, postgresql_where=sa.text('b IS NOT NULL')),",
    ),
    "index, using": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, postgresql_using='gin'),"),
    "index, other using": (
        "sa.Index('ix_1', <a>, postgresql_using='gist'),",
        "sa.Index('ix_1', <a>, postgresql_using='gin'),",
    ),
    "index, include": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, postgresql_include=['b']),"),
    "index, operator class": (
        "sa.Index('ix_1', <a>, postgresql_using='gin'),",
        "sa.Index('ix_1', <a>, postgresql_using='gin', postgresql_ops={'a': 'gin_trgm_ops'}),",
    ),
    "unique": ("", "sa.UniqueConstraint(<a>, name='uq_1'),"),
    "unique, another column": ("sa.UniqueConstraint(<a>, name='uq_1'),", "sa.UniqueConstraint(<b>, name='uq_1'),"),
    "unique, one column more": ("sa.UniqueConstraint(<a>),", "sa.UniqueConstraint(<a>, <b>),"),
    "unique, deferrable": ("sa.UniqueConstraint(<a>),", "sa.UniqueConstraint(<a>, deferrable=True),"),
    "unique, nulls": ("sa.UniqueConstraint(<a>),", "sa.UniqueConstraint(<a>, postgresql_nulls_not_distinct=True),"),
    "check": ("", "sa.CheckConstraint('a > 0', name='positive'),"),
    "check, changed": (
        "sa.CheckConstraint('a > 0', name='positive'),",
        "sa.CheckConstraint('a > 1', name='positive'),",
    ),
    "foreign key": ("", "sa.ForeignKeyConstraint([<a>], ['target.id']),"),
    "foreign key, target": (
        "sa.ForeignKeyConstraint([<a>], ['target.id']),",
        "sa.ForeignKeyConstraint([<a>], ['other.id']),",
    ),
    "foreign key, column": (
        "sa.ForeignKeyConstraint([<a>], ['target.id']),",
        "sa.ForeignKeyConstraint([<b>], ['target.id']),",
    ),
    "foreign key, ondelete": (
        "sa.ForeignKeyConstraint([<a>], ['target.id']),",
        "sa.ForeignKeyConstraint([<a>], ['target.id'], ondelete='CASCADE'),",
    ),
    "foreign key, onupdate": (
        "sa.ForeignKeyConstraint([<a>], ['target.id']),",
        "sa.ForeignKeyConstraint([<a>], ['target.id'], onupdate='CASCADE'),",
    ),
    "exclude": ("", "postgresql.ExcludeConstraint((sa.text('a'), '='), name='ex_1'),"),
    "exclude, changed": (
        "postgresql.ExcludeConstraint((sa.text('a'), '='), name='ex_1'),",
        "postgresql.ExcludeConstraint((sa.text('b'), '='), name='ex_1'),",
    ),
    "a list of arguments": ("", "*[sa.UniqueConstraint(name) for name in ('a', 'b')],"),
}
SILENT_ARGUMENT_CHANGES: dict[str, tuple[str, str]] = {
    "reordered": (
        "sa.Index('ix_1', <a>), sa.UniqueConstraint(<b>),",
        "sa.UniqueConstraint(<b>), sa.Index('ix_1', <a>),",
    ),
    "order within a unique constraint": ("sa.UniqueConstraint(<a>, <b>),", "sa.UniqueConstraint(<b>, <a>),"),
    "where, spelled otherwise": (
        "sa.Index('ix_1', <a>, postgresql_where=sa.text('b IS NULL')),",
        "sa.Index('ix_1', <a>, postgresql_where=sa.text('(b is  null)')),",
    ),
    "using btree": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, postgresql_using='btree'),"),
    "unique=False": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, unique=False),"),
    "check, spelled otherwise": ("sa.CheckConstraint('a > 0'),", "sa.CheckConstraint('(a>0)'),"),
    "info": ("sa.Index('ix_1', <a>),", "sa.Index('ix_1', <a>, info={'x': 1}),"),
}

# path, before, after, words of the objects that it concerns; each in both directions.
TEXT_CHANGES: dict[str, tuple[str, str, str, str]] = {
    "table renamed, Mapped": ("shop/mapped.py", '"mapped_item"', '"mapped_thing"', "mapped_"),
    "table renamed, legacy": ("shop/legacy.py", '"legacy_item"', '"legacy_thing"', "legacy_"),
    "table renamed, Table": ("shop/association.py", '"link"', '"bond"', ""),
    "table renamed, class name of Flask-SQLAlchemy": ("shop/flask_style.py", "FlaskItem", "FlaskThing", "flask_"),
    "table renamed, class name of SQLModel": ("shop/sql_models.py", "class SqlItem", "class SqlThing", "sql"),
    "table renamed, derived name": ("shop/special.py", "class Derived", "class DerivedThing", "derived"),
    "table renamed, rule of derived names": (
        "shop/special.py",
        "return snake(cls",
        'return "x" + snake(cls',
        "derived",
    ),
    "table of SQLModel": ("shop/sql_models.py", ", table=True", "", "sqlitem"),
    "table in a namespace": ("shop/mapped.py", "# arguments", "__table_args__ = {'schema': 'depot'}", "mapped_item"),
    "namespace of the MetaData": ("shop/base.py", "sa.MetaData(", "sa.MetaData(schema='depot', ", "mapped_item"),
    "table comment": ("shop/special.py", '"painted things"', '"things in colour"', "painted"),
    "enum value": ("shop/enums.py", '    blue = "b"\n', '    blue = "b"\n    green = "g"\n', "colour"),
    "enum value renamed": ("shop/enums.py", "    blue =", "    navy =", "colour"),
    "value of a literal enum": ("shop/special.py", '"a", "b", name', '"a", "b", "c", name', "letters"),
    "name of an enum": ("shop/special.py", 'name="letters"', 'name="words"', "painted"),
    "values_callable": (
        "shop/special.py",
        "colour: Mapped[Colour]",
        "colour = mapped_column(sa.Enum(Colour, values_callable=lambda e: [m.value for m in e]), nullable=False)",
        "colour",
    ),
    "enum without native type, longer": ("shop/enums.py", "    big = 2\n", "    gigantic = 2\n", "painted"),
    "enum with a check": ("shop/special.py", '"s", "m", name', '"s", "l", name', "painted.fit"),
    "joined table, column": ("shop/special.py", "    language: Mapped[str]", "    tongue: Mapped[str]", "engineer"),
    "joined table, ondelete": ("shop/special.py", ', ondelete="CASCADE"), primary', "), primary", "engineer"),
    "single table, column": ("shop/special.py", "    level: Mapped[Optional[int]]", "    pass", "person"),
    "single table, type": ("shop/special.py", "level: Mapped[Optional[int]]", "level: Mapped[Optional[str]]", "person"),
    "joined to single": (
        "shop/special.py",
        '    __tablename__ = "engineer"\n'
        '    id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)\n',
        "",
        "engineer",
    ),
    "index of a module": ("shop/special.py", 'sa.Index("ix_painted_owner", Painted.owner_id)\n', "", "painted"),
    "index of a module, unique": (
        "shop/special.py",
        "Painted.owner_id)\n",
        "Painted.owner_id, unique=True)\n",
        "painted",
    ),
    "mixin taken away": ("shop/mixed.py", "Arranged, Valued, Base", "Arranged, Base", "mixed_item"),
    "type of the column referred to": (
        "shop/base.py",
        'class Target(Base):\n    __tablename__ = "target"\n    id = sa.Column(sa.Integer',
        'class Target(Base):\n    __tablename__ = "target"\n    id = sa.Column(sa.BigInteger',
        "painted.owner_id",
    ),
    "type map": ("shop/base.py", "timezone=True", "timezone=False", "mapped_item"),
    "primary key of two columns": (
        "shop/special.py",
        "    third = sa.Column(sa.Integer)",
        "    third = sa.Column(sa.Integer, primary_key=True)",
        "derived",
    ),
    "primary key by constraint": (
        "shop/special.py",
        "    third = sa.Column(sa.Integer)\n",
        "    third = sa.Column(sa.Integer)\n    __table_args__ = (sa.PrimaryKeyConstraint('first', 'second', 'third'),)\n",
        "derived",
    ),
    "item of an array": ("shop/special.py", "sa.ARRAY(sa.String(10))", "sa.ARRAY(sa.String(12))", "painted"),
    "class": (
        "shop/special.py",
        "class Derived(",
        'class Fresh(Base):\n    __tablename__ = "fresh"\n    id: Mapped[int] = mapped_column(primary_key=True)\n\nclass Derived(',
        "fresh",
    ),
    "abstract": (
        "shop/special.py",
        "class Derived(LegacyBase):\n",
        "class Derived(LegacyBase):\n    __abstract__ = True\n",
        "derived",
    ),
    "column set after the class": (
        "shop/special.py",
        "sa.Index(",
        'Painted.later = sa.Column("later", sa.Integer)\nsa.Index(',
        "painted",
    ),
    "index appended to a table": (
        "shop/association.py",
        ")\n",
        ")\nlinks.append_constraint(sa.Index('ix_more', links.c.a))\n",
        "link",
    ),
}
# Text that is added or changed without any effect on the schema.
SILENT_TEXT_CHANGES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "comment in the source": (("shop/mapped.py", "# column", "# what follows is long known"),),
    "docstring": (("shop/mapped.py", "class Item(Base):\n", 'class Item(Base):\n    """An item."""\n'),),
    "docstring of a module": (("shop/legacy.py", "\nimport datetime", '\n"""Old models."""\nimport datetime'),),
    "relationship": (
        (
            "shop/special.py",
            "class Manager(Person):\n",
            'class Manager(Person):\n    things: Mapped[List["Painted"]] = relationship()\n',
        ),
    ),
    "relationship of the old style": (("shop/legacy.py", "# column", "target = relationship('Target')"),),
    "backref": (("shop/special.py", "foreign_keys=[owner_id]", "foreign_keys=[owner_id], backref='painted'"),),
    "lazy": (("shop/special.py", "foreign_keys=[owner_id]", "foreign_keys=[owner_id], lazy='joined'"),),
    "validator": (
        ("shop/mapped.py", "# column", "@validates('a')\n    def check(self, key, value):\n        return value"),
    ),
    "hybrid property": (
        ("shop/mapped.py", "# column", "@hybrid_property\n    def twice(self):\n        return self.a * 2"),
    ),
    "property": (("shop/legacy.py", "# column", "@property\n    def twice(self):\n        return self.a * 2"),),
    "class variable": (("shop/legacy.py", "# column", "LIMIT = 20"),),
    "method": (("shop/sql_models.py", "# column", "def shown(self) -> str:\n        return 'x'"),),
    "__repr__": (("shop/flask_style.py", "# column", "def __repr__(self):\n        return 'x'"),),
    "columns reordered": (
        (
            "shop/mapped.py",
            "    a: Mapped[Optional[int]]\n    b: Mapped[Optional[int]]\n",
            "    b: Mapped[Optional[int]]\n    a: Mapped[Optional[int]]\n",
        ),
    ),
    "columns of a Table reordered": (
        (
            "shop/association.py",
            '    sa.Column("a", sa.Integer),\n    sa.Column("b", sa.Integer),\n',
            '    sa.Column("b", sa.Integer),\n    sa.Column("a", sa.Integer),\n',
        ),
    ),
    "classes reordered": (
        (
            "shop/base.py",
            'class Other(Base):\n    __tablename__ = "other"\n    id = sa.Column(sa.Integer, primary_key=True)\n',
            "",
        ),
        (
            "shop/base.py",
            "class Target(Base):",
            'class Other(Base):\n    __tablename__ = "other"\n    id = sa.Column(sa.Integer, primary_key=True)\n\nclass Target(Base):',
        ),
    ),
    "class renamed": (("shop/mapped.py", "class Item(Base)", "class Thing(Base)"),),
    "class moved to another file": (
        ("shop/special.py", "class Derived(LegacyBase):\n", "class Unused:\n"),
        (
            "shop/legacy.py",
            "class Item(LegacyBase):",
            'class Derived(LegacyBase):\n    __tablename__ = "derived"\n    first = sa.Column(sa.Integer, primary_key=True)\n    second = sa.Column(sa.Integer, primary_key=True)\n    third = sa.Column(sa.Integer)\n\nclass Item(LegacyBase):',
        ),
    ),
    "mixin that brings no column": (
        (
            "shop/mapped.py",
            "class Item(Base)",
            "class Shown:\n    def shown(self):\n        return 'x'\n\nclass Item(Shown, Base)",
        ),
    ),
    "column moved into a mixin": (
        ("shop/legacy.py", "    b = sa.Column(sa.Integer)\n", ""),
        (
            "shop/legacy.py",
            "class Item(LegacyBase)",
            "class HasB:\n    b = sa.Column(sa.Integer)\n\nclass Item(HasB, LegacyBase)",
        ),
    ),
    "columns of the old style rewritten": (
        ("shop/special.py", "    third = sa.Column(sa.Integer)", "    third: Mapped[Optional[int]] = mapped_column()"),
    ),
    "annotation without mapped_column": (
        (
            "shop/special.py",
            "    kind: Mapped[str] = mapped_column(sa.String(20))",
            "    kind: Mapped[str] = mapped_column(sa.String(20), nullable=False)",
        ),
    ),
    "deferred": (("shop/legacy.py", "    b = sa.Column(sa.Integer)", "    b = deferred(sa.Column(sa.Integer))"),),
    "__mapper_args__": (("shop/mapped.py", "    # column", '    __mapper_args__ = {"eager_defaults": True}'),),
    "polymorphic_identity": (("shop/special.py", '"polymorphic_identity": "person"', '"polymorphic_identity": "p"'),),
    "values of a Python enum, names kept": (("shop/enums.py", 'blue = "b"', 'blue = "blue"'),),
    "members of an enum reordered": (
        ("shop/enums.py", '    red = "r"\n    blue = "b"', '    blue = "b"\n    red = "r"'),
    ),
    "method of an enum": (
        ("shop/enums.py", '    blue = "b"\n', '    blue = "b"\n\n    def shown(self):\n        return self.name\n'),
    ),
    "shorter enum without native type": (("shop/enums.py", "    small = 1\n", "    tiny = 1\n"),),
    "import spelled otherwise": (
        ("shop/mapped.py", "from shop.base import Base", "import shop.base\nBase = shop.base.Base"),
    ),
    "constant for a length": (
        (
            "shop/special.py",
            "mapped_column(sa.String(20))\n\nclass Engineer",
            "mapped_column(sa.String(2 * 10))\n\nclass Engineer",
        ),
    ),
    "reference by name": (("shop/special.py", "sa.ForeignKey(Target.id)", 'sa.ForeignKey("target.id")'),),
    "index=True for an index of the module": (
        ("shop/special.py", 'sa.Index("ix_painted_owner", Painted.owner_id)\n', ""),
        (
            "shop/special.py",
            "mapped_column(sa.ForeignKey(Target.id))",
            "mapped_column(sa.ForeignKey(Target.id), index=True)",
        ),
    ),
    "a class that is not mapped": (
        ("shop/mapped.py", "class Item(Base)", "class Form:\n    a = 1\n\nclass Item(Base)"),
    ),
    "a model of pydantic": (
        ("shop/sql_models.py", "class SqlItem(", "class SqlItemCreate(SQLModel):\n    name: str\n\nclass SqlItem("),
    ),
    "TYPE_CHECKING": (
        (
            "shop/special.py",
            "def snake",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.mapped import Item\n\ndef snake",
        ),
    ),
}


# A VARCHAR that becomes too long holds its values still.
ONE_WAY = {"enum without native type, longer", "shorter enum without native type"}


@dataclass(frozen=True)
class Mutation:
    """One change of the project; `table` is a part of the name of what it must be noticed on."""

    construct: str
    change: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    silent: bool = False
    table: str = ""

    @property
    def name(self) -> str:
        return f"{self.construct}: {self.change}"


def mutations() -> Iterator[Mutation]:
    """All of them; a change of the schema in both directions."""
    for change in _one_way():
        yield change
        if change.change in ONE_WAY:
            continue
        yield Mutation(
            change.construct, f"{change.change}, undone", change.after, change.before, change.silent, change.table
        )


def _one_way() -> Iterator[Mutation]:
    for changes, silent in ((COLUMN_CHANGES, False), (SILENT_COLUMN_CHANGES, True)):
        for construct, style in COLUMN_STYLES.items():
            for name, (before, after) in changes.items():
                if not any(word in name for word in style.without) and _can_say(style, before, after):
                    table = "words" if "more words" in name else style.table
                    yield Mutation(
                        construct, name, _with_column(style, before), _with_column(style, after), silent, table
                    )
    for arguments, silent in ((ARGUMENT_CHANGES, False), (SILENT_ARGUMENT_CHANGES, True)):
        for construct, place in ARGUMENT_STYLES.items():
            for name, (one, other) in arguments.items():
                yield Mutation(
                    construct, name, _with_arguments(place, one), _with_arguments(place, other), silent, place.table
                )
    for name, (path, old, new, table) in TEXT_CHANGES.items():
        yield Mutation("text", name, PROJECT, _replaced(PROJECT, path, old, new), table=table)
    for name, edits in SILENT_TEXT_CHANGES.items():
        changed = PROJECT
        for path, old, new in edits:
            changed = _replaced(changed, path, old, new)
        yield Mutation("text", name, PROJECT, changed, silent=True)


def _can_say(style: Style, before: Spec | None, after: Spec | None) -> bool:
    specs = [spec for spec in (before, after) if spec is not None]
    if style.write is _by_annotation:
        return all(spec.type in ANNOTATED for spec in specs)
    if style.top:
        return len(specs) == 2
    if style.write is _field:
        return not any(
            "name=" in inside or not inside.startswith("sa.ForeignKey") for s in specs for inside in s.inside
        )
    return True


def _with_column(style: Style, spec: Spec | None) -> Mapping[str, str]:
    if spec is None:
        return PROJECT
    if not style.top:
        return _replaced(PROJECT, style.path, "# column", style.write(spec))
    given = _replaced(PROJECT, style.path, "# top", style.write(spec))
    return _replaced(given, style.path, "# column", "value: Mapped[value_type]")


def _with_arguments(place: Arguments, text: str) -> Mapping[str, str]:
    for column in ("a", "b"):
        text = text.replace(f"<{column}>", place.column.format(column))
    return _replaced(PROJECT, place.path, "# arguments", place.form.format(text))


def _replaced(project: Mapping[str, str], path: str, old: str, new: str) -> Mapping[str, str]:
    source = project[path]
    start = source.index(old)
    margin = source[source.rfind("\n", 0, start) + 1 : start]
    if not margin.strip() and old.startswith("# "):
        new = indent(dedent(new), margin).removeprefix(margin) if "\n    " not in new or "\ndef " in new else new
    return {**project, path: source.replace(old, new, 1)}


# What the engine says


@lru_cache(maxsize=4096)
def _facts(source: str) -> dict[str, object]:
    return facts.extract(source.encode())


def read(project: Mapping[str, str]) -> Schema:
    """The schema that the models of the project declare."""
    modules = Modules(dict.fromkeys(project, b""))
    env = env_file.extract(project["migrations/env.py"].encode())
    known: dict[str, dict[str, object]] = {}
    while True:
        more = wanted(modules, known, "migrations/env.py", env)
        if not more.full and not more.candidates:
            break
        for path in (*more.full, *more.candidates):
            known[path] = _facts(project[path])
    return link(known, modules, env, env_path="migrations/env.py")


@lru_cache(maxsize=4096)
def _read(items: tuple[tuple[str, str], ...]) -> Schema:
    return read(dict(items))


def judged(mutation: Mutation) -> Drift:
    """New drift when the chain built what the models said before."""
    before, after = (_read(tuple(project.items())) for project in (mutation.before, mutation.after))
    chain = replay(Schema(), compare(Schema(), before)).schema
    return new_drift(Side(chain, after), [Side(chain, before)])


def outcome(mutation: Mutation) -> str:
    """error, note or unknown when it was noticed, on the right table; silent; elsewhere."""
    items = judged(mutation).items
    own = [item for item in items if mutation.table in item.object]
    if not items:
        return "silent"
    if not own:
        return "elsewhere"
    if any(item.kind != "unknown" and not item.note for item in own):
        return "error"
    return "unknown" if any(item.kind == "unknown" and not item.note for item in own) else "note"


def is_right(mutation: Mutation, found: str) -> bool:
    return (found == "silent") == mutation.silent and found != "elsewhere"
