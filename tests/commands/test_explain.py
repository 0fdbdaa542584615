"""`gitmig explain`: the page of a rule, by code or by name, or the list of all."""

from __future__ import annotations

import pytest
from support.checking import Runner, runner

from gitmig.rules.registry import rule_modules


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys)


@pytest.mark.parametrize("code", rule_modules())
def test_every_rule_has_a_page(run: Runner, code: str) -> None:
    done = run(None, "explain", code)
    assert (done.status, done.said) == (0, "")
    assert done.output.startswith(f"{code} ")
    assert "## What to do instead" in done.output


@pytest.mark.parametrize("asked", ["GM205", "gm205", "sunken-revision", "Sunken-Revision"])
def test_by_code_or_name(run: Runner, asked: str) -> None:
    assert run(None, "explain", asked).output.startswith("GM205 sunken-revision (error)\n")


def test_the_list_has_every_rule_in_one_line(run: Runner) -> None:
    lines = run(None, "explain").output.splitlines()
    assert [line.split()[0] for line in lines] == list(rule_modules())


def test_as_markdown(run: Runner) -> None:
    assert run(None, "explain", "GM205", "--format", "markdown").output.startswith("## GM205 sunken-revision (error)\n")
    assert run(None, "explain", "--format", "markdown").output.startswith("| code | name |")


@pytest.mark.parametrize("asked", ["GM999", "nothing", "", "GM2", "../../etc/passwd", "\x1b[31m"])
def test_an_unknown_rule_is_refused_and_the_list_is_named(run: Runner, asked: str) -> None:
    done = run(None, "explain", asked)
    assert (done.status, done.output) == (2, "")
    assert "gitmig explain" in done.said
    assert "\x1b" not in done.said


def test_a_code_that_is_almost_right_is_suggested(run: Runner) -> None:
    assert "sunken-revision" in run(None, "explain", "sunken-revison").said
