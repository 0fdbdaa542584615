"""What databases would notice of a revision file, as hashes: one for each half, one for the rest.

A formatter, a comment, a licence header, a re-parent or a moved project module leave every hash as it is.  `VERSION` is
part of the facts, since a waiver or a ledger may hold a hash for years.
"""

from __future__ import annotations

import _ast
import re

from gitmig.frozen import Frozen
from gitmig.revisions.canonical import canonical, constant_text, is_remark, meaningful_children
from gitmig.revisions.revision import NAMES
from gitmig.source.syntax import parse, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping
    from typing import Any

    from gitmig.source.places import Span
    from gitmig.source.syntax import Parsed

VERSION = 1
HALVES = ("upgrade", "downgrade")
_DIALECT = re.compile(r"sqlalchemy\.dialects\.(\w+)")
_Definition = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)


class Edit(Frozen):
    """The first place where two files differ, in each of them; None and "" where one lacks it."""

    part: str
    old: Span | None
    new: Span | None
    old_text: str
    new_text: str


def fingerprint(source: bytes, limit: int = 0) -> dict[str, Any]:
    """{version, upgrade, downgrade, module, helpers} with hashes, or {version, problem: [kind, detail, line, column]}.

    What `upgrade` reaches, helpers and constants, is part of its hash; `helpers` has the functions and classes that
    neither half reaches, `module` the statements left over.  A half that is not defined is "".
    """
    parsed = parse(source, limit)
    if parsed.tree is None:
        problem = parsed.problem
        listed = [problem.kind, problem.detail, problem.line, problem.column] if problem else ["syntax", "", 1, 1]
        return {"version": VERSION, "problem": listed}
    parts = Parts(parsed.tree)
    facts: dict[str, Any] = {"version": VERSION}
    for half in HALVES:
        facts[half] = _hash(parts.text_of(half)) if parts.halves[half] else ""
    facts["module"] = _hash(parts.module_text())
    facts["helpers"] = {name: _hash(parts.helper_text(name)) for name in parts.helpers}
    return facts


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Which parts differ: "upgrade", "downgrade", "module", "helper NAME"; "unreadable" if that cannot be told."""
    if "problem" in old or "problem" in new or old["version"] != new["version"]:
        return ("unreadable",)
    found = [part for part in (*HALVES, "module") if old[part] != new[part]]
    before, now = old["helpers"], new["helpers"]
    found += [f"helper {name}" for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
    return tuple(found)


def same_work(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two revisions do the same, and do something: two empty ones have nothing in common."""
    if difference(old, new):
        return False
    nothing = fingerprint(b"def upgrade():\n    pass\n")["upgrade"]
    return old["upgrade"] not in ("", nothing)


def identity(facts: Mapping[str, Any]) -> str:
    """One hash for a whole fingerprint, for waivers and the ledger; "" for an unreadable text."""
    if "problem" in facts:
        return ""
    helpers = [f"{name}={facts['helpers'][name]}" for name in sorted(facts["helpers"])]
    return f"{facts['version']}:" + _hash("\n".join([facts["upgrade"], facts["downgrade"], facts["module"], *helpers]))


def find_edit(old_source: bytes, new_source: bytes) -> Edit | None:
    """The first place, in the order of the new file, that makes two fingerprints differ; None when nothing does.

    Also None when one of the two cannot be read.
    """
    old, new = parse(old_source), parse(new_source)
    if old.tree is None or new.tree is None:
        return None
    return _TreesCompared(old, new).first_edit()


