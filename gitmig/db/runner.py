"""Runs Alembic in the project's own Python, and tells gitmig what happens.

This file is started as a script, by an interpreter that need not have gitmig installed: `runner.py READ WRITE` are two
pipes.  A request comes in as one line of JSON; events go out, one line each; where an event has a question, the answer
comes in.  Alembic's own command line does the work, so every argument means what it means there.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

HERE = os.path.dirname(os.path.abspath(__file__))


class Stopped(Exception):
    """gitmig, or the person in front of it, said no; or gitmig is gone."""


class Line:
    """The two pipes."""

    def __init__(self, reading: int, writing: int) -> None:
        self._in = open(reading, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
        self._out = open(writing, "w", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115

    def receive(self) -> dict[str, Any]:
        text = self._in.readline()
        if not text:
            raise Stopped("gitmig went away")
        received: dict[str, Any] = json.loads(text)
        return received

    def tell(self, event: str, **more: Any) -> None:
        try:
            self._out.write(json.dumps({"event": event, **more}) + "\n")
            self._out.flush()
        except OSError:
            raise Stopped("gitmig went away") from None

    def ask(self, event: str, **more: Any) -> dict[str, Any]:
        self.tell(event, **more)
        return self.receive()


def main(reading: str, writing: str) -> None:
    line = Line(int(reading), int(writing))
    request = line.receive()
    # The folder of this script holds modules of gitmig, none of which the project may meet by a bare name.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or os.getcwd()) != HERE or not entry]
    if sys.path[:1] == [""]:
        del sys.path[0]
    make_gitmig_importable(os.path.dirname(HERE))
    event, more, status = "end", {}, 0
    try:
        run_all(line, request)
    except Stopped as stop:
        event, more, status = "stopped", {"why": str(stop)}, 1
    except KeyboardInterrupt:
        event, status = "interrupted", 130
    except (Exception, SystemExit) as error:
        event, more, status = "error", described(error, request), 1
    with suppress(Stopped):
        line.tell(event, **more)
    sys.exit(status)


def make_gitmig_importable(folder: str) -> None:
    """gitmig's own modules, and nothing beside them: its libraries must not take the place of the project's."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("gitmig", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
    assert spec is not None and spec.loader is not None  # noqa: S101  (the file is there)
    package = module_from_spec(spec)
    sys.modules["gitmig"] = package
    spec.loader.exec_module(package)


def run_all(line: Line, request: Mapping[str, Any]) -> None:
    import alembic
    import sqlalchemy

    line.tell("versions", alembic=alembic.__version__, sqlalchemy=sqlalchemy.__version__, python=sys.version.split()[0])
    if not request["verbose"]:
        keep_alembic_quiet()
    if request["confine"]:
        from gitmig.db.confine import confine

        confine(request["url"], *(to for _, to in request["elsewhere"]))
    # An application made its engines before env.py could be given a URL.
    if request["url"] and (request["flask"] or not request["confine"]):
        from gitmig.db.elsewhere import send_engines_to

        send_engines_to(request["url"], request["elsewhere"])
    watch = Watch(line, request)
    watch.install()
    for number, call in enumerate(request["calls"]):
        watch.begin(number, call)
        run(call, request, watch)
        line.tell("called", call=number)


def keep_alembic_quiet() -> None:
    """gitmig says itself what runs; INFO of the project's own code passes, on these loggers too, and so do warnings."""
    import logging

    import alembic.config

    folder = os.path.join(os.path.dirname(os.path.abspath(alembic.__file__)), "")

    def passes(record: Any) -> bool:
        return record.levelno > logging.INFO or not os.path.abspath(record.pathname).startswith(folder)

    # Filters outlive the fileConfig of an env.py, which sets levels and handlers.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "alembic":
            logging.getLogger(name).addFilter(passes)


