"""Python text to a syntax tree that knows the byte of every node; the text is never run.

Uses `_ast` and `compile` instead of `ast`, whose import costs more than reading twenty revisions.
"""

from __future__ import annotations

import _ast

from gitmig.source.decoding import Text, decode
from gitmig.source.places import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator


class Parsed:
    """A file as read: `tree` and `text`, or the `problem`; then `tree` is None, `text` too if it was not decoded."""

    __slots__ = ("problem", "text", "tree")

    def __init__(self, tree: ast.Module | None, text: Text | None, problem: Problem | None) -> None:
        self.tree = tree
        self.text = text
        self.problem = problem

    def span(self, node: ast.AST) -> Span:
        """Where a node stands in the original bytes; needs `text`."""
        text = self.require_text()
        start, end = self.bounds(node)
        return text.span(start, end)

    def bounds(self, node: ast.AST) -> tuple[int, int]:
        """First byte of a node, and the byte behind its last."""
        text = self.require_text()
        line: int = getattr(node, "lineno", 1)
        column: int = getattr(node, "col_offset", 0)
        end_line: int = getattr(node, "end_lineno", None) or line
        end_column: int = getattr(node, "end_col_offset", None) or column
        return text.offset(line, column), text.offset(end_line, end_column)

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Line and column of a node, both from 1 and in characters."""
        line: int = getattr(node, "lineno", 1)
        column: int = getattr(node, "col_offset", 0)
        if not column or self.text is None:
            return line, column + 1
        return self.text.place(self.text.offset(line, column))

    def segment(self, node: ast.AST) -> str:
        """The source text of a node."""
        text = self.require_text()
        start, end = self.bounds(node)
        return text.source[start:end].decode(text.encoding, "replace")

    def require_text(self) -> Text:
        if self.text is None:
            raise ValueError("the file could not be decoded")
        return self.text


def parse(source: bytes, limit: int = 0, *, older: bool = False) -> Parsed:
    """The syntax tree of a Python file, or the problem; any bytes give one of the two, never an exception.

    Kinds of problems: those of `decoding.decode`, "syntax", "newer-python" (detail: the version that reads it) and
    "too-complex".  `limit` caps the size in bytes.  `older` reads Python 2 as well, for those who ask what
    a file says and not whether it can run.
    """
    text = decode(source, limit)
    if isinstance(text, Problem):
        return Parsed(None, None, text)
    tree, problem = _compiled(text.text)
    if problem is None or problem.kind != "syntax":
        return Parsed(tree, text, problem)
    return _parse_lowered(text, problem, older)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, parents first, in no other order; safe on any depth."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(children(node))


def children(node: ast.AST) -> list[ast.AST]:
    """The direct children of a node, in the order of its fields."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found.extend(item for item in value if isinstance(item, _ast.AST))
        elif isinstance(value, _ast.AST):
            found.append(value)
    return found


def _compiled(text: str) -> tuple[ast.Module | None, Problem | None]:
    import warnings

    try:
        with warnings.catch_warnings():  # under PYTHONWARNINGS=error an invalid escape would be a SyntaxError
            warnings.simplefilter("ignore")
            tree = compile(text, "<source>", "exec", _ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        return None, _syntax_problem(error)
    except (RecursionError, MemoryError):
        return None, Problem("too-complex", "nested too deeply")
    except (ValueError, OverflowError) as error:
        return None, Problem("syntax", str(error))
    assert isinstance(tree, _ast.Module)  # noqa: S101  (mode "exec" gives nothing else)
    return tree, None


def _syntax_problem(error: SyntaxError) -> Problem:
    detail = error.msg or "invalid syntax"
    if "too many nested" in detail or "too complex" in detail:
        return Problem("too-complex", "nested too deeply", max(error.lineno or 1, 1), max(error.offset or 1, 1))
    return Problem("syntax", detail, max(error.lineno or 1, 1), max(error.offset or 1, 1))


def _parse_lowered(text: Text, problem: Problem, older: bool) -> Parsed:
    """A second attempt with newer spellings rewritten, then with older ones; the first problem stands otherwise."""
    from gitmig.source.lowering import lower

    lowered = lower(text.text)
    tree, second = _compiled(lowered.text) if lowered.text != text.text else (None, problem)
    if tree is None and older and not lowered.needs:
        tree = _older(text.text)
        if tree is not None:
            return Parsed(tree, text, None)
    if tree is None:
        if lowered.needs and (second is None or second.kind == "syntax"):
            problem = Problem("newer-python", lowered.needs, problem.line, problem.column)
        return Parsed(None, text, problem)
    if lowered.except_lines or lowered.templates:
        for node in walk(tree):
            if isinstance(node, _ast.ExceptHandler) and node.lineno in lowered.except_lines and node.type is not None:
                node.type = _tuple_of(node.type)
            elif isinstance(node, _ast.JoinedStr) and (node.lineno, node.col_offset) in lowered.templates:
                node.template = True  # type: ignore[attr-defined]
    return Parsed(tree, text, None)


def _older(text: str) -> ast.Module | None:
    from gitmig.source.older import lower_older

    lowered = lower_older(text)
    return _compiled(lowered)[0] if lowered != text else None


def _tuple_of(alternatives: ast.expr) -> ast.expr:
    """The tuple that `A | B | C` was lowered from."""
    elements = []
    rest = alternatives
    while isinstance(rest, _ast.BinOp) and isinstance(rest.op, _ast.BitOr):
        elements.append(rest.right)
        rest = rest.left
    if not elements:
        return alternatives
    node = _ast.Tuple(elts=[rest, *reversed(elements)], ctx=_ast.Load())
    for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
        setattr(node, name, getattr(alternatives, name))
    return node
