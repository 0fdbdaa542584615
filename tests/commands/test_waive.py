"""`gitmig waive`: one small file for one finding, and nothing else; what it wrote is honoured."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from support.checking import Runner, runner
from support.histories import History
from support.sources import between, project, sources

from gitmig.change.waivers import parse_waiver

Make = Callable[..., History]
LINE = "a1 <- ; b2 <- a1"
SPAN = ("--rev", "work", "--base", "main")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return runner(capsys)


def edited(make_history: Make) -> History:
    history = make_history([("main", project(LINE)), ("work < main", between(LINE, "a1 <- text new ; b2 <- a1"))])
    history.git("checkout", "-q", "work")
    return history


def test_what_it_writes_is_honoured(make_history: Make, run: Runner) -> None:
    history = edited(make_history)
    assert run(history.path, "check", *SPAN).status == 1
    done = run(history.path, "waive", "gm201", "a1", "--reason", "fails on new databases", *SPAN)
    assert done.status == 0, done.said
    assert done.output.startswith("wrote .gitmig/waivers/GM201-a1.waiver\n")
    history.commit("waived")
    done = run(history.path, "check", *SPAN, "--format", "json")
    assert done.status == 0
    (waived,) = json.loads(done.output)["waived"]
    assert waived["waiver"]["reason"] == "fails on new databases"


def test_it_holds_for_the_text_as_it_is_now(make_history: Make, run: Runner) -> None:
    history = edited(make_history)
    run(history.path, "waive", "GM201", "a1", "--reason", "x", *SPAN)
    history.commit("edited once more", **sources("a1 <- text newer"))
    assert run(history.path, "check", *SPAN).status == 1


def test_a_deletion_is_granted_for_the_published_text(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project(LINE)), ("work < main", {"migrations/versions/b2_x.py": None})])
    history.git("checkout", "-q", "work")
    assert run(history.path, "waive", "GM202", "b2", "--reason", "never released", *SPAN).status == 0
    history.commit("waived")
    assert run(history.path, "check", *SPAN).status == 0


def test_a_range(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project(LINE)), ("work < main", between(LINE, "s1 <- text squashed"))])
    history.git("checkout", "-q", "work")
    assert run(history.path, "waive", "GM202", "a1..b2", "--reason", "squashed", *SPAN).status == 0
    history.commit("waived")
    assert run(history.path, "check", *SPAN).status == 0


def test_what_is_staged(make_history: Make, run: Runner) -> None:
    """Two heads on purpose: without a commit named, the index is looked at."""
    history = make_history([("main", project(LINE))])
    history.stage(sources("c3 <- a1"))
    done = run(history.path, "waive", "GM101", "c3", "--reason", "for a week", "--until", "2099-01-31")
    assert done.status == 0, done.said
    (file,) = (history.path / ".gitmig/waivers").iterdir()
    waiver, problems = parse_waiver(f".gitmig/waivers/{file.name}", file.read_bytes())
    assert problems == () and waiver is not None
    assert (waiver.code, set(waiver.revisions), waiver.until) == ("GM101", {"b2", "c3"}, "2099-01-31")
    history.git("add", ".gitmig")
    assert run(history.path, "check").status == 0


MODELS = """from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "user"
    id = Column(Integer, primary_key=True)
    mail = Column(String(80))
"""
FIRST = """import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    op.create_table("user", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("mail", sa.String(80)))


def downgrade():
    op.drop_table("user")
"""


SECOND = """import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.drop_column("user", "mail")


def downgrade():
    op.add_column("user", sa.Column("mail", sa.String(80)))
"""


def test_a_column_that_is_dropped_later(make_history: Make, run: Runner) -> None:
    """Only the change has this finding: to the whole tree it is a revision that goes further than the models."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migrations/env.py": "from models import Base\ntarget_metadata = Base.metadata\n",
        "migrations/versions/a1.py": FIRST,
        "models.py": MODELS,
    }
    history = make_history([("main", files)])
    history.stage({"models.py": MODELS.replace("    mail = Column(String(80))\n", "")})
    assert "gitmig waive GM301 user.mail" in run(history.path, "check").output
    done = run(history.path, "waive", "GM301", "user.mail", "--reason", "after the deploy", "--until", "2099-01-31")
    assert done.status == 0, done.said
    history.git("add", ".gitmig")
    assert run(history.path, "check").status == 0
    history.commit("the models")
    assert "matches nothing" not in run(history.path, "check", "--all").output
    history.stage({"migrations/versions/b2.py": SECOND})
    assert "matches nothing any more" in run(history.path, "check").output


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "no such finding": (("GM202", "a1"), "nothing to waive: no GM202 about a1"),
    "another revision": (("GM201", "b2"), "GM201 is found about a1"),
    "a reason of blanks": (("GM201", "a1", "--reason", "  "), "reason"),
    "no date": (("GM201", "a1", "--until", "next week"), "next week"),
    "a day that is no day": (("GM201", "a1", "--until", "2027-02-30"), "2027-02-30"),
    "no code": (("all", "a1"), "all"),
    "a family": (("GM2", "a1"), "GM2"),
    "half a range": (("GM202", "a1.."), "a1.."),
    "a range of what is nowhere": (("GM202", "x8..y9"), "x8"),
}


