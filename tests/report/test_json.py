"""The JSON of `gitmig check`, a contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import reports
from support.golden import assert_golden

from gitmig.findings import Finding
from gitmig.report.json import render_json
from gitmig.report.report import Located, Report, Side

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["full", "clean", "nothing"])
def test_golden(name: str) -> None:
    assert_golden(GOLDEN / f"{name}.json", render_json(getattr(reports, name.upper())))


CONTRACT = {
    "": {"schema", "verdict", "mode", "local", "before", "target", "environments", "findings", "existing", "waived"},
    "local": {"kind", "commit"},
    "target": {"ref", "commit"},
    "environments": {"name", "versions", "heads", "target_heads", "merged_heads", "drift"},
    "findings": {
        *("code", "name", "severity", "environment", "message", "note", "help"),
        *("location", "related", "revisions", "objects", "fingerprint"),
    },
}


@pytest.mark.parametrize("key", CONTRACT)
def test_the_keys_of_the_contract_are_there(key: str) -> None:
    document = json.loads(render_json(reports.FULL))
    value = document[key] if key else document
    assert CONTRACT[key] <= set(value[0] if isinstance(value, list) else value)


def test_the_parts_of_a_finding() -> None:
    document = json.loads(render_json(reports.FULL))
    heads = document["findings"][0]
    assert set(heads["help"][0]) == {"text", "commands"}
    assert set(heads["location"]) == {"path", "line", "column", "end_line", "end_column"}
    assert set(heads["related"][0]) == {"location", "message"}
    assert document["findings"][3]["location"] is None
    assert document["waived"][0]["waiver"]["reason"] == "squashed into 4be1c07"
    assert set(document["environments"][0]["drift"]) == {"verdict", "missing", "ahead", "mismatch", "unknown"}


def test_what_is_not_there_is_null() -> None:
    document = json.loads(render_json(Report("clean", "all", Side("worktree"))))
    assert (document["target"], document["local"]["commit"]) == (None, None)


@given(st.text(st.characters(categories=None)))
def test_any_text_survives_in_ascii(text: str) -> None:
    report = Report("findings", "rev", Side("commit"), findings=(Located(Finding("GM101", "n", "error", "e", text)),))
    rendered = render_json(report)
    assert rendered.isascii()
    assert json.loads(rendered)["findings"][0]["message"].encode("utf-16", "surrogatepass") == text.encode(
        "utf-16", "surrogatepass"
    )
