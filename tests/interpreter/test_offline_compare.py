"""Alembic's own comparison without a database: of a state with itself it is empty, of two states it is ours.

`GITMIG_TEST_PYTHONS` names more interpreters to run it in, with other versions of SQLAlchemy and Alembic.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from schema.models.reading import read
from sqlalchemy.exc import SQLAlchemyError

from gitmig.interpreter import offline_compare
from gitmig.interpreter.exact import PROBE
from gitmig.interpreter.imported import schema_of
from gitmig.schema.compare import compare
from gitmig.schema.cross_check import deeds, operations_of

PYTHONS = [sys.executable, *filter(None, os.environ.get("GITMIG_TEST_PYTHONS", "").split(os.pathsep))]
BOOKSHOP = Path(__file__).parents[2] / "examples/bookshop"

DECLARATIVE = """
from datetime import datetime
from decimal import Decimal
from sqlalchemy import (
    CheckConstraint, Computed, DateTime, Enum, ForeignKey, Identity, Index, Numeric, String, TypeDecorator,
    UniqueConstraint, func, text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Trimmed(TypeDecorator):
    impl = String(30)
    cache_ok = True

class Author(Base):
    __tablename__ = "authors"
    __table_args__ = (UniqueConstraint("name", "nick"), CheckConstraint("pages > 0", name="ck_pages"))
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    nick: Mapped[str | None] = mapped_column(Trimmed())
    pages: Mapped[int] = mapped_column(server_default="1")
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2), server_default=text("0"))
    born: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(9)))
    data: Mapped[dict] = mapped_column(JSONB)
    kind: Mapped[str] = mapped_column(Enum("a", "b", name="kind"))
    twice: Mapped[int] = mapped_column(Computed("pages * 2"))

Index("ix_lower", func.lower(Author.name), unique=True)

class Book(Base):
    __tablename__ = "books"
    __table_args__ = {"schema": "sales"}
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"), unique=True)

class Old(Base):
    __tablename__ = "old"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
"""
FLASK = """
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()

class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False, index=True)
    note = db.Column(db.Text, unique=True)

class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.ForeignKey("author.id", name="fk_book_author"), nullable=False)
"""
SQLMODEL = """
from sqlmodel import Field, SQLModel

class Author(SQLModel, table=True):
    id: int = Field(primary_key=True)
    name: str = Field(max_length=80, index=True)
    note: str | None = None

class Book(SQLModel, table=True):
    id: int = Field(primary_key=True)
    author_id: int = Field(foreign_key="author.id")
"""
# (text before, pairs of old and new text that make the text after, the MetaData)
PROJECTS = {
    "declarative": (
        DECLARATIVE,
        [
            ("String(80), index=True)\n    nick", "String(90))\n    title: Mapped[str | None]\n    nick"),
            ('UniqueConstraint("name", "nick"), ', 'UniqueConstraint("name", "pages"), '),
            ('server_default="1"', 'server_default="2"'),
            ('ondelete="CASCADE"), unique=True', 'ondelete="SET NULL"), index=True'),
            (DECLARATIVE[DECLARATIVE.index("class Old") :], ""),
            (
                "class Book(Base)",
                "class New(Base):\n    __tablename__ = 'new'\n    id: Mapped[int] = mapped_column("
                "primary_key=True)\n    name: Mapped[str] = mapped_column(String(9), index=True)\n\nclass Book(Base)",
            ),
        ],
        "Base.metadata",
    ),
    "Flask-SQLAlchemy": (
        FLASK,
        [
            ("db.String(80), nullable=False, index=True", "db.String(90), nullable=True"),
            ("db.Text, unique=True", "db.Text"),
            ('db.ForeignKey("author.id", name="fk_book_author")', "db.Integer"),
            ("class Book", "class Tag(db.Model):\n    id = db.Column(db.Integer, primary_key=True)\n\nclass Book"),
        ],
        "db.metadata",
    ),
    "SQLModel": (
        SQLMODEL,
        [
            ("max_length=80, index=True", "max_length=90"),
            ("note: str | None = None", "score: float = 0.0\n    note: str"),
            ('Field(foreign_key="author.id")', "Field(index=True)"),
        ],
        "SQLModel.metadata",
    ),
}


def after(text: str, changes: list[tuple[str, str]]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def probed(folder: Path, files: dict[str, str], python: str, metadata: str, old: Any = None) -> dict[str, Any]:
    """What the probe says of a tree."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text))
    request = {
        "top": str(folder), "folder": str(folder), "roots": [str(folder)], "worktree": "", "env": "", "options": {},
        "metadata": metadata, "modules": [], "databases": None, "alembic": {"dialect": "postgresql", "old": old},
    }  # fmt: skip
    asked, answered = folder / "request.json", folder / "result.json"
    asked.write_text(json.dumps(request))
    subprocess.run([python, "-B", PROBE, str(asked), str(answered)], check=True, cwd=folder, capture_output=True)
    result: dict[str, Any] = json.loads(answered.read_text())
    assert "error" not in result, result
    return result


