"""Which Alembic environments a tree has: first `wanted` says which files must be read, then `discover` decides.

Configuration files are followed first; what is left is recognised by `env.py` beside `script.py.mako`, and then by
folders of files that are named as Alembic names revisions (plugins that bring migrations have nothing else).
"""

from __future__ import annotations

from gitmig.environments.alembic_config import Described, TomlTable, describe, parse_alembic_toml
from gitmig.environments.environment import Discovery, Environment, Problem, looks_like_revision
from gitmig.environments.ini import Ini, parse_ini
from gitmig.environments.listing import Listing, join, normalise, parent
from gitmig.environments.locations import build_environment, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitmig.config import EnvironmentSetting

_CONFIG_NAMES = ("alembic.ini", "pyproject.toml")
_VENDORED = {
    "site-packages",
    "dist-packages",
    "node_modules",
    "__pypackages__",
    ".venv",
    "venv",
    ".tox",
    ".nox",
    ".git",
}
_TEMPLATES = {"templates", "template", "cookiecutter", "skeleton"}
_TESTS = {"tests", "test", "testing", "testdata", "test_data", "fixtures"}
_ARCHIVES = ("archive", "old", "legacy", "squashed", "deprecated", "backup", "obsolete", "attic", "unused")
_DATABASES = {"postgresql", "postgres", "sqlite", "mysql", "mariadb", "oracle", "mssql", "cockroachdb"}


def wanted(paths: Iterable[str], configured: Sequence[EnvironmentSetting] = ()) -> tuple[str, ...]:
    """The files that `discover` needs the text of."""
    paths = paths if isinstance(paths, (list, tuple)) else list(paths)
    configs = [path for path in paths if path.endswith(_CONFIG_NAMES) and _is_config(path)]
    named = {normalise(setting.config) or "" for setting in configured if setting.config}
    samples = _revision_folders(paths).values()
    return tuple(sorted({*configs, *(path for path in paths if path in named), *samples}))


def discover(
    paths: Iterable[str],
    texts: Mapping[str, bytes],
    configured: Sequence[EnvironmentSetting] = (),
    versions: Sequence[str] = (),
) -> Discovery:
    """The environments of the tree whose leaf paths these are; `texts` has what `wanted` asked for.

    `versions` are folders named by hand, each one an environment, and then nothing else counts; tables of the
    configuration come next; both take `env.py`, template and options from what is found at the same place.
    """
    listing = Listing(paths)
    found = _find(listing, texts, {normalise(setting.config) or "" for setting in configured if setting.config})
    if versions:
        return _by_hand(versions, found, listing)
    if configured:
        return _as_configured(configured, found, listing)
    return found


def _find(listing: Listing, texts: Mapping[str, bytes], named: set[str]) -> Discovery:
    described, problems = _read_configurations(listing, texts, named)
    environments: list[Environment] = []
    unresolved: list[tuple[Described, tuple[Problem, ...]]] = []
    for one in described:
        environment, why = resolve(one, listing)
        if environment is None:
            unresolved.append((one, why))
        elif not any(_same_place(environment, other) for other in environments):
            environments.append(environment)
    free, ignored = _unclaimed_folders(listing, environments)
    for one, why in unresolved:
        # Programs fill in such an ini at run time (`script_location = {alembic_dir}`); one folder leaves no doubt.
        below = [folder for folder in free if not one.here or folder == one.here or folder.startswith(f"{one.here}/")]
        if len(below) != 1:
            problems.extend(why)
            continue
        remark = tuple(
            problem.replace(blocks=False, note=f"{below[0]} is the only place it can mean") for problem in why
        )
        environments.append(build_environment(one.replace(problems=remark), below[0], listing))
        free.remove(below[0])
    environments.extend(_bare_environment(folder, listing) for folder in free)
    # `wanted` asked for one file of each folder that looks like one of revisions, so the paths need no second look.
    samples = [path for path, text in texts.items() if b"down_revision" in text]
    confirmed = sorted(_revision_folders(samples))
    environments = [one for found in environments for one in _with_folders_beneath(found, described, confirmed)]
    loose, left_alone = _loose_environments(listing, confirmed, environments)
    environments.extend(loose)
    return Discovery(_named(environments), tuple(problems), tuple(sorted(set(ignored + left_alone))))


def _read_configurations(
    listing: Listing, texts: Mapping[str, bytes], named: set[str]
) -> tuple[list[Described], list[Problem]]:
    """What all configuration files describe, the shallowest first: of two that mean the same, it counts."""
    described: list[Described] = []
    problems: list[Problem] = []
    inis: dict[str, Ini] = {}
    tables: dict[str, TomlTable] = {}
    extra: list[Ini] = []
    for path in sorted(texts, key=lambda path: (path.count("/"), path)):
        if path in named and not path.endswith(".toml"):
            extra.append(parse_ini(path, texts[path]))
        elif path.rpartition("/")[2] == "alembic.ini":
            inis[parent(path)] = parse_ini(path, texts[path])
        elif path.endswith("pyproject.toml"):
            table, why = parse_alembic_toml(path, texts[path])
            problems.extend(why)
            if table:
                tables[parent(path)] = table
    for folder in sorted({*inis, *tables}, key=lambda folder: (folder.count("/") + bool(folder), folder)):
        ini = inis.get(folder)
        described.extend(describe(ini, tables.get(folder), flask=listing.has_file(join(folder, "env.py"))))
        problems.extend(ini.problems if ini else ())
    for ini in extra:
        described.extend(describe(ini, None, flask=listing.has_file(join(parent(ini.path), "env.py"))))
        problems.extend(ini.problems)
    return described, problems


