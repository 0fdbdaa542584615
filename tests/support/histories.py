"""A Git history written as a table and built by one `git fast-import`, in a few milliseconds.

    build(path, [
        ("main", {"app.py": "one"}),                # a root commit
        ("main", {"app.py": "two"}),                # its child
        ("feature < main", {"cart.py": "cart"}),    # a Git branch that starts at main's tip
        ("main + feature", {}),                     # a merge; takes over what feature has and main lacks
        ("refs/remotes/origin/main < main", None),  # only a ref
    ])

Commits have fixed authors and dates, so the same table has the same ids on every machine.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from support.scratch import Scratch


class Executable(NamedTuple):
    text: str


class Link(NamedTuple):
    target: str


class Submodule(NamedTuple):
    commit: str


Content: TypeAlias = "str | bytes | Executable | Link | Submodule | None"  # None deletes
Files: TypeAlias = "Mapping[str, Content] | None"
Row: TypeAlias = "tuple[str, Files]"

_FIRST_DATE = 1_750_000_000
_SETTINGS = {
    "core.checkStat": "minimal",  # a copied index must not look changed
    "core.trustctime": "false",
    "fastimport.unpackLimit": "1",
    "gc.auto": "0",
    "commit.gpgSign": "false",
    "advice.graftFileDeprecated": "false",
}
_skeletons: dict[tuple[bool, str, str], Path] = {}
_here = tempfile.TemporaryDirectory(prefix="gitmig-skeletons-")  # gone when the session ends


class History(Scratch):
    """A repository; `commits` are the ids in the order of the table's rows, without those that only make a ref."""

    commits: tuple[str, ...] = ()

    def feed(self, *command: str, input: bytes) -> bytes:
        """A command that takes and gives bytes."""
        done = subprocess.run(
            command, cwd=self.path, env=self.environment, input=input, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout

    def stage(self, files: Mapping[str, Content]) -> None:
        """Write files and add them to the index."""
        for path, content in files.items():
            target = self.path / path
            if target.is_symlink() or content is None:
                target.unlink(missing_ok=True)
            if content is None:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Link):
                target.symlink_to(content.target)
                continue
            text = content.text if isinstance(content, Executable) else content
            assert isinstance(text, str | bytes)
            target.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
            target.chmod(0o755 if isinstance(content, Executable) else 0o644)
        self.git("add", "--all", "--", *(f":(literal){path}" for path in files))


def build(
    path: Path, table: Sequence[Row], *, bare: bool = False, object_format: str = "sha1", ref_format: str = "files"
) -> History:
    """The history in a new repository; with a worktree, main (or the first branch) is checked out.

    `ref_format="reftable"` needs git 2.45.
    """
    shutil.copytree(_skeleton(bare, object_format, ref_format), path, symlinks=True)
    history = History(path, create=False)
    stream, count, first = _stream(table)
    marks = path / ("marks" if bare else ".git/marks")
    history.feed("git", "fast-import", "--quiet", f"--export-marks={marks}", input=stream)
    by_mark = dict(line.split(" ") for line in marks.read_text().splitlines()) if count else {}
    history.commits = tuple(by_mark[f":{mark}"] for mark in range(1, count + 1))
    if first not in (None, "refs/heads/main"):
        history.git("symbolic-ref", "HEAD", str(first))
    if not bare and first is not None:
        history.git("reset", "--quiet", "--hard")
    return history


def _skeleton(bare: bool, object_format: str, ref_format: str) -> Path:
    """An empty repository, made once a session and copied after that."""
    key = (bare, object_format, ref_format)
    if key not in _skeletons:
        folder = Path(_here.name) / f"{object_format}-{ref_format}-{'bare' if bare else 'worktree'}"
        folder.mkdir(parents=True)
        empty = Scratch(folder, create=False)
        kind = [*(["--bare"] if bare else []), *([f"--ref-format={ref_format}"] if ref_format != "files" else [])]
        empty.git(
            "init", "--quiet", "--initial-branch=main", "--template=", f"--object-format={object_format}", *kind, "."
        )
        for name, value in _SETTINGS.items():
            empty.git("config", name, value)
        _skeletons[key] = folder
    return _skeletons[key]


def _stream(table: Sequence[Row]) -> tuple[bytes, int, str | None]:
    """The stream, the number of commits, and the branch to check out."""
    parts: list[bytes] = []
    tips: dict[str, int] = {}
    trees: dict[int, dict[str, Content]] = {}
    count = 0
    for row, (spelled, files) in enumerate(table):
        name, start, merged = _parse(spelled)
        if files is None:
            assert start, f"row {row}: a ref without files needs a commit: {spelled!r}"
            parts.append(b"reset %s\nfrom :%d\n\n" % (name.encode(), tips[start]))
            tips[name] = tips[start]
            continue
        parents = [tips[other] for other in ([start] if start else [name] if name in tips else []) + merged]
        count += 1
        tree = dict(trees[parents[0]]) if parents else {}
        changed: dict[str, Content] = {}
        for other in parents[1:]:
            changed.update({path: content for path, content in trees[other].items() if path not in tree})
        changed.update(files)
        tree.update(changed)
        trees[count] = {path: content for path, content in tree.items() if content is not None}
        parts.append(_commit(name, count, parents, changed))
        tips[name] = count
    branches = [name for name in tips if name.startswith("refs/heads/")]
    first = "refs/heads/main" if "refs/heads/main" in tips else next(iter(branches), None)
    return b"".join(parts), count, first


def _parse(spelled: str) -> tuple[str, str, list[str]]:
    head, *merged = [_full(part.strip()) for part in spelled.split("+")]
    name, _, start = head.partition("<")
    return name.strip(), _full(start.strip()) if start else "", merged


def _full(name: str) -> str:
    return name if name.startswith("refs/") or not name else f"refs/heads/{name}"


def _commit(name: str, mark: int, parents: list[int], files: Mapping[str, Content]) -> bytes:
    when = b"%d +0000" % (_FIRST_DATE + mark * 60)
    message = b"commit %d" % mark
    lines = [
        b"commit %s\nmark :%d\n" % (name.encode(), mark),
        b"author Ada <ada@example.org> %s\ncommitter Ada <ada@example.org> %s\n" % (when, when),
        b"data %d\n%s\n" % (len(message), message),
        *(b"%s :%d\n" % (b"merge" if position else b"from", parent) for position, parent in enumerate(parents)),
    ]
    for path, content in files.items():
        lines.append(_file(_quoted(path), content))
    return b"".join(lines) + b"\n"


def _file(path: bytes, content: Content) -> bytes:
    if content is None:
        return b"D %s\n" % path
    if isinstance(content, Submodule):
        return b"M 160000 %s %s\n" % (content.commit.encode(), path)
    mode = b"120000" if isinstance(content, Link) else b"100755" if isinstance(content, Executable) else b"100644"
    text = content[0] if isinstance(content, Link | Executable) else content
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return b"M %s inline %s\ndata %d\n%s\n" % (mode, path, len(data), data)


def _quoted(path: str) -> bytes:
    raw = path.encode("utf-8", "surrogateescape")
    special = raw.startswith(b'"') or any(byte < 32 for byte in raw)
    if not special:
        return raw
    return b'"' + b"".join(b"\\%03o" % byte if byte < 32 or byte in b'"\\' else bytes((byte,)) for byte in raw) + b'"'
