"""`gitmig check`: what was asked, which trees answer it, what the rules say, what that means."""

from __future__ import annotations

import os
import sys

from gitmig.config import (
    CONFIG_FILES,
    build_config,
    require_known_codes,
    settings_of_files,
    settings_of_options,
    settings_of_variables,
)
from gitmig.errors import EnvironmentProblem, UsageError
from gitmig.frozen import Frozen
from gitmig.repo.plumbing import Git
from gitmig.trees.entries import SQL_ENDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitmig.ci.event import Event
    from gitmig.commands.exact import ExactModels
    from gitmig.config import Config, Settings
    from gitmig.reading.cache import Cache
    from gitmig.reading.comparison import Comparison
    from gitmig.repo.objects import Objects
    from gitmig.repo.repository import Repository
    from gitmig.report.report import Report

RELEVANT = (".py", ".pyc", ".pyo", ".ini", ".toml", ".mako", *SQL_ENDINGS)
PROTECTING = ("ci", "server")


class Request(Frozen):
    """What is asked.

    `place` is where the answer is used: hook (a developer's machine), command, ci or server.  `merging` are the other
    sides of a merge that is about to be committed.  `versions` are folders named by hand, `options` settings.
    `plain`: the report is shown as text and nothing else.
    """

    rev: str | None = None
    base: str | None = None
    everything: bool = False
    versions: tuple[str, ...] = ()
    options: Mapping[str, object] = {}
    place: str = "command"
    mode: str = "rev"
    merging: tuple[str, ...] = ()
    use_cache: bool = True
    directory: str | None = None
    event: Event | None = None
    fetch: bool = False
    exact: bool = False
    plain: bool = False


def run_check(request: Request) -> Report:
    """The whole check, from the repository to a report; raises GitmigError when it cannot even start."""
    with objects_of(request) as objects:
        if request.rev is None and not request.everything and not request.merging:
            staged = objects.staged()
            if staged.unmerged or any(is_relevant(change.path) for change in staged.changes):
                request = request.replace(event=None)
            elif request.event is None:
                return nothing_to_check(len(staged.changes))
        return check(request, objects)


def objects_of(request: Request) -> Objects:
    """Reads the repository; where a branch is protected, what is not in this clone is remembered."""
    if request.place in PROTECTING:
        from gitmig.reading.incomplete import NotingObjects

        return NotingObjects(Git(request.directory))
    from gitmig.repo.objects import Objects

    return Objects(Git(request.directory))


def is_relevant(path: str) -> bool:
    """Whether a change of this path can change the verdict."""
    return path.endswith(RELEVANT) or path.startswith(".gitmig/")


def nothing_to_check(staged: int) -> Report:
    from gitmig.report.report import Report, Side

    return Report("clean", "staged", Side("staged"), nothing=f"nothing relevant is staged ({staged} paths)")


def check(request: Request, objects: Objects) -> Report:
    """Everything after the first look: configuration, trees, rules, verdict."""
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.judging import judge_changes
    from gitmig.repo.refs import open_repository
    from gitmig.repo.repository import Repository

    git, layout = open_repository(objects.git)
    if os.path.lexists(os.path.join(layout.common_dir, "gitmig", "pending")):
        from gitmig.apply.pending import require_nothing_pending

        require_nothing_pending(layout.git_dir, layout.common_dir)
    repository = Repository(git, layout, objects)
    own = settings_of_caller(request.options)
    cache = cache_of(request, layout.common_dir)
    try:
        comparison = compare(request, repository, own, cache)
        config = config_of(comparison, own, request.place)
        objects.limit = config.max_file_size
        exact = exact_of(request, config, layout.top)
        facts = FactsReader(objects, cache)
        report = judge_changes(
            comparison, config, facts, request.versions, request.place, today(), exact, request.plain
        )
    finally:
        cache.close()
    if exact is not None:
        report = report.replace(remarks=(exact.remark(), *report.remarks))
    if request.place not in PROTECTING:
        return report
    from gitmig.reading.guarded import find_guarded_changes
    from gitmig.reading.incomplete import undecided_without

    report = report.replace(remarks=(*report.remarks, *find_guarded_changes(comparison, config, request.versions)))
    return undecided_without(report, objects, config)


