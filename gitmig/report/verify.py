"""What `gitmig verify` proved, as text and as JSON."""

from __future__ import annotations

from gitmig.report.escape import safe
from gitmig.report.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Protocol

    class Broken(Protocol):
        """The step that did not run through."""

        @property
        def way(self) -> str: ...
        @property
        def revision(self) -> str: ...
        @property
        def path(self) -> str: ...
        @property
        def line(self) -> int: ...
        @property
        def error(self) -> str: ...
        @property
        def statement(self) -> str: ...

    class Proof(Protocol):
        """See `gitmig.db.verify.Proof`."""

        @property
        def name(self) -> str: ...
        @property
        def bind(self) -> str | None: ...
        @property
        def database(self) -> str: ...
        @property
        def verdict(self) -> str: ...
        @property
        def revisions(self) -> Sequence[tuple[str, str]]: ...
        @property
        def seconds(self) -> Mapping[str, Mapping[str, float]]: ...
        @property
        def left(self) -> Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]: ...
        @property
        def broken(self) -> Broken | None: ...
        @property
        def models(self) -> Sequence[Mapping[str, Any]] | None: ...
        @property
        def why(self) -> str: ...
        @property
        def beyond(self) -> str: ...
        @property
        def base(self) -> Sequence[str]: ...
        @property
        def cached(self) -> bool: ...
        @property
        def scrubbed(self) -> Sequence[str]: ...
        @property
        def help(self) -> str: ...


WAYS = ("up", "down", "again")
_SAID = {"up": "upgrade", "down": "downgrade", "again": "second upgrade", "base": "upgrade"}


def render_proofs(proofs: Sequence[Proof], *, color: bool = False, quiet: bool = False) -> str:
    """A table of the revisions with their times, then what is wrong."""
    style = Style(color)
    lines: list[str] = []
    for one in proofs:
        if quiet and one.verdict == "proven":
            continue
        if lines:
            lines.append("")
        lines += _lines(one, style, quiet=quiet)
    return "\n".join(lines) + "\n" if lines else ""


def _lines(one: Proof, style: Style, *, quiet: bool) -> Iterator[str]:
    count = len(one.revisions)
    name = safe(one.name) if one.bind is None else f"{safe(one.name)}, database {safe(one.bind) or '(default)'}"
    below = f", on top of {len(one.base)}{' from the cache' if one.cached else ''}" if one.base else ""
    yield style.paint("strong", f"{name}: {count} revision{'' if count == 1 else 's'}{below} on {safe(one.database)}")
    if one.revisions and not quiet:
        yield from _table(one, style)
    if one.broken is not None:
        yield from _failure(one.broken, style, one.verdict)
    for way in ("down", "again"):
        for revision, operations in one.left.get(way, {}).items():
            yield from _left(way, revision, operations, style)
    if one.models:
        yield f"{style.paint('error', 'error')}: the models are not what the revisions build; a revision would have to"
        yield from (f"    {safe(in_words(operation))}" for operation in one.models)
    yield _closing(one, style)
    if one.help:
        yield (
            f"help: {safe(one.help)}"
            if " " in one.help and not one.help.startswith("gitmig")
            else (f"help: try\n          {safe(one.help)}")
        )


def _table(one: Proof, style: Style) -> Iterator[str]:
    width = max(len(safe(revision)) for revision, _ in one.revisions)
    ways = [way for way in WAYS if one.seconds.get(way) or way == "up"]
    yield style.paint("frame", f"  {'':<{width}}" + "".join(f"{way:>10}" for way in ways))
    for revision, _ in one.revisions:
        cells = "".join(f"{_cell(one, way, revision):>10}" for way in ways)
        yield f"  {safe(revision):<{width}}{cells}"


def _cell(one: Proof, way: str, revision: str) -> str:
    seconds = one.seconds.get(way, {}).get(revision)
    if one.broken is not None and (one.broken.way, one.broken.revision) == (way, revision):
        return "failed"
    if revision in one.left.get(way, {}):
        return "leaves"
    return "-" if seconds is None else f"{seconds * 1000:.0f} ms"


