"""What a script is read to do is what Alembic does with it on a real SQLite database."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from gitmig.schema.elements import Schema, Table
from gitmig.schema.operations import decode
from gitmig.schema.replay import replay
from gitmig.schema.scripts.facts import extract
from gitmig.schema.spellings import normal_default

HEADER = "import sqlalchemy as sa\nfrom alembic import op\n"
START = """
op.create_table(
    "author",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.String(50), nullable=False, index=True),
    sa.Column("born", sa.Integer(), nullable=True),
)
op.create_table(
    "book",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("author_id", sa.Integer(), sa.ForeignKey("author.id", ondelete="CASCADE")),
    sa.Column("title", sa.String(100), server_default="untitled"),
    sa.Column("price", sa.Numeric(10, 2), nullable=True),
    sa.PrimaryKeyConstraint("id", name="pk_book"),
    sa.UniqueConstraint("title", name="uq_title"),
    sa.CheckConstraint("id > 0", name="ck_id"),
)
op.create_index("ix_book", "book", ["author_id", "title"])
"""

SCRIPTS = {
    "tables": START,
    "add columns": START + "op.add_column('book', sa.Column('x', sa.Integer(), server_default='1', nullable=False))",
    "add an indexed column": START + "op.add_column('book', sa.Column('x', sa.Integer(), index=True))",
    "drop a table": START + "op.drop_table('book')",
    "rename a table that is referred to": START + "op.rename_table('author', 'writer')",
    "indexes": START + "op.create_index('ix2', 'author', ['born'], unique=True); op.drop_index('ix_book', 'book')",
    "alter in a batch": START
    + """
with op.batch_alter_table("book") as batch:
    batch.alter_column("title", nullable=False, type_=sa.Text(), server_default=None)
    batch.alter_column("price", new_column_name="cost")
""",
    "constraints in a batch": START
    + """
with op.batch_alter_table("book") as batch:
    batch.drop_constraint("uq_title", type_="unique")
    batch.create_unique_constraint("uq_both", ["author_id", "title"])
    batch.create_index("ix_cost", ["price"])
with op.batch_alter_table("author") as batch:
    batch.add_column(sa.Column("mentor_id", sa.Integer()))
    batch.create_foreign_key("fk_mentor", "author", ["mentor_id"], ["id"])
""",
    "drop a column in a batch": START
    + """
op.create_index("ix_born", "author", ["born"])
op.drop_index("ix_born", "author")
with op.batch_alter_table("author") as batch:
    batch.drop_column("born")
""",
    "loops and helpers": START
    + """
for table, names in {"author": ["a", "b"], "book": ["c"]}.items():
    for name in names:
        op.add_column(table, sa.Column(name, sa.Integer()))
""",
    "SQL": START
    + """
op.execute("ALTER TABLE author ADD COLUMN email VARCHAR(80) NOT NULL DEFAULT ''")
op.execute("ALTER TABLE author RENAME COLUMN born TO year_of_birth")
op.execute("CREATE UNIQUE INDEX ux_email ON author (email)")
op.execute("CREATE TABLE tag (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES book(id), label TEXT NOT NULL UNIQUE)")
op.execute("DROP INDEX ix_book; ".rstrip("; "))
op.execute("UPDATE author SET email = 'x'")
""",
    "move a table by hand": START
    + """
op.rename_table("book", "old_book")
op.create_table("book", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("title", sa.String(100)))
op.execute("INSERT INTO book (id, title) SELECT id, title FROM old_book")
op.drop_table("old_book")
""",
}


def as_run(source: str) -> dict[str, object]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            exec(HEADER + source, {})
        inspector = sa.inspect(connection)
        return {name: _reflected(inspector, name) for name in inspector.get_table_names()}


def _reflected(inspector: sa.Inspector, name: str) -> dict[str, object]:
    key = set(inspector.get_pk_constraint(name)["constrained_columns"])
    return {
        "columns": {
            each["name"]: (str(each["type"]), each["nullable"] and each["name"] not in key, _default(each["default"]))
            for each in inspector.get_columns(name)
        },
        "key": key,
        "indexes": {
            (each["name"], tuple(each["column_names"]), bool(each["unique"])) for each in inspector.get_indexes(name)
        },
        "uniques": {frozenset(each["column_names"]) for each in inspector.get_unique_constraints(name)},
        "foreign keys": {
            (tuple(each["constrained_columns"]), each["referred_table"], each["options"].get("ondelete"))
            for each in inspector.get_foreign_keys(name)
        },
    }  # fmt: skip


def _default(text: str | None) -> str | None:
    return None if text is None else normal_default(text)


def as_read(source: str) -> dict[str, object]:
    body = "\n".join(f"    {line}" for line in dedent(source).splitlines())
    facts = extract(f"{HEADER}\ndef upgrade():\n{body}\n".encode(), "a.py")
    replayed = replay(Schema(), [decode(each) for each in facts["upgrade"]])
    assert replayed.contradictions == ()
    assert replayed.schema.unknown == ()
    return {key: _shown(table) for key, table in replayed.schema.tables.items()}


TYPES = {"integer": "INTEGER", "text": "TEXT", "string": "VARCHAR", "numeric": "NUMERIC"}


def _shown(table: Table) -> dict[str, object]:
    key = set(table.primary_key.columns) if table.primary_key else set()
    columns = {}
    for each in table.columns:
        arguments = [
            str(value) for value in (each.type.length, each.type.precision, each.type.scale) if value is not None
        ]
        type_ = TYPES[each.type.family] + (f"({', '.join(arguments)})" if arguments else "")
        columns[each.name] = (type_, each.nullable and each.name not in key, _default(each.server_default))
    return {
        "columns": columns,
        "key": key,
        "indexes": {(each.name, each.columns, each.unique) for each in table.indexes},
        "uniques": {frozenset(each.columns) for each in table.uniques},
        "foreign keys": {(each.columns, each.referred, each.ondelete) for each in table.foreign_keys},
    }  # fmt: skip


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
def test_reading_equals_running(source: str) -> None:
    assert as_read(source) == as_run(source)


def test_the_example_project_is_read_as_it_runs() -> None:
    versions = Path(__file__).parents[2] / "examples" / "bookshop" / "migrations" / "versions"
    if not versions.is_dir():
        pytest.skip("the example lies elsewhere")
    operations, sources = {}, {}
    for path in versions.glob("*.py"):
        namespace: dict[str, object] = {}
        exec(path.read_text(), namespace)
        revision = str(namespace["revision"])
        operations[namespace["down_revision"]] = (revision, extract(path.read_bytes(), path.name)["upgrade"])
        sources[revision] = namespace["upgrade"]
    chain, parent = [], None
    while parent in operations:
        parent, encoded = operations[parent]
        chain.append((parent, [decode(each) for each in encoded]))
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            for revision, _steps in chain:
                sources[revision]()  # type: ignore[operator]
        inspector = sa.inspect(connection)
        run = {name: set(_reflected(inspector, name)["columns"]) for name in inspector.get_table_names()}  # type: ignore[call-overload]
    read = replay(Schema(), [step for _revision, steps in chain for step in steps])
    assert read.contradictions == ()
    assert {key: {each.name for each in table.columns} for key, table in read.schema.tables.items()} == run
