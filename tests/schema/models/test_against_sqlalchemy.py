"""The same source, read and run: what is read must be what SQLAlchemy declares."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.schema.models.reading import declared, described, described_by_sqlalchemy, read

HEAD = """
import datetime
import decimal
import enum
import functools
import re
import uuid
from typing import Annotated, List, Literal, Optional

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint
from sqlalchemy.orm import (
    DeclarativeBase, Mapped, MappedAsDataclass, declarative_base, declared_attr, deferred, mapped_column, registry,
    relationship,
)
"""
BASE = """
class Base(DeclarativeBase):
    pass
"""

STYLES = {
    "columns of the old style": """
        Base = declarative_base()

        class User(Base):
            __tablename__ = "users"
            id = Column(Integer, primary_key=True)
            name = Column(String(50), nullable=False, index=True)
            email = Column("mail", sa.Unicode(length=200), unique=True)
            group_id = Column(ForeignKey("groups.id", ondelete="CASCADE"))

        class Group(Base):
            __tablename__ = "groups"
            id = Column(sa.BigInteger, primary_key=True)
        """,
    "mapped columns and their annotations": BASE
    + """
        class Item(Base):
            __tablename__ = "items"
            id: Mapped[int] = mapped_column(primary_key=True)
            title: Mapped[str]
            note: Mapped[Optional[str]]
            weight: Mapped[float | None] = mapped_column(sa.Float)  # the default differs between SQLAlchemy 2.0 and 2.1
            price: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(10, 2))
            made: Mapped[datetime.datetime] = mapped_column(sa.DateTime(timezone=True))
            day: Mapped[datetime.date]
            key: Mapped[uuid.UUID]
            data: Mapped[bytes] = mapped_column(nullable=True)
            quoted: Mapped["str | None"]
            forced: Mapped[str | None] = mapped_column(nullable=False)
        """,
    "enums and literals": BASE
    + """
        class Colour(enum.Enum):
            red = "r"
            blue = "b"

        class Shade(str, enum.Enum):
            DARK = "dark"
            ALIAS = "dark"
            LIGHT = "light"

        class Item(Base):
            __tablename__ = "items"
            id: Mapped[int] = mapped_column(primary_key=True)
            colour: Mapped[Colour]
            shade: Mapped[Shade | None]
            values = Column(sa.Enum(Shade, values_callable=lambda e: [m.value for m in e], name="shades"))
            text = Column(sa.Enum("a", "b", name="letters", native_enum=False))
            kind: Mapped[Literal["x", "longer"]]
        """,
    "annotated aliases": BASE
    + """
        key = Annotated[int, mapped_column(primary_key=True)]
        name = Annotated[str, mapped_column(String(30), nullable=False, index=True)]
        owner = Annotated[int, mapped_column(ForeignKey("owners.id"))]
        maybe = Annotated[Optional[str], mapped_column(String(7))]

        class Owner(Base):
            __tablename__ = "owners"
            id: Mapped[key]
            name: Mapped[name]
            nick: Mapped[name | None]
            more: Mapped[maybe]

        class Pet(Base):
            __tablename__ = "pets"
            id: Mapped[key]
            owner_id: Mapped[owner]
            other: Mapped[Optional[owner]]
        """,
    "a type map": """
        str50 = Annotated[str, 50]
        class Kind(enum.Enum):
            a = 1
        class Base(DeclarativeBase):
            type_annotation_map = {
                str: String(80),
                str50: String(50),
                dict[str, str]: sa.JSON,
                datetime.datetime: sa.TIMESTAMP(timezone=True),
                enum.Enum: sa.Enum(enum.Enum, native_enum=False),
            }
        class A(Base):
            __tablename__ = "a"
            id: Mapped[int] = mapped_column(primary_key=True)
            one: Mapped[str]
            two: Mapped[str50]
            three: Mapped[Optional[str50]]
            four: Mapped[dict[str, str]]
            five: Mapped[datetime.datetime | None]
            six: Mapped[Kind]
        """,
    "mixins, abstract bases and declared attributes": BASE
    + """
        class Stamped:
            created = Column(sa.DateTime, nullable=False)

            @declared_attr
            def owner_id(cls):
                return Column(Integer, ForeignKey("owner.id"), index=True)

            @declared_attr
            def __tablename__(cls):
                return cls.__name__.lower()

        class Keyed(Base):
            __abstract__ = True
            id: Mapped[int] = mapped_column(primary_key=True)

            @declared_attr.directive
            def __table_args__(cls):
                return (Index(f"ix_{cls.__tablename__}_made", "created"), {"comment": "a " + cls.__name__})

        class Owner(Stamped, Keyed):
            owner_id = None

        class Thing(Stamped, Keyed):
            name: Mapped[str] = mapped_column(String(9))
        """,
    "derived names": """
        def snake(name):
            return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

        class Named:
            @declared_attr
            def __tablename__(cls):
                return snake(cls.__name__) + "s"

        Base = declarative_base(cls=Named)

        class BigThing(Base):
            id = Column(Integer, primary_key=True)
        """,
    "table arguments in every form": BASE
    + """
        COMMON = (UniqueConstraint("a", name="uq_common"),)

        class One(Base):
            __tablename__ = "one"
            __table_args__ = {"comment": "only options"}
            id = Column(Integer, primary_key=True)

        class Two(Base):
            __tablename__ = "two"
            __table_args__ = COMMON + (
                Index("ix_two", "a", "b", unique=True), sa.CheckConstraint("a > 0", name="ck_two"),
            )
            id = Column(Integer, primary_key=True)
            a = Column(Integer)
            b = Column(Integer)

        class Three(Base):
            __tablename__ = "three"
            id = Column(Integer)
            other = Column(Integer)
            two_id = Column(Integer)
            email = Column(String)
            __table_args__ = (
                sa.PrimaryKeyConstraint("id", other, name="pk_three"),
                sa.ForeignKeyConstraint(["two_id"], ["two.id"], name="fk_two", ondelete="SET NULL"),
                Index("ix_lower", sa.func.lower(email)),
                *[UniqueConstraint(name, name=f"uq_{name}") for name in ("email", "two_id")],
            )
        """,
    "naming conventions": """
        meta = sa.MetaData(naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        })
        Base = declarative_base(metadata=meta)

        class A(Base):
            __tablename__ = "a"
            id = Column(Integer, primary_key=True)
            b_id = Column(ForeignKey("b.id"), index=True)
            c = Column(Integer, unique=True)
            __table_args__ = (UniqueConstraint("b_id", "c"), sa.CheckConstraint("c > 1", name="positive"))

        class B(Base):
            __tablename__ = "b"
            id = Column(Integer, primary_key=True)
        """,
    "a MetaData of the same name as the attribute": """
        metadata = sa.MetaData(naming_convention={"ix": "index_%(column_0_label)s"})

        class Base(DeclarativeBase):
            metadata = metadata

        links = Table("links", metadata, Column("id", Integer, primary_key=True))

        class A(Base):
            __tablename__ = "a"
            id = Column(Integer, primary_key=True)
            x = Column(Integer, index=True)
        """,
    "namespaces": """
        class Base(DeclarativeBase):
            metadata = sa.MetaData(schema="shop")

        class A(Base):
            __tablename__ = "a"
            id = Column(Integer, primary_key=True)
            x = Column(Integer, index=True)

        class B(Base):
            __tablename__ = "b"
            __table_args__ = {"schema": "other"}
            id = Column(Integer, primary_key=True)
            a_id = Column(ForeignKey("shop.a.id"))
        """,
    "joined and single inheritance": BASE
    + """
        class Person(Base):
            __tablename__ = "person"
            __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "p"}
            __table_args__ = {"comment": "people"}
            id = Column(Integer, primary_key=True)
            kind = Column(String(5))

        class Engineer(Person):
            __tablename__ = "engineer"
            __mapper_args__ = {"polymorphic_identity": "e"}
            id = Column(ForeignKey("person.id"), primary_key=True)
            language = Column(String(20))

        class Manager(Person):
            __mapper_args__ = {"polymorphic_identity": "m"}
            level = Column(Integer, index=True)
        """,
    "association tables and module indexes": BASE
    + """
        links = Table(
            "links",
            Base.metadata,
            Column("a_id", ForeignKey("a.id"), primary_key=True),
            Column("b_id", ForeignKey("a.id"), primary_key=True),
            UniqueConstraint("b_id", name="uq_b"),
            Index("ix_links", "a_id"),
        )

        class A(Base):
            __tablename__ = "a"
            id: Mapped[int] = mapped_column(primary_key=True)
            name: Mapped[str]
            others: Mapped[List["A"]] = relationship(
                "A", secondary=links, primaryjoin=id == links.c.a_id, secondaryjoin=id == links.c.b_id
            )

        Index("ix_name", A.name, unique=True)
        Index("ix_links_both", links.c.a_id, links.c.b_id)
        A.later = Column("later", Integer)
        for word in ("x", "y"):
            Table(f"t_{word}", Base.metadata, Column("id", Integer, primary_key=True))
        """,
    "a registry and dataclasses": """
        mapper_registry = registry()
        Base = mapper_registry.generate_base()

        @mapper_registry.mapped
        class Plain:
            __tablename__ = "plain"
            id = Column(Integer, primary_key=True)

        @mapper_registry.mapped_as_dataclass
        class Data:
            __tablename__ = "data"
            id: Mapped[int] = mapped_column(init=False, primary_key=True)
            name: Mapped[Optional[str]] = mapped_column(String(4), default=None)
        """,
    "types of the project": BASE
    + """
        class Short(sa.TypeDecorator):
            impl = String
            cache_ok = True

            def __init__(self, length=12):
                super().__init__(length=length * 2)

        class Json(sa.TypeDecorator):
            impl = sa.Text
            cache_ok = True

        class Limited(String):
            pass

        required = functools.partial(Column, nullable=False)

        def money(places=2, **options):
            return Column(sa.Numeric(12, places), **options)

        class A(Base):
            __tablename__ = "a"
            id = Column(Integer, primary_key=True)
            short = Column(Short)
            shorter = Column(Short(3))
            json = required(Json)
            limited = Column(Limited(8))
            price = money()
            cost = money(places=4, nullable=False)
            listed = Column(sa.ARRAY(String(3)))
        """,
    "deferred columns and columns under a condition": BASE
    + """
        WIDE = True

        class A(Base):
            __tablename__ = "a"
            id = Column(Integer, primary_key=True)
            text = deferred(Column(sa.Text, nullable=False))
            note: Mapped[str] = deferred(mapped_column(sa.Text))
            if WIDE:
                wide = Column(String(500))
            else:
                narrow = Column(String(5))
        """,
    "explicit tables": BASE
    + """
        a_table = Table("a", Base.metadata, Column("id", Integer, primary_key=True), Column("b", String(2)))

        class A(Base):
            __table__ = a_table

        class B(Base):
            __table__ = Table("b", Base.metadata, Column("id", Integer, primary_key=True))
        """,
    "a class made by type()": BASE
    + """
        class Events:
            @declared_attr
            def events(cls):
                name = f"{cls.__name__}Event"
                made = type(name, (Base,), {
                    "__tablename__": name.lower(),
                    "id": Column(Integer, primary_key=True),
                    "parent": Column(ForeignKey(f"{cls.__tablename__}.id")),
                })
                return relationship(made)

        class Project(Events, Base):
            __tablename__ = "project"
            id = Column(Integer, primary_key=True)
        """,
    "defaults, computed columns and identities": BASE
    + """
        class A(Base):
            __tablename__ = "a"
            id = Column(Integer, sa.Identity(always=True), primary_key=True)
            one = Column(Integer, server_default="1", default=2)
            two = Column(Integer, sa.Computed("one + 1", persisted=True))
            three = Column(Integer, sa.Identity(start=3))
        """,
    "a column with a key": BASE
    + """
        class A(Base):
            __tablename__ = "a"
            id = Column(Integer, primary_key=True)
            first = Column("one", Integer, key="k")
            second = Column("two", Integer)
            __table_args__ = (UniqueConstraint("k", "two", name="uq"),)
        """,
}


@pytest.mark.parametrize("source", STYLES.values(), ids=STYLES)
def test_models_are_read_as_sqlalchemy_declares_them(source: str, tmp_path) -> None:
    files = {
        "models.py": HEAD + dedent(source) if not source.startswith(BASE) else HEAD + BASE + dedent(source[len(BASE) :])
    }
    expected = described_by_sqlalchemy(declared_and_mapped(files, tmp_path))
    schema = read(files)
    assert described(schema) == expected
    assert not schema.unknown
    assert not [gap for table in schema.tables.values() for gap in table.unknown]


def declared_and_mapped(files: dict[str, str], folder):
    from sqlalchemy.orm import configure_mappers

    metadata = declared(files, folder)
    configure_mappers()
    return metadata


PACKAGE = {
    "models/__init__.py": "from .base import Base\nfrom .user import *\nfrom models.group import Group as Team\n",
    "models/base.py": HEAD + "class Base(DeclarativeBase):\n    pass\n",
    "models/constants.py": "WIDTH = 2 * 20\n",
    "models/common.py": HEAD
    + """
from . import constants

class Stamped:
    made = Column(String(constants.WIDTH))

key = Annotated[int, mapped_column(primary_key=True)]
""",
    "models/user.py": HEAD
    + """
from .base import Base
from .common import Stamped, key
__all__ = ["User"]

class User(Stamped, Base):
    __tablename__ = "users"
    id: Mapped[key]
    group_id = Column(ForeignKey("groups.id"))
""",
    "models/group.py": HEAD
    + """
import models.base
from models import common

class Group(models.base.Base, common.Stamped):
    __tablename__ = "groups"
    id: Mapped[common.key]
""",
}


def test_models_spread_over_modules_are_joined(tmp_path) -> None:
    expected = described_by_sqlalchemy(declared(PACKAGE, tmp_path))
    assert described(read(PACKAGE)) == expected
