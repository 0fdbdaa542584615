"""What is shown is what would be done: each call, read back as a revision, is the operation again."""

from __future__ import annotations

import pytest

from gitmig.schema.alembic_code import alembic_code
from gitmig.schema.elements import Check, Column, ForeignKey, Index, Origin, PrimaryKey, Schema, Table, Type, Unique
from gitmig.schema.operations import Operation, decode
from gitmig.schema.replay import replay
from gitmig.schema.scripts.facts import extract

STRING = Type("string", "sa.String(length=20)", length=20)
INTEGER = Type("integer", "sa.Integer()")
KEY = PrimaryKey(("id",))
BOOKS = Table(
    "books",
    columns=(Column("id", INTEGER, nullable=False, primary_key=True), Column("title", STRING)),
    uniques=(Unique(("title",), "uq_title"),),
    indexes=(Index(("title",), "ix_title"),),
)
BEFORE = Schema(tables={"books": BOOKS, "shop.shelves": Table("shelves", "shop", (Column("id", INTEGER),))})


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        pytest.param(
            Operation("add_column", "books", "isbn", {"column": Column("isbn", STRING)}),
            'op.add_column("books", sa.Column("isbn", sa.String(length=20), nullable=True))',
            id="a column",
        ),
        pytest.param(
            Operation("add_column", "shop.shelves", "n", {"column": Column("n", INTEGER, False, server_default="'0'")}),
            'op.add_column("shelves", sa.Column("n", sa.Integer(), server_default="0", nullable=False), schema="shop")',
            id="NOT NULL with a default, in a namespace",
        ),
        pytest.param(
            Operation("add_column", "books", "at", {"column": Column("at", INTEGER, server_default="now()")}),
            'op.add_column("books", sa.Column("at", sa.Integer(), server_default=sa.text("now()"), nullable=True))',
            id="a default that is SQL",
        ),
        pytest.param(
            Operation("drop_column", "books", "title"), 'op.drop_column("books", "title")', id="a column that goes"
        ),
        pytest.param(Operation("drop_table", "books"), 'op.drop_table("books")', id="a table that goes"),
        pytest.param(
            Operation("alter_column", "books", "title", {"set": {"nullable": False, "type": INTEGER}}),
            'op.alter_column("books", "title", type_=sa.Integer(), nullable=False)',
            id="another type and NULL",
        ),
        pytest.param(
            Operation("alter_column", "books", "title", {"set": {"server_default": None}}),
            'op.alter_column("books", "title", server_default=None)',
            id="no default any more",
        ),
        pytest.param(
            Operation("rename_column", "books", "title", {"to": "headline"}),
            'op.alter_column("books", "title", new_column_name="headline")',
            id="a column's name",
        ),
        pytest.param(
            Operation("rename_table", "books", "", {"to": "volumes"}),
            'op.rename_table("books", "volumes")',
            id="a table's name",
        ),
        pytest.param(
            Operation("create_index", "books", "ix", {"index": Index(("id", "title"), "ix", unique=True)}),
            'op.create_index("ix", "books", ["id", "title"], unique=True)',
            id="an index",
        ),
        pytest.param(
            Operation("drop_index", "books", "ix_title"),
            'op.drop_index(op.f("ix_title"), table_name="books")',
            id="an index that goes",
        ),
        pytest.param(
            Operation("create_unique", "books", "uq", {"constraint": Unique(("id",), "uq")}),
            'op.create_unique_constraint("uq", "books", ["id"])',
            id="unique",
        ),
        pytest.param(
            Operation(
                "create_foreign_key",
                "books",
                "fk",
                {"constraint": ForeignKey(("id",), "shop.shelves", ("id",), "fk", ondelete="cascade")},
            ),
            'op.create_foreign_key("fk", "books", "shelves", ["id"], ["id"], ondelete="cascade", '
            'referent_schema="shop")',
            id="a foreign key",
        ),
        pytest.param(
            Operation("create_check", "books", "ck", {"constraint": Check("id > 0", "ck")}),
            'op.create_check_constraint(op.f("ck"), "books", "id > 0")',
            id="a check",
        ),
        pytest.param(
            Operation("drop_constraint", "books", "uq_title", {"kind": "unique"}),
            'op.drop_constraint(op.f("uq_title"), "books", type_="unique")',
            id="a constraint that goes",
        ),
        pytest.param(
            Operation(
                "create_table",
                "tags",
                "",
                {"table": Table("tags", columns=BOOKS.columns, primary_key=KEY, uniques=BOOKS.uniques)},
            ),
            'op.create_table(\n    "tags",\n    sa.Column("id", sa.Integer(), nullable=False),\n'
            '    sa.Column("title", sa.String(length=20), nullable=True),\n    sa.PrimaryKeyConstraint("id"),\n'
            '    sa.UniqueConstraint("title", name=op.f("uq_title")),\n)',
            id="a table",
        ),
        pytest.param(
            Operation("set_comment", "books", "", {"to": 'a "good" one'}),
            'op.create_table_comment("books", \'a "good" one\')',
            id="a comment with quotes",
        ),
    ],
)
def test_an_operation_as_a_call(operation: Operation, code: str) -> None:
    lines = alembic_code(operation)
    assert "\n".join(lines) == code
    text = "\n".join(
        ["from alembic import op", "import sqlalchemy as sa", "", "def upgrade():", *(f"    {line}" for line in lines)]
    )
    [read] = [decode(each) for each in extract(text.encode())["upgrade"]]
    assert (read.op, read.table, read.name) == (operation.op, operation.table, operation.name)
    assert shape(replay(BEFORE, [read]).schema) == shape(replay(BEFORE, [operation]).schema)


def test_nothing_is_written_for_what_cannot_be_read() -> None:
    assert alembic_code(Operation("unknown", "", "", {"text": "x", "why": "y", "objects": ()})) == ()


def shape(schema: Schema) -> dict[str, list[str]]:
    """A schema without its places."""
    return {
        key: sorted(
            repr(part.replace(origin=Origin()))
            for part in (*table.columns, *table.uniques, *table.foreign_keys, *table.checks, *table.indexes)
        )
        for key, table in schema.tables.items()
    }


def test_a_type_that_a_file_of_the_tree_makes_is_named_as_its_class() -> None:
    kind = Column("x", Type("kind", "Kind()", module="shop/kinds.py"))
    (line,) = alembic_code(Operation("add_column", "books", "x", {"column": kind}))
    assert line == 'op.add_column("books", sa.Column("x", Kind(), nullable=True))'
