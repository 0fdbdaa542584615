"""What `gitmig init` would write into a project: read, decided, and made a plan."""

from __future__ import annotations

import os

from gitmig import __version__
from gitmig.bundled import REPOSITORY
from gitmig.errors import Refused, UsageError
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.plan import ABSENT, Expected, Plan, write
from gitmig.quoting import shell_word
from gitmig.repo.digests import hash_bytes
from gitmig.setup import config_texts
from gitmig.setup.candidates import Candidate
from gitmig.setup.env_text import Keyword, configure_with, configured, point_at, wrap_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gitmig.config import Config
    from gitmig.environments.environment import Discovery
    from gitmig.repo.repository import Repository

    Choose = Callable[[Sequence[Candidate]], Candidate]

PRE_COMMIT = ".pre-commit-config.yaml"
INI, TOML, OWN_TOML = "alembic.ini", "pyproject.toml", "gitmig.toml"
KEEP = ".gitkeep"
# Where gitmig is not installed, as in a production image, `alembic` works as it did before.
_LEDGER_IMPORT = """try:
    from gitmig.ledger import include_name, record
except ImportError:
    include_name = record = None"""
_OPTIONS_IMPORT = """try:
    from gitmig.ledger import with_ledger
except ImportError:
    with_ledger = dict"""
LEDGER = (
    Keyword("include_name", "include_name", _LEDGER_IMPORT),
    Keyword("on_version_apply", "record", _LEDGER_IMPORT),
)
BY_HAND = (
    "from gitmig.ledger import hiding_ledger, record",
    "context.configure(..., include_name=hiding_ledger(include_name), on_version_apply=record)",
)
NO_LEDGER = (
    "{path} does not write the ledger; `gitmig init --ledger` adds it, so that what `alembic` applies is recorded too"
)
NO_CONVENTION = """{name} ({place}) has no naming convention: constraints without a name cannot be dropped by a revision
help: give it one before the first revision:
          MetaData(naming_convention={{
              "ix": "ix_%(column_0_label)s",
              "uq": "uq_%(table_name)s_%(column_0_name)s",
              "ck": "ck_%(table_name)s_%(constraint_name)s",
              "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
              "pk": "pk_%(table_name)s",
          }})"""


class Asked(Frozen):
    """What the command line says; empty where it says nothing."""

    template: str = "generic"
    folder: str = "migrations"
    url: str = ""
    metadata: str = ""
    hooks: bool = True
    ledger: bool | None = None


