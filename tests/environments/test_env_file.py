"""env.py as facts."""

from __future__ import annotations

from gitmig.environments.env_file import extract

SOURCE = b"""
from alembic import context
from app.models import Base as Model

target_metadata = [Model.metadata, other.metadata]


def include_object(object, name, type_, reflected, compare_to):
    return name != "spatial_ref_sys"


def run():
    from app import late
    context.configure(target_metadata=target_metadata, render_as_batch=True, include_object=include_object)
"""


def test_targets_options_and_imports() -> None:
    found = extract(SOURCE)
    assert found["targets"] == [["[Model.metadata, other.metadata]", 5]]
    assert found["options"] == {"render_as_batch": "True", "include_object": "include_object"}
    assert ["app.models", 0, "Base"] in found["imports"]
    assert ["app", 0, "late"] in found["imports"]
    assert "Model.metadata" in found["roots"]
    assert found["problem"] is None


def test_a_target_that_only_configure_names() -> None:
    found = extract(b"target_metadata = None\ndef f():\n    context.configure(target_metadata=get_metadata())\n")
    assert found["targets"] == [["get_metadata()", 3]]


def test_bytes_that_do_not_parse_are_a_problem() -> None:
    assert extract(b"def (:")["problem"][0] == "syntax"
