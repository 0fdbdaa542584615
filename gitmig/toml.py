"""TOML text to plain values, and the line of a key, which the standard parser does not tell."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class TomlError(ValueError):
    """Text that is no TOML; `line` is 0 where the parser gave none."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def parse_toml(text: bytes) -> dict[str, Any]:
    """The document as plain values.  Raises TomlError."""
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    if text.startswith(b"\xef\xbb\xbf"):
        raise TomlError("starts with a byte order mark, which TOML does not allow", 1)
    try:
        return tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise TomlError("is not UTF-8 text", text.count(b"\n", 0, error.start) + 1) from None
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        return _refuse(message, _line_in(message) or text.count(b"\n") + 1)
    except RecursionError:
        return _refuse("is nested too deeply", 0)


def _refuse(message: str, line: int) -> dict[str, Any]:
    raise TomlError(message.partition(" (at ")[0], line) from None


def _line_in(message: str) -> int:
    """The line of a message such as `Invalid value (at line 3, column 9)`."""
    _, found, rest = message.rpartition("(at line ")
    digits = rest.partition(",")[0]
    return int(digits) if found and digits.isdigit() else 0


def line_of(text: bytes, table: tuple[str, ...], key: str = "") -> int:
    """The line of `key` in `[table]`, else of the table's header, else 0."""
    current: tuple[str, ...] = ()
    header = 0
    for number, raw in enumerate(text.decode("utf-8", "replace").split("\n"), start=1):
        line = raw.strip()
        if line.startswith("["):
            current = _dotted(line.strip("[]").partition("]")[0])
            if current[: len(table)] == table and not header:
                header = number
            if key and current[: len(table) + 1] == (*table, key):
                return number
            continue
        name, equals, _ = line.partition("=")
        if not equals or line.startswith("#"):
            continue
        full = current + _dotted(name)
        if key and full[: len(table) + 1] == (*table, key):
            return number
        if not header and full[: len(table)] == table and table:
            header = number
    return header


def _dotted(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
