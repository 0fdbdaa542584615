"""JUnit XML, which every CI system shows: an error is a failed test, a warning a passed one with a word to say."""

from __future__ import annotations

from xml.etree import ElementTree

from gitmig.report.escape import safe
from gitmig.report.text import render_finding, unsaid_reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.report.report import Located, Report


def render_junit(report: Report) -> str:
    """One suite; a check without findings is one passed test, so that no suite is empty."""
    suite = ElementTree.Element("testsuite", name="gitmig")
    for located in report.findings:
        _add_finding(suite, located)
    for reason in unsaid_reasons(report):
        case = _case(suite, "undecided", reason)
        ElementTree.SubElement(case, "error", message=safe(reason), type="undecided").text = safe(reason)
    for located, waiver in report.waived:
        case = _case(suite, located.finding.environment, f"{located.finding.code} {located.finding.message}")
        ElementTree.SubElement(case, "skipped", message=safe(f"waived by {waiver.path}: {waiver.reason}"))
    for one in report.skipped:
        ElementTree.SubElement(_case(suite, "not checked", one.what), "skipped", message=safe(one.why))
    if not len(suite):
        _case(suite, "gitmig", report.nothing or "check")
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    suites = ElementTree.Element(
        "testsuites", {key: suite.get(key, "") for key in ("name", "tests", "failures", "errors")}
    )
    suites.append(suite)
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def _add_finding(suite: ElementTree.Element, located: Located) -> None:
    finding, location = located.finding, located.location
    case = _case(suite, finding.environment, f"{finding.code} {finding.name}: {finding.message}")
    if location:
        case.set("file", safe(location.path))
        case.set("line", str(location.line))
    if finding.severity == "error":
        failure = ElementTree.SubElement(case, "failure", message=safe(finding.message), type=safe(finding.code))
        failure.text = render_finding(located)
    else:
        ElementTree.SubElement(case, "system-out").text = render_finding(located)


def _case(suite: ElementTree.Element, group: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=safe(group) or "gitmig", name=safe(name))
