"""Labels against reports.  Pure: the same runs always give the same score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from replay import expectations
from replay.labels import Case

Report = dict[str, Any]
Finding = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One question to the program and its answer.  `by_hand` names the folders given with --versions."""

    repo: str
    base: str
    head: str
    by_hand: tuple[str, ...]
    status: int | None
    failure: str
    seconds: float
    report: Report | None
    stderr: str = ""


@dataclass(frozen=True)
class Score:
    """How one case came out.  `agrees` is None where the case only describes and nothing is expected."""

    case: Case
    group: str
    expected: str
    said: str
    agrees: bool | None
    by_hand: bool
    details: dict[str, Any] = field(default_factory=dict)


def compact(report: Report | None) -> Report | None:
    """What the scores and a reader of differences need of a report."""
    if report is None:
        return None
    return {
        "verdict": report.get("verdict"),
        "environments": [_compact_environment(each) for each in report.get("environments", [])],
        "findings": [_compact_finding(each) for each in report.get("findings", [])],
        "existing": [_compact_finding(each) for each in report.get("existing", [])],
    }


def _compact_environment(environment: dict[str, Any]) -> dict[str, Any]:
    kept = {name: environment[name] for name in ("name", "versions", "heads") if name in environment}
    kept |= {name: environment[name] for name in ("target_heads", "merged_heads") if name in environment}
    kept["problems"] = [_compact_finding(each) for each in environment.get("problems", [])]
    drift = environment.get("drift")
    if drift:
        kept["drift"] = {
            "verdict": drift.get("verdict"),
            **{side: [_operation(each) for each in drift.get(side, [])] for side in ("missing", "ahead", "mismatch")},
            "unknown": drift.get("unknown", [])[:20],
        }
    return kept


def _operation(operation: dict[str, Any]) -> str:
    return " ".join(str(operation[name]) for name in ("op", "table", "name") if operation.get(name))


def _compact_finding(finding: Finding) -> Finding:
    kept = {name: finding.get(name) for name in ("code", "severity", "message", "revisions", "objects")}
    location = finding.get("location") or {}
    return {**kept, "path": location.get("path", ""), "line": location.get("line", 0)}


def environments_of(report: Report, root: str) -> list[dict[str, Any]]:
    """The environments that have `root`, or a folder below it, among their versions folders."""
    return [
        environment
        for environment in report["environments"]
        if any(folder == root or folder.startswith(root + "/") for folder in environment.get("versions", []))
    ]


def missing_roots(case: Case, report: Report | None) -> list[str]:
    """The labelled folders that the program did not find as environments, so that they must be given by hand."""
    if report is None:
        return list(case.roots)
    if case.kind == "D_net":
        return [] if report["environments"] else list(case.roots)
    if case.kind == "A_heads" and case.record["n"] == 0:
        return []
    if case.kind == "C_edits" and any(_is_about(finding, case) for finding in report["findings"]):
        return []
    return [root for root in case.roots if not environments_of(report, root)]


def score(case: Case, run: Run) -> Score:
    """Judge one case; a run that failed disagrees with every expectation."""
    if case.kind == "A_heads" and case.record["n"] == 0 and run.status == 2:  # the folder is gone, and gitmig says so
        return Score(case, "heads", case.expected, "", True, bool(run.by_hand))
    if run.report is None or run.failure:
        said = run.failure or "no report"
        return Score(case, _group(case), _expected(case), said, False, bool(run.by_hand), {"stderr": run.stderr})
    judge = {"A_heads": _score_heads, "B_merge": _score_merge, "C_edits": _score_edit, "D_net": _score_net}
    return judge[case.kind](case, run.report, bool(run.by_hand))


def _group(case: Case) -> str:
    if case.kind == "B_merge":
        return "path conflict" if case.record["path_conflicts"] else "clean merge"
    if case.kind == "C_edits":
        return expectations.expected_of_edit(case.expected).group
    if case.kind == "D_net":
        side = "with" if case.record["with_revision"] else "without"
        return f"{side} revision, label {expectations.net_group(case.expected)}"
    return "heads"


def _expected(case: Case) -> str:
    if case.kind == "B_merge":
        heads = [_most(case, name) for name in ("base_heads", "merged_heads")]
        return expectations.expected_of_merge(case.expected, *heads)
    return _group(case) if case.kind == "C_edits" else case.expected


def _most(case: Case, name: str) -> int:
    return max((len(root[name]) for root in case.record["roots"].values()), default=0)


def _score_heads(case: Case, report: Report, by_hand: bool) -> Score:
    root = case.roots[0]
    environments = environments_of(report, root)
    said = sorted(
        head["revision"]
        for environment in environments
        for head in environment["heads"]
        if len(environment["versions"]) == 1 or head.get("path", root + "/").startswith(root + "/")
    )
    problems = sorted({each["code"] for environment in environments for each in environment["problems"]})
    details = {"problems": problems, "label_broken": case.record.get("broken")}
    return Score(case, "heads", case.expected, " ".join(said), " ".join(said) == case.expected, by_hand, details)


def _score_merge(case: Case, report: Report, by_hand: bool) -> Score:
    findings = report["findings"]
    said = expectations.merge_verdict(frozenset(finding["code"] for finding in findings))
    expected = _expected(case)
    heads_agree = all(
        sorted(head for each in environments_of(report, root) for head in each.get("merged_heads", []))
        == sorted(labelled["merged_heads"])
        for root, labelled in case.record["roots"].items()
    )
    conflicts = set(case.record["path_conflicts"])
    reported = report["verdict"] == "undecided" or any(
        finding["path"] in conflicts or finding["code"] == "CONFLICT" for finding in findings
    )
    details = {"merged_heads_agree": heads_agree, "conflict_reported": reported, "findings": findings[:8]}
    agrees = reported if conflicts else said == expected
    return Score(case, _group(case), expected, said, agrees, by_hand, details)


