# ruff: noqa: E501  (one row of a table per line)
from __future__ import annotations

import ast
import sys
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitmig.source.decoding import Problem
from gitmig.source.lowering import comments_and_strings, lower, masked
from gitmig.source.older import lower_older
from gitmig.source.syntax import parse, walk

STARRED = pytest.mark.skipif(sys.version_info < (3, 11), reason="except* has no older spelling")


def unparsed(source: str) -> str:
    parsed = parse(source.encode())
    assert parsed.problem is None
    assert parsed.tree is not None
    return ast.unparse(parsed.tree)


def test_a_node_knows_its_bytes_and_its_place() -> None:
    parsed = parse("é = 1\r\nrevision = ('a'\r\n  'b')\r\n".encode())
    assert isinstance(parsed.tree, ast.Module)
    assignment = parsed.tree.body[1]
    assert isinstance(assignment, ast.Assign)
    assert parsed.segment(assignment.value) == "'a'\r\n  'b'"
    assert parsed.place(assignment.value) == (2, 13)
    span = parsed.span(assignment)
    assert (span.line, span.column, span.end_line, span.end_column) == (2, 1, 3, 7)
    assert (span.start, span.end) == (8, 8 + len("revision = ('a'\r\n  'b')"))


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        pytest.param("type X = int", "X = int", id="type statement"),
        pytest.param("type X[T: (int, str) = int] = list[T]", "X = list[T]", id="generic type statement"),
        pytest.param("class A[T]:\n    pass", "class A:\n    pass", id="generic class"),
        pytest.param("class A[T: dict[str, int]](B, C):\n    pass", "class A(B, C):\n    pass", id="generic class with bases"),
        pytest.param("class A[\n    T,  # a type\n](B):\n    pass", "class A(B):\n    pass", id="parameters on lines of their own"),
        pytest.param("async def f[*Ts, **P](x: T) -> T:\n    pass", "async def f(x: T) -> T:\n    pass", id="generic function"),
        pytest.param("x = f\"{a[\"b\"]} {c!r:>{w}}\"", "x = f\"{a['b']} {c!r:>{w}}\"", id="quotes again in an f-string"),
        pytest.param("x = f'{a['b']}{{' 'c'", "x = f\"{a['b']}{{c\"", id="single quotes again"),
        pytest.param("try:\n    pass\nexcept A, b.B, C:\n    pass", "try:\n    pass\nexcept (A, b.B, C):\n    pass", id="except without parentheses"),
        pytest.param("try:\n    pass\nexcept* A, B:\n    pass", "try:\n    pass\nexcept* (A, B):\n    pass", id="except* without parentheses", marks=STARRED),
        pytest.param("x = t'a {b}'", "x = f'a {b}'", id="template string"),
    ],
)  # fmt: skip
def test_newer_spellings_are_lowered_in_place(newer: str, older: str) -> None:
    lowered = lower(newer)
    assert [len(line.encode()) for line in lowered.text.splitlines()] == [
        len(line.encode()) for line in newer.splitlines()
    ]
    tree = ast.parse(older)
    for text in (newer, "\n# é\n" + newer):
        parsed = parse(text.encode())
        assert parsed.problem is None
        assert parsed.tree is not None
    if "except" not in newer and hasattr(ast, "TypeAlias") is False:
        assert unparsed(newer) == ast.unparse(tree)


def test_positions_survive_the_lowering() -> None:
    source = (
        "class Ä[Té: 'x']( B ):\n    def f[K](self, y=f\"{a[\"é\"]}\"): return 'end'\ntry: pass\nexcept A, B: pass\n"
    )
    parsed = parse(source.encode())
    assert parsed.tree is not None
    found = {parsed.segment(node) for node in walk(parsed.tree) if isinstance(node, (ast.Name, ast.Constant))}
    assert {"B", "'end'", "A", "a"} <= found
    handlers = [node for node in walk(parsed.tree) if isinstance(node, ast.ExceptHandler)]
    assert isinstance(handlers[0].type, ast.Tuple)
    assert parsed.segment(handlers[0].type) == "A, B"


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        pytest.param(b"x = 1\ny = (\n", "syntax", 2, id="never closed"),
        pytest.param(b"x = 1\nprint 'x'\n", "syntax", 2, id="Python 2"),
        pytest.param(b"if 1:\n\tx\n        y\n", "syntax", 3, id="tabs and blanks mixed"),
        pytest.param(b"a\n<<<<<<< a\n=======\n>>>>>>> b\n", "conflict", 2, id="merge conflict"),
        pytest.param(b"x = 1\n" + b"(" * 5000, "too-complex", 2, id="5,000 parentheses"),
        pytest.param(b"-" * 100_000 + b"1", "too-complex", 1, id="100,000 signs"),
        pytest.param(b"x = " + b"9" * 10_000, "syntax", 1, id="10,000 digits"),
    ],
)
def test_a_problem_has_a_place(source: bytes, kind: str, line: int) -> None:
    parsed = parse(source)
    assert parsed.tree is None
    assert parsed.problem is not None
    assert (parsed.problem.kind, parsed.problem.line) == (kind, line)


