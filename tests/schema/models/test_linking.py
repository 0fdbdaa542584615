"""Which tables belong to an environment, and what is said to be unknown."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gitmig.schema.elements import Type
from gitmig.schema.layout import flat
from gitmig.schema.models import facts
from gitmig.schema.spellings import same_type
from gitmig.schema.type_code import spelled
from tests.schema.models.reading import read, read_models

HEAD = "import sqlalchemy as sa\nfrom sqlalchemy import *\nfrom sqlalchemy.orm import *\n"
BASE = HEAD + "class Base(DeclarativeBase):\n    pass\n"
KEY = "    id = Column(Integer, primary_key=True)\n"
TWO_BASES = HEAD + dedent("""
    class Base(DeclarativeBase):
        pass
    class Other(DeclarativeBase):
        pass
    class A(Base):
        __tablename__ = "a"
        id = Column(Integer, primary_key=True)
    class B(Other):
        __tablename__ = "b"
        id = Column(Integer, primary_key=True)
    """)
TARGETS = {
    "one of two": ("from models import Other\ntarget_metadata = Other.metadata", {"b"}),
    "a list": ("import models\ntarget_metadata = [models.Base.metadata, models.Other.metadata]", {"a", "b"}),
    "a factory": ("from models import Base\ndef f():\n    return Base.metadata\ntarget_metadata = f()", {"a"}),
    "by its name": ("import models\ntarget_metadata = getattr(models, 'Other').metadata", {"b"}),
    "only in configure": ("from models import Other\ncontext.configure(target_metadata=Other.metadata)", {"b"}),
    "left out by include_object": (
        "from models import Base\ntarget_metadata = Base.metadata\n"
        "def keep(object, name, type_, reflected, compare_to):\n    return not (type_ == 'table' and name in {'a'})\n"
        "context.configure(target_metadata=target_metadata, include_object=keep)",
        set(),
    ),
}


@pytest.mark.parametrize(("env", "tables"), TARGETS.values(), ids=TARGETS)
def test_tables_of_the_metadata_that_the_environment_names(env: str, tables: set[str]) -> None:
    schema = read({"models.py": TWO_BASES}, env)
    assert set(schema.tables) == tables
    assert not schema.unknown


@pytest.mark.parametrize("configured", ["include_object=keep", "**options"])
def test_tables_whose_info_leaves_them_out(configured: str) -> None:
    env = f"""
        from models import Base
        target_metadata = Base.metadata
        def keep(object, name, type_, reflected, compare_to):
            return not object.info.get("is_view", False)
        options = {{"include_object": keep}}
        context.configure(target_metadata=target_metadata, {configured})
        """
    models = BASE + (
        "class A(Base):\n    __tablename__ = 'a'\n" + KEY + "class B(Base):\n    __tablename__ = 'b'\n"
        "    __table_args__ = {'info': {'is_view': True}}\n"
        + KEY
        + "c = Table('c', Base.metadata, info={'is_view': True})\n"
    )
    assert set(read({"models.py": models}, env).tables) == {"a"}


@pytest.mark.parametrize(
    ("body", "names"),
    {
        "names of a list": ("return not (type_ == 'table' and name in OLD + ['x'])", ("a", "gone", "x")),
        "one name": ("if name == 'gone':\n        return False\n    return True", ("gone",)),
        "only those that the models have as well": ("return reflected or name not in OLD", ()),
        "only those that a database alone has": ("return not (reflected and name in OLD)", ("a", "gone")),
    }.values(),
)
def test_names_that_include_object_leaves_out_wherever_they_are(body: str, names: tuple[str, ...]) -> None:
    env = (
        "from models import Base\nfrom lists import OLD\ntarget_metadata = Base.metadata\n"
        f"def keep(object, name, type_, reflected, compare_to):\n    {body}\n"
        "context.configure(target_metadata=target_metadata, include_object=keep)"
    )
    assert read({"models.py": TWO_BASES, "lists.py": "OLD = ['a', 'gone']"}, env).left_out == names


def test_a_metadata_without_tables_has_none_and_not_those_of_another() -> None:
    text = BASE + "class Tenants(DeclarativeBase):\n    pass\nclass A(Base):\n    __tablename__ = 'a'\n" + KEY
    assert read({"models.py": text}, "from models import Tenants\ntarget_metadata = Tenants.metadata").tables == {}


def test_a_target_that_is_not_understood_with_several_metadata_is_unknown() -> None:
    schema = read({"models.py": TWO_BASES}, "from models import Base\ntarget_metadata = strange()")
    assert set(schema.tables) == {"a", "b"}
    assert [gap.what for gap in schema.unknown] == ["target_metadata"]


def test_metadata_may_be_named_by_the_configuration() -> None:
    schema = read({"models.py": TWO_BASES}, "target_metadata = strange()", metadata="models:Other.metadata")
    assert set(schema.tables) == {"b"}


def test_models_of_tests_do_not_belong() -> None:
    model = (
        "from models import Base\n"
        + HEAD
        + "class T(Base):\n    __tablename__ = 't'\n    id = Column(Integer, primary_key=True)\n"
    )
    env = "from models import Base\ntarget_metadata = Base.metadata"
    assert set(read({"models.py": BASE, "more.py": model, "tests/fakes.py": model}, env).tables) == {"t"}


SQLMODEL = """
from sqlmodel import Field, Relationship, SQLModel
class Keyed(SQLModel):
    id: int | None = Field(default=None, primary_key=True)
