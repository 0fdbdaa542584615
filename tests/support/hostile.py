"""Strings that mean something to whatever reads a report, a report that is full of one, and what must hold of it.

The same campaign runs short in the suite and long in bench/hostile_strings.py.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from markdown_it import MarkdownIt

from gitmig.change.waivers import Waiver
from gitmig.environments.environment import Problem
from gitmig.findings import Finding, Help, Location, Place
from gitmig.report.commands import without_commands, without_commands_in_json
from gitmig.report.escape import safe
from gitmig.report.github import render_github
from gitmig.report.gitlab import render_gitlab
from gitmig.report.json import render_json
from gitmig.report.junit import render_junit
from gitmig.report.markdown import render_markdown
from gitmig.report.mermaid import render_mermaid
from gitmig.report.report import (
    EnvironmentReport,
    Excerpt,
    GraphNode,
    Located,
    LocatedRelated,
    Report,
    Side,
    Skipped,
)
from gitmig.report.sarif import render_sarif
from gitmig.report.text import render_text

PIECES = (
    # runners
    *(
        "::error::",
        "::set-output name=x::y",
        "::stop-commands::x",
        "##[error]",
        "##vso[task.complete]",
        "##[",
        "##",
        "####[x]",
    ),
    *("##teamcity[x]", "%0A::error::", "%25", "section_start:1:x\r\x1b[0K", "\n::add-mask::a", "\r\n::debug::"),
    # terminals
    *(
        "\x1b[31m",
        "\x1b]8;;http://x\x07",
        "\x9b2J",
        "\x00",
        "\x07",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\u2066",
        "\u200b",
    ),
    # Markdown, HTML, Mermaid
    *("<script>alert(1)</script>", "<!-- ", " -->", "<img src=x onerror=y>", "[a](javascript:x)", "![](http://x)"),
    *(
        "`",
        "```",
        "````\n",
        "~~~",
        "|",
        "\\|",
        "\\",
        "# ",
        "\n# ",
        "\n---\n",
        "@everyone",
        "https://x.example",
        "www.x.y",
    ),
    *(
        "<http://x>",
        "&lt;",
        "&#60;",
        "[x]: http://y",
        "\n\n",
        "1. ",
        "- ",
        "> ",
        "$$",
        "click r0 href",
        '"]',
        "-->",
        "%%{",
    ),
    # XML and JSON
    *("]]>", "<![CDATA[", "&amp;", "<?xml", '"', "'", '",', "}", "\\u0000", "\ud800", "\udcff", "\ufffe", "\U0001f4a9"),
    # SARIF and paths
    *("[a](1)", "{0}", "../", "/etc/passwd", "C:\\", "file:", "?q", "%2e%2e/", "a b", "é", "日本", " ", "\t"),
)


def strings(seed: int) -> Iterator[str]:
    """Without end: pieces by themselves, then several together with plain and arbitrary characters."""
    yield from PIECES
    source = random.Random(seed)
    while True:
        parts = []
        for _ in range(source.randrange(1, 7)):
            kind = source.random()
            if kind < 0.75:
                parts.append(source.choice(PIECES))
            elif kind < 0.9:
                parts.append(
                    chr(source.choice((source.randrange(256), source.randrange(0x3000), source.randrange(0x110000))))
                )
            else:
                parts.append("".join(source.choices("abc123_ ", k=4)))
        yield "".join(parts)


def report_of(text: str) -> Report:
    """The string in every place that a repository can fill."""
    finding = Finding(
        "GM101", "n", "error", text, text, Place(text, label=text), text, (Help(text, (text,)),), revisions=(text,)
    )
    related = (LocatedRelated(Location(text, 3), text, Excerpt(3, (text,))),)
    located = Located(finding, Location(text, 1, 1, 1, 3), Excerpt(1, (text,)), related, text)
    nodes = (GraphNode(text, (text + "x",), "new", True), GraphNode("b", (text,), "missing"))
    return Report(
        "findings",
        "rev",
        Side("commit", text),
        (text,),
        Side("commit", text, text),
        (EnvironmentReport(text, (text,), (text,), (text,), (text,), near=nodes),),
        (located, located.replace(finding=finding.replace(code=text or "x", severity="warning"))),
        (located,),
        ((located, Waiver(text, "GM101", text, (text,))),),
        (text + "!",),
        (Skipped(text, text),),
        (Problem(text, text, note=text),),
        status=1,
        list_existing=True,
    )


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": lambda report: without_commands(render_text(report)),
    "json": lambda report: without_commands_in_json(render_json(report)),
    "github": render_github,
    "sarif": lambda report: without_commands_in_json(render_sarif(report)),
    "gitlab": lambda report: without_commands_in_json(render_gitlab(report)),
    "junit": lambda report: without_commands(render_junit(report)),
    "markdown": lambda report: without_commands(render_markdown(report)),
    "mermaid": lambda report: without_commands(render_mermaid(report)),
}


def check(text: str) -> None:
    """Asserts all that must hold of the reports of one string."""
    report = report_of(text)
    for name, render in FORMATS.items():
        output = render(report)
        _is_inert(output, commands=2 if name == "github" else 0)
        _CHECKS.get(name, lambda _output, _report: None)(output, report)


def _is_inert(output: str, commands: int) -> None:
    for character in set(output) - {"\n", "\ufe0f"}:  # ours, behind the warning sign
        assert safe(character) == character, f"U+{ord(character):04X}"
    lines = [line for line in output.split("\n") if line.lstrip().startswith("::")]
    assert len(lines) == commands, lines
    assert not re.search(r"##[^\s\[]*\[", output)


def _json(output: str, report: Report) -> None:
    assert output.isascii()
    assert len(json.loads(output)["findings"]) == len(report.findings)


def _sarif(output: str, report: Report) -> None:
    (run,) = json.loads(output)["runs"]
    assert len(run["results"]) == len(report.findings) + len(report.waived)
    for result in run["results"]:
        assert "](" not in result["message"]["text"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for place in (*result["locations"], *result["relatedLocations"]):
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"(?:[A-Za-z0-9_.~/-]|%[0-9A-F]{2})+", uri)
            assert ".." not in unquote_to_bytes(uri).split(b"/") and not uri.startswith("/")


def _gitlab(output: str, report: Report) -> None:
    issues = json.loads(output)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(report.findings) + 1
    assert all(issue["location"]["lines"]["begin"] >= 1 for issue in issues)


def _junit(output: str, report: Report) -> None:
    suites = ElementTree.fromstring(output)
    count = len(report.findings) + len(report.undecided) + len(report.waived) + len(report.skipped)
    assert len(suites.findall("testsuite/testcase")) == count
    assert len(suites.findall("testsuite/testcase/failure")) == 1


_PARSER = MarkdownIt("commonmark").enable("table")


def _markdown(output: str, report: Report) -> None:
    tokens = [inner for token in _PARSER.parse(output) for inner in (token, *(token.children or ()))]
    kinds = [token.type for token in tokens]
    html = {token.content for token in tokens if token.type.startswith("html")}
    assert html <= {"<!-- -->"}, html
    assert "link_open" not in kinds and "image" not in kinds
    assert kinds.count("heading_open") == 1 + len(report.findings)
    assert kinds.count("fence") == 1 + 2 * len(report.findings)
    assert kinds.count("tr_open") == 1 + len(report.findings)
    assert kinds.count("td_open") == 4 * len(report.findings)
    plain = "".join(token.content for token in tokens if token.type in ("text", "html_inline"))
    assert not re.search(r"@\w", plain)


_MERMAID = re.compile(
    r'flowchart LR|    r\d+(?:\(\[|\[)"(?:[A-Za-z0-9 ._-]|#\d+;)*"(?:\]\)|\]):::(?:new|published|missing)'
    r'|    (?:r\d+|below) --> r\d+|    below\["\.\.\."\]:::published|    classDef [a-z]+ [a-z0-9#:,]+|'
)


def _mermaid(output: str, _report: Report) -> None:
    for line in output.split("\n"):
        assert _MERMAID.fullmatch(line), line


_CHECKS: dict[str, Callable[[str, Report], None]] = {
    "json": _json,
    "sarif": _sarif,
    "gitlab": _gitlab,
    "junit": _junit,
    "markdown": _markdown,
    "mermaid": _mermaid,
}
