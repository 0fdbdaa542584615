"""What Alembic, the database or a revision says when it fails, as an error that says what to do."""

from __future__ import annotations

import os
import re

from gitmig.errors import FINDINGS, EnvironmentProblem, GitmigError, Refused, UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.db.running import Project, Step

_PASSWORD = re.compile(r"(\w+://[^:@/\s]*):[^@/\s]+@|(password\s*=\s*)\S+", re.IGNORECASE)
_NAMED = re.compile(r"identified by '(.*)'")
_MISSING = "Can't locate revision identified by"
# What Alembic says, and what to do.
_REMEDIES = (
    ("didn't produce", Help("see how far it goes", ("gitmig current", "gitmig history -i"))),
    ("Range revision not allowed", Help("a range is for SQL that is printed", ("gitmig upgrade FROM:TO --sql",))),
    ("requires <fromrev>:<torev>", Help("say where the database is, too", ("gitmig downgrade FROM:TO --sql",))),
    ("Ambiguous upgrade", Help("name a line by its label or head, or run all", ("gitmig upgrade heads",))),
)
OTHER_PYTHON = Help("name the Python that has the project's packages", ("export GITMIG_PYTHON=.venv/bin/python",))


class Failure(Frozen):
    """An exception of the child: `kind` is alembic, database, connection, lost, or the name of the exception's class.

    A connection is lost where the server ended it.
    """

    kind: str
    message: str
    statement: str = ""
    path: str = ""
    line: int = 0
    trace: str = ""
    cause: str = ""


class MigrationFailed(GitmigError):
    """A revision did not run through; the database is at a recorded revision."""

    status = FINDINGS
    trace = ""


class MissingRevision(Refused):
    """The database names a revision that no file defines; `revision` is its id."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at {revision}, which no file of this tree defines",
            note="it was applied from another Git branch, or the file was renamed or deleted",
            help=(
                Help("bring it home: down with its own code, then up on this branch", ("gitmig sync",)),
                Help("or look first, which changes nothing", ("gitmig sync --dry-run",)),
            ),
        )
        self.revision = revision


def explain(failure: Failure, project: Project, step: Step | None = None) -> GitmigError:
    """The error to show; `step` is what ran when it happened, None before."""
    message = masked(failure.message)
    if step is not None:
        return failed_step(failure, project, step)
    if failure.kind == "alembic":
        return of_alembic(message)
    if failure.kind == "ModuleNotFoundError":
        origin = project.interpreter
        return EnvironmentProblem(
            f"{place(failure, project)}{failure.message}",
            note=f"the project's code runs in {origin.path} ({origin.origin})",
            help=(OTHER_PYTHON,),
        )
    if failure.kind in ("NoSuchModuleError", "MissingGreenlet"):
        return of_driver(failure, project)
    if failure.kind == "NoAppException":
        return without_application(failure, project)
    if failure.kind in ("connection", "database", "lost"):
        return EnvironmentProblem(f"the database cannot be read: {first_line(message)}", note="nothing was changed")
    return EnvironmentProblem(
        f"{place(failure, project)}{failure.kind}: {first_line(message)}",
        note="Alembic runs this file of the project before any revision; nothing was changed",
    )


def of_driver(failure: Failure, project: Project) -> EnvironmentProblem:
    """The URL names a database or a driver that this env.py cannot use."""
    env = project.environment.env
    if failure.kind == "MissingGreenlet":
        what, note = (
            "the driver of the URL awaits",
            f"{env} makes an engine that does not: use a driver such as psycopg",
        )
    else:
        what, note = first_line(masked(failure.message)), "SQLAlchemy knows no such database or driver"
    return EnvironmentProblem(f"{place(failure, project)}{what}", note=f"{note}; nothing was changed")


def without_application(failure: Failure, project: Project) -> EnvironmentProblem:
    """Flask says in one sentence where it looked, or with a traceback what an import raised."""
    lines = [line.strip() for line in masked(failure.message).splitlines() if line.strip()]
    raised = f" {lines[-1]}" if len(lines) > 1 else ""
    folder = os.path.relpath(project.folder or project.top, project.top)
    return EnvironmentProblem(
        f"Flask finds no application: {lines[0] if lines else failure.kind}{raised}",
        note=f"{project.environment.env} asks for it (current_app), as `flask db` has it;"
        f" looked for from {'the top level' if folder == '.' else folder}",
        help=(Help("name it as for `flask db`", ("export FLASK_APP=MODULE:create_app",)),),
    )


def failed_step(failure: Failure, project: Project, step: Step) -> MigrationFailed:
    what = f"{step.direction} of {step.revision or ', '.join(step.to) or 'base'} failed"
    said = first_line(masked(failure.message))
    if failure.kind not in ("alembic", "database", "connection", "lost"):
        said = f"{failure.kind}: {said}"
    statement = f"; it ran: {short(failure.statement)}" if failure.statement else ""
    help = []
    if failure.kind == "MidwayPragma":
        help = [Help("turn foreign keys off in the first line of the function, and on in its last")]
    note = f"what it had done is taken back where the database can{statement}"
    if failure.kind == "lost":
        # The server may have got the last COMMIT, or not.
        note = "the connection was lost; once the database answers, it is at a recorded revision"
        help = [Help("see which one", ("gitmig current",))]
    error = MigrationFailed(
        f"{what}: {place(failure, project)}{said}",
        note=note,
        help=tuple(help),
    )
    error.trace = failure.trace
    return error


def of_alembic(message: str) -> GitmigError:
    """Alembic's refusals in our words, with what to do."""
    if "Multiple head revisions" in message or "Multiple heads are present" in message:
        return two_heads(message)
    if message.startswith("Multiple revisions start with"):
        return ambiguous(message)
    if message.startswith(_MISSING):
        found = _NAMED.search(message)
        name = found.group(1) if found else ""
        return UsageError(
            f"no revision is called {name!r}" if found else message,
            note="an id, the start of one, a branch label, head, heads, base, or a step such as +1 or -1 is needed",
            help=(Help("see what there is", ("gitmig graph",)),),
        )
    if "cycle" in message.lower() or "loop" in message.lower():
        return Refused(f"[GM103] {message}", help=(Help("see which files are in the cycle", ("gitmig check --all",)),))
    help = next((help for said, help in _REMEDIES if said in message), None)
    return Refused(f"Alembic refuses: {first_line(message)}", note=rest(message), help=(help,) if help else ())


