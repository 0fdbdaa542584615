"""A disk that fails, or a process that dies, at the N-th call that writes."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random
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


class PowerCut(Disk):
    """At call number `at` the power fails: of what was done to names and not synced, some is lost.

    Each folder loses a random number of its last changes, on its own; a file whose bytes were not synced is empty.
    What git did counts as durable, because it is told to sync.
    """

    def __init__(self, at: int, chance: Random) -> None:
        self.at = at
        self.made = 0
        self._chance = chance
        self._undo: list[tuple[tuple[int, int], Callable[[], None]]] = []

    def _next(self) -> None:
        self.made += 1
        if self.made == self.at:
            self._lose()
            os.kill(os.getpid(), signal.SIGKILL)

    def _lose(self) -> None:
        kept = {key: self._chance.randint(0, count) for key, count in Counter(key for key, _ in self._undo).items()}
        lost = []
        for key, back in self._undo:
            if kept[key] > 0:
                kept[key] -= 1
            else:
                lost.append(back)
        for back in reversed(lost):
            with suppress(FileNotFoundError):
                back()

    def _remember(self, descriptor: int, back: Callable[[], None]) -> None:
        self._undo.append((_key(descriptor), back))

    def create(self, folder: int, name: bytes, permissions: int) -> int:
        self._next()
        descriptor = super().create(folder, name, permissions)
        kept = os.dup(folder)
        self._remember(folder, lambda: os.unlink(name, dir_fd=kept))
        return descriptor

    def write(self, file: int, data: bytes | memoryview) -> int:
        self._next()
        kept = os.dup(file)
        self._remember(file, lambda: os.ftruncate(kept, 0))
        return super().write(file, data)

    def set_permissions(self, file: int, permissions: int) -> None:
        self._next()
        super().set_permissions(file, permissions)

    def sync(self, file: int) -> None:
        self._next()
        super().sync(file)
        self._undo = [(key, back) for key, back in self._undo if key != _key(file)]

    def link(self, folder: int, name: bytes, to_folder: int, to_name: bytes) -> None:
        self._next()
        super().link(folder, name, to_folder, to_name)
        kept = os.dup(to_folder)
        self._remember(to_folder, lambda: os.unlink(to_name, dir_fd=kept))

    def rename(self, folder: int, name: bytes, to_folder: int, to_name: bytes) -> None:
        self._next()
        assert _key(folder) == _key(to_folder), "only a rename within a folder is one change"
        moved, covered = _image(folder, name), _image(folder, to_name)
        super().rename(folder, name, to_folder, to_name)
        kept = os.dup(folder)

        def back() -> None:
            _put(kept, name, moved)
            _put(kept, to_name, covered)

        self._remember(folder, back)

    def unlink(self, folder: int, name: bytes) -> None:
        self._next()
        image = _image(folder, name)
        super().unlink(folder, name)
        kept = os.dup(folder)
        self._remember(folder, lambda: _put(kept, name, image))

    def make_folder(self, folder: int, name: bytes) -> None:
        self._next()
        super().make_folder(folder, name)
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(name))
        self._remember(folder, lambda: shutil.rmtree(path))

    def remove_folder(self, folder: int, name: bytes) -> None:
        self._next()
        super().remove_folder(folder, name)
        kept = os.dup(folder)
        self._remember(folder, lambda: os.mkdir(name, dir_fd=kept))


def _key(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _image(folder: int, name: bytes) -> tuple[bytes, int] | None:
    try:
        descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        return file.read(), os.fstat(descriptor).st_mode & 0o7777


def _put(folder: int, name: bytes, image: tuple[bytes, int] | None) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    if image is None:
        return
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, dir_fd=folder)
    with open(descriptor, "wb") as file:
        file.write(image[0])
        os.fchmod(descriptor, image[1])


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
