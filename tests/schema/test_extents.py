"""What SQL and operations with computed names may touch, and which discrepancies they may therefore account for."""

from __future__ import annotations

import pytest

from gitmig.schema.drift import Side, new_drift
from gitmig.schema.elements import Schema
from gitmig.schema.extents import matches
from gitmig.schema.operations import decode
from gitmig.schema.replay import replay_chain
from gitmig.schema.scripts.facts import extract

HEAD = """
import sqlalchemy as sa
from alembic import op
from somewhere import names, preparer


def upgrade():
    for name, other in names():
        {call}
"""
COLUMNS = ("check", "column", "exclude", "foreign_key", "index", "primary_key")
CALLS = {
    "an index that is renamed": ('op.execute(f"ALTER INDEX {name} RENAME TO {other}")', (), ("name",)),
    "a constraint that is dropped": (
        'op.execute(f"ALTER TABLE {name} DROP CONSTRAINT {other}")',
        (),
        ("check", "exclude", "foreign_key", "index", "primary_key"),
    ),
    "a known column of any table": ('op.execute(f"ALTER TABLE {name} ADD COLUMN made integer")', ("*.made",), COLUMNS),
    "a type in a table of computed namespaces": (
        'op.execute(f\'ALTER TABLE "tenant_{name}"."{other}" ALTER COLUMN x TYPE bigint\')',
        ("tenant_*.*.x",),
        ("type",),
    ),
    "a known table of any namespace": (
        'op.execute(f"ALTER TABLE {name}.fields ADD COLUMN made integer")',
        ("*.fields.made", "fields.made"),
        COLUMNS,
    ),
    "a table with a known beginning": ('op.execute(f"DROP TABLE old_{name}")', ("old_*",), ("foreign_key", "table")),
    "text that is joined": (
        'op.execute(" ".join([f"ALTER TABLE {name}", "ALTER COLUMN x", "SET NOT NULL"]))',
        ("*.x",),
        ("nullable",),
    ),
    "a name in quotes": ("op.execute(f\"ALTER TABLE {preparer.quote('a')} DROP COLUMN {name}\")", ("a.*",), COLUMNS),
    "a key that is dropped by an operation": (
        'op.drop_constraint(name, other, type_="foreignkey")',
        (),
        ("foreign_key",),
    ),
    "a type that an operation changes": (
        "op.alter_column(name, other, type_=sa.BigInteger(), existing_type=sa.Integer())",
        (),
        ("type",),
    ),
    "a column that an operation adds": ('op.add_column(name, sa.Column("made", sa.Integer()))', ("*.made",), COLUMNS),
    "an index on a known table": ('op.create_index(name, "a", other)', ("a",), ("index",)),
}


@pytest.mark.parametrize(("call", "objects", "aspects"), CALLS.values(), ids=CALLS)
def test_what_it_may_touch(call: str, objects: tuple[str, ...], aspects: tuple[str, ...]) -> None:
    operations = extract(HEAD.replace("{call}", call).encode(), "r.py")["upgrade"]
    [unknown] = [each for each in operations if each["op"] == "unknown"]
    assert tuple(unknown["detail"]["objects"]) == objects
    assert tuple(sorted(unknown["detail"]["aspects"])) == aspects


def test_a_namespace_alone_is_nothing_unknown() -> None:
    text = HEAD.replace("{call}", 'op.execute(f"CREATE SCHEMA {name}")')
    assert extract(text.encode(), "r.py")["upgrade"] == []


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("*.made", "a.made", True),
        ("*.made", "a.other", False),
        ("old_*", "new", False),
    ],
)
def test_a_star_stands_for_what_is_computed(name: str, key: str, expected: bool) -> None:
    assert matches(name, key) is expected


def kinds(call: str) -> dict[str, str]:
    """The kind of each discrepancy where the models have `made` and a longer type beside what the chain has."""
    table = "op.create_table('a', sa.Column('x', sa.String(5)))"
    first = extract(HEAD.replace("for name, other in names():", "if True:").replace("{call}", table).encode(), "r.py")
    wanted = table.replace("String(5)", "String(9)")[:-1] + ", sa.Column('made', sa.Integer()))"
    models = extract(HEAD.replace("for name, other in names():", "if True:").replace("{call}", wanted).encode(), "m.py")
    steps = [decode(each) for each in first["upgrade"]]
    more = [decode(each) for each in extract(HEAD.replace("{call}", call).encode(), "s.py")["upgrade"]]
    local = Side(
        chain=replay_chain([("r", steps), ("s", more)]).schema,
        models=replay_chain([("m", [decode(each) for each in models["upgrade"]])]).schema,
    )
    found = new_drift(local, [Side(chain=Schema(), models=Schema())], [*steps, *more])
    return {item.object: item.kind for item in found.items if item.operation is not None}


def test_a_discrepancy_is_unknown_only_where_the_text_may_account_for_it() -> None:
    adds = 'op.execute(f"ALTER TABLE {name} ADD COLUMN made integer")'
    assert kinds(adds) == {"a.made": "unknown", "a.x": "mismatch"}
    types = 'op.execute(f"ALTER TABLE {name} ALTER COLUMN {other} TYPE varchar(9)")'
    assert kinds(types) == {"a.made": "missing", "a.x": "unknown"}
    renames = 'op.execute(f"ALTER INDEX {name} RENAME TO {other}")'
    assert kinds(renames) == {"a.made": "missing", "a.x": "mismatch"}
    assert kinds("op.execute(name)") == {"a.made": "unknown", "a.x": "unknown"}
