#!/usr/bin/env python3
"""Replay the labelled corpus: ask gitmig about real commits and compare its answers with the labels.

    python bench/corpus.py --labels ../shared/corpus/data --mirrors DIR [--kind A_heads] [--repo owner/name]
                           [--sample N] [--jobs 2] [--engine subprocess|in-process|naive]

DIR holds bare clones (`git clone --mirror`, pull-request heads included) as owner+name/repo.  Results go to --out:
`<engine>/<kind>.runs.jsonl` (one line a run; an interrupted replay goes on there), `<kind>.differences.jsonl`,
`<kind>.md` (the tables).  Exit status 1 if anything failed or hung, 0 otherwise: whether the share of agreement is
enough is for the reader.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from replay import labels, replicas, scoring
from replay.labels import Case
from replay.naive import Naive
from replay.program import InProcess, Outcome, Program, Subprocess
from replay.scoring import Run, Score

Pair = tuple[str, str, str]


@dataclasses.dataclass(frozen=True)
class Task:
    """All cases of one pair of commits, with the commits as the replica knows them."""

    repository: Path
    kind: str
    base: str
    head: str
    cases: tuple[Case, ...]


def main() -> int:
    options = parse_options()
    kinds = options.kind or list(labels.REPLAYED)
    repositories = options.repo or labels.repositories(options.labels)
    population = {
        (repo, kind): labels.cases(options.labels, repo, kind) for repo in repositories for kind in kinds
    }  # fmt: skip
    if options.sample:
        population = {key: labels.sample(cases, options.sample) for key, cases in population.items()}
    ids = reachable_commits(population, options.mirrors)
    if options.verify:
        return 0
    options.scratch.mkdir(parents=True, exist_ok=True)
    failed = False
    for kind in kinds:
        cases = [case for repo in repositories for case in population[repo, kind]]
        runs = replay_kind(kind, cases, ids, options)
        results = list(scores(cases, runs))
        report(kind, results, runs, options.out / options.engine)
        failed = failed or any(run.failure for run in runs)
    return int(failed)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    scratch = Path(tempfile.gettempdir()) / "gitmig-corpus"
    parser.add_argument("--labels", type=Path, required=True, help="folder of the label files")
    parser.add_argument("--mirrors", type=Path, required=True, help="folder of the bare clones")
    parser.add_argument("--kind", action="append", choices=labels.REPLAYED, help="repeatable; all by default")
    parser.add_argument("--repo", action="append", metavar="OWNER/NAME", help="repeatable; all by default")
    parser.add_argument("--sample", type=int, metavar="N", help="pairs of commits per repository and kind")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--engine", choices=("subprocess", "in-process", "naive"), default="subprocess")
    parser.add_argument("--command", default=str(Path(sys.executable).parent / "gitmig"), help="the console script")
    parser.add_argument("--extra", action="append", default=[], metavar="ARG", help="one more argument for `check`")
    parser.add_argument("--time-limit", type=float, default=10.0, metavar="SECONDS", help="for one run")
    parser.add_argument("--scratch", type=Path, default=scratch, help="where replicas are made")
    parser.add_argument("--out", type=Path, default=scratch / "results")
    parser.add_argument("--fresh", action="store_true", help="forget earlier runs of these kinds")
    parser.add_argument("--score-only", action="store_true", help="judge the runs that are there")
    parser.add_argument("--verify", action="store_true", help="only say which commits and refs the mirrors lack")
    return parser.parse_args()


def reachable_commits(population: dict[tuple[str, str], list[Case]], mirrors: Path) -> dict[str, dict[str, str]]:
    """Per repository: name as labelled -> full id; says what is missing."""
    ids: dict[str, dict[str, str]] = {}
    for repo in sorted({repo for repo, _ in population}):
        cases = [case for (owner, _), found in population.items() if owner == repo for case in found]
        mirror = replicas.mirror_of(mirrors, repo)
        if mirror is None:
            print(f"{repo}: no mirror; its {len(cases)} cases are left out", file=sys.stderr)
            ids[repo] = {}
            continue
        names = {name for case in cases for name in (case.base, case.head) if name}
        ids[repo] = replicas.resolve(mirror, names)
        pulls = replicas.refs(mirror, "refs/pull")
        named = {case.record["ref"] for case in cases if "ref" in case.record}
        line = f"{repo}: {len(ids[repo])} of {len(names)} commits"
        if named:
            line += f", {len(named & pulls.keys())} of {len(named)} pull-request refs"
        print(line, file=sys.stderr)
        for name in sorted(names - ids[repo].keys()):
            print(f"  missing: {name}", file=sys.stderr)
    return ids


def replay_kind(kind: str, cases: list[Case], ids: dict[str, dict[str, str]], options: argparse.Namespace) -> list[Run]:
    """Run what has not been run; gives every run of these cases."""
    store = options.out / options.engine / f"{kind}.runs.jsonl"
    store.parent.mkdir(parents=True, exist_ok=True)
    if options.fresh:
        store.unlink(missing_ok=True)
    known = list(read_runs(store))
    wanted = {case.pair for case in cases}
    done = {(run.repo, run.base, run.head) for run in known}
    if not options.score_only:
        tasks = plan_tasks(kind, [case for case in cases if case.pair not in done], ids, options)
        known += run_tasks(tasks, store, options)
    return [run for run in known if (run.repo, run.base, run.head) in wanted]


def plan_tasks(kind: str, cases: list[Case], ids: dict[str, dict[str, str]], options: argparse.Namespace) -> list[Task]:
    grouped: dict[Pair, list[Case]] = defaultdict(list)
    for case in cases:
        grouped[case.pair].append(case)
    places: dict[str, Path] = {}
    tasks = []
    for (repo, base, head), members in grouped.items():
        known = ids[repo]
        if head not in known or (base and base not in known):
            continue
        if repo not in places:
            mirror = replicas.mirror_of(options.mirrors, repo)
            assert mirror is not None
            places[repo] = replicas.replica(mirror, options.scratch, set(known.values()))
        tasks.append(Task(places[repo], kind, known.get(base, ""), known[head], tuple(members)))
    return tasks


_program: Program


def start_worker(engine: str, command: str, time_limit: float, extra: list[str]) -> None:
    global _program  # noqa: PLW0603  (one per worker process)
    if engine == "naive":
        _program = Naive()
    elif engine == "in-process":
        _program = InProcess(time_limit, tuple(extra))
    else:
        _program = Subprocess((command,), time_limit, tuple(extra))


def run_task(task: Task) -> list[Run]:
    """Ask with discovery first; ask again with the folders by hand where discovery found no environment."""
    first = () if not _program.needs_versions else tuple(sorted({root for case in task.cases for root in case.roots}))
    runs = [ask(task, first)]
    report = runs[0].report
    if not first and not runs[0].failure.startswith(("time", "trace", "internal")):
        missing = sorted({root for case in task.cases for root in scoring.missing_roots(case, report)})
        if task.kind == "D_net":
            missing = [root for root in missing if exists(task.repository, task.head, root)]
        if missing:
            if runs[0].status == 2:  # "no environment here" is an honest answer, not a failure
                runs[0] = dataclasses.replace(runs[0], failure="")
            # All of them: a folder that moved is one environment only where both of its places are named.
            named = {root for case in task.cases for root in case.roots} if task.kind == "C_edits" else set()
            runs.append(ask(task, tuple(sorted({*missing, *named}))))
    return runs


def ask(task: Task, versions: tuple[str, ...]) -> Run:
    if task.kind == "A_heads":
        found: Outcome = _program.heads(task.repository, task.head, versions)
    else:
        found = _program.check(task.repository, task.head, task.base, versions)
    case = task.cases[0]
    return Run(
        case.repo, case.base, case.head, versions, found.status, found.failure, round(found.seconds, 3),
        scoring.compact(found.report), found.stderr if found.failure else "",
    )  # fmt: skip


def exists(repository: Path, commit: str, path: str) -> bool:
    name = f"{commit}:{path}"
    asked = subprocess.run(["git", "cat-file", "-e", name], cwd=repository, capture_output=True, check=False)
    return asked.returncode == 0


def run_tasks(tasks: list[Task], store: Path, options: argparse.Namespace) -> list[Run]:
    arguments = (options.engine, options.command, options.time_limit, options.extra)
    gathered: list[Run] = []
    with store.open("a") as stream, multiprocessing.Pool(options.jobs, start_worker, arguments) as pool:
        for number, runs in enumerate(pool.imap_unordered(run_task, tasks, chunksize=4), 1):
            gathered += runs
            # both lines of a pair at once: half a pair would look done
            stream.write("".join(json.dumps(dataclasses.asdict(run)) + "\n" for run in runs))
            stream.flush()
            if number % 100 == 0 or number == len(tasks):
                print(f"  {store.stem}: {number} of {len(tasks)}", file=sys.stderr)
    return gathered


def read_runs(store: Path) -> Iterator[Run]:
    if not store.exists():
        return
    for line in store.read_text().splitlines():
        fields = json.loads(line)
        yield Run(**{**fields, "by_hand": tuple(fields["by_hand"])})


def scores(cases: Iterable[Case], runs: list[Run]) -> Iterator[Score]:
    """Each case against the run with discovery, or against the run by hand if its folder was not discovered."""
    by_pair: dict[Pair, list[Run]] = defaultdict(list)
    for run in runs:
        by_pair[run.repo, run.base, run.head].append(run)
    for case in cases:
        found = by_pair.get(case.pair)
        if not found:
            continue
        needs_hand = len(found) > 1 and scoring.missing_roots(case, found[0].report)
        yield scoring.score(case, found[-1] if needs_hand else found[0])


def report(kind: str, results: list[Score], runs: list[Run], out: Path) -> None:
    differences = [scoring.difference(result) for result in results if result.agrees is False]
    lines = "".join(json.dumps(each, default=list) + "\n" for each in differences)
    (out / f"{kind}.differences.jsonl").write_text(lines)
    text = scoring.summary(kind, results, runs)
    (out / f"{kind}.md").write_text(text)
    print(text)
    print(f"{len(differences)} differences: {os.path.relpath(out / f'{kind}.differences.jsonl')}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
