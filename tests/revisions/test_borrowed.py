"""What a revision takes from a module of its project, and which edits of the module it would notice."""

from __future__ import annotations

import pytest

from gitmig.revisions.borrowed import concerns, names_borrowed

MODULE = "shop.words"
BORROWED = {
    "names, under others": ("from shop.words import one, two as second\n", {"one", "two"}),
    "attributes of the module": ("from shop import words\nwords.one(words.TWO.x)\n", {"one", "TWO"}),
    "attributes under an alias": ("import shop.words as w\nw.one()\n", {"one"}),
    "attributes by the dotted name": ("import shop.words\nshop.words.one()\n", {"one"}),
    "the module as a value": ("from shop import words\nf(words)\nwords.one()\n", None),
    "a star": ("from shop.words import *\n", None),
    "nothing": ("from shop import words\n", set()),
    "another module": ("from shop.other import one\n", set()),
    "what does not parse": ("from\n", None),
}


@pytest.mark.parametrize(("source", "expected"), BORROWED.values(), ids=BORROWED)
def test_names_that_a_revision_uses(source: str, expected: set[str] | None) -> None:
    assert names_borrowed(source.encode(), MODULE) == expected


def test_a_relative_module_is_asked_for_with_its_dots() -> None:
    assert names_borrowed(b"from .words import one\nfrom . import words\nwords.two\n", ".words") == {"one", "two"}


WORDS = """
import os
from shop.base import made
LONG = 200
SHORT = LONG - 100
OTHER = 1

def one():
    return SHORT

def two():
    return made()
"""
EDITS = {
    "the name itself": ("SHORT", "LONG - 100", "LONG - 50", True),
    "what it reaches": ("one", "LONG = 200", "LONG = 300", True),
    "another constant": ("one", "OTHER = 1", "OTHER = 2", False),
    "another function": ("one", "return made()", "return made(1)", False),
    "a name more": ("one", "OTHER = 1", "OTHER = 1\nMORE = 2", False),
    "a name less": ("OTHER", "OTHER = 1", "", True),
    "where a name comes from, moved": ("made", "shop.base", "shop.kit", False),
    "where a name comes from": ("made", "import made", "import making as made", True),
    "a statement about it": ("LONG", "OTHER = 1", "OTHER = 1\nregister(SHORT, LONG)", True),
    "a statement about others": ("LONG", "OTHER = 1", "OTHER = 1\nregister(OTHER)", False),
    "a module below the package": ("below", "OTHER = 1", "OTHER = 2", False),
    "a comment": ("one", "OTHER = 1", "OTHER = 1  # one", False),
}


@pytest.mark.parametrize(("name", "old", "new", "expected"), EDITS.values(), ids=EDITS)
def test_edits_that_a_name_would_notice(name: str, old: str, new: str, expected: bool) -> None:
    edited = WORDS.replace(old, new, 1)
    assert edited != WORDS
    assert concerns(frozenset({name}), WORDS.encode(), edited.encode()) is expected


def test_who_uses_the_whole_module_notices_every_edit_but_spelling() -> None:
    assert concerns(None, WORDS.encode(), WORDS.replace("OTHER = 1", "OTHER = 2").encode())
    assert not concerns(None, WORDS.encode(), WORDS.replace("OTHER = 1", "OTHER = 0x1").encode())
    assert concerns(frozenset(), WORDS.encode(), b"(")
