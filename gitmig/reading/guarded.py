"""What a change may do to its own judgement: policy, places of revisions, what runs them, waivers.  Only shown."""

from __future__ import annotations

from gitmig.change.waivers import is_waiver
from gitmig.environments.environment import Problem
from gitmig.reading.environments import Described, EnvironmentReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitmig.config import Config
    from gitmig.reading.comparison import Comparison
    from gitmig.reading.snapshot import Snapshot
    from gitmig.trees.entries import Changed

_POLICY_NOTE = "the policy of the target has judged this; the new one counts from the next change on"
_RUNTIME_NOTE = "it runs at every upgrade, and gitmig reads it without running it: look at it yourself"


def find_guarded_changes(comparison: Comparison, config: Config, versions: tuple[str, ...] = ()) -> tuple[Problem, ...]:
    """One remark for each file that changed, and for each environment whose folders are others than in the target."""
    remarks = [remark for changed in comparison.changes if (remark := of_file(changed, comparison)) is not None]
    return (*remarks, *of_locations(comparison, config, versions))


def of_file(changed: Changed, comparison: Comparison) -> Problem | None:
    path = changed.path
    how = "added" if changed.old is None else "removed" if changed.new is None else "changed"
    folder, _, name = path.rpartition("/")
    if is_waiver(path):
        return remark(f"waiver {how}", path, "it takes effect with this change: a reviewer accepts it by merging")
    if path == "gitmig.toml":
        return remark(f"policy {how}", path, _POLICY_NOTE)
    if path == "pyproject.toml":
        return of_project_file(changed, comparison)
    if name == "script.py.mako" or (name == "env.py" and is_script_location(folder, comparison)):
        return remark(f"runtime {how}", path, _RUNTIME_NOTE)
    if name.endswith(".ini") and any(b"[alembic" in text for text in both_texts(changed, comparison)):
        return remark(f"runtime {how}", path, _RUNTIME_NOTE)
    return None


def remark(message: str, path: str, note: str) -> Problem:
    return Problem(message, path, note=note, blocks=False)


def is_script_location(folder: str, comparison: Comparison) -> bool:
    start = f"{folder}/" if folder else ""
    trees = [tree for tree in (comparison.local, comparison.target, *comparison.before) if tree is not None]
    return any(tree.at([f"{start}script.py.mako"]) or tree.has_folder(f"{start}versions") for tree in trees)


def of_project_file(changed: Changed, comparison: Comparison) -> Problem | None:
    old, new = (tables_of(text) for text in both_texts(changed, comparison))
    for tool, message, note in (
        ("gitmig", "policy changed", _POLICY_NOTE),
        ("alembic", "runtime changed", _RUNTIME_NOTE),
    ):
        if old.get(tool) != new.get(tool):
            return remark(message, changed.path, note)
    return None


def tables_of(text: bytes) -> dict[str, object]:
    """`[tool]` of a pyproject.toml; of one that cannot be read, the text as the value of every key that matters."""
    from gitmig.toml import TomlError, parse_toml

    try:
        tool = parse_toml(text).get("tool", {})
    except TomlError:
        return {"gitmig": text, "alembic": text}
    return tool if isinstance(tool, dict) else {}


def both_texts(changed: Changed, comparison: Comparison) -> tuple[bytes, bytes]:
    return text_of(changed.old, comparison.local), text_of(changed.new, comparison.local)


def text_of(entry: object, snapshot: Snapshot) -> bytes:
    oid = getattr(entry, "oid", "") if getattr(entry, "is_file", False) else ""
    content = snapshot.objects.read([oid])[oid] if oid else b""
    return content if isinstance(content, bytes) else b""


def of_locations(comparison: Comparison, config: Config, versions: tuple[str, ...]) -> Iterator[Problem]:
    """Folders of revisions that moved, came or went: what is no longer looked at is no longer protected."""
    if comparison.target is None:
        return
    reader = EnvironmentReader(config, versions)
    local, target = Described.of(comparison.local, reader), Described.of(comparison.target, reader)
    for environment, now in zip(target.environments, target.counterparts(local), strict=True):
        if now is None:
            yield remark(f"environment {environment.name} is gone", environment.config, "its revisions were published")
        elif set(now.versions) != set(environment.versions):
            was, here = ", ".join(environment.versions) or "none", ", ".join(now.versions) or "none"
            yield remark(f"version locations changed from {was} to {here}", now.config, _RUNTIME_NOTE)
