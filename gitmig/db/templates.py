"""What `alembic init` makes, as values: its own code runs, in a folder that is thrown away."""

from __future__ import annotations

import os
import tempfile
from contextlib import redirect_stdout

from gitmig.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

TEMPLATES = ("generic", "async", "pyproject", "pyproject_async")
INI, TOML = "alembic.ini", "pyproject.toml"


def make_environment(template: str, folder: str, there: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a new environment in `folder`, by path; `there` may have a pyproject.toml, which is added to.

    Only files that are new or changed are in the answer.
    """
    import alembic
    from alembic import command
    from alembic.config import Config

    with tempfile.TemporaryDirectory(prefix="gitmig-init-", ignore_cleanup_errors=True) as place, open(
        os.devnull, "w", encoding="utf-8"
    ) as nowhere:  # fmt: skip
        for name, content in there.items():
            with open(os.path.join(place, name), "wb") as file:
                file.write(content)
        named: dict[str, Any] = {"toml_file": os.path.join(place, TOML)} if template.startswith("pyproject") else {}
        try:
            config = Config(os.path.join(place, INI), stdout=nowhere, **named)
        except TypeError:  # Alembic before 1.16
            config = Config(os.path.join(place, INI), stdout=nowhere)
        if not os.path.isdir(os.path.join(config.get_template_directory(), template)):
            raise UsageError(
                f"Alembic {alembic.__version__} has no template {template!r}",
                note="pyproject templates came with Alembic 1.16",
            )
        with redirect_stdout(nowhere):
            command.init(config, os.path.join(place, folder), template=template)
        made = dict(_files_beneath(place))
    return {
        path: content.replace(place.encode(), b"%(here)s")
        for path, content in made.items()
        if there.get(path) != content
    }


def _files_beneath(place: str) -> Iterator[tuple[str, bytes]]:
    for top, _, names in os.walk(place):
        for name in names:
            path = os.path.join(top, name)
            with open(path, "rb") as file:
                yield os.path.relpath(path, place).replace(os.sep, "/"), file.read()
