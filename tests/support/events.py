"""A shop on a server, and clones of it as CI systems make them.

main       ... --- s1 --- s2 --- s3          s1 has revision a, s2 adds b, s3 adds c
                           |      |
collides                   +- * --|-- *      adds x on b: two heads as soon as it is merged
clean                             +-- * --- *    adds y on c
edits                             +-- * --- *    edits revision b, which main has
weakens                           +-- * --- *    ignores GM2 and deletes revision b
moves                             +-- * --- *    points gitmig elsewhere and edits revision b

refs/pull/NAME/merge    main and the branch, merged by the system: the first parent is main
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from support.histories import History, build
from support.scratch import Scratch

INI = "[alembic]\nscript_location = migrations\n"
ENV = "from alembic import context\ntarget_metadata = None\n"
FILLING = 60  # commits before all of this, so that a depth of 50 cuts something off


def revision(name: str, parent: str | None, body: str = "pass") -> str:
    return (
        f'"""{name}"""\nrevision = "{name}"\ndown_revision = {parent!r}\nbranch_labels = None\ndepends_on = None\n\n\n'
        f"def upgrade():\n    {body}\n\n\ndef downgrade():\n    pass\n"
    )


def at(name: str) -> str:
    return f"migrations/versions/{name}_x.py"


A, B, C, X, Y = "1975ea83b712", "27c6a30d7c24", "ae10279a6acf", "6c63011297f8", "f3f7eee4ecc8"
BASE = {
    "alembic.ini": INI,
    "migrations/env.py": ENV,
    "migrations/script.py.mako": "${up_revision}\n",
    at(A): revision(A, None),
}


class Server:
    """The bare repository that CI clones; `commits` by name."""

    def __init__(self, folder: Path) -> None:
        filling = [("main", {"README": str(number)}) for number in range(FILLING)]
        self.history: History = build(
            folder / "server.git",
            [
                *filling,
                ("main", BASE),
                ("main", {at(B): revision(B, A)}),
                ("collides < main", {"notes": "1"}),
                ("collides", {at(X): revision(X, B)}),
                ("main", {at(C): revision(C, B)}),
                ("clean < main", {"notes": "1"}),
                ("clean", {at(Y): revision(Y, C)}),
                ("edits < main", {"notes": "1"}),
                ("edits", {at(B): revision(B, A, 'op.execute("drop table book")')}),
                ("weakens < main", {"gitmig.toml": 'ignore = ["GM2"]\nshared = ["none"]\n'}),
                ("weakens", {at(B): None, at(C): revision(C, A)}),
                ("moves < main", {"gitmig.toml": '[[environments]]\nname = "m"\nversions = ["other"]\n'}),
                ("moves", {at(B): revision(B, A, 'op.execute("drop table book")'), "other/x.py": revision(X, None)}),
            ],
            bare=True,
        )
        git = self.history.git
        git("config", "uploadpack.allowAnySHA1InWant", "true")
        self.main = self.history.head("main")
        self.tips = {name: self.history.head(name) for name in ("collides", "clean", "edits", "weakens", "moves")}
        self.merges = {name: self._merge(name, tip) for name, tip in self.tips.items()}

    def _merge(self, name: str, tip: str) -> str:
        """What the system makes of main and the branch."""
        git = self.history.git
        tree = self.history.merged_tree("main", tip)
        made = git("commit-tree", tree, "-p", self.main, "-p", tip, "-m", "merge").stdout.strip()
        git("update-ref", f"refs/pull/{name}/merge", made)
        git("update-ref", f"refs/pull/{name}/head", tip)
        return made

    @property
    def url(self) -> str:
        return f"file://{self.history.path}"

    def clone(self, folder: Path, commit: str, depth: int, refs: Mapping[str, str] | None = None) -> Scratch:
        """As actions/checkout does it: one commit, detached; `depth` 0 is everything, with the remote's branches."""
        clone = Scratch(folder)
        clone.git("remote", "add", "origin", self.url)
        if depth:
            clone.git("fetch", "-q", "--no-tags", f"--depth={depth}", "origin", commit)
        else:
            clone.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", commit)
        for name, value in (refs or {}).items():
            clone.git("update-ref", name, value)
        clone.git("checkout", "-q", "--detach", commit)
        return clone
