"""A made-up Alembic project of any size: revisions that run on SQLite and the models they add up to.

The mix follows large public versions folders: a median file of about 800 bytes, a mean of 1,000, tables with
indexes and foreign keys, added columns, batches, raw SQL, the older half in the template of older Alembic versions,
now and then two lines joined by a merge revision.  The same arguments give the same bytes.
"""

from __future__ import annotations

import datetime
import hashlib
import random
from dataclasses import dataclass, field

WORDS = """
account address audit badge billing branch budget campaign card cart channel claim client comment company contact
contract coupon credit customer delivery device digest discount document domain draft email entry event export feature
feed folder form group history image import invoice item job key label ledger license limit link location login
manifest market member message metric module network note offer option order owner package page parcel partner payment
permission plan policy post price product profile project promotion provider purchase queue quota rate receipt record
refund region release report request review role route rule sale schedule score search segment server session shipment
signal site slot snapshot source space stage status stock store stream supplier survey tag target task tax team
template tenant test theme ticket token topic track trade transfer unit update upload user vendor version view visit
voucher wallet widget window worker workspace zone
""".split()  # noqa: SIM905  (a list of a hundred literals reads worse)

COLUMN_TYPES = (
    ("sa.Integer()", "int"),
    ("sa.String(length=255)", "str"),
    ("sa.String(length=64)", "str"),
    ("sa.Text()", "str"),
    ("sa.Boolean()", "bool"),
    ("sa.DateTime()", "datetime.datetime"),
    ("sa.Numeric(precision=12, scale=2)", "decimal.Decimal"),
    ("sa.BigInteger()", "int"),
)
ANNOTATIONS = dict(COLUMN_TYPES)
INDEXABLE = tuple(name for name, _ in COLUMN_TYPES if "Text" not in name)


@dataclass(frozen=True)
class Revision:
    """One generated revision; `path` is relative to the project."""

    revision: str
    parents: tuple[str, ...]
    path: str
    text: str


@dataclass
class Project:
    """Everything but the repository around it.  `support` holds ini, env.py, template and models by path."""

    revisions: list[Revision]
    support: dict[str, str]

    def files(self) -> dict[str, str]:
        return {**self.support, **{revision.path: revision.text for revision in self.revisions}}


@dataclass
class _Writer:
    """Writes upgrade and downgrade bodies and remembers the schema that they add up to."""

    chance: random.Random
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    foreign_keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    indexes: dict[str, tuple[str, str]] = field(default_factory=dict)
    counter: int = 0

    def name(self, words: int = 1) -> str:
        self.counter += 1
        return "_".join([*(self.chance.choice(WORDS) for _ in range(words)), str(self.counter)])

    def new_column(self, table: str) -> tuple[str, str]:
        name, kind = self.name(), self.chance.choice(COLUMN_TYPES)[0]
        self.tables[table][name] = kind
        return name, f'sa.Column("{name}", {kind}, nullable=True)'

    def create_table(self) -> tuple[str, list[str], list[str]]:
        older, table = sorted(self.tables), self.name(2)
        self.tables[table] = {}
        columns = [self.new_column(table)[1] for _ in range(self.chance.randint(4, 14))]
        lines = ['sa.Column("id", sa.Integer(), nullable=False)', *columns]
        if older and self.chance.random() < 0.6:
            target, key = self.chance.choice(older), self.name() + "_id"
            self.foreign_keys[table] = (key, target)
            lines.append(f'sa.Column("{key}", sa.Integer(), nullable=True)')
            lines.append(f'sa.ForeignKeyConstraint(["{key}"], ["{target}.id"], name="fk_{table}_{key}")')
        lines.append('sa.PrimaryKeyConstraint("id")')
        body = "".join(f"        {line},\n" for line in lines)
        up, down = [f'    op.create_table(\n        "{table}",\n{body}    )'], [f'    op.drop_table("{table}")']
        if self.chance.random() < 0.7:
            _, index_up, index_down = self.create_index(table)
            up, down = up + index_up, index_down + down
        return f"create {table}", up, down

    def create_index(self, table: str) -> tuple[str, list[str], list[str]]:
        columns = [name for name, kind in self.tables[table].items() if kind in INDEXABLE]
        if not columns:
            return self.add_columns(table)
        column, index = self.chance.choice(columns), self.name()
        self.indexes[f"ix_{index}"] = (table, column)
        up = f'    op.create_index("ix_{index}", "{table}", ["{column}"], unique=False)'
        return f"index {table}", [up], [f'    op.drop_index("ix_{index}", table_name="{table}")']

    def add_columns(self, table: str) -> tuple[str, list[str], list[str]]:
        up, down = [], []
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            name, column = self.new_column(table)
            up.append(f'    op.add_column(\n        "{table}",\n        {column},\n    )')
            down.insert(0, f'    op.drop_column("{table}", "{name}")')
        return f"extend {table}", up, down

    def batch(self, table: str) -> tuple[str, list[str], list[str]]:
        name, column = self.new_column(table)
        head = f'    with op.batch_alter_table("{table}", schema=None) as batch_op:\n        batch_op.'
        return f"batch {table}", [f"{head}add_column({column})"], [f'{head}drop_column("{name}")']

    def raw_sql(self, table: str) -> tuple[str, list[str], list[str]]:
        column = self.chance.choice(sorted(self.tables[table]))
        up = []
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            words = ", ".join(f"'{self.chance.choice(WORDS)}'" for _ in range(self.chance.randint(2, 30)))
            up.append(
                "    # Backfilled in one pass: the table is small and nothing writes to it at night.\n"
                f'    op.execute(\n        """\n        UPDATE {table}\n           SET {column} = NULL\n'
                f'         WHERE {column} IN ({words})\n        """\n    )'
            )
        return f"clean {table}", up, ["    pass"]


