"""Pairs of random revisions, and what a database has after one and the other, in either order.

A line is a list of statements as people write them in `upgrade()`, each of which ran on the database that all pairs
start from.  gitmig reads the text, the database runs it: neither knows of the other.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from textwrap import dedent
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from support.replayed import reflected

from gitmig.schema.commute import Commutation, commute
from gitmig.schema.operations import Operation, decode
from gitmig.schema.scripts.facts import extract

COLUMNS = ("title", "year", "code", "note", "mood", "extra", "rank")
NEW_COLUMNS = ("extra", "rank", "note2", "code2")
TABLES = ("author", "book", "tag")
NEW_TABLES = ("shelf", "loan", "volume")
START = """
    op.create_table("author", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(50)), sa.Column("year", sa.Integer()), sa.Column("code", sa.String(20)),
        sa.Column("note", sa.Text()), sa.UniqueConstraint("code", name="uq_author_code"))
    op.create_table("book", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(50), nullable=False, server_default="none"), sa.Column("year", sa.Integer()),
        sa.Column("code", sa.String(20)), sa.Column("note", sa.Text()), sa.Column("author_id", sa.Integer()),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_book_author"))
    op.create_table("tag", sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(50)), sa.Column("year", sa.Integer()), sa.Column("code", sa.String(20)),
        sa.Column("note", sa.Text()))
    op.create_index("ix_author_title", "author", ["title"])
    op.create_index("ix_book_year", "book", ["year"])
    op.create_index("ix_tag_code_year", "tag", ["code", "year"])
"""
# What only a server has: native enums, checks that are kept, comments, namespaces.
START_ON_SERVER = """
    op.execute("CREATE TYPE mood AS ENUM ('calm', 'glad')")
    op.execute("CREATE TYPE tone AS ENUM ('low', 'high')")
    op.add_column("book", sa.Column("mood", sa.Enum("calm", "glad", name="mood", create_type=False)))
    op.add_column("tag", sa.Column("mood", sa.Enum("calm", "glad", name="mood", create_type=False)))
    op.create_check_constraint("ck_book_year", "book", "year > 0")
    op.create_check_constraint("ck_tag_title", "tag", "length(title) > 1")
