"""What the configuration files say, with Alembic's own Config as the oracle where it does not raise."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitmig.environments.alembic_config import HERE, Described, TomlTable, describe, parse_alembic_toml
from gitmig.environments.ini import parse_ini


def described(ini: str = "", toml: str = "", flask: bool = False) -> tuple[Described, ...]:
    table: TomlTable | None = None
    if toml:
        table, problems = parse_alembic_toml("pyproject.toml", toml.encode())
        assert not problems
    return describe(parse_ini("alembic.ini", ini.encode()) if ini else None, table, flask)


def messages(one: Described) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in one.problems]


@pytest.mark.parametrize(
    ("ini", "expected"),
    [
        pytest.param("[alembic]\nscript_location = a\n", [("alembic", "a")], id="the usual section"),
        pytest.param(
            "[core]\nscript_location = a\n[tenant]\nscript_location = b\n",
            [("core", "a"), ("tenant", "b")],
            id="several sections, none called alembic",
        ),
        pytest.param(
            "[DEFAULT]\nscript_location = a\n[alembic]\n[loggers]\nkeys = root\n",
            [("alembic", "a")],
            id="a default makes no environment of the logging sections",
        ),
        pytest.param(
            "[alembic]\nx = 1\n[core]\nscript_location = a\n", [("core", "a")], id="an alembic section that only shares"
        ),
        pytest.param("[alembic]\nscript_location = %(here)s/../m\n", [("alembic", f"{HERE}/../m")], id="here"),
        pytest.param("[loggers]\nkeys = root\n", [], id="no environment at all"),
    ],
)
def test_sections_of_an_ini(ini: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.section, one.script_location) for one in described(ini)] == expected


def test_flask_migrate_leaves_the_script_location_out() -> None:
    assert described("[alembic]\nfile_template = x\n") == ()
    (one,) = described("[alembic]\nfile_template = x\n", flask=True)
    assert (one.script_location, one.config, one.line) == (HERE, "alembic.ini", 1)


TOML = '[tool.alembic]\nscript_location = "from_toml"\nversion_locations = ["x", "y"]\nfile_template = "%%(rev)s"\n'


def test_the_ini_wins_over_pyproject_key_by_key() -> None:
    (one,) = described("[alembic]\nscript_location = from_ini\n", TOML)
    assert one.script_location == "from_ini"
    assert one.version_locations == ("x", "y")
    assert one.file_template == "%(rev)s"
    assert one.config == "alembic.ini"


def test_pyproject_alone() -> None:
    (one,) = described(toml=TOML)
    assert (one.script_location, one.config, one.line) == ("from_toml", "pyproject.toml", 2)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param('[tool.alembic]\nscript_location = "a\n', 2, "no TOML", id="broken TOML"),
        pytest.param('\ufeff[tool.alembic]\nscript_location = "a"\n', 1, "byte order mark", id="a byte order mark"),
        pytest.param("[tool]\nalembic = 1\n", 2, "is not a table", id="a value instead of a table"),
    ],
)
def test_a_pyproject_that_cannot_be_read(text: str, line: int, message: str) -> None:
    table, (problem,) = parse_alembic_toml("pyproject.toml", text.encode())
    assert table is None
    assert (problem.path, problem.line) == ("pyproject.toml", line)
    assert message in problem.message


def test_a_broken_pyproject_of_other_tools_is_none_of_our_business() -> None:
    assert parse_alembic_toml("pyproject.toml", b'dependencies = ["alembic\n') == (None, ())


@pytest.mark.parametrize(
    ("ini", "toml", "line", "message"),
    [
        pytest.param(
            "[alembic]\nscript_location = a\nfile_template = %(year)d\n",
            "",
            3,
            "file_template cannot be read: a '%' must be written '%%' here",
            id="a raw percent in an ini",
        ),
        pytest.param(
            "[alembic]\nscript_location = %(nowhere)s/a\n",
            "",
            2,
            "script_location cannot be read: %(nowhere)s is not defined",
            id="an option that is not there",
        ),
        pytest.param(
            "",
            '[tool.alembic]\nscript_location = "a"\nfile_template = "%(year)d"\n',
            3,
            "must be written '%%'",
            id="in TOML",
        ),
        pytest.param(
            "",
            '[tool.alembic]\nscript_location = "a"\nversion_locations = "versions"\n',
            3,
            "letter by letter",
            id="a string where TOML needs a list",
        ),
        pytest.param(
            "",
            '[tool.alembic]\nscript_location = "a"\nsourceless = "true"\n',
            3,
            "must be true or false, without quotes",
            id="a quoted boolean in TOML",
        ),
        pytest.param(
            "[alembic]\nscript_location = a\nversion_locations = a b\npath_separator = os  # a comment\n",
            "",
            4,
            "path_separator cannot be 'os  # a comment'",
            id="a comment behind the separator",
        ),
        pytest.param(
            "[alembic]\nscript_location = a\nrecursive_version_locations = True\n",
            "",
            3,
            "counts as false",
            id="True with a capital letter",
        ),
        pytest.param(
            "[alembic]\nscript_location = a\ntruncate_slug_length = many\n",
            "",
            3,
            "must be a whole number",
            id="no number",
        ),
    ],
)
def test_what_alembic_stumbles_over_has_a_place(ini: str, toml: str, line: int, message: str) -> None:
    (one,) = described(ini, toml)
    ((found, said),) = messages(one)
    assert found == line
    assert message in said


SEPARATORS = st.sampled_from(
    ["", "path_separator = os", "path_separator = space", "path_separator = newline", "path_separator = ;"]
)
OLD_SEPARATORS = st.sampled_from(
    ["", "version_path_separator = os", "version_path_separator = space", "version_path_separator = :"]
)
LOCATIONS = st.lists(
    st.sampled_from(["a", "%(here)s/b", "pkg:c", " ", ", ", ":", ";", "\n  d", "e/f", "%%"]), min_size=1, max_size=6
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEPARATORS, OLD_SEPARATORS, LOCATIONS, LOCATIONS)
def test_locations_are_split_as_alembic_splits_them(
    tmp_path: Path, separator: str, old: str, locations: list[str], prepend: list[str]
) -> None:
    text = "[alembic]\nscript_location = a\n" + "".join(f"{line}\n" for line in (separator, old) if line)
    text += f"version_locations = {''.join(locations)}\nprepend_sys_path = {''.join(prepend)}\n"
    path = tmp_path / "alembic.ini"
    path.write_text(text)
    config = Config(str(path))
    (one,) = described(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = config.get_version_locations_list() or []
        paths = config.get_prepend_sys_paths_list() or []
    here = tmp_path.absolute().as_posix()
    assert [item.replace(HERE, here) for item in one.version_locations] == [item for item in theirs if item]
    assert [item.replace(HERE, here) for item in one.prepend_sys_path] == [item for item in paths if item]
    assert not one.problems


def test_values_that_only_matter_for_writing() -> None:
    (one,) = described(
        "[alembic]\nscript_location = a\nfile_template = %%(year)d/%%(rev)s\ntimezone = UTC\n"
        "truncate_slug_length = 20\noutput_encoding = latin-1\nsourceless = true\ndatabases = engine1, engine2\n"
    )
    assert (one.file_template, one.timezone, one.truncate_slug_length) == ("%(year)d/%(rev)s", "UTC", 20)
    assert (one.output_encoding, one.sourceless, one.databases) == ("latin-1", True, ("engine1", "engine2"))
