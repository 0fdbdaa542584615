"""Configuration: text, environment variables and options to one frozen Config, each value with its origin.

A value comes from the first of: command line, `GITMIG_*`, `gitmig.toml` or `[tool.gitmig]`, what is detected, the
default.
"""

from __future__ import annotations

from gitmig.errors import UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Any

CONFIG_FILES = ("gitmig.toml", "pyproject.toml")
"""At the top level of the tree; where both say something, `gitmig.toml` is read and the other is not."""

POLICY_KEYS = ("shared", "released", "models_ignore", "select", "ignore", "severity", "undecided")
"""What a pull request must not decide about itself, see `Config.judged_by`."""

SEVERITIES = ("error", "warning", "note")


class EnvironmentSetting(Frozen):
    """One table of `environments`.

    `versions` and `config` are paths from the top level; `path` and `line` say where the tables are.
    """

    name: str
    versions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    metadata: str = ""
    database: str = ""
    config: str = ""
    section: str = ""
    path: str = ""
    line: int = 0


class Config(Frozen):
    """Every setting of DESIGN section 10 under its own name; sizes in bytes, times in seconds."""

    shared: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    environments: tuple[EnvironmentSetting, ...] = ()
    models_ignore: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    on_merge: str = "offer"
    prompt: str = "notify"
    undecided: str = "auto"
    head_file: bool = False
    python: str = ""
    max_file_size: int = 1024 * 1024
    time_limit: float = 30.0
    origins: tuple[tuple[str, str], ...] = ()

    def origin(self, key: str) -> str:
        """Where the value of this key comes from, as a person says it."""
        return dict(self.origins).get(key, "default")

    def judged_by(self, target: Config) -> Config:
        """This configuration with the policy of the target; what command line and `GITMIG_*` say stays."""
        mine = dict(self.origins)
        keys = [key for key in POLICY_KEYS if not mine.get(key, "").startswith(("command line", "GITMIG_"))]
        theirs = {key: f"{origin} of the target" for key, origin in target.origins if key in keys}
        origins = {key: origin for key, origin in mine.items() if key not in keys} | theirs
        return self.replace(**{key: getattr(target, key) for key in keys}, origins=tuple(sorted(origins.items())))


class Settings(Frozen):
    """What one place says: values that are checked already, and the origin of each."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]


def build_config(*layers: Settings) -> Config:
    """The configuration in which, key by key, the first layer that says something wins."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for key, value in layer.values.items():
            if key not in values:
                values[key] = value
                origins[key] = layer.origins[key]
    return Config(**values, origins=tuple(sorted(origins.items())))


def settings_of_options(options: Mapping[str, object]) -> Settings:
    """Settings from command line options; None and empty lists mean that the option was not given."""
    given = {key: value for key, value in options.items() if value not in (None, (), [])}
    return _checked(given, lambda key: "command line")


def settings_of_variables(variables: Mapping[str, str]) -> Settings:
    """Settings from `GITMIG_SHARED` and so on; lists are split at commas, an empty variable says nothing."""
    given: dict[str, object] = {}
    for key, check in _KEYS.items():
        text = variables.get(f"GITMIG_{key.upper()}", "").strip()
        if text and key != "environments":
            given[key] = _from_text(key, check, text)
    return _checked(given, lambda key: f"GITMIG_{key.upper()}")


def settings_of_files(texts: Mapping[str, bytes]) -> Settings:
    """Settings from those of CONFIG_FILES that the tree has, path to content.  Raises UsageError with file and line."""
    for path in CONFIG_FILES:
        text = texts.get(path)
        # A TOML parser costs as much as a git process: most repositories have no such table.
        if text is None or (path == "pyproject.toml" and not _mentions_table(text)):
            continue
        table, names = _read_table(path, text)
        if table is not None:
            return _of_table(path, text, table, names)
    return Settings({}, {})


def _mentions_table(text: bytes) -> bool:
    return b"tool.gitmig" in text or (b"[tool]" in text and b"gitmig" in text)


