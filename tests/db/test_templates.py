"""What `alembic init` makes, without making it in the project."""

from __future__ import annotations

import pytest

from gitmig.db.templates import TEMPLATES, make_environment
from gitmig.errors import UsageError


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template(template: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_environment(template, "migrations", {})
    wanted = {"alembic.ini", "migrations/env.py", "migrations/script.py.mako", "migrations/README"}
    assert set(made) == wanted | ({"pyproject.toml"} if template.startswith("pyproject") else set())
    place = made["pyproject.toml" if template.startswith("pyproject") else "alembic.ini"]
    assert b"%(here)s/migrations" in place
    assert capsys.readouterr().out == ""


def test_a_pyproject_is_added_to() -> None:
    made = make_environment("pyproject", "migrations", {"pyproject.toml": b"[project]\nname = 'x'\n"})
    assert made["pyproject.toml"].startswith(b"[project]\nname = 'x'\n")
    assert b"\n[tool.alembic]\n" in made["pyproject.toml"]


def test_a_template_that_this_alembic_lacks() -> None:
    with pytest.raises(UsageError, match="no template 'nosuch'"):
        make_environment("nosuch", "migrations", {})
