"""A revision file says what it does to a database, without being run."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import pytest

from gitmig.schema.operations import Operation, decode
from gitmig.schema.scripts.facts import extract

HEADER = """
import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import mysql, postgresql
from app.helpers import add_columns
"""


def facts(upgrade: str, *, top: str = "", downgrade: str = "pass", **named: Any) -> dict[str, Any]:
    def body(text: str) -> str:
        return indent(dedent(text).strip(), "    ")

    source = f"{HEADER}\n{dedent(top)}\ndef upgrade():\n{body(upgrade)}\n\ndef downgrade():\n{body(downgrade)}\n"
    return extract(source.encode(), "versions/a.py", **named)


def operations(upgrade: str, **named: Any) -> list[Operation]:
    return [decode(each) for each in facts(upgrade, **named)["upgrade"]]


def told(upgrade: str, **named: Any) -> list[str]:
    """Each operation as a line; "?" behind a conditional one."""
    return [
        " ".join(part for part in (each.op, each.table, each.name) if part) + ("?" if each.conditional else "")
        for each in operations(upgrade, **named)
    ]


CALLS = {
    "create table": ("op.create_table('t', sa.Column('id', sa.Integer()))", ["create_table t"]),
    "create table with a schema": ("op.create_table('t', schema='s')", ["create_table s.t"]),
    "drop table": ("op.drop_table('t')", ["drop_table t"]),
    "rename table": ("op.rename_table('t', 'u', schema='s')", ["rename_table s.t"]),
    "add column": ("op.add_column('t', sa.Column('x', sa.Integer()))", ["add_column t x"]),
    "add column with index, unique and foreign key": (
        """
        op.add_column('t', sa.Column('x', sa.Integer(), sa.ForeignKey('u.id'), index=True))
        op.add_column('t', sa.Column('y', sa.Integer(), unique=True))
        """,
        ["add_column t x", "create_foreign_key t", "create_index t ix_t_x", "add_column t y", "create_unique t"],
    ),
    "drop column": ("op.drop_column('t', 'x')", ["drop_column t x"]),
    "alter column": ("op.alter_column('t', 'x', nullable=False)", ["alter_column t x"]),
    "rename column": ("op.alter_column('t', 'x', new_column_name='y')", ["rename_column t x"]),
    "rename and alter": (
        "op.alter_column('t', 'x', new_column_name='y', nullable=True)",
        ["alter_column t x", "rename_column t x"],
    ),
    "an alteration of nothing": ("op.alter_column('t', 'x', existing_type=sa.Integer())", []),
    "create index": ("op.create_index(op.f('ix'), 't', ['a', sa.text('lower(b)')])", ["create_index t ix"]),
    "drop index": ("op.drop_index('ix', table_name='t')", ["drop_index t ix"]),
    "drop index without a table": ("op.drop_index('ix')", ["drop_index ix"]),
    "primary key": ("op.create_primary_key('pk', 't', ['id'])", ["create_primary_key t pk"]),
    "unique": ("op.create_unique_constraint(None, 't', ['a'])", ["create_unique t"]),
    "foreign key": ("op.create_foreign_key('fk', 't', 'u', ['a'], ['id'])", ["create_foreign_key t fk"]),
    "check": ("op.create_check_constraint('ck', 't', sa.column('a') > 0)", ["create_check t ck"]),
    "exclude": ("op.create_exclude_constraint('ex', 't', ('a', '='))", ["create_exclude t ex"]),
    "drop constraint": ("op.drop_constraint('uq', 't', type_='unique')", ["drop_constraint t uq"]),
    "comments": (
        "op.create_table_comment('t', 'x'); op.drop_table_comment('t')",
        ["set_comment t", "set_comment t"],
    ),
    "batch": (
        """
        with op.batch_alter_table('t', schema=None) as batch_op:
            batch_op.add_column(sa.Column('x', sa.Integer()))
            batch_op.alter_column('y', nullable=True)
            batch_op.drop_column('z')
            batch_op.create_index(batch_op.f('ix'), ['x'])
            batch_op.drop_index('ix2')
            batch_op.create_foreign_key('fk', 'u', ['x'], ['id'])
            batch_op.create_unique_constraint('uq', ['x'])
            batch_op.drop_constraint('old', type_='foreignkey')
        """,
        [
            "add_column t x",
            "alter_column t y",
            "drop_column t z",
            "create_index t ix",
            "drop_index t ix2",
            "create_foreign_key t fk",
            "create_unique t uq",
            "drop_constraint t old",
        ],
    ),
    "bulk insert": ("op.bulk_insert(sa.table('t', sa.column('x')), [{'x': 1}])", ["data t"]),
    "bulk insert into what was just made": (
        "t = op.create_table('t'); op.bulk_insert(t, [])",
        ["create_table t", "data t"],
    ),
    "an enum by hand": (
        """
        kind = sa.Enum('a', 'b', name='kind')
        kind.create(op.get_bind(), checkfirst=True)
        op.add_column('t', sa.Column('k', kind))
        postgresql.ENUM(name='old').drop(op.get_bind())
        """,
        ["create_enum kind", "add_column t k", "drop_enum old"],
    ),
    "a table by hand": (
        """
        t = sa.Table('t', sa.MetaData(), sa.Column('id', sa.Integer()))
        t.create(op.get_bind())
        t.drop(op.get_bind())
        """,
        ["create_table t", "drop_table t"],
    ),
    "what changes no schema": (
        "bind = op.get_bind(); context.get_x_argument(); print(bind.dialect.name); sa.inspect(bind).get_columns('t')",
        [],
    ),
}


@pytest.mark.parametrize(("upgrade", "expected"), CALLS.values(), ids=CALLS)
def test_call(upgrade: str, expected: list[str]) -> None:
    assert told(upgrade) == expected


FLOW = {
    "a helper of the file": (
        "add('x'); add('y', table='u')",
        "def add(name, table='t'):\n    op.add_column(table, sa.Column(name, sa.Integer()))",
        ["add_column t x", "add_column u y"],
    ),
    "a loop over literals": (
        "for table, name in [('t', 'x'), ('u', 'y')]: op.drop_column(table, name)",
        "",
        ["drop_column t x", "drop_column u y"],
    ),
    "a loop over rows of different length": (
        "for name, *rest in [('x', True), ('y',)]:\n"
        "        op.add_column('t', sa.Column(name, sa.Integer(), nullable=rest[0] if rest else False))",
        "",
        ["add_column t x", "add_column t y"],
    ),
    "geospatial operations": (
        "op.add_geospatial_column('t', sa.Column('g', sa.Text())); op.create_geospatial_index('ix', 't', ['g'])",
        "",
        ["add_column t g"],
    ),
    "a loop over a constant of the file": (
        "for table in TABLES: op.drop_table(table)",
        "TABLES = ('t', 'u')",
        ["drop_table t", "drop_table u"],
    ),
    "a loop over a dict": ("for k, v in {'t': 'x'}.items(): op.drop_column(k, v)", "", ["drop_column t x"]),
    "a comprehension": ("[op.drop_table(f'{name}s') for name in 'ab']", "", ["drop_table as", "drop_table bs"]),
    "a list that is filled first": (
        "names = []\nfor n in ('a', 'b'): names.append(n + '1')\nfor n in names: op.drop_table(n)",
        "",
        ["drop_table a1", "drop_table b1"],
    ),
    "columns from a helper": (
        "op.create_table('t', *columns()); op.add_column('t', column('x'))",
        "def columns(): return [column('id')]\ndef column(name): return sa.Column(name, sa.Integer())",
        ["create_table t", "add_column t x"],
    ),
    "both branches of what is not known": (
        "if context.get_x_argument(): op.drop_table('t')\nelse: op.drop_table('u')\nop.drop_table('v')",
        "",
        ["drop_table t?", "drop_table u?", "drop_table v"],
    ),
    "the branch that is known": (
        "if FLAG: op.drop_table('t')\nelse: op.drop_table('u')",
        "FLAG = False",
        ["drop_table u"],
    ),
    "offline mode is not what matters": (
        "if context.is_offline_mode(): return\nop.drop_table('t')",
        "",
        ["drop_table t"],
    ),
    "an early return": ("if asked(): return\nop.drop_table('t')", "from x import asked", ["drop_table t?"]),
    "a refusal": ("if asked(): raise ValueError\nop.drop_table('t')", "from x import asked", ["drop_table t"]),
    "two dialects": (
        """
        if op.get_bind().dialect.name == 'sqlite':
            with op.batch_alter_table('t') as batch: batch.alter_column('x', nullable=True)
        else:
            op.alter_column('t', 'x', nullable=False)
        """,
        "",
        ["alter_column t x?"],
    ),
    "try": (
        "try: op.drop_table('t')\nexcept Exception: pass\nfinally: op.drop_table('u')",
        "",
        ["drop_table t?", "drop_table u"],
    ),
    "with": ("with op.get_context().autocommit_block(): op.drop_table('t')", "", ["drop_table t"]),
    "a wrapper of op": (
        "op = Progress(alembic_op)\nop.drop_table('t')",
        "from alembic import op as alembic_op\nfrom x import Progress",
        ["drop_table t"],
    ),
    "a function inside": ("def inner(n): op.drop_table(n)\ninner('t')", "", ["drop_table t"]),
    "a lambda": ("drop = lambda n: op.drop_table(n)\ndrop('t')", "", ["drop_table t"]),
}  # fmt: skip


@pytest.mark.parametrize(("upgrade", "top", "expected"), FLOW.values(), ids=FLOW)
def test_flow(upgrade: str, top: str, expected: list[str]) -> None:
    assert told(upgrade, top=top) == expected


EXECUTED = {
    "text": ("op.execute('ALTER TABLE t ADD COLUMN x INT')", ["add_column t x"]),
    "sa.text": ("op.execute(sa.text('DROP TABLE t'))", ["drop_table t"]),
    "by the connection": ("op.get_bind().execute(sa.text('UPDATE t SET x = 1'))", ["data t"]),
    "by a variable": ("bind = op.get_bind()\nbind.execute(sa.text('DELETE FROM t'))", ["data t"]),
    "an f-string of constants": ("name = 't'\nop.execute(f'DROP TABLE {name}')", ["drop_table t"]),
    "%": ("op.execute('DROP TABLE %s' % 't')", ["drop_table t"]),
    "format": ("op.execute('DROP TABLE {}'.format('t'))", ["drop_table t"]),
    "rows with a value nobody knows": ("op.execute(f'UPDATE t SET x = {make()}')", ["data t"]),
    "constructs": (
        """
        t = sa.table('t', sa.column('x'))
        op.execute(t.update().where(t.c.x == 1).values(x=2))
        op.execute(sa.delete(t))
        """,
        ["data t", "data t"],
    ),
    "a query": ("rows = op.get_bind().execute(sa.select(sa.text('1'))).fetchall()", []),
    "rows in a loop over a query": (
        "for row in op.get_bind().execute(sa.text('SELECT 1')): op.execute(f'INSERT INTO t VALUES ({row.x})')",
        ["data t?"],
    ),
    "DDL elements": ("op.execute(sa.schema.CreateSequence(sa.Sequence('x')))", []),
    "a statement nobody understands": ("op.execute('FROBNICATE TABLE t')", ["unknown"]),
    "a table nobody knows": ("op.execute(f'DROP TABLE {make()}')", ["unknown"]),
}


@pytest.mark.parametrize(("upgrade", "expected"), EXECUTED.values(), ids=EXECUTED)
def test_execute(upgrade: str, expected: list[str]) -> None:
    assert told(upgrade, top="from x import make") == expected


UNKNOWNS = {
    "a computed table": ("op.drop_table(make())", ()),
    "a computed column names its table": ("op.drop_column('t', make())", ("t",)),
    "in a batch": ("with op.batch_alter_table('t') as b: b.drop_column(make())", ("t",)),
    "a helper that was not given": ("add_columns(op)", ()),
    "the tables of the models": ("Base.metadata.create_all(op.get_bind())", ()),
    "an operation of a plugin": ("op.frobnicate('t')", ()),
}


@pytest.mark.parametrize(("upgrade", "objects"), UNKNOWNS.values(), ids=UNKNOWNS)
def test_unknown_has_a_place_and_its_objects(upgrade: str, objects: tuple[str, ...]) -> None:
    (operation,) = operations(upgrade, top="from x import make\nfrom app.models import Base")
    assert (operation.op, operation.detail["objects"]) == ("unknown", objects)
    assert operation.origin.path == "versions/a.py"
    assert operation.origin.line > 0
    assert operation.detail["why"]


class TestDetails:
    def test_of_a_table(self) -> None:
        (operation,) = operations(
            """
            op.create_table(
                't',
                sa.Column('id', sa.Integer(), nullable=False),
                sa.Column('a', sa.String(50), server_default='x', index=True),
                sa.PrimaryKeyConstraint('id', name='pk_t'),
                sa.ForeignKeyConstraint(['a'], ['u.id'], name='fk', ondelete='CASCADE'),
                sa.UniqueConstraint('a'),
                comment='c',
            )
            """
        )
        table = operation.detail["table"]
        assert [(each.name, each.type.family, each.nullable) for each in table.columns] == [
            ("id", "integer", False),
            ("a", "string", True),
        ]
        assert table.columns[1].server_default == "'x'"
        assert (table.primary_key.columns, table.primary_key.name, table.comment) == (("id",), "pk_t", "c")
        assert (table.foreign_keys[0].referred, table.foreign_keys[0].ondelete) == ("u", "CASCADE")
        assert [index.name for index in table.indexes] == ["ix_t_a"]
        assert table.uniques[0].columns == ("a",)

    def test_of_an_alteration(self) -> None:
        (operation,) = operations(
            """
            op.alter_column(
                't', 'x', type_=sa.Text(), server_default=None, existing_type=sa.String(9), nullable=make()
            )
            """,
            top="from x import make",
        )
        assert operation.detail["set"]["type"].family == "text"
        assert operation.detail["set"]["server_default"] is None
        assert operation.detail["was"]["type"].length == 9
        assert operation.detail["unknown"] == ("nullable",)

    def test_of_a_dropped_constraint(self) -> None:
        (operation,) = operations("op.drop_constraint(op.f('fk'), 't', type_='foreignkey')")
        assert operation.detail["kind"] == "foreign_key"

    def test_the_line_is_that_of_the_call(self) -> None:
        (operation,) = operations("op.drop_table('t')")
        assert (operation.origin.path, operation.origin.line) == ("versions/a.py", 9)


def test_what_sqlite_does_instead_is_marked() -> None:
    made, instead = operations(
        """
        if op.get_bind().dialect.name == 'sqlite':
            op.drop_table('t')
        else:
            op.drop_column('t', 'x')
        """
    )
    assert (made.op, "alternative" in made.detail) == ("drop_column", False)
    assert (instead.op, instead.detail["alternative"]) == ("drop_table", True)


def test_a_revision_that_was_not_foreseen_is_unknown_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("gitmig.schema.scripts.facts.Follower.follow", fails)
    (gap,) = operations("op.drop_table('t')")
    assert (gap.op, gap.detail["why"]) == ("unknown", "a bug in gitmig: KeyError: 'x'")


class TestHelpersOfTheTree:
    TOP = "from app.helpers import add_columns"
    HELPER = (
        b"import sqlalchemy as sa\nfrom alembic import op\ndef add_columns(table):\n    op.drop_column(table, 'x')\n"
    )

    def test_are_wanted(self) -> None:
        assert facts("add_columns('t')")["wanted"] == ["app.helpers", "app.helpers.add_columns"]

    def test_are_not_wanted_when_nothing_uses_them(self) -> None:
        assert facts("pass")["wanted"] == []

    def test_are_followed_once_they_are_given(self) -> None:
        given = {"app.helpers": ("app/helpers.py", self.HELPER)}
        found = facts("add_columns('t')", helpers=given)
        (operation,) = (decode(each) for each in found["upgrade"])
        assert (operation.op, operation.table, operation.name) == ("drop_column", "t", "x")
        assert (operation.origin.path, operation.origin.line) == ("app/helpers.py", 4)
        assert found["wanted"] == []

    PACKAGE = b"from sqlalchemy import CHAR, TypeDecorator\nclass GUID(TypeDecorator):\n    impl = CHAR(36)\n"

    def test_reached_through_their_package(self) -> None:
        """Alembic renders a type of the project so, beside `import shop`."""
        column = "op.add_column('t', sa.Column('x', shop.types.GUID()))"
        assert facts(column, top="import shop")["wanted"] == ["shop", "shop.types"]
        given = {"shop": ("shop/__init__.py", b""), "shop.types": ("shop/types.py", self.PACKAGE)}
        (added,) = (decode(each) for each in facts(column, top="import shop", helpers=given)["upgrade"])
        assert (added.detail["column"].type.family, added.detail["column"].type.length) == ("char", 36)

    def test_reached_below_a_package_that_is_imported_by_its_dotted_name(self) -> None:
        column = "op.add_column('t', sa.Column('x', shop.db.types.GUID()))"
        assert "shop.db.types" in facts(column, top="import shop.db")["wanted"]
        given = {"shop": None, "shop.db": ("shop/db/__init__.py", b""), "shop.db.types": ("shop/t.py", self.PACKAGE)}
        (added,) = (decode(each) for each in facts(column, top="import shop.db", helpers=given)["upgrade"])
        assert added.detail["column"].type.length == 36


class TestNamesThatAreComputed:
    """What is created is told apart by its columns; what is dropped by its name alone."""

    CREATED = (
        "op.create_foreign_key(named(), 't', 'u', ['a'], ['id'])",
        "op.create_unique_constraint(named(), 't', ['a'])",
        "op.create_index(named(), 't', ['a'])",
    )

    @pytest.mark.parametrize("line", CREATED)
    def test_of_what_is_created_count_as_none(self, line: str) -> None:
        (operation,) = operations(line, top="from lib import named")
        assert operation.op.startswith("create_")
        assert (operation.table, operation.name) == ("t", "")

    def test_of_what_is_dropped_are_unknown(self) -> None:
        (operation,) = operations("op.drop_constraint(named(), 't', type_='unique')", top="from lib import named")
        assert (operation.op, operation.detail["objects"]) == ("unknown", ("t",))


FORMERLY = {
    "check": ("op.create_check_constraint(name='ck', source='t', condition='a > 0')", "create_check t ck"),
    "unique": ("op.create_unique_constraint(name='uq', source='t', local_cols=['a'])", "create_unique t uq"),
    "index": ("op.create_index(name='ix', tablename='t', columns=['a'])", "create_index t ix"),
    "drop index": ("op.drop_index(name='ix', tablename='t')", "drop_index t ix"),
    "drop constraint": ("op.drop_constraint(name='uq', tablename='t', type_='unique')", "drop_constraint t uq"),
    "foreign key": (
        "op.create_foreign_key(name='fk', source='t', referent='u', local_cols=['a'], remote_cols=['id'])",
        "create_foreign_key t fk",
    ),
}


@pytest.mark.parametrize(("line", "operation"), FORMERLY.values(), ids=FORMERLY)
def test_names_that_parameters_had_before_alembic_0_8(line: str, operation: str) -> None:
    assert told(line) == [operation]


def test_one_entry_of_a_list_is_read_although_others_are_not_values() -> None:
    top = "NEW = [{'name': 'url', 'type': sa.Unicode(length=9)}, {'name': 'ok', 'type': sa.Boolean}]"
    found = operations("for item in NEW:\n    op.add_column('t', sa.Column(item['name'], item['type']))", top=top)
    assert [(each.name, each.detail["column"].type.family) for each in found] == [("url", "string"), ("ok", "boolean")]


class TestFile:
    def test_empty(self) -> None:
        assert facts("pass")["empty"] == {"upgrade": True, "downgrade": True}
        assert facts("'''Nothing to do.'''", downgrade="op.drop_table('t')")["empty"] == {
            "upgrade": True,
            "downgrade": False,
        }

    def test_a_closed_way_back_is_not_empty(self) -> None:
        found = facts("pass", downgrade="raise NotImplementedError")
        assert (found["empty"]["downgrade"], found["raises"]["downgrade"]) == (False, True)

    def test_imports(self) -> None:
        assert {"module": "app.helpers", "names": ["add_columns"], "line": 5} in facts("pass")["imports"]

    def test_one_database_of_several(self) -> None:
        found = extract(
            b"from alembic import op\n"
            b"def upgrade(engine_name):\n    globals()['upgrade_%s' % engine_name]()\n"
            b"def upgrade_one():\n    op.drop_table('t')\n"
            b"def upgrade_two():\n    op.drop_table('u')\n"
        )
        assert [each["table"] for each in found["databases"]["two"]["upgrade"]] == ["u"]
        assert [each["table"] for each in found["upgrade"]] == ["t", "u"]

    def test_what_is_done_for_the_names_that_it_asks_for(self) -> None:
        found = extract(
            b"from alembic import op\n"
            b"def upgrade(engine_name):\n"
            b"    if engine_name == 'one':\n        op.drop_table('t')\n"
            b"    elif engine_name in ('two', 'three'):\n        op.drop_table('u')\n"
            b"    else:\n        op.drop_table('v')\n"
        )
        tables = {name: [each["table"] for each in done["upgrade"]] for name, done in found["databases"].items()}
        assert tables == {"one": ["t"], "two": ["u"], "three": ["u"]}
        assert [each["table"] for each in found["otherwise"]["upgrade"]] == ["v"]

    def test_an_argument_with_a_default_is_no_database(self) -> None:
        found = extract(b"def upgrade(plugins=None):\n    pass\n")
        assert "databases" not in found
        assert "otherwise" not in found

    @pytest.mark.parametrize("source", [b"def upgrade(:", b"\xff\xfe\x00", b"", b"upgrade = 3"])
    def test_any_bytes_give_facts(self, source: bytes) -> None:
        found = extract(source, "versions/a.py")
        assert {"upgrade", "downgrade", "empty", "imports", "problems"} <= found.keys()

    def test_a_file_that_does_not_parse_may_do_anything(self) -> None:
        found = extract(b"def upgrade(:", "versions/a.py")
        assert [each["op"] for each in found["upgrade"]] == ["unknown"]
        assert found["problems"]

    def test_a_script_without_end_is_left(self) -> None:
        assert told("def again():\n    op.drop_table('t')\n    again()\nagain()")[-1] == "unknown"

    def test_a_function_that_calls_itself_and_runs_nothing_is_nothing(self) -> None:
        assert told("def depth(x):\n    return depth(x[0])\ndepth([])\nop.drop_table('t')") == ["drop_table t"]


CLASSES = """
from app.models import Author
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Stamped:
    created = sa.Column(sa.DateTime)


