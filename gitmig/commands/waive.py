"""`gitmig waive`: one finding accepted, with a reason, in one small file to commit."""

from __future__ import annotations

import os
import time

from gitmig.change.waivers import Waiver, parse_waiver, render_waiver, waiver_path
from gitmig.commands.check import Request, run_check
from gitmig.errors import EnvironmentProblem, UsageError
from gitmig.findings import Help
from gitmig.plan import ABSENT, Expected, Plan, write
from gitmig.quoting import shell_word
from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.report.report import Located, Report


def waive(
    directory: str | None, code: str, subject: str, reason: str, until: str, rev: str | None, base: str | None
) -> int:
    """Write the waiver of the finding with this code about this revision or object (or range FIRST..LAST)."""
    from gitmig.apply.apply import apply_plan
    from gitmig.repo.repository import open_at

    repository = open_at(directory)
    if repository.layout.top is None:
        raise EnvironmentProblem("a waiver is a file to commit, and this repository has no worktree")
    repository.objects.close()
    code = code.upper()
    report = report_about(Request(rev, base, directory=directory), code, subject)
    waiver = waiver_of(report, code, subject, reason, until)
    path = waiver_path(waiver)
    content = render_waiver(waiver)
    require_readable(waiver, content, path)
    if os.path.lexists(os.path.join(repository.layout.top, path)):
        raise UsageError(f"{path} is there already", help=(Help("change or delete it by hand", ()),))
    plan = Plan(f"waive {code} of {subject}", (write(path, content, before=None, expected=Expected(ABSENT)),))
    command = f"gitmig waive {shell_word(code)} {shell_word(subject)}"
    with repository.objects:
        apply_plan(repository.git, repository.layout, plan, command=command, allowed=[path], now=int(time.time()))
    print(f"wrote {safe(path)}")
    print(f"help: review it, then commit it with the change:\n          git add -- {safe(path)}")
    return 0


def report_about(request: Request, code: str, subject: str) -> Report:
    """The check as `gitmig check` makes it, or without a commit named and such a finding that of the whole tree.

    Some findings are only in a change: a column that left the models is in the whole tree a revision that goes further.
    """
    report = run_check(request)
    if request.rev is not None or request.base is not None or about(report, code, subject):
        return report
    return run_check(request.replace(everything=True))


def about(report: Report, code: str, subject: str) -> list[Located]:
    found = [one for one in (*report.findings, *report.existing) if one.finding.code == code]
    return [one for one in found if subject in one.finding.revisions or subject in one.finding.objects]


def waiver_of(report: Report, code: str, subject: str, reason: str, until: str) -> Waiver:
    """A waiver that holds for the text as it is now; UsageError when there is no such finding to waive."""
    found = [one for one in (*report.findings, *report.existing) if one.finding.code == code]
    first, dots, last = subject.partition("..")
    if dots:
        if not first or not last:
            raise UsageError(f"a range has two ends, FIRST..LAST, not {subject}")
        ends = {first, last}
        if not any(ends.intersection(one.finding.revisions) for one in found):
            raise UsageError(f"nothing to waive: no {code} about {first} or {last}", note=what_there_is(code, found))
        return Waiver("", code, reason, range=(first, last), until=until)
    meant = about(report, code, subject)
    if not meant:
        raise UsageError(
            f"nothing to waive: no {code} about {subject}",
            note=what_there_is(code, found),
            help=(Help("see what is found:", ("gitmig check --all",)),),
        )
    finding = meant[0].finding
    is_revision = subject in finding.revisions
    return Waiver(
        "",
        code,
        reason,
        revisions=finding.revisions if is_revision else (),
        objects=() if is_revision else finding.objects,
        environment=finding.environment if len(report.environments) > 1 else "",
        fingerprint=meant[0].fingerprint,
        until=until,
    )


def what_there_is(code: str, found: list[Located]) -> str:
    names = sorted({name for one in found for name in (*one.finding.revisions, *one.finding.objects)})
    if not names:
        return f"this check finds no {code} at all"
    return f"{code} is found about {', '.join(names[:5])}"


def require_readable(waiver: Waiver, content: bytes, path: str) -> None:
    """What was typed may have no place in such a file: a reason of blanks, no date, half a range."""
    read, problems = parse_waiver(path, content)
    if problems:
        raise UsageError(f"this would be no waiver: {problems[0].message}")
    if read != waiver.replace(path=path, reason=" ".join(waiver.reason.split())):
        raise UsageError(f"a waiver cannot say {waiver.subject!r}", note="ids and objects have no blanks and commas")
