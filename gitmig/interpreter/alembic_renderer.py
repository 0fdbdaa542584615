"""The calls of a new revision as Alembic's own renderer writes them, by the project's Python.

Each call is made on an `op` that only records; what Alembic cannot render, or would render without all of its
arguments, stays as it is.
"""

from __future__ import annotations

import ast
import json
import subprocess
import tempfile

from gitmig.errors import CannotDecide
from gitmig.findings import Help
from gitmig.interpreter.exact import KEPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitmig.interpreter.python import Interpreter

# Arguments that Alembic takes and its renderer leaves out.
NOT_RENDERED = ("postgresql_using",)
_RENDER = r"""
import json, sys

from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops

given = json.load(sys.stdin)
recorded = []


class Recorder(Operations):
    def invoke(self, operation):
        recorded.append(operation)


context = MigrationContext.configure(dialect_name=given["dialect"], opts={"as_sql": True})
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite

names = {"op": Recorder(context), "sa": sa, "mssql": mssql, "mysql": mysql, "oracle": oracle, "postgresql": postgresql}
names["sqlite"] = sqlite
answers = []
for call in given["calls"]:
    del recorded[:]
    try:
        exec(call, dict(names))
        text = render_python_code(ops.UpgradeOps(list(recorded)))
        lines = [line for line in text.split("\n") if not line.strip().startswith("# ###")]
        answers.append("\n".join(lines).strip("\n"))
    except Exception:
        answers.append(None)
json.dump(answers, sys.stdout)
"""


def render_with_alembic(
    bodies: Sequence[str],
    dialect: str,
    interpreter: Interpreter,
    variables: Mapping[str, str],
    *,
    time_limit: float = 30.0,
) -> list[str]:
    """The bodies with every plain call of `op` rendered by Alembic; CannotDecide where the Python has no Alembic."""
    calls = [call for body in bodies for _, _, call in calls_of(body)]
    if not calls:
        return list(bodies)
    given = json.dumps({"dialect": dialect, "calls": calls}).encode()
    kept = {name: variables[name] for name in KEPT if name in variables}
    with tempfile.TemporaryDirectory(prefix="gitmig-render-") as empty:
        try:
            done = subprocess.run(
                [interpreter.path, "-I", "-c", _RENDER],
                input=given,
                capture_output=True,
                check=False,
                cwd=empty,
                env=kept,
                timeout=time_limit,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed(interpreter, str(error)) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(interpreter, said[-1] if said else f"it ended with status {done.returncode}")
    answers = iter(json.loads(done.stdout))
    return [replaced(body, [next(answers) for _ in calls_of(body)]) for body in bodies]


def calls_of(body: str) -> list[tuple[int, int, str]]:
    """First and last line (from 0), and the text, of every statement that is a plain call of `op`."""
    found = []
    for node in ast.parse(body).body:
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            continue
        function = node.value.func
        is_op = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
        if is_op and function.value.id == "op" and not _loses(node.value):  # type: ignore[attr-defined]
            found.append((node.lineno - 1, (node.end_lineno or node.lineno) - 1, ast.unparse(node)))
    return found


def _loses(call: ast.Call) -> bool:
    return any(word.arg in NOT_RENDERED for word in call.keywords)


def replaced(body: str, texts: Sequence[str | None]) -> str:
    """The body with another text for each of its calls; None leaves one as it is."""
    lines = body.splitlines()
    for (first, last, _), text in reversed(list(zip(calls_of(body), texts, strict=True))):
        if text:
            lines[first : last + 1] = text.splitlines()
    return "\n".join(lines)


def _failed(interpreter: Interpreter, why: str) -> CannotDecide:
    return CannotDecide(
        f"Alembic's renderer does not run in {interpreter.path}: {why}",
        note=f"the Python was found by: {interpreter.origin}",
        help=(Help("name the Python that has the project's packages", ("export GITMIG_PYTHON=.venv/bin/python",)),),
    )
