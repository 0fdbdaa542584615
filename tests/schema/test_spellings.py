"""Spellings of one thing are one thing."""

from __future__ import annotations

import pytest

from gitmig.schema.elements import Type
from gitmig.schema.spellings import normal_default, normal_sql, same_action, same_type, words

SAME = [
    ("(a > 0)", "a>0"),
    ("lower((name)::text)", "LOWER(name)"),
    ('"Name" = 1', "name = 1"),
    ("'x'::character varying(5)", "'x'"),
    ("a  IN (1,2)", "a in (1, 2)"),
]
DIFFERENT = [("a > 0", "a > 1"), ("'X'", "'x'"), ("(a) OR (b)", "a AND b")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_sql(one: str, other: str) -> None:
    assert normal_sql(one) == normal_sql(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_sql(one: str, other: str) -> None:
    assert normal_sql(one) != normal_sql(other)


@pytest.mark.parametrize(
    "text",
    ["now()", "CURRENT_TIMESTAMP", "(now())", "current_timestamp()", "(datetime('now'))", "strftime('%Y', 'now')"],
)
def test_now(text: str) -> None:
    assert normal_default(text) == "now()"


def test_direction_is_part_of_an_index_and_ascending_is_the_default() -> None:
    assert words("a ASC") == words("a")
    assert words("a DESC") != words("a")


def test_no_action_is_nothing() -> None:
    assert same_action(None, "no  action")
    assert not same_action(None, "CASCADE")


def test_what_is_not_known_is_neither_the_same_nor_different() -> None:
    strange = Type("", "load()", known=False)
    assert same_type(strange, Type("integer", "Integer()")) is None
    assert same_type(strange, strange.replace(family="x")) is True
    assert same_type(Type("array", "", item=strange), Type("array", "", item=Type("integer"))) is None


OWN = Type("geometry", "Geometry('POINT')")
CLASSES_OF_PACKAGES = {
    "may stand for any other type": (OWN, Type("string", "sa.String()"), None),
    "may stand for an enum": (OWN, Type("enum", "sa.Enum('a')", values=("a",)), None),
    "may stand for one another": (OWN, Type("geography", "Geography()"), None),
    "are the same under the same name": (OWN, Type("geometry", "geo.Geometry('POINT')"), True),
    "of a package and of SQL": (Type("vector", "VECTOR(dim=3)"), Type("vector", "vector(3)", length=3), True),
    "of a package and of SQL that differ": (Type("vector", "Vector(4)"), Type("vector", "vector(3)", length=3), False),
    "of sqlalchemy-utils and of SQL": (Type("ltreetype", "LtreeType()"), Type("ltree", "LTREE"), True),
    "are compared by what they say": (Type("vector", "v(3)", length=3), Type("vector", "v(4)", length=4), False),
}


@pytest.mark.parametrize(("one", "other", "answer"), CLASSES_OF_PACKAGES.values(), ids=CLASSES_OF_PACKAGES)
def test_types_of_packages(one: Type, other: Type, answer: bool | None) -> None:
    assert same_type(one, other) is answer
    assert same_type(other, one) is answer