def _score_edit(case: Case, report: Report, by_hand: bool) -> Score:
    expectation = expectations.expected_of_edit(case.expected)
    mine = [finding for finding in report["findings"] if _is_about(finding, case)]
    codes = frozenset(finding["code"] for finding in mine)
    said = "+".join(sorted(codes)) or "nothing"
    details = {"label": case.expected, "label_detail": case.record["detail"], "findings": mine[:4]}
    return Score(case, expectation.group, expectation.group, said, expectation.met_by(codes), by_hand, details)


def _is_about(finding: Finding, case: Case) -> bool:
    """A finding belongs to the file it points at, or to the revision of that file.

    GM204 and GM205 also name neighbours; GM205 takes in GM204 at the same place, so for a re-parented file being
    named is enough.
    """
    if finding["code"] not in expectations.EDIT_CODES:
        return False
    paths = {case.record["path"], case.record.get("new_path")}
    if finding["path"] in paths:
        return True
    revision = (case.record.get("old_ids") or [""])[0]
    named = finding.get("revisions") or []
    if finding["code"] == "GM205":
        return "reparent" in case.expected and revision in named
    if finding["code"] == "GM204":
        return named[:1] == [revision]
    return revision in named


def _score_net(case: Case, report: Report, by_hand: bool) -> Score:
    codes = frozenset(finding["code"] for finding in report["findings"])
    drifts = [environment["drift"] for environment in report["environments"] if environment.get("drift")]
    said = expectations.net_verdict(codes, frozenset(drift["verdict"] for drift in drifts))
    wanted = expectations.net_group(case.expected)
    agrees = None if "undecided" in said or wanted == "unreadable" else said == wanted
    models = [finding for finding in report["findings"] if finding["code"].startswith(("GM3", "GM002"))]
    details = {"declarations": case.record["declarations"], "drift": drifts, "findings": models[:8]}
    return Score(case, _group(case), case.expected, said, agrees, by_hand, details)


def difference(result: Score) -> dict[str, Any]:
    """One line of the file of differences: enough to look the case up and read it."""
    case = result.case
    return {
        "kind": case.kind, "repo": case.repo, "base": case.base, "head": case.head, "roots": case.roots,
        "path": case.path, "label": case.expected, "group": result.group, "expected": result.expected,
        "said": result.said, "by_hand": result.by_hand, **result.details,
    }  # fmt: skip


def summary(kind: str, results: list[Score], runs: Iterable[Run]) -> str:
    """Markdown tables of one kind: by group, by repository, and how the runs went."""
    lines = [f"### {kind}", ""]
    if kind == "D_net":
        lines += _net_table(results)
    else:
        lines += _agreement_table("group", results, lambda result: result.group)
    lines += ["", *_agreement_table("repository", results, lambda result: result.case.repo)]
    if kind == "B_merge":
        lines += ["", *_merge_notes(results)]
    return "\n".join([*lines, "", _run_line(results, list(runs)), ""])


def _agreement_table(title: str, results: list[Score], group_of: Any) -> list[str]:
    lines = [f"| {title} | cases | agree | % |", "|---|---:|---:|---:|"]
    for group in [*sorted({group_of(result) for result in results}), "all"]:
        judged = [each for each in results if each.agrees is not None and group in ("all", group_of(each))]
        agreeing = sum(bool(each.agrees) for each in judged)
        lines.append(f"| {group} | {len(judged)} | {agreeing} | {percent(agreeing, len(judged))} |")
    return lines


def _net_table(results: list[Score]) -> list[str]:
    said = ("changed", "same", "undecided")
    lines = ["| commits | cases | " + " | ".join(said) + " | failed |", "|---|---:|---:|---:|---:|---:|"]
    for group in sorted({result.group for result in results}):
        mine = [result.said for result in results if result.group == group]
        counts = [mine.count(word) for word in said]
        lines.append(f"| {group} | {len(mine)} | " + " | ".join(map(str, counts)) + f" | {len(mine) - sum(counts)} |")
    return lines


def _merge_notes(results: list[Score]) -> list[str]:
    heads = sum(bool(result.details.get("merged_heads_agree")) for result in results)
    conflicted = [result for result in results if result.case.record["path_conflicts"]]
    verdicts = sum(result.said == result.expected for result in conflicted)
    false = sum(
        bool(result.details.get("conflict_reported")) for result in results if not result.case.record["path_conflicts"]
    )
    return [
        f"- merged heads equal the label in {heads} of {len(results)} cases ({percent(heads, len(results))} %)",
        f"- with a path conflict, the verdict also equals the label in {verdicts} of {len(conflicted)} cases",
        f"- without a labelled path conflict, undecided or a conflict all the same: {false}",
    ]


def _run_line(results: list[Score], runs: list[Run]) -> str:
    by_hand = sum(result.by_hand for result in results)
    if not runs:
        return "no runs"
    slowest = max(run.seconds for run in runs)
    failures = {run.failure for run in runs if run.failure}
    counted = ", ".join(f"{sum(run.failure == name for run in runs)} {name}" for name in sorted(failures))
    return (
        f"{len(runs)} runs, {by_hand} of {len(results)} cases with --versions because discovery found no environment; "
        f"median {sorted(run.seconds for run in runs)[len(runs) // 2]:.2f} s, slowest {slowest:.2f} s; "
        f"failures: {counted or 'none'}"
    )


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}" if whole else "-"
