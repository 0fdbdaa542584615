"""The example project works with Alembic alone: its models and its revisions say the same."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

BOOKSHOP = Path(__file__).parents[2] / "examples" / "bookshop"


@pytest.fixture
def bookshop(tmp_path: Path) -> Path:
    copy = tmp_path / "bookshop"
    shutil.copytree(BOOKSHOP, copy, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    return copy


def run_alembic(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "alembic", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def tables(project: Path) -> list[str]:
    with sqlite3.connect(project / "bookshop.db") as database:
        rows = database.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
    return [name for (name,) in rows]


def test_a_database_goes_up_agrees_with_the_models_and_comes_down(bookshop: Path) -> None:
    assert run_alembic(bookshop, "upgrade", "head").returncode == 0
    assert tables(bookshop) == ["alembic_version", "authors", "book_tags", "books", "tags"]

    checked = run_alembic(bookshop, "check")
    assert checked.returncode == 0, checked.stdout
    assert "No new upgrade operations detected." in checked.stdout

    assert run_alembic(bookshop, "downgrade", "base").returncode == 0
    assert tables(bookshop) == ["alembic_version"]


def test_a_model_change_without_a_revision_is_seen_by_alembic(bookshop: Path) -> None:
    book = bookshop / "bookshop" / "models" / "book.py"
    text = book.read_text()
    anchor = "    title: Mapped[str] = mapped_column(String(200))\n"
    assert anchor in text
    book.write_text(text.replace(anchor, anchor + "    subtitle: Mapped[str | None] = mapped_column(String(200))\n"))

    run_alembic(bookshop, "upgrade", "head")
    assert run_alembic(bookshop, "check").returncode != 0


def test_a_book_has_an_author_and_many_tags(bookshop: Path) -> None:
    run_alembic(bookshop, "upgrade", "head")
    program = """
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from bookshop.models import Author, Book, Tag

with Session(create_engine("sqlite:///bookshop.db")) as session:
    sea, classic = Tag(name="sea"), Tag(name="classic")
    session.add(Book(title="Moby-Dick", author=Author(name="Herman Melville", born=1819), tags=[sea, classic]))
    session.add(Book(title="Walden", author=Author(name="Henry Thoreau"), tags=[classic]))
    session.commit()
    classics = session.scalars(select(Tag).where(Tag.name == "classic")).one().books
    print(sorted(book.title for book in classics))
"""
    command = [sys.executable, "-B", "-c", program]
    ran = subprocess.run(command, cwd=bookshop, capture_output=True, text=True, check=False)
    assert ran.stdout == "['Moby-Dick', 'Walden']\n", ran.stderr


def test_the_chain_is_one_line_of_four_revisions(bookshop: Path) -> None:
    history = run_alembic(bookshop, "history").stdout.splitlines()
    assert history == [
        "045229b4d78f -> ad614606c75f (head), add price to books",
        "f3f7eee4ecc8 -> 045229b4d78f, add isbn to books",
        "6c63011297f8 -> f3f7eee4ecc8, add tags",
        "<base> -> 6c63011297f8, create authors and books",
    ]
