"""Proves the revisions of one environment on a scratch database: base to heads, down, and up again.

After each step on the way back, and again, the schema must be what it was; at the heads it must be what the models say.
The project's code runs in the project's own Python, which reaches no database but the scratch one.
"""

from __future__ import annotations

import os

from gitmig.db.failures import masked
from gitmig.db.running import Call, Watcher, run
from gitmig.db.scratch import POSTGRESQL, SQLITE, database_urls, scrubbed
from gitmig.errors import CannotDecide, GitmigError
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from gitmig.db.failures import Failure
    from gitmig.db.running import Planned, Project, Step
    from gitmig.db.scratch import Scratch
    from gitmig.db.snapshots import Shelf

    Operation = Mapping[str, Any]

UP, DOWN, AGAIN, BASE, MODELS = "up", "down", "again", "base", "models"
PROVEN, FAILED, UNDECIDED = "proven", "failed", "undecided"


class Proof(Frozen):
    """What was proven of one environment, or of one of its databases, which `bind` then names.

    `seconds` has the time of each revision by way; `left` the operations that would take away what a step left,
    by way and revision; `models` those that a revision would still have to do, None where nobody compared.  `beyond`
    says why only Alembic's comparison counts.  `base` are revisions that were there before and were not walked.
    """

    name: str
    database: str
    verdict: str
    revisions: tuple[tuple[str, str], ...] = ()
    seconds: Mapping[str, Mapping[str, float]] = {}
    left: Mapping[str, Mapping[str, tuple[Operation, ...]]] = {}
    broken: Broken | None = None
    models: tuple[Operation, ...] | None = None
    why: str = ""
    beyond: str = ""
    base: tuple[str, ...] = ()
    cached: bool = False
    scrubbed: tuple[str, ...] = ()
    help: str = ""
    bind: str | None = None

    def time(self, way: str) -> float:
        return sum(self.seconds.get(way, {}).values())


class Broken(Frozen):
    """The step that did not run through."""

    way: str
    revision: str
    path: str
    line: int
    error: str
    statement: str = ""


class Asked(Frozen):
    """What is wanted: `since` are revisions that need no proof, `url` is a scratch database of a server.

    `binds` are the names of the databases where env.py migrates several, none where it migrates one.
    """

    since: frozenset[str] = frozenset()
    url: str = ""
    up_only: bool = False
    limit: float = 600.0
    binds: tuple[str, ...] = ()


class Walked:
    """What the child tells of one database."""

    def __init__(self) -> None:
        self.revisions: list[tuple[str, str]] = []
        self.seconds: dict[str, dict[str, float]] = {}
        self.left: dict[str, dict[str, tuple[Operation, ...]]] = {}
        self.models: Mapping[str, Any] | None = None


