"""What Alembic's autogenerate does not see, or writes so that a database refuses it, and what we write instead.

The rows are those of Alembic's page "What does Autogenerate Detect (and what does it not detect?)", and what people
meet besides.  Alembic compares a real PostgreSQL that has the old models with the new ones; gitmig only reads both.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from support.changes import Tree
from support.replayed import emptied
from support.written import POSTGRESQL, between, built_from, run, yes

from gitmig.schema.operations import decode
from gitmig.schema.scripts.facts import extract
from tests.schema.test_replay_databases import postgres  # noqa: F401  (a fixture)

HEAD = """
import enum
from sqlalchemy import *
from sqlalchemy.dialects.postgresql import ExcludeConstraint, INT4RANGE
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass
"""


def book(*lines: str, table: str = "books", more: str = "") -> str:
    """The book with these columns."""
    body = "\n".join(f"    {line}" for line in ("id: Mapped[int] = mapped_column(primary_key=True)", *lines))
    return f"\nclass Book(Base):\n    __tablename__ = {table!r}\n{body}\n{more}"


STATE = 'state = mapped_column(Enum({}, name="state"))'
BOX = """
class Box(Base):
    __tablename__ = "boxes"
    __table_args__ = {"schema": "depot"}
    id: Mapped[int] = mapped_column(primary_key=True)
"""
CIRCLE = """
class One(Base):
    __tablename__ = "ones"
    id: Mapped[int] = mapped_column(primary_key=True)
    two_id = mapped_column(ForeignKey("twos.id"))

class Two(Base):
    __tablename__ = "twos"
    id: Mapped[int] = mapped_column(primary_key=True)
    one_id = mapped_column(ForeignKey("ones.id"))
