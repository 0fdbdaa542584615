"""Databases in which old revisions were applied before, kept so that only new revisions have to run.

A key is made of all that could change what those revisions build: their texts, the modules of the project that they
import, env.py, the database, the versions of Python, SQLAlchemy and Alembic.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from hashlib import sha256

from gitmig.errors import EnvironmentProblem
from gitmig.source.modules import Modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gitmig.db.scratch import Scratch

KEPT = 4
VERSION = 1
_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t(]+([^#)]*)|import[ \t]+([\w., \t]+))", re.MULTILINE
)


class Shelf:
    """Where one snapshot lies, or will: `folder` is the cache, `key` says what it is a snapshot of."""

    def __init__(self, folder: str, key: str) -> None:
        self.folder = folder
        self.key = key

    @property
    def path(self) -> str:
        return os.path.join(self.folder, f"{self.key}.db")

    @property
    def template(self) -> str:
        return f"gitmig_{self.key[:40]}"

    def take(self, scratch: Scratch) -> str:
        """A scratch database that starts from the snapshot; "" where there is none."""
        if scratch.postgresql:
            there = scratch.sql(f"SELECT 'there' FROM pg_database WHERE datname = '{self.template}'")  # noqa: S608
            return scratch.new_database("scratch", self.template) if "there" in there else ""
        place = scratch.new_database("scratch")
        try:
            shutil.copyfile(self.path, place)
        except OSError:
            return ""
        with suppress(OSError):
            os.utime(self.path)
        return place

    def keep(self, scratch: Scratch, place: str) -> None:
        """What lies in the scratch database now; a cache that cannot be written is none."""
        if scratch.postgresql:
            with suppress(EnvironmentProblem):
                scratch.sql(f'CREATE DATABASE "{self.template}" TEMPLATE "{place}"')
            return
        unfinished = f"{self.path}.{os.getpid()}"
        try:
            os.makedirs(self.folder, exist_ok=True)
            shutil.copyfile(place, unfinished)
            os.replace(unfinished, self.path)
            self.prune()
        except OSError:
            with suppress(OSError):
                os.unlink(unfinished)

    def prune(self) -> None:
        """The newest stay, with what a killed process has left only for a moment."""
        found = [os.path.join(self.folder, name) for name in os.listdir(self.folder)]
        files = sorted((path for path in found if os.path.isfile(path)), key=os.path.getmtime, reverse=True)
        for path in files[KEPT:]:
            with suppress(OSError):
                os.unlink(path)


def key_of(texts: Iterable[bytes], around: Iterable[str]) -> str:
    """`texts` are files in a stable order, `around` what else matters."""
    digest = sha256(repr((VERSION, tuple(around))).encode())
    for text in texts:
        digest.update(len(text).to_bytes(8, "big") + text)
    return digest.hexdigest()


def imported_files(
    texts: Mapping[str, bytes], paths: Iterable[str], read: Callable[[list[str]], Mapping[str, bytes]]
) -> dict[str, bytes]:
    """Modules of the project that these files import, and those that they import in turn."""
    modules = Modules(paths)
    found: dict[str, bytes] = {}
    ahead = dict(texts)
    while ahead:
        named = {
            target
            for path, text in ahead.items()
            for name in imported_names(text)
            if (target := modules.resolve(name.lstrip("."), len(name) - len(name.lstrip(".")), path)) is not None
        }
        wanted = sorted(name for name in named if name.endswith(".py") and name not in found and name not in texts)
        ahead = dict(read(wanted))
        found.update(ahead)
    return found


def imported_names(text: bytes) -> Iterator[str]:
    """Dotted names that may be modules, wherever in the file they are imported."""
    for match in _IMPORT.finditer(text):
        module, names, plain = (part.decode("ascii", "replace") if part else "" for part in match.groups())
        if module:
            yield module
            yield from (
                f"{module.rstrip('.')}.{name}" for name in names.replace(",", " ").split() if name.isidentifier()
            )
        yield from plain.replace(",", " ").split()
