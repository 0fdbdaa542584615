"""Post-write hooks of an `alembic.ini`: the commands that Alembic runs on a new file."""

from __future__ import annotations

from gitmig.environments.ini import parse_ini
from gitmig.quoting import shell_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE = "REVISION_SCRIPT_FILENAME"


def commands_for(config: str, content: bytes, path: str) -> Iterator[str]:
    """The hooks as commands for a file, in their order; hooks that are Python functions of a project are left out."""
    section = parse_ini(config, content).find("post_write_hooks")
    if section is None or "hooks" not in section.options:
        return
    options = {name: option.text.strip() for name, option in section.options.items()}
    for name in options["hooks"].replace(",", " ").split():
        program = (
            options.get(f"{name}.executable") or options.get(f"{name}.entrypoint") or options.get(f"{name}.module")
        )
        if not program:
            continue
        start = f"python -m {program}" if options.get(f"{name}.type") == "module" else program
        arguments = options.get(f"{name}.options", "")
        if _FILE not in arguments:
            arguments = f"{_FILE} {arguments}".strip()
        yield f"{start} {arguments.replace(_FILE, shell_word(path))}"
