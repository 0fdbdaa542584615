"""The project's own `script.py.mako`, rendered as Alembic renders it.

A template is code of the repository: `<% ... %>` runs.  So it is rendered only where a developer asks for a new file
on a machine where `alembic revision` would run it too, never in checks, in hooks, in CI or on servers.  It runs in a
process of its own, without Git's and gitmig's variables, in an empty folder and within a time limit; that keeps
accidents away and is no sandbox against an attacker.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from gitmig.errors import EnvironmentProblem
from gitmig.findings import Help
from gitmig.revisions.draft import as_scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from gitmig.environments.environment import Environment
    from gitmig.revisions.draft import Draft

_RENDER = r"""
import datetime, json, sys

given = json.loads(sys.stdin.buffer.read().decode("utf-8", "surrogateescape"))


class Config:
    # What templates ask of it: Alembic's multidb template wants the names of its databases.
    config_file_name = given["config_file_name"]
    config_ini_section = given["section"]

    def get_main_option(self, name, default=None):
        return given["options"].get(name, default)

    def get_section_option(self, section, name, default=None):
        return given["options"].get(name, default) if section == given["section"] else default

    def get_section(self, name, default=None):
        return dict(given["options"]) if name == given["section"] else default

    get_alembic_option = get_main_option


def scalar(value):
    return tuple(value) if isinstance(value, list) else value


def comma(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else ", ".join(value)


from mako.template import Template

text = Template(text=given["template"], filename=None).render_unicode(
    up_revision=given["revision"],
    down_revision=scalar(given["down_revision"]),
    branch_labels=scalar(given["branch_labels"]),
    depends_on=scalar(given["depends_on"]),
    create_date=datetime.datetime.fromisoformat(given["created"]),
    message=given["message"],
    upgrades=given["upgrade"],
    downgrades=given["downgrade"],
    imports=given["imports"],
    comma=comma,
    config=Config(),
    **given["tokens"],
)
sys.stdout.buffer.write(text.encode(given["encoding"]))
"""


def render_with_template(
    draft: Draft,
    environment: Environment,
    template: bytes,
    created: datetime,
    *,
    time_limit: float = 30.0,
    again: str = "gitmig resolve --merge --own-template",
) -> bytes:
    """The revision file that the project's template makes of the draft; EnvironmentProblem when it fails.

    `again` is the command that does without the template.
    """
    given = _arguments(draft, environment, template, created)
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TMPDIR")
    with tempfile.TemporaryDirectory(prefix="gitmig-template-") as empty:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-c", _RENDER],
                input=json.dumps(given).encode(),
                capture_output=True,
                check=False,
                cwd=empty,
                env={name: os.environ[name] for name in kept if name in os.environ},
                timeout=time_limit,
            )
        except subprocess.TimeoutExpired:
            raise _failed(environment, f"it did not end within {time_limit:g} seconds", again) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(environment, said[-1] if said else f"it ended with status {done.returncode}", again)
    return done.stdout


def _arguments(draft: Draft, environment: Environment, template: bytes, created: datetime) -> dict[str, Any]:
    options = {"script_location": environment.script_location}
    if environment.databases:
        options["databases"] = ", ".join(environment.databases)
    return {
        "template": template.decode("utf-8"),
        "revision": draft.id,
        "down_revision": as_scalar(draft.down_revisions),
        "branch_labels": list(draft.branch_labels) or None,
        "depends_on": as_scalar(draft.depends_on),
        "created": created.isoformat(),
        "message": _in_docstring(draft.message),
        # Alembic's templates indent the first line themselves
        "upgrade": _indented(draft.upgrade),
        "downgrade": _indented(draft.downgrade),
        "imports": draft.imports,
        # Names that env.py of Alembic's multidb template gives autogenerate.
        "tokens": {
            f"{name}_{way}s": _indented(code)
            for name, *codes in draft.databases
            for way, code in zip(("upgrade", "downgrade"), codes, strict=True)
        },
        "encoding": environment.output_encoding,
        "options": options,
        "section": environment.section or "alembic",
        "config_file_name": environment.config or None,
    }


def _in_docstring(message: str) -> str:
    """One line that cannot end the docstring it is put into: templates write it there as it is."""
    line = "".join(sign for sign in " ".join(message.split()) if sign.isprintable())
    line = line.replace("\\", "/").replace('"""', "'").replace("'''", "'")
    return line.replace('"', "'") if line.endswith('"') else line


def _indented(code: str) -> str:
    return "\n    ".join(code.splitlines())


def _failed(environment: Environment, why: str, again: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"the template {environment.template} cannot be rendered: {why}",
        note="nothing was changed",
        help=(Help("use gitmig's own template", (again,)),),
    )
