"""A Git repository around a made-up project, written as one `git fast-import` stream, and states to measure it in.

`main` gets its revisions over many commits.  Fifty branches `queue/NNN` leave it late, each with a revision on the
head of its time, so that they collide with `main` and with each other.  `feature` is checked out: it left `main`
`DEPTH` commits ago and has a revision and the model change it covers.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workload.project import generate, revision_text

DEPTH = 60
BRANCHES = 50
COLUMN = "    {name}: Mapped[int | None] = mapped_column(sa.Integer())\n"
CREATED = "2024-01-01 00:00:00"
HERMETIC = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Layout:
    """What to make.  `files` counts the filler modules beside the project, which lies in `subfolder`."""

    revisions: int
    files: int
    commits: int
    subfolder: str = ""


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=directory, check=True, capture_output=True, text=True, env={**os.environ, **HERMETIC}
    )
    return done.stdout.strip()


class Stream:
    """A running `git fast-import`."""

    def __init__(self, repository: Path) -> None:
        command = ["git", "fast-import", "--quiet", "--done"]
        self._process = subprocess.Popen(command, cwd=repository, stdin=subprocess.PIPE)
        self._mark, self._clock = 0, 1_600_000_000

    def commit(self, branch: str, files: Mapping[str, str], parent: int | None = None) -> int:
        """One commit; gives its mark."""
        self._mark += 1
        self._clock += 600
        person = b"Bench <bench@example.org> %d +0000" % self._clock
        head = b"commit refs/heads/%s\nmark :%d\ncommitter %s\ndata 6\nchange\n" % (branch.encode(), self._mark, person)
        self._write(head + (b"from :%d\n" % parent if parent else b""))
        for path, text in files.items():
            data = text.encode()
            self._write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        self._write(b"\n")
        return self._mark

    def finish(self) -> None:
        self._write(b"done\n")
        self._process.communicate()
        if self._process.returncode:
            raise RuntimeError("git fast-import failed")

    def _write(self, data: bytes) -> None:
        assert self._process.stdin
        self._process.stdin.write(data)


def filler(chance: random.Random, number: int) -> str:
    functions = (
        f"def step_{number}_{part}(x: int, y: int = {chance.randrange(999)}) -> int:\n"
        f"    return (x * {chance.randrange(99)} + y) % {chance.randrange(1, 9999)}\n\n\n"
        for part in range(chance.randint(6, 20))
    )
    return f'"""Module {number}."""\n\nfrom __future__ import annotations\n\n\n' + "".join(functions)


def filler_path(number: int) -> str:
    return f"services/s{number // 2500:03d}/p{number // 50 % 50:02d}/m{number % 50:02d}.py"


def added_column(revision: str, parent: str, table: str, column: str) -> str:
    up = f'    op.add_column("{table}", sa.Column("{column}", sa.Integer(), nullable=True))'
    down = f'    op.drop_column("{table}", "{column}")'
    return revision_text(revision, (parent,), f"add {column}", [up], [down], CREATED, old=False)


def make(repository: Path, layout: Layout) -> None:
    """Write the repository and the states of `use_state`; nothing is done where that was finished before."""
    if (repository / ".git" / "bench" / "states.json").exists():
        return
    shutil.rmtree(repository, ignore_errors=True)
    repository.mkdir(parents=True)
    git(repository, "init", "-q", "-b", "main")
    chance = random.Random(layout.revisions)
    within = f"{layout.subfolder}/" if layout.subfolder else ""
    merges = min(100, layout.revisions // 50)
    project = generate(layout.revisions, merges, quiet_tail=DEPTH)
    versions = f"{within}migrations/versions"
    model_path = f"{within}app/models/models_000.py"
    model = project.support["app/models/models_000.py"]
    table = model.rsplit('__tablename__ = "', 1)[1].split('"')[0]

    stream = Stream(repository)
    first = {within + path: text for path, text in project.support.items()}
    first |= {filler_path(number): filler(chance, number) for number in range(layout.files)}
    later = max(DEPTH // 2, min(layout.revisions // 2, layout.commits // 3))
    early, pending = project.revisions[:-later], project.revisions[-later:]
    first |= {within + each.path: each.text for each in early}
    history = [(stream.commit("main", first), early[-1].revision)]
    quiet = layout.commits - 1 - later
    order = [True] * later + [False] * max(0, quiet)
    chance.shuffle(order)
    for adds_revision in order:
        tip = history[-1][1]
        files = {filler_path(number): filler(chance, number) for number in chance.sample(range(layout.files), 3)}
        if adds_revision:
            revision = pending.pop(0)
            files, tip = {within + revision.path: revision.text}, revision.revision
        history.append((stream.commit("main", files), tip))

    recent = history[-DEPTH:]
    for number in range(BRANCHES):
        mark, parent = recent[number * DEPTH // BRANCHES]
        revision_id, column = f"{number + 1:04d}{'c0ffee00'}", f"queued_{number + 1}"
        text = added_column(revision_id, parent, table, column)
        files = {f"{versions}/{revision_id}_queue.py": text, model_path: model + COLUMN.format(name=column)}
        stream.commit(f"queue/{number + 1:03d}", files, mark)
    mark, parent = recent[0]
    featured = model + COLUMN.format(name="featured")
    first_feature = {
        f"{versions}/fea1c0ffee01_add_featured.py": added_column("fea1c0ffee01", parent, table, "featured")
    }
    stream.commit("feature", {f"{within}NOTES.md": "notes\n"}, mark)
    stream.commit("feature", {**first_feature, model_path: featured})
    stream.finish()

    git(repository, "update-ref", "refs/remotes/origin/main", "refs/heads/main")
    git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(repository, "symbolic-ref", "HEAD", "refs/heads/feature")
    for name, value in (("gc.auto", "0"), ("user.name", "Bench"), ("user.email", "bench@example.org")):
        git(repository, "config", name, value)
    git(repository, "reset", "-q", "--hard")
    git(repository, "gc", "-q")

    cleaning = [f'    op.execute("UPDATE {table} SET featured = 0 WHERE featured IS NULL")']
    data_only = revision_text(
        "fea2c0ffee02", ("fea1c0ffee01",), "fill featured", cleaning, ["    pass"], CREATED, False
    )
    covered = added_column("fea2c0ffee02", "fea1c0ffee01", table, "staged")
    make_states(
        repository,
        {
            "readme": ("feature", {f"{within}README.md": "# Measured again\n"}),
            "revision": ("feature", {f"{versions}/fea2c0ffee02_fill_featured.py": data_only}),
            "revision, one before": ("feature~1", {**first_feature, model_path: featured}),
            "model": (
                "feature",
                {
                    f"{versions}/fea2c0ffee02_add_staged.py": covered,
                    model_path: featured + COLUMN.format(name="staged"),
                },
            ),
        },
    )


def make_states(repository: Path, wanted: Mapping[str, tuple[str, Mapping[str, str]]]) -> None:
    """Stage each state once and keep its index, so that switching costs a copy instead of a scan."""
    folder = repository / ".git" / "bench"
    folder.mkdir()
    tip = git(repository, "rev-parse", "feature")
    states = {}
    for name, (start, files) in wanted.items():
        head = git(repository, "rev-parse", start)
        git(repository, "reset", "-q", "--hard", head)
        for path, text in files.items():
            (repository / path).write_text(text)
        git(repository, "add", "--", *files)
        index = f"{len(states)}.index"
        shutil.copy2(repository / ".git" / "index", folder / index)
        states[name] = {"head": head, "index": index, "files": dict(files)}
        git(repository, "reset", "-q", "--hard", tip)
    (folder / "found").write_text("\n".join(os.listdir(repository / ".git")))
    (folder / "states.json").write_text(json.dumps({"states": states, "current": ""}))


def use_state(repository: Path, name: str) -> None:
    """Branch, index and worktree as in the named state."""
    book = repository / ".git" / "bench" / "states.json"
    known = json.loads(book.read_text())
    if known["current"] == name:
        return
    if known["current"]:
        git(repository, "reset", "-q", "--hard")  # drops what the other state staged, new files as well
    state = known["states"][name]
    git(repository, "reset", "-q", "--hard", state["head"])
    for path, text in state["files"].items():
        (repository / path).write_text(text)
    shutil.copy2(book.parent / state["index"], repository / ".git" / "index")
    book.write_text(json.dumps({**known, "current": name}))


def caches(repository: Path) -> list[Path]:
    """What a tool has left in the git directory since the repository was made."""
    folder = repository / ".git"
    found = {*(folder / "bench" / "found").read_text().split("\n"), "bench"}
    own = ("ORIG_HEAD", "index", "logs", "FETCH_HEAD", "COMMIT_EDITMSG", "objects", "refs", "packed-refs")
    return [folder / name for name in sorted(os.listdir(folder)) if name not in found and name not in own]
