"""SQL that a revision reads from a file of the tree is read as if it stood in the revision."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import pytest

from gitmig.schema.scripts.facts import extract

PLACE = "migrations/versions/a.py"
SQL = b"CREATE TABLE t (id INTEGER);\nALTER TABLE t ADD COLUMN x INTEGER;\n"
BESIDE, ABOVE, DATA = "/<tree>/migrations/versions/a.sql", "/<tree>/migrations/sql/a.sql", "/<package shop.data>/a.sql"
READ = ["create_table", "add_column"]
HEADER = """
import codecs, io, os, pkgutil
import importlib.resources
from importlib.resources import files
from os.path import abspath, dirname, join
from pathlib import Path
import sqlalchemy as sa
from alembic import op
"""


def facts(upgrade: str, top: str = "", trees: dict[str, bytes] | None = None, place: str = PLACE) -> dict[str, Any]:
    """The facts once every file that is asked for was given, or is known not to be there."""
    source = f"{HEADER}\n{dedent(top)}\ndef upgrade():\n{indent(dedent(upgrade).strip(), '    ')}\n"
    there = {BESIDE: SQL, ABOVE: SQL, DATA: SQL} if trees is None else trees
    given: dict[str, tuple[str, bytes] | None] = {}
    for _ in range(5):
        found = extract(source.encode(), "", given, place if "/" in given else "")
        if not found["wanted"]:
            break
        given |= {name: (name[8:], there[name]) if name in there else None for name in found["wanted"]}
    return {**found, "asked": sorted(given)}


def told(found: dict[str, Any]) -> list[str]:
    return [each["op"] for each in found["upgrade"]]


FORMS = {
    "open": ("", "op.execute(open(__file__.replace('.py', '.sql')).read())"),
    "with open": ("", "with open(os.path.splitext(__file__)[0] + '.sql') as f:\n    op.execute(sa.text(f.read()))"),
    "io.open": ("", "op.execute(io.open(f'{dirname(__file__)}/a.sql', 'r').read())"),
    "codecs.open": ("", "f = codecs.open(join(dirname(__file__), 'a.sql'), encoding='utf-8')\nop.execute(f.read())"),
    "a path with another suffix": ("", "op.execute(Path(__file__).with_suffix('.sql').read_text(encoding='utf-8'))"),
    "a path with another name": ("", "with Path(__file__).with_name('a.sql').open() as f:\n    op.execute(f.read())"),
    "a folder of the module": (
        "HERE = Path(__file__).resolve().parent",
        "op.execute((HERE.parent / 'sql' / 'a.sql').read_text())",
    ),
    "parents": ("", "op.execute(Path(__file__).parents[1].joinpath('sql', 'a.sql').read_text())"),
    "up and down": ("", "op.execute(open(join(dirname(abspath(__file__)), '..', 'sql', 'a.sql')).read())"),
    "a text of the module": (
        "with open(join(dirname(__file__), 'a.sql')) as file:\n    TEXT = file.read().strip()",
        "op.get_bind().execute(sa.text(TEXT))",
    ),
    "a function that runs it": (
        "def run(name):\n    with open(join(dirname(__file__), name)) as f:\n        op.execute(f.read())",
        "run('a.sql')",
    ),
    "a function that gives it": (
        "def load(name):\n    with open(join(dirname(__file__), name)) as f:\n        return f.read()",
        "op.execute(load('a.sql'))",
    ),
    "its statements": (
        "",
        "for each in Path(__file__).with_suffix('.sql').read_text().split(';'):\n    op.execute(each)",
    ),
    "a list of names": ("", "for name in ['a.sql']:\n    op.execute(open(join(dirname(__file__), name)).read())"),
    "resources.read_text": ("", "op.execute(importlib.resources.read_text('shop.data', 'a.sql'))"),
    "resources.files": ("", "op.execute(files('shop.data').joinpath('a.sql').read_text())"),
    "pkgutil.get_data": ("", "op.execute(pkgutil.get_data('shop.data', 'a.sql').decode('utf-8'))"),
}


@pytest.mark.parametrize(("top", "upgrade"), FORMS.values(), ids=FORMS)
def test_sql_of_a_file_is_read(top: str, upgrade: str) -> None:
    assert told(facts(upgrade, top)) == READ


UNKNOWN = {
    "a path of wherever it runs": ("op.execute(open('migrations/sql/a.sql').read())", "what is executed is computed"),
    "a path above the tree": (
        "op.execute(open(join(dirname(__file__), '../../../a.sql')).read())",
        "what is executed is computed",
    ),
    "a computed name": (
        "op.execute(open(join(dirname(__file__), os.environ['SQL'])).read())",
        "what is executed is computed",
    ),
    "another encoding": (
        "op.execute(open(__file__.replace('.py', '.sql'), encoding='cp1252').read())",
        "what is executed is computed",
    ),
    "a file that is not there": (
        "op.execute(open(join(dirname(__file__), 'b.sql')).read())",
        "migrations/versions/b.sql is not in the tree, or too large",
    ),
    "bytes that are no text": (
        "op.execute(open(join(dirname(__file__), 'latin.sql')).read())",
        "migrations/versions/latin.sql is not UTF-8",
    ),
}


@pytest.mark.parametrize(("upgrade", "why"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_read_is_unknown(upgrade: str, why: str) -> None:
    found = facts(upgrade, trees={BESIDE: SQL, "/<tree>/migrations/versions/latin.sql": b"-- \xe9"})
    assert [(each["op"], each["detail"]["why"]) for each in found["upgrade"]] == [("unknown", why)]


def test_a_long_file_is_read() -> None:
    long = b"-- a line that says nothing\n" * 3000 + SQL
    found = facts("op.execute(Path(__file__).with_suffix('.sql').read_text().strip())", trees={BESIDE: long})
    assert told(found) == READ


AMPLIFIED = {
    "an f-string": "op.execute(f'{text}{text}')",
    "a sum of texts": "op.execute('SELECT 1;' + ' '.join([text] * 1000))",
    "a value of format": "op.execute('{0}{0}{0}{0}{0}{0}{0}{0}'.format(text))",
    "a loop": "for n in range(500):\n    op.execute(text)",
}


@pytest.mark.parametrize("upgrade", AMPLIFIED.values(), ids=AMPLIFIED)
def test_a_long_file_is_not_multiplied(upgrade: str) -> None:
    long = b"-- a line that says nothing\n" * 30_000 + SQL
    found = facts(f"text = Path(__file__).with_suffix('.sql').read_text()\n{upgrade}", trees={BESIDE: long})
    assert "unknown" in told(found)


def test_the_place_matters_only_to_a_script_that_opens_files() -> None:
    assert facts("op.execute('DROP TABLE t')")["asked"] == []
    assert facts("op.execute(open(__file__ + '.sql').read())")["asked"] == ["/", "/<tree>/migrations/versions/a.py.sql"]
