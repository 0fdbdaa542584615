"""How the runner asks gitmig.  The one place to change when its command line changes.

`Subprocess` is a user's view: one process per question.  `InProcess` calls the same front door inside a worker
process that it keeps, which saves the start of Python.  Both give an Outcome and never raise.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from replay.replicas import environment


@dataclass(frozen=True)
class Outcome:
    """What one question gave: exit status, JSON report (None if there was none), and how it went wrong."""

    status: int | None
    report: dict[str, Any] | None
    stderr: str = ""
    seconds: float = 0.0
    failure: str = ""
    """"" | "time limit" | "traceback" | "internal error" (exit 70) | "no report"."""


class Program(Protocol):
    needs_versions: bool
    """True where the program finds no environments by itself and must be given folders."""

    def heads(self, repository: Path, commit: str, versions: Sequence[str]) -> Outcome: ...

    def check(self, repository: Path, commit: str, base: str, versions: Sequence[str]) -> Outcome: ...


def heads_arguments(commit: str, versions: Sequence[str]) -> list[str]:
    return ["heads", "--rev", commit, "--format", "json", *_versions(versions)]


def check_arguments(commit: str, base: str, versions: Sequence[str]) -> list[str]:
    return ["check", "--rev", commit, "--base", base, "--format", "json", *_versions(versions)]


def _versions(versions: Sequence[str]) -> list[str]:
    return [argument for root in versions for argument in ("--versions", root)]


@dataclass(frozen=True)
class Subprocess:
    """Runs the installed console script."""

    command: tuple[str, ...]
    time_limit: float = 10.0
    extra: tuple[str, ...] = ()
    needs_versions: bool = field(default=False, init=False)

    def heads(self, repository: Path, commit: str, versions: Sequence[str]) -> Outcome:
        return self._run(repository, heads_arguments(commit, versions))

    def check(self, repository: Path, commit: str, base: str, versions: Sequence[str]) -> Outcome:
        return self._run(repository, [*check_arguments(commit, base, versions), *self.extra])

    def _run(self, repository: Path, arguments: list[str]) -> Outcome:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*self.command, *arguments], cwd=repository, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment(repository), start_new_session=True,
        )  # fmt: skip
        try:
            stdout, stderr = process.communicate(timeout=self.time_limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its git processes as well
            process.communicate()
            return Outcome(None, None, "", self.time_limit, "time limit")
        return outcome(process.returncode, stdout, stderr.decode("utf-8", "replace"), time.perf_counter() - started)


class _OutOfTime(BaseException):
    """Raised by the alarm; no `except Exception` of the program may swallow it."""


@dataclass(frozen=True)
class InProcess:
    """Calls `gitmig.entry.main` in this process.  Needs a POSIX alarm, so it runs in a worker's main thread."""

    time_limit: float = 10.0
    extra: tuple[str, ...] = ()
    needs_versions: bool = field(default=False, init=False)

    def heads(self, repository: Path, commit: str, versions: Sequence[str]) -> Outcome:
        return self._run(repository, heads_arguments(commit, versions))

    def check(self, repository: Path, commit: str, base: str, versions: Sequence[str]) -> Outcome:
        return self._run(repository, [*check_arguments(commit, base, versions), *self.extra])

    def _run(self, repository: Path, arguments: list[str]) -> Outcome:
        from gitmig.entry import main

        os.environ.clear()
        os.environ.update(environment_of(repository))
        os.chdir(repository)
        stdout, stderr = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        previous, sys.argv = sys.argv, ["gitmig", *arguments]
        signal.signal(signal.SIGALRM, _alarm)
        signal.setitimer(signal.ITIMER_REAL, self.time_limit)
        started = time.perf_counter()
        status: int | None = 0
        try:
            with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
                status = main(arguments) or 0
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except _OutOfTime:
            return Outcome(None, None, "", self.time_limit, "time limit")
        except BaseException:
            return Outcome(None, None, traceback.format_exc()[-2000:], time.perf_counter() - started, "traceback")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            sys.argv = previous
        stdout.flush()
        written = stdout.buffer.getvalue() if isinstance(stdout.buffer, io.BytesIO) else b""
        return outcome(status, written, stderr.getvalue(), time.perf_counter() - started)


_ENVIRONMENTS: dict[Path, dict[str, str]] = {}


def environment_of(repository: Path) -> dict[str, str]:
    """The environment of the first call, so that one call's changes do not reach the next."""
    if repository not in _ENVIRONMENTS:
        _ENVIRONMENTS[repository] = environment(repository)
    return _ENVIRONMENTS[repository]


def _alarm(_signal: int, _frame: object) -> None:
    raise _OutOfTime


def outcome(status: int, stdout: bytes, stderr: str, seconds: float) -> Outcome:
    """Judge a finished run: a traceback and exit 70 are failures even where a report was printed."""
    report: dict[str, Any] | None = None
    with contextlib.suppress(ValueError):
        found = json.loads(stdout.decode("utf-8", "surrogateescape"))
        report = found if isinstance(found, dict) else None
    failure = ""
    if "Traceback (most recent call last)" in stderr:
        failure = "traceback"
    elif status == 70:
        failure = "internal error"
    elif report is None:
        failure = "no report"
    return Outcome(status, report, stderr[-2000:], seconds, failure)
