"""New bytes for a revision file whose id or parents change; every byte outside the changed literals stays.

Edits are made in bytes, since a rewrite as text loses CRLF, the byte order mark and form feeds.  The result is read
again before it is returned: an edit that would not say what was asked for is refused.
"""

from __future__ import annotations

from gitmig.errors import CannotDecide, GitmigError, Refused
from gitmig.findings import Help
from gitmig.revisions.naming import id_problems
from gitmig.revisions.parsing import documented_parents, parse_revision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.revisions.revision import Assignment, DocLine, Revision

    Replacement = tuple[int, int, bytes]


def change_down_revision(source: bytes, new_parents: Iterable[str], path: str = "") -> bytes:
    """The file with other parents, in `down_revision` and in the `Revises:` line of the docstring.

    Raises `CannotDecide` for a file that cannot be read or edited safely.
    """
    parents = tuple(new_parents)
    revision = _require_editable(source, path)
    assignment = _require_assignment(revision, "down_revision", path)
    edits = [_replacement(assignment, _render_parents(parents, assignment.text))]
    line = revision.doc_line("Revises")
    if line is not None and set(documented_parents(line.value)) != set(parents):
        edits.append(_documented(source, line, ", ".join(parents)))
    return _checked(source, edits, path, revision.id, parents)


def change_id(source: bytes, new_id: str, path: str = "") -> bytes:
    """The file with another id, in `revision` and in the `Revision ID:` line of the docstring; errors as above."""
    problems = id_problems(new_id)
    if problems:
        raise Refused(f"{new_id!r} cannot be a revision id: {', '.join(problems)}")
    revision = _require_editable(source, path)
    assignment = _require_assignment(revision, "revision", path)
    edits = [_replacement(assignment, _quoted(new_id, assignment.text))]
    line = revision.doc_line("Revision ID")
    if line is not None and line.value != new_id:
        edits.append(_documented(source, line, new_id))
    return _checked(source, edits, path, new_id, revision.down_revisions)


def change_depends_on(source: bytes, names: Iterable[str], path: str = "") -> bytes:
    """The file with other names in `depends_on`, which it must have; errors as above."""
    wanted = tuple(names)
    revision = _require_editable(source, path)
    assignment = _require_assignment(revision, "depends_on", path)
    edited = _checked(
        source,
        [_replacement(assignment, _render_parents(wanted, assignment.text))],
        path,
        revision.id,
        revision.down_revisions,
    )
    if parse_revision(edited, path).depends_on != wanted:
        raise GitmigError(f"cannot edit {path or 'the revision file'}: the result would not read as planned")
    return edited


def change_created(source: bytes, created: str, path: str = "") -> bytes:
    """The file with another `Create Date:` in its docstring, where it has one; errors as above."""
    revision = _require_editable(source, path)
    line = revision.doc_line("Create Date")
    if line is None or not line.value:
        return source
    return _checked(source, [_documented(source, line, created)], path, revision.id, revision.down_revisions)


def mend_docstring(source: bytes, path: str = "") -> bytes:
    """The file with `Revision ID:` and `Revises:` saying what the code says."""
    revision = _require_editable(source, path)
    edits = []
    documented = revision.doc_line("Revision ID")
    if documented is not None and documented.value != revision.id:
        edits.append(_documented(source, documented, revision.id))
    parents = tuple(parent for parent in revision.down_revisions if parent)
    line = revision.doc_line("Revises")
    if line is not None and set(documented_parents(line.value)) != set(parents):
        edits.append(_documented(source, line, ", ".join(parents)))
    return _checked(source, edits, path, revision.id, revision.down_revisions)


def _require_editable(source: bytes, path: str) -> Revision:
    revision = parse_revision(source, path)
    if revision.problems or not revision.is_revision:
        problem = revision.problems[0] if revision.problems else None
        where = f":{problem.line}:{problem.column}" if problem else ""
        what = f" ({problem.kind})" if problem else ""
        raise CannotDecide(f"cannot edit {path or 'the revision file'}{where}: it cannot be read{what}")
    if not _is_utf8(source):
        raise CannotDecide(
            f"cannot edit {path or 'the revision file'}: its encoding is neither UTF-8 nor ASCII",
            help=(Help("save it as UTF-8 without a coding line, then try again"),),
        )
    return revision


def _require_assignment(revision: Revision, name: str, path: str) -> Assignment:
    assignment = revision.assignment(name)
    if assignment is None:
        raise CannotDecide(f"cannot edit {path or 'the revision file'}: it has no assignment of {name}")
    return assignment


def _is_utf8(source: bytes) -> bool:
    from gitmig.source.decoding import declared_encoding

    if declared_encoding(source) not in ("utf-8", "ascii"):
        return False
    try:
        source.decode()
    except UnicodeDecodeError:
        return False
    return True


def _replacement(assignment: Assignment, text: str) -> Replacement:
    return assignment.value.start, assignment.value.end, text.encode()


def _documented(source: bytes, line: DocLine, value: str) -> Replacement:
    """The value of a docstring line; a blank before it where the colon stands alone."""
    glued = line.span.start and source[line.span.start - 1 : line.span.start] == b":"
    return line.span.start, line.span.end, (" " if glued and value else "").encode() + value.encode()


def _render_parents(parents: tuple[str, ...], written: str) -> str:
    if not parents:
        return "None"
    if len(parents) == 1:
        return _quoted(parents[0], written)
    quoted = [_quoted(parent, written) for parent in parents]
    if written.startswith("["):
        return f"[{', '.join(quoted)}]"
    return f"({', '.join(quoted)})"


def _quoted(text: str, written: str) -> str:
    """A literal in the quotes that the file uses; `_checked` refuses texts that would need an escape."""
    double = written.find('"')
    single = written.find("'")
    quote = "'" if double < 0 or 0 <= single < double else '"'
    return f"{quote}{text}{quote}"


def _checked(source: bytes, edits: list[Replacement], path: str, revision: str, parents: tuple[str, ...]) -> bytes:
    """The edited bytes, once they read as planned."""
    for name in (revision, *parents):
        if not name or any(character in name for character in "'\"\\\r\n") or not name.isprintable():
            raise Refused(f"{name!r} cannot be written as a revision id")
    edited = source
    for start, end, text in sorted(edits, reverse=True):
        edited = edited[:start] + text + edited[end:]
    read = parse_revision(edited, path)
    if read.problems or read.id != revision or read.down_revisions != parents:
        raise GitmigError(f"cannot edit {path or 'the revision file'}: the result would not read as planned")
    return edited
