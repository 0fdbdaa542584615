"""What was parsed before, kept under the Git directory; lost, damaged or read-only it only costs time.

Two shelves: facts of a blob, in SQLite, and documents about whole trees, one JSON file each, so that the usual hook
opens no database.  Nothing executable is stored.  A verdict that protects a branch does not read it (`Cache.none()`).
"""

from __future__ import annotations

import json
import os
import sys

from gitmig import __version__
from gitmig.hashing import sha1

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping
    from typing import Any

# Raised whenever an extractor answers differently for the same bytes.
EXTRACTORS = {
    "header": 1,
    "whole": 1,
    "fingerprint": 3,
    "script": 24,
    "script-with": 24,
    "model": 12,
    "candidate": 12,
    "env": 6,
    "graph": 3,
    "table": 1,
    "latest": 1,
    "environments": 3,
    "bases": 1,
    "changes": 1,
}
# What reading a document of another shape raises; a lost or damaged cache is never an error.
DAMAGED = (KeyError, TypeError, ValueError, IndexError, AttributeError)
DOCUMENTS_KEPT = 64
FEW = 8
RECENT_KEPT = 64
FACTS_LIMIT = 256 * 1024 * 1024


def version_of(kind: str) -> str:
    """Facts made by another extractor, gitmig or Python never answer."""
    return f"{kind}{EXTRACTORS.get(kind, 1)}-{__version__}-{sys.version_info[0]}.{sys.version_info[1]}"


def digest(*parts: str) -> str:
    """A key for texts, the same on every machine."""
    return sha1("\0".join(parts).encode("utf-8", "surrogateescape"))


def sum_of(content: bytes) -> bytes:
    """Eight digits that tell a whole text from a damaged one."""
    from zlib import crc32

    return b"%08x" % crc32(content)


