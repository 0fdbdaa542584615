"""Real pushes: a bare repository with gitmig's server hook, a client with every history that a scenario pushes.

A scenario says what is added to the usual histories and what is pushed; both repositories are made from the same table,
so the commits have the same ids.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from support.histories import Content, History, Row, Submodule, build
from support.scratch import PROGRAMS
from support.sources import PROJECT, project, sources

from gitmig.revisions.fingerprint import fingerprint, identity

POLICY = 'shared = ["origin/main", "origin/release/*"]\nreleased = ["v*"]\n'
TRUNK = "a1 <- ; b2 <- a1 ; c3 <- b2"
FOLDER = "migrations/versions"

BASE: list[Row] = [
    ("main", {**project(TRUNK), "gitmig.toml": POLICY, "README.md": "one\n"}),
    ("release/1 < main", None),
    ("refs/tags/v1.0 < main", None),
    ("release/2 < main", sources("r9 <- c3")),
    ("main", sources("d4 <- c3")),
    ("before < main", None),
    ("main", sources("e5 <- d4")),
    ("topic < main", {"notes.md": "topic\n"}),
]
"""
main        a1 - b2 - c3 - d4 - e5
release/1             c3                tag v1.0
release/2             c3 - r9
`before` is main without its last commit, `topic` is not shared
"""
SERVED = ("main", "release/1", "release/2", "topic", "refs/tags/v1.0")


class Push(NamedTuple):
    """One push and what comes of it.

    `rows` add to the histories of the client, `refs` is what is pushed.  `says` must all be shown.  `accepted` is
    False where it is refused.  `served` replaces the table of the server, `setup` are git commands in it.
    """

    rows: Sequence[Row]
    refs: Sequence[str]
    says: Sequence[str] = ()
    accepted: bool = False
    served: Sequence[Row] | None = None
    setup: Sequence[Sequence[str]] = ()
    before: Sequence[Sequence[str]] = ()
    status: int = 1

    def passes(self, *says: str) -> Push:
        return self._replace(says=says, accepted=True)


def onto(name: str, files: Mapping[str, Content], refs: str = "work:main", *says: str) -> Push:
    """A commit on top of main, pushed."""
    return Push([("work < main", files)], [refs], says)


def fine(name: str, files: Mapping[str, Content], refs: str = "work:main", *says: str) -> Push:
    return onto(name, files, refs).passes(*says)


class Server:
    """A bare repository with the hook, and a clone's worth of commits beside it."""

    def __init__(
        self, folder: Path, push: Push, *, object_format: str = "sha1", event: str = "pre-receive", trace: str = ""
    ) -> None:
        table = BASE if push.served is None else list(push.served)
        if object_format == "sha256":
            push = push._replace(rows=[(name, files and longer(files)) for name, files in push.rows])
        self.bare = build(folder / "served.git", table, bare=True, object_format=object_format)
        self.client = build(folder / "client", [*table, *push.rows], object_format=object_format)
        self.bare.git("config", "http.receivepack", "true")
        self.bare.git("config", "receive.advertisePushOptions", "true")
        if push.served is None:
            self.bare.git("update-ref", "-d", "refs/heads/before")
        for words in push.setup:
            self.bare.git(*words)
        for words in push.before:
            self.client.git(*words)
        self.install(event)
        self.url = str(self.bare.path)

    def install(self, event: str, lines: str = "") -> Path:
        hooks = self.bare.path / "hooks"
        hooks.mkdir(exist_ok=True)
        hook = hooks / event
        arguments = '"$@"' if event == "update" else ""
        hook.write_text(f"#!/bin/sh\n{lines}exec {PROGRAMS}/gitmig serve-hook {event} {arguments}\n")
        hook.chmod(0o755)
        return hook

    def refs(self) -> str:
        return self.bare.git("for-each-ref").stdout

    def push(self, *refs: str, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        words = ["push", "--force", "--porcelain", *options, self.url, *refs]
        return self.client.git(*words, status=None)

    def updates(self, push: Push) -> list[str]:
        """What git would give the hook; the objects of the client are lent to the server as in quarantine."""
        (self.bare.path / "objects/info").mkdir(exist_ok=True)
        (self.bare.path / "objects/info/alternates").write_text(f"{self.client.path}/.git/objects\n")
        zeros = "0" * len(self.client.git("hash-object", "--stdin", input="").stdout.strip())
        lines = []
        for spec in self.expanded(push.refs):
            source, _, target = spec.rpartition(":")
            source, target = (source, target) if ":" in spec else (target, target)
            kept = target.startswith("refs/")
            ref = target if kept else f"refs/heads/{target}"
            known = self.bare.git("rev-parse", "--verify", "--quiet", ref, status=None).stdout.strip()
            new = self.client.git("rev-parse", "--verify", source).stdout.strip() if source else zeros
            lines.append(f"{known or zeros} {new} {ref}")
        return lines

    def expanded(self, refs: Sequence[str]) -> list[str]:
        found = []
        for spec in refs:
            if "*" in spec:
                start = spec.partition("*")[0]
                names = self.client.git("for-each-ref", "--format=%(refname)", start).stdout.split()
                found += [f"{name}:{name}" for name in names]
            else:
                found.append(spec)
        return found


def longer(files: Mapping[str, Content]) -> dict[str, Content]:
    """With submodules whose commit has the length that a SHA-256 repository wants."""
    return {
        path: Submodule((one.commit * 2)[:64]) if isinstance(one, Submodule) else one for path, one in files.items()
    }


def waiver(code: str, revision: str, text: str, name: str = "one") -> dict[str, str]:
    """A waiver granted for this text of a revision."""
    granted = identity(fingerprint(text.encode()))
    lines = f"code: {code}\nrevision: {revision}\nfingerprint: {granted}\nreason: every database was past it\n"
    return {f".gitmig/waivers/{name}.waiver": lines}


def text_of(drawing: str) -> str:
    return next(iter(sources(drawing).values()))


def gone(*ids: str) -> dict[str, None]:
    return {f"{FOLDER}/{one}_x.py": None for one in ids}


def copy_of(history: History, folder: Path) -> Path:
    return Path(shutil.copytree(history.path, folder, symlinks=True))


__all__ = ["BASE", "FOLDER", "POLICY", "PROJECT", "Push", "Server", "fine", "gone", "onto", "text_of", "waiver"]
