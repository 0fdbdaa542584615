"""Imports found in a listing of paths."""

from __future__ import annotations

import pytest

from gitmig.source.modules import Modules

PATHS = [
    "app/__init__.py",
    "app/models/__init__.py",
    "app/models/user.py",
    "app/logging.py",
    "app/space/thing.py",
    "src/lib/core.py",
    "tools/app/__init__.py",
    "tools/run.py",
    "server/alembic/env.py",
    "server/shop/db.py",
    "backend/__init__.py",
    "backend/store/__init__.py",
    "backend/store/enums.py",
    "README.md",
]
FOUND = {
    "a module from the top level": ("app.models.user", 0, "x.py", "app/models/user.py"),
    "a package": ("app.models", 0, "x.py", "app/models/__init__.py"),
    "a folder without __init__": ("app.space", 0, "x.py", "app/space/"),
    "a module in a namespace package": ("app.space.thing", 0, "x.py", "app/space/thing.py"),
    "the src layout": ("lib.core", 0, "x.py", "src/lib/core.py"),
    "the root nearest to the importing file": ("app", 0, "tools/run.py", "tools/app/__init__.py"),
    "a root beside the script location": ("shop.db", 0, "server/alembic/env.py", "server/shop/db.py"),
    "the own package below a stray __init__": (
        "store.enums",
        0,
        "backend/store/db/models.py",
        "backend/store/enums.py",
    ),
    "a neighbour": ("user", 1, "app/models/__init__.py", "app/models/user.py"),
    "the package above": ("logging", 2, "app/models/user.py", "app/logging.py"),
    "the own package": ("", 1, "app/models/user.py", "app/models/__init__.py"),
}
MISSING = {
    "a module of the standard library that a package has too": ("logging", 0, "app/models/user.py"),
    "a package inside of another, from elsewhere": ("store.enums", 0, "backend/main.py"),
    "its name alone": ("store", 0, "backend/store/db/models.py"),
    "something installed": ("sqlalchemy.orm", 0, "app/models/user.py"),
    "above the top of the tree": ("x", 5, "app/models/user.py"),
}


@pytest.mark.parametrize(("module", "level", "importer", "path"), FOUND.values(), ids=FOUND)
def test_modules_of_the_tree_are_found(module: str, level: int, importer: str, path: str) -> None:
    assert Modules(PATHS).resolve(module, level, importer) == path


@pytest.mark.parametrize(("module", "level", "importer"), MISSING.values(), ids=MISSING)
def test_modules_outside_the_tree_are_not_found(module: str, level: int, importer: str) -> None:
    assert Modules(PATHS).resolve(module, level, importer) is None


def test_modules_inside_a_package() -> None:
    modules = Modules(PATHS)
    assert modules.submodule("app/models/__init__.py", "user") == "app/models/user.py"
    assert modules.submodule("app/space/", "thing") == "app/space/thing.py"
    assert modules.submodule("app/logging.py", "user") is None