def compare(
    request: Request, repository: Repository, own: Sequence[Settings], cache: Cache | None = None
) -> Comparison:
    """The trees of the check; which refs are shared is read from the tree itself."""
    from gitmig.reading.comparison import compare_commits, compare_staged, compare_whole
    from gitmig.repo.refs import find_merge_heads

    if request.event is not None:
        return compare_for_event(request, request.event, repository, own)
    commit = commit_of(repository, request.rev)
    config = build_config(*own, settings_of_files(configuration_files(repository, commit)))
    repository.objects.limit = config.max_file_size
    if request.everything:
        return compare_whole(repository, config, commit)
    if commit is not None:
        return compare_commits(repository, config, commit, request.base, request.mode)
    merging = request.merging or find_merge_heads(repository.git, repository.layout)
    return compare_staged(repository, config, merging, cache)


def compare_for_event(request: Request, event: Event, repository: Repository, own: Sequence[Settings]) -> Comparison:
    """The trees that an event of a CI system is about; which they are and why is said on standard error."""
    from gitmig.reading.events import compare_event

    config = shared_config(repository, event, own)
    repository.objects.limit = config.max_file_size
    told = compare_event(repository, config, event, fetched=request.fetch)
    say(f"gitmig: {told.line}")
    return told.comparison


def shared_config(repository: Repository, event: Event, own: Sequence[Settings]) -> Config:
    """The configuration that says which branches are shared: the target's."""
    from gitmig.reading.events import shared_tip

    tip = shared_tip(repository, event)
    return build_config(*own, settings_of_files(configuration_files(repository, tip) if tip else {}))


def fetch_for_event(request: Request, event: Event) -> None:
    """Bring what the event compares into this clone, before anything of it is read."""
    from gitmig.reading.events import fetch_and_compare
    from gitmig.repo.repository import open_at

    repository = open_at(request.directory)
    with repository.objects:
        config = shared_config(repository, event, settings_of_caller(request.options))
    fetch_and_compare(repository.git, config, event, say)


def say(line: str) -> None:
    """On standard error, with nothing in it that a terminal or a CI system would obey."""
    from gitmig.report.commands import without_commands
    from gitmig.report.escape import safe

    print(without_commands(safe(line)), file=sys.stderr)


def commit_of(repository: Repository, rev: str | None) -> str | None:
    """The commit that is asked for; None means the index.  A bare repository has none: there HEAD is meant."""
    from gitmig.repo.refs import resolve

    if rev is None and repository.layout.top is None and "GIT_INDEX_FILE" not in os.environ:
        rev = "HEAD"
    return resolve(repository.git, rev) if rev is not None else None


def settings_of_caller(options: Mapping[str, object]) -> tuple[Settings, ...]:
    """What the command line and the environment say, in the order in which they win."""
    return settings_of_options(options), settings_of_variables(os.environ)


def local_config(repository: Repository, commit: str | None) -> Config:
    """The configuration of a commit, or of the index."""
    files = configuration_files(repository, commit)
    return with_known_codes(build_config(*settings_of_caller({}), settings_of_files(files)))


def with_known_codes(config: Config) -> Config:
    """The same; UsageError where it names a rule that there is not, since nothing would be checked in silence."""
    if config.select or config.ignore or config.severity:
        from gitmig.rules.registry import rule_modules

        require_known_codes(config, rule_modules())
    return config


def configuration_files(repository: Repository, commit: str | None) -> dict[str, bytes]:
    """gitmig's own configuration, of a commit or of the index."""
    objects = repository.objects
    entries = objects.entries(commit, CONFIG_FILES) if commit else objects.index_entries(CONFIG_FILES)
    files = {path: entry.oid for path, entry in entries.items() if entry.is_file}
    contents = objects.read(files.values())
    return {path: text for path, oid in files.items() if isinstance(text := contents[oid], bytes)}


def config_of(comparison: Comparison, own: Sequence[Settings], place: str) -> Config:
    """Local's configuration; where a branch is protected, the policy is the target's."""
    local = with_known_codes(build_config(*own, settings_of_files(comparison.local.read(CONFIG_FILES))))
    if place not in PROTECTING or comparison.target is None:
        return local
    return local.judged_by(build_config(*own, settings_of_files(comparison.target.read(CONFIG_FILES))))


def cache_of(request: Request, common_dir: str) -> Cache:
    """What was parsed before is not believed where the verdict protects a branch."""
    from gitmig.reading.cache import Cache

    if not request.use_cache or request.place in PROTECTING:
        return Cache.none()
    return Cache(os.path.join(common_dir, "gitmig", "cache"))


