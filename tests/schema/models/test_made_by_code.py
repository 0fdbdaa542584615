"""Tables and columns that code makes: functions, loops, decorators, hooks.  Read as SQLAlchemy runs it, or unknown."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.schema.models.reading import described, described_by_sqlalchemy, read
from tests.schema.models.test_against_sqlalchemy import BASE, HEAD, declared_and_mapped

READ = {
    "a function that makes a class": """
        def make_model(table):
            class Model(Base):
                __tablename__ = table
                id = Column(Integer, primary_key=True)
            return Model
        One = make_model("one")
        make_model("two")
        """,
    "a class inside of a class": """
        class Outer:
            class Inner(Base):
                __tablename__ = "inner"
                id = Column(Integer, primary_key=True)
        """,
    "columns that a loop of the body writes": """
        class Item(Base):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
            for number in range(2):
                locals()[f"value_{number}"] = Column(Integer)
            vars()["more"] = Column(String(3), nullable=False)
            locals().update({name: Column(Integer) for name in ("a", "b")})
        """,
    "setattr, alone and in a loop": """
        class Item(Base):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
        setattr(Item, "one", Column(Integer, nullable=False))
        for name, kind in {"p": Integer, "q": sa.Text}.items():
            setattr(Item, name, Column(kind))
        """,
    "decorators that add columns": """
        def audited(cls):
            cls.created_at = Column(sa.DateTime)
            setattr(cls, "updated_at", Column(sa.DateTime))
            return cls
        def counted(name):
            def decorate(cls):
                kind = Integer
                cls.count = Column(name, kind)
                return cls
            return decorate
        @audited
        @counted("number")
        class Item(Base):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
        """,
    "a hook of a mixin that adds a column": """
        class Extra:
            def __init_subclass__(cls, **options):
                cls.extra = Column(Integer)
                super().__init_subclass__(**options)
        class Item(Extra, Base):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
        """,
    "a table once more in another namespace": """
        other = sa.MetaData()
        item = Table("item", other, Column("id", Integer, primary_key=True))
        item.to_metadata(Base.metadata)
        copy = item.to_metadata(Base.metadata, name="copy", schema="old")
        """,
    "an index put into the set of a table": """
        class Item(Base):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
            name = Column(String(5))
        Item.__table__.indexes.add(Index("ix_one", Item.name))
        Index("ix_two", Item.__table__.c["name"])
        """,
    "has_inherited_table": """
        from sqlalchemy.orm import has_inherited_table
        class Named:
            @declared_attr.directive
            def __tablename__(cls):
                return None if has_inherited_table(cls) else cls.__name__.lower()
        class Person(Named, Base):
            id: Mapped[int] = mapped_column(primary_key=True)
            kind: Mapped[str]
            __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "p"}
        class Worker(Person):
            wage: Mapped[Optional[int]]
            __mapper_args__ = {"polymorphic_identity": "w"}
        """,
    "a column for every class below": """
        from sqlalchemy.orm import has_inherited_table
        class Keyed:
            @declared_attr.cascading
            def id(cls):
                if has_inherited_table(cls):
                    return mapped_column(ForeignKey("person.id"), primary_key=True)
                return mapped_column(Integer, primary_key=True)
        class Person(Keyed, Base):
            __tablename__ = "person"
            kind = mapped_column(String(3))
            __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "p"}
        class Worker(Person):
            __tablename__ = "worker"
            wage = mapped_column(Integer)
            __mapper_args__ = {"polymorphic_identity": "w"}
        """,
    "columns in the metadata of dataclass fields": """
        import dataclasses
        mapper = registry(metadata=Base.metadata)
        @mapper.mapped
        @dataclasses.dataclass
        class Item:
            __tablename__ = "item"
            __sa_dataclass_metadata_key__ = "sa"
            id: int = dataclasses.field(init=False, metadata={"sa": Column(Integer, primary_key=True)})
            name: str = dataclasses.field(default=None, metadata={"sa": Column(String(5), nullable=False)})
        """,
    "enums made of a name and members": """
        Colour = enum.Enum("Colour", "red green")
        Shade = enum.Enum("Shade", ["dark", "light"])
        Size = enum.Enum("Size", {"s": 1, "l": 3})
        class Item(Base):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
            colour = Column(sa.Enum(Colour))
            shade = Column(sa.Enum(Shade, name="shades"))
            size = Column(sa.Enum(Size, values_callable=lambda e: [str(m.value) for m in e], native_enum=False))
        """,
}


@pytest.mark.parametrize("source", READ.values(), ids=READ)
def test_read_as_sqlalchemy_runs_it(source: str, tmp_path) -> None:
    files = {"models.py": HEAD + BASE + dedent(source)}
    expected = described_by_sqlalchemy(declared_and_mapped(files, tmp_path))
    schema = read(files)
    assert described(schema) == expected
    assert not schema.unknown
    assert not [gap for table in schema.tables.values() for gap in table.unknown]


ITEM = """
        class Item(Base):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
"""
UNKNOWN = {
    "a function whose calls are not seen": (
        """
        def make_model():
            class Model(Base):
                __tablename__ = "late"
                id = Column(Integer, primary_key=True)
            return Model
        """,
        "only running make_model() tells whether and how often this class is made",
    ),
    "a class made by new_class()": (
        """
        import types
        types.new_class("Item", (Base,), {}, lambda body: body.update({"id": Column(Integer, primary_key=True)}))
        """,
        "a mapped class is made by new_class()",
    ),
    "names of a loop that is not known": (
        ITEM
        + """
            for name in settings.names:
                locals()[name] = Column(Integer)
        """,
        "names are put into the class body in a way that is not understood",
    ),
    "setattr with a name that is not known": (
        ITEM + "        setattr(Item, settings.name, Column(Integer))\n",
        "the name of a column was not read",
    ),
    "a decorator with a condition": (
        """
        def audited(cls):
            if settings.audit:
                cls.created_at = Column(sa.DateTime)
            return cls
        @audited
        """
        + ITEM.lstrip(),
        "audited makes columns in a way that is not understood",
    ),
    "a metaclass that makes columns": (
        """
        class Meta(type(Base)):
            def __new__(mcs, name, bases, body):
                body["made"] = Column(Integer)
                return super().__new__(mcs, name, bases, body)
        class Item(Base, metaclass=Meta):
            __tablename__ = "item"
            id = Column(Integer, primary_key=True)
        """,
        "__new__ makes columns in a way that is not understood",
    ),
}


@pytest.mark.parametrize(("source", "why"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_only_running_tells_is_unknown(source: str, why: str) -> None:
    schema = read({"models.py": HEAD + BASE + dedent(source)})
    assert why in [gap.why for gap in (*schema.unknown, *(gap for t in schema.tables.values() for gap in t.unknown))]


HARMLESS = {
    "a decorator that adds no column": """
        def shown(cls):
            cls.title = "x"
            return cls
        @shown
        """
    + ITEM.lstrip(),
    "a loop that makes no column": ITEM
    + """
            for name in settings.names:
                pass
        """,
    "a function that makes a class without a table": ITEM
    + """
        def make_view():
            class View:
                name = "x"
            return View
        """,
}


@pytest.mark.parametrize("source", HARMLESS.values(), ids=HARMLESS)
def test_what_makes_no_column_is_no_unknown(source: str) -> None:
    schema = read({"models.py": HEAD + BASE + dedent(source)})
    assert list(schema.tables) == ["item"]
    assert not schema.unknown
    assert not schema.tables["item"].unknown