class Parts:
    """The statements of a module by the part they belong to."""

    def __init__(self, tree: ast.Module) -> None:
        self.imports, self.untold = _imports(tree)
        self.bound: dict[str, list[ast.stmt]] = {}
        rest: list[ast.stmt] = []
        identifying: list[ast.expr] = []
        for statement in tree.body:
            if is_remark(statement) or isinstance(statement, (_ast.Import, _ast.ImportFrom)):
                continue
            names = _names_bound(statement)
            if names and names <= {*NAMES, "__doc__"}:
                identifying.append(statement.value)  # type: ignore[attr-defined]
            elif names:
                for name in names:
                    self.bound.setdefault(name, []).append(statement)
            else:
                rest.append(statement)
        self.halves = {half: self._roots(half) for half in HALVES}
        self.reached = {half: self._reach(roots) for half, roots in self.halves.items()}
        claimed = {name for half in HALVES for name in self.reached[half]}
        used_by_rest = self._reach([name for statement in rest for name in _names_in(statement)])
        for_ids = self._reach([name for value in identifying for name in _names_in(value)])
        left = [name for name in self.bound if name not in claimed and (name not in for_ids or name in used_by_rest)]
        self.helpers = [name for name in left if all(isinstance(one, _Definition) for one in self.bound[name])]
        constants = {id(one): one for name in left if name not in self.helpers for one in self.bound[name]}
        self.rest = [*constants.values(), *rest]
        self.loose = rest

    def text_of(self, half: str) -> str:
        return self._text(self.reached[half])

    def helper_text(self, name: str) -> str:
        return self._text([name])

    def module_text(self) -> str:
        return "\n".join([*self.untold, canonical(self.rest, self.imports)])

    def meaning(self, name: str) -> str:
        """What a name of the module stands for, with all that it reaches in there."""
        return self._text(self._reach([name]))

    def loose_text(self) -> str:
        """The statements that bind no name."""
        return "\n".join([*self.untold, canonical(self.loose, self.imports)])

    def is_touched(self, names: Iterable[str]) -> bool:
        """Whether a statement that binds no name is about what these names reach, which it may change."""
        reached = set(self._reach(names))
        return any(not reached.isdisjoint(_names_in(statement)) for statement in self.loose)

    def _text(self, names: Iterable[str]) -> str:
        return "\n".join(f"{name}: {canonical(self.bound[name], self.imports)}" for name in sorted(names))

    def _roots(self, half: str) -> list[str]:
        """`upgrade`, and the `upgrade_<database>` of Alembic's template for several databases."""
        return [name for name in self.bound if name == half or name.startswith(half + "_")]

    def _reach(self, names: Iterable[str]) -> list[str]:
        found: dict[str, None] = {}
        todo = [name for name in names if name in self.bound]
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = None
                todo += [other for one in self.bound[name] for other in _names_in(one) if other in self.bound]
        return list(found)


class _TreesCompared:
    """Two modules side by side, down to the first node that differs."""

    def __init__(self, old: Parsed, new: Parsed) -> None:
        self.old, self.new = old, new
        assert old.tree is not None  # noqa: S101  (the only caller looked)
        assert new.tree is not None  # noqa: S101
        self.old_parts, self.new_parts = Parts(old.tree), Parts(new.tree)

    def first_edit(self) -> Edit | None:
        for half in HALVES:
            if self.old_parts.text_of(half) != self.new_parts.text_of(half):
                found = self._names(half, [half, *self.new_parts.reached[half], *self.old_parts.reached[half]])
                if found:
                    return found
        names = dict.fromkeys([*self.new_parts.helpers, *self.old_parts.helpers])
        for name in names:
            found = self._names(f"helper {name}", [name])
            if found:
                return found
        return self._bodies("module", self.old_parts.rest, self.new_parts.rest)

    def _names(self, part: str, names: Iterable[str]) -> Edit | None:
        for name in dict.fromkeys(names):
            found = self._bodies(part, self.old_parts.bound.get(name, []), self.new_parts.bound.get(name, []))
            if found:
                return found
        return None

    def _bodies(self, part: str, old: list[Any], new: list[Any], around: tuple[Any, Any] = (None, None)) -> Edit | None:
        """The first statement or element that differs; a lone insertion or deletion is told as one."""
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            now = new[index] if index < len(new) else None
            if before is not None and now is not None and self._same(before, now):
                continue
            if len(new) > len(old) and now is not None:
                follows = new[index + 1] if index + 1 < len(new) else None
                if before is None or (follows is not None and self._same(before, follows)):
                    return self._edit(part, None, now)
            if len(old) > len(new) and before is not None:
                follows = old[index + 1] if index + 1 < len(old) else None
                if now is None or (follows is not None and self._same(follows, now)):
                    return self._edit(part, before, None, now or around[1])
            return self._nodes(part, before, now)
        return None

    def _nodes(self, part: str, old: Any, new: Any) -> Edit | None:
        """Descends as long as exactly one field of two nodes of the same kind differs."""
        while type(old) is type(new) and not isinstance(old, _ast.Constant):
            before, now = dict(meaningful_children(old)), dict(meaningful_children(new))
            differing = [name for name in {**before, **now} if not self._same_field(before.get(name), now.get(name))]
            if len(differing) != 1 or _plain_fields(old) != _plain_fields(new):
                break
            deeper_old, deeper_new = before.get(differing[0]), now.get(differing[0])
            if isinstance(deeper_old, list) and isinstance(deeper_new, list):
                if _is_short_call(self.new, new) and _is_short_call(self.old, old):
                    break
                return self._bodies(part, deeper_old, deeper_new, (old, new))
            if not isinstance(deeper_old, _ast.expr) or not isinstance(deeper_new, _ast.expr):
                break
            old, new = deeper_old, deeper_new
        return self._edit(part, old, new)

    def _edit(self, part: str, old: Any, new: Any, near: Any = None) -> Edit:
        old_span = self.old.span(old) if old is not None else None
        new_span = self.new.span(new) if new is not None else self.new.span(near) if near is not None else None
        return Edit(
            part,
            old_span,
            new_span,
            self.old.segment(old) if old is not None else "",
            self.new.segment(new) if new is not None else "",
        )

    def _same(self, old: Any, new: Any) -> bool:
        return canonical(old, self.old_parts.imports) == canonical(new, self.new_parts.imports)

    def _same_field(self, old: Any, new: Any) -> bool:
        return (old is None) == (new is None) and (old is None or self._same(old, new))


