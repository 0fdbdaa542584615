#!/usr/bin/env python3
"""Replay collisions of real pull requests: does `gitmig resolve` give a plan, does it end in one head, and is it what
people did?

    python bench/resolutions.py --labels ../shared/corpus/data --mirrors DIR [--repo owner/name] [--sample N] [--jobs 2]

Each case runs `gitmig resolve --rev HEAD --base BASE --dry-run --format json` in a bare replica without refs.  Git
merges the two commits (`git merge-tree`), the steps of the plan are put on the result, headers are read with
`ast.literal_eval`, and Alembic's own RevisionMap counts the heads.  No code of a project runs.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import dataclasses
import hashlib
import json
import multiprocessing
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from alembic.script.revision import Revision, RevisionMap
from replay import labels, replicas
from replay.program import InProcess, Outcome, Subprocess

NAMES = ("revision", "down_revision", "branch_labels", "depends_on")


@dataclasses.dataclass(frozen=True)
class Collision:
    """One label of two heads; `people` is what they did, "" where nobody looked."""

    kind: str
    repo: str
    base: str
    head: str
    roots: tuple[str, ...]
    people: str = ""
    ref: str = ""


@dataclasses.dataclass
class Result:
    """`outcome` is one head, several heads, no plan, refused, not loadable, git conflict, failure."""

    kind: str
    repo: str
    base: str
    head: str
    people: str
    outcome: str
    remedy: str = ""
    verdict: str = ""
    why: str = ""
    heads: tuple[str, ...] = ()
    published_changed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    conflicts: tuple[Any, ...] = ()
    by_hand: bool = False
    seconds: float = 0.0


def main() -> int:
    options = parse_options()
    options.out.mkdir(parents=True, exist_ok=True)
    tasks = []
    for repo in options.repo or labels.repositories(options.labels):
        mirror = replicas.mirror_of(options.mirrors, repo)
        if mirror is None:
            print(f"{repo}: no mirror", file=sys.stderr)
            continue
        cases = collisions(options.labels, repo)
        known = replicas.resolve(mirror, {name for case in cases for name in (case.base, case.head)})
        if not known:
            continue
        if options.sample:
            cases = sorted(cases, key=lambda case: hashlib.sha256(repr(case).encode()).digest())[: options.sample]
        replica = replicas.replica(mirror, options.scratch, set(known.values()))
        tasks += [(case, replica, options.time_limit, options.engine) for case in cases
                  if case.base in known and case.head in known]  # fmt: skip
    print(f"{len(tasks)} collisions", file=sys.stderr)
    results = []
    with multiprocessing.Pool(options.jobs) as pool, (options.out / "results.jsonl").open("w") as stream:
        for number, result in enumerate(pool.imap_unordered(replay, tasks, chunksize=4), 1):
            results.append(result)
            stream.write(json.dumps(dataclasses.asdict(result)) + "\n")
            if number % 50 == 0:
                print(f"  {number} of {len(tasks)}", file=sys.stderr)
    text = summary(results)
    (options.out / "resolutions.md").write_text(text)
    print(text)
    return int(any(result.outcome == "failure" for result in results))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    scratch = Path(tempfile.gettempdir()) / "gitmig-corpus"
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--repo", action="append", metavar="OWNER/NAME")
    parser.add_argument("--sample", type=int, metavar="N", help="collisions per repository")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--engine", choices=("in-process", "subprocess"), default="in-process")
    parser.add_argument("--time-limit", type=float, default=20.0)
    parser.add_argument("--scratch", type=Path, default=scratch)
    parser.add_argument("--out", type=Path, default=scratch / "results" / "resolutions")
    return parser.parse_args()


def collisions(folder: Path, repo: str) -> list[Collision]:
    """Both kinds of labels that say 'two heads', each pair of commits once in each kind."""
    found: dict[tuple[str, str, str], Collision] = {}
    for record in labels.resolution_cases(folder, repo):
        if record["expected"] == "two-heads" and not record["path_conflicts"]:
            people = deed(record["human"])
            key = ("E_resolutions", record["base"], record["head_before"])
            found[key] = Collision(
                key[0], repo, key[1], key[2], tuple(sorted(record["roots"])), people, record.get("ref", "")
            )
    for case in labels.merge_cases(folder, repo):
        if case.expected == "two-heads" and not case.record["path_conflicts"]:
            key = ("B_merge", case.base, case.head)
            found[key] = Collision(*key[:1], repo, *key[1:], case.roots)
    return list(found.values())


def deed(acts: list[str]) -> str:
    """What people did, in one word; a file or an id that changed as well makes no difference."""
    if any("merge-revision" in act for act in acts):
        return "merge-revision"
    return "reparent" if any("reparent" in act for act in acts) else "+".join(sorted(acts))


def replay(task: tuple[Collision, Path, float, str]) -> Result:
    case, replica, time_limit, engine = task
    program = InProcess(time_limit) if engine == "in-process" else Subprocess(
        (str(Path(sys.executable).parent / "gitmig"),), time_limit
    )  # fmt: skip
    result = Result(case.kind, case.repo, case.base, case.head, case.people, "failure")
    tree, conflicts = merged_tree(replica, case)
    if conflicts:
        result.outcome, result.why = "git conflict", conflicts[0]
        return result
    found = ask(program, replica, case, ())
    if found.report is None or found.report["remedy"] == "none":
        by_hand = ask(program, replica, case, case.roots)
        if by_hand.report is not None:
            found, result.by_hand = by_hand, True
    result.seconds = round(found.seconds, 3)
    if found.report is None:
        result.why = found.failure or found.stderr[-500:]
        return result
    judge(result, found.report, replica, case, tree)
    return result


def ask(program: InProcess | Subprocess, replica: Path, case: Collision, versions: tuple[str, ...]) -> Outcome:
    arguments = ["resolve", "--rev", case.head, "--base", case.base, "--dry-run", "--format", "json"]
    return program._run(replica, [*arguments, *(word for root in versions for word in ("--versions", root))])


def judge(result: Result, report: dict[str, Any], replica: Path, case: Collision, tree: str) -> None:
    needing = [one for one in report["environments"] if one["remedy"] != "none"]
    result.remedy, result.why = report["remedy"], report["why"]
    if needing:
        result.verdict = needing[0]["verdict"]
        result.unknown, result.conflicts = tuple(needing[0]["unknown"]), tuple(needing[0]["conflicts"])
    if result.remedy in ("none", "refuse"):
        result.outcome = "no plan" if result.remedy == "none" else "refused"
        return
    published = files(replica, case.base, case.roots)
    touched = {path for step in report["plan"] for path in (step["path"], step["to"]) if path}
    result.published_changed = tuple(sorted(touched & published.keys()))
    after = dict(files(replica, tree, case.roots))
    for step in report["plan"]:
        if step["step"] in ("rename", "delete"):
            after.pop(step["path"], None)
    for step in report["plan"]:
        if step["step"] in ("write", "rename"):
            after[step["to"] or step["path"]] = step["content"].encode("utf-8", "surrogateescape")
    result.outcome, result.heads = alembic_says(after, case.roots)


def merged_tree(replica: Path, case: Collision) -> tuple[str, list[str]]:
    """What Git makes of both commits, and the revision files in conflict."""
    import subprocess

    done = subprocess.run(
        ["git", "merge-tree", "--write-tree", "--allow-unrelated-histories", "--name-only", "--no-messages", "-z",
         case.base, case.head],
        cwd=replica, capture_output=True, check=False, env=replicas.environment(replica),
    )  # fmt: skip
    tree, *paths = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    if done.returncode not in (0, 1):  # an object is missing in the mirror
        return "", [done.stderr.decode("utf-8", "replace")]
    inside = tuple(f"{root}/" for root in case.roots)
    return tree, [path for path in paths if path.startswith(inside) and path.endswith(".py")]


def files(replica: Path, tree: str, roots: tuple[str, ...]) -> dict[str, bytes]:
    """Path -> content of the Python files below the versions folders."""
    lines = replicas.git(replica, "ls-tree", "-r", "-z", tree, "--", *roots).split("\0")
    entries = [line.split("\t", 1) for line in lines if line.endswith(".py")]
    ids = [words.split()[2] for words, _ in entries]
    import subprocess

    done = subprocess.run(
        ["git", "cat-file", "--batch"], cwd=replica, input="".join(f"{one}\n" for one in ids).encode(),
        capture_output=True, check=True, env=replicas.environment(replica),
    )  # fmt: skip
    found, at = {}, 0
    for _, path in entries:
        end = done.stdout.index(b"\n", at)
        size = int(done.stdout[at:end].split()[2])
        found[path] = done.stdout[end + 1 : end + 1 + size]
        at = end + size + 2
    return found


def alembic_says(contents: dict[str, bytes], roots: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Whether Alembic sees one head in every folder; heads under labels of their own are one each by design."""
    worst, heads = "one head", []
    for root in roots:
        inside = [header(text) for path, text in sorted(contents.items()) if path.startswith(f"{root}/")]
        revisions = [Revision(*one) for one in inside if one is not None]
        if not revisions:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            revision_map = RevisionMap(lambda made=tuple(revisions): made)  # type: ignore[misc]
            try:
                found = revision_map.heads
            except Exception as error:
                return f"not loadable: {type(error).__name__}", ()
            groups = Counter(tuple(sorted(revision_map.get_revision(one).branch_labels)) for one in found)
        heads += list(found)
        if any(count > 1 for count in groups.values()):
            worst = "several heads"
    return worst, tuple(heads)


