"""A command at a pseudo-terminal: its controlling terminal, in the foreground, with a person who types."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def at_terminal(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], answers: Mapping[str, str], limit: float = 60
) -> tuple[int, str]:
    """(exit status, all that was shown); `answers` are typed when their question appears.  Fails after `limit` s."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execvpe(command[0], list(command), dict(environment))
    shown, todo, end = "", dict(answers), time.monotonic() + limit
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if ready:
            try:
                data = os.read(terminal, 4096)
            except OSError:  # Linux says EIO when the other side is closed
                data = b""
            if not data:
                break
            shown += data.decode("utf-8", "replace")
            for question in [one for one in todo if one in shown]:
                os.write(terminal, todo.pop(question).encode())
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise AssertionError(f"it did not end within {limit} s:\n{shown}")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


def in_background(command: Sequence[str]) -> list[str]:
    """The command as a job of an interactive shell that waits for it, so that its terminal belongs to the shell."""
    return [sys.executable, "-c", _BACKGROUND, *command]


_BACKGROUND = """
import os, signal, sys
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    _, status = os.waitpid(child, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        print("STOPPED")
        os.killpg(child, signal.SIGKILL)
        sys.exit(99)
    sys.exit(os.waitstatus_to_exitcode(status))
"""
