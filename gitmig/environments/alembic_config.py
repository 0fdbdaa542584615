"""What `alembic.ini` and `[tool.alembic]` say about environments, with the precedence and the quirks of Alembic.

Nothing is resolved against the tree here: `%(here)s` becomes `HERE` plus the folder of the file, see `locations`.
"""

from __future__ import annotations

from gitmig.environments.environment import DEFAULT_FILE_TEMPLATE, Problem
from gitmig.environments.ini import BadInterpolation, Ini, Section, interpolate
from gitmig.environments.listing import parent
from gitmig.frozen import Frozen
from gitmig.toml import TomlError, line_of, parse_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

HERE = "/\0"
"""Stands for the absolute path of the tree's top level; NUL cannot occur in a path."""

_SEPARATORS = {"space": " ", "newline": "\n", "os": ":", ":": ":", ";": ";"}
_DEFAULT_TRUNCATION = 40


class Described(Frozen):
    """One environment as its configuration describes it; `script_location` is None where it cannot be read."""

    config: str
    line: int
    section: str
    script_location: str | None
    version_locations: tuple[str, ...] = ()
    prepend_sys_path: tuple[str, ...] = ()
    recursive: bool = False
    sourceless: bool = False
    file_template: str = DEFAULT_FILE_TEMPLATE
    timezone: str = ""
    truncate_slug_length: int = _DEFAULT_TRUNCATION
    output_encoding: str = "utf-8"
    databases: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def here(self) -> str:
        """The folder of the configuration file."""
        return parent(self.config)


class TomlTable(Frozen):
    """`[tool.alembic]` of one pyproject.toml."""

    path: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    line: int


def parse_alembic_toml(path: str, text: bytes) -> tuple[TomlTable | None, tuple[Problem, ...]]:
    """The table, or None where the file has none."""
    if b"alembic" not in text:
        return None, ()
    try:
        tool = parse_toml(text).get("tool", {})
    except TomlError as error:
        if b"tool.alembic" not in text:
            return None, ()
        return None, (Problem(f"no TOML: {error}", path, error.line),)
    values = tool.get("alembic") if isinstance(tool, dict) else None
    if values is None:
        return None, ()
    line = line_of(text, ("tool", "alembic"))
    if not isinstance(values, dict):
        return None, (Problem("tool.alembic is not a table", path, line),)
    return TomlTable(path, values, {key: line_of(text, ("tool", "alembic"), key) for key in values}, line), ()


def describe(ini: Ini | None, toml: TomlTable | None, flask: bool = False) -> tuple[Described, ...]:
    """The environments of one folder's `alembic.ini` and `pyproject.toml`; where both have a key, the ini wins.

    `flask` says that `env.py` lies beside the ini, as Flask-Migrate writes it: then no `script_location` is needed.
    """
    sections = [section for section in ini.sections if "script_location" in section.own] if ini else []
    main = ini.find("alembic") if ini else None
    described = [_describe(section, toml) for section in sections]
    if main in sections:
        return tuple(described)
    if (main and "script_location" in main.options) or (toml and "script_location" in toml.values):
        return (_describe(main, toml), *described)
    if ini and main and flask and not described:
        return (_describe(main, toml, ini.path, _here(ini.path)),)
    return tuple(described)


def _describe(section: Section | None, toml: TomlTable | None, path: str = "", script_location: str = "") -> Described:
    options = _Options(section, toml)
    where = options.place("script_location") if not path else (path, section.line if section else 0)
    return Described(
        config=where[0],
        line=where[1],
        section=section.name if section else "alembic",
        script_location=script_location or options.text("script_location"),
        version_locations=options.locations("version_locations", ("path_separator", "version_path_separator"), ", "),
        prepend_sys_path=options.locations("prepend_sys_path", ("path_separator",), ", :"),
        recursive=options.flag("recursive_version_locations"),
        sourceless=options.flag("sourceless"),
        file_template=options.text("file_template") or DEFAULT_FILE_TEMPLATE,
        timezone=options.text("timezone") or "",
        truncate_slug_length=options.number("truncate_slug_length") or _DEFAULT_TRUNCATION,
        output_encoding=options.text("output_encoding") or "utf-8",
        databases=tuple((options.text("databases") or "").replace(",", " ").split()),
        problems=tuple(options.problems),
    )


