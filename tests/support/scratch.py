"""A repository made with the real git, in an environment that the developer's own settings do not reach."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(sys.executable).parent

# The suite also runs in CI, where gitmig would look at the event instead of the test's repository.
_NOT_KEPT = ("GIT_", "PRE_COMMIT", "GITMIG", "CI", "GITHUB_", "GITLAB_", "GITEA_", "FORGEJO_", "BITBUCKET_", "TF_BUILD")
_NOT_KEPT += ("CIRCLE", "JENKINS_", "BUILD_", "SYSTEM_")


def hermetic(home: Path) -> dict[str, str]:
    """Variables for every process of a test: no configuration from outside, one author, one time zone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
    people = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2025-07-01T12:00:00+00:00"))
    }
    return {
        **kept,
        **people,
        "HOME": str(home),
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_EDITOR": "true",
        "TZ": "UTC",
        "LC_ALL": "C",
        "COLUMNS": "100",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def git_version() -> tuple[int, ...]:
    """Of the git that the tests find: some of what they build needs a newer one than gitmig does."""
    said = subprocess.run(["git", "version"], capture_output=True, encoding="utf-8", check=True).stdout
    return tuple(int(part) for part in said.split()[2].split(".")[:3] if part.isdecimal())


class Scratch:
    """A repository at `path` on the Git branch main; `ran` is every command's result, the last one last."""

    def __init__(self, path: Path, *, home: Path | None = None, create: bool = True) -> None:
        self.path = path
        self.home = home or path.parent / f"{path.name}-home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.environment = hermetic(self.home)
        if create:
            path.mkdir(parents=True)
            self.git("init", "--quiet", "--initial-branch=main")

    def run(
        self, *command: str, status: int | None = 0, input: str | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One command in the repository; the test fails when its exit status is not `status` (None: any)."""
        done = subprocess.run(
            command,
            cwd=cwd or self.path,
            env=self.environment,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
        said = f"{' '.join(command)} -> {done.returncode}\n{done.stdout}{done.stderr}"
        assert status is None or done.returncode == status, said
        return done

    def git(
        self, *arguments: str, status: int | None = 0, cwd: Path | None = None, input: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return self.run("git", *arguments, status=status, cwd=cwd, input=input)

    def write(self, path: str, text: str) -> Path:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def commit(self, message: str, **files: str) -> str:
        """Writes and commits all there is, past the hooks: the way to a state from which a test starts."""
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)
        return self.head()

    def merged_tree(self, one: str, other: str) -> str:
        """The tree of a merge in which no file was changed on both sides; `git merge-tree --write-tree` is of 2.38."""
        base = self.git("merge-base", one, other).stdout.strip()
        index = self.home / "merging"
        self.environment["GIT_INDEX_FILE"] = str(index)
        try:
            self.git("read-tree", "-i", "-m", "--aggressive", base, one, other)
            return self.git("write-tree").stdout.strip()
        finally:
            index.unlink(missing_ok=True)
            del self.environment["GIT_INDEX_FILE"]

    def head(self, name: str = "HEAD") -> str:
        return self.git("rev-parse", name).stdout.strip()
