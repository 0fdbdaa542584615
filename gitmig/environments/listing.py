"""The paths of one tree, asked for files and folders."""

from __future__ import annotations

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Listing:
    """The leaf paths of a tree; folders are found by search, a set of all folders of 100,000 paths is slow to make."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = sorted(paths)

    def has_file(self, path: str) -> bool:
        """Whether the path is a leaf: a file, a symbolic link or a submodule."""
        place = bisect_left(self.paths, path)
        return place < len(self.paths) and self.paths[place] == path

    def has_folder(self, path: str) -> bool:
        """Whether anything lies beneath the path; the top level is always a folder."""
        if not path:
            return True
        prefix = f"{path}/"
        place = bisect_left(self.paths, prefix)
        return place < len(self.paths) and self.paths[place].startswith(prefix)

    def find_leaf_above(self, path: str) -> str:
        """The leaf that is the path itself or lies on the way to it (a submodule, a symbolic link), or ""."""
        while path:
            if self.has_file(path):
                return path
            path = path.rpartition("/")[0]
        return ""

    def folders_ending(self, suffix: str) -> Iterator[str]:
        """Every folder whose path ends with the given components."""
        inner = f"/{suffix}/"
        seen: set[str] = set()
        for path in self.paths:
            if inner in path or path.startswith(inner[1:]):
                folder = f"/{path}"[: f"/{path}".index(inner) + len(inner) - 1].lstrip("/")
                if folder not in seen:
                    seen.add(folder)
                    yield folder


def normalise(path: str) -> str | None:
    """The path without `.`, `..` and doubled slashes; None where it leaves the tree."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def join(folder: str, path: str) -> str:
    """`folder/path`, where either may be empty."""
    return f"{folder}/{path}" if folder and path else folder or path


def parent(path: str) -> str:
    """The folder that holds the path, "" for the top level."""
    return path.rpartition("/")[0]


def ancestors(folder: str) -> Iterator[str]:
    """The folder, its parent, and so on to the top level ""."""
    while folder:
        yield folder
        folder = parent(folder)
    yield ""
