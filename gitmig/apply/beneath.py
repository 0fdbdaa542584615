"""Files beneath one folder, reached component by component so that no symbolic link is ever followed.

A folder is opened once and held: whoever exchanges it for a link afterwards does not move our writes (a check of the
path and an `open` of the same path would leave that gap).
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from stat import S_IMODE, S_ISREG

from gitmig.errors import EnvironmentProblem, Refused
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

_OPEN_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_OPEN_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # what file systems without hard links say


class Disk:
    """Every call that writes, one method each, so that a test can fail or die at the N-th."""

    def create(self, folder: int, name: bytes, permissions: int) -> int:
        return os.open(name, _CREATE, permissions, dir_fd=folder)

    def write(self, file: int, data: bytes | memoryview) -> int:
        return os.write(file, data)

    def set_permissions(self, file: int, permissions: int) -> None:
        os.fchmod(file, permissions)

    def sync(self, file: int) -> None:
        os.fsync(file)

    def link(self, folder: int, name: bytes, to_folder: int, to_name: bytes) -> None:
        os.link(name, to_name, src_dir_fd=folder, dst_dir_fd=to_folder, follow_symlinks=False)

    def rename(self, folder: int, name: bytes, to_folder: int, to_name: bytes) -> None:
        os.rename(name, to_name, src_dir_fd=folder, dst_dir_fd=to_folder)

    def unlink(self, folder: int, name: bytes) -> None:
        os.unlink(name, dir_fd=folder)

    def make_folder(self, folder: int, name: bytes) -> None:
        os.mkdir(name, dir_fd=folder)

    def remove_folder(self, folder: int, name: bytes) -> None:
        os.rmdir(name, dir_fd=folder)


class Found(Frozen):
    """A regular file: its bytes, its permission bits, and what tells it from another file or a later state of it."""

    content: bytes
    permissions: int
    stamp: tuple[int, int, int, int]  # device, inode, size, time of change in ns


class Beneath:
    """Reads and writes files beneath `top`; paths are `/`-separated and relative to it.

    `worktree` refuses what belongs to Git: `.git` in a path, a folder that is a repository of its own.
    """

    def __init__(self, top: str, disk: Disk, *, worktree: bool = False) -> None:
        if os.open not in os.supports_dir_fd or not hasattr(os, "O_NOFOLLOW"):
            raise EnvironmentProblem("this system cannot write files safely: it has no openat and O_NOFOLLOW")
        self.top = top
        self.disk = disk
        self.worktree = worktree
        self._open: dict[str, int] = {"": os.open(top, _OPEN_FOLDER & ~os.O_NOFOLLOW)}
        self._unsynced: set[str] = set()

    def __enter__(self) -> Beneath:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    # Looking

    def folder(self, path: str) -> int | None:
        """The open folder, None where there is none; Refused behind a link or inside another repository."""
        known = self._open.get(path)
        if known is not None:
            return known
        above, _, name = path.rpartition("/")
        parent = self.folder(above)
        if parent is None:
            return None
        require_plain_name(name, path)
        try:
            descriptor = os.open(_raw(name), _OPEN_FOLDER, dir_fd=parent)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise Refused(f"{path} is a link or a file, not a folder", note=_LINKS) from None
            raise
        self._open[path] = descriptor
        if self.worktree and _exists(descriptor, b".git"):
            raise Refused(f"{path} is a repository of its own", help=(Help("run gitmig inside it"),))
        return descriptor

    def read(self, path: str) -> Found | None:
        """The regular file at the path, None where nothing is; Refused for anything else."""
        folder, name = self._place(path)
        if folder is None:
            return None
        try:
            descriptor = os.open(name, _OPEN_FILE, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):
                raise Refused(f"{path} is a link or no regular file", note=_LINKS) from None
            raise
        status = os.fstat(descriptor)
        if not S_ISREG(status.st_mode):
            os.close(descriptor)
            raise Refused(f"{path} is no regular file")
        with open(descriptor, "rb") as file:
            return Found(file.read(), S_IMODE(status.st_mode), _stamp(status))

    def stamp(self, path: str) -> tuple[int, int, int, int] | None:
        """What tells the file at the path from another one, None where nothing is."""
        folder, name = self._place(path)
        if folder is None:
            return None
        try:
            return _stamp(os.stat(name, dir_fd=folder, follow_symlinks=False))
        except FileNotFoundError:
            return None

    def names(self, path: str) -> list[str]:
        """What lies in a folder, sorted."""
        folder = self.folder(path)
        return [] if folder is None else sorted(_text(os.fsencode(name)) for name in os.listdir(folder))

    # Changing.  Each of these marks the folder; `sync_folders` makes what was done to names durable.

    def create(self, path: str, content: bytes, permissions: int | None = None) -> None:
        """A new file with these bytes, durable; FileExistsError where something is."""
        folder, name = self._changing(path)
        descriptor = self.disk.create(folder, name, 0o666 if permissions is None else permissions)
        try:
            view = memoryview(content)
            while view:
                view = view[self.disk.write(descriptor, view) :]
            if permissions is not None:  # umask took some away
                self.disk.set_permissions(descriptor, permissions)
            self.disk.sync(descriptor)
        except OSError:
            self._take_away(folder, name)  # O_EXCL: it is ours
            raise
        finally:
            os.close(descriptor)

    def link(self, path: str, to: str) -> bool:
        """A second name for the file; False where the file system knows no such thing, FileExistsError if taken."""
        folder, name = self._changing(path)
        to_folder, to_name = self._changing(to)
        try:
            self.disk.link(folder, name, to_folder, to_name)
        except OSError as error:
            if error.errno in NO_LINKS:
                return False
            raise
        return True

    def rename(self, path: str, to: str) -> None:
        """The file under another name, over what is there."""
        folder, name = self._changing(path)
        to_folder, to_name = self._changing(to)
        self.disk.rename(folder, name, to_folder, to_name)

    def remove(self, path: str) -> None:
        """No file at the path; that there is none already is fine."""
        folder, name = self._place(path)
        if folder is None or not _exists(folder, name):
            return
        self._unsynced.add(path.rpartition("/")[0])
        self.disk.unlink(folder, name)

    def replace(self, path: str, content: bytes) -> None:
        """The file with these bytes, at once and durable; on the way it is called `.gitmig-<random>.tmp`."""
        above = path.rpartition("/")[0]
        temporary = f"{above}/{temporary_name()}" if above else temporary_name()
        try:
            self.create(temporary, content)
            self.rename(temporary, path)
        except BaseException:
            self.remove(temporary)
            raise
        self.sync_folders()

    def missing_folders(self, path: str) -> list[str]:
        """The folders above the path that are not there yet, outermost first."""
        parts = path.split("/")[:-1]
        above = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        return [folder for folder in above if self.folder(folder) is None]

    def make_folder(self, path: str) -> None:
        """A folder; that it is there already is fine."""
        parent, name = self._changing(path)
        try:
            self.disk.make_folder(parent, name)
        except FileExistsError:
            return

    def remove_folder(self, path: str) -> None:
        """No folder at the path if it is empty; otherwise it stays."""
        parent, name = self._place(path)
        if parent is None or not _exists(parent, name):
            return
        held = self._open.pop(path, None)
        if held is not None:
            os.close(held)
        self._unsynced.discard(path)
        try:
            self.disk.remove_folder(parent, name)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
            return
        self._unsynced.add(path.rpartition("/")[0])

    def sync_file(self, path: str) -> None:
        """What is in the file survives a power cut."""
        folder, name = self._place(path)
        if folder is None:
            return
        descriptor = os.open(name, _OPEN_FILE, dir_fd=folder)
        try:
            self.disk.sync(descriptor)
        finally:
            os.close(descriptor)

    def sync_folders(self) -> None:
        """What was done to names so far survives a power cut."""
        while self._unsynced:
            path = min(self._unsynced)
            folder = self._open.get(path)
            if folder is not None:
                self.disk.sync(folder)
            self._unsynced.discard(path)

    def _take_away(self, folder: int, name: bytes) -> None:
        with suppress(OSError):
            self.disk.unlink(folder, name)

    def _place(self, path: str) -> tuple[int | None, bytes]:
        above, _, name = path.rpartition("/")
        require_plain_name(name, path)
        return self.folder(above), _raw(name)

    def _changing(self, path: str) -> tuple[int, bytes]:
        folder, name = self._place(path)
        above = path.rpartition("/")[0]
        if folder is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), above)
        self._unsynced.add(above)
        return folder, name


_LINKS = "gitmig writes through no symbolic link: it may lead out of the repository"


def temporary_name() -> str:
    """A name that nobody guesses; every temporary file of gitmig is called so."""
    return f".gitmig-{os.urandom(12).hex()}.tmp"


def is_temporary(name: str) -> bool:
    return name.startswith(".gitmig-") and name.endswith(".tmp")


def require_allowed(paths: Iterable[str], allowed: Iterable[str]) -> None:
    """Refused unless every path is one of the allowed paths, or beneath one that is a folder."""
    places = [place.strip("/") for place in allowed]
    for path in paths:
        for part in path.split("/"):
            require_plain_name(part, path)
            if _belongs_to_git(part):
                raise Refused(f"{path} lies inside what belongs to Git")
        if not any(path == place or path.startswith(f"{place}/") for place in places):
            raise Refused(
                f"{path} lies outside the versions folders",
                note=f"a plan writes only beneath {', '.join(places) or 'nothing'}",
            )


def require_plain_name(name: str, path: str) -> None:
    if name in ("", ".", "..") or "\0" in name or "/" in name:
        raise Refused(f"{path!r} is no path inside the repository")


def _belongs_to_git(part: str) -> bool:
    """`.git` and the spellings that macOS and Windows take for it."""
    folded = "".join(character for character in part if character not in _IGNORED_ON_MACOS).rstrip(" .").lower()
    return folded in (".git", "git~1") or folded.startswith(".git:")


_IGNORED_ON_MACOS = frozenset(
    "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u206a\u206b\u206c\u206d\u206e\u206f\ufeff"
)


def explain_os_error(error: OSError, doing: str) -> EnvironmentProblem:
    """One clear message for a disk that is full, broken, read-only or not ours."""
    where = error.filename if isinstance(error.filename, str) else ""
    if isinstance(error.filename, bytes):
        where = _text(error.filename)
    what = (error.strerror or str(error)).lower()
    helps = {
        errno.ENOSPC: Help("make room on the disk and run the command again", ("df -h .",)),
        errno.EDQUOT: Help("make room in your quota and run the command again"),
        errno.EACCES: Help("look at the permissions", (f"ls -ld -- {shell_word(where or '.')}",)),
        errno.EROFS: Help("make the file system writable"),
    }
    advice = helps.get(error.errno or 0)
    at = f" ({where})" if where else ""
    return EnvironmentProblem(
        f"cannot {doing}: {what}{at}", note="nothing was changed", help=(advice,) if advice else ()
    )


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _exists(folder: int, name: bytes) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
