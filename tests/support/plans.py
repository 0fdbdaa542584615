"""A repository with five files to change at once, the plan that changes them, and what must be equal afterwards."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import NamedTuple

from support.histories import Executable, History

from gitmig.apply.beneath import Disk
from gitmig.apply.staging import IndexFile, describe
from gitmig.plan import ABSENT, Expected, Plan, Step, delete, rename, stage_all, write
from gitmig.repo.digests import hash_bytes
from gitmig.repo.plumbing import Git
from gitmig.repo.refs import Layout, open_repository

FOLDER = "migrations/versions"
FILES = {
    f"{FOLDER}/0001_a.py": "revision = '0001'\ndown_revision = None\n",
    f"{FOLDER}/0002_b.py": "revision = '0002'\r\ndown_revision = '0001'\r\n",
    f"{FOLDER}/0003_c.py": Executable("revision = '0003'\ndown_revision = '0002'\n"),
    f"{FOLDER}/0004_d.py": "revision = '0004'\ndown_revision = '0003'\n",
    "migrations/head": "0004\n",
    "other.py": "stays\n",
}


class Snapshot(NamedTuple):
    """Bytes and permissions of every file, and the index; what is inside `.git` beside the index is not in it."""

    files: dict[str, tuple[bytes, int]]
    folders: frozenset[str]
    index: str


def open_history(history: History) -> tuple[Git, Layout]:
    return open_repository(Git(str(history.path)))


def snapshot(path: Path, index: str) -> Snapshot:
    files, folders = {}, set()
    for folder, names, found in os.walk(path):
        if ".git" in names:
            names.remove(".git")
        folders.update(os.path.relpath(os.path.join(folder, name), path) for name in names)
        for name in found:
            file = Path(folder, name)
            if name != ".git":
                files[os.path.relpath(file, path)] = (file.read_bytes(), file.stat().st_mode & 0o7777)
    return Snapshot(files, frozenset(folders), index)


def snapshot_of(history: History) -> Snapshot:
    return snapshot(history.path, history.git("ls-files", "-s", "-v").stdout)


def litter(history: History) -> list[str]:
    """Helper files and locks, anywhere."""
    found = [str(file.relative_to(history.path)) for file in history.path.rglob("*")]
    return sorted(
        name
        for name in found
        if name.endswith((".tmp", ".lock", "lock.held", "gitmig-pending"))
        or ".gitmig-" in name
        or "gitmig/pending/" in name
    )


class Planner:
    """Makes steps from what lies in a repository."""

    def __init__(self, history: History) -> None:
        self.history = history
        git, layout = open_history(history)
        index = IndexFile(git, os.path.join(layout.git_dir, "index"), "test", Disk())
        self.index = {path: describe(stages) for path, stages in index.read().items()}
        index.close()
        self.format = layout.object_format

    def bytes(self, path: str) -> bytes | None:
        file = self.history.path / path
        return file.read_bytes() if file.exists() else None

    def expected(self, path: str) -> Expected:
        there = self.bytes(path)
        return Expected(ABSENT if there is None else hash_bytes(there, object_format=self.format))

    def write(self, path: str, content: bytes, mode: str = "") -> Step:
        return write(path, content, before=self.bytes(path), expected=self.expected(path), mode=mode)

    def rename(self, path: str, to: str, content: bytes | None = None) -> Step:
        return rename(path, to, before=self.bytes(path) or b"", expected=self.expected(path), content=content)

    def delete(self, path: str) -> Step:
        return delete(path, before=self.bytes(path) or b"", expected=self.expected(path))

    def plan(self, *steps: Step, staged: bool = True, title: str = "change files") -> Plan:
        return Plan(title, stage_all(steps, self.index) if staged else steps)


def five_files(history: History, *, staged: bool = True) -> Plan:
    """Two changes, a rename with another text, a deletion, and a new file in a new folder."""
    planner = Planner(history)
    return planner.plan(
        planner.write(f"{FOLDER}/0002_b.py", b"revision = '0002'\r\ndown_revision = '0009'\r\n"),
        planner.rename(f"{FOLDER}/0003_c.py", f"{FOLDER}/0010_c.py", b"revision = '0010'\ndown_revision = '0002'\n"),
        planner.delete(f"{FOLDER}/0004_d.py"),
        planner.write("migrations/head", b"0010\n"),
        planner.write(f"{FOLDER}/2025/new.py", b"revision = '0011'\n"),
        staged=staged,
    )


def random_plan(history: History, chance: Random) -> Plan:
    """One to four steps of any kind over the files that lie there; half of the plans are staged."""
    planner = Planner(history)
    there = sorted(
        str(file.relative_to(history.path)) for file in (history.path / FOLDER).rglob("*.py") if file.is_file()
    )
    chance.shuffle(there)
    steps: list[Step] = []
    for number in range(chance.randint(1, 4)):
        new = f"{FOLDER}/{chance.choice(['', 'sub/', 'deep/er/'])}{chance.randrange(10**9)}_{number}.py"
        text = chance.randbytes(chance.choice([0, 1, 40, 5000])) if chance.random() < 0.5 else b"x = 1\r\ny = 2\n"
        kind = chance.choice(["create", "change", "rename", "delete", "move"]) if there else "create"
        if kind == "create":
            steps.append(planner.write(new, text, chance.choice(["", "100755"])))
        elif kind == "change":
            steps.append(planner.write(there.pop(), text, chance.choice(["", "100644", "100755"])))
        elif kind == "rename":
            steps.append(planner.rename(there.pop(), new))
        elif kind == "move":
            steps.append(planner.rename(there.pop(), new, text))
        else:
            steps.append(planner.delete(there.pop()))
    return planner.plan(*steps, staged=chance.random() < 0.5)
