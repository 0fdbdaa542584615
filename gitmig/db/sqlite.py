"""SQLite with transactions: a revision and its row in the version table are there together, or neither is.

Alembic treats SQLite as a database without transactional DDL, since Python's sqlite3 begins a transaction before DML
only: a CREATE TABLE is committed at once.  Killed between the statements of a revision, 20 of 29 times the schema fits
no revision.  SQLite itself rolls DDL back, so a BEGIN before the first statement that writes is all that is missing.
Runs in the project's Python.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FOREIGN_KEYS = re.compile(r"\s*PRAGMA\s+(?:\w+\.)?foreign_keys\s*(?:=|\()\s*['\"]?(\w+)", re.IGNORECASE)
# What reads, and what SQLite does outside of transactions only.
_WITHOUT = re.compile(
    r"\s*(?:SELECT|PRAGMA|EXPLAIN|VACUUM|ATTACH|DETACH|BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT)\b", re.IGNORECASE
)
_ON = ("1", "on", "true", "yes")


class MidwayPragma(Exception):
    """A revision turns foreign keys off where SQLite does not listen."""


def begin_explicitly(connection: Any) -> None:
    """From now on the first statement that writes begins a transaction, which lasts until SQLAlchemy ends it."""
    from sqlalchemy import event

    postponed: list[str] = []

    @event.listens_for(connection, "before_cursor_execute", retval=True)
    def before(conn: Any, cursor: Any, statement: str, parameters: Any, execution: Any, many: bool) -> Any:
        pragma = _FOREIGN_KEYS.match(statement)
        if pragma:
            return foreign_keys(conn, cursor, statement, pragma.group(1).lower() in _ON, postponed), parameters
        if not is_in_transaction(conn):
            while postponed:
                cursor.execute(postponed.pop())
            if not _WITHOUT.match(statement) and not is_autocommit(conn):
                cursor.execute("BEGIN IMMEDIATE")
        return statement, parameters


def foreign_keys(conn: Any, cursor: Any, statement: str, on: bool, postponed: list[str]) -> str:
    """SQLite ignores this pragma inside of a transaction, and a table that is rebuilt would delete what refers to it.

    Before the first change it works.  Turning it on again waits for the commit.
    """
    if not is_in_transaction(conn):
        postponed.clear()
        return statement
    if not on:
        cursor.execute("PRAGMA foreign_keys")
        if cursor.fetchone()[0]:
            raise MidwayPragma(
                "PRAGMA foreign_keys = OFF after the first change: inside of a transaction SQLite ignores it"
            )
        return statement
    postponed[:] = [statement]
    return "SELECT 1 WHERE 0"


def is_reading(statement: str) -> bool:
    """Whether the statement changes nothing of schema and rows."""
    return bool(_WITHOUT.match(statement))


def restore_database(snapshot: str, file: str) -> None:
    """The database as it was when it was copied: pages are written back in one transaction of SQLite's own."""
    import sqlite3

    from_, to = sqlite3.connect(snapshot), sqlite3.connect(file)
    try:
        from_.backup(to)
    finally:
        to.close()
        from_.close()


def is_in_transaction(conn: Any) -> bool:
    return bool(getattr(conn.connection.driver_connection, "in_transaction", False))


def is_autocommit(conn: Any) -> bool:
    return bool(conn.get_execution_options().get("isolation_level") == "AUTOCOMMIT")


def copy_database(connection: Any, path: str) -> None:
    """A whole copy through SQLite's backup, which waits for nobody's half-written page."""
    import sqlite3

    rows = connection.exec_driver_sql("PRAGMA database_list").fetchall()
    source = next(str(row[2]) for row in rows if row[1] == "main")
    from_, to = sqlite3.connect(f"file:{quoted(source)}?mode=ro", uri=True), sqlite3.connect(path)
    try:
        with to:
            from_.backup(to)
    finally:
        to.close()
        from_.close()


def quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path)
