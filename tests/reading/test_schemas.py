"""From real repositories to new drift: what is worked out, what is taken from the cache, what lies in the worktree."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.scratch import Scratch

from gitmig.bundled import find_bundled
from gitmig.commands.check import Request, run_check
from gitmig.commands.schema import show_schema
from gitmig.reading import tree_schemas
from gitmig.report.report import Report

BOOK = "bookshop/models/book.py"
NEW = "migrations/versions/27c6a30d7c24_add_subtitle.py"
REVISION = '''"""add subtitle"""

import sqlalchemy as sa
from alembic import op

revision = "27c6a30d7c24"
down_revision = "ad614606c75f"


def upgrade():
    op.add_column("books", sa.Column("subtitle", sa.String(200)))


def downgrade():
    op.drop_column("books", "subtitle")
'''


@pytest.fixture
def shop(tmp_path: Path) -> Scratch:
    scratch = Scratch(tmp_path / "shop")
    shutil.copytree(find_bundled("bookshop"), scratch.path, dirs_exist_ok=True)
    scratch.git("add", "--all")
    scratch.git("commit", "-m", "bookshop")
    return scratch


def check(shop: Scratch, **asked: Any) -> Report:
    return run_check(Request(directory=str(shop.path), **asked))


def codes(report: Report) -> list[str]:
    return sorted(one.finding.code for one in report.findings)


def add_subtitle(shop: Scratch) -> None:
    text = (shop.path / BOOK).read_text()
    line = "    subtitle: Mapped[str | None] = mapped_column(String(200))\n"
    shop.write(BOOK, text.replace("    isbn:", f"{line}    isbn:"))
    shop.git("add", BOOK)


def test_a_model_without_its_revision(shop: Scratch) -> None:
    add_subtitle(shop)
    report = check(shop)
    assert codes(report) == ["GM301"]
    [environment] = report.environments
    assert environment.drift is not None
    assert (environment.drift.verdict, [op["op"] for op in environment.drift.missing]) == ("uncovered", ["add_column"])


def test_a_model_with_its_revision(shop: Scratch) -> None:
    add_subtitle(shop)
    shop.write(NEW, REVISION)
    shop.git("add", NEW)
    report = check(shop)
    assert codes(report) == []
    assert report.environments[0].drift is not None
    assert report.environments[0].drift.verdict == "covered"


def test_a_revision_that_is_not_staged(shop: Scratch) -> None:
    add_subtitle(shop)
    shop.write(NEW, REVISION)
    assert codes(check(shop)) == ["GM304"]


def test_a_revision_that_is_staged_without_its_last_edit(shop: Scratch) -> None:
    add_subtitle(shop)
    shop.write(NEW, REVISION.replace("    op.", "    pass  # op."))
    shop.git("add", NEW)
    shop.write(NEW, REVISION)
    assert "GM304" in codes(check(shop))


def test_a_loose_revision_that_mends_nothing(shop: Scratch) -> None:
    add_subtitle(shop)
    shop.write(NEW, REVISION.replace("subtitle", "shelf"))
    assert codes(check(shop)) == ["GM301"]


def test_a_module_without_models_opens_nothing(shop: Scratch) -> None:
    shop.write("bookshop/prices.py", "def price():\n    return 1\n")
    shop.git("add", "--all")
    assert codes(check(shop)) == []


def test_models_that_are_ignored(shop: Scratch) -> None:
    shop.write("gitmig.toml", 'models_ignore = ["books"]\n')
    shop.git("add", "--all")
    shop.git("commit", "-m", "not ours")
    add_subtitle(shop)
    assert codes(check(shop)) == []


def test_the_whole_tree(shop: Scratch) -> None:
    assert codes(check(shop, everything=True)) == []
    add_subtitle(shop)
    shop.git("commit", "--no-verify", "-m", "forgotten")
    assert "GM301" in codes(check(shop, everything=True))


def test_commits(shop: Scratch) -> None:
    add_subtitle(shop)
    shop.git("commit", "--no-verify", "-m", "forgotten")
    assert codes(check(shop, rev="HEAD", base="HEAD^")) == ["GM301"]
    assert codes(check(shop, rev="HEAD^", base="HEAD")) == []


def test_the_same_question_is_answered_from_the_cache(shop: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    add_subtitle(shop)
    first = check(shop)
    monkeypatch.setattr(tree_schemas.TreeSchemas, "chain", lambda *_: pytest.fail("the chain was read again"))
    monkeypatch.setattr(tree_schemas.TreeSchemas, "models", lambda *_: pytest.fail("the models were read again"))
    assert check(shop) == first


def test_one_new_revision_costs_one_step(shop: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    add_subtitle(shop)
    check(shop)
    shop.write(NEW, REVISION)
    shop.git("add", NEW)
    replayed: list[str] = []
    replay = tree_schemas.replay_scripts

    def counted(start: Any, scripts: Any, *rest: Any) -> Any:
        scripts = list(scripts)
        replayed.extend(script.revision for script in scripts)
        return replay(start, scripts, *rest)

    monkeypatch.setattr(tree_schemas, "replay_scripts", counted)
    assert codes(check(shop)) == []
    assert replayed == ["27c6a30d7c24"]


def test_a_lost_cache_changes_nothing(shop: Scratch) -> None:
    add_subtitle(shop)
    first = check(shop)
    shutil.rmtree(shop.path / ".git" / "gitmig" / "cache")
    assert check(shop) == first
    for kind in ("drift", "chain", "models", "imports"):
        for document in (shop.path / ".git" / "gitmig" / "cache").glob(f"{kind}*.json"):
            document.write_text("[{}]")
    assert codes(check(shop)) == codes(first)


def test_a_helper_of_a_published_revision(shop: Scratch) -> None:
    shop.write("migrations/__init__.py", "")
    shop.write("bookshop/words.py", "def plural(word):\n    return word + 's'\n\n\ndef other():\n    return 1\n")
    shop.write(NEW, REVISION.replace("import op\n", "import op\nfrom bookshop.words import plural\n"))
    shop.git("add", "--all")
    shop.git("commit", "--no-verify", "-m", "with a helper")
    shop.write("bookshop/words.py", "def plural(word):\n    return word + 's'\n\n\ndef other():\n    return 2\n")
    shop.git("add", "--all")
    assert "GM206" not in codes(check(shop))
    shop.write("bookshop/words.py", "def plural(word):\n    return word + 'en'\n\n\ndef other():\n    return 2\n")
    shop.git("add", "--all")
    assert "GM206" in codes(check(shop))


def test_what_a_helper_imports_is_part_of_what_a_chain_is_made_of(
    shop: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Revision -> bookshop.columns -> bookshop.lengths: a chain that was kept is not that of every later commit."""
    helper = "import sqlalchemy as sa\nfrom bookshop.lengths import LONG\n\n\ndef text():\n    return sa.String(LONG)\n"
    new = REVISION.replace("import op\n", "import op\nfrom bookshop.columns import text\n")
    shop.write("bookshop/columns.py", helper)
    shop.write(NEW, new.replace("sa.String(200)", "text()"))
    for length in ("200", "300"):
        shop.write("bookshop/lengths.py", f"LONG = {length}\n")
        shop.git("add", "--all")
        shop.git("commit", "--no-verify", "-m", length)
        show_schema(str(shop.path), "HEAD", None, "chain", (), "tree", None)
        assert f"subtitle sa.String(length={length})" in " ".join(capsys.readouterr().out.split())


