"""Drift verdicts on real commits: as written, without their revisions, and where models changed without one.

    bench/drift_campaign.py written forgotten --labels LABELS --mirrors MIRRORS [--repo owner/name] [--sample N]
    bench/drift_campaign.py without           --labels LABELS --mirrors MIRRORS

`forgotten` asks each commit again without the revision files that it added; `without` takes commits that touch files
with models and no revision file.

Each is `gitmig check --rev COMMIT --base PARENT` in a bare replica without refs.  `written` and `forgotten` take the
commits of `D_net` that add a revision and whose declarations changed; `without` takes its own from the history.  Writes
one line for each answer to --out, and prints counts and every commit that is not as it should be.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from replay import expectations, labels, replicas  # noqa: E402
from replay.program import InProcess  # noqa: E402

from gitmig.repo.objects import Objects  # noqa: E402
from gitmig.repo.plumbing import Git  # noqa: E402
from gitmig.schema.models.facts import may_declare_models  # noqa: E402
from gitmig.schema.models.wanted import is_candidate  # noqa: E402
from gitmig.schema.scripts.facts import extract  # noqa: E402

DRIFT = frozenset({"GM002", "GM301", "GM302", "GM303", "GM304", "GM306", "GM307"})
Task = tuple[str, str, str, str]  # what is asked, repository, its replica, commit

_program: InProcess


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    scratch = Path(tempfile.gettempdir()) / "gitmig-drift"
    parser.add_argument("what", nargs="+", choices=("written", "forgotten", "without"))
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--repo", action="append")
    parser.add_argument("--commit", action="append", help="only commits that start so")
    parser.add_argument("--sample", type=int, default=40, help="commits of each project, the same ones on every run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--scratch", type=Path, default=scratch)
    parser.add_argument("--out", type=Path, help="default: SCRATCH/WHAT.jsonl")
    parser.add_argument("--fresh", action="store_true", help="ask again what an earlier run asked")
    options = parser.parse_args()
    out = options.out or options.scratch / f"{'-'.join(options.what)}.jsonl"
    out.parent.mkdir(parents=True, exist_ok=True)
    if options.fresh:
        out.unlink(missing_ok=True)
    known = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    done = {(each["what"], each["repo"], each["commit"]) for each in known}
    tasks = [task for task in planned(options) if (task[0], task[1], task[3]) not in done]
    with out.open("a") as stream, multiprocessing.Pool(options.jobs, start, (options.time_limit,)) as pool:
        for each in pool.imap_unordered(ask, tasks, chunksize=4):
            known.append(each)
            stream.write(json.dumps(each) + "\n")
            stream.flush()
    for what in options.what:
        wanted = [each for each in known if each["what"] == what and each["repo"] in (options.repo or [each["repo"]])]
        report(what, sorted(wanted, key=lambda each: (each["repo"], each["commit"])))
    return 0


def start(time_limit: float) -> None:
    global _program  # noqa: PLW0603  (one per worker process)
    _program = InProcess(time_limit)


# -- which commits


def planned(options: argparse.Namespace) -> list[Task]:
    tasks: list[Task] = []
    for repo in options.repo or labels.repositories(options.labels):
        mirror = replicas.mirror_of(options.mirrors, repo)
        if mirror is None:
            continue
        of_labels = [
            case.head
            for case in labels.cases(options.labels, repo, "D_net")
            if case.record["with_revision"] and expectations.net_group(case.expected) == "changed"
        ]
        resolved = replicas.resolve(mirror, set(of_labels))
        if "without" in options.what:
            commits = without_revision(mirror, labels.versions_roots(options.labels, repo))
        else:
            commits = list(resolved.values())
        if not commits:
            continue
        place = replicas.replica(mirror, options.scratch, set(commits))
        commits.sort(key=lambda commit: hashlib.sha256(commit.encode()).digest())
        if options.commit:
            commits = [each for each in commits if any(each.startswith(start) for start in options.commit)]
        found = commits[: options.sample]
        if "without" in options.what:
            with Objects(Git(place)) as objects:
                found = list(islice((each for each in commits if touches_models(place, objects, each)), options.sample))
        tasks += [(what, repo, str(place), commit) for commit in found for what in options.what]
    return tasks


def without_revision(mirror: Path, roots: list[str]) -> list[str]:
    """First-parent commits that change Python files which may hold models, and nothing in a versions folder."""
    log = replicas.git(mirror, "log", "--first-parent", "-m", "--name-only", "--format=%x00%H", "HEAD", "--", "*.py")
    found = []
    for part in log.split("\0")[1:]:
        commit, *paths = part.split()
        if any(path.startswith(f"{root}/") for path in paths for root in roots) or not paths:
            continue
        if any(is_candidate(path) for path in paths) and len(paths) < 400:
            found.append(commit)
    return found


def touches_models(place: Path, objects: Objects, commit: str) -> bool:
    """Whether the commit changes a file that declares columns."""
    changed = [each for each in changed_files(place, commit) if each[2].endswith(".py") and is_candidate(each[2])]
    contents = objects.read([blob for old, new, _path in changed for blob in (old, new) if blob.strip("0")])
    return any(isinstance(content, bytes) and may_declare_models(content) for content in contents.values())


def changed_files(place: Path, commit: str) -> list[tuple[str, str, str]]:
    """(old blob, new blob, path) of a commit against its first parent."""
    try:
        raw = replicas.git(place, "diff-tree", "-r", "-z", "--no-renames", f"{commit}^1", commit)
    except subprocess.CalledProcessError:
        return []
    words = raw.split("\0")
    return [(line.split()[2], line.split()[3], path) for line, path in zip(words[::2], words[1::2], strict=False)]


# -- one commit


def ask(task: Task) -> dict[str, Any]:
    what, repo, place, commit = task
    found: dict[str, Any] = {"what": what, "repo": repo, "commit": commit}
    added = revisions_added(Path(place), commit) if what != "without" else []
    found["revisions"] = [path for path, _source in added]
    local = commit
    if what == "forgotten":
        if not added:
            return {**found, "said": "nothing to remove"}
        found["touched"] = sorted({name for path, source in added for name in tables_of(source, path)})
        local = without_files(Path(place), commit, found["revisions"])
    outcome = _program.check(Path(place), local, f"{commit}^1", ())
    if outcome.report is None or outcome.failure:
        return {**found, "said": outcome.failure or "no report", "stderr": outcome.stderr[-600:]}
    findings = [each for each in outcome.report["findings"] if each["code"] in DRIFT]
    drifts = [each["drift"] for each in outcome.report["environments"] if each.get("drift")]
    found["findings"] = [shown(each) for each in findings]
    found["verdicts"] = [each["verdict"] for each in drifts]
    found["seconds"] = round(outcome.seconds, 2)
    found["said"] = said(findings, found["verdicts"])
    if what == "forgotten" and found["said"] == "undecided":
        named = {name.rpartition(".")[2] for each in findings for name in tables_in(each["objects"])}
        found["named"] = bool(named & {name.rpartition(".")[2] for name in found["touched"]})
    return found


def revisions_added(place: Path, commit: str) -> list[tuple[str, bytes]]:
    found = []
    for old, new, path in changed_files(place, commit):
        if path.endswith(".py") and not old.strip("0"):
            source = replicas.git(place, "cat-file", "blob", new).encode("utf-8", "surrogateescape")
            if b"down_revision" in source and b"\nrevision" in source:
                found.append((path, source))
    return found


def tables_of(source: bytes, path: str) -> set[str]:
    """Tables and enums that the upgrade names."""
    found = set()
    for operation in extract(source, path)["upgrade"]:
        found |= {operation["table"], operation["name"], *operation["detail"].get("objects", ())}
        found.add(operation["detail"].get("table", {}).get("name", ""))
    return found - {"", None}


def tables_in(objects: list[str]) -> set[str]:
    return {part for name in objects for part in (name, name.rpartition(".")[0]) if part}


def without_files(place: Path, commit: str, paths: list[str]) -> str:
    """The same commit without some files; its parent stays."""
    index = {**os.environ, **replicas.environment(place), "GIT_INDEX_FILE": str(place / f"index-{os.getpid()}")}
    person = {f"GIT_{who}_{what}": "x@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    dates = {f"GIT_{who}_DATE": "1700000000 +0000" for who in ("AUTHOR", "COMMITTER")}

    def git(*arguments: str, stdin: str = "") -> str:
        environment = {**index, **person, **dates}
        done = subprocess.run(
            ["git", *arguments], cwd=place, input=stdin, capture_output=True, text=True, check=True, env=environment
        )
        return done.stdout.strip()

    git("read-tree", commit)
    gone = "".join(f"0 {'0' * 40}\t{path}\n" for path in paths)
    git("update-index", "--index-info", stdin=gone)
    return git("commit-tree", git("write-tree", "--missing-ok"), "-p", f"{commit}^1", "-m", "without revisions")


def shown(finding: dict[str, Any]) -> dict[str, Any]:
    place = finding.get("location") or {}
    return {
        "code": finding["code"],
        "severity": finding["severity"],
        "message": finding["message"],
        "objects": finding.get("objects", []),
        "place": f"{place.get('path', '')}:{place.get('line', '')}",
    }


def said(findings: list[dict[str, Any]], verdicts: list[str]) -> str:
    """alarm (an error), rename, undecided, note, or what the drift verdict is."""
    errors = {each["code"] for each in findings if each["severity"] == "error"}
    if errors - {"GM307"}:
        return "alarm"
    if errors:
        return "rename"
    if any(each["code"] in ("GM002", "GM306") for each in findings) or "unknown" in verdicts:
        return "undecided"
    if any(each["code"] in ("GM301", "GM302") for each in findings):
        return "note"
    return "covered" if "covered" in verdicts else "none"


# -- what came of it


def report(what: str, results: list[dict[str, Any]]) -> None:
    counts: dict[str, Counter[str]] = {}
    for each in results:
        counts.setdefault(each["repo"], Counter())[each["said"]] += 1
    whole: Counter[str] = sum(counts.values(), Counter())
    for each in results:
        if as_wanted(what, each):
            continue
        print(f"{each['repo']} {each['commit'][:12]} {each['said']} {' '.join(each.get('revisions', []))}")
        for finding in each.get("findings", []):
            if finding["severity"] != "note":
                print(f"    {finding['code']} {finding['severity']} {finding['message'][:200]} | {finding['place']}")
        if "stderr" in each:
            print("   ", each["stderr"])
    said_words = sorted(whole)
    print(f"\n| {what} | commits | " + " | ".join(said_words) + " |\n|---|" + "---:|" * (len(said_words) + 1))
    for repo, row in [*sorted(counts.items()), ("all", whole)]:
        print(f"| {repo} | {sum(row.values())} | " + " | ".join(str(row[word]) for word in said_words) + " |")


def as_wanted(what: str, each: dict[str, Any]) -> bool:
    if what == "forgotten":
        return each["said"] in ("alarm", "note", "rename", "nothing to remove") or bool(each.get("named"))
    return each["said"] in ("covered", "none", "note", "rename")


if __name__ == "__main__":
    sys.exit(main())
