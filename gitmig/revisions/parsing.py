"""Revision files to values.

`parse_header` gives facts as JSON, to be kept by blob id; `revision_of` makes a `Revision` of them; `parse_revision`
reads the same with the span of every assignment, for the files that a finding or an edit is about.
"""

from __future__ import annotations

import _ast
import re

from gitmig.revisions.revision import DOC_LABELS, NAMES, Assignment, DocLine, Revision, revision_of
from gitmig.revisions.scanning import Header, scan_header
from gitmig.source.places import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence
    from typing import Any

    from gitmig.revisions.assignments import Bindings
    from gitmig.source.syntax import Parsed

VERSION = 1
_DOC_LINE = re.compile(
    rb"(?:(?<=[\r\n])|\A)[ \t]*(Revision ID|Revises|Create Date)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=[\r\n]|\Z)", re.I
)
_FIRST_DEFINITION = re.compile(rb"^(?:async[ \t]+)?(?:def|class)[ \t]|^@", re.M)
_KEYS = {"revision": "revision", "down_revision": "down", "depends_on": "depends", "branch_labels": "labels"}
_DOC_NAMES = {label.lower(): label for label in DOC_LABELS}


def parse_header(source: bytes, limit: int = 0, thorough: bool = False) -> dict[str, Any]:
    """What the graph needs of a file, as JSON.

    `kind` is "revision", "other" (defines neither `revision` nor `down_revision`) or "unreadable".  Further keys where
    they are not empty: revision (text), down, depends, labels (lists), problems and notes (lists of [kind, detail,
    line, column, name]), stale (lists of [label, value] of the docstring that disagree with the code).
    An ordinary header is read without looking at the rest of the file; `thorough` always reads the whole syntax.
    The header of a file whose syntax is broken further down is given beside the problem.
    """
    if not thorough and (not limit or len(source) <= limit):
        header = scan_header(source)
        if header is not None and header.is_usual:
            return _usual_facts(header)
        if header is not None:
            facts = _facts(dict(header.values), {}, header.docstring)
            if "notes" not in facts and "problems" not in facts:  # they want their places
                return facts
    return _parse_with_syntax(source, limit)


def parse_revision(source: bytes, path: str = "", blob: str = "", limit: int = 0) -> Revision:
    """A revision file with the spans of its assignments, docstring lines and functions."""
    from gitmig.source.syntax import parse

    parsed = parse(source, limit)
    revision = revision_of(_parse_with_syntax(source, limit, parsed), path, blob)
    if parsed.tree is None:
        return revision
    from gitmig.revisions.assignments import Bindings

    return revision.replace(
        assignments=_assignments(parsed, Bindings(parsed.tree, source)),
        doc=doc_lines(parsed),
        definitions=tuple(
            (statement.name, parsed.span(statement))
            for statement in parsed.tree.body
            if isinstance(statement, (_ast.FunctionDef, _ast.AsyncFunctionDef))
        ),
    )


def find_anchor(source: bytes, anchor: str) -> Span | None:
    """Where `assign:NAME` (its value), `def:NAME` (its first line), `doc:LABEL`, `line:N` or `span:L:C:L:C` stands."""
    kind, _, rest = anchor.partition(":")
    if kind in ("line", "span"):
        return _numbered_span(source, kind, rest)
    revision = parse_revision(source)
    if kind == "assign":
        assignment = revision.assignment(rest)
        return assignment.value if assignment else None
    if kind == "doc":
        line = revision.doc_line(rest)
        return line.span if line else None
    if kind == "def":
        found = next((span for name, span in revision.definitions if name == rest), None)
        return _first_line(source, found) if found else None
    return None


def doc_lines(parsed: Parsed) -> tuple[DocLine, ...]:
    """The lines of the docstring that repeat what the code says, with the span of each value."""
    docstring = _docstring_node(parsed.tree)
    if docstring is None:
        return ()
    text = parsed.require_text()
    start, end = _inside_quotes(text.source, *parsed.bounds(docstring))
    found = []
    for line in _DOC_LINE.finditer(text.source[start:end]):
        first, last = line.span(2)
        value = line.group(2).decode(text.encoding, "replace")
        label = _DOC_NAMES[line.group(1).decode().lower()]
        found.append(DocLine(label, value, text.span(start + first, start + last)))
    return tuple(found)


