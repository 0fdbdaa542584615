"""Which Python has the project's packages, and how we know."""

from __future__ import annotations

import os
import shutil
import sys

from gitmig.errors import UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitmig.config import Config

BIN, NAME = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")


class Interpreter(Frozen):
    """The program, and where it was named or found."""

    path: str
    origin: str


def find_interpreter(config: Config, variables: Mapping[str, str], worktree: str | None) -> Interpreter:
    """`python` of the configuration (also GITMIG_PYTHON), the active or the worktree's environment, gitmig's own."""
    if config.python:
        return configured(config.python, config.origin("python"), worktree)
    candidates = [(variables.get("VIRTUAL_ENV", ""), "VIRTUAL_ENV")]
    if worktree is not None:
        candidates += [(os.path.join(worktree, name), f"{name} of the worktree") for name in (".venv", "venv")]
    for folder, origin in candidates:
        program = os.path.join(folder, BIN, NAME)
        if folder and os.access(program, os.X_OK):
            return Interpreter(program, origin)
    return Interpreter(sys.executable, "the one that runs gitmig")


def configured(python: str, origin: str, worktree: str | None) -> Interpreter:
    """A name is looked up on the PATH; a path is one from the top of the worktree, a folder is an environment."""
    found = shutil.which(python) if os.path.basename(python) == python else None
    path = found or os.path.join(worktree or os.getcwd(), os.path.expanduser(python))
    if os.path.isdir(path):
        path = os.path.join(path, BIN, NAME)
    if not os.access(path, os.X_OK):
        help = Help("name the Python that has the project's packages", ("export GITMIG_PYTHON=.venv/bin/python",))
        raise UsageError(f"python = {python!r} ({origin}) is no program that can be run", help=(help,))
    return Interpreter(path, origin)
