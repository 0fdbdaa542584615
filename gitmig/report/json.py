"""The report as JSON, the contract that other programs rely on; keys are only ever added."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gitmig.findings import Location
    from gitmig.report.report import DriftReport, EnvironmentReport, Located, Report


def render_json(report: Report) -> str:
    """One JSON document in ASCII, so that no text of a repository can reach a terminal or break an encoding."""
    return json.dumps(report_value(report), indent=2) + "\n"


def report_value(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    target = report.target
    return {
        "schema": 1,
        "verdict": report.verdict,
        "mode": report.mode,
        "local": {"kind": report.local.kind, "commit": report.local.commit or None},
        "before": list(report.before),
        "target": {"ref": target.ref or None, "commit": target.commit} if target else None,
        "environments": [_environment(one) for one in report.environments],
        "findings": [finding_value(one) for one in report.findings],
        "existing": [finding_value(one) for one in report.existing],
        "waived": [
            {
                **finding_value(one),
                "waiver": {"path": waiver.path, "reason": waiver.reason, "until": waiver.until or None},
            }
            for one, waiver in report.waived
        ],
        "undecided": list(report.undecided),
        "skipped": [{"what": one.what, "why": one.why} for one in report.skipped],
        "remarks": [
            {"message": one.message, "path": one.path, "line": one.line, "note": one.note} for one in report.remarks
        ],
        "status": report.status,
    }


def finding_value(located: Located) -> dict[str, Any]:
    """One finding as plain values, as `check`, `heads` and `audit` show it."""
    finding = located.finding
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "environment": finding.environment,
        "message": finding.message,
        "note": finding.note,
        "help": [{"text": one.text, "commands": list(one.commands)} for one in finding.help],
        "location": _location(located.location),
        "related": [{"location": _location(one.location), "message": one.message} for one in located.related],
        "revisions": list(finding.revisions),
        "objects": list(finding.objects),
        "fingerprint": located.fingerprint,
        "identity": finding.identity,
        "undecided": finding.undecided,
    }


def _location(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line or location.line,
        "end_column": location.end_column or location.column,
    }


def _environment(environment: EnvironmentReport) -> dict[str, Any]:
    return {
        "name": environment.name,
        "versions": list(environment.versions),
        "heads": list(environment.heads),
        "target_heads": list(environment.target_heads),
        "merged_heads": list(environment.merged_heads),
        "drift": _drift(environment.drift) if environment.drift else None,
    }


def _drift(drift: DriftReport) -> dict[str, Any]:
    return {
        "verdict": drift.verdict,
        "missing": [dict(one) for one in drift.missing],
        "ahead": [dict(one) for one in drift.ahead],
        "mismatch": [dict(one) for one in drift.mismatch],
        "unknown": [{"what": one.what, "why": one.why, "location": _location(one.location)} for one in drift.unknown],
    }
