"""Plans under faults: every write-class system call of gitmig and of the git it starts, killed or failed by strace.

    python bench/faults.py                      # everything, some minutes on two cores
    python bench/faults.py --only kill,race     # kill, fail, recovery, power, race, sequences; KILL, EIO ...
    python bench/faults.py --every 5            # every fifth point

Each point gets a fresh copy of a repository and one process that applies a staged five-file plan.  strace stops that
process, or one git that it started, at the N-th call of one kind: a signal, or an error of the disk.  Then recovery
runs, and bytes, permissions and index must be all old or all new, with no helper file, no lock of ours, and with the
locks that others had put there.  `recovery` kills recovery itself at each of its calls, and recovers again.  Needs
strace and Linux.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.histories import History, build  # noqa: E402
from support.plans import FILES, Snapshot, five_files, litter, open_history, random_plan, snapshot_of  # noqa: E402
from support.scratch import hermetic  # noqa: E402

from gitmig.apply.apply import apply_plan  # noqa: E402
from gitmig.apply.beneath import Disk  # noqa: E402
from gitmig.apply.undo import recover, undo_last  # noqa: E402
from gitmig.errors import GitmigError  # noqa: E402
from gitmig.plan import Plan  # noqa: E402

NOW = 1_760_000_000
CALLS = (
    "write", "pwrite64", "rename", "renameat", "renameat2", "unlink", "unlinkat", "openat", "open", "creat", "fsync",
    "fdatasync", "mkdir", "mkdirat", "rmdir", "link", "linkat", "fchmod", "chmod", "ftruncate", "close",
)  # fmt: skip
ONLY_CREATING = ("openat", "open", "creat")
FOREIGN = (".git/HEAD.lock", ".git/config.lock", ".git/refs/heads/main.lock")
KILLS = {"KILL": "signal=KILL", "TERM": "signal=TERM"}
ERRORS = {name: f"error={name}" for name in ("ENOSPC", "EIO", "EACCES", "EROFS")}
FAULTS = {**KILLS, **ERRORS}

# Stands before the real git on PATH: counts invocations, and straces the one that is meant.
WRAPPER = """#!/bin/sh
n=$(cat "$GITMIG_COUNT" 2>/dev/null || echo 0)
n=$((n + 1))
echo $n > "$GITMIG_COUNT"
if [ -n "$GITMIG_DRY" ]; then
    exec strace -qq -e trace={calls} -e signal=none -o "$GITMIG_DRY.$n" {git} "$@"
fi
if [ "$n" = "$GITMIG_AT" ]; then
    exec strace -qq -e trace="$GITMIG_CALL" -e signal=none -e inject="$GITMIG_INJECT" -o /dev/null {git} "$@"