class _Options:
    """Asks an ini section first, then `[tool.alembic]`; collects what stands in the way."""

    def __init__(self, section: Section | None, toml: TomlTable | None) -> None:
        self.section = section
        self.toml = toml
        self.problems: list[Problem] = []
        self._raw: dict[str, str] = {}
        if section:
            path = next(iter(section.options.values())).path if section.options else ""
            self._raw = {"here": _here(path), **{key: option.text for key, option in section.options.items()}}

    def place(self, name: str) -> tuple[str, int]:
        """Path and line of the option, else of the section or table that would hold it."""
        if self.section and name in self.section.options:
            option = self.section.options[name]
            return option.path, option.line
        if self.toml and (name in self.toml.values or not self.section):
            return self.toml.path, self.toml.lines.get(name, self.toml.line)
        if self.section and self.section.options:
            return next(iter(self.section.options.values())).path, self.section.line
        return "", 0

    def text(self, name: str) -> str | None:
        """The value as one string; None where it is not set or means nothing."""
        value = self._value(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        self._refuse(name, f"{name} must be a string")
        return None

    def flag(self, name: str) -> bool:
        """In an ini only the word `true` counts, in TOML only a boolean."""
        value = self._value(name)
        if isinstance(value, bool) or value is None:
            return bool(value)
        if not self._in_ini(name):
            self._refuse(name, f"{name} must be true or false, without quotes")
            return False
        if isinstance(value, str) and value != "true" and value.lower() in ("true", "yes", "on", "1"):
            self._refuse(name, f"{name} = {value} counts as false: Alembic knows only 'true'", blocks=False)
        return isinstance(value, str) and value == "true"

    def number(self, name: str) -> int | None:
        """A whole number."""
        value = self.text(name)
        if not value:
            return None
        if value.strip().isdecimal() and len(value) < 10:
            return int(value)
        self._refuse(name, f"{name} must be a whole number, not {value!r}", blocks=False)
        return None

    def locations(self, name: str, separators: tuple[str, ...], legacy: str) -> tuple[str, ...]:
        """A list of paths; without a separator setting Alembic splits at the characters of `legacy`."""
        value = self._value(name)
        if not value:
            return ()
        if isinstance(value, list):
            if all(isinstance(item, str) for item in value):
                return tuple(item for item in value if item)
            self._refuse(name, f"{name} must be a list of strings")
            return ()
        if not isinstance(value, str):
            self._refuse(name, f"{name} must be a list of strings")
            return ()
        if not self._in_ini(name):
            self._refuse(name, f"{name} must be a list of strings, Alembic would read this one letter by letter")
            return (value,)
        separator = self._separator(separators)
        if separator:
            return tuple(item.strip() for item in value.split(separator) if item.strip())
        for character in legacy[1:]:
            value = value.replace(character, legacy[0])
        return tuple(item for item in value.split(legacy[0]) if item)

    def _separator(self, names: tuple[str, ...]) -> str:
        for name in names:
            if self._in_ini(name):
                value = self.text(name) or ""
                if value in _SEPARATORS:
                    return _SEPARATORS[value]
                self._refuse(
                    name,
                    f"{name} cannot be {value!r}",
                    note="Alembic knows space, newline, os, ':' and ';', and a comment behind it is part of the value",
                )
                return _SEPARATORS.get(value.split(" ")[0], "")
        return ""

    def _in_ini(self, name: str) -> bool:
        return self.section is not None and name in self.section.options

    def _value(self, name: str) -> Any:
        if self._in_ini(name):
            try:
                return interpolate(self._raw[name], self._raw)
            except BadInterpolation as error:
                self._refuse(name, f"{name} cannot be read: {error}")
                return None
        if self.toml is None or name not in self.toml.values:
            return None
        try:
            return _interpolate_toml(self.toml.values[name], {"here": _here(self.toml.path)})
        except BadInterpolation as error:
            self._refuse(name, f"{name} cannot be read: {error}")
            return None

    def _refuse(self, name: str, message: str, *, note: str = "", blocks: bool = True) -> None:
        path, line = self.place(name)
        problem = Problem(message, path, line, note, blocks)
        if problem not in self.problems:
            self.problems.append(problem)


def _here(path: str) -> str:
    folder = parent(path)
    return f"{HERE}/{folder}" if folder else HERE


def _interpolate_toml(value: Any, known: Mapping[str, str]) -> Any:
    """Alembic applies `%` to every string of the table, with `here` as the only name; it is not recursive."""
    if isinstance(value, str):
        return interpolate(value, known)
    if isinstance(value, list):
        return [_interpolate_toml(item, known) for item in value]
    return value
