"""Exact mode: the models of a tree as the project's own Python makes them, never as they lie in the worktree.

The project's code runs, in a process of its own: over an exported tree, with a home and a temporary folder that are
thrown away, the variables that `KEPT` lists, no connections, and within the time limit.  That keeps accidents away and
is no sandbox against an attacker.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from contextlib import suppress

from gitmig.errors import CannotDecide
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.interpreter.env_slice import binds_target, slice_of
from gitmig.interpreter.exporting import export

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from gitmig.interpreter.python import Interpreter
    from gitmig.repo.objects import Objects
    from gitmig.trees.entries import Entry

PROBE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metadata_probe.py")
# What an interpreter and its libraries need to start; nothing that names a database, a host or a secret.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "COMSPEC", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
NAME_IT = Help(
    "name the MetaData itself, in the table of the environment", ('metadata = "package.module:Base.metadata"',)
)


class Wanted(Frozen):
    """What to import from a tree; all paths are paths of the tree.

    `metadata` ("package.module:name") wins over env.py, whose text is `source`, with `targets` the expressions for its
    target_metadata and `options` those of include_object and include_name.  `folder` is where Alembic is started,
    `roots` are the folders to import from, `modules` what is to be imported besides.  `databases` is None for one
    database, else the names of those that share one MetaData.  `dialect` is that of Alembic's comparison, "" for none.
    """

    env: str = ""
    source: bytes = b""
    targets: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    metadata: str = ""
    folder: str = ""
    roots: tuple[str, ...] = ("",)
    modules: tuple[str, ...] = ()
    databases: tuple[str, ...] | None = None
    dialect: str = ""


def import_tree(
    entries: Mapping[str, Entry],
    objects: Objects,
    wanted: Wanted,
    interpreter: Interpreter,
    *,
    name: str,
    worktree: str | None = None,
    time_limit: float = 30.0,
    before: Sequence[str] = (),
    old: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the probe says of the tree called `name`; CannotDecide when it is not imported as a whole.

    `before` are arguments of the interpreter that come before the probe.  `old` is the snapshot of another tree, with
    which Alembic compares.
    """
    parts = parts_of(wanted, name)
    with tempfile.TemporaryDirectory(prefix="gitmig-exact-", ignore_cleanup_errors=True) as made:
        place = os.path.realpath(made)
        top = os.path.join(place, "tree")
        for folder in ("tree", "home", "tmp"):
            os.mkdir(os.path.join(place, folder))
        export(entries, objects, top)
        files = write_parts(parts, os.path.join(top, wanted.env))
        request = {
            "top": top,
            "folder": folder_of(top, wanted.folder),
            "roots": [os.path.normpath(os.path.join(top, root)) for root in wanted.roots],
            "worktree": os.path.realpath(worktree) if worktree else "",
            "metadata": wanted.metadata,
            "modules": list(wanted.modules),
            "env": files.pop("", ""),
            "options": files,
            "databases": None if wanted.databases is None else list(wanted.databases),
            "alembic": {"dialect": wanted.dialect, "old": old} if wanted.dialect else None,
        }
        return run_probe(request, place, interpreter, name=name, time_limit=time_limit, before=before)


def folder_of(top: str, folder: str) -> str:
    path = os.path.normpath(os.path.join(top, folder))
    return path if os.path.isdir(path) else top


def parts_of(wanted: Wanted, name: str) -> dict[str, str]:
    """The parts of env.py that run: for "" what makes `gitmig_target`, for an option what makes `gitmig_option`."""
    parts = {}
    for option, expression in wanted.options:
        part = slice_of(wanted.source, [expression])
        parts[option] = f"{part.text if part is not None else ''}gitmig_option = {expression}\n"
    if wanted.metadata:
        return parts
    if not wanted.targets:
        raise cannot(f"{wanted.env} of {name} names no target_metadata", NAME_IT)
    # By its name, since tables may be copied into it; Alembic's options are put into the expression only.
    expression = "target_metadata"
    found = slice_of(wanted.source, [expression])
    if found is None or found.live or not binds_target(wanted.source):
        expression = wanted.targets[0]
        found = slice_of(wanted.source, [expression])
    if found is None:
        raise cannot(f"{wanted.env} of {name} cannot be parsed", NAME_IT)
    if found.live:
        raise cannot(
            f"target_metadata of {wanted.env} needs {found.live}, which exists only while Alembic runs", NAME_IT
        )
    return {"": f"{found.text}gitmig_target = {expression}\n", **parts}


