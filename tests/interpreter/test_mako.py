"""The project's template gives what Alembic makes of it."""

from __future__ import annotations

import ast
from datetime import datetime, timezone
from pathlib import Path

import alembic
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from gitmig.environments.environment import Environment
from gitmig.errors import EnvironmentProblem
from gitmig.interpreter.mako import render_with_template
from gitmig.revisions.draft import Draft
from gitmig.revisions.parsing import parse_revision

JOIN = Draft("c1d2", "join heads a and b", ("a", "b"))
NOW = datetime(2025, 7, 1, 10, 0, 0, 123456)
TEMPLATES = Path(alembic.__file__).parent / "templates"
GENERIC = (TEMPLATES / "generic/script.py.mako").read_bytes()


def environment(**fields):
    return Environment("main", "m", ("m/versions",), template="m/script.py.mako", **fields)


@pytest.mark.parametrize("name", ["generic", "async", "multidb", "pyproject", "pyproject_async"])
def test_the_templates_of_alembic_give_what_alembic_gives(name, tmp_path, monkeypatch):
    template = TEMPLATES / name / "script.py.mako"
    if not template.exists():
        pytest.skip("this Alembic has no such template")
    content = template.read_bytes()
    (tmp_path / "versions").mkdir()
    (tmp_path / "script.py.mako").write_bytes(content)
    for one in "ab":
        (tmp_path / f"versions/{one}.py").write_text(f"revision = '{one}'\ndown_revision = None\n")
    config = Config()
    config.set_main_option("script_location", str(tmp_path))
    config.set_main_option("databases", "one, two")
    config.set_main_option("path_separator", "os")
    directory = ScriptDirectory.from_config(config)
    monkeypatch.setattr(directory, "_generate_create_date", lambda: NOW)
    made = directory.generate_revision("c1d2", JOIN.message, head=("a", "b"), refresh=True, config=config)
    ours = render_with_template(JOIN, environment(databases=("one", "two")), content, NOW)
    assert ours == Path(made.path).read_bytes()
    assert parse_revision(ours).down_revisions == ("a", "b")


@pytest.mark.parametrize("message", ['x"""\nimport os\n"""', "x\nimport os", "ends with \\", 'ends with "'])
def test_no_message_becomes_code(message):
    made = render_with_template(JOIN.replace(message=message), environment(), GENERIC, NOW)
    kinds = [type(statement).__name__ for statement in ast.parse(made).body]
    assert kinds == ["Expr", *["ImportFrom"] * 2, "Import", *["AnnAssign"] * 4, *["FunctionDef"] * 2]


def test_the_time_zone_is_the_caller_s():
    made = render_with_template(JOIN, environment(), GENERIC, NOW.replace(tzinfo=timezone.utc))
    assert b"Create Date: 2025-07-01 10:00:00.123456+00:00" in made


def test_the_encoding_is_the_project_s():
    made = render_with_template(JOIN.replace(message="année"), environment(output_encoding="latin-1"), GENERIC, NOW)
    assert b"ann\xe9e" in made


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (b"${1 / 0}", "ZeroDivisionError"),
        (b"<% import time; time.sleep(60) %>", "did not end within"),
        (b"<% raise SystemExit(3) %>", "status 3"),
        (b"${nothing_of_this_name}", "NameError"),
    ],
    ids=["an error", "one that never ends", "one that leaves", "a name that is not given"],
)
def test_a_template_that_fails_is_told(template, why):
    with pytest.raises(EnvironmentProblem, match=why):
        render_with_template(JOIN, environment(), template, NOW, time_limit=2)


def test_the_template_gets_no_variables_of_git(monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("DATABASE_URL", "secret")
    template = b"<% import os %>${sorted(n for n in os.environ if n in ('GIT_DIR', 'DATABASE_URL'))} ${os.listdir('.')}"
    assert render_with_template(JOIN, environment(), template, NOW) == b"[] []"
