"""What is written about gitmig says what gitmig does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitmig.cli import gitmig
from gitmig.report.pages import render_rules_document
from gitmig.rules import rule as rule_text
from gitmig.rules.registry import load, load_rules, rule_modules

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
        ROOT / "bench" / "README.md",
    ]
)
NEEDS = set(re.findall(r"\w+", str(rule_text.__doc__).split("`needs`")[1].split("reads:")[1].split("`check`")[0]))
HEADINGS = ("What it does", "Why it matters", "Example", "What to do instead", "What it cannot see")
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?:^|&& |\$ )\s*gitmig (?:-C \S+ )?([a-z][a-z-]*)([^\n|;&#]*)", re.MULTILINE)
# Says what the journal will hold for commands that are still to come.
AHEAD = ("docs/undo.md",)


@pytest.fixture(params=[path for path in DOCUMENTS if path.exists()], ids=lambda path: str(path.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.read_text(encoding="utf-8")


def test_the_page_of_rules_is_the_docstrings() -> None:
    """`python -m gitmig.report.pages > docs/rules.md` writes it."""
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == render_rules_document(load_rules())


@pytest.mark.parametrize("code", rule_modules())
def test_every_rule_explains_itself(code: str) -> None:
    page = load(code).documentation
    summary, *_ = page.strip().splitlines()
    assert summary.endswith(".") and len(summary) <= 110
    assert tuple(re.findall(r"^## (.+)$", page, re.MULTILINE)) == HEADINGS
    parts = re.split(r"^## .+$", page, flags=re.MULTILINE)
    assert all(part.strip() for part in parts)


@pytest.mark.parametrize("code", rule_modules())
def test_every_rule_declares_what_is_known(code: str) -> None:
    rule = load(code)
    assert rule.severity in ("error", "warning", "note")
    assert set(rule.needs) <= NEEDS
    assert set(rule.in_mode.values()) <= {"error", "warning", "note"}
    assert re.fullmatch(r"gm\d{3}_[a-z_]+", rule_modules()[code])


def commands_in(document: str) -> list[tuple[str, str]]:
    """Each command that stands as code, and what follows it on its line."""
    pieces = ["".join(match.groups("")) for match in CODE.finditer(document)]
    return [(match.group(1), match.group(2)) for piece in pieces for match in COMMAND.finditer(piece)]


def test_only_commands_and_options_that_exist_are_named(request: pytest.FixtureRequest, document: str) -> None:
    if str(request.node.callspec.params["document"].relative_to(ROOT)) in AHEAD:
        pytest.skip("written ahead")
    for name, line in commands_in(document):
        assert name in gitmig.commands, f"gitmig {name}{line}"
        known = {"--help", *(option for one in gitmig.commands[name].params for option in one.opts)}
        assert set(re.findall(r"(?<=\s)--[a-z][a-z-]+", line)) <= known, f"gitmig {name}{line}"


def test_the_commands_of_the_readme_are_seen() -> None:
    named = {name for name, _ in commands_in((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert {"check", "heads", "explain", "waive", "doctor", "install"} <= named


def test_every_code_that_is_named_is_a_rule_or_a_family(document: str) -> None:
    codes = rule_modules()
    named = set(re.findall(r"\bGM\d{1,3}\b", document))
    assert {one for one in named if not any(code.startswith(one) for code in codes)} == set()


def test_links_lead_somewhere(request: pytest.FixtureRequest, document: str) -> None:
    path = request.node.callspec.params["document"]
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (path.parent / target).exists(), target


def test_no_document_knows_the_machine_that_it_was_written_on(document: str) -> None:
    assert not re.findall(r"(?:/home/|/root/|/Users/|/work/|/workspace|C:\\Users)\S*", document)


SOURCES = [
    *(ROOT / "gitmig").rglob("*.py"),
    *(ROOT / "hooks").glob("*"),
    *(ROOT / "bench").rglob("*.py"),
    *(path for path in ROOT.glob("*") if path.suffix in (".toml", ".yaml", ".yml", "") and path.name != ".git"),
]


def test_no_source_does_either() -> None:
    pattern = re.compile(rb"(?:/root/|/Users/\w|/work/main|/work/shared|/home/(?!\w+/\.\.\.))\S*")
    found = {
        f"{path.relative_to(ROOT)}: {match.group().decode('utf-8', 'replace')}"
        for path in SOURCES
        if path.is_file()
        for match in pattern.finditer(path.read_bytes())
    }
    assert not found