"""
ARGUMENTS = "__table_args__ = ({},)"
# What changed: the models before and after; what Alembic's file says, "" for nothing; what ours says.
BLIND_SPOTS = {
    "a table with another name": (
        book("title: Mapped[str]", "pages: Mapped[int]"),
        book("title: Mapped[str]", "pages: Mapped[int]", table="volumes"),
        ["op.create_table('volumes'", "op.drop_table('books')"],
        ['op.rename_table("books", "volumes")'],
    ),
    "a column with another name": (
        book("title: Mapped[str]"),
        book("headline: Mapped[str]"),
        ["op.add_column('books', sa.Column('headline'", "op.drop_column('books', 'title')"],
        ['op.alter_column("books", "title", new_column_name="headline"'],
    ),
    "a constraint without a name": (
        book("isbn: Mapped[str]"),
        book("isbn: Mapped[str] = mapped_column(unique=True)"),
        ["op.create_unique_constraint(None, 'books', ['isbn'])", "op.drop_constraint(None, 'books'"],
        ['op.create_unique_constraint("books_isbn_key", "books", ["isbn"])', 'op.drop_constraint("books_isbn_key"'],
    ),
    "a CHECK": (
        book("pages: Mapped[int]"),
        book("pages: Mapped[int]", ARGUMENTS.format("CheckConstraint('pages > 0', name='some')")),
        [],
        ['op.create_check_constraint(op.f("some"), "books", "pages > 0")'],
    ),
    "a primary key": (
        book("part: Mapped[int]"),
        book("part: Mapped[int] = mapped_column(primary_key=True)"),
        [],
        ['op.drop_constraint("books_pkey", "books", type_="primary")', '"books_pkey", "books", ["id", "part"]'],
    ),
    "an EXCLUDE": (
        book("pages = mapped_column(INT4RANGE)"),
        book("pages = mapped_column(INT4RANGE)", ARGUMENTS.format("ExcludeConstraint(('pages', '&&'), name='apart')")),
        [],
        ['op.create_exclude_constraint("apart", "books", ("pages", "&&"), using="gist"'],
    ),
    "an EXCLUDE over an expression": (
        book("pages = mapped_column(INT4RANGE)"),
        book(
            "pages = mapped_column(INT4RANGE)",
            ARGUMENTS.format("ExcludeConstraint((text('int4range(0, upper(pages))'), '&&'), name='apart')"),
        ),
        [],
        ['("apart", "books", (sa.literal_column("int4range(0, upper(pages))"), "&&")'],
    ),
    "a server default, unless it is asked for": (
        book("pages: Mapped[int]"),
        book("pages: Mapped[int] = mapped_column(server_default='1')"),
        [],
        ['server_default="1"'],
    ),
    "what a column is computed from": (
        book("a: Mapped[int]", "b: Mapped[int] = mapped_column(Computed('a + 1', persisted=True))"),
        book("a: Mapped[int]", "b: Mapped[int] = mapped_column(Computed('a + 2', persisted=True))"),
        [],
        ['op.drop_column("books", "b")', 'sa.Computed("a + 2", persisted=True)'],
    ),
    "another value of an enum": (
        book(STATE.format("'a', 'b'")),
        book(STATE.format("'a', 'x', 'b'")),
        [],
        ["with op.get_context().autocommit_block():", "ALTER TYPE state ADD VALUE IF NOT EXISTS 'x' AFTER 'a'"],
    ),
    "a value of an enum with another name": (
        book(STATE.format("'a', 'b'")),
        book(STATE.format("'a', 'c'")),
        [],
        ["ALTER TYPE state RENAME VALUE 'b' TO 'c'"],
    ),
    "a value of an enum that goes": (
        book(STATE.format("'a', 'b', 'c'")),
        book(STATE.format("'a', 'b'")),
        [],
        ["ALTER TYPE state RENAME TO state_old", "USING state::text::state", "DROP TYPE state_old"],
    ),
    "the type of a new enum column": (
        book(),
        book(STATE.format("'a', 'b'")),
        ["op.add_column('books', sa.Column('state', sa.Enum("],
        ["CREATE TYPE state AS ENUM ('a', 'b')", "DROP TYPE state"],
    ),
    "rows when a column is NOT NULL": (
        book(),
        book("pages: Mapped[int]"),
        ["op.add_column('books', sa.Column('pages', sa.Integer(), nullable=False))"],
        ["nullable=True", "UPDATE books SET pages = NULL WHERE pages IS NULL", "nullable=False"],
    ),
    "rows when a type is converted": (
        book("pages: Mapped[str]"),
        book("pages: Mapped[int]"),
        ["type_=sa.Integer()"],
        ['postgresql_using="pages::integer"'],
    ),
    "foreign keys in a circle": (
        book(),
        book(more=CIRCLE),
        ["sa.ForeignKeyConstraint(['two_id'], ['twos.id'], ), sa.PrimaryKeyConstraint('id') )"],
        ["op.create_foreign_key(", "op.drop_constraint("],
    ),
    "the namespace of a new table": (
        book(),
        book(more=BOX),
        ["op.create_table('boxes'"],
        ["CREATE SCHEMA IF NOT EXISTS depot", "op.create_table("],
    ),
}  # fmt: skip


def schema(models: str) -> Any:
    return Tree(models=HEAD.split("class Base", maxsplit=1)[0] + models).schema()


def metadata(models: str) -> sa.MetaData:
    module = ModuleType("blind_spot")
    sys.modules["blind_spot"] = module  # SQLAlchemy looks annotations up in the module
    exec(HEAD + models, module.__dict__)
    found: sa.MetaData = module.__dict__["Base"].metadata
    return found


def has(text: str, part: str) -> bool:
    """Whatever the lines."""
    return "".join(part.split()) in "".join(text.split())


@pytest.fixture
def by_alembic(postgres: sa.Engine) -> Iterator[Any]:  # noqa: F811
    """The text of both functions that autogenerate writes for a database with the old models."""

    def written(before: str, after: str) -> str:
        with emptied(postgres) as connection:
            metadata(before).create_all(connection)
            connection.commit()
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            script = produce_migrations(context, metadata(after))
            parts = [render_python_code(ops) for ops in (script.upgrade_ops, script.downgrade_ops)]
        return "\n".join(line for part in parts for line in part.splitlines() if not line.strip().startswith("#"))

    return written


@pytest.mark.parametrize("row", BLIND_SPOTS)
@pytest.mark.filterwarnings("ignore")
def test_what_autogenerate_writes(by_alembic: Any, row: str) -> None:
    before, after, theirs, _ = BLIND_SPOTS[row]
    text = by_alembic(before, after)
    assert [each for each in theirs if not has(text, each)] == []
    if not theirs:
        assert text.replace("pass", "").strip() == ""


@pytest.mark.parametrize("row", BLIND_SPOTS)
def test_what_is_written_here(row: str) -> None:
    before, after, _, ours = BLIND_SPOTS[row]
    source = between(built_from(schema(before)), schema(after), POSTGRESQL).source
    assert [each for each in ours if not has(source, each)] == []


@pytest.mark.parametrize("row", BLIND_SPOTS)
@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")
def test_it_runs_and_is_taken_back_on_a_database_with_rows(postgres: sa.Engine, row: str) -> None:  # noqa: F811
    before, after, _, _ = BLIND_SPOTS[row]
    old = built_from(schema(before))
    script = between(old, schema(after), POSTGRESQL)
    script = script.filled("SET pages = NULL", "SET pages = 7")
    with emptied(postgres) as connection:
        run(connection, between(built_from(schema("")), old, POSTGRESQL, yes), "upgrade")
        fill(connection)
        for function in ("upgrade", "downgrade", "upgrade"):
            run(connection, script, function)
    operations = [decode(each) for each in extract(script.source.encode())["upgrade"]]
    assert operations


def fill(connection: sa.Connection) -> None:
    """One row in every table, as far as its columns need a value."""
    found = sa.MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        values: dict[str, Any] = {}
        for column in table.columns:
            if column.computed is None and not column.nullable and column.server_default is None:
                values[column.name] = 1 if isinstance(column.type, sa.Integer) else "1"
        connection.execute(table.insert().values(values))
    connection.commit()
