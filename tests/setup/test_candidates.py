"""Which MetaData a project has, how env.py calls it, and what must be imported so that no table is missing."""

from __future__ import annotations

import pytest

from gitmig.schema.models.facts import extract
from gitmig.setup.candidates import Candidate, find_candidates
from gitmig.source.modules import Modules

BASE = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n"
NAMED = """from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
"""
BOOK = """from {base} import Base
from sqlalchemy.orm import Mapped, mapped_column


class {name}(Base):
    __tablename__ = "{name}s"

    id: Mapped[int] = mapped_column(primary_key=True)
"""


def model(base: str, name: str = "Book") -> str:
    return BOOK.format(base=base, name=name)


def found(files: dict[str, str], here: str = "") -> list[Candidate]:
    return list(find_candidates({path: extract(text.encode()) for path, text in files.items()}, Modules(files), here))


def one(files: dict[str, str], here: str = "") -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    (candidate,) = found(files, here)
    return candidate.name, candidate.besides, candidate.folders


PROJECTS: dict[str, tuple[dict[str, str], tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "all in one file": (
        {"models.py": BASE + model("x").replace("from x import Base\n", "")},
        ("models:Base.metadata", (), ("",)),
    ),
    "a package that imports its models": (
        {
            "shop/__init__.py": "",
            "shop/models/__init__.py": "from shop.models.base import Base\nfrom shop.models.book import Book\n",
            "shop/models/base.py": BASE,
            "shop/models/book.py": model("shop.models.base"),
        },
        ("shop.models:Base.metadata", (), ("",)),
    ),
    "models that the base does not bring": (
        {
            "shop/__init__.py": "",
            "shop/database.py": BASE,
            "shop/book.py": model("shop.database"),
            "shop/tag.py": model("shop.database", "Tag"),
        },
        ("shop.database:Base.metadata", ("shop.book", "shop.tag"), ("",)),
    ),
    "one package brings several": (
        {
            "shop/__init__.py": "",
            "shop/database.py": BASE,
            "shop/models/__init__.py": "from .book import *\nfrom . import tag\n",
            "shop/models/book.py": model("shop.database"),
            "shop/models/tag.py": model("shop.database", "Tag"),
        },
        ("shop.database:Base.metadata", ("shop.models",), ("",)),
    ),
    "src": (
        {"src/shop/__init__.py": "", "src/shop/models.py": BASE + model("x").replace("from x import Base\n", "")},
        ("shop.models:Base.metadata", (), ("src",)),
    ),
    "a folder without __init__": (
        {"app/models.py": BASE + model("x").replace("from x import Base\n", "")},
        ("app.models:Base.metadata", (), ("",)),
    ),
    "Flask-SQLAlchemy": (
        {
            "app/__init__.py": "",
            "app/extensions.py": "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n",
            "app/models.py": "from app.extensions import db\n\n\nclass Book(db.Model):\n"
            "    id = db.Column(db.Integer, primary_key=True)\n",
        },
        ("app.extensions:db.metadata", ("app.models",), ("",)),
    ),
    "SQLModel": (
        {
            "app/__init__.py": "",
            "app/models.py": "from sqlmodel import Field, SQLModel\n\n\nclass Book(SQLModel, table=True):\n"
            "    id: int = Field(primary_key=True)\n",
        },
        ("sqlmodel:SQLModel.metadata", ("app.models",), ("",)),
    ),
    "tables without classes": (
        {
            "tables.py": "from sqlalchemy import *\n\nmetadata = MetaData()\n"
            "books = Table('books', metadata, Column('id', Integer))\n"
        },
        ("tables:metadata", (), ("",)),
    ),
}


@pytest.mark.parametrize(("files", "wanted"), PROJECTS.values(), ids=PROJECTS)
def test_a_project(files: dict[str, str], wanted: object) -> None:
    assert one(files) == wanted


def test_the_one_with_more_tables_comes_first() -> None:
    files = {
        "a.py": BASE + model("x").replace("from x import Base\n", ""),
        "b.py": BASE
        + model("x").replace("from x import Base\n", "")
        + model("x", "Tag").replace("from x import Base\n", ""),
    }
    assert [(each.name, each.tables) for each in found(files)] == [("b:Base.metadata", 2), ("a:Base.metadata", 1)]


def test_a_folder_of_a_larger_repository_is_alone() -> None:
    files = {"api/shop/__init__.py": "", "api/shop/m.py": BASE + model("x").replace("from x import Base\n", "")}
    assert one(files, "api") == ("shop.m:Base.metadata", (), ("api",))
    assert found(files, "web") == []


@pytest.mark.parametrize(("base", "has"), [(BASE, False), (NAMED, True)], ids=["none", "one"])
def test_a_naming_convention_is_seen(base: str, has: bool) -> None:
    assert found({"m.py": base + model("x").replace("from x import Base\n", "")})[0].has_convention is has


def test_no_models_no_candidates() -> None:
    assert found({"app.py": "print(1)\n"}) == []
