"""Which environments a tree has, told by its paths and its configuration files."""

from __future__ import annotations

import random

import pytest

from gitmig.config import EnvironmentSetting
from gitmig.environments.discovery import Discovery, discover, wanted
from gitmig.environments.environment import Environment

REVISION = b"revision = 'a'\ndown_revision = None\n"


def tree(text: str) -> dict[str, bytes]:
    """A tree from `path` or `path: content` lines; `folder/` stands for an environment folder with one revision."""
    files: dict[str, bytes] = {}
    for line in text.strip().splitlines():
        path, _, content = line.strip().partition(": ")
        if path.endswith("/"):
            for name in ("env.py", "script.py.mako", "versions/27c6a30d7c24_add_cart.py"):
                files[path + name] = REVISION
        else:
            files[path] = content.replace("\\n", "\n").encode() or REVISION
    return files


def discovered(text: str, configured: tuple[EnvironmentSetting, ...] = (), versions: tuple[str, ...] = ()) -> Discovery:
    files = tree(text)
    paths = list(files)
    random.Random(1).shuffle(paths)
    read = {path: files[path] for path in wanted(paths, configured)}
    return discover(paths, read, configured, versions)


def shown(environments: tuple[Environment, ...]) -> list[str]:
    return [f"{one.name}: {' '.join(one.versions)}" for one in environments]


FOUND = [
    pytest.param(
        "alembic.ini: [alembic]\\nscript_location = alembic\nalembic/",
        ["alembic: alembic/versions"],
        id="the usual layout",
    ),
    pytest.param("migrations/", ["migrations: migrations/versions"], id="no ini at all"),
    pytest.param(
        "migrations/\nmigrations/alembic.ini: [alembic]\\nfile_template = x",
        ["migrations: migrations/versions"],
        id="Flask-Migrate",
    ),
    pytest.param(
        "server/alembic.ini: [alembic]\\nscript_location = migrations\nserver/migrations/",
        ["migrations: server/migrations/versions"],
        id="run in the folder of the ini",
    ),
    pytest.param(
        "keep/alembic.ini: [alembic]\\nscript_location = keep/db/migrations\nkeep/db/migrations/",
        ["migrations: keep/db/migrations/versions"],
        id="run at the top level with an ini below it",
    ),
    pytest.param(
        "conf/alembic.ini: [alembic]\\nscript_location = %(here)s/../db\ndb/\nconf/db/",
        ["conf/db: conf/db/versions", "db: db/versions"],
        id="here is the folder of the ini",
    ),
    pytest.param(
        "conf/alembic.ini: [alembic]\\nscript_location = alembic\nbackend/alembic/",
        ["alembic: backend/alembic/versions"],
        id="run in a third folder, and only one place fits",
    ),
    pytest.param(
        "src/shop/alembic.ini: [core]\\nscript_location = shop:db/core\\n[tenant]\\nscript_location = shop:db/tenant\n"
        "src/shop/db/core/\nsrc/shop/db/tenant/",
        ["core: src/shop/db/core/versions", "tenant: src/shop/db/tenant/versions"],
        id="sections, and a package below src",
    ),
    pytest.param(
        "alembic.ini: [alembic]\\nscript_location = shop.db:alembic\\nprepend_sys_path = lib\n"
        "lib/shop/db/alembic/\nshop/db/alembic/x.txt",
        ["alembic: lib/shop/db/alembic/versions"],
        id="a package on prepend_sys_path",
    ),
    pytest.param(
        "backend/alembic.ini: [main]\\nscript_location = alembic\\nversion_locations = alembic/main_versions\\n"
        "[account]\\nscript_location = alembic\\nversion_locations = alembic/account_versions\n"
        "backend/alembic/env.py\nbackend/alembic/main_versions/a.py\nbackend/alembic/account_versions/b.py",
        ["account: backend/alembic/account_versions", "main: backend/alembic/main_versions"],
        id="two sections share one script location",
    ),
    pytest.param(
        "alembic.ini: [alembic]\\nscript_location = m\\npath_separator = os\\n"
        "version_locations = %(here)s/m/versions:plugins/v\n"
        "m/\nplugins/v/x.py",
        ["m: m/versions plugins/v"],
        id="several version locations",
    ),
    pytest.param(
        'pyproject.toml: [tool.alembic]\\nscript_location = "%(here)s/db"\ndb/',
        ["db: db/versions"],
        id="pyproject and no ini",
    ),
    pytest.param(
        "a/alembic.ini: [alembic]\\nscript_location = m\na/m/\n"
        'b/pyproject.toml: [tool.alembic]\\nscript_location = "m"\nb/m/',
        ["m: a/m/versions", "b/m: b/m/versions"],
        id="two projects in one repository",
    ),
    pytest.param(
        "hub/alembic.ini: [alembic]\\nscript_location = {alembic_dir}\nhub/alembic/",
        ["alembic: hub/alembic/versions"],
        id="an ini that a program fills in",
    ),
    pytest.param(
        "migrations/\nplugins/challenges/migrations/93284ed9c099_add.py",
        ["migrations: migrations/versions", "challenges/migrations: plugins/challenges/migrations"],
        id="a plugin with nothing but revisions",
    ),
    pytest.param("docs/abcdef012345_notes.py: x = 1", [], id="a file name that only looks like a revision"),
    pytest.param(
        "m/\nm/versions/liberty/30018084ec99_x.py\nm/versions/zed/c3e9d13c4367_y.py",
        ["m: m/versions"],
        id="folders beneath versions that a program adds",
    ),
    pytest.param(
        "alembic.ini: [alembic]\\nscript_location = db\ndb/env.py\ndb/script.py.mako\n"
        "db/versions/postgresql/2022_01_20_115236_9725c1cbee35_initial.py\n"
        "db/versions/sqlite/2022_01_20_115237_619bea85701a_initial.py",
        ["postgresql: db/versions/postgresql", "sqlite: db/versions/sqlite"],
        id="one folder per database beneath versions",
    ),
    pytest.param(
        "alembic.ini: [alembic]\\nscript_location = m\nm/env.py\nm/script.py.mako",
        ["m: m/versions"],
        id="a new project: git keeps no empty folder",
    ),
    pytest.param(
        "env.py\nscript.py.mako\nversions/a.py", ["versions: versions"], id="the repository is the script location"
    ),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_finds(text: str, expected: list[str]) -> None:
    result = discovered(text)
    assert shown(result.environments) == expected
    assert [problem for problem in result.problems if problem.blocks] == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(".venv/lib/site-packages/x/migrations/", "installed, not written here", id="an installed package"),
        pytest.param("web/node_modules/x/migrations/", "installed, not written here", id="node_modules"),
        pytest.param("alembic/templates/generic/", "a template for new projects", id="the templates of Alembic"),
        pytest.param("{{cookiecutter.slug}}/migrations/", "a template for new projects", id="a cookiecutter template"),
        pytest.param("tests/data/migrations/", "belongs to tests", id="a copy in the tests"),
    ],
)
def test_leaves_alone(text: str, why: str) -> None:
    result = discovered(f"{text}\n{text}alembic.ini: [alembic]\\nscript_location = x")
    assert result == Discovery((), (), ((text.rstrip("/"), why),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = /srv/m", "lies outside this repository", id="an absolute path"
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = ../m",
            "lies outside this repository",
            id="a path above the top level",
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = %(here)s/../m", "lies outside", id="above by way of here"
        ),
        pytest.param("alembic.ini: [alembic]\\nscript_location = C:/m", "lies outside this repository", id="a drive"),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = m", "is not in this tree", id="a folder that is not there"
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = p:m", "is not in this tree", id="a package that is not there"
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = m\nm: x", "is a submodule or a symbolic link", id="a submodule"
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = x\na/x/\nb/x/", "can mean a/x or b/x", id="two places fit"
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = %(x)s\na/\nb/", "%(x)s is not defined", id="bad interpolation"
        ),
    ],
)
def test_an_environment_that_cannot_be_located_is_a_problem(text: str, message: str) -> None:
    result = discovered(text)
    (problem,) = result.problems
    assert message in problem.message
    assert (problem.path, problem.line, problem.blocks) == ("alembic.ini", 2, True)