def exact_of(request: Request, config: Config, worktree: str | None) -> ExactModels | None:
    """Runs the project's code, so only where somebody asked for it."""
    if not request.exact:
        return None
    from gitmig.commands.exact import ExactModels
    from gitmig.interpreter.python import find_interpreter

    return ExactModels(config, find_interpreter(config, os.environ, worktree), worktree)


def today() -> str:
    from time import localtime, strftime

    return strftime("%Y-%m-%d", localtime())


def place_of(variables: Mapping[str, str]) -> str:
    """ "ci" where a CI system says so, else "command"."""
    from gitmig.ci.detect import is_ci

    return "ci" if is_ci(variables) else "command"


def check_for_event(request: Request, form: str, outputs: Sequence[str]) -> Report:
    """The check of what a CI system runs this for; what stops it is in every report that was asked for, too."""
    from gitmig.errors import CannotDecide
    from gitmig.reading.events import read_event
    from gitmig.report.report import Report, Side

    destinations_of(form, outputs)  # a name that cannot be a format is said before the work
    event = read_event(os.environ)
    try:
        if request.fetch:
            fetch_for_event(request, event)
        return run_check(request.replace(event=event))
    except CannotDecide as error:
        reason = f"{error.what} ({error.note})" if error.note else error.what
        report = Report("undecided", event.mode, Side("commit"), undecided=(reason,), status=error.status)
        for kind, path in destinations_of(form, outputs):
            if path is not None or kind != "text":  # as text it is on standard error
                show(report, kind, path, color="never")
        raise


def show_all(
    report: Report, form: str = "text", outputs: Sequence[str] = (), *, color: str = "auto", quiet: bool = False
) -> None:
    """Write the report everywhere it was asked for; a file without a format takes the place of standard output."""
    for kind, path in destinations_of(form, outputs):
        show(report, kind, path, color=color, quiet=quiet)


def destinations_of(form: str, outputs: Sequence[str], formats: Sequence[str] = ()) -> list[tuple[str, str | None]]:
    """`sarif:gitmig.sarif` is a format and a file, `gitmig.txt` the file for the report in `form`."""
    formats = formats or _RENDERERS
    found: list[tuple[str, str | None]] = []
    plain = False
    for output in outputs:
        kind, colon, path = output.partition(":")
        if colon and kind in formats:
            if not path:
                raise UsageError(f"--output {kind}: names no file")
            found.append((kind, path))
        else:
            plain = True
            found.append((form, output))
    return found if plain else [(form, None), *found]


def show(
    report: Report, form: str = "text", output: str | None = None, *, color: str = "auto", quiet: bool = False
) -> None:
    """Write the report to standard output, or to a file."""
    if output is not None or not quiet or report.status or report.findings:
        write(rendered(report, form, "never" if output else color), output, form)


def write(text: str, output: str | None, form: str = "text") -> None:
    """To a file, or to standard output, whose encoding may know less than UTF-8 and which a CI system may obey."""
    if output is None:
        if place_of(os.environ) == "ci" and form != "github":
            from gitmig.report.commands import without_commands, without_commands_in_json

            text = without_commands_in_json(text) if form in _IN_JSON else without_commands(text)
        from gitmig.terminal import put

        encoding = sys.stdout.encoding or "utf-8"
        put(sys.stdout, text.encode(encoding, "backslashreplace").decode(encoding))
        return
    # Steps of one job share the summary, so it is added to.
    mode = "a" if output == os.environ.get("GITHUB_STEP_SUMMARY") else "w"
    try:
        with open(output, mode, encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise EnvironmentProblem(f"cannot write the report to {output}: {error.strerror}") from error


_IN_JSON = ("json", "sarif", "gitlab")
_RENDERERS = ("text", "json", "github", "sarif", "gitlab", "junit", "markdown", "mermaid")


def rendered(report: Report, form: str, color: str) -> str:
    if form in _RENDERERS[1:]:
        from importlib import import_module

        text: str = getattr(import_module(f"gitmig.report.{form}"), f"render_{form}")(report)
        return text
    from gitmig.report.text import render_text
    from gitmig.terminal import wants_color, width_of

    return render_text(report, color=wants_color(sys.stdout, color), width=width_of(sys.stdout))
