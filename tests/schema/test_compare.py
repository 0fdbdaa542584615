"""Two schemas differ in what a database would notice, and in nothing else."""

from __future__ import annotations

import pytest

from gitmig.schema.compare import compare
from gitmig.schema.elements import (
    Check,
    Column,
    EnumType,
    ForeignKey,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Type,
    Unique,
)
from gitmig.schema.replay import replay

INTEGER = Type("integer", "Integer()")


def string(length: int | None = None) -> Type:
    return Type("string", f"String(length={length})", length=length)


def kind(*values: str, native: bool = True, name: str | None = "kind") -> Type:
    return Type("enum", f"Enum{values}", enum_name=name, values=values, native=native)


def table(*columns: Column, **parts: object) -> Schema:
    made = Table("t", columns=(Column("id", INTEGER, nullable=False, primary_key=True), *columns), **parts)  # type: ignore[arg-type]
    return Schema(tables={"t": made})


def column(type_: Type = INTEGER, **attributes: object) -> Schema:
    return table(Column("x", type_, **attributes))  # type: ignore[arg-type]


def names(old: Schema, new: Schema) -> list[str]:
    return [f"{each.op} {each.table} {each.name}".strip() for each in compare(old, new)]


PAIR = (Column("a", INTEGER), Column("b", INTEGER))

