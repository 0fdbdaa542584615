"""Two trees with most files in common: what is taken from the first, and what must be read anew."""

from __future__ import annotations

import ast
import gc
from textwrap import dedent
from typing import Any

import pytest

from gitmig.environments import env_file
from gitmig.schema.elements import Schema
from gitmig.schema.models import facts
from gitmig.schema.models.attributes import own_attributes
from gitmig.schema.models.declarative import Mapper
from gitmig.schema.models.linking import link
from gitmig.schema.models.readings import Readings
from gitmig.source.modules import Modules

ENV = "from shop import Base\ntarget_metadata = Base.metadata\n"
FILES = {
    "shop/__init__.py": "from .base import Base\nfrom . import author, book, shelf\n",
    "shop/base.py": "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase):\n    pass\n",
    "shop/mixins.py": """
        from sqlalchemy import Column, Integer
        class Keyed:
            id = Column(Integer, primary_key=True)
        """,
    "shop/kinds.py": "from shop.more_kinds import *\n",
    "shop/more_kinds.py": "from sqlalchemy import String\nName = String(40)\n",
    "shop/author.py": """
        from shop import Base
        from shop.mixins import Keyed
        class Author(Base, Keyed):
            __tablename__ = "author"
        """,
    "shop/book.py": """
        from sqlalchemy import Column, ForeignKey
        from . import Base, mixins
        from .author import Author
        from .kinds import Name
        class Book(Base, mixins.Keyed):
            __tablename__ = "book"
            name = Column(Name)
            author = Column(ForeignKey(Author.id))
        """,
    "shop/shelf.py": """
        from sqlalchemy import Column, Integer
        from .base import Base
        class Shelf(Base):
            __tablename__ = "shelf"
            id = Column(Integer, primary_key=True)
        """,
}
CHANGES = {
    "nothing": ("shop/shelf.py", "", "", set()),
    "its own text": ("shop/shelf.py", "Integer, ", "Integer, index=True, ", {"Shelf"}),
    "only its lines": ("shop/shelf.py", "class Shelf", "\n\nclass Shelf", {"Shelf"}),
    "a mixin": ("shop/mixins.py", "Integer, ", "Integer, autoincrement=False, ", {"Author", "Book", "Keyed"}),
    "a type behind a star import": ("shop/more_kinds.py", "40", "50", {"Book"}),
    "the base": ("shop/base.py", "pass", "type_annotation_map = {}", {"Author", "Book", "Shelf"}),
    "a class that a foreign key names": ("shop/author.py", '"author"', '"writer"', {"Author", "Book"}),
    "a package that others import from": ("shop/__init__.py", "shelf\n", "shelf\nX = 1\n", {"Author", "Book"}),
}


@pytest.mark.parametrize(("path", "old", "new", "anew"), CHANGES.values(), ids=CHANGES)
def test_classes_are_read_anew_where_something_that_they_use_changed(
    path: str, old: str, new: str, anew: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {each: dedent(text) for each, text in FILES.items()}
    trees = Trees(files)
    readings = Readings()
    assert set(trees.schema(files, readings).tables) == {"author", "book", "shelf"}
    changed = {**files, path: files[path].replace(old, new, 1)}
    fresh = trees.schema(changed, None)
    read: set[str] = set()
    plain = Mapper.read
    monkeypatch.setattr(Mapper, "read", lambda self, cls: read.add(cls.name) or plain(self, cls))
    assert trees.schema(changed, readings) == fresh
    assert read == anew


def test_what_was_taken_over_is_known_to_the_next_tree_as_well() -> None:
    files = {each: dedent(text) for each, text in FILES.items()}
    trees, readings = Trees(files), Readings()
    second = {**files, "shop/shelf.py": files["shop/shelf.py"].replace('"shelf"', '"rack"')}
    third = {**second, "shop/more_kinds.py": files["shop/more_kinds.py"].replace("40", "50")}
    for tree in (files, second, third):
        assert trees.schema(tree, readings) == trees.schema(tree, None)


class Trees:
    """Links trees of the same paths; the facts of one text are one object, as the reader has them."""

    def __init__(self, files: dict[str, str]) -> None:
        self.modules = Modules([*files, "migrations/env.py"])
        self.env = env_file.extract(ENV.encode())
        self.facts: dict[str, dict[str, Any]] = {}

    def schema(self, files: dict[str, str], readings: Readings | None) -> Schema:
        for text in files.values():
            self.facts.setdefault(text, facts.extract(text.encode()))
        known = {path: self.facts[text] for path, text in files.items()}
        blobs = {path: f"{hash(text):x}" for path, text in files.items()}
        return link(known, self.modules, self.env, env_path="migrations/env.py", blobs=blobs, readings=readings)


def test_no_collector_is_needed_to_forget_the_syntax() -> None:
    files = {each: dedent(text).replace("class Shelf(", "class Forgotten(") for each, text in FILES.items()}
    readings = Readings()
    gc.disable()
    try:
        Trees(files).schema(files, readings)
        readings.trees._kept.clear()  # those that another tree may take
        own_attributes.cache_clear()
        left = [each for each in gc.get_objects() if isinstance(each, ast.ClassDef) and each.name == "Forgotten"]
    finally:
        gc.enable()
    assert left == []