def generate(count: int, merges: int = 0, seed: int = 0, quiet_tail: int = 0) -> Project:
    """`count` revisions with `merges` joined side lines; the last `quiet_tail` revisions change data only."""
    writer = _Writer(random.Random(seed * 1_000_003 + count))
    revisions: list[Revision] = []
    wanted_tables = min(400, max(8, count * 15 // 100))
    parents_of = graph(count, merges)
    ids = [hashlib.sha1(f"{seed}/{count}/{number}".encode()).hexdigest()[:12] for number in range(len(parents_of))]
    side = {number for number in range(1, len(parents_of)) if number - 1 not in parents_of[number]}
    side |= {number - 1 for number in side}
    for number, parents in enumerate(parents_of):
        message, up, down = _body(writer, number, count, parents, number in side, wanted_tables, quiet_tail)
        revisions.append(_revision(number, count, ids, parents, message, up, down))
    return Project(revisions, {**SUPPORT, **model_files(writer.tables, writer.indexes, writer.foreign_keys)})


def _body(
    writer: _Writer, number: int, count: int, parents: tuple[int, ...], beside: bool, wanted_tables: int, tail: int
) -> tuple[str, list[str], list[str]]:
    if len(parents) == 2:
        return "merge heads", ["    pass"], ["    pass"]
    if not writer.tables:
        return writer.create_table()
    table, roll = writer.chance.choice(sorted(writer.tables)), writer.chance.random()
    if number >= count - tail:
        return writer.raw_sql(table)
    if beside:  # two lines side by side may run in any order
        return writer.add_columns(table)
    if len(writer.tables) < wanted_tables and roll < max(0.15, wanted_tables / count):
        return writer.create_table()
    if roll < 0.55:
        return writer.add_columns(table)
    if roll < 0.65:
        return writer.batch(table)
    return writer.create_index(table) if roll < 0.78 else writer.raw_sql(table)


def graph(count: int, merges: int) -> list[tuple[int, ...]]:
    """Parents by number: a chain, with `merges` places where two revisions share a parent and are joined."""
    every = count // (merges + 1) if merges else count + 1
    parents: list[tuple[int, ...]] = [()]
    while len(parents) < count:
        number = len(parents)
        if merges and number % every == every // 2 and count - number >= 3:
            parents += [(number - 1,), (number - 1,), (number, number + 1)]
            merges -= 1
        else:
            parents.append((number - 1,))
    return parents


def _revision(
    number: int, count: int, ids: list[str], parents: tuple[int, ...], message: str, up: list[str], down: list[str]
) -> Revision:
    created = datetime.datetime(2015, 1, 5, 9, 0) + datetime.timedelta(hours=7 * number)
    names = tuple(ids[parent] for parent in parents)
    text = revision_text(ids[number], names, message, up, down, f"{created}.123456", old=number < count // 2)
    return Revision(ids[number], names, f"migrations/versions/{ids[number]}_{message.replace(' ', '_')}.py", text)


def revision_text(
    revision: str, parents: tuple[str, ...], message: str, up: list[str], down: list[str], created: str, old: bool
) -> str:
    quoted = [f'"{parent}"' for parent in parents]
    shown = {0: "None", 1: quoted[0] if quoted else ""}.get(len(quoted), f"({', '.join(quoted)})")
    template = OLD_TEMPLATE if old else NEW_TEMPLATE
    return template.format(
        message=message.capitalize(), revision=revision, revises=", ".join(parents), down=shown, created=created,
        up="\n".join(up), undo="\n".join(down),
    )  # fmt: skip


def model_files(
    tables: dict[str, dict[str, str]], indexes: dict[str, tuple[str, str]], foreign_keys: dict[str, tuple[str, str]]
) -> dict[str, str]:
    """Declarative models, ten tables a file."""
    names, files, modules = list(tables), {}, []
    for start in range(0, len(names), 10):
        module = f"models_{start // 10:03d}"
        modules.append(module)
        classes = [_model(name, tables[name], indexes, foreign_keys.get(name)) for name in names[start : start + 10]]
        files[f"app/models/{module}.py"] = MODEL_HEAD + "".join(classes)
    imports = "".join(f"from app.models import {module}\n" for module in modules)
    files["app/__init__.py"] = ""
    files["app/models/__init__.py"] = f'from app.models.base import Base\n{imports}\n__all__ = ["Base"]\n'
    files["app/models/base.py"] = (
        "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n"
    )
    return files


def _model(
    table: str, columns: dict[str, str], indexes: dict[str, tuple[str, str]], foreign_key: tuple[str, str] | None
) -> str:
    lines = ["", "", f"class {table.title().replace('_', '')}(Base):", f'    __tablename__ = "{table}"']
    mine = [f'sa.Index("{name}", "{column}"),' for name, (owner, column) in indexes.items() if owner == table]
    if mine:
        lines += ["    __table_args__ = (", *(f"        {line}" for line in mine), "    )"]
    lines.append("    id: Mapped[int] = mapped_column(sa.Integer(), primary_key=True)")
    for name, kind in columns.items():
        lines.append(f"    {name}: Mapped[{ANNOTATIONS[kind]} | None] = mapped_column({kind})")
    if foreign_key:
        key, target = foreign_key
        reference = f'sa.ForeignKey("{target}.id", name="fk_{table}_{key}")'
        lines.append(f"    {key}: Mapped[int | None] = mapped_column(sa.Integer(), {reference})")
    return "\n".join(lines) + "\n"


MODEL_HEAD = """from __future__ import annotations

import datetime
import decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
"""

OLD_TEMPLATE = '''"""{message}

Revision ID: {revision}
Revises: {revises}
Create Date: {created}

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '{revision}'
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade():
{up}


def downgrade():
{undo}
'''

NEW_TEMPLATE = '''"""{message}

Revision ID: {revision}
Revises: {revises}
Create Date: {created}

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = '{revision}'
down_revision: Union[str, Sequence[str], None] = {down}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
{up}


def downgrade() -> None:
    """Downgrade schema."""
{undo}
'''

ENV = """from alembic import context
from sqlalchemy import engine_from_config, pool

from app.models import Base

config = context.config
target_metadata = Base.metadata


def run_migrations_offline() -> None:
    context.configure(url=config.get_main_option("sqlalchemy.url"), target_metadata=target_metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    connectable = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"""

INI = """[alembic]
script_location = %(here)s/migrations
prepend_sys_path = .
path_separator = os
sqlalchemy.url = sqlite:///%(here)s/app.db
"""

MAKO = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

SUPPORT = {
    "alembic.ini": INI,
    "migrations/env.py": ENV,
    "migrations/script.py.mako": MAKO,
    ".gitignore": "__pycache__/\n*.db\n",
    "README.md": "# Measured\n",
}
