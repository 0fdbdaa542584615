"""Files as they lie on disk: only regular files are opened, no link is followed, no FIFO can hold us up."""

from __future__ import annotations

import os
from stat import S_ISDIR, S_ISLNK, S_ISREG

from gitmig.frozen import Frozen
from gitmig.repo.store import Unreadable
from gitmig.trees.entries import EXECUTABLE, LINK, REGULAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER = "other"  # FIFO, socket, device: nothing that Git could store
_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class WorktreeFile(Frozen):
    """Mode as Git would store it, or "other"; the bytes, which of a link are its target.

    The bytes are those on disk: line endings and filters may make the blob differ.
    """

    mode: str
    content: bytes | Unreadable


class Worktree:
    """The files beneath the top level `top`; `limit` is the largest file in bytes."""

    def __init__(self, top: str, *, limit: int) -> None:
        self.top = os.fsencode(top)
        self.limit = limit
        self._parents: dict[bytes, bool] = {b"": True}

    def read(self, paths: Iterable[str]) -> dict[str, WorktreeFile]:
        """The files at these paths; a path that does not exist, is a folder or lies beyond a link is left out."""
        found = {path: self._read(_raw(path)) for path in paths}
        return {path: file for path, file in found.items() if file is not None}

    def listing(self, folders: Iterable[str]) -> dict[str, str]:
        """Modes of everything beneath these folders, tracked or not, as Git would see it; `.git` is not entered."""
        found: dict[str, str] = {}
        ahead = [_raw(folder) for folder in folders]
        while ahead:
            folder = ahead.pop()
            if not _stays_inside(folder) or not self._is_plain(folder):
                continue
            for entry in _scan(os.path.join(self.top, folder)):
                path = folder + b"/" + entry.name if folder else entry.name
                if entry.name == b".git":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    ahead.append(path)
                    continue
                status = _status(entry.path)
                if status is not None:
                    found[path.decode("utf-8", "surrogateescape")] = _mode(status.st_mode)
        return found

    def _read(self, path: bytes) -> WorktreeFile | None:
        if not _stays_inside(path) or not self._is_plain(path.rpartition(b"/")[0]):
            return None
        full = os.path.join(self.top, path)
        status = _status(full)
        if status is None or S_ISDIR(status.st_mode):
            return None
        mode = _mode(status.st_mode)
        if mode == OTHER:
            return WorktreeFile(mode, Unreadable("", "not a file"))
        try:
            return WorktreeFile(mode, os.readlink(full) if mode == LINK else self._bytes(full))
        except OSError as error:
            return WorktreeFile(mode, Unreadable("", (error.strerror or "unreadable").lower()))

    def _bytes(self, path: bytes) -> bytes | Unreadable:
        descriptor = os.open(path, _OPEN)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not S_ISREG(status.st_mode):  # exchanged since we looked
                return Unreadable("", "not a file")
            content = file.read(self.limit + 1)
        return Unreadable("", "oversize", max(status.st_size, len(content))) if len(content) > self.limit else content

    def _is_plain(self, folder: bytes) -> bool:
        """A real folder, reached through real folders: Git sees nothing beyond a link."""
        known = self._parents.get(folder)
        if known is None:
            status = _status(os.path.join(self.top, folder))
            known = status is not None and S_ISDIR(status.st_mode) and self._is_plain(folder.rpartition(b"/")[0])
            self._parents[folder] = known
        return known


def _raw(path: str) -> bytes:
    return path.strip("/").encode("utf-8", "surrogateescape")


def _stays_inside(path: bytes) -> bool:
    """No tree has such parts in a path; somebody's configuration may."""
    return not any(part in (b"..", b".", b".git") for part in path.split(b"/"))


def _status(path: bytes) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None


def _scan(folder: bytes) -> list[os.DirEntry[bytes]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _mode(mode: int) -> str:
    if S_ISLNK(mode):
        return LINK
    if not S_ISREG(mode):
        return OTHER
    return EXECUTABLE if mode & 0o100 else REGULAR
