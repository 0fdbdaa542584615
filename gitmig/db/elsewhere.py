"""Every engine that an env.py makes goes to one database, whatever URL it was given.  Runs in the project's Python."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "mysql": "mysql+aiomysql"}


def send_engines_to(url: str) -> None:
    """Replaces `create_engine` where SQLAlchemy has it; must come before env.py is loaded."""
    import sqlalchemy
    import sqlalchemy.engine
    import sqlalchemy.engine.create

    original = sqlalchemy.engine.create.create_engine
    goal = sqlalchemy.engine.make_url(url)

    def create_engine(_given: Any, **options: Any) -> Any:
        # Arguments for another driver, and pools that remember another database, do not come along.
        kept = {
            name: options[name]
            for name in ("echo", "poolclass", "future", "connect_args", "_is_async")
            if name in options
        }
        if _given is not None and sqlalchemy.engine.make_url(_given).get_backend_name() != goal.get_backend_name():
            kept.pop("connect_args", None)
        return original(asynchronous(goal) if options.get("_is_async") else goal, **kept)

    for module in (sqlalchemy, sqlalchemy.engine, sqlalchemy.engine.create):
        module.create_engine = create_engine  # type: ignore[attr-defined]
    try:
        import sqlalchemy.ext.asyncio.engine as ours
    except ImportError:
        return
    if hasattr(ours, "_create_engine"):
        ours._create_engine = create_engine


def asynchronous(url: Any) -> Any:
    """The same database through a driver that can await; psycopg can do both."""
    if url.get_dialect().is_async or "+" in url.drivername:
        return url
    return url.set(drivername=ASYNC_DRIVERS.get(url.get_backend_name(), url.drivername))
