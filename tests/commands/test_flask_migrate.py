"""Flask-Migrate's own env.py needs the application, which `flask db` finds by FLASK_APP, wsgi.py or app.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checking import Runner, runner
from support.databases import Shop
from support.kinds import FLASK_MIGRATE_APP, project_of_kind


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return project_of_kind(tmp_path / "shop", "Flask-Migrate")


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.delenv("FLASK_APP", raising=False)
    return runner(capfd)


def test_the_database_is_the_one_of_the_application(shop: Shop, run: Runner) -> None:
    done = run(shop.path, "upgrade", "--no-ledger")
    assert (done.status, done.said) == (0, "1 of 2: upgrade a revision a\n2 of 2: upgrade m revision m\n")
    assert shop.heads() == ["m"]


def test_verify_sends_the_application_to_the_scratch_database(shop: Shop, run: Runner) -> None:
    shop.write("app.py", FLASK_MIGRATE_APP.replace('os.environ.get("DATABASE_URL") or ', ""))
    done = run(shop.path, "verify")
    assert "migrations: 2 revisions on sqlite" in done.output
    assert "tags" in done.output, "no model has this table"
    assert not shop.database.exists()


def test_verify_compares_what_alembic_does_not(shop: Shop, run: Runner) -> None:
    """The models are built in a database of their own, although all engines go to the scratch one."""
    app = FLASK_MIGRATE_APP.replace(
        "__tablename__ = ", "__table_args__ = (db.CheckConstraint('id > 0', name='positive'),)\n    __tablename__ = ", 1
    )
    shop.write("app.py", app)
    assert "positive" in run(shop.path, "verify").output


PLACES = {
    "FLASK_APP names a module": ("web.py", "web", "."),
    "a factory with arguments": ("web.py", "web:create_app()", "."),
    "from a folder of the project": ("web.py", "web", "migrations/versions"),
    "from outside of the project": ("wsgi.py", "", ".."),
}


@pytest.mark.parametrize(("path", "named", "here"), PLACES.values(), ids=PLACES)
def test_the_application_is_found(
    shop: Shop, run: Runner, monkeypatch: pytest.MonkeyPatch, path: str, named: str, here: str
) -> None:
    (shop.path / "app.py").rename(shop.path / path)
    if named:
        monkeypatch.setenv("FLASK_APP", named)
    monkeypatch.chdir(shop.path / here)
    done = run(shop.path if here == ".." else None, "current")
    assert (done.status, done.output, done.said) == (0, "", "")


REFUSED = {
    "there is none": ("web.py", "", "Could not locate a Flask application"),
    "FLASK_APP names another module": ("web.py", "shop", "Could not import 'shop'"),
}


@pytest.mark.parametrize(("path", "named", "why"), REFUSED.values(), ids=REFUSED)
def test_no_application(
    shop: Shop, run: Runner, monkeypatch: pytest.MonkeyPatch, path: str, named: str, why: str
) -> None:
    (shop.path / "app.py").rename(shop.path / path)
    if named:
        monkeypatch.setenv("FLASK_APP", named)
    done = run(shop.path, "upgrade")
    assert done.status == 4
    assert f"error: Flask finds no application: {why}" in done.said
    assert "note: migrations/env.py asks for it (current_app)" in done.said
    assert "export FLASK_APP=MODULE:create_app" in done.said


def test_an_application_that_cannot_be_imported_says_why(shop: Shop, run: Runner) -> None:
    shop.write("app.py", "import nosuch\n")
    assert "ModuleNotFoundError: No module named 'nosuch'" in run(shop.path, "current").said


def test_an_env_py_that_makes_the_application_itself_needs_no_other(shop: Shop, run: Runner) -> None:
    env = (shop.path / "migrations/env.py").read_text()
    shop.write("migrations/env.py", f"from web import create_app\n\ncreate_app().app_context().push()\n{env}")
    (shop.path / "app.py").rename(shop.path / "web.py")
    shop.write("migrations/alembic.ini", "[alembic]\nprepend_sys_path = .\n" + ini_without_section(shop))
    assert run(shop.path, "upgrade").status == 0
    assert shop.heads() == ["m"]


def ini_without_section(shop: Shop) -> str:
    return (shop.path / "migrations/alembic.ini").read_text().replace("[alembic]\n", "")
