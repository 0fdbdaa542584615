"""What a verification hands to the project's Python, and what it keeps from it."""

from __future__ import annotations

import pytest

from gitmig.db.confine import is_file
from gitmig.db.scratch import scrubbed
from gitmig.db.snapshots import imported_files, key_of

URLS = {False: "sqlite:///s.db", True: "sqlite+aiosqlite:///s.db"}

VARIABLES = {
    "a URL": ("DATABASE_URL", "postgresql://u:p@prod/shop", "sqlite:///s.db"),
    "of a driver that awaits": ("DB", "postgresql+asyncpg://prod/shop", "sqlite+aiosqlite:///s.db"),
    "under any name": ("WHATEVER", "mysql+pymysql://prod/shop", "sqlite:///s.db"),
    "of SQLite": ("SQLALCHEMY_DATABASE_URI", "sqlite:////var/lib/real.db", "sqlite:///s.db"),
    "in the old spelling": ("X", "postgres://prod/shop", "sqlite:///s.db"),
    "a host": ("POSTGRES_HOST", "prod", None),
    "a password": ("APP_DB_PASSWORD", "secret", None),
    "libpq's own": ("PGSERVICE", "prod", None),
    "a name": ("DB_NAME", "shop", None),
    "a URL that is no URL": ("DATABASE_URL", "prod/shop", None),
    "another service": ("REDIS_URL", "redis://cache/0", "redis://cache/0"),
    "a web page": ("DOCS_URL", "https://example.org/db", "https://example.org/db"),
    "a word with db in it": ("FEEDBACK_DBG", "1", "1"),
    "a secret of the program": ("SECRET_KEY", "x", "x"),
    "where programs are": ("PATH", "/bin", "/bin"),
}


@pytest.mark.parametrize(("name", "value", "wanted"), VARIABLES.values(), ids=VARIABLES)
def test_variables(name: str, value: str, wanted: str | None) -> None:
    kept, changed = scrubbed({name: value}, [URLS])
    assert kept.get(name) == wanted
    assert changed == (() if wanted == value else (name,))


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ("/tmp/x/s.db", True),
        ("file:/tmp/x/s.db?mode=rwc", True),
        ("file:///tmp/x/s.db", True),
        ("/tmp/x/../x/s.db", True),
        (":memory:", True),
        ("", True),
        ("file::memory:?cache=shared", True),
        ("/tmp/x/t.db", False),
        ("file:/tmp/x/t.db?mode=memory", False),
        (b"/tmp/x/t.db", False),
        (3, False),
    ],
)
def test_the_scratch_file_and_no_other(given: object, same: bool) -> None:
    assert is_file(given, "/tmp/x/s.db") is same


def test_a_key_knows_every_text_and_what_is_around() -> None:
    keys = {
        key_of([b"a", b"b"], ["1"]),
        key_of([b"ab", b""], ["1"]),
        key_of([b"a", b"c"], ["1"]),
        key_of([b"a", b"b"], ["2"]),
    }
    assert len(keys) == 4
    assert key_of([b"a"], ["1"]) == key_of([b"a"], ["1"])


def test_modules_that_revisions_import_and_those_that_these_import() -> None:
    tree = {
        "shop/__init__.py": b"",
        "shop/steps.py": b"from shop import words\nimport os\n",
        "shop/words.py": b"",
        "shop/other.py": b"",
        "migrations/versions/a.py": b"from shop.steps import add\n",
    }
    revisions = {"migrations/versions/a.py": tree["migrations/versions/a.py"]}
    found = imported_files(revisions, tree, lambda paths: {path: tree[path] for path in paths})
    assert set(found) == {"shop/steps.py", "shop/__init__.py", "shop/words.py"}
