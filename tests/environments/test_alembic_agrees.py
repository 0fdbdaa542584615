"""The folders and files that Alembic itself loads, on disk, against what we say of the same tree."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.base import Script, _only_source_rev_file, _sourceless_rev_file
from hypothesis import given
from hypothesis import strategies as st

from gitmig.environments.discovery import discover, wanted
from gitmig.environments.environment import Environment

REVISION = "revision = {name!r}\ndown_revision = None\n"
FILES = [
    "m/env.py",
    "m/script.py.mako",
    "m/versions/a.py",
    "m/versions/deep/er/b.py",
    "m/old/c.py",
    "plugins/v/d.py",
    "README",
]


@pytest.mark.parametrize(
    "ini",
    [
        pytest.param("script_location = m", id="the default versions folder"),
        pytest.param("script_location = %(here)s/m", id="here"),
        pytest.param("script_location = ./m/", id="dots and slashes"),
        pytest.param("script_location = %(base)s\nbase = m", id="an option of the project"),
        pytest.param("script_location = m\nversion_locations = m/old", id="another folder"),
        pytest.param("script_location = m\nversion_locations = m/old plugins/v", id="split at spaces"),
        pytest.param("script_location = m\nversion_locations = m/old, plugins/v", id="split at commas"),
        pytest.param(
            "script_location = m\nversion_locations = %(here)s/m/old:plugins/v\npath_separator = os",
            id="split as paths",
        ),
        pytest.param(
            "script_location = m\nversion_locations = m/old;plugins/v\nversion_path_separator = ;",
            id="the older setting",
        ),
        pytest.param(
            "script_location = m\nversion_locations =\n  m/old\n  plugins/v\npath_separator = newline", id="lines"
        ),
        pytest.param("script_location = m\nrecursive_version_locations = true", id="recursive"),
        pytest.param("script_location = m\nrecursive_version_locations = True", id="recursive, misspelt"),
        pytest.param("script_location = m\nversion_locations = m/nowhere m/old", id="a folder that is not there"),
        pytest.param("script_location = m\nversion_locations = m/old m/old", id="a folder twice"),
        pytest.param("script_location = m\nversion_locations = m/../plugins/v", id="through another folder"),
    ],
)
@pytest.mark.parametrize("form", ["ini", "sections"])
def test_the_same_files(ini: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(REVISION.format(name=path))
    section = "alembic" if form == "ini" else "shop"
    text = f"[{section}]\n{ini}\n"
    (tmp_path / "alembic.ini").write_text(text)
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        directory = ScriptDirectory.from_config(Config("alembic.ini", ini_section=section))
        folders = [folder for folder in directory._version_locations if folder.exists()]
        theirs = {
            path.resolve().relative_to(tmp_path).as_posix()
            for folder in folders
            for path in Script._list_py_dir(directory, folder)
            if Script._from_path(directory, path.resolve())
        }
    paths = [*FILES, "alembic.ini"]
    texts = {path: text.encode() if path == "alembic.ini" else b"" for path in wanted(paths)}
    (environment,) = discover(paths, texts).environments
    assert {path for path in paths if environment.holds(path)} == theirs


NAMES = st.from_regex(re.compile(r"(__init__|\.#|-|\.)?[ab\n]{0,2}(\.py)?[co~]?", re.ASCII), fullmatch=True)


@given(NAMES.filter(lambda name: name and not name.endswith("\n")), st.booleans())
def test_the_same_names(name: str, sourceless: bool) -> None:
    pattern = _sourceless_rev_file if sourceless else _only_source_rev_file
    assert Environment("m", "m", ("v",), sourceless=sourceless).holds(f"v/{name}") == bool(pattern.match(name))


TEXT = st.lists(
    st.sampled_from(
        [
            *(
                "[alembic]",
                "[other]",
                "[DEFAULT]",
                "\n",
                "\n",
                " = ",
                ": ",
                "script_location",
                "version_locations",
                "path_separator",
            ),
            *(
                "%(here)s",
                "%(script_location)s",
                "%",
                "..",
                "/",
                "m",
                "pkg:m",
                "os",
                "recursive_version_locations",
                "true",
                "\x00",
            ),
            *(
                "sourceless",
                "prepend_sys_path",
                ".",
                "[tool.alembic]",
                '"',
                "[",
                "]",
                "\ufeff",
                "{x}",
                "C:\\",
                "truncate_slug_length",
            ),
        ]
    ),
    max_size=25,
).map("".join)


@given(TEXT, TEXT, st.binary(max_size=20))
def test_any_configuration_gives_environments_or_problems(ini: str, toml: str, noise: bytes) -> None:
    paths = ["a/alembic.ini", "a/m/env.py", "a/m/versions/x.py", "alembic.ini", "pyproject.toml", "m", "pkg/m/env.py"]
    texts = {"alembic.ini": ini.encode(), "pyproject.toml": f"[tool.alembic]\n{toml}".encode(), "a/alembic.ini": noise}
    discovery = discover(paths, texts)
    names = [environment.name for environment in discovery.environments]
    assert len(set(names)) == len(names)
    for environment in discovery.environments:
        for folder in (*environment.versions, environment.script_location, *environment.roots):
            assert not folder.startswith(("/", "../"))
            assert "\0" not in folder
