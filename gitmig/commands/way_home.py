"""The way home of one database: found, read, and written down as a folder of revisions."""

from __future__ import annotations

import os

from gitmig.commands.database import steps_named
from gitmig.commands.ledger import entries_of
from gitmig.commands.migrate import uses_with
from gitmig.db.applied import last_applied
from gitmig.db.home import Sources, Text, message_of, plan_home
from gitmig.db.preview import Way, chain_of, look_ahead
from gitmig.errors import CannotDecide, Refused
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.report.databases import name_of_database
from gitmig.schema.scripts.facts import facts_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from gitmig.commands.database import Opened
    from gitmig.db.home import Home
    from gitmig.db.preview import Preview
    from gitmig.db.running import Planned
    from gitmig.reading.on_disk import Scripts
    from gitmig.repo.repository import Repository

ROUNDS = 200
NOWHERE = "an object that no branch names"


class Road(Frozen):
    """Where one database is and its way home: down along `home` with the texts in `folder`, `up` with this tree's.

    `files` are those of the folder, with the paths that they had.
    """

    plan: Planned
    home: Home
    folder: str
    files: Mapping[str, str]
    up: tuple[str, ...]

    @property
    def bind(self) -> str:
        """What env.py calls the database; "" where there is one."""
        return self.plan.database.bind or ""

    def strange_texts(self) -> list[str]:
        """What would go down without anybody's word that it is what ran."""
        return [name for name in self.home.down if not self.home.old[name].text.is_known]

    def described_down(self) -> list[tuple[str, str, str]]:
        texts = {name: self.home.old[name].text for name in self.home.down}
        return [(name, message_of(text.source), text.origin) for name, text in texts.items()]

    def described_up(self, scripts: Scripts) -> list[tuple[str, str]]:
        paths = {name: scripts.revisions[name].path for name in self.up}
        return [(name, message_of(scripts.texts[path])) for name, path in paths.items()]

    def preview(self, opened: Opened, scripts: Scripts, probe: Callable[[Sequence[str]], dict[str, int]]) -> Preview:
        order, bind = self.home.graph.upgrade_order(), self.plan.database.bind
        facts = facts_of(opened, self.home, order)
        before = chain_of(Way(one, "upgrade", self.home.old[one].text.path, facts[one], bind) for one in order)
        files = opened.facts(scripts, self.up)
        ways = [Way(one, "downgrade", self.home.old[one].text.path, facts[one], bind) for one in self.home.down]
        ways += [Way(one, "upgrade", scripts.revisions[one].path, files[one], bind) for one in self.up]
        return look_ahead(before, ways, probe, lambda way: uses_with(opened, way))


def find_road(
    opened: Opened,
    repository: Repository,
    scripts: Scripts,
    plan: Planned,
    folder: str,
    *,
    within: str,
    may_be_empty: Callable[[str], Help | None],
) -> Road:
    """The way home of one database; `folder` gets what it ran.

    `within` limits the search to one Git branch; `may_be_empty` has the help for a downgrade that does nothing, None
    where that is accepted.
    """
    home = find_way(opened, repository, scripts, plan, within)
    require_downgrades(opened, home, plan.database.bind, may_be_empty)
    files = write_revisions(home, folder)
    up = tuple(name for name in scripts.graph.upgrade_order() if name not in home.keep)
    return Road(plan, home, folder, files, up)


def find_way(opened: Opened, repository: Repository, scripts: Scripts, plan: Planned, within: str) -> Home:
    """The way home, with texts from wherever they are; CannotDecide where one is nowhere."""
    applied = last_applied(entries_of(plan))
    blobs = repository.objects.read([entry.blob for entry in applied.values() if entry.blob])
    held = frozenset(blob for blob, content in blobs.items() if isinstance(content, bytes))
    sources = Sources(applied, scripts.revisions, scripts.texts, {}, held)
    for _ in range(ROUNDS):
        home = plan_home(plan.heads, sources)
        if not home.missing:
            return home
        found = search(opened, repository, home.missing, within)
        lost = [name for name in home.missing if name not in found]
        if lost:
            raise CannotDecide(
                f"cannot sync: {name_of_database(plan.database)} is at {steps_named(plan.heads)}, and"
                f" no text of {steps_named(lost)} is found",
                note="looked in the ledger, in all refs, in reflogs and among all objects of this repository",
                help=(
                    Help("fetch the branch that has it", ("git fetch --all",)),
                    Help("or, when the schema fits, record where it is", ("gitmig stamp --purge REVISION",)),
                ),
            )
        sources = sources.replace(found={**sources.found, **found})
    raise CannotDecide("cannot sync: the revisions beneath the database's have no end")


