"""A tree of Git as files of a folder: no checkout, so no filter, no hook and no configuration has a say in it."""

from __future__ import annotations

import os

from gitmig.repo.store import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.repo.objects import Objects
    from gitmig.trees.entries import Entry

AT_ONCE = 500


def export(entries: Mapping[str, Entry], objects: Objects, folder: str) -> None:
    """Write the regular files and the links that stay inside; what is too large or unreadable is left out."""
    files = [(path, entry) for path, entry in sorted(entries.items()) if entry.is_file and is_inside(path)]
    for start in range(0, len(files), AT_ONCE):
        some = files[start : start + AT_ONCE]
        contents = objects.read([entry.oid for _, entry in some])
        for path, entry in some:
            content = contents[entry.oid]
            if not isinstance(content, Unreadable):
                write(os.path.join(folder, path), content)
    # Last, so that no file is written through one of them.
    links = [(path, entry) for path, entry in sorted(entries.items()) if entry.is_link and is_inside(path)]
    targets = objects.read([entry.oid for _, entry in links])
    for path, entry in links:
        content = targets[entry.oid]
        if not isinstance(content, Unreadable):
            link(folder, path, content.decode("utf-8", "surrogateescape"))


def is_inside(path: str) -> bool:
    """A tree that was made by hand may hold names that lead out of the folder."""
    parts = path.replace("\\", "/").split("/")
    return "" not in parts and ".." not in parts and ".git" not in parts and ":" not in parts[0]


def write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "xb") as file:
        file.write(content)


def link(folder: str, path: str, target: str) -> None:
    place = os.path.join(folder, path)
    if os.path.isabs(target) or not leads_inside(folder, os.path.join(os.path.dirname(place), target)):
        return
    os.makedirs(os.path.dirname(place), exist_ok=True)
    try:
        os.symlink(target, place)
    except OSError:
        return  # no links on this disk: what needs it fails when it is imported, and says so
    if not leads_inside(folder, place):
        os.unlink(place)


def leads_inside(folder: str, path: str) -> bool:
    real, top = os.path.realpath(path), os.path.realpath(folder)
    return real == top or real.startswith(top.rstrip(os.sep) + os.sep)
