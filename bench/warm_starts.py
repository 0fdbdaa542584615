"""gitmig, and the Python in which it runs Alembic, as forks of a process that has loaded their libraries.

They are processes like any other, with pipes, a folder and variables of their own, and can be killed; only the second
in which SQLAlchemy and Alembic are imported is saved at every start.  A campaign of a thousand starts needs that.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def load() -> None:
    """What every start would import again."""
    import alembic.command
    import alembic.config
    import psycopg
    import sqlalchemy.dialects.postgresql
    import sqlalchemy.dialects.sqlite

    import gitmig.commands.migrate
    import gitmig.commands.sync
    import gitmig.db.running

    assert alembic.command and alembic.config and psycopg and sqlalchemy.dialects
    assert gitmig.commands.migrate and gitmig.commands.sync


def run_gitmig(words: Sequence[str], cwd: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    """As subprocess.run with capture_output; it ends when all who write into the pipes are gone."""

    def start() -> int:
        from gitmig.db import running
        from gitmig.entry import main

        names = {"Popen": Forked, "PIPE": subprocess.PIPE, "TimeoutExpired": subprocess.TimeoutExpired}
        running.subprocess = types.SimpleNamespace(**names)  # type: ignore[attr-defined]
        return main(list(words))

    process = Forked(start, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    found = read_all([process.stdout, process.stderr])
    return subprocess.CompletedProcess(list(words), process.wait(), *found)


class Forked:
    """As much of subprocess.Popen as gitmig.db.running uses; the program is a script of Python, or a function."""

    def __init__(
        self,
        program: Sequence[str] | Callable[[], int],
        *,
        cwd: str,
        env: Mapping[str, str],
        pass_fds: Sequence[int] = (),
        stdout: int | None = None,
        stderr: int | None = None,
        **_decoding: Any,
    ) -> None:
        self.returncode: int | None = None
        pipes = [os.pipe() if wanted else None for wanted in (stdout, stderr)]
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(program, cwd, env, pass_fds, pipes)
        mode: dict[str, Any] = {"encoding": "utf-8", "errors": "replace"} if _decoding else {"mode": "rb"}
        opened = []
        for pipe in pipes:
            if pipe is not None:
                os.close(pipe[1])
            opened.append(None if pipe is None else open(pipe[0], **mode))  # noqa: SIM115
        self.stdout, self.stderr = opened

    def poll(self) -> int | None:
        if self.returncode is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        limit = None if timeout is None else time.monotonic() + timeout
        while limit is not None and self.poll() is None:
            if time.monotonic() > limit:
                raise subprocess.TimeoutExpired("fork", timeout or 0)
            time.sleep(0.01)
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def _become(
    program: Sequence[str] | Callable[[], int],
    cwd: str,
    env: Mapping[str, str],
    kept: Sequence[int],
    pipes: Sequence[tuple[int, int] | None],
) -> None:
    """Never returns: the fork takes its folder, variables and streams, runs and ends."""
    status = 70
    try:
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, pipe in enumerate(pipes, 1):
            if pipe is not None:
                os.dup2(pipe[1], number)
        for number in range(3, 256):
            if number not in kept:
                try:
                    os.close(number)
                except OSError:
                    continue
        status = program() if callable(program) else _run_script(program)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _run_script(words: Sequence[str]) -> int:
    """`python SCRIPT ARGUMENTS`; gitmig's own modules are loaded by the script, as it would."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "gitmig"]:
        del sys.modules[name]
    sys.argv = list(words[1:])
    sys.path.insert(0, os.path.dirname(words[1]))
    try:
        runpy.run_path(words[1], run_name="__main__")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def read_all(streams: Sequence[Any]) -> list[bytes]:
    """Both to their end; what gitmig says fits into a pipe, so one after the other will do."""
    found = []
    for stream in streams:
        with stream:
            found.append(stream.read())
    return found
