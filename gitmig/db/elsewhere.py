"""Every engine that an env.py makes goes to one database, whatever URL it was given.  Runs in the project's Python."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "mysql": "mysql+aiomysql"}


def send_engines_to(url: str, elsewhere: Sequence[Sequence[str]] = ()) -> None:
    """Replaces `create_engine` where SQLAlchemy has it; must come before env.py is loaded.

    An engine for a database that is in `elsewhere`, as a URL or the path of a SQLite file, goes to the URL beside it;
    one for any other database to the next URL there that has nothing before it.
    """
    import sqlalchemy
    import sqlalchemy.engine
    import sqlalchemy.engine.create

    original = sqlalchemy.engine.create.create_engine
    goals = {identity(given): sqlalchemy.engine.make_url(to) for given, to in elsewhere if given}
    free = [to for given, to in elsewhere if not given]
    usual = sqlalchemy.engine.make_url(url)

    def goal_of(given: Any) -> Any:
        name = identity(given)
        if name not in goals and free:
            mine = next((to for to in free if identity(to) == name), free[0])
            free.remove(mine)
            goals[name] = sqlalchemy.engine.make_url(mine)
        return goals.get(name, usual)

    def create_engine(_given: Any, **options: Any) -> Any:
        goal = goal_of(_given) if _given is not None else usual
        # Arguments for another driver, and pools that remember another database, do not come along.
        kept = {
            name: options[name]
            for name in ("echo", "poolclass", "future", "connect_args", "_is_async")
            if name in options
        }
        if _given is not None and sqlalchemy.engine.make_url(_given).get_backend_name() != goal.get_backend_name():
            kept.pop("connect_args", None)
        return original(asynchronous(goal) if options.get("_is_async") else goal, **kept)

    create_engine.to_where_it_says = original  # type: ignore[attr-defined]
    for module in (sqlalchemy, sqlalchemy.engine, sqlalchemy.engine.create):
        module.create_engine = create_engine  # type: ignore[attr-defined]
    try:
        import sqlalchemy.ext.asyncio.engine as ours
    except ImportError:
        return
    if hasattr(ours, "_create_engine"):
        ours._create_engine = create_engine


def engine_in_memory() -> Any:
    """A database of SQLite that is nobody else's, also where engines are sent elsewhere."""
    import sqlalchemy

    make = getattr(sqlalchemy.create_engine, "to_where_it_says", sqlalchemy.create_engine)
    return make("sqlite://", poolclass=sqlalchemy.pool.StaticPool)


def identity(given: Any) -> str:
    """What two URLs of one database have in common, whatever driver they name; of a SQLite file its path."""
    from sqlalchemy.engine import make_url

    if isinstance(given, str) and "://" not in given:
        return os.path.realpath(given)
    url = make_url(given)
    if url.get_backend_name() == "sqlite":
        return os.path.realpath(url.database) if url.database and url.database != ":memory:" else str(url)
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False)


def asynchronous(url: Any) -> Any:
    """The same database through a driver that can await; psycopg can do both."""
    if url.get_dialect().is_async or "+" in url.drivername:
        return url
    return url.set(drivername=ASYNC_DRIVERS.get(url.get_backend_name(), url.drivername))
