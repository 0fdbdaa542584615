"""Reads the waivers of a tree."""

from __future__ import annotations

from gitmig.change.waivers import FOLDER, is_waiver, parse_waiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitmig.change.waivers import Waiver
    from gitmig.environments.environment import Problem
    from gitmig.reading.snapshot import Snapshot


def read_waivers(snapshot: Snapshot) -> tuple[tuple[Waiver, ...], tuple[Problem, ...]]:
    """All waivers of the tree by path, and what is wrong with those that cannot be granted."""
    paths = [path for path in snapshot.under((FOLDER.rstrip("/"),)) if is_waiver(path)]
    waivers: list[Waiver] = []
    problems: list[Problem] = []
    for path, text in sorted(snapshot.read(paths).items()):
        waiver, faults = parse_waiver(path, text)
        waivers += [waiver] if waiver else []
        problems += faults
    return tuple(waivers), tuple(problems)
