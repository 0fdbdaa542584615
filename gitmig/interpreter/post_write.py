"""Post-write hooks of a project, run on a new revision before it is put in its place.

They are commands of the repository, so they run only where a developer asks for a file: where `alembic revision` would
run them too.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile

from gitmig.environments.post_write import commands_for
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.interpreter.python import Interpreter


class Formatted(Frozen):
    """The text after the hooks, the commands that ran, and what went wrong, each in one line."""

    content: bytes
    ran: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def run_post_write(
    content: bytes, path: str, *, config: str, settings: bytes, top: str, interpreter: Interpreter, time_limit: float
) -> Formatted:
    """The new file `path` after the hooks that `config` names, whose text is `settings`; `top` is the worktree.

    They see a copy in a hidden folder beside the versions folder, where a formatter finds the project's settings: what
    fails there leaves nothing half done.
    """
    if not any(commands_for(config, settings, path)):
        return Formatted(content)
    folder, _, name = path.rpartition("/")
    beside = os.path.join(top, os.path.dirname(folder))
    while not os.path.isdir(beside):
        beside = os.path.dirname(beside)
    ran: list[str] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix=".gitmig-", dir=beside, ignore_cleanup_errors=True) as place:
        copy = os.path.join(place, name)
        with open(copy, "wb") as file:
            file.write(content)
        for command in commands_for(config, settings, copy):
            shown = command.replace(shell_word(copy), shell_word(path))
            problem = _run(command, top, interpreter, time_limit)
            ran.append(shown)
            failed += [f"{shown}: {problem}"] if problem else []
        with open(copy, "rb") as file:
            return Formatted(file.read(), tuple(ran), tuple(failed))


def _run(command: str, top: str, interpreter: Interpreter, time_limit: float) -> str:
    words = shlex.split(command)
    home = os.path.dirname(interpreter.path)
    if words[0] == "python":
        words[0] = interpreter.path
    else:
        words[0] = shutil.which(words[0], path=os.pathsep.join((home, os.environ.get("PATH", "")))) or words[0]
    try:
        done = subprocess.run(words, cwd=top, capture_output=True, check=False, timeout=time_limit)
    except subprocess.TimeoutExpired:
        return f"it did not end within {time_limit:g} seconds"
    except OSError as error:
        return (error.strerror or "it cannot be run").lower()
    if not done.returncode:
        return ""
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"it ended with status {done.returncode}"
