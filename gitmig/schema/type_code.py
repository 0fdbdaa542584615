"""A type as the code of a revision: frozen, so that it says the same when the models have moved on."""

from __future__ import annotations

import ast
import re

from gitmig.frozen import Frozen
from gitmig.schema.elements import Type
from gitmig.schema.layout import Call, Listed, call, flat, method, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gitmig.schema.layout import Code

DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle")
_SPELLED = re.compile(r"(\w+)\.(\w+)(\(.*\))?\Z", re.DOTALL)
_POSITION = re.compile(r"_\d+\Z")
_NAMED = re.compile(r"[\w.]+(\(.*\))?\Z", re.DOTALL)
# What `sqlalchemy` has under its own name; a type of another package may be called the same in capitals.
_GENERIC = """
    ARRAY BIGINT BINARY BLOB BOOLEAN CHAR CLOB DATE DATETIME DECIMAL DOUBLE DOUBLE_PRECISION FLOAT INT INTEGER JSON
    NCHAR NUMERIC NVARCHAR REAL SMALLINT TEXT TIME TIMESTAMP UUID VARBINARY VARCHAR BigInteger Boolean Date DateTime
    Double Enum Float Integer Interval LargeBinary Numeric PickleType SmallInteger String Text Time Unicode UnicodeText
    Uuid
"""
GENERIC = frozenset(_GENERIC.split())
# How a type is called that was read from SQL, or that SQLAlchemy does not have under its name.
BY_FAMILY = {
    "string": "sa.String",
    "text": "sa.Text",
    "char": "sa.CHAR",
    "integer": "sa.Integer",
    "bigint": "sa.BigInteger",
    "smallint": "sa.SmallInteger",
    "numeric": "sa.Numeric",
    "float": "sa.Float",
    "double": "sa.Double",
    "real": "sa.REAL",
    "boolean": "sa.Boolean",
    "date": "sa.Date",
    "datetime": "sa.DateTime",
    "time": "sa.Time",
    "interval": "sa.Interval",
    "uuid": "sa.Uuid",
    "binary": "sa.LargeBinary",
    "json": "sa.JSON",
    "jsonb": "postgresql.JSONB",
    "inet": "postgresql.INET",
    "cidr": "postgresql.CIDR",
    "macaddr": "postgresql.MACADDR",
    "tsvector": "postgresql.TSVECTOR",
    "hstore": "postgresql.HSTORE",
    "citext": "postgresql.CITEXT",
    "money": "postgresql.MONEY",
    "oid": "postgresql.OID",
    "bit": "postgresql.BIT",
    "tinyint": "mysql.TINYINT",
    "mediumint": "mysql.MEDIUMINT",
    "tinytext": "mysql.TINYTEXT",
    "mediumtext": "mysql.MEDIUMTEXT",
    "longtext": "mysql.LONGTEXT",
    "mediumblob": "mysql.MEDIUMBLOB",
    "longblob": "mysql.LONGBLOB",
}
ARGUMENTS = ("length", "precision", "scale", "timezone", "collation")


class Spelled(Frozen):
    """A type as code, the imports that it needs, and what is wrong with it ("" where it is right)."""

    code: Code
    imports: tuple[str, ...] = ()
    problem: str = ""


def spelled(
    type_: Type, module_of: Callable[[str], str] = lambda path: "", *, exists: Callable[[Type], bool] = lambda _: False
) -> Spelled:
    """The type as code.

    `module_of` gives the dotted name of a file of the tree; `exists` says of a native enum that the database has its
    type already, so that a new table must not create it again.
    """
    type_ = _by_dialect(type_)
    plain = _plain(type_, module_of, exists)
    for dialect, variant in type_.variants:
        if not dialect:
            return plain.replace(problem=f"which of its types counts is decided elsewhere: {type_.text}")
        other = spelled(variant, module_of, exists=exists)
        plain = Spelled(
            method(plain.code, "with_variant", other.code, text(dialect)),
            (*plain.imports, *other.imports),
            plain.problem or other.problem,
        )
    return plain


def _by_dialect(type_: Type) -> Type:
    """Types of one dialect each and one for the others, of which a condition chooses: each is for its own dialect."""
    choice = [type_.replace(variants=()), *(each for dialect, each in type_.variants if not dialect)]
    named = {each.text.partition(".")[0]: each for each in choice}
    if len(choice) < 2 or len(named) < len(choice) or "sa" not in named or not named.keys() <= {"sa", *DIALECTS}:
        return type_
    own = [(dialect, each) for dialect, each in named.items() if dialect != "sa"]
    kept = [(dialect, each) for dialect, each in type_.variants if dialect]
    return named["sa"].replace(variants=tuple(sorted((*kept, *own), key=lambda pair: pair[0])))


def _plain(type_: Type, module_of: Callable[[str], str], exists: Callable[[Type], bool]) -> Spelled:
    if type_.family == "null":
        return Spelled("sa.NullType()", problem="its type was not found")
    if type_.family == "enum":
        return _enum(type_, exists)
    if type_.family == "array" and type_.item is not None:
        return _array(type_, module_of, exists)
    written = _SPELLED.match(type_.text)
    if written is not None and written[1] in ("sa", *DIALECTS) and is_code(type_.text) and not type_.module:
        return _library(type_, written)
    if type_.module and type_.text:
        return _elsewhere(type_, module_of)
    return _by_family(type_)