def run(call: Mapping[str, Any], request: Mapping[str, Any], watch: Watch) -> None:
    from alembic.config import CommandLine

    class Commands(CommandLine):
        """Parses as Alembic does; the configuration it makes is completed before the command runs."""

        def run_cmd(self, config: Any, options: Any) -> None:
            if request["script_location"]:
                config.set_main_option("script_location", request["script_location"].replace("%", "%%"))
            with application_of(request):
                if call["command"] == "state":
                    read_state(config, call)
                elif call["command"] == "home":
                    go_home(config, call)
                elif call["command"] == "prove":
                    from gitmig.db.prove import prove

                    prove(config, {**call, "url": request["url"]}, watch.line.tell)
                else:
                    function, positional, keywords = options.cmd
                    function(
                        config,
                        *[getattr(options, name, None) for name in positional],
                        **{name: getattr(options, name, None) for name in keywords},
                    )

    # What is no command of Alembic is parsed as `current`, which also reads the database only.
    own = call["command"] in ("state", "home", "prove")
    words = ["current"] if own else [call["command"], *call["arguments"]]
    Commands(prog="alembic").main([*request["options"], *words])


@contextmanager
def application_of(request: Mapping[str, Any]) -> Iterator[None]:
    """Flask-Migrate's env.py asks for the application: `flask db` has one, so it gets the one that `flask` finds."""
    if not request["flask"]:
        yield
        return
    from flask import has_app_context
    from flask.cli import NoAppException

    if has_app_context():
        yield
        return
    try:
        application = load_application()
    except NoAppException as missing:
        try:
            yield  # an env.py may make one of its own
        except RuntimeError as error:
            raise (missing if "application context" in str(error) else error) from None
        return
    with application.app_context():
        yield


@cache
def load_application() -> Any:
    """As `flask` does it: .env and .flaskenv where python-dotenv is there, then FLASK_APP, wsgi.py or app.py."""
    from flask.cli import ScriptInfo, load_dotenv
    from flask.helpers import get_load_dotenv

    os.environ["FLASK_RUN_FROM_CLI"] = "true"
    if get_load_dotenv(True):
        load_dotenv()
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    return ScriptInfo(os.environ.get("FLASK_APP")).load_app()


# What gitmig adds to Alembic's own commands


def read_state(config: Any, call: Mapping[str, Any]) -> None:
    """Opens each database and runs nothing; `Watch.planned` tells what it finds."""
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, script, fn=lambda heads, context: [], dont_mutate=True):
        script.run_env()


def go_home(config: Any, call: Mapping[str, Any]) -> None:
    """Down with the revisions of one folder, then up with those of the project, in one run of env.py.

    `call` has `to`, where to go up to, and `ways`: for each database that env.py migrates, "" where there is one, the
    `folder` with the old revisions, `heads` as they were when this was planned, and `down`, the ids to take back in
    this order.
    """
    from alembic.runtime.environment import EnvironmentContext
    from alembic.runtime.migration import HeadMaintainer, MigrationStep
    from alembic.script import ScriptDirectory

    class Imagined(HeadMaintainer):
        """The version table after steps that did not run yet."""

        def _insert_version(self, version: str) -> None:
            self.heads.add(version)

        def _delete_version(self, version: str) -> None:
            self.heads.remove(version)

        def _update_version(self, from_: str, to_: str) -> None:
            self.heads.remove(from_)
            self.heads.add(to_)

    script = ScriptDirectory.from_config(config)

    def steps(heads: Any, context: Any) -> list[Any]:
        way = way_of(call, context)
        old = ScriptDirectory(str(script.dir), version_locations=[way["folder"]])
        if sorted(heads) != sorted(way["heads"]):
            raise Stopped(f"the database moved to {', '.join(heads) or 'base'} in the meantime")
        found: list[Any] = []
        imagined = Imagined(context, heads)
        for name in way["down"]:
            revision: Any = old.get_revision(name)
            found.append(MigrationStep.downgrade_from_script(old.revision_map, revision))
            imagined.update_to_step(found[-1])
        kept: Any = tuple(imagined.heads)
        return [*found, *script._upgrade_revs(call["to"], kept)]

    with EnvironmentContext(config, script, fn=steps, as_sql=call["sql"], destination_rev=call["to"]):
        script.run_env()


