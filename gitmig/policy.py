"""From findings to a verdict: what is selected, how severe it is, what was there before, what is waived.

The rules say what is true of a tree; only here is decided what that means for a person or a pipeline.
"""

from __future__ import annotations

from gitmig.errors import CLEAN, FINDINGS, UNDECIDED
from gitmig.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from gitmig.change.waivers import Waiver
    from gitmig.config import Config
    from gitmig.environments.environment import Problem
    from gitmig.findings import Finding

_RANK = {"error": 0, "warning": 1, "note": 2}
_SHARED_BRANCH_COUNTS = ("GM101",)


class Judgement(Frozen):
    """The verdict and all that went into it.

    `findings` count, the gravest first, with the severity that the configuration gives them; `existing` were there
    before; `undecided` says why the verdict is not clean although no finding is an error.
    """

    verdict: str
    status: int
    findings: tuple[Finding, ...] = ()
    existing: tuple[Finding, ...] = ()
    waived: tuple[tuple[Finding, Waiver], ...] = ()
    undecided: tuple[str, ...] = ()
    remarks: tuple[Problem, ...] = ()


def is_selected(config: Config, code: str) -> bool:
    """Whether the rule runs: the longest prefix of `select` and `ignore` wins, and of equal ones `ignore`."""
    ignored = _longest(config.ignore, code)
    if not config.select:
        return ignored < 0
    return _longest(config.select, code) > ignored


def _longest(prefixes: Sequence[str], code: str) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=-1)


def severity_of(config: Config, code: str, usual: str) -> str:
    """The severity that the configuration gives a code, by its longest prefix; else the rule's own."""
    prefix, severity = "", usual
    for candidate, level in config.severity:
        if code.startswith(candidate) and len(candidate) > len(prefix):
            prefix, severity = candidate, level
    return severity


def judge(
    findings: Iterable[Finding],
    config: Config,
    *,
    place: str = "command",
    today: str = "",
    earlier: Sequence[Collection[str]] = (),
    on_shared: bool = False,
    waivers: Sequence[Waiver] = (),
    within: Callable[[str, str], Collection[str]] | None = None,
    fingerprint_of: Callable[[Finding], str] | None = None,
    undecided: Sequence[str] = (),
    complete: bool = True,
    is_open: Callable[[Waiver], bool] | None = None,
) -> Judgement:
    """Judge the findings of all environments.

    `place` is where the verdict is used: hook (a developer's machine), command, ci or server.  `today` is an ISO date.
    `earlier` has the identities of the findings of each state before and of the target: what all of them have is no
    news, unless the shared branch itself is judged (`on_shared`) and stands in the way of everybody.
    `within` lists the revisions of a range, `fingerprint_of` names the text that a finding judges ("": there is none).
    `undecided` are reasons beside the findings; `complete` says that every selected rule could run, so that a waiver
    that matched nothing is worth a word; not while it `is_open`: what it put off is still to be done.
    """
    counted: list[Finding] = []
    existing: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    matched: set[str] = set()
    stale: dict[str, str] = {}
    for finding in findings:
        if not is_selected(config, finding.code):
            continue
        judged = finding.replace(severity=severity_of(config, finding.code, finding.severity))
        if waivers:
            from gitmig.change.waivers import covers, holds_for

            fingerprint = fingerprint_of(finding) if fingerprint_of else ""
            candidates = [waiver for waiver in waivers if covers(waiver, finding, within)]
            granted = next((waiver for waiver in candidates if holds_for(waiver, fingerprint)), None)
            if granted:
                waived.append((judged, granted))
                matched.add(granted.path)
                continue
            stale.update(dict.fromkeys((waiver.path for waiver in candidates), fingerprint))
        if _is_existing(finding, earlier, on_shared):
            existing.append(judged)
        else:
            counted.append(judged)
    reasons = (*undecided, *(finding.message for finding in counted if finding.undecided))
    verdict = _verdict(counted, reasons)
    return Judgement(
        verdict,
        _status(verdict, config, place),
        tuple(sorted(counted, key=_gravity)),
        tuple(sorted(existing, key=_gravity)),
        tuple(sorted(waived, key=lambda pair: _gravity(pair[0]))),
        tuple(dict.fromkeys(reasons)),
        tuple(_remarks(waivers, matched, stale, today, complete, is_open)) if waivers else (),
    )


def _is_existing(finding: Finding, earlier: Sequence[Collection[str]], on_shared: bool) -> bool:
    if not earlier or (on_shared and finding.code in _SHARED_BRANCH_COUNTS):
        return False
    return all(finding.identity in identities for identities in earlier)


def _verdict(counted: Sequence[Finding], reasons: Sequence[str]) -> str:
    if any(finding.severity == "error" for finding in counted):
        return "findings"
    return "undecided" if reasons else "clean"


def _status(verdict: str, config: Config, place: str) -> int:
    """The exit status of DESIGN section 9; only a hook on a developer's machine lets pass what it cannot decide."""
    if verdict == "findings":
        return FINDINGS
    if verdict == "clean":
        return CLEAN
    lenient = config.undecided == "warn" or (config.undecided == "auto" and place == "hook")
    return CLEAN if lenient else UNDECIDED


def _gravity(finding: Finding) -> tuple[int, str, str, str, str]:
    path = finding.place.path if finding.place else ""
    return _RANK.get(finding.severity, 0), finding.code, finding.environment, path, finding.identity


def _remarks(
    waivers: Sequence[Waiver],
    matched: set[str],
    stale: dict[str, str],
    today: str,
    complete: bool,
    is_open: Callable[[Waiver], bool] | None,
) -> Iterable[Problem]:
    from gitmig.environments.environment import Problem

    for waiver in waivers:
        about = f"waiver of {waiver.code} for {waiver.subject}"
        if waiver.path in matched or (is_open is not None and is_open(waiver)):
            if waiver.until and today and waiver.until < today:
                yield Problem(f"{about} ended on {waiver.until}", waiver.path, note=waiver.reason, blocks=False)
        elif waiver.path in stale:
            granted = waiver.fingerprint or "no fingerprint"
            note = f"granted for {granted}, the text has {stale[waiver.path]}"
            yield Problem(f"{about} was granted for another text", waiver.path, note=note, blocks=False)
        elif complete:
            yield Problem(f"{about} matches nothing any more", waiver.path, note="delete the file", blocks=False)
