from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.bookshop import Bookshop, build_bookshop, copy_bookshop
from support.recorded import Recorded
from support.scratch import Scratch


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    main     a --- b     b adds from_main
             |\\
    side     | s         s adds from_side
    clash    c           c adds from_main too, with another text
    """
    scratch = Scratch(tmp_path_factory.mktemp("history") / "work")
    scratch.commit("a", file="one\n", other="one\n")
    scratch.git("branch", "side")
    scratch.git("branch", "clash")
    scratch.commit("b", from_main="main\n")
    scratch.git("checkout", "-q", "side")
    scratch.commit("s", from_side="side\n")
    scratch.git("checkout", "-q", "clash")
    scratch.commit("c", from_main="clash\n")
    scratch.git("checkout", "-q", "main")
    return scratch.path


@pytest.fixture
def recorded(history: Path, tmp_path: Path) -> Recorded:
    """A copy of `history` with gitmig's hooks, standing on main."""
    shutil.copytree(history, tmp_path / "work", symlinks=True)
    made = Recorded(tmp_path / "work", create=False)
    made.git("update-index", "-q", "--refresh")
    made.install()
    return made


@pytest.fixture(scope="session")
def bookshop_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_bookshop(tmp_path_factory.mktemp("bookshop")).path.parent


@pytest.fixture
def bookshop(bookshop_original: Path, tmp_path: Path) -> Bookshop:
    """The example project on main, which origin has too, with the real hooks and the real gitmig."""
    return copy_bookshop(bookshop_original, tmp_path)
