"""SQL statements as operations: a small classifier for what a schema consists of.

Rows, functions, views, grants and the like leave the schema alone; what is not understood is an `unknown` that names
the objects of its text.
"""

from __future__ import annotations

from itertools import pairwise

from gitmig.schema.elements import (
    Check,
    Column,
    Exclude,
    ForeignKey,
    Index,
    Origin,
    PrimaryKey,
    Table,
    Unique,
    Unknown,
)
from gitmig.schema.extents import aspects_of, objects_of
from gitmig.schema.operations import CREATE_OF, Operation
from gitmig.schema.scripts.definitions import (
    index_columns,
    read_column,
    read_constraint,
    read_default,
    read_type,
    starts_constraint,
)
from gitmig.schema.scripts.holes import HOLE, shown
from gitmig.schema.scripts.rows import BEFORE_TABLE, plain_rows
from gitmig.schema.scripts.tokens import Cursor, Token, statements, tokenize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any


class NotUnderstood(Exception):
    """A statement or an action that may change the schema and was not read."""


# Statements that leave schema and rows alone.
_SILENT = """
    SET RESET SHOW PRAGMA BEGIN COMMIT ROLLBACK START SAVEPOINT RELEASE LOCK UNLOCK ANALYZE VACUUM REINDEX CLUSTER GRANT
    REVOKE EXPLAIN USE NOTIFY LISTEN DISCARD REFRESH CHECKPOINT RAISE NULL RETURN PERFORM END OPTIMIZE FLUSH DECLARE
    FETCH CLOSE OPEN ATTACH DETACH ABORT REASSIGN SECURITY
"""
SILENT = frozenset(_SILENT.split())
# What CREATE, ALTER and DROP can be asked for that no schema here consists of.
_OTHER_OBJECTS = """
    FUNCTION PROCEDURE TRIGGER VIEW MATERIALIZED EXTENSION SEQUENCE ROLE USER POLICY RULE AGGREGATE OPERATOR DOMAIN CAST
    COLLATION STATISTICS PUBLICATION SUBSCRIPTION EVENT DATABASE SERVER FOREIGN TEXT LANGUAGE CONSTRAINT ROUTINE OWNED
    DEFAULT TABLESPACE GROUP SYSTEM DEFINER
"""
OTHER_OBJECTS = frozenset(_OTHER_OBJECTS.split())
DATA = {
    "INSERT": "insert",
    "REPLACE": "insert",
    "UPDATE": "update",
    "DELETE": "delete",
    "TRUNCATE": "delete",
    "MERGE": "update",
    "COPY": "copy",
    "LOAD": "insert",
}


def classify(text: str, origin: Origin, *, conditional: bool = False) -> list[Operation]:
    """The operations of a text of one or more statements; HOLE stands for parts that are not known."""
    rows = plain_rows(text)
    if rows is not None:
        table, detail = rows
        return [Operation("data", table, "", detail, origin, conditional)]
    return taken_apart(text, origin, conditional=conditional)


def taken_apart(text: str, origin: Origin, *, conditional: bool = False) -> list[Operation]:
    """The same for any text, by its tokens."""
    found: list[Operation] = []
    for tokens in statements(tokenize(text)):
        for operation in _statement(Cursor(tokens, text), origin):
            found.append(operation.replace(conditional=True) if conditional else operation)
    return found


def _statement(cursor: Cursor, origin: Origin) -> list[Operation]:
    try:
        operations = list(_Statement(cursor, origin).operations())
    except NotUnderstood as why:
        return [unknown(cursor, origin, str(why))]
    if any(HOLE in part for operation in operations for part in (operation.table, operation.name)):
        operations = [each for operation in operations for each in _if_named(operation, cursor, origin)]
    return [_with_cascade(each) for each in operations] if _cascades(cursor.tokens) else operations


