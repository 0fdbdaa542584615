"""Types: one normal form for every spelling; what is not read keeps its text."""

from __future__ import annotations

import ast

import pytest

from gitmig.schema.elements import Type
from gitmig.schema.types import read_type
from gitmig.source.scopes import module_scope

MODULE = """
import enum
import sys
import sqlalchemy as sa
import sqlmodel
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy_utils import EmailType, UUIDType
from sqlalchemy_utils.types.encrypted.encrypted_type import EncryptedType
from geoalchemy2 import Geometry
from app import WIDTH, strange

WIDE = 200
text_type = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


class Sealed(EncryptedType):
    impl = sa.Text


def address(inner):
    class Address(sa.TypeDecorator):
        impl = inner

    return Address


def Text50(*arguments, **named):
    named["collation"] = None
    return sa.String(*arguments, **named)


def Forced(*arguments, **named):
    if sys.version_info[0] < 3:
        named["convert_unicode"] = "force"
    return sa.String(*arguments, **named)


class Colour(enum.Enum):
    red = "r"
    blue = "bl"


class Doubled(sa.TypeDecorator):
    impl = sa.String

    def __init__(self, length=5):
        super().__init__(length * 2)


class Token(sa.TypeDecorator):
    impl = sa.CHAR

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID())
        return dialect.type_descriptor(sa.CHAR(36))


class GUID(sa.TypeDecorator):
    impl = sa.CHAR(32)

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID())
        return dialect.type_descriptor(sa.CHAR(32))


class Money(sa.types.UserDefinedType):
    def get_col_spec(self, **kw):
        return "MONEY"
"""

STRING50 = Type("string", "sa.String(length=50)", length=50)
SAME = {
    "a length by position or by name": ("sa.String(50)", "sa.String(length=50)"),
    "a class or an instance": ("sa.Integer", "sa.Integer()"),
    "no time zone": ("sa.DateTime(timezone=False)", "sa.DateTime"),
    "options that only Python sees": ("sa.JSON(none_as_null=True)", "sa.JSON()"),
    "a mutable type": ("MutableDict.as_mutable(sa.JSON)", "sa.JSON()"),
    "a constant": ("sa.String(WIDE)", "sa.String(200)"),
    "a decorator of the project": ("Doubled(25)", "sa.String(50)"),
    "a decorator of a package with its own impl": ("Sealed(sa.String, 'key')", "sa.Text()"),
    "a decorator that a function makes": ("address(sa.String)(50)", "sa.String(50)"),
    "a function that passes its arguments on": ("Text50(50)", "sa.String(50)"),
    "a decorator that gives every database another type than its impl": (
        "Token",
        "sa.CHAR(length=36).with_variant(postgresql.UUID(), 'postgresql')",
    ),
    "a function that asks for the major version of Python": ("Forced(50)", "sa.String(50)"),
    "the GUID of older SQLModel": ("sqlmodel.sql.sqltypes.GUID()", "sa.Uuid()"),
    "a decorator with its default": ("Doubled", "sa.String(10)"),
    "an array's item": ("sa.ARRAY(item_type=sa.String(3))", "sa.ARRAY(sa.String(length=3))"),
}
FAMILIES = {
    "sa.VARCHAR(5)": "string",
    "sa.Unicode": "string",
    "sa.BigInteger": "bigint",
    "sa.TIMESTAMP(timezone=True)": "datetime",
    "postgresql.UUID(as_uuid=True)": "uuid",
    "sa.Uuid": "uuid",
    "postgresql.JSONB(astext_type=sa.Text())": "jsonb",
    "sa.LargeBinary": "binary",
    "sa.DECIMAL(10, 2)": "numeric",
    "mysql.LONGTEXT": "longtext",
    "mysql.TINYINT(1)": "tinyint",
    "postgresql.TSVECTOR": "tsvector",
    "Money()": "money",
    "EmailType": "string",
    "UUIDType()": "binary",
    "Geometry('POINT', srid=4326)": "geometry",
    "GUID": "char",
}
UNREAD = ("strange", "strange()", "sa.String(WIDTH)", "sa.Enum(*WIDTH)", "WIDTH[0]")