class HeroTeam(Keyed, table=True):
    name: str = Field(index=True, max_length=40)
    age: int | None = None
    team_id: int | None = Field(default=None, foreign_key="team.id")
    heroes: list["HeroTeam"] = Relationship(back_populates="x")
    data: dict = Field(sa_column=sa.Column("payload", sa.JSON, nullable=False))
class Team(Keyed, table=True):
    unsure: str = Field(default=None)
class Public(Keyed):
    shown: str
"""


def test_sqlmodel() -> None:
    schema = read({"models.py": HEAD + SQLMODEL}, "from models import SQLModel\ntarget_metadata = SQLModel.metadata")
    assert set(schema.tables) == {"heroteam", "team"}
    hero = schema.tables["heroteam"]
    assert {c.name: (c.type.text, c.nullable) for c in hero.columns} == {
        "id": ("sa.Integer()", False),
        "name": ("sa.String(length=40)", False),
        "age": ("sa.Integer()", True),
        "team_id": ("sa.Integer()", True),
        "payload": ("sa.JSON()", False),
    }
    assert [index.name for index in hero.indexes] == ["ix_heroteam_name"]
    assert [key.referred for key in hero.foreign_keys] == ["team"]
    unsure = schema.tables["team"].column("unsure")
    assert unsure is not None and unsure.unknown == ("nullable",)


FLASK = """
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
links = db.Table("links", db.Column("a_id", db.ForeignKey("big_thing.id"), primary_key=True))
class BigThing(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(9), nullable=False)
class Small(BigThing):
    extra = db.Column(db.Text)
class Away(db.Model):
    __bind_key__ = "away"
    id = db.Column(db.Integer, primary_key=True)
"""
FLASK_MIGRATE = """
from flask import current_app
def get_metadata():
    return current_app.extensions["migrate"].db.metadatas[None]
def run():
    context.configure(target_metadata=get_metadata())
