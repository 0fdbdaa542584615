"""The outline of a Python file, as JSON: its source reduced to what may count for a schema, and what its names need.

Shape:

    {"source":  the file's text without methods, docstrings and large data; every line keeps its number,
     "models":  whether classes with columns, tables or indexes may be declared here,
     "names":   {name: ["import", module, level, name or null] | ["here", [dotted names that it uses]]},
     "stars":   [[module, level]],
     "roots":   [dotted names that its models use],
     "hidden":  [[function, line, digest]] of functions and methods that make a Table with columns when they are called,
     "factories": [functions of the module that make a mapped class when they are called],
     "problem": null | [kind, detail, line]}
"""

from __future__ import annotations

import ast

from gitmig.source.scopes import mutated_name
from gitmig.source.syntax import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

SPECIAL_METHODS_WORDS = """
    __tablename__ __table_args__ __mapper_args__ __init__ __getattr__ __new__ load_dialect_impl get_col_spec
    _generate_next_value_ __init_subclass__ impl type_annotation_map metadata __table__ append_index
"""
SPECIAL_METHODS = frozenset(SPECIAL_METHODS_WORDS.split())
ATTRIBUTE_DECORATORS = ("declared_attr", "property", "classproperty", "directive", "cascading")
SILENT_KEYWORDS = frozenset(
    {"default", "onupdate", "default_factory", "info", "doc", "insert_default", "description", "primaryjoin"}
)
SILENT_CALLS = frozenset({"relationship", "Relationship", "association_proxy", "backref", "synonym"})
LONGEST_VALUE = 120
LONGEST_FUNCTION = 45
LONGEST_METHOD = 25


def outline(source: bytes) -> dict[str, Any]:
    """The outline of one file; bytes that do not parse give a problem."""
    from gitmig.source.syntax import parse

    parsed = parse(source, older=True)
    if parsed.tree is None or parsed.text is None:
        problem = parsed.problem
        detail = [problem.kind, problem.detail, problem.line] if problem is not None else ["syntax", "", 1]
        return {**empty(), "problem": detail}
    found = outline_of(parsed.tree, parsed.text.text)
    if _is_whole(found["source"], parsed.text.text):
        _keep_whole(found["source"], parsed.tree)
    return found


# Trees of files of which the outline leaves nothing out, so that who reads it next need not parse it again.
_WHOLE: dict[str, ast.Module] = {}
WHOLE_TEXT = 200_000


def tree_of(source: str) -> ast.Module | None:
    """The syntax tree of an outline's source, if it is at hand; it is given away, nobody else gets the same."""
    return _WHOLE.pop(source, None)


def _keep_whole(source: str, tree: ast.Module) -> None:
    _WHOLE[source] = tree
    while sum(map(len, _WHOLE)) > WHOLE_TEXT:
        del _WHOLE[next(iter(_WHOLE))]


def _lines(text: str) -> list[str]:
    """The lines as Python counts them: a carriage return alone ends one, too."""
    if text.count("\r") == text.count("\r\n"):
        return text.split("\n")
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _is_whole(source: str, text: str) -> bool:
    """Whether nothing but empty lines and comments is missing, so that both have the same syntax tree."""
    kept = source.split("\n")
    lines = text.split("\n")
    kept += [""] * (len(lines) - len(kept))
    return "\r" not in text and all(
        one == line or (not one and (not line.strip() or line.lstrip().startswith("#")))
        for one, line in zip(kept, lines, strict=True)
    )


def outline_of(tree: ast.Module, text: str) -> dict[str, Any]:
    """The outline of a file that is parsed already."""
    reducer = _Reducer(text)
    reducer.module(tree)
    return {
        "source": reducer.text(),
        "models": reducer.models,
        "names": reducer.names,
        "stars": reducer.stars,
        "roots": sorted(reducer.roots),
        "hidden": hidden_tables(tree) if "Table(" in text else [],
        "factories": reducer.factories,
        "problem": None,
    }


def empty() -> dict[str, Any]:
    """The outline of a file without anything."""
    return {
        "source": "",
        "models": False,
        "names": {},
        "stars": [],
        "roots": [],
        "hidden": [],
        "factories": [],
        "problem": None,
    }


