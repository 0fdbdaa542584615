"""What an env.py says, read and never run: which MetaData it migrates, what it leaves out, how it compares.

Shape of the facts, JSON:

    {"version": 1,
     "source":   the file's text, reduced as the facts of models are,
     "names", "stars": as in the facts of models,
     "imports":  [[module, level, name or null]] of the whole file, also inside functions,
     "targets":  [[source text of an expression for target_metadata, line]],
     "options":  {keyword of context.configure: source text},
     "roots":    [dotted names that the targets and options use],
     "multidb":  whether it migrates several databases in one run,
     "passes":   [names of the arguments that it gives context.run_migrations, and with it every upgrade()],
     "shares":   whether each of these databases has the same target_metadata,
     "problem":  null | [kind, detail, line]}
"""

from __future__ import annotations

import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

VERSION = 2


def extract(source: bytes) -> dict[str, Any]:
    """The facts of an env.py; bytes that do not parse give a problem."""
    from gitmig.source.outline import empty, outline_of
    from gitmig.source.syntax import parse

    parsed = parse(source)
    tree, problem = parsed.tree, parsed.problem
    found = outline_of(tree, parsed.text.text) if tree is not None and parsed.text is not None else empty()
    result: dict[str, Any] = {
        "version": VERSION,
        "source": found["source"],
        "names": found["names"],
        "stars": found["stars"],
        "imports": [],
        "targets": [],
        "options": {},
        "roots": [],
        "multidb": False,
        "passes": [],
        "shares": False,
        "problem": [problem.kind, problem.detail, problem.line] if problem is not None else None,
    }
    if tree is None:
        return result
    _read(tree, result)
    return result


def _read(tree: ast.Module, result: dict[str, Any]) -> None:
    from gitmig.source.outline import used_names

    assigned: list[ast.expr] = []
    configured: list[ast.expr] = []
    entries: dict[str, ast.expr] = {}
    mappings = _mappings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            result["imports"] += [[alias.name, 0, None] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            result["imports"] += [[node.module or "", node.level, alias.name] for alias in node.names]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            assigned += [node.value for target in targets if _names_target(target)]
            entries |= {
                target.slice.value: node.value
                for target in targets
                if isinstance(target, ast.Subscript)
                and _names_target(target.value)
                and isinstance(target.slice, ast.Constant)
                and isinstance(target.slice.value, str)
            }
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run_migrations":
            result["passes"] += [keyword.arg for keyword in node.keywords if keyword.arg is not None]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "configure":
            for name, value in _arguments(node, mappings):
                if name == "target_metadata":
                    configured.append(value)
                else:
                    result["options"].setdefault(name, ast.unparse(value))
    named = [node for node in assigned if not (isinstance(node, ast.Constant) and node.value is None)]
    chosen = _with_entries(named, entries) or [node for node in configured if not _names_target(node)]
    result["targets"] = [[ast.unparse(node), node.lineno] for node in chosen]
    result["multidb"] = any(isinstance(node, ast.Dict) for node in chosen) or "engine_name" in result["source"]
    result["passes"] = list(dict.fromkeys(result["passes"]))
    result["shares"] = bool(configured) and all(_names_target(node) for node in configured)
    used: set[str] = set()
    for node in chosen:
        used |= used_names(node)
    for text in result["options"].values():
        used |= used_names(ast.parse(text, mode="eval").body)
    result["roots"] = sorted(used)


def _arguments(call: ast.Call, mappings: Mapping[str, Mapping[str, ast.expr]]) -> Iterator[tuple[str, ast.expr]]:
    """The keyword arguments of a call, with those of `**options` where the file says what these are."""
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value
        elif isinstance(keyword.value, ast.Name):
            yield from mappings.get(keyword.value.id, {}).items()


def _mappings(tree: ast.Module) -> dict[str, dict[str, ast.expr]]:
    """Names that are given a mapping, with its entries: `options = {...}`, `dict(...)`, `options["key"] = value`."""
    found: dict[str, dict[str, ast.expr]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict):
            for key, part in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.setdefault(target.id, {})[key.value] = part
        elif isinstance(target, ast.Name) and isinstance(value, ast.Call) and ast.unparse(value.func) == "dict":
            found.setdefault(target.id, {}).update({k.arg: k.value for k in value.keywords if k.arg is not None})
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            key = target.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.setdefault(target.value.id, {})[key.value] = value
    return found


def _with_entries(named: list[ast.expr], entries: Mapping[str, ast.expr]) -> list[ast.expr]:
    """The values of target_metadata, with `target_metadata["users"] = ...` as an entry of the mapping."""
    if len(named) != 1 or not isinstance(named[0], ast.Dict) or not entries:
        return named
    node = named[0]
    keys: list[ast.expr | None] = [ast.Constant(name) for name in entries]
    made = ast.Dict(keys=[*node.keys, *keys], values=[*node.values, *entries.values()])
    return [ast.fix_missing_locations(ast.copy_location(made, node))]


def _names_target(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "target_metadata"
