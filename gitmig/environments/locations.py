"""From what a configuration says to folders of the tree, without importing anything and without a file system.

Alembic takes a relative path from the folder it is run in, and `package:folder` from an installed package.  A tree has
neither, so the folder of the configuration file and those above it are tried: the first in which the path exists.
"""

from __future__ import annotations

from gitmig.environments.alembic_config import HERE, Described
from gitmig.environments.environment import Environment, Problem
from gitmig.environments.listing import Listing, ancestors, join, normalise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def resolve(described: Described, listing: Listing) -> tuple[Environment | None, tuple[Problem, ...]]:
    """The environment, or None and what stands in the way.  Its name is set by `discovery`."""
    script, problem = _find_script_location(described, listing)
    if script is None:
        return None, (*described.problems, problem) if problem else described.problems
    return build_environment(described, script, listing), ()


def build_environment(described: Described, script: str, listing: Listing) -> Environment:
    """The environment with this script location and everything else as it is described."""
    problems = list(described.problems)
    working = _working_folder(described, script)
    versions: list[str] = []
    for location in described.version_locations or (f"{HERE}/{join(script, 'versions')}",):
        folder, problem = _find_versions(location, working, described, listing)
        if problem:
            problems.append(problem)
        if folder is not None and folder not in versions:
            versions.append(folder)
    return Environment(
        name="",
        script_location=script,
        versions=tuple(versions),
        config=described.config,
        section=described.section,
        recursive=described.recursive,
        env=_existing(listing, join(script, "env.py")),
        template=_existing(listing, join(script, "script.py.mako")),
        file_template=described.file_template,
        timezone=described.timezone,
        truncate_slug_length=described.truncate_slug_length,
        output_encoding=described.output_encoding,
        sourceless=described.sourceless,
        roots=_roots(described, working, listing),
        databases=described.databases,
        problems=tuple(problems),
        origin=described.config.rpartition("/")[2],
        working_folder=working,
    )


def _existing(listing: Listing, path: str) -> str:
    return path if listing.has_file(path) else ""


def _find_script_location(described: Described, listing: Listing) -> tuple[str | None, Problem | None]:
    location = described.script_location
    if location is None:
        return None, None
    candidates = list(_candidates(location, described, listing))
    for candidate in candidates:
        if listing.has_file(join(candidate, "env.py")):
            return candidate, None
    for candidate in candidates:
        if listing.has_folder(candidate):
            return candidate, None
    said = f"script_location {_shown(location)!r}"
    if not candidates:
        return None, _problem(described, f"{said} lies outside this repository")
    for candidate in candidates:
        leaf = listing.find_leaf_above(candidate)
        if leaf:
            return None, _problem(described, f"{said} lies in {leaf!r}, which is a submodule or a symbolic link")
    path = candidates[0] if location.startswith(HERE) else location.replace(":", "/").strip("/")
    elsewhere = [folder for folder in listing.folders_ending(path) if listing.has_file(f"{folder}/env.py")]
    if len(elsewhere) == 1:
        return elsewhere[0], None
    if elsewhere:
        return None, _problem(described, f"{said} can mean {' or '.join(elsewhere)}")
    return None, _problem(described, f"{said} is not in this tree")


def _find_versions(
    location: str, working: str, described: Described, listing: Listing
) -> tuple[str | None, Problem | None]:
    candidates = list(_candidates(location, described, listing, working))
    if not candidates:
        return None, _problem(described, f"version location {_shown(location)!r} lies outside this repository")
    for candidate in candidates:
        if listing.has_folder(candidate):
            return candidate, None
    for candidate in candidates:
        leaf = listing.find_leaf_above(candidate)
        if leaf:
            message = f"version location {candidate!r} cannot be read: {leaf!r} is a submodule or a symbolic link"
            return candidate, _problem(
                described, message, note="run gitmig inside it, its revisions cannot be read from here"
            )
    if ":" in location:
        return None, _problem(described, f"version location {_shown(location)!r} is not in this tree")
    return candidates[0], _problem(described, f"version location {candidates[0]!r} has no files", blocks=False)


def _candidates(location: str, described: Described, listing: Listing, working: str | None = None) -> Iterator[str]:
    """The folders of the tree that the text can mean, the likeliest first; none where it leaves the tree."""
    if location.startswith(HERE):
        inside = normalise(location[len(HERE) :])
        if inside is not None:
            yield inside
        return
    if location.startswith(("/", "\\")) or location[1:3] in (":\\", ":/"):
        return
    package, colon, inner = location.partition(":")
    path = join(package.replace(".", "/"), inner.replace(":", "/")) if colon else location
    starts = list(ancestors(described.here)) if working is None else [working, *ancestors(described.here)]
    if colon:
        starts = [*_roots(described, working if working is not None else described.here, listing), *starts]
    seen: set[str] = set()
    for start in starts:
        candidate = normalise(join(start, path))
        if candidate is not None and candidate not in seen:
            seen.add(candidate)
            yield candidate


def _working_folder(described: Described, script: str) -> str:
    """The folder in which Alembic must be run to find this script location, else that of the configuration."""
    location = normalise(described.script_location or "") or ""
    if location and script == location:
        return ""
    if location and script.endswith(f"/{location}"):
        return script[: -len(location) - 1]
    return described.here


def _roots(described: Described, working: str, listing: Listing) -> tuple[str, ...]:
    """The folders that `prepend_sys_path` puts on the path of imports; the working folder where it is silent."""
    roots: list[str] = []
    for entry in described.prepend_sys_path:
        inside = entry.startswith(HERE)
        if entry.startswith("/") and not inside:
            continue
        folder = normalise(entry[len(HERE) :] if inside else join(working, entry))
        if folder is not None and folder not in roots:
            roots.append(folder)
    return tuple(root for root in roots if listing.has_folder(root)) or (working,)


def _shown(location: str) -> str:
    return location.replace(HERE, "%(here)s")


def _problem(described: Described, message: str, *, note: str = "", blocks: bool = True) -> Problem:
    return Problem(message, described.config, described.line, note, blocks)
