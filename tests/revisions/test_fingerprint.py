# ruff: noqa: E501  (one row of a table per line)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.revisions.fingerprint import difference, find_edit, fingerprint, identity, same_work

SOURCE = '''"""add email

Revision ID: b
Revises: a
"""
from alembic import op
import sqlalchemy as sa

revision = "b"
down_revision = "a"
branch_labels = None
depends_on = None

WIDTH = 255
UNUSED = 1


def fill():
    op.execute("UPDATE account SET email = ''")


def spare():
    return 1


def upgrade():
    op.add_column("account", sa.Column("email", sa.String(WIDTH), nullable=True))
    fill()


def downgrade():
    op.drop_column("account", "email")
'''


def parts_that_differ(old: str, new: str) -> tuple[str, ...]:
    return difference(fingerprint(old.encode()), fingerprint(new.encode()))


def changed(old: str, new: str) -> str:
    assert old in SOURCE
    return SOURCE.replace(old, new)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(SOURCE, id="nothing"),
        pytest.param("# licence\n" + SOURCE, id="licence header"),
        pytest.param(changed("add email", "add the email"), id="docstring"),
        pytest.param(changed("def upgrade():", 'def upgrade():\n    """Adds the column."""'), id="docstring of a function"),
        pytest.param(changed("def upgrade():", "def upgrade() -> None:"), id="annotation of a function"),
        pytest.param(changed("WIDTH = 255", "WIDTH: int = 255"), id="annotation of a constant"),
        pytest.param(changed('revision = "b"', 'revision: str = "b"'), id="annotation of an id"),
        pytest.param(changed('"a"', '"c"'), id="re-parented"),
        pytest.param(changed('revision = "b"', 'revision = "x"'), id="new id"),
        pytest.param(changed("depends_on = None", 'depends_on = "c"'), id="depends_on"),
        pytest.param(changed("import sqlalchemy as sa", "import sqlalchemy as sa\nimport os"), id="unused import"),
        pytest.param(changed("from alembic import op\nimport sqlalchemy as sa", "import sqlalchemy as sa\nfrom alembic import op"), id="import order"),
        pytest.param(changed("import sqlalchemy as sa", "import sqlalchemy").replace("sa.", "sqlalchemy."), id="alias of an import"),
        pytest.param(changed('op.execute("UPDATE account SET email = \'\'")', 'op.execute(\n        "UPDATE account "\n        "SET email = \'\'",\n    )'), id="wrapped and concatenated"),
        pytest.param(changed('"UPDATE account SET', '"UPDATE account " + "SET'), id="added texts"),
        pytest.param(changed('"UPDATE', 'f"UPDATE'), id="f-string without a field"),
        pytest.param(changed("255", "0xff"), id="spelling of a number"),
        pytest.param(changed('"account", "email"', "'account', u'email'"), id="quotes and prefixes"),
        pytest.param(SOURCE.replace("\n", "\r\n"), id="CRLF"),
        pytest.param("\ufeff" + SOURCE, id="byte order mark"),
        pytest.param(changed("    fill()\n", "    fill()\n    pass\n"), id="pass"),
        pytest.param(changed("    fill()\n", "    fill()  # all\n\n\n"), id="comment and blank lines"),
        pytest.param(changed("UNUSED = 1\n\n\n", "UNUSED = 1\nPARENT = 'c'\n\n\n").replace('down_revision = "a"', "").replace("UNUSED = 1\nPARENT = 'c'", "UNUSED = 1\nPARENT = 'c'\ndown_revision = PARENT"), id="parent in a constant"),
    ],
)  # fmt: skip
def test_what_no_database_notices_leaves_the_fingerprint_as_it_is(new: str) -> None:
    assert parts_that_differ(SOURCE, new) == ()
    assert find_edit(SOURCE.encode(), new.encode()) is None
    assert identity(fingerprint(SOURCE.encode())) == identity(fingerprint(new.encode()))


@pytest.mark.parametrize(
    ("new", "parts", "old_text", "new_text"),
    [
        pytest.param(changed("sa.String(WIDTH)", "sa.String(320)"), ("upgrade", "module"), "sa.String(WIDTH)", "sa.String(320)", id="a type"),
        pytest.param(changed("sa.String(WIDTH)", "sa.Text"), ("upgrade", "module"), "sa.String(WIDTH)", "sa.Text", id="another kind of expression"),
        pytest.param(changed("nullable=True", "nullable=False"), ("upgrade",), "True", "False", id="a keyword"),
        pytest.param(changed("WIDTH = 255", "WIDTH = 320"), ("upgrade",), "255", "320", id="a constant that upgrade uses"),
        pytest.param(changed("UNUSED = 1", "UNUSED = 2"), ("module",), "1", "2", id="a constant that nothing uses"),
        pytest.param(changed("email = ''", "email = ' '"), ("upgrade",), '"UPDATE account SET email = \'\'"', '"UPDATE account SET email = \' \'"', id="a helper that upgrade calls"),
        pytest.param(changed("return 1", "return 2"), ("helper spare",), "1", "2", id="a helper that nothing calls"),
        pytest.param(changed('"account", "email"', '"account", "mail"'), ("downgrade",), 'op.drop_column("account", "email")', 'op.drop_column("account", "mail")', id="downgrade only"),
        pytest.param(changed("    fill()\n", "    fill()\n    op.drop_table('x')\n"), ("upgrade",), "", "op.drop_table('x')", id="a statement more"),
        pytest.param(changed("def upgrade():\n", "def upgrade():\n    op.drop_table('x')\n"), ("upgrade",), "", "op.drop_table('x')", id="a statement more, first"),
        pytest.param(changed(", nullable=True", ""), ("upgrade",), "nullable=True", "", id="a keyword less"),
        pytest.param(SOURCE + "\nprint(1)\n", ("module",), "", "print(1)", id="code of the module"),
        pytest.param(SOURCE + "\ndef more():\n    return 2\n", ("helper more",), "", "def more():\n    return 2", id="a helper more"),
        pytest.param(changed("import sqlalchemy as sa", "import sqlalchemy as sa\nfrom x import *"), ("module",), "", "", id="star import"),
        pytest.param(changed("from alembic import op", "from alembic import op2 as op"), ("upgrade", "downgrade"), "op", "op", id="another thing under the same name"),
    ],
)  # fmt: skip
def test_what_a_database_may_notice_is_told_with_its_place(
    new: str, parts: tuple[str, ...], old_text: str, new_text: str
) -> None:
    assert parts_that_differ(SOURCE, new) == parts
    edit = find_edit(SOURCE.encode(), new.encode())
    if not old_text and not new_text:
        assert edit is None  # nothing to point at
        return
    assert edit is not None
    assert (edit.old_text, edit.new_text) == (old_text, new_text)
    if edit.new is not None and new_text:
        assert new.encode()[edit.new.start : edit.new.end].decode() == new_text
    if edit.old is not None:
        assert SOURCE.encode()[edit.old.start : edit.old.end].decode() == old_text


