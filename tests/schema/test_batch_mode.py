"""Batch mode: one text that runs on SQLite, which keeps no names, and on the other databases, which do."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from support.replayed import emptied
from support.written import BATCH, between, holding, wrong_on

from gitmig.schema.coder import Form
from gitmig.schema.elements import Column, ForeignKey, PrimaryKey, Schema, Table, Type, Unique

INTEGER = Type("integer", "sa.Integer()")
SQLITE_ONLY, BOTH = Form(frozenset({"sqlite"}), True), Form(frozenset({"sqlite", "postgresql"}), True)


def column(name: str, **more: object) -> Column:
    return Column(name, INTEGER, nullable=False).replace(**more)


SHELVES = Table("shelves", columns=(column("id", primary_key=True),), primary_key=PrimaryKey(("id",)))
BOOKS = Table("books", columns=(column("id", primary_key=True), column("n")), primary_key=PrimaryKey(("id",)))
OTHER_KEY = BOOKS.replace(columns=(column("id"), column("n", primary_key=True)), primary_key=PrimaryKey(("n",)))


def schema(books: Table) -> Schema:
    return Schema(tables={"shelves": SHELVES, "books": books})


CHANGES = {
    "a unique constraint without a name": BOOKS.replace(uniques=(Unique(("n",)),)),
    "a foreign key without a name": BOOKS.replace(foreign_keys=(ForeignKey(("n",), "shelves", ("id",)),)),
    "another primary key": OTHER_KEY,
    "an identity": BOOKS.replace(columns=(column("id", primary_key=True), column("n", identity="always"))),
}


@pytest.mark.filterwarnings("ignore:Table '_alembic_tmp_books' specifies")  # Alembic, where a key takes another's place
@pytest.mark.parametrize("form", [BATCH, SQLITE_ONLY, BOTH], ids=["any database", "SQLite", "SQLite and PostgreSQL"])
@pytest.mark.parametrize("other", CHANGES.values(), ids=CHANGES)
def test_what_is_written_runs_on_sqlite_both_ways(other: Table, form: Form) -> None:
    for old, new in ((schema(BOOKS), schema(other)), (schema(other), schema(BOOKS))):
        with emptied(sa.create_engine("sqlite://")) as connection, holding(connection, old, form):
            assert wrong_on(connection, old, new, form) == []


def test_a_constraint_without_a_name_is_dropped_by_the_name_that_postgresql_gave_it() -> None:
    script = between(schema(CHANGES["a unique constraint without a name"]), schema(BOOKS), BOTH)
    assert '"uq": "%(table_name)s_%(column_0_N_name)s_key"' in script.source
    assert 'batch_op.drop_constraint("books_n_key", type_="unique")' in script.source


def test_what_sqlite_cannot_do_is_left_to_the_others_and_said() -> None:
    changed = schema(CHANGES["an identity"])
    lines = [line.strip() for line in between(schema(BOOKS), changed, BOTH).source.splitlines()]
    place = lines.index("# SQLite has no IDENTITY")
    assert lines[place + 1] == 'if op.get_context().dialect.name != "sqlite":'
    assert "alter_column" not in between(schema(BOOKS), changed, SQLITE_ONLY).source


def test_a_key_without_a_name_cannot_go_alone_on_sqlite() -> None:
    keyless = schema(BOOKS.replace(columns=(column("id"), column("n")), primary_key=None))
    assert between(schema(BOOKS), keyless, BATCH).problems != ()
    assert between(schema(BOOKS), schema(OTHER_KEY), BATCH).problems == ()
