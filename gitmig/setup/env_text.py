"""The text of an env.py, edited: what it migrates, and what it says to `context.configure`.

Edits are made in bytes at places that the syntax tree names, so everything else stays as it was written.
"""

from __future__ import annotations

import ast

from gitmig.errors import Refused
from gitmig.frozen import Frozen
from gitmig.source.syntax import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gitmig.setup.candidates import Candidate
    from gitmig.source.syntax import Parsed

HINTS = ("# add your model's MetaData", "# for 'autogenerate' support", "# from myapp import", "# target_metadata =")
WIDTH = 88


class Keyword(Frozen):
    """One keyword of `context.configure`, and the import that its value needs."""

    name: str
    value: str
    needs: str = ""


def point_at(source: bytes, candidate: Candidate) -> bytes:
    """The env.py with the MetaData in the place of `target_metadata = None`; Refused where there is no such line."""
    parsed = _read(source)
    assignment = _find_target(parsed)
    if assignment is None:
        raise Refused("env.py has no `target_metadata = None` to fill in", note="nothing was changed")
    start, end = parsed.bounds(assignment)
    text = parsed.require_text().source
    value = f"target_metadata = {candidate.expression}".encode()
    edited = _without_hints(text[:start]) + value + text[end:]
    return add_imports(edited, imports_of(candidate), gap=True)


def imports_of(candidate: Candidate) -> tuple[str, ...]:
    """The import statements that bring the MetaData and all its tables."""
    besides = [f"import {module}  # noqa: F401" for module in candidate.besides]
    return (*besides, f"from {candidate.module} import {candidate.expression.partition('.')[0]}")


def add_imports(source: bytes, statements: Sequence[str], *, gap: bool = False) -> bytes:
    """The text with these imports behind its last one, an empty line between; those that it has are left out.

    A statement may be a `try` around its import, and counts as there where the import is, with or without one.
    """
    parsed = _read(source)
    text = parsed.require_text().source
    tree = parsed.tree
    assert tree is not None  # noqa: S101  (`_read` looked)
    there = _imports_in(tree)
    missing = [one for one in statements if not _imports_in(ast.parse(one)) <= there]
    if not missing:
        return source
    newline = _newline(text)
    ends = [parsed.bounds(node)[1] for node in tree.body if _opens(node, tree)]
    if not ends:
        start = parsed.bounds(tree.body[0])[0] if tree.body else len(text)
        before = b"" if not start or text[:start].endswith((b"\n", b"\r")) else newline
        added = b"".join(one.encode().replace(b"\n", newline) + newline for one in missing)
        return text[:start] + before + added + text[start:]
    at = _line_end(text, max(ends))
    lines = newline.join([b"", *([b""] if gap else []), *(one.encode().replace(b"\n", newline) for one in missing)])
    return text[:at] + lines + text[at:]


def _opens(node: ast.stmt, tree: ast.Module) -> bool:
    """Whether new imports go behind this statement: an import, or the docstring."""
    is_docstring = node is tree.body[0] and ast.get_docstring(tree, clean=False) is not None
    return is_docstring or isinstance(node, (ast.Import, ast.ImportFrom))


def _imports_in(tree: ast.Module) -> set[str]:
    """Import statements of the module and of its `try` blocks."""
    nested = [inner for node in tree.body if isinstance(node, ast.Try) for inner in node.body]
    return {ast.unparse(node) for node in (*tree.body, *nested) if isinstance(node, (ast.Import, ast.ImportFrom))}


def configure_with(source: bytes, keywords: Sequence[Keyword]) -> bytes:
    """The text with these keywords in every `context.configure(...)` that does not have them yet.

    A call that is given `**options` may have them in there: `wrap_options` is for it.
    """
    parsed = _read(source)
    edits = []
    used: set[str] = set()
    for call in _configurations(parsed):
        given = {keyword.arg for keyword in call.keywords}
        missing = [keyword for keyword in keywords if keyword.name not in given and None not in given]
        used.update(keyword.needs for keyword in missing if keyword.needs)
        if missing:
            edits.append(_with_keywords(parsed, call, missing))
    text = parsed.require_text().source
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return add_imports(text, sorted(used))


