"""env.py as facts."""

from __future__ import annotations

import pytest

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


SEVERAL = {
    "one database": ("context.run_migrations()", []),
    "several, by their name": ("context.run_migrations(engine_name=name)", ["engine_name"]),
    "several, offline and online": (
        "a.run_migrations(engine_name=n)\nb.run_migrations(engine_name=n)",
        ["engine_name"],
    ),
}


@pytest.mark.parametrize(("text", "passes"), SEVERAL.values(), ids=SEVERAL)
def test_what_every_upgrade_is_given(text: str, passes: list[str]) -> None:
    assert extract(text.encode())["passes"] == passes


def test_entries_of_a_mapping_that_are_set_later_belong_to_it() -> None:
    found = extract(b"target_metadata = {}\ntarget_metadata['a'] = A.metadata\ntarget_metadata[key] = B.metadata\n")
    assert found["targets"] == [["{'a': A.metadata}", 1]]


def test_databases_that_share_one_metadata() -> None:
    named = b"target_metadata = M\nfor n in names:\n    context.configure(target_metadata=%s)\n"
    assert extract(named % b"target_metadata")["shares"]
    assert not extract(named % b"target_metadata.get(n)")["shares"]