def read(text: str) -> Type:
    return read_type(ast.parse(text, mode="eval").body, module_scope(ast.parse(MODULE), "models.py"))


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_spellings_of_one_type_are_equal(one: str, other: str) -> None:
    assert read(one).replace(text="") == read(other).replace(text="")


def test_a_spelling_that_was_read_before_means_the_same() -> None:
    assert read("sa.String(50)") == read("sa.String(50)") != read("sa.String('50')")
    assert read("sa.Numeric(1)") != read("sa.Numeric(True)")
    assert read("sa.DateTime(True)") != read("sa.DateTime(timezone=False)")


def test_a_spelling_that_was_read_before_has_its_own_alternatives() -> None:
    source = (
        "import sqlalchemy as sa\nName = sa.CHAR(7)\nif small:\n    Name = sa.CHAR(8)\nelse:\n    Name = sa.CHAR(9)\n"
    )
    plain = Type("char", "sa.CHAR(length=8)", length=8)
    body = module_scope(ast.parse(source), "types.py")
    assert read("sa.CHAR(8)") == plain
    named = read_type(ast.Name("Name"), body)
    assert [variant.length for _, variant in named.variants] == [9]
    assert read("sa.CHAR(8)") == plain


@pytest.mark.parametrize(("text", "family"), FAMILIES.items(), ids=FAMILIES)
def test_families(text: str, family: str) -> None:
    assert (read(text).family, read(text).known) == (family, True)


@pytest.mark.parametrize("text", UNREAD)
def test_types_that_are_not_read_say_so(text: str) -> None:
    assert not read(text).known


@pytest.mark.parametrize("text", ["sa.String(WIDTH)", "sa.String(length=WIDTH)", "Text50(WIDTH)"])
def test_an_argument_that_is_not_read_stays_in_the_text(text: str) -> None:
    assert read(text).text == "sa.String(length=app.WIDTH)"


def test_the_normal_form() -> None:
    assert read("sa.String(50)") == STRING50
    assert read("sa.Numeric(10, 2)").text == "sa.Numeric(precision=10, scale=2)"
    assert read("postgresql.JSONB()").text == "postgresql.JSONB()"


def test_variants_are_kept_by_dialect() -> None:
    variant = Type("longtext", "mysql.LONGTEXT()")
    assert read("text_type").variants == (("mariadb", variant), ("mysql", variant))
    assert read("GUID").variants == (("postgresql", Type("uuid", "postgresql.UUID()")),)


UUID_TYPES = {
    "UUIDType()": ("binary", 16, True),
    "UUIDType(binary=False)": ("char", 32, True),
    "UUIDType(native=False)": ("binary", 16, False),
}


@pytest.mark.parametrize(("text", "expected"), UUID_TYPES.items(), ids=UUID_TYPES)
def test_uuid_type_of_sqlalchemy_utils_is_native_where_there_is_one(text: str, expected: tuple[str, int, bool]) -> None:
    found = read(text)
    assert (found.family, found.length, bool(found.variants)) == expected


def test_a_length_that_depends_on_the_database_gives_either_type() -> None:
    found = read("sa.String(1024 if strange() else None)")
    assert (found.known, {found.length, *(other.length for _, other in found.variants)}) == (True, {1024, None})
    assert not read("sa.String(1024 if strange() else strange())").known


def test_the_guid_of_an_older_sqlmodel_is_a_uuid() -> None:
    assert read("sqlmodel.sql.sqltypes.GUID()").family == "uuid"


def test_enums() -> None:
    plain = read("sa.Enum('a', 'b', name='letters', schema='s')")
    assert (plain.values, plain.enum_name, plain.enum_namespace, plain.native) == (("a", "b"), "letters", "s", True)
    named = read("sa.Enum(Colour)")
    assert (named.values, named.enum_name) == (("red", "blue"), "colour")
    valued = read("sa.Enum(Colour, values_callable=lambda e: [m.value for m in e], native_enum=False)")
    assert (valued.values, valued.native, valued.length) == (("r", "bl"), False, 2)
