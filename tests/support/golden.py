"""Compares a text with a file; `UPDATE_GOLDEN=1 pytest ...` writes the files anew, to be read in the diff."""

from __future__ import annotations

import os
from pathlib import Path

# Read when the module is imported: a fixture clears the environment before the first test.
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


def assert_golden(path: Path, text: str) -> None:
    """The text is what the file says, byte for byte."""
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    assert text == path.read_bytes().decode("utf-8")
