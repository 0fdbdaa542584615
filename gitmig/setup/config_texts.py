"""Texts of a project's configuration with what gitmig needs put in; everything else stays as it was written.

Each function answers the new bytes, or the same ones when all is there already.
"""

from __future__ import annotations

import re

from gitmig.errors import Refused
from gitmig.findings import Help
from gitmig.toml import TomlError, parse_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PLACEHOLDER = b"driver://user:pass@localhost/dbname"
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+\Z")

# Alembic's own files


def with_url(ini: bytes, url: str) -> bytes:
    """alembic.ini with the URL in the place of the template's; a percent sign is doubled, as its parser wants it."""
    return ini.replace(PLACEHOLDER, url.replace("%", "%%").encode(), 1)


def with_folders(text: bytes, folders: Sequence[str]) -> bytes:
    """alembic.ini or pyproject.toml with the folders that modules are imported from, relative to this file."""
    if tuple(folders) == ("",):
        return text
    paths = [f"%(here)s/{folder}" if folder else "%(here)s" for folder in folders]
    listed = ",\n".join(f'    "{path}"' for path in paths)
    toml = re.sub(
        rb'^prepend_sys_path = \[\s*"\."\s*\]', f"prepend_sys_path = [\n{listed}\n]".encode(), text, flags=re.M
    )
    # Alembic before 1.16 splits at commas; newer ones at what path_separator says.
    separator = ":" if b"\npath_separator" in text else ","
    line = f"prepend_sys_path = {separator.join(paths)}".encode()
    return re.sub(rb"^prepend_sys_path = \.$", line, toml, flags=re.M)


# gitmig's settings


def with_settings(pyproject: bytes, shared: Sequence[str]) -> bytes:
    """pyproject.toml with a table [tool.gitmig] at its end; Refused for a text that is no TOML or cannot take one."""
    try:
        tool = parse_toml(pyproject).get("tool", {})
    except TomlError as error:
        raise Refused(
            f"pyproject.toml:{error.line}: no TOML: {error}",
            note="nothing was changed; Python tools do not read it either",
        ) from None
    if isinstance(tool, dict) and "gitmig" in tool:
        return pyproject
    newline = newline_of(pyproject)
    gap = b"" if not pyproject.strip() else newline if pyproject.endswith(b"\n") else newline * 2
    made = pyproject + gap + settings_table("[tool.gitmig]", shared).replace(b"\n", newline)
    try:
        parse_toml(made)
    except TomlError:
        raise Refused(
            "pyproject.toml cannot take a table [tool.gitmig]: `tool` is an inline table there",
            note="nothing was changed",
            help=(Help("make a file of its own for the settings", ("touch gitmig.toml",)),),
        ) from None
    return made


def settings_table(header: str, shared: Sequence[str]) -> bytes:
    """The table with what was detected; what is not known yet stands there as a comment."""
    lines = [header] if header else []
    if shared:
        names = ", ".join(f'"{name}"' for name in shared)
        lines.append(f"shared = [{names}]  # whose revisions are published; `gitmig doctor` lists every setting")
    else:
        lines.append("# `gitmig doctor` lists every setting with its value and where that comes from")
        lines.append(
            '# shared = ["origin/main"]  # whose revisions are published: by default the remote\'s main branch'
        )
    return ("\n".join(lines) + "\n").encode()


# .gitignore


def with_ignored(text: bytes, patterns: Sequence[str]) -> bytes:
    """.gitignore with these patterns at its end, those that stand there already left out."""
    there = {line.strip() for line in text.decode("utf-8", "replace").splitlines()}
    missing = [pattern for pattern in patterns if pattern not in there]
    if not missing:
        return text
    newline = newline_of(text)
    gap = newline if text and not text.endswith(b"\n") else b""
    return text + gap + b"".join(pattern.encode() + newline for pattern in missing)


# .pre-commit-config.yaml

_KEY = re.compile(rb"^repos:[ \t]*(.*?)[ \t]*(?:#.*)?$")
_ITEM = re.compile(rb"^([ \t]*)-(\s+)")
_ENTRY = re.compile(
    rb"^\s*(?:-\s+)?(?:repo:.*[/:]gitmig(?:\.git)?/?['\"]?\s*(?:#.*)?|(?:id|entry):\s*['\"]?gitmig\b.*)$", re.M
)


