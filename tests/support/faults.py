"""A disk that fails, or a process that dies, at the N-th call that writes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from gitmig.apply.beneath import Disk


class Counting(Disk):
    """Writes, and counts; `calls` are the names of the methods in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        method = super().__getattribute__(name)
        if name.startswith("_") or name in ("calls", "before", "at", "problem", "after") or not callable(method):
            return method

        def counted(*arguments: Any) -> Any:
            self.calls.append(name)
            self.before(name)
            return method(*arguments)

        return counted

    def before(self, name: str) -> None:
        """What happens instead of, or before, the call."""


class Failing(Counting):
    """Call number `at` (from 1) does not happen: OSError `problem`, and with `forever` every later one fails too."""

    def __init__(self, at: int, problem: int, *, forever: bool = False) -> None:
        super().__init__()
        self.at = at
        self.problem = problem
        self._forever = forever

    def before(self, name: str) -> None:
        number = len(self.calls)
        if number == self.at or (self._forever and number > self.at and name != "unlink"):
            raise OSError(self.problem, os.strerror(self.problem))


class Deadly(Counting):
    """The process is killed before call number `at`."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def before(self, name: str) -> None:
        if len(self.calls) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], object]) -> int:
    """Do it in a forked process: its exit status, or minus the signal that ended it."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException as error:  # the child must never return into pytest
            status = getattr(error, "status", 99)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
