"""From a repository to a plan: which environments have heads to bring together, the remedies, the steps.

Shared by `gitmig resolve` and the hooks; nothing here changes anything.
"""

from __future__ import annotations

from gitmig.commands.new_files import NewFiles, moment_of
from gitmig.errors import CannotDecide, Refused
from gitmig.findings import Help
from gitmig.frozen import Frozen
from gitmig.plan import Expected, Plan, stage_all
from gitmig.quoting import shell_word
from gitmig.reading.situations import Standing, read_contents, read_situations
from gitmig.repo.digests import hash_bytes
from gitmig.repo.store import Unreadable
from gitmig.resolve.joining import draft_join, plan_join
from gitmig.resolve.outcome import broken_promise, graph_after
from gitmig.resolve.redating import is_dated, redated
from gitmig.resolve.remedy import MERGE, NOTHING, REFUSE, REPARENT, Remedy, decide
from gitmig.resolve.reparenting import Source, plan_docstrings, plan_reparenting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gitmig.config import Config
    from gitmig.plan import Step
    from gitmig.reading.comparison import Comparison
    from gitmig.repo.in_progress import InProgress
    from gitmig.repo.repository import Repository
    from gitmig.revisions.draft import Draft
    from gitmig.revisions.graph import RevisionGraph


class Asked(Frozen):
    """What is asked: `choice` is "merge", "reparent", "auto" or "" (show what is safe).

    `own_template`: never run the project's template.  `place` is where this runs: command, hook or ci.  `settled`: what
    Git did is done, whatever it has not cleared away yet (in post-merge MERGE_HEAD still lies there).
    """

    choice: str = ""
    rev: str | None = None
    base: str | None = None
    versions: tuple[str, ...] = ()
    message: str = ""
    own_template: bool = False
    place: str = "command"
    use_cache: bool = True
    settled: bool = False


class Resolution(Frozen):
    """The remedies, one for each environment, and the plan that carries them out.

    `is_ahead`: the heads meet only once `target_name` is merged, so the plan does not fit the tree at hand.
    `hooks` are post-write commands of the project for the new files, which gitmig does not run.  `untracked` are files
    of the versions folders that Git does not know, so that nothing is known of their revisions.
    """

    remedies: tuple[Remedy, ...]
    plan: Plan
    folders: tuple[str, ...] = ()
    is_ahead: bool = False
    target_name: str = ""
    in_progress: str = ""
    hooks: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    paths: tuple[tuple[str, str], ...] = ()  # head, path of its file

    @property
    def is_needed(self) -> bool:
        return any(one.kind != NOTHING for one in self.remedies)

    @property
    def is_refused(self) -> bool:
        return any(one.kind == REFUSE for one in self.remedies)


def read_resolution(
    repository: Repository, asked: Asked, agree: Callable[[Remedy], bool] = lambda remedy: False
) -> Resolution:
    """The resolution of the index, or of a commit with what it goes into.

    `agree` is asked about what `--auto` does not know.
    """
    from gitmig.commands.check import Request, cache_of, compare, config_of, settings_of_caller
    from gitmig.reading.facts import FactsReader
    from gitmig.repo.in_progress import find_in_progress

    own = settings_of_caller({})
    request = Request(asked.rev, asked.base, versions=asked.versions, place=asked.place, use_cache=asked.use_cache)
    looks = asked.rev is None and not asked.settled
    under_way = find_in_progress(repository.objects, repository.layout) if looks else None
    comparison = compare(request, repository, own)
    config = config_of(comparison, own, asked.place)
    repository.objects.limit = config.max_file_size
    cache = cache_of(request, repository.layout.common_dir)
    try:
        facts = FactsReader(repository.objects, cache)
        standings = read_situations(
            repository, comparison, config, facts, asked.versions, own_is_new=is_replayed(under_way)
        )
    finally:
        cache.close()
    wanted = asked.choice if asked.choice in (MERGE, REPARENT) else ""
    remedies = [decide(one.situation, wanted) for one in standings]
    if asked.choice == "auto":
        remedies = [only_automatic(one, agree) for one in remedies]
    planner = Planner(repository, comparison, config, asked)
    return planner.resolution(standings, remedies).replace(in_progress=under_way.kind if under_way else "")


