"""One gitmig at a time in a repository and all its worktrees: `flock`, and a lock file where that means nothing."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager

from gitmig.apply.beneath import Beneath, Disk, explain_os_error
from gitmig.errors import EnvironmentProblem
from gitmig.findings import Help
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = "gitmig"
PATIENCE = 5.0  # seconds that another program gets to finish
_LOCK, _GUARD = "gitmig/lock", "gitmig/lock.held"
OURS, HELD, UNKNOWN = "ours", "held", "unknown"


@contextmanager
def hold(common_dir: str, disk: Disk, *, patience: float = PATIENCE) -> Iterator[Beneath]:
    """The lock of a repository and what lies beneath its Git directory; EnvironmentProblem when others keep it.

    On network file systems `flock` may hold nobody back, so a file made with O_EXCL stands beside it.  The file of a
    process that died is taken over when the dead process ran on this machine: there `flock` proves that it is gone.
    """
    try:
        git = Beneath(common_dir, disk)
    except OSError as error:
        raise explain_os_error(error, "open the Git directory") from None
    with git:
        try:
            git.make_folder(FOLDER)
            descriptor = os.open(
                os.path.join(common_dir, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666
            )
        except OSError as error:
            raise explain_os_error(error, "take gitmig's lock") from None
        try:
            wait_until(lambda: _flock(descriptor) != HELD, patience, "another gitmig is at work in this repository")
            try:
                _take_guard(git, patience, proven=_flock(descriptor) == OURS)
            except OSError as error:
                raise explain_os_error(error, "take gitmig's lock") from None
            try:
                yield git
            finally:
                _drop_guard(git)
        finally:
            os.close(descriptor)  # gives the lock back


def is_held(common_dir: str) -> bool:
    """Whether a gitmig of this machine is at work in the repository right now."""
    try:
        descriptor = os.open(os.path.join(common_dir, _LOCK), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return _flock(descriptor) == HELD
    finally:
        os.close(descriptor)


def wait_until(done: Callable[[], bool], patience: float, problem: str, help: tuple[Help, ...] = ()) -> None:
    """Ask again, at first after 0.1 s, until it is done; EnvironmentProblem after `patience` seconds."""
    until = time.monotonic() + patience
    pause = 0.1
    while not done():
        left = until - time.monotonic()
        if left <= 0:
            raise EnvironmentProblem(
                problem,
                note=f"nothing was changed; gitmig waited {patience:g} seconds",
                help=help or (Help("run the command again when it has finished"),),
            )
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, 1.0)


def _flock(descriptor: int) -> str:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return HELD
    except OSError:  # a file system without locks: the guard decides alone
        return UNKNOWN
    return OURS


def _take_guard(git: Beneath, patience: float, *, proven: bool) -> None:
    """`proven`: the flock is ours, so that whoever made a guard on this machine is dead."""
    mine = _this_machine()

    def try_once() -> bool:
        try:
            git.create(_GUARD, f"{os.getpid()} {mine}\n".encode())
        except FileExistsError:
            there = git.read(_GUARD)
            if there is not None and _is_left_behind(there.content, mine, proven):
                git.remove(_GUARD)
            return False
        return True

    path = os.path.join(git.top, _GUARD)
    for _again in range(2):  # the second time after a dead process was cleared away
        if try_once():
            return
    wait_until(
        try_once,
        patience,
        f"another machine holds gitmig's lock: {path}",
        (Help("if no gitmig runs there any more", (f"rm -- {shell_word(path)}",)),),
    )


def _drop_guard(git: Beneath) -> None:
    try:
        git.remove(_GUARD)
    except OSError:
        return  # it names this machine, so the next gitmig here takes it over


def _this_machine() -> str:
    """Kernel and host: the same kernel for containers that share it, the same host after a restart."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
    except OSError:
        boot = "-"
    return f"{boot} {os.uname().nodename}"


def _is_left_behind(content: bytes, mine: str, proven: bool) -> bool:
    """Whether the guard's process is known to be dead."""
    words = content.decode("utf-8", "replace").split()
    if len(words) < 3:  # its process died between making and writing it
        return proven
    boot, host = mine.split(" ", 1)
    same_kernel = words[1] == boot and boot != "-"
    if proven:
        return same_kernel or words[2] == host
    return same_kernel and words[2] == host and not _is_alive(words[0])


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except OSError:
        return True
    return True