class Cache:
    """Facts by kind and blob, documents by kind and key; `folder` None keeps nothing beyond this process."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self._facts: dict[tuple[str, str], Any] = {}
        self._database: sqlite3.Connection | None = None
        self._broken = folder is None
        self._recent: dict[str, Any] | None = None
        self._recent_is_new = False

    @classmethod
    def none(cls) -> Cache:
        """A cache that neither believes nor leaves anything on disk."""
        return cls(None)

    def facts(self, kind: str, oids: Iterable[str]) -> dict[str, Any]:
        """Facts that are known already, by blob."""
        known: dict[str, Any] = {}
        missing = []
        for oid in oids:
            if (kind, oid) in self._facts:
                known[oid] = self._facts[kind, oid]
            else:
                missing.append(oid)
        if 0 < len(missing) <= FEW:
            recent = self._recent_facts()
            version = version_of(kind)
            known |= {oid: recent[f"{version}:{oid}"] for oid in missing if f"{version}:{oid}" in recent}
            return known  # to parse a few files again costs less than to open the database
        for oid, payload in self._select(version_of(kind), missing):
            known[oid] = self._facts[kind, oid] = payload
        return known

    def add_facts(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Remember facts, on disk if that works."""
        self._facts.update({(kind, oid): payload for oid, payload in facts.items()})
        if len(facts) <= FEW:
            version = version_of(kind)
            recent = self._recent_facts() | {f"{version}:{oid}": payload for oid, payload in facts.items()}
            self._recent = dict(list(recent.items())[-RECENT_KEPT:])
            self._recent_is_new = bool(facts) or self._recent_is_new
            return
        database = self._open()
        if database is None:
            return
        rows = [(f"{version_of(kind)}:{oid}", json.dumps(payload)) for oid, payload in facts.items()]
        try:
            with database:
                database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)
        except self._errors():
            self._give_up()

    def forget(self, kind: str, oids: Iterable[str]) -> None:
        """Let go of facts in memory; those on disk stay."""
        for oid in oids:
            self._facts.pop((kind, oid), None)

    def document(self, kind: str, key: str) -> Any:
        """A stored document, or None."""
        if self.folder is None:
            return None
        try:
            with open(self._path(kind, key), "rb") as file:
                return json.loads(file.read())
        except (OSError, ValueError, RecursionError):
            return None

    def add_document(self, kind: str, key: str, document: Any) -> None:
        """Store a document whole or not at all."""
        if self.folder is not None:
            self._write(kind, key, json.dumps(document, separators=(",", ":")).encode("ascii"))

    def text(self, kind: str, key: str) -> str | None:
        """A stored text, or None; its sum is looked at, because a search would not notice a piece that is gone."""
        if self.folder is None:
            return None
        try:
            with open(self._path(kind, key), "rb") as file:
                stored_sum, _line_end, content = file.read().partition(b"\n")
            return content.decode("ascii") if stored_sum == sum_of(content) else None
        except (OSError, ValueError):
            return None

    def add_text(self, kind: str, key: str, text: str) -> None:
        """Store a text of ASCII characters whole or not at all."""
        if self.folder is not None:
            content = text.encode("ascii")
            self._write(kind, key, sum_of(content) + b"\n" + content)

    def _write(self, kind: str, key: str, content: bytes) -> None:
        path = self._path(kind, key)
        temporary = f"{path}.{os.getpid()}.tmp"
        try:
            os.makedirs(self.folder or "", mode=0o700, exist_ok=True)
            with open(temporary, "xb") as file:
                file.write(content)
            os.replace(temporary, path)
            self._prune(kind)
        except OSError:
            if os.path.exists(temporary):
                os.unlink(temporary)

    def _recent_facts(self) -> dict[str, Any]:
        if self._recent is None:
            stored = self.document("recent", "facts")
            self._recent = stored if isinstance(stored, dict) else {}
        return self._recent

    def close(self) -> None:
        if self._recent_is_new:
            self.add_document("recent", "facts", self._recent)
            self._recent_is_new = False
        if self._database is not None:
            self._database.close()
            self._database = None

    def _path(self, kind: str, key: str) -> str:
        return os.path.join(self.folder or "", f"{version_of(kind)}-{key}.json")

    def _prune(self, kind: str) -> None:
        """Keep the newest documents of a kind."""
        mine = [
            entry
            for entry in os.scandir(self.folder or ".")
            if entry.name.startswith(kind) and entry.name.endswith(".json")
        ]
        if len(mine) > DOCUMENTS_KEPT:
            for entry in sorted(mine, key=lambda entry: entry.stat().st_mtime)[: len(mine) - DOCUMENTS_KEPT // 2]:
                os.unlink(entry.path)

    def _select(self, version: str, oids: list[str]) -> Iterable[tuple[str, Any]]:
        database = self._open() if oids else None
        if database is None:
            return
        cut = len(version) + 1
        for start in range(0, len(oids), 500):
            keys = [f"{version}:{oid}" for oid in oids[start : start + 500]]
            try:
                rows = database.execute(
                    f"SELECT key, payload FROM facts WHERE key IN ({','.join('?' * len(keys))})",  # noqa: S608
                    keys,
                ).fetchall()
                yield from [(key[cut:], json.loads(payload)) for key, payload in rows]
            except self._errors():
                self._give_up()
                return

    def _open(self) -> sqlite3.Connection | None:
        if self._database is not None or self._broken or self.folder is None:
            return self._database
        import sqlite3

        path = os.path.join(self.folder, "facts.sqlite")
        for attempt in (1, 2):
            try:
                os.makedirs(self.folder, mode=0o700, exist_ok=True)
                if attempt == 2 or (os.path.exists(path) and os.path.getsize(path) > FACTS_LIMIT):
                    os.unlink(path)
                database = sqlite3.connect(path, timeout=0.2)
                database.execute("PRAGMA synchronous=OFF")
                database.execute("CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, payload TEXT) WITHOUT ROWID")
                self._database = database
                return database
            except sqlite3.OperationalError:
                break  # locked or read-only: somebody else's moment, not damage
            except sqlite3.DatabaseError:
                continue
            except OSError:
                break
        self._broken = True
        return None

    @staticmethod
    def _errors() -> tuple[type[Exception], ...]:
        import sqlite3

        return (sqlite3.Error, OSError, ValueError, TypeError)

    def _give_up(self) -> None:
        self._broken = True
        self.close()
