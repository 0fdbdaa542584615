"""CPU time of whole commands, side by side.

The commands run in turn (A B C A B C ...), so that a slower minute of the machine hits them all, and ratios are taken
round by round.  CPU time is what the kernel counted for the process and for every descendant, orphans included.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Command:
    """One command to measure; `before` runs untimed ahead of every run."""

    name: str
    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None


@dataclass
class Measured:
    """CPU milliseconds of each round, the last exit status, peak memory of one process, git processes of one run.

    `memory` is the largest of all processes of the command, `own_memory` that of its own.
    """

    command: Command
    rounds: list[float] = field(default_factory=list)
    status: int = 0
    memory: float = 0.0
    own_memory: float = 0.0
    git_processes: int | None = None

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.rounds)


def become_reaper() -> None:
    """Orphaned descendants report to this process, where the kernel offers it (Linux)."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (AttributeError, OSError):
        return


def environment_of(command: Command) -> dict[str, str]:
    """As on a user's machine: nothing of a surrounding Git, gitmig or CI job, and .pyc files are written."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "HOME", "LANG") if name in os.environ}
    return {**kept, **command.environment}


def run(command: Command) -> tuple[float, int, float]:
    """CPU milliseconds, exit status, peak memory in MB."""
    if command.before:
        command.before()
    process = subprocess.Popen(
        command.argv, cwd=command.directory, env=environment_of(command), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss
    while True:
        try:
            _, _, orphan = os.wait4(-1, 0)
        except ChildProcessError:
            break
        seconds += orphan.ru_utime + orphan.ru_stime
    return 1000 * seconds, process.returncode, memory / 1024


def measure(commands: Sequence[Command], rounds: int) -> dict[str, Measured]:
    """All commands in turn, one warm-up round first."""
    become_reaper()
    results = {command.name: Measured(command) for command in commands}
    for number in range(-1, rounds):
        for command in commands:
            spent, status, memory = run(command)
            if number >= 0:
                result = results[command.name]
                result.rounds.append(spent)
                result.status, result.memory = status, max(result.memory, memory)
    return results


def ratio(measured: Measured, references: Sequence[Measured]) -> float:
    """Median over the rounds of this command's time by the sum of the references' times."""
    sums = [sum(times) for times in zip(*(reference.rounds for reference in references), strict=True)]
    return statistics.median(own / whole for own, whole in zip(measured.rounds, sums, strict=True))


# Runs the program that follows and leaves the status of its own process in a file (what getrusage says of it begins
# with the size of the process that started it).
_KEEPING_PEAK = """
import atexit, os, sys
atexit.register(lambda: open(os.environ["BENCH_PEAK"], "w").write(open("/proc/self/status").read()))
del sys.argv[0]
exec(open(sys.argv[0]).read())
"""


def own_memory(command: Command) -> float:
    """Peak memory in MB of one run of a Python program, without the git processes that it starts: they map packs.

    0 where the kernel does not tell (only Linux does).
    """
    if not Path("/proc/self/status").exists():
        return 0.0
    with tempfile.TemporaryDirectory() as folder:
        peak = Path(folder) / "peak"
        argv = (str(Path(command.argv[0]).parent / "python"), "-c", _KEEPING_PEAK, *command.argv)
        environment = {**command.environment, "BENCH_PEAK": str(peak)}
        run(Command(command.name, argv, command.directory, environment, command.before))
        (line,) = (line for line in peak.read_text().split("\n") if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024


def count_git_processes(command: Command) -> int:
    """Git processes that one run starts, counted by a `git` that comes first on the path: gitmig allows no trace."""
    with tempfile.TemporaryDirectory() as folder:
        started, program = Path(folder) / "started", Path(folder) / "git"
        program.write_text(f'#!/bin/sh\necho >> {started}\nexec {shutil.which("git")} "$@"\n')
        program.chmod(0o755)
        path = environment_of(command).get("PATH", os.defpath)
        environment = {**command.environment, "PATH": f"{folder}{os.pathsep}{path}"}
        run(Command(command.name, command.argv, command.directory, environment, command.before))
        return len(started.read_text().splitlines()) if started.exists() else 0