def hidden_tables(tree: ast.Module) -> list[list[Any]]:
    """Functions that call `Table(name, metadata, Column(...), ...)`; the digest changes with what they say."""
    from zlib import crc32

    found: list[list[Any]] = []
    todo: list[tuple[str, ast.AST]] = [("", part) for part in tree.body]
    while todo:
        outer, node = todo.pop()
        name = f"{outer}.{getattr(node, 'name', '')}".strip(".")
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(_makes_table(part) for part in ast.walk(node)):
                found.append([name, node.lineno, f"{crc32(ast.unparse(node).encode('utf-8', 'surrogatepass')):08x}"])
        elif isinstance(node, ast.ClassDef):
            todo += [(name, part) for part in node.body]
    return sorted(found, key=lambda each: int(each[1]))


def _makes_table(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and _last_word(node.func) == "Table"
        and any(isinstance(part, ast.Call) and _last_word(part.func) == "Column" for part in node.args)
    )


class _Reducer:
    """Keeps the lines of statements that count; others become empty lines."""

    def __init__(self, text: str) -> None:
        self.lines = _lines(text)
        self.kept: set[int] = set()
        self.replaced: dict[int, str] = {}
        self.models = False
        self.names: dict[str, list[Any]] = {}
        self.stars: list[list[Any]] = []
        self.roots: set[str] = set()
        self.factories: list[str] = []

    def text(self) -> str:
        last = max(self.kept | self.replaced.keys(), default=0)
        return "\n".join(
            self.replaced.get(number) or (self.lines[number - 1] if number in self.kept else "")
            for number in range(1, last + 1)
        )

    def module(self, tree: ast.Module) -> None:
        self._statements(tree.body)

    def _statements(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._import(statement)
                self._keep(statement)
            elif isinstance(statement, ast.ClassDef):
                self._class(statement)
            elif isinstance(statement, ast.FunctionDef):
                listens = any(_last_word(decorator) == "listens_for" for decorator in statement.decorator_list)
                maps = self._has_class(statement) and _maps_class(statement)
                self.models = self.models or listens or maps
                self.factories += [statement.name] if maps else []
                if listens or (_length(statement) <= LONGEST_FUNCTION and (maps or _returns(statement))):
                    self._keep(statement)
                    self._here(statement.name, statement, statement.body)
                elif _makes_class(statement):
                    self._function(statement)
            elif isinstance(statement, (ast.If, ast.Try, ast.With, ast.For)):
                self._block(statement)
            elif isinstance(statement, ast.Expr):
                self._expression(statement)
            elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)) or _is_alias(statement):
                self._assignment(statement)

    def _has_class(self, statement: ast.FunctionDef) -> bool:
        """Whether its text can hold a class, which is asked before its tree is looked through."""
        lines = self.lines[statement.lineno : statement.end_lineno]
        return any(line.lstrip().startswith("class ") for line in lines)

    def _import(self, statement: ast.Import | ast.ImportFrom) -> None:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                self.names[name] = ["import", alias.name if alias.asname else name, 0, None]
            return
        for alias in statement.names:
            if alias.name == "*":
                self.stars.append([statement.module or "", statement.level])
            else:
                self.names[alias.asname or alias.name] = ["import", statement.module or "", statement.level, alias.name]

    def _class(self, statement: ast.ClassDef) -> None:
        self._head(statement)
        self._body(statement)
        kept = [part for part in statement.body if part.lineno in self.kept or part.lineno in self.replaced]
        used = self._here(statement.name, *statement.bases, *statement.keywords, *statement.decorator_list, *kept)
        if _declares(statement):
            self.models = True
            self.roots.update(used)

    def _function(self, statement: ast.FunctionDef) -> None:
        """A long function that returns a class of its own, as makers of column types do: without methods."""
        self._head(statement)
        for part in statement.body:
            if isinstance(part, ast.ClassDef):
                self._head(part)
                self._body(part)
            else:
                self._keep(part)
        self._here(statement.name, statement)

    def _head(self, statement: ast.ClassDef | ast.FunctionDef) -> None:
        """Decorators and everything up to the body."""
        first = min([statement.lineno, *(decorator.lineno for decorator in statement.decorator_list)])
        self.kept.update(range(first, max(statement.lineno, _first_line(statement.body[0]) - 1) + 1))

    def _body(self, statement: ast.ClassDef) -> None:
        something = _first_line(statement.body[0]) == statement.lineno
        for part in statement.body:
            if isinstance(part, ast.ClassDef):
                self._head(part)
                self._body(part)
                something = True
            elif _counts(part):
                self._keep(part)
                something = True
        if not something:
            first = statement.body[0]
            self.replaced[_first_line(first)] = " " * first.col_offset + "pass"

    def _block(self, statement: ast.If | ast.Try | ast.With | ast.For) -> None:
        """A compound statement is kept whole when it defines names that may count."""
        inner = list(_inside(statement))
        if not any(
            isinstance(part, (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.ClassDef, ast.FunctionDef))
            or _matters(part)
            for part in inner
        ):
            return
        if _length(statement) > LONGEST_VALUE and not any(
            isinstance(part, ast.ClassDef) or _matters(part) for part in inner
        ):
            return
        self._keep(statement)
        if _matters(statement):
            self.models = True
            self.roots.update(used_names(statement))
        for part in inner:
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                known = dict(self.names)
                self._import(part)
                self.names.update({name: entry for name, entry in known.items() if entry[0] == "here"})
            elif isinstance(part, ast.ClassDef):
                used = self._here(part.name, part)
                if _declares(part):
                    self.models = True
                    self.roots.update(used)
            elif isinstance(part, ast.FunctionDef):
                self._here(part.name, part)
            elif isinstance(part, (ast.Assign, ast.AnnAssign)):
                self._assigned(part)

    def _expression(self, statement: ast.Expr) -> None:
        call = statement.value
        if _matters(statement) or (isinstance(call, ast.Call) and _last_word(call.func) in self.factories):
            self._keep(statement)
            self.models = True
            self.roots.update(used_names(statement))
        elif mutated_name(statement) in self.names:
            self._keep(statement)
            self._here(mutated_name(statement), statement)

    def _assignment(self, statement: ast.stmt) -> None:
        if _length(statement) > LONGEST_VALUE and not _matters(statement):
            return
        self._keep(statement)
        self._assigned(statement)

    def _assigned(self, statement: ast.stmt) -> None:
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [getattr(statement, "target", None) or statement]
        )
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name):
                    self._here(node.id, statement)
        if _matters(statement):
            self.models = True
            self.roots.update(used_names(statement))

    def _here(self, name: str, *nodes: ast.AST | list[ast.stmt]) -> list[str]:
        used: set[str] = set()
        for node in nodes:
            for part in node if isinstance(node, list) else [node]:
                used |= used_names(part)
        before = self.names.get(name)
        if before is not None and before[0] == "here":
            used.update(before[1])
        self.names[name] = ["here", sorted(used)]
        return self.names[name][1]  # type: ignore[no-any-return]

    def _keep(self, statement: ast.stmt) -> None:
        self.kept.update(range(_first_line(statement), (statement.end_lineno or statement.lineno) + 1))


