#!/usr/bin/env python3
"""Measure gitmig's hook beside the tools people use, as ratios in one run.

    python bench/speed.py [--data DIR] [--venv DIR] [--install PATH] [--sizes 300,1000,10000,mono] [--rounds 7]

Makes what is missing: repositories of 300, 1,000 and 10,000 revisions and one with 100,000 files in DIR (about 2 GB
and some minutes), and an environment with Alembic.  --install puts gitmig there as users have it, not editable.
Then prints a table: limit, measured (CPU as a ratio, memory as the peak of its own process), ok.  `floor` is
`git diff --cached --name-only` plus `python -c pass` in the same repository and state.  Exit status 1 if a limit is not
held.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workload.measuring import Command, Measured, count_git_processes, measure, own_memory, ratio
from workload.project import generate
from workload.repository import HERMETIC, Layout, caches, make, use_state

LAYOUTS = {
    "300": Layout(300, files=1_000, commits=600),
    "1000": Layout(1_000, files=2_000, commits=1_500),
    "10000": Layout(10_000, files=15_000, commits=12_000),
    "mono": Layout(300, files=100_000, commits=5_000, subfolder="services/core/db"),
}

GRAPH_ONLY = {"GITMIG_SELECT": "GM0,GM1,GM2", "GITMIG_IGNORE": "GM002,GM206"}
"""The rows 'graph and published' leave schemas to the rows 'model and revision': GM002 and GM206 read models."""


@dataclass(frozen=True)
class Row:
    """One promise: in this state, with this cache, at most so many times each reference and so many megabytes."""

    size: str
    what: str
    state: str
    cache: str
    limits: tuple[tuple[str, float], ...]
    drift: bool = False
    arguments: tuple[str, ...] = ()
    memory: float | None = None


ROWS = (
    Row("300", "nothing relevant staged", "readme", "warm", (("floor", 2.5),), drift=True),
    Row("mono", "nothing relevant staged, 100,000 files", "readme", "warm", (("floor", 2.5),), drift=True),
    Row("300", "revision staged", "revision", "warm", (("floor", 4), ("alembic heads", 0.15))),
    Row("1000", "revision staged", "revision", "warm", (("floor", 4), ("alembic heads", 0.15))),
    Row("10000", "revision staged", "revision", "warm", (("floor", 4.5), ("alembic heads", 0.05)), memory=30),
    Row("10000", "revision staged", "revision", "one new", (("floor", 7), ("alembic heads", 0.08))),
    Row("300", "revision staged", "revision", "none", (("alembic heads", 0.25),)),
    Row("1000", "revision staged", "revision", "none", (("alembic heads", 0.30),)),
    Row("10000", "revision staged", "revision", "none", (("alembic heads", 0.40),), memory=50),
    Row("300", "model and revision staged", "model", "warm", (("floor", 8), ("alembic check", 0.15)), drift=True),
    Row("300", "model and revision staged", "model", "none", (("alembic check", 0.5),), drift=True),
    Row("10000", "model and revision staged", "model", "warm", (("alembic heads", 0.1),), drift=True),
    Row("10000", "model and revision staged", "model", "none", (), drift=True, memory=250),
    Row("1000", "forecast, 50 branches", "readme", "warm", (("alembic heads", 1.5),), True, ("forecast",)),
    Row("1000", "forecast, 50 branches", "readme", "none", (("alembic heads", 5),), True, ("forecast",)),
)


def main() -> int:
    options = parse_options()
    sizes = options.sizes.split(",")
    prepare_environment(options.venv, options.install)
    for size in sizes:
        print(f"data: {size}", file=sys.stderr)
        make(options.data / f"r{size}", LAYOUTS[size])
        prepare_peer(options.data / f"p{size}", LAYOUTS[size], options.venv)
    if options.prepare_only:
        return 0
    if not (options.venv / "bin" / "gitmig").exists():
        print("gitmig is not in the environment; install it with --install PATH", file=sys.stderr)
        return 2
    lines, held = [], True
    for size in sizes:
        for group in (tuple(row for row in ROWS if row.size == size and row.state == state) for state in STATES):
            if group:
                found, kept = measure_group(group, options)
                lines += found
                held = held and kept
    print("| revisions | work | cache | limit | measured | ok | CPU ms | git processes | MB | MB with git | exit |")
    print("|---|---|---|---|---|---|---:|---:|---:|---:|---:|")
    print("\n".join(lines))
    return int(not held)


STATES = ("readme", "revision", "model")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    scratch = Path(tempfile.gettempdir()) / "gitmig-speed"
    parser.add_argument("--data", type=Path, default=scratch / "data")
    parser.add_argument("--venv", type=Path, default=scratch / "venv", help="environment of Alembic and gitmig")
    parser.add_argument("--install", metavar="PATH", help="install gitmig from this checkout or wheel first")
    parser.add_argument("--sizes", default=",".join(LAYOUTS), help="some of " + ",".join(LAYOUTS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--hook", default="hook pre-commit", help="arguments of gitmig that are measured")
    parser.add_argument("--json", type=Path, help="append every round's times to this file")
    parser.add_argument("--prepare-only", action="store_true", help="make the data and stop")
    return parser.parse_args()


def prepare_environment(folder: Path, install: str | None) -> None:
    """A virtual environment with the peers, and with gitmig as an ordinary installed package."""
    python = str(folder / "bin" / "python")
    if not Path(python).exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "alembic", "SQLAlchemy"], check=True)
    if install:
        command = [python, "-m", "pip", "install", "-q", "--upgrade", "--force-reinstall"]
        subprocess.run([*command, "--no-deps", install], check=True)  # the code anew, whatever its version says
        subprocess.run([*command[:-1], install], check=True)


def prepare_peer(folder: Path, layout: Layout, environment: Path) -> None:
    """The same project without Git, with a SQLite database at head: where Alembic is measured."""
    if (folder / "ready").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in generate(layout.revisions, min(100, layout.revisions // 50), quiet_tail=60).files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    create = (
        "import sqlalchemy, app.models as m; m.Base.metadata.create_all(sqlalchemy.create_engine('sqlite:///app.db'))"
    )
    for command in (["python", "-c", create], ["alembic", "stamp", "head"], ["alembic", "check"]):
        argv = [str(environment.absolute() / "bin" / command[0]), *command[1:]]
        subprocess.run(argv, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (folder / "ready").touch()


def measure_group(rows: tuple[Row, ...], options: argparse.Namespace) -> tuple[list[str], bool]:
    """All rows of one repository and state, beside floor and Alembic."""
    size, state = rows[0].size, rows[0].state
    repository, peer = options.data.absolute() / f"r{size}", options.data.absolute() / f"p{size}"
    programs = options.venv.absolute() / "bin"
    print(f"measuring: {size}, {state}", file=sys.stderr)
    use_state(repository, state)
    commands = [
        Command("git", ("git", "diff", "--cached", "--name-only"), repository, HERMETIC),
        Command("python", (str(programs / "python"), "-c", "pass"), repository),
    ]
    wanted = {name for row in rows for name, _ in row.limits}
    for name in ("alembic heads", "alembic check"):
        if name in wanted:
            words = name.split()
            commands.append(Command(name, (str(programs / words[0]), words[1]), peer))
    ours = [(row, hook_command(row, repository, programs, options)) for row in rows if is_there(row, programs)]
    rounds = max(3, options.rounds // 2) if size == "10000" else options.rounds
    results = measure([*commands, *(command for _, command in ours)], rounds)
    if options.json:
        record = {name: {"cpu_ms": each.rounds, "exit": each.status} for name, each in results.items()}
        with options.json.open("a") as stream:
            stream.write(json.dumps({"size": size, "state": state, "commands": record}) + "\n")
    lines, held = [], True
    for row, command in ours:
        result = results[command.name]
        result.git_processes = count_git_processes(command)
        result.own_memory = own_memory(command)
        line, kept = judge(row, result, results)
        lines.append(line)
        held = held and kept
    skipped = [row for row in rows if not is_there(row, programs)]
    lines += [f"| {row.size} | {row.what} | {row.cache} | | no such command | - | | | | | |" for row in skipped]
    return lines, held


def is_there(row: Row, programs: Path) -> bool:
    if not row.arguments:
        return True
    asked = subprocess.run([programs / "gitmig", *row.arguments, "--help"], capture_output=True, check=False)
    return asked.returncode == 0


def hook_command(row: Row, repository: Path, programs: Path, options: argparse.Namespace) -> Command:
    arguments = row.arguments or tuple(shlex.split(options.hook))
    home = repository / ".git" / "bench" / "home"
    environment = {**HERMETIC, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    if not row.drift:
        environment |= GRAPH_ONLY
    argv = (str(programs / "gitmig"), *arguments)
    name = f"{row.what} {row.cache}"
    before = prepare_cache(row, Command(name, argv, repository, environment), repository, home)
    return Command(name, argv, repository, environment, before)


def prepare_cache(row: Row, command: Command, repository: Path, home: Path) -> Callable[[], None]:
    """What has to be done before each run, so that the cache is as the row says."""
    kept = repository / ".git" / "bench" / f"kept {row.state} {row.cache}"
    shutil.rmtree(kept, ignore_errors=True)
    wipe(repository, home)
    if row.cache == "none":
        return partial(wipe, repository, home)
    if row.cache == "one new":
        use_state(repository, f"{row.state}, one before")
    warm_up(command)
    use_state(repository, row.state)
    keep(kept, repository, home)
    return partial(restore, kept, repository, home)


def warm_up(command: Command) -> None:
    measure([command], 1)


def wipe(repository: Path, home: Path) -> None:
    for place in (*caches(repository), home):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
    home.mkdir(parents=True)


def keep(kept: Path, repository: Path, home: Path) -> None:
    kept.mkdir()
    shutil.copytree(home, kept / "home")
    (kept / "git").mkdir()
    for place in caches(repository):
        (shutil.copytree if place.is_dir() else shutil.copy2)(place, kept / "git" / place.name)


def restore(kept: Path, repository: Path, home: Path) -> None:
    wipe(repository, home)
    shutil.copytree(kept / "home", home, dirs_exist_ok=True)
    for place in (kept / "git").iterdir():
        (shutil.copytree if place.is_dir() else shutil.copy2)(place, repository / ".git" / place.name)


def judge(row: Row, result: Measured, results: dict[str, Measured]) -> tuple[str, bool]:
    """One line of the table, and whether every limit is held."""
    limits, measured, held = [], [], True
    for name, limit in row.limits:
        references = [results["git"], results["python"]] if name == "floor" else [results[name]]
        value = ratio(result, references)
        limits.append(f"{limit:g} x {name}")
        measured.append(f"{value:.2f}")
        held = held and value <= limit
    if row.memory is not None:
        limits.append(f"{row.memory:g} MB")
        measured.append(f"{result.own_memory:.0f}")
        held = held and result.own_memory <= row.memory
    cells = (
        row.size, row.what, row.cache, ", ".join(limits), ", ".join(measured), "yes" if held else "**no**",
        f"{result.milliseconds:.0f}", str(result.git_processes), f"{result.own_memory:.0f}", f"{result.memory:.0f}",
        str(result.status),
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |", held


if __name__ == "__main__":
    sys.exit(main())