def has_pre_commit_entry(text: bytes) -> bool:
    """Whether gitmig is among the hooks already, from its repository or as a local one."""
    return _ENTRY.search(text) is not None


def with_pre_commit_entry(text: bytes, repository: str, version: str) -> bytes:
    """.pre-commit-config.yaml with gitmig at the end of `repos`, indented as its other entries.

    Refused for a list that is written in brackets: then the lines to add by hand are in the help.
    """
    if has_pre_commit_entry(text):
        return text
    newline = newline_of(text)
    lines = text.split(b"\n")
    at = next((number for number, line in enumerate(lines) if _KEY.match(line.rstrip(b"\r"))), None)
    if at is None:
        if text.strip():
            raise _refuse_yaml("it has no `repos:` at the top level", repository, version)
        return newline.join([b"repos:", *_entry(b"  ", b" ", repository, version), b""])
    key = _KEY.match(lines[at].rstrip(b"\r"))
    value = key[1] if key is not None else b""
    if value.replace(b" ", b"") == b"[]":
        return _put(lines, at + 1, _entry(b"  ", b" ", repository, version), newline, {at: b"repos:"})
    if value:
        raise _refuse_yaml("`repos:` is not a list with one entry to a line", repository, version)
    end, indent, space = _block(lines, at + 1)
    if end is None:
        return _put(lines, at + 1, _entry(b"  ", b" ", repository, version), newline)
    return _put(lines, end, _entry(indent, space, repository, version), newline)


def _block(lines: Sequence[bytes], start: int) -> tuple[int | None, bytes, bytes]:
    """Behind the last line of the list, its indentation, and what stands between a dash and its word."""
    end, indent, space = None, b"  ", b" "
    for number in range(start, len(lines)):
        line = lines[number].rstrip(b"\r")
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        item = _ITEM.match(line)
        if end is None and item is not None:
            indent, space = item[1], item[2]
        elif end is None or not (line.startswith(indent + b" ") or (item is not None and item[1] == indent)):
            break
        end = number + 1
    return end, indent, space


def _entry(indent: bytes, space: bytes, repository: str, version: str) -> list[bytes]:
    inner = indent + b" " + space
    return [
        indent + b"-" + space + f"repo: {repository}".encode(),
        inner + f"rev: v{version}".encode(),
        inner + b"hooks:",
        inner + b"  - id: gitmig",
    ]


def _put(
    lines: Sequence[bytes], at: int, added: Sequence[bytes], newline: bytes, instead: dict[int, bytes] | None = None
) -> bytes:
    end = b"\r" if newline == b"\r\n" else b""
    kept = [(instead or {}).get(number, line) for number, line in enumerate(lines)]
    if at == len(kept):  # the last line has no end
        return b"\n".join(kept) + newline + b"".join(line + newline for line in added)
    return b"\n".join([*kept[:at], *(line + end for line in added), *kept[at:]])


def _refuse_yaml(why: str, repository: str, version: str) -> Refused:
    lines = tuple(line.decode() for line in _entry(b"  ", b" ", repository, version))
    return Refused(
        f".pre-commit-config.yaml is not edited: {why}",
        note="nothing was changed",
        help=(Help("add this under `repos:`, then run this again", lines),),
    )


def newline_of(text: bytes) -> bytes:
    """How lines end here."""
    return b"\r\n" if b"\r\n" in text else b"\n"


def project_name(pyproject: bytes, folder: str) -> str:
    """A name for files: that of [project] or [tool.poetry], else that of the folder."""
    try:
        table = parse_toml(pyproject)
    except TomlError:
        table = {}
    named = [table.get("project"), table.get("tool", {}).get("poetry") if isinstance(table.get("tool"), dict) else None]
    for one in named:
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            folder = one["name"]
            break
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_")
    return name or "app"


def is_plain(path: str) -> bool:
    """Whether a path can stand in a URL, an ini and a .gitignore as it is."""
    return _PLAIN.match(path) is not None
