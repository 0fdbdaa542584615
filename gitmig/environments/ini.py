"""Ini text as `configparser` reads it, with the line of every option and without stopping at the first fault.

`configparser` forgets line numbers, costs as much to import as a small git process, and gives nothing at all for a
file with one bad line.  The tests compare this reader with it on generated files.
"""

from __future__ import annotations

from gitmig.environments.environment import Problem
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTH_LIMIT = 10
_LENGTH_LIMIT = 65_536


class Option(Frozen):
    """The raw text of an option, before interpolation, and where it is."""

    text: str
    path: str
    line: int


class Section(Frozen):
    """One section: its own options, and with those of `[DEFAULT]` beneath them."""

    name: str
    line: int
    own: Mapping[str, Option]
    options: Mapping[str, Option]


class Ini(Frozen):
    """All sections of a file in the order of the file; `[DEFAULT]` is spread into them."""

    path: str
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...] = ()

    def find(self, name: str) -> Section | None:
        """The section of that name."""
        return next((section for section in self.sections if section.name == name), None)


class BadInterpolation(ValueError):
    """A `%` in a value that means nothing, or refers to an option that is not there."""


def parse_ini(path: str, text: bytes) -> Ini:
    """Read what can be read; whatever would make `configparser` raise is a problem with its line."""
    problems: list[Problem] = []
    own: dict[str, dict[str, list[str]]] = {"DEFAULT": {}}
    lines: dict[tuple[str, str], int] = {}
    section, option, indent = "", "", 0
    for number, line in enumerate(_decode(path, text, problems), start=1):
        value = line.strip()
        if value[:1] in ("#", ";"):
            continue
        if not value:
            if option:
                own[section][option].append("")
            continue
        level = len(line) - len(line.lstrip())
        if option and level > indent:
            own[section][option].append(value)
            continue
        indent = level
        if value[0] == "[" and value.rfind("]") > 1:
            section, option = value[1 : value.rfind("]")], ""
            if section != "DEFAULT" and section in own:
                problems.append(Problem(f"section [{section}] is there twice", path, number))
            own.setdefault(section, {})
            lines.setdefault((section, ""), number)
            continue
        name, found, rest = _split_option(value)
        if not section:
            problems.append(Problem(f"text before the first [section]: {value[:60]}", path, number))
            continue
        if not found or not name:
            problems.append(Problem(f"neither a [section] nor an option: {value[:60]}", path, number))
            continue
        if name in own[section]:
            first = lines[section, name]
            problems.append(
                Problem(f"option {name!r} of [{section}] is there twice, first in line {first}", path, number)
            )
        option = name
        own[section][option] = [rest]
        lines[section, option] = number
    return Ini(path, _sections(path, own, lines), tuple(problems))


def _decode(path: str, text: bytes, problems: list[Problem]) -> list[str]:
    if text.startswith(b"\xef\xbb\xbf"):
        problems.append(Problem("starts with a byte order mark, which Alembic cannot read", path, 1))
        text = text[3:]
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        problems.append(Problem("is not UTF-8 text", path, line))
        decoded = text.decode("utf-8", "surrogateescape")
    return decoded.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _split_option(line: str) -> tuple[str, bool, str]:
    """`name = value` or `name: value`, whichever delimiter comes first; names are case-insensitive."""
    places = [place for place in (line.find("="), line.find(":")) if place >= 0]
    if not places:
        return line, False, ""
    cut = min(places)
    return line[:cut].rstrip().lower(), True, line[cut + 1 :].strip()


def _sections(
    path: str, own: dict[str, dict[str, list[str]]], lines: dict[tuple[str, str], int]
) -> tuple[Section, ...]:
    read = {
        name: {key: Option("\n".join(parts).rstrip(), path, lines[name, key]) for key, parts in options.items()}
        for name, options in own.items()
    }
    defaults = read.pop("DEFAULT")
    return tuple(
        Section(name, lines[name, ""], options, {**defaults, **options} if defaults else options)
        for name, options in read.items()
    )


def interpolate(text: str, options: Mapping[str, str], depth: int = 1) -> str:
    """Replace `%(name)s` and `%%` as `configparser.BasicInterpolation` does.

    Raises BadInterpolation; also for what would grow beyond all bounds.
    """
    if "%" not in text:
        return text
    if depth > _DEPTH_LIMIT:
        raise BadInterpolation("options refer to each other in a circle")
    done: list[str] = []
    length = 0
    while text:
        before, percent, text = text.partition("%")
        done.append(before)
        if not percent:
            break
        if text.startswith("%"):
            done.append("%")
            text = text[1:]
        else:
            name, text = _reference(text)
            if name not in options:
                raise BadInterpolation(f"%({name})s is not defined")
            done.append(interpolate(options[name], options, depth + 1))
            length += len(done[-1])
        if length > _LENGTH_LIMIT:
            raise BadInterpolation("the value grows beyond 64 KiB")
    return "".join(done)


def _reference(text: str) -> tuple[str, str]:
    end = text.find(")")
    if text[:1] != "(" or end < 2 or text[end + 1 : end + 2] != "s":
        raise BadInterpolation("a '%' must be written '%%' here, or refer to an option as '%(name)s'")
    return text[1:end].lower(), text[end + 2 :]