"""


def test_flask_sqlalchemy() -> None:
    schema = read({"app/models.py": FLASK}, FLASK_MIGRATE)
    assert {key: [c.name for c in table.columns] for key, table in schema.tables.items()} == {
        "big_thing": ["id", "name", "extra"],
        "links": ["a_id"],
    }
    assert set(read({"app/models.py": FLASK}, FLASK_MIGRATE, bind="away").tables) == {"away"}


def test_a_table_may_name_the_metadata_of_the_model_class() -> None:
    text = FLASK + 'more = db.Table("more", db.Model.metadata, db.Column("x", db.Integer))\n'
    schema = read({"app/models.py": text}, FLASK_MIGRATE)
    assert [column.name for column in schema.tables["more"].columns] == ["x"]
    assert not schema.tables["more"].unknown


def test_models_away_from_the_environment_are_found_where_it_is_the_only_one() -> None:
    """`target_metadata = None` and a package between the script location and the models."""
    model = "class A(Base):\n    __tablename__ = 'a'\n" + KEY
    files = {"app/db/models.py": BASE + model, "app/db/migration/cli.py": "def main(): ...\n"}
    path = "app/db/migration/scripts/env.py"
    assert set(read(files, "target_metadata = None", env_path=path, alone=True).tables) == {"a"}
    assert not read(files, "target_metadata = None", env_path=path).tables


def test_arguments_of_a_base_that_a_class_of_the_project_gives() -> None:
    base = "from sqlalchemy import Column, Integer, PrimaryKeyConstraint\nfrom sqlalchemy.orm import declarative_base\n"
    base += "class Given:\n    __table_args__ = {'schema': 'shop'}\n\nBase = declarative_base(cls=Given)\n"
    model = "class A(Base):\n    __tablename__ = 'a'\n    x = Column(Integer)\n"
    model += "    __table_args__ = (PrimaryKeyConstraint(x), Base.__table_args__)\n"
    found = read({"models.py": base + model})
    assert set(found.tables) == {"shop.a"} and not found.tables["shop.a"].unknown


HOLDER = """
import sqlalchemy as sa
from sqlalchemy.orm import declarative_base

class Database:
    def __init__(self):
        self.Model = declarative_base()

    def __getattr__(self, name):
        return getattr(sa, name)

    @property
    def metadata(self):
        return self.Model.metadata

db = Database()
"""


def test_an_object_of_the_project_may_hold_the_base_and_hand_on_sqlalchemy() -> None:
    models = "from shop.database import db\n\nb = db.Table('b', db.Model.metadata, db.Column('x', db.Integer))\n\n"
    models += "class A(db.Model):\n    __tablename__ = 'a'\n    id = db.Column(db.Text, primary_key=True)\n"
    env = "from shop.database import db\nimport shop.models\ntarget_metadata = db.metadata\n"
    found = read({"shop/database.py": HOLDER, "shop/models.py": models}, env)
    assert {name: [each.name for each in table.columns] for name, table in found.tables.items()} == {
        "a": ["id"],
        "b": ["x"],
    }
    assert not found.unknown


def test_a_script_location_called_alembic_is_not_the_package_that_env_py_imports() -> None:
    model = "class A(Base):\n    __tablename__ = 'a'\n" + KEY
    files = {"shop/models.py": BASE + model, "alembic/versions/a.py": "revision = 'a'\n"}
    env = "from alembic import context\ntarget_metadata = None\n"
    assert set(read(files, env, env_path="alembic/env.py").tables) == {"a"}


FILTERED = """
import os
from models import Base
target_metadata = Base.metadata
name = os.path.basename(os.path.dirname(__file__))
def keep(object, object_name, type_, reflected, compare_to):
    return object_name.startswith({start})