def _same_place(one: Environment, other: Environment) -> bool:
    return one.script_location == other.script_location and set(one.versions) == set(other.versions)


def _unclaimed_folders(
    listing: Listing, environments: Sequence[Environment]
) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """Folders with `env.py` and `script.py.mako` that no configuration file means."""
    claimed = {environment.script_location for environment in environments}
    free: list[str] = []
    ignored: list[tuple[str, str]] = []
    for path in listing.paths:
        if not path.endswith("script.py.mako"):
            continue
        folder, _, name = path.rpartition("/")
        if name != "script.py.mako" or folder in claimed or not listing.has_file(join(folder, "env.py")):
            continue
        why = _why_ignored(folder)
        if why:
            ignored.append((folder, why))
        else:
            free.append(folder)
    return free, tuple(ignored)


def _bare_environment(folder: str, listing: Listing) -> Environment:
    """An environment without any configuration; Flask-Migrate and programs that call Alembic's API have such."""
    bare = Described(join(folder, "env.py"), 0, "", folder)
    return build_environment(bare, folder, listing).replace(config="")


def _with_folders_beneath(
    environment: Environment, described: Sequence[Described], revision_folders: Sequence[str]
) -> list[Environment]:
    """Add folders of revisions beneath the versions folder, where no configuration says which folders there are.

    Programs that call Alembic's API set `version_locations` themselves: one folder per release, all of them at once, or
    one per database, one of them at a time.  What is called an archive is not added.
    """
    said = any(
        one.version_locations
        for one in described
        if (one.config, one.section) == (environment.config, environment.section)
    )
    if said or environment.recursive or len(environment.versions) != 1:
        return [environment]
    outer = f"{environment.versions[0]}/"
    beneath = [folder for folder in revision_folders if folder.startswith(outer)]
    live = [folder for folder in beneath if not _is_archive(folder[len(outer) :])]
    if not live:
        return [environment]
    message = f"{len(live)} folders beneath {outer} hold revisions although no configuration says so; they are read"
    remark = Problem(
        message, environment.config, blocks=False, note="set recursive_version_locations or version_locations"
    )
    problems = (*environment.problems, remark)
    if environment.versions[0] not in revision_folders and {folder[len(outer) :] for folder in live} <= _DATABASES:
        return [environment.replace(versions=(folder,), problems=problems) for folder in live]
    if len(live) == len(beneath):
        return [environment.replace(recursive=True, problems=problems)]
    return [environment.replace(versions=(*environment.versions, *sorted(live)), problems=problems)]


def _is_archive(folder: str) -> bool:
    return any(part.strip("._-").lower().startswith(_ARCHIVES) for part in folder.split("/"))


def _loose_environments(
    listing: Listing, revision_folders: Sequence[str], environments: Sequence[Environment]
) -> tuple[list[Environment], tuple[tuple[str, str], ...]]:
    """Folders of revision files that belong to no environment; those within one are its archive, as Alembic sees it."""
    claimed: dict[str, Environment] = {}
    for environment in environments:
        present = {folder: environment for folder in environment.versions if listing.has_folder(folder)}
        unreadable = any(problem.blocks for problem in environment.problems)
        claimed |= {environment.script_location: environment, **present} if present or unreadable else {}
    loose: list[Environment] = []
    ignored: list[tuple[str, str]] = []
    for folder in revision_folders:
        above = [outer for outer in claimed if folder == outer or not outer or folder.startswith(f"{outer}/")]
        if any(claimed[outer].holds(f"{folder}/x.py") for outer in above):
            continue
        if above:
            ignored.append((folder, f"not among the versions folders of {max(above, key=len) or 'the top level'}"))
            continue
        script = parent(folder) if folder.rpartition("/")[2] == "versions" else folder
        loose.append(Environment(name="", script_location=script, versions=(folder,), origin="revision files"))
    return loose, tuple(ignored)


def _revision_folders(paths: Sequence[str]) -> dict[str, str]:
    """Folders of files called `27c6a30d7c24_add_cart.py`, or so after a date, each with the first of these files."""
    folders: dict[str, str] = {}
    for path in paths:
        if not looks_like_revision(path):
            continue
        folder = path.rpartition("/")[0]
        if folder not in folders or path < folders[folder]:
            folders[folder] = path
    return {folder: sample for folder, sample in folders.items() if not _why_ignored(folder)}


