"""A project that migrates two databases in one run, as `alembic init -t multidb` makes it."""

from __future__ import annotations

from pathlib import Path

import alembic

TEMPLATE = Path(alembic.__file__).parent / "templates/multidb"
INI = """[alembic]
script_location = migrations
databases = people, shop
prepend_sys_path = .

[people]
sqlalchemy.url = sqlite:///people.sqlite

[shop]
sqlalchemy.url = sqlite:///shop.sqlite
"""
TARGETS = "from models import People, Shop\ntarget_metadata = {'people': People.metadata, 'shop': Shop.metadata}"
ENV = (TEMPLATE / "env.py").read_text().replace("target_metadata = {}", TARGETS)
ENV = ENV.replace("fileConfig(config.config_file_name)", "pass")
HEAD = """from sqlalchemy import Enum, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class People(DeclarativeBase):
    pass


class Shop(DeclarativeBase):
    pass
"""
# Both databases have a table of this name.
PERSON = """

class Person(People):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), index=True)
"""
CUSTOMER = """

class Customer(Shop):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(9), index=True)
"""
MODELS = HEAD + PERSON + CUSTOMER
AGE = "    age: Mapped[int | None]\n"


def revision(name: str, below: str | None, *, people: str = "pass", shop: str = "pass") -> str:
    """A revision with a function for each of the two."""
    return f'''"""{name}"""
from alembic import op
import sqlalchemy as sa

revision = {name!r}
down_revision = {below!r}
branch_labels = None
depends_on = None


def upgrade(engine_name: str) -> None:
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name: str) -> None:
    globals()["downgrade_%s" % engine_name]()


def upgrade_people() -> None:
    {people}


def downgrade_people() -> None:
    pass


def upgrade_shop() -> None:
    {shop}


def downgrade_shop() -> None:
    pass
'''


def table(column: str, length: int) -> str:
    """What makes the table `person` of one of the databases."""
    made = (
        f'sa.Column("id", sa.Integer(), primary_key=True), sa.Column("{column}", sa.String({length}), nullable=False)'
    )
    return f'op.create_table("person", {made})\n    op.create_index("ix_person_{column}", "person", ["{column}"])'


FIRST = revision("aaa1", None, people=table("name", 50), shop=table("number", 9))
FILES = {
    "alembic.ini": INI,
    "migrations/env.py": ENV,
    "migrations/script.py.mako": (TEMPLATE / "script.py.mako").read_text(),
    "models.py": MODELS,
    "migrations/versions/aaa1_first.py": FIRST,
}

# What `flask db init --multidb` writes, as far as it says which models are whose.
FLASK_ENV = """
from flask import current_app
from sqlalchemy import MetaData

from alembic import context

target_db = current_app.extensions["migrate"].db
bind_names = list(current_app.config["SQLALCHEMY_BINDS"])


def get_metadata(bind):
    if bind == "":
        bind = None
    if hasattr(target_db, "metadatas"):
        return target_db.metadatas[bind]
    made = MetaData()
    for table in target_db.metadata.tables.values():
        if table.info.get("bind_key") == bind:
            table.tometadata(made)
    return made


def run_migrations_online():
    for name in ["", *bind_names]:
        context.configure(
            upgrade_token="%s_upgrades" % name,
            downgrade_token="%s_downgrades" % name,
            target_metadata=get_metadata(name),
        )
        context.run_migrations(engine_name=name)


run_migrations_online()
"""
FLASK_MODELS = """from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50), nullable=False, index=True)


class Customer(db.Model):
    __tablename__ = "person"
    __bind_key__ = "shop"
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(9), nullable=False, index=True)
"""
FLASK_FILES = {
    "migrations/alembic.ini": "[alembic]\n",
    "migrations/env.py": FLASK_ENV,
    "migrations/script.py.mako": "",
    "app/__init__.py": "",
    "app/models.py": FLASK_MODELS,
    "migrations/versions/aaa1_first.py": FIRST.replace("_people", "_"),
}
