"""GM206, GM401, GM402, GM404, GM501, GM502: what new revisions do to what is there."""

from __future__ import annotations

import pytest
from support.changes import BOOK, CREATE_BOOKS, DROP_BOOKS, FIRST, Tree, change, findings, found, revision

from gitmig.change.additions import Helper

ADD_ISBN = 'op.add_column("books", sa.Column("isbn", sa.String(13)))'
DROP_ISBN = 'op.drop_column("books", "isbn")'


def second(upgrade: str, downgrade: str = "pass", *, top: str = "") -> Tree:
    return Tree(BOOK, [FIRST, revision("bbb222", "aaa111", upgrade, downgrade, top=top)])


@pytest.mark.parametrize(
    ("upgrade", "objects"),
    [
        pytest.param('op.drop_column("books", "title")', ["books.title"], id="a column"),
        pytest.param('op.drop_table("books")', ["books"], id="a table"),
        pytest.param('op.execute("ALTER TABLE books DROP COLUMN title")', ["books.title"], id="a column, in SQL"),
        pytest.param(
            'with op.batch_alter_table("books") as batch:\n    batch.drop_column("title")', ["books.title"],
            id="a column, in batch mode",
        ),
        pytest.param(f"{ADD_ISBN}\n{DROP_ISBN}", [], id="a column of the same revision"),
        pytest.param('op.create_table("t", sa.Column("id", sa.Integer()))\nop.drop_table("t")', [], id="its own table"),
        pytest.param('op.drop_index("ix")', [], id="an index"),
        pytest.param('op.execute("DELETE FROM books")', [], id="rows"),
    ],
)  # fmt: skip
def test_gm401_finds_drops_of_what_was_there(upgrade: str, objects: list[str]) -> None:
    assert found("GM401", change(second(upgrade))) == objects


def test_gm401_leaves_the_unpublished_line_alone() -> None:
    one = Tree(BOOK, [FIRST, revision("bbb222", "aaa111", ADD_ISBN), revision("ccc333", "bbb222", DROP_ISBN)])
    before = Tree(BOOK, [FIRST])
    assert found("GM401", change(one, before)) == []
    published = Tree(BOOK, [FIRST, revision("bbb222", "aaa111", ADD_ISBN)])
    assert found("GM401", change(one, published)) == ["books.isbn"]


def test_rules_about_new_revisions_leave_alone_what_the_target_has() -> None:
    one = second(DROP_BOOKS)
    assert found("GM401", change(one, target=Tree())) == ["books"]
    assert found("GM401", change(one, target=one)) == []


@pytest.mark.parametrize(
    ("upgrade", "objects"),
    [
        pytest.param(
            'op.add_column("books", sa.Column("isbn", sa.String(13), nullable=False))', ["books.isbn"],
            id="a NOT NULL column",
        ),
        pytest.param(
            'op.add_column("books", sa.Column("isbn", sa.String(13), nullable=False, server_default=""))', [],
            id="a server default",
        ),
        pytest.param(ADD_ISBN, [], id="nullable"),
        pytest.param(
            f'{ADD_ISBN}\nop.execute("UPDATE books SET isbn = 1")\nop.alter_column("books", "isbn", nullable=False)',
            [],
            id="filled before",
        ),
        pytest.param(
            'op.create_table("t", sa.Column("id", sa.Integer()))\n'
            'op.add_column("t", sa.Column("x", sa.Integer(), nullable=False))',
            [],
            id="a table of the same revision",
        ),
    ],
)  # fmt: skip
def test_gm402_finds_not_null_without_a_value(upgrade: str, objects: list[str]) -> None:
    assert found("GM402", change(second(upgrade))) == objects