def _is_config(path: str) -> bool:
    return path.rpartition("/")[2] in _CONFIG_NAMES and not _why_ignored(parent(path))


def _why_ignored(folder: str) -> str:
    """Why an environment at this place is not one of the project's own, or ""."""
    if "{{" in folder or "}}" in folder:
        return "a template for new projects"
    components = set(folder.split("/"))
    if components & _VENDORED:
        return "installed, not written here"
    if components & _TEMPLATES:
        return "a template for new projects"
    if components & _TESTS:
        return "belongs to tests"
    return ""


def _named(environments: list[Environment]) -> tuple[Environment, ...]:
    """Give every environment a name of its own: section, database, or the folder with as many above as it takes.

    The shallowest keeps the short name, so that another environment deeper down does not rename it.
    """
    taken: set[str] = set()
    named: list[Environment] = []
    for environment in sorted(
        environments, key=lambda one: (one.script_location.count("/"), one.script_location, one.versions)
    ):
        name = next(name for name in _names(environment) if name not in taken)
        taken.add(name)
        named.append(environment.replace(name=name))
    return tuple(sorted(named, key=lambda one: (one.script_location, one.versions, one.name)))


def _names(environment: Environment) -> Iterable[str]:
    if environment.section not in ("", "alembic"):
        yield environment.section
    if len(environment.versions) == 1 and (database := environment.versions[0].rpartition("/")[2]) in _DATABASES:
        yield database
    folder = environment.script_location
    place = len(folder)
    while place > 0:
        place = folder.rfind("/", 0, place)
        yield folder[place + 1 :]
    yield environment.versions[0] if environment.versions else "alembic"
    name = f"{environment.config or folder}:{environment.section}"
    while True:
        yield name
        name += "'"


def _by_hand(versions: Sequence[str], found: Discovery, listing: Listing) -> Discovery:
    environments: list[Environment] = []
    problems: list[Problem] = []
    for given in versions:
        folder = normalise(given)
        if given.startswith("/") or folder is None:
            problems.append(Problem(f"--versions {given}: lies outside this repository"))
            continue
        if not listing.has_folder(folder):
            problems.append(_missing(f"--versions {folder}", folder, listing))
        environments.append(_with_versions((folder,), found, listing).replace(name="", section="", origin="--versions"))
    for environment in environments:
        problems.extend(problem for problem in environment.problems if problem.blocks)
    return Discovery(_named(environments), tuple(problems), found.ignored)


def _as_configured(configured: Sequence[EnvironmentSetting], found: Discovery, listing: Listing) -> Discovery:
    environments: list[Environment] = []
    problems: list[Problem] = []
    for setting in configured:
        environment = _find_configured(setting, found, listing)
        if environment is None:
            message = f"environment {setting.name!r} names no versions folders, and none is found under this name"
            problems.append(Problem(message, setting.path, setting.line))
            continue
        for folder in environment.versions:
            if setting.versions and not listing.has_folder(folder):
                missing = _missing(f"environment {setting.name!r}: {folder}", folder, listing)
                problems.append(missing.replace(path=setting.path, line=setting.line))
        environments.append(
            environment.replace(
                name=setting.name,
                models=setting.models,
                metadata=setting.metadata,
                database=setting.database,
                origin="configuration",
            )
        )
    listed = {folder for environment in environments for folder in environment.versions}
    others = [one for one in found.environments if not listed.intersection(one.versions)]
    ignored = (*found.ignored, *((one.versions[0], "not listed in environments") for one in others if one.versions))
    return Discovery(tuple(environments), tuple(problems), tuple(sorted(set(ignored))))


def _find_configured(setting: EnvironmentSetting, found: Discovery, listing: Listing) -> Environment | None:
    if setting.versions:
        folders = [normalise(path) for path in setting.versions]
        return _with_versions(tuple(folder for folder in folders if folder is not None), found, listing)
    config = normalise(setting.config) if setting.config else ""
    for one in found.environments:
        if config and one.config == config and setting.section in ("", one.section):
            return one
        if not config and setting.name in (one.name, one.script_location, one.section):
            return one
    return found.environments[0] if len(found.environments) == 1 and not config else None


def _with_versions(folders: tuple[str, ...], found: Discovery, listing: Listing) -> Environment:
    """What is found at these folders, else an environment of nothing but these folders."""
    for one in found.environments:
        if set(folders).intersection(one.versions):
            return one.replace(versions=folders)
    script = folders[0] if folders else ""
    for candidate in (script, parent(script)):
        if listing.has_file(join(candidate, "env.py")):
            return _bare_environment(candidate, listing).replace(versions=folders, problems=())
    return Environment(name="", script_location=script, versions=folders)


def _missing(what: str, folder: str, listing: Listing) -> Problem:
    leaf = listing.find_leaf_above(folder)
    if leaf:
        return Problem(f"{what} is not a folder of this repository: {leaf!r} is a submodule or a symbolic link")
    return Problem(f"{what} is not in this tree")
