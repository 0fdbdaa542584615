"""Scratch bare repositories that borrow a mirror's objects.

A case is about the moment of its commits, so a replica has the mirror's objects but none of its refs: no later
branch or tag can make a revision look published.  The mirror itself is never written to.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HERMETIC = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "TZ": "UTC"}


def environment(home: Path) -> dict[str, str]:
    """As on a plain machine: nothing of a surrounding Git, gitmig or CI job, and an empty home."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, **HERMETIC, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}


def git(directory: Path, *arguments: str, stdin: str = "") -> str:
    """Output of a git command; CalledProcessError if it fails."""
    done = subprocess.run(
        ["git", *arguments], cwd=directory, input=stdin, capture_output=True, text=True, check=True,
        env=environment(directory), errors="surrogateescape",
    )  # fmt: skip
    return done.stdout


def mirror_of(mirrors: Path, repo: str) -> Path | None:
    """The bare clone of owner/name, at DIR/owner+name/repo (or DIR/owner+name)."""
    folder = mirrors / repo.replace("/", "+")
    return next((found for found in (folder / "repo", folder) if (found / "objects").is_dir()), None)


def resolve(mirror: Path, names: set[str]) -> dict[str, str]:
    """Object names -> full ids of the commits that the mirror has; missing names are left out."""
    asked = sorted(names)
    if not asked:
        return {}
    answers = git(mirror, "cat-file", "--batch-check", stdin="\n".join(asked) + "\n").splitlines()
    pairs = ((name, answer.split()) for name, answer in zip(asked, answers, strict=True))
    return {name: words[0] for name, words in pairs if len(words) == 3 and words[1] == "commit"}


def refs(mirror: Path, pattern: str) -> dict[str, str]:
    """Full ref name -> object id, below a prefix such as refs/pull."""
    lines = git(mirror, "for-each-ref", "--format=%(refname) %(objectname)", pattern).splitlines()
    return dict(line.split(" ", 1) for line in lines)


def replica(mirror: Path, scratch: Path, commits: set[str]) -> Path:
    """A bare repository in `scratch` that sees the mirror's objects; made once, then reused.

    A commit-graph over `commits` is written beside it: it changes no answer, and merge bases in long histories cost
    milliseconds instead of seconds.
    """
    target = scratch / "replicas" / f"{mirror.parent.name}.git"
    if (target / "ready").exists():
        return target
    target.mkdir(parents=True, exist_ok=True)
    git(target, "init", "--quiet", "--bare", "--initial-branch=main", ".")
    (target / "objects" / "info").mkdir(exist_ok=True)
    (target / "objects" / "info" / "alternates").write_text(f"{(mirror / 'objects').resolve()}\n")
    git(target, "commit-graph", "write", "--stdin-commits", stdin="\n".join(sorted(commits)) + "\n")
    (target / "ready").touch()
    return target
