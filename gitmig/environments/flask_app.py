"""Where `flask db` is run: env.py of Flask-Migrate needs the application, and FLASK_APP and app.py count from there."""

from __future__ import annotations

from gitmig.environments.listing import ancestors, join, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

FOUND_BY_FLASK = (".flaskenv", "wsgi.py", "app.py")


def needs_application(env: bytes) -> bool:
    """Whether an env.py asks for the application."""
    return b"current_app" in env


def folder_of_application(script_location: str, here: str, named: str, has_file: Callable[[str], bool]) -> str:
    """A folder of the tree; without any sign it is the one that holds the migrations, where `flask db` looks for them.

    `here` is where the person stands, `named` the value of FLASK_APP.
    """
    holder = parent(script_location)
    if named:
        for folder in (here, *ancestors(holder)):
            if any(has_file(join(folder, path)) for path in files_of(named)):
                return folder
        return holder
    for folder in ancestors(holder):
        if any(has_file(join(folder, name)) for name in FOUND_BY_FLASK):
            return folder
    return holder


def files_of(named: str) -> tuple[str, ...]:
    """The files that FLASK_APP can mean: `shop`, `shop.web:create_app("test")`, `src/shop.py`."""
    module = named.partition(":")[0].strip()
    if "/" in module or module.endswith(".py"):
        return (module, f"{module}.py", f"{module}/__init__.py")
    path = module.replace(".", "/")
    return (f"{path}.py", f"{path}/__init__.py")
