"""A project on two real SQLite databases: by Alembic's multidb template, and by Flask-Migrate's."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from support import multidb
from support.kinds import flask_migrate_files
from support.scratch import Scratch

VERSIONS = "migrations/versions"
FLASK_APP = """from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


def create_app():
    app = Flask(__name__, instance_path={folder!r})
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///people.sqlite"
    app.config["SQLALCHEMY_BINDS"] = {{"shop": "sqlite:///shop.sqlite"}}
    db.init_app(app)
    Migrate(app, db)
    return app


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50), nullable=False)


class Customer(db.Model):
    __tablename__ = "person"
    __bind_key__ = "shop"
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.String(9), nullable=False)
"""
KINDS = ("Alembic", "Flask-Migrate")
COLUMN = 'op.add_column("person", sa.Column("{0}", sa.Integer()))', 'op.drop_column("person", "{0}")'


def table(column: str, length: int) -> tuple[str, str]:
    named = f'sa.Column("{column}", sa.String({length}), nullable=False)'
    made = f'op.create_table("person", sa.Column("id", sa.Integer(), primary_key=True), {named})'
    return made, 'op.drop_table("person")'


def column(name: str) -> tuple[str, str]:
    up, down = COLUMN
    return up.format(name), down.format(name)


NOTHING = ("pass", "pass")


class Two(Scratch):
    """`people.sqlite` and `shop.sqlite`, each with a table `person`; the first revision is there, and committed."""

    def start(self, kind: str) -> Two:
        self.first = "" if kind == "Flask-Migrate" else "people"
        if kind == "Flask-Migrate":
            files = {"app.py": FLASK_APP.format(folder=str(self.path)), **flask_migrate_files("flask-multidb")}
        else:
            files = {path: text for path, text in multidb.FILES.items() if not path.startswith(VERSIONS)}
            files["models.py"] = re.sub(r", index=True", "", files["models.py"])
        files[".gitignore"] = "*.sqlite\n__pycache__/\n"
        for path, text in files.items():
            self.write(path, text)
        self.add("aaa1", None, people=table("name", 50), shop=table("number", 9))
        self.commit("start")
        return self

    def add(
        self,
        name: str,
        below: str | None,
        *,
        people: tuple[str, str] = NOTHING,
        shop: tuple[str, str] = NOTHING,
    ) -> None:
        """A revision with what it does in each database, and what takes it back."""
        text = multidb.revision(name, below, people=people[0], shop=shop[0])
        for database, (_, down) in (("people", people), ("shop", shop)):
            head = f"def downgrade_{database}() -> None:\n    "
            text = text.replace(f"{head}pass", f"{head}{down}")
        self.write(f"{VERSIONS}/{name}.py", text.replace("_people", f"_{self.first}"))

    def execute(self, database: str, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.path / f"{database}.sqlite")) as connection, connection:
            return connection.execute(statement).fetchall()

    def heads(self) -> list[list[str]]:
        """Of people and of shop."""
        return [
            [row[0] for row in self.execute(name, "SELECT version_num FROM alembic_version")]
            for name in ("people", "shop")
        ]

    def columns(self, database: str) -> list[str]:
        return [row[1] for row in self.execute(database, "PRAGMA table_info(person)")]


def start(path: Path, kind: str) -> Two:
    return Two(path).start(kind)
