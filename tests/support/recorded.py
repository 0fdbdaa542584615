"""A repository with gitmig's real hooks, in which a stand-in for the program writes down how it was called."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from support.scratch import Scratch

from gitmig.repo.hook_install import apply_steps, plan_install, read_installation

RECORDER = """#!{python} -IS
import json, os, sys
if sys.argv[1:2] != ["hook"]:
    raise SystemExit(f"hooks call `gitmig hook`, not {{sys.argv}}")
event = sys.argv[2]
called = {{
    "event": event,
    "arguments": sys.argv[3:],
    "input": sys.stdin.read(),
    "variables": {{name: value for name, value in os.environ.items() if name.startswith(("GIT", "PRE_COMMIT"))}},
    "directory": os.getcwd(),
}}
with open({log!r}, "a") as log:
    log.write(json.dumps(called) + "\\n")
raise SystemExit(int(os.environ.get("STATUS_OF_" + event.replace("-", "_"), "0")))
"""


class Recorded(Scratch):
    """A scratch repository whose PATH has the stand-in; `calls` is what the hooks called since the last look."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        super().__init__(path, create=create)
        self.log = self.home / "calls"
        programs = self.home / "bin"
        programs.mkdir()
        recorder = programs / "gitmig"
        recorder.write_text(RECORDER.format(python=sys.executable, log=str(self.log)))
        recorder.chmod(0o755)
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"

    def install(self, method: str = "files") -> None:
        found = read_installation(str(self.path))
        apply_steps(found, plan_install(found, "gitmig", method))

    def calls(self) -> list[dict[str, object]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    def events(self) -> list[str]:
        return [str(call["event"]) for call in self.calls()]

    def refuse(self, event: str) -> None:
        """From now on gitmig refuses this event."""
        self.environment["STATUS_OF_" + event.replace("-", "_")] = "1"

    def allow_all(self) -> None:
        for name in [name for name in self.environment if name.startswith("STATUS_OF_")]:
            del self.environment[name]