def write_parts(parts: Mapping[str, str], env: str) -> dict[str, str]:
    """In the exported tree: the first takes the place of env.py, so that `__file__` and lines are those of the file."""
    files = {}
    for option, text in parts.items():
        path = env if not option else os.path.join(os.path.dirname(env), f"gitmig_{option}.py")
        if os.path.islink(path):
            os.unlink(path)
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        files[option] = path
    return files


def run_probe(
    request: Mapping[str, Any],
    place: str,
    interpreter: Interpreter,
    *,
    name: str,
    time_limit: float,
    before: Sequence[str] = (),
) -> dict[str, Any]:
    """Runs it in `place`, which holds the exported tree, and reads what it wrote."""
    asked, answered, said = (os.path.join(place, each) for each in ("request.json", "result.json", "said"))
    with open(asked, "w", encoding="utf-8", errors="surrogateescape") as file:
        json.dump(request, file)
    # Files, not pipes: a child that the project leaves behind would hold a pipe open for ever.
    with open(said, "wb") as output:
        try:
            process = subprocess.Popen(
                [os.path.abspath(interpreter.path), "-B", *before, PROBE, asked, answered],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=place,
                env=variables(place),
                start_new_session=True,
            )
        except OSError as error:
            raise cannot(f"{interpreter.path} ({interpreter.origin}) cannot be started: {error.strerror}") from error
        try:
            status = process.wait(time_limit)
        except subprocess.TimeoutExpired:
            limit = Help("give it more time", (f"export GITMIG_TIME_LIMIT={time_limit * 4:g}",))
            raise cannot(f"importing the models of {name} did not end within {time_limit:g} seconds", limit) from None
        finally:
            end(process)
    try:
        with open(answered, encoding="ascii") as file:
            result: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        raise cannot(f"importing the models of {name} ended with status {status}: {last_line(said)}") from None
    if "error" in result:
        raise failed(result["error"], name, interpreter)
    return result


def variables(place: str) -> dict[str, str]:
    """The allow-list, and a home of its own; packages of the user's own site stay where they are."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    home, temporary = os.path.join(place, "home"), os.path.join(place, "tmp")
    site = os.environ.get("PYTHONUSERBASE") or os.path.expanduser(os.path.join("~", ".local"))
    own = {"HOME": home, "USERPROFILE": home, "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary}
    return {**kept, **own, "PYTHONUSERBASE": site, "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}


def end(process: subprocess.Popen[bytes]) -> None:
    """The process, and what it has started."""
    if hasattr(os, "killpg"):
        import signal

        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def last_line(path: str) -> str:
    with open(path, "rb") as file:
        lines = file.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def failed(error: Mapping[str, Any], name: str, interpreter: Interpreter) -> CannotDecide:
    where = f"{error['path']}:{error['line']}" if error["path"] else "the models"
    missing = error["message"].startswith("ModuleNotFoundError")
    other = Help("name the Python that has the project's packages", ("export GITMIG_PYTHON=.venv/bin/python",))
    return cannot(
        f"cannot import {where} of {name}: {error['message']}",
        *([other] if missing else []),
        note=f"what is imported in part is not compared; the Python was {interpreter.path} ({interpreter.origin})",
    )


def cannot(what: str, *help: Help, note: str = "") -> CannotDecide:
    return CannotDecide(f"exact mode: {what}", note=note or "nothing was compared", help=help)
