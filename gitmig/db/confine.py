"""Keeps a process away from every database but one.  Runs in the project's Python, before env.py is loaded.

Engines may be made for any URL, since many projects make one where they define their models; but only the scratch
database is connected to.  That keeps accidents away, and is no sandbox against an attacker.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLACES = ("host", "hostaddr", "unix_socket", "port", "dbname", "database", "db", "dsn", "conninfo", "service")
IN_MEMORY = ("", ":memory:", "file::memory:")


class OtherDatabase(Exception):
    """The project wanted a database that is not the scratch database."""


def confine(*urls: str) -> None:
    """From now on only the databases of these URLs, all of one kind, can be reached."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine, make_url

    scratches = [make_url(url) for url in urls]

    def connecting(dialect: Any, record: Any, arguments: list[Any], parameters: dict[str, Any]) -> None:
        if not any(is_scratch(scratch, dialect, arguments, parameters) for scratch in scratches):
            raise OtherDatabase(f"{dialect.name} {named(arguments, parameters)}")

    event.listen(Engine, "do_connect", connecting)
    sys.addaudithook(guard(scratches))


def is_scratch(scratch: Any, dialect: Any, arguments: list[Any], parameters: dict[str, Any]) -> bool:
    """Whether a connection goes to this database."""
    if dialect.name == "sqlite":
        return is_file(arguments[0] if arguments else parameters.get("database", ""), scratch.database or "")
    if dialect.name != scratch.get_backend_name():
        return False
    wanted, wants = dialect.create_connect_args(scratch.set(drivername=f"{dialect.name}+{dialect.driver}"))
    return list(wanted) == list(arguments) and places(wants) == places(parameters)


def places(parameters: dict[str, Any]) -> dict[str, str]:
    return {name: str(parameters[name]) for name in PLACES if parameters.get(name) not in (None, "")}


def named(arguments: list[Any], parameters: dict[str, Any]) -> str:
    """Which one it was, without user and password."""
    found = [*(str(one) for one in arguments if isinstance(one, str)), *places(parameters).values()]
    return " ".join(found) or "without a name"


def is_file(given: Any, scratch: str) -> bool:
    """Whether a name of a SQLite database is that of the scratch file, or of none that lies anywhere."""
    if not isinstance(given, (str, bytes, os.PathLike)):
        return False
    name = os.fsdecode(given)
    if name in IN_MEMORY or name.startswith("file::memory:"):
        return True
    if name.startswith("file:"):
        name = name[len("file:") :].partition("?")[0]
        name = name[2:] if name.startswith("//") else name
    return os.path.realpath(name) == os.path.realpath(scratch)


def guard(scratches: list[Any]) -> Any:
    """An audit hook: what goes past SQLAlchemy, by Python's own modules."""
    scratch = scratches[0]  # all lie on one server, or are files
    sqlite = scratch.get_backend_name() == "sqlite"
    files = [one.database for one in scratches] if sqlite else [""]
    query = dict(scratch.query)
    socket_folder = str(query.get("host") or query.get("unix_sock") or "")

    def watch(event: str, arguments: Any) -> None:
        if event == "sqlite3.connect" and not any(is_file(arguments[0], one) for one in files):
            raise OtherDatabase(f"sqlite {arguments[0]}")
        if event == "socket.connect" and not may_reach(arguments[1]):
            raise OtherDatabase(f"the network: {arguments[1]}")

    def may_reach(address: Any) -> bool:
        if isinstance(address, (str, bytes)):
            return bool(socket_folder) and os.fsdecode(address).startswith(socket_folder)
        if sqlite or not isinstance(address, tuple):
            return False
        return bool(scratch.host) and (scratch.port is None or address[1] == scratch.port)

    return watch