class Shop(Base, Stamped):
    __tablename__ = "shop"
    id = sa.Column(sa.Integer, primary_key=True)


class Sale(Base):
    __tablename__ = "sale"
    __table_args__ = (sa.Index("ix_sale_day", "day"),)
    id = sa.Column(sa.Integer, primary_key=True)
    day = sa.Column(sa.Date, nullable=False)
    shop_id = sa.Column(sa.ForeignKey(Shop.id))
"""


class TestClassesOfTheRevision:
    def test_are_made_as_they_stand_there(self) -> None:
        shop, sale = operations(
            "Shop.__table__.create(op.get_bind())\nSale.__table__.create(bind=op.get_bind())", top=CLASSES
        )
        assert (shop.op, [each.name for each in shop.detail["table"].columns]) == ("create_table", ["id", "created"])
        table = sale.detail["table"]
        assert [(each.name, each.nullable) for each in table.columns] == [
            ("id", False),
            ("day", False),
            ("shop_id", True),
        ]
        assert [(each.columns, each.referred) for each in table.foreign_keys] == [(("shop_id",), "shop")]
        assert [each.name for each in table.indexes] == ["ix_sale_day"]

    def test_that_are_searched_may_have_the_index_that_goes_with_it(self) -> None:
        top = f"{CLASSES}    text = sa.Column(TSVectorType('day'))\n"
        assert told(
            "Sale.__table__.create(op.get_bind())", top=f"from sqlalchemy_utils import TSVectorType\n{top}"
        ) == [
            "create_table sale",
            "create_index sale ix_sale_text?",
        ]

    def test_are_dropped_and_listed(self) -> None:
        assert told("Sale.__table__.drop(op.get_bind())", top=CLASSES) == ["drop_table sale"]
        listed = "Base.metadata.create_all(op.get_bind(), tables=[Shop.__table__])"
        assert told(listed, top=CLASSES) == ["create_table shop"]

    def test_of_the_project_are_what_they_are_today(self) -> None:
        helpers = {"app.models": ("app/models.py", (HEADER + CLASSES.replace("Shop", "Author")).encode())}
        assert told("Author.__table__.create(op.get_bind())", top=CLASSES, helpers=helpers) == ["unknown"]


DROP = "op.drop_constraint(key['name'], 't', type_='foreignkey')"
MAKE = (
    "op.create_foreign_key(key['name'], 't', key['referred_table'], key['constrained_columns'], "
    "key['referred_columns'], ondelete=key['options'].get('ondelete'))"
)
OF_T = "for key in sa.inspect(op.get_bind()).get_foreign_keys('t'):"
RESTORED = {
    "dropped and made again": (
        f"{OF_T}\n    {DROP}\nop.drop_column('t', 'x')\n{OF_T}\n    {MAKE}",
        ["drop_column t x"],
    ),
    "those of one column": (f"{OF_T}\n    if key['constrained_columns'] == ['x']:\n        {DROP}\n        {MAKE}", []),
    "only dropped": (f"{OF_T}\n    {DROP}", ["unknown?"]),
    "only made": (f"{OF_T}\n    {MAKE}", ["unknown?"]),
    "some made again": (f"{OF_T}\n    {DROP}\n    if key['name'] != 'a':\n        {MAKE}", ["unknown?", "unknown?"]),
    "made again with other columns": (
        f"{OF_T}\n    {DROP}\n    {MAKE.replace('constrained_columns', 'columns')}",
        ["unknown?", "unknown?"],
    ),
    "made again on another table": (
        f"{OF_T}\n    {DROP}\n    " + MAKE.replace("'t'", "'u'"),
        ["unknown?", "unknown?"],
    ),
}


@pytest.mark.parametrize(("upgrade", "expected"), RESTORED.values(), ids=RESTORED)
def test_foreign_keys_that_the_database_is_asked_for(upgrade: str, expected: list[str]) -> None:
    assert told(upgrade) == expected


def test_a_context_manager_may_drop_them_and_make_them_again() -> None:
    top = f"""
        from contextlib import contextmanager

        @contextmanager
        def without_keys(name):
            keys = sa.inspect(op.get_bind()).get_foreign_keys(name)
            for key in keys:
                {DROP.replace("'t'", "name")}
            try:
                yield
            finally:
                for key in keys:
                    {MAKE.replace("'t'", "name")}
        """
    assert told("with without_keys('t'):\n    op.drop_column('t', 'x')", top=top) == ["drop_column t x"]


NAMES_OF_OBJECTS = {
    "the name of a column": ("op.create_index('ix', 't', [columns[0].name])", ["one"], []),
    "names of all columns": ("op.create_index('ix', 't', [each.key for each in columns])", ["one", "two"], []),
    "a name that is computed": ("op.create_index('ix', 't', [somewhere.column])", ["somewhere.column"], ["columns"]),
}


@pytest.mark.parametrize(("call", "columns", "unread"), NAMES_OF_OBJECTS.values(), ids=NAMES_OF_OBJECTS)
def test_names_of_objects_in_an_index(call: str, columns: list[str], unread: list[str]) -> None:
    made = "columns = [sa.Column('one', sa.Integer), sa.Column('two', sa.Integer)]"
    source = f"import sqlalchemy as sa, somewhere\nfrom alembic import op\n{made}\ndef upgrade():\n    {call}\n"
    [operation] = extract(source.encode(), "r.py")["upgrade"]
    index = operation["detail"]["index"]
    assert (index["columns"], index.get("unknown", [])) == (columns, unread)


def test_a_constraint_on_a_computed_column_is_unknown() -> None:
    call = "op.create_unique_constraint('u', 't', [somewhere.x])"
    source = f"import somewhere\nfrom alembic import op\ndef upgrade():\n    {call}\n"
    [operation] = extract(source.encode(), "r.py")["upgrade"]
    assert (operation["op"], operation["detail"]["objects"]) == ("unknown", ["t"])


OWN_OBJECTS = {
    "a base of the file": (
        "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass A(Base):\n"
        "    __tablename__ = 'a'\n    id = sa.Column(sa.Integer, primary_key=True)\n"
        "b = sa.Table('b', Base.metadata, sa.Column('id', sa.Integer))",
        "Base.metadata.create_all(op.get_bind())",
        ["create_table a", "create_table b"],
    ),
    "a metadata of the function": (
        "",
        "meta = sa.MetaData()\nsa.Table('x', sa.MetaData())\nc = sa.Table('c', meta, sa.Column('id', sa.Integer))\n"
        "meta.create_all(bind=op.get_bind())",
        ["create_table c"],
    ),
    "the models of the project": (
        "from app.models import Base",
        "Base.metadata.create_all(op.get_bind())",
        ["unknown"],
    ),
    "operations that are invoked": (
        "from alembic.operations import ops",
        "op.invoke(ops.AddColumnOp('a', sa.Column('x', sa.Integer)))\nop.invoke(ops.DropColumnOp('a', 'y'))",
        ["add_column a x", "drop_column a y"],
    ),
    "an operation of the project that is invoked": (
        "from app.operations import ViewOp",
        "op.invoke(ViewOp('v'))",
        ["unknown"],
    ),
}


@pytest.mark.parametrize(("top", "upgrade", "expected"), OWN_OBJECTS.values(), ids=OWN_OBJECTS)
def test_objects_of_the_file_itself(top: str, upgrade: str, expected: list[str]) -> None:
    found = facts(upgrade, top=top)["upgrade"]
    shown = [" ".join(part for part in (each["op"], each["table"], each["name"]) if part) for each in found]
    assert shown == expected


def test_a_type_of_which_a_part_is_not_known_is_unknown() -> None:
    [known, unknown] = operations(
        """
        op.execute("ALTER TABLE a ALTER COLUMN x TYPE colour[]")
        op.execute("ALTER TABLE a ALTER COLUMN x TYPE {}.{}[]".format(schema, name))
        """
    )
    assert [each.detail["set"]["type"].known for each in (known, unknown)] == [True, False]


def test_a_loop_over_a_list_to_which_a_branch_adds() -> None:
    body = """
        texts = ["ALTER TABLE a ADD COLUMN x INTEGER"]
        if op.get_bind().execute(sa.text("SELECT 1")).scalar():
            texts += ["ALTER TABLE a ADD COLUMN y INTEGER"]
        for each in texts:
            op.execute(each)
        """
    found = [decode(each) for each in facts(body)["upgrade"]]
    assert [(each.op, each.name, each.conditional) for each in found] == [
        ("add_column", "x", False),
        ("add_column", "y", True),
    ]
