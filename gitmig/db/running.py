"""Runs Alembic for one environment, in the project's own Python, and follows what it does.

    outcome, = run(project, [Call("upgrade", ("head",))])
    outcome.heads            the recorded revisions afterwards
    outcome.steps            what ran

Always a process of its own (docs/decisions/0006): env.py is the project's code and may change anything around it.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import suppress

from gitmig.db.failures import Failure, MissingRevision, broken_off, explain, missing_name
from gitmig.errors import CannotDecide, EnvironmentProblem, Refused
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO, Any

    from gitmig.environments.environment import Environment
    from gitmig.interpreter.python import Interpreter

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runner.py")


class Project(Frozen):
    """One environment on disk and how Alembic is started for it.

    `top` is absolute, `folder` where Alembic is started.  `url` sends every engine that env.py makes to one database,
    but for those of the databases in `elsewhere`: (URL or path of a SQLite file, the URL to go to instead).
    with `confine` env.py is given the URL and may connect to no other one.  `whole_limit` is for all calls together.
    `variables` None means those of this process.  `x` are the arguments of `-x`.  `flask` says that env.py needs the
    application of Flask, `verbose` lets Alembic's INFO lines through.
    """

    top: str
    environment: Environment
    interpreter: Interpreter
    folder: str = ""
    url: str = ""
    elsewhere: tuple[tuple[str, str], ...] = ()
    x: tuple[str, ...] = ()
    variables: Mapping[str, str] | None = None
    time_limit: float = 30.0
    ledger: bool = True
    flask: bool = False
    confine: bool = False
    whole_limit: float = 0.0
    verbose: bool = False


class Call(Frozen):
    """One command of Alembic with its arguments, or `state` (reads the database only), `home` or `prove` (see runner).

    `ledger` asks for the rows of the ledger with the plan; `more` is what `home` and `prove` need, and
    `ledger_may_fail` for a command that goes on without its rows.
    """

    command: str
    arguments: tuple[str, ...] = ()
    ledger: bool = False
    more: tuple[tuple[str, Any], ...] = ()


class Step(Frozen):
    """What Alembic is about to do: upgrade, downgrade or stamp; `revision` is "" and `path` too for a stamp."""

    direction: str
    revision: str
    path: str
    message: str
    from_: tuple[str, ...]
    to: tuple[str, ...]


class Database(Frozen):
    """What a person calls it; `url` has no password, `file` is the path of a SQLite file.

    `bind` is the name that env.py gives it where it migrates several, None where it migrates one.
    """

    dialect: str
    url: str = ""
    name: str = ""
    host: str = ""
    file: str = ""
    version_table: str = ""
    transactional: bool = True
    bind: str | None = None


class Planned(Frozen):
    """One database of one call, before anything runs.  `ledger` is None where it was not asked for or is not there."""

    database: Database
    heads: tuple[str, ...]
    steps: tuple[Step, ...]
    offline: bool = False
    ledger: tuple[Mapping[str, Any], ...] | None = None


class Outcome(Frozen):
    """What one call did; `after` are the recorded revisions of each plan's database afterwards, `heads` all of them.

    `output` is what it printed, if it was caught.
    """

    call: Call
    plans: tuple[Planned, ...] = ()
    after: tuple[tuple[str, ...], ...] = ()
    output: str = ""

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(head for heads in self.after for head in heads))


class Watcher:
    """Follows a run; the base one agrees to everything and says nothing."""

    def planned(self, plan: Planned, probe: Callable[[Sequence[str]], dict[str, int]]) -> str:
        """ "" to go on, else why not; `probe` answers how many rows tables and columns hold."""
        return ""

    def offline(self, plan: Planned) -> None:
        """The steps whose SQL is printed now."""

    def snapshot(self, plan: Planned) -> str:
        """A path to copy the SQLite database to before anything runs; "" for none."""
        return ""

    def started(self, plan: Planned, number: int) -> None:
        """Step `number` of the plan runs now."""

    def applied(self, plan: Planned, heads: tuple[str, ...]) -> None:
        """It is done; on a database with transactions it counts once they are committed."""

    def began(self, process: int) -> None:
        """The project's Python runs, under this process id."""

    def heard(self, event: Mapping[str, Any]) -> None:
        """What only one kind of call tells, as the child wrote it."""

    def failed(self, failure: Failure, step: Step | None) -> None:
        """An exception ended it, in this step if there is one; it is raised next, in our words."""

    def said(self, line: str) -> None:
        """A line that Alembic or the project wrote to standard error, where `follows` is set."""

    def ended(self) -> None:
        """Nothing more comes, whatever the outcome."""

    follows = False


class Stopped(Refused):
    """The watcher said no; nothing ran."""


