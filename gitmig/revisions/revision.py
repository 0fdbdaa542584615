"""One revision file as a value."""

from __future__ import annotations

from gitmig.frozen import Frozen
from gitmig.source.places import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

NAMES = ("revision", "down_revision", "branch_labels", "depends_on")
_HEXADECIMAL = frozenset("0123456789abcdef")
DOC_LABELS = ("Revision ID", "Revises", "Create Date")


class HeaderProblem(Problem):
    """What is wrong with one of the four assignments; `name` says which, "" is the file.

    Kinds, beside those of `source.decoding` and `source.syntax`:
    computed (detail: call, f-string, conditional, name, attribute, subscript, block, import, star-import, augmented,
    deleted, unpacked, global, dynamic, in-place, function, class, walrus, expression), no-revision, no-down-revision,
    no-value (annotated only), not-text (detail: the type), nested.
    Kinds of notes, which leave the value readable: empty-text, empty-sequence, mapping, repeated, id-from-file-name.
    """

    name: str = ""


class Assignment(Frozen):
    """One of the four assignments: the span of its value and of the whole statement, the value as written."""

    name: str
    value: Span
    statement: Span
    text: str


class DocLine(Frozen):
    """A line such as `Revises: 1975ea83b712` of the docstring, and the span of its value, empty values included."""

    label: str
    value: str
    span: Span


class Revision(Frozen):
    """A revision file.  `down_revisions` is empty for a base; `id` is "" when it cannot be read.

    `assignments`, `doc` and `definitions` (functions by name) are filled by `parse_revision`, not by `revision_of`.
    """

    id: str
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    path: str = ""
    blob: str = ""
    is_revision: bool = True
    problems: tuple[HeaderProblem, ...] = ()
    notes: tuple[HeaderProblem, ...] = ()
    stale: tuple[tuple[str, str], ...] = ()
    assignments: tuple[Assignment, ...] = ()
    doc: tuple[DocLine, ...] = ()
    definitions: tuple[tuple[str, Span], ...] = ()

    @property
    def node(self) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], str]:
        """What `RevisionGraph` is built from."""
        return self.id, self.down_revisions, self.depends_on, self.branch_labels, self.path

    def assignment(self, name: str) -> Assignment | None:
        return next((one for one in self.assignments if one.name == name), None)

    def doc_line(self, label: str) -> DocLine | None:
        return next((one for one in self.doc if one.label == label), None)


def revision_of(facts: Mapping[str, Any], path: str, blob: str = "") -> Revision:
    """The `Revision` that facts and a path give; a file without an id may have it in its name, as in Alembic 0.1."""
    problems = tuple(HeaderProblem(*problem) for problem in facts.get("problems", ()))
    notes = tuple(HeaderProblem(*note) for note in facts.get("notes", ()))
    revision = facts.get("revision")
    if revision is None and any(problem.kind == "no-revision" for problem in problems):
        name = path.rsplit("/", 1)[-1].removesuffix(".py")
        if name and _HEXADECIMAL.issuperset(name):
            revision = name
            problems = tuple(problem for problem in problems if problem.kind != "no-revision")
            notes = (*notes, HeaderProblem("id-from-file-name", revision, name="revision"))
    return Revision(
        revision or "",
        tuple(facts.get("down", ())),
        tuple(facts.get("depends", ())),
        tuple(facts.get("labels", ())),
        path,
        blob,
        facts["kind"] != "other",
        problems,
        notes,
        tuple((label, value) for label, value in facts.get("stale", ())),
    )
