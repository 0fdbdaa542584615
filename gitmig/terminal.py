"""What the terminal is: whether it shows colour, and how wide it is."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def wants_color(stream: TextIO, choice: str = "auto") -> bool:
    """`choice` is auto, always or never; NO_COLOR and a dumb terminal say no, FORCE_COLOR and --color=always yes."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("PRE_COMMIT_COLOR") == "always":
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def put(stream: TextIO, text: str = "") -> None:
    """Write and flush; when the reader went away (`gitmig check | head`) the rest is dropped and the status stands."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # The stream still holds what it could not write and would fail again when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def width_of(stream: TextIO) -> int:
    """Columns to write in; 0 means unlimited (a file or a pipe).  pre-commit's fake terminal is 0 by 0: then 80."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    if not stream.isatty():
        return 80 if os.environ.get("PRE_COMMIT") == "1" else 0
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
