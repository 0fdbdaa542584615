"""GitLab's code quality report.  https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

from __future__ import annotations

import json

from gitmig.report.escape import safe
from gitmig.report.sarif import digest
from gitmig.report.text import unsaid_reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gitmig.report.report import Located, Report

_SEVERITIES = {"error": "critical", "warning": "minor", "note": "info"}


def render_gitlab(report: Report) -> str:
    """A list of issues; what could not be decided is one too, or the widget would say that all is well."""
    issues = [_issue(located, report) for located in report.findings]
    for reason in unsaid_reasons(report):
        issues.append(_entry(f"not decided: {reason}", "undecided", "major", _anywhere(report), 1))
    seen: dict[str, int] = {}
    for issue in issues:
        # GitLab drops all but one issue of a fingerprint.
        fingerprint = issue["fingerprint"]
        seen[fingerprint] = seen.get(fingerprint, 0) + 1
        if seen[fingerprint] > 1:
            issue["fingerprint"] = digest(f"{fingerprint} {seen[fingerprint]}")
    return json.dumps(issues, indent=2) + "\n"


def _issue(located: Located, report: Report) -> dict[str, Any]:
    finding, location = located.finding, located.location
    said = f"{finding.code} {finding.name}: {finding.message}"
    issue = _entry(
        f"{said}; {finding.note}" if finding.note else said,
        f"{finding.code} {finding.name}",
        _SEVERITIES.get(finding.severity, "critical"),
        location.path if location else _anywhere(report),
        location.line if location else 1,
    )
    issue["fingerprint"] = digest(finding.identity)
    return issue


def _entry(description: str, name: str, severity: str, path: str, line: int) -> dict[str, Any]:
    return {
        "description": safe(description),
        "check_name": safe(name),
        "fingerprint": digest(f"{name}|{description}"),
        "severity": severity,
        "location": {"path": safe(path), "lines": {"begin": max(line, 1)}},
    }


def _anywhere(report: Report) -> str:
    """A path is required."""
    folders = (folder for environment in report.environments for folder in environment.versions)
    return next((folder for folder in folders if folder), ".")
