"""States and changes of one environment, drawn in a line: no Git, no files, well under a millisecond.

    state("a1 <- ; b2 <- a1 ; c3 <- a1, b2 needs x9 label billing text edited at other/c3.py")

Each part is one revision: its id, what it revises, then words in any order:

    needs x9        depends_on
    label billing   branch_labels
    text WORD       what the file says; two words mean two different upgrades, no word means `usual`
    way WORD        what its downgrade says
    look WORD       what no database would notice: comments, formatting
    at PATH         the file, else migrations/versions/<id>_x.py
    says LABEL=ID   a line of the docstring that disagrees with the code; `Revises` or `Revision-ID`
    broken          the text cannot be parsed (its ids still can)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitmig.change.change import Change
from gitmig.change.published import compare_edit, find_edits
from gitmig.change.state import EnvironmentState, RevisionFiles, Unreadable
from gitmig.environments.environment import Environment
from gitmig.findings import Finding
from gitmig.revisions.graph import RevisionGraph
from gitmig.revisions.revision import Revision
from gitmig.rules.registry import findings_of, load

FOLDER = "migrations/versions"
ENVIRONMENT = Environment("migrations", "migrations", (FOLDER,))


def revision(drawn: str) -> Revision:
    """One part of a drawing."""
    name, _, rest = drawn.partition("<-")
    words = rest.split()
    parents = [word.rstrip(",") for word in words[: first_keyword(words)]]
    told: dict[str, list[str]] = {}
    options = iter(words[len(parents) :])
    for word in options:
        told.setdefault(word, []).append("" if word == "broken" else next(options))
    name = name.strip()
    path = told.get("at", [f"{FOLDER}/{name}_x.py"])[0]
    stale = tuple((label.replace("-", " "), value) for one in told.get("says", ()) for label, value in [one.split("=")])
    return Revision(
        name,
        tuple("" if one == '""' else one for one in parents),
        tuple(told.get("needs", ())),
        tuple(told.get("label", ())),
        path,
        # As with Git, the same text is the same blob wherever it lies.
        " ".join((name, *drawn.replace(f"at {path}", "").split())),
        stale=stale,
    )


def first_keyword(words: list[str]) -> int:
    keywords = ("needs", "label", "text", "way", "look", "at", "says", "broken")
    return next((number for number, word in enumerate(words) if word in keywords), len(words))


def fingerprint(blob: str) -> Mapping[str, Any]:
    """What a database would notice of a drawn revision."""
    words = blob.split()
    if "broken" in words:
        return {"version": 1, "problem": ["syntax", "", 1, 1]}
    usual = {"text": f"of {words[0]}", "way": "usual"}  # each does a work of its own unless it says otherwise
    said = {key: words[words.index(key) + 1] if key in words else usual[key] for key in usual}
    return {"version": 1, "upgrade": said["text"], "downgrade": said["way"], "module": "", "helpers": {}}


def state(drawing: str, unreadable: Iterable[Unreadable] = ()) -> EnvironmentState:
    return state_of([revision(part) for part in drawing.split(";") if part.strip()], unreadable)


def state_of(revisions: Iterable[Revision], unreadable: Iterable[Unreadable] = ()) -> EnvironmentState:
    files = RevisionFiles({one.path: row(one) for one in revisions})
    graph = RevisionGraph([one.node for one in files.values()])
    return EnvironmentState(ENVIRONMENT, graph, files, tuple(unreadable))


def row(one: Revision) -> list[Any]:
    return [one.blob, one.id, one.down_revisions, one.branch_labels, one.depends_on, one.stale]


def merged_of(before: EnvironmentState, local: EnvironmentState, target: EnvironmentState) -> EnvironmentState:
    """The target with what local changed since before, path by path."""
    files = dict(target.files)
    for path in {*before.files, *local.files}:
        if local.files.get(path) == before.files.get(path):
            continue
        if path in local.files:
            files[path] = local.files[path]
        else:
            files.pop(path, None)
    return state_of(files.values())


def change(
    local: str,
    *,
    before: str | None = None,
    target: str | None = None,
    mode: str = "rev",
    unreadable: Iterable[Unreadable] = (),
    elsewhere: str = "",
    conflicts: tuple[str, ...] = (),
) -> Change:
    """What a rule sees; without `before` the change starts from the target, without a target nothing is published.

    `elsewhere` are revisions that came into another environment.
    """
    here = state(local, unreadable)
    there = state(target) if target is not None else None
    was = state(before) if before is not None else there
    merged = merged_of(was, here, there) if there and was else None
    edits = None
    if there and merged:
        moved = {one.id: one for one in state(elsewhere).files.values()}
        edits = tuple(compare_edit(edit, fingerprint) for edit in find_edits(there, merged, moved))
    return Change(
        "migrations",
        mode,
        here,
        (was,) if was else (),
        there,
        merged,
        target_name="origin/main",
        conflicts=conflicts,
        edits=edits,
    )


def findings(code: str, seen: Change) -> list[Finding]:
    """What the rule with this code says."""
    told = list(load(code).findings(seen))
    assert list(findings_of(code, seen)) == told, f"{code} speaks without its occasion"
    return told


def about(code: str, seen: Change) -> list[tuple[str, ...]]:
    """The revisions that each finding of a rule is about."""
    return [one.revisions for one in findings(code, seen)]


def rows(table: Mapping[str, Any], *names: str) -> Any:
    """One test a row, named by its phrase; a row is one value, or a tuple of as many values as there are names."""
    import pytest

    values = [pytest.param(*(row if len(names) > 1 else (row,)), id=phrase) for phrase, row in table.items()]
    return pytest.mark.parametrize(names, values)