def _read_table(path: str, text: bytes) -> tuple[object, tuple[str, ...]]:
    """The settings of the file and the names of the tables around them; None where it has none."""
    from gitmig.toml import TomlError, parse_toml

    try:
        document = parse_toml(text)
    except TomlError as error:
        raise UsageError(
            f"{_at(path, error.line)}: {error}", note="the configuration of gitmig is read from this file"
        ) from None
    tool = document.get("tool", {})
    nested = tool.get("gitmig") if isinstance(tool, dict) else None
    if path == "pyproject.toml" or nested is not None:
        return nested, ("tool", "gitmig")
    return document, ()


def _of_table(path: str, text: bytes, table: object, names: tuple[str, ...]) -> Settings:
    from gitmig.toml import line_of

    if not isinstance(table, dict):
        raise UsageError(f"{_at(path, line_of(text, names))}: tool.gitmig must be a table")
    normal = {key.replace("-", "_"): value for key, value in table.items()}
    lines = {key.replace("-", "_"): line_of(text, names, key) for key in table}
    settings = _checked(normal, lambda key: _at(path, lines[key]))
    if "environments" not in settings.values:
        return settings
    placed = tuple(one.replace(path=path, line=lines["environments"]) for one in settings.values["environments"])
    return Settings({**settings.values, "environments": placed}, settings.origins)


def _at(path: str, line: int) -> str:
    return f"{path}:{line}" if line else path


def _checked(given: Mapping[str, object], origin: Callable[[str], str]) -> Settings:
    values: dict[str, object] = {}
    for key, value in given.items():
        if key not in _KEYS:
            raise _unknown(f"{origin(key)}: unknown setting {key!r}", key, _KEYS)
        try:
            values[key] = _KEYS[key](value)
        except _BadValueError as error:
            shown = f"GITMIG_{key.upper()}" if origin(key).startswith("GITMIG_") else f"{origin(key)}: {key}"
            raise UsageError(f"{shown} {error}", help=error.help) from None
    return Settings(values, {key: origin(key) for key in values})


def _unknown(what: str, given: str, known: Iterable[str]) -> UsageError:
    return UsageError(what, note=f"known are {', '.join(sorted(known))}", help=_suggestion(given, known))


def _suggestion(given: str, known: Iterable[str]) -> tuple[Help, ...]:
    import difflib

    near = difflib.get_close_matches(given, sorted(known), n=1)
    return (Help(f"did you mean {near[0]!r}?"),) if near else ()


