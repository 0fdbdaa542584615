"""What of an env.py runs in exact mode: what makes target_metadata, and nothing that needs Alembic."""

from __future__ import annotations

import pytest

from gitmig.interpreter.env_slice import slice_of

TAIL = """
def run_migrations():
    context.configure(connection=connect(), target_metadata=target_metadata)


if context.is_offline_mode():
    run_migrations()
else:
    run_migrations()
"""
KEPT = {
    "an import": ("from app import Base\ntarget_metadata = Base.metadata", None),
    "names at any distance": ("from app import a\nb = a.b\nc = b\ntarget_metadata = c.metadata", None),
    "a function that it calls": ("import app\ndef chosen():\n    return app.m\ntarget_metadata = chosen()", None),
    "an import for its effect": ("import app.models\nfrom app import tags\nfrom app import Base", None),
    "a star": ("from app.models import *\nfrom app import Base", None),
    "an import that may fail": (
        "try:\n    import app.extra\nexcept ImportError:\n    pass\nfrom app import Base",
        None,
    ),
    "a search path": ("import sys\nsys.path.append('.')\nsys.path[:0] = ['x']\nfrom app import Base", None),
    "modules by name": ("import importlib\nfor n in 'ab':\n    importlib.import_module(n)\nfrom app import Base", None),
    "a function of the project": ("from app import import_models, Base\nimport_models()", None),
    "tables that are copied": (
        "from app import Base, far\ntarget_metadata = Base.metadata\nfor t in far:\n    t.to_metadata(target_metadata)",
        None,
    ),
    "a connection": ("from app import Base, connect\nlink = connect()", "from app import Base, connect\n"),
    "the URL": ("import os\nfrom app import Base\nurl = os.environ['URL']", "\nfrom app import Base\n"),
    "the configuration": ("from alembic import context\nfrom app import Base\nconfig = context.config", ...),
    "its logging": ("from app import Base\nfrom log import fileConfig\nfileConfig('x')", "from app import Base\n\n"),
    "settings that only the URL needs": (
        "from app import Base, settings\nfrom app.core import other\nurl = other.url",
        "from app import Base, settings\n\n",
    ),
}


@pytest.mark.parametrize(("source", "expected"), [pytest.param(*row, id=name) for name, row in KEPT.items()])
def test_what_is_kept(source: str, expected: str | None) -> None:
    found = slice_of((source + "\n" + TAIL).encode(), ["target_metadata" if "target_m" in source else "Base.metadata"])
    assert found is not None and found.live == ""
    if expected is ...:
        assert "config" not in found.text
    else:
        assert found.text.rstrip("\n") == (source if expected is None else expected).rstrip("\n")


def test_lines_keep_their_numbers() -> None:
    found = slice_of(b"url = 1\n\nfrom app import Base\n", ["Base.metadata"])
    assert found is not None and found.text.split("\n")[2] == "from app import Base"


@pytest.mark.parametrize(
    "source",
    [
        "from alembic import context\ntarget_metadata = context.config.attributes['m']",
        "from alembic import context\nconfig = context.config\ntarget_metadata = config.attributes['m']",
        "from alembic import context as c\ndef chosen():\n    return c.config.m\ntarget_metadata = chosen()",
    ],
)
def test_what_only_alembic_knows_is_said(source: str) -> None:
    found = slice_of(source.encode(), ["target_metadata"])
    assert found is not None and found.live != ""


def test_what_does_not_parse_has_none() -> None:
    assert slice_of(b"def (", ["target_metadata"]) is None
