"""The configuration: where a value comes from, what is refused, and with which suggestion."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gitmig.config import (
    KEYS,
    Config,
    EnvironmentSetting,
    build_config,
    require_known_codes,
    settings_of_files,
    settings_of_options,
    settings_of_variables,
)
from gitmig.errors import UsageError


def from_file(text: str, path: str = "gitmig.toml") -> Config:
    return build_config(settings_of_files({path: text.encode()}))


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ('shared = ["origin/main", "origin/release/*"]', "shared", ("origin/main", "origin/release/*")),
        ('shared = "origin/main"', "shared", ("origin/main",)),
        ('released = ["v*"]', "released", ("v*",)),
        ('models_ignore = ["alembic_version"]', "models_ignore", ("alembic_version",)),
        ('models-ignore = ["x"]', "models_ignore", ("x",)),
        ('select = ["GM1", "gm205", "ALL"]', "select", ("GM1", "GM205", "GM")),
        ('select = ["GM1, gm205"]', "select", ("GM1", "GM205")),
        ('ignore = ["GM106"]', "ignore", ("GM106",)),
        ('severity = { GM105 = "error", GM2 = "note" }', "severity", (("GM105", "error"), ("GM2", "note"))),
        ('on_merge = "block"', "on_merge", "block"),
        ('prompt = "ask"', "prompt", "ask"),
        ('undecided = "error"', "undecided", "error"),
        ("head_file = true", "head_file", True),
        ('python = ".venv/bin/python"', "python", ".venv/bin/python"),
        ("max_file_size = 2048", "max_file_size", 2048),
        ('max_file_size = "2 MiB"', "max_file_size", 2 * 1024 * 1024),
        ("time_limit = 5", "time_limit", 5.0),
        ('time_limit = "2 min"', "time_limit", 120.0),
    ],
)
def test_every_key(text: str, key: str, value: object) -> None:
    config = from_file(text)
    assert getattr(config, key) == value
    assert config.origin(key) == "gitmig.toml:1"


def test_every_key_of_the_record_can_be_set() -> None:
    assert set(KEYS) == set(Config._fields) - {"origins"}


def test_environments_are_tables() -> None:
    config = from_file(
        'select = ["GM1"]\n[[environments]]\nname = "shop"\nversions = ["m/versions"]\nmodels = "shop.models"\n'
    )
    shop = EnvironmentSetting("shop", ("m/versions",), ("shop.models",), path="gitmig.toml", line=2)
    assert config.environments == (shop,)


def test_environments_may_be_named_by_the_table() -> None:
    config = from_file('[environments.shop]\nversions = ["m"]\n')
    assert config.environments[0].name == "shop"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", '[project]\nname = "x"\n[tool.gitmig]\nhead_file = true\n'),
        ("gitmig.toml", "\n\n\nhead_file = true\n"),
        ("gitmig.toml", "\n\n[tool.gitmig]\nhead_file = true\n"),
    ],
)
def test_both_files_can_hold_it_and_the_line_is_known(path: str, text: str) -> None:
    config = from_file(text, path)
    assert config.head_file is True
    assert config.origin("head_file") == f"{path}:4"


def test_gitmig_toml_is_read_alone() -> None:
    texts = {"gitmig.toml": b"", "pyproject.toml": b"[tool.gitmig]\nhead_file = true\n"}
    assert build_config(settings_of_files(texts)) == Config()


def test_a_pyproject_without_our_table_says_nothing() -> None:
    assert from_file('[project]\nname = "gitmig-user"\n', "pyproject.toml") == Config()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("\nshard = 1", "gitmig.toml:2: unknown setting 'shard'", id="an unknown key"),
        pytest.param("shared = 1", "gitmig.toml:1: shared must be a list of strings", id="a number for a list"),
        pytest.param('shared = [""]', "shared must be a list of strings", id="an empty string in a list"),
        pytest.param('select = ["E501"]', "select has 'E501': a code is GM205", id="a code of another tool"),
        pytest.param('severity = { GM1 = "fatal" }', "severity has 'fatal'", id="an unknown severity"),
        pytest.param('severity = ["GM1"]', "severity must be a table", id="a list for a table"),
        pytest.param(
            'on_merge = "stop"', "on_merge is 'stop', it can be 'offer', 'block' or 'off'", id="an unknown word"
        ),
        pytest.param('head_file = "yes"', "head_file must be true or false", id="a string for a boolean"),
        pytest.param("max_file_size = 0", "max_file_size must be a number of bytes", id="a size of nothing"),
        pytest.param('max_file_size = "1 parsec"', "max_file_size must be a number of bytes", id="a unit of length"),
        pytest.param("time_limit = true", "time_limit must be a number of seconds", id="a boolean for a time"),
        pytest.param("time_limit = nan", "time_limit must be a number of seconds", id="no number"),
        pytest.param("environments = [1]", "environments must be a list of tables", id="a list of numbers"),
        pytest.param(
            '[[environments]]\nversion = ["m"]', "unknown key 'version'", id="an unknown key of an environment"
        ),
        pytest.param("[[environments]]\nname = 1", "a table whose name must be a string", id="a wrong type inside"),
        pytest.param(
            '[[environments]]\nversions = ["m"]', "a table without a name", id="an environment without a name"
        ),
        pytest.param(
            '[[environments]]\nname = "a"\n[[environments]]\nname = "a"',
            "two tables with the name 'a'",
            id="a name twice",
        ),
        pytest.param("shared = [", "gitmig.toml:1: ", id="no TOML"),
        pytest.param("x = '\udcff'", "is not UTF-8 text", id="no UTF-8"),
    ],
)
def test_refuses(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        build_config(settings_of_files({"gitmig.toml": text.encode("utf-8", "surrogateescape")}))
    assert message in refusal.value.what
    assert refusal.value.status == 2


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("shard = 1", "did you mean 'shared'?"),
        ("selct = 1", "did you mean 'select'?"),
        ('on_merge = "of"', "did you mean 'off'?"),
        ('[[environments]]\nversion = ["m"]', "did you mean 'versions'?"),
    ],
)
def test_suggests(text: str, suggestion: str) -> None:
    with pytest.raises(UsageError) as refusal:
        from_file(text)
    assert [one.text for one in refusal.value.help] == [suggestion]


def test_a_key_that_is_like_nothing_gets_no_suggestion() -> None:
    with pytest.raises(UsageError) as refusal:
        from_file("zzzzzz = 1")
    assert refusal.value.help == ()


VARIABLES = {
    "GITMIG_SHARED": "origin/main, origin/dev",
    "GITMIG_SEVERITY": "GM105=error,GM2=note",
    "GITMIG_HEAD_FILE": "yes",
    "GITMIG_TIME_LIMIT": "5",
    "GITMIG_PROMPT": "",
    "GITMIG_SOMETHING_ELSE": "1",
}


def test_environment_variables() -> None:
    config = build_config(settings_of_variables(VARIABLES))
    assert config.shared == ("origin/main", "origin/dev")
    assert config.severity == (("GM105", "error"), ("GM2", "note"))
    assert (config.head_file, config.time_limit, config.prompt) == (True, 5.0, "notify")
    assert config.origin("shared") == "GITMIG_SHARED"
    assert config.origin("prompt") == "default"


def test_a_wrong_environment_variable_is_named() -> None:
    with pytest.raises(UsageError, match=r"^GITMIG_HEAD_FILE must be true or false"):
        settings_of_variables({"GITMIG_HEAD_FILE": "maybe"})


def test_the_order_is_command_line_variable_file_default() -> None:
    options = settings_of_options({"select": ["GM1"], "ignore": [], "python": None})
    variables = settings_of_variables({"GITMIG_SELECT": "GM2", "GITMIG_IGNORE": "GM3"})
    file = settings_of_files({"gitmig.toml": b'select = ["GM4"]\nignore = ["GM4"]\npython = "py"'})
    config = build_config(options, variables, file)
    assert (config.select, config.ignore, config.python, config.prompt) == (("GM1",), ("GM3",), "py", "notify")
    assert [config.origin(key) for key in ("select", "ignore", "python", "prompt")] == [
        "command line",
        "GITMIG_IGNORE",
        "gitmig.toml:3",
        "default",
    ]


def test_the_target_judges_and_the_caller_keeps_what_it_said() -> None:
    local = build_config(
        settings_of_options({"severity": {"GM1": "error"}}),
        settings_of_files({"gitmig.toml": b'ignore = ["GM2"]\nselect = ["GM1"]\nhead_file = true'}),
    )
    target = from_file('ignore = ["GM106"]')
    judged = local.judged_by(target)
    assert (judged.ignore, judged.select) == (("GM106",), ())
    assert judged.severity == (("GM1", "error"),)
    assert judged.head_file is True
    assert judged.origin("ignore") == "gitmig.toml:1 of the target"
    assert judged.origin("select") == "default"


def test_a_code_that_no_rule_has_is_refused() -> None:
    require_known_codes(from_file('select = ["GM1"]\nignore = ["GM205"]'), ("GM101", "GM205"))
    with pytest.raises(UsageError, match=r"gitmig\.toml:1: select has GM9"):
        require_known_codes(from_file('select = ["GM9"]'), ("GM101", "GM205"))


def test_no_toml_parser_is_imported_without_a_configuration() -> None:
    program = (
        "import sys; from gitmig.config import *; settings_of_variables({'GITMIG_SHARED': 'x'});"
        "settings_of_files({'pyproject.toml': b'dependencies = [\"gitmig\"]'});"
        "heavy = ('tomllib', 'tomli', 're', 'difflib', 'dataclasses', 'typing');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
