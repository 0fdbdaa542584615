"""Projects with a database: files, what lies in the database, and PostgreSQL from its wheel."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.scratch import Scratch

from gitmig.db.running import Project
from gitmig.interpreter.python import Interpreter
from gitmig.reading.on_disk import Disk

INI = "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\nsqlalchemy.url = sqlite:///shop.db\n"
ENV = """import os

from alembic import context
from sqlalchemy import create_engine, pool

config = context.config
url = os.environ.get("DATABASE_URL") or config.get_main_option("sqlalchemy.url")



def migrate(url):
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection{options})
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(url=url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    migrate(url)
"""
VERSIONS = "migrations/versions"


def project_files(**options: str) -> dict[str, str]:
    """Everything but revisions; `options` are arguments of context.configure."""
    said = "".join(f", {name}={value}" for name, value in options.items())
    return {
        "alembic.ini": INI,
        "migrations/env.py": ENV.replace("{options}", said),
        "migrations/script.py.mako": "",
        ".gitignore": "*.db*\n__pycache__/\n",
    }


def script(revision: str, parents: str | None, up: str = "pass", down: str = "pass", **more: str) -> str:
    """A revision file; `parents` is one id, or several with a comma between."""
    names = [name.strip() for name in (parents or "").split(",") if name.strip()]
    revises = repr(names[0]) if len(names) == 1 else repr(tuple(names)) if names else "None"
    return f'''"""revision {revision}"""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {revises}
branch_labels = {more.get("labels", "None")}
depends_on = {more.get("depends", "None")}


def upgrade():
    {up}


def downgrade():
    {down}
'''


def table(name: str, *columns: str) -> tuple[str, str]:
    """What makes a table, and what drops it."""
    listed = ", ".join(f'sa.Column("{one}", sa.Integer())' for one in ("id", *columns))
    return f'op.create_table("{name}", {listed})', f'op.drop_table("{name}")'


def column(of: str, name: str) -> tuple[str, str]:
    return f'op.add_column("{of}", sa.Column("{name}", sa.Integer()))', f'op.drop_column("{of}", "{name}")'


class Shop(Scratch):
    """A project with `shop.db` in its folder."""

    def start(self, revisions: Mapping[str, str], **options: str) -> Shop:
        """`revisions` is {id: text}; all of it is committed."""
        for path, text in project_files(**options).items():
            self.write(path, text)
        self.add(revisions)
        self.commit("start")
        return self

    def add(self, revisions: Mapping[str, str]) -> None:
        for revision, text in revisions.items():
            self.write(f"{VERSIONS}/{revision}.py", text)

    def project(self, **more: Any) -> Project:
        disk = Disk(str(self.path.resolve()))
        (environment,) = disk.discover(disk.config()).environments
        more.setdefault("variables", self.environment)
        more.setdefault("time_limit", 300.0)
        return Project(disk.top, environment, Interpreter(sys.executable, "test"), **more)

    @property
    def database(self) -> Path:
        return self.path / "shop.db"

    def execute(self, statement: str, *values: object) -> list[Any]:
        connection = sqlite3.connect(self.database)
        with connection:
            rows = connection.execute(statement, values).fetchall()
        connection.close()
        return rows

    def heads(self) -> list[str]:
        return sorted(row[0] for row in self.execute("SELECT version_num FROM alembic_version"))

    def tables(self) -> dict[str, list[str]]:
        return tables_of(self.database)


def tables_of(database: Path) -> dict[str, list[str]]:
    """Columns by table, without the tables of Alembic, gitmig and SQLite."""
    connection = sqlite3.connect(database)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
        for name in sorted(names)
        if name not in ("alembic_version", "gitmig_ledger") and not name.startswith("sqlite_")
    }
    connection.close()
    return found