FROM_FILE = 'op.execute(open(__file__.replace(".py", ".sql")).read())'
SQL = "migrations/versions/27c6a30d7c24_add_subtitle.sql"
ADD = "ALTER TABLE books ADD COLUMN subtitle VARCHAR(%s);\n"


def revision_with_a_file(shop: Scratch, size: int) -> None:
    upgrade = REVISION.replace('op.add_column("books", sa.Column("subtitle", sa.String(200)))', FROM_FILE)
    shop.write(NEW, upgrade)
    shop.write(SQL, ADD % size)
    shop.git("add", "--all")


def test_a_revision_whose_sql_is_a_file_makes_the_column_of_the_model(shop: Scratch) -> None:
    add_subtitle(shop)
    revision_with_a_file(shop, 200)
    assert codes(check(shop)) == []


def test_another_text_of_a_file_that_a_revision_reads_is_drift(shop: Scratch) -> None:
    add_subtitle(shop)
    revision_with_a_file(shop, 200)
    shop.git("commit", "--no-verify", "-m", "subtitle")
    assert codes(check(shop, rev="HEAD")) == []
    shop.write(SQL, ADD.replace("subtitle", "under") % 200)
    shop.git("add", SQL)
    assert "GM301" in codes(check(shop))
    shop.write(SQL, ADD % 200 + "\n")
    shop.git("add", SQL)
    assert "GM301" not in codes(check(shop))


