"""A database that nobody has migrated yet against the models: is it what they say?  Nothing is written to it."""

from __future__ import annotations

import os

from gitmig.db.confine import IN_MEMORY
from gitmig.db.differences import differences, operation_of, unique
from gitmig.db.running import Call, Watcher, run
from gitmig.db.scratch import scrubbed
from gitmig.db.verify import is_async, urls_of
from gitmig.errors import CannotDecide, EnvironmentProblem, GitmigError
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from gitmig.db.running import Database, Planned, Project
    from gitmig.db.scratch import Scratch


class Found(Frozen):
    """The database as it is: `heads` are recorded revisions, `operations` what would make it what the models say.

    `beyond` says why only what Alembic compares was compared.
    """

    database: Database
    heads: tuple[str, ...]
    operations: tuple[Mapping[str, Any], ...]
    beyond: str = ""


class Listener(Watcher):
    """Keeps what the child tells; nothing runs."""

    follows = True

    def __init__(self) -> None:
        self.plan: Planned | None = None
        self.models: Mapping[str, Any] = {"compared": False, "why": "env.py configured nothing", "operations": []}
        self.seen: Mapping[str, Any] | None = None

    def planned(self, plan: Planned, probe: Callable[..., dict[str, int]]) -> str:
        self.plan = plan
        return ""

    def heard(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "models":
            self.models = event
        elif event["event"] == "seen":
            self.seen = event["found"]


def confined(project: Project, url: str, other: str = "") -> Project:
    """The project, able to reach this database only; `other` is its URL for a driver that awaits."""
    urls = {False: url, True: other or url}
    variables, _ = scrubbed(os.environ if project.variables is None else project.variables, [urls])
    return project.replace(url=urls[is_async(project)], variables=variables, confine=True, ledger=False)


def look_at(project: Project, url: str, scratch: Scratch | None, driver: tuple[str, str]) -> Found:
    """Compares the database of a URL with the models; `scratch` is a PostgreSQL where the models may be built.

    Raises CannotDecide where env.py gives no target_metadata, EnvironmentProblem where there is no such database.
    """
    require_file(url, project)
    listener = Listener()
    calls = [Call("prove", more=(("way", "models"), ("aside", False))), Call("prove", more=(("way", "look"),))]
    run(confined(project, url), calls, watcher=listener, capture=True)
    if listener.plan is None or not listener.models["compared"]:
        raise CannotDecide(
            f"the database cannot be compared: {listener.models['why']}",
            help=(Help("see what env.py could name", ("gitmig init --dry-run",)),),
        )
    operations = list(listener.models["operations"])
    beyond = str(listener.models["beyond"])
    if scratch is not None and listener.seen is not None and listener.plan.database.dialect == "postgresql":
        operations += beyond_alembic(listener.seen, built(project, scratch, driver))
        beyond = ""
    return Found(listener.plan.database, listener.plan.heads, tuple(unique(operations)), beyond)


def built(project: Project, scratch: Scratch, driver: tuple[str, str]) -> Mapping[str, Any]:
    """The schema of the models, built in a scratch database of the same kind."""
    place = scratch.new_database("models")
    urls = urls_of(scratch, place, "", driver)
    listener = Listener()
    try:
        call = Call("prove", more=(("way", "build"),))
        run(confined(project, urls[False], urls[True]), [call], watcher=listener, capture=True)
    except GitmigError as error:
        raise CannotDecide(f"the models cannot be built on a scratch database: {error.what}") from error
    finally:
        scratch.drop_database(place)
    return listener.seen or {"tables": {}, "enums": {}, "others": {}}


def beyond_alembic(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What Alembic does not compare, in the tables and enum types that both have."""
    both = [
        {
            **{
                part: {key: one[part][key] for key in found[part] if key in wanted[part]}
                for part in ("tables", "enums")
            },
            "others": {},
        }
        for one in (wanted, found)
    ]
    return [operation_of(one) for one in differences(both[0], both[1], names=False)]


def require_file(url: str, project: Project) -> None:
    """Connecting to a SQLite file that is not there would make one."""
    backend, _, name = url.partition(":///")
    name = name.partition("?")[0]
    if not backend.startswith("sqlite") or name.startswith("file:"):
        return
    path = os.path.join(project.folder or project.top, name)
    if name in IN_MEMORY or not os.path.isfile(path):
        raise EnvironmentProblem(f"there is no SQLite database {name or ':memory:'}", note="nothing was changed")