def documented_parents(value: str) -> tuple[str, ...]:
    """The ids that a `Revises:` line names; `None` and `<base>` name none."""
    names = re.split(r"[\s,]+", re.sub(r"[()\[\]{}'\"]", " ", value))
    return tuple(name for name in names if name and name.lower() not in ("none", "<base>", "base", "-", "n/a"))


def _parse_with_syntax(source: bytes, limit: int, parsed: Parsed | None = None) -> dict[str, Any]:
    from gitmig.revisions.assignments import Bindings
    from gitmig.source.syntax import parse

    parsed = parsed or parse(source, limit)
    if parsed.tree is None:
        problem = parsed.problem or Problem("syntax")
        header = _header_of_broken(source) if problem.kind in ("syntax", "newer-python", "too-complex") else None
        facts = _facts(dict(header.values), {}, b"") if header else {}
        listed = [problem.kind, problem.detail, problem.line, problem.column, ""]
        return {**facts, "kind": "unreadable", "problems": [listed, *facts.get("problems", ())]}
    bindings = Bindings(parsed.tree, source)
    values: dict[str, object] = {}
    places: dict[str, tuple[int, int]] = {}
    problems: list[list[Any]] = []
    for name in NAMES:
        bound = bindings.find(name)
        if bound is None:
            if name in bindings.declared:
                problems.append(["no-value", "", *parsed.place(bindings.declared[name]), name])
            continue
        places[name] = parsed.place(bound.node)
        if bound.known:
            values[name] = bound.value
        else:
            problems.append(["computed", bound.why, *places[name], name])
    node = _docstring_node(parsed.tree)
    docstring = b""
    if node is not None:
        text = parsed.require_text()
        first, last = _inside_quotes(text.source, *parsed.bounds(node))
        docstring = text.source[first:last]
    if not any(name in bindings.bound or name in bindings.declared for name in NAMES[:2]):
        # a star import or `__getattr__` might give the file an id; a helper with neither is left alone
        return {"kind": "other"}
    return _facts(values, places, docstring, problems)


def _header_of_broken(source: bytes) -> Header | None:
    """The header of a file whose functions cannot be parsed (Python 2, say): what stands above the first definition."""
    body = _FIRST_DEFINITION.search(source)
    return scan_header(source) or (scan_header(source[: body.start()]) if body else None)


def _usual_facts(header: Header) -> dict[str, Any]:
    """What `_facts` says of an ordinary header, of which there are ten thousand."""
    revision, down = str(header.values["revision"]), header.values["down_revision"]
    facts: dict[str, Any] = {"kind": "revision", "revision": revision}
    if down is not None:
        facts["down"] = [str(down)]
    stale = _stale_lines(header.docstring, revision, facts.get("down", [])) if header.docstring else []
    if stale:
        facts["stale"] = stale
    return facts


def _facts(
    values: dict[str, object],
    places: dict[str, tuple[int, int]],
    docstring: bytes,
    problems: Sequence[list[Any]] = (),
) -> dict[str, Any]:
    """The facts of a file that defines `revision` or `down_revision`, empty ones left out."""
    problems = list(problems)
    troubled = {problem[4] for problem in problems}
    notes: list[list[Any]] = []
    facts: dict[str, Any] = {"kind": "revision"}
    for name in NAMES[:2]:
        if name not in values and name not in troubled:
            problems.append([f"no-{name.replace('_', '-')}", "", 1, 1, name])
    for name, key in _KEYS.items():
        if name not in values:
            continue
        place = places.get(name, (1, 1))
        if name == "revision":
            value = values[name]
            if not _is_text(value):
                problems.append(["not-text", _type_name(value), *place, name])
            else:
                facts[key] = value
            continue
        texts, trouble, remarks = _texts(values[name], name)
        if trouble:
            problems.append([trouble[0], trouble[1], *place, name])
        if texts and (not trouble or trouble[0] == "nested"):
            facts[key] = texts
        notes += [[remark, "", *place, name] for remark in remarks]
    if docstring and not problems:
        stale = _stale_lines(docstring, facts["revision"], facts.get("down", []))
        if stale:
            facts["stale"] = stale
    if problems:
        facts["problems"] = problems
    if notes:
        facts["notes"] = notes
    return facts


