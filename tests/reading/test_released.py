"""Revisions that only a release has are published as well: an id means one text and one parent."""

from __future__ import annotations

from collections.abc import Callable

from support.histories import History

from gitmig.commands.check import Request, run_check

ENVIRONMENT = {
    "alembic.ini": "[alembic]\nscript_location = m\n",
    "m/env.py": "",
    "m/script.py.mako": "",
    "gitmig.toml": 'shared = ["main"]\nreleased = ["v*"]\n',
}


def revision(name: str, parent: str | None, body: str = "pass") -> dict[str, str]:
    text = f"revision = {name!r}\ndown_revision = {parent!r}\n\n\ndef upgrade():\n    {body}\n"
    return {f"m/versions/{name}.py": text}


def codes(history: History) -> list[str]:
    report = run_check(
        Request(
            rev="refs/heads/backport", base="refs/heads/main", options={"select": ["GM2"]}, directory=str(history.path)
        )
    )
    return [one.finding.code for one in report.findings]


def test_a_backport_needs_an_id_of_its_own(make_history: Callable[..., History]) -> None:
    """v1 has fix on a1; the backport puts the same id on b2."""
    table = [
        ("main", {**ENVIRONMENT, **revision("a1", None)}),
        ("release < main", revision("fix", "a1")),
        ("refs/tags/v1 < release", None),
        ("main", revision("b2", "a1")),
        ("backport < main", revision("fix", "b2")),
    ]
    assert codes(make_history(table)) == ["GM204"]


def test_a_backport_with_an_id_of_its_own_is_fine(make_history: Callable[..., History]) -> None:
    table = [
        ("main", {**ENVIRONMENT, **revision("a1", None)}),
        ("release < main", revision("fix", "a1")),
        ("refs/tags/v1 < release", None),
        ("main", revision("b2", "a1")),
        ("backport < main", revision("fix2", "b2")),
    ]
    assert codes(make_history(table)) == []


def test_what_a_release_has_and_this_change_does_not_touch_is_left_alone(make_history: Callable[..., History]) -> None:
    """main went on without fix after the release; a branch that adds something else did not delete it."""
    table = [
        ("main", {**ENVIRONMENT, **revision("a1", None)}),
        ("release < main", {**revision("fix", "a1"), **revision("a1", None, "op.execute('x')")}),
        ("refs/tags/v1 < release", None),
        ("backport < main", revision("b2", "a1")),
    ]
    assert codes(make_history(table)) == []