class Proving(Watcher):
    """Collects what the child tells; `tell` hears of each step, for a person who waits."""

    follows = True

    def __init__(self, scratch: Scratch | None, tell: Callable[[str, str, int, int], None]) -> None:
        self.scratch = scratch
        self.tell = tell
        self.process = 0
        self.way = ""
        self.ways: list[str] = []
        self.bind: str | None = None
        self.on_this_way: set[str | None] = set()
        self.walked: dict[str | None, Walked] = {}
        self.failure: tuple[Failure, Step | None] | None = None
        self.ran: dict[str, bool] = {}

    def began(self, process: int) -> None:
        self.process = process
        if self.scratch is not None:
            self.scratch.watch(process)

    def ended(self) -> None:
        if self.scratch is not None and self.process:
            self.scratch.forget(self.process)

    def planned(self, plan: Planned, probe: Callable[..., dict[str, int]]) -> str:
        self.bind = plan.database.bind
        if not self.way or self.bind in self.on_this_way:
            self.next_way()
        self.on_this_way.add(self.bind)
        if self.way == UP:
            self.of(self.bind).revisions = [(step.revision, step.path) for step in plan.steps]
        return ""

    def next_way(self) -> None:
        self.way = self.ways.pop(0) if self.ways else ""
        self.on_this_way.clear()

    def of(self, bind: str | None) -> Walked:
        return self.walked.setdefault(bind, Walked())

    def started(self, plan: Planned, number: int) -> None:
        self.tell(self.way, plan.steps[number].revision, number + 1, len(plan.steps))

    def heard(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "stepped":
            walked = self.of(event["bind"])
            walked.seconds.setdefault(event["way"], {})[event["revision"]] = event["seconds"]
            if event["left"]:
                walked.left.setdefault(event["way"], {})[event["revision"]] = tuple(event["left"])
        elif event["event"] == MODELS:
            self.of(event["bind"]).models = event
        elif event["event"] == "way":
            self.ran[event["way"]] = event["ran"]

    def failed(self, failure: Failure, step: Step | None) -> None:
        self.failure = (failure, step)


def prove(
    project: Project,
    scratch: Scratch | None,
    asked: Asked,
    *,
    shelf: Shelf | None = None,
    driver: tuple[str, str] = ("", ""),
    tell: Callable[[str, str, int, int], None] = lambda *_: None,
) -> Proof:
    """The proof of an environment with one database."""
    (proof,) = prove_each(project, scratch, asked, shelf=shelf, driver=driver, tell=tell)
    return proof


def prove_each(
    project: Project,
    scratch: Scratch | None,
    asked: Asked,
    *,
    shelf: Shelf | None = None,
    driver: tuple[str, str] = ("", ""),
    tell: Callable[[str, str, int, int], None] = lambda *_: None,
) -> tuple[Proof, ...]:
    """The proof of one environment for each of its databases; `scratch` is None for the database of `asked.url`.

    `driver` are the drivers to reach the scratch database with, waiting and awaiting; `shelf` has databases in which
    the revisions of `asked.since` were applied before.
    """
    stored = shelf.take(scratch) if shelf is not None and scratch is not None else ""
    places = [stored] if stored else scratch_databases(project, scratch, asked)
    urls = [urls_of(scratch, place, asked.url, driver) for place in places]
    variables, changed = scrubbed(
        os.environ if project.variables is None else project.variables, urls, len(asked.binds)
    )
    own = [each[is_async(project)] for each in urls]
    confined = project.replace(
        url=own[0],
        # Nobody knows which of an application's engines is for which bind key: each gets the next one.
        elsewhere=tuple(("", url) for url in own) if asked.binds else (),
        variables=variables,
        confine=True,
        ledger=False,
        whole_limit=asked.limit,
    )
    sections = dict(zip(asked.binds, own, strict=False)) if asked.binds else None
    database = (
        POSTGRESQL
        if scratch is not None and scratch.postgresql
        else SQLITE
        if scratch is not None
        else masked(asked.url)
    )
    proof = Proof(project.environment.name, database, PROVEN, base=tuple(sorted(asked.since)), cached=bool(stored))
    proof = proof.replace(scrubbed=changed)
    watcher = Proving(scratch, tell)
    try:
        if asked.since and not stored:
            watcher.ways = [BASE]
            base = way_call(BASE, fresh=True, only=sorted(asked.since), **sections_of(sections))
            run(confined, [base], watcher=watcher, capture=True)
            require_run(watcher, BASE)
            if shelf is not None and scratch is not None:
                shelf.keep(scratch, places[0])
        walk(confined, calls_of(asked, sections), watcher)
    except GitmigError as error:
        return tuple(stopped(proof, watcher, bind, error, project) for bind in binds_of(watcher))
    finally:
        if scratch is not None:
            for place in places:
                scratch.drop_database(place)
    return tuple(finished(proof, watcher, bind, project) for bind in binds_of(watcher))


def scratch_databases(project: Project, scratch: Scratch | None, asked: Asked) -> list[str]:
    """One; or one for each name, for each URL in a variable, and for a bind key that no revision mentions."""
    if scratch is None:
        return [""]
    if not asked.binds:
        return [scratch.new_database("scratch")]
    variables = os.environ if project.variables is None else project.variables
    count = len(asked.binds) + len(database_urls(variables)) + 1
    return [scratch.new_database(f"scratch_{number}") for number in range(count)]


def binds_of(watcher: Proving) -> list[str | None]:
    return list(watcher.walked) or [None]


def sections_of(sections: Mapping[str, str] | None) -> dict[str, Any]:
    return {} if sections is None else {"sections": sections}


def calls_of(asked: Asked, sections: Mapping[str, str] | None) -> list[Call]:
    ways = [UP, MODELS, *([] if asked.up_only else [DOWN, AGAIN])]
    calls = [way_call(way, fresh=way == UP and not asked.since, **sections_of(sections)) for way in ways]
    if asked.url:
        calls += [] if asked.up_only else [way_call(DOWN)]  # what is not ours is left as it was
    return calls


def walk(project: Project, calls: list[Call], watcher: Proving) -> None:
    """All ways in one process, which remembers the schema of every step."""
    watcher.ways = [dict(call.more)["way"] for call in calls]
    watcher.way = ""
    run(project, calls, watcher=watcher, capture=True)
    require_run(watcher, UP)


def way_call(way: str, **more: Any) -> Call:
    return Call("prove", more=tuple({"way": way, **more}.items()))


def require_run(watcher: Proving, way: str) -> None:
    if not watcher.ran.get(way):
        raise CannotDecide("env.py ran no migrations", note="it did not call context.run_migrations()")


def is_async(project: Project) -> bool:
    """Whether env.py makes an engine that awaits."""
    try:
        with open(os.path.join(project.top, project.environment.env), encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return False
    return "async_engine" in text or "AsyncEngine" in text


def urls_of(scratch: Scratch | None, place: str, url: str, driver: tuple[str, str]) -> dict[bool, str]:
    """The scratch URL for an engine that waits and for one that awaits."""
    if scratch is None:
        return {False: url, True: url}
    if not scratch.postgresql:
        return {False: f"sqlite:///{place}", True: f"sqlite+aiosqlite:///{place}"}
    plain = f"://postgres@/{place}?host={scratch.data}"
    return {
        awaits: f"postgresql{'+' + name if name else ''}{plain}"
        for awaits, name in zip((False, True), driver, strict=True)
    }


# Verdicts


def finished(proof: Proof, watcher: Proving, bind: str | None, project: Project) -> Proof:
    """Every way ran through."""
    walked = watcher.of(bind)
    compared = walked.models or {"compared": False, "why": "env.py configured nothing to compare", "beyond": ""}
    models = tuple(compared["operations"]) if compared["compared"] else None
    verdict = FAILED if walked.left or models else PROVEN
    return collected(proof, watcher, bind, project).replace(
        verdict=verdict, models=models, why=compared["why"], beyond=compared["beyond"]
    )


def collected(proof: Proof, watcher: Proving, bind: str | None, project: Project) -> Proof:
    walked = watcher.of(bind)
    revisions = tuple((revision, relative(path, project)) for revision, path in walked.revisions)
    return proof.replace(bind=bind, revisions=revisions, seconds=walked.seconds, left=walked.left)


def stopped(proof: Proof, watcher: Proving, bind: str | None, error: GitmigError, project: Project) -> Proof:
    """A step failed, or nobody can say."""
    proof = collected(proof, watcher, bind, project)
    models = watcher.of(bind).models
    if models is not None and models["compared"]:
        proof = proof.replace(models=tuple(models["operations"]))
    if bind != watcher.bind and bind is not None:
        verdict = FAILED if proof.left or proof.models else UNDECIDED
        return proof.replace(verdict=verdict, why=f"the run ended in {watcher.bind or 'the default database'}")
    if watcher.failure is None:
        return proof.replace(verdict=UNDECIDED, why=error.what, help=help_of(error))
    failure, step = watcher.failure
    message = masked(failure.message)
    if failure.kind == "OtherDatabase" or "gitmig.db.confine.OtherDatabase" in failure.trace:
        return proof.replace(
            verdict=UNDECIDED,
            why=f"{shown_place(failure, project)}refused: it connects to {message}, which is not the scratch database",
            help="let env.py take its URL from sqlalchemy.url, or from a variable that holds a URL",
        )
    if failure.kind == "NotEmpty":
        why = f"the scratch database is not empty: it has {message}"
        return proof.replace(verdict=UNDECIDED, why=why, help="name one that holds nothing; nothing was changed")
    if failure.kind == "SeveralDatabases":
        return proof.replace(verdict=UNDECIDED, why="env.py migrates several databases and gives them no names")
    if step is None:
        why = f"{shown_place(failure, project)}{failure.kind}: {first_line(message)}"
        return proof.replace(verdict=UNDECIDED, why=why, help=help_of(error))
    at = step.path if not failure.path else failure.path
    broken = Broken(
        watcher.way, step.revision, relative(at, project), failure.line, said(failure, message), failure.statement
    )
    foreign = foreign_to_sqlite(failure, step, project) if proof.database == SQLITE else ""
    if foreign:
        return proof.replace(verdict=UNDECIDED, broken=broken, why=foreign, help="gitmig verify --postgres")
    return proof.replace(verdict=FAILED, broken=broken)


def foreign_to_sqlite(failure: Failure, step: Step, project: Project) -> str:
    """Why this failure may say nothing about the database that the project really uses; "" when it does."""
    if failure.kind == "NotImplementedError" and "SQLite" in failure.message:
        return "SQLite cannot do what this revision asks for outside of batch mode"
    if failure.kind in ("UnsupportedCompilationError", "CompileError") and "sqlite" in failure.message.lower():
        return "the revision has types that SQLite does not have"
    url = configured_url(project)
    backend = url.partition("://")[0].partition("+")[0]
    if backend and backend not in (SQLITE, "driver"):
        return f"the project's database is {backend}, and this failed on SQLite"
    try:
        with open(step.path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return ""
    return "the revision is written for PostgreSQL, and this failed on SQLite" if POSTGRESQL in text else ""


def configured_url(project: Project) -> str:
    """`sqlalchemy.url` of alembic.ini, as it stands there."""
    from gitmig.environments.ini import parse_ini

    environment = project.environment
    folder = environment.config.rpartition("/")[0]
    paths = [environment.config] if environment.config.endswith(".ini") else [f"{folder}/alembic.ini".lstrip("/")]
    for path in paths:
        try:
            with open(os.path.join(project.top, path), "rb") as file:
                section = parse_ini(path, file.read()).find(environment.section or "alembic")
        except OSError:
            continue
        option = section.options.get("sqlalchemy.url") if section is not None else None
        if option is not None:
            return str(option.text)
    return ""


def shown_place(failure: Failure, project: Project) -> str:
    return f"{relative(failure.path, project)}:{failure.line}: " if failure.path else ""


def relative(path: str, project: Project) -> str:
    found = os.path.relpath(path, project.top)
    return path if found.startswith("..") else found.replace(os.sep, "/")


def said(failure: Failure, message: str) -> str:
    text = first_line(message)
    return text if failure.kind in ("database", "alembic", "connection", "lost") else f"{failure.kind}: {text}"


def first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if lines else ""


def help_of(error: GitmigError) -> str:
    commands: Iterable[str] = (command for one in error.help for command in one.commands)
    return next(iter(commands), "")
