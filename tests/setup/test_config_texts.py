"""Texts of a project with what gitmig needs put in: what stands there stays, twice is once, doubt is a refusal."""

from __future__ import annotations

import pytest
import yaml

from gitmig.errors import Refused
from gitmig.setup import config_texts
from gitmig.toml import parse_toml

REPOSITORY = "https://github.com/gitmig/gitmig"
ENTRY = {"repo": REPOSITORY, "rev": "v1.2", "hooks": [{"id": "gitmig"}]}

PRE_COMMIT = {
    "items are indented": b"repos:\n  - repo: local\n    hooks:\n      - id: x\n",
    "items are not indented": b"repos:\n- repo: local\n  hooks:\n  - id: x\n",
    "four spaces": b"repos:\n    -   repo: local\n        hooks:\n        -   id: x\n",
    "no line end": b"repos:\n  - repo: local\n    hooks: [{id: x}]",
    "a key follows": b"# mine\nrepos:\n  - repo: local  # here\n    hooks: [{id: x}]\n\n# about ci\nci:\n  skip: [x]\n",
    "a key comes first": b"default_stages: [pre-commit]\nrepos:\n  - repo: local\n    hooks:\n      - id: x\n",
    "windows": b"repos:\r\n  - repo: local\r\n    hooks:\r\n      - id: x\r\nci:\r\n  skip: [x]\r\n",
    "a document": b"---\nrepos:\n  - repo: local\n    hooks:\n      - id: x\n",
    "a comment": b"repos:\n  - repo: local\n# odd place\n    hooks: []\n  - repo: meta\n    hooks: []\n",
    "a block of text": b"repos:\n  - repo: local\n    hooks:\n      - id: x\n        args: [|\n          a]\n".replace(
        b"[|\n          a]", b"|\n          a\n\n          b"
    ),
    "no entries": b"repos: []\n",
    "no entries and a key": b"repos: []  # none yet\nfail_fast: true\n",
    "nothing behind the key": b"repos:\nfail_fast: true\n",
    "an empty file": b"",
}


@pytest.mark.parametrize("text", PRE_COMMIT.values(), ids=PRE_COMMIT)
def test_the_entry_is_the_last_and_all_else_stays(text: bytes) -> None:
    made = config_texts.with_pre_commit_entry(text, REPOSITORY, "1.2")
    before, after = yaml.safe_load(text) or {}, yaml.safe_load(made)
    assert after["repos"] == [*(before.get("repos") or []), ENTRY]
    assert {**after, "repos": 0} == {**before, "repos": 0}
    lines = made.splitlines()
    assert [line for line in text.splitlines() if line not in lines and not line.startswith(b"repos:")] == []
    assert (b"\r\n" in text) == (b"\r\n" in made)
    assert made.count(b"\r\n") in (0, made.count(b"\n"))
    assert config_texts.with_pre_commit_entry(made, REPOSITORY, "1.2") == made


THERE = {
    "from its repository": b"repos:\n  - repo: https://github.com/gitmig/gitmig\n    rev: v0.1\n    hooks: []\n",
    "from a fork": b"repos:\n- repo: git@example.org:fork/gitmig.git\n  hooks:\n  - id: gitmig-pre-push\n",
    "as a local hook": b"repos:\n- repo: local\n  hooks:\n  - id: guard\n    entry: gitmig hook pre-commit\n",
}


@pytest.mark.parametrize("text", THERE.values(), ids=THERE)
def test_an_entry_that_is_there_counts(text: bytes) -> None:
    assert config_texts.with_pre_commit_entry(text, REPOSITORY, "1.2") == text


@pytest.mark.parametrize("text", [b"repos: [{repo: local, hooks: []}]\n", b"ci:\n  skip: []\n"])
def test_what_is_no_plain_list_is_refused_with_the_lines(text: bytes) -> None:
    with pytest.raises(Refused) as refused:
        config_texts.with_pre_commit_entry(text, REPOSITORY, "1.2")
    assert refused.value.help[0].commands[0] == f"  - repo: {REPOSITORY}"


TOML = {
    "a project": b'[project]\nname = "shop"\n',
    "no line end": b'[project]\nname = "shop"',
    "windows": b'[project]\r\nname = "shop"\r\n',
    "other tools": b"[tool.ruff]\nline-length = 100\n",
    "empty": b"",
}


@pytest.mark.parametrize("text", TOML.values(), ids=TOML)
@pytest.mark.parametrize("shared", [[], ["origin/main"]])
def test_the_settings_come_last(text: bytes, shared: list[str]) -> None:
    made = config_texts.with_settings(text, shared)
    before, after = parse_toml(text), parse_toml(made)
    assert made.startswith(text)
    assert after["tool"]["gitmig"] == ({"shared": shared} if shared else {})
    assert {name: value for name, value in after.items() if name != "tool"} == {
        name: value for name, value in before.items() if name != "tool"
    }
    assert made.count(b"\r\n") in (0, made.count(b"\n"))
    assert config_texts.with_settings(made, shared) == made


@pytest.mark.parametrize(
    ("text", "why"), [(b"[project\n", "no TOML"), (b"tool = {ruff = {}}\n", "inline table")], ids=["broken", "inline"]
)
def test_a_text_that_cannot_take_them_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        config_texts.with_settings(text, [])


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (b"", b"/x.db\n"),
        (b"*.pyc", b"*.pyc\n/x.db\n"),
        (b"*.pyc\r\n", b"*.pyc\r\n/x.db\r\n"),
        (b"a\n/x.db\n", b"a\n/x.db\n"),
    ],
    ids=["nothing yet", "no line end", "windows", "there already"],
)
def test_ignored(text: bytes, made: bytes) -> None:
    assert config_texts.with_ignored(text, ["/x.db"]) == made


@pytest.mark.parametrize(
    ("pyproject", "name"),
    [
        (b'[project]\nname = "My-Shop"\n', "my_shop"),
        (b'[tool.poetry]\nname = "poet"\n', "poet"),
        (b"[tool.ruff]\n", "work_tree"),
        (b"[broken", "work_tree"),
        (b"tool = 3\n", "work_tree"),
    ],
)
def test_the_name_of_the_project(pyproject: bytes, name: str) -> None:
    assert config_texts.project_name(pyproject, "work tree") == name


def test_a_percent_sign_of_the_url_is_doubled_for_the_ini() -> None:
    assert config_texts.with_url(b"sqlalchemy.url = driver://user:pass@localhost/dbname\n", "pg://u:p%40@h/d") == (
        b"sqlalchemy.url = pg://u:p%%40@h/d\n"
    )


@pytest.mark.parametrize(
    ("text", "folders", "made"),
    [
        (b"prepend_sys_path = .\n", ("",), b"prepend_sys_path = .\n"),
        (
            b"\nprepend_sys_path = .\npath_separator = os\n",
            ("src",),
            b"\nprepend_sys_path = %(here)s/src\npath_separator = os\n",
        ),
        (b"prepend_sys_path = .\n", ("", "src"), b"prepend_sys_path = %(here)s,%(here)s/src\n"),
        (b'prepend_sys_path = [\n    "."\n]\n', ("src",), b'prepend_sys_path = [\n    "%(here)s/src"\n]\n'),
    ],
    ids=["the top level", "ini", "ini of Alembic before 1.16", "toml"],
)
def test_folders_that_modules_come_from(text: bytes, folders: tuple[str, ...], made: bytes) -> None:
    assert config_texts.with_folders(text, folders) == made