class _BadValueError(ValueError):
    def __init__(self, message: str, help: tuple[Help, ...] = ()) -> None:
        super().__init__(message)
        self.help = help


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) and item for item in value):
        raise _BadValueError("must be a list of strings")
    return tuple(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _BadValueError("must be a string")
    return value


def _codes(value: object) -> tuple[str, ...]:
    """Each text is a code or several with commas between them, as people write it after `--select`."""
    return tuple(_code(part) for item in _texts(value) for part in item.split(","))


def _code(value: str) -> str:
    code = value.strip().upper()
    if code == "ALL":
        return "GM"
    if not code.startswith("GM") or len(code) > 5 or not (code[2:] or "0").isdecimal():
        raise _BadValueError(f"has {value!r}: a code is GM205, GM2 stands for all that begin so")
    return code


def _severity(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise _BadValueError('must be a table such as { GM105 = "error" }')
    for level in value.values():
        if level not in SEVERITIES:
            raise _BadValueError(
                f"has {level!r}: a severity is {_either(SEVERITIES)}", _suggestion(str(level), SEVERITIES)
            )
    return tuple(sorted((_code(code), level) for code, level in value.items()))


def _one_of(*words: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value not in words:
            raise _BadValueError(f"is {value!r}, it can be {_either(words)}", _suggestion(str(value), words))
        return str(value)

    return check


def _either(words: Collection[str]) -> str:
    *most, last = (repr(word) for word in words)
    return f"{', '.join(most)} or {last}"


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _BadValueError("must be true or false")
    return value


_SIZES = {"": 1, "B": 1, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3, "KB": 1000, "MB": 1000**2, "GB": 1000**3}


def _size(value: object) -> int:
    amount, unit = _quantity(value)
    if unit.upper() not in _SIZES or amount * _SIZES[unit.upper()] < 1:
        raise _BadValueError('must be a number of bytes, or a string such as "1 MiB"')
    return int(amount * _SIZES[unit.upper()])


def _seconds(value: object) -> float:
    amount, unit = _quantity(value)
    if unit not in ("", "s", "min") or amount <= 0:
        raise _BadValueError('must be a number of seconds, or a string such as "30 s"')
    return amount * (60 if unit == "min" else 1)


def _quantity(value: object) -> tuple[float, str]:
    """A number and the unit behind it; -1 for what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return -1, ""
    text = str(value).strip()
    unit = text.lstrip("0123456789._").strip()
    number = text[: len(text) - len(unit)].strip().replace("_", "")
    try:
        amount = float(number)
    except ValueError:
        return -1, ""
    return (amount, unit) if amount < 1e15 else (-1, "")


def _environments(value: object) -> tuple[EnvironmentSetting, ...]:
    if isinstance(value, dict):
        value = [{"name": name, **table} if isinstance(table, dict) else table for name, table in value.items()]
    if not isinstance(value, list):
        raise _BadValueError("must be a list of tables")
    settings = tuple(_environment(table) for table in value)
    names = [setting.name for setting in settings]
    for name in names:
        if names.count(name) > 1:
            raise _BadValueError(f"has two tables with the name {name!r}")
    return settings


def _environment(table: object) -> EnvironmentSetting:
    if not isinstance(table, dict):
        raise _BadValueError("must be a list of tables")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _ENVIRONMENT_KEYS:
            raise _BadValueError(
                f"has a table with the unknown key {key!r}; known are {', '.join(_ENVIRONMENT_KEYS)}",
                _suggestion(key, _ENVIRONMENT_KEYS),
            )
        try:
            values[key] = _ENVIRONMENT_KEYS[key](value)
        except _BadValueError as error:
            raise _BadValueError(f"has a table whose {key} {error}") from None
    if "name" not in values:
        raise _BadValueError("has a table without a name")
    return EnvironmentSetting(**values)


def _from_text(key: str, check: object, text: str) -> object:
    """A value of an environment variable in the shape that a file would give it."""
    if check in (_texts, _codes):
        return [item.strip() for item in text.split(",") if item.strip()]
    if check is _severity:
        pairs = (item.partition("=") for item in text.split(",") if item.strip())
        return {code.strip(): level.strip() for code, _, level in pairs}
    if check is _flag:
        return {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }.get(text.lower(), text)
    return text


_ENVIRONMENT_KEYS: dict[str, Callable[[object], object]] = {
    "name": _text,
    "versions": _texts,
    "models": _texts,
    "metadata": _text,
    "database": _text,
    "config": _text,
    "section": _text,
}

_KEYS: dict[str, Callable[[object], object]] = {
    "shared": _texts,
    "released": _texts,
    "environments": _environments,
    "models_ignore": _texts,
    "select": _codes,
    "ignore": _codes,
    "severity": _severity,
    "on_merge": _one_of("offer", "block", "off"),
    "prompt": _one_of("notify", "ask"),
    "undecided": _one_of("auto", "error", "warn"),
    "head_file": _flag,
    "python": _text,
    "max_file_size": _size,
    "time_limit": _seconds,
}

KEYS = tuple(_KEYS)
"""Every setting there is, in the order of the documentation."""


def require_known_codes(config: Config, codes: Collection[str]) -> None:
    """Refuse a code or a prefix in `select`, `ignore` or `severity` that no rule has.  Raises UsageError."""
    said = [
        ("select", config.select),
        ("ignore", config.ignore),
        ("severity", tuple(code for code, _ in config.severity)),
    ]
    for key, prefixes in said:
        for prefix in prefixes:
            if not any(code.startswith(prefix) for code in codes):
                raise UsageError(
                    f"{config.origin(key)}: {key} has {prefix}, and no rule has such a code",
                    help=_suggestion(prefix, codes),
                )
