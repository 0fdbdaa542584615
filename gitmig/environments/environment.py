"""One Alembic environment in one tree, as its configuration describes it."""

from __future__ import annotations

from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
_ID_LENGTH = 12  # of the ids that Alembic makes
_HEX = frozenset("0123456789abcdef")


class Problem(Frozen):
    """What stands in the way of reading a configuration; `blocks` is False where Alembic itself would carry on."""

    message: str
    path: str = ""
    line: int = 0
    note: str = ""
    blocks: bool = True


class Environment(Frozen):
    """One Alembic script location with its versions folders.  All paths are paths of the tree, "" is the top level.

    `working_folder` is where Alembic has to be started so that its relative paths mean what they say.
    `origin` says how it was found: the name of the configuration file it was read from, `env.py` (no configuration),
    `revision files` (only files named as Alembic names revisions), `configuration` (of gitmig) or `--versions`.
    """

    name: str
    script_location: str
    versions: tuple[str, ...]
    config: str = ""
    section: str = ""
    recursive: bool = False
    env: str = ""
    template: str = ""
    file_template: str = DEFAULT_FILE_TEMPLATE
    timezone: str = ""
    truncate_slug_length: int = 40
    output_encoding: str = "utf-8"
    sourceless: bool = False
    roots: tuple[str, ...] = ("",)
    databases: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    metadata: str = ""
    database: str = ""
    problems: tuple[Problem, ...] = ()
    origin: str = ""
    working_folder: str = ""

    def holds(self, path: str) -> bool:
        """Whether Alembic would load this path as a revision file, going by its folder and its name alone."""
        folder, _, name = path.rpartition("/")
        if not name.endswith((".py", ".pyc", ".pyo") if self.sourceless else ".py"):
            return False
        if name.startswith((".#", "__init__")) or "\n" in name:
            return False
        if self.sourceless and folder.endswith("/__pycache__"):
            folder = folder[: -len("/__pycache__")]
        if folder in self.versions:
            return True
        if not self.recursive or folder.endswith("__pycache__"):
            return False
        return any(not versions or folder.startswith(f"{versions}/") for versions in self.versions)


class Discovery(Frozen):
    """The environments of a tree in a stable order, what could not be read, and what was left alone and why."""

    environments: tuple[Environment, ...]
    problems: tuple[Problem, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()


def encode_environment(environment: Environment) -> dict[str, object]:
    """As JSON has it; only for environments without problems, which are worked out anew each time."""
    return {name: getattr(environment, name) for name in Environment._fields if name != "problems"}


def decode_environment(encoded: Mapping[str, Any]) -> Environment:
    """What `encode_environment` wrote, after JSON has made lists of its tuples."""
    values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in encoded.items()}
    return Environment(**values)


def looks_like_revision(path: str) -> bool:
    """Whether a file is called as Alembic calls revisions: `27c6a30d7c24_add_cart.py`, or so after a date."""
    name = path.rpartition("/")[2]
    if not name.endswith(".py") or "_" not in name:
        return False
    return any(len(part) == _ID_LENGTH and _HEX.issuperset(part) for part in name.split("_")[:-1])