def test_a_file_that_comes_later_makes_the_chain_anew(shop: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    revision_with_a_file(shop, 200)
    shop.git("rm", "--cached", SQL)
    shown = []
    for message in ("without the file", "with it"):
        shop.git("commit", "--no-verify", "-m", message)
        show_schema(str(shop.path), "HEAD", None, "chain", (), "tree", None)
        shown.append("subtitle VARCHAR(200)" in " ".join(capsys.readouterr().out.split()))
        shop.git("add", "--all")
    assert shown == [False, True]


def test_an_edited_file_that_a_published_revision_reads(shop: Scratch) -> None:
    revision_with_a_file(shop, 200)
    shop.write("notes.sql", "SELECT 1;\n")
    shop.git("add", "--all")
    shop.git("commit", "--no-verify", "-m", "subtitle")
    shop.write("notes.sql", "SELECT 2;\n")
    shop.git("add", "--all")
    assert "GM206" not in codes(check(shop))
    shop.write(SQL, ADD % 300)
    shop.git("add", SQL)
    assert "GM206" in codes(check(shop))


COMPUTED = (
    "import os\n\nfrom sqlalchemy import Column, Integer\n\nfrom bookshop.models.base import Base\n\n\n"
    'class Shelf(Base):\n    __tablename__ = os.environ["SHOP"] + "shelves"\n'
    "    id = Column(Integer, primary_key=True)\n"
)


def test_a_table_whose_name_is_computed_is_unknown_when_it_changes(shop: Scratch) -> None:
    shop.write("bookshop/models/shelf.py", COMPUTED)
    shop.git("add", "--all")
    assert codes(check(shop)) == ["GM306"]
    shop.git("commit", "--no-verify", "-m", "a shelf")
    shop.write("bookshop/models/shelf.py", COMPUTED + "\n    def __str__(self):\n        return 'shelf'\n")
    shop.git("add", "--all")
    assert codes(check(shop)) == []
    shop.write("bookshop/models/shelf.py", COMPUTED + "    size = Column(Integer)\n")
    shop.git("add", "--all")
    assert codes(check(shop)) == ["GM306"]


def test_what_plugins_are_run_with_claims_no_models(shop: Scratch) -> None:
    """An environment without revisions beside the real one: its env.py names the same models."""
    for name in ("env.py", "script.py.mako"):
        shop.write(f"plugins/migrations/{name}", (shop.path / "migrations" / name).read_text())
    shop.git("add", "--all")
    shop.git("commit", "-m", "plugins")
    add_subtitle(shop)
    assert codes(check(shop)) == ["GM301"]
    shop.write(NEW, REVISION)
    shop.git("add", NEW)
    assert codes(check(shop)) == []


def test_a_long_chain_is_replayed_in_parts(shop: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write("bookshop/models/shelf.py", COMPUTED.replace('os.environ["SHOP"] + "shelves"', '"shelves"'))
    shop.git("add", "--all")
    whole = codes(check(shop))
    shutil.rmtree(shop.path / ".git" / "gitmig", ignore_errors=True)
    monkeypatch.setattr(tree_schemas, "PART", 1)
    assert codes(check(shop)) == whole == ["GM301"]


def test_the_first_commit_of_an_environment_without_revisions_is_not_silent(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "new")
    scratch.write("README", "")
    scratch.git("add", "--all")
    scratch.git("commit", "-m", "empty")
    shutil.copytree(find_bundled("bookshop"), scratch.path, dirs_exist_ok=True)
    shutil.rmtree(scratch.path / "migrations/versions")
    scratch.git("add", "--all")
    report = check(scratch)
    assert set(codes(report)) == {"GM301"}


OLD = "migrations/versions/045229b4d78f_add_isbn_to_books.py"
EDITS = {
    "the first text of all": ("migrations/versions/6c63011297f8_create_authors_and_books.py", '"authors"', '"writers"'),
    "one in the middle": (OLD, "length=13", "length=17"),
    "the last one": ("migrations/versions/ad614606c75f_add_price_to_books.py", "Numeric(", "Float("),
}


@pytest.mark.parametrize(("path", "old", "new"), EDITS.values(), ids=EDITS)
def test_an_edited_chain_is_replayed_from_the_edit_on(
    shop: Scratch, path: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (shop.path / path).read_text()
    assert old in text
    shop.write(path, text.replace(old, new))
    shop.git("add", path)
    drifts = []
    for part in (250, 3, 1):
        shutil.rmtree(shop.path / ".git" / "gitmig", ignore_errors=True)
        monkeypatch.setattr(tree_schemas, "PART", part)
        report = check(shop)
        drifts.append((codes(report), report.environments[0].drift))
    assert drifts[0] == drifts[1] == drifts[2]
    assert "GM301" in drifts[0][0] or "GM302" in drifts[0][0]