def run(
    project: Project,
    calls: Sequence[Call],
    *,
    watcher: Watcher | None = None,
    capture: bool = False,
) -> tuple[Outcome, ...]:
    """One process for all calls.  `capture` keeps what Alembic prints instead of passing it on.

    Raises GitmigError: Refused (exit 1) when a revision fails or Alembic says no, EnvironmentProblem (exit 4) when the
    database cannot be reached, CannotDecide (exit 3) at the time limit.
    """
    return Conversation(project, calls, watcher or Watcher(), capture).outcomes()


class Conversation:
    """The parent's side of runner.py."""

    def __init__(self, project: Project, calls: Sequence[Call], watcher: Watcher, capture: bool) -> None:
        self.project = project
        self.calls = tuple(calls)
        self.watcher = watcher
        self.capture = capture
        self.plans: dict[int, list[Planned]] = {}
        self.heads: dict[int, list[tuple[str, ...]]] = {}
        self.running: tuple[Planned, int] | None = None
        self.failure: Failure | None = None
        self.why: str | None = None
        self.ended = False
        self.limit = 0.0  # the seconds that ran out
        self._timer: threading.Timer | None = None
        self._whole: threading.Timer | None = None

    def outcomes(self) -> tuple[Outcome, ...]:
        self._start()
        try:
            self.watcher.began(self.process.pid)
            if self.project.whole_limit:
                self._whole = self._set_timer(self.project.whole_limit)
            with self.answers, self.asking:
                self._limit()
                self._send(self._request())
                while line := self.answers.readline():
                    self._handle(json.loads(line))
            status = self.process.wait()
        except BaseException:
            # Ctrl-C reached the child too: it rolls back, and is given the time to do so.
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            raise
        finally:
            self._release()
            if self._whole is not None:
                self._whole.cancel()
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            output, said = self.output.text(), self.errors.text()
            self.watcher.ended()
        self._require_end(status, said)
        return tuple(
            Outcome(
                call, tuple(self.plans.get(number, ())), tuple(self.heads.get(number, ())), output if not number else ""
            )
            for number, call in enumerate(self.calls)
        )

    def _start(self) -> None:
        (child_in, asking), (answering, child_out) = os.pipe(), os.pipe()
        caught, followed = self.capture, self.capture or self.watcher.follows
        try:
            self.process = subprocess.Popen(
                [os.path.abspath(self.project.interpreter.path), RUNNER, str(child_in), str(child_out)],
                cwd=self.project.folder or self.project.top,
                env=dict(os.environ if self.project.variables is None else self.project.variables),
                pass_fds=(child_in, child_out),
                stdout=subprocess.PIPE if caught else None,
                stderr=subprocess.PIPE if followed else None,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            os.close(asking)
            os.close(answering)
            path, origin = self.project.interpreter.path, self.project.interpreter.origin
            raise EnvironmentProblem(f"{path} ({origin}) cannot be started: {error.strerror}") from error
        finally:
            os.close(child_in)
            os.close(child_out)
        self.output = Lines(self.process.stdout, None)
        self.errors = Lines(self.process.stderr, self.watcher.said)
        self.asking = open(asking, "w", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        self.answers = open(answering, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115

    def _request(self) -> dict[str, Any]:
        project, environment = self.project, self.project.environment
        options = ["--raiseerr"]
        if environment.config:
            options += ["-c", os.path.join(project.top, environment.config)]
        if environment.section not in ("", "alembic"):
            options += ["-n", environment.section]
        for argument in project.x:
            options += ["-x", argument]
        # Only an ini of Flask-Migrate, or none at all, leaves it to the caller to say where the scripts are.
        unnamed = project.flask or not environment.config
        return {
            "top": project.top,
            "url": project.url,
            "elsewhere": [list(pair) for pair in project.elsewhere],
            "confine": project.confine,
            "options": options,
            "script_location": os.path.join(project.top, environment.script_location) if unnamed else "",
            "ledger": project.ledger,
            "flask": project.flask,
            "verbose": project.verbose,
            "databases": list(environment.databases),
            "calls": [
                {"command": call.command, "arguments": list(call.arguments), "ledger": call.ledger, **dict(call.more)}
                for call in self.calls
            ],
        }

    def _handle(self, told: Mapping[str, Any]) -> None:
        event = told["event"]
        if event == "versions":
            # Python and the libraries are loaded: what comes now is Alembic's, and a busy machine is no endless loop.
            self._release()
            self._limit()
        elif event == "heads":
            self.heads.setdefault(told["call"], []).append(tuple(told["heads"]))
        elif event == "plan":
            self._release()
            self._plan(planned(told), told["call"])
        elif event == "start":
            self.running = (self.plans[told["call"]][-1], told["step"])
            self.watcher.started(*self.running)
        elif event == "applied":
            self.heads[told["call"]][-1] = tuple(told["heads"])
            self.watcher.applied(self.plans[told["call"]][-1], tuple(told["heads"]))
        elif event == "called":
            self._release()
            self.running = None
            if told["call"] + 1 < len(self.calls):
                self._limit()
        elif event == "stopped":
            self.why = str(told["why"]) if self.why is None else self.why
        elif event == "error":
            self.failure = Failure(**{name: told[name] for name in Failure._fields})
        elif event == "interrupted":
            raise KeyboardInterrupt
        elif event == "end":
            self.ended = True
        else:
            self.watcher.heard(told)

    def _plan(self, plan: Planned, number: int) -> None:
        self.plans.setdefault(number, []).append(plan)
        if plan.offline:
            self.watcher.offline(plan)
            return
        try:
            why = self.watcher.planned(plan, self._probe)
            path = "" if why else self.watcher.snapshot(plan)
            if path:
                self._exchange({"snapshot": path})
        except BaseException:
            self._send({"go": False})
            raise
        self.why = why or None
        self._send({"go": not why, "why": why})

    def _probe(self, objects: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = self._exchange({"probe": list(objects)}).get("found", {}) if objects else {}
        return found

    def _exchange(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """One question before anything runs; the child may fail over it."""
        self._send(question)
        told: dict[str, Any] = json.loads(self.answers.readline() or "{}")
        if told.get("event") == "error":
            self._handle(told)
            raise explain(self._require_failure(), self.project)
        return told

    def _require_failure(self) -> Failure:
        return self.failure or Failure("", "it said nothing")

    def _send(self, message: Mapping[str, Any]) -> None:
        with suppress(BrokenPipeError):  # it has ended; what it told before says why
            self.asking.write(json.dumps(message) + "\n")
            self.asking.flush()

    # The time limit: Alembic walks some graphs for ever.  A migration that runs may take as long as it needs.

    def _limit(self) -> None:
        self._timer = self._set_timer(self.project.time_limit)

    def _set_timer(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._expire, [seconds])
        timer.daemon = True
        timer.start()
        return timer

    def _release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self, seconds: float) -> None:
        self.limit = seconds
        self.process.kill()

    def _require_end(self, status: int, said: str) -> None:
        if self.limit:
            raise slow(self.project, self.limit, self._step())
        if self.failure is not None:
            self.watcher.failed(self.failure, self._step())
            named = missing_name(self.failure)
            if any(named in heads for call in self.heads.values() for heads in call):
                raise MissingRevision(named)
            raise explain(self.failure, self.project, self._step())
        if self.why is not None:
            raise Stopped(self.why or "stopped")
        if not self.ended:
            raise broken_off(self.project, status, said, self._step())

    def _step(self) -> Step | None:
        if self.running is None:
            return None
        plan, number = self.running
        return plan.steps[number]


class Lines:
    """Reads a stream of the child in a thread, so that a full pipe holds nobody up."""

    def __init__(self, stream: IO[str] | None, tell: Callable[[str], None] | None) -> None:
        self._kept: list[str] = []
        self._thread: threading.Thread | None = None
        if stream is not None:
            self._thread = threading.Thread(target=self._read, args=(stream, tell), daemon=True)
            self._thread.start()

    def _read(self, stream: IO[str], tell: Callable[[str], None] | None) -> None:
        with stream:
            for line in stream:
                self._kept.append(line)
                if tell is not None:
                    tell(line)

    def text(self) -> str:
        if self._thread is not None:
            self._thread.join(5)
        return "".join(self._kept)


def planned(told: Mapping[str, Any]) -> Planned:
    """A plan as runner.py tells it."""
    ledger = told.get("ledger")
    return Planned(
        Database(**told["database"]),
        tuple(told["heads"]),
        tuple(
            Step(one["direction"], one["revision"], one["path"], one["message"], tuple(one["from"]), tuple(one["to"]))
            for one in told["steps"]
        ),
        told["offline"],
        None if ledger is None else tuple(ledger),
    )


def slow(project: Project, seconds: float, step: Step | None = None) -> CannotDecide:
    if step is not None or seconds == project.whole_limit:
        what = f"{step.direction} of {step.revision}" if step is not None else "Alembic"
        return CannotDecide(f"{what} was stopped: everything together had {seconds:g} seconds")
    limit = Help("give it more time", (f"export GITMIG_TIME_LIMIT={project.time_limit * 4:g}",))
    return CannotDecide(
        f"Alembic did not say within {project.time_limit:g} seconds what there is to run",
        note="nothing was run; Alembic walks some graphs for ever, and a database that does not answer looks the same",
        help=(Help("see what is wrong with the revisions", ("gitmig check --all",)), limit),
    )