context.configure(target_metadata=target_metadata, include_object=keep)
"""


def test_a_filter_may_go_by_the_name_of_its_folder() -> None:
    model = "class A(Base):\n    __tablename__ = 'shop_a'\n" + KEY + "class B(Base):\n    __tablename__ = 'b'\n" + KEY
    found = read({"models.py": BASE + model}, FILTERED.replace("{start}", "name"), env_path="plugins/shop/env.py")
    assert set(found.tables) == {"shop_a"}
    assert not found.unknown


def test_a_filter_that_cannot_be_followed_leaves_each_table_unknown() -> None:
    model = "class A(Base):\n    __tablename__ = 'a'\n" + KEY + "class B(Base):\n    __tablename__ = 'b'\n" + KEY
    found = read({"models.py": BASE + model}, FILTERED.replace("{start}", "strange()"))
    assert [gap.objects for gap in found.unknown] == [("a", "b")]


def test_the_only_environment_keeps_the_tables_that_its_filter_does_not_speak_about() -> None:
    model = "class A(Base):\n    __tablename__ = 'a'\n" + KEY + "class B(Base):\n    __tablename__ = 'b'\n" + KEY
    found = read({"models.py": BASE + model}, FILTERED.replace("{start}", "strange()"), alone=True)
    assert set(found.tables) == {"a", "b"}
    assert [gap.objects for gap in found.unknown] == [("a",)]


MADE_BY_CALLS = """
from sqlalchemy import Column, Integer, MetaData, Table
class Rules:
    def __init__(self, metadata):
        self.table = Table("rules", metadata, Column("id", Integer))
metadata = MetaData()
"""
CALLED = "from models import metadata\ntarget_metadata = metadata\n"


def test_tables_that_only_running_makes_are_unknown_where_there_are_no_others() -> None:
    (gap,) = read({"models.py": MADE_BY_CALLS}, CALLED).unknown
    assert (gap.what, gap.origin.line) == ("Rules.__init__()", 4)
    (changed,) = read({"models.py": MADE_BY_CALLS.replace('"id"', '"key"')}, CALLED).unknown
    assert changed.why != gap.why
    assert not read({"models.py": MADE_BY_CALLS + 'Table("a", metadata, Column("id", Integer))\n'}, CALLED).unknown


def test_a_long_function_that_makes_a_type_is_followed() -> None:
    methods = "".join(f"        def method{n}(self):\n            return {n}\n" for n in range(30))
    maker = (
        "def payload(model):\n    class Payload(TypeDecorator):\n        impl = JSON()\n"
        + methods
        + "    return Payload\n"
    )
    schema = read_models(
        BASE + maker + "class A(Base):\n    __tablename__ = 'a'\n" + KEY + "    x = Column(payload(A))\n"
    )
    assert schema.tables["a"].columns[1].type.family == "json"


def test_mixins_of_a_package_that_is_known() -> None:
    text = (
        BASE + "from oslo_db.sqlalchemy import models\nclass A(models.TimestampMixin, Base):\n    __tablename__ = 'a'\n"
    )
    schema = read_models(text + KEY)
    assert {column.name for column in schema.tables["a"].columns} == {"id", "created_at", "updated_at"}
    assert not schema.tables["a"].unknown


GAPS = {
    "a name that is made at run time": ("__tablename__ = settings.NAME + 'a'", "table of A"),
    "columns that are listed elsewhere": (
        "__tablename__ = 'a'\n    __table_args__ = settings.ARGUMENTS",
        "settings.ARGUMENTS",
    ),
    "a type that is not known": ("__tablename__ = 'a'\n    x = Column(settings.TYPE)", "settings.TYPE"),
    "a column under a condition": ("__tablename__ = 'a'\n    if settings.WIDE:\n        y = Column(Integer)", "y"),
    "a length that is not known": ("__tablename__ = 'a'\n    x = Column(String(settings.WIDTH))", "String"),
    "a foreign key that is not known": (
        "__tablename__ = 'a'\n    x = Column(Integer, ForeignKey(settings.OTHER))",
        "ForeignKey",
    ),
}


@pytest.mark.parametrize(("body", "what"), GAPS.values(), ids=GAPS)
def test_what_is_not_read_is_named(body: str, what: str) -> None:
    text = BASE + "from app import settings\nclass A(Base):\n    id = Column(Integer, primary_key=True)\n    " + body
    schema = read_models(text)
    table = schema.tables.get("a")
    said = [gap.what for gap in schema.unknown]
    if table is not None:
        said += [gap.what for gap in table.unknown]
        said += [column.type.text for column in table.columns if not column.type.known]
    assert any(what in one for one in said), said
    assert all(gap.origin.line for gap in (*schema.unknown, *(table.unknown if table else ())))


CONDITIONAL = """
from sqlalchemy.orm import declared_attr
from app import settings
class A(Base):
    __tablename__ = "a"
    id = Column(Integer, primary_key=True)
    @declared_attr
    def __table_args__(cls):
        if settings.WIDE:
            return (Index("wide", "id"), Index("always", "id"), {"schema": "s"})
        return (Index("always", "id"), {"schema": "s"})
