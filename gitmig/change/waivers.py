"""Waivers: one committed file per exception in `.gitmig/waivers/`, so that code owners review it and nobody has to ask.

A waiver is lines of `key: value`, indented lines continue a value, `#` starts a comment line:

    code: GM202
    revision: 1975ea83b712
    fingerprint: 1:9f2c4e
    until: 2027-01-31
    reason: squashed into 4be1c07 when every database was past it

Not TOML, because Python 3.10 has no TOML parser and a hook must not need an installed one; one file each, because two
Git branches that add a waiver must not conflict.
"""

from __future__ import annotations

from gitmig.environments.environment import Problem
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gitmig.findings import Finding

FOLDER = ".gitmig/waivers/"
SUFFIX = ".waiver"
_KEYS = ("code", "revision", "revisions", "range", "object", "objects", "environment", "fingerprint", "until", "reason")
_ALIASES = {"revision": "revisions", "object": "objects"}
_WIDTH = 78


class Waiver(Frozen):
    """One exception.  It covers revisions, or all revisions of `range` (first, last), or objects such as `book.title`.

    `fingerprint` is that of the text it was granted for, in a deletion of the published text; `until` is an ISO date.
    """

    path: str
    code: str
    reason: str
    revisions: tuple[str, ...] = ()
    range: tuple[str, str] = ("", "")
    objects: tuple[str, ...] = ()
    environment: str = ""
    fingerprint: str = ""
    until: str = ""

    @property
    def subject(self) -> str:
        """What the waiver is about, for a sentence."""
        if any(self.range):
            return "..".join(self.range)
        return ", ".join(self.revisions or self.objects)


def is_waiver(path: str) -> bool:
    """Whether this path of a tree is a waiver."""
    return path.startswith(FOLDER) and path.endswith(SUFFIX)


def parse_waiver(path: str, text: bytes) -> tuple[Waiver | None, tuple[Problem, ...]]:
    """The waiver, or None and why it cannot be granted; a waiver with a fault waives nothing."""
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    key = ""
    for number, raw in enumerate(text.decode("utf-8", "replace").split("\n"), start=1):
        line = raw.strip()
        if line and raw[0] in " \t" and key:
            values[key] = f"{values[key]} {line}".strip()
            continue
        if not line or line.startswith("#"):
            continue
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        if not colon or key not in _KEYS:
            problems.append(Problem(_unknown(line, key, bool(colon)), path, number))
            key = ""
            continue
        key = _ALIASES.get(key, key)
        if key in values:
            problems.append(Problem(f"{key} is there twice", path, number))
        values[key] = value.strip()
        lines[key] = number
    problems.extend(Problem(message, path, lines.get(key, 0)) for key, message in _faults(values))
    if problems:
        return None, tuple(problems)
    first, _, last = values.get("range", "").partition("..")
    return Waiver(
        path,
        values["code"].upper(),
        values["reason"],
        _words(values.get("revisions", "")),
        (first.strip(), last.strip()),
        _words(values.get("objects", "")),
        values.get("environment", ""),
        values.get("fingerprint", ""),
        values.get("until", ""),
    ), ()


def _unknown(line: str, key: str, has_colon: bool) -> str:
    import difflib

    near = difflib.get_close_matches(key, _KEYS, n=1)
    suggestion = f", did you mean {near[0]!r}?" if near else ""
    return f"unknown key {key!r}{suggestion}" if has_colon else f"not 'key: value': {line[:60]!r}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _faults(values: dict[str, str]) -> list[tuple[str, str]]:
    """Key and message of everything that is missing or means nothing."""
    faults: list[tuple[str, str]] = []
    code = values.get("code", "").upper()
    if len(code) != 5 or not code.startswith("GM") or not code[2:].isdecimal():
        faults.append(("code", f"code must be that of one rule, such as GM202, not {values.get('code', '')!r}"))
    if not values.get("reason"):
        faults.append(("reason", "a waiver needs a reason"))
    subjects = [key for key in ("revisions", "range", "objects") if _words(values.get(key, ""))]
    if len(subjects) != 1:
        faults.append((subjects[-1] if subjects else "", "a waiver needs one of revision, range and object"))
    first, dots, last = values.get("range", "").partition("..")
    if "range" in values and not (dots and _words(first) == (first.strip(),) and _words(last) == (last.strip(),)):
        faults.append(("range", f"range must be FIRST..LAST, not {values['range']!r}"))
    if values.get("until") and not _is_date(values["until"]):
        faults.append(("until", f"until must be a date such as 2027-01-31, not {values['until']!r}"))
    return faults


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def render_waiver(waiver: Waiver) -> bytes:
    """The text of the file; `parse_waiver` gives the same waiver again, the reason with single spaces."""
    lines = [f"code: {waiver.code}"]
    subjects = (("revision", waiver.revisions), ("object", waiver.objects))
    for name, values in subjects:
        if values:
            lines.append(f"{name}{'s' if len(values) > 1 else ''}: {', '.join(values)}")
    if any(waiver.range):
        lines.append(f"range: {'..'.join(waiver.range)}")
    for name in ("environment", "fingerprint", "until"):
        if getattr(waiver, name):
            lines.append(f"{name}: {getattr(waiver, name)}")
    line = "reason:"
    for word in waiver.reason.split():
        if len(line) + 1 + len(word) > _WIDTH and line.strip():
            lines.append(line)
            line = " "
        line = f"{line} {word}"
    return "\n".join([*lines, line, ""]).encode("utf-8")


def waiver_path(waiver: Waiver) -> str:
    """Where the file belongs: one name per code and subject, from characters that every file system has."""
    subject = "".join(
        c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in waiver.subject.replace("..", "--")
    )
    return f"{FOLDER}{waiver.code}-{subject.strip('.-')[:60]}{SUFFIX}"


def covers(waiver: Waiver, finding: Finding, within: Callable[[str, str], Collection[str]] | None = None) -> bool:
    """Whether the waiver is about all that the finding is about; `within` lists a range with both ends."""
    if waiver.code != finding.code or waiver.environment not in ("", finding.environment):
        return False
    if waiver.objects:
        return bool(finding.objects) and set(finding.objects) <= set(waiver.objects)
    granted = set(waiver.revisions)
    if any(waiver.range) and within is not None:
        granted |= set(within(*waiver.range))
    return bool(finding.revisions) and set(finding.revisions) <= granted


def holds_for(waiver: Waiver, fingerprint: str) -> bool:
    """Whether it was granted for this text ("" means there is none); a range is granted for whatever it covers."""
    return not fingerprint or any(waiver.range) or waiver.fingerprint == fingerprint
