"""The labelled cases of the corpus as values.

Labels are files `<owner>__<name>.<kind>.json.gz`; nothing here opens a repository.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPLAYED = ("A_heads", "B_merge", "C_edits", "D_net")
"""Kinds that `bench/corpus.py` replays; the other kinds have a reader only."""


@dataclass(frozen=True)
class Case:
    """One label: a pair of commits, the versions folders it speaks of and what is expected.

    `base` is "" where a case is about one commit.  Commits may be abbreviated (see `replicas.resolve`); in `D_net`
    `base` is `<head>^`.
    """

    kind: str
    repo: str
    base: str
    head: str
    roots: tuple[str, ...]
    expected: str
    path: str = ""
    record: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def key(self) -> str:
        """Names the case in result files, the same on every machine."""
        number = self.record.get("number", "")
        return "|".join((self.kind, self.repo, self.base, self.head, self.path or ",".join(self.roots), str(number)))

    @property
    def pair(self) -> tuple[str, str, str]:
        """Cases with the same pair are answered by one run of the program."""
        return self.repo, self.base, self.head


def repositories(labels: Path) -> list[str]:
    """Every repository that has labels, as owner/name, sorted."""
    stems = {path.name.split(".")[0] for path in labels.glob("*.json.gz")}
    return sorted(stem.replace("__", "/", 1) for stem in stems)


def load(labels: Path, repo: str, kind: str) -> dict[str, Any]:
    """The whole label file of one kind; {} where the corpus has none."""
    path = labels / f"{repo.replace('/', '__', 1)}.{kind}.json.gz"
    if not path.exists():
        return {}
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        content: dict[str, Any] = json.load(stream)
    return content


def cases(labels: Path, repo: str, kind: str) -> list[Case]:
    """The cases of one of the kinds in REPLAYED."""
    readers = {"A_heads": heads_cases, "B_merge": merge_cases, "C_edits": edit_cases, "D_net": net_cases}
    return list(readers[kind](labels, repo))


def heads_cases(labels: Path, repo: str) -> Iterator[Case]:
    for record in load(labels, repo, "A_heads").get("cases", []):
        heads = " ".join(sorted(record["heads"]))
        yield Case("A_heads", repo, "", record["head"], (record["root"],), heads, record=record)


def merge_cases(labels: Path, repo: str) -> Iterator[Case]:
    for number, record in enumerate(load(labels, repo, "B_merge").get("cases", [])):
        record["number"] = number
        roots = tuple(sorted(record["roots"]))
        yield Case("B_merge", repo, record["base"], record["head"], roots, record["expected"], record=record)


def edit_cases(labels: Path, repo: str) -> Iterator[Case]:
    every_root = versions_roots(labels, repo)
    for record in load(labels, repo, "C_edits").get("cases", []):
        paths = (record["path"], record.get("new_path") or record["path"])
        roots = tuple(sorted({root_of(path, every_root) for path in paths} - {""}))
        yield Case("C_edits", repo, record["base"], record["head"], roots, record["class"], record["path"], record)


def net_cases(labels: Path, repo: str) -> Iterator[Case]:
    roots = tuple(versions_roots(labels, repo))
    for commit, with_revision, change, declarations in load(labels, repo, "D_net").get("cases", []):
        record = {"with_revision": bool(with_revision), "change": change, "declarations": declarations}
        yield Case("D_net", repo, f"{commit}^", commit, roots, change, record=record)


def resolution_cases(labels: Path, repo: str) -> list[dict[str, Any]]:
    """What people did when heads collided: `head_before`, `base`, `human`, `roots` (see the corpus' README)."""
    return list(load(labels, repo, "E_resolutions").get("cases", []))


def model_commits(labels: Path, repo: str) -> dict[str, list[dict[str, Any]]]:
    """Samples of commits that touch models, by `with`, `without` and `without_changed` (declarations changed)."""
    content = load(labels, repo, "D_models")
    names = {"with": "sample_with", "without": "sample_without", "without_changed": "sample_without_decl_changed"}
    return {ours: list(content.get(theirs, [])) for ours, theirs in names.items()}


def audited_commits(labels: Path) -> dict[str, str]:
    """Commit (12 digits) -> what a reader found about a model change without a revision."""
    path = labels.parent / "D_audit_open.json"
    audited: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["labels"]
    return audited


def versions_roots(labels: Path, repo: str) -> list[str]:
    """Every versions folder that the repository ever had."""
    return sorted(load(labels, repo, "inventory").get("all_roots_ever", []))


def root_of(path: str, roots: list[str]) -> str:
    """The longest of `roots` that holds `path`, or ""."""
    return max((root for root in roots if path.startswith(root + "/")), key=len, default="")


def sample(population: list[Case], size: int) -> list[Case]:
    """`size` pairs' worth of cases, the same ones on every run."""
    pairs = sorted(
        {case.pair for case in population}, key=lambda pair: hashlib.sha256("|".join(pair).encode()).digest()
    )
    chosen = set(pairs[:size])
    return [case for case in population if case.pair in chosen]