@pytest.mark.parametrize(("words", "said"), [pytest.param(*row, id=name) for name, row in REFUSED.items()])
def test_refused_with_status_2_and_nothing_is_written(
    make_history: Make, run: Runner, words: tuple[str, ...], said: str
) -> None:
    history = edited(make_history)
    reason = () if "--reason" in words else ("--reason", "x")
    done = run(history.path, "waive", *words, *reason, *SPAN)
    assert done.status == 2, done.output + done.said
    assert said in done.said
    assert not (history.path / ".gitmig").exists()


def test_one_that_is_there_already_stays_as_it_is(make_history: Make, run: Runner) -> None:
    history = edited(make_history)
    run(history.path, "waive", "GM201", "a1", "--reason", "first", *SPAN)
    file = history.path / ".gitmig/waivers/GM201-a1.waiver"
    text = file.read_bytes()
    done = run(history.path, "waive", "GM201", "a1", "--reason", "second", *SPAN)
    assert done.status == 2
    assert "is there already" in done.said
    assert file.read_bytes() == text
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_it_is_taken_back(make_history: Make, run: Runner) -> None:
    history = edited(make_history)
    run(history.path, "waive", "GM201", "a1", "--reason", "first", *SPAN)
    assert run(history.path, "undo").status == 0
    assert not (history.path / ".gitmig").exists()


def test_a_bare_repository_has_no_place_for_it(make_history: Make, run: Runner) -> None:
    history = make_history([("main", project(LINE)), ("work < main", sources("a1 <- text new"))], bare=True)
    done = run(history.path, "waive", "GM201", "a1", "--reason", "x", *SPAN)
    assert done.status == 4
    assert "no worktree" in done.said


def test_from_a_folder_of_the_repository_it_lies_at_the_top(make_history: Make, run: Runner) -> None:
    history = edited(make_history)
    assert run(history.path / "migrations", "waive", "GM201", "a1", "--reason", "x", *SPAN).status == 0
    assert (history.path / ".gitmig/waivers/GM201-a1.waiver").is_file()


def test_a_folder_that_is_a_file_is_said(make_history: Make, run: Runner) -> None:
    history = edited(make_history)
    (history.path / ".gitmig").write_text("no folder")
    done = run(history.path, "waive", "GM201", "a1", "--reason", "x", *SPAN)
    assert done.status == 1
    assert ".gitmig" in done.said


def test_a_link_does_not_lead_it_out_of_the_repository(make_history: Make, run: Runner) -> None:
    history = edited(make_history)
    outside = history.home / "outside"
    outside.mkdir()
    (history.path / ".gitmig").symlink_to(outside)
    done = run(history.path, "waive", "GM201", "a1", "--reason", "x", *SPAN)
    assert done.status == 1, done.output
    assert list(outside.iterdir()) == []


def test_in_one_of_several_environments(make_history: Make, run: Runner) -> None:
    other = {
        "billing/alembic.ini": "[alembic]\nscript_location = %(here)s/alembic\n",
        "billing/alembic/env.py": "target_metadata = None\n",
        "billing/alembic/script.py.mako": "x\n",
    }
    folder = "billing/alembic/versions"
    table = [
        ("main", {**project(LINE), **other, **sources("a1 <- ; x2 <- a1", folder)}),
        ("work < main", {**sources("a1 <- text new"), **sources("a1 <- text newer", folder)}),
    ]
    history = make_history(table)
    history.git("checkout", "-q", "work")
    assert run(history.path, "waive", "GM201", "a1", "--reason", "x", *SPAN).status == 0
    history.commit("waived")
    done = run(history.path, "check", *SPAN, "--format", "json")
    report = json.loads(done.output)
    assert (len(report["waived"]), len(report["findings"])) == (1, 1)
