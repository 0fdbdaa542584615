"""What `gitmig revision` says of what it writes: renames it took, lines to fill in, what it could not read."""

from __future__ import annotations

from gitmig.findings import Help
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.schema.discrepancies import Discrepancy
    from gitmig.schema.drift import Drift
    from gitmig.schema.elements import Schema
    from gitmig.schema.operations import Operation
    from gitmig.schema.proposing import Question
    from gitmig.schema.writing import Remark

# What a remark is about, as the rule that a reader knows it by.
RULES = {
    "backfill": "GM402",
    "destructive": "GM401",
    "lossy": "GM401",
    "unknown": "GM306",
    "guessed-name": "GM306",
    "taken-prefix": "GM306",
    "stays": "GM502",
    "renamed": "GM307",
    "apart": "GM307",
    "moved-on": "GM105",
}
NOTES = {
    "renamed": "a drop and an add would lose the rows; a rename keeps them",
    "taken-prefix": "it comes from the settings; where they say another one, the tables have other names",
    "destructive": "the downgrade makes it anew, and empty",
    "moved-on": "merged as they are, the two make two heads",
}


def helps_of(remark: Remark, target: str) -> tuple[Help, ...]:
    if remark.kind == "moved-on":
        name = shell_word(target)
        return (
            Help("bring it in first, then write the revision", (f"git merge {name}", f"git rebase {name}")),
            Help("or put the revision after it later", ("gitmig resolve --reparent",)),
        )
    if remark.kind == "renamed":
        return (Help("if it is another thing, take it back and answer at the terminal", ("gitmig undo",)),)
    if remark.kind == "apart":
        command = f'gitmig waive GM307 {shell_word(remark.object)} --reason "not the same"'
        return (Help("it looks like a rename: say that it is none", (command,)),)
    if remark.kind == "unknown":
        return (
            Help("write it by hand, or ask the project's Python", ("gitmig undo", "gitmig revision --exact -m TEXT")),
        )
    return ()


def said_of(question: Question, *, taken: bool) -> str:
    evidence = ", ".join(question.evidence)
    if taken:
        return f"taken for {question.old} under a new name ({evidence})"
    return f"is no new name of {question.old}, which is dropped"


def with_prefix_of(prefix: str, operations: Iterable[Operation]) -> list[str]:
    """The tables of a revision that were named by it."""
    return sorted({each.table for each in operations if each.table.startswith(prefix)})


def said_of_prefix(drift: Drift) -> str:
    return f"the prefix {drift.prefix!r} was taken: {drift.evidence}"


NO_REVISION = "no revision makes this table, so it must be there already, and under this name"


def made_by_none(before: Schema, operations: Iterable[Operation]) -> list[str]:
    """Tables that are changed and that only the models know of: create_all made them, or their name was not read."""
    found = (before.tables.get(operation.table) for operation in operations)
    return sorted({table.key for table in found if table is not None and not table.origin.revision})


def unread(item: object) -> bool:
    """A part of the models or revisions that may be a change, and cannot be read."""
    return getattr(item, "kind", "") == "unknown" and not getattr(item, "note", False)


def not_written(item: Discrepancy) -> str:
    """A comment in the place of what could not be read."""
    return one_line(f"# gitmig: not written: {item.object or 'unknown'}: {text_of_gap(item)}")


def text_of_gap(item: object) -> str:
    parts = [getattr(item, part) for part in ("attribute", "model", "chain")]
    return one_line(" ".join(str(part) for part in parts if part)) or "could not be read"


def line_with(text: str, name: str, kind: str, function: str = "upgrade") -> int:
    """The line that a remark is about: the one to fill in, else the first of the function that names the object."""
    lines = text.splitlines()
    wanted = "gitmig: fill in" if kind == "backfill" else ""
    places = [number for number, line in enumerate(lines, 1) if name in line and wanted in line]
    start = next((number for number, line in enumerate(lines, 1) if line.startswith(f"def {function}(")), 1)
    return next((number for number in places if number > start), places[0] if places else start)


def one_line(text: str) -> str:
    return " ".join(text.split())
