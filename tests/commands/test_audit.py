"""`gitmig audit` on real histories: what it finds, where it looks, and how it says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.histories import History, Row
from support.scratch import Scratch
from support.sources import between, project, sources

Make = Callable[..., History]

PAST: list[Row] = [
    ("main", project("a1 <- ; b2 <- a1")),
    ("main", {"README.md": "one\n"}),
    ("feature < main", sources("c3 <- b2")),
    ("main", sources("d4 <- b2")),
    ("main + feature", {}),  # two heads, found by nobody
    *[("main", {"README.md": f"{number}\n"}) for number in range(10)],
    ("main", sources("c3 <- d4")),  # mended by another parent
    *[("main", {"README.md": f"after {number}\n"}) for number in range(10)],
    ("main", sources("a1 <- text new")),
    ("main", sources("b2 <- a1 look new")),
    (
        "main",
        {"migrations/versions/c3_x.py": None, "migrations/versions/c3_better.py": sources("c3 <- d4").popitem()[1]},
    ),
]


@pytest.fixture
def past(make_history: Make) -> History:
    return make_history(PAST)


def audited(history: Scratch, *words: str) -> dict[str, Any]:
    done = history.run("gitmig", "audit", *words, "--format", "json")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def kinds(audit: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["revision"]) for one in audit["environments"][0]["touches"]]


def test_a_past_is_told(past: History) -> None:
    audit = audited(past, "main")
    assert (audit["branch"], audit["commits"], audit["touching"]) == ("main", 28, 7)
    (environment,) = audit["environments"]
    (double,) = environment["periods"]
    assert (double["kind"], double["revisions"], double["fixes"]) == ("double-heads", ["c3", "d4"], ["re-parented"])
    assert double["seconds"] == 11 * 60
    assert double["start"]["author"] == "Ada"
    assert kinds(audit) == [
        ("re-parented", "c3"),
        ("edited", "a1"),
        ("cosmetic", "b2"),
        ("moved", "c3"),
    ]
    assert (audit["summary"]["double_heads"], audit["summary"]["edited"]) == (1, 1)
    assert audit["refused_commits"] == 3


def test_the_first_lines_say_it(past: History) -> None:
    past.environment["COLUMNS"] = "80"
    lines = past.run("gitmig", "audit", "main").stdout.splitlines()
    assert lines[0] == "3 of 7 commits that touch revisions would have been refused (42 %)"
    assert lines[1].startswith("main: 28 commits, 2025-06-15 to 2025-06-15")
    assert lines[3].split()[:3] == ["double", "heads", "1"]
    assert all(len(line) <= 80 for line in lines)


def test_only_what_came_after_a_commit(past: History) -> None:
    base = past.commits[-4]
    audit = audited(past, f"{base}..main")
    assert audit["commits"] == 3
    assert kinds(audit) == [("edited", "a1"), ("cosmetic", "b2"), ("moved", "c3")]
    assert {one["age"] for one in audit["environments"][0]["touches"]} == {-1}


def test_a_branch_that_was_merged_did_not_publish_its_steps(make_history: Make) -> None:
    """What a feature branch does to its own revisions before it is merged is nobody's past."""
    history = make_history(
        [
            ("main", project("a1 <- ")),
            ("feature < main", sources("b2 <- a1")),
            ("feature", sources("b2 <- a1 text other")),
            ("main", {"x": "x"}),
            ("main + feature", {}),
        ]
    )
    assert kinds(audited(history, "main")) == []


def test_a_folder_that_moves_deletes_nothing(make_history: Make) -> None:
    moved = {
        **dict.fromkeys(project("a1 <- ; b2 <- a1")),
        **{path.replace("migrations/", "db/"): text for path, text in project("a1 <- ; b2 <- a1 text new").items()},
        "alembic.ini": project()["alembic.ini"].replace("migrations", "db"),
    }
    history = make_history(
        [("main", project("a1 <- ; b2 <- a1")), ("main", moved), ("main", sources("c3 <- b2", "db/versions"))]
    )
    audit = audited(history, "main")
    assert kinds(audit) == [("moved", "a1"), ("edited", "b2"), ("moved", "b2")]
    assert [one["versions"] for one in audit["environments"]] == [["db/versions"]]


def test_a_configuration_that_is_broken_for_a_day_deletes_nothing(make_history: Make) -> None:
    history = make_history(
        [
            ("main", project("a1 <- ; b2 <- a1")),
            ("main", {"alembic.ini": "[alembic]\nscript_location = nowhere\n", "migrations/env.py": None}),
            ("main", project("a1 <- ; b2 <- a1")),
        ]
    )
    assert kinds(audited(history, "main")) == []