fi
exec {git} "$@"
"""


class Point(NamedTuple):
    """The N-th call of a kind, in the program itself (git 0) or in the n-th git that it starts."""

    git: int
    call: str
    number: int


class Bench:
    """A repository to copy, its plan, and the two states that are right."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.original = build(folder / "original", [("main", FILES)])
        for lock in FOREIGN:
            (self.original.path / lock).write_text("somebody else's")
        programs = folder / "bin"
        programs.mkdir()
        (programs / "git").write_text(WRAPPER.format(git=shutil.which("git"), calls=",".join(CALLS)))
        (programs / "git").chmod(0o755)
        self.programs = programs
        self.old = snapshot_of(self.original)
        history = self.copy("new")
        assert self.child(history) == 0
        self.new = snapshot_of(history)
        assert self.old != self.new

    def copy(self, name: str, source: History | None = None) -> History:
        path = self.folder / name
        shutil.copytree((source or self.original).path, path, symlinks=True)
        return History(path, home=self.folder / "home", create=False)

    def child(
        self, history: History, *, action: str = "--apply", strace: tuple[str, ...] = (), **variables: str
    ) -> int:
        """One process that applies the plan, or recovers: its exit status, minus the signal that ended it."""
        environment = {**history.environment, **variables}
        if variables:
            environment["PATH"] = f"{self.programs}{os.pathsep}{environment['PATH']}"
            environment["GITMIG_COUNT"] = f"{history.path}.count"
        argv = [*strace, sys.executable, "-B", __file__, action, str(history.path)]
        done = subprocess.run(argv, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode in (1, 70):
            print(done.stderr.decode("utf-8", "replace")[-2000:], file=sys.stderr)
        if strace and done.returncode in (128 + signal.SIGKILL, 128 + signal.SIGTERM):
            return 128 - done.returncode
        return done.returncode

    def points(self, action: str = "--apply", source: History | None = None) -> list[Point]:
        """Every call that a dry run makes from the moment the plan is applied, or recovery begins."""
        history = self.copy(f"dry{action}-{source.path.name if source else ''}", source)
        log = f"{history.path}.calls"
        trace = ("strace", "-qq", "-e", f"trace={','.join(CALLS)}", "-e", "signal=none", "-o", f"{log}.0")
        assert self.child(history, action=action, strace=trace, GITMIG_DRY=log) == 0
        found = []
        number = 0
        while os.path.exists(f"{log}.{number}"):
            found += [
                Point(number, *one) for one in _calls(Path(f"{log}.{number}").read_text(errors="replace"), number)
            ]
            number += 1
        return found

    def strike(self, history: History, fault: str, point: Point, action: str = "--apply") -> int:
        """The process with this fault at this call; its exit status."""
        inject = f"{point.call}:{FAULTS[fault]}:when={point.number}"
        if point.git:
            return self.child(
                history, action=action, GITMIG_AT=str(point.git), GITMIG_CALL=point.call, GITMIG_INJECT=inject
            )
        trace = f"trace={point.call}"
        strace = ("strace", "-qq", "-e", trace, "-e", "signal=none", "-e", f"inject={inject}", "-o", "/dev/null")
        return self.child(history, action=action, strace=strace)


def _calls(text: str, git: int) -> list[tuple[str, int]]:
    """Kinds and numbers of the calls that write; of the program itself only those after it opened the lock."""
    counts: collections.Counter[str] = collections.Counter()
    found = []
    begun = git > 0
    for line in text.splitlines():
        match = re.match(r"(\w+)\(", line)
        if not match:
            continue
        call = match.group(1)
        counts[call] += 1
        begun = begun or "gitmig/lock" in line or '"gitmig"' in line
        if not begun or call == "close" or (call in ONLY_CREATING and "O_CREAT" not in line):
            continue
        found.append((call, counts[call]))
    return found


class Result(NamedTuple):
    status: int
    state: str
    complaint: str


def run_point(bench: Bench, fault: str, point: Point) -> Result:
    history = bench.copy(f"{fault}-{point.git}-{point.call}-{point.number}")
    status = bench.strike(history, fault, point)
    result = judge(bench, history, status)
    shutil.rmtree(history.path)
    return result


def judge(bench: Bench, history: History, status: int, *, recovering: bool = False) -> Result:
    """What is there after recovery; what the status promises is asked of the process that applied the plan."""
    said_nothing_changed = status == 4 and not recovering
    first = snapshot_of(history)
    git, layout = open_history(history)
    try:
        recover(git, layout, patience=0.2)
    except GitmigError as error:
        return Result(status, "stuck", f"recover: {error.what}")
    found = snapshot_of(history)
    state = "old" if found == bench.old else "new" if found == bench.new else "torn"
    left = [name for name in litter(history) if name not in FOREIGN and not name.startswith(".git/gitmig/")]
    gone = [name for name in FOREIGN if not (history.path / name).exists()]
    complaint = ""
    if status not in (0, 4, 5, -signal.SIGKILL, -signal.SIGTERM):
        complaint = f"exit {status}"
    elif said_nothing_changed and first != bench.old:
        complaint = "exit 4, and not all old"
    elif status == 0 and state != "new" and not recovering:
        complaint = "exit 0, and not new"
    elif left or gone:
        complaint = f"left {left}, removed {gone}"
    return Result(status, state, complaint)


def campaign(bench: Bench, faults: list[str], every: int, jobs: int) -> list[str]:
    points = bench.points()
    print(f"{len(points)} points: {sum(1 for one in points if not one.git)} in gitmig, the rest in git")
    bad: list[str] = []
    for fault in faults:
        table: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        chosen = points[::every]
        with ThreadPoolExecutor(jobs) as pool:
            results = list(pool.map(lambda point, fault=fault: run_point(bench, fault, point), chosen))
        for point, result in zip(chosen, results, strict=True):
            row = table[point.call if not point.git else f"{point.call} in git"]
            row["points"] += 1
            row[result.state] += 1
            row[f"exit {result.status}"] += 1
            if result.complaint or result.state in ("torn", "stuck"):
                bad.append(f"{fault} {point}: {result}")
        total = sum(table.values(), collections.Counter())
        for name, row in sorted(table.items()):
            print(f"  {fault:<7} {name:<16} {_row(row)}")
        print(f"  {fault:<7} {'total':<16} {_row(total)}", flush=True)
    return bad


def recoveries(bench: Bench, starts: int, every: int, jobs: int) -> list[str]:
    """An interrupted plan, its recovery killed at each call, and recovered again: it ends as it would have at once."""
    bad: list[str] = []
    points = [point for point in bench.points() if not point.git]
    for start in points[len(points) // (starts + 1) :: max(1, len(points) // (starts + 1))][:starts]:
        name = f"interrupted-{start.call}-{start.number}"
        interrupted = bench.copy(name)
        bench.strike(interrupted, "KILL", start)
        if not any((interrupted.path / ".git/gitmig/pending").glob("*")):
            continue
        whole = judge(bench, bench.copy(f"{name}-whole", interrupted), -signal.SIGKILL)
        chosen = bench.points("--recover", interrupted)[::every]

        def again(point: Point, source: History = interrupted, name: str = name) -> Result:
            history = bench.copy(f"{name}-{point.git}-{point.call}-{point.number}", source)
            result = judge(bench, history, bench.strike(history, "KILL", point, "--recover"), recovering=True)
            shutil.rmtree(history.path)
            return result

        with ThreadPoolExecutor(jobs) as pool:
            results = list(pool.map(again, chosen))
        bad += [
            f"recovery from {start} killed at {point}: {result}, at once {whole}"
            for point, result in zip(chosen, results, strict=True)
            if result.complaint or result.state != whole.state
        ]
        states = collections.Counter(result.state for result in results)
        where = f"{start.call} {start.number}"
        print(f"  recovery of a plan killed at {where}: {len(chosen)} points, {dict(states)}", flush=True)
    return bad


def _row(row: collections.Counter[str]) -> str:
    head = f"{row['points']:>4} points: {row['old']:>4} old {row['new']:>4} new {row['torn'] + row['stuck']:>2} torn"
    exits = ", ".join(f"{count} x {name}" for name, count in sorted(row.items()) if name.startswith("exit"))
    return f"{head}   {exits}"


def races(bench: Bench, rounds: int, width: int) -> list[str]:
    """Processes that begin together: one result, and the others say so."""
    bad = []
    slowest = 0.0
    for number in range(rounds):
        history = bench.copy(f"race-{number}")
        start = str(time.time() + 1.5)
        argv = [sys.executable, "-B", __file__, "--apply", str(history.path), "--start", start]
        running = [
            subprocess.Popen(argv, env=history.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            for _one in range(width)
        ]
        seconds = [float(json.loads(one.communicate()[0])) for one in running]
        slowest = max(slowest, *seconds)
        statuses = sorted(one.returncode for one in running)
        left = [name for name in litter(history) if name not in FOREIGN]
        if statuses != [0] + [4] * (width - 1) or snapshot_of(history) != bench.new or left:
            bad.append(f"round {number}: exits {statuses}, left {left}")
        shutil.rmtree(history.path)
    print(f"{rounds} rounds of {width} at once: {rounds - len(bad)} with one result; slowest {slowest:.1f} s")
    return bad


def sequences(bench: Bench, count: int, steps: int) -> list[str]:
    """Random operations, kills and undos, then everything undone: byte for byte the start."""
    from support.faults import Counting, Deadly, in_child

    bad = []
    done = undone = killed = 0
    for seed in range(count):
        chance = Random(seed)
        history = bench.copy(f"sequence-{seed}")
        git, layout = open_history(history)
        states: list[Snapshot] = []

        def apply(plan: Plan, disk: Counting) -> int:
            return apply_plan(git, layout, plan, command="b", allowed=["migrations"], now=NOW, disk=disk).number

        def take_back() -> bool:
            undo_last(git, layout, command="undo", now=NOW)
            return snapshot_of(history) == states.pop()

        right = True
        for _step in range(chance.randint(2, steps)):
            kind = chance.random()
            before = snapshot_of(history)
            if kind < 0.3 and states:
                right &= take_back()
                undone += 1
            elif kind < 0.4:
                plan, disk = random_plan(history, chance), Deadly(chance.randint(1, 60))
                in_child(lambda: apply(plan, disk))
                recover(git, layout)
                killed += 1
                if snapshot_of(history) != before:
                    states.append(before)
            elif apply(random_plan(history, chance), Counting()):
                done += 1
                states.append(before)
        while states:
            right &= take_back()
            undone += 1
        left = [name for name in litter(history) if name not in FOREIGN and not name.startswith(".git/gitmig/")]
        if not right or snapshot_of(history) != bench.old or left:
            bad.append(f"sequence {seed}: bytes equal {right}, left {left}")
        shutil.rmtree(history.path)
    print(f"{count} sequences: {done} operations, {killed} killed, {undone} undone; {count - len(bad)} byte for byte")
    return bad


def power_cuts(bench: Bench, seeds: int) -> list[str]:
    """The power fails at each call, `seeds` times; what was not synced is lost in part."""
    from support.faults import Counting, PowerCut, in_child

    def apply(history: History, plan: Plan, disk: Disk) -> None:
        git, layout = open_history(history)
        apply_plan(git, layout, plan, command="bench", allowed=["migrations"], now=NOW, disk=disk)

    counting = Counting()
    first = bench.copy("power")
    apply(first, five_files(first), counting)
    bad = []
    states: collections.Counter[str] = collections.Counter()
    for at in range(1, len(counting.calls) + 1):
        for seed in range(seeds):
            history = bench.copy(f"power-{at}-{seed}")
            plan, disk = five_files(history), PowerCut(at, Random(f"{at} {seed}"))
            status = in_child(lambda: apply(history, plan, disk))
            result = judge(bench, history, status)
            states[result.state] += 1
            if result.complaint or result.state in ("torn", "stuck"):
                bad.append(f"power cut at {at} ({counting.calls[at - 1]}), seed {seed}: {result}")
            shutil.rmtree(history.path)
    print(f"{states.total()} power cuts at {len(counting.calls)} calls: {dict(states)}")
    return bad


def apply_here(path: str, start: float) -> int:
    """What the child does: the plan first, then, at the time that was agreed on, its application."""
    history = History(Path(path), home=Path(f"{path}-home"), create=False)
    began = time.monotonic()
    try:
        git, layout = open_history(history)
        plan = five_files(history)
        time.sleep(max(0.0, start - time.time()))
        began = time.monotonic()
        apply_plan(git, layout, plan, command="bench", allowed=["migrations"], now=NOW)
        status = 0
    except GitmigError as error:
        print(error.what, file=sys.stderr)
        status = error.status
    if start:
        print(json.dumps(time.monotonic() - began))
    return status


def recover_here(path: str) -> int:
    """What the child does that recovers."""
    try:
        git, layout = open_history(History(Path(path), home=Path(f"{path}-home"), create=False))
        recover(git, layout, patience=0.2)
    except GitmigError as error:
        print(error.what, file=sys.stderr)
        return error.status
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="kill,fail,recovery,power,race,sequences")
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--starts", type=int, default=6, help="interrupted states whose recovery is killed")
    parser.add_argument("--apply", help=argparse.SUPPRESS)
    parser.add_argument("--recover", help=argparse.SUPPRESS)
    parser.add_argument("--start", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.apply:
        return apply_here(options.apply, options.start)
    if options.recover:
        return recover_here(options.recover)
    wanted = options.only.split(",")
    bad: list[str] = []
    with tempfile.TemporaryDirectory(prefix="gitmig-faults-") as folder:
        os.environ.update(hermetic(Path(folder)))
        bench = Bench(Path(folder))
        faults = [name for name in FAULTS if name in wanted or ("kill" if name in KILLS else "fail") in wanted]
        if faults:
            bad += campaign(bench, faults, options.every, options.jobs)
        if "recovery" in wanted:
            bad += recoveries(bench, options.starts, options.every, options.jobs)
        if "power" in wanted:
            bad += power_cuts(bench, options.seeds)
        if "race" in wanted:
            bad += races(bench, options.rounds, 4)
        if "sequences" in wanted:
            bad += sequences(bench, options.sequences, 8)
    for line in bad:
        print("WRONG", line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