def search(opened: Opened, repository: Repository, missing: Sequence[str], from_: str) -> dict[str, Text]:
    from gitmig.reading.comparison import find_target, shared_refs
    from gitmig.reading.lost import find_lost
    from gitmig.repo.refs import resolve

    within = resolve(repository.git, from_) if from_ else ""
    folders = opened.environment.versions
    found = find_lost(repository.git, repository.objects, missing, folders, within=within)
    head = repository.objects.commit("HEAD")
    shared = {ref.commit for ref in shared_refs(repository.git, opened.config)}
    shared.add(find_target(repository, opened.config, head.oid if head else "").commit)
    published = {entry.oid for commit in sorted(shared) if commit for entry in repository.objects.tree(commit).values()}
    return {
        name: Text(
            one.source,
            branch_of(repository, one.commit) or one.commit or NOWHERE,
            one.path or f"{name}.py",
            bool(within) or one.blob in published,
        )
        for name, one in found.items()
    }


def branch_of(repository: Repository, commit: str) -> str:
    """A branch that has the commit, by the name that a person would type; "" for none."""
    if not commit:
        return ""
    answer = repository.git.ask(
        "for-each-ref", "--count=1", f"--contains={commit}", "--format=%(refname:short)", "refs/heads", "refs/remotes"
    )
    return answer.output.decode("utf-8", "replace").strip()


def require_downgrades(
    opened: Opened, home: Home, bind: str | None, may_be_empty: Callable[[str], Help | None]
) -> None:
    """Every revision on the way down must say how to take it back."""
    facts = facts_of(opened, home, home.down)
    for name in home.down:
        one: Mapping[str, Any] = facts[name] if bind is None else facts_in(facts[name], bind)
        raises, empty = one["raises"]["downgrade"], one["empty"]["downgrade"] and not one["empty"]["upgrade"]
        if raises:
            raise Refused(
                f"cannot sync: the downgrade of {name} raises an error instead of taking it back",
                note="nothing was changed; a copy of the database, or a new one, is the way back",
            )
        help = may_be_empty(name) if empty else None
        if help is not None:
            where = f" in {bind or 'the default database'}" if bind is not None else ""
            raise Refused(
                f"cannot sync: the downgrade of {name} is missing or empty{where}, so what its upgrade did would stay",
                note="nothing was changed",
                help=(help,),
            )


def write_revisions(home: Home, folder: str) -> dict[str, str]:
    """What the database ran, as a versions folder of its own, whose file names say nothing; each with its real path."""
    os.makedirs(folder, exist_ok=True)
    written = {}
    for number, name in enumerate(home.graph.upgrade_order()):
        path = os.path.join(folder, f"gitmig_{number:05}.py")
        with open(path, "xb") as file:
            file.write(home.old[name].text.source)
        written[path] = home.old[name].text.path
    return written


def unpublished(opened: Opened, scripts: Scripts, revisions: Iterable[str]) -> list[str]:
    """Those whose file no shared branch has; none where there is no shared branch, and so nobody else."""
    from gitmig.reading.comparison import find_target, shared_refs

    repository = opened.repository
    if repository is None:
        return []
    head = repository.objects.commit("HEAD")
    target = find_target(repository, opened.config, head.oid if head else "").commit
    commits = {target, *(ref.commit for ref in shared_refs(repository.git, opened.config))}
    if commits == {""}:
        return []
    blobs = {entry.oid for commit in commits if commit for entry in repository.objects.tree(commit).values()}
    return [name for name in revisions if scripts.revisions[name].blob not in blobs]


def facts_of(opened: Opened, home: Home, revisions: Iterable[str]) -> dict[str, Any]:
    """What the old texts do, by id."""
    from gitmig.commands.database import read_facts
    from gitmig.repo.digests import hash_bytes

    blobs = {name: hash_bytes(home.old[name].text.source) for name in revisions}
    known = read_facts(opened.cache(), {blob: home.old[name].text.source for name, blob in blobs.items()})
    return {name: known[blob] for name, blob in blobs.items()}
