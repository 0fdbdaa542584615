"""SARIF, GitLab code quality, JUnit, Markdown and Mermaid: what each must have, and its limits."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from support import reports
from support.golden import assert_golden

from gitmig.findings import Finding, Location
from gitmig.report.gitlab import render_gitlab
from gitmig.report.junit import render_junit
from gitmig.report.markdown import render_markdown
from gitmig.report.mermaid import render_mermaid
from gitmig.report.neighbourhood import near_heads
from gitmig.report.report import EnvironmentReport, GraphNode, Located, Report, Side
from gitmig.report.sarif import relative_uri, render_sarif
from gitmig.revisions.graph import RevisionGraph

GOLDEN = Path(__file__).parent / "golden"

DRAWN = reports.FULL.replace(
    environments=(
        reports.ENVIRONMENT.replace(
            near=(
                GraphNode("27c6a30d7c24", ("1975ea83b712",), "new", True),
                GraphNode("ae1027a6acf", ("1975ea83b712",), "published", True),
                GraphNode("1975ea83b712", ("0a1b2c3d4e5f",)),
            )
        ),
    )
)
RENDERERS = {
    "sarif": render_sarif,
    "gitlab": render_gitlab,
    "junit": render_junit,
    "markdown": render_markdown,
    "mermaid": render_mermaid,
}


@pytest.mark.parametrize("name", RENDERERS)
def test_golden(name: str) -> None:
    text = RENDERERS[name](DRAWN)
    if name == "sarif":
        log = json.loads(text)
        del log["runs"][0]["tool"]["driver"]["rules"]  # the pages of the rules change for reasons of their own
        text = json.dumps(log, indent=2) + "\n"
    assert_golden(GOLDEN / f"full_{name}.txt", text)


def many(count: int) -> Report:
    located = tuple(
        Located(
            Finding("GM101", "n", "error", "e", f"number {number}", key=(str(number),)), Location("a.py", number + 1)
        )
        for number in range(count)
    )
    return Report("findings", "rev", Side("commit"), findings=located, status=1)


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
REGION = {
    "type": "object",
    "required": ["startLine"],
    "properties": {
        name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn", "endLine", "endColumn")
    },
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "id": {"type": "integer", "minimum": 0},
        "message": TEXT,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "region": REGION,
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": "^[^/:?#]"}, "uriBaseId": {"type": "string"}},
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": LEVEL,
        "message": TEXT,
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "locations": {"type": "array", "items": LOCATION},
        "relatedLocations": {"type": "array", "items": LOCATION, "uniqueItems": True},
        "suppressions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"enum": ["inSource", "external"]},
                    "status": {"enum": ["accepted", "underReview", "rejected"]},
                    "justification": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
# The part of the standard's schema that we write, no key more.  GITMIG_SARIF_SCHEMA names the whole of it.
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "tool": {"type": "object", "required": ["driver"]},
                    "automationDetails": {"type": "object"},
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "invocations": {
                        "type": "array",
                        "items": {"type": "object", "required": ["executionSuccessful"]},
                    },
                    "results": {"type": "array", "items": RESULT},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
_SCHEMA = os.environ.get("GITMIG_SARIF_SCHEMA", "")  # read here: a fixture clears the environment


class TestSarif:
    def run(self, report: Report) -> dict[str, Any]:
        (run,) = json.loads(render_sarif(report))["runs"]
        assert isinstance(run, dict)
        return run

    @pytest.mark.parametrize("report", [DRAWN, reports.CLEAN, reports.NOTHING], ids=["full", "clean", "nothing"])
    def test_it_is_valid(self, report: Report) -> None:
        log = json.loads(render_sarif(report))
        jsonschema.validate(log, SARIF)
        if _SCHEMA:
            jsonschema.Draft7Validator(json.loads(Path(_SCHEMA).read_text())).validate(log)

    def test_a_rule_has_its_page(self) -> None:
        rule = next(one for one in self.run(DRAWN)["tool"]["driver"]["rules"] if one["id"] == "GM101")
        assert rule["name"] == "MultipleHeads"
        assert "## Why it matters" in rule["help"]["markdown"]
        assert rule["defaultConfiguration"] == {"level": "error"}

    def test_a_fingerprint_survives_what_moves(self) -> None:
        moved = reports.HEADS.replace(location=Location("other.py", 99), fingerprint="other")
        first, second = (
            self.run(reports.CLEAN.replace(findings=(one,)))["results"][0]["partialFingerprints"]
            for one in (reports.HEADS, moved)
        )
        assert first == second

    def test_waived_results_are_suppressed_with_the_reason(self) -> None:
        suppressed = [one for one in self.run(DRAWN)["results"] if "suppressions" in one]
        assert [one["suppressions"][0]["justification"] for one in suppressed] == ["squashed into 4be1c07"]

    def test_what_was_not_decided_is_a_notification(self) -> None:
        (invocation,) = self.run(DRAWN.replace(status=3))["invocations"]
        assert not invocation["executionSuccessful"] and invocation["exitCode"] == 3
        said = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
        assert "not decided: this clone is shallow" in said

    def test_more_than_a_scanner_shows_is_counted(self) -> None:
        run = self.run(many(5_001))
        assert len(run["results"]) == 5_000
        assert run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"].endswith(": 1")

    @pytest.mark.parametrize(
        ("path", "uri"),
        [
            ("a/b.py", "a/b.py"),
            ("a b/é.py", "a%20b/%C3%A9.py"),
            ("a:b?#%.py", "a%3Ab%3F%23%25.py"),
            ("a\udcff.py", "a%FF.py"),
            ("../x", ""),
            ("/etc/x", ""),
            ("a//b", ""),
            ("a/../b", ""),
            ("", ""),
        ],
    )
    def test_a_path_is_a_relative_uri(self, path: str, uri: str) -> None:
        assert relative_uri(path) == uri


class TestGitLab:
    def test_an_issue_has_what_the_widget_needs(self) -> None:
        first = json.loads(render_gitlab(DRAWN))[0]
        assert first["check_name"] == "GM101 multiple-heads"
        assert first["severity"] == "critical"
        assert first["location"] == {"path": reports.HEADS.location.path, "lines": {"begin": 12}}  # type: ignore[union-attr]

    def test_same_findings_are_separate_issues(self) -> None:
        same = reports.CLEAN.replace(findings=(reports.HEADS, reports.HEADS))
        assert len({one["fingerprint"] for one in json.loads(render_gitlab(same))}) == 2

    def test_undecided_is_an_issue_and_clean_is_none(self) -> None:
        undecided = reports.CLEAN.replace(undecided=("this clone is shallow",))
        assert [one["check_name"] for one in json.loads(render_gitlab(undecided))] == ["undecided"]
        assert json.loads(render_gitlab(reports.CLEAN)) == []


class TestJUnit:
    def counts(self, report: Report) -> dict[str, str]:
        suite = ElementTree.fromstring(render_junit(report))[0]
        return {key: suite.get(key, "") for key in ("tests", "failures", "errors", "skipped")}

    def test_errors_fail_warnings_pass_and_undecided_is_an_error(self) -> None:
        assert self.counts(DRAWN) == {"tests": "7", "failures": "2", "errors": "1", "skipped": "2"}

    def test_a_clean_check_is_one_passed_test(self) -> None:
        assert self.counts(reports.CLEAN) == {"tests": "1", "failures": "0", "errors": "0", "skipped": "0"}


class TestMarkdown:
    def test_what_cannot_be_shown_is_counted(self) -> None:
        shown = render_markdown(many(70))
        assert "and 20 more" in shown
        assert shown.count("### error") == 20

    def test_it_fits_into_a_comment(self) -> None:
        wide = many(50)
        long = tuple(one.replace(finding=one.finding.replace(note="x" * 5_000)) for one in wide.findings)
        path = Location("p" * 600, 1)
        shown = render_markdown(wide.replace(findings=tuple(one.replace(location=path) for one in long)))
        assert len(shown) < 65_536

    def test_a_clean_report_has_neither_table_nor_graph(self) -> None:
        shown = render_markdown(reports.CLEAN)
        assert "|" not in shown and "mermaid" not in shown


class TestMermaid:
    def test_it_draws_sixty_nodes_at_most(self) -> None:
        near = tuple(GraphNode(str(number), (str(number + 1),)) for number in range(100))
        drawn = render_mermaid(reports.CLEAN.replace(environments=(EnvironmentReport("e", (), near=near),)))
        assert len(re.findall(r":::published", drawn)) == 61  # and the one that stands for the rest

    def test_nothing_to_draw(self) -> None:
        assert render_mermaid(reports.NOTHING) == "%% no revisions to draw\n"


def graph(*edges: str) -> RevisionGraph:
    """`"b < a"` is a revision and its parents."""
    nodes = []
    for edge in edges:
        revision, _, parents = edge.partition(" < ")
        nodes.append((revision, tuple(parents.split()), (), (), f"{revision}.py"))
    return RevisionGraph(nodes)


class TestNearHeads:
    def test_lines_are_followed_to_where_they_meet_and_one_further(self) -> None:
        """
        a --- b --- c --- d     target
                     \\
                      x
        """
        target = ("a", "b < a", "c < b", "d < c")
        found = near_heads(graph(*target, "x < c"), graph(*target))
        assert [(one.revision, one.state, one.is_head) for one in found] == [
            ("d", "published", True),
            ("x", "new", True),
            ("c", "published", False),
        ]

    def test_a_missing_parent_is_shown(self) -> None:
        assert [one.state for one in near_heads(graph("b < a"), None)] == ["published", "missing"]

    def test_it_ends(self) -> None:
        wide = graph("root", *(f"h{number} < root" for number in range(500)))
        assert len(near_heads(wide, None)) == 60
        assert near_heads(graph("a < b", "b < a"), None) == ()
        deep = graph("0", *(f"{number + 1} < {number}" for number in range(500)))
        assert len(near_heads(deep, None)) < 20
