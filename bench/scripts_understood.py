"""How many revision files are fully understood, and how long it takes: `bench/scripts_understood.py REPOSITORY...`

Reads the tip of bare or ordinary repositories; nothing is checked out or run.  `--list` shows every unknown operation,
`--replay` the contradictions of the chain.
"""

from __future__ import annotations

import argparse
import gc
import re
import subprocess
import time
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from gitmig.schema.operations import decode
from gitmig.schema.replay import Replayed, replay_chain
from gitmig.schema.scripts.facts import extract
from gitmig.source.tree_files import TREE
from gitmig.trees.entries import SQL_ENDINGS


def git(repository: str, *arguments: str, stdin: bytes | None = None) -> bytes:
    return subprocess.run(["git", "-C", repository, *arguments], input=stdin, capture_output=True, check=True).stdout


def listing(repository: str) -> dict[str, str]:
    lines = git(repository, "ls-tree", "-r", "-z", "HEAD").decode("utf-8", "surrogateescape").split("\0")
    entries = (line.split("\t", 1) for line in lines if line)
    return {path: meta.split()[2] for meta, path in entries if path.endswith((".py", *SQL_ENDINGS))}


def contents(repository: str, blobs: list[str]) -> dict[str, bytes]:
    """Blobs by id, in one process."""
    raw = git(repository, "cat-file", "--batch", stdin="\n".join(blobs).encode())
    found: dict[str, bytes] = {}
    position = 0
    for blob in blobs:
        end = raw.index(b"\n", position)
        size = int(raw[position:end].split()[2])
        found[blob] = raw[end + 1 : end + 1 + size]
        position = end + size + 2
    return found


IDENTITY = re.compile(rb"^revision\s*(?::[^=\n]*)?=\s*\(?\s*[rbu]?[\"']([^\"']+)", re.MULTILINE)
PARENTS = re.compile(
    rb"^(?:down_revision|depends_on)\s*(?::[^=\n]*)?=\s*(\((?:[^)]*)\)|\[[^\]]*\]|[^\n]*)", re.MULTILINE
)


def module_candidates(path: str, module: str, paths: dict[str, str]) -> list[str]:
    """Paths of the tree that a dotted name can mean, seen from a file."""
    if module.startswith(TREE):
        return [module[len(TREE) :]] if module[len(TREE) :] in paths else []
    level = len(module) - len(module.lstrip("."))
    name = module.lstrip(".").replace(".", "/")
    if level:
        folder = Path(path).parent
        for _ in range(level - 1):
            folder = folder.parent
        roots = [folder.as_posix()]
    else:
        roots = [parent.as_posix() for parent in Path(path).parents]
    found = []
    for root in roots:
        prefix = "" if root == "." else f"{root}/"
        for tail in (f"{name}.py", f"{name}/__init__.py"):
            if f"{prefix}{tail}" in paths:
                found.append(f"{prefix}{tail}")
    return found


def understood(source: bytes, path: str, paths: dict[str, str], sources: dict[str, bytes]) -> dict:
    """Facts with the helpers that they want, as far as the tree has them."""
    helpers: dict[str, tuple[str, bytes] | None] = {}
    while True:
        facts = extract(source, path, helpers)
        if not facts["wanted"]:
            return facts
        for module in facts["wanted"]:
            candidates = module_candidates(path, module, paths)
            helpers[module] = (candidates[0], sources[paths[candidates[0]]]) if candidates else None


