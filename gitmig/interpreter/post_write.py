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

from gitmig.environments.post_write import hooks_for
from gitmig.frozen import Frozen
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitmig.environments.post_write import Hook
    from gitmig.interpreter.python import Interpreter


class Formatted(Frozen):
    """The text after the hooks, the commands that ran, and what went wrong, each in one line."""

    content: bytes
    ran: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def run_post_write(
    content: bytes,
    path: str,
    *,
    config: str,
    files: Mapping[str, bytes],
    top: str,
    interpreter: Interpreter,
    time_limit: float,
    is_whole: Callable[[bytes], bool],
) -> Formatted:
    """The new file `path` after the hooks that `config` names; `files` are the configuration, `top` is the worktree.

    They see a copy in a hidden folder beside the versions folder, where a formatter finds the project's settings: what
    fails there leaves nothing half done.  The text that a hook leaves is taken over where `is_whole` agrees to it.
    """
    folder, _, name = path.rpartition("/")
    here = os.path.join(top, os.path.dirname(config))
    if not any(hooks_for(config, files, path, here)):
        return Formatted(content)
    beside = os.path.join(top, os.path.dirname(folder))
    while not os.path.isdir(beside):
        beside = os.path.dirname(beside)
    ran: list[str] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix=".gitmig-", dir=beside, ignore_cleanup_errors=True) as place:
        copy = os.path.join(place, name)
        for hook in hooks_for(config, files, copy, here):
            shown = hook.shown.replace(shell_word(copy), shell_word(path))
            if not hook.command:
                failed.append(shown)
                continue
            with open(copy, "wb") as file:
                file.write(content)
            problem = _run(hook, top, interpreter, time_limit)
            made = _read(copy)
            if made is not None and is_whole(made):
                content = made
            else:
                problem = problem or "it left no revision behind, so its work was not taken over"
            ran.append(shown)
            failed += [f"{shown}: {problem}"] if problem else []
    return Formatted(content, tuple(ran), tuple(failed))


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _run(hook: Hook, top: str, interpreter: Interpreter, time_limit: float) -> str:
    """What went wrong, or ""."""
    words = shlex.split(hook.command)
    home = os.path.dirname(interpreter.path)
    if words[0] == "python":
        words[0] = interpreter.path
    else:
        words[0] = shutil.which(words[0], path=os.pathsep.join((home, os.environ.get("PATH", "")))) or words[0]
    try:
        where = os.path.join(top, hook.folder)
        done = subprocess.run(words, cwd=where, capture_output=True, check=False, timeout=time_limit)
    except subprocess.TimeoutExpired:
        return f"it did not end within {time_limit:g} seconds"
    except OSError as error:
        return (error.strerror or "it cannot be run").lower()
    if not done.returncode:
        return ""
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else f"it ended with status {done.returncode}"
