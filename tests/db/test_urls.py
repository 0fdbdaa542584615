"""Two URLs of one database, however they are spelled."""

from __future__ import annotations

import pytest

from gitmig.db.urls import is_same_database, read_url
from gitmig.errors import UsageError

SHOP = "postgresql://ada:secret@db.example.org/shop"
SAME = {
    "equal": (SHOP, SHOP),
    "another driver": (SHOP, SHOP.replace("postgresql:", "postgresql+asyncpg:")),
    "another user": (SHOP, SHOP.replace("ada:secret", "bob")),
    "the port that is the usual one": (SHOP, SHOP.replace(".org/", ".org:5432/")),
    "names of this machine": ("mysql://localhost/shop", "mysql+pymysql://127.0.0.1/shop"),
    "a file from the folder": ("sqlite:///shop.db", "sqlite:////top/shop.db"),
    "a file by a longer way": ("sqlite:///shop.db", "sqlite:///./x/../shop.db"),
}
OTHER = {
    "another database": (SHOP, SHOP.replace("/shop", "/scratch")),
    "another host": (SHOP, SHOP.replace("db.", "db2.")),
    "another port": (SHOP, SHOP.replace(".org/", ".org:5433/")),
    "another kind": (SHOP, SHOP.replace("postgresql", "mysql")),
    "another file": ("sqlite:///shop.db", "sqlite:///scratch.db"),
    "no URL at all": ("driver://x/y z", SHOP),
    "none configured": (SHOP, ""),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_the_same(one, other):
    assert is_same_database(one, other, "/top")


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_not_the_same(one, other):
    assert not is_same_database(one, other, "/top")


@pytest.mark.parametrize("text", ["nonsense", "sqlite", "postgresql://host:port/x"])
def test_what_is_none_is_refused(text):
    with pytest.raises(UsageError, match="no URL of a database"):
        read_url(text)