def _failure(broken: Broken, style: Style, verdict: str) -> Iterator[str]:
    word = style.paint("error", "error") if verdict == "failed" else style.paint("warning", "undecided")
    yield f"{word}: {_SAID.get(broken.way, 'step')} of {safe(broken.revision)} failed: {safe(broken.error)}"
    yield f"  --> {safe(broken.path)}{f':{broken.line}' if broken.line else ''}"
    if broken.statement:
        yield f"  statement: {safe(' '.join(broken.statement.split()))[:200]}"


def _left(way: str, revision: str, operations: Sequence[Mapping[str, Any]], style: Style) -> Iterator[str]:
    what = "leaves something behind" if way == "down" else "builds another schema than the first time"
    yield f"{style.paint('error', 'error')}: {_SAID[way]} of {safe(revision)} {what}; what is missing in it:"
    yield from (f"    {safe(in_words(operation))}" for operation in operations)


def _closing(one: Proof, style: Style) -> str:
    if one.verdict == "undecided":
        return f"{style.paint('warning', 'undecided')}: {safe(one.why)}"
    if one.verdict == "failed":
        return f"{style.paint('error', 'not proven')}"
    ways = "up" if not one.seconds.get("down") else "up, down and up again"
    if not one.revisions:
        ways = "no revision to walk"
    models = "the models are what they build" if one.models is not None else f"models not compared: {safe(one.why)}"
    beyond = f" ({safe(one.beyond)})" if one.beyond else ""
    return f"{style.paint('good', 'proven')}: {ways}; {models}{beyond}"


def proofs_value(proofs: Sequence[Proof]) -> dict[str, Any]:
    """As JSON: {"schema", "verdict", "environments"}."""
    verdicts = [one.verdict for one in proofs]
    worst = next((word for word in ("failed", "undecided") if word in verdicts), "proven")
    return {"schema": 1, "verdict": worst, "environments": [_value(one) for one in proofs]}


def _value(one: Proof) -> dict[str, Any]:
    broken = one.broken
    failures: list[dict[str, Any]] = []
    if broken is not None:
        failures.append(
            {
                "way": broken.way,
                "revision": broken.revision,
                "path": broken.path,
                "line": broken.line or None,
                "error": broken.error,
                "statement": broken.statement or None,
                "leftover": [],
            }
        )
    paths = dict(one.revisions)
    for way, left in one.left.items():
        for revision, operations in left.items():
            why = "leaves something behind" if way == "down" else "builds another schema"
            failures.append(
                {
                    "way": way,
                    "revision": revision,
                    "path": paths.get(revision, ""),
                    "line": None,
                    "error": why,
                    "statement": None,
                    "leftover": list(operations),
                }
            )
    return {
        "name": one.name,
        "bind": one.bind,
        "database": one.database,
        "verdict": one.verdict,
        "why": one.why or None,
        "base": {"revisions": list(one.base), "cached": one.cached},
        "revisions": [
            {
                "revision": revision,
                "path": path,
                **{way: one.seconds.get(way, {}).get(revision) for way in WAYS},
            }
            for revision, path in one.revisions
        ],
        "failures": failures,
        "models": {
            "verdict": "unknown" if one.models is None else "different" if one.models else "equal",
            "operations": list(one.models or ()),
            "note": one.beyond or (one.why if one.models is None else "") or None,
        },
        "scrubbed": list(one.scrubbed),
    }


# Operations as a person reads them


def in_words(operation: Mapping[str, Any]) -> str:
    """One operation as a person reads it: `drop_table tags`, `alter_column books.title: nullable yes -> no`."""
    op, table, name, detail = operation["op"], operation["table"], operation["name"], operation["detail"]
    place = ".".join(part for part in (table, name) if part)
    if op == "alter_column":
        changes = (f"{key} {_shown(detail['was'].get(key))} -> {_shown(value)}" for key, value in detail["set"].items())
        return f"{op} {place}: {', '.join(changes)}"
    if op == "set_comment":
        return f"{op} {place}: {_shown(detail['to'])}"
    if op == "alter_enum":
        return f"{op} {place}: {', '.join(detail['was'])} -> {', '.join(detail['values'])}"
    said = {
        key: value
        for key, value in detail.items()
        if key in ("kind", "columns", "text", "referred") and op != "create_table"
    }
    more = ", ".join(_shown(value) for value in said.values())
    return f"{op} {place}{f' ({more})' if more else ''}"


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return str(value)
