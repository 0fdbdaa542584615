"""A database that goes from one Git branch to another equals a fresh one: bench/branch_switch.py in short."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.switching import KINDS, build, make_pair, switch_and_sync


@pytest.mark.parametrize("seed", [0, 2, 4], ids=[KINDS[seed] for seed in (0, 2, 4)])
def test_a_pair_of_branches(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    pair = make_pair(seed)
    assert switch_and_sync(build(tmp_path / "shop", pair), pair, "left", "right") == ""