def way_of(call: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """The way of the database that env.py migrates now."""
    from gitmig.db.binds import bind_of

    name = bind_of(context) or ""
    if name not in call["ways"]:
        raise Stopped(f"env.py migrates a database {name!r} now, and did not before")
    found: Mapping[str, Any] = call["ways"][name]
    return found


class Watch:
    """Sits in every MigrationContext that env.py configures: tells the plan, the steps, and writes the ledger."""

    def __init__(self, line: Line, request: Mapping[str, Any]) -> None:
        self.line = line
        self.request = request
        self.number = 0
        self.call: Mapping[str, Any] = {}
        self.walked = False

    def begin(self, number: int, call: Mapping[str, Any]) -> None:
        self.number, self.call, self.walked = number, call, False

    def install(self) -> None:
        from alembic.runtime.migration import MigrationContext

        from gitmig.db.binds import note_bind

        original, running = MigrationContext.__init__, MigrationContext.run_migrations
        watch = self

        def configured(self: Any, dialect: Any, connection: Any, opts: Any, environment_context: Any = None) -> None:
            original(self, dialect, connection, watch.options(dialect, opts), environment_context)
            watch.attach(self)

        MigrationContext.__init__ = configured  # type: ignore[method-assign]

        def run_migrations(self: Any, **given: Any) -> None:
            note_bind(self, given, watch.request["databases"])
            running(self, **given)

        MigrationContext.run_migrations = run_migrations  # type: ignore[method-assign]

    def options(self, dialect: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        """Those of env.py, with transactions for SQLite, and one around everything for a way home."""
        options = dict(given)
        if options.get("as_sql") or options.get("fn") is None:
            return options
        if self.call.get("look"):
            options["dont_mutate"] = True
        if dialect.name == "sqlite":
            return {**options, "transactional_ddl": True, "transaction_per_migration": True}
        if self.call["command"] == "home" and "transaction_per_migration" not in options:
            options["transaction_per_migration"] = False
        return options

    def attach(self, context: Any) -> None:
        from gitmig.ledger import record

        function = context._migrations_fn
        if function is None:
            return  # somebody's own use of a context, such as a comparison
        if self.walked and "sections" not in self.call:
            from gitmig.db.prove import SeveralDatabases

            raise SeveralDatabases  # before it waits for the first one, which holds the scratch database
        if context.as_sql:
            if self.call["command"] == "home":
                # Alembic would look the revision up among the files of this tree, which do not have it.
                context.get_current_heads = lambda: tuple(way_of(self.call, context)["heads"])
            context._migrations_fn = lambda heads, inner: self.offline(function(heads, inner), inner)
            return
        if context.dialect.name == "sqlite":
            from gitmig.db.sqlite import begin_explicitly

            begin_explicitly(context.connection)
        if self.call.get("echo"):
            echo_statements(context.connection)
        context._migrations_fn = lambda heads, inner: self.planned(heads, function, inner)
        callbacks = [one for one in context.on_version_apply_callbacks if one is not record]
        recording = [record] if self.request["ledger"] else []
        context.on_version_apply_callbacks = (*callbacks, *recording, self.applied)

    def offline(self, steps: Iterable[Any], context: Any) -> list[Any]:
        listed = list(steps)
        self.line.tell("plan", call=self.number, offline=True, heads=[], database={"dialect": context.dialect.name},
                       steps=[described_step(step) for step in listed])  # fmt: skip
        return listed

    def planned(self, heads: Sequence[str], function: Callable[..., Any], context: Any) -> list[Any]:
        """The steps, once gitmig has seen them and agreed."""
        # First, since Alembic fails over a revision of the database that no file defines.
        self.line.tell("heads", call=self.number, heads=list(heads))
        listed = list(function(heads, context) or ())
        self.walked = self.call["command"] == "prove"
        telling = {
            "call": self.number,
            "offline": False,
            "heads": list(heads),
            "database": described_database(context),
            "steps": [described_step(step) for step in listed],
        }
        if self.call.get("ledger"):
            from gitmig.db.ledger import read_rows, rows_if_readable

            telling["ledger"] = (rows_if_readable if self.call.get("ledger_may_fail") else read_rows)(context)
        answer = self.line.ask("plan", **telling)
        while "probe" in answer:
            from gitmig.db.rows import rows_of

            answer = self.line.ask("probed", found=rows_of(context.connection, answer["probe"]))
        if "snapshot" in answer:
            from gitmig.db.sqlite import copy_database

            copy_database(context.connection, answer["snapshot"])
            answer = self.line.ask("copied", path=answer["snapshot"])
        if not answer.get("go"):
            raise Stopped(answer.get("why", ""))
        if self.call.get("look"):
            return []
        for number, step in enumerate(listed):
            step.migration_fn = self.told(number, step.migration_fn, context)
        return listed

    def told(self, number: int, migrate: Callable[..., Any], context: Any) -> Callable[..., Any]:
        def run(**given: Any) -> Any:
            from gitmig.db.ledger import start_clock

            self.line.tell("start", call=self.number, step=number)
            start_clock(context)
            return migrate(**given)

        run.__name__ = getattr(migrate, "__name__", "run")  # Alembic logs "Running upgrade a -> b" with it
        return run

    def applied(self, ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
        self.line.tell("applied", call=self.number, heads=sorted(heads))


def echo_statements(connection: Any) -> None:
    """What is written, on standard output: for a rehearsal on a copy, where --sql cannot know what SQLite needs."""
    from sqlalchemy import event

    from gitmig.db.sqlite import is_reading

    @event.listens_for(connection, "before_cursor_execute")
    def before(conn: Any, cursor: Any, statement: str, parameters: Any, execution: Any, many: bool) -> None:
        if not is_reading(statement) and not any(word in statement for word in ("gitmig_ledger", "sa_savepoint")):
            said = f"  -- {parameters!r}" if parameters else ""
            print(f"{statement.strip()};{said}", flush=True)


def described_database(context: Any) -> dict[str, Any]:
    """What a person calls the database, without the password; `file` is the path of one that is a file."""
    from gitmig.db.binds import bind_of

    connection = context.connection
    url = connection.engine.url
    found = {
        "dialect": context.dialect.name,
        "url": url.render_as_string(hide_password=True),
        "name": str(url.database or ""),
        "host": str(url.host or ""),
        "file": "",
        "version_table": context.version_table,
        "transactional": bool(context.impl.transactional_ddl),
        "bind": bind_of(context),
    }
    if context.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("PRAGMA database_list").fetchall()
        found["file"] = next((str(row[2] or "") for row in rows if row[1] == "main"), "")
        found["name"] = found["file"] or ":memory:"
    return found


def described_step(step: Any) -> dict[str, Any]:
    """`revision` is what runs; a stamp runs nothing and has its goals in `to`."""
    script = getattr(step, "revision", None)
    return {
        "direction": "stamp" if script is None else "upgrade" if step.is_upgrade else "downgrade",
        "revision": getattr(script, "revision", "") or "",
        "path": str(getattr(script, "path", "") or ""),
        "message": str(getattr(script, "doc", "") or "") if script is not None else "",
        "from": list(step.from_revisions_no_deps),
        "to": list(step.to_revisions_no_deps),
    }


# What went wrong


def described(error: BaseException, request: Mapping[str, Any]) -> dict[str, Any]:
    """The exception as data: its kind, what it says, and the innermost place that belongs to the project."""
    from alembic.util import CommandError

    kind = type(error).__name__
    message = str(error)
    statement = ""
    try:
        from sqlalchemy.exc import DBAPIError

        if isinstance(error, DBAPIError):
            message = f"{type(error.orig).__name__}: {error.orig}"
            statement = str(error.statement or "")
            kind = "lost" if error.connection_invalidated else "database" if statement else "connection"
    except ImportError:
        pass
    if isinstance(error, CommandError):
        kind = "alembic"
        # Alembic says of the start of several ids that it finds none; what it was raised from knows better.
        message = str(error.__cause__) if "start with" in str(error.__cause__) else message
    folders = [way["folder"] for call in request["calls"] for way in call.get("ways", {}).values()]
    where = place_of(error, [request["top"], *folders])
    return {
        "kind": kind,
        "message": message.strip(),
        "statement": statement,
        "path": where[0],
        "line": where[1],
        "trace": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
        "cause": cause_of(error),
    }


def cause_of(error: BaseException) -> str:
    """Alembic wraps what it knows better: `from` names it."""
    return type(error.__cause__).__name__ if error.__cause__ is not None else ""


def place_of(error: BaseException, folders: Sequence[str]) -> tuple[str, int]:
    """Path and line of the innermost frame beneath one of these folders that is not installed."""
    found = ("", 0)
    if isinstance(error, SyntaxError) and error.filename:
        return str(error.filename), int(error.lineno or 0)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<"):
            continue  # what SQLAlchemy and dataclasses compile
        path = os.path.abspath(frame.filename)
        if not os.path.isfile(path):
            continue  # what compiled modules call themselves
        installed = any(part in path.split(os.sep) for part in ("site-packages", "dist-packages"))
        inside = any(path.startswith(os.path.join(folder, "")) for folder in folders)
        if inside and not installed and not path.startswith(os.path.dirname(HERE)):
            found = (path, frame.lineno or 0)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
