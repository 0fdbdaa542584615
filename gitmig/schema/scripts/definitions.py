"""Column and constraint definitions of SQL as elements."""

from __future__ import annotations

from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Type,
    Unique,
)
from gitmig.schema.exclusions import exclude_of_sql
from gitmig.schema.scripts.holes import HOLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.schema.scripts.tokens import Cursor

    Element = PrimaryKey | Unique | ForeignKey | Check | Exclude | Index

_FAMILIES = {
    "string": "VARCHAR NVARCHAR VARCHAR2",
    "text": "TEXT CLOB",
    "char": "CHAR NCHAR CHARACTER BPCHAR",
    "integer": "INTEGER INT INT4 SERIAL SERIAL4",
    "bigint": "BIGINT INT8 BIGSERIAL SERIAL8",
    "smallint": "SMALLINT INT2 SMALLSERIAL",
    "numeric": "NUMERIC DECIMAL NUMBER DEC",
    "float": "FLOAT",
    "double": "DOUBLE FLOAT8",
    "real": "REAL FLOAT4",
    "boolean": "BOOLEAN BOOL",
    "date": "DATE",
    "datetime": "DATETIME TIMESTAMP TIMESTAMPTZ",
    "time": "TIME TIMETZ",
    "interval": "INTERVAL",
    "uuid": "UUID",
    "binary": "BYTEA BLOB BINARY VARBINARY",
    "json": "JSON",
    "jsonb": "JSONB",
}
FAMILIES = {word: family for family, words in _FAMILIES.items() for word in words.split()}
_OWN = (
    "TINYINT MEDIUMINT TINYTEXT MEDIUMTEXT LONGTEXT TINYBLOB MEDIUMBLOB LONGBLOB YEAR BIT INET CIDR MACADDR MONEY OID "
    "TSVECTOR TSQUERY HSTORE CITEXT XML INT4RANGE INT8RANGE NUMRANGE DATERANGE TSRANGE TSTZRANGE VECTOR HALFVEC "
    "GEOMETRY GEOGRAPHY LTREE REGCLASS NAME JSONPATH"
)
FAMILIES.update({word: word.lower() for word in _OWN.split()})
LENGTHS = frozenset({"string", "char", "text", "binary"})

# Words that end an expression in a column definition.
COLUMN_WORDS = (
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "REFERENCES",
    "CHECK",
    "CONSTRAINT",
    "COMMENT",
    "AUTO_INCREMENT",
    "AUTOINCREMENT",
    "GENERATED",
    "COLLATE",
    "AFTER",
    "FIRST",
    "ON",
    "AS",
    "USING",
)


def read_type(cursor: Cursor) -> Type:
    """A type of SQL; a word that is no built-in type is taken for the name of an enum type."""
    start = cursor.at
    word = cursor.name()
    upper = word.upper()
    if not word:
        return Type("unknown", cursor.rest(), known=False)
    if upper == "ENUM" and cursor.peek() == "(":
        inside = cursor.bracket()
        values = tuple(token.value for token in inside.tokens if token.kind == "string") if inside else ()
        return Type("enum", f"Enum{values}", values=values)
    timezone: bool | None = True if upper in ("TIMESTAMPTZ", "TIMETZ") else None
    if upper in ("CHARACTER", "CHAR", "NCHAR") and cursor.accept("VARYING"):
        upper = "VARCHAR"
    if upper == "DOUBLE":
        cursor.accept("PRECISION")
    numbers: list[int] = []
    other_arguments = False
    if cursor.peek() == "(":
        inside = cursor.bracket()
        for token in inside.tokens if inside else ():
            if token.kind == "number" and token.value.isdigit():
                numbers.append(int(token.value))
            elif token.word != ",":
                other_arguments = True
    if cursor.accept("WITH", "TIME", "ZONE"):
        timezone = True
    else:
        cursor.accept("WITHOUT", "TIME", "ZONE")
    while cursor.accept_any("UNSIGNED", "ZEROFILL", "SIGNED"):
        pass
    if cursor.accept("CHARACTER", "SET") or cursor.accept("CHARSET"):
        cursor.identifier()
    dimensions = 0
    while cursor.peek() == "[":
        cursor.until("]")
        cursor.accept("]")
        dimensions += 1
    family = FAMILIES.get(upper)
    text = cursor.source(start, cursor.at)
    made: Type
    if HOLE in text:
        return Type("unknown", text.replace(HOLE, "{}"), known=False)
    if family is None:
        namespace, _, name = word.rpartition(".")
        made = Type("enum", text, enum_name=name, enum_namespace=namespace or None)
    else:
        counts = family in LENGTHS and len(numbers) == 1
        exact = family == "numeric"
        made = Type(
            family,
            text,
            known=not other_arguments or family in ("geometry", "geography"),
            length=numbers[0] if counts or (family == "vector" and numbers) else None,
            precision=numbers[0] if exact and numbers else None,
            scale=numbers[1] if exact and len(numbers) > 1 else None,
            timezone=timezone,
        )
    if dimensions:
        return Type("array", text, item=made, dimensions=dimensions if dimensions > 1 else None)
    return made