@pytest.mark.parametrize(
    ("text", "message", "blocks"),
    [
        pytest.param(
            "m/env.py\nm/script.py.mako\nm/versions: x",
            "'m/versions' is a submodule",
            True,
            id="versions is a submodule",
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = m\\nversion_locations = m/versions /srv/v\nm/",
            "'/srv/v' lies outside this repository",
            True,
            id="a version location outside",
        ),
        pytest.param(
            "alembic.ini: [alembic]\\nscript_location = m\\nversion_locations = q:v\nm/",
            "'q:v' is not in this tree",
            True,
            id="a version location in another package",
        ),
        pytest.param("m/env.py\nm/script.py.mako", "'m/versions' has no files", False, id="no revision yet"),
    ],
)
def test_a_versions_folder_that_cannot_be_read_is_a_problem_of_its_environment(
    text: str, message: str, blocks: bool
) -> None:
    (environment,) = discovered(text).environments
    (problem,) = environment.problems
    assert message in problem.message
    assert problem.blocks == blocks


def test_an_archive_beneath_versions_stays_out() -> None:
    result = discovered("m/\nm/versions/archive/30018084ec99_x.py\nm/old_versions/40018084ec99_x.py")
    assert shown(result.environments) == ["m: m/versions"]
    assert not result.environments[0].recursive
    assert [path for path, _ in result.ignored] == ["m/old_versions", "m/versions/archive"]