def test_two_environments_have_a_past_each(make_history: Make) -> None:
    second = {"other/env.py": "", "other/script.py.mako": "x", **sources("k1 <- ", "other/versions")}
    history = make_history(
        [
            ("main", project("a1 <- ")),
            ("main", second),
            ("main", sources("k1 <- text new", "other/versions")),
        ]
    )
    found = {one["name"]: one for one in audited(history, "main")["environments"]}
    assert {name: len(one["touches"]) for name, one in found.items()} == {"migrations": 0, "other": 1}


def test_releases_and_what_sank_between_them(make_history: Make) -> None:
    history = make_history(
        [
            ("main", project("a1 <- ; b2 <- a1")),
            ("refs/tags/v1.0 < main", None),
            ("main", sources("x9 <- a1 ; b2 <- x9")),
            ("refs/tags/v1.1rc1 < main", None),
            ("refs/tags/v1.1 < main", None),
        ]
    )
    (environment,) = audited(history, "main")["environments"]
    (release,) = environment["releases"]
    assert (release["tag"], release["before"]) == ("v1.1", "v1.0")
    assert release["sunken"] == [{"revision": "x9", "beneath": "b2"}]
    assert "v1.1, after v1.0: x9 beneath b2" in history.run("gitmig", "audit", "main").stdout


def test_labels_that_are_computed_are_no_double_heads(make_history: Make) -> None:
    text = sources("c3 <- a1").popitem()[1].replace("branch_labels = None", "branch_labels = (cli.EXPAND,)")
    history = make_history([("main", project("a1 <- ; b2 <- a1")), ("main", {"migrations/versions/c3_x.py": text})])
    audit = audited(history, "main")
    assert audit["environments"][0]["periods"] == []
    assert "branch labels of c3 are computed" in audit["remarks"][0]


@pytest.mark.parametrize("options", [{"bare": True}, {"object_format": "sha256"}], ids=["bare", "sha256"])
def test_other_repositories(make_history: Make, options: dict[str, Any]) -> None:
    history = make_history(PAST, **options)
    assert audited(history)["summary"]["edited"] == 1


def test_a_shallow_clone_says_so(past: History) -> None:
    clone = past.path.parent / "shallow"
    past.git("clone", "--quiet", "--depth=3", f"file://{past.path}", str(clone))
    found = audited(Scratch(clone, create=False), "HEAD")
    assert found["commits"] == 3
    assert "shallow" in found["remarks"][0]


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_every_format_goes_to_a_file_and_says_the_same_twice(past: History, form: str) -> None:
    texts = []
    for name in ("one", "two"):
        past.run("gitmig", "audit", "main", "--output", f"{form}:{name}", "--no-cache")
        texts.append((past.path / name).read_text())
    assert texts[0] == texts[1]
    assert "c3" in texts[0]


def test_progress_is_for_terminals_only(past: History) -> None:
    assert past.run("gitmig", "audit", "main").stderr == ""


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        pytest.param(["nowhere"], 2, "no commit is called 'nowhere'", id="no such branch"),
        pytest.param(["main...feature"], 2, "gitmig audit BASE..REV", id="a symmetric range"),
        pytest.param(["main", "--output", "pdf:x.pdf"], 0, "", id="a name with a colon is a file"),
        pytest.param(["main", "--output", "html:"], 2, "names no file", id="no file"),
        pytest.param(["main", "--format", "pdf"], 2, "pdf", id="no such format"),
    ],
)
def test_wrong_words(past: History, words: list[str], status: int, says: str) -> None:
    done = past.run("gitmig", "audit", *words, status=status)
    assert says in done.stderr + done.stdout


def test_a_project_without_alembic(make_history: Make) -> None:
    history = make_history([("main", {"README.md": "x"})])
    assert history.run("gitmig", "audit", "main").stdout.startswith("no Alembic revisions were found in this history")


def test_what_a_config_says_about_logs_changes_nothing(past: History) -> None:
    plain = audited(past, "main")
    for name, value in (
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("diff.renames", "copies"),
        ("log.date", "iso"),
    ):
        past.git("config", name, value)
    assert audited(past, "main") == plain
    assert between("a1 <- ", "a1 <- ") == {}


def test_names_and_subjects_cannot_break_the_walk(past: History) -> None:
    past.environment["GIT_AUTHOR_NAME"] = "A\x02da :100644 \x01x"
    past.write("migrations/versions/b2_x.py", sources("b2 <- a1 text hostile").popitem()[1])
    past.git("commit", "--quiet", "--no-verify", "-am", ":000000 100644 \x02 \x01subject")
    audit = audited(past, "main")
    assert kinds(audit)[-1] == ("edited", "b2")
    assert "\x01" not in past.run("gitmig", "audit", "main").stdout
