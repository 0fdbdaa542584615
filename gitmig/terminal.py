"""What the terminal is: whether it shows colour, and how wide it is."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
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
    except OSError as error:
        # The stream still holds what it could not write and would fail again when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        if not isinstance(error, BrokenPipeError):
            raise


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


def ask(question: str, variables: Mapping[str, str], *, seconds: float = 60.0) -> str:
    """One line typed by a person, "" when nobody is there to be asked or nobody answers in time."""
    return ask_person(question, variables, seconds=seconds) or ""


def ask_person(question: str, variables: Mapping[str, str], *, seconds: float = 60.0) -> str | None:
    """What a person typed, "" for a bare Enter; None when nobody is there to be asked or nobody answers in time.

    A hook's standard input is /dev/null, so the terminal itself is asked.  Reading it from the background would stop
    the process for ever (SIGTTIN), so only the foreground asks.
    """
    terminal = _open_terminal(variables)
    if terminal is None:
        return None
    try:
        return _ask_at(terminal, question, seconds)
    except OSError:
        return None
    finally:
        os.close(terminal)


def is_attended(variables: Mapping[str, str]) -> bool:
    """Whether there is somebody who could be asked."""
    terminal = _open_terminal(variables)
    if terminal is None:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _open_terminal(variables: Mapping[str, str]) -> int | None:
    from gitmig.ci.detect import is_ci

    if is_ci(variables) or variables.get("TERM") == "dumb" or variables.get("GIT_TERMINAL_PROMPT") == "0":
        return None
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None


def _ask_at(terminal: int, question: str, seconds: float) -> str | None:
    from select import select

    if os.tcgetpgrp(terminal) != os.getpgrp():
        return None
    os.write(terminal, question.encode("utf-8", "replace"))
    ready, _, _ = select([terminal], [], [], seconds)
    if not ready:
        os.write(terminal, b"\nno answer; nothing was changed\n")
        return None
    return os.read(terminal, 1024).decode("utf-8", "replace").strip()
