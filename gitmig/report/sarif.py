"""SARIF 2.1.0, for code scanners.  https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

from __future__ import annotations

import json

from gitmig import __version__
from gitmig.bundled import REPOSITORY
from gitmig.report.escape import safe
from gitmig.rules.registry import load, rule_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gitmig.change.waivers import Waiver
    from gitmig.findings import Location
    from gitmig.report.report import Located, LocatedRelated, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST_RESULTS = 5_000  # GitHub shows no more of one run
_LONGEST_MESSAGE = 4_000
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def render_sarif(report: Report) -> str:
    """One run; findings that were there before are only counted, waived ones are suppressed results."""
    return json.dumps(_log(report), indent=2) + "\n"


def _log(report: Report) -> dict[str, Any]:
    waived = [(located, waiver) for located, waiver in report.waived]
    shown: list[tuple[Located, Waiver | None]] = [(located, None) for located in report.findings]
    shown = [*shown, *waived][:_MOST_RESULTS]
    codes = sorted({located.finding.code for located, _ in shown})
    places = {code: number for number, code in enumerate(codes)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "gitmig",
                        "semanticVersion": __version__,
                        "informationUri": REPOSITORY,
                        "rules": [_rule(code, shown) for code in codes],
                    }
                },
                "automationDetails": {"id": "gitmig/check/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(report, len(shown))],
                "results": [_result(located, waiver, places) for located, waiver in shown],
            }
        ],
    }


def _rule(code: str, shown: Iterable[tuple[Located, Waiver | None]]) -> dict[str, Any]:
    """A rule with its page; one that this version does not have is known by its findings."""
    if code not in rule_modules():
        finding = next(located.finding for located, _ in shown if located.finding.code == code)
        return {"id": safe(code), "shortDescription": {"text": safe(finding.name) or safe(code) or "unknown"}}
    rule = load(code)
    page = rule.documentation.strip()
    first, _, _ = page.partition("\n")
    level = _LEVELS.get(rule.severity, "warning")
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": first},
        "fullDescription": {"text": first},
        "help": {"text": page, "markdown": page},
        "helpUri": f"{REPOSITORY}/blob/main/docs/rules.md",
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["migrations"], "problem.severity": "recommendation" if level == "note" else level},
    }


def _result(located: Located, waiver: Waiver | None, places: dict[str, int]) -> dict[str, Any]:
    finding = located.finding
    result: dict[str, Any] = {
        "ruleId": safe(finding.code),
        "ruleIndex": places[finding.code],
        "level": _LEVELS.get(finding.severity, "error"),
        "message": {"text": _message(located)},
        "partialFingerprints": {"gitmigIdentity/v1": digest(finding.identity)},
        "locations": [place] if located.location and (place := _location(located.location)) else [],
        "relatedLocations": [
            place for number, one in enumerate(located.related) if (place := _related(one, number)) is not None
        ],
    }
    if waiver is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": safe(waiver.reason)}]
    return result


def _message(located: Located) -> str:
    """Message, note and helps; `](` would make a link of brackets."""
    finding = located.finding
    lines = [finding.message]
    if finding.note:
        lines.append(f"note: {finding.note}")
    for number, one in enumerate(finding.help):
        lines.append(f"{'' if number else 'help: '}{one.text}")
        lines.extend(f"    {command}" for command in one.commands)
    return "\n".join(safe(line) for line in lines).replace("](", "] (")[:_LONGEST_MESSAGE]


def _related(one: LocatedRelated, number: int) -> dict[str, Any] | None:
    place = _location(one.location)
    if place is None:
        return None
    return {"id": number, **place, "message": {"text": safe(one.message).replace("](", "] (")}}


def _location(location: Location) -> dict[str, Any] | None:
    uri = relative_uri(location.path)
    if not uri:
        return None
    region: dict[str, int] = {"startLine": max(location.line, 1), "startColumn": max(location.column, 1)}
    if location.end_line >= region["startLine"]:
        region["endLine"] = location.end_line
        if location.end_column >= 1 and (location.end_line, location.end_column) > (location.line, location.column):
            region["endColumn"] = location.end_column
    return {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}}


def _invocation(report: Report, shown: int) -> dict[str, Any]:
    """What is no finding: why nothing was decided, what did not run, what is worth a look."""
    said = [("error", f"not decided: {reason}") for reason in report.undecided]
    said += [("note", f"not checked: {one.what}: {one.why}") for one in report.skipped]
    said += [("note", f"{one.path}: {one.message}" if one.path else one.message) for one in report.remarks]
    if report.existing:
        said.append(("note", f"existing findings that are not counted: {len(report.existing)}"))
    left = len(report.findings) + len(report.waived) - shown
    if left:
        said.append(("warning", f"findings left out here: {left}"))
    return {
        "executionSuccessful": report.status in (0, 1),
        "exitCode": report.status,
        "toolExecutionNotifications": [{"level": level, "message": {"text": safe(what)}} for level, what in said],
    }


def relative_uri(path: str) -> str:
    """The path percent-encoded, relative to the top level; "" for one that leads out of it."""
    if not path or any(part in ("", ".", "..") for part in path.split("/")):
        return ""
    from urllib.parse import quote

    return quote(path.encode("utf-8", "surrogateescape" if _decodes(path) else "replace"), safe="/")


def digest(identity: str) -> str:
    """What a scanner compares from run to run."""
    from hashlib import sha256

    return sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()


def _decodes(path: str) -> bool:
    """Surrogates outside U+DC80 to U+DCFF stand for no byte."""
    return not any("\ud800" <= sign <= "\udc7f" or "\udd00" <= sign <= "\udfff" for sign in path)