def read_column(cursor: Cursor, origin: Origin) -> tuple[Column, list[Element]]:
    """A column definition and the constraints that are written with it."""
    name = cursor.identifier()
    serial = cursor.peek() in ("SERIAL", "BIGSERIAL", "SMALLSERIAL")
    bare = cursor.done or cursor.peek() in COLUMN_WORDS  # SQLite knows columns without a type
    column = Column(name, Type("null", "") if bare else read_type(cursor), nullable=not serial, origin=origin)
    elements: list[Element] = []
    constraint: str | None = None
    while not cursor.done:
        if cursor.accept("CONSTRAINT"):
            constraint = cursor.identifier() or None
            continue
        if cursor.accept("NOT", "NULL"):
            column = column.replace(nullable=False)
        elif cursor.accept("NULL"):
            column = column.replace(nullable=True)
        elif cursor.accept("DEFAULT"):
            column = column.replace(server_default=read_default(cursor))
        elif cursor.accept("PRIMARY", "KEY"):
            column = column.replace(primary_key=True, nullable=False)
            elements.append(PrimaryKey((name,), constraint, origin))
        elif cursor.accept("UNIQUE"):
            cursor.accept("KEY")
            elements.append(Unique((name,), constraint, origin=origin))
        elif cursor.accept("REFERENCES"):
            elements.append(_reference(cursor, (name,), constraint, origin))
        elif cursor.accept("CHECK"):
            inside = cursor.bracket()
            elements.append(Check(inside.whole() if inside else "", constraint, origin))
        elif cursor.accept("COMMENT"):
            token = cursor.take()
            column = column.replace(comment=token.value if token else None)
        elif cursor.accept("COLLATE"):
            collation = cursor.name()
            column = column.replace(type=column.type.replace(collation=collation))
        elif cursor.accept("AS") or cursor.accept("GENERATED"):
            column = _generated(cursor, column)
        elif cursor.accept_any("AUTO_INCREMENT", "AUTOINCREMENT"):
            column = column.replace(autoincrement="True")
        elif cursor.accept("ON", "UPDATE"):
            read_default(cursor)
        elif cursor.accept("AFTER"):
            cursor.identifier()
        else:
            cursor.take()  # FIRST, VIRTUAL, STORED, USING and the like change nothing that we know
        constraint = None
    return column, elements


def _generated(cursor: Cursor, column: Column) -> Column:
    identity = "IDENTITY" in [token.word for token in cursor.tokens[cursor.at : cursor.at + 6]]
    if identity:
        always = cursor.accept("ALWAYS")
        cursor.until("IDENTITY")
        cursor.accept("IDENTITY")
        cursor.bracket()
        return column.replace(identity="always" if always else "by default", nullable=False)
    cursor.until("(")
    inside = cursor.bracket()
    stored = next((f" {word}" for word in ("STORED", "PERSISTED", "VIRTUAL") if cursor.accept(word)), "")
    return column.replace(computed=f"{inside.whole()}{stored.replace('PERSISTED', 'STORED')}" if inside else "")


def read_default(cursor: Cursor) -> str | None:
    """An SQL default up to the next word of the column's definition; NULL is none."""
    start = cursor.at
    if cursor.peek() == "NULL":
        cursor.take()
        return None
    cursor.take()
    while not cursor.done and cursor.peek() not in COLUMN_WORDS:
        if cursor.peek() == "(":
            cursor.bracket()
        else:
            cursor.take()
    return cursor.source(start, cursor.at)