def wrap_options(source: bytes, function: str, needs: str) -> bytes:
    """The text with `**options` of every `context.configure(...)` as `**function(options)`, and the import for it."""
    parsed = _read(source)
    text = parsed.require_text().source
    places = [
        parsed.bounds(keyword.value)
        for call in _configurations(parsed)
        for keyword in call.keywords
        if keyword.arg is None and not ast.unparse(keyword.value).startswith(f"{function}(")
    ]
    for start, end in sorted(places, reverse=True):
        text = text[:start] + f"{function}(".encode() + text[start:end] + b")" + text[end:]
    return add_imports(text, [needs]) if places else source


def configured(source: bytes) -> Mapping[str, str] | None:
    """Keywords that `context.configure` is given anywhere, with their text; None where the text cannot be read.

    Under the key `**` is what is unpacked there.
    """
    parsed = parse(source)
    if parsed.tree is None:
        return None
    found: dict[str, str] = {}
    for call in _configurations(parsed):
        for keyword in call.keywords:
            found.setdefault(keyword.arg or "**", ast.unparse(keyword.value))
    return found


def _read(source: bytes) -> Parsed:
    parsed = parse(source)
    if parsed.tree is None:
        line = parsed.problem.line if parsed.problem is not None else 1
        raise Refused(f"env.py cannot be read: line {line}", note="nothing was changed")
    return parsed


def _find_target(parsed: Parsed) -> ast.stmt | None:
    for node in parsed.tree.body if parsed.tree is not None else ():
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["target_metadata"]:
            return node if ast.unparse(node.value) == "None" else None
    return None


def _configurations(parsed: Parsed) -> Iterator[ast.Call]:
    """Calls that give Alembic a database or a MetaData."""
    for node in ast.walk(parsed.tree) if parsed.tree is not None else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("context.configure", "alembic.context.configure"):
            yield node


def _with_keywords(parsed: Parsed, call: ast.Call, keywords: Sequence[Keyword]) -> tuple[int, int, bytes]:
    """Where the call is edited, and its new bytes: one argument to a line, unless a comment stands among them."""
    text = parsed.require_text().source
    start, end = parsed.bounds(call)
    newline = _newline(text)
    begin = text.rfind(b"\n", 0, start) + 1
    indent = text[begin:start][: len(text[begin:start]) - len(text[begin:start].lstrip())]
    added = [f"{keyword.name}={keyword.value}".encode() for keyword in keywords]
    arguments = [*call.args, *(keyword for keyword in call.keywords)]
    if b"#" in text[start:end] and arguments:
        last = parsed.bounds(arguments[-1])[1]
        inner = indent + b"    "
        return last, last, b"".join(b"," + newline + inner + one for one in added)
    own = [text[slice(*parsed.bounds(argument))] for argument in arguments]
    function = text[slice(*parsed.bounds(call.func))]
    whole = function + b"(" + b", ".join([*own, *added]) + b")"
    if b"\n" not in text[start:end] and len(indent) + len(whole) <= WIDTH:
        return start, end, whole
    lines = [indent + b"    " + one + b"," for one in [*own, *added]]
    return start, end, newline.join([function + b"(", *lines, indent + b")"])


def _without_hints(before: bytes) -> bytes:
    """The text without the comment of Alembic's template right above."""
    lines = before.splitlines(keepends=True)
    while lines and lines[-1].startswith(tuple(hint.encode() for hint in HINTS)):
        lines.pop()
    return b"".join(lines)


def _line_end(text: bytes, at: int) -> int:
    end = text.find(b"\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == b"\r" else end


def _newline(text: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in text else b"\n"