def _texts(value: object, name: str) -> tuple[list[str], tuple[str, str] | None, list[str]]:
    """What Alembic makes of a value: the texts, what is wrong with it, and what is odd about it."""
    if value is None:
        return [], None, []
    if isinstance(value, str):
        if not value:
            return ([""] if name == "down_revision" else []), None, ["empty-text"]
        return ([value], None, []) if _is_text(value) else ([], ("not-text", "text that is not Unicode"), [])
    notes = []
    if isinstance(value, dict):
        value = value["keys"]
        notes.append("mapping")
    if not isinstance(value, (tuple, list)):
        return [], ("not-text", _type_name(value)), notes
    if not value or (len(value) == 1 and value[0] is None):
        return [], None, [*notes, *(["empty-sequence"] if name == "down_revision" else [])]
    trouble = None
    if len(value) == 1 and isinstance(value[0], (tuple, list)) and all(map(_is_text, value[0])):
        trouble = ("nested", "")
        value = value[0]
    wrong = next((item for item in value if not _is_text(item)), "")
    if not isinstance(wrong, str) or not _is_text(wrong):
        return [], ("not-text", _type_name(wrong)), notes
    if len(set(value)) < len(value):
        notes.append("repeated")
    return [item for item in value if isinstance(item, str)], trouble, notes


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def _type_name(value: object) -> str:
    return "None" if value is None else "text that is not Unicode" if isinstance(value, str) else type(value).__name__


def _stale_lines(docstring: bytes, revision: str, down: list[str]) -> list[list[str]]:
    """The first `Revision ID:` and `Revises:` that disagree with the code."""
    stale = []
    seen = set()
    usual = f"\nRevision ID: {revision}\nRevises: {down[0] if down else ''}\n"
    if revision.isalnum() and "".join(down).isalnum() and len(down) == 1 and usual.encode() in docstring:
        mentions = docstring.lower()
        if mentions.count(b"revis") == 2:  # so the labels stand there once, and both say what the code says
            return []
    for line in _DOC_LINE.finditer(docstring):
        label = _DOC_NAMES[line.group(1).decode().lower()]
        if label in seen or label == "Create Date":
            continue
        seen.add(label)
        value = line.group(2).decode("utf-8", "replace")
        agrees = value == revision if label == "Revision ID" else set(documented_parents(value)) == set(down) - {""}
        if not agrees:
            stale.append([label, value])
    return stale


def _docstring_node(tree: ast.Module | None) -> ast.expr | None:
    if tree is None or not tree.body:
        return None
    first = tree.body[0]
    if isinstance(first, _ast.Expr) and isinstance(first.value, _ast.Constant) and isinstance(first.value.value, str):
        return first.value
    return None


def _inside_quotes(source: bytes, start: int, end: int) -> tuple[int, int]:
    """The offsets between the quotes of a string literal."""
    opening = re.compile(rb"[a-zA-Z]*(\"\"\"|'''|\"|')").match(source, start)
    if opening is None:
        return start, end
    return opening.end(), end - len(opening.group(1))


def _assignments(parsed: Parsed, bindings: Bindings) -> tuple[Assignment, ...]:
    found = []
    for name in NAMES:
        statement = bindings.statements.get(name)
        bound = bindings.bound.get(name)
        if statement is not None and bound is not None:
            value = parsed.span(bound.node)
            found.append(Assignment(name, value, parsed.span(statement), parsed.segment(bound.node)))
    return tuple(found)


def _numbered_span(source: bytes, kind: str, numbers: str) -> Span | None:
    from gitmig.source.decoding import Text, decode

    text = decode(source)
    if not isinstance(text, Text):
        return None
    places = [int(number) for number in numbers.split(":") if number.isdigit()]
    if kind == "line" and len(places) == 1 and 1 <= places[0] <= len(text.line_starts):
        written = text.line_bytes(places[0]).rstrip()
        start = text.line_starts[places[0] - 1]
        return text.span(start + len(written) - len(written.lstrip()), start + len(written))
    if kind == "span" and len(places) == 4:
        bounds = []
        for line, column in (places[:2], places[2:]):
            bounds.append(text.offset(line, len(text.line_text(line)[: column - 1].encode())))
        return text.span(bounds[0], bounds[1])
    return None


def _first_line(source: bytes, span: Span) -> Span:
    line_end = re.compile(rb"[\r\n]").search(source, span.start, span.end)
    if line_end is None:
        return span
    width = len(source[span.start : line_end.start()].decode("utf-8", "replace"))
    return Span(span.start, line_end.start(), span.line, span.column, span.line, span.column + width)