"""
REFERENCES = "UPDATE book SET author_id = id"
ROWS = [
    f"INSERT INTO {table} (id, title, year, code, note) VALUES ({number}, 't{number}', {number}, 'c{number}', 'n')"
    for table in TABLES
    for number in (1, 2, 3)
]
ENDINGS = (KeyError, TypeError, ValueError, sa.exc.SQLAlchemyError, sqlite3.Error)


class Pair(NamedTuple):
    """Two lines, what gitmig says of them, and what a database has after both; None where one of them failed."""

    one: list[str]
    other: list[str]
    verdict: Commutation
    forth: dict[str, Any] | None
    back: dict[str, Any] | None

    @property
    def is_same(self) -> bool:
        return self.forth is not None and self.forth == self.back

    @property
    def shares_a_table(self) -> bool:
        mine, yours = ({each.table for each in read(line) if each.table} for line in (self.one, self.other))
        return bool(mine & yours)


def read(line: list[str]) -> list[Operation]:
    """What gitmig reads in the revision that has these statements."""
    facts = extract(source(line), "revision.py")
    return [decode(each) for each in (*facts["upgrade"], *facts["mentions"])]


def source(line: list[str]) -> bytes:
    body = "\n".join(f"    {part}" for statement in line for part in statement.split("\n"))
    return f"import sqlalchemy as sa\nfrom alembic import op\n\n\ndef upgrade():\n{body or '    pass'}\n".encode()


# -- random statements


def statement(chance: Chance, *, on_server: bool) -> str:
    """One call on one of the tables; many cannot run, which the database says."""
    kinds = [*SHARED, *(ON_SERVER if on_server else IN_BATCHES)]
    return chance.choice(kinds)(chance)


class Chance(Random):
    """Random choices that come back to one table, where two lines can meet."""

    meeting = "book"


def a_table(chance: Chance) -> str:
    return chance.meeting if chance.random() < 0.5 else chance.choice((*TABLES, *TABLES, *NEW_TABLES))


def a_type(chance: Chance) -> str:
    return chance.choice(("sa.Integer()", "sa.String(50)", "sa.Text()", "sa.BigInteger()", "sa.String(80)"))


def create_table(chance: Chance) -> str:
    parts = ['sa.Column("id", sa.Integer(), primary_key=True)']
    parts += [f'sa.Column("{name}", {a_type(chance)})' for name in chance.sample(COLUMNS, 2)]
    if chance.random() < 0.5:
        to = chance.choice(TABLES)
        column = chance.choice(("id", "id", "code"))
        kind = "sa.Integer()" if column == "id" else "sa.String(20)"
        parts.append(f'sa.Column("{to}_ref", {kind}, sa.ForeignKey("{to}.{column}"))')
    if chance.random() < 0.3:
        parts.append(f'sa.UniqueConstraint("id", name="uq_{chance.choice(NEW_TABLES)}")')
    return f'op.create_table("{chance.choice(NEW_TABLES)}", {", ".join(parts)})'


def view_or_query(chance: Chance) -> str:
    table, column = a_table(chance), chance.choice(COLUMNS)
    query = f"SELECT {chance.choice((column, '*'))} FROM {table}"
    view = f"CREATE VIEW v_{chance.choice('ab')} AS {query}"
    copy = f"INSERT INTO tag (title) SELECT {column} FROM {table} WHERE {column} = 'z'"
    return f'op.execute("{chance.choice((query, view, view, copy))}")'


def trigger(chance: Chance) -> str:
    table, other = a_table(chance), chance.choice(TABLES)
    body = f"BEGIN UPDATE {other} SET {chance.choice(COLUMNS)} = 'z' WHERE id = -1; END"
    return f'op.execute("CREATE TRIGGER tr_{chance.choice("ab")} AFTER INSERT ON {table} {body}")'


def function(chance: Chance) -> str:
    body = f"SELECT {chance.choice(COLUMNS)}::text FROM {a_table(chance)} LIMIT 1"
    head = f"CREATE FUNCTION f_{chance.choice('ab')}() RETURNS text LANGUAGE sql"
    return f'op.execute("{head} BEGIN ATOMIC {body}; END")'


def drop_table(chance: Chance) -> str:
    return f'op.drop_table("{a_table(chance)}")'


def rename_table(chance: Chance) -> str:
    return f'op.rename_table("{chance.choice(TABLES)}", "{chance.choice(NEW_TABLES)}")'


def add_column(chance: Chance) -> str:
    more = chance.choice(("", "", ', server_default="7"', ', nullable=False, server_default="7"'))
    return f'op.add_column("{a_table(chance)}", sa.Column("{chance.choice(NEW_COLUMNS)}", {a_type(chance)}{more}))'


def create_index(chance: Chance) -> str:
    columns = chance.choice((["title"], ["year"], ["code"], ["note"], ["title", "year"], ["extra"]))
    unique = ", unique=True" if chance.random() < 0.2 else ""
    written = ", ".join(f'"{each}"' for each in columns)
    if chance.random() < 0.2:
        written = 'sa.text("lower(title)")'
    if chance.random() < 0.2:
        unique += ', sqlite_where=sa.text("year > 1"), postgresql_where=sa.text("year > 1")'
    return f'op.create_index("ix_{chance.choice("abc")}", "{a_table(chance)}", [{written}]{unique})'


def drop_index(chance: Chance) -> str:
    name, table = chance.choice((("author_title", "author"), ("book_year", "book"), ("tag_code_year", "tag")))
    return f'op.drop_index("ix_{name}"{chance.choice((f", table_name={table!r}", ""))})'


def change_rows(chance: Chance) -> str:
    table, column = a_table(chance), chance.choice(("title", "code", "note"))
    return f"op.execute(\"UPDATE {table} SET {column} = 'x' || id WHERE {column} IS NOT NULL\")"


def sql_column(chance: Chance) -> str:
    return f'op.execute("ALTER TABLE {a_table(chance)} ADD COLUMN {chance.choice(NEW_COLUMNS)} INTEGER")'


def sql_rename(chance: Chance) -> str:
    old, new = chance.choice(COLUMNS), chance.choice(NEW_COLUMNS)
    return f'op.execute("ALTER TABLE {a_table(chance)} RENAME COLUMN {old} TO {new}")'


def on_column(chance: Chance) -> tuple[str, str, str]:
    """(function, table and column, further arguments) of an alteration."""
    table, column = a_table(chance), chance.choice((*COLUMNS, "author_id", "id"))
    kind = chance.randrange(5)
    if kind == 0:
        return "drop_column", table, f'"{column}"'
    changed = (
        f'new_column_name="{chance.choice(NEW_COLUMNS)}"',
        f"nullable={chance.choice((True, False))}",
        f"type_={chance.choice(('sa.String(90)', 'sa.Text()', 'sa.BigInteger()'))}",
        'server_default="9"',
    )[kind - 1]
    return "alter_column", table, f'"{column}", {changed}'


def on_constraint(chance: Chance) -> tuple[str, str, str]:
    table = a_table(chance)
    name = chance.choice(("uq_author_code", "fk_book_author", "uq_a", "uq_b", "fk_a"))
    column = chance.choice(("title", "code", "year", "extra"))
    kind = chance.randrange(4)
    if kind == 0:
        type_ = "foreignkey" if name.startswith("fk") else "unique"
        return "drop_constraint", table, f'"{name}", type_="{type_}"'
    if kind == 1:
        to, referred = chance.choice(TABLES), chance.choice(("id", "code"))
        return "create_foreign_key", table, f'"fk_{chance.choice("ab")}", "{to}", ["{column}"], ["{referred}"]'
    return "create_unique_constraint", table, f'"uq_{chance.choice("ab")}", ["{column}"]'


def in_batch(chance: Chance, part: Callable[[Chance], tuple[str, str, str]]) -> str:
    function, table, arguments = part(chance)
    return f'with op.batch_alter_table("{table}") as batch:\n    batch.{function}({arguments})'


def direct(chance: Chance, part: Callable[[Chance], tuple[str, str, str]]) -> str:
    function, table, arguments = part(chance)
    first, _, rest = arguments.partition(", ")
    if function in ("alter_column", "drop_column"):
        return f'op.{function}("{table}", {arguments})'
    return f'op.{function}({first}, "{table}", {rest})'


def create_check(chance: Chance) -> str:
    text = chance.choice(("year > 1", "length(title) > 1", "extra IS NULL OR year > 0", "code <> note"))
    return f'op.create_check_constraint("ck_{chance.choice("ab")}", "{a_table(chance)}", "{text}")'


def drop_check(chance: Chance) -> str:
    table, name = chance.choice((("book", "ck_book_year"), ("tag", "ck_tag_title")))
    return f'op.drop_constraint("{name}", "{table}", type_="check")'


def of_enum(chance: Chance) -> str:
    name = chance.choice(("mood", "tone", "pace"))
    return f'op.execute("{_enum_statement(chance, name)}")'


def _enum_statement(chance: Chance, name: str) -> str:
    return chance.choice(
        (
            f"ALTER TYPE {name} ADD VALUE '{chance.choice(('wild', 'odd'))}'",
            f"ALTER TYPE {name} RENAME VALUE '{chance.choice(('calm', 'low'))}' TO 'cool'",
            f"ALTER TYPE {name} RENAME TO {chance.choice(('pace', 'feel'))}",
            f"CREATE TYPE {chance.choice(('pace', 'feel'))} AS ENUM ('a', 'b')",
            f"DROP TYPE {name}",
        )
    )


def enum_column(chance: Chance) -> str:
    name, values = chance.choice((("mood", '"calm", "glad"'), ("tone", '"low", "high"')))
    column = f'sa.Column("{chance.choice(NEW_COLUMNS)}", sa.Enum({values}, name="{name}", create_type=False))'
    return f'op.add_column("{a_table(chance)}", {column})'


def comment(chance: Chance) -> str:
    if chance.random() < 0.5:
        return f'op.create_table_comment("{a_table(chance)}", "{chance.choice("xy")}")'
    return f'op.alter_column("{a_table(chance)}", "{chance.choice(COLUMNS)}", comment="{chance.choice("xy")}")'


def namespace(chance: Chance) -> str:
    name = chance.choice(("hall", "attic"))
    made = f'op.execute("CREATE SCHEMA {name}")'
    table = f'op.create_table("shelf", sa.Column("id", sa.Integer()), schema="{name}")'
    return chance.choice((made, f"{made}\n{table}"))


def sql_constraint(chance: Chance) -> str:
    table, name, new = a_table(chance), chance.choice(("uq_author_code", "fk_book_author", "ck_book_year")), "uq_a"
    return chance.choice(
        (
            f'op.execute("ALTER TABLE {table} RENAME CONSTRAINT {name} TO {new}")',
            f'op.execute("ALTER TABLE {table} DROP CONSTRAINT {name}")',
            f'op.execute("ALTER INDEX ix_author_title RENAME TO ix_{chance.choice("abc")}")',
            f'op.execute("ALTER TABLE {table} DROP COLUMN {chance.choice(COLUMNS)} CASCADE")',
            f'op.execute("DROP TABLE {table} CASCADE")',
        )
    )


SHARED = (
    create_table, create_table, drop_table, rename_table, add_column, add_column, add_column, create_index,
    create_index, drop_index, change_rows, sql_column, sql_rename, view_or_query,
)  # fmt: skip
IN_BATCHES = (
    trigger,
    lambda chance: in_batch(chance, on_column), lambda chance: in_batch(chance, on_column),
    lambda chance: in_batch(chance, on_column), lambda chance: in_batch(chance, on_constraint),
    lambda chance: in_batch(chance, on_constraint),
)  # fmt: skip
ON_SERVER = (
    function,
    lambda chance: direct(chance, on_column), lambda chance: direct(chance, on_column),
    lambda chance: direct(chance, on_column), lambda chance: direct(chance, on_constraint),
    lambda chance: direct(chance, on_constraint), create_check, drop_check, of_enum, of_enum, enum_column, comment,
    namespace, sql_constraint,
)  # fmt: skip


# -- databases that can be tried and put back


class Database:
    """A database in its first state, on which statements are tried."""

    on_server = False

    @contextmanager
    def trial(self) -> Iterator[sa.Connection]:
        """A connection to the first state; what happens on it is forgotten."""
        raise NotImplementedError

    def after(self, *lines: list[str]) -> dict[str, Any] | None:
        """Shape and rows after these lines; None where one fails."""
        with self.trial() as connection:
            try:
                for line in lines:
                    run(connection, line)
                self.require_sound(connection)
                with warnings.catch_warnings():  # SQLite's expression indexes are not reflected
                    warnings.simplefilter("ignore")
                    return {**reflected(connection), "rows": rows(connection)}
            except ENDINGS:
                return None

    def line(self, chance: Chance, longest: int = 3) -> list[str]:
        """Statements that run one after the other."""
        wanted = chance.randint(1, longest)
        made: list[str] = []
        while len(made) < wanted:
            one = statement(chance, on_server=self.on_server)
            if self.runs([*made, one]):
                made.append(one)
        return made

    def runs(self, line: list[str]) -> bool:
        with self.trial() as connection:
            try:
                run(connection, line)
                self.require_sound(connection)
            except ENDINGS:
                return False
            return True

    def require_sound(self, connection: sa.Connection) -> None:
        """Raises where a line left what the database itself would not have let it leave."""

    def pair(self, chance: Chance) -> Pair:
        chance.meeting = chance.choice(TABLES)
        one, other = self.line(chance), self.line(chance)
        verdict = commute(read(one), read(other))
        return Pair(one, other, verdict, self.after(one, other), self.after(other, one))


class Sqlite(Database):
    """In memory; a trial runs on a copy."""

    def __init__(self) -> None:
        self.first = sqlite3.connect(":memory:")
        engine = _engine_of(self.first)
        with engine.connect() as connection:
            run(connection, [START], rows_too=True)
            connection.commit()

    @contextmanager
    def trial(self) -> Iterator[sa.Connection]:
        copy = sqlite3.connect(":memory:")
        self.first.backup(copy)
        try:
            with _engine_of(copy).connect() as connection:
                yield connection
        finally:
            copy.close()

    def require_sound(self, connection: sa.Connection) -> None:
        """SQLite drops a table that others refer to, and lets views and triggers name what is not there."""
        if connection.execute(sa.text("PRAGMA foreign_key_check")).all():
            raise ValueError("a reference leads nowhere")
        known = "SELECT type, name, tbl_name FROM sqlite_master WHERE type IN ('view', 'trigger')"
        for kind, name, table in connection.execute(sa.text(known)).all():
            tried = f"SELECT * FROM {name} LIMIT 0" if kind == "view" else f"EXPLAIN INSERT INTO {table} DEFAULT VALUES"
            connection.execute(sa.text(tried)).all()


class Postgres(Database):
    """Everything in one transaction that is rolled back."""

    on_server = True

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        run(connection, [START, START_ON_SERVER], rows_too=True)
        connection.commit()

    @contextmanager
    def trial(self) -> Iterator[sa.Connection]:
        try:
            yield self.connection
        finally:
            self.connection.rollback()


def _engine_of(raw: sqlite3.Connection) -> sa.Engine:
    return sa.create_engine("sqlite://", creator=lambda: raw, poolclass=sa.pool.StaticPool)


def run(connection: sa.Connection, line: list[str], *, rows_too: bool = False) -> None:
    """The revision's own text, through Alembic's `op`."""
    module: dict[str, Any] = {}
    exec(compile(source([dedent(part).strip() for part in line]), "revision.py", "exec"), module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Operations.context(MigrationContext.configure(connection)):
            module["upgrade"]()
    for text in (*ROWS, REFERENCES) if rows_too else ():
        connection.execute(sa.text(text))


def rows(connection: sa.Connection) -> dict[str, list[str]]:
    """The rows of each table, column by column whatever their order."""
    names = sa.inspect(connection).get_table_names()
    found = {}
    for name in names:
        quoted = connection.dialect.identifier_preparer.quote(name)
        answer = connection.execute(sa.text(f"SELECT * FROM {quoted}")).mappings()
        found[name] = sorted(repr(sorted(row.items())) for row in answer)
    return found