def require_same(folder: Path, before: dict[str, str], after: dict[str, str], python: str, metadata: str) -> None:
    """Reading, importing and Alembic give the same operations, and none for the same tree."""
    old = probed(folder / "old", before, python, metadata)
    snapshot = old["alembic"]["snapshot"]
    same = probed(folder / "same", before, python, metadata, snapshot)
    assert operations_of(same["alembic"]["upgrade"][""]) == ()
    new = probed(folder / "new", after, python, metadata, snapshot)
    module, _, name = metadata.partition(":")
    env = f"from {module} import {name.partition('.')[0]}\ntarget_metadata = {name}"
    static = [read(each, env) for each in (before, after)]
    exact = [schema_of(each, each_static) for each, each_static in zip((old, new), static, strict=True)]
    alembic = set(deeds(exact[0], operations_of(new["alembic"]["upgrade"][""])))
    assert alembic
    assert set(deeds(exact[0], compare(*exact))) == alembic
    assert set(deeds(static[0], compare(*static))) == alembic


EACH_PYTHON = pytest.mark.parametrize("python", PYTHONS, ids=[f"python{number}" for number in range(len(PYTHONS))])


@EACH_PYTHON
@pytest.mark.parametrize(("text", "changes", "metadata"), PROJECTS.values(), ids=PROJECTS)
def test_reading_importing_and_alembic_say_the_same(
    tmp_path: Path, text: str, changes: list[tuple[str, str]], metadata: str, python: str
) -> None:
    files = {"models.py": text}, {"models.py": after(text, changes)}
    require_same(tmp_path, *files, python, f"models:{metadata}")


@EACH_PYTHON
def test_so_they_do_of_the_bookshop(tmp_path: Path, python: str) -> None:
    models = BOOKSHOP / "bookshop/models"
    before = {f"bookshop/models/{path.name}": path.read_text() for path in models.glob("*.py")}
    before["bookshop/__init__.py"] = ""
    book = before["bookshop/models/book.py"]
    shop = "\n\nclass Shop(Base):\n    __tablename__ = 'shops'\n    id: Mapped[int] = mapped_column(primary_key=True)\n"
    after = {**before, "bookshop/models/book.py": f"{book}{shop}    name: Mapped[str | None]\n"}
    require_same(tmp_path, before, after, python, "bookshop.models:Base.metadata")


def metadata_of(columns: str, more: str = "") -> Any:
    """A MetaData with one table."""
    names: dict[str, Any] = {}
    source = (
        f"from sqlalchemy import *\nm = MetaData()\nt = Table('t', m, Column('id', Integer, primary_key=True){columns})"
    )
    exec(f"{source}\n{more}", names)
    return names["m"]


NAME = ", Column('name', String(9))"
CHANGES = {
    "a column": ("", NAME, ["op.add_column('t', sa.Column('name', sa.String(length=9), nullable=True))"]),
    "a column that goes": (NAME, "", ["op.drop_column('t', 'name')"]),
    "a longer string": (NAME, ", Column('name', String(10))", ["type_=sa.String(length=10)"]),
    "NOT NULL": (NAME, ", Column('name', String(9), nullable=False)", ["nullable=False"]),
    "a default": (NAME, ", Column('name', String(9), server_default='x')", ["server_default='x'"]),
    "another default": (
        ", Column('n', Integer, server_default=text('1'))",
        ", Column('n', Integer, server_default=text('2'))",
        ["server_default=sa.text('2')"],
    ),
    "an index": (NAME, ", Column('name', String(9), index=True)", ["op.create_index(op.f('ix_t_name'), 't', ['name']"]),
    "a unique constraint without a name": (
        NAME,
        ", Column('name', String(9), unique=True)",
        ["op.create_unique_constraint(None, 't', ['name'])"],
    ),
    "one that goes": (
        ", Column('name', String(9), unique=True)",
        NAME,
        ["op.drop_constraint(op.f('t_name_key'), 't', type_='unique')"],
    ),
    "a comment": (NAME, ", Column('name', String(9), comment='x')", ["comment='x'"]),
}


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite", "mysql"])
@pytest.mark.parametrize(("old", "new", "expected"), CHANGES.values(), ids=CHANGES)
def test_each_change_on_each_dialect(old: str, new: str, expected: list[str], dialect: str) -> None:
    snapshot = json.loads(json.dumps(offline_compare.snapshot([metadata_of(old)], dialect)))
    assert operations_of(offline_compare.compared(snapshot, metadata_of(old), dialect, ())) == ()
    rendered = offline_compare.compared(snapshot, metadata_of(new), dialect, ())
    if dialect == "sqlite" and "comment" in expected[0]:
        expected = []  # SQLite has none
    plain = [text.replace("op.f(", "").replace(")", "") for text in (rendered, *expected)]
    assert [text for text in plain[1:] if text not in plain[0]] == []


def test_a_table_that_is_left_out_is_not_compared() -> None:
    more = "Table('view', m, Column('id', Integer))"
    rendered = offline_compare.compared({}, metadata_of("", more), "postgresql", ["view"])
    assert [each.table for each in operations_of(rendered)] == ["t"]


def test_nothing_is_sent_to_a_database() -> None:
    context = offline_compare.context_of("postgresql", {}, {})
    with pytest.raises((RuntimeError, SQLAlchemyError)):
        context.connection.exec_driver_sql("SELECT 1")