def is_replayed(under_way: InProgress | None) -> bool:
    """Whether this side's commits are being put on the other side, so that HEAD is the other one."""
    return under_way is not None and under_way.kind in ("rebase", "cherry-pick", "am", "revert")


def only_automatic(remedy: Remedy, agree: Callable[[Remedy], bool]) -> Remedy:
    """What `--auto` may do: the safe remedy where the lines commute and nothing is in doubt."""
    if remedy.kind not in (REPARENT, MERGE) or remedy.is_automatic:
        return remedy
    option = f"gitmig resolve --{remedy.kind}"
    if remedy.conflicts:
        objects = ", ".join(dict.fromkeys(clash.object for clash in remedy.conflicts))
        help_ = Help("decide which one is meant, change your revision, then choose the remedy yourself:", (option,))
        return remedy.replace(kind=REFUSE, why=f"both lines touch {objects}", help=(help_,), moves=(), joins=())
    if agree(remedy):
        return remedy
    help_ = Help("look at both revisions, then choose the remedy yourself:", (option,))
    return remedy.replace(
        kind=REFUSE, why="it is not known whether the lines commute", help=(help_,), moves=(), joins=()
    )


class Planner(NewFiles):
    """Turns remedies into steps: reads the files, renders what is new, says what is expected."""

    def __init__(self, repository: Repository, comparison: Comparison, config: Config, asked: Asked) -> None:
        runs_template = not asked.own_template and asked.place == "command" and asked.rev is None
        super().__init__(repository, comparison, config, runs_template=runs_template, rev=asked.rev)
        self.asked = asked
        self.hooks: list[str] = []

    def resolution(self, standings: Iterable[Standing], remedies: Iterable[Remedy]) -> Resolution:
        steps: list[Step] = []
        decided: list[Remedy] = []
        pairs = list(zip(standings, remedies, strict=True))
        for standing, remedy in pairs:
            made, after = self.steps(standing, remedy)
            promise = broken_promise(standing.situation, after) if made and remedy.kind != NOTHING else ""
            if promise:
                made, remedy = [], remedy.replace(kind=REFUSE, why=promise, moves=(), joins=())  # noqa: PLW2901
            steps += made
            decided.append(remedy)
        if any(one.kind == REFUSE for one in decided):
            steps = []  # half of a resolution helps nobody
        ahead = any(one.is_ahead and remedy.kind not in (NOTHING, REFUSE) for one, remedy in pairs)
        if steps and self.in_worktree and not ahead:
            steps = list(stage_all(steps, self.index))
        return Resolution(
            tuple(decided),
            Plan(title_of(decided, steps), tuple(steps)),
            tuple(sorted({folder for one, _ in pairs for folder in one.environment.versions})),
            ahead,
            self.comparison.target_is.name,
            hooks=tuple(self.hooks),
            untracked=tuple(path for one, _ in pairs for path in self.untracked(one)),
            paths=tuple((head, one.situation.path(head)) for one, remedy in pairs for head in remedy.heads),
        )

    def steps(self, standing: Standing, remedy: Remedy) -> tuple[list[Step], RevisionGraph]:
        """The steps of one environment, and the graph that they lead to."""
        situation = standing.situation
        if remedy.kind == REFUSE:
            return [], situation.graph
        environment = standing.environment
        if is_dated(environment.file_template):
            remedy = redated(remedy, situation, environment, self.now(environment.timezone))
        sources = self.sources(standing, [move.path for move in remedy.moves])
        steps = list(plan_reparenting(remedy, sources))
        drafts: list[Draft] = []
        for join in remedy.joins:
            moment = self.now(environment.timezone)
            taken = [draft.id for draft in drafts]
            draft = draft_join(join, situation, str(moment), taken, self.asked.message)
            render = self.renderer(standing.environment, standing.snapshot, moment)
            drafts.append(draft)
            steps.append(plan_join(draft, situation, environment, moment_of(moment), render))
            self.hooks += self.post_write_hooks(environment, standing.snapshot, steps[-1].path)
        if remedy.kind == NOTHING and not situation.conflicts:
            steps += plan_docstrings(self.sources(standing, list(situation.stale)))
        after = graph_after(situation, remedy, drafts)
        if self.config.head_file and not situation.conflicts:
            steps += self.head_file(standing.environment, standing.snapshot, after, is_ahead=standing.is_ahead)
        return steps, after

    # Files that are there

    def sources(self, standing: Standing, paths: list[str]) -> dict[str, Source]:
        """The files that change, with what the plan expects of them; Refused where one holds unstaged changes."""
        contents = read_contents(self.repository.objects, standing.snapshot, paths)
        missing = [path for path in paths if path not in contents]
        if missing:
            raise CannotDecide(f"{missing[0]} cannot be read from Git")
        if not self.in_worktree or standing.is_ahead:
            return {path: Source(content, Expected(oid, oid), mode) for path, (mode, oid, content) in contents.items()}
        return {path: self.on_disk(path, mode, oid) for path, (mode, oid, _) in contents.items()}

    def on_disk(self, path: str, mode: str, oid: str) -> Source:
        from gitmig.repo.worktree import Worktree

        top = self.repository.layout.top or ""
        found = Worktree(top, limit=self.config.max_file_size).read([path]).get(path)
        if found is None or isinstance(found.content, Unreadable):
            raise Refused(
                f"{path} is staged and not in the worktree",
                help=(Help("bring it back", (f"git restore -- {shell_word(path)}",)),),
            )
        cleaned = self.repository.git.run("hash-object", f"--path={path}", "--stdin", input=found.content)
        if cleaned.decode("ascii").strip() != oid:
            raise Refused(
                f"{path} has changes that are not staged",
                note="a resolution stages what it writes, and would stage them too",
                help=(Help("stage them, or set them aside", (f"git add -- {shell_word(path)}",)),),
            )
        self.index[path] = oid
        here = hash_bytes(found.content, object_format=self.repository.layout.object_format)
        return Source(found.content, Expected(here, oid), mode)

    def untracked(self, standing: Standing) -> list[str]:
        """Revision files that were never added: a third line may be in them."""
        from gitmig.repo.worktree import Worktree

        if not self.in_worktree:
            return []
        environment = standing.environment
        listing = Worktree(self.repository.layout.top or "", limit=0).listing(environment.versions)
        loose = [path for path in listing if environment.holds(path) and path not in standing.situation.files]
        known = self.comparison.local.at(loose) if loose else {}
        return sorted(path for path in loose if path not in known and path not in self.comparison.unmerged)