def test_a_project_module_may_move_but_a_dialect_may_not() -> None:
    head = "from {} import JSON\n\ndef upgrade():\n    f(JSON)\n"
    assert parts_that_differ(head.format("shop.types"), head.format("shop.kit.types")) == ()
    assert parts_that_differ(head.format("sqlalchemy"), head.format("sqlalchemy.types")) == ()
    assert parts_that_differ(head.format("sqlalchemy"), head.format("sqlalchemy.dialects.mysql")) == ("upgrade",)


def test_each_database_of_a_multiple_template_belongs_to_its_half() -> None:
    source = "def upgrade(name):\n    globals()['upgrade_' + name]()\n\ndef upgrade_shop():\n    f({})\n"
    assert parts_that_differ(source.format(1), source.format(2)) == ("upgrade",)


def test_helpers_that_call_each_other_end() -> None:
    source = "def a():\n    b()\n\ndef b():\n    a()\n    f({})\n\ndef upgrade():\n    a()\n"
    assert parts_that_differ(source.format(1), source.format(2)) == ("upgrade",)


def test_the_same_work_is_found_under_another_id_and_nothing_is_no_work() -> None:
    other = fingerprint(changed('revision = "b"', 'revision = "z"').encode())
    assert same_work(fingerprint(SOURCE.encode()), other)
    assert not same_work(fingerprint(SOURCE.encode()), fingerprint(changed("255", "320").encode()))
    empty = fingerprint(b"def upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n")
    assert not same_work(empty, empty)


def test_an_unreadable_text_is_neither_equal_nor_edited() -> None:
    broken = fingerprint(b"def upgrade(:\n")
    assert broken["problem"][0] == "syntax"
    assert difference(broken, broken) == ("unreadable",)
    assert difference(fingerprint(SOURCE.encode()), broken) == ("unreadable",)
    assert identity(broken) == ""
    assert find_edit(b"(", b"1") is None


def test_another_version_of_the_algorithm_is_not_compared() -> None:
    facts = fingerprint(SOURCE.encode())
    assert difference(facts, {**facts, "version": facts["version"] + 1}) == ("unreadable",)


def test_hashes_stay_the_same_for_years() -> None:
    """Waivers and ledgers hold them, written by any Python: a change here needs a new VERSION."""
    newer = 'def upgrade[T](x: T) -> None:\n    try:\n        op.execute(f"a {x["b"]!r:>{w}}" "c")\n    except A, B:\n        y = {1: 0xff, **z}\n    type X = int\n'
    assert fingerprint(newer.encode())["upgrade"] == "e025ea83d0343453b63055b750139575"
    assert fingerprint(SOURCE.encode()) == {
        "version": 1,
        "upgrade": "43e348b3c4c5e0f7e3407d6cb71402ce",
        "downgrade": "b29e91cfa47a56d15718c852ef62f1d8",
        "module": "31edd3df60a0f704a6a3518cc4d3e11f",
        "helpers": {"spare": "f51fbd418319c049087055f756684ca2"},
    }


def test_a_template_string_is_no_f_string() -> None:
    assert parts_that_differ("def upgrade():\n    f(f'{x}')\n", "def upgrade():\n    f(t'{x}')\n") == ("upgrade",)


def test_a_deep_sum_is_written_without_recursion() -> None:
    facts = fingerprint(("def upgrade():\n    f(" + "+".join(["x"] * 900) + ")\n").encode())
    assert "problem" in facts or facts["upgrade"]


@given(st.lists(st.sampled_from(["x = 1\n", "def f(): x\n", "import x\n", "(", ")", "class A:\n  y: int\n", "f'{x!r:{y}}'\n", "\n", "x: int\n", "del x\n",
                                 "def upgrade(): f(x)\n", "match x:\n  case [*_]: pass\n", "lambda: 0\n", "x = yield\n", "é", "\ud800"]), max_size=8).map("".join))  # fmt: skip
def test_any_text_has_a_fingerprint_equal_to_itself(text: str) -> None:
    source = text.encode("utf-8", "surrogatepass")
    facts = fingerprint(source)
    assert difference(facts, facts) == (("unreadable",) if "problem" in facts else ())
    assert find_edit(source, source) is None
    find_edit(source, b"def upgrade(): f(y)\n")
