"""URLs of databases as a person types them."""

from __future__ import annotations

import os

from gitmig.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlalchemy.engine import URL

PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
HERE = ("", "localhost", "127.0.0.1", "::1")


def read_url(text: str) -> URL:
    """Raises UsageError for what is none."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError(
            "this is no URL of a database: SQLAlchemy cannot read it",
            note="such as sqlite:///shop.db or postgresql+psycopg://user@localhost/shop; nothing was changed",
        ) from None


def is_same_database(one: str, other: str, folder: str) -> bool:
    """Whether two URLs lead to one database, by whatever driver or user; a SQLite file is looked for from `folder`."""
    from gitmig.errors import GitmigError

    try:
        first, second = read_url(one), read_url(other)
    except GitmigError:
        return one == other
    backend = first.get_backend_name()
    if backend != second.get_backend_name():
        return False
    if backend == "sqlite":
        return len({os.path.realpath(os.path.join(folder, url.database or "")) for url in (first, second)}) == 1
    return len({(_host(url), url.port or PORTS.get(backend), url.database) for url in (first, second)}) == 1


def _host(url: URL) -> str:
    host = url.host or str(url.query.get("host", ""))
    return "" if host in HERE else host.lower()