def ambiguous(message: str) -> UsageError:
    """The start of an id that several revisions have."""
    start, *names = re.findall(r"'([^']*)'", message)
    return UsageError(
        f"{start!r} is the start of several revisions: {', '.join(names)}",
        note="so much of the id is needed that only one revision has it",
    )


def missing_name(failure: Failure) -> str:
    """The revision that Alembic did not find, or ""."""
    found = _NAMED.search(failure.message) if failure.message.startswith(_MISSING) else None
    return found.group(1) if found and failure.kind == "alembic" else ""


def two_heads(said: str = "", heads: tuple[str, ...] = ()) -> Refused:
    what = f"multiple heads: {' and '.join(heads)}" if heads else first_line(said)
    return Refused(
        f"[GM101] {what}",
        note="`head` is one revision, so Alembic stops here and nothing can be deployed",
        help=(
            Help("bring the heads together", ("gitmig resolve",)),
            Help("or run both lines as they are", ("gitmig upgrade heads",)),
        ),
    )


def broken_off(project: Project, status: int, said: str, step: Step | None) -> GitmigError:
    """The child ended without a word: killed, or the project ended it."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    last = f": {masked(lines[-1])}" if lines else ""
    how = f"signal {-status}" if status < 0 else f"status {status}"
    where = f" in {step.direction} of {step.revision}" if step is not None else ""
    help = (OTHER_PYTHON,) if "No module named" in last else ()
    error = MigrationFailed if step is not None else EnvironmentProblem
    return error(
        f"Alembic ended with {how}{where}{last}",
        note=f"it ran in {project.interpreter.path}; `gitmig current` says where the database is",
        help=help,
    )


def place(failure: Failure, project: Project) -> str:
    if not failure.path:
        return ""
    path = os.path.relpath(failure.path, project.top)
    return f"{path if not path.startswith('..') else failure.path}:{failure.line}: "


def masked(text: str) -> str:
    """Without passwords: of URLs and of connection strings."""
    return _PASSWORD.sub(lambda found: f"{found.group(1)}:***@" if found.group(1) else f"{found.group(2)}***", text)


def first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]


def rest(text: str) -> str:
    lines = text.strip().split("\n", 1)
    return " ".join(lines[1].split()) if len(lines) > 1 else ""


def short(statement: str) -> str:
    line = " ".join(statement.split())
    return line if len(line) <= 120 else f"{line[:117]}..."