def _library(type_: Type, written: re.Match[str]) -> Spelled:
    """A type of SQLAlchemy or of one of its dialects, as it was read."""
    if written[1] == "sa" and written[2] not in GENERIC:
        return _by_family(type_)
    problem = "" if type_.known else f"its arguments were not read: {type_.text}"
    code = normal_quotes(type_.text if written[3] else f"{type_.text}()")
    return Spelled(code, imports_of(written[1]), problem)


def imports_of(prefix: str) -> tuple[str, ...]:
    return (f"from sqlalchemy.dialects import {prefix}",) if prefix in DIALECTS else ()


def _elsewhere(type_: Type, module_of: Callable[[str], str]) -> Spelled:
    """A type of the project or of a package, by the module that has it."""
    module = module_of(type_.module) if type_.module.endswith(".py") else type_.module
    name = type_.text.partition("(")[0]
    arguments = type_.text[len(name) :] or "()"
    written = f"{module}.{name.rpartition('.')[2]}{arguments}"
    if not module or not _NAMED.match(type_.text) or not is_code(written, plain=True):
        return Spelled(written, problem=f"its arguments were not read: {type_.text}")
    return Spelled(normal_quotes(written), (f"import {module}",))


def _by_family(type_: Type) -> Spelled:
    name = BY_FAMILY.get(type_.family)
    if name is None or not type_.known:
        return Spelled(type_.text or "sa.NullType()", problem=f"it was not read: {type_.text or type_.family}")
    given: dict[str, Any] = {key: getattr(type_, key) for key in ARGUMENTS}
    named: dict[str, Code] = {
        key: text(value) if isinstance(value, str) else repr(value) for key, value in given.items() if value is not None
    }
    return Spelled(call(name, **named), imports_of(name.partition(".")[0]))


def _enum(type_: Type, exists: Callable[[Type], bool]) -> Spelled:
    if type_.values is None:
        return Spelled(type_.text or "sa.Enum()", problem=f"its values were not read: {type_.text}")
    options: dict[str, Code | None] = {
        "name": text(type_.enum_name) if type_.enum_name else None,
        "schema": text(type_.enum_namespace) if type_.enum_namespace else None,
        "native_enum": None if type_.native else "False",
        "length": repr(type_.length) if type_.length is not None and not type_.native else None,
        "create_constraint": "True" if type_.create_constraint else None,
    }
    values = [text(value) for value in type_.values]
    if type_.native and type_.enum_name and exists(type_):
        known = {key: options[key] for key in ("name", "schema")}
        return Spelled(call("postgresql.ENUM", *values, **known, create_type="False"), imports_of("postgresql"))
    if type_.text.startswith("mysql."):
        return Spelled(call("mysql.ENUM", *values), imports_of("mysql"))
    if type_.text.startswith("postgresql.") and type_.native:
        return Spelled(call("postgresql.ENUM", *values, **options), imports_of("postgresql"))
    return Spelled(call("sa.Enum", *values, **options))


def _array(type_: Type, module_of: Callable[[str], str], exists: Callable[[Type], bool]) -> Spelled:
    item = spelled(type_.item or Type("null"), module_of, exists=exists)
    prefix = "postgresql" if type_.text.startswith("postgresql.") else "sa"
    dimensions = repr(type_.dimensions) if type_.dimensions is not None else None
    problem = item.problem or ("" if type_.known else f"its arguments were not read: {type_.text}")
    code = call(f"{prefix}.ARRAY", item.code, dimensions=dimensions)
    return Spelled(code, (*imports_of(prefix), *item.imports), problem)


# Small questions


def is_code(written: str, *, plain: bool = False) -> bool:
    """Whether it is one call of plain values, which means the same in any file."""
    try:
        node = ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Attribute)
    return all(_is_plain(each, nested=not plain) for each in (*node.args, *(word.value for word in node.keywords)))


def _is_plain(node: ast.expr, *, nested: bool) -> bool:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(_is_plain(each, nested=nested) for each in node.elts)
    if isinstance(node, ast.Dict):
        return all(each is not None and _is_plain(each, nested=nested) for each in (*node.keys, *node.values))
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand, nested=nested)
    if nested and isinstance(node, ast.Call):
        return is_code(ast.unparse(node))
    return isinstance(node, ast.Constant)


def normal_quotes(written: str) -> str:
    """The expression as formatters write its strings."""
    return flat(_code_of(ast.parse(written, mode="eval").body))


def _code_of(node: ast.expr) -> Code:
    if isinstance(node, ast.Call):
        # `_0` is how the reader calls an argument by position whose name it does not know
        keywords = tuple(
            ("" if word.arg and _POSITION.match(word.arg) else word.arg or "**", _code_of(word.value))
            for word in node.keywords
        )
        return Call(ast.unparse(node.func), (*(("", _code_of(each)) for each in node.args), *keywords))
    if isinstance(node, ast.List):
        return Listed(tuple(_code_of(each) for each in node.elts))
    if isinstance(node, ast.Tuple):
        inside = ", ".join(flat(_code_of(each)) for each in node.elts)
        return f"({inside},)" if len(node.elts) == 1 else f"({inside})"
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return "{" + ", ".join(f"{flat(_code_of(key))}: {flat(_code_of(value))}" for key, value in pairs if key) + "}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return text(node.value)
    return ast.unparse(node)
