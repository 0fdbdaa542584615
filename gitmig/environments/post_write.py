"""Post-write hooks of a project: what Alembic runs on a new file."""

from __future__ import annotations

from gitmig.environments.ini import BadInterpolation, interpolate, parse_ini
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word
from gitmig.toml import TomlError, parse_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Options = Mapping[str, str]

_FILE = "REVISION_SCRIPT_FILENAME"
_SECTION = "post_write_hooks"


class Hook(Frozen):
    """One hook on one file.

    `command` is "" for a hook that no command line can run: a Python function that env.py registers, or one whose
    options are incomplete.  `folder` is its `cwd`, "" for where Alembic is started.
    """

    name: str
    command: str
    folder: str = ""

    @property
    def shown(self) -> str:
        return self.command or f"the hook {self.name}, which is Python of the project"


def files_with_hooks(config: str) -> tuple[str, ...]:
    """The ini and the TOML file that can have the hooks of an environment with this configuration."""
    if not config:
        return ()
    folder = f"{config.rpartition('/')[0]}/".lstrip("/")
    return (config if config.endswith(".ini") else f"{folder}alembic.ini", f"{folder}pyproject.toml")


def hooks_for(config: str, files: Mapping[str, bytes], path: str, here: str = ".") -> Iterator[Hook]:
    """The hooks for the file `path`, in their order; `here` is the folder of the configuration.

    `files` are the texts of `files_with_hooks`.  As in Alembic those of pyproject.toml count where the ini file has no
    section for them.
    """
    named = files_with_hooks(config)
    for name, options in _listed([(one, files[one]) for one in named if one in files], here):
        yield Hook(name, _command(options, path), options.get("cwd", ""))


def _listed(files: list[tuple[str, bytes]], here: str) -> Iterator[tuple[str, Options]]:
    """Name and options of each hook."""
    for path, content in files:
        if not path.endswith(".ini"):
            yield from _of_toml(content, here)
            return
        section = parse_ini(path, content).find(_SECTION)
        if section is None:
            continue
        raw = {"here": here, **{name: option.text for name, option in section.options.items()}}
        options = {name: _interpolated(text, raw).strip() for name, text in raw.items()}
        for name in options.get("hooks", "").replace(",", " ").split():
            start = f"{name.lower()}."
            yield name, {key[len(start) :]: text for key, text in options.items() if key.startswith(start)}
        return


def _of_toml(content: bytes, here: str) -> Iterator[tuple[str, Options]]:
    try:
        hooks = parse_toml(content).get("tool", {}).get("alembic", {}).get(_SECTION, [])
    except (TomlError, AttributeError):
        return
    for each in hooks if isinstance(hooks, list) else ():
        if isinstance(each, dict):
            options = {name: _interpolated(str(value), {"here": here}).strip() for name, value in each.items()}
            yield options.get("name", ""), options


def _interpolated(text: str, options: Options) -> str:
    try:
        return interpolate(text, options)
    except BadInterpolation:
        return text


def _command(options: Options, path: str) -> str:
    kind = options.get("type", "")
    program = options.get({"exec": "executable", "console_scripts": "entrypoint", "module": "module"}.get(kind, ""), "")
    if not program:
        return ""
    arguments = options.get("options", "")
    if _FILE not in arguments:
        arguments = f"{_FILE} {arguments}".strip()
    start = f"python -m {program}" if kind == "module" else program
    return f"{start} {arguments.replace(_FILE, shell_word(path))}"
