"""SQLite with transactions: a revision is there as a whole or not at all, and pragmas do what they did before."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.databases import Shop, column, script, table

from gitmig.db.failures import MigrationFailed
from gitmig.db.running import Call, run

BOOKS = 'op.create_table("books", sa.Column("id", sa.Integer(), primary_key=True))'
PAGES = (
    'op.create_table("pages", sa.Column("id", sa.Integer()),'
    ' sa.Column("book", sa.Integer(), sa.ForeignKey("books.id", ondelete="CASCADE")))'
)
ROWS = 'op.execute("INSERT INTO books VALUES (1)"); op.execute("INSERT INTO pages VALUES (1, 1)")'
REBUILD = (
    'with op.batch_alter_table("books", recreate="always") as batch: batch.add_column(sa.Column("x", sa.Integer()))'
)
ENFORCED = """
from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, "connect")
def enforce(connection, record):
    connection.execute("PRAGMA foreign_keys = ON")


"""
OFF, ON = 'op.execute("PRAGMA foreign_keys=OFF")', 'op.execute("PRAGMA foreign_keys=ON")'
STATE = 'op.execute("CREATE TABLE seen AS SELECT foreign_keys AS value FROM pragma_foreign_keys")'


def lines(*statements: str) -> str:
    return "\n    ".join(statements)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop").start({"a": script("a", None, lines(BOOKS, PAGES, *ROWS.split("; ")))})


def upgrade(shop: Shop) -> None:
    run(shop.project(), [Call("upgrade", ("head",))], capture=True)


def test_what_a_failing_revision_did_is_taken_back(shop: Shop) -> None:
    """Alembic alone would leave the table: Python's sqlite3 commits DDL at once."""
    shop.add({"b": script("b", "a", lines(*table("tags")[:1], "raise ValueError"))})
    with pytest.raises(MigrationFailed):
        upgrade(shop)
    assert (shop.heads(), sorted(shop.tables())) == (["a"], ["books", "pages"])
    with pytest.raises(AssertionError):
        shop.run("alembic", "upgrade", "head")
    assert sorted(shop.tables()) == ["books", "pages", "tags"]  # the twin


def test_a_table_that_is_rebuilt_keeps_what_refers_to_it(shop: Shop) -> None:
    """With enforcement on, DROP TABLE deletes the pages; in a transaction SQLite would not listen to the pragma."""
    shop.write("migrations/env.py", ENFORCED + (shop.path / "migrations/env.py").read_text())
    shop.add({"b": script("b", "a", lines(OFF, REBUILD, ON))})
    upgrade(shop)
    assert shop.execute("SELECT id, book FROM pages") == [(1, 1)]
    assert shop.tables()["books"] == ["id", "x"]


def test_enforcement_is_back_for_the_next_revision(shop: Shop) -> None:
    shop.write("migrations/env.py", ENFORCED + (shop.path / "migrations/env.py").read_text())
    shop.add({"b": script("b", "a", lines(OFF, REBUILD, ON)), "c": script("c", "b", STATE)})
    upgrade(shop)
    assert shop.execute("SELECT value FROM seen") == [(1,)]


def test_enforcement_cannot_be_turned_off_midway(shop: Shop) -> None:
    shop.write("migrations/env.py", ENFORCED + (shop.path / "migrations/env.py").read_text())
    shop.add({"b": script("b", "a", lines(table("tags")[0], OFF, REBUILD))})
    with pytest.raises(MigrationFailed, match="PRAGMA foreign_keys = OFF after the first change"):
        upgrade(shop)
    assert (shop.heads(), shop.execute("SELECT id FROM pages")) == (["a"], [(1,)])


def test_without_enforcement_the_pragma_does_no_harm(shop: Shop) -> None:
    shop.add({"b": script("b", "a", lines(table("tags")[0], OFF, REBUILD, ON))})
    upgrade(shop)
    assert shop.heads() == ["b"]


OWN = {
    "its own BEGIN": '    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN"))\n',
    "autocommit": '    event.listen(engine, "connect", lambda c, r: setattr(c, "isolation_level", None))\n',
}


@pytest.mark.parametrize("line", OWN.values(), ids=OWN.keys())
def test_a_project_that_has_taken_care_of_it(shop: Shop, line: str) -> None:
    """The recipe of SQLAlchemy's documentation, as a whole and by halves."""
    env = (shop.path / "migrations/env.py").read_text()
    env = env.replace("    with engine.connect()", line + "    with engine.connect()")
    shop.write("migrations/env.py", "from sqlalchemy import event\n" + env)
    shop.add({"b": script("b", "a", lines(column("books", "x")[0], "raise ValueError"))})
    with pytest.raises(MigrationFailed):
        upgrade(shop)
    assert (shop.heads(), shop.tables()["books"]) == (["a"], ["id"])


def test_an_autocommit_block(shop: Shop) -> None:
    block = 'with op.get_context().autocommit_block(): op.execute("VACUUM")'
    shop.add({"b": script("b", "a", lines(column("books", "x")[0], block, column("books", "y")[0]))})
    upgrade(shop)
    assert (shop.heads(), shop.tables()["books"]) == (["b"], ["id", "x", "y"])
