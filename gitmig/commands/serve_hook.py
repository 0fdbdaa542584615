"""`gitmig serve-hook pre-receive|update`: what a Git server asks before it takes a push.

Every ref is judged and all verdicts are shown, as plain lines that fit 80 columns behind git's `remote: `.
"""

from __future__ import annotations

import os
import sys

from gitmig.change.pushes import BRANCHES, REPLACEMENTS, parse_update, parse_updates, shared_name
from gitmig.errors import CLEAN, ENVIRONMENT, FINDINGS, UNDECIDED, CannotDecide, GitmigError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitmig.change.pushes import Update
    from gitmig.reading.pushes import PushReader
    from gitmig.repo.repository import Repository
    from gitmig.report.report import Report

EVENTS = ("pre-receive", "update")
SETTING = "gitmig.serveHook"  # of the repository on the server: `enforce` (default) or `warn`
LOG = "serve-hook.log"
_WIDTH = 80 - len("remote: ")
_MOST_FINDINGS = 8
_WHO = ("GL_USERNAME", "GITEA_PUSHER_NAME", "REMOTE_USER", "LOGNAME", "USER")


def main(arguments: Sequence[str]) -> int:
    """`arguments` are the event and what Git gave the hook; the exit status is the hook's."""
    event, *given = arguments or ("",)
    if event not in EVENTS:
        raise UsageError(
            f"unknown server hook {event!r}" if event else "gitmig serve-hook needs the name of a server hook",
            note=f"known are {' and '.join(EVENTS)}; post-receive comes too late to refuse anything",
        )
    updates = read_updates(event, given)
    if "GIT_NAMESPACE" in os.environ:
        raise CannotDecide("refs in a Git namespace are not read", note="what they publish is unknown")
    return judge_push(updates)


def read_updates(event: str, given: Sequence[str]) -> tuple[Update, ...]:
    """All of standard input is read first: a hook that does not can make the push fail."""
    if event == "update":
        if len(given) != 3:
            raise UsageError("gitmig serve-hook update takes `ref old new`", note="Git calls it so")
        return (parse_update(given[1], given[2], given[0]),)
    lines = sys.stdin.buffer.read().decode("utf-8", "surrogateescape").splitlines() if sys.stdin else []
    if not lines:
        raise UsageError(
            "nothing was pushed: standard input is empty",
            note="Git gives pre-receive one line for each ref, `old new ref`",
        )
    return parse_updates(lines)


def judge_push(updates: Sequence[Update]) -> int:
    from gitmig.commands.check import settings_of_caller, today
    from gitmig.reading.cache import Cache
    from gitmig.reading.facts import FactsReader
    from gitmig.reading.incomplete import NotingObjects
    from gitmig.reading.pushes import PushReader
    from gitmig.repo.plumbing import Git
    from gitmig.repo.refs import open_repository
    from gitmig.repo.repository import Repository
    from gitmig.terminal import put

    with NotingObjects(Git()) as objects:
        git, layout = open_repository(objects.git)
        repository = Repository(git, layout, objects)
        reader = PushReader(repository, FactsReader(objects, Cache.none()), settings_of_caller({}), today())
        reader.open(updates)
        told = [judged(reader, update) for update in reader.guarded(updates)]
        lines = [line for text, _ in told for line in text]
        lines += [f"gitmig: {line}" for line in remarks(reader, updates)]
        status = status_of([status for _, status in told])
        if status != CLEAN:
            status, closing = closed(repository, reader.guarded(updates), status)
            lines += closing
    encoding = sys.stdout.encoding or "utf-8"
    put(sys.stdout, "".join(f"{line}\n" for line in lines).encode(encoding, "backslashreplace").decode(encoding))
    return status


def judged(reader: PushReader, update: Update) -> tuple[list[str], int]:
    """What is shown of one guarded ref, and its exit status; a clean one has nothing to show."""
    from gitmig.report.text import render_error, render_text

    try:
        report = reader.judge(update)
    except GitmigError as error:
        status = ENVIRONMENT if error.status == ENVIRONMENT else UNDECIDED
        text = render_error(error, width=_WIDTH)
        return [headline(update, "refused, because it cannot be decided"), *fitting(text), ""], status
    if not (report.status or report.findings or report.remarks or report.waived):
        return [], CLEAN
    verdict = {CLEAN: "accepted", FINDINGS: "refused"}.get(report.status, "refused, because it cannot be decided")
    text = render_text(report, width=_WIDTH, most=_MOST_FINDINGS)
    again = list(see_it_yourself(update, report)) if report.status else []
    return [headline(update, verdict), *fitting(text), *again, ""], report.status