def _first_line(statement: ast.stmt) -> int:
    first: int = min([statement.lineno, *(decorator.lineno for decorator in getattr(statement, "decorator_list", ()))])
    return first


def _length(statement: ast.stmt) -> int:
    return (statement.end_lineno or statement.lineno) - statement.lineno + 1


def _is_alias(statement: ast.stmt) -> bool:
    return type(statement).__name__ == "TypeAlias"


def _inside(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements of a compound statement, without those inside classes and functions."""
    bodies: list[Sequence[Any]] = [getattr(statement, name, ()) for name in ("body", "orelse", "finalbody")]
    bodies += [handler.body for handler in getattr(statement, "handlers", ())]
    for body in bodies:
        for part in body:
            yield part
            if isinstance(part, (ast.If, ast.Try, ast.With, ast.For)):
                yield from _inside(part)


def _counts(part: ast.stmt) -> bool:
    """Whether a statement of a class body may say something about columns, names or types."""
    if isinstance(part, ast.Expr):
        return isinstance(part.value, ast.Call)
    if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    if part.name in SPECIAL_METHODS:
        return True
    if any(_last_word(decorator) in ATTRIBUTE_DECORATORS for decorator in part.decorator_list):
        return _last_word(part.decorator_list[0]) in {"declared_attr", "directive", "cascading", "classproperty"} or (
            _length(part) <= LONGEST_METHOD
        )
    short = _length(part) <= LONGEST_METHOD
    return short and any(_last_word(decorator) in {"classmethod", "staticmethod"} for decorator in part.decorator_list)


def _last_word(node: ast.expr) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _returns(statement: ast.FunctionDef) -> bool:
    return any(isinstance(part, ast.Return) for part in ast.walk(statement))


def _makes_class(statement: ast.FunctionDef) -> bool:
    classes = {part.name for part in statement.body if isinstance(part, ast.ClassDef)}
    last = statement.body[-1]
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id in classes


def _maps_class(statement: ast.FunctionDef) -> bool:
    """Whether a class that says its table is made inside."""
    return any(
        isinstance(target, ast.Name) and target.id in {"__tablename__", "__table__"}
        for part in ast.walk(statement)
        if isinstance(part, ast.ClassDef)
        for inner in part.body
        if isinstance(inner, ast.Assign)
        for target in inner.targets
    )


def _declares(statement: ast.ClassDef) -> bool:
    """Whether a class may be mapped, be a base, or be mixed into a mapped class."""
    if any(keyword.arg == "table" for keyword in statement.keywords):
        return True
    for part in statement.body:
        if isinstance(part, ast.AnnAssign):
            if _last_word_of_annotation(part.annotation) in {"Mapped", "DynamicMapped", "WriteOnlyMapped"} or _matters(
                part
            ):
                return True
        elif isinstance(part, ast.Assign):
            if _matters(part) or any(
                isinstance(target, ast.Name)
                and target.id in {"__tablename__", "__table__", "__abstract__", "__table_args__"}
                for target in part.targets
            ):
                return True
        elif isinstance(part, ast.FunctionDef):
            if any(_last_word(decorator) in {"declared_attr", "directive"} for decorator in part.decorator_list):
                return True
        elif isinstance(part, ast.ClassDef):
            if _declares(part):
                return True
        elif isinstance(part, ast.If) and any(_matters(inner) for inner in _inside(part)):
            return True
    words = [_last_word(base.value if isinstance(base, ast.Subscript) else base) for base in statement.bases]
    return any(word in {"Model", "Base"} or word.startswith("SQLAlchemyBase") for word in words)


def _last_word_of_annotation(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.partition("[")[0].rpartition(".")[2]
    return _last_word(node.value) if isinstance(node, ast.Subscript) else _last_word(node)


MAKERS_WORDS = """
    Column mapped_column Table Index UniqueConstraint ForeignKeyConstraint CheckConstraint PrimaryKeyConstraint deferred
    column_property Field append_column append_constraint listen listens_for automap_base prepare reflect
    map_imperatively mapper MetaData make_searchable to_metadata tometadata new_class
"""
MAKERS = frozenset(MAKERS_WORDS.split())


def _matters(statement: ast.stmt) -> bool:
    """Whether a statement makes columns, tables, indexes or listens to them."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            word = _last_word(node.func)
            if word in MAKERS or (word == "type" and len(node.args) == 3):
                return True
    return False


def used_names(node: ast.AST) -> set[str]:
    """Dotted names that a node uses, without those of Python-side defaults and relationships."""
    found: set[str] = set()
    todo: list[ast.AST] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, (ast.Name, ast.Attribute)):
            dotted = _dotted(part)
            if dotted:
                found.add(dotted)
                continue
        if isinstance(part, ast.Call):
            if _last_word(part.func) in SILENT_CALLS:
                continue
            todo += [part.func, *part.args, *(k.value for k in part.keywords if k.arg not in SILENT_KEYWORDS)]
            continue
        if isinstance(part, ast.Constant):
            if isinstance(part.value, str) and "[" in part.value and len(part.value) < 200:
                found |= _used_in_text(part.value)
            continue
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            todo += part.body
            todo += [default for default in (*part.args.defaults, *part.args.kw_defaults) if default is not None]
            if part.returns is not None:
                todo.append(part.returns)
            continue
        todo += children(part)
    return found


def _used_in_text(text: str) -> set[str]:
    """Names in an annotation that is written as a string."""
    try:
        return used_names(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
