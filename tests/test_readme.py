"""The sessions in README.md are what gitmig says today; `UPDATE_GOLDEN=1 pytest tests/test_readme.py` writes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.bookshop import LAST, Bookshop, build_bookshop
from support.golden import UPDATE
from support.scratch import PROGRAMS

README = Path(__file__).parent.parent / "README.md"
MINE, THEIRS = "c81f2b6d04e9", "9d40e7a3b6f1"


def uncovered(shop: Bookshop) -> tuple[str, ...]:
    shop.add_to_model("books", "subtitle")
    shop.git("add", "--all")
    return ("check",)


def edited(shop: Bookshop) -> tuple[str, ...]:
    path = shop.path / shop.revision_path(LAST)
    path.write_text(path.read_text().replace("precision=8", "precision=12"))
    shop.git("add", "--all")
    return ("check", "--select", "GM2")


def competing(shop: Bookshop) -> tuple[str, ...]:
    shop.git("switch", "--quiet", "--create", "feature")
    shop.add_column(MINE, LAST, "books", "subtitle")
    shop.git("switch", "--quiet", "main")
    shop.add_column(THEIRS, LAST, "tags", "color")
    shop.git("push", "--quiet", "--no-verify", "origin", "main")
    return ("check", "--rev", "feature", "--base", "origin/main")


@pytest.mark.parametrize("story", [uncovered, edited, competing], ids=lambda story: story.__name__)
def test_session(story, tmp_path: Path) -> None:
    shop = build_bookshop(tmp_path)
    arguments = story(shop)
    said = shop.run(str(PROGRAMS / "gitmig"), *arguments, status=1)
    session = f"$ gitmig {' '.join(arguments)}\n{said.stdout}"
    block = re.compile(rf"(<!-- session: {story.__name__} -->\n```\n)(.*?)(```)", re.S)
    if UPDATE:
        README.write_text(block.sub(lambda found: found[1] + session + found[3], README.read_text()))
    found = block.search(README.read_text())
    assert found is not None
    assert found[2] == session
