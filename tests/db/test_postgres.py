"""The same commands on PostgreSQL, where the whole way home is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.databases import Shop, column, project_files, script, table
from support.killing import PostgresPlace
from support.replayed import postgres_server
from support.scratch import PROGRAMS

BASE = {"a": script("a", None, *table("books"))}
AWAY = {"f": script("f", "a", *column("books", "pages")), "g": script("g", "f", *table("carts"))}
HOME = {"m": script("m", "a", *table("tags"))}


@pytest.fixture(scope="module")
def place() -> Iterator[PostgresPlace]:
    with postgres_server() as server:
        yield PostgresPlace(server)


@pytest.fixture
def shop(tmp_path: Path, place: PostgresPlace) -> Shop:
    """A database on feature (a, f, g) with a row in books; we stand on main (a, m)."""
    place.empty()
    made = Shop(tmp_path / "shop")
    made.environment["DATABASE_URL"] = place.url
    made.start(BASE)
    made.git("switch", "-qc", "feature")
    made.add(AWAY)
    made.commit("feature")
    gitmig(made, "upgrade", "head")
    execute(place, "INSERT INTO books (id) VALUES (1)")
    made.git("switch", "-q", "main")
    made.add(HOME)
    made.commit("main")
    return made


def gitmig(shop: Shop, *words: str, status: int = 0) -> str:
    done = shop.run(str(PROGRAMS / "gitmig"), *words, status=status)
    return done.stdout + done.stderr


def execute(place: PostgresPlace, statement: str) -> None:
    engine = sa.create_engine(place.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def names(place: PostgresPlace) -> tuple[list[str], list[str]]:
    heads, shape = place.state()
    return heads, sorted(shape)


def test_there_and_back(shop: Shop, place: PostgresPlace) -> None:
    said = gitmig(shop, "sync")
    assert "killed (postgresql) is at m (head)" in said
    assert names(place) == (["m"], ["books", "tags"])
    assert "every revision that the ledger knows ran as its file says" in gitmig(shop, "ledger", "verify")
    gitmig(shop, "downgrade", "-1")
    assert names(place) == (["a"], ["books"])


def test_a_failure_on_the_way_up_leaves_everything_as_it_was(shop: Shop, place: PostgresPlace) -> None:
    before = place.state()
    shop.add({"m": script("m", "a", "op.execute('SELECT * FROM nowhere')")})
    said = gitmig(shop, "sync", status=1)
    assert "upgrade of m failed: migrations/versions/m.py:13: UndefinedTable" in said
    assert "note: the database is as it was before" in said
    assert place.state() == before


def test_with_a_transaction_for_each_revision_it_says_where_it_stopped(shop: Shop, place: PostgresPlace) -> None:
    shop.write("migrations/env.py", project_files(transaction_per_migration="True")["migrations/env.py"])
    shop.add({"m": script("m", "a", "op.execute('SELECT * FROM nowhere')")})
    assert "note: the database is at a\n" in gitmig(shop, "sync", status=1)
    assert names(place) == (["a"], ["books"])


def test_a_dry_run_prints_the_sql_of_both_ways(shop: Shop, place: PostgresPlace) -> None:
    before = place.state()
    said = gitmig(shop, "sync", "--dry-run")
    for statement in ("DROP TABLE carts;", "ALTER TABLE books DROP COLUMN pages;", "CREATE TABLE tags ("):
        assert statement in said
    assert place.state() == before


def test_rows_are_counted(shop: Shop, place: PostgresPlace) -> None:
    execute(place, "UPDATE books SET pages = 7")
    assert "drops column books.pages, which holds 1 value" in gitmig(shop, "sync", status=1)
    assert names(place)[0] == ["g"]


def test_a_value_of_an_enum_type_in_a_block_of_its_own(shop: Shop, place: PostgresPlace) -> None:
    add = "with op.get_context().autocommit_block(): op.execute(\"ALTER TYPE kind ADD VALUE 'b'\")"
    kind = "op.execute(\"CREATE TYPE kind AS ENUM ('a')\")"
    shop.add({"n": script("n", "m", kind), "o": script("o", "n", add)})
    gitmig(shop, "sync")
    assert names(place)[0] == ["o"]


def test_what_was_put_beneath_and_never_ran_is_told(shop: Shop, place: PostgresPlace) -> None:
    """Main is merged into feature, and feature's line is put after it; a ledger that fails holds nothing up."""
    shop.git("switch", "-q", "feature")
    shop.add({**HOME, "f": script("f", "m", *column("books", "pages"))})
    assert "m never ran on killed (postgresql)" in gitmig(shop, "upgrade", status=1)
    gitmig(shop, "sync", "--allow-destructive", "--yes")
    assert names(place) == (["g"], ["books", "carts", "tags"])
    execute(place, "DROP TABLE gitmig_ledger; CREATE VIEW gitmig_ledger AS SELECT 1 AS id")
    shop.add({"h": script("h", "g", *table("labels"))})
    assert "the ledger was not written" in gitmig(shop, "upgrade")
    execute(place, "DROP VIEW gitmig_ledger")
    assert names(place)[0] == ["h"]