def header(text: bytes) -> tuple[Any, Any, Any, Any] | None:
    """revision, down_revision, depends_on, branch_labels as literals; None for other files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = None
        for part in (text, text.partition(b"\ndef ")[0]):  # functions may be Python 2
            with contextlib.suppress(SyntaxError, ValueError):
                module = module or ast.parse(part)
    if module is None:
        return None
    values: dict[str, Any] = {}
    for statement in module.body:
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        name = targets[0].id if isinstance(targets[0], ast.Name) else ""
        if name in NAMES:
            with contextlib.suppress(ValueError):
                values[name] = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
    if not isinstance(values.get("revision"), str):
        return None
    return (
        values["revision"],
        values.get("down_revision") or None,
        values.get("depends_on"),
        values.get("branch_labels"),
    )


def summary(results: list[Result]) -> str:
    lines = []
    for kind in ("E_resolutions", "B_merge"):
        mine = [result for result in results if result.kind == kind]
        if not mine:
            continue
        apart = [result for result in mine if result.outcome != "git conflict"]
        good = [result for result in apart if result.outcome == "one head"]
        changed = [result for result in apart if result.published_changed]
        lines += [
            f"## {kind}: {len(mine)} collisions, {len(mine) - len(apart)} of them a Git conflict or not in the mirror",
            "",
        ]
        lines += [f"- a plan with one head: {len(good)} of {len(apart)} ({share(len(good), len(apart))})"]
        lines += [f"- published files changed: {len(changed)}"]
        for (outcome, why), count in Counter((one.outcome, one.why) for one in apart).most_common():
            if outcome != "one head":
                lines.append(f"  - {outcome}: {count}: {why[:150]}")
        lines += [f"- lines that {verdict or 'were not compared'}: {count}" for verdict, count in
                  Counter(one.verdict for one in good).most_common()]  # fmt: skip
        chosen = [one for one in good if one.people in ("reparent", "merge-revision")]
        if chosen:
            same = [one for one in chosen if one.remedy == {"merge-revision": "merge"}.get(one.people, one.people)]
            lines.append(f"- as people did: {len(same)} of {len(chosen)} ({share(len(same), len(chosen))})")
            for (people, remedy), count in Counter((one.people, one.remedy) for one in chosen).most_common():
                lines.append(f"  - people {people}, gitmig {remedy}: {count}")
        seconds = sorted(one.seconds for one in apart)
        lines += [f"- slowest run {seconds[-1] if seconds else 0} s; by hand {sum(one.by_hand for one in apart)}", ""]
    return "\n".join(lines)


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "none"


if __name__ == "__main__":
    sys.exit(main())
