"""SHA-1 of bytes, for keys and object ids.  `import hashlib` loads OpenSSL, which costs a hook two git processes."""

from __future__ import annotations


def sha1(data: bytes) -> str:
    """Forty hexadecimal digits, the same on every machine."""
    try:
        from _sha1 import sha1 as made  # type: ignore[import-not-found]
    except ImportError:
        from hashlib import sha1 as made
    return str(made(data, usedforsecurity=False).hexdigest())
