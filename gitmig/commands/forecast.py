"""`gitmig forecast`: which Git branches collide with the target and with each other, and in which order to merge."""

from __future__ import annotations

import sys

from gitmig.errors import CLEAN, UNDECIDED, UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitmig.config import Config
    from gitmig.forecast.forecast import Forecast
    from gitmig.reading.comparison import Target
    from gitmig.repo.repository import Repository

FORMATS = ("text", "json", "markdown", "mermaid", "html")


class Asked(Frozen):
    """What is asked: branches by name or pattern, the target, an age, a queue; `place` is command or ci."""

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    base: str | None = None
    since: str = ""
    queue: str = ""
    versions: tuple[str, ...] = ()
    place: str = "command"
    use_cache: bool = True


def show_forecast(
    directory: str | None,
    asked: Asked,
    form: str = "text",
    outputs: Sequence[str] = (),
    *,
    color: str = "auto",
    now: float = 0.0,
) -> int:
    """Write the reports; 3 where something could not be decided and that matters (CI, or `undecided = "error"`)."""
    from gitmig.commands.check import destinations_of, write

    destinations = destinations_of(form, outputs, FORMATS)
    found, config = read(directory, asked, now)
    for kind, path in destinations:
        write(rendered(found, kind, "never" if path else color), path, kind)
    return status_of(found, config, asked.place)


def status_of(found: Forecast, config: Config, place: str) -> int:
    """A forecast judges nobody; but a job that asked for one learns when it has holes."""
    if not found.undecided or config.undecided == "warn":
        return CLEAN
    return UNDECIDED if config.undecided == "error" or place == "ci" else CLEAN


def read(directory: str | None, asked: Asked, now: float) -> tuple[Forecast, Config]:
    """The forecast, with the configuration of the target."""
    from gitmig.apply.pending import require_nothing_pending
    from gitmig.commands.check import Request, cache_of, settings_of_caller
    from gitmig.reading.branches import Wanted, read_forecast, target_config
    from gitmig.reading.facts import FactsReader
    from gitmig.repo.repository import open_at

    since = start_of(asked.since, now)
    queue = tuple(name.strip() for name in asked.queue.split(",") if name.strip())
    if asked.queue and not queue:
        raise UsageError("--queue names no branch")
    wanted = Wanted(asked.names, asked.patterns, since, queue)
    own = settings_of_caller({})
    repository = open_at(directory)
    require_nothing_pending(repository.layout.git_dir, repository.layout.common_dir)
    with repository.objects as objects:
        target = target_of(repository, asked.base)
        config = target_config(repository, target, own)
        objects.limit = config.max_file_size
        request = Request(use_cache=asked.use_cache, place=asked.place, directory=directory)
        cache = cache_of(request, repository.layout.common_dir)
        try:
            return read_forecast(
                repository, config, FactsReader(objects, cache), target, wanted, asked.versions
            ), config
        finally:
            cache.close()


def target_of(repository: Repository, base: str | None) -> Target:
    """The branch that all others go into: named, else the shared one that the configuration of HEAD knows."""
    from gitmig.commands.check import configuration_files, settings_of_caller
    from gitmig.config import build_config, settings_of_files
    from gitmig.reading.comparison import find_target, named_target

    if base is not None:
        return named_target(repository, base)
    head = repository.objects.commit("HEAD")
    files: Mapping[str, bytes] = configuration_files(repository, head.oid) if head else {}
    config = build_config(*settings_of_caller({}), settings_of_files(files))
    target = find_target(repository, config, "")
    if not target.commit:
        raise UsageError(
            f"it is not known which branch the others go into: {target.why}",
            help=(Help("name it", ("gitmig forecast --target BRANCH",)),),
        )
    return target


_DAY = 86_400
_UNITS = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "month": 30, "months": 30, "year": 365}


def start_of(since: str, now: float) -> int:
    """`2025-06-01` or `90 days` (ago) in seconds; 0 for no limit."""
    if not since:
        return 0
    import re
    from datetime import datetime

    counted = re.fullmatch(r"(\d{1,5})\s*([a-z]+)(?: ago)?", since.strip().lower())
    if counted and counted[2].removesuffix("s") in {unit.removesuffix("s") for unit in _UNITS}:
        days = next(value for unit, value in _UNITS.items() if unit.removesuffix("s") == counted[2].removesuffix("s"))
        return int(now - int(counted[1]) * days * _DAY)
    try:
        return int(datetime.strptime(since.strip(), "%Y-%m-%d").timestamp())
    except ValueError:
        raise UsageError(
            f"--since {since!r} is no date and no age",
            help=(
                Help("write a day or an age", ("gitmig forecast --since 2025-06-01", "gitmig forecast --since 90days")),
            ),
        ) from None


def rendered(found: Forecast, form: str, color: str) -> str:
    if form == "text":
        from gitmig.report.forecast_text import render_text
        from gitmig.terminal import wants_color, width_of

        return render_text(found, color=wants_color(sys.stdout, color), width=width_of(sys.stdout))
    from importlib import import_module

    module = "forecast" if form == "json" else f"forecast_{form}"
    text: str = getattr(import_module(f"gitmig.report.{module}"), f"render_{form}")(found)
    return text