@pytest.mark.parametrize(
    ("upgrade", "objects"),
    [
        pytest.param('op.alter_column("books", "isbn", nullable=False)', ["books.isbn"], id="nothing fills it"),
        pytest.param(
            'op.execute("UPDATE books SET isbn = 1")\nop.alter_column("books", "isbn", nullable=False)', [], id="filled"
        ),
        pytest.param(
            'op.execute("UPDATE books SET isbn = NULL WHERE isbn IS NULL")\n'
            'op.alter_column("books", "isbn", nullable=False)',
            ["books.isbn"],
            id="the line to fill in was left as it was",
        ),
    ],
)
def test_gm402_finds_columns_that_become_not_null(upgrade: str, objects: list[str]) -> None:
    before = [FIRST, revision("bbb222", "aaa111", ADD_ISBN)]
    one = Tree(BOOK, [*before, revision("ccc333", "bbb222", upgrade)])
    assert found("GM402", change(one, Tree(BOOK, before))) == objects


def test_gm402_leaves_tables_alone_that_were_never_published() -> None:
    adding = 'op.add_column("books", sa.Column("isbn", sa.String(13), nullable=False))'
    line = [revision("aaa111", None, CREATE_BOOKS), revision("bbb222", "aaa111", adding)]
    assert found("GM402", change(Tree(BOOK, line), Tree(BOOK, []))) == []


def test_gm402_shows_the_safe_order() -> None:
    [finding] = findings(
        "GM402", change(second('op.add_column("books", sa.Column("x", sa.Integer(), nullable=False))'))
    )
    assert finding.help[0].commands == (
        'op.add_column("books", sa.Column("x", sa.Integer(), nullable=True))',
        'op.execute("UPDATE books SET x = ... WHERE x IS NULL")',
        'op.alter_column("books", "x", existing_type=sa.Integer(), nullable=False)',
    )


@pytest.mark.parametrize(
    ("top", "revisions"),
    [
        pytest.param("from shop.models import Book", ["bbb222"], id="models"),
        pytest.param("from shop.clock import now", [], id="another module of the project"),
        pytest.param("from uuid import uuid4", [], id="the standard library"),
    ],
)
def test_gm404_finds_imports_of_models(top: str, revisions: list[str]) -> None:
    assert found("GM404", change(second(ADD_ISBN, DROP_ISBN, top=top))) == revisions


@pytest.mark.parametrize(
    ("upgrade", "downgrade", "revisions"),
    [
        pytest.param(ADD_ISBN, "pass", ["bbb222"], id="pass"),
        pytest.param(ADD_ISBN, DROP_ISBN, [], id="a way back"),
        pytest.param(ADD_ISBN, 'raise NotImplementedError("no way back")', [], id="closed on purpose"),
        pytest.param("pass", "pass", [], id="nothing to take back"),
    ],
)
def test_gm501_finds_revisions_without_a_way_back(upgrade: str, downgrade: str, revisions: list[str]) -> None:
    assert found("GM501", change(second(upgrade, downgrade))) == revisions


@pytest.mark.parametrize(
    ("upgrade", "downgrade", "objects"),
    [
        pytest.param(
            f'{ADD_ISBN}\nop.create_index("ix", "books", ["title"])', DROP_ISBN, ["books.ix"], id="an index that stays"
        ),
        pytest.param(ADD_ISBN, 'op.drop_column("books", "title")', ["books.isbn", "books.title"], id="another column"),
        pytest.param(ADD_ISBN, DROP_ISBN, [], id="all of it"),
        pytest.param(ADD_ISBN, "pass", [], id="an empty downgrade is GM501"),
        pytest.param(ADD_ISBN, 'op.execute(open("down.sql").read())', [], id="what cannot be read"),
    ],
)
def test_gm502_finds_what_the_downgrade_leaves(upgrade: str, downgrade: str, objects: list[str]) -> None:
    assert found("GM502", change(second(upgrade, downgrade))) == objects


def test_gm206_names_the_helper_and_its_users() -> None:
    helper = Helper("migrations/helpers.py", "1" * 40, "2" * 40, ("aaa111",))
    [finding] = findings("GM206", change(Tree()).replace(helpers=(helper,)))
    assert (finding.objects, finding.place and finding.place.path) == (("migrations/helpers.py",), helper.path)
    assert "aaa111" in finding.note


def test_gm206_leaves_changes_alone_that_touch_no_helper() -> None:
    assert findings("GM206", change(Tree()).replace(helpers=())) == []
