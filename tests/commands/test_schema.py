"""`gitmig schema`: what is there, how two commits differ, in three formats."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.scratch import Scratch

from gitmig.bundled import find_bundled
from gitmig.commands.schema import differences, read_schemas, rendered, rendered_difference, show_schema
from gitmig.errors import UsageError

BOOK = "bookshop/models/book.py"


@pytest.fixture
def shop(tmp_path: Path) -> Scratch:
    """The bookshop, and a commit that adds a subtitle, drops the isbn and widens the title."""
    scratch = Scratch(tmp_path / "shop")
    shutil.copytree(find_bundled("bookshop"), scratch.path, dirs_exist_ok=True)
    scratch.git("add", "--all")
    scratch.git("commit", "-m", "bookshop")
    text = (scratch.path / BOOK).read_text()
    text = text.replace("    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)\n", "")
    text = text.replace("title: Mapped[str] = mapped_column(String(200))", "title: Mapped[str] = mapped_column(Text)")
    text = text.replace("    price:", "    subtitle: Mapped[str | None]\n    price:").replace(
        "String\n", "String, Text\n"
    )
    scratch.write(BOOK, text)
    scratch.git("add", "--all")
    scratch.git("commit", "-m", "subtitle")
    return scratch


def test_models_and_chain_of_the_bookshop_say_the_same(shop: Scratch) -> None:
    [models] = read_schemas(str(shop.path), "HEAD^", (), "models")
    [chain] = read_schemas(str(shop.path), "HEAD^", (), "chain")
    assert list(models.schema.tables) == ["authors", "book_tags", "books", "tags"]
    assert differences([models], [chain])[0].operations == ()


def test_tree(shop: Scratch) -> None:
    text = rendered(read_schemas(str(shop.path), "HEAD^", (), "models"), "tree")
    assert text.startswith("migrations: models, 4 tables\n  authors\n")
    assert "    title      sa.String(length=200) NOT NULL\n" in text
    assert "    foreign key (author_id) to authors(id) fk_books_author_id_authors\n" in text


def test_difference(shop: Scratch) -> None:
    old, new = (read_schemas(str(shop.path), rev, (), "models") for rev in ("HEAD^", "HEAD"))
    assert rendered_difference(differences(old, new), "tree") == (
        "migrations: models, 3 operations\n"
        "  books\n"
        "    + subtitle  sa.String()\n"
        "    ~ title  type sa.String(length=200) -> sa.Text()\n"
        "    - column isbn\n"
    )


def test_picture(shop: Scratch) -> None:
    old, new = (read_schemas(str(shop.path), rev, (), "models") for rev in ("HEAD^", "HEAD"))
    text = rendered_difference(differences(old, new), "mermaid")
    assert text == (
        "erDiagram\n"
        "    books {\n"
        "        integer id PK\n"
        '        text title "changed"\n'
        "        integer author_id FK\n"
        '        string subtitle "new"\n'
        "        numeric price\n"
        '        string isbn "dropped"\n'
        "    }\n"
        '    authors ||--o{ books : "author_id"\n'
    )


def test_json(shop: Scratch) -> None:
    old, new = (read_schemas(str(shop.path), rev, (), "models") for rev in ("HEAD^", "HEAD"))
    [environment] = json.loads(rendered_difference(differences(old, new), "json"))["environments"]
    assert [each["op"] for each in environment["operations"]] == ["add_column", "alter_column", "drop_column"]
    [environment] = json.loads(rendered(old, "json"))["environments"]
    assert sorted(environment["tables"]) == ["authors", "book_tags", "books", "tags"]


def test_the_picture_takes_no_syntax_from_names(shop: Scratch) -> None:
    shop.write(BOOK, (shop.path / BOOK).read_text().replace('"books"', '"books } evil[x]"'))
    shop.git("add", "--all")
    text = rendered(read_schemas(str(shop.path), None, (), "models"), "mermaid")
    assert "books___evil_x_ {" in text


def test_two_ways_to_name_a_commit_are_refused(shop: Scratch) -> None:
    with pytest.raises(UsageError):
        show_schema(str(shop.path), "HEAD", ("HEAD^", "HEAD"), "models", (), "tree", None)
    assert show_schema(str(shop.path), None, ("HEAD^", "HEAD"), "models", (), "tree", None) == 0