def _if_named(operation: Operation, cursor: Cursor, origin: Origin) -> Iterator[Operation]:
    """The operation if its names are known, or an unknown that says what it may touch; a namespace alone is nothing."""
    if HOLE not in operation.table and HOLE not in operation.name and HOLE not in str(operation.detail.get("to", "")):
        yield operation
    elif operation.op == "data":
        yield operation.replace(table="")
    elif operation.op != "create_namespace":
        found = unknown(cursor, origin, "a name is computed")
        detail = {**found.detail, "objects": objects_of(operation), "aspects": aspects_of(operation)}
        yield found.replace(detail={key: value for key, value in detail.items() if value or key != "aspects"})


def _cascades(tokens: Sequence[Token]) -> bool:
    """DROP ... CASCADE; not the CASCADE of a foreign key."""
    words = [token.word for token in tokens]
    return any(word == "CASCADE" and before not in ("DELETE", "UPDATE") for before, word in pairwise(words))


def _with_cascade(operation: Operation) -> Operation:
    if not operation.op.startswith("drop_"):
        return operation
    return operation.replace(detail={**operation.detail, "cascade": True})


def unknown(cursor: Cursor, origin: Origin, why: str) -> Operation:
    detail = {
        "text": shown(cursor.whole()),
        "why": why or "the statement is not understood",
        "objects": named(cursor.tokens),
    }
    return Operation("unknown", detail=detail, origin=origin)


NAMING = frozenset({"TABLE", "FROM", "INTO", "UPDATE", "JOIN", "ON", "TYPE", "ONLY", "EXISTS", "REFERENCES"})
FILLERS = frozenset({"IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY", "COLUMN", "SELECT", "SET", "TABLE"})


