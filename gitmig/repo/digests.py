"""The id that Git gives to bytes."""

from __future__ import annotations

import sys

from gitmig.hashing import sha1

EMPTY_TREE = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


def hash_bytes(data: bytes, kind: str = "blob", object_format: str = "sha1") -> str:
    """Object id of these bytes as a blob (or tree, commit); `object_format` is "sha1" or "sha256"."""
    header = b"%s %d\0" % (kind.encode("ascii"), len(data))
    if object_format == "sha1" and "hashlib" not in sys.modules:  # loaded, it is faster
        return sha1(header + data)
    from hashlib import new

    digest = new(object_format, header, usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


def format_of(oid: str) -> str:
    """The object format whose ids have this length."""
    return "sha1" if len(oid) == 40 else "sha256"
