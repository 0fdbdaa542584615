"""CPU time that importing a standard module adds to an empty interpreter, in milliseconds (least of nine runs).

python bench/imports.py [MODULE ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys

USUAL = [
    "re",
    "json",
    "collections",
    "typing",
    "enum",
    "subprocess",
    "dataclasses",
    "ast",
    "sqlite3",
    "tomllib",
    "pathlib",
]


def cpu_of(statement: str) -> float:
    """CPU milliseconds of one interpreter without site packages."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-I", "-S", "-c", statement], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    floor = min(cpu_of("pass") for _ in range(9))
    print(f"{'empty interpreter':<20}{floor:6.1f}")
    for module in sys.argv[1:] or USUAL:
        print(f"import {module:<13}{min(cpu_of(f'import {module}') for _ in range(9)) - floor:+6.1f}")


if __name__ == "__main__":
    main()