def measure(repository: str, arguments: argparse.Namespace) -> tuple[int, int, int, float]:
    paths = listing(repository)
    sources = contents(repository, list(dict.fromkeys(paths.values())))
    found: dict[str, dict[str, tuple[str, bytes, set[str]]]] = {}
    for path, blob in paths.items():
        source = sources[blob]
        identity = IDENTITY.search(source)
        if identity is None or b"down_revision" not in source:
            continue
        parents = set()
        for match in PARENTS.finditer(source):
            parents |= {text.decode() for text in re.findall(rb"[\"']([^\"']+)[\"']", match.group(1))}
        environment = path.rpartition("/versions")[0] or path.rpartition("/")[0]
        found.setdefault(environment, {})[identity.group(1).decode()] = (path, source, parents)
    total = good = whole = 0
    seconds = 0.0
    reasons: Counter[str] = Counter()
    for environment, revisions in sorted(found.items()):
        if len(revisions) < 3:
            continue
        steps = {}
        for identity, (path, source, _parents) in revisions.items():
            start = time.process_time()
            facts = understood(source, path, paths, sources)
            seconds += time.process_time() - start
            total += 1
            gaps = gaps_of(facts)
            good += not any(operation["op"] == "unknown" for operation in facts["upgrade"] + facts["downgrade"])
            whole += not gaps
            reasons.update({why for why, _text, _line in gaps})
            if arguments.list:
                for why, text, line in gaps:
                    print(f"    {path}:{line}: {why}: {text[:150]}")
            steps[identity] = [decode(each) for each in facts["upgrade"]]
        if arguments.replay:
            show_replay(environment, revisions, steps, arguments)
    show(repository, total, good, whole, seconds)
    for why, count in reasons.most_common(6):
        print(f"    {count} x {why}")
    return total, good, whole, seconds


def show(name: str, total: int, good: int, whole: int, seconds: float) -> None:
    """Without any unknown operation; and of these, without any type or attribute that was not read."""
    share = [100 * each / max(total, 1) for each in (good, whole)]
    print(
        f"{name}: {good} of {total} understood ({share[0]:.1f} %), {share[1]:.1f} % in every attribute, "
        f"{1000 * seconds / max(total, 1):.1f} ms a file"
    )


def gaps_of(facts: dict) -> list[tuple[str, str, int]]:
    """What was not understood: unknown operations, and unknown parts of tables and columns."""
    gaps = []
    for operation in facts["upgrade"] + facts["downgrade"]:
        detail, line = operation["detail"], operation["source"]["line"]
        if operation["op"] == "unknown":
            gaps.append((detail["why"], detail["text"], line))
        for gap in detail.get("table", {}).get("unknown", ()):
            gaps.append((gap["why"], gap["what"], line))
        columns = [*detail.get("table", {}).get("columns", ()), *([detail["column"]] if "column" in detail else [])]
        types = [column["type"] for column in columns] + [detail.get("set", {}).get("type") or {}]
        gaps += [
            ("a type is not known", type_.get("text", ""), line) for type_ in types if not type_.get("known", True)
        ]
        gaps += [
            ("an attribute is not known", str(column["unknown"]), line) for column in columns if "unknown" in column
        ]
        if detail.get("unknown"):
            gaps.append(("an attribute is not known", str(detail["unknown"]), line))
    return gaps


def show_replay(environment: str, revisions: dict, steps: dict, arguments: argparse.Namespace) -> None:
    order = TopologicalSorter({each: parents & revisions.keys() for each, (_p, _s, parents) in revisions.items()})
    try:
        chain = [(identity, steps[identity]) for identity in order.static_order()]
    except CycleError:
        print(f"  {environment}: a cycle")
        return
    start = time.process_time()
    replayed: Replayed = replay_chain(chain)
    spent = time.process_time() - start
    print(
        f"  {environment}: {len(replayed.schema.tables)} tables, {len(replayed.contradictions)} contradictions, "
        f"{sum(len(each[1]) for each in chain)} operations in {1000 * spent:.0f} ms"
    )
    for contradiction in replayed.contradictions:
        origin = contradiction.operation.origin
        if arguments.list:
            print(f"    {origin.path}:{origin.line}: {contradiction.operation.op}: {contradiction.why}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--replay", action="store_true")
    arguments = parser.parse_args()
    gc.disable()
    measured = [measure(repository, arguments) for repository in arguments.repositories]
    total, good, whole, seconds = (sum(column) for column in zip(*measured, strict=True))
    show("all", total, good, whole, seconds)


if __name__ == "__main__":
    main()