def title_of(remedies: Iterable[Remedy], steps: Iterable[Step]) -> str:
    """The plan in one line."""
    parts: list[str] = []
    for remedy in remedies:
        if remedy.kind == REPARENT:
            parts += title_of_moves(remedy) or ["new ids for revisions"]
        elif remedy.kind == MERGE:
            parts += [f"join {' and '.join(join.heads)}" for join in remedy.joins] or ["join heads"]
    if not parts and any(step.path.endswith(".py") for step in steps):
        parts.append("mend docstrings")
    return "; ".join(parts) or "name the head in the head file"


def title_of_moves(remedy: Remedy) -> list[str]:
    """One part for each published head: what is put after it, one line after the other."""
    ids = {move.revision: move.new_id or move.revision for move in remedy.moves}
    local = {ids.get(one, one) for block in remedy.blocks if block.standing == "unpublished" for one in block.revisions}
    found: list[tuple[list[str], str]] = []
    for move in remedy.moves:
        if move.dropped or not move.changes_place:
            continue
        onto = next((parent for parent in move.parents if parent not in move.old_parents), "")
        if found and (onto in local or not onto):
            found[-1][0].append(ids[move.revision])
        else:
            found.append(([ids[move.revision]], onto))
    return [f"put {', '.join(names)} after {onto}" for names, onto in found]
