"""What the hooks offer and do about two heads under the real pre-commit and the real prek, at terminals and without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from support.bookshop import COUNTRY, COVER, LAST, Bookshop, heads, is_clean, two_lines
from support.terminals import at_terminal, in_background

from gitmig.repo.hook_install import EVENTS, apply_steps, plan_uninstall, read_installation

MANIFEST = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
MERGE = ("merge", "-q", "--no-edit", "--no-verify", "origin/main")


@pytest.fixture(params=["pre-commit", "prek"])
def managed(bookshop: Bookshop, request: pytest.FixtureRequest) -> Bookshop:
    """The example project with every stage installed by the manager; gitmig is found on PATH."""
    found = read_installation(str(bookshop.path))
    apply_steps(found, plan_uninstall(found))
    hooks = [{**hook, "language": "system"} for hook in MANIFEST]
    bookshop.commit("hooks", **{".pre-commit-config.yaml": json.dumps({"repos": [{"repo": "local", "hooks": hooks}]})})
    bookshop.environment["PRE_COMMIT_HOME"] = bookshop.environment["PREK_HOME"] = str(bookshop.home / "manager")
    bookshop.run(request.param, "install", *(word for event in EVENTS for word in ("--hook-type", event)))
    return bookshop


def rebased_by_pull(shop: Bookshop) -> str:
    shop.git("branch", "-q", "--set-upstream-to=origin/main")
    return said_by(shop, "pull", "-q", "--rebase")


def said_by(shop: Bookshop, *command: str) -> str:
    done = shop.git(*command)
    return done.stdout + done.stderr


WAYS = {
    "a merge past the hooks": (lambda shop: said_by(shop, *MERGE), "merge"),
    "a rebase": (lambda shop: said_by(shop, "rebase", "-q", "origin/main"), "rebase"),
    "pull --rebase": (rebased_by_pull, "rebase"),
    "a cherry-pick": (lambda shop: said_by(shop, "cherry-pick", "main"), "commit"),
}


@pytest.mark.parametrize(("act", "what"), WAYS.values(), ids=WAYS)
def test_the_offer_is_made_once_and_git_is_done(managed: Bookshop, act, what: str) -> None:
    two_lines(managed)
    said = act(managed)
    assert said.count(f"2 heads after this {what}") == 1
    assert "gitmig resolve --auto" in said
    assert f"alembic downgrade {LAST}" in said
    assert heads(managed) == [COUNTRY, COVER]
    assert is_clean(managed)


def test_in_the_background_nobody_is_asked_and_nothing_stops(managed: Bookshop) -> None:
    two_lines(managed, 'prompt = "ask"\n')
    environment = {**managed.environment, "TERM": "xterm"}
    status, shown = at_terminal(in_background(["git", *MERGE]), cwd=managed.path, environment=environment, answers={})
    assert status == 0, shown
    assert "[y/N]" not in shown
    assert heads(managed) == [COUNTRY, COVER]


def test_at_a_terminal_the_answer_counts_and_the_merge_stays(managed: Bookshop) -> None:
    two_lines(managed, 'prompt = "ask"\n')
    before = managed.head("origin/main")
    environment = {**managed.environment, "TERM": "xterm"}
    status, shown = at_terminal(["git", *MERGE], cwd=managed.path, environment=environment, answers={"[y/N]": "y\n"})
    assert status == 0, shown
    assert heads(managed) == [COUNTRY]
    assert before in managed.git("rev-list", "--parents", "-n1", "HEAD").stdout


def test_blocked_the_merge_waits_with_the_remedy_in_it(managed: Bookshop) -> None:
    two_lines(managed, 'on_merge = "block"\n')
    managed.git("merge", "--no-edit", "origin/main", status=1)
    assert managed.git("diff", "--name-only").stdout == ""
    managed.git("commit", "-q", "--no-edit")
    assert len(managed.git("rev-list", "--parents", "-n1", "HEAD").stdout.split()) == 3
    assert heads(managed) == [COUNTRY]
    assert is_clean(managed)
