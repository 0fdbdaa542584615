"""Tables whose names begin with a prefix that only the settings tell."""

from __future__ import annotations

from textwrap import dedent

import pytest

from gitmig.schema.elements import Schema, Table
from gitmig.schema.operations import Operation
from gitmig.schema.prefixes import Taken, is_prefixed, operation_with_prefix, with_prefix, written_prefix
from gitmig.source.scopes import module_scope
from gitmig.source.syntax import parse
from gitmig.source.values import evaluate
from tests.schema.models.reading import read_models


def schema_of(*names: str) -> Schema:
    return Schema(tables={name: Table(name) for name in names})


def test_a_written_prefix_is_the_one_with_which_most_tables_agree() -> None:
    prefixed, written = schema_of("{prefix}users", "{prefix}roles"), schema_of("app_users", "app_roles", "old_users")
    assert written_prefix([prefixed], [written]) == Taken("app_", 2, 2)


def test_tables_that_are_new_prove_nothing() -> None:
    before, now = schema_of("{prefix}users", "{prefix}roles"), schema_of("{prefix}users", "{prefix}roles", "{prefix}a")
    assert written_prefix([now, before], [schema_of("app_users", "app_roles")]) == Taken("app_", 2, 2)


THIN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nothing is written": (("users", "roles"), ()),
    "others are": (("users", "roles"), ("pages",)),
    "too few of them": (("users", "roles", "links"), ("app_users", "app_roles")),
    "one table is a chance": (("users",), ("app_users",)),
}


@pytest.mark.parametrize(("rests", "written"), THIN.values(), ids=THIN)
def test_no_prefix_is_guessed(rests: tuple[str, ...], written: tuple[str, ...]) -> None:
    prefixed = schema_of(*(f"{{prefix}}{rest}" for rest in rests))
    assert written_prefix([prefixed], [schema_of(*written)]) is None


def test_a_prefix_is_put_into_schemas_and_operations() -> None:
    schema = with_prefix(schema_of("{prefix}users"), "app_")
    assert (list(schema.tables), schema.tables["app_users"].name) == (["app_users"], "app_users")
    assert not is_prefixed(schema)
    assert operation_with_prefix(Operation("drop_table", "{prefix}users"), "app_").table == "app_users"


MODULE = """
import os
from lib import settings
from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    table_prefix: str = "shop_"
class Fixed:
    table_prefix = "shop_"
own, fixed = Settings(), Fixed()
PREFIX = settings.table_prefix
NAME = settings.name
first = f"{PREFIX}users"
second = settings.prefix + "users"
third = f"{NAME}users"
fifth = f"{own.table_prefix}users"
sixth = f"{fixed.table_prefix}users"
fourth = "yes" if first == "{prefix}users" else "no"
"""
VALUES = {
    "first": "{prefix}users",
    "second": "{prefix}users",
    "third": None,
    "fourth": None,
    "fifth": "{prefix}users",  # what is written in settings is only the default
    "sixth": "shop_users",
}


@pytest.mark.parametrize(("name", "value"), VALUES.items())
def test_only_what_is_called_a_prefix_has_a_placeholder_and_it_is_compared_with_nothing(
    name: str, value: str | None
) -> None:
    tree = parse(MODULE.encode()).tree
    assert tree is not None
    scope = module_scope(tree, "a.py")
    found = evaluate(parse(name.encode()).tree.body[0].value, scope)  # type: ignore[union-attr]
    assert getattr(found, "value", None) == value


def test_models_under_a_prefix_are_tables_that_refer_to_each_other() -> None:
    text = dedent("""
        import sqlalchemy as sa
        from sqlalchemy.orm import DeclarativeBase
        from lib import settings
        def named(name):
            return f"{settings.table_prefix}{name}"
        class Base(DeclarativeBase):
            def __init_subclass__(cls):
                cls.__tablename__ = named(cls.__tablename__)
        class User(Base):
            __tablename__ = "users"
            id = sa.Column(sa.Integer, primary_key=True)
            role = sa.Column(sa.ForeignKey(f"{named('roles')}.id"))
        class Role(Base):
            __tablename__ = "roles"
            id = sa.Column(sa.Integer, primary_key=True)
    """)
    schema = read_models(text)
    assert not schema.unknown
    (key,) = schema.tables["{prefix}users"].foreign_keys
    assert key.referred in schema.tables
