"""`gitmig demo`: the main job, played on the bookshop in a scratch repository, with the real git and the real hooks."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from gitmig.bundled import find_bundled
from gitmig.errors import CLEAN, FINDINGS, Refused
from gitmig.frozen import Frozen
from gitmig.repo.hook_install import find_program
from gitmig.repo.plumbing import scrubbed
from gitmig.terminal import wants_color

WIDTH = 80
_INDENT = "    "


class Outcome(Frozen):
    """One command that was played, its exit status, and what it should be refused with ("" where it should pass)."""

    command: str
    refused_for: str
    status: int
    output: str

    @property
    def is_as_told(self) -> bool:
        if not self.refused_for:
            return self.status == 0
        return self.status != 0 and self.refused_for in self.output


def demo(directory: str | None = None) -> int:
    """Plays the story and leaves the repository for the reader; 1 when something came out otherwise than told."""
    place = Path(directory) if directory else Path(tempfile.mkdtemp(prefix="gitmig-demo-"))
    if place.exists() and any(place.iterdir()):
        raise Refused(f"not empty: {place}", note="the demo writes into an empty or a new folder only")
    stage = Stage(place, print)
    play(stage)
    return CLEAN if all(outcome.is_as_told for outcome in stage.outcomes) else FINDINGS


def play(stage: Stage) -> None:
    """The whole story; every command and what came out of it is told."""
    set_up(stage)
    change_a_model_without_a_revision(stage)
    write_the_revision(stage)
    edit_a_published_revision(stage)
    let_two_branches_add_a_revision(stage)
    merge_them(stage)
    bring_the_database_home(stage)
    say_goodbye(stage)


# The story


def set_up(stage: Stage) -> None:
    stage.head("A bookshop: SQLAlchemy models, four Alembic revisions, a shared branch")
    shutil.copytree(find_bundled("bookshop"), stage.path, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    for arguments in (
        "init --quiet --initial-branch=main",
        "config user.name Ada",
        "config user.email ada@example.org",
        "add --all",
        "commit --quiet --message bookshop",
        "init --quiet --bare --initial-branch=main ../origin.git",
        "remote add origin ../origin.git",
        "push --quiet --set-upstream origin main",
        "remote set-head origin main",
    ):
        stage.prepare("git", *arguments.split())
    stage.show("git log --oneline --decorate")
    stage.show("gitmig install")


def change_a_model_without_a_revision(stage: Stage) -> None:
    stage.head("A model gets a column, and nobody writes a revision")
    stage.edit(
        "bookshop/models/book.py",
        "    title: Mapped[str] = mapped_column(String(200))\n",
        "    subtitle: Mapped[str | None] = mapped_column(String(200))\n",
    )
    stage.refused('git commit --all --message "books have a subtitle"', "error[GM301]")


def write_the_revision(stage: Stage) -> None:
    stage.head("gitmig writes the revision, without a database")
    stage.show('gitmig revision --message "add subtitle to books" --rev-id bdc2f8416f9f --stage')
    stage.passed('git commit --all --message "books have a subtitle"')
    stage.passed("git push origin main")
    stage.passed("gitmig upgrade")


def edit_a_published_revision(stage: Stage) -> None:
    stage.head("A revision that others have run already is edited")
    path = "migrations/versions/f3f7eee4ecc8_add_tags.py"
    stage.replace(path, "sa.String(length=40)", "sa.String(length=60)")
    stage.refused('git commit --all --message "longer tags"', "error[GM201]")
    stage.show(f"git restore --source=origin/main --staged --worktree {path}")


def let_two_branches_add_a_revision(stage: Stage) -> None:
    stage.head("Two Git branches add a revision each; one of them is published first")
    stage.show("git switch --quiet --create countries")
    stage.show("git switch --quiet main")
    stage.edit(
        "bookshop/models/book.py",
        "    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)\n",
        "    cover: Mapped[str | None] = mapped_column(String(80))\n",
    )
    stage.show("git add --all")
    stage.show('gitmig revision --message "add cover to books" --rev-id b67ebb4c11e0 --stage')
    stage.passed('git commit --message "books have a cover"')
    stage.passed("git push origin main")

    stage.show("git switch --quiet countries")
    stage.edit(
        "bookshop/models/author.py",
        "    born: Mapped[int | None]\n",
        "    country: Mapped[str | None] = mapped_column(String(2))\n",
    )
    stage.show("git add --all")
    stage.tell("The second head is seen before any merge, and stopped when it is pushed:")
    stage.show('gitmig revision --message "add country to authors" --rev-id 1e73bf7a44f4 --stage')
    stage.passed('git commit --quiet --message "authors have a country"')
    stage.refused("git push origin countries", "error[GM105]")
    stage.tell("The database of this branch runs its revision:")
    stage.passed("gitmig upgrade")


def merge_them(stage: Stage) -> None:
    stage.head("The branches are merged")
    stage.tell("Git finds no conflict. gitmig stops the merge, and makes one line of two:")
    stage.refused("git merge --no-edit origin/main", "error[GM101]")
    stage.show("gitmig resolve --auto")
    stage.passed("git commit --no-edit")
    stage.passed("git push origin countries")


def bring_the_database_home(stage: Stage) -> None:
    stage.head("A database that ran the old line")
    stage.tell("Alembic would call it up to date, and never give books a cover:")
    stage.show("alembic current")
    stage.refused("gitmig upgrade", "error: b67ebb4c11e0 never ran")
    stage.passed("gitmig sync --yes")
    stage.tell("Every revision, up, down and up again, on a scratch database:")
    stage.passed("gitmig verify")


def say_goodbye(stage: Stage) -> None:
    stage.head("Now you")
    stage.tell(
        f"The repository stays for you to play in; its hooks work:\n\n{_INDENT}cd {shlex.quote(str(stage.path))}"
    )
    if shutil.which("gitmig") is None:
        stage.tell(f"gitmig is not on your PATH; it is {find_program()}")
    for outcome in stage.outcomes:
        if not outcome.is_as_told:
            expected = repr(outcome.refused_for) if outcome.refused_for else "exit status 0"
            stage.tell(f"not as told: `{outcome.command}` ended with {outcome.status}, {expected} was expected")


# The stage


class Stage:
    """A scratch repository in `place`/bookshop, and the telling; `outcomes` are the commands that matter."""

    def __init__(self, place: Path, tell: Callable[[str], object]) -> None:
        self.place = place
        self.path = place / "bookshop"
        self.outcomes: list[Outcome] = []
        self._tell = tell
        self._scenes = 0
        self._was_silent = False
        self._bold, self._plain = ("\x1b[1m", "\x1b[0m") if wants_color(sys.stdout) else ("", "")
        self._environment = self._make_environment()

    def head(self, title: str) -> None:
        """A new scene."""
        self._scenes += 1
        self._space()
        self._tell(f"\n{self._bold}{self._scenes}. {title}{self._plain}\n")

    def tell(self, text: str) -> None:
        self._space()
        self._tell(f"{text}\n")

    def show(self, command: str) -> None:
        """A command that leads on to the next point of the story."""
        self._run(command)

    def passed(self, command: str) -> None:
        """A command that has to end well."""
        self._play(command, "")

    def refused(self, command: str, words: str) -> None:
        """A command that gitmig has to stop, for the reason that these words name."""
        self._play(command, words)

    def prepare(self, *arguments: str) -> None:
        """What needs no telling; a failure ends the demo."""
        done = self._start(arguments)
        if done.returncode:
            raise Refused(f"cannot set up the demo: {shlex.join(arguments)}", note=done.stdout.strip())

    def edit(self, path: str, after: str, new: str) -> None:
        """Adds a line to a file of the project, behind another one."""
        self.replace(path, after, after + new, shown=f"+{new.rstrip()}")

    def replace(self, path: str, old: str, new: str, shown: str = "") -> None:
        file = self.path / path
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise Refused(f"cannot set up the demo: {path} has no {old.strip()!r}")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        self._space()
        self._tell(f"{_INDENT}{path}")
        for line in (shown or f"-{old}\n+{new}").splitlines():
            self._tell(f"{_INDENT}{line}")
        self._tell("")

    def _play(self, command: str, refused_for: str) -> None:
        done = self._run(command)
        self.outcomes.append(Outcome(command, refused_for, done.returncode, done.stdout))
        self._space()
        what = "refused" if done.returncode else "passed"
        self._tell(f"{self._bold}=> {what}, exit status {done.returncode}{self._plain}\n")

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        self._tell(" \\\n".join(_fold(f"$ {command}")))
        done = self._start(shlex.split(command))
        for line in done.stdout.replace(f"{self.path}/", "").splitlines():
            self._tell("\n".join(_fold(f"{_INDENT}{line}".rstrip())))
        self._was_silent = not done.stdout.strip()
        if not self._was_silent:
            self._tell("")
        return done

    def _space(self) -> None:
        """An empty line behind commands that said nothing; several of them stand together."""
        if self._was_silent:
            self._tell("")
        self._was_silent = False

    def _start(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            cwd=self.path,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    def _make_environment(self) -> dict[str, str]:
        """Nobody's own hooks, signing or templates take part in the story."""
        programs = os.pathsep.join((os.path.dirname(find_program()), os.path.dirname(sys.executable)))
        return {
            **scrubbed(os.environ),
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_EDITOR": "true",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": str(WIDTH - len(_INDENT)),
            "PYTHONDONTWRITEBYTECODE": "1",
            **({"FORCE_COLOR": "1"} if self._bold else {"NO_COLOR": "1"}),
        }


def _fold(line: str) -> list[str]:
    """Lines of at most 80 columns where there is a blank to part them at; the rest is indented."""
    if len(line) <= WIDTH:
        return [line]
    inside = line[: len(line) - len(line.lstrip())] + _INDENT
    return textwrap.wrap(
        line,
        WIDTH - 2,
        subsequent_indent=inside,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
