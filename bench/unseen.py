"""gitmig on projects that played no part while it was built: the head, the newest commits, forgotten revisions.

    bench/unseen.py --mirrors MIRRORS owner/name... [--commits 150] [--forgotten 15] [--jobs 1]

Each project is a bare clone at MIRRORS/owner+name/repo; no labels are needed.  Asked of each, in a replica without
refs:

- the head: `gitmig heads`, compared with Alembic's RevisionMap over the headers as literals; `check --all`; how many
  revisions are fully understood;
- history: `check --rev C --base C^` of the newest commits that touch a file with models or a versions folder (those
  from before the project had an environment are counted apart);
- forgotten: of these, the newest ones with a revision that changes the schema, again without the revision files.

One line for each answer goes to --out, a run goes on where an earlier one ended; `--fresh` begins again.  Printed are
the counts, and with `--list` every finding of a commit that is an error or undecided.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

import drift_campaign as campaign  # noqa: E402
import scripts_understood  # noqa: E402
from alembic.script.revision import Revision, RevisionMap  # noqa: E402
from replay import replicas  # noqa: E402
from replay.naive import Naive  # noqa: E402
from replay.program import InProcess, Outcome  # noqa: E402

from gitmig.repo.objects import Objects  # noqa: E402
from gitmig.repo.plumbing import Git  # noqa: E402
from gitmig.schema.models.wanted import is_candidate  # noqa: E402
from gitmig.schema.scripts.facts import extract  # noqa: E402

Answer = dict[str, Any]
NO_SCHEMA = frozenset({"execute", "bulk_insert", "data", "unknown"})


def main() -> int:
    options = parse_options()
    known = read_answers(options)
    done = {(each["what"], each["repo"], each["commit"]) for each in known}
    with options.out.open("a") as stream, multiprocessing.Pool(options.jobs, start, (options.time_limit,)) as pool:
        for repo in options.repo:
            place, head, commits = prepared(repo, options)
            tasks = [(what, repo, str(place), commit) for what, commit in questions(place, head, commits, options)]
            fresh = [task for task in tasks if (task[0], task[1], task[3]) not in done]
            for each in pool.imap_unordered(ask, fresh):
                known.append(each)
                stream.write(json.dumps(each) + "\n")
                stream.flush()
            wanted = {(task[0], task[3]) for task in tasks}
            report(repo, [each for each in known if each["repo"] == repo and (each["what"], each["commit"]) in wanted])
            if options.list:
                listing([each for each in known if each["repo"] == repo and (each["what"], each["commit"]) in wanted])
    return 0


def parse_options() -> Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    scratch = Path(tempfile.gettempdir()) / "gitmig-unseen"
    parser.add_argument("repo", nargs="+", metavar="OWNER/NAME")
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--commits", type=int, default=150)
    parser.add_argument("--forgotten", type=int, default=15)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--scratch", type=Path, default=scratch)
    parser.add_argument("--out", type=Path, help="default: SCRATCH/answers.jsonl")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs asked of these projects")
    parser.add_argument("--list", action="store_true", help="every error and everything undecided")
    options = parser.parse_args()
    options.scratch.mkdir(parents=True, exist_ok=True)
    options.out = options.out or options.scratch / "answers.jsonl"
    return options


def read_answers(options: Namespace) -> list[Answer]:
    known = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    if not options.fresh:
        return known
    kept = [each for each in known if each["repo"] not in options.repo]
    options.out.write_text("".join(json.dumps(each) + "\n" for each in kept))
    return kept


def start(time_limit: float) -> None:
    global _program  # noqa: PLW0603  (one per worker process)
    _program = campaign._program = InProcess(time_limit)


_program: InProcess


# -- what is asked


def prepared(repo: str, options: Namespace) -> tuple[Path, str, list[str]]:
    """The replica, the head, and the newest commits that touch models or revisions (a list that is kept)."""
    mirror = replicas.mirror_of(options.mirrors, repo)
    if mirror is None:
        sys.exit(f"{repo}: no mirror in {options.mirrors}")
    head = replicas.git(mirror, "rev-parse", "HEAD").strip()
    kept = options.scratch / f"{repo.replace('/', '+')}-{head[:12]}-{options.commits}.txt"
    place = replicas.replica(mirror, options.scratch, {head})
    if not kept.exists():
        kept.write_text("\n".join(newest(place, head, options.commits)))
    return place, head, kept.read_text().split()


def newest(place: Path, head: str, count: int) -> list[str]:
    log = replicas.git(place, "log", "--no-merges", "--name-only", "--format=%x00%H", head, "--", "*.py")
    found: list[str] = []
    with Objects(Git(place)) as objects:
        for part in log.split("\0")[1:]:
            commit, *paths = part.split()
            if len(found) == count:
                break
            if touches_revisions(place, commit, paths) or (
                any(is_candidate(path) for path in paths)
                and len(paths) < 400
                and campaign.touches_models(place, objects, commit)
            ):
                found.append(commit)
    return found


def touches_revisions(place: Path, commit: str, paths: list[str]) -> bool:
    return any(is_revision(place, f"{commit}:{path}") for path in paths if "version" in path or "migration" in path)


def is_revision(place: Path, name: str) -> bool:
    try:
        source = replicas.git(place, "cat-file", "blob", name)
    except subprocess.CalledProcessError:
        return False
    return "down_revision" in source and "\nrevision" in source


def questions(place: Path, head: str, commits: list[str], options: Namespace) -> Iterator[tuple[str, str]]:
    yield "head", head
    for commit in commits:
        yield "history", commit
    with_revision = (commit for commit in commits if changes_schema(place, commit))
    for commit, _number in zip(with_revision, range(options.forgotten), strict=False):
        yield "forgotten", commit


def changes_schema(place: Path, commit: str) -> bool:
    """Whether the commit adds a revision that changes the schema, and other Python files besides."""
    added = campaign.revisions_added(place, commit)
    paths = [path for _old, _new, path in campaign.changed_files(place, commit) if path.endswith(".py")]
    operations = {each["op"] for path, source in added for each in extract(source, path)["upgrade"]}
    return bool(operations - NO_SCHEMA) and any(is_candidate(path) for path in paths if path not in dict(added))


# -- one question


def ask(task: campaign.Task) -> Answer:
    what, repo, place, commit = task
    if what == "head":
        return {"what": what, "repo": repo, "commit": commit, **at_head(Path(place), commit)}
    if what == "forgotten":
        return campaign.ask(task)
    return {
        "what": what,
        "repo": repo,
        "commit": commit,
        **judged(_program.check(Path(place), commit, f"{commit}^1", ())),
    }


def judged(outcome: Outcome) -> Answer:
    """Every finding of a check, and what it comes to."""
    report = outcome.report
    seconds = round(outcome.seconds, 2)
    if report is None or outcome.failure:
        return {"said": outcome.failure or "no report", "stderr": outcome.stderr[-600:], "seconds": seconds}
    findings = [campaign.shown(each) for each in report["findings"]]
    if not report["environments"] and not findings:
        return {"said": "no environment", "seconds": seconds}
    if any(each["severity"] == "error" for each in findings):
        said = "alarm"
    else:
        said = {"undecided": "undecided", "findings": "alarm"}.get(report["verdict"], "clean")
    return {"said": said, "verdict": report["verdict"], "findings": findings, "seconds": seconds}


def at_head(place: Path, commit: str) -> Answer:
    heads = _program.heads(place, commit, ())
    if heads.report is None or heads.failure:
        return {"said": heads.failure, "stderr": heads.stderr}
    environments = heads.report["environments"]
    folders = [each["versions"] for each in environments]
    equal = [
        alembic_heads(place, commit, each["versions"]) == sorted(head["revision"] for head in each["heads"])
        for each in environments
    ]
    whole = _program._run(place, ["check", "--all", "--rev", commit, "--format", "json"])
    drifts = [each.get("drift") or {} for each in (whole.report or {}).get("environments", [])]
    return {
        "said": "answered",
        "versions": folders,
        "heads right": equal,
        "drift": [
            {kind: [brief(item) for item in each.get(kind, [])] for kind in ("missing", "ahead", "mismatch", "unknown")}
            for each in drifts
        ],
        "all": judged(whole),
        "understood": understood(place),
        "seconds": [round(heads.seconds, 2), round(whole.seconds, 2)],
    }


def brief(item: dict[str, Any]) -> str:
    if "op" not in item:
        return f"{item['what']}: {item['why']}"
    name = f".{item['name']}" if item.get("name") else ""
    return f"{item['op']} {item.get('table') or ''}{name}"


def alembic_heads(place: Path, commit: str, folders: list[str]) -> list[str] | str:
    """What RevisionMap says of the headers, or why it stops."""
    naive = Naive()
    tree = naive._tree(place, commit, folders)
    graph: dict[str, Any] = {}
    for folder in folders:
        graph.update(naive._graph(place, tree, folder))
    revisions = [Revision(name, parents or None) for name, (_path, parents) in graph.items()]
    try:
        return sorted(RevisionMap(lambda: revisions).heads)
    except Exception as error:
        return repr(error)


def understood(place: Path) -> list[int] | str:
    """Revisions at the head, without an unknown operation, and without any unknown type or attribute besides."""
    mirror = (place / "objects" / "info" / "alternates").read_text().strip().removesuffix("/objects")
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            total, good, whole, _seconds = scripts_understood.measure(mirror, Namespace(list=False, replay=False))
        except Exception as error:  # a bug of the engine is one more answer
            return repr(error)
    return [total, good, whole]


# -- what came of it


def report(repo: str, answers: list[Answer]) -> None:
    by_kind = {what: [each for each in answers if each["what"] == what] for what in ("head", "history", "forgotten")}
    for each in by_kind["head"]:
        print(f"\n{repo} at {each['commit'][:12]}: {each['said']}")
        if each["said"] != "answered":
            continue
        for folders, right, drift in zip(each["versions"], each["heads right"], each["drift"], strict=False):
            counts = ", ".join(f"{len(items)} {kind}" for kind, items in drift.items())
            print(f"  {' '.join(folders)}: heads {'right' if right else 'WRONG'}; drift at the head: {counts}")
        print(f"  revisions understood {each['understood']}; seconds of heads, check --all: {each['seconds']}")
    for what in ("history", "forgotten"):
        slowest = max((each.get("seconds", 0) for each in by_kind[what]), default=0)
        print(f"  {what}: {dict(Counter(each['said'] for each in by_kind[what]))}, slowest {slowest} s")


def listing(answers: list[Answer]) -> None:
    for each in answers:
        if each["what"] == "head":
            for drift in each.get("drift", []):
                for kind, items in drift.items():
                    for item in items:
                        print(f"    head {kind}: {item[:200]}")
        elif not campaign.as_wanted(each["what"], each) and each["said"] not in ("clean", "no environment"):
            print(f"  {each['what']} {each['commit'][:12]} {each['said']} {' '.join(each.get('revisions', []))}")
            for finding in each.get("findings", []):
                if finding["severity"] == "error" or finding["code"] in ("GM002", "GM306"):
                    print(f"      {finding['code']} {finding['message'][:220]} | {finding['place']}")
            if "stderr" in each:
                print("     ", each["stderr"])


if __name__ == "__main__":
    sys.exit(main())