NOTICED = {
    "a table": (Schema(), table(), ["create_table t"]),
    "no table": (table(), Schema(), ["drop_table t"]),
    "a column": (table(), column(), ["add_column t x"]),
    "no column": (column(), table(), ["drop_column t x"]),
    "nullable": (column(), column(nullable=False), ["alter_column t x"]),
    "family": (column(), column(string()), ["alter_column t x"]),
    "length": (column(string(50)), column(string(60)), ["alter_column t x"]),
    "length or none": (column(string(50)), column(string()), ["alter_column t x"]),
    "precision": (
        column(Type("numeric", "n1", precision=10, scale=2)),
        column(Type("numeric", "n2", precision=12, scale=2)),
        ["alter_column t x"],
    ),
    "timezone": (
        column(Type("datetime", "d1")),
        column(Type("datetime", "d2", timezone=True)),
        ["alter_column t x"],
    ),
    "server default": (column(server_default="1"), column(server_default="2"), ["alter_column t x"]),
    "a server default only in the models": (column(), column(server_default="2"), ["alter_column t x"]),
    "computed": (column(), column(computed="id + 1"), ["alter_column t x"]),
    "how a column is computed": (
        column(computed="id + 1 STORED"),
        column(computed="id + 1 VIRTUAL"),
        ["alter_column t x"],
    ),
    "the sequence of an ordinary column": (
        column(),
        column(server_default="nextval('s'::regclass)"),
        ["alter_column t x"],
    ),
    "an identity of an ordinary column": (column(identity="always=True"), column(), ["alter_column t x"]),
    "comment": (column(), column(comment="x"), ["alter_column t x"]),
    "table comment": (table(), table(comment="x"), ["set_comment t"]),
    "index": (table(*PAIR), table(*PAIR, indexes=(Index(("a",), "ix"),)), ["create_index t ix"]),
    "no index": (table(*PAIR, indexes=(Index(("a",), "ix"),)), table(*PAIR), ["drop_index t ix"]),
    "index columns": (
        table(*PAIR, indexes=(Index(("a",), "ix"),)),
        table(*PAIR, indexes=(Index(("a", "b"), "ix"),)),
        ["drop_index t ix", "create_index t ix"],
    ),
    "order of index columns": (
        table(*PAIR, indexes=(Index(("b", "a"), "ix"),)),
        table(*PAIR, indexes=(Index(("a", "b"), "ix"),)),
        ["drop_index t ix", "create_index t ix"],
    ),
    "index condition": (
        table(*PAIR, indexes=(Index(("a",), "ix"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", where="b > 0"),)),
        ["drop_index t ix", "create_index t ix"],
    ),
    "another index condition": (
        table(*PAIR, indexes=(Index(("a",), "ix", where="b IS NULL"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", where="b IS NOT NULL"),)),
        ["drop_index t ix", "create_index t ix"],
    ),
    "kind of index": (
        table(*PAIR, indexes=(Index(("a",), "ix"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", using="gin"),)),
        ["drop_index t ix", "create_index t ix"],
    ),
    "options of an index": (
        table(*PAIR, indexes=(Index(("a",), "ix"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", options=(("postgresql_include", "['b']"),)),)),
        ["drop_index t ix", "create_index t ix"],
    ),
    "options of a unique constraint": (
        table(*PAIR, uniques=(Unique(("a",), "uq"),)),
        table(*PAIR, uniques=(Unique(("a",), "uq", (("deferrable", "True"),)),)),
        ["drop_constraint t uq", "create_unique t uq"],
    ),
    "values that a CHECK holds": (
        column(kind("a", "b", native=False)),
        column(kind("a", "c", native=False).replace(create_constraint=True)),
        ["alter_column t x"],
    ),
    "index becomes unique": (
        table(*PAIR, indexes=(Index(("a",), "ix"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", unique=True),)),
        ["drop_index t ix", "create_index t ix"],
    ),
    "unique": (table(*PAIR), table(*PAIR, uniques=(Unique(("a",)),)), ["create_unique t"]),
    "no unique": (table(*PAIR, uniques=(Unique(("a",), "uq"),)), table(*PAIR), ["drop_constraint t uq"]),
    "foreign key": (
        table(*PAIR),
        table(*PAIR, foreign_keys=(ForeignKey(("a",), "u", ("id",)),)),
        ["create_foreign_key t"],
    ),
    "foreign key target": (
        table(*PAIR, foreign_keys=(ForeignKey(("a",), "u", ("id",), "fk"),)),
        table(*PAIR, foreign_keys=(ForeignKey(("a",), "v", ("id",), "fk"),)),
        ["drop_constraint t fk", "create_foreign_key t fk"],
    ),
    "ondelete": (
        table(*PAIR, foreign_keys=(ForeignKey(("a",), "u", ("id",)),)),
        table(*PAIR, foreign_keys=(ForeignKey(("a",), "u", ("id",), ondelete="CASCADE"),)),
        ["drop_constraint t", "create_foreign_key t"],
    ),
    "primary key": (
        table(*PAIR, primary_key=PrimaryKey(("id",))),
        table(*PAIR, primary_key=PrimaryKey(("id", "a"))),
        ["drop_constraint t", "create_primary_key t"],
    ),
    "check": (table(), table(checks=(Check("id > 0"),)), ["create_check t"]),
    "check text": (
        table(checks=(Check("id > 0", "ck"),)),
        table(checks=(Check("id > 1", "ck"),)),
        ["drop_constraint t ck", "create_check t ck"],
    ),
    "another enum": (column(kind("a")), column(kind("a", name="sort")), ["alter_column t x"]),
    "enum without a name": (column(kind("a", name=None)), column(kind("a", "b", name=None)), ["alter_column t x"]),
    "a plain enum that outgrows its column": (
        column(string(2)),
        column(kind("a", "long", native=False)),
        ["alter_column t x"],
    ),
    "array of something else": (
        column(Type("array", "ARRAY(Integer())", item=INTEGER)),
        column(Type("array", "ARRAY(String())", item=string())),
        ["alter_column t x"],
    ),
}

KEYED = Column("k", INTEGER, nullable=False, primary_key=True)
SILENT = {
    "the table in the condition of an index": (
        table(*PAIR, indexes=(Index(("a",), "ix", where='"t".b IS NULL'),)),
        table(*PAIR, indexes=(Index(("a",), "ix", where="b IS NULL"),)),
    ),
    "a cast in the expression of an index": (
        table(*PAIR, indexes=(Index(("lower(a)",), "ix"),)),
        table(*PAIR, indexes=(Index(("lower(a::text)",), "ix"),)),
    ),
    "how a column is computed, where one side leaves it open": (
        column(computed="id + 1 STORED"),
        column(computed="id + 1"),
    ),
    "the sequence of a whole-number key": (
        table(KEYED),
        table(KEYED.replace(server_default="nextval('t_k_seq'::regclass)")),
    ),
    "an identity of a whole-number key": (table(KEYED.replace(identity="always=False")), table(KEYED)),
    "the same": (table(*PAIR, indexes=(Index(("a",), "ix"),)), table(*PAIR, indexes=(Index(("a",), "ix"),))),
    "another order of columns": (table(*PAIR), table(*reversed(PAIR))),
    "decimal is numeric": (column(Type("decimal", "d", precision=3)), column(Type("numeric", "n", precision=3))),
    "a double is a float": (column(Type("double", "d")), column(Type("float", "f"))),
    "timestamp is datetime": (column(Type("timestamp", "d")), column(Type("datetime", "f", timezone=False))),
    "a variant that fits": (
        column(Type("jsonb", "JSONB()")),
        column(Type("json", "JSON()", variants=(("postgresql", Type("jsonb", "JSONB()")),))),
    ),
    "a plain enum that fits its column": (column(string(4)), column(kind("a", "long", native=False))),
    "a backfill's server default": (column(server_default="1"), column()),
    "now and CURRENT_TIMESTAMP": (column(server_default="now()"), column(server_default="CURRENT_TIMESTAMP")),
    "quotes of a number": (column(server_default="'0'"), column(server_default="0")),
    "false and 0": (
        column(Type("boolean", "b"), server_default="false"),
        column(Type("boolean", "b"), server_default="0"),
    ),
    "a cast": (column(string(), server_default="'x'::character varying"), column(string(), server_default="'x'")),
    "a type that is not known": (column(), column(Type("", "load_type()", known=False))),
    "an attribute that is not known": (column(), column(nullable=False, unknown=("nullable",))),
    "nullable of a key": (
        column(primary_key=True, nullable=True),
        column(primary_key=True, nullable=False),
    ),
    "the spelling of an index condition": (
        table(*PAIR, indexes=(Index(("a",), "ix", where="(b = true) AND a <> 'X'"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", where="a != 'X' and b IS true"),)),
    ),
    "an index condition as PostgreSQL writes it": (
        table(
            *PAIR, indexes=(Index(("a",), "ix", where="((b IS NOT NULL) AND (a = ANY (ARRAY['x'::text, 'y'::text])))"),)
        ),
        table(*PAIR, indexes=(Index(("a",), "ix", where="t.a in ('x', 'y') AND t.b is not null"),)),
    ),
    "NOT of a column": (
        table(*PAIR, indexes=(Index(("a",), "ix", where="(NOT b) AND a > 0"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", where="a > 0 AND b IS false"),)),
    ),
    "an index condition that was not read": (
        table(*PAIR, indexes=(Index(("a",), "ix", where="b > 0"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", where="condition(b)", unknown=("where",)),)),
    ),
    "the usual kind of index": (
        table(*PAIR, indexes=(Index(("a",), "ix"),)),
        table(*PAIR, indexes=(Index(("a",), "ix", using="btree"),)),
    ),
    "options of an index that SQL made": (
        table(*PAIR, indexes=(Index(("a",), "ix", unknown=("options",)),)),
        table(*PAIR, indexes=(Index(("a",), "ix", options=(("postgresql_include", "['b']"),)),)),
    ),
    "the name of an index": (
        table(*PAIR, indexes=(Index(("a",), "ix"),)),
        table(*PAIR, indexes=(Index(("a",), "ix_t_a"),)),
    ),
    "the spelling of an index expression": (
        table(*PAIR, indexes=(Index(("lower(a)",), "ix"),)),
        table(*PAIR, indexes=(Index(("lower((a)::text)",), "ix"),)),
    ),
    "the name of a unique constraint": (
        table(*PAIR, uniques=(Unique(("a", "b")),)),
        table(*PAIR, uniques=(Unique(("b", "a"), "uq"),)),
    ),
    "a unique index for a constraint": (
        table(*PAIR, uniques=(Unique(("a",)),)),
        table(*PAIR, indexes=(Index(("a",), "ix", unique=True),)),
    ),
    "a unique primary key": (table(*PAIR), table(*PAIR, uniques=(Unique(("id",)),))),
    "the name of a foreign key": (
        table(*PAIR, foreign_keys=(ForeignKey(("a",), "u", ("id",), "fk"),)),
        table(*PAIR, foreign_keys=(ForeignKey(("a",), "u", ("id",), ondelete="no action"),)),
    ),
    "a primary key said twice": (table(), table(primary_key=PrimaryKey(("id",)))),
    "the spelling of a check": (
        table(checks=(Check("(id>0)", "ck"),)),
        table(checks=(Check("id > 0"),)),
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), NOTICED.values(), ids=NOTICED)
def test_notices(old: Schema, new: Schema, expected: list[str]) -> None:
    assert names(old, new) == expected


@pytest.mark.parametrize(("old", "new"), SILENT.values(), ids=SILENT)
def test_is_silent_about(old: Schema, new: Schema) -> None:
    assert names(old, new) == []


@pytest.mark.parametrize("schema", [row[1] for row in NOTICED.values()], ids=NOTICED)
def test_a_schema_does_not_differ_from_itself(schema: Schema) -> None:
    assert compare(schema, schema.replace(tables={key: each.replace() for key, each in schema.tables.items()})) == ()


@pytest.mark.parametrize(("old", "new"), [row[:2] for row in NOTICED.values()], ids=NOTICED)
def test_replaying_the_difference_leaves_none(old: Schema, new: Schema) -> None:
    replayed = replay(old, compare(old, new))
    assert replayed.contradictions == ()
    assert compare(replayed.schema, new) == ()


@pytest.mark.parametrize(("referred", "expected"), [("", 0), ("author", 2)])
def test_a_target_that_could_not_be_read_may_be_any(referred: str, expected: int) -> None:
    old, new = (
        Schema(tables={"book": Table("book", foreign_keys=(ForeignKey(("a",), each, ("id",)),))})
        for each in (referred, "person")
    )
    assert len(compare(old, new)) == expected


def test_what_goes_with_a_dropped_column_is_not_dropped_twice() -> None:
    whole = table(
        *PAIR,
        indexes=(Index(("a",), "ix"),),
        uniques=(Unique(("a", "b")),),
        foreign_keys=(ForeignKey(("a",), "u", ("id",)),),
    )
    assert names(whole, table(PAIR[1])) == ["drop_column t a"]


def test_values_of_a_native_enum() -> None:
    def with_values(*values: str) -> Schema:
        return column(kind(*values)).replace(enums={"kind": EnumType("kind", values)})

    (operation,) = compare(with_values("a", "b"), with_values("b", "c"))
    assert (operation.op, operation.name, dict(operation.detail)) == (
        "alter_enum",
        "kind",
        {"add": ("c",), "drop": ("a",), "was": ("a", "b")},
    )
    assert compare(with_values("a", "b"), with_values("b", "a")) == ()


def test_a_new_enum_on_an_old_table_is_made_first() -> None:
    new = column(kind("a")).replace(enums={"kind": EnumType("kind", ("a",))})
    assert names(table(), new) == ["create_enum  kind", "add_column t x"]
    assert names(Schema(), new) == ["create_table t"]