def _imports(tree: ast.Module) -> tuple[dict[str, str], list[str]]:
    """Original names by the names that imports bind; and, as texts, what cannot be told so.

    The module that a name comes from is left out: projects move their modules, and a published revision has to follow.
    Only a dialect of SQLAlchemy counts, since `mysql.INTEGER` is not `INTEGER`.
    """
    origins: dict[str, set[str]] = {}
    untold: list[str] = []
    for node in walk(tree):
        if isinstance(node, _ast.Import):
            for alias in node.names:
                path = alias.name if alias.asname else alias.name.split(".")[0]
                origins.setdefault(alias.asname or path, set()).add(path.rsplit(".", 1)[-1])
        elif isinstance(node, _ast.ImportFrom):
            dialect = _DIALECT.match(node.module or "")
            for alias in node.names:
                if alias.name == "*":
                    untold.append(f"import * {node.module}")
                    continue
                origins.setdefault(alias.asname or alias.name, set()).add(
                    (dialect.group(1) + "." if dialect else "") + alias.name
                )
    bound = {node.id for node in walk(tree) if isinstance(node, _ast.Name) and not isinstance(node.ctx, _ast.Load)}
    bound |= {node.name for node in walk(tree) if isinstance(node, _Definition)}
    bound |= {node.arg for node in walk(tree) if isinstance(node, _ast.arg)}
    used = set(_names_in(tree))
    told = {}
    for name, found in origins.items():
        if len(found) == 1 and name not in bound:
            told[name] = min(found)
        elif name in used and found != {name}:  # bound twice, once under another name
            untold.append(f"import {' '.join(sorted(found))} as {name}")
    return told, sorted(untold)


def _names_bound(statement: ast.stmt) -> set[str]:
    """The names that a plain definition or assignment binds; empty for any other statement."""
    if isinstance(statement, _Definition):
        return {statement.name}
    targets: list[ast.expr] = []
    if isinstance(statement, _ast.Assign):
        targets = statement.targets
    elif isinstance(statement, _ast.AnnAssign):
        targets = [statement.target]
    elif type(statement).__name__ == "TypeAlias":
        targets = [statement.name]  # type: ignore[attr-defined]
    names: set[str] = set()
    for target in targets:
        elements = target.elts if isinstance(target, (_ast.Tuple, _ast.List)) else [target]
        if not all(isinstance(element, _ast.Name) for element in elements):
            return set()
        names |= {element.id for element in elements if isinstance(element, _ast.Name)}
    return names


def _names_in(node: ast.AST) -> list[str]:
    return [one.id for one in walk(node) if isinstance(one, _ast.Name) and isinstance(one.ctx, _ast.Load)]


def _plain_fields(node: ast.AST) -> list[str]:
    """Names and operators of a node that are no nodes themselves."""
    return [constant_text(value) for name in node._fields if isinstance(value := getattr(node, name, None), (str, int))]


def _is_short_call(parsed: Parsed, node: ast.AST) -> bool:
    """`sa.String(320)` says more than `320`."""
    return isinstance(node, _ast.Call) and len(parsed.segment(node)) <= 40 and not any(
        isinstance(one, _ast.Call) for argument in node.args for one in walk(argument)
    )  # fmt: skip


def _hash(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
