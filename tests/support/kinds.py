"""Kinds of projects by how their env.py reaches the database, and the story that every one of them must go through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import flask_migrate
from support.databases import Shop, column, script, table
from support.killing import Place

CONFIGURED = """
        context.configure(connection=connection, target_metadata={metadata})
        with context.begin_transaction():
            context.run_migrations()
"""
ASYNC_ENV = """import asyncio
import os

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

url = os.environ["DATABASE_URL"].replace("sqlite:", "sqlite+aiosqlite:").replace("+psycopg:", "+asyncpg:")


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
"""
FLASK_APP = """import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Book(db.Model):
    __tablename__ = "books"
    id = db.Column(db.Integer, primary_key=True)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or f"sqlite:///{os.path.abspath('shop.db')}"
    db.init_app(app)
    return app
"""
FLASK_ENV = """from alembic import context

from app import create_app, db

with create_app().app_context():
    with db.engine.connect() as connection:""" + CONFIGURED.format(metadata="db.metadata")
FLASK_MIGRATE_APP = FLASK_APP.replace(
    "from flask_sqlalchemy", "from flask_migrate import Migrate\nfrom flask_sqlalchemy"
).replace("    return app", "    Migrate(app, db)\n    return app")
SQLMODEL_APP = """import os

from sqlmodel import Field, SQLModel, create_engine

engine = create_engine(os.environ["DATABASE_URL"])


class Book(SQLModel, table=True):
    __tablename__ = "books"
    id: int | None = Field(default=None, primary_key=True)
"""
SQLMODEL_ENV = """from alembic import context

from app import SQLModel, engine

if True:
    with engine.connect() as connection:""" + CONFIGURED.format(metadata="SQLModel.metadata")


def flask_migrate_files(template: str = "flask") -> dict[str, str]:
    """What `flask db init` writes."""
    folder = Path(flask_migrate.__file__).parent / "templates" / template
    names = {"env.py": "env.py", "alembic.ini": "alembic.ini.mako", "script.py.mako": "script.py.mako"}
    return {f"migrations/{name}": (folder / source).read_text(encoding="utf-8") for name, source in names.items()}


# Files beside those that every project of the tests has.
KINDS: dict[str, dict[str, str]] = {
    "sync": {},
    "async": {"migrations/env.py": ASYNC_ENV},
    "Flask-SQLAlchemy": {"app.py": FLASK_APP, "migrations/env.py": FLASK_ENV},
    "Flask-Migrate": {"app.py": FLASK_MIGRATE_APP, **flask_migrate_files()},
    "SQLModel": {"app.py": SQLMODEL_APP, "migrations/env.py": SQLMODEL_ENV},
}


def project_of_kind(path: Path, kind: str) -> Shop:
    """
    main      a --- m       where we stand
               \\
    feature     f --- g
    """
    shop = Shop(path).start({"a": script("a", None, *table("books"))})
    for name, text in KINDS[kind].items():
        shop.write(name, text)
    if "migrations/alembic.ini" in KINDS[kind]:
        (path / "alembic.ini").unlink()
    shop.commit(kind)
    shop.git("switch", "-qc", "feature")
    shop.add({"f": script("f", "a", *column("books", "pages")), "g": script("g", "f", *table("carts"))})
    shop.commit("feature")
    shop.git("switch", "-q", "main")
    shop.add({"m": script("m", "a", *table("tags"))})
    shop.commit("main")
    return shop


class Beat(NamedTuple):
    """A command on a Git branch, and where the database is afterwards."""

    branch: str
    words: tuple[str, ...]
    heads: list[str]
    tables: list[str]


STORY = (
    Beat("feature", ("upgrade",), ["g"], ["books", "carts"]),
    Beat("main", ("sync",), ["m"], ["books", "tags"]),
    Beat("main", ("ledger", "verify"), ["m"], ["books", "tags"]),
    Beat("main", ("downgrade", "base", "--yes"), [], []),
)


def play(shop: Shop, place: Place, gitmig: Callable[..., tuple[int, str]], story: Sequence[Beat] = STORY) -> str:
    """ "" when everything went as it should; `gitmig` answers with the exit status and what was said."""
    place.empty()
    for beat in story:
        shop.git("switch", "-q", beat.branch)
        status, said = gitmig(*beat.words)
        heads, shape = place.state()
        if status or (heads, sorted(shape)) != (beat.heads, beat.tables):
            return f"gitmig {' '.join(beat.words)} ended with {status} at {heads} {sorted(shape)}\n{said}"
    return ""
