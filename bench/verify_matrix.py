"""`gitmig init`, a revision and `gitmig verify` with several versions of SQLAlchemy and Alembic, in virtualenvs.

    python bench/verify_matrix.py FOLDER [--only WORDS]

FOLDER keeps the virtualenvs, so that a second run is quick.  Every row is a project of one shape with one pair of
versions; gitmig itself runs in the Python that runs this.  Needs a package index for the first run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

VERSIONS = {
    "SQLAlchemy 2.0, Alembic 1.13": ["sqlalchemy[asyncio]~=2.0.0", "alembic~=1.13.0"],
    "SQLAlchemy 2.0, Alembic newest": ["sqlalchemy[asyncio]~=2.0.0", "alembic"],
    "SQLAlchemy 2.1, Alembic 1.13": ["sqlalchemy[asyncio]~=2.1.0", "alembic~=1.13.0"],
    "SQLAlchemy 2.1, Alembic newest": ["sqlalchemy[asyncio]~=2.1.0", "alembic"],
}
BESIDES = ["psycopg[binary]", "asyncpg", "aiosqlite", "flask-sqlalchemy", "sqlmodel"]
MODELS = {
    "declarative": """from sqlalchemy import CheckConstraint, ForeignKey, Enum, String, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)


class Book(Base):
    __tablename__ = "books"
    __table_args__ = (CheckConstraint("pages > 0", name="pages"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    pages: Mapped[int] = mapped_column(server_default="1")
""",
    "Flask-SQLAlchemy": """from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False, index=True)


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.ForeignKey("author.id", name="fk_book_author"), nullable=False)
""",
    "SQLModel": """from sqlmodel import Field, SQLModel


class Author(SQLModel, table=True):
    id: int = Field(primary_key=True)
    name: str = Field(max_length=80, index=True)


class Book(SQLModel, table=True):
    id: int = Field(primary_key=True)
    author_id: int = Field(foreign_key="author.id")
""",
}
SHAPES = [
    ("declarative", "generic"),
    ("declarative", "async"),
    ("Flask-SQLAlchemy", "generic"),
    ("SQLModel", "generic"),
]
# A second revision, and what takes it back.
MORE = """

def upgrade() -> None:
    with op.batch_alter_table("{table}") as batch:
        batch.add_column(sa.Column("note", sa.String(20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("{table}") as batch:
        batch.drop_column("note")
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="Rows that have this text.")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    rows, wrong = [], 0
    for versions, packages in VERSIONS.items():
        python = virtualenv(asked.folder / versions.replace(" ", "").replace(",", "-"), packages)
        for models, template in SHAPES:
            for database in ("sqlite", "postgresql"):
                row = f"{versions}; {models}, {template}; {database}"
                if asked.only in row:
                    verdict = walk(asked.folder / "project", python, models, template, database)
                    wrong += verdict != "proven"
                    rows.append((row, verdict))
                    print(f"{row}: {verdict}", flush=True)
    print(f"{len(rows) - wrong} of {len(rows)} proven")
    return 1 if wrong else 0


def virtualenv(folder: Path, packages: list[str]) -> Path:
    """Its Python; made once."""
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "-q", "install", *packages, *BESIDES], check=True)
        (folder / "complete").touch()
    return python


def walk(place: Path, python: Path, models: str, template: str, database: str) -> str:
    """The last line of what gitmig says about a project with two revisions."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "models.py").write_text(MODELS[models])
    environment = {
        **os.environ,
        "GITMIG_PYTHON": str(python),
        "GIT_TERMINAL_PROMPT": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def run(*command: object, accept: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=place,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode not in accept:
            raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    gitmig = (
        [sys.executable, "-m", "gitmig"]
        if (Path(__file__).parent.parent / "gitmig/__main__.py").exists()
        else [str(Path(sys.executable).with_name("gitmig"))]
    )
    run("git", "init", "-q")
    run(*gitmig, "init", "--yes", "--no-hooks", "--no-ledger", "--template", template)
    run(python, "-m", "alembic", "revision", "--autogenerate", "-m", "first", "--rev-id", "first01")
    table = "books" if models == "declarative" else "book"
    text = run(python, "-m", "alembic", "revision", "-m", "more", "--rev-id", "more02") and ""
    (path,) = (place / "migrations" / "versions").glob("more02_*.py")
    text = path.read_text()
    path.write_text(text[: text.index("def upgrade")] + MORE.format(table=table).lstrip())
    column = {"declarative": "    note: Mapped[str | None] = mapped_column(String(20))\n",
              "Flask-SQLAlchemy": "    note = db.Column(db.String(20))\n",
              "SQLModel": "    note: str | None = Field(default=None, max_length=20)\n"}[models]  # fmt: skip
    (place / "models.py").write_text(MODELS[models] + column)
    started = time.monotonic()
    said = run(*gitmig, "verify", *(["--postgres"] if database == "postgresql" else []), accept=(0, 1, 3))
    last = said.strip().splitlines()[-1] if said.strip() else "nothing was said"
    if last.startswith("proven: up, down and up again; the models are what they build"):
        return "proven"
    return f"{said} ({time.monotonic() - started:.0f} s)"


if __name__ == "__main__":
    sys.exit(main())