def test_two_configurations_of_one_place_are_one_environment() -> None:
    result = discovered("alembic.ini: [alembic]\\nscript_location = m\nm/\nm/alembic.ini: [alembic]")
    assert [one.config for one in result.environments] == ["alembic.ini"]


def test_another_environment_deeper_down_renames_nothing() -> None:
    assert shown(discovered("a/migrations/").environments) == ["migrations: a/migrations/versions"]
    assert shown(discovered("a/migrations/\na/b/migrations/").environments) == [
        "b/migrations: a/b/migrations/versions",
        "migrations: a/migrations/versions",
    ]


def test_env_py_and_the_template_are_named() -> None:
    (environment,) = discovered(
        "m/\npyproject.toml: [tool.alembic]\\nscript_location = 'm'\\nprepend_sys_path = ['src']\nsrc/x.py"
    ).environments
    assert (environment.env, environment.template, environment.roots) == ("m/env.py", "m/script.py.mako", ("src",))
    assert environment.origin == "pyproject.toml"


class TestVersionsByHand:
    def test_each_folder_is_an_environment_and_keeps_what_is_known(self) -> None:
        result = discovered("m/\nother/v/x.py", versions=("m/versions/", "./other/v"))
        assert shown(result.environments) == ["m: m/versions", "v: other/v"]
        assert result.environments[0].env == "m/env.py"
        assert result.problems == ()

    @pytest.mark.parametrize(
        ("folder", "message"),
        [("nowhere", "is not in this tree"), ("../x", "outside this repository"), ("sub", "submodule")],
    )
    def test_a_folder_that_is_not_there(self, folder: str, message: str) -> None:
        (problem,) = discovered("m/\nsub: x", versions=(folder,)).problems
        assert message in problem.message


class TestConfigured:
    def test_a_table_with_versions_takes_the_rest_from_what_is_found(self) -> None:
        setting = EnvironmentSetting("shop", versions=("m/versions",), models=("shop.models",), database="main")
        result = discovered("m/\nn/", (setting,))
        (environment,) = result.environments
        assert (environment.name, environment.env, environment.models) == ("shop", "m/env.py", ("shop.models",))
        assert result.ignored == (("n/versions", "not listed in environments"),)

    def test_a_table_may_name_what_is_found(self) -> None:
        assert shown(discovered("m/\nn/", (EnvironmentSetting("n"),)).environments) == ["n: n/versions"]

    def test_a_table_may_name_an_ini_of_another_name(self) -> None:
        setting = EnvironmentSetting("shop", config="etc/shop.ini")
        text = "etc/shop.ini: [alembic]\\nscript_location = lib/m\\nfile_template = %%(rev)s\nlib/m/\nx/"
        (environment,) = discovered(text, (setting,)).environments
        assert (environment.versions, environment.file_template) == (("lib/m/versions",), "%(rev)s")

    def test_a_table_that_means_nothing_is_a_problem_with_its_place(self) -> None:
        result = discovered("m/\nn/", (EnvironmentSetting("x", path="gitmig.toml", line=3),))
        (problem,) = result.problems
        assert (problem.path, problem.line) == ("gitmig.toml", 3)

    def test_a_folder_that_is_not_there(self) -> None:
        (problem,) = discovered("m/", (EnvironmentSetting("x", versions=("y",), path="gitmig.toml", line=3),)).problems
        assert problem.message == "environment 'x': y is not in this tree"


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("m/versions/a.py", True),
        ("m/versions/.b.py", True),
        ("m/versions/-b.py", True),
        ("m/versions/__init__.py", False),
        ("m/versions/.#b.py", False),
        ("m/versions/b.py~", False),
        ("m/versions/b.pyc", False),
        ("m/versions/sub/a.py", False),
        ("m/versions2/a.py", False),
        ("m/a.py", False),
    ],
)
def test_which_files_alembic_would_load(path: str, held: bool) -> None:
    environment = Environment("m", "m", ("m/versions",))
    assert environment.holds(path) is held


def test_which_files_alembic_would_load_when_told_otherwise() -> None:
    deep = Environment("m", "m", ("m/versions",), recursive=True)
    assert deep.holds("m/versions/2024/05/a.py")
    assert not deep.holds("m/versions/__pycache__/a.py")
    compiled = Environment("m", "m", ("m/versions",), sourceless=True)
    assert compiled.holds("m/versions/a.pyc")
    assert compiled.holds("m/versions/__pycache__/a.cpython-311.pyc")


def test_the_work_of_wanted_does_not_depend_on_the_number_of_other_files() -> None:
    paths = [f"src/p{n}/module_{n}.py" for n in range(2_000)] + [
        "alembic.ini",
        "m/versions/27c6a30d7c24_x.py",
        "m/versions/27c6a30d7c25_x.py",
    ]
    assert wanted(paths) == ("alembic.ini", "m/versions/27c6a30d7c24_x.py")
