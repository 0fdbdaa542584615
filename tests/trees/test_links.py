"""`versions` may be a link; it is followed inside the tree and never out of it."""

from __future__ import annotations

import pytest

from gitmig.trees.entries import FOLDER, LINK, REGULAR, SUBMODULE, Entry
from gitmig.trees.links import MOST_LINKS, Resolved, prefixes, resolve

DIRECTORY = Entry(FOLDER, "f" * 40)
FILE = Entry(REGULAR, "a" * 40)


def world(spelled: dict[str, Entry | str]) -> tuple[dict[str, Entry], dict[str, str]]:
    """A string is a link with that target."""
    tree, targets = {}, {}
    for number, (path, entry) in enumerate(spelled.items()):
        oid = f"{number:040x}"
        if isinstance(entry, str):
            targets[oid] = entry
        tree[path] = Entry(LINK, oid) if isinstance(entry, str) else entry
    return tree, targets


CASES = {
    "a folder": ("m/versions", {"m": DIRECTORY, "m/versions": DIRECTORY}, Resolved("m/versions")),
    "a link beside it": ("m/versions", {"m": DIRECTORY, "m/versions": "real", "m/real": DIRECTORY}, Resolved("m/real")),
    "a link up and down": (
        "m/versions",
        {"m": DIRECTORY, "m/versions": "../db/./v", "db": DIRECTORY, "db/v": DIRECTORY},
        Resolved("db/v"),
    ),
    "a folder above is a link": (
        "m/versions",
        {"m": "backend/m", "backend": DIRECTORY, "backend/m": DIRECTORY, "backend/m/versions": DIRECTORY},
        Resolved("backend/m/versions"),
    ),
    "a link to a link": ("v", {"v": "w", "w": "x", "x": DIRECTORY}, Resolved("x")),
    "a link to a file": ("v", {"v": "w", "w": FILE}, Resolved("w")),
    "nothing there": ("m/versions", {"m": DIRECTORY}, Resolved("m/versions", "missing")),
    "a dangling link": ("v", {"v": "w"}, Resolved("w", "missing")),
    "out of the repository": ("m/v", {"m": DIRECTORY, "m/v": "../../v"}, Resolved("m/v", "outside")),
    "an absolute path": ("v", {"v": "/etc"}, Resolved("v", "outside")),
    "a loop": ("v", {"v": "w", "w": "v"}, Resolved("w", "too many links")),
    "a submodule": ("m/v", {"m": Entry(SUBMODULE, "c" * 40)}, Resolved("m", "submodule")),
    "beneath a file": ("m/v", {"m": FILE}, Resolved("m", "not a folder")),
}


@pytest.mark.parametrize(("path", "spelled", "expected"), CASES.values(), ids=CASES)
def test_leads_to(path, spelled, expected):
    assert resolve(path, *world(spelled)) == expected


def test_asks_for_the_text_of_a_link():
    tree, targets = world({"v": "w", "w": DIRECTORY})
    assert resolve("v", tree, {}) == Resolved("v", wanted=tree["v"].oid)
    assert resolve("v", tree, targets) == Resolved("w")


@pytest.mark.parametrize(("links", "problem"), [(MOST_LINKS, ""), (MOST_LINKS + 1, "too many links")])
def test_follows_only_so_many(links, problem):
    chain: dict[str, Entry | str] = {f"l{number}": f"l{number + 1}" for number in range(links)}
    chain[f"l{links}"] = DIRECTORY
    assert resolve("l0", *world(chain)).problem == problem


def test_prefixes():
    assert prefixes("a/b/c") == ["a", "a/b", "a/b/c"]
