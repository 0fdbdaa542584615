"""GM001: a file among the revisions whose ids cannot be read, or cannot be used."""

from __future__ import annotations

import pytest
from support.drawing import change, findings, rows

from gitmig.change.change import Change
from gitmig.change.state import Unreadable
from gitmig.rules.gm001_unreadable_revision import REASONS, UNKNOWN_TO_US

PATH = "migrations/versions/x.py"
LONG = "a" * 33


def one(kind: str, detail: str = "", name: str = "") -> Change:
    return change("a1 <-", unreadable=[Unreadable(PATH, "b1", kind, detail, "line:4", name)])


FINDS = {
    "broken syntax": (one("syntax", "invalid syntax"), "error", "x.py: the syntax is broken: invalid syntax"),
    "conflict markers": (one("conflict"), "error", "x.py: it has unresolved merge conflict markers"),
    "a computed id: it can differ between machines": (
        one("computed", "call", "revision"),
        "error",
        "x.py: revision is computed (call), not a literal",
    ),
    "a computed label: the graph stands without it": (
        one("computed", "call", "branch_labels"),
        "note",
        "x.py: branch_labels is computed (call)",
    ),
    "a file over the size limit": (one("oversize", "2000000"), "warning", "larger than max_file_size (2000000 bytes)"),
    "a symbolic link": (one("link"), "error", "x.py: it is a symbolic link"),
    "an id that is a word of Alembic's": (change("heads <-"), "error", "heads is a word of Alembic's own"),
    "an id with a character of Alembic's": (change("a@b <-"), "error", "has a character that Alembic gives a meaning"),
    "an id that leads out of the folder": (change("../a1 <-"), "error", "leads out of the folder"),
    "an id that a terminal obeys": (change("a\x1b[0m <-"), "error", "not safe in a file name or a terminal"),
    "an id that alembic_version has no room for: SQLite takes it, so only a warning": (
        change(f"{LONG} <-"),
        "warning",
        "longer than the 32 characters",
    ),
}
LEAVES_ALONE = {
    "plain ids of every shape": change(
        "1975ea83b712 <- ; 0001 <- 1975ea83b712 ; add_users <- 0001 ; v1.2 <- add_users"
    ),
    "an unusable id that is published: it must stay as databases know it": change("a@b <- ", target="a@b <-"),
    "32 characters": change("a" * 32 + " <-"),
}


@rows(FINDS, "seen", "severity", "message")
def test_finds(seen: Change, severity: str, message: str) -> None:
    (found,) = findings("GM001", seen)
    assert found.severity == severity
    assert message in found.message


@rows(LEAVES_ALONE, "seen")
def test_leaves_alone(seen: Change) -> None:
    assert findings("GM001", seen) == []


@pytest.mark.parametrize("kind", REASONS)
def test_every_kind_has_a_sentence_a_place_and_a_way_out(kind: str) -> None:
    (found,) = findings("GM001", one(kind, "detail", "revision" if kind in ("computed", "nested", "not-text") else ""))
    assert found.place is not None
    assert (found.place.path, found.place.anchor) == (PATH, "line:4")
    assert "{" not in found.message and found.note and found.help[0].text


@pytest.mark.parametrize("kind", UNKNOWN_TO_US)
def test_what_only_gitmig_cannot_read_is_undecided_too(kind: str) -> None:
    assert findings("GM001", one(kind))[0].undecided


def test_what_alembic_cannot_read_either_is_decided() -> None:
    assert not findings("GM001", one("syntax", "x"))[0].undecided


def test_commands_for_a_path_with_blanks_are_quoted() -> None:
    seen = change("", unreadable=[Unreadable("migrations/versions/a b;c.py", "b1", "conflict")])
    assert findings("GM001", seen)[0].help[0].commands == ("git add -- 'migrations/versions/a b;c.py'",)


def test_two_files_with_the_same_fault_are_two_findings() -> None:
    seen = change("", unreadable=[Unreadable(f"migrations/versions/{name}.py", "b", "syntax") for name in "xy"])
    assert len({found.identity for found in findings("GM001", seen)}) == 2