@pytest.mark.parametrize(
    ("source", "version"),
    [
        pytest.param("try:\n    pass\nexcept* (A, B):\n    pass", (3, 11), id="except*"),
        pytest.param("class Row(Generic[A, *Ts]):\n    pass", (3, 11), id="types that are unpacked in a subscript"),
        pytest.param("def f(*args: *Ts):\n    pass", (3, 11), id="arguments with types that are unpacked"),
        pytest.param('f"{x["a" + f"{y["z"]}"]}"', (3, 12), id="three levels of the same quotes"),
        pytest.param('f"{x # comment\n}"', (3, 12), id="comment in a field"),
        pytest.param("f'{a['b']=}'", (3, 12), id="a field that shows its quotes"),
        pytest.param("lazy import x", (3, 15), id="lazy import"),
    ],
)
def test_what_cannot_be_lowered_says_which_python_reads_it(source: str, version: tuple[int, int]) -> None:
    parsed = parse(source.encode())
    if sys.version_info >= version:
        assert parsed.tree is not None
        return
    assert parsed.problem is not None
    assert (parsed.problem.kind, parsed.problem.detail) == ("newer-python", ".".join(map(str, version)))


@pytest.mark.parametrize(
    ("text", "needs"),
    {
        "Generic[*Ts]": "3.11",
        "def f(*args: *Ts): pass": "3.11",
        "x[a, (1, 2), *b]": "3.11",
        "[*a, *b]": "",
        "f(*a)[0]": "",
        "x[f(*a)]": "",
        "x[a * b, c ** d]": "",
        "def f(*args: int): pass": "",
    }.items(),
)
def test_types_are_unpacked_in_subscripts_and_annotations_only(text: str, needs: str) -> None:
    assert lower(text).needs == needs


def test_warnings_as_errors_do_not_refuse_a_file() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse(b"x = '\\d'\nassert (1, 'x')\n").problem is None


def test_the_cap_reaches_the_decoder() -> None:
    problem = parse(b"x = 1\n", limit=5).problem
    assert isinstance(problem, Problem)
    assert problem.kind == "too-large"


def test_strings_and_comments_are_told_apart() -> None:
    text = 'a = \'x # y\' # it\'s\nb = rb"""\n\'#"""; c = f\'{d[\'#\']}\' "\\""\n'
    assert [(kind, text[start:end]) for kind, start, end in comments_and_strings(text)] == [
        ("string", "'x # y'"),
        ("comment", "# it's"),
        ("string", 'rb"""\n\'#"""'),
        ("string", "f'{d['#']}'"),
        ("string", '"\\""'),
    ]
    assert len(masked(text)) == len(text)
    assert "#" not in masked(text)


PIECES = ["'", '"', '"""', "'''", "f", "t", "r", "{", "}", "#", "\\", "\n", "\r", ":", "x", "[", "]", "(", ")", " ", "=", ",",
          "type X", "def f", "class A", "except A, B:", "é", "\f", "\ufeff", "!r", "lambda", "\x00", "\ud800"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_a_tree_or_a_problem(text: str) -> None:
    parsed = parse(text.encode("utf-8", "surrogatepass"))
    assert (parsed.tree is None) != (parsed.problem is None)
    lowered = lower(text)
    assert len(lowered.text.encode("utf-8", "surrogatepass")) == len(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_tree_or_a_problem(source: bytes) -> None:
    parsed = parse(source)
    assert (parsed.tree is None) != (parsed.problem is None)


OLDER = {
    "a print statement": ('print "a %s" % x', "(0, 'a %s' % x)"),
    "with a comma at its end": ('print "a",', "(0, 'a')"),
    "behind a colon": ('if x: print "a"', "if x:\n    (0, 'a')"),
    "to a stream": ('print >>f, "a"; print 1', "(0 >> f, 'a')\n(0, 1)"),
    "of a number": ("print 1", "(0, 1)"),
    "an exec statement": ("exec code in names", "(0, code in names)"),
    "an error and its name": ("try:\n    x\nexcept (A, B), error:\n    y", "try:\n    x\nexcept (A, B):\n    y"),
    "one error and its name": ("try:\n    x\nexcept A, error:\n    print 'y'", "try:\n    x\nexcept A:\n    (0, 'y')"),
    "raise with a value": ("raise Error, 'x' % (a, b)", "raise Error % 'x' % (a, b)"),
    "raise with a traceback": ("raise Error, 'x', trace", "raise Error % 'x' % trace"),
    "an octal number": ("mode = 0755", "mode = 493"),
    "a long number": ("size = (10L, 0xFFl, 0L)", "size = (10, 255, 0)"),
    "a raw unicode string": (r"x = ur'\d'", r"x = '\\d'"),
    "unequal": ("x <> y", "x != y"),
    "repr": ("`x` + 'a`b'", "x + 'a`b'"),
    "what stands in strings and comments": ("print '0755 <> 10L'  # print `x`", "(0, '0755 <> 10L')"),
}


@pytest.mark.parametrize(("older", "today"), OLDER.values(), ids=OLDER)
def test_python_2_is_read_where_that_is_asked_for(older: str, today: str) -> None:
    lowered = lower_older(older)
    assert [len(line) for line in lowered.splitlines()] == [len(line) for line in older.splitlines()]
    tree = parse(older.encode(), older=True).tree
    assert tree is not None and ast.unparse(tree) == today
    assert parse(older.encode()).problem is not None


@pytest.mark.parametrize("source", ["print\n", "print('a')\nx = 0\n", "print = 1\n", "f(print)\n", "x.print\n"])
def test_what_means_something_today_stays(source: str) -> None:
    assert lower_older(source) == source


@pytest.mark.parametrize("source", ["def f(:\n", "print 'a' 'b' (\n", "print 'a\n", "x = 09\n"])
def test_what_no_python_reads_keeps_its_problem(source: str) -> None:
    parsed = parse(source.encode(), older=True)
    assert parsed.tree is None and parsed.problem == parse(source.encode()).problem