class Scaffold:
    """Collects new contents by path; `notes` are for the person who will look at them."""

    def __init__(self, repository: Repository, config: Config, here: str, asked: Asked) -> None:
        from gitmig.reading.worktree_models import list_worktree

        self.repository = repository
        self.config = config
        self.top = repository.layout.top or ""
        self.here = here
        self.asked = asked
        self.paths = list_worktree(repository.git, self.top)
        self.before: dict[str, bytes | None] = {}
        self.after: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.candidate: Candidate | None = None
        self.url = ""

    def plan(self) -> Plan:
        """Everything that changes, whole files with what is expected at their paths."""
        steps = []
        for path, content in sorted(self.after.items()):
            before = self.before[path]
            if content == before:
                continue
            there = ABSENT if before is None else self.digest(before)
            steps.append(write(path, content, before=before, expected=Expected(there)))
        return Plan("set up gitmig", tuple(steps))

    def digest(self, content: bytes) -> str:
        return hash_bytes(content, object_format=self.repository.layout.object_format)

    # Files

    def read(self, path: str) -> bytes | None:
        """What is there now, or what this plan has made of it."""
        if path in self.after:
            return self.after[path]
        if path not in self.before:
            from gitmig.repo.worktree import Worktree

            found = Worktree(self.top, limit=self.config.max_file_size).read([path]).get(path)
            if found is not None and not isinstance(found.content, bytes):
                raise Refused(f"{path} cannot be read: {found.content.reason}", note="nothing was changed")
            if found is not None and found.mode not in ("100644", "100755"):
                raise Refused(f"{path} is no regular file", note="nothing was changed")
            self.before[path] = found.content if found is not None and isinstance(found.content, bytes) else None
        return self.before[path]

    def put(self, path: str, content: bytes) -> None:
        self.read(path)
        self.after[path] = content

    def path(self, name: str) -> str:
        """A path of the folder in which we stand, from the top level."""
        return f"{self.here}/{name}" if self.here else name

    # The Alembic environment

    def discover(self) -> Discovery:
        from gitmig.environments.discovery import discover, wanted

        texts = {path: text for path in wanted(self.paths, self.config.environments) if (text := self.read(path))}
        return discover(self.paths, texts, self.config.environments)

    def environment(self, choose: Choose) -> None:
        """A new environment where the project has none; one that is there stays as it is."""
        found = self.discover()
        start = f"{self.here}/" if self.here else ""
        known = [one for one in found.environments if one.script_location.startswith(start) or not self.here]
        if known:
            names = ", ".join(one.script_location or "." for one in known)
            self.notes.append(f"Alembic is set up in {names}; nothing else of it is changed")
            self.refuse_useless_options(names)
            for one in known:
                self.require_target(one.env)
                self.ledger(one.env)
            return
        self.require_room()
        self.new_environment(choose)

    def require_target(self, path: str) -> None:
        """An environment that was made before the models migrates nothing, which nobody notices."""
        from gitmig.environments.env_file import extract

        text = self.read(path) if path else None
        found = extract(text) if text is not None else None
        if found is None or found["targets"] or found["problem"] is not None:
            return
        for candidate in self.candidates()[:1]:
            self.notes.append(f"{path} has no target_metadata; there is {candidate.name}: import it there and name it")

    def refuse_useless_options(self, names: str) -> None:
        given = [("--url", self.asked.url), ("--metadata", self.asked.metadata)]
        for option, value in given:
            if value:
                raise UsageError(
                    f"{option} is for a new Alembic environment, and this project has one in {names}",
                    note="nothing was changed",
                )

    def require_room(self) -> None:
        for name in (INI, f"{self.asked.folder}/env.py"):
            if self.read(self.path(name)) is not None:
                raise Refused(
                    f"{self.path(name)} is there, and no Alembic environment can be read from it",
                    note="nothing was changed",
                    help=(Help("see what is found", ("gitmig doctor",)),),
                )
        folder = os.path.join(self.top, self.path(self.asked.folder))
        if os.path.lexists(folder) and not (os.path.isdir(folder) and not os.listdir(folder)):
            raise Refused(
                f"{self.path(self.asked.folder)} is there already and is not empty",
                note="nothing was changed",
                help=(Help("choose another folder", ("gitmig init --directory alembic_migrations",)),),
            )

    def new_environment(self, choose: Choose) -> None:
        from gitmig.db.templates import make_environment

        candidate = self.candidate = choose(self.candidates())
        if self.asked.metadata:
            self.require_name(candidate)
        toml = self.read(self.path(TOML)) if self.asked.template.startswith("pyproject") else None
        made = make_environment(self.asked.template, self.asked.folder, {TOML: toml} if toml is not None else {})
        url = self.url = self.asked.url or self.default_url()
        folders = [self.relative(folder) for folder in candidate.folders]
        for name, content in made.items():
            path = self.path(name)
            if name == f"{self.asked.folder}/env.py":
                self.put(path, self.env_py(content, url, candidate))
            elif name in (INI, TOML):
                self.put(path, config_texts.with_folders(config_texts.with_url(content, url), folders))
            elif name == f"{self.asked.folder}/script.py.mako" and candidate.module == "sqlmodel":
                self.put(
                    path, content.replace(b"import sqlalchemy as sa\n", b"import sqlalchemy as sa\nimport sqlmodel\n")
                )
            else:
                self.put(path, content)
        self.put(self.path(f"{self.asked.folder}/versions/{KEEP}"), b"")
        self.ignore_database(url)
        self.remark(candidate, url)

    def require_name(self, candidate: Candidate) -> None:
        """A module of the tree must have the name that --metadata gives; what is installed is not looked at."""
        from gitmig.source.outline import outline

        place = candidate.module.replace(".", "/")
        names = [f"{folder}{place}{end}" for folder in ("", "src/") for end in (".py", "/__init__.py")]
        path = next((self.path(name) for name in names if self.path(name) in self.paths), None)
        if path is None:
            return
        found = outline(self.read(path) or b"")
        name = candidate.expression.partition(".")[0]
        if name not in found["names"] and not found["stars"] and found["problem"] is None:
            raise UsageError(f"{path} has no {name}, which --metadata names", note="nothing was changed")

    def relative(self, folder: str) -> str:
        return folder[len(self.here) :].lstrip("/") if self.here else folder

    def candidates(self) -> tuple[Candidate, ...]:
        from gitmig.reading.worktree_models import read_candidates

        return read_candidates(self.top, self.paths, self.here, limit=self.config.max_file_size)

    def default_url(self) -> str:
        name = config_texts.project_name(
            self.read(self.path(TOML)) or b"", os.path.basename(os.path.join(self.top, self.here).rstrip("/"))
        )
        driver = "sqlite+aiosqlite" if self.asked.template.endswith("async") else "sqlite"
        return f"{driver}:///{name}.db"

    def env_py(self, content: bytes, url: str, candidate: Candidate) -> bytes:
        if candidate.module:
            content = point_at(content, candidate)
        batch = (Keyword("render_as_batch", "True"),) if url.startswith("sqlite") else ()
        return configure_with(content, (*batch, *(LEDGER if self.asked.ledger is not False else ())))

    def ledger(self, path: str) -> None:
        """The ledger in an env.py that people wrote, where it is asked for: a program that imports gitmig needs it."""
        text = self.read(path) if path else None
        if text is None or b"gitmig.ledger" in text:
            return
        if not self.asked.ledger:
            if self.asked.ledger is None:
                self.notes.append(NO_LEDGER.format(path=path))
            return
        found = configured(text)
        given = [one.name for one in LEDGER if one.name in (found or {})]
        if given or not found:
            what = (
                f"it gives {' and '.join(given)} already" if given else "what it gives context.configure is not known"
            )
            help = Help("put them in by hand; `hiding_ledger(...)` goes around an include_name of your own", BY_HAND)
            raise Refused(f"{path} is not edited: {what}", note="nothing was changed", help=(help,))
        if "**" in found:
            text = wrap_options(text, "with_ledger", _OPTIONS_IMPORT)
        self.put(path, configure_with(text, LEDGER))

    def remark(self, candidate: Candidate, url: str) -> None:
        if not candidate.module:
            self.notes.append(
                "no models were found, so target_metadata stays None: name it in env.py when there are some"
            )
        elif not candidate.has_convention:
            self.notes.append(NO_CONVENTION.format(name=candidate.expression, place=candidate.place))
        if "@" in url and ":" in url.partition("://")[2].partition("@")[0]:
            self.notes.append(f"the password of the URL would be committed with {self.path(INI)}")

    def ignore_database(self, url: str) -> None:
        """A SQLite file lies in the project, and is nobody's source."""
        backend, _, file = url.partition(":///")
        if not backend.startswith("sqlite") or not file or file.startswith(("/", ":memory:", "file:")):
            return
        file = file.partition("?")[0].removeprefix("./")
        path = os.path.normpath(self.path(file)).replace(os.sep, "/")
        if path.startswith("../") or path in self.paths:
            return
        asked = ("check-ignore", "--quiet", "--no-index", "--", path)
        # It refuses literal pathspecs, which all our other commands have.
        answer = self.repository.git.at(self.top).ask(*asked, environment={"GIT_LITERAL_PATHSPECS": None})
        if answer.status != 0:
            text = self.read(".gitignore")
            self.put(".gitignore", config_texts.with_ignored(text or b"", [f"/{path}", f"/{path}-*"]))

    # Everything else

    def settings(self) -> None:
        """`[tool.gitmig]` in pyproject.toml; a file of its own where the project has none."""
        if self.read(OWN_TOML) is not None:
            return
        shared = self.shared()
        pyproject = self.read(TOML)
        if pyproject is None:
            self.put(OWN_TOML, config_texts.settings_table("", shared))
        else:
            self.put(TOML, config_texts.with_settings(pyproject, shared))

    def shared(self) -> list[str]:
        from gitmig.repo.refs import find_default_branch

        found = find_default_branch(self.repository.git).ref
        return [found.name.removeprefix("refs/remotes/").removeprefix("refs/heads/")] if found is not None else []

    def pre_commit(self) -> bool:
        """The entry for the project that uses pre-commit; False where it does not."""
        text = self.read(PRE_COMMIT)
        if text is None or not self.asked.hooks:
            return False
        self.put(PRE_COMMIT, config_texts.with_pre_commit_entry(text, REPOSITORY, __version__))
        return True


def chosen_by_hand(name: str, candidates: Sequence[Candidate]) -> Candidate:
    """The candidate that `--metadata` names; one that was not found is taken at its word."""
    for one in candidates:
        if name == one.name:
            return one
    module, colon, expression = name.partition(":")
    words = [*module.split("."), *expression.split(".")]
    if not colon or not all(word.isidentifier() for word in words):
        raise UsageError(f"--metadata {name} is no module:name", note="for example shop.models:Base.metadata")
    return Candidate(module, expression)


def refuse_several(candidates: Sequence[Candidate]) -> Refused:
    """Nobody is there to be asked, and any choice could be the wrong one."""
    listed = tuple(f"gitmig init --metadata {shell_word(one.name)}" for one in candidates)
    return Refused(
        f"{len(candidates)} MetaData have tables, and env.py needs to know which one it migrates",
        note="; ".join(described(candidates)) + "; nothing was changed",
        help=(Help("name it", listed), Help("or take the one with most tables", ("gitmig init --yes",))),
    )


def described(candidates: Sequence[Candidate]) -> Iterator[str]:
    for one in candidates:
        yield f"{one.name} has {one.tables} table{'' if one.tables == 1 else 's'} ({one.place})"
