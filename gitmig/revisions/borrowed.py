"""What a revision takes from a module of its project, and whether an edit of the module changes that."""

from __future__ import annotations

import _ast

from gitmig.revisions.fingerprint import Parts
from gitmig.source.syntax import parse, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator


def names_borrowed(source: bytes, module: str) -> frozenset[str] | None:
    """The names of a module that a revision uses; None when it uses the whole module, or that cannot be told.

    A relative module is written with its dots.
    """
    tree = parse(source, older=True).tree
    if tree is None:
        return None
    names: set[str] = set()
    known_as: set[str] = set()
    for node in walk(tree):
        if isinstance(node, _ast.Import):
            known_as |= {alias.asname or alias.name for alias in node.names if alias.name == module}
        elif isinstance(node, _ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            joined = origin if origin.endswith(".") else f"{origin}."
            known_as |= {alias.asname or alias.name for alias in node.names if joined + alias.name == module}
            names |= {alias.name for alias in node.names if origin == module}
    if "*" in names:
        return None
    for name in known_as:
        used = _attributes(tree, name)
        if used is None:
            return None
        names |= used
    return frozenset(names)


def concerns(names: frozenset[str] | None, old: bytes, new: bytes) -> bool:
    """Whether an edit of a module changes what these names of it mean; None stands for any of it."""
    before, now = (parse(source, older=True).tree for source in (old, new))
    if before is None or now is None:
        return True
    was, is_now = Parts(before), Parts(now)
    loose = was.loose_text() != is_now.loose_text()
    if names is None:
        return loose or any(was.meaning(name) != is_now.meaning(name) for name in {**was.bound, **is_now.bound})
    if any(_told(was, name) != _told(is_now, name) for name in names):
        return True
    return loose and any(each.is_touched(names) for each in (was, is_now))


def _told(module: Parts, name: str) -> str:
    """What a name means: code, or where it comes from; "" for one that is a module below a package."""
    return module.meaning(name) if name in module.bound else module.imports.get(name, "")


def _attributes(tree: ast.AST, name: str) -> set[str] | None:
    """The attributes of a dotted name that are used; None where the name stands for itself."""
    found: set[str] = set()
    plain = 0
    for node in walk(tree):
        if isinstance(node, _ast.Attribute) and _dotted(node.value) == name:
            found.add(node.attr)
            plain -= 1
        if isinstance(node, (_ast.Name, _ast.Attribute)) and _dotted(node) == name:
            plain += 1
    return None if plain else found


def _dotted(node: ast.expr) -> str:
    return ".".join(reversed(list(_words(node))))


def _words(node: ast.expr) -> Iterator[str]:
    while isinstance(node, _ast.Attribute):
        yield node.attr
        node = node.value
    yield node.id if isinstance(node, _ast.Name) else "?"
