#!/usr/bin/env python3
"""Does `gitmig audit` find in real history what the labels of the corpus say happened there?

    python bench/audit_labels.py --labels LABELS --mirrors MIRRORS [--repo owner/name] [--differences FILE]

LABELS holds the label files, MIRRORS bare clones as owner+name/repo.  Accidents of `A_heads` are periods of double
heads that begin, or grow, at the label's commit; entries of `C_edits` that are not cosmetic are touches of the same
commit and the same file or revision.  Prints what was found, time and memory; --differences lists what was not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from replay import labels

PROGRAM = Path(sys.executable).parent / "gitmig"
COSMETIC = ("cosmetic", "identical", "moved-dir+cosmetic", "rename+cosmetic")
"""What no database notices; file names and line ends apart."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--repo", action="append", metavar="OWNER/NAME")
    parser.add_argument("--differences", type=Path)
    options = parser.parse_args()
    missed: list[dict[str, Any]] = []
    totals: Counter[str] = Counter()
    print(f"{'project':24} {'commits':>8} {'CPU s':>6} {'MB':>4}  accidents      edits")
    for repo in options.repo or labels.repositories(options.labels):
        accidents = labels.load(options.labels, repo, "A_heads").get("accidents", [])
        edits = [
            one for one in labels.load(options.labels, repo, "C_edits").get("cases", []) if one["class"] not in COSMETIC
        ]
        mirror = options.mirrors / repo.replace("/", "+") / "repo"
        audit, seconds, memory = audited(mirror, [*accidents, *edits])
        found = Found(audit)
        lost = [one for one in accidents if not found.has_accident(one)]
        lost_edits = [one for one in edits if not found.has_edit(one)]
        missed += [{"kind": "accident", **one} for one in lost] + [{"kind": "edit", **one} for one in lost_edits]
        totals.update(
            accidents=len(accidents), lost=len(lost), edits=len(edits), lost_edits=len(lost_edits), seconds=int(seconds)
        )
        counts = (
            f"{len(accidents) - len(lost):4} of {len(accidents):4}   {len(edits) - len(lost_edits):5} of {len(edits):5}"
        )
        print(f"{repo:24} {audit['commits']:8,} {seconds:6.1f} {memory:4}  {counts}", flush=True)
    print(
        f"all: accidents {totals['accidents'] - totals['lost']} of {totals['accidents']}, "
        f"edits {totals['edits'] - totals['lost_edits']} of {totals['edits']}, {totals['seconds']} s of CPU"
    )
    print("not found, by class:", dict(Counter(one.get("class", "accident") for one in missed).most_common()))
    if options.differences:
        options.differences.write_text("".join(json.dumps(one) + "\n" for one in missed))
    return 0


def audited(mirror: Path, cases: list[dict[str, Any]]) -> tuple[dict[str, Any], float, int]:
    """The audit of the branch that the labels are about, CPU seconds, and the most memory of any process so far."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [
            str(PROGRAM),
            "-C",
            str(mirror),
            "audit",
            "HEAD",
            "--no-cache",
            "-q",
            "--output",
            f"json:{file.name}",
        ]
        environment = {**os.environ, "GITMIG_SELECT": ""}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        value = json.loads(Path(file.name).read_text())
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return value, cpu, after.ru_maxrss >> 10


class Found:
    """What an audit says, by commit."""

    def __init__(self, audit: dict[str, Any]) -> None:
        self.starts: dict[str, list[dict[str, Any]]] = {}
        self.touches: dict[str, list[dict[str, Any]]] = {}
        for environment in audit["environments"]:
            for period in environment["periods"]:
                if period["kind"] == "double-heads":
                    for moment in (period["start"], *period["grew"]):
                        self.starts.setdefault(moment["commit"], []).append(period)
            for touch in environment["touches"]:
                self.touches.setdefault(touch["commit"], []).append(touch)

    def has_accident(self, label: dict[str, Any]) -> bool:
        return bool(self.starts.get(label["head"]))

    def has_edit(self, label: dict[str, Any]) -> bool:
        paths = set(alternatives(label))
        revision = (label.get("old_ids") or [""])[0]
        return any(
            one["kind"] != "cosmetic" and (one["path"] in paths or one["revision"] == revision)
            for one in self.touches.get(label["head"], ())
        )


def alternatives(label: dict[str, Any]) -> Iterator[str]:
    yield label["path"]
    if label.get("new_path"):
        yield label["new_path"]


if __name__ == "__main__":
    sys.exit(main())
