"""SQL statements say what they do to a schema, in the spellings of three databases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.schema.elements import Origin
from gitmig.schema.operations import Operation
from gitmig.schema.scripts.holes import HOLE, shown
from gitmig.schema.scripts.rows import plain_rows
from gitmig.schema.scripts.sql import classify, taken_apart


def told(text: str) -> list[str]:
    return [_told(each) for each in classify(text, Origin("a.py", 1))]


def _told(each: Operation) -> str:
    return " ".join(part for part in (each.op, each.table, each.name) if part) + ("?" if each.conditional else "")


@pytest.mark.parametrize(("word", "expected"), {"STORED": "n + 1 STORED", "": "n + 1"}.items())
def test_how_a_column_is_computed(word: str, expected: str) -> None:
    (added,) = classify(f"ALTER TABLE t ADD COLUMN x INT GENERATED ALWAYS AS (n + 1) {word};", Origin("a.py", 1))
    assert added.detail["column"].computed == expected


STATEMENTS = {
    "CREATE TABLE t (id INT)": ["create_table t"],
    "create table if not exists s.t (id int)": ["create_table s.t"],
    'CREATE TABLE "public"."t" AS SELECT 1': ["create_table t"],
    "CREATE TEMPORARY TABLE t (id INT)": [],
    "DROP TABLE IF EXISTS a, b CASCADE": ["drop_table a", "drop_table b"],
    "ALTER TABLE a RENAME TO b": ["rename_table a"],
    "RENAME TABLE a TO b, c TO d": ["rename_table a", "rename_table c"],
    "ALTER TABLE a SET SCHEMA s": ["rename_table a"],
    "ALTER TABLE a ADD COLUMN x INT, ADD y TEXT": ["add_column a x", "add_column a y"],
    "ALTER TABLE a ADD (x INT, y INT)": ["add_column a x", "add_column a y"],
    "ALTER TABLE a ADD x INT UNIQUE REFERENCES b": ["add_column a x", "create_unique a", "create_foreign_key a"],
    "ALTER TABLE ONLY a DROP COLUMN IF EXISTS x CASCADE": ["drop_column a x"],
    "ALTER TABLE a RENAME COLUMN x TO y": ["rename_column a x"],
    "ALTER TABLE a CHANGE COLUMN x y INT NOT NULL": ["rename_column a x", "alter_column a y"],
    "ALTER TABLE `a` MODIFY `x` VARCHAR(9)": ["alter_column a x"],
    "ALTER TABLE a ALTER COLUMN x TYPE TEXT USING x::text, ALTER x SET NOT NULL": ["alter_column a x"] * 2,
    "ALTER TABLE a ALTER x DROP DEFAULT": ["alter_column a x"],
    "ALTER TABLE a ALTER x SET STATISTICS 5": [],
    "ALTER TABLE a ADD CONSTRAINT c UNIQUE (x, y)": ["create_unique a c"],
    "ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES b (id) ON DELETE SET NULL": ["create_foreign_key a c"],
    "ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0) NOT VALID": ["create_check a c"],
    "ALTER TABLE a ADD PRIMARY KEY (x)": ["create_primary_key a"],
    "ALTER TABLE a ADD CONSTRAINT c UNIQUE USING INDEX i": [],
    "ALTER TABLE a ADD INDEX i (x)": ["create_index a i"],
    "ALTER TABLE a DROP CONSTRAINT c": ["drop_constraint a c"],
    "ALTER TABLE a DROP FOREIGN KEY c": ["drop_constraint a c"],
    "ALTER TABLE a DROP PRIMARY KEY": ["drop_constraint a"],
    "ALTER TABLE a DROP INDEX i": ["drop_index a i"],
    "ALTER TABLE a RENAME CONSTRAINT c TO d": ["rename_constraint a c"],
    "ALTER TABLE a VALIDATE CONSTRAINT c": [],
    "ALTER TABLE a ENABLE ROW LEVEL SECURITY": [],
    "ALTER TABLE a ENGINE=InnoDB": [],
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON a USING btree (lower(x)) WHERE x > 0": ["create_index a i"],
    "DROP INDEX CONCURRENTLY i": ["drop_index i"],
    "DROP INDEX i ON a": ["drop_index a i"],
    "ALTER INDEX i RENAME TO j": ["rename_index i"],
    "CREATE TYPE k AS ENUM ('a', 'b')": ["create_enum k"],
    "ALTER TYPE k ADD VALUE IF NOT EXISTS 'c' AFTER 'a'": ["alter_enum k"],
    "ALTER TYPE k RENAME VALUE 'a' TO 'b'": ["alter_enum k"],
    "ALTER TYPE k RENAME TO l": ["rename_enum k"],
    "DROP TYPE k": ["drop_enum k"],
    "CREATE SCHEMA s; DROP SCHEMA s": ["create_namespace s", "drop_namespace s"],
    "COMMENT ON TABLE a IS 'x'; COMMENT ON COLUMN a.x IS NULL": ["set_comment a", "alter_column a x"],
    "COMMENT ON FUNCTION f() IS 'x'": [],
    "INSERT INTO a VALUES (1); UPDATE a SET x = ';'; DELETE FROM a; TRUNCATE TABLE a": ["data a"] * 4,
    "WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x": ["data a"],
    "SELECT 1 -- ALTER TABLE a": [],
    "SET LOCAL lock_timeout = '4s'; COMMIT": [],
    "CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $$ BEGIN DROP TABLE a; END $$ LANGUAGE plpgsql": [],
    "CREATE TRIGGER t AFTER INSERT ON a EXECUTE PROCEDURE f()": [],
    "CREATE MATERIALIZED VIEW v AS SELECT 1; DROP VIEW v; CREATE EXTENSION citext; GRANT ALL ON a TO b": [],
    "DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN CREATE TYPE k AS ENUM ('a'); END IF; END $$": ["create_enum k?"],
    "DO $$ BEGIN ALTER TABLE a ADD COLUMN x INT; EXCEPTION WHEN others THEN NULL; END $$": ["add_column a x?"],
    "DO $$ BEGIN EXECUTE 'DROP TABLE a'; END $$": ["drop_table a?"],
    "DO $$ BEGIN EXECUTE format('CREATE USER %I', u); END $$": [],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STATEMENTS.items(), ids=STATEMENTS)
def test_statement(text: str, expected: list[str]) -> None:
    assert told(text) == expected


UNKNOWNS = {
    "a statement of another language": ("FROBNICATE TABLE a", ("a",)),
    "a table that is computed": (f"DROP TABLE {HOLE}", ()),
    "a column that is computed": (f"ALTER TABLE a DROP COLUMN {HOLE}", ("a.*",)),
    "an action that is not known": ("ALTER TABLE a FROBNICATE", ("a",)),
    "a constraint put together in a block": (
        "DO $$ BEGIN EXECUTE format('ALTER TABLE a DROP CONSTRAINT %I', c); END $$",
        ("a",),
    ),
}


@pytest.mark.parametrize(("text", "objects"), UNKNOWNS.values(), ids=UNKNOWNS)
def test_unknown_names_its_objects(text: str, objects: tuple[str, ...]) -> None:
    (operation,) = classify(text, Origin("a.py", 1))
    assert operation.op == "unknown"
    assert tuple(name for name in operation.detail["objects"] if name in ("a", "a.*", "b")) == objects


def test_rows_are_rows_whatever_the_values() -> None:
    assert told(f"UPDATE a SET x = {HOLE} WHERE {HOLE}") == ["data a"]
    assert told(f"INSERT INTO {HOLE} VALUES (1)") == ["data"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'ALTER TABLE "{HOLE}"\n  ADD {HOLE}', 'ALTER TABLE "{}" ADD {}'),
        (f"{HOLE} {HOLE};", ""),
        ("DROP TABLE books", "DROP TABLE books"),
    ],
)
def test_a_person_sees_where_the_holes_are(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_table_with_everything() -> None:
    (operation,) = classify(
        """
        CREATE TABLE t (
            id SERIAL PRIMARY KEY,
            name CHARACTER VARYING(50) NOT NULL DEFAULT 'a,b',
            at TIMESTAMP WITH TIME ZONE DEFAULT now(),
            price NUMERIC(10, 2),
            tags TEXT[],
            kind k,
            other INT REFERENCES u (id) ON DELETE CASCADE,
            CONSTRAINT uq UNIQUE (name, price),
            FOREIGN KEY (price) REFERENCES v (id),
            CHECK (price > 0)
        )
        """,
        Origin(),
    )
    table = operation.detail["table"]
    assert [(each.name, each.type.family, each.nullable, each.server_default) for each in table.columns] == [
        ("id", "integer", False, None),
        ("name", "string", False, "'a,b'"),
        ("at", "datetime", True, "now()"),
        ("price", "numeric", True, None),
        ("tags", "array", True, None),
        ("kind", "enum", True, None),
        ("other", "integer", True, None),
    ]
    assert (table.columns[1].type.length, table.columns[2].type.timezone) == (50, True)
    assert (table.columns[3].type.precision, table.columns[3].type.scale) == (10, 2)
    assert table.columns[4].type.item.family == "text"
    assert table.columns[5].type.enum_name == "k"
    assert table.primary_key.columns == ("id",)
    assert [(each.name, each.columns) for each in table.uniques] == [("uq", ("name", "price"))]
    assert [(each.referred, each.ondelete) for each in table.foreign_keys] == [("u", "CASCADE"), ("v", None)]
    assert table.checks[0].text == "price > 0"


@pytest.mark.parametrize("text", ["", ";", "'", "$$", "(((", "ALTER", "ALTER TABLE", "CREATE TABLE t (", "DO", HOLE])
def test_any_text_gives_an_answer(text: str) -> None:
    assert all(each.op for each in classify(text, Origin()))


NULLS = {
    "a line that nobody filled in": ("UPDATE a SET x = NULL WHERE x IS NULL", ("x",)),
    "quoted, in a namespace": ('UPDATE "s"."a" SET "x" = null', ("x",)),
    "a value": ("UPDATE a SET x = 1 WHERE x IS NULL", None),
    "a value beside it": ("UPDATE a SET x = NULL, y = 2", None),
    "an expression with NULL": ("UPDATE a SET x = coalesce(NULL, 1)", None),
    "another statement": ("DELETE FROM a WHERE x = NULL", None),
}


@pytest.mark.parametrize(("text", "nulls"), NULLS.values(), ids=NULLS)
def test_an_update_that_gives_nothing_but_null_says_so(text: str, nulls: tuple[str, ...] | None) -> None:
    (operation,) = classify(text, Origin())
    assert operation.detail.get("nulls") == nulls


PLAIN_ROWS = {
    "an update": ("UPDATE book SET isbn = 'a', name = 'b' WHERE id IN (1, 2)", "book"),
    "an update with lines": ("\n  update book\n     set isbn = NULL\n   where isbn in ('a', 'b');\n", "book"),
    "an insert": ("INSERT INTO book (isbn) VALUES ('a')", "book"),
    "an insert of a query": ("insert into book\nSELECT * FROM b", "book"),
    "a delete": ("DELETE FROM book WHERE isbn IS NULL;", "book"),
    "another statement": ("UPDATE book SET isbn = 1; DROP TABLE book", None),
    "a namespace": ("UPDATE s . book SET isbn = 1", None),
    "a quoted name": ('DELETE FROM "book"', None),
    "a word before the name": ("DELETE FROM ONLY book", None),
    "a comment before NULL": ("UPDATE book SET isbn = -- none\n NULL", None),
    "NULL and more": ("UPDATE book SET isbn = NULL, name = NULL WHERE id = 1", None),
    "a part that is computed": (f"UPDATE {HOLE} SET isbn = 1", None),
    "DDL": ("ALTER TABLE book DROP COLUMN isbn", None),
}


@pytest.mark.parametrize(("text", "table"), PLAIN_ROWS.values(), ids=PLAIN_ROWS)
def test_plain_texts_about_rows_need_no_tokens(text: str, table: str | None) -> None:
    found = plain_rows(text)
    assert (found and found[0]) == table
    assert classify(text, Origin()) == taken_apart(text, Origin())


WORDS = [
    *(
        "UPDATE",
        "INSERT",
        "INTO",
        "FROM",
        "ONLY",
        "SET",
        "WHERE",
        "NULL",
        "VALUES",
        "SELECT",
        "CASCADE",
        "DROP TABLE b",
    ),
    *("a", "b", '"a"', "s.a", "'a'", "'a;'", "(", ")", ",", ";", "=", "==", ".", "-", "--", "/*a*/", "$$", "1", HOLE),
    *("\u2003", "SET b =", "WHERE ", "SELECT"),
]


@given(st.lists(st.sampled_from(WORDS), max_size=9), st.sampled_from([" ", "\n", "  "]), st.booleans())
def test_what_needs_no_tokens_is_what_the_tokens_say(words: list[str], between: str, conditional: bool) -> None:
    for start in ("UPDATE a SET", "INSERT INTO a", "DELETE FROM a", ""):
        text = between.join([start, *words])
        assert classify(text, Origin(), conditional=conditional) == taken_apart(text, Origin(), conditional=conditional)