def fitting(text: str) -> Iterator[str]:
    """The lines of a report, long sentences folded; commands and source text stay on one line."""
    from gitmig.report.style import fold

    for line in text.splitlines():
        yield from fold(line, "", "    ", _WIDTH) if line[:1].strip() else (line,)


def headline(update: Update, verdict: str) -> str:
    from gitmig.report.escape import safe

    return safe(f"gitmig: {update.name}: {verdict} ({update.what})")


def see_it_yourself(update: Update, report: Report) -> Iterator[str]:
    """The command that says the same in the pusher's clone, which has both commits after a fetch."""
    base = report.target.commit if report.target else ""
    if update.new and base:
        yield ""
        yield "the same answer before the next push, after `git fetch`:"
        yield f"          gitmig check --rev {update.new[:12]} --base {base[:12]}"


def remarks(reader: PushReader, updates: Sequence[Update]) -> Iterator[str]:
    """What is worth a word although it is not refused."""
    from gitmig.report.escape import safe

    for remark in reader.remarks:
        yield safe(remark.message)
    for update in updates:
        branch = shared_name(update.ref, reader.refs) if update.new else ""
        if branch:
            yield safe(f"{update.ref} has the name of the shared branch {branch.removeprefix(BRANCHES)};")
            yield "  `git checkout` and CI systems that take short names may confuse them"
        if update.ref.startswith(REPLACEMENTS) and update.new:
            yield safe(f"{update.ref} shows another object in place of one that is stored;")
            yield "  gitmig reads what is stored, and so do clones that do not fetch it"


def status_of(statuses: Sequence[int]) -> int:
    """A finding outranks what could not be decided; any of them refuses."""
    if FINDINGS in statuses:
        return FINDINGS
    return next((status for status in (UNDECIDED, *statuses) if status and status in statuses), CLEAN)


# The way out in an emergency


def closed(repository: Repository, updates: Sequence[Update], status: int) -> tuple[int, list[str]]:
    """The exit status that the server's own setting makes of a refusal, and the last line."""
    answer = repository.git.ask("config", "--get", SETTING)
    mode = answer.output.decode("utf-8", "replace").strip()
    if mode != "warn":
        unknown = (
            [f"gitmig: {SETTING} is {mode!r} here, it can be enforce or warn"] if mode not in ("", "enforce") else []
        )
        announce("gitmig refused this push; what to do stands in the output of git push")
        return status, [*unknown, "gitmig: refused; on the server it stays as it was"]
    kept = keep_record(repository, updates, status)
    record = "recorded on the server" if kept else f"NOT recorded: {LOG} cannot be written"
    return CLEAN, [f"gitmig: let pass, because the server says {SETTING} = warn ({record})"]


def keep_record(repository: Repository, updates: Sequence[Update], status: int) -> bool:
    """One line a ref: when, who, status, ref, old, new.  Appended in one write, so two pushes do not mix."""
    from time import gmtime, strftime

    from gitmig.report.escape import safe

    who = next((os.environ[name] for name in _WHO if os.environ.get(name)), "unknown")
    when = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())
    lines = [f"{when}\t{safe(who)}\t{status}\t{safe(one.ref)}\t{one.old or '-'}\t{one.new or '-'}\n" for one in updates]
    folder = os.path.join(repository.layout.common_dir, "gitmig")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(os.path.join(folder, LOG), "ab", buffering=0) as log:
            log.write("".join(lines).encode("utf-8", "backslashreplace"))
    except OSError:
        return False
    return True


def announce(sentence: str) -> None:
    """GitLab shows people who merge in the browser only lines with this mark."""
    if "GL_REPOSITORY" in os.environ:
        print(f"GL-HOOK-ERR: {sentence}", file=sys.stderr)