"""


def test_arguments_that_every_way_of_a_function_returns_are_known() -> None:
    schema = read_models(BASE + CONDITIONAL)
    table = schema.tables["s.a"]
    assert [index.name for index in table.indexes] == ["always"]
    assert [(gap.what, gap.objects) for gap in table.unknown] == [("index wide (id)", ("s.a",))]


KEYLESS = {
    "a class without a key is not read whole": ("x = Column(Integer)", ["primary key"]),
    "a key of the table": ("x = Column(Integer)\n    __table_args__ = (PrimaryKeyConstraint('x'),)", []),
    "a key of the mapper alone": ("x = Column(Integer)\n    __mapper_args__ = {'primary_key': [x]}", []),
}


@pytest.mark.parametrize(("body", "gaps"), KEYLESS.values(), ids=KEYLESS)
def test_no_class_is_mapped_without_a_primary_key(body: str, gaps: list[str]) -> None:
    schema = read_models(BASE + f"class A(Base):\n    __tablename__ = 'a'\n    {body}\n")
    assert [gap.what for gap in schema.tables["a"].unknown] == gaps


OUTSIDE = {
    "a base that may bring columns": "from lib import M\nclass A(M, Base):\n    __tablename__ = 'a'\n" + KEY,
    "a base that may name the table": "from lib import M\nclass A(M, Base):\n" + KEY,
    "a base that maps": "from lib import Other\nclass A(Other):\n" + KEY,
    "a class made by type()": "from lib import f\nA = type('A', (Base,), {'__tablename__': 'a', **f()})",
    "a loop over something unknown": "from lib import names\nfor n in names:\n    Table(n, Base.metadata)",
    "a listener": "@event.listens_for(Table, 'after_parent_attach')\ndef f(t, m):\n    Index('x', t.c.y)",
    "a mapper of the project's own": "class A(Base):\n    __tablename__ = 'a'\n"
    + KEY
    + "    @declared_attr\n    def __mapper_cls__(cls):\n        return versioned\n",
    "a table of a metadata that is not known": "from lib import m\nt = Table('a', m.make(), Column('id', Integer))",
}


@pytest.mark.parametrize("text", OUTSIDE.values(), ids=OUTSIDE)
def test_what_is_made_outside_the_tree_is_unknown(text: str) -> None:
    schema = read_models(BASE + text)
    assert schema.unknown or any(table.unknown for table in schema.tables.values())


def test_tables_beside_that_of_a_mapper_of_the_project_are_unknown_by_their_beginning() -> None:
    [gap] = read_models(BASE + OUTSIDE["a mapper of the project's own"]).tables["a"].unknown
    assert gap.objects == ("a", "a_*")


SEARCHED = (
    BASE
    + "from sqlalchemy_utils import TSVectorType\nfrom {library} import make_searchable\n"
    + "make_searchable(Base.metadata{options})\nclass Page(Base):\n    __tablename__ = 'page'\n"
    + KEY
    + "    found = Column(TSVectorType('title'{option}))\n"
)
COPY = """
    from sqlalchemy import Index, event, orm
    class Manager:
        def append_index(self, cls, column):
            Index("_".join((column.table.name, column.name, "idx")), column, postgresql_using="gin")
    def make_searchable(metadata, mapper=orm.mapper, manager=Manager()):
        event.listen(mapper, "instrument_class", manager.process_mapper)
