"""A second, independent and much simpler answer to the corpus' questions.

It validates the runner and shows which labels surprise: header values through `ast.literal_eval`, heads by set
difference, merged trees path by path, edits by comparing `ast.dump`.  It shares no code with gitmig and speaks its
JSON, as far as the scoring reads it.
"""

from __future__ import annotations

import ast
import contextlib
import subprocess
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from replay.program import Outcome
from replay.replicas import git

Tree = dict[str, str]
Header = tuple[str, tuple[str, ...], tuple[str, ...], str]
"""revision, parents, labels, body without ids, annotations and docstrings."""


class Naive:
    needs_versions = True

    def __init__(self) -> None:
        self._headers: dict[str, Header | None] = {}
        self._batches: dict[Path, subprocess.Popen[bytes]] = {}

    def heads(self, repository: Path, commit: str, versions: Sequence[str]) -> Outcome:
        started = time.perf_counter()
        tree = self._tree(repository, commit, versions)
        environments = []
        for root in versions:
            graph = self._graph(repository, tree, root)
            listed = [{"revision": revision, "path": graph[revision][0]} for revision in sorted(_heads(graph))]
            environments.append({"name": root, "versions": [root], "heads": listed})
        return Outcome(0, {"environments": environments}, seconds=time.perf_counter() - started)

    def check(self, repository: Path, commit: str, base: str, versions: Sequence[str]) -> Outcome:
        started = time.perf_counter()
        fork = git(repository, "merge-base", base, commit).strip() if base else ""
        trees = [self._tree(repository, name, versions) for name in (fork or base, base, commit)]
        merged, conflicts = _merged(*trees)
        findings: list[dict[str, Any]] = []
        for path in conflicts:
            findings.append(_finding("CONFLICT", path))
        environments = []
        for root in versions:
            target, local, joined = (self._graph(repository, tree, root) for tree in (trees[1], trees[2], merged))
            if len(_heads(joined)) > max(1, len(_heads(target))):
                findings.append(_finding("GM101" if len(_heads(local)) > 1 else "GM105", root))
            old = _broken(target, self._ids(repository, trees[1], root))
            findings += [
                _finding(code, path)
                for code, path in _broken(joined, self._ids(repository, merged, root))
                if (code, path) not in old
            ]
            environments.append(
                {
                    "name": root,
                    "versions": [root],
                    "heads": sorted(_heads(local)),
                    "target_heads": sorted(_heads(target)),
                    "merged_heads": sorted(_heads(joined)),
                }
            )
        findings += self._edits(repository, trees[1], merged)
        report = {"verdict": "findings" if findings else "clean", "environments": environments, "findings": findings}
        return Outcome(int(bool(findings)), report, seconds=time.perf_counter() - started)

    def _edits(self, repository: Path, target: Tree, merged: Tree) -> list[dict[str, Any]]:
        found = []
        after = {header[0]: header for blob in merged.values() if (header := self._header(repository, blob))}
        added = {_slug(path) for path in merged.keys() - target.keys()}
        for path, blob in target.items():
            header = self._header(repository, blob)
            if header is None or merged.get(path) == blob:
                continue
            now = after.get(header[0])
            if now is None:
                here = path in merged and self._header(repository, merged[path]) is not None
                code = "GM203" if here or _slug(path) in added else "GM202"
                found.append(_finding(code, path, header[0]))
            else:
                found += [_finding("GM201", path, header[0])] if now[3] != header[3] else []
                found += [_finding("GM204", path, header[0])] if now[1] != header[1] else []
        return found

    def _tree(self, repository: Path, commit: str, versions: Sequence[str]) -> Tree:
        lines = git(repository, "ls-tree", "-r", "-z", commit, "--", *versions).split("\0") if versions else []
        entries = (line.split("\t", 1) for line in lines if line)
        return {path: words.split()[2] for words, path in entries if path.endswith(".py")}

    def _ids(self, repository: Path, tree: Tree, root: str) -> list[tuple[str, str]]:
        inside = ((path, self._header(repository, blob)) for path, blob in tree.items() if path.startswith(root + "/"))
        return [(header[0], path) for path, header in inside if header]

    def _graph(self, repository: Path, tree: Tree, root: str) -> dict[str, tuple[str, tuple[str, ...]]]:
        graph = {}
        for path, blob in sorted(tree.items()):
            header = self._header(repository, blob) if path.startswith(root + "/") else None
            if header:
                graph[header[0]] = (path, header[1])
        return graph

    def _header(self, repository: Path, blob: str) -> Header | None:
        if blob not in self._headers:
            self._headers[blob] = _parse(self._text(repository, blob))
        return self._headers[blob]

    def _text(self, repository: Path, blob: str) -> bytes:
        if repository not in self._batches:
            self._batches[repository] = subprocess.Popen(
                ["git", "cat-file", "--batch"], cwd=repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        batch = self._batches[repository]
        assert batch.stdin and batch.stdout
        batch.stdin.write(blob.encode() + b"\n")
        batch.stdin.flush()
        size = int(batch.stdout.readline().split()[2])
        return batch.stdout.read(size + 1)[:-1]


def _parse(text: bytes) -> Header | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = ast.parse(text)
        except (SyntaxError, ValueError):
            return None
    values: dict[str, Any] = {}
    body = []
    for statement in module.body:
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        name = targets[0].id if isinstance(targets[0], ast.Name) else ""
        if name in ("revision", "down_revision", "branch_labels", "depends_on"):
            with contextlib.suppress(ValueError):
                values[name] = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
        elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
            body.append(statement)
    if not isinstance(values.get("revision"), str):
        return None
    module.body = body
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)) and ast.get_docstring(node, False) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.Constant):
            node.kind = None
    return values["revision"], _ids_of(values.get("down_revision")), (), ast.dump(module)


def _ids_of(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(sorted(map(str, value)))


def _slug(path: str) -> str:
    """The file name without the id or date in front: a revision written again under a new id keeps it."""
    return path.rpartition("/")[2].partition("_")[2]


def _heads(graph: dict[str, tuple[str, tuple[str, ...]]]) -> set[str]:
    return set(graph) - {parent for _, parents in graph.values() for parent in parents}


def _broken(graph: dict[str, tuple[str, tuple[str, ...]]], ids: list[tuple[str, str]]) -> set[tuple[str, str]]:
    missing = {("GM102", path) for path, parents in graph.values() if set(parents) - set(graph)}
    repeated = {("GM104", path) for revision, path in ids if graph[revision][0] != path}
    return missing | repeated


def _merged(fork: Tree, target: Tree, local: Tree) -> tuple[Tree, list[str]]:
    """The target with local's changes since the fork put on it, and the paths that both changed differently."""
    merged, conflicts = dict(target), []
    for path in fork.keys() | local.keys():
        before, now, theirs = fork.get(path), local.get(path), target.get(path)
        if now in (before, theirs):
            continue
        if theirs != before:
            conflicts.append(path)
        elif now is None:
            merged.pop(path, None)
        else:
            merged[path] = now
    return merged, conflicts


def _finding(code: str, path: str, revision: str = "") -> dict[str, Any]:
    return {"code": code, "location": {"path": path}, "revisions": [revision] if revision else [], "message": ""}
