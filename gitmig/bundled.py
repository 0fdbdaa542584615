"""What an installed gitmig carries beside its code: the plain Git hooks and the example project."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = "https://github.com/gitmig/gitmig"

_PACKAGE = Path(__file__).parent
_FOLDERS = {"hooks": "hooks", "bookshop": "examples/bookshop"}


def find_bundled(name: str) -> Path:
    """The folder `hooks` or `bookshop`: inside the package of a wheel, at the top level of a source checkout."""
    inside = _PACKAGE / "share" / name
    return inside if inside.is_dir() else _PACKAGE.parent / _FOLDERS[name]