def named(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The objects that a text names: what follows words such as TABLE and FROM, else every identifier of it."""
    found: dict[str, None] = {}
    for position, token in enumerate(tokens):
        if token.word in NAMING:
            following = Cursor(tokens[position + 1 :], "")
            if following.peek() in FILLERS:
                continue
            name = following.name().removeprefix(f"{HOLE}.")
            if name and HOLE not in name and not name.isdigit():
                found[name] = None
    if not found:
        found = {
            token.value: None
            for token in tokens
            if token.kind in ("word", "quoted") and HOLE not in token.value and not token.value.isupper()
        }
    return tuple(sorted(found))[:40]


class _Statement:
    def __init__(self, cursor: Cursor, origin: Origin) -> None:
        self.cursor = cursor
        self.origin = origin

    def make(self, op: str, table: str = "", name: str = "", /, **detail: Any) -> Operation:
        if not detail.get("exists", True):
            del detail["exists"]
        return Operation(op, table, name, detail, self.origin)

    def operations(self) -> Iterable[Operation]:
        cursor = self.cursor
        first = cursor.peek()
        if first in DATA:
            return [self.data(DATA[first])]
        if first in ("SELECT", "VALUES", "TABLE", "CALL", "WITH", "(", "EXEC"):
            return self.query()
        if first in SILENT:
            return []
        if cursor.accept("CREATE"):
            return self.create()
        if cursor.accept("DROP"):
            return self.drop()
        if cursor.accept("ALTER"):
            return self.alter()
        if cursor.accept("COMMENT", "ON"):
            return self.comment()
        if cursor.accept("RENAME", "TABLE"):
            return self.rename_tables()
        if cursor.accept("DO"):
            return self.block()
        raise NotUnderstood("the statement is not understood" if first else "the text is computed")

    # -- rows

    def data(self, kind: str) -> Operation:
        cursor = self.cursor
        cursor.take()
        while cursor.accept_any(*BEFORE_TABLE):
            pass
        table = cursor.name()
        nulls = self.nulls() if kind == "update" else ()
        return self.make("data", table, kind=kind, **({"nulls": nulls} if nulls else {}))

    def nulls(self) -> tuple[str, ...]:
        """The columns of an UPDATE that gives nothing but NULL, as one does that nobody has filled in."""
        if not self.cursor.accept("SET"):
            return ()
        start = self.cursor.at
        self.cursor.until("WHERE", "FROM", "RETURNING")
        found = []
        for part in Cursor(self.cursor.tokens[start : self.cursor.at], self.cursor.text).parts():
            column = part.name()
            if not (column and part.accept("=", "NULL") and part.done):
                return ()
            found.append(column)
        return tuple(found)

    def query(self) -> list[Operation]:
        """A query changes rows only where a common table expression says so, or SELECT ... INTO."""
        words = [token.word for token in self.cursor.tokens]
        for position, word in enumerate(words):
            if word in ("INSERT", "UPDATE", "DELETE") and words[position - 1] in ("(", ")"):
                return [
                    _Statement(Cursor(self.cursor.tokens[position:], self.cursor.text), self.origin).data(DATA[word])
                ]
        return []

    # -- CREATE

    def create(self) -> Iterable[Operation]:
        cursor = self.cursor
        cursor.accept("OR", "REPLACE")
        cursor.accept_any("GLOBAL", "LOCAL")
        if cursor.accept_any("TEMP", "TEMPORARY"):
            return []
        cursor.accept_any("UNLOGGED", "VIRTUAL", "FOREIGN", "RECURSIVE")
        if cursor.accept("TABLE"):
            return self.create_table()
        if cursor.peek() in ("INDEX", "UNIQUE", "FULLTEXT", "SPATIAL", "CLUSTERED", "NONCLUSTERED"):
            return self.create_index()
        if cursor.accept("TYPE"):
            return self.create_type()
        if cursor.accept("SCHEMA"):
            exists = cursor.accept("IF", "NOT", "EXISTS")
            return [self.make("create_namespace", "", cursor.name(), exists=exists)]
        if cursor.peek() in OTHER_OBJECTS:
            return []
        raise NotUnderstood("the statement is not understood")

    def create_table(self) -> Iterator[Operation]:
        cursor = self.cursor
        exists = cursor.accept("IF", "NOT", "EXISTS")
        key = cursor.name()
        inside = cursor.bracket()
        gap = Unknown(" ".join(cursor.whole().split())[:200], "its columns are made from others", self.origin, (key,))
        namespace, _, name = key.rpartition(".")
        table = Table(name, namespace or None, origin=self.origin)
        if inside is None:
            yield self.make("create_table", key, table=table.replace(unknown=(gap,)), exists=exists)
            return
        columns: list[Column] = []
        elements: list[Any] = []
        for part in inside.parts():
            if part.peek() == "LIKE":
                table = table.replace(unknown=(gap,))
            elif starts_constraint(part):
                element = read_constraint(part, key, self.origin)
                if element is None:
                    raise NotUnderstood("a constraint is not understood")
                elements.append(element)
            else:
                column, inline = read_column(part, self.origin)
                if not column.name:
                    raise NotUnderstood("a column is not understood")
                columns.append(column)
                elements += inline
        if any(HOLE in token.value for token in inside.tokens):
            raise NotUnderstood("a part of the table is computed")
        yield self.make("create_table", key, table=_assembled(table, columns, elements), exists=exists)

    def create_index(self) -> Iterator[Operation]:
        cursor = self.cursor
        unique = False
        while not cursor.accept("INDEX"):
            if cursor.done:
                raise NotUnderstood("the statement is not understood")
            unique = cursor.accept("UNIQUE") or unique
            if cursor.peek() != "INDEX":
                cursor.take()
        cursor.accept("CONCURRENTLY")
        exists = cursor.accept("IF", "NOT", "EXISTS")
        name = "" if cursor.peek() == "ON" else cursor.name()
        if not cursor.accept("ON"):
            raise NotUnderstood("the table of the index is not named")
        cursor.accept("ONLY")
        table = cursor.name()
        using = cursor.identifier() if cursor.accept("USING") else None
        inside = cursor.bracket()
        if inside is None:
            raise NotUnderstood("the columns of the index are not named")
        where = None
        cursor.until("WHERE")
        if cursor.accept("WHERE"):
            where = cursor.rest()
        name = name.rpartition(".")[2]
        columns = index_columns(inside)
        index = Index(columns, name or None, unique, where, using, unknown=("options",), origin=self.origin)
        yield self.make("create_index", table, name, index=index, exists=exists)

    def create_type(self) -> Iterable[Operation]:
        cursor = self.cursor
        name = cursor.name()
        if not cursor.accept("AS", "ENUM"):
            return []  # a composite type or a range: no column's type is compared by its parts
        inside = cursor.bracket()
        if inside is None or any(token.kind == "word" for token in inside.tokens):
            return [self.make("create_enum", "", name, values=None)]
        values = tuple(token.value for token in inside.tokens if token.kind == "string")
        return [self.make("create_enum", "", name, values=values)]

    # -- DROP

    def drop(self) -> Iterable[Operation]:
        cursor = self.cursor
        if cursor.accept_any("TABLE"):
            return self.drop_each("drop_table")
        if cursor.accept("INDEX"):
            return self.drop_index()
        if cursor.accept("TYPE"):
            return self.drop_each("drop_enum")
        if cursor.accept("SCHEMA"):
            return self.drop_each("drop_namespace")
        if cursor.accept("TEMPORARY") or cursor.peek() in OTHER_OBJECTS:
            return []
        raise NotUnderstood("the statement is not understood")

    def drop_each(self, op: str) -> Iterator[Operation]:
        cursor = self.cursor
        exists = cursor.accept("IF", "EXISTS")
        while True:
            name = cursor.name()
            if not name:
                raise NotUnderstood("a name is missing")
            table, other = (name, "") if op == "drop_table" else ("", name)
            yield self.make(op, table, other, exists=exists)
            if not cursor.accept(","):
                return

    def drop_index(self) -> Iterator[Operation]:
        cursor = self.cursor
        cursor.accept("CONCURRENTLY")
        exists = cursor.accept("IF", "EXISTS")
        names = [cursor.name()]
        while cursor.accept(","):
            names.append(cursor.name())
        table = cursor.name() if cursor.accept("ON") else ""
        for name in names:
            if not name:
                raise NotUnderstood("a name is missing")
            yield self.make("drop_index", table, name.rpartition(".")[2], exists=exists)

    # -- ALTER

    def alter(self) -> Iterable[Operation]:
        cursor = self.cursor
        cursor.accept("IGNORE")
        if cursor.accept("TABLE"):
            return self.alter_table()
        if cursor.accept("TYPE"):
            return self.alter_type()
        if cursor.accept("INDEX"):
            return self.alter_index()
        if cursor.accept("SCHEMA"):
            raise NotUnderstood("a namespace is altered")
        if cursor.peek() in OTHER_OBJECTS:
            return []
        raise NotUnderstood("the statement is not understood")

    def alter_type(self) -> Iterator[Operation]:
        cursor = self.cursor
        name = cursor.name()
        if cursor.accept("ADD", "VALUE"):
            exists = cursor.accept("IF", "NOT", "EXISTS")
            yield self.make("alter_enum", "", name, add=(self.string(),), exists=exists)
        elif cursor.accept("RENAME", "VALUE"):
            old = self.string()
            cursor.accept("TO")
            yield self.make("alter_enum", "", name, rename={old: self.string()})
        elif cursor.accept("RENAME", "TO"):
            new = cursor.name()
            namespace = name.rpartition(".")[0]
            yield self.make("rename_enum", "", name, to=f"{namespace}.{new}" if namespace else new)
        elif cursor.peek() not in ("OWNER", "RENAME", "ADD", "DROP", "ALTER"):
            raise NotUnderstood("the type is altered in another way")

    def string(self) -> str:
        token = self.cursor.take()
        if token is None or token.kind not in ("string", "quoted") or HOLE in token.value:
            raise NotUnderstood("a value is computed")
        return token.value

    def alter_index(self) -> Iterator[Operation]:
        cursor = self.cursor
        exists = cursor.accept("IF", "EXISTS")
        name = cursor.name().rpartition(".")[2]
        if cursor.accept("RENAME", "TO"):
            yield self.make("rename_index", "", name, to=cursor.identifier(), exists=exists)

    def alter_table(self) -> Iterator[Operation]:
        cursor = self.cursor
        exists = cursor.accept("IF", "EXISTS")
        cursor.accept("ONLY")
        table = cursor.name()
        cursor.accept("*")
        for part in cursor.parts():
            action = _Action(part, self.origin, table)
            for operation in action.operations():
                yield operation.replace(detail={**operation.detail, "exists": True}) if exists else operation
                if operation.op == "rename_table":
                    table = operation.detail["to"]

    # -- the rest

    def comment(self) -> Iterator[Operation]:
        cursor = self.cursor
        kind = cursor.accept_any("TABLE", "COLUMN")
        if not kind:
            return
        parts = [cursor.identifier()]
        while cursor.accept("."):
            parts.append(cursor.identifier())
        cursor.accept("IS")
        token = cursor.take()
        if token is None:
            raise NotUnderstood("the comment is missing")
        text = None if token.word == "NULL" else token.value
        if kind == "TABLE":
            yield self.make("set_comment", _key(parts), to=text)
        elif len(parts) > 1:
            yield self.make("alter_column", _key(parts[:-1]), parts[-1], set={"comment": text})

    def rename_tables(self) -> Iterator[Operation]:
        for part in self.cursor.parts():
            old = part.name()
            if not part.accept("TO"):
                raise NotUnderstood("the new name is missing")
            yield self.make("rename_table", old, to=part.name())

    def block(self) -> Iterator[Operation]:
        """An anonymous block of PL/pgSQL: its statements, under a condition."""
        body = next((token for token in self.cursor.tokens if token.kind in ("dollar", "string")), None)
        if body is None:
            raise NotUnderstood("the block is computed")
        for tokens in statements(tokenize(body.value)):
            for inner in _inner(tokens, body.value):
                yield from (each.replace(conditional=True) for each in _statement_of_block(inner, self.origin))


OPENING = frozenset({"BEGIN", "THEN", "ELSE", "LOOP"})
DDL_OR_DATA = frozenset({"CREATE", "ALTER", "DROP", "COMMENT", "EXECUTE", *DATA})


def _inner(tokens: Sequence[Token], text: str) -> Iterator[Cursor]:
    """The statement behind control words: what follows the last BEGIN, THEN, ELSE or LOOP."""
    start = 0
    for position, token in enumerate(tokens):
        if token.word in OPENING and not any(each.word in DDL_OR_DATA for each in tokens[start:position] if start):
            start = position + 1
        elif token.word in OPENING and position and tokens[position - 1].word != "CASE":
            following = tokens[position + 1].word if position + 1 < len(tokens) else ""
            start = position + 1 if following in DDL_OR_DATA else start
    if start < len(tokens):
        yield Cursor(tokens[start:], text)


def _statement_of_block(cursor: Cursor, origin: Origin) -> list[Operation]:
    if cursor.accept("EXECUTE"):
        token = cursor.take()
        if token is not None and token.kind in ("string", "dollar") and cursor.done:
            return classify(token.value, origin)
        return _executed(cursor, token, origin)
    if cursor.peek() in DDL_OR_DATA:
        return _statement(cursor, origin)
    return []  # declarations, assignments, IF, FOR, PERFORM, RAISE ...


def _executed(cursor: Cursor, token: Token | None, origin: Origin) -> list[Operation]:
    """A statement that the block puts together itself: `format('... %I ...', name)` or `'...' || name`."""
    for each in ([token] if token else []) + list(cursor.tokens[cursor.at :]):
        if each.kind not in ("string", "dollar"):
            continue
        text = each.value
        for placeholder in ("%I", "%L", "%s"):
            text = text.replace(placeholder, HOLE)
        return classify(text, origin)
    return [unknown(cursor, origin, "the statement is computed inside of the database")]


def _key(parts: Sequence[str]) -> str:
    kept = list(parts[-2:])
    if len(kept) == 2 and kept[0].lower() in ("public", "dbo"):
        kept = kept[1:]
    return ".".join(kept)


def _assembled(table: Table, columns: list[Column], elements: list[Any]) -> Table:
    primary_key = next((each for each in elements if isinstance(each, PrimaryKey)), None)
    if primary_key is not None:
        inside = set(primary_key.columns)
        columns = [each.replace(nullable=False, primary_key=True) if each.name in inside else each for each in columns]
    return table.replace(
        columns=tuple(columns),
        primary_key=primary_key,
        uniques=tuple(each for each in elements if isinstance(each, Unique)),
        foreign_keys=tuple(each for each in elements if isinstance(each, ForeignKey)),
        checks=tuple(each for each in elements if isinstance(each, Check)),
        excludes=tuple(each for each in elements if isinstance(each, Exclude)),
        indexes=tuple(each for each in elements if isinstance(each, Index)),
    )


# Actions of ALTER TABLE that change nothing that a schema here consists of.
_SILENT_ACTIONS = """
    OWNER ENABLE DISABLE SET RESET VALIDATE CONVERT ENGINE AUTO_INCREMENT REPLICA CLUSTER INHERIT ATTACH DETACH
    ROW_FORMAT CHARACTER CHARSET COLLATE DEFAULT FORCE NO ALGORITHM LOCK ORDER TABLESPACE NOT WITHOUT
"""
SILENT_ACTIONS = frozenset(_SILENT_ACTIONS.split())


class _Action:
    """One action of ALTER TABLE."""

    def __init__(self, cursor: Cursor, origin: Origin, table: str) -> None:
        self.cursor = cursor
        self.origin = origin
        self.table = table

    def make(self, op: str, name: str = "", /, **detail: Any) -> Operation:
        if not detail.get("exists", True):
            del detail["exists"]
        return Operation(op, self.table, name, detail, self.origin)

    def operations(self) -> Iterable[Operation]:
        cursor = self.cursor
        if cursor.accept("ADD"):
            return self.add()
        if cursor.accept("DROP"):
            return self.drop()
        if cursor.accept("ALTER"):
            return self.alter()
        if cursor.accept("RENAME"):
            return self.rename()
        if cursor.accept("MODIFY"):
            cursor.accept("COLUMN")
            return self.redefine("")
        if cursor.accept("CHANGE"):
            cursor.accept("COLUMN")
            return self.redefine(cursor.identifier())
        if cursor.accept("SET", "SCHEMA"):
            namespace, name = cursor.identifier(), self.table.rpartition(".")[2]
            return [self.make("rename_table", to=name if namespace == "public" else f"{namespace}.{name}")]
        if cursor.accept("COMMENT"):
            cursor.accept("=")
            token = cursor.take()
            return [self.make("set_comment", to=token.value if token else None)]
        if cursor.peek() in SILENT_ACTIONS:
            return []
        raise NotUnderstood("the alteration is not understood")

    def add(self) -> Iterator[Operation]:
        cursor = self.cursor
        if starts_constraint(cursor):
            if cursor.peek() == "CONSTRAINT" and cursor.peek(2) == "NOT":
                raise NotUnderstood("the constraint is not understood")
            element = read_constraint(cursor, self.table, self.origin)
            if element is None:
                if "USING" in [token.word for token in cursor.tokens]:
                    return  # the index that becomes a constraint is there already
                raise NotUnderstood("the constraint is not understood")
            yield _created(self.table, element, self.origin)
            return
        if cursor.peek() in ("GENERATED", "PARTITION"):
            return
        cursor.accept("COLUMN")
        exists = cursor.accept("IF", "NOT", "EXISTS")
        columns = [cursor]
        if cursor.peek() == "(":  # MySQL and Oracle: ADD (a INT, b INT)
            inside = cursor.bracket()
            columns = inside.parts() if inside else []
        for part in columns:
            column, elements = read_column(part, self.origin)
            if not column.name:
                raise NotUnderstood("the column is not named")
            yield self.make("add_column", column.name, column=column, exists=exists)
            for element in elements:
                if not isinstance(element, PrimaryKey):
                    yield _created(self.table, element, self.origin)

    def drop(self) -> Iterator[Operation]:
        cursor = self.cursor
        if cursor.accept("PRIMARY", "KEY"):
            yield self.make("drop_constraint", kind="primary_key")
            return
        for words, kind in (
            (("CONSTRAINT",), ""),
            (("FOREIGN", "KEY"), "foreign_key"),
            (("CHECK",), "check"),
        ):
            if cursor.accept(*words):
                exists = cursor.accept("IF", "EXISTS")
                yield self.make("drop_constraint", self.named(), kind=kind, exists=exists)
                return
        if cursor.peek() in ("INDEX", "KEY") and cursor.peek(1) != "":
            cursor.take()
            yield self.make("drop_index", self.named())
            return
        if cursor.peek() in ("PARTITION",):
            return
        cursor.accept("COLUMN")
        exists = cursor.accept("IF", "EXISTS")
        yield self.make("drop_column", self.named(), exists=exists)

    def named(self) -> str:
        name = self.cursor.identifier()
        if not name:
            raise NotUnderstood("a name is missing")
        return name

    def alter(self) -> Iterator[Operation]:
        cursor = self.cursor
        if cursor.accept("CONSTRAINT") or cursor.accept("INDEX"):
            return
        cursor.accept("COLUMN")
        name = self.named()
        if cursor.accept("SET", "DATA", "TYPE") or cursor.accept("TYPE"):
            yield self.make("alter_column", name, set={"type": read_type(cursor)})
        elif cursor.accept("SET", "DEFAULT"):
            yield self.make("alter_column", name, set={"server_default": read_default(cursor)})
        elif cursor.accept("DROP", "DEFAULT"):
            yield self.make("alter_column", name, set={"server_default": None})
        elif cursor.accept("SET", "NOT", "NULL"):
            yield self.make("alter_column", name, set={"nullable": False})
        elif cursor.accept("DROP", "NOT", "NULL"):
            yield self.make("alter_column", name, set={"nullable": True})
        elif cursor.accept("DROP", "IDENTITY"):
            yield self.make("alter_column", name, set={"identity": None})
        elif cursor.accept("DROP", "EXPRESSION"):
            yield self.make("alter_column", name, set={"computed": None})
        elif cursor.accept("ADD", "GENERATED"):
            always = cursor.accept("ALWAYS")
            yield self.make("alter_column", name, set={"identity": "always" if always else "by default"})
        elif cursor.peek() not in ("SET", "RESET", "RESTART"):
            raise NotUnderstood("the alteration of the column is not understood")

    def rename(self) -> Iterator[Operation]:
        cursor = self.cursor
        if cursor.accept_any("TO", "AS"):
            new = cursor.name()
            namespace = self.table.rpartition(".")[0]
            yield self.make("rename_table", to=f"{namespace}.{new}" if namespace and "." not in new else new)
            return
        op = "rename_column"
        if cursor.accept("CONSTRAINT"):
            op = "rename_constraint"
        elif cursor.peek() in ("INDEX", "KEY") and cursor.peek(2) == "TO":
            cursor.take()
            op = "rename_index"
        else:
            cursor.accept("COLUMN")
        old = self.named()
        if not cursor.accept("TO"):
            raise NotUnderstood("the new name is missing")
        yield self.make(op, old, to=self.named())

    def redefine(self, old: str) -> Iterator[Operation]:
        """MySQL's MODIFY and CHANGE say a column anew: what is not said is gone."""
        column, _elements = read_column(self.cursor, self.origin)
        if not column.name:
            raise NotUnderstood("the column is not named")
        if old and old != column.name:
            yield self.make("rename_column", old, to=column.name)
        yield self.make(
            "alter_column",
            column.name,
            set={
                "type": column.type,
                "nullable": column.nullable,
                "server_default": column.server_default,
                "comment": column.comment,
            },
        )


def _created(table: str, element: Any, origin: Origin) -> Operation:
    if isinstance(element, Index):
        return Operation("create_index", table, element.name or "", {"index": element}, origin)
    return Operation(CREATE_OF[type(element)], table, element.name or "", {"constraint": element}, origin)
