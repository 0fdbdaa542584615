"""Statements that change no table are kept with the words that they use, since other lines may disturb them."""

from __future__ import annotations

from textwrap import indent

import pytest

from gitmig.schema.operations import Operation, decode
from gitmig.schema.scripts.facts import extract

HEADER = """
import sqlalchemy as sa
from alembic import op

book = sa.table("books", sa.column("title"), sa.column("year"))
tag = sa.table("tags", sa.column("title"))

def upgrade():
"""


def mentions(body: str) -> list[Operation]:
    facts = extract((HEADER + indent(body, "    ")).encode(), "versions/a.py")
    return [decode(each) for each in facts["mentions"]]


KINDS = {
    "CREATE VIEW shelf AS SELECT title FROM books": ("view", "shelf", {"books", "title"}),
    "CREATE OR REPLACE VIEW shelf AS SELECT * FROM books": ("view", "shelf", {"books", "*"}),
    "CREATE MATERIALIZED VIEW shelf AS SELECT 1": ("view", "shelf", set()),
    "DROP VIEW IF EXISTS shelf": ("view", "", {"shelf"}),
    'CREATE FUNCTION "f"() AS $$ SELECT year FROM books $$ LANGUAGE sql': ("function", "f", {"books", "year"}),
    "CREATE TRIGGER t AFTER INSERT ON books EXECUTE FUNCTION f()": ("trigger", "t", {"books", "f"}),
    "CREATE EXTENSION IF NOT EXISTS citext": ("extension", "", {"citext"}),
    "GRANT SELECT ON books TO clerk": ("query", "", {"books"}),
    "SELECT title FROM books": ("query", "", {"books", "title"}),
    "INSERT INTO tags SELECT title FROM books": ("rows", "", {"books", "title"}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), KINDS.items())
def test_sql(text: str, expected: tuple[str, str, set[str]]) -> None:
    (found,) = mentions(f"op.execute({text!r})")
    kind, name, words = expected
    assert (found.detail["kind"], found.name) == (kind, name)
    assert words <= set(found.detail["words"])


def test_the_table_whose_rows_change_is_named_by_its_operation() -> None:
    (found,) = mentions("op.execute('UPDATE tags SET title = (SELECT title FROM books)')")
    assert "books" in found.detail["words"]
    assert "tags" not in found.detail["words"]


@pytest.mark.parametrize("text", ["ALTER TABLE books ADD x INT", "DROP TABLE books", "CREATE INDEX i ON books (title)"])
def test_what_is_an_operation_is_no_mention(text: str) -> None:
    assert mentions(f"op.execute({text!r})") == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("op.get_bind().execute(sa.select(book.c.title))", {"books", "title"}),
        ("op.get_bind().execute(sa.select(book)).fetchall()", {"books", "*"}),
        ("op.execute(tag.update().values(title=sa.select(book.c.title).scalar_subquery()))", {"books", "title"}),
    ],
)
def test_constructs_of_sqlalchemy_name_their_tables(code: str, words: set[str]) -> None:
    (found,) = mentions(code)
    assert words <= set(found.detail["words"])


def test_no_other_reader_sees_them() -> None:
    facts = extract((HEADER + "    op.execute('SELECT 1 FROM books')").encode(), "versions/a.py")
    assert facts["upgrade"] == []