CONSTRAINT_WORDS = frozenset(
    {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE", "KEY", "INDEX", "FULLTEXT", "SPATIAL"}
)


def starts_constraint(cursor: Cursor) -> bool:
    word = cursor.peek()
    if word not in CONSTRAINT_WORDS:
        return False
    if word in ("KEY", "INDEX"):
        return cursor.peek(1) == "(" or cursor.peek(2) in ("(", "USING")
    return True


def read_constraint(cursor: Cursor, table: str, origin: Origin) -> Element | None:
    """A table constraint, or a MySQL index; None when it is not understood."""
    name: str | None = None
    if cursor.accept("CONSTRAINT") and cursor.peek() not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"):
        name = cursor.identifier() or None
    if cursor.accept("PRIMARY", "KEY"):
        if cursor.accept("USING", "INDEX"):
            return None
        return PrimaryKey(_columns(cursor), name, origin)
    if cursor.accept("UNIQUE"):
        cursor.accept_any("KEY", "INDEX")
        if cursor.accept("USING", "INDEX"):
            return None
        if cursor.peek() != "(" and cursor.peek() != "NULLS":
            name = cursor.identifier() or name
        cursor.until("(")
        return Unique(_columns(cursor), name, origin=origin)
    if cursor.accept("FOREIGN", "KEY"):
        if cursor.peek() != "(":
            name = cursor.identifier() or name
        columns = _columns(cursor)
        if not cursor.accept("REFERENCES"):
            return None
        return _reference(cursor, columns, name, origin)
    if cursor.accept("CHECK"):
        inside = cursor.bracket()
        return Check(inside.whole() if inside else "", name, origin)
    if cursor.accept("EXCLUDE"):
        using = cursor.identifier() if cursor.accept("USING") else ""
        inside = cursor.bracket()
        where = cursor.bracket() if cursor.accept("WHERE") else None
        return exclude_of_sql(inside.whole() if inside else "", using, where.whole() if where else "", name, origin)
    if cursor.accept_any("FULLTEXT", "SPATIAL", ""):
        cursor.accept_any("KEY", "INDEX")
    elif not cursor.accept_any("KEY", "INDEX"):
        return None
    if cursor.peek() != "(":
        name = cursor.identifier() or name
    cursor.until("(")
    return Index(_columns(cursor), name, origin=origin)


def _columns(cursor: Cursor) -> tuple[str, ...]:
    inside = cursor.bracket()
    return index_columns(inside) if inside else ()


def index_columns(inside: Cursor) -> tuple[str, ...]:
    """Column names, or the text of expressions; direction and operator class are left out."""
    found = []
    for part in inside.parts():
        start = part.at
        name = part.identifier()
        if name and (
            part.done or part.peek() in ("ASC", "DESC", "NULLS", "COLLATE") or part.tokens[part.at].kind == "word"
        ):
            found.append(f"{name} DESC" if part.peek() == "DESC" else name)
        elif name and part.peek() == "(" and len(part.tokens) == start + 4 and part.tokens[start + 2].kind == "number":
            found.append(name)  # MySQL indexes a prefix: name(10)
        else:
            found.append(part.whole())
    return tuple(found)


def _reference(cursor: Cursor, columns: tuple[str, ...], name: str | None, origin: Origin) -> ForeignKey:
    """What comes after REFERENCES."""
    foreign = ForeignKey(columns, cursor.name(), _columns(cursor), name, origin=origin)
    while not cursor.done:
        if cursor.accept("ON", "DELETE"):
            foreign = foreign.replace(ondelete=_action(cursor))
        elif cursor.accept("ON", "UPDATE"):
            foreign = foreign.replace(onupdate=_action(cursor))
        elif cursor.accept("NOT", "DEFERRABLE") or cursor.accept("MATCH", "SIMPLE") or cursor.accept("NOT", "VALID"):
            continue
        elif cursor.accept("DEFERRABLE"):
            foreign = foreign.replace(deferrable=True)
        elif cursor.accept("INITIALLY"):
            foreign = foreign.replace(initially=cursor.identifier().upper())
        else:
            break
    return foreign


def _action(cursor: Cursor) -> str:
    first = cursor.identifier().upper()
    return f"{first} {cursor.identifier().upper()}" if first in ("SET", "NO") else first