"""
SEARCHABLE = {
    "sqlalchemy-searchable": ("sqlalchemy_searchable", "", "", ["ix_page_found"]),
    "a copy with its own names": ("copied", "", "", ["page_found_idx"]),
    "switched off": ("sqlalchemy_searchable", ", options={'auto_index': False}", "", []),
    "switched off for one column": ("sqlalchemy_searchable", "", ", auto_index=False", []),
}


@pytest.mark.parametrize(("library", "options", "option", "names"), SEARCHABLE.values(), ids=SEARCHABLE)
def test_make_searchable_gives_search_vectors_an_index(
    library: str, options: str, option: str, names: list[str]
) -> None:
    text = SEARCHED.format(library=library, options=options, option=option)
    schema = read({"models.py": text, "copied.py": COPY})
    assert [(index.name, index.columns, index.using) for index in schema.tables["page"].indexes] == [
        (name, ("found",), "gin") for name in names
    ]
    assert not schema.unknown


def test_make_searchable_with_options_made_elsewhere_is_unknown() -> None:
    text = SEARCHED.format(library="sqlalchemy_searchable", options=", options=OPTIONS", option="")
    (gap,) = read({"models.py": "from lib import OPTIONS\n" + text}).unknown
    assert gap.objects == ("page.found",)


METACLASS = """
from sqlalchemy.ext.declarative import DeclarativeMeta, declarative_base
from lib import settings
class Meta(DeclarativeMeta):
    def __init__(cls, name, bases, dict_):
        try:
            cls.__tablename__ = dict_["__tablename__"] = {text}
        except KeyError:
            pass
        return super().__init__(name, bases, dict_)
Base = declarative_base(metaclass=Meta)
class A(Base):
    __tablename__ = "a"
"""


@pytest.mark.parametrize(
    ("text", "tables"),
    [("'shop_' + dict_['__tablename__']", {"shop_a"}), ("settings.named(dict_['__tablename__'])", set())],
    ids=["read", "not read"],
)
def test_a_name_that_a_metaclass_makes(text: str, tables: set[str]) -> None:
    schema = read_models(HEAD + METACLASS.replace("{text}", text) + KEY)
    assert set(schema.tables) == tables
    assert [gap.what for gap in schema.unknown] == ([] if tables else ["table of A"])


def test_a_table_may_belong_to_any_base_outside_the_tree() -> None:
    text = "from lib.db import HasId, BASE\n" + HEAD + "class A(HasId, BASE):\n    __tablename__ = 'a'\n" + KEY
    env = "from lib.db import BASE\nimport models\ntarget_metadata = BASE.metadata"
    assert set(read({"models.py": text}, env).tables) == {"a"}


def test_a_table_that_a_base_outside_the_tree_names_keeps_the_names_that_it_may_have() -> None:
    text = "from lib.db import BASE\n" + HEAD + "class BigThing(BASE):\n" + KEY
    schema = read({"models.py": text}, "from lib.db import BASE\nimport models\ntarget_metadata = BASE.metadata")
    (one,) = schema.unnamed
    assert one.names == ("bigthing", "big_thing", "bigthings", "big_things")
    assert [column.name for column in one.table.columns] == ["id"]
    assert [gap.objects for gap in schema.unknown] == [one.names]


def test_an_index_for_some_databases_is_an_index() -> None:
    index = "    __table_args__ = (Index('ix', 'id').ddl_if(dialect='postgresql'),)\n"
    table = read_models(BASE + "class A(Base):\n    __tablename__ = 'a'\n" + KEY + index).tables["a"]
    assert [each.columns for each in table.indexes] == [("id",)]
    assert not table.unknown


def test_a_file_that_does_not_parse_is_unknown() -> None:
    schema = read({"models.py": BASE, "more.py": "class A(Base):\n    __tablename__ = 'a'\n    x = = 1\n"})
    assert [(gap.origin.path, gap.origin.line) for gap in schema.unknown] == [("more.py", 3)]


def test_every_element_knows_its_place() -> None:
    text = BASE + "class A(Base):\n    __tablename__ = 'a'\n    def f(self):\n        pass\n" + KEY
    table = read_models(text).tables["a"]
    assert (table.origin.path, table.origin.line) == ("models.py", 6)
    assert (table.columns[0].origin.path, table.columns[0].origin.line) == ("models.py", 10)


def test_facts_are_json_and_name_no_path() -> None:
    import json

    found = facts.extract(BASE.encode())
    assert json.loads(json.dumps(found)) == found
    assert found["models"] is False
    assert facts.extract(b"\xff\xfe\x00")["problem"] is not None


@pytest.mark.parametrize("source", [b"x = Column(Integer)", b"class A(Base, table=True): ...", b"x: Mapped[int]"])
def test_files_that_may_declare_models(source: bytes) -> None:
    assert facts.may_declare_models(source)
    assert not facts.may_declare_models(b"def f(): return 1")


def test_a_column_that_a_function_makes_of_settings_is_there_with_what_is_known_of_it() -> None:
    made = dedent("""
        from settings import load
        KINDS = load()
        def key(name):
            kind, options = KINDS[name]
            return Column(kind, primary_key=True, **options)
        class A(Base):
            __tablename__ = "a"
            id = key("A")
            name = Column(String)
        """)
    table = read({"models.py": BASE + made}).tables["a"]
    assert [(each.name, each.primary_key, each.type.known) for each in table.columns] == [
        ("id", True, False),
        ("name", False, True),
    ]


CONDITIONS = """
from app import settings
if settings.MYSQL:
    MOMENT = mysql.DATETIME(fsp=3)
