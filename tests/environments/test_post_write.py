"""Post-write hooks of alembic.ini and pyproject.toml, as the commands that Alembic would run."""

from __future__ import annotations

import pytest

from gitmig.environments.post_write import files_with_hooks, hooks_for

INI = "alembic.ini"
TOML = "pyproject.toml"
IN_TOML = '[[tool.alembic.post_write_hooks]]\nname = "a"\ntype = "exec"\nexecutable = "black"\n'
# (texts by path, (command, folder) of each hook)
HOOKS = {
    "exec": ({INI: "hooks = a\na.type = exec\na.executable = black\n"}, [("black x.py", "")]),
    "the file where the options want it": (
        {INI: "hooks = a\na.type = exec\na.executable = ruff\na.options = format REVISION_SCRIPT_FILENAME -q\n"},
        [("ruff format x.py -q", "")],
    ),
    "a module": ({INI: "hooks = a\na.type = module\na.module = ruff\n"}, [("python -m ruff x.py", "")]),
    "a console script": ({INI: "hooks = a\na.type = console_scripts\na.entrypoint = black\n"}, [("black x.py", "")]),
    "several, in their order": (
        {INI: "hooks = b, a\na.type = exec\na.executable = one\nb.type = exec\nb.executable = two\n"},
        [("two x.py", ""), ("one x.py", "")],
    ),
    "a folder of its own": (
        {INI: "hooks = a\na.type = exec\na.executable = %(here)s/fix\na.cwd = %(here)s/tools\n"},
        [("/top/fix x.py", "/top/tools")],
    ),
    "a percent sign": ({INI: "hooks = a\na.type = exec\na.executable = a%%b\n"}, [("a%b x.py", "")]),
    "Python of the project": ({INI: "hooks = mine\nmine.type = spaces\n"}, [("", "")]),
    "none": ({INI: "hooks =\n"}, []),
    "pyproject.toml": ({TOML: IN_TOML}, [("black x.py", "")]),
    "a section of the ini file hides pyproject.toml": ({INI: "hooks =\n", TOML: IN_TOML}, []),
    "TOML that means something else": ({TOML: '[tool.alembic]\npost_write_hooks = "black"\n'}, []),
    "TOML that does not parse": ({TOML: "[["}, []),
}


@pytest.mark.parametrize("config", [INI, TOML])
@pytest.mark.parametrize(("texts", "expected"), HOOKS.values(), ids=HOOKS)
def test_hooks(config, texts, expected):
    files = {path: (f"[post_write_hooks]\n{text}" if path == INI else text).encode() for path, text in texts.items()}
    assert [(hook.command, hook.folder) for hook in hooks_for(config, files, "x.py", "/top")] == expected


def test_an_ini_file_without_the_section_leaves_it_to_pyproject():
    files = {INI: b"[alembic]\nsqlalchemy.url = sqlite://\n", TOML: IN_TOML.encode()}
    assert [hook.command for hook in hooks_for(TOML, files, "x.py")] == ["black x.py"]


def test_they_lie_beside_the_configuration():
    assert files_with_hooks("app/db.ini") == ("app/db.ini", "app/pyproject.toml")
    assert files_with_hooks(TOML) == (INI, TOML)
    assert files_with_hooks("") == ()
