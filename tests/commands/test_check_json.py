"""The JSON of `gitmig check` and `gitmig heads` against the contract of DESIGN section 9, key by key."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.checking import checker, runner
from support.histories import History
from support.sources import project, sources

Make = Callable[..., History]

TEXT, NUMBER, BOOLEAN = str, int, bool
LOCATION = {"path": TEXT, "line": NUMBER, "column": NUMBER, "end_line": NUMBER, "end_column": NUMBER}
FINDING: dict[str, Any] = {
    "code": TEXT,
    "name": TEXT,
    "severity": {"error", "warning", "note"},
    "environment": TEXT,
    "message": TEXT,
    "note": TEXT,
    "help": [{"text": TEXT, "commands": [TEXT]}],
    "location": (LOCATION, None),
    "related": [{"location": LOCATION, "message": TEXT}],
    "revisions": [TEXT],
    "objects": [TEXT],
    "fingerprint": TEXT,
    "identity": TEXT,
    "undecided": BOOLEAN,
}
OPERATION = {
    "op": TEXT,
    "table": TEXT,
    "name": (TEXT, None),
    "detail": dict,
    "source": ({"path": TEXT, "line": NUMBER}, None),
}
DRIFT = {
    "verdict": {"none", "covered", "uncovered", "unknown"},
    "missing": [OPERATION],
    "ahead": [OPERATION],
    "mismatch": [OPERATION],
    "unknown": [{"what": TEXT, "why": TEXT, "location": (LOCATION, None)}],
}
CHECK: dict[str, Any] = {
    "schema": {1},
    "verdict": {"clean", "findings", "undecided"},
    "mode": {"staged", "rev", "all"},
    "local": {"kind": {"staged", "commit", "worktree"}, "commit": (TEXT, None)},
    "before": [TEXT],
    "target": ({"ref": (TEXT, None), "commit": TEXT}, None),
    "environments": [
        {
            "name": TEXT,
            "versions": [TEXT],
            "heads": [TEXT],
            "target_heads": [TEXT],
            "merged_heads": [TEXT],
            "drift": (DRIFT, None),
        }
    ],
    "findings": [FINDING],
    "existing": [FINDING],
    "waived": [{**FINDING, "waiver": {"path": TEXT, "reason": TEXT, "until": (TEXT, None)}}],
    "undecided": [TEXT],
    "skipped": [{"what": TEXT, "why": TEXT}],
    "remarks": [{"message": TEXT, "path": TEXT, "line": NUMBER, "note": TEXT}],
    "status": NUMBER,
}
HEADS: dict[str, Any] = {
    "schema": {1},
    "environments": [
        {
            "name": TEXT,
            "versions": [TEXT],
            "heads": [{"revision": TEXT, "path": TEXT, "branch_labels": [TEXT]}],
            "bases": [TEXT],
            "branchpoints": [TEXT],
            "mergepoints": [TEXT],
            "revisions": NUMBER,
            "problems": [FINDING],
        }
    ],
}


def faults(value: Any, shape: Any, at: str = "") -> list[str]:
    """Where the value is not of the shape: a type, a set of values, a list of one shape, a mapping, a choice."""
    if isinstance(shape, tuple):
        return [] if any(not faults(value, one, at) for one in shape) else [f"{at}: {value!r} is none of the choices"]
    if isinstance(shape, set):
        return [] if value in shape else [f"{at}: {value!r} is not in {shape}"]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{at}: {value!r} is no list"]
        return [fault for number, one in enumerate(value) for fault in faults(one, shape[0], f"{at}[{number}]")]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is no mapping"]
        wrong = [f"{at}.{key}: {'missing' if key in shape else 'not in the contract'}" for key in value.keys() ^ shape]
        return wrong + [
            fault for key in value.keys() & shape for fault in faults(value[key], shape[key], f"{at}.{key}")
        ]
    if shape is None:
        return [] if value is None else [f"{at}: {value!r} is not null"]
    return [] if type(value) is shape else [f"{at}: {value!r} is no {shape.__name__}"]


MODELS = """
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
"""
ENV = "from alembic import context\nfrom shop.models import Base\n\ntarget_metadata = Base.metadata\n"
LINE = "a1 <- ; b2 <- a1"
OLD = "a1 <- ; b2 <- a1 ; c3 <- a1"

CASES: dict[str, tuple[list[Any], tuple[str, ...], str]] = {
    "clean": ([("main", project(LINE)), ("work < main", sources("c3 <- b2"))], (), "clean"),
    "findings of every family": (
        [
            ("main", project(LINE)),
            (
                "work < main",
                {
                    **sources("a1 <- text new ; c3 <- a1 says Revises=b2"),
                    "migrations/versions/d.py": "revision = x()\n",
                },
            ),
        ],
        (),
        "findings",
    ),
    "existing ones": ([("main", project(OLD)), ("work < main", sources("d4 <- c3"))], (), "clean"),
    "drift": (
        [
            ("main", {**project("a1 <-"), "migrations/env.py": ENV, "shop/__init__.py": ""}),
            ("work < main", {"shop/models.py": MODELS}),
        ],
        (),
        "findings",
    ),
    "undecided": (
        [
            ("main", project(LINE)),
            ("work < main", sources("b2 <- a1 text mine")),
            ("main", sources("b2 <- a1 text theirs")),
        ],
        (),
        "undecided",
    ),
    "a waiver that matches nothing": (
        [
            ("main", project(LINE)),
            ("work < main", {".gitmig/waivers/x.waiver": "code: GM202\nrevision: z9\nreason: x\n"}),
        ],
        (),
        "clean",
    ),
    "no environment": ([("main", {"a.py": ""}), ("work < main", {"b.py": ""})], (), "undecided"),
}


@pytest.mark.parametrize(("table", "options", "verdict"), [pytest.param(*row, id=name) for name, row in CASES.items()])
def test_check_keeps_its_contract(
    make_history: Make, capsys: pytest.CaptureFixture[str], table: list[Any], options: tuple[str, ...], verdict: str
) -> None:
    done = checker(capsys)(make_history(table).path, "--rev", "work", "--base", "main", *options)
    assert faults(done.report, CHECK) == []
    assert done.report["verdict"] == verdict


def test_what_is_staged_keeps_it_too(make_history: Make, capsys: pytest.CaptureFixture[str]) -> None:
    history = make_history([("main", project(LINE))])
    check = checker(capsys)
    assert faults(check(history.path).report, CHECK) == []
    history.stage(sources("c3 <- a1"))
    done = check(history.path)
    assert faults(done.report, CHECK) == []
    assert (done.report["local"], done.report["target"]) == ({"kind": "staged", "commit": None}, None)


def test_the_case_of_drift_names_the_operation(make_history: Make, capsys: pytest.CaptureFixture[str]) -> None:
    table, _, _ = CASES["drift"]
    done = checker(capsys)(make_history(table).path, "--rev", "work", "--base", "main")
    (environment,) = done.report["environments"]
    assert environment["drift"]["verdict"] == "uncovered"
    assert [(one["op"], one["table"]) for one in environment["drift"]["missing"]] == [("create_table", "books")]


@pytest.mark.parametrize("drawing", ["", LINE, "a1 <- label x ; b2 <- a1 ; c3 <- gone", "a1 <- ; b2 <- a1 broken"])
def test_heads_keeps_its_contract(make_history: Make, capsys: pytest.CaptureFixture[str], drawing: str) -> None:
    history = make_history([("main", project(drawing))])
    done = runner(capsys)(history.path, "heads", "--format", "json")
    assert done.status == 0
    assert faults(json.loads(done.output), HEADS) == []


def test_the_measure_itself_finds_what_is_wrong() -> None:
    good = {"path": "a", "line": 1, "column": 1, "end_line": 1, "end_column": 2}
    assert faults(good, LOCATION) == []
    assert faults({**good, "line": "1"}, LOCATION) == [".line: '1' is no int"]
    assert faults({**good, "more": 1}, LOCATION) == [".more: not in the contract"]
    assert faults({"path": "a"}, {"path": TEXT, "line": NUMBER}) == [".line: missing"]