elif settings.MSSQL:
    MOMENT = mssql.DATETIME2(precision=3)
else:
    MOMENT = DateTime
NAME = "distance"
if settings.OLD:
    NAME = "ranking"
WIDE = 5 if settings.OLD else 5
class A(Base):
    __tablename__ = "a"
    id = Column(Integer, primary_key=True)
    made = Column(MOMENT)
    other = Column(NAME, Integer)
"""


def test_a_value_under_a_condition_is_the_one_or_the_other() -> None:
    """Neither the first branch nor the last one is taken: which of them counts, the settings say."""
    schema = read_models(BASE + "from sqlalchemy.dialects import mssql, mysql\n" + CONDITIONS)
    table = schema.tables["a"]
    made = table.column("made")
    assert made is not None
    assert [(dialect, other.text) for dialect, other in made.type.variants] == [
        ("", "mssql.DATETIME2(precision=3)"),
        ("", "sa.DateTime()"),
    ]
    assert flat(spelled(made.type).code) == (
        'sa.DateTime().with_variant(mssql.DATETIME2(precision=3), "mssql").with_variant(mysql.DATETIME(fsp=3), "mysql")'
    )
    assert table.column("ranking") is None
    assert table.column("distance") is None
    assert [gap.why for gap in table.unknown] == ["the name of a column was not read"]


@pytest.mark.parametrize("length", [72, 1024])
def test_a_mixin_of_a_package_is_that_of_either_release(length: int) -> None:
    """fastapi-users made its password column longer."""
    models = """
        from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTableUUID
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase):
            pass
        class User(SQLAlchemyBaseUserTableUUID, Base):
            pass
        """
    column = read({"models.py": models}).tables["user"].column("hashed_password")
    assert column is not None
    assert same_type(Type("string", f"sa.String(length={length})", length=length), column.type)
    assert not same_type(Type("string", "sa.String(length=9)", length=9), column.type)


def test_a_class_of_nothing_but_bases_is_read() -> None:
    """No word of its file says that a table is declared there."""
    files = {
        "models/base.py": BASE + "class Named:\n    @declared_attr.directive\n    def __tablename__(cls):\n"
        "        return cls.__name__.lower()\n    id: Mapped[int] = mapped_column(primary_key=True)\n",
        "models/__init__.py": "from models.base import Base\nfrom models.tag import Tag\n",
        "models/tag.py": "from models.base import Base, Named\n\n\nclass Tag(Named, Base):\n    pass\n",
    }
    assert list(read(files).tables) == ["tag"]
